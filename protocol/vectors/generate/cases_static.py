"""Cases for spec/static.md: the three structures, members and ranges of packs."""

from . import fixtures, loose
from .fixtures import DROP
from .ids import DAG_CBOR, RAW, hash256
from .suite import Suite
from .sync_frames import zstd_frame, zstd_pieces

CODEC = {RAW: 0x55, DAG_CBOR: 0x71}


def file(n=1, length=9) -> list:
    return [hash256(f"file {n}".encode()), length]


def head(**changes) -> dict:
    value = {"head": b"a head", "kind": "static-head", "format": 1, "archive": hash256(b"archive"), "catalogs": [file()]}
    return fixtures.changed(value, changes)


def pack(**changes) -> dict:
    value = {"pack": file(2), "holds": "content", "index": file(3), "parts": ["core"], "blocks": 7}
    return fixtures.changed(value, changes)


def catalog(*packs, **changes) -> dict:
    value = {"kind": "static-catalog", "packs": list(packs), "format": 1}
    return fixtures.changed(value, changes)


def block(plain: bytes, codec=RAW) -> list:
    return [CODEC[codec], hash256(plain), len(plain)]


def member(*plain: bytes, stored=None, encoding=0) -> list:
    length = sum(map(len, plain)) if stored is None else stored
    return [length, encoding, [block(one) for one in plain]]


def index(*members, **changes) -> dict:
    total = sum(m[0] for m in members)
    value = {"kind": "static-index", "pack": file(4, total), "format": 1, "members": list(members)}
    return fixtures.changed(value, changes)


def good():
    yield "static-head", "a static head", head()
    yield "static-head", "all fields", head(bulletin=b"b", denied=hash256(b"d"))
    yield "static-head", "16 catalogs", head(catalogs=[file(n, 262144) for n in range(16)])
    yield "static-catalog", "one pack", catalog(pack())
    yield "static-catalog", "structure of no part", catalog(pack(holds="structure", parts=[]))
    yield "static-catalog", "two packs", catalog(pack(), pack(pack=file(9), parts=["a", "b"]))
    longest = pack(pack=file(1, 16777216), index=file(2, 1048576), blocks=16384)
    yield "static-catalog", "the largest pack", catalog(longest)
    yield "static-index", "one block", index(member(b"one"))
    yield "static-index", "two members", index(member(b"one", b"two"), member(b"three"))
    yield "static-index", "compressed, longer than plain", index(member(b"x", stored=20, encoding=1))
    yield "static-index", "an empty block beside another", index(member(b"", b"x"))
    both = [3, 0, [block(b"one"), [0x71, hash256(b"one"), 0]]]
    yield "static-index", "one hash under both codecs", index(both)


def bad_heads():
    yield "another kind", "STATIC-3", head(kind="head")
    yield "format 0", "STATIC-3", head(format=0)
    yield "format 2", "ENC-9", head(format=2)
    yield "no archive", "ENC-6", head(archive=DROP)
    yield "unknown field", "ENC-6", head(signature=b"s")
    yield "archive of 31 bytes", "ENC-6", head(archive=bytes(31))
    yield "denied of 33 bytes", "ENC-6", head(denied=bytes(33))
    yield "empty head", "STATIC-3", head(head=b"")
    yield "empty bulletin", "STATIC-3", head(bulletin=b"")
    yield "head as text", "ENC-6", head(head="h")
    yield "no catalog", "STATIC-3", head(catalogs=[])
    yield "17 catalogs", "STATIC-3", head(catalogs=[file(n) for n in range(17)])
    yield "empty catalog file", "STATIC-3", head(catalogs=[file(1, 0)])
    yield "catalog file too long", "STATIC-3", head(catalogs=[file(1, 262145)])
    yield "catalog file without length", "ENC-6", head(catalogs=[[hash256(b"c")]])
    yield "catalog file of three", "ENC-6", head(catalogs=[[*file(), 1]])


