"""Cases for spec/encoding.md: everything malleable in CBOR, by itself and inside real structures."""

from . import dagcbor, fixtures, loose
from .dagcbor import Link
from .ids import RAW, block_id
from .loose import Raw, indefinite, wide
from .suite import Suite

LINK = Link(block_id(RAW, b"linked"))


def good_items(add) -> None:
    add("smallest number", "ENC-2", 0)
    add("largest one-byte number", "ENC-3", 23)
    add("smallest number of two bytes", "ENC-3", 24)
    add("largest number of two bytes", "ENC-3", 255)
    add("smallest number of three bytes", "ENC-3", 256)
    add("smallest number of five bytes", "ENC-3", 65536)
    add("smallest number of nine bytes", "ENC-3", 2**32)
    add("number 2^64-1", "ENC-2", 2**64 - 1)
    add("empty byte string", "ENC-2", b"")
    add("empty text", "ENC-2", "")
    add("text with ZWNJ", "ENC-2", "\u0645\u06cc\u200c\u0634\u0648\u062f")
    add("text with a character outside the basic plane", "ENC-2", "\U0001f33f")
    add("empty array", "ENC-2", [])
    add("empty map", "ENC-2", {})
    add("keys by length first, then bytewise", "ENC-4", {"b": 0, "aa": 1, "ab": 2, "aaa": 3})
    add("empty key before others", "ENC-4", {"": 0, "a": 1})
    add("link", "ENC-2", [LINK])
    add("array in a map in an array", "ENC-7", [{"a": [0]}])
    add("sixteen arrays, one in another", "ENC-7", nest(16, 0x81))


def nest(depth: int, opening: int) -> Raw:
    return Raw(bytes([opening]) * (depth - 1) + b"\x80")


NOT_SHORTEST = [
    ("0 in two bytes", "1800"),
    ("23 in two bytes", "1817"),
    ("24 in three bytes", "190018"),
    ("255 in three bytes", "1900ff"),
    ("255 in five bytes", "1a000000ff"),
    ("65535 in five bytes", "1a0000ffff"),
    ("0 in nine bytes", "1b0000000000000000"),
    ("2^32-1 in nine bytes", "1b00000000ffffffff"),
    ("byte string, length 1 in two bytes", "580161"),
    ("byte string, length 0 in nine bytes", "5b0000000000000000"),
    ("text, length 1 in two bytes", "780161"),
    ("text, length 1 in three bytes", "79000161"),
    ("array, length 0 in two bytes", "9800"),
    ("array, length 1 in three bytes", "99000100"),
    ("map, length 0 in two bytes", "b800"),
    ("map, length 1 in five bytes", "ba0000000161610000"[:-2]),
    ("map key, length in two bytes", "a178016100"),
    ("reserved additional information 28", "1c"),
    ("reserved additional information 29 on an array", "9d"),
    ("reserved additional information 30 on text", "7e"),
]
INDEFINITE = [
    ("array", "9fff"),
    ("array with an item", "9f00ff"),
    ("map", "bfff"),
    ("map with a field", "bf616100ff"),
    ("byte string", "5f4161ff"),
    ("empty byte string", "5fff"),
    ("text", "7f6161ff"),
    ("array inside an array", "819fff"),
    ("array without its end", "9f00"),
]
NOT_ALLOWED = [
    ("negative integer -1", "20"),
    ("negative integer -2^64", "3bffffffffffffffff"),
    ("negative integer inside an array", "8120"),
    ("false", "f4"),
    ("true", "f5"),
    ("null", "f6"),
    ("undefined", "f7"),
    ("null as value of a field", "a16161f6"),
    ("half float 0", "f90000"),
    ("single float 1", "fa3f800000"),
    ("double float 1", "fb3ff0000000000000"),
    ("half float NaN", "f97e00"),
    ("double float infinity", "fb7ff0000000000000"),
    ("simple value 0", "e0"),
    ("simple value 32", "f820"),
    ("break without a beginning", "ff"),
    ("tag 0 date", "c06a323032362d30312d3031"),
    ("tag 2 bignum", "c24101"),
    ("tag 2 bignum for a number that fits", "c2480000000000000001"),
    ("tag 18 COSE", "d2f6"),
    ("tag 24 embedded CBOR", "d8184100"),
    ("tag 55799 self-described CBOR", "d9d9f700"),
    ("tag 41", "d82900"),
    ("text that is not UTF-8", "61ff"),
    ("text with an overlong slash", "62c0af"),
    ("text with a surrogate", "63eda080"),
    ("text cut inside a character", "61d9"),
    ("text above U+10FFFF", "64f4908080"),
    ("number as map key", "a10000"),
    ("byte string as map key", "a1416100"),
    ("array as map key", "a18000"),
    ("map key that is not UTF-8", "a161ff00"),
]
KEYS = [
    ("the same key twice", "a2616100616101"),
    ("the same key twice with equal values", "a2616100616100"),
    ("the same key twice with one between", "a3616100616200616100"),
    ("b before a", "a2616200616100"),
    ("aa before b", "a262616100616200"),
    ("bytewise order without regard to length", "a3616100626161006162 00".replace(" ", "")),
    ("empty key after a", "a26161006000"),
    ("unsorted keys in an inner map", "81a2616200616100"),
]
ENDS = [
    ("nothing at all", ""),
    ("number without its byte", "18"),
    ("number of nine bytes, eight there", "1b00000000000000"),
    ("byte string one byte short", "4261"),
    ("text one byte short", "6261"),
    ("array one item short", "8200"),
    ("map without the value", "a16161"),
    ("map one field short", "a2616100"),
    ("byte string of 2^64-1 bytes", "5bffffffffffffffff"),
    ("byte string of 2^32 bytes", "5b0000000100000000"),
    ("text of 2^63 bytes", "7b8000000000000000"),
    ("array of 2^64-1 items", "9bffffffffffffffff"),
    ("array of 2^32-1 items", "9affffffff"),
    ("array of 2^31 items with one there", "9a8000000000"),
    ("map of 2^64-1 fields", "bbffffffffffffffff"),
    ("map of 2^32 fields", "bb0000000100000000"),
]
TRAILING = [
    ("a zero byte after a number", "0000"),
    ("a second structure", "8080"),
    ("a break after an array", "80ff"),
    ("a null after a map", "a0f6"),
    ("a newline", "800a"),
]
LINKS = [
    ("link without the zero byte", b"\xd8\x2a" + dagcbor.encode(bytes(LINK))),
    ("link to nothing", bytes.fromhex("d82a40")),
    ("link with the zero byte only", bytes.fromhex("d82a4100")),
    ("link around text", bytes.fromhex("d82a6100")),
    ("link around a link", b"\xd8\x2a" + dagcbor.encode(LINK)),
    ("link around a number", bytes.fromhex("d82a00")),
    ("link with multibase byte 01", b"\xd8\x2a" + dagcbor.encode(b"\x01" + LINK)),
    ("link one byte too long", b"\xd8\x2a" + dagcbor.encode(b"\0" + LINK + b"\0")),
]


