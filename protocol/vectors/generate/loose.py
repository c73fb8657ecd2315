"""An encoder that can do all that the profile forbids, to make the cases that must be refused."""

from . import dagcbor
from .dagcbor import Link, head


class Raw(bytes):
    """Bytes put into the output as they are."""


class Pairs(list):
    """A map with its keys in this order, as often as they stand here."""


def wide(major: int, value: int, size: int) -> Raw:
    """An initial byte with a number of `size` bytes, longer than needed."""
    info = {1: 24, 2: 25, 4: 26, 8: 27}[size]
    return Raw(bytes([major << 5 | info]) + value.to_bytes(size, "big"))


def encode(value) -> bytes:
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, Link):
        return dagcbor.encode(value)
    if isinstance(value, Pairs):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value)
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        keys = sorted(value, key=dagcbor.key_order)
        return encode(Pairs((k, value[k]) for k in keys))
    return dagcbor.encode(value)


def indefinite(major: int, *items) -> Raw:
    return Raw(bytes([major << 5 | 31]) + b"".join(map(encode, items)) + b"\xff")


def pairs(value: dict) -> Pairs:
    return Pairs((k, value[k]) for k in sorted(value, key=dagcbor.key_order))


def swapped(value: dict, first: int) -> Pairs:
    """The map with the keys at `first` and `first + 1` in the wrong order."""
    out = pairs(value)
    out[first], out[first + 1] = out[first + 1], out[first]
    return out


def doubled(value: dict, key: str) -> Pairs:
    """The map with one key twice, the second time right after the first."""
    out = pairs(value)
    at = next(n for n, (k, _) in enumerate(out) if k == key)
    out.insert(at, out[at])
    return out
