"""Beacons (spec/beacon.md)."""

import ipaddress

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .fault import require
from .ids import derive

SALT, SLOTS, TAG, BODY, AUTH = 24, 8, 8, 13, 16
SLOT = TAG + BODY + AUTH
LENGTH = SALT + SLOTS * SLOT
KINDS = {1: "announce", 2: "ask"}
NONCE = b"\0" * 12


def bound(address: str) -> bytes:
    """The address as 16 bytes, IPv4 as the mapped one, without a zone."""
    ip = ipaddress.ip_address(address.split("%")[0])
    return b"\0" * 10 + b"\xff\xff" + ip.packed if ip.version == 4 else ip.packed


def slot_keys(archive: bytes, salt: bytes):
    key = derive("yadgar 2026 beacon", archive)
    out = blake3(salt, key=key).digest(length=TAG + 32)
    return out[:TAG], out[TAG:]


def body(kind: int, node: int, page: int, echo: bytes = b"\0" * 8) -> bytes:
    return bytes([kind]) + node.to_bytes(2, "big") + page.to_bytes(2, "big") + echo


def slot(archive: bytes, salt: bytes, text: bytes, source: str) -> bytes:
    tag, key = slot_keys(archive, salt)
    return tag + ChaCha20Poly1305(key).encrypt(NONCE, text, bound(source))


def make(random: bytes, archives, text: bytes, source: str) -> bytes:
    """archives: 8 ids or None; random: 320 bytes, of which unused slots keep theirs."""
    salt = random[:SALT]
    out = [random[SALT + n * SLOT :][:SLOT] for n in range(SLOTS)]
    for n, archive in enumerate(archives):
        if archive is not None:
            out[n] = slot(archive, salt, text, source)
    return salt + b"".join(out)


def port_allowed(port: int) -> bool:
    return port == 0 or port in (80, 443) or port >= 1024


def read_body(text: bytes) -> dict:
    kind, echo = text[0], text[5:]
    node, page = int.from_bytes(text[1:3], "big"), int.from_bytes(text[3:5], "big")
    require(kind in KINDS, "BEA-3", "unknown kind")
    require(port_allowed(node) and port_allowed(page), "BEA-3", "port of a common service")
    if kind == 1:
        require(node or page, "BEA-3", "announce without a port")
    else:
        require(not any(echo), "BEA-3", "ask with an echo")
    return {"says": KINDS[kind], "node": node, "page": page, "echo": echo.hex()}


def read(data: bytes, archive: bytes, source: str):
    """What it says about the archive, or None when it does not know of it."""
    require(len(data) == LENGTH, "BEA-1", "a beacon has 320 bytes")
    tag, key = slot_keys(archive, data[:SALT])
    for n in range(SLOTS):
        part = data[SALT + n * SLOT :][:SLOT]
        if part[:TAG] == tag:
            try:
                text = ChaCha20Poly1305(key).decrypt(NONCE, part[TAG:], bound(source))
            except InvalidTag:
                require(False, "BEA-5", "does not open")
            return read_body(text)
    return None