def bad_items(suite: Suite) -> None:
    def group(prefix, clause, rows):
        for name, text in rows:
            suite.reject(f"{prefix}{name}", clause, "item", {"hex": text})

    group("not shortest: ", "ENC-3", NOT_SHORTEST)
    group("indefinite length: ", "ENC-3", INDEFINITE)
    group("not in the profile: ", "ENC-2", NOT_ALLOWED)
    group("keys: ", "ENC-4", KEYS)
    group("too short: ", "ENC-8", ENDS)
    group("trailing: ", "ENC-5", TRAILING)
    group("", "ID-2", [(name, data.hex()) for name, data in LINKS])
    wide_tag = b"\xd9\x00\x2a" + dagcbor.encode(b"\0" + LINK)
    suite.reject("tag 42 in three bytes", "ENC-3", "item", {"hex": wide_tag.hex()})
    for depth in (17, 18, 100):
        given = {"hex": nest(depth, 0x81).hex()}
        suite.reject(f"{depth} arrays, one in another", "ENC-7", "item", given)
    for byte, what in (("81", "arrays"), ("a16161", "maps"), ("8182a0", "arrays beside maps")):
        given = {"data": [{"repeat": byte, "times": 60000}, {"hex": "00"}]}
        suite.reject(f"60000 {what} deep", "ENC-7", "item", given)
    given = {"data": [{"repeat": "d82a", "times": 30000}, {"hex": "00"}]}
    suite.reject("30000 tags deep", "ID-2", "item", given)
    given = {"data": [{"hex": "5a00040001"}, {"repeat": "00", "times": 262145}]}
    suite.reject("larger than a block may be", "ENC-1", "item", given)


def values():
    """One good value of every signed or hashed structure."""
    archive = fixtures.Tiny()
    release = fixtures.release_value(archive.id, 2, b"before")
    root = dagcbor.decode(archive.roots[0], 65536)
    head = dagcbor.decode(archive.head(archive.release()), 262144)
    chunk = [[LINK, 20000], [Link(block_id(RAW, b"x")), 30000]]
    leaf = [["a.txt", "text/plain; charset=utf-8", 6, LINK]]
    return {
        "trust-root": root,
        "release": release,
        "head": head,
        "list-node": [0, chunk],
        "tree-node": [0, leaf],
    }


