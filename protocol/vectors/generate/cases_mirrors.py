"""Cases for spec/mirrors.md."""

from .suite import Suite

FIRST = "yadgar mirrors 1"
PEER, WEB = "/dns4/mirror.example.org/tcp/4774", "https://mirror.example.org/yadgar/"
PEERS = [
    "/ip4/8.8.8.8/tcp/4774",
    "/ip4/8.8.8.8/tcp/443/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X",
    "/ip6/2600::1/udp/4774/quic-v1",
    "/dns/a.example/tcp/443/tls/ws",
    "/dns6/a.example/udp/4774/quic-v1/p2p/x",
]
BAD_PEERS = [
    "/",
    "/memory/1",
    "/ip4/8.8.8.8/tcp/25",
    "/ip4/8.8.8.8/udp/4774",
    "/ip4/8.8.8.8/tcp/04774",
    "/ip4/10.0.0.1/tcp/4774",
    "/ip4/100.64.0.1/tcp/4774",
    "/ip4/127.0.0.1/tcp/4774",
    "/ip4/169.254.169.254/tcp/80",
    "/ip4/192.168.1.5/tcp/4774",
    "/ip4/203.0.113.7/tcp/4774",
    "/ip4/224.0.0.1/tcp/4774",
    "/ip4/255.255.255.255/tcp/4774",
    "/ip6/::1/tcp/4774",
    "/ip6/fd00::1/tcp/4774",
    "/ip6/fe80::1/tcp/4774",
    "/ip6/::ffff:8.8.8.8/tcp/4774",
    "/dns4/localhost/tcp/4774",
    "/dns4/a/tcp/4774",
    "/dns4/box.local/tcp/4774",
    "/dns4/box.home.arpa/tcp/4774",
    "/dns4/abc.onion/tcp/4774",
    "/dns4/A.example/tcp/4774",
]
BAD_WEB = [
    "hello",
    "http://a.example/",
    "http://127.0.0.1/",
    "http://192.168.1.5/",
    "https://192.168.1.5/",
    "https://[fd00::1]/",
    "https://localhost/",
    "https://box.local/",
    "https://u@a.example/",
    "https://a.example",
    "https://a.example/?x/",
]


def text(*lines: str) -> dict:
    return {"hex": "".join(f"{line}\n" for line in lines).encode().hex()}


def suites() -> dict:
    suite = Suite("mirrors", "MIR-1 to MIR-5")

    def good(name, *lines, clause="MIR-2", **more):
        suite.accept(name, clause, "mirrors", text(FIRST, *lines), **more)

    def bad(name, clause, *lines):
        suite.reject(name, clause, "mirrors", text(FIRST, *lines))

    def raw(name, data: bytes, error="MIR-1"):
        suite.reject(name, "MIR-1", "mirrors", {"hex": data.hex()}, error)

    good("no address", places=[])
    good("both kinds", PEER, WEB, places=[PEER, WEB])
    good("64 addresses", *(f"/dns4/m{n}.example/tcp/4774" for n in range(64)))
    for place in PEERS:
        good(place, place, clause="MIR-3", places=[place])
    good("an onion service", "http://abc.onion/", clause="MIR-4")
    good("a public address", "https://8.8.8.8/x/", clause="MIR-4")
    good("a kind that is not known", PEER, "x=y", WEB, clause="MIR-5", places=[PEER, WEB], unknown=[3])
    raw("nothing", b"")
    raw("without end of line", FIRST.encode())
    raw("last line without end", f"{FIRST}\n{PEER}".encode())
    raw("CR LF", f"{FIRST}\r\n{PEER}\r\n".encode())
    raw("byte order mark", f"\ufeff{FIRST}\n".encode())
    raw("Persian letters", f"{FIRST}\n/dns4/\u0622.example/tcp/4774\n".encode())
    raw("another first line", b"Yadgar mirrors 1\n")
    raw("no first line", f"{PEER}\n".encode())
    raw("version 2", f"yadgar mirrors 2\n{PEER}\n".encode(), "ENC-9")
    raw("too long", FIRST.encode() + b"\n" + b"".join(b"/dns4/%d%s\n" % (n, b"x" * 400) for n in range(64)))
    bad("65 addresses", "MIR-2", *(f"/dns4/m{n}.example/tcp/4774" for n in range(65)))
    bad("an empty line", "MIR-2", PEER, "", WEB)
    bad("a comment", "MIR-2", "# ours", PEER)
    bad("a space behind an address", "MIR-2", PEER + " ")
    bad("an address twice", "MIR-2", PEER, WEB, PEER)
    bad("a long address", "MIR-2", "/dns4/a.example/tcp/4774/" + "x" * 500)
    for place in BAD_PEERS:
        bad(place, "MIR-3", place)
    for place in BAD_WEB:
        bad(place, "MIR-4", place)
    return {"mirrors": suite}
