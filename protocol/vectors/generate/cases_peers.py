"""Cases for spec/peers.md: records and lists of them."""

from . import dagcbor, ed25519, fixtures, loose, peers
from .fixtures import DROP
from .ids import hash256
from .limits import MAX_PEER_LIST_BYTES, MAX_PEER_RECORD_BYTES
from .suite import Suite

SEED = hash256(b"a node")
HERE = ("tcp 11.22.33.44 4774",)
BOTH = (*HERE, "quic 11.22.33.44 4774", "tcp 2a0b:1::7 4774", "quic 2a0b:1::7 4774")


def seed(n: int) -> bytes:
    return hash256(b"node %d" % n)


def record(at=HERE, **changes) -> bytes:
    """A record whose fields were changed before it was signed."""
    whole = fixtures.changed(peers.value(SEED, 1, at), changes)
    return peers.sign(SEED, loose.encode(whole))


def making(suite: Suite) -> None:
    def make(name, seq=1, addrs=HERE, scope="global"):
        given = {"seed": SEED.hex(), "seq": seq, "addrs": list(addrs)}
        made = suite.accept(f"make: {name}", "PEER-1", "make-peer", given)
        suite.accept(name, "PEER-1", "peer", {"hex": made["hex"]}, seq=seq, scope=scope)

    make("one address")
    make("number 0", seq=0)
    make("the greatest number", seq=2**64 - 1)
    make("four addresses", addrs=BOTH)
    make("eight addresses", addrs=[f"tcp 11.22.33.{n} 4774" for n in range(8)])
    make("eight long addresses", addrs=[f"quic 2a0b:1::{n:x} 65535" for n in range(1, 9)])
    make("IPv4 before IPv6", addrs=("tcp 2000::1 4774", "tcp 223.255.255.255 4774"))
    make("TCP before QUIC", addrs=("quic 1.2.3.4 4774", "tcp 223.1.1.1 4774"))
    make("two ports", addrs=("tcp 11.22.33.44 443", "tcp 11.22.33.44 80"))
    for ip in ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.7", "fc00::1", "fdff::1"):
        make(f"LAN: {ip}", addrs=[f"tcp {ip} 4774"], scope="lan")
    make("LAN, both kinds", addrs=("tcp 10.0.0.1 4774", "tcp fd00::1 4774"), scope="lan")
    for ip in ("127.0.0.1", "127.255.255.254", "::1"):
        make(f"loopback: {ip}", addrs=[f"tcp {ip} 4774"], scope="loopback")


# The first and last address of what is global, and their neighbours that are not.
GLOBAL = (
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
    *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0"),
    *("192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"),
    *("198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255"),
    *("2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2001:ffff::", "2003::", "3ffe::", "3fff:1000::"),
    *("3fff:ffff::",),
)
NOWHERE = (
    *("0.0.0.0", "0.255.255.255", "100.64.0.0", "100.127.255.255", "169.254.0.1", "169.254.169.254", "192.0.0.255"),
    *("192.0.2.1", "192.88.99.1", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.255", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::2", "::ffff:11.22.33.44", "64:ff9b::b16:212c"),
    *("1fff:ffff::", "2001::", "2001:1ff:ffff::", "2001:db8::", "2001:db8:ffff::", "2002::", "2002:b16:212c::1"),
    *("3fff::", "3fff:fff:ffff::", "4000::", "fbff::", "fe00::", "fe80::1", "fec0::1", "ff02::1"),
)


