"""Cases for spec/tree.md: building, and trees that must be refused."""

from . import cases_tree_proof, dagcbor, tree
from .dagcbor import Link
from .fixtures import edge, names
from .ids import DAG_CBOR, RAW, block_id
from .suite import Suite

TEXT = "text/plain; charset=utf-8"


PLAIN = names(8, False)
EDGE = names(4, True, False)
HIGH = names(4, True, True)


def entry(path: str, data=None) -> list:
    return tree.entry(path, path.encode() if data is None else data)[0]


def building(suite: Suite) -> None:
    def add(name, given, clause="TREE-3", **more):
        return suite.accept(name, clause, "tree", given, **more)

    empty = dagcbor.encode([0, []])
    root = block_id(DAG_CBOR, empty).hex()
    add("no files", {"paths": []}, "TREE-4", root=root, nodes=1, level=0)
    add("one file", {"paths": ["a.txt"]}, nodes=1)
    add("two files", {"paths": ["a.txt", "b.txt"]}, nodes=1)
    add("two files given backwards", {"paths": ["b.txt", "a.txt"]}, "TREE-1", nodes=1)
    add("one file that is a boundary", {"paths": EDGE[:1]}, nodes=1)
    add("order is of bytes, not of letters", {"paths": ["b", "B", "a", "\u06cc", "\U0001f33f", "\uff21"]}, "TREE-1")
    add("slash against hyphen and dot", {"paths": ["a/b", "a-b", "a.b", "a0"]}, "TREE-1")
    for count in (33, 300, 2000):
        add(f"{count} files", {"pattern": "records/{i}.html", "count": count})
    big = add("30000 files", {"pattern": "r/{i}", "count": 30000})
    assert big["level"] == 3
    for count in (256, 257, 512, 513, 600):
        add(f"{count} files without boundary", {"paths": names(count, False, start="")})
    paths = names(300, False, start="")
    add("260 files, a boundary as the 256th", {"paths": at_place(paths[:259], 255)})
    add("files that are all boundaries", {"paths": names(20, True, start="")})
    high = names(12, True, True, start="")
    add("files that are boundaries at level 0 and 1", {"paths": high}, level=2)
    add("four boundaries at level 0 and 1", {"paths": HIGH})
    add("last file is a boundary", {"paths": [PLAIN[0], sorted_after(PLAIN[0])]}, nodes=1)
    data = [{"xof": "yadgar tree", "from": 0, "to": 400000}]
    files = [{"path": "video.mp4", "data": data}, {"path": "a.html", "data": [{"hex": "3c61"}]}]
    add("a file with a block list", {"files": files}, "TREE-6")
    zeros = [{"repeat": "00", "times": 262144}]
    add("a file of one block of 262144 bytes", {"files": [{"path": "z", "data": zeros}]}, "TREE-6")
    add("an empty file", {"files": [{"path": "z", "data": []}]}, "TREE-6")


def at_place(plain, place: int):
    """Plain paths and one boundary that sorts into this place."""
    low, high = plain[place - 1], plain[place]
    return sorted([*plain, between(low, high)])


def between(low: str, high: str) -> str:
    for n in range(100000):
        name = f"{low[:-4]}~{n}.txt"
        if low < name < high and edge(0, name):
            return name
    raise AssertionError


def sorted_after(low: str) -> str:
    return next(n for n in names(50, True) if n > low)


class Nodes:
    """Hand-made nodes; the last one made is the root."""

    def __init__(self):
        self.made = []

    def add(self, level, items):
        data = dagcbor.encode([level, items])
        self.made.append(data)
        return [items[-1][0] if items else "", Link(block_id(DAG_CBOR, data)), *self.totals(level, items)]

    @staticmethod
    def totals(level, items):
        try:
            return tree.totals(level, items)
        except (IndexError, TypeError):
            return 1, 1

    def given(self, files: int, size: int) -> dict:
        root = block_id(DAG_CBOR, self.made[-1]).hex()
        nodes = [data.hex() for data in self.made]
        return {"root": root, "files": files, "bytes": size, "nodes": nodes}


def leaf(items, level=0) -> dict:
    nodes = Nodes()
    files, size = nodes.add(level, items)[2:]
    return nodes.given(files, size)


def two(first, second, change=None, level=1) -> dict:
    """Two leaves of these paths under a root; `change` may alter the root's items."""
    nodes = Nodes()
    above = [nodes.add(0, [entry(p) for p in part]) for part in (first, second)]
    files, size = sum(a[2] for a in above), sum(a[3] for a in above)
    if change:
        above[change[0]][change[1]] = change[2](above[change[0]][change[1]])
    nodes.add(level, above)
    return nodes.given(files, size)


def good_pair():
    """Paths of two leaves of which the first ends in a boundary."""
    cut, pool = EDGE[1], names(300, False)
    return [p for p in pool if p < cut][-2:] + [cut], [p for p in pool if p > cut][:2]


