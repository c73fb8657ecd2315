"""Cases for spec/carrier.md: whole archives as one file, undamaged, damaged and false."""

from . import carrier, chunklist, dagcbor, fixtures, tree
from .carrier import header, section, varint
from .dagcbor import Link
from .fixtures import Archive, make_part
from .ids import DAG_CBOR, RAW, block_id, id_of_digest, xof
from .runner import run
from .suite import Suite

SEED, VIDEO_BYTES = "yadgar carrier video", 300000
CORE = [
    ("index.html", b"<!doctype html><title>yadgar</title>"),
    ("records/1.html", b"<p>one"),
    ("records/2.html", b"<p>two"),
    ("records/\u06cc\u0627\u062f\u200c\u0647\u0627.txt", "\u06cc\u0627\u062f".encode()),
    ("style.css", b""),
]


class Sample:
    """An archive with two parts, five small files and one with a block list."""

    def __init__(self):
        self.video = xof(SEED, VIDEO_BYTES)
        self.a = Archive(root=((1,), 1), release=((4,), 1))
        self.a.signed = [fixtures.signed_root(self.a.roots[0], (1,))]
        core, self.nodes, self.files = make_part("core", CORE)
        media, self.media_nodes, self.media_files = make_part("media", [("video.mp4", self.video)])
        self.parts = [core, media]
        self.first = self.a.release(1, None, parts=self.parts, records=3)
        self.payload = self.a.release(2, self.first, parts=self.parts, records=3)
        self.head = self.a.head(self.payload, (4,))

    def blocks(self, small=False):
        """(id, bytes) in the order of CAR-2."""
        yield block_id(DAG_CBOR, self.payload), self.payload
        yield block_id(DAG_CBOR, self.first), self.first
        yield from self.nodes.items()
        yield from self.files
        if not small:
            yield from self.media_nodes.items()
            yield from self.media_files

    def describe(self, data: bytes):
        """Segments of a carrier, the chunks of the video by formula."""
        hits, start = [], 0
        for size in chunklist.split_file(self.video):
            hits.append((data.find(self.video[start : start + size]), start, size))
            start += size
        out, at = [], 0
        for place, start, size in sorted(hit for hit in hits if hit[0] >= 0):
            out += [{"hex": data[at:place].hex()}, {"xof": SEED, "from": start, "to": start + size}]
            at = place + size
        return [*out, {"hex": data[at:].hex()}]


def short_lived(text: bytes):
    """A section with a block that belongs to nothing."""
    return section(block_id(RAW, text), text)


class Cases:
    def __init__(self):
        self.s = Sample()
        self.read = Suite("carrier", "CAR-1 to CAR-6")
        self.take = Suite("carrier", "CAR-6, CAR-7")
        self.one, self.two, self.three = (short_lived(t) for t in (b"one", b"two", b"three"))
        self.base = header(block_id(DAG_CBOR, b"head"))

    def good(self, name, clause, data: bytes):
        given = {"data": self.s.describe(data)}
        self.read.accept(name, clause, "carrier", given, skipped=[], fault=None)
        del self.read.cases[-1]["fault"]

    def damaged(self, name, error, data: bytes, blocks: int):
        """Good blocks are still found, and what is skipped is known."""
        given = {"data": self.s.describe(data)}
        out = run("carrier", given)
        assert out["fault"] == error, f"{name}: {out}"
        assert len(out["blocks"]) == blocks, f"{name}: {out}"
        more = {k: out[k] for k in ("root", "blocks", "skipped")} | {"error": error}
        self.read.add(name, error, "carrier", given, "reject", more)


