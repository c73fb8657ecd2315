"""The one error of this package: the clause of the spec that is broken, and why."""


class Fault(Exception):
    def __init__(self, clause: str, why: str):
        super().__init__(f"{clause}: {why}")
        self.clause = clause
        self.why = why


def require(condition: bool, clause: str, why: str) -> None:
    if not condition:
        raise Fault(clause, why)
