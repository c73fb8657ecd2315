"""Cases for spec/sync.md: frames, and what an asker may ask and be told."""

from . import fixtures
from .ids import DAG_CBOR, RAW, block_id, hash256
from .suite import Suite
from .sync_frames import BLOCK, BULLETIN, BYE, GET_BULLETIN, GET_HEAD, HEAD, MISSING, WANT
from .sync_frames import BUNDLE, WANT_BUNDLED, block_frame, bundle_pieces, frame, zstd_frame, zstd_pieces

ARCHIVE = hash256(b"an archive")
TEXT = b"<p>hello</p>"
ID = block_id(RAW, TEXT)


def ids(count: int) -> bytes:
    return b"".join(block_id(RAW, str(n).encode()) for n in range(count))


def many(kind: int, count: int) -> dict:
    start = frame(kind, ids(count))[:5].hex()
    return {"data": [{"hex": start}, {"raw_ids": count}]}


def length(value: int) -> bytes:
    return value.to_bytes(4, "big")


def long_bulletin(size: int) -> dict:
    start = frame(BULLETIN, ARCHIVE + b"\0" * size)[:37]
    return {"data": [{"hex": start.hex()}, {"repeat": "00", "times": size}]}


def good_frames(suite: Suite) -> None:
    def add(name, clause, data, **more):
        suite.accept(name, clause, "frame", {"hex": data.hex()}, **more)

    a = fixtures.Archive(root=((1, 2), 2), release=((4, 5), 2))
    head = a.head(a.release())
    add("get-head", "SYNC-2", frame(GET_HEAD, ARCHIVE), frame="get-head")
    add("head, none held", "SYNC-2", frame(HEAD, ARCHIVE), head_bytes=0)
    add("head", "SYNC-2", frame(HEAD, a.id + head), head_bytes=len(head))
    add("get-bulletin", "SYNC-11", frame(GET_BULLETIN, ARCHIVE), frame="get-bulletin")
    add("bulletin, none held", "SYNC-11", frame(BULLETIN, ARCHIVE), bulletin_bytes=0)
    add("bulletin", "SYNC-11", frame(BULLETIN, ARCHIVE + b"\xa0"), bulletin_bytes=1)
    given = long_bulletin(262112)
    suite.accept("bulletin of 262112 bytes", "SYNC-11", "frame", given, bulletin_bytes=262112)
    add("want of one", "SYNC-2", frame(WANT, ID), ids=1)
    add("want of structure", "SYNC-2", frame(WANT, block_id(DAG_CBOR, b"\x80")), ids=1)
    given = many(WANT, 512)
    suite.accept("want of 512", "SYNC-2", "frame", given, ids=512)
    add("missing of one", "SYNC-4", frame(MISSING, ID), ids=1)
    add("missing of two", "SYNC-4", frame(MISSING, ids(2)), ids=2)
    add("block", "SYNC-1", block_frame(ID, TEXT))
    add("empty block", "SYNC-1", block_frame(block_id(RAW, b""), b""))
    add("bye", "SYNC-5", frame(BYE, b""))
    add("want-bundled of two", "SYNC-12", frame(WANT_BUNDLED, ids(2)), ids=2)
    add("bundle, not looked into", "SYNC-12", frame(BUNDLE, b"\0"), bundle_bytes=1)
    zeros = b"\0" * 262144
    start = block_frame(block_id(RAW, zeros), zeros)[:42]
    parts = [{"hex": start.hex()}, {"repeat": "00", "times": 262144}]
    suite.accept("block of 262144 bytes", "SYNC-1", "frame", {"data": parts})


