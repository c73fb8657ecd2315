"""Cases for the invite in words (spec/invite.md, INV-9 to INV-11)."""

from . import spoken
from .ids import hash256
from .suite import Suite

ARCHIVE = hash256(b"an archive")
PLACES = [
    "/ip4/203.0.113.7/tcp/4774",
    "/ip4/203.0.113.7/udp/4774/quic-v1",
    "/ip6/2001:db8::7/tcp/4774",
    "/ip6/2001:db8::7/udp/443/quic-v1",
    "/dns/mirror.example.org/tcp/4774",
    "/dns/mirror.example.org/udp/4774/quic-v1",
    "/dns/mirror.example.org/tcp/443/tls/ws",
    "/dns/www.example.org/tcp/443/x-parity-wss/%2Fnvhzhl6pm2dxhj3xvn2uz4b7fq",
    "https://mirror.example.org/a-b_c~d/%2A/",
    "http://192.168.1.5:8080/",
]


def good(suite: Suite) -> None:
    def make(name, archive, places):
        given = {"archive": archive.hex(), "places": places}
        out = suite.accept(f"make: {name}", "INV-9", "make-spoken", given)
        for lang in ("en", "fa"):
            text = {"text": out[lang]}
            suite.accept(f"read, {lang}: {name}", "INV-9", "spoken", text, places=places)

    make("no address", ARCHIVE, [])
    make("an id of zeros", bytes(32), [])
    make("an id of ones", b"\xff" * 32, [])
    for place in PLACES:
        make(place, ARCHIVE, [place])
    make("four addresses", ARCHIVE, [f"/ip4/203.0.113.{n}/tcp/4774" for n in range(4)])
    make("peers, then a web address", ARCHIVE, [PLACES[0], PLACES[4], "https://a.example/"])
    numbers = spoken.make(ARCHIVE, PLACES[:1])
    en, fa = spoken.said(numbers, 1).split(), spoken.said(numbers, 0).split()

    def read(name, text, clause="INV-11", **more):
        suite.accept(name, clause, "spoken", {"text": text}, archive=ARCHIVE.hex(), **more)

    read("a mix of both", " ".join(f if n % 3 else e for n, (e, f) in enumerate(zip(en, fa))))
    read("both, numbered", "\n".join(f"{n}. {f}\t{e}" for n, (e, f) in enumerate(zip(en, fa), 1)))
    read("upper case, commas", ", ".join(en).upper())
    arabic = {0x6CC: 0x64A, 0x6A9: 0x643, 0x622: 0x627}
    read("letters of an Arabic keyboard", "\u060c\n".join(fa).translate(arabic))
    read("joiners, marks, tatweel", " ".join(w[0] + "\u0640\u064e\u200c" + w[1:] for w in fa))
    lost = [word if n not in (0, 9, 20, 40) else "?" for n, word in enumerate(en)]
    read("four words that were not understood", " ".join(lost), "INV-10")
    unknown = spoken.head_bits(ARCHIVE, 3) + spoken.bits_of(PLACES[0]) + "1111" + "10" * 20
    text = spoken.said(spoken.with_check(spoken.numbers(unknown)))
    read("a kind that is not known", text, "INV-9", places=PLACES[:1], unknown=2)


def bad(suite: Suite) -> None:
    numbers = spoken.make(ARCHIVE, PLACES[:1])

    def add(name, numbers, error="INV-10", clause=None):
        given = {"text": spoken.said(numbers)}
        suite.reject(name, clause or error, "spoken", given, error)

    for at in (0, 7, 34, 40):
        wrong = numbers[:at] + [numbers[at] ^ 9] + numbers[at + 1 :]
        add(f"word {at + 1} is wrong", wrong)
        add(f"word {at + 1} is missing", numbers[:at] + numbers[at + 1 :])
        add(f"one word too many in front of word {at + 1}", numbers[:at] + [301] + numbers[at:])
    add("word 0 in front of all", [0, *numbers])
    swapped = list(numbers)
    swapped[3], swapped[20] = swapped[20], swapped[3]
    add("words 4 and 21 have changed places", swapped)
    add("too few", numbers[:20])
    add("too many", numbers * 3)
    text = spoken.said(numbers)
    odd = text.replace(text.split()[5], "qwertyuiop", 1)
    suite.reject("a word that is not in the list", "INV-11", "spoken", {"text": odd})

    def bits(name, value, error="INV-9"):
        add(name, spoken.with_check(spoken.numbers(value)), error, "INV-9")

    def one(kind, value):
        return spoken.head_bits(ARCHIVE, 1) + f"{kind:04b}" + value

    bits("version 0", spoken.head_bits(ARCHIVE, 1, 0), "ENC-9")
    bits("version 2", spoken.head_bits(ARCHIVE, 0, 2), "ENC-9")
    bits("five addresses", spoken.head_bits(ARCHIVE, 5))
    bits("a word behind the end", spoken.head_bits(ARCHIVE, 0) + "0" * 9)
    bits("padding that is not zero", one(0, f"{7:032b}{80:016b}") + "1")
    bits("port 0", one(0, f"{7:032b}{0:016b}"))
    bits("an IPv6 address that is an IPv4 one", one(2, f"{0xFFFF:096b}{7:032b}{80:016b}"))
    bits("cut within an address", one(0, f"{7:032b}"))
    bits("a text that is cut", one(7, f"{100:07b}"))
    bits("a sign that there is not", one(7, f"{1:07b}{63:06b}"))
    bits("a name that is none", one(4, spoken.text_bits("-a.example") + f"{80:016b}"))
    wss = spoken.text_bits("a.example") + f"{443:016b}"
    bits("a WebSocket with an empty path", one(9, wss + spoken.text_bits("")))
    bits("a WebSocket with more than a path", one(9, wss + spoken.text_bits("a/p2p-circuit")))
    bits("a WebSocket with a path that is cut", one(9, wss + f"{9:07b}"))
    bits("a web address that is no folder", one(7, spoken.text_bits("a.example")), "INV-6")
    bits("http to the open network", one(8, spoken.text_bits("a.example/")), "INV-6")


def suites() -> dict:
    suite = Suite("invite", "INV-9 to INV-11")
    good(suite)
    bad(suite)
    return {"spoken": suite}
