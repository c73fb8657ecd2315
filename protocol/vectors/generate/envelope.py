"""Signed payloads (spec/envelope.md)."""

from itertools import pairwise

from . import dagcbor, ed25519
from .fault import require
from .ids import hash256
from .limits import MAX_PAYLOAD_BYTES, MAX_SIGNATURES

ROOT_CONTEXT = "yadgar trust-root v1"
RELEASE_CONTEXT = "yadgar release v1"
NOTICE_CONTEXT = "yadgar notice v1"
PROTECTED = bytes.fromhex("a10127")
SIGN1_PREFIX = bytes.fromhex("d28443a10127a0f65840")


def to_be_signed(context: str, archive: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4 (ENV-2)."""
    external = context.encode() + b"\0" + archive
    return dagcbor.encode(["Signature1", PROTECTED, external, payload])


def sign1(seed: bytes, context: str, archive: bytes, payload: bytes) -> bytes:
    return SIGN1_PREFIX + ed25519.sign(seed, to_be_signed(context, archive, payload))


def make(seeds, context: str, archive: bytes, payload: bytes) -> dict:
    """An envelope signed by these private keys."""
    pairs = [[ed25519.public_of(s), sign1(s, context, archive, payload)] for s in seeds]
    return {"payload": payload, "signatures": sorted(pairs)}


def check_shape(value) -> dict:
    """ENV-1, ENV-4, ENV-7 on a decoded envelope."""
    good = isinstance(value, dict) and set(value) == {"payload", "signatures"}
    require(good, "ENC-6", "fields of an envelope")
    payload, pairs = value["payload"], value["signatures"]
    require(type(payload) is bytes and isinstance(pairs, list), "ENC-6", "types in an envelope")
    require(1 <= len(payload) <= MAX_PAYLOAD_BYTES, "ENV-7", "payload is 1 to 65536 bytes")
    require(1 <= len(pairs) <= MAX_SIGNATURES, "ENV-4", "1 to 32 signatures")
    for pair in pairs:
        good = isinstance(pair, list) and len(pair) == 2 and all(type(x) is bytes for x in pair)
        require(good and len(pair[0]) == 32, "ENV-4", "a signature is a key and a COSE_Sign1")
        require(ed25519.usable(pair[0]), "ID-4", "weak key")
        good = len(pair[1]) == 74 and pair[1].startswith(SIGN1_PREFIX)
        require(good, "ENV-1", "not the one form of COSE_Sign1")
    keys = [pair[0] for pair in pairs]
    require(all(a < b for a, b in pairwise(keys)), "ENV-4", "keys ascending, each once")
    return value


def check(value: dict, context: str, archive: bytes, roles, clause: str = "ENV-6") -> None:
    """Every signature valid and by a key of `roles`, and each of the roles agrees."""
    signed_by = set()
    for key, signature in value["signatures"]:
        require(any(key in role["keys"] for role in roles), "ENV-5", "signed by an unknown key")
        message = to_be_signed(context, archive, value["payload"])
        good = ed25519.verify(key, message, signature[len(SIGN1_PREFIX) :])
        require(good, "ENV-3", "signature is not valid")
        signed_by.add(key)
    for role in roles:
        count = sum(key in signed_by for key in role["keys"])
        require(count >= role["threshold"], clause, "fewer signatures than the threshold")


def payload_hash(value: dict) -> bytes:
    return hash256(value["payload"])
