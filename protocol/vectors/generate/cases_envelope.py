"""Cases for spec/envelope.md."""

import hashlib

from . import dagcbor, ed25519, envelope, loose
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT, SIGN1_PREFIX, to_be_signed
from .fixtures import public, role, seed
from .ids import hash256
from .loose import Raw, indefinite, wide
from .suite import Suite

ARCHIVE = hash256(b"an archive")
PAYLOAD = b"\xa1\x61\x61\x00"
MIXED = 987654321


def signature(number=1, payload=PAYLOAD, context=RELEASE_CONTEXT, archive=ARCHIVE) -> bytes:
    return ed25519.sign(seed(number), to_be_signed(context, archive, payload))


def good(numbers=(1,), payload=PAYLOAD, context=RELEASE_CONTEXT, archive=ARCHIVE) -> dict:
    return envelope.make([seed(n) for n in numbers], context, archive, payload)


def case(value, roles=None, context=RELEASE_CONTEXT, archive=ARCHIVE) -> dict:
    return {
        "context": context,
        "archive": archive.hex(),
        "roles": [as_json(r) for r in roles or [role((1,), 1)]],
        "hex": loose.encode(value).hex(),
    }


def as_json(one: dict) -> dict:
    return {"keys": [k.hex() for k in one["keys"]], "threshold": one["threshold"]}


def with_sign1(data: bytes) -> dict:
    return {"payload": PAYLOAD, "signatures": [[public(1), data]]}


def with_signature(data: bytes, key=None) -> dict:
    return {"payload": PAYLOAD, "signatures": [[key or public(1), SIGN1_PREFIX + data]]}


def sign1_forms():
    """COSE_Sign1 structures that are not the one form, the signature in them being good."""
    sig = signature()
    end = b"\x58\x40" + sig

    def h(text, tail=end):
        return bytes.fromhex(text) + tail

    yield "tag missing", h("8443a10127a0f6")
    yield "tag missing, one byte of padding", h("8443a10127a0f6") + b"\0"
    yield "tag 98 (COSE_Sign)", h("d8628443a10127a0f6")
    yield "tag 17 (COSE_Mac0)", h("d18443a10127a0f6")
    yield "tag 18 in two bytes", h("d8128443a10127a0f6")
    yield "tag 18 twice", h("d2d28443a10127a0f6")
    yield "alg ES256", h("d28443a10126a0f6")
    yield "alg Ed25519 (-19)", h("d28443a10132a0f6")
    yield "alg 0", h("d28443a10100a0f6")
    yield "alg none there: empty map", h("d28441a0a0f6")
    yield "alg none there: empty string", h("d28440a0f6")
    yield "alg in the unprotected map only", h("d28440a10127f6")
    yield "alg in both maps", h("d28443a10127a10127f6")
    yield "other alg in the unprotected map", h("d28443a10127a10126f6")
    yield "alg as text", h("d28448a101654564445341a0f6")
    yield "alg not in shortest form", h("d28444a1013807a0f6")
    yield "label not in shortest form", h("d28444a1180127a0f6")
    yield "protected map indefinite", h("d28444bf0127ffa0f6")
    yield "protected header as map, not as bytes", h("d284a10127a0f6")
    yield "protected length not in shortest form", h("d2845803a10127a0f6")
    yield "alg twice in the protected map", h("d28445a201270127a0f6")
    yield "kid in the protected map", h("d28446a20127044101a0f6")
    yield "kid in the unprotected map", h("d28443a10127a1044101f6")
    yield "crit in the protected map", h("d28446a20127028101a0f6")
    yield "content type in the protected map", h("d28445a201270300a0f6")
    yield "unprotected map indefinite", h("d28443a10127bffff6")
    yield "unprotected map in two bytes", h("d28443a10127b800f6")
    yield "unprotected null", h("d28443a10127f6f6")
    yield "payload attached", h("d28443a10127a044a1616100")
    yield "payload an empty byte string", h("d28443a10127a040")
    yield "payload undefined", h("d28443a10127a0f7")
    yield "payload false", h("d28443a10127a0f4")
    yield "array indefinite", bytes.fromhex("d29f43a10127a0f6") + end + b"\xff"
    yield "array length in two bytes", h("d2980443a10127a0f6")
    yield "array of five", bytes.fromhex("d28543a10127a0f6") + end + b"\x80"
    yield "array of three", bytes.fromhex("d28343a10127a0f6")
    yield "signature of 63 bytes", SIGN1_PREFIX[:-1] + b"\x3f" + sig[:-1]
    yield "signature of 65 bytes", SIGN1_PREFIX[:-1] + b"\x41" + sig + b"\0"
    yield "signature length in three bytes", SIGN1_PREFIX[:-2] + b"\x59\x00\x40" + sig
    yield "signature empty", SIGN1_PREFIX[:-2] + b"\x40"
    yield "signature as text", SIGN1_PREFIX[:-2] + b"\x78\x40" + sig
    yield "signature in pieces", SIGN1_PREFIX[:-2] + b"\x5f\x58\x40" + sig + b"\xff"
    yield "a byte after it", SIGN1_PREFIX + sig + b"\0"
    yield "a byte in front", b"\0" + SIGN1_PREFIX + sig
    yield "cut by a byte", SIGN1_PREFIX + sig[:-1]
    yield "the bare signature", sig
    yield "COSE_Sign with one signer", bytes.fromhex("d8628440a0f6818343a10127a0") + end
    yield "nothing", b""


