"""What a later version may not take back (spec/record.md, REC-18)."""

from . import dagcbor, ids
from .record import GONE


def faults(old: dict, new: dict | None) -> list:
    """The fields that break it; the empty text is the record as a whole."""
    if new is None:
        return [""]
    if (old["schema"], old["id"]) != (new["schema"], new["id"]):
        return ["id"]
    before = dagcbor.encode(old)
    if dagcbor.encode(new) == before:
        return []
    out = []
    if new["version"] <= old["version"]:
        out.append("version")
    follows = new["version"] == old["version"] + 1
    names_it = new.get("prev") == ids.hash256(before)
    if new["status"] in GONE:
        return out
    if old["status"] in GONE:
        return out if follows and names_it else [*out, "status"]
    if out:
        return out
    if follows and not names_it:
        out.append("prev")
    history = old.get("changes", [])
    mine = new.get("changes", [])
    more = mine[len(history) :]
    if mine[: len(history)] != history or any(item["version"] <= old["version"] for item in more):
        out.append("changes")
    return out
