"""Addresses: web addresses (spec/invite.md, INV-6), multiaddrs as far as they are looked at (MIR-3)."""

import ipaddress
import re

from .fault import Fault, require
from .limits import MAX_PLACE_BYTES

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})+")
LOCAL = {"localhost", "local", "internal", "lan", "home", "arpa", "test"}
V4_PRIVATE = [ipaddress.ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
V4_NOT_GLOBAL = V4_PRIVATE + [
    ipaddress.ip_network(n)
    for n in (
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24",
        "100.64.0.0/10", "198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
    )
]  # fmt: skip
V6_NOT_GLOBAL = [
    ipaddress.ip_network(n)
    for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


def port(text: str):
    """The number of a port in its one form, or None."""
    good = re.fullmatch(r"[1-9][0-9]{0,4}", text) and int(text) < 65536
    return int(text) if good else None


def is_name(text: str) -> bool:
    labels = text.split(".")
    good = len(text) <= 253 and all(LABEL.fullmatch(label) for label in labels)
    return bool(good) and not labels[-1][0].isdigit()


def ipv6(text: str):
    try:
        ip = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return ip if str(ip) == text and ip.ipv4_mapped is None and "%" not in text else None


def ipv4(text: str):
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


def host_of(text: str):
    """An address, a name, or None."""
    if text.startswith("["):
        return ipv6(text[1:-1]) if text.endswith("]") else None
    return ipv4(text) or (text if is_name(text) else None)


def is_onion(host) -> bool:
    return isinstance(host, str) and host.endswith(".onion")


def is_near(host) -> bool:
    if isinstance(host, str):
        return host == "localhost" or is_onion(host)
    if host.version == 4:
        return host.is_loopback or host.is_link_local or any(host in n for n in V4_PRIVATE)
    return host.is_loopback or host in ipaddress.ip_network("fc00::/7") or host.is_link_local


def is_global(host) -> bool:
    if isinstance(host, str):
        return "." in host and not is_onion(host) and host.rsplit(".", 1)[-1] not in LOCAL
    if host.version == 4:
        return not any(host in n for n in V4_NOT_GLOBAL)
    return host in ipaddress.ip_network("2000::/3") and not any(host in n for n in V6_NOT_GLOBAL)


def check_url(text: str):
    """The host of a web address; INV-6."""
    need = lambda good, why: require(good, "INV-6", why)  # noqa: E731
    need(text.isascii() and len(text) <= MAX_PLACE_BYTES, "too long, or not ASCII")
    match = re.fullmatch(r"(https?)://([^/]*)(/.*)", text)
    need(match, "not https://host/path/")
    scheme, at, path = match.groups()
    need(path.endswith("/"), "not a folder")
    for segment in path[1:-1].split("/") if len(path) > 1 else []:
        need(SEGMENT.fullmatch(segment), "a segment that may not be")
        need(segment.upper().replace("%2E", ".") not in (".", ".."), "leads elsewhere")
    bare, colon, number = at, "", ""
    if ":" in at[at.rfind("]") + 1 :]:
        bare, colon, number = at.rpartition(":")
    need(not colon or port(number), "not a port")
    host = host_of(bare)
    need(host is not None, "not a host")
    need(scheme == "https" or is_near(host), "http to the open network")
    return host


def begins(text: str):
    """(kind, host, "tcp" or "quic", port, rest) of a multiaddr, or None."""
    match = re.fullmatch(r"/(ip4|ip6|dns|dns4|dns6)/([^/]+)/(?:(tcp)/([^/]+)|udp/([^/]+)/quic-v1)(/.*)?", text)
    if not match:
        return None
    kind, name, tcp, one, two, rest = match.groups()
    if kind == "ip4":
        host = ipv4(name)
    elif kind == "ip6":
        try:
            host = ipaddress.IPv6Address(name)
        except ValueError:
            return None
        host = None if host.ipv4_mapped else host
    else:
        host = name if is_name(name) else None
    number = port(one or two)
    if host is None or number is None:
        return None
    return kind, host, "tcp" if tcp else "quic", number, rest or ""


def check_listed(text: str) -> None:
    """An address of a list of mirrors; MIR-3, MIR-4."""
    if text.startswith("/"):
        found = begins(text)
        require(found, "MIR-3", "not an address of TCP or QUIC")
        good = is_global(found[1]) and (found[3] >= 1024 or found[3] in (80, 443))
        require(good, "MIR-3", "not the same everywhere, or another service")
        return
    try:
        host = check_url(text)
    except Fault as fault:
        raise Fault("MIR-4", "not a web address") from fault
    good = (text.startswith("https:") and is_global(host)) or is_onion(host)
    require(good, "MIR-4", "of one network only")
