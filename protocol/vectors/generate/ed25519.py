"""Strict Ed25519 (ENV-3, ID-4): curve arithmetic of our own for what libraries do not check,
and for the odd signatures that no library would make."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
BASE = None  # set below


def add(a, b):
    """Add two affine points."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + y1 * x2) * pow(1 + t, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P
    return x, y


def times(scalar: int, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def compress(point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(raw: bytes):
    """The point of 32 bytes, or None: not canonical or not on the curve."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * SQRT_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


BASE = decompress(bytes([0x58]) + b"\x66" * 31)


def is_small(point) -> bool:
    return times(8, point) == (0, 1)


def usable(raw: bytes) -> bool:
    """A canonical encoding of a point that is not of small order."""
    point = decompress(raw) if len(raw) == 32 else None
    return point is not None and not is_small(point)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """S < L, canonical R and A, neither of small order, cofactorless."""
    if len(signature) != 64 or not usable(public) or not usable(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_of(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L


def torsion_point():
    """A point of order 8."""
    for y in range(2, 100):
        point = decompress(y.to_bytes(32, "little"))
        if point is None:
            continue
        small = times(L, point)
        if times(4, small) != (0, 1):
            return small
    raise AssertionError


def mixed_key(scalar: int) -> bytes:
    """A public key with a part of order 8, of which `scalar` is the secret."""
    return compress(add(times(scalar, BASE), torsion_point()))


def mixed_signature(scalar: int, message: bytes, cofactorless: bool) -> bytes:
    """By mixed_key(scalar): right with the cofactor always, without it only if asked for."""
    public = mixed_key(scalar)
    for nonce in range(1, 1000):
        r = compress(times(nonce, BASE))
        k = challenge(r, public, message)
        if (k % 8 == 0) == cofactorless:
            return r + ((nonce + k * scalar) % L).to_bytes(32, "little")
    raise AssertionError
