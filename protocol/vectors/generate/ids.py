"""Identifiers of spec/encoding.md: hashes, block ids, archive ids, key ids."""

import base64

from blake3 import blake3

from .fault import Fault, require

RAW, DAG_CBOR = 0x55, 0x71
CODECS = (RAW, DAG_CBOR)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def hash256(data: bytes) -> bytes:
    return blake3(data).digest()


def derive(context: str, data: bytes, length: int = 32) -> bytes:
    return blake3(data, derive_key_context=context).digest(length=length)


def xof(seed: str, length: int) -> bytes:
    """Test data: the first `length` bytes of the extended BLAKE3 output of a text."""
    return blake3(seed.encode()).digest(length=length)


def base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower().rstrip("=")


def unbase32(text: str, size: int, clause: str) -> bytes:
    require(len(text) == (size * 8 + 4) // 5, clause, "wrong number of characters")
    require(all(c in ALPHABET for c in text), clause, "a character that base32 does not have")
    number = 0
    for char in text:
        number = number << 5 | ALPHABET.index(char)
    spare = len(text) * 5 - size * 8
    require(number & ((1 << spare) - 1) == 0, clause, "unused low bits are not zero")
    return (number >> spare).to_bytes(size, "big")


def block_id(codec: int, data: bytes) -> bytes:
    return id_of_digest(codec, hash256(data))


def id_of_digest(codec: int, digest: bytes) -> bytes:
    return bytes([1, codec, 0x1E, 0x20]) + digest


def check_block_id(raw: bytes) -> bytes:
    require(len(raw) == 36, "ID-1", "a binary block id has 36 bytes")
    good = raw[0] == 1 and raw[1] in CODECS and raw[2:4] == b"\x1e\x20"
    require(good, "ID-1", "version, codec or hash that does not occur")
    return raw


def block_id_text(raw: bytes) -> str:
    return "b" + base32(raw)


def parse_block_id_text(text: str) -> bytes:
    require(text[:1] == "b", "ID-1", "not multibase base32 lower case")
    return check_block_id(unbase32(text[1:], 36, "ID-1"))


def archive_text(archive: bytes) -> str:
    return base32(archive)


def parse_archive_text(text: str) -> bytes:
    return unbase32(text, 32, "ID-3")


def key_id(public: bytes) -> str:
    return base32(derive("yadgar 2026 key id", public)[:10])


def dht_key(archive: bytes) -> bytes:
    """The key of an archive in the DHT (DHT-2)."""
    return b"\x1e\x20" + derive("yadgar 2026 dht key", archive)


def check_dht_key(raw: bytes) -> bytes:
    good = len(raw) == 34 and raw[:2] == b"\x1e\x20"
    require(good, "DHT-2", "not a multihash of BLAKE3 with 32 bytes")
    return raw


def gossip_topic(archive: bytes) -> str:
    return "yadgar/1/" + base32(derive("yadgar 2026 gossip topic", archive)[:16])


def as_hash(value, clause: str) -> bytes:
    if type(value) is not bytes or len(value) != 32:
        raise Fault(clause, "a hash is 32 bytes")
    return value
