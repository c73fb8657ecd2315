"""An archive as one CARv1 file (spec/carrier.md)."""

from dataclasses import dataclass, field

from . import dagcbor
from .dagcbor import Link
from .fault import Fault, require
from .ids import CODECS, DAG_CBOR, block_id, check_block_id, hash256
from .limits import MAX_BLOCK_BYTES

MARKS = tuple(bytes([1, codec, 0x1E, 0x20]) for codec in CODECS)
ID_BYTES = 36
LONGEST = ID_BYTES + MAX_BLOCK_BYTES
HEADER_CAP = 128


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        low, value = value & 127, value >> 7
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


def read_varint(data: bytes, at: int):
    """(value, next position), CAR-4."""
    value = 0
    for n in range(9):
        require(at + n < len(data), "CAR-5", "ends in a varint")
        byte = data[at + n]
        value |= (byte & 127) << 7 * n
        if byte < 128:
            require(byte != 0 or n == 0, "CAR-4", "varint is not the shortest form")
            return value, at + n + 1
    raise Fault("CAR-4", "varint of more than 9 bytes")


def section(name: bytes, data: bytes) -> bytes:
    return varint(len(name) + len(data)) + name + data


def header(head_id: bytes) -> bytes:
    body = dagcbor.encode({"roots": [Link(head_id)], "version": 1})
    return varint(len(body)) + body


def write(head: bytes, blocks) -> bytes:
    """A carrier of a head and (id, bytes) pairs in the order given, each once."""
    name = block_id(DAG_CBOR, head)
    out, seen = [header(name), section(name, head)], {name}
    for key, data in blocks:
        if key not in seen:
            out.append(section(key, data))
            seen.add(key)
    return b"".join(out)


@dataclass
class Contents:
    root: bytes | None = None
    blocks: dict = field(default_factory=dict)
    skipped: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    def skip(self, start: int, end: int) -> None:
        if start < end:
            self.skipped.append([start, end])


def read_header(data: bytes):
    length, at = read_varint(data, 0)
    require(length <= HEADER_CAP and at + length <= len(data), "CAR-1", "header length")
    value = dagcbor.decode(data[at : at + length], HEADER_CAP)
    good = isinstance(value, dict) and set(value) == {"roots", "version"}
    require(good and value["version"] == 1, "CAR-1", "header fields")
    roots = value["roots"]
    good = isinstance(roots, list) and len(roots) == 1 and isinstance(roots[0], Link)
    require(good and roots[0][1] == DAG_CBOR, "CAR-1", "one root, of codec dag-cbor")
    return bytes(roots[0]), at + length


def read_section(data: bytes, at: int):
    """(id, block, next position) of a section that is right, else a Fault."""
    length, at = read_varint(data, at)
    require(length <= LONGEST, "CAR-3", "block longer than 262144 bytes")
    require(length >= ID_BYTES, "CAR-5", "section shorter than an id")
    require(at + length <= len(data), "CAR-5", "ends in the middle of a section")
    name = data[at : at + ID_BYTES]
    check_block_id(name)
    block = data[at + ID_BYTES : at + length]
    require(hash256(block) == name[4:], "CAR-3", "hash is wrong")
    return name, block, at + length


def next_section(data: bytes, start: int) -> int:
    """The first position from `start` on where a right section begins, or the end (CAR-5)."""
    at = start
    while True:
        hits = [hit for mark in MARKS if (hit := data.find(mark, at)) >= 0]
        if not hits:
            return len(data)
        hit = min(hits)
        for size in (3, 2, 1):
            if hit - size >= start and right_at(data, hit - size, hit):
                return hit - size
        at = hit + 1


def right_at(data: bytes, at: int, mark: int) -> bool:
    try:
        return read_varint(data, at)[1] == mark and bool(read_section(data, at))
    except Fault:
        return False


def read(data: bytes) -> Contents:
    """Everything good in a carrier, and the ranges that were skipped."""
    found, at = Contents(), 0
    try:
        found.root, at = read_header(data)
    except Fault as fault:
        at = next_section(data, 0)
        found.faults.append(Fault("CAR-1", fault.why))
        found.skip(0, at)
    while at < len(data):
        try:
            name, block, at = read_section(data, at)
            found.blocks[name] = block
        except Fault as fault:
            resume = next_section(data, at)
            found.faults.append(fault)
            found.skip(at, resume)
            at = resume
    return found