def bad_sign1(suite: Suite) -> None:
    for name, data in sign1_forms():
        suite.reject(f"sign1: {name}", "ENV-1", "envelope", case(with_sign1(data)))


def accepts(suite: Suite) -> None:
    def add(name, value, *roles, clause="ENV-6", **more):
        suite.accept(name, clause, "envelope", case(value, list(roles) or None, **more))

    add("one of one", good())
    add("two of three, first and last", good((1, 3)), role((1, 2, 3), 2))
    add("three of three", good((1, 2, 3)), role((1, 2, 3), 3))
    add("more than the threshold", good((1, 2, 3)), role((1, 2, 3), 1))
    add("sixteen of sixteen", good(range(1, 17)), role(range(1, 17), 16))
    full = [role(range(n, n + 16), 16) for n in (1, 17)]
    add("32 signatures", good(range(1, 33)), *full, clause="ENV-4")
    add("two roles", good((1, 2, 3, 4)), role((1, 2), 2), role((3, 4), 2))
    add("one key counts in both roles", good((1, 2, 3)), role((1, 2), 2), role((2, 3), 2))
    root = good(context=ROOT_CONTEXT)
    add("trust root context", root, context=ROOT_CONTEXT, clause="ENV-2")
    key = ed25519.mixed_key(MIXED)
    message = to_be_signed(RELEASE_CONTEXT, ARCHIVE, PAYLOAD)
    value = with_signature(ed25519.mixed_signature(MIXED, message, True), key)
    name = "key with a part of small order, right without cofactor"
    add(name, value, {"keys": [key], "threshold": 1}, clause="ENV-3")


def sizes(suite: Suite) -> None:
    for size in (1, 65536, 65537):
        payload = b"\0" * size
        data = dagcbor.encode(good(payload=payload))
        at = data.index(dagcbor.encode(payload)) + len(dagcbor.head(2, size))
        zeros = {"repeat": "00", "times": size}
        parts = [{"hex": data[:at].hex()}, zeros, {"hex": data[at + size :].hex()}]
        given = {k: v for k, v in case(0).items() if k != "hex"} | {"data": parts}
        add = suite.accept if size <= 65536 else suite.reject
        add(f"payload of {size} bytes", "ENV-7", "envelope", given)
    empty = good(payload=b"")
    suite.reject("payload of no bytes", "ENV-7", "envelope", case(empty))


