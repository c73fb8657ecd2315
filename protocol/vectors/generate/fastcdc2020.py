"""FastCDC in its 2020 form, normalization level 1, seed 0 (CHUNK-2).

The 2020 form moves two bytes at a time with a table shifted by one bit. That is the same as one
byte at a time, but for one thing: in a window of odd length the last byte is never tested."""

import hashlib

MINIMUM, AVERAGE, MAXIMUM = 16384, 65536, 262144
# One bit more than the average asks for before the average, one bit less after it.
MASK_SMALL = 0x0000D90703537000  # 17 bits: 128 KiB
MASK_LARGE = 0x0000D90F03530000  # 15 bits: 32 KiB
LOW48 = (1 << 48) - 1  # no mask looks above bit 47


def gear_table():
    """Entry i is the first 8 bytes, big-endian, of the MD5 of 64 bytes of value i."""
    rows = (hashlib.md5(bytes([i]) * 64, usedforsecurity=False).digest() for i in range(256))
    return [int.from_bytes(row[:8], "big") for row in rows]


GEAR = gear_table()


def scan(data: bytes, start: int, stop: int, mask: int, value: int):
    """The first tested position in start..stop, or None, and the rolling value."""
    gear = GEAR
    for at in range(start, stop):
        value = ((value << 1) + gear[data[at]]) & LOW48
        if not value & mask:
            return at, value
    return None, value


def cut(data: bytes, start: int) -> int:
    """Length of the chunk that begins at `start`. The byte that was tested is not in it."""
    left = len(data) - start
    if left <= MINIMUM:
        return left
    window = min(left, MAXIMUM)
    centre = min(AVERAGE, window)
    found, value = scan(data, start + MINIMUM, start + centre // 2 * 2, MASK_SMALL, 0)
    if found is None:
        first = start + max(centre // 2 * 2, MINIMUM)
        found, _ = scan(data, first, start + window // 2 * 2, MASK_LARGE, value)
    return window if found is None else found - start


def lengths(data: bytes):
    result, at = [], 0
    while at < len(data):
        size = cut(data, at)
        result.append(size)
        at += size
    return result