def scopes(suite: Suite) -> None:
    for ip in GLOBAL:
        suite.accept(f"global: {ip}", "PEER-3", "peer", {"hex": record(at=[f"tcp {ip} 4774"]).hex()}, scope="global")

    def bad(name, *addrs):
        suite.reject(name, "PEER-3", "peer", {"hex": record(at=addrs).hex()})

    for ip in NOWHERE:
        bad(f"in no record: {ip}", f"tcp {ip} 4774")
    for port in (0, 1, 22, 25, 79, 81, 442, 444, 1023):
        bad(f"port {port}", f"tcp 11.22.33.44 {port}")
    for port in (80, 443, 1024, 65535):
        suite.accept(f"port {port}", "PEER-3", "peer", {"hex": record(at=[f"tcp 11.22.33.44 {port}"]).hex()})
    bad("global and LAN", "tcp 10.0.0.1 4774", *HERE)
    bad("global and loopback", "tcp ::1 4774", *HERE)
    bad("LAN and loopback", "tcp 10.0.0.1 4774", "tcp 127.0.0.1 4774")
    bad("the last one of another scope", *HERE, "quic fd00::1 4774")
    bad("a good one, and a port that is not dialled", *HERE, "tcp 11.22.33.44 25")


def broken():
    yield "no address", "PEER-2", {"addrs": []}
    yield "nine addresses", "PEER-2", {"addrs": [[0, bytes([11, 22, 33, n]), 4774] for n in range(9)]}
    good = [peers.address(one) for one in ("tcp 11.22.33.44 4774", "tcp 11.22.33.45 4774")]
    yield "descending", "PEER-2", {"addrs": good[::-1]}
    yield "an address twice", "PEER-2", {"addrs": good[:1] * 2}
    six = peers.address("tcp 2000::1 4774")
    yield "IPv6 before IPv4", "PEER-2", {"addrs": [six, good[0]]}
    quic = peers.address("quic 1.2.3.4 4774")
    yield "QUIC before TCP", "PEER-2", {"addrs": [quic, good[0]]}
    ports = [peers.address(f"tcp 11.22.33.44 {port}") for port in (4775, 4774)]
    yield "ports descending", "PEER-2", {"addrs": ports}
    yield "another kind of address", "PEER-2", {"addrs": [[2, good[0][1], 4774]]}
    for size in (0, 3, 5, 15, 17):
        yield f"an IP address of {size} bytes", "PEER-2", {"addrs": [[0, bytes(size), 4774]]}
    yield "port 65536", "PEER-2", {"addrs": [[0, good[0][1], 65536]]}
    yield "the IP address as text", "ENC-6", {"addrs": [[0, "11.22.33.44", 4774]]}
    yield "an address without a port", "ENC-6", {"addrs": [good[0][:2]]}
    yield "an address of four fields", "ENC-6", {"addrs": [[*good[0], 0]]}
    yield "addrs is no list", "ENC-6", {"addrs": good[0][1]}
    for field in ("key", "seq", "addrs", "format"):
        yield f"{field} is missing", "ENC-6", {field: DROP}
    yield "unknown field", "ENC-6", {"agent": "yadgar"}
    yield "seq is text", "ENC-6", {"seq": "1"}
    yield "format 0", "PEER-1", {"format": 0}
    yield "format 2", "ENC-9", {"format": 2}
    yield "format 2, and an unknown field", "ENC-9", {"format": 2, "agent": "yadgar"}
    yield "a key of 31 bytes", "ENC-6", {"key": bytes(31)}
    yield "a weak key", "ID-4", {"key": bytes([1]) + bytes(31)}
    yield "the key of another", "PEER-4", {"key": ed25519.public_of(seed(1))}


