"""The invite in words (spec/invite.md, INV-9 to INV-11; key-paper.md, PAPER-6 and PAPER-7)."""

import ipaddress
import unicodedata

from .fault import require
from .invite import word_lines
from .limits import MAX_SPOKEN_ADDRESSES, MAX_SPOKEN_WORDS
from .places import begins, check_url

SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789-._~:/%ABCDEF"
PATH = "/x-parity-wss/%2F"
CHECK, LEAST = 6, 35
FOLD = str.maketrans(
    {c: "\u06cc" for c in "\u064a\u0649\u0626\u06d0"}
    | {"\u0643": "\u06a9"}
    | {c: "\u0627" for c in "\u0622\u0623\u0625\u0671"}
    | {"\u0624": "\u0648"}
    | {c: "\u0647" for c in "\u0629\u06c0\u06d5"}
    | {c: None for c in (*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x640)}
)


def times(a: int, b: int) -> int:
    out = 0
    for bit in range(9):
        if b >> bit & 1:
            out ^= a << bit
    for bit in range(17, 8, -1):
        if out >> bit & 1:
            out ^= 0b1000010001 << (bit - 9)
    return out


def power(exponent: int) -> int:
    out = 1
    for _ in range(exponent % 511):
        out = times(out, 2)
    return out


def inverse(a: int) -> int:
    out = 1
    for _ in range(510):
        out = times(out, a)
    return out


def value_at(numbers, point: int) -> int:
    out = 0
    for number in numbers:
        out = times(out, point) ^ number
    return out


def solve(numbers, places):
    """The numbers with those at `places` chosen so that the polynomial is zero at all six points, or None."""
    numbers = [0 if at in places else number for at, number in enumerate(numbers)]
    last = len(numbers) - 1
    rows = [[power(i * (last - at)) for at in places] + [value_at(numbers, power(i))] for i in range(CHECK)]
    for column in range(len(places)):
        pivot = next((row for row in rows[column:] if row[column]), None)
        if pivot is None:
            return None
        rows.remove(pivot)
        scale = inverse(pivot[column])
        pivot = [times(v, scale) for v in pivot]
        rows = [[v ^ times(p, row[column]) for v, p in zip(row, pivot)] for row in rows]
        rows.insert(column, pivot)
    if any(row[-1] for row in rows[len(places) :]):
        return None
    for row, at in zip(rows, places):
        numbers[at] = row[-1]
    return numbers


def with_check(data):
    total = len(data) + CHECK
    return solve(list(data) + [0] * CHECK, list(range(len(data), total)))


def fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().translate(FOLD)
    return "".join(c for c in text if unicodedata.category(c)[0] != "M")


def tokens(text: str):
    out, word = [], ""
    for char in fold(text) + " ":
        if char.isalpha():
            word += char
            continue
        out += [word] if word else []
        out += ["?"] if char in "?\u061f" else []
        word = ""
    return out


def numbers_of(text: str):
    """The number of each word, None for `?`."""
    known = {}
    for number, line in enumerate(word_lines()):
        for lang, word in enumerate(line.split("\t")):
            known[fold(word)] = (number, lang)
    found = []
    for token in tokens(text):
        require(token == "?" or token in known, "INV-11", "a word that is not in the list")
        found.append(known.get(token, (None, None)))
    pairs = list(zip(found[::2], found[1::2]))
    twice = len(found) % 2 == 0 and pairs and all(a[0] == b[0] and a[1] != b[1] for a, b in pairs)
    return [number for number, _ in (found[::2] if twice else found)]


def bits_of(address: str) -> str:
    if not address.startswith("/"):
        kind = 7 if address.startswith("https://") else 8
        return f"{kind:04b}" + text_bits(address.split("://", 1)[1])
    kind, host, way, port, rest = begins(address)
    base = {"ip4": 0, "ip6": 2}.get(kind, 4) + (1 if way == "quic" else 0)
    rest = rest.split("/p2p/")[0]
    if rest in ("/tls/ws", "/wss"):
        base = 6
    path = rest.removeprefix(PATH) if rest.startswith(PATH) else None
    if path:
        base = 9
    name = text_bits(host) if isinstance(host, str) else f"{int(host):0{host.max_prefixlen}b}"
    return f"{base:04b}{name}{port:016b}" + (text_bits(path) if path else "")


def text_bits(text: str) -> str:
    return f"{len(text):07b}" + "".join(f"{SIGNS.index(c):06b}" for c in text)


def numbers(bits: str):
    bits += "0" * (-len(bits) % 9)
    return [int(bits[n : n + 9], 2) for n in range(0, len(bits), 9)]


def head_bits(archive: bytes, count: int, version: int = 1) -> str:
    return f"{version:02b}{count:03b}" + "".join(f"{byte:08b}" for byte in archive)


def make(archive: bytes, addresses=()):
    bits = head_bits(archive, len(addresses)) + "".join(bits_of(a) for a in addresses)
    return with_check(numbers(bits))


def said(numbers, lang: int = 1) -> str:
    return " ".join(word_lines()[number].split("\t")[lang] for number in numbers)


class Bits:
    def __init__(self, bits: str):
        self.bits = bits

    def take(self, width: int) -> int:
        require(len(self.bits) >= width, "INV-9", "the words end within an address")
        value, self.bits = int(self.bits[:width] or "0", 2), self.bits[width:]
        return value

    def text(self) -> str:
        signs = [self.take(6) for _ in range(self.take(7))]
        require(all(sign < len(SIGNS) for sign in signs), "INV-9", "a sign that there is not")
        return "".join(SIGNS[sign] for sign in signs)

    def address(self, kind: int) -> str:
        if kind in (7, 8):
            text = ("https://" if kind == 7 else "http://") + self.text()
            check_url(text)
            return text
        if kind < 2:
            start = f"/ip4/{ipaddress.IPv4Address(self.take(32))}"
        elif kind < 4:
            start = f"/ip6/{ipaddress.IPv6Address(self.take(128))}"
        else:
            start = "/dns/" + self.text()
        way = {1: "udp", 3: "udp", 5: "udp"}.get(kind, "tcp")
        behind = "/quic-v1" if way == "udp" else "/tls/ws" if kind == 6 else ""
        address = f"{start}/{way}/{self.take(16)}{behind}"
        if kind == 9:
            path = self.text()
            require(path and "/" not in path, "INV-9", "not a path")
            address += PATH + path
        require(begins(address), "INV-9", "not an address")
        return address


def parse(text: str):
    """(archive id, addresses, addresses that are not known)."""
    found = numbers_of(text)
    require(LEAST <= len(found) <= MAX_SPOKEN_WORDS, "INV-10", "not so many words")
    lost = [at for at, number in enumerate(found) if number is None]
    require(len(lost) <= 4, "INV-10", "too many words that were not understood")
    mended = solve([number or 0 for number in found], lost)
    require(mended, "INV-10", "a wrong word")
    require(mended[0] != 0, "INV-10", "one word too many in front")
    bits = Bits("".join(f"{number:09b}" for number in mended[:-CHECK]))
    require(bits.take(2) == 1, "ENC-9", "newer")
    count = bits.take(3)
    require(count <= MAX_SPOKEN_ADDRESSES, "INV-9", "too many addresses")
    archive, out = bytes(bits.take(8) for _ in range(32)), []
    for n in range(count):
        kind = bits.take(4)
        if kind > 9:
            return archive, out, count - n
        out.append(bits.address(kind))
    require(len(bits.bits) < 9 and "1" not in bits.bits, "INV-9", "more behind it")
    return archive, out, 0
