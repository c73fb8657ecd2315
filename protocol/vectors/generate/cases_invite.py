"""Cases for spec/invite.md."""

from . import invite
from .ids import ALPHABET, archive_text, hash256
from .invite import check_text
from .suite import Suite

ARCHIVE = hash256(b"an archive")
LAN, WAN = "/ip4/192.168.1.7/tcp/4500", "/dns4/mirror.example.org/tcp/443/tls/ws"
IPV6 = "/ip6/2001:db8::7/udp/4500/quic-v1"
ODD = "/dns4/100%25.example&x/tcp/1"
WEB = [
    "https://mirror.example.org:8443/a-b_c~d.e/x&y=1;(2)/%D9%86/",
    "https://[2001:db8::7]/",
    "http://127.0.0.1:8080/",
    "http://192.168.1.7/a/",
    "http://abcdefghij234567.onion/",
]
BARE = invite.make(ARCHIVE)
FULL = invite.make(ARCHIVE, [LAN, WAN])


BAD_WEB = [
    "https://",
    "https:///",
    "https://a.example",
    "https://a.example/x",
    "ftp://a.example/",
    "HTTPS://a.example/",
    "https://A.example/",
    "https://u@a.example/",
    "https://u:p@a.example/",
    "https://a.example/?q/",
    "https://a.example/#f/",
    "https://a.example/../",
    "https://a.example/%2E./",
    "https://a.example//",
    "https://a.example/%2/",
    "https://a.example/%d9/",
    "https://a.example/\u0646/",
    "https://\u0622.example/",
    "https://a.example:/",
    "https://a.example:0/",
    "https://a.example:080/",
    "https://a.example:65536/",
    "https://-a.example/",
    "https://a..example/",
    "https://a.example./",
    "https://1.2.3/",
    "https://0x7f.1/",
    "https://010.0.0.1/",
    "https://[2001:DB8::7]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://::1/",
    "http://a.example/",
    "http://8.8.8.8/",
    "http://localhost.example/",
    "https://a.example/a b/",
    "https://a.example/" + "x" * 500 + "/",
]


def good(suite: Suite) -> None:
    def add(name, text, clause="INV-3", **more):
        suite.accept(name, clause, "invite", {"text": text}, **more)

    def make(name, addresses, urls=()):
        given = {"archive": ARCHIVE.hex(), "addresses": addresses}
        given |= {"urls": list(urls)} if urls else {}
        out = suite.accept(f"make: {name}", "INV-1", "make-invite", given)
        add(f"read: {name}", out["text"], "INV-1", addresses=addresses)

    make("no address", [])
    make("one address", [LAN])
    make("two addresses", [LAN, WAN])
    make("eight addresses", [f"/ip4/10.0.0.{n}/tcp/4500" for n in range(8)])
    make("IPv6 address", [IPV6])
    make("percent sign and ampersand in an address", [ODD])
    make("Persian letters in an address", ["/dns4/\u0622\u0631\u0634\u06cc\u0648.example/tcp/1"])
    make("a web address", [], ["https://mirror.example.org/yadgar/"])
    make("both kinds, signs and percent codes in a path", [LAN, ODD], WEB)
    make("eight addresses of both kinds", [f"/ip4/10.0.0.{n}/tcp/4500" for n in range(4)], WEB[:4])
    add("a kind that is not known", with_check(f"?a={LAN}&b=%25what%20ever&z=1"), "INV-7", unknown=2)
    add("upper case", BARE.upper())
    add("scheme in mixed case", "Yadgar:" + BARE[7:])
    add("id in upper case, addresses as they are", FULL[:67].upper() + FULL[67:])
    add("spaces around it", f"  {BARE}\t")
    add("line breaks inside", "\r\n".join(BARE[n : n + 20] for n in range(0, len(BARE), 20)))
    add("spaces inside the address part", FULL.replace("&", " & ").replace("?", "\n?"))
    add("no-break space", "\u00a0".join((BARE[:20], BARE[20:])))
    add("ideographic space", BARE[:30] + "\u3000" + BARE[30:])
    for code in (0x200B, 0x200C, 0x200F, 0x202B, 0x202E, 0x2066, 0x2069, 0xFEFF):
        add(f"U+{code:04X} around and inside", f"{chr(code)}{BARE[:25]}{chr(code)}{BARE[25:]}{chr(code)}")
    add("bidi marks as a messenger adds them", f"\u2068{FULL}\u2069\u200f")