def signatures(suite: Suite) -> None:
    def bad(name, data, error):
        suite.reject(name, error, "peer", {"hex": data.hex()})

    for name, error, changes in broken():
        bad(name, record(**changes), error)
    whole = record()
    payload = dagcbor.encode(peers.value(SEED, 1, HERE))
    signature = dagcbor.decode(whole, MAX_PEER_RECORD_BYTES)[1]
    pair = lambda *parts: dagcbor.encode(parts)
    bad("one bit of the signature", pair(payload, signature[:-1] + bytes([signature[-1] ^ 1])), "PEER-4")
    for name, text in {"without the context": b"", "another context": b"yadgar peer v2\0", "no zero byte": b"yadgar peer v1"}.items():
        bad(f"signed {name}", pair(payload, ed25519.sign(SEED, text + payload)), "PEER-4")
    bad("the signature of another number", pair(dagcbor.encode(peers.value(SEED, 2, HERE)), signature), "PEER-4")
    bad("a signature of 63 bytes", pair(payload, signature[:-1]), "ENC-6")
    bad("a signature of 65 bytes", pair(payload, signature + b"\0"), "ENC-6")
    bad("payload and signature swapped", pair(signature, payload), "ENC-6")
    bad("no signature", pair(payload), "ENC-6")
    bad("two signatures", pair(payload, signature, signature), "ENC-6")
    bad("only the payload", payload, "ENC-6")
    bad("nothing", b"", "ENC-8")
    bad("a byte more", whole + b"\0", "ENC-5")
    bad("a byte less", whole[:-1], "ENC-8")
    bad("too long", whole + bytes(MAX_PEER_RECORD_BYTES), "ENC-1")
    sign = lambda text: peers.sign(SEED, text)
    bad("a byte after the payload", sign(payload + b"\0"), "ENC-5")
    bad("keys out of order", sign(loose.encode(loose.swapped(peers.value(SEED, 1, HERE), 0))), "ENC-4")
    bad("a number in a long form", sign(loose.encode(peers.value(SEED, 1, HERE) | {"seq": loose.wide(0, 1, 1)})), "ENC-3")


def lists(suite: Suite) -> None:
    def one(n: int, scope=HERE) -> bytes:
        return peers.make(seed(n), 1, scope)

    def listed(records, **changes) -> dict:
        whole = fixtures.changed({"peers": list(records), "format": 1}, changes)
        return {"hex": loose.encode(whole).hex()}

    local = ("tcp 192.168.1.7 4774",)
    long = [f"quic 2a0b:1::{n:x} 65535" for n in range(1, 9)]
    good = {
        "nothing": [],
        "one": [one(1)],
        "sixteen": [one(n) for n in range(16)],
        "sixteen long ones": [peers.make(seed(n), 2**64 - 1, long) for n in range(16)],
        "one node, global and LAN": [one(1), one(1, local)],
        "in any order": [one(n) for n in (3, 1, 2)],
    }
    for name, records in good.items():
        suite.accept(f"list: {name}", "PEER-5", "peer-list", listed(records))

    def bad(name, error, given):
        suite.reject(f"list: {name}", error, "peer-list", given)

    bad("seventeen", "PEER-5", listed(one(n) for n in range(17)))
    bad("a record twice", "PEER-5", listed([one(1), one(2), one(1)]))
    bad("two numbers of one node and scope", "PEER-5", listed([one(1), peers.make(seed(1), 2, HERE)]))
    bad("the last record is forged", "PEER-4", listed([one(1), record(key=ed25519.public_of(seed(2)))]))
    bad("a record with a link-local address", "PEER-3", listed([one(1), record(at=["tcp fe80::1 4774"])]))
    bad("a record of a newer format", "ENC-9", listed([record(format=2)]))
    bad("a record as an array", "ENC-6", listed([dagcbor.decode(one(1), MAX_PEER_RECORD_BYTES)]))
    bad("an empty record", "ENC-8", listed([b""]))
    bad("a record that is too long", "ENC-1", listed([one(1) + bytes(MAX_PEER_RECORD_BYTES)]))
    bad("peers is missing", "ENC-6", listed([], peers=DROP))
    bad("unknown field", "ENC-6", listed([], more=1))
    bad("format 0", "PEER-1", listed([], format=0))
    bad("format 2", "ENC-9", listed([], format=2))
    bad("too long", "ENC-1", {"hex": bytes(MAX_PEER_LIST_BYTES + 1).hex()})
    bad("a bare record", "ENC-6", {"hex": one(1).hex()})


def suites() -> dict:
    records, several = Suite("peers", "PEER-1 to PEER-4"), Suite("peers", "PEER-5")
    making(records)
    scopes(records)
    signatures(records)
    lists(several)
    return {"records": records, "lists": several}