def varints(suite: Suite) -> None:
    for value in (0, 1, 127, 128, 300, 16383, 16384, 262180, 2**32, 2**63 - 1):
        suite.accept(f"varint {value}", "CAR-4", "varint", {"hex": varint(value).hex()}, value=value)
    rows = [
        ("0 in two bytes", "8000"),
        ("1 in two bytes", "8100"),
        ("127 in two bytes", "ff00"),
        ("300 in three bytes", "ac8200"),
        ("ten bytes", "ffffffffffffffffff01"),
        ("2^63 needs ten bytes", "80808080808080808001"),
        ("nine bytes, the last zero", "808080808080808000"),
        ("without end", "80808080"),
        ("nothing", ""),
        ("endless", "ff" * 20),
    ]
    for name, text in rows:
        error = "CAR-5" if name in ("without end", "nothing") else "CAR-4"
        suite.reject(f"varint {name}", "CAR-4", "varint", {"hex": text}, error)


def undamaged(c: Cases) -> None:
    s, one, two = c.s, c.one, c.two
    whole = carrier.write(s.head, s.blocks())
    c.good("a whole archive", "CAR-2", whole)
    c.good("head and small blocks", "CAR-2", carrier.write(s.head, s.blocks(True)))
    c.good("head only", "CAR-3", carrier.write(s.head, []))
    c.good("no sections", "CAR-3", c.base)
    c.good("blocks in another order", "CAR-3", c.base + two + one)
    c.good("one block twice", "CAR-3", c.base + one + two + one)
    c.good("an empty block", "CAR-3", c.base + section(block_id(RAW, b""), b"") + one)
    cbor = dagcbor.encode([1])
    c.good("a block of codec dag-cbor", "CAR-3", c.base + section(block_id(DAG_CBOR, cbor), cbor))
    c.good("content that looks like a section", "CAR-5", c.base + short_lived(one) + two)


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def torn(c: Cases) -> None:
    one, two, three = c.one, c.two, c.three
    good = c.base + one + two + three
    at = len(c.base)
    c.damaged("cut by one byte", "CAR-5", good[:-1], 2)
    c.damaged("cut in the middle of an id", "CAR-5", good[: len(good) - len(three) + 10], 2)
    c.damaged("cut after a length", "CAR-5", good[: len(good) - len(three) + 1], 2)
    c.damaged("cut in the header", "CAR-1", c.base[:20], 0)
    c.damaged("one bit of a block flipped", "CAR-3", flip(good, at + 37), 2)
    c.damaged("one bit of a digest flipped", "CAR-3", flip(good, at + 10), 2)
    c.damaged("version of an id flipped", "ID-1", flip(good, at + 1), 2)
    c.damaged("codec of an id changed", "ID-1", good[: at + 2] + b"\x70" + good[at + 3 :], 2)
    c.damaged("sha2-256 in an id", "ID-1", good[: at + 3] + b"\x12" + good[at + 4 :], 2)
    c.damaged("length one too small", "CAR-3", good[:at] + bytes([good[at] - 1]) + good[at + 1 :], 2)
    c.damaged("length one too large", "CAR-3", good[:at] + bytes([good[at] + 1]) + good[at + 1 :], 2)
    c.damaged("length 0", "CAR-5", c.base + b"\0" + one, 1)
    c.damaged("length 35", "CAR-5", c.base + b"\x23" + one[1:36] + two, 1)
    wide = bytes([one[0] | 0x80, 0]) + one[1:]
    c.damaged("length in two bytes, not shortest", "CAR-4", c.base + wide + two, 1)
    c.damaged("length of ten bytes", "CAR-4", c.base + b"\xff" * 10 + two, 1)
    c.damaged("length 2^63-1", "CAR-3", c.base + varint(2**63 - 1) + one[1:] + two, 1)
    c.damaged("length beyond the end", "CAR-5", c.base + b"\x7f" + one, 1)
    c.damaged("garbage between sections", "CAR-5", c.base + one + b"\x33garbage" + two, 2)
    c.damaged("garbage at the end", "CAR-5", good + b"\x30garbage", 3)
    c.damaged("a byte lost", "CAR-3", good[: at + 37] + good[at + 38 :], 2)
    c.damaged("a byte gained", "CAR-3", good[: at + 37] + b"x" + good[at + 37 :], 2)
    c.damaged("two damages", "CAR-3", flip(flip(good, at + 37), len(good) - 1), 1)
    marks = bytes.fromhex("01551e20") * 5
    c.damaged("marks of sections that are none", "CAR-3", c.base + b"\x24" + marks + two, 1)
    long_block(c)