def bad(suite: Suite) -> None:
    def add(name, text, clause="INV-3", error=None):
        suite.reject(f"invite: {name}", clause, "invite", {"text": text}, error)

    add("nothing", "", "INV-1")
    add("scheme only", "yadgar:", "INV-1")
    add("without scheme", BARE[7:], "INV-1")
    add("another scheme", "yadga:" + BARE[7:], "INV-1")
    add("scheme with slashes", "yadgar://" + BARE[7:], "INV-3")
    add("web address in front", "https://example.org/" + BARE, "INV-1")
    add("without check", BARE[:-8], "INV-1")
    add("check one character short", BARE[:-1], "INV-1")
    add("one character more", BARE + "a", "INV-3")
    for place in (7, 20, 58, 59, 66):
        other = "b" if BARE[place] != "b" else "c"
        add(f"character {place} mistyped", BARE[:place] + other + BARE[place + 1 :])
    swap = next(n for n in range(7, 60) if BARE[n] != BARE[n + 1])
    add("two neighbours swapped", BARE[:swap] + BARE[swap + 1] + BARE[swap] + BARE[swap + 2 :])
    add("one character lost, one gained", BARE[:20] + BARE[21:] + "a")
    add("digit 0 for letter o", replace_one("o", "0"))
    add("digit 1 for letter l", replace_one("l", "1"))
    add("digit 8 for letter b", BARE[:30] + "8" + BARE[31:])
    add("Kelvin sign for k", replace_one("k", "\u212a"))
    add("Cyrillic letter for a", replace_one("a", "\u0430"))
    add("full-width letter", BARE[:30] + "\uff41" + BARE[31:])
    add("id of another archive, same check", invite.make(hash256(b"x"))[:-8] + BARE[-8:])
    add("check of the bare invite with an address", BARE + "?a=" + LAN)
    add("address changed", FULL.replace("192.168.1.7", "192.168.1.8"))
    add("address in upper case", FULL.upper())
    add("address left out", FULL[: FULL.index("&")])
    add("addresses in another order", BARE[:59] + FULL[59:67] + f"?a={WAN}&a={LAN}")
    add("percent code in lower case", invite.make(ARCHIVE, [ODD]).replace("%26", "%2f"))
    checked(add)


def replace_one(old: str, new: str) -> str:
    """An invite that has the letter in its id, with it replaced once."""
    for n in range(100):
        text = invite.make(hash256(b"invite %d" % n))
        if old in text[8:59]:
            place = text.index(old, 8)
            return text[:place] + new + text[place + 1 :]
    raise AssertionError


def with_check(tail: str, name: str = "") -> str:
    """An invite of any content whose check is right."""
    bare = "yadgar:" + (name or archive_text(ARCHIVE))
    return bare + check_text(bare + tail) + tail


def checked(add) -> None:
    """Right check, but not what an invite may be."""
    text = archive_text(ARCHIVE)
    spare = text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 1]
    rows = [
        ("unused low bits of the id set", "ID-3", spare, ""),
        ("digit 1 in the id", "ID-3", "1" + text[1:], ""),
        ("nine addresses", "INV-2", text, "?" + "&".join(f"a=/ip4/10.0.0.{n}/tcp/1" for n in range(9))),
        ("a field of two letters", "INV-2", text, "?bc=1"),
        ("field without name", "INV-2", text, f"?{LAN}"),
        ("field name in upper case", "INV-2", text, f"?A={LAN}"),
        ("a field that is not known, without value", "INV-2", text, "?b="),
        ("a field that is not known, needlessly encoded", "INV-2", text, "?b=%61"),
        ("nine fields that are not known", "INV-2", text, "?" + "&".join(["b=1"] * 9)),
        ("fields that are not in order", "INV-7", text, f"?u=https://a.example/&a={LAN}"),
        ("another field in front", "INV-7", text, f"?b=1&a={LAN}"),
        ("question mark only", "INV-2", text, "?"),
        ("ampersand at the end", "INV-2", text, f"?a={LAN}&"),
        ("two ampersands", "INV-2", text, f"?a={LAN}&&a={WAN}"),
        ("ampersand instead of question mark", "INV-1", text, f"&a={LAN}"),
        ("fragment", "INV-1", text, "#a"),
        ("slash after the check", "INV-1", text, "/"),
        ("empty address", "INV-2", text, "?a="),
        ("address that is no multiaddr", "INV-2", text, "?a=192.168.1.7:4500"),
        ("web address as address", "INV-2", text, "?a=https://example.org/"),
        ("percent without digits", "INV-2", text, f"?a={LAN}%"),
        ("percent with one digit", "INV-2", text, f"?a={LAN}%2"),
        ("percent with a letter that is no digit", "INV-2", text, f"?a={LAN}%zz"),
        ("percent codes that are not UTF-8", "INV-2", text, f"?a={LAN}%ff"),
        ("Persian letter not encoded", "INV-2", text, "?a=/dns4/\u0622.example/tcp/1"),
        ("DEL not encoded", "INV-2", text, "?a=/dns4/\x7f/tcp/1"),
    ]
    for name, error, first, tail in rows:
        clause = error if error in ("INV-2", "INV-7") else "INV-1"
        add(name, with_check(tail, first), clause, error)
    for url in BAD_WEB:
        add(f"web address {url[:60]}", with_check("?u=" + invite.quote(url)), "INV-6")
    long = "?" + "&".join("a=/dns4/" + "x" * 300 + "/tcp/1" for _ in range(8))
    add("longer than 2048 bytes", with_check(long), "INV-1", "ENC-1")


def words(suite: Suite) -> None:
    for n, archive in enumerate((bytes(32), b"\xff" * 32, ARCHIVE, hash256(b"x"))):
        suite.accept(f"six words {n + 1}", "INV-5", "words", {"archive": archive.hex()})


def suites() -> dict:
    suite, six = Suite("invite", "INV-1 to INV-3"), Suite("invite", "INV-5")
    good(suite)
    bad(suite)
    words(six)
    return {"invite": suite, "words": six}

