"""Marks of volumes, parity sets, and the code itself (spec/carrier.md, CAR-9 to CAR-14).

The code is computed from its definition: values of polynomials over GF(2^16), with no fast transform.
"""

from functools import lru_cache

from . import dagcbor
from .fault import require
from .fields import check_fields, check_format, uint
from .ids import RAW, as_hash
from .limits import (
    MAX_BLOCK_BYTES,
    MAX_PARITY_REGIONS,
    MAX_PARITY_ROW_BYTES,
    MAX_PARITY_VOLUMES,
    MAX_VOLUMES,
)

POLYNOMIAL = 0x1002D
BASIS = (
    *(0x0001, 0xACCA, 0x3C0E, 0x163E, 0xC582, 0xED2E, 0x914C, 0x4012),
    *(0x6C98, 0x10D8, 0x6A72, 0xB900, 0xFDB8, 0xFB34, 0xFF38, 0x991E),
)


def multiply(a: int, b: int) -> int:
    out = 0
    while b:
        out ^= a if b & 1 else 0
        a, b = a << 1, b >> 1
        a ^= POLYNOMIAL if a & 0x10000 else 0
    return out


def inverse(a: int) -> int:
    out, power = 1, a
    for bit in range(16):
        if bit:
            out = multiply(out, power)
        power = multiply(power, power)
    return out


def element(number: int) -> int:
    """The element of the field that a 16-bit number stands for."""
    out = 0
    for bit, base in enumerate(BASIS):
        out ^= base if number >> bit & 1 else 0
    return out


@lru_cache(maxsize=None)
def numbers() -> dict:
    return {element(n): n for n in range(1 << 16)}


def weights(points, at: int):
    """Lagrange: what each value counts at another point."""
    out = []
    for i, x in enumerate(points):
        top = bottom = 1
        for j, other in enumerate(points):
            if i != j:
                top, bottom = multiply(top, at ^ other), multiply(bottom, x ^ other)
        out.append(multiply(top, inverse(bottom)))
    return out


def symbols(shard: bytes):
    """16-bit numbers of a shard: of each 64 bytes the first half are low bytes, the second high ones."""
    for start in range(0, len(shard), 64):
        for n in range(32):
            yield shard[start + n] | shard[start + 32 + n] << 8


def as_shard(values) -> bytes:
    out = bytearray()
    for start in range(0, len(values), 32):
        group = values[start : start + 32]
        out += bytes(v & 255 for v in group) + bytes(v >> 8 for v in group)
    return bytes(out)


def encode(data, parity: int):
    """The parity shards of data shards (CAR-13)."""
    chunk = 1
    while chunk < parity:
        chunk *= 2
    rows = [[element(v) for v in symbols(shard)] for shard in data]
    width, out = len(rows[0]), []
    for p in range(parity):
        total = [0] * width
        for first in range(0, len(rows), chunk):
            points = [element(chunk + first + n) for n in range(chunk)]
            for row, weight in zip(rows[first : first + chunk], weights(points, element(p))):
                total = [t ^ multiply(weight, v) for t, v in zip(total, row)]
        out.append(as_shard([numbers()[v] for v in total]))
    return out


def regions(volumes, shard: int, row: int):
    """The regions of a row, filled with zeros to the width of the row."""
    longest = max(map(len, volumes))
    width = -(-min(shard, longest - row * shard) // 64) * 64
    cut = (volume[row * shard : (row + 1) * shard] for volume in volumes)
    return [region + bytes(width - len(region)) for region in cut]


def rows_of(lengths, shard: int) -> int:
    return -(-max(lengths) // shard)


def check_mark(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_BLOCK_BYTES)
    check_format(value, "CAR-9")
    check_fields(value, ("set", "kind", "count", "format", "number"), ("parity",))
    require(value["kind"] == "volume", "CAR-9", "kind is not volume")
    as_hash(value["set"], "ENC-6")
    count, number = uint(value, "count"), uint(value, "number")
    parity = uint(value, "parity") if "parity" in value else 0
    require("parity" not in value or parity >= 1, "CAR-9", "parity 0 is absent")
    most = MAX_PARITY_VOLUMES if parity else MAX_VOLUMES
    require(count >= 1 and count + parity <= most, "CAR-9", "how many volumes")
    require(1 <= number <= count + parity, "CAR-9", "number of the volume")
    return value


def check_set(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_BLOCK_BYTES)
    check_format(value, "CAR-11")
    check_fields(value, ("set", "kind", "shard", "table", "format", "parity", "lengths"))
    require(value["kind"] == "parity", "CAR-11", "kind is not parity")
    as_hash(value["set"], "ENC-6")
    shard, parity, lengths = uint(value, "shard"), uint(value, "parity"), value["lengths"]
    good = isinstance(lengths, list) and all(isinstance(n, int) for n in lengths)
    require(good, "ENC-6", "lengths are numbers")
    volumes = len(lengths) + parity
    require(lengths and parity and volumes <= MAX_PARITY_VOLUMES, "CAR-11", "how many volumes")
    require(0 < shard <= MAX_BLOCK_BYTES and shard % 64 == 0, "CAR-11", "bytes of a region")
    require(shard * volumes <= MAX_PARITY_ROW_BYTES, "CAR-11", "bytes of a row")
    require(min(lengths) > 0, "CAR-11", "an empty volume")
    rows = rows_of(lengths, shard)
    require(rows * volumes <= MAX_PARITY_REGIONS, "CAR-11", "how many regions")
    table = value["table"]
    good = isinstance(table, list) and all(isinstance(t, dagcbor.Link) for t in table)
    require(good, "ENC-6", "the table is links")
    per = MAX_BLOCK_BYTES // (32 * volumes)
    require(len(table) == -(-rows // per), "CAR-12", "how many blocks of the table")
    require(all(link[1] == RAW for link in table), "CAR-12", "the table is content")
    return value
