"""Cases for spec/record.md: records of people and incidents who never were."""

import copy

from . import dagcbor, loose
from .cases_record_events import BROKEN as BROKEN_EVENTS
from .cases_record_events import SOUND as SOUND_EVENTS
from .cases_record_events import event, event_gone
from .cases_record_people import BROKEN, SOUND, change, full, gone, victim
from .suite import Suite


def given(value, path=None) -> dict:
    return {"hex": loose.encode(value).hex()} | ({"path": path} if path else {})


def tried(suite: Suite, base, sound, broken) -> None:
    """`sound` and `broken` are changes of one record, each with its clause."""
    for name, clause, *changes in sound:
        suite.accept(name, clause, "record", given(change(base(), *changes)))
    for name, clause, *changes in broken:
        error = clause
        if isinstance(clause, tuple):
            clause, error = clause
        suite.reject(name, clause, "record", given(change(base(), *changes)), error)


def bytes_of_it(suite: Suite) -> None:
    """REC-1 and the profile."""
    good = dagcbor.encode(victim())
    for name, error, data in (
        ("a byte after it", "ENC-5", good + b"\0"),
        ("cut by a byte", "ENC-8", good[:-1]),
        ("empty", "ENC-8", b""),
        ("JSON", "ENC-8", b'{"schema":"victim/1"}'),
        ("a list", "ENC-6", dagcbor.encode([victim()])),
        ("keys unsorted", "ENC-4", loose.encode(loose.swapped(victim(), 0))),
        ("a key twice", "ENC-4", loose.encode(loose.doubled(victim(), "version"))),
        ("null for a field", "ENC-2", loose.encode(victim() | {"birth": loose.Raw(b"\xf6")})),
        ("true for a flag", "ENC-2", loose.encode(victim() | {"fictional": loose.Raw(b"\xf5")})),
        ("a float for an age", "ENC-2", loose.encode(victim() | {"age": loose.Raw(b"\xf9\x4e\x40")})),
        ("version in a longer form", "ENC-3", loose.encode(victim() | {"version": loose.Raw(b"\x18\x01")})),
    ):
        suite.reject(f"bytes: {name}", "REC-1", "record", {"hex": data.hex()}, error)
    long = copy.deepcopy(full())
    long["story"] = {"en": "a" * 24576, "fa": "b" * 24576}
    room = 65536 - len(dagcbor.encode(long))
    # Claims fill it up to the last byte.
    one = {"src": ["s1"], "path": "age", "value": {"en": "a" * 900}, "confidence": "reported"}
    count = (room - 1000) // len(dagcbor.encode(one))
    long["claims"] += [copy.deepcopy(one) for _ in range(count)]
    left = 65536 - len(dagcbor.encode(long))
    # The key and the head of a text of 256 bytes or more are six bytes.
    for at, size in ((-1, left // 2), (-2, left - left // 2)):
        long["claims"][at]["value"]["fa"] = "b" * (size - 6)
    assert len(dagcbor.encode(long)) == 65536
    suite.accept("65536 bytes", "REC-1", "record", given(long))
    long["claims"][-1]["value"]["fa"] += "b"
    suite.reject("65537 bytes", "REC-1", "record", given(long), "ENC-1")


def suites() -> dict:
    people = Suite("record", "REC-1 to REC-17")
    bytes_of_it(people)
    tried(people, victim, SOUND, BROKEN)
    path = people.accept("everything", "REC-1", "record", given(full()))["path"]
    people.accept("where it must stand", "REC-3", "record", given(full(), path))
    for name, wrong in (
        ("another name", "records/x.cbor"),
        ("another folder", path.replace("records", "incidents")),
        ("another ending", path.replace(".cbor", ".json")),
        ("capitals", path.upper()),
        ("deeper", path.replace("/", "/x/")),
    ):
        people.reject(f"path: {name}", "REC-3", "record", given(full(), wrong))
    for name, base in (("person", gone), ("incident", event_gone)):
        for status in ("withdrawn", "retracted", "merged"):
            more = {"merged_into": bytes([5] * 16)} if status == "merged" else {}
            value = base() | {"status": status} | more
            people.accept(f"gone {name}: {status}", "REC-4", "record", given(value))
            for extra, clause, what in (
                ("prev", "REC-2", bytes(32)),
                ("sources", "REC-4", victim()["sources"]),
                ("changes", "REC-4", [{"on": "2026-06-01", "code": "status", "version": 3}]),
                ("merged_into", "REC-4", value["id"]),
            ):
                bad = value | {extra: what}
                people.reject(f"gone {name}: {status}, with {extra}", clause, "record", given(bad))
            no_reason = {k: v for k, v in value.items() if k != "status_reason"}
            people.reject(f"gone {name}: {status}, no reason", "REC-4", "record", given(no_reason))
    for reason in "duplicate error out_of_scope found_alive fabricated source_withdrawn withheld".split():
        people.accept(f"gone: {reason}", "REC-4", "record", given(gone() | {"status_reason": reason}))
    people.reject("gone: family request", "REC-4", "record", given(gone() | {"status_reason": "family"}), "ENC-6")
    for key in ("names", "story", "consent", "verification", "died_at", "name_label", "gender"):
        value = gone() | {key: full().get(key, {"en": "x"})}
        people.reject(f"gone: with {key}", "REC-4", "record", given(value))
    events = Suite("record", "REC-1 to REC-14")
    tried(events, event, SOUND_EVENTS, BROKEN_EVENTS)
    return {"victim": people, "incident": events}
