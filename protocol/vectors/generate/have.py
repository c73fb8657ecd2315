"""What a home lacks (spec/have.md)."""

import re
from itertools import pairwise

from . import dagcbor
from .fault import require
from .fields import check_fields, check_format, uint
from .ids import DAG_CBOR, as_hash
from .limits import (
    MAX_HAVE_BLOCKS,
    MAX_HAVE_BYTES,
    MAX_HAVE_NODES,
    MAX_HAVE_STATES,
    MAX_PARTS,
)

RICE = 8
SHORT = 8


def place(digest: bytes, count: int) -> int:
    return int.from_bytes(digest[:SHORT], "big") * (count << RICE) >> 64


def write_bits(places) -> bytes:
    bits, before = [], 0
    for at in places:
        step, before = at - before, at
        bits += [1] * (step >> RICE) + [0]
        bits += [step >> n & 1 for n in reversed(range(RICE))]
    bits += [0] * (-len(bits) % 8)
    octets = (bits[n : n + 8] for n in range(0, len(bits), 8))
    return bytes(int("".join(map(str, octet)), 2) for octet in octets)


def read_bits(data: bytes, count: int):
    bits = [byte >> n & 1 for byte in data for n in reversed(range(8))]
    places, at, pos = [], 0, 0
    for _ in range(count):
        while pos < len(bits) and bits[pos]:
            at, pos = at + (1 << RICE), pos + 1
        require(pos + 1 + RICE <= len(bits), "HAVE-4", "the bits end too early")
        at += int("".join(map(str, bits[pos + 1 : pos + 1 + RICE])), 2)
        pos += 1 + RICE
        places.append(at)
    rest = bits[pos:]
    require(len(rest) < 8 and not any(rest), "HAVE-4", "filled with more than zeros")
    require(not places or places[-1] < count << RICE, "HAVE-4", "a place that there is not")
    return places


def make(ids) -> list:
    """`lacks` of binary block ids."""
    nodes = sorted({bytes(i[4 : 4 + SHORT]) for i in ids if i[1] == DAG_CBOR})
    blocks = sorted({bytes(i[4:]) for i in ids if i[1] != DAG_CBOR})
    places = sorted(place(digest, len(blocks)) for digest in blocks)
    return [b"".join(nodes), len(blocks), write_bits(places)]


def check_lacks(lacks):
    """(nodes, places, count)."""
    good = isinstance(lacks, list) and list(map(type, lacks)) == [bytes, int, bytes]
    require(good, "ENC-6", "types of what is lacking")
    raw, count, bits = lacks
    nodes = [raw[n : n + SHORT] for n in range(0, len(raw), SHORT)]
    require(len(raw) % SHORT == 0 and len(nodes) <= MAX_HAVE_NODES, "HAVE-3", "nodes")
    require(all(a < b for a, b in pairwise(nodes)), "HAVE-3", "nodes ascending, each once")
    require(count <= MAX_HAVE_BLOCKS and (nodes or count), "HAVE-4", "how many blocks")
    return nodes, read_bits(bits, count), count


def lacking(found, name: bytes) -> bool:
    nodes, places, count = found
    if name[1] == DAG_CBOR:
        return name[4 : 4 + SHORT] in nodes
    return count > 0 and place(name[4:], count) in places


def check_names(names, clause: str) -> None:
    good = all(isinstance(n, str) and re.fullmatch("[a-z0-9-]{1,32}", n) for n in names)
    require(good and len(names) <= MAX_PARTS, clause, "names of parts")
    require(all(a < b for a, b in pairwise(names)), clause, "names ascending, each once")


def parse(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_HAVE_BYTES)
    check_format(value, "HAVE-1")
    check_fields(value, ("kind", "format", "states", "archive"), ("want",))
    require(value["kind"] == "have", "HAVE-1", "kind is not have")
    as_hash(value["archive"], "ENC-6")
    if "want" in value:
        require(isinstance(value["want"], list), "ENC-6", "want is not a list")
        check_names(value["want"], "HAVE-1")
    states = value["states"]
    require(isinstance(states, list), "ENC-6", "states is not a list")
    require(len(states) <= MAX_HAVE_STATES, "HAVE-1", "too many states")
    for state in states:
        check_fields(state, ("parts", "release", "sequence"))
        as_hash(state["release"], "ENC-6")
        require(uint(state, "sequence") >= 1, "HAVE-2", "there is no release 0")
        for part in state["parts"]:
            check_fields(part, ("name",), ("lacks",))
        check_names([part["name"] for part in state["parts"]], "HAVE-2")
        for part in state["parts"]:
            if "lacks" in part:
                check_lacks(part["lacks"])
    order = [state["sequence"] for state in states]
    require(all(a > b for a, b in pairwise(order)), "HAVE-2", "newest first")
    return value