def bad_catalogs():
    yield "another kind", "STATIC-4", catalog(pack(), kind="catalog")
    yield "format 0", "STATIC-4", catalog(pack(), format=0)
    yield "format 2", "ENC-9", catalog(pack(), format=2)
    yield "no pack", "STATIC-4", catalog()
    yield "a pack twice", "STATIC-4", catalog(pack(), pack(index=file(8)))
    yield "1025 packs", "STATIC-4", catalog(*(pack(pack=file(n)) for n in range(1025)))
    yield "unknown word", "ENC-6", catalog(pack(holds="portraits"))
    yield "no parts", "ENC-6", catalog(pack(parts=DROP))
    yield "unknown field of a pack", "ENC-6", catalog(pack(url="x"))
    yield "parts unsorted", "STATIC-4", catalog(pack(parts=["b", "a"]))
    yield "a part twice", "STATIC-4", catalog(pack(parts=["a", "a"]))
    yield "a wrong name of a part", "STATIC-4", catalog(pack(parts=["Core"]))
    yield "33 parts", "STATIC-4", catalog(pack(parts=[f"p{n:02}" for n in range(33)]))
    yield "no block", "STATIC-4", catalog(pack(blocks=0))
    yield "16385 blocks", "STATIC-4", catalog(pack(blocks=16385))
    yield "empty pack", "STATIC-4", catalog(pack(pack=file(1, 0)))
    yield "pack too long", "STATIC-4", catalog(pack(pack=file(1, 16777217)))
    yield "index too long", "STATIC-4", catalog(pack(index=file(1, 1048577)))


def bad_indexes():
    one = member(b"one")
    yield "another kind", "STATIC-5", index(one, kind="index")
    yield "format 0", "STATIC-5", index(one, format=0)
    yield "format 2", "ENC-9", index(one, format=2)
    yield "pack is missing", "ENC-6", index(one, pack=DROP)
    yield "no member", "STATIC-5", index(pack=file(1, 1))
    yield "longer than its members", "STATIC-5", index(one, pack=file(1, 4))
    yield "shorter than its members", "STATIC-5", index(one, pack=file(1, 2))
    yield "pack too long", "STATIC-5", index(*(member(bytes([n]), stored=262144, encoding=1) for n in range(65)))
    yield "no block", "STATIC-5", index([1, 1, []])
    yield "513 blocks", "STATIC-5", index(member(*(b"%d" % n for n in range(513))))
    yield "a block twice in a member", "STATIC-5", index(member(b"x", b"x"))
    yield "a block twice in a pack", "STATIC-5", index(member(b"x"), member(b"x", b"y"))
    yield "nothing stored", "STATIC-5", index(one, member(b"", stored=0))
    yield "more stored than a member may", "STATIC-5", index(member(b"x", stored=262145, encoding=1))
    yield "more plain than a member may", "STATIC-5", index([9, 1, [[0x55, hash256(b"a"), 262144], block(b"b")]])
    yield "a block too long", "STATIC-5", index([9, 1, [[0x55, hash256(b"a"), 262145]]])
    yield "lengths that wrap around", "STATIC-5", index([9, 1, [[0x55, hash256(b"a"), 2**64 - 1], block(b"1234567890")]])
    yield "plain, but not as long as its blocks", "STATIC-5", index(member(b"one", stored=4))
    yield "encoding 2", "STATIC-5", index(member(b"one", encoding=2))
    yield "encoding 256", "STATIC-5", index(member(b"one", encoding=256))
    yield "another codec", "STATIC-5", index([1, 0, [[0x70, hash256(b"a"), 1]]])
    yield "codec beyond a byte", "STATIC-5", index([1, 0, [[0x155, hash256(b"a"), 1]]])
    yield "hash of 31 bytes", "ENC-6", index([1, 0, [[0x55, bytes(31), 1]]])
    yield "block of two", "ENC-6", index([1, 0, [[0x55, hash256(b"a")]]])
    yield "member as a map", "ENC-6", index(one, members=[{"stored": 3}])


