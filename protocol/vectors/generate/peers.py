"""Addresses of nodes, signed by themselves (spec/peers.md)."""

import ipaddress
from itertools import pairwise

from . import dagcbor, ed25519
from .fault import require
from .fields import check_fields, check_format, uint
from .limits import MAX_PEER_ADDRESSES, MAX_PEER_LIST, MAX_PEER_LIST_BYTES, MAX_PEER_RECORD_BYTES

CONTEXT = b"yadgar peer v1\0"
KINDS = ("tcp", "quic")

LAN = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
LOOPBACK = ("127.0.0.0/8", "::1/128")
# Of IPv4 everything is global but this, of IPv6 nothing but 2000::/3 without this.
NOWHERE = (
    *("0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3"),
    *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
    *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
)


def within(ip, networks) -> bool:
    return any(ip in ipaddress.ip_network(network) for network in networks)


def scope_of(ip):
    if within(ip, LAN):
        return "lan"
    if within(ip, LOOPBACK):
        return "loopback"
    public = ip.version == 4 or within(ip, ("2000::/3",))
    return "global" if public and not within(ip, NOWHERE) else None


def address(text: str):
    """`tcp 10.0.0.1 4774` as it stands in a record."""
    kind, ip, port = text.split()
    return [KINDS.index(kind), ipaddress.ip_address(ip).packed, int(port)]


def check_address(value):
    good = isinstance(value, list) and list(map(type, value)) == [int, bytes, int]
    require(good, "ENC-6", "types of an address")
    kind, raw, port = value
    require(kind < len(KINDS) and len(raw) in (4, 16) and port < 65536, "PEER-2", "no address")
    scope = scope_of(ipaddress.ip_address(raw))
    require(scope and (port in (80, 443) or port >= 1024), "PEER-3", "an address that nobody dials")
    return scope


def check_payload(value) -> str:
    """The scope."""
    check_format(value, "PEER-1")
    check_fields(value, ("key", "seq", "addrs", "format"))
    uint(value, "seq")
    require(type(value["key"]) is bytes and len(value["key"]) == 32, "ENC-6", "a key is 32 bytes")
    require(ed25519.usable(value["key"]), "ID-4", "weak key")
    addrs = value["addrs"]
    require(isinstance(addrs, list), "ENC-6", "addrs is not a list")
    require(1 <= len(addrs) <= MAX_PEER_ADDRESSES, "PEER-2", "1 to 8 addresses")
    scopes = [check_address(one) for one in addrs]
    order = [(kind, len(ip), ip, port) for kind, ip, port in addrs]
    require(all(a < b for a, b in pairwise(order)), "PEER-2", "addresses ascending, each once")
    require(len(set(scopes)) == 1, "PEER-3", "addresses of several scopes")
    return scopes[0]


def to_be_signed(payload: bytes) -> bytes:
    return CONTEXT + payload


def sign(seed: bytes, payload: bytes) -> bytes:
    return dagcbor.encode([payload, ed25519.sign(seed, to_be_signed(payload))])


def value(seed: bytes, seq: int, addrs) -> dict:
    at = sorted(map(address, addrs), key=lambda one: (one[0], len(one[1]), one[1], one[2]))
    return {"key": ed25519.public_of(seed), "seq": seq, "addrs": at, "format": 1}


def make(seed: bytes, seq: int, addrs) -> bytes:
    return sign(seed, dagcbor.encode(value(seed, seq, addrs)))


def parse(data: bytes) -> dict:
    pair = dagcbor.decode(data, MAX_PEER_RECORD_BYTES)
    good = isinstance(pair, list) and list(map(type, pair)) == [bytes, bytes]
    require(good and len(pair[1]) == 64, "ENC-6", "a payload and a signature of 64 bytes")
    payload, signature = pair
    inner = dagcbor.decode(payload, MAX_PEER_RECORD_BYTES)
    scope = check_payload(inner)
    good = ed25519.verify(inner["key"], to_be_signed(payload), signature)
    require(good, "PEER-4", "signature is not valid")
    return inner | {"scope": scope}


def describe(peer: dict) -> dict:
    text = [f"{KINDS[kind]} {ipaddress.ip_address(ip)} {port}" for kind, ip, port in peer["addrs"]]
    return {"key": peer["key"].hex(), "seq": peer["seq"], "scope": peer["scope"], "addrs": text}


def parse_list(data: bytes):
    whole = dagcbor.decode(data, MAX_PEER_LIST_BYTES)
    check_format(whole, "PEER-1")
    check_fields(whole, ("peers", "format"))
    peers = whole["peers"]
    good = isinstance(peers, list) and all(type(one) is bytes for one in peers)
    require(good, "ENC-6", "peers is not a list of records")
    require(len(peers) <= MAX_PEER_LIST, "PEER-5", "at most 16 records")
    read = [parse(one) for one in peers]
    names = {(peer["key"], peer["scope"]) for peer in read}
    require(len(names) == len(read), "PEER-5", "two records of one key and scope")
    return read