def wrong_messages(suite: Suite) -> None:
    """Good signatures by the right key over something else than ENV-2 says."""
    prot, ext = envelope.PROTECTED, RELEASE_CONTEXT.encode() + b"\0" + ARCHIVE
    build = dagcbor.encode
    rows = [
        ("the payload itself", PAYLOAD),
        ("the hash of the payload", hash256(PAYLOAD)),
        ("an empty payload", build(["Signature1", prot, ext, b""])),
        ("the hash of the payload in its place", build(["Signature1", prot, ext, hash256(PAYLOAD)])),
        ("no external data", build(["Signature1", prot, b"", PAYLOAD])),
        ("the context only", build(["Signature1", prot, RELEASE_CONTEXT.encode(), PAYLOAD])),
        ("the archive id only", build(["Signature1", prot, ARCHIVE, PAYLOAD])),
        ("no zero byte", build(["Signature1", prot, ext.replace(b"\0", b"", 1), PAYLOAD])),
        ("archive id before context", build(["Signature1", prot, ARCHIVE + b"\0" + ext[:17], PAYLOAD])),
        ("context Signature", build(["Signature", prot, b"", ext, PAYLOAD])),
        ("context CounterSignature", build(["CounterSignature", prot, ext, PAYLOAD])),
        ("empty protected header", build(["Signature1", b"", ext, PAYLOAD])),
        ("protected header as map", loose.encode(["Signature1", Raw(prot), ext, PAYLOAD])),
        ("another protected header", build(["Signature1", b"\xa1\x01\x26", ext, PAYLOAD])),
        ("another context", to_be_signed(ROOT_CONTEXT, ARCHIVE, PAYLOAD)),
        ("release v2", to_be_signed("yadgar release v2", ARCHIVE, PAYLOAD)),
        ("context in capitals", to_be_signed("Yadgar release v1", ARCHIVE, PAYLOAD)),
        ("another archive", to_be_signed(RELEASE_CONTEXT, hash256(b"other"), PAYLOAD)),
        ("archive of zeros", to_be_signed(RELEASE_CONTEXT, bytes(32), PAYLOAD)),
        ("hash of this payload as archive", to_be_signed(RELEASE_CONTEXT, hash256(PAYLOAD), PAYLOAD)),
        ("another payload", to_be_signed(RELEASE_CONTEXT, ARCHIVE, PAYLOAD + b"\0")),
    ]
    for name, message in rows:
        value = with_signature(ed25519.sign(seed(1), message))
        suite.reject(f"signed over: {name}", "ENV-2", "envelope", case(value), "ENV-3")


def bad_curve(suite: Suite) -> None:
    def add(name, value, key=None, error="ENV-3"):
        roles = [{"keys": [key], "threshold": 1}] if key else None
        suite.reject(f"Ed25519: {name}", "ENV-3", "envelope", case(value, roles), error)

    sig, message = signature(), to_be_signed(RELEASE_CONTEXT, ARCHIVE, PAYLOAD)
    s = int.from_bytes(sig[32:], "little")
    add("S + L", with_signature(sig[:32] + (s + ed25519.L).to_bytes(32, "little")))
    add("S = L - S", with_signature(sig[:32] + (ed25519.L - s).to_bytes(32, "little")))
    add("S with its highest bit set", with_signature(sig[:63] + bytes([sig[63] | 0x80])))
    add("S = 0", with_signature(sig[:32] + bytes(32)))
    add("all zeros", with_signature(bytes(64)))
    add("R of other sign", with_signature(sig[:31] + bytes([sig[31] ^ 0x80]) + sig[32:]))
    add("one bit of R flipped", with_signature(bytes([sig[0] ^ 1]) + sig[1:]))
    add("one bit of S flipped", with_signature(sig[:32] + bytes([sig[32] ^ 1]) + sig[33:]))
    for name, r in (("R is the identity", 1), ("R is the identity, not canonical", ed25519.P + 1)):
        add(name, with_signature(small_r(message, r.to_bytes(32, "little"))))
    identity = (1).to_bytes(32, "little")
    add("A is the identity", with_signature(for_identity(), identity), identity, "ID-4")
    key = ed25519.mixed_key(MIXED)
    wrong = ed25519.mixed_signature(MIXED, message, False)
    add("right with cofactor only", with_signature(wrong, key), key)
    off = bytes([2]) + bytes(31)
    add("A is not on the curve", with_signature(sig, off), off, "ID-4")


def small_r(message: bytes, r: bytes) -> bytes:
    """A signature by key 1 whose R is of small order: S = k * a."""
    raw = bytearray(hashlib.sha512(seed(1)).digest()[:32])
    raw[0] &= 248
    raw[31] = raw[31] & 127 | 64
    k = ed25519.challenge(r, public(1), message)
    s = k * int.from_bytes(raw, "little") % ed25519.L
    return r + s.to_bytes(32, "little")


def for_identity() -> bytes:
    """What a loose verifier takes for a signature by the identity, over anything."""
    return ed25519.compress(ed25519.times(7, ed25519.BASE)) + (7).to_bytes(32, "little")