def long_block(c: Cases) -> None:
    two, big = c.two, b"\0" * 262145
    long = c.base + section(id_of_digest(RAW, block_id(RAW, big)[4:]), big) + two
    given = {"data": [{"hex": long[: len(c.base) + 39].hex()}, {"repeat": "00", "times": 262145}]}
    given["data"].append({"hex": two.hex()})
    found = carrier.read(long)
    assert len(found.blocks) == 1 and found.faults[0].clause == "CAR-3"
    more = {"root": found.root.hex(), "blocks": [n.hex() for n in found.blocks]}
    more |= {"skipped": found.skipped, "error": "CAR-3"}
    c.read.add("block of 262145 bytes, its hash right", "CAR-3", "carrier", given, "reject", more)


def headers(c: Cases) -> None:
    link, one = Link(block_id(DAG_CBOR, b"head")), c.one

    def add(name, value):
        body = value if isinstance(value, bytes) else dagcbor.encode(value)
        c.damaged(f"header: {name}", "CAR-1", varint(len(body)) + body + one, 1)

    good = dagcbor.encode({"roots": [link], "version": 1})
    add("version 2", {"roots": [link], "version": 2})
    add("version 0", {"roots": [link], "version": 0})
    add("no version", {"roots": [link]})
    add("no roots", {"version": 1})
    add("empty roots", {"roots": [], "version": 1})
    add("two roots", {"roots": [link, link], "version": 1})
    add("root with codec raw", {"roots": [Link(block_id(RAW, b"head"))], "version": 1})
    add("root as byte string", {"roots": [bytes(link)], "version": 1})
    add("root as sha2-256", good.replace(b"\x01\x71\x1e\x20", b"\x01\x71\x12\x20"))
    add("unknown field", {"roots": [link], "version": 1, "x": 0})
    add("fields in the wrong order", b"\xa2gversion\x01eroots\x81" + dagcbor.encode(link))
    add("a byte after it", good + b"\0")
    add("an array", [[link], 1])
    c.damaged("header: length 0", "CAR-1", b"\0" + one, 1)
    c.damaged("header: no header", "CAR-1", one, 1)
    c.damaged("header: CARv2", "CAR-1", bytes.fromhex("0aa16776657273696f6e02") + one, 1)
    wide = bytes([len(good) | 0x80, 0]) + good + one
    c.damaged("header: length not shortest", "CAR-1", wide, 1)
    c.damaged("header: length of 4 GiB", "CAR-1", varint(2**32) + good + one, 1)


def imports(c: Cases) -> None:
    s, take = c.s, c.take

    def given(data: bytes, archive=None):
        return {"archive": (archive or s.a.id).hex(), "data": s.describe(data)}

    whole = list(s.blocks())
    add = take.accept
    name = "a whole archive"
    add(name, "CAR-7", "import", given(carrier.write(s.head, whole)), complete=True)
    backwards = header(block_id(DAG_CBOR, s.head))
    backwards += b"".join(section(n, d) for n, d in [*whole[::-1][:3], *whole[:-3]])
    backwards += section(block_id(DAG_CBOR, s.head), s.head)
    add("head last", "CAR-3", "import", given(backwards), complete=True)
    small = carrier.write(s.head, s.blocks(True))
    add("without the second part", "CAR-3", "import", given(small), complete=False)
    less = carrier.write(s.head, [b for b in whole if b[1] != CORE[1][1]])
    add("one block is missing", "CAR-3", "import", given(less), complete=False)
    data = carrier.write(s.head, whole)
    place = data.index(b"<p>one")
    flipped = data[:place] + b"<P>" + data[place + 3 :]
    add("one block is flipped", "CAR-6", "import", given(flipped), complete=False)
    more = carrier.write(s.head, [*whole, (block_id(RAW, b"stray"), b"stray")])
    add("a stray block is dropped", "CAR-3", "import", given(more), complete=True)
    reject_imports(c, given)