def map_forms(value: dict):
    """The malleable and the foreign forms of a map with a `format`."""
    first = min(value, key=dagcbor.key_order)
    head = dagcbor.encode(value)[1:]
    pairs = [x for pair in loose.pairs(value) for x in pair]
    yield "first two keys swapped", "ENC-4", loose.swapped(value, 0)
    yield "first key twice", "ENC-4", loose.doubled(value, first)
    yield "last key twice", "ENC-4", loose.doubled(value, max(value, key=dagcbor.key_order))
    yield "count in two bytes", "ENC-3", Raw(wide(5, len(value), 1) + head)
    yield "indefinite map", "ENC-3", indefinite(5, *pairs)
    yield "format in two bytes", "ENC-3", {**value, "format": wide(0, 1, 1)}
    yield "format as float", "ENC-2", {**value, "format": Raw(bytes.fromhex("f93c00"))}
    yield "format as bignum", "ENC-2", {**value, "format": Raw(bytes.fromhex("c24101"))}
    yield "format as negative number", "ENC-2", {**value, "format": Raw(b"\x20")}
    yield "format as text", "ENC-6", {**value, "format": "1"}
    yield "format 0", "TRUST-1", {**value, "format": 0}
    yield "format 2 needs a newer version", "ENC-9", {**value, "format": 2}
    more = {**value, "format": 2, "future": [1]}
    yield "format 2 with a field of the future needs a newer version", "ENC-9", more
    yield "format 2^64-1 needs a newer version", "ENC-9", {**value, "format": 2**64 - 1}
    yield "unknown field", "ENC-6", {**value, "x": 0}
    yield "unknown long field", "ENC-6", {**value, "unknown-field-of-format-1": 0}
    yield "unknown field with null", "ENC-2", {**value, "x": Raw(b"\xf6")}
    yield "an array instead of the map", "ENC-6", list(value.values())
    yield "self-described tag in front", "ENC-2", Raw(b"\xd9\xd9\xf7" + dagcbor.encode(value))
    for key in value:
        less = {k: v for k, v in value.items() if k != key}
        clause = "TRUST-9" if key == "prev" else "TRUST-1" if key == "nonce" else "ENC-6"
        yield f"{key} is missing", clause, less
        yield f"{key} is null", "ENC-2", {**value, key: Raw(b"\xf6")}


def node_forms(value: list):
    level, items = value
    rest = dagcbor.encode(value)[1:]
    yield "indefinite outer array", "ENC-3", indefinite(4, *value)
    yield "indefinite array of items", "ENC-3", [level, indefinite(4, *items)]
    yield "level in two bytes", "ENC-3", [wide(0, level, 1), items]
    yield "level in nine bytes", "ENC-3", [wide(0, level, 8), items]
    yield "count of the node in two bytes", "ENC-3", Raw(wide(4, 2, 1) + rest)
    body = b"".join(dagcbor.encode(item) for item in items)
    yield "count of items in two bytes", "ENC-3", [level, Raw(wide(4, len(items), 1) + body)]
    yield "level as float", "ENC-2", [Raw(bytes.fromhex("f90000")), items]
    yield "level negative", "ENC-2", [Raw(b"\x20"), items]
    yield "level as text", None, ["0", items]
    yield "a third field", None, [level, items, 0]
    yield "no items field", None, [level]
    yield "items as map", None, [level, {"a": 0}]
    yield "an item with a null at its end", "ENC-2", [level, [[*items[0], Raw(b"\xf6")]]]
    yield "self-described tag in front", "ENC-2", Raw(b"\xd9\xd9\xf7" + dagcbor.encode(value))


def structures() -> Suite:
    suite = Suite("encoding", "ENC-1 to ENC-9")
    shapes = {"list-node": "CHUNK-3", "tree-node": "TREE-8"}
    for name, value in values().items():
        good = dagcbor.encode(value)
        suite.accept(f"{name}: as it must be", "ENC-8", "structure", typed(name, good))
        for what, clause, form in (map_forms if isinstance(value, dict) else node_forms)(value):
            given = typed(name, loose.encode(form))
            suite.reject(f"{name}: {what}", clause or shapes[name], "structure", given)
        ends = (("one byte after it", good + b"\0", "ENC-5"), ("cut by a byte", good[:-1], "ENC-8"))
        for what, data, clause in (*ends, ("nothing", b"", "ENC-8")):
            suite.reject(f"{name}: {what}", clause, "structure", typed(name, data))
        cap = 65537 if name in ("trust-root", "release") else 262145
        given = {"type": name, "data": [{"hex": good.hex()}, {"repeat": "00", "times": cap}]}
        suite.reject(f"{name}: larger than its cap", "ENC-1", "structure", given)
    return suite


def typed(name: str, data: bytes) -> dict:
    return {"type": name, "hex": data.hex()}


def suites() -> dict:
    suite = Suite("encoding", "ENC-1 to ENC-8")

    def add(name, clause, value):
        suite.accept(name, clause, "item", {"hex": loose.encode(value).hex()})

    good_items(add)
    bad_items(suite)
    return {"items": suite, "structures": structures()}