def bad_order(suite: Suite) -> None:
    def add(name, value, clause, error=None, roles=None):
        suite.reject(name, clause, "envelope", case(value, roles), error)

    both, two = good((1, 2)), [role((1, 2), 2)]
    first, second = both["signatures"]
    lists = [
        ("signatures unsorted", [second, first]),
        ("one signature twice", [first, first]),
        ("one signer twice to reach the threshold", [first, [first[0], second[1]]]),
        ("no signatures", []),
        ("key of 31 bytes", [[first[0][1:], first[1]]]),
        ("key of 33 bytes", [[first[0] + b"\0", first[1]]]),
        ("signature without key", [[first[1]]]),
        ("a third field beside key and signature", [[*first, b""]]),
        ("key and signature as map", [{"k": first[0]}]),
        ("key as text", [["a" * 32, first[1]]]),
    ]
    for name, pairs in lists:
        add(name, {"payload": PAYLOAD, "signatures": pairs}, "ENV-4", None, two)
    three = [role(range(n, n + 11), 11) for n in (1, 12, 23)]
    add("33 signatures", good(range(1, 34)), "ENV-4", None, three)
    swapped = [[first[0], second[1]], [second[0], first[1]]]
    value = {"payload": PAYLOAD, "signatures": swapped}
    add("signatures of two signers swapped", value, "ENV-5", "ENV-3", two)
    add("unknown signer alone", good((9,)), "ENV-5")
    add("unknown signer beside enough good ones", good((1, 9)), "ENV-5")
    add("one bad signature beside enough good ones", spoiled((1, 2, 3)), "ENV-5", "ENV-3", two3())
    add("one below the threshold", good((1,)), "ENV-6", None, two)
    add("two of three where three are needed", good((1, 2)), "ENV-6", None, [role((1, 2, 3), 3)])
    roles = [role((1, 2), 2), role((3, 4), 2)]
    add("first of two roles disagrees", good((1, 3, 4)), "ENV-6", None, roles)
    add("second of two roles disagrees", good((1, 2, 3)), "ENV-6", None, roles)


def two3():
    return [role((1, 2, 3), 2)]


def spoiled(numbers) -> dict:
    value = good(numbers)
    key, data = value["signatures"][-1]
    value["signatures"][-1] = [key, data[:-1] + bytes([data[-1] ^ 1])]
    return value


def bad_maps(suite: Suite) -> None:
    value = good()
    sig = value["signatures"]
    rows = [
        ("without payload", "ENC-6", {"signatures": sig}),
        ("without signatures", "ENC-6", {"payload": PAYLOAD}),
        ("with a third field", "ENC-6", {**value, "kid": b"x"}),
        ("payload as text", "ENC-6", {**value, "payload": "a"}),
        ("payload null", "ENC-2", {**value, "payload": Raw(b"\xf6")}),
        ("payload as map", "ENC-6", {**value, "payload": {"a": 0}}),
        ("signatures as map", "ENC-6", {**value, "signatures": {}}),
        ("fields in the wrong order", "ENC-4", loose.swapped(value, 0)),
        ("payload twice", "ENC-4", loose.doubled(value, "payload")),
        ("signatures indefinite", "ENC-3", {**value, "signatures": indefinite(4, *sig)}),
        ("payload in pieces", "ENC-3", {**value, "payload": indefinite(2, PAYLOAD)}),
        ("payload length in two bytes", "ENC-3", {**value, "payload": Raw(wide(2, 4, 1) + PAYLOAD)}),
        ("as array", "ENC-6", [PAYLOAD, sig]),
    ]
    for name, clause, form in rows:
        suite.reject(f"envelope {name}", clause, "envelope", case(form))
    flipped = {**value, "payload": b"\xa1\x61\x61\x01"}
    suite.reject("one bit of the payload flipped", "ENV-5", "envelope", case(flipped), "ENV-3")
    other = case(good(archive=hash256(b"other")))
    suite.reject("of another archive", "ENV-2", "envelope", other, "ENV-3")


def structures(suite: Suite) -> None:
    for context in (ROOT_CONTEXT, RELEASE_CONTEXT):
        given = {"context": context, "archive": ARCHIVE.hex(), "payload": PAYLOAD.hex()}
        suite.accept(f"Sig_structure, {context}", "ENV-2", "sig-structure", given)


def suites() -> dict:
    suite = Suite("envelope", "ENV-1 to ENV-7")
    structures(suite)
    accepts(suite)
    sizes(suite)
    bad_sign1(suite)
    wrong_messages(suite)
    bad_curve(suite)
    bad_order(suite)
    bad_maps(suite)
    return {"envelope": suite}