def structures() -> Suite:
    suite = Suite("static", "STATIC-3 to STATIC-5")
    clause = {"static-head": "STATIC-3", "static-catalog": "STATIC-4", "static-index": "STATIC-5"}

    def given(kind, value):
        return {"type": kind, "hex": loose.encode(value).hex()}

    for kind, name, value in good():
        suite.accept(f"{kind}: {name}", clause[kind], "structure", given(kind, value))
    bad = (("static-head", bad_heads), ("static-catalog", bad_catalogs), ("static-index", bad_indexes))
    for kind, cases in bad:
        for name, broken, value in cases():
            suite.reject(f"{kind}: {name}", broken, "structure", given(kind, value))
    return suite


def members() -> Suite:
    suite = Suite("static", "STATIC-6")

    def given(one, stored: bytes):
        return {"index": loose.encode(index(one)).hex(), "stored": stored.hex()}

    def accept(name, one, stored):
        suite.accept(name, "STATIC-6", "static-member", given(one, stored))

    def reject(name, one, stored):
        suite.reject(name, "STATIC-6", "static-member", given(one, stored))

    def framed(*plain, pieces=None):
        stored = zstd_frame(b"".join(plain)) if pieces is None else zstd_pieces(pieces)
        return member(*plain, stored=len(stored), encoding=1), stored

    runs = [b"a" * 3000, b"b" * 20, b"c"]
    accept("one plain block", member(b"one"), b"one")
    accept("plain blocks together", member(b"one", b"", b"three"), b"onethree")
    accept("one compressed block", *framed(b"a" * 1000))
    accept("compressed blocks together", *framed(*runs, pieces=runs))
    accept("a frame longer than what is in it", *framed(b"x"))
    accept("a frame of no bytes", *framed(b""))
    reject("a byte is missing", member(b"one"), b"on")
    reject("a byte too many", member(b"one"), b"one ")
    reject("other bytes", member(b"one"), b"One")
    reject("blocks in another order", member(b"one", b"two"), b"twoone")
    reject("cut at another place", [6, 0, [[0x55, hash256(b"one"), 4], [0x55, hash256(b"two"), 2]]], b"onetwo")
    stored = zstd_frame(b"a" * 1000)
    reject("a frame of more than its blocks", member(b"a" * 999, stored=len(stored), encoding=1), stored)
    reject("a frame of less than its blocks", member(b"a" * 1001, stored=len(stored), encoding=1), stored)
    reject("no zstd", member(b"a" * 1000, stored=11, encoding=1), b"hello world")
    two = stored + stored
    reject("two frames", member(b"a" * 2000, stored=len(two), encoding=1), two)
    cut = stored[:-1]
    reject("half a frame", member(b"a" * 1000, stored=len(cut), encoding=1), cut)
    return suite


def ranges() -> Suite:
    suite = Suite("static", "STATIC-7")
    lengths = (100, 50, 200, 10, 1000, 10, 300)
    parts = [member(bytes([65 + n]) * size, bytes([97 + n])) for n, size in enumerate(lengths)]
    encoded = loose.encode(index(*parts)).hex()

    def add(name, wanted, gap, most):
        given = {"index": encoded, "wanted": wanted, "gap": gap, "most": most}
        suite.accept(name, "STATIC-7", "static-ranges", given)

    add("nothing is wanted", [], 0, 10**6)
    add("one block", [5], 0, 10**6)
    add("both blocks of a member", [4, 5], 0, 10**6)
    add("adjacent members", [0, 3, 4], 0, 10**6)
    add("a hole", [0, 4], 0, 10**6)
    add("a hole that is read over", [0, 4], 51, 10**6)
    add("a hole of one byte more", [0, 4], 50, 10**6)
    add("all", list(range(14)), 0, 10**6)
    add("all, in pieces", list(range(14)), 0, 400)
    add("all, each by itself", list(range(14)), 0, 1)
    add("first and last", [0, 13], 10**6, 10**6)
    return suite


def suites() -> dict:
    return {"structures": structures(), "members": members(), "ranges": ranges()}
