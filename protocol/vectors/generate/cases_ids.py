"""Cases for the identifiers of spec/encoding.md."""

from . import dagcbor, ed25519, fixtures
from .dagcbor import Link
from .ids import ALPHABET, DAG_CBOR, RAW, archive_text, block_id, block_id_text, dht_key, hash256
from .suite import Suite

GOOD = block_id(RAW, b"hello")


def with_digest(start: str) -> str:
    return start + GOOD[4:].hex()


BAD_IDS = [
    ("nothing", ""),
    ("one byte short", GOOD[:-1].hex()),
    ("one byte too long", GOOD.hex() + "00"),
    ("the digest only", GOOD[4:].hex()),
    ("CIDv0", with_digest("1220")),
    ("CID version 0", with_digest("00551e20")),
    ("CID version 2", with_digest("02551e20")),
    ("CID version 1 in two bytes", with_digest("8100551e20")),
    ("codec dag-pb", with_digest("01701e20")),
    ("codec cbor", with_digest("01511e20")),
    ("codec dag-json (in two bytes)", with_digest("01a9021e20")),
    ("codec raw in two bytes", with_digest("01d5001e20")),
    ("hash sha2-256", with_digest("01551220")),
    ("hash identity", with_digest("01550020")),
    ("hash length 31", "01551e1f" + GOOD[4:35].hex()),
    ("hash length 31 with 32 bytes", with_digest("01551e1f")),
    ("hash length 64", "01551e40" + GOOD[4:].hex() * 2),
    ("hash length 0", "01551e00"),
    ("a zero byte in front", "00" + GOOD.hex()),
]
TEXT = block_id_text(GOOD)
BAD_TEXTS = [
    ("nothing", ""),
    ("the prefix only", "b"),
    ("upper case", TEXT.upper()),
    ("prefix B of upper case", "B" + TEXT[1:].upper()),
    ("one letter in upper case", TEXT[:1] + TEXT[1].upper() + TEXT[2:]),
    ("without prefix", TEXT[1:]),
    ("base58 prefix", "z" + TEXT[1:]),
    ("base16 form", "f" + GOOD.hex()),
    ("one character short", TEXT[:-1]),
    ("one character too long", TEXT + "a"),
    ("padded", TEXT + "======"),
    ("a space in front", " " + TEXT),
    ("a newline after it", TEXT + "\n"),
    ("the digit 1", TEXT[:10] + "1" + TEXT[11:]),
    ("the digit 0", TEXT[:10] + "0" + TEXT[11:]),
    ("a full-width letter", TEXT[:10] + "\uff41" + TEXT[11:]),
    ("sha2-256", block_id_text(b"\x01\x55\x12\x20" + GOOD[4:])),
    ("ipfs path", "/ipfs/" + TEXT),
]


