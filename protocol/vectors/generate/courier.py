"""Couriers (spec/courier.md)."""

import base64

from .fault import require
from .ids import hash256
from .limits import COURIER_LINE_BYTES, MAX_COURIER_LINES, MAX_COURIER_TEXT_BYTES

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE32 = UPPER + "234567"
# What stands for a character: its own, the small letter, Persian and Arabic digits.
READS = {c: c for c in UPPER + "0123456789"} | {c.lower(): c for c in UPPER}
READS |= {chr(first + n): str(n) for first in (0x6F0, 0x660) for n in range(10)}


def line(tag: bytes, number: int, count: int, piece: bytes) -> str:
    body = tag + number.to_bytes(2, "big") + count.to_bytes(2, "big") + piece
    return "90" + armoured(body + hash256(body)[:4]) + "09"


def armoured(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def write(data: bytes) -> list:
    count = (len(data) + COURIER_LINE_BYTES - 1) // COURIER_LINE_BYTES
    require(1 <= count <= MAX_COURIER_LINES, "COU-3", "nothing, or too much")
    tag = hash256(data)[:4]
    pieces = [data[at : at + COURIER_LINE_BYTES] for at in range(0, len(data), COURIER_LINE_BYTES)]
    return [line(tag, n, count, piece) for n, piece in enumerate(pieces, 1)]


def parse(run: str):
    """(tag, number, count, piece) of what stands between 90 and 09, or None."""
    spare = len(run) * 5 % 8
    if spare >= 5:
        return None
    number = 0
    for char in run:
        number = number << 5 | BASE32.index(char)
    if number & ((1 << spare) - 1):
        return None
    body = (number >> spare).to_bytes(len(run) * 5 // 8, "big")
    body, check = body[:-4], body[-4:]
    if len(body) < 9 or hash256(body)[:4] != check:
        return None
    tag, piece = body[:4], body[8:]
    number, count = int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big")
    if not (1 <= number <= count <= MAX_COURIER_LINES):
        return None
    whole = len(piece) == COURIER_LINE_BYTES
    last = number == count and len(piece) <= COURIER_LINE_BYTES
    return (tag, number, count, piece) if whole or last else None


def read(text: str) -> dict:
    """The couriers that are whole, and of others the numbers of the lines that are missing."""
    size = len(text.encode())
    require(size <= MAX_COURIER_TEXT_BYTES, "COU-6", "a text that is too long")
    clean, sets, at = "".join(READS.get(c, "") for c in text), {}, 0
    while (at := clean.find("90", at)) >= 0:
        end = at + 2
        while end < len(clean) and clean[end] in BASE32:
            end += 1
        found = parse(clean[at + 2 : end]) if clean.startswith("09", end) else None
        if found is None:
            at += 1
            continue
        tag, number, count, piece = found
        sets.setdefault((tag, count), {}).setdefault(number, piece)
        at = end + 2
    whole, cut = [], []
    for (tag, count), have in sets.items():
        missing = [n for n in range(1, count + 1) if n not in have]
        data = b"".join(have[n] for n in sorted(have))
        if missing:
            cut.append({"lines": count, "missing": missing})
        elif hash256(data)[:4] == tag:
            whole.append(data.hex())
    return {"whole": whole, "cut": cut}
