"""The invite text and the six words (spec/invite.md)."""

from pathlib import Path

from .fault import Fault, require
from .ids import archive_text, base32, derive, hash256, parse_archive_text
from .limits import MAX_INVITE_ADDRESSES, MAX_INVITE_BYTES
from .places import check_url

SCHEME = "yadgar:"
IGNORED = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF}
WHITE_SPACE = {*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)}
WHITE_SPACE |= {0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
ROUNDS = 262144
WORDS = Path(__file__).parents[2] / "spec" / "words.txt"
HEX = "0123456789abcdefABCDEF"


def check_text(bare: str) -> str:
    return base32(derive("yadgar 2026 invite check", bare.encode())[:5])


def quote(address: str) -> str:
    out = []
    for byte in address.encode():
        plain = 0x20 < byte < 0x7F and byte not in b"%&"
        out.append(chr(byte) if plain else f"%{byte:02X}")
    return "".join(out)


def unquote(text: str) -> str:
    raw, at = bytearray(), 0
    while at < len(text):
        if text[at] == "%":
            pair = text[at + 1 : at + 3]
            require(len(pair) == 2 and all(c in HEX for c in pair), "INV-2", "broken % code")
            raw.append(int(pair, 16))
            at += 3
        else:
            require(0x20 < ord(text[at]) < 0x7F, "INV-2", "character that must be encoded")
            raw.append(ord(text[at]))
            at += 1
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Fault("INV-2", "address is not UTF-8") from None


def make(archive: bytes, addresses=(), urls=()) -> str:
    fields = ["a=" + quote(a) for a in addresses] + ["u=" + quote(u) for u in urls]
    tail = "?" + "&".join(fields) if fields else ""
    name = SCHEME + archive_text(archive)
    return name + check_text(name + tail) + tail


def addresses_of(tail: str):
    """(multiaddrs, web addresses, number of addresses of other kinds)."""
    if not tail:
        return [], [], 0
    require(tail[0] == "?", "INV-1", "text after the check")
    fields = tail[1:].split("&")
    require(len(fields) <= MAX_INVITE_ADDRESSES, "INV-2", "more than 8 addresses")
    good = all(f[1:2] == "=" and "a" <= f[0] <= "z" and len(f) > 2 for f in fields)
    require(good, "INV-2", "a field without name or value")
    names = [f[0] for f in fields]
    require(names == sorted(names), "INV-7", "not in order")
    values = [(f[0], unquote(f[2:])) for f in fields]
    require(all(quote(v) == f[2:] for f, (_, v) in zip(fields, values)), "INV-2", "two texts for one")
    peers, urls = ([v for n, v in values if n == name] for name in "au")
    require(all(p.startswith("/") and len(p) > 1 for p in peers), "INV-2", "not a multiaddr")
    for url in urls:
        check_url(url)
    return peers, urls, len(values) - len(peers) - len(urls)


def parse(text: str):
    """(archive id, multiaddrs, web addresses, others) of what somebody typed or pasted."""
    require(len(text.encode()) <= MAX_INVITE_BYTES, "ENC-1", "longer than an invite may be")
    text = "".join(c for c in text if ord(c) not in IGNORED | WHITE_SPACE)
    name, tail = text[: len(SCHEME) + 60], text[len(SCHEME) + 60 :]
    require(name.isascii(), "INV-3", "mistyped")
    name = name.lower()
    require(name.startswith(SCHEME), "INV-1", "does not begin with yadgar:")
    require(len(name) == len(SCHEME) + 60, "INV-1", "too short")
    bare, check = name[:-8], name[-8:]
    require(check == check_text(bare + tail), "INV-3", "mistyped")
    return parse_archive_text(bare[len(SCHEME) :]), *addresses_of(tail)


def six_numbers(archive: bytes):
    value = derive("yadgar 2026 six words", archive)
    for _ in range(ROUNDS):
        value = hash256(value + archive)
    bits = int.from_bytes(value[:7], "big") >> 2
    return [bits >> 9 * n & 511 for n in (5, 4, 3, 2, 1, 0)]


def word_lines():
    """The lines of words.txt, or None while it is not written."""
    return WORDS.read_text(encoding="utf-8").splitlines() if WORDS.exists() else None