def bad_frames(suite: Suite) -> None:
    def add(name, data, error="SYNC-6"):
        suite.reject(f"frame: {name}", "SYNC-6", "frame", {"hex": data.hex()}, error)

    add("nothing", b"")
    add("length of three bytes", b"\0\0\1")
    add("length 0", length(0))
    add("length 0 and a kind", length(0) + b"\6")
    add("length 262401", length(262401) + b"\4")
    add("length 2^32-1", b"\xff" * 4 + b"\4")
    add("length little-endian", b"\1\0\0\0\6")
    add("one byte short", frame(GET_HEAD, ARCHIVE)[:-1])
    add("one byte too many", frame(BYE, b"") + b"\0")
    for kind in (0, 11, 127, 128, 255):
        add(f"kind {kind}", frame(kind, b""))
    add("get-head without archive id", frame(GET_HEAD, b""))
    add("get-head of 31 bytes", frame(GET_HEAD, ARCHIVE[1:]))
    add("get-head of 33 bytes", frame(GET_HEAD, ARCHIVE + b"\0"))
    add("get-head of two archives", frame(GET_HEAD, ARCHIVE * 2))
    add("head of 31 bytes", frame(HEAD, ARCHIVE[1:]))
    add("head without archive id", frame(HEAD, b""))
    add("get-bulletin without archive id", frame(GET_BULLETIN, b""))
    add("get-bulletin of 31 bytes", frame(GET_BULLETIN, ARCHIVE[1:]))
    add("get-bulletin of 33 bytes", frame(GET_BULLETIN, ARCHIVE + b"\0"))
    add("bulletin without archive id", frame(BULLETIN, b""))
    add("bulletin of 31 bytes", frame(BULLETIN, ARCHIVE[1:]))
    suite.reject("frame: bulletin of 262113 bytes", "SYNC-6", "frame", long_bulletin(262113))
    add("bye with a body", frame(BYE, b"\0"))
    add("bundle with nothing in it", frame(BUNDLE, b""))
    parts = [{"hex": frame(BUNDLE, bytes(262144))[:5].hex()}, {"repeat": "00", "times": 262144}]
    suite.reject("frame: bundle of 262144 bytes", "SYNC-6", "frame", {"data": parts})
    for kind, name in ((WANT, "want"), (MISSING, "missing"), (WANT_BUNDLED, "want-bundled")):
        add(f"{name} of nothing", frame(kind, b""))
        add(f"{name} of half an id", frame(kind, ID[:18]))
        add(f"{name} of one byte too few", frame(kind, ids(2)[:-1]))
        add(f"{name} of one byte too many", frame(kind, ids(2) + b"\0"))
        suite.reject(f"frame: {name} of 513", "SYNC-6", "frame", many(kind, 513))
        add(f"{name} of a sha2-256 id", frame(kind, b"\x01\x55\x12\x20" + ID[4:]), "ID-1")
        add(f"{name} of a dag-pb id", frame(kind, b"\x01\x70\x1e\x20" + ID[4:]), "ID-1")
        add(f"{name} of bare hashes", frame(kind, ID[4:] * 9), "ID-1")
        add(f"{name} whose second id is bad", frame(kind, ID + b"\x02" + ID[1:]), "ID-1")
    add("block without encoding", frame(BLOCK, ID + TEXT), "ID-1")
    add("block without id", frame(BLOCK, b"\0" + TEXT))
    add("block with nothing in it", frame(BLOCK, b""))
    add("block of encoding 2", block_frame(ID, TEXT, 2), "SYNC-1")
    add("block of encoding 255", block_frame(ID, TEXT, 255), "SYNC-1")
    add("block with one bit flipped", block_frame(ID, b"<P>hello</p>"))
    add("block with a byte more", block_frame(ID, TEXT + b"\0"))
    add("block with a byte less", block_frame(ID, TEXT[:-1]))
    add("block empty, its id is not", block_frame(ID, b""))
    add("block of sha2-256 id", block_frame(b"\x01\x55\x12\x20" + ID[4:], TEXT), "ID-1")
    big = b"\0" * 262145
    start = block_frame(block_id(RAW, big), big)[:42]
    parts = [{"hex": start.hex()}, {"repeat": "00", "times": 262145}]
    name = "frame: block of 262145 bytes, its hash right"
    suite.reject(name, "SYNC-1", "frame", {"data": parts})


def lengths(suite: Suite) -> None:
    """A receiver judges the length before it takes the frame."""
    for value in (1, 262400):
        suite.accept(f"length {value}", "SYNC-6", "frame-length", {"hex": length(value).hex()}, length=value)
    for value in (0, 262401, 1 << 24, (1 << 32) - 1):
        suite.reject(f"frame length {value}", "SYNC-6", "frame-length", {"hex": length(value).hex()})


def zstd(suite: Suite) -> None:
    def packed(plain, data=None):
        data = zstd_frame(plain) if data is None else data
        return {"hex": block_frame(block_id(RAW, plain), data, 1).hex()}

    def add(name, given, error="SYNC-1"):
        suite.reject(f"zstd: {name}", "SYNC-1", "block-frame", given, error)

    runs = b"a" * 1000
    good = zstd_frame(runs)
    suite.accept("zstd block", "SYNC-1", "block-frame", packed(runs))
    name = "zstd block of 262144 bytes"
    suite.accept(name, "SYNC-1", "block-frame", packed(b"\0" * 262144))
    plain = {"hex": block_frame(ID, TEXT).hex()}
    suite.accept("plain block", "SYNC-1", "block-frame", plain)
    add("not shorter than the block", packed(b"a" * 10))
    add("longer than the block", packed(b"hello"))
    add("empty block", packed(b""))
    add("decompresses to 262145 bytes", packed(b"\0" * 262145))
    add("decompresses to 16 MiB", packed(b"\0" * (1 << 24)))
    add("two frames", packed(runs * 2, good + good))
    add("a byte after the frame", packed(runs, good + b"\0"))
    add("a skippable frame in front", packed(runs, bytes.fromhex("502a4d1800000000") + good))
    add("cut by a byte", packed(runs, good[:-1]))
    add("no data", packed(runs, b""))
    add("no zstd", packed(runs, b"hello world"))
    add("magic number broken", packed(runs, b"\x29" + good[1:]))
    add("stated size is wrong", packed(runs, good[:5] + b"\1" + good[6:]))
    add("right frame, other block", packed(b"b" * 1000, good), "SYNC-6")
    lying = good[:5] + (100).to_bytes(4, "little") + good[9:]
    add("stated size is smaller", packed(runs, lying))