def good_checks(suite: Suite) -> None:
    def add(name, given, clause="TREE-8"):
        suite.accept(name, clause, "tree-check", given)

    first, second = good_pair()
    add("empty root", leaf([]), "TREE-4")
    add("one leaf", leaf([entry("a.txt")]))
    add("two leaves", two(first, second))
    cut = second[0:1] + [sorted_after(second[0])]
    add("two leaves, both end in boundaries", two(first, cut))
    add("yeh beside yeh", leaf([entry("\u064a"), entry("\u06cc")]), "PATH-6")
    media = [["a.html", "text/html; charset=utf-8", 1 << 40, Link(block_id(DAG_CBOR, b"")), bytes(32)]]
    add("list form of 2^40 bytes", leaf(media), "TREE-6")
    media[0][2] = 65537
    add("list form of 65537 bytes", leaf(media), "CHUNK-1")
    empty = leaf([entry("a.txt", b"")])
    add("file of 0 bytes", empty, "TREE-6")


def bad_items(add) -> None:
    good = entry("a.txt")
    path, media, size, link = good
    listed = Link(block_id(DAG_CBOR, b"list"))
    rows = [
        ("media type of another extension", "TREE-7", [path, "text/html; charset=utf-8", size, link]),
        ("media type without charset", "TREE-7", [path, "text/plain", size, link]),
        ("media type in capitals", "TREE-7", [path, TEXT.upper(), size, link]),
        ("empty media type", "TREE-7", [path, "", size, link]),
        ("HTML called plain text", "TREE-7", ["a.html", TEXT, size, link]),
        ("octet-stream for a known extension", "TREE-7", [path, "application/octet-stream", size, link]),
        ("one-block form with codec dag-cbor", "TREE-6", [path, media, size, listed]),
        ("list form with codec raw", "TREE-6", [*good, bytes(32)]),
        ("list form with hash of 31 bytes", "TREE-6", [path, media, 70000, listed, bytes(31)]),
        ("list form with a link as hash", "TREE-6", [path, media, 70000, listed, listed]),
        ("one-block form of 262145 bytes", "TREE-6", [path, media, 262145, link]),
        ("list form above 2^40", "TREE-6", [path, media, (1 << 40) + 1, listed, bytes(32)]),
        ("list form of 65536 bytes", "CHUNK-1", [path, media, 65536, listed, bytes(32)]),
        ("list form of 0 bytes", "CHUNK-1", [path, media, 0, listed, bytes(32)]),
        ("size 2^64-1", "TREE-6", [path, media, 2**64 - 1, listed, bytes(32)]),
        ("three fields", "TREE-1", [path, media, size]),
        ("six fields", "TREE-1", [*good, bytes(32), 0]),
        ("path as byte string", "TREE-1", [b"a.txt", media, size, link]),
        ("size as text", "TREE-1", [path, media, "5", link]),
        ("link as bare id", "TREE-1", [path, media, size, bytes(link)]),
        ("path with dot-dot", "PATH-2", ["../a.txt", media, size, link]),
        ("absolute path", "PATH-2", ["/a.txt", media, size, link]),
        ("path not NFC", "PATH-1", ["e\u0301.txt", media, size, link]),
        ("path with bidi control", "PATH-3", ["a\u202e.txt", media, size, link]),
        ("path with backslash", "PATH-3", ["a\\b.txt", media, size, link]),
        ("reserved device name", "PATH-5", ["con.txt", media, size, link]),
        ("empty path", "PATH-1", ["", "application/octet-stream", size, link]),
    ]
    for name, clause, item in rows:
        add(f"entry: {name}", clause, leaf([item]))


def bad_leaves(add) -> None:
    a, b, c = (entry(p) for p in PLAIN[:3])
    add("items out of order", "TREE-1", leaf([b, a]))
    add("one path twice", "TREE-1", leaf([a, a]))
    add("one path twice with other content", "TREE-1", leaf([a, entry(PLAIN[0], b"x")]))
    folded = [entry("B"), entry("a")]
    add("order of letters instead of bytes", "TREE-1", leaf(folded[::-1]))
    cut = EDGE[0]
    later = next(p for p in PLAIN if p > cut)
    add("boundary inside a leaf", "TREE-3", leaf([entry(cut), entry(later)]))
    many = [entry(p) for p in names(257, False, start="")]
    add("leaf of 257 items", "TREE-3", leaf(many))
    add("collision of case", "PATH-6", leaf([entry("A"), entry("a")]))
    add("a path that is a folder", "PATH-7", leaf([entry("a"), entry("a/b")]))
    add("level 13", "TREE-8", leaf([[PLAIN[0], Link(block_id(DAG_CBOR, b"")), 1, 1]] * 2, 13))
    add("level 2^64-1", "TREE-8", leaf([[PLAIN[0], Link(block_id(DAG_CBOR, b"")), 1, 1]] * 2, 2**64 - 1))
    add("leaf items called level 1", "TREE-5", leaf([a, b], 1))
    good = leaf([a, b, c])
    add("part states one file more", "TREE-5", {**good, "files": 4})
    add("part states one file less", "TREE-5", {**good, "files": 2})
    add("part states one byte more", "TREE-5", {**good, "bytes": good["bytes"] + 1})
    add("part states 0 files", "TREE-5", {**good, "files": 0, "bytes": 0})
    add("empty root, part states one file", "TREE-5", {**leaf([]), "files": 1})
    add("empty root at level 1", "TREE-4", leaf([], 1))
    add("root is not there", "TREE-8", {**good, "nodes": []})
    raw = {**good, "root": block_id(RAW, bytes.fromhex(good["nodes"][0])).hex()}
    add("root with codec raw", "TREE-8", raw)