def spare(text: str, bits: int) -> str:
    """The text with one of its unused low bits set."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | bits]


def block_ids(suite: Suite) -> None:
    for codec, name in ((RAW, "raw"), (DAG_CBOR, "dag-cbor")):
        suite.accept(f"block id, {name}", "ID-1", "block-id", {"hex": block_id(codec, b"a").hex()})
        given = {"codec": name, "hex": "80"}
        suite.accept(f"id of a block, {name}", "ID-1", "block", given)
        text = block_id_text(block_id(codec, b"a"))
        suite.accept(f"block id as text, {name}", "ID-1", "block-id-text", {"text": text})
    suite.accept("id of the empty block", "ID-1", "block", {"codec": "raw", "hex": ""})
    given = {"codec": "raw", "data": [{"repeat": "ff", "times": 262144}]}
    suite.accept("id of the largest block", "ID-1", "block", given)
    for name, text in BAD_IDS:
        suite.reject(f"block id: {name}", "ID-1", "block-id", {"hex": text})
    for name, text in BAD_TEXTS:
        suite.reject(f"block id as text: {name}", "ID-1", "block-id-text", {"text": text})
    for bits in (1, 2):
        given = {"text": spare(TEXT, bits)}
        suite.reject(f"block id as text: unused bit {bits} set", "ID-1", "block-id-text", given)


def links(suite: Suite) -> None:
    good = dagcbor.encode(Link(GOOD))
    suite.accept("link of 41 bytes", "ID-2", "link", {"hex": good.hex()})
    suite.reject("link: without tag", "ID-2", "link", {"hex": good[2:].hex()})
    suite.reject("link: text form", "ID-2", "link", {"hex": dagcbor.encode(TEXT).hex()})
    suite.reject("link: no zero byte", "ID-2", "link", {"hex": "d82a5824" + GOOD.hex()})
    suite.reject("link: two zero bytes", "ID-2", "link", {"hex": "d82a58260000" + GOOD.hex()})
    suite.reject("link: tag 43", "ENC-2", "link", {"hex": "d82b582500" + GOOD.hex()})
    suite.reject("link: length not shortest", "ENC-3", "link", {"hex": "d82a59002500" + GOOD.hex()})
    suite.reject("link: a byte after it", "ENC-5", "link", {"hex": good.hex() + "00"})
    for name, start in (("sha2-256", "01551220"), ("dag-pb", "01701e20"), ("CIDv2", "02551e20")):
        given = {"hex": "d82a582500" + with_digest(start)}
        suite.reject(f"link: {name}", "ID-1", "link", given)


def archive_ids(suite: Suite) -> None:
    text = archive_text(hash256(b"an archive"))
    suite.accept("archive id", "ID-3", "archive-id", {"text": text})
    suite.accept("archive id of zeros", "ID-3", "archive-id", {"text": "a" * 52})
    root = fixtures.Archive().roots[0]
    suite.accept("archive id of a trust root", "ID-3", "archive-of-root", {"hex": root.hex()})
    rows = [
        ("nothing", ""),
        ("51 characters", text[:-1]),
        ("53 characters", text + "a"),
        ("upper case", text.upper()),
        ("padded", text + "===="),
        ("multibase prefix", "b" + text),
        ("hexadecimal", hash256(b"an archive").hex()),
        ("the digit 8", "8" + text[1:]),
        ("a hyphen in it", text[:20] + "-" + text[21:]),
        ("a space in it", text[:20] + " " + text[20:]),
        ("Arabic-Indic digit", text[:20] + "\u0662" + text[21:]),
    ]
    for name, wrong in rows:
        suite.reject(f"archive id: {name}", "ID-3", "archive-id", {"text": wrong})
    for bits in (1, 2, 4, 8):
        given = {"text": spare("a" * 52, bits)}
        suite.reject(f"archive id: unused bit {bits} set", "ID-3", "archive-id", given)


def weak_keys():
    """(name, key) of every encoding of a point of small order that a reader may meet."""
    point = ed25519.torsion_point()
    for n in range(8):
        key = ed25519.compress(ed25519.times(n, point))
        yield f"small order, {n} times the point of order 8", key
    p = ed25519.P
    odd = 1 << 255
    for name, number in (
        ("identity, not canonical", p + 1),
        ("order 4, not canonical", p),
        ("order 4, not canonical, sign set", p + odd),
        ("identity with sign set", 1 + odd),
        ("identity, not canonical, sign set", p + 1 + odd),
        ("order 2 with sign set", p - 1 + odd),
    ):
        yield name, number.to_bytes(32, "little")


def keys(suite: Suite) -> None:
    for n in (1, 2):
        suite.accept(f"public key {n}", "ID-5", "public-key", {"hex": fixtures.public(n).hex()})
    given = {"hex": ed25519.mixed_key(12345).hex()}
    suite.accept("public key with a part of small order is not weak", "ID-4", "public-key", given)
    for name, key in weak_keys():
        suite.reject(f"public key: {name}", "ID-4", "public-key", {"hex": key.hex()})
    off = next(y for y in range(2, 99) if not ed25519.decompress(y.to_bytes(32, "little")))
    rows = [("not on the curve", off.to_bytes(32, "little")), ("31 bytes", fixtures.public(1)[1:])]
    rows += [("33 bytes", fixtures.public(1) + b"\0"), ("nothing", b""), ("all ff", b"\xff" * 32)]
    for name, key in rows:
        suite.reject(f"public key: {name}", "ID-4", "public-key", {"hex": key.hex()})
    for n, archive in enumerate((bytes(32), hash256(b"an archive")), 1):
        given = {"archive": archive.hex()}
        suite.accept(f"gossip topic {n}", "SYNC-9", "gossip-topic", given)
        suite.accept(f"key in the DHT {n}", "DHT-2", "dht-key", given)
    good = dht_key(bytes(32)).hex()
    suite.accept("key in the DHT: its one form", "DHT-2", "dht-key-bytes", {"hex": good})
    rows = [("nothing", ""), ("the digest only", good[4:]), ("one byte short", good[:-2])]
    rows += [("one byte too long", good + "00"), ("sha2-256", "1220" + good[4:])]
    for name, wrong in rows:
        suite.reject(f"key in the DHT: {name}", "DHT-2", "dht-key-bytes", {"hex": wrong})


def suites() -> dict:
    suite = Suite("ids", "ID-1 to ID-5, SYNC-9, DHT-2")
    block_ids(suite)
    links(suite)
    archive_ids(suite)
    keys(suite)
    return {"ids": suite}