def bundles(suite: Suite) -> None:
    def frame_of(data):
        return {"hex": frame(BUNDLE, data).hex()}

    def given(*blocks):
        return frame_of(zstd_pieces(bundle_pieces(blocks)))

    def accept(name, *blocks):
        names = b"".join(block_id(RAW if codec == 0x55 else DAG_CBOR, data) for codec, data in blocks)
        suite.accept(name, "SYNC-12", "bundle-frame", given(*blocks), names=names.hex())

    def add(name, value):
        suite.reject(f"bundle: {name}", "SYNC-12", "bundle-frame", value)

    raw, cbor, empty = (0x55, b"a" * 1000), (0x71, b"\x80"), (0x55, b"")
    accept("bundle of one", raw)
    accept("bundle of two codecs", raw, cbor)
    accept("an empty block in a bundle", raw, empty)
    accept("block of 16384 bytes in a bundle", (0x55, b"b" * 16384))
    add("block of 16385 bytes", given((0x55, b"b" * 16385)))
    add("codec dag-pb", given(raw, (0x70, b"")))
    add("not shorter than what is in it", given(cbor))
    add("nothing in it", frame_of(zstd_frame(b"")))
    add("no zstd", frame_of(b"hello world"))
    add("half a front", frame_of(zstd_pieces([*bundle_pieces([raw]), b"\x55\0\0"])))
    add("cut block", frame_of(zstd_pieces([b"\x55\0\0\3\xe9", b"a" * 1000])))
    add("length little-endian", frame_of(zstd_pieces([b"\x55\xe8\3\0\0", b"a" * 1000])))
    add("513 blocks", frame_of(zstd_pieces([b"\x55\0\0\0\0" * 513, *bundle_pieces([raw])])))
    long = zstd_pieces([*bundle_pieces([(0x55, b"c" * 16384)] * 16)])
    add("262224 plain bytes", frame_of(long))


def sessions(suite: Suite) -> None:
    def want(first, count):
        return {"do": "want", "first": first, "count": count}

    def block(first, count=1):
        return {"do": "block", "first": first, "count": count}

    def missing(first, count=1):
        return {"do": "missing", "first": first, "count": count}

    bye = {"do": "bye"}

    def accept(name, clause, *events, unanswered=0):
        given = {"events": list(events)}
        suite.accept(name, clause, "session", given, unanswered=unanswered)

    def reject(name, clause, *events):
        suite.reject(name, clause, "session", {"events": list(events)})

    accept("nothing asked", "SYNC-5", bye)
    accept("one asked, one answered", "SYNC-2", want(0, 1), block(0), bye)
    accept("answered in another order", "SYNC-2", want(0, 3), block(2), missing(0), block(1), bye)
    accept("block and missing mixed", "SYNC-2", want(0, 10), missing(3, 7), block(0, 3), bye)
    accept("asked again after missing", "SYNC-2", want(0, 1), missing(0), want(0, 1), block(0))
    four = [want(n * 512, 512) for n in range(4)]
    accept("2048 unanswered", "SYNC-3", *four, unanswered=2048)
    accept("one answered, one more asked", "SYNC-3", *four, block(0), want(2048, 1), unanswered=2048)
    reject("2049 unanswered", "SYNC-3", *four, want(2048, 1))
    reject("block that was not wanted", "SYNC-2", want(0, 1), block(1))
    reject("block before anything was wanted", "SYNC-2", block(0))
    reject("missing that was not wanted", "SYNC-2", want(0, 1), missing(1))
    reject("one block twice", "SYNC-2", want(0, 2), block(0), block(0))
    reject("block after missing", "SYNC-2", want(0, 2), missing(0), block(0))
    reject("missing after block", "SYNC-2", want(0, 2), block(0), missing(0))
    reject("one of several missing was not wanted", "SYNC-2", want(0, 3), missing(1, 3))
    reject("bye with an answer owed", "SYNC-5", want(0, 2), block(0), bye)


def suites() -> dict:
    frames, blocks, talk = (Suite("sync", text) for text in ("SYNC-1 to SYNC-6", "SYNC-1", "SYNC-2 to SYNC-5"))
    good_frames(frames)
    bad_frames(frames)
    sizes = Suite("sync", "SYNC-6")
    lengths(sizes)
    zstd(blocks)
    sessions(talk)
    together = Suite("sync", "SYNC-12")
    bundles(together)
    return {"frames": frames, "lengths": sizes, "zstd": blocks, "session": talk, "bundle": together}

