"""Cases for REC-18: what a release makes of the records of the one before."""

from . import dagcbor, ids
from .cases_record_events import event, event_gone
from .cases_record_people import gone, victim
from .suite import Suite

KINDS = (("person", victim, gone), ("incident", event, event_gone))


def edit(version: int, **more) -> dict:
    return {"on": "2026-06-01", "code": "corrected", "fields": ["place"], "version": version} | more


def at(base, version: int, **more) -> dict:
    """Version `version` of a record, with one correction for each version since the first."""
    value = base() | {"version": version}
    if version > 1:
        value |= {"prev": bytes([version] * 32), "changes": [edit(n) for n in range(2, version + 1)]}
    return value | more


def after(old: dict, base, **more) -> dict:
    """The next version, as one who has `old` makes it."""
    number = old["version"] + 1
    history = [*old.get("changes", []), edit(number)]
    return base() | {"version": number, "prev": ids.hash256(dagcbor.encode(old)), "changes": history} | more


def versions(base, taken) -> list:
    old = at(base, 3)
    second = after(old, base)
    other_prev = {"prev": bytes([9] * 32)}
    return [
        ("the same", old, old, []),
        ("the next version", old, second, []),
        ("the one after the next", old, after(second, base), []),
        ("the first, corrected", at(base, 1), after(at(base, 1), base), []),
        ("another day", old, after(old, base, issued_on="2026-06-02"), []),
        ("taken back", old, taken() | {"version": 4}, []),
        ("taken back, some versions later", old, taken() | {"version": 9}, []),
        ("the version before", old, at(base, 2), ["version"]),
        ("the first version", old, at(base, 1), ["version"]),
        ("the version before, rewritten", old, at(base, 2, issued_on="2026-06-02"), ["version"]),
        ("other content, same version", old, at(base, 3, issued_on="2026-06-02"), ["version"]),
        ("taken back, same version", old, taken() | {"version": 3}, ["version"]),
        ("taken back, lower version", old, taken() | {"version": 2}, ["version"]),
        ("made upon another version 3", old, after(old, base) | other_prev, ["prev"]),
        ("made upon nothing that is known, later", old, after(second, base) | other_prev, []),
        ("a correction gone", old, after(old, base, changes=[edit(3), edit(4)]), ["changes"]),
        ("all corrections gone", old, after(old, base, changes=[edit(4)]), ["changes"]),
        ("another day for a correction", old,
         after(old, base, changes=[edit(2, on="2026-06-02"), edit(3), edit(4)]), ["changes"]),
        ("another code for a correction", old,
         after(old, base, changes=[edit(2), edit(3, code="added"), edit(4)]), ["changes"]),
        ("a correction put in", old, after(old, base, changes=[edit(2), edit(3), edit(3), edit(4)]), ["changes"]),
        ("two corrections of the new version", old,
         after(old, base, changes=[edit(2), edit(3), edit(4), edit(4)]), []),
        ("another branch, later", old, at(base, 5, changes=[edit(2, code="added"), edit(3), edit(5)]), ["changes"]),
        ("both", old, after(old, base, changes=[edit(4)]) | other_prev, ["prev", "changes"]),
        ("not there", old, None, [""]),
    ]


def graves(base, taken) -> list:
    out = []
    for status in ("withdrawn", "retracted", "merged"):
        more = {"merged_into": bytes([5] * 16)} if status == "merged" else {}
        old = taken() | {"status": status} | more
        back = after(old, base)
        out += [
            (f"{status}: still", old, old, []),
            (f"{status}: other reason, later", old, old | {"version": 4, "status_reason": "error"}, []),
            (f"{status}: other reason, same version", old, old | {"status_reason": "error"}, ["version"]),
            (f"{status}: alive, the version before", old, at(base, 2), ["version", "status"]),
            (f"{status}: alive, same version", old, at(base, 3), ["version", "status"]),
            (f"{status}: alive, next version of one who did not know", old, at(base, 4), ["status"]),
            (f"{status}: alive, later version of one who did not know", old, at(base, 5), ["status"]),
            (f"{status}: brought back", old, back, []),
            (f"{status}: brought back two versions later", old, after(back, base), ["status"]),
            (f"{status}: not there", old, None, [""]),
        ]
    return out


def suites() -> dict:
    suite = Suite("record", "REC-18")
    for kind, base, taken in KINDS:
        for name, old, new, faults in [*versions(base, taken), *graves(base, taken)]:
            given = {"old": dagcbor.encode(old).hex(), "new": new and dagcbor.encode(new).hex()}
            suite.accept(f"{kind}: {name}", "REC-18", "succession", given, faults=faults)
    pair = {"old": dagcbor.encode(victim()).hex()}
    for name, other in (("another id", victim() | {"id": bytes([8] * 16)}), ("another kind", event() | {"id": victim()["id"]})):
        given = pair | {"new": dagcbor.encode(other).hex()}
        suite.accept(f"in its place: {name}", "REC-18", "succession", given, faults=["id"])
    return {"succession": suite}