def reject_imports(c: Cases, given) -> None:
    s, a = c.s, c.s.a
    whole = list(s.blocks(True))

    def add(name, clause, data, archive=None, error=None):
        c.take.reject(f"import: {name}", clause, "import", given(data, archive), error)

    other = Archive(name="other")
    add("into another archive", "CAR-7", carrier.write(s.head, whole), other.id, "TRUST-2")
    head = a.head(s.payload, (1,))
    add("head signed by the wrong role", "CAR-7", carrier.write(head, whole), None, "ENV-5")
    only = carrier.write(s.head, whole)[len(header(block_id(DAG_CBOR, s.head))) :]
    false_root = header(block_id(DAG_CBOR, s.payload))
    add("header names the release", "CAR-1", false_root + only, None, "ENC-6")
    add("header names a block that is not there", "CAR-6", header(block_id(DAG_CBOR, b"")) + only)
    for name, clause, changes in false_releases(s):
        payload = a.release(3, s.payload, **{"records": 3, "parts": s.parts[:1]} | changes)
        head = a.head(payload, (4,))
        add(name, clause, carrier.write(head, whole))
    false_trees(c, add)


def false_releases(s: Sample):
    part = s.parts[0]
    yield "records one too many", "RELEASE", {"records": 4}
    yield "records of all entries", "RELEASE", {"records": 5}
    yield "part states one file more", "TREE-5", {"parts": [{**part, "files": 6}]}
    yield "part states one byte less", "TREE-5", {"parts": [{**part, "bytes": part["bytes"] - 1}]}
    twice = [part, {**part, "name": "copy"}]
    yield "the same paths in two parts", "PATH-6", {"parts": twice, "records": 6}


def false_trees(c: Cases, add) -> None:
    """Releases well signed over trees that are not what they say."""
    a = c.s.a
    item = tree.entry("a.txt", b"hello")[0]
    block = (block_id(RAW, b"hello"), b"hello")
    listed, blocks, _ = chunklist.add_file(c.s.video)
    media = ["v.mp4", "video/mp4", VIDEO_BYTES, listed]
    digest = b"\x81" * 32
    rows = [
        ("size differs from the block", "TREE-6", [[*item[:2], 6, item[3]]], [block]),
        ("size 0 of a block that is not empty", "TREE-6", [[*item[:2], 0, item[3]]], [block]),
        ("media type is false", "TREE-7", [[item[0], "text/html; charset=utf-8", *item[2:]]], [block]),
        ("paths differ in case", "PATH-6", [["A.txt", *item[1:]], item], [block]),
        ("a path is a folder", "PATH-7", [["a", "application/octet-stream", *item[2:]], ["a/b.txt", *item[1:]]], [block]),
        ("hash of the whole file is false", "TREE-6", [[*media, digest]], blocks.items()),
    ]
    for name, clause, items, extra in rows:
        node = dagcbor.encode([0, items])
        root = Link(block_id(DAG_CBOR, node))
        part = {"name": "core", "root": root, "bytes": sum(i[2] for i in items), "files": len(items)}
        head = a.head(a.release(1, None, parts=[part]), (4,))
        add(name, clause, carrier.write(head, [(bytes(root), node), *extra]))


def suites() -> dict:
    c = Cases()
    numbers = Suite("carrier", "CAR-4")
    varints(numbers)
    undamaged(c)
    torn(c)
    headers(c)
    imports(c)
    return {"varint": numbers, "read": c.read, "import": c.take}
