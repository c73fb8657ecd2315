"""A list of cases. Each one is tried at once, so no expectation is written down untested."""

from .fault import Fault
from .runner import run

GOOD_VERDICTS = ("accepted", "settled", "known")


class Suite:
    def __init__(self, area: str, clauses: str):
        self.area, self.clauses, self.cases = area, clauses, []

    def add(self, name, clause, kind, given, expect, more) -> None:
        if any(case["name"] == name for case in self.cases):
            raise ValueError(f"two cases are called {name}")
        case = {"name": name, "clause": clause, "kind": kind, "input": given, "expect": expect}
        self.cases.append(case | more)

    def accept(self, name, clause, kind, given, **more) -> dict:
        out = run(kind, given)
        for key, value in more.items():
            if out[key] != value:
                raise AssertionError(f"{name}: {key} is {out[key]}, not {value}")
        self.add(name, clause, kind, given, "accept", out)
        return out

    def reject(self, name, clause, kind, given, error=None) -> None:
        error = error or clause
        try:
            run(kind, given)
        except Fault as fault:
            if fault.clause != error:
                raise AssertionError(f"{name}: {fault}, not {error}") from fault
            self.add(name, clause, kind, given, "reject", {"error": error})
            return
        raise AssertionError(f"{name}: accepted")

    def verdict(self, name, clause, given, verdict, error=None, **more) -> None:
        """A case of kind judge: accepted, settled and known are good, all else is not."""
        out = run("judge", given)
        for key, value in {"verdict": verdict, "clause": error, **more}.items():
            if out[key] != value:
                raise AssertionError(f"{name}: {key} is {out[key]}, not {value}")
        out["error"] = out.pop("clause")
        if out["error"] is None:
            del out["error"]
        expect = "accept" if verdict in GOOD_VERDICTS else "reject"
        self.add(name, clause, "judge", given, expect, out)

    def value(self) -> dict:
        return {"area": self.area, "clauses": self.clauses, "cases": self.cases}
