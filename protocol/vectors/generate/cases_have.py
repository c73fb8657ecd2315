"""Cases for spec/have.md: the sets of what is lacking, and whole files."""

from . import dagcbor, fixtures, have, loose
from .fixtures import DROP
from .ids import DAG_CBOR, RAW, block_id, hash256
from .suite import Suite


def names(codec: int, count: int, start=0):
    return [block_id(codec, f"lacking {n}".encode()) for n in range(start, start + count)]


def lacks_cases() -> Suite:
    suite = Suite("have", "HAVE-3, HAVE-4")
    sizes = ((1, 0), (0, 1), (0, 2), (3, 0), (2, 40), (0, 500), (20, 3))
    for nodes, blocks in sizes:
        given = {"nodes": nodes, "blocks": blocks, "first": 5000, "asked": 1000}
        suite.accept(f"{nodes} nodes, {blocks} blocks", "HAVE-4", "lacks", given)
    return suite


def state(**changes) -> dict:
    value = {"parts": [{"name": "core"}], "release": hash256(b"release"), "sequence": 7}
    return fixtures.changed(value, changes)


def value(**changes) -> dict:
    whole = {"kind": "have", "format": 1, "states": [state()], "archive": hash256(b"archive")}
    return fixtures.changed(whole, changes)


def part(lacks) -> dict:
    return value(states=[state(parts=[{"name": "core", "lacks": lacks}])])


def good():
    yield "nothing known", value(states=[])
    yield "one whole part", value()
    yield "two states", value(states=[state(), state(sequence=6, release=hash256(b"r"))])
    yield "no part", value(states=[state(parts=[])])
    yield "want", value(want=["core", "media"])
    yield "want nothing", value(want=[])
    yield "nodes only", part(have.make(names(DAG_CBOR, 3)))
    yield "blocks only", part(have.make(names(RAW, 3)))
    yield "both", part(have.make(names(RAW, 30) + names(DAG_CBOR, 2)))
    yield "one place, the last", part([b"", 1, bytes([0x7F, 0x80])])


def bad():
    two = [bytes(8), bytes(7) + b"\1"]
    yield "another kind", "HAVE-1", value(kind="head")
    yield "kind is missing", "ENC-6", value(kind=DROP)
    yield "archive is missing", "ENC-6", value(archive=DROP)
    yield "archive of 31 bytes", "ENC-6", value(archive=bytes(31))
    yield "format 0", "HAVE-1", value(format=0)
    yield "format 2", "ENC-9", value(format=2)
    yield "unknown field", "ENC-6", value(device=b"mine")
    yield "three states", "HAVE-1", value(states=[state(sequence=n) for n in (9, 8, 7)])
    yield "oldest first", "HAVE-2", value(states=[state(), state(sequence=8)])
    yield "a release twice", "HAVE-2", value(states=[state(), state()])
    yield "release 0", "HAVE-2", value(states=[state(sequence=0)])
    yield "want unsorted", "HAVE-1", value(want=["media", "core"])
    yield "want twice", "HAVE-1", value(want=["core", "core"])
    yield "want with a wrong name", "HAVE-1", value(want=["Core"])
    yield "want of 33 parts", "HAVE-1", value(want=[f"p{n:02}" for n in range(33)])
    parts = [{"name": "media"}, {"name": "core"}]
    yield "parts unsorted", "HAVE-2", value(states=[state(parts=parts)])
    yield "part with a wrong name", "HAVE-2", value(states=[state(parts=[{"name": ""}])])
    yield "nodes unsorted", "HAVE-3", part([two[1] + two[0], 0, b""])
    yield "a node twice", "HAVE-3", part([two[0] * 2, 0, b""])
    yield "half a node", "HAVE-3", part([two[0] + bytes(4), 0, b""])
    yield "nothing is lacking", "HAVE-4", part([b"", 0, b""])
    yield "more blocks than bits", "HAVE-4", part([b"", 9, bytes(8)])
    yield "2^64-1 blocks", "HAVE-4", part([b"", 2**64 - 1, bytes(8)])
    yield "one block too many", "HAVE-4", part([b"", 131073, bytes(147458)])
    yield "a place beyond the last", "HAVE-4", part([b"", 1, bytes([0x80, 0])])
    yield "ones behind the last place", "HAVE-4", part([b"", 1, bytes([0, 1])])
    yield "a byte behind the last place", "HAVE-4", part([b"", 1, bytes(3)])
    yield "bits without an end", "HAVE-4", part([b"", 1, b"\xff" * 20])
    yield "lacks as a map", "ENC-6", part({"nodes": b""})
    yield "lacks of two", "ENC-6", part([b"", 1])
    yield "count as text", "ENC-6", part([b"", "1", bytes(2)])


def structures() -> Suite:
    suite = Suite("have", "HAVE-1 to HAVE-4")

    def given(one):
        return {"type": "have", "hex": loose.encode(one).hex()}

    for name, one in good():
        suite.accept(name, "HAVE-1", "structure", given(one))
    for name, clause, one in bad():
        if name == "one block too many":
            head, tail = dagcbor.encode(one).split(bytes(147458))
            data = [{"hex": head.hex()}, {"repeat": "00", "times": 147458}, {"hex": tail.hex()}]
            suite.reject(name, clause, "structure", {"type": "have", "data": data})
        else:
            suite.reject(name, clause, "structure", given(one))
    return suite


def suites() -> dict:
    return {"lacks": lacks_cases(), "structures": structures()}