def bad_inner(add) -> None:
    first, second = good_pair()
    numbers = [
        ("one file too many", 0, 2, lambda v: v + 1, "TREE-5"),
        ("one file too few", 1, 2, lambda v: v - 1, "TREE-5"),
        ("files 2^64-1", 1, 2, lambda v: 2**64 - 1, "TREE-5"),
        ("one byte too many", 0, 3, lambda v: v + 1, "TREE-5"),
        ("bytes 2^64-1", 1, 3, lambda v: 2**64 - 1, "TREE-5"),
        ("last path too high", 1, 0, lambda v: v + "x", "TREE-8"),
        ("last path of the first leaf too high", 0, 0, lambda v: v + "x", "TREE-3"),
        ("last path too low", 1, 0, lambda v: second[0], "TREE-8"),
        ("first leaf's last path is its first", 0, 0, lambda v: first[0], "TREE-8"),
        ("link to another node", 1, 1, lambda v: Link(block_id(DAG_CBOR, b"")), "TREE-8"),
        ("link with codec raw", 1, 1, lambda v: Link(b"\x01\x55" + v[2:]), "TREE-8"),
        ("link as byte string", 1, 1, bytes, "TREE-5"),
        ("last path not a path", 1, 0, lambda v: "p/../" + v, "PATH-2"),
    ]
    for name, at, field, change, clause in numbers:
        if clause == "TREE-3":
            clause = "TREE-8"
        add(f"root says: {name}", clause, two(first, second, (at, field, change)))
    add("leaves in the wrong order", "TREE-1", two(second, first))
    add("first leaf ends without boundary", "TREE-3", two(first[:2], [first[2], *second]))
    add("boundary inside the second leaf", "TREE-3", two([first[2]], [EDGE[2], last_plain(EDGE[2])]))
    add("second leaf is empty", "TREE-1", two(first, []), "PATH-1")
    add("leaves overlap", "TREE-1", two([first[0], first[2]], [first[1], second[0]]))
    add("both leaves hold one path", "TREE-1", two(first, [first[2]]))
    add("level 2 over leaves", "TREE-8", two(first, second, None, 2))
    nodes = Nodes()
    above = nodes.add(0, [entry(p) for p in first])
    nodes.add(1, [above])
    add("root at level 1 with one item", "TREE-4", nodes.given(*above[2:]))
    upper_levels(add)


def last_plain(low: str) -> str:
    return next(p for p in names(200, False) if p > low)


def upper_levels(add) -> None:
    """Trees of three levels whose grouping at level 1 is wrong."""
    add("level 1 node of one item before another", "TREE-3", three([1, 2]))
    add("level 1 node ends without boundary", "TREE-3", three([2, 1], edges=EDGE))
    add("boundary inside a level 1 node", "TREE-3", three([3, 1]))
    nodes = Nodes()
    first, second = good_pair()
    above = [nodes.add(0, [entry(p) for p in part]) for part in (first, second)]
    files, size = sum(a[2] for a in above), sum(a[3] for a in above)
    middle = nodes.add(1, above)
    nodes.add(2, [middle])
    add("one level too many", "TREE-4", nodes.given(files, size))


def three(sizes, edges=None) -> dict:
    """Leaves of one boundary path each, level 1 nodes of these sizes, a root at level 2."""
    nodes = Nodes()
    above = [nodes.add(0, [entry(p)]) for p in edges or HIGH]
    files, size = sum(a[2] for a in above[: sum(sizes)]), sum(a[3] for a in above[: sum(sizes)])
    tops, at = [], 0
    for count in sizes:
        tops.append(nodes.add(1, above[at : at + count]))
        at += count
    nodes.add(2, tops)
    return nodes.given(files, size)


def suites() -> dict:
    build, check = Suite("tree", "TREE-1 to TREE-7"), Suite("tree", "TREE-1 to TREE-8")

    def add(name, clause, given, error=None):
        check.reject(f"tree: {name}", clause, "tree-check", given, error)

    building(build)
    good_checks(check)
    check.accept("three levels", "TREE-3", "tree-check", three([2, 2]))
    for group in (bad_items, bad_leaves, bad_inner):
        group(add)
    return {"build": build, "check": check, "proof": cases_tree_proof.suite()}

