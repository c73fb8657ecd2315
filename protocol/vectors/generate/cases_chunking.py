"""Cases for spec/chunking.md."""

from . import chunklist, dagcbor, fastcdc2020
from .dagcbor import Link
from .formula import data
from .ids import DAG_CBOR, RAW, block_id, hash256, id_of_digest
from .suite import Suite


def random(length: int, seed="yadgar chunking"):
    return [{"xof": seed, "from": 0, "to": length}]


def repeat(text: str, times: int):
    return [{"repeat": text, "times": times}]


def one_chunk_seed(length: int) -> str:
    """The first seed whose data has no cut at all in this length."""
    for n in range(500):
        if len(chunklist.split_file(data(random(length, f"seed {n}")))) == 1:
            return f"seed {n}"
    raise AssertionError


def early_cut():
    """Data whose first chunk ends a few bytes after the minimum: the rolling value begins there."""
    for n in range(100000):
        parts = [{"repeat": "00", "times": 16384}, {"xof": f"early {n}", "from": 0, "to": 20}]
        if fastcdc2020.scan(data(parts), 16384, 16404, fastcdc2020.MASK_SMALL, 0)[0]:
            return [*parts, *random(100000)]
    raise AssertionError


def files(suite: Suite) -> None:
    def add(name, clause, parts, **more):
        return suite.accept(name, clause, "file", {"data": parts}, **more)

    add("empty file", "CHUNK-1", [], list=False)
    add("one byte", "CHUNK-1", repeat("61", 1), list=False)
    for size in (16383, 16384, 16385, 65535, 65536):
        add(f"{size} random bytes", "CHUNK-1", random(size), list=False)
    for size in (65537, 65538, 100000, 262143, 262144, 262145, 262146, 300001, 1000000, 2000001):
        add(f"{size} random bytes", "CHUNK-2", random(size))
    for size in (65537, 65538, 120001):
        seed = one_chunk_seed(size)
        add(f"{size} bytes without a cut", "CHUNK-2", random(size, seed), list=False)
    for size in (65537, 262144, 262145, 524288, 524289, 786433):
        add(f"{size} zero bytes", "CHUNK-2", repeat("00", size))
    add("600000 bytes ff", "CHUNK-2", repeat("ff", 600000))
    add("a pattern of three bytes", "CHUNK-2", repeat("616263", 200001))
    text = "\u06cc\u0627\u062f\u06af\u0627\u0631 ".encode().hex()
    add("Persian text over and over", "CHUNK-2", repeat(text, 40000))
    early = add("first cut right after the minimum", "CHUNK-2", early_cut())
    assert early["lengths"][0] < 16404
    tail = [*random(500000), {"hex": "00"}]
    add("one byte at the end of 500000", "CHUNK-2", tail)
    add("one byte in front of 500000", "CHUNK-2", [{"hex": "00"}, *random(500000)])
    add("the same 300000 bytes twice", "CHUNK-2", random(300000) * 2)
    add("zeros between random bytes", "CHUNK-2", [*random(90000), *repeat("00", 600000), *random(90000)])
    big = add("list of two levels", "CHUNK-5", random(9000000, "yadgar large"))
    assert big["nodes"] > 2


def lists(suite: Suite) -> None:
    for count in (2, 3, 64, 300, 3000, 20000):
        given = {"seed": "chunk ", "count": count, "bytes": 65536}
        suite.accept(f"list of {count} chunks", "CHUNK-4", "list", given)
    for count in (2, 511, 512, 513, 514, 1024, 1025, 2000):
        given = {"seed": plain_seed(), "count": count, "bytes": 262144, "same": True}
        suite.accept(f"list of {count} equal chunks, no boundary", "CHUNK-4", "list", given)
    for count in (2, 3, 4, 5, 33, 100):
        given = {"seed": edge_seed(), "count": count, "bytes": 20000, "same": True}
        suite.accept(f"list of {count} equal chunks, all boundaries", "CHUNK-4", "list", given)


def with_boundary(wanted: bool) -> str:
    for n in range(10000):
        digest = hash256(f"same {n}".encode())
        if (int.from_bytes(digest[:4], "little") % 64 == 0) == wanted:
            return f"same {n}"
    raise AssertionError


def plain_seed() -> str:
    return with_boundary(False)


def edge_seed() -> str:
    return with_boundary(True)


def chunk(n: int, boundary: bool, size=65536):
    """The n-th [link, bytes] whose digest is, or is not, a boundary."""
    seen, at = -1, 0
    while True:
        item = [Link(id_of_digest(RAW, hash256(f"item {at}".encode()))), size]
        seen += chunklist.is_boundary(item) == boundary
        if seen == n:
            return item
        at += 1


A, B, C, D = (chunk(n, False) for n in range(4))
X, Y, Z = (chunk(n, True) for n in range(3))


def number(item, at: int) -> int:
    """A total of an item, as far as the item has one."""
    good = isinstance(item, list) and len(item) > at and isinstance(item[at], int)
    return item[at] if good else 0


def shorter(node: bytes):
    """The hex of a node; for a leaf that is one item over and over, a formula."""
    if len(node) < 5000:
        return node.hex()
    item = dagcbor.encode(dagcbor.decode(node, len(node))[1][0])
    start = node.index(item)
    count = (len(node) - start) // len(item)
    assert node[start:] == item * count
    return [{"hex": node[:start].hex()}, {"repeat": item.hex(), "times": count}]


class Nodes:
    """Hand-made nodes of a list; the last one made is the root."""

    def __init__(self):
        self.made = []

    def add(self, level, items):
        data = dagcbor.encode([level, items])
        self.made.append(data)
        total = sum(number(i, 1) for i in items)
        count = len(items) if level == 0 else sum(number(i, 2) for i in items)
        return [Link(block_id(DAG_CBOR, data)), total, count]

    def given(self, size: int) -> dict:
        nodes = [shorter(data) for data in self.made]
        root = block_id(DAG_CBOR, self.made[-1]).hex()
        return {"root": root, "bytes": size, "nodes": nodes}


def single(level, items):
    nodes = Nodes()
    nodes.add(level, items)
    return nodes.given(sum(number(i, 1) for i in items))


def double(first, second, change=None, level=1):
    """Two leaves under a root; `change` may alter the root's items."""
    nodes = Nodes()
    above = [nodes.add(0, first), nodes.add(0, second)]
    nodes.add(level, change(above) if change else above)
    return nodes.given(sum(i[1] for i in first + second))


def set_number(at: int, number: int, value):
    def change(items):
        items[at][number] = value(items[at][number])
        return items

    return change


def good_checks(suite: Suite) -> None:
    def add(name, given, clause="CHUNK-4"):
        suite.accept(name, clause, "list-check", given)

    add("two chunks", single(0, [A, B]))
    add("two chunks, the last a boundary", single(0, [A, X]))
    add("two leaves", double([A, X], [B]))
    add("two leaves, both end at boundaries", double([A, X], [B, Y]))
    add("first leaf is one boundary", double([X], [A]))
    add("the same chunk twice", single(0, [A, A]), "CHUNK-3")
    tiny = chunk(9, False, 1)
    add("chunk of one byte", single(0, [A, tiny]), "CHUNK-6")
    add("chunk of 262144 bytes", single(0, [chunk(9, False, 262144), A]), "CHUNK-6")


def bad_checks(suite: Suite) -> None:
    def add(name, clause, given, error=None):
        suite.reject(f"list: {name}", clause, "list-check", given, error)

    add("root with one chunk", "CHUNK-5", single(0, [A]))
    add("root without chunks", "CHUNK-3", single(0, []))
    add("boundary inside a leaf", "CHUNK-4", single(0, [X, A]))
    add("first leaf ends without boundary", "CHUNK-4", double([A, B], [C]))
    add("boundary inside the first of two leaves", "CHUNK-4", double([X, A, Y], [B]))
    add("boundary inside the last leaf", "CHUNK-4", double([A, X], [B, Y, C]))
    same = [chunk(3, False)] * 513
    add("513 items in a leaf", "CHUNK-3", single(0, same))
    add("leaf split at 511 of 512", "CHUNK-4", double(same[:511], same[:2]))
    add("level 1 over a leaf of level 0 called level 2", "CHUNK-5", double([A, X], [B], level=2))
    nodes = Nodes()
    nodes.add(1, [nodes.add(0, [A, B])])
    add("root at level 1 with one item", "CHUNK-5", nodes.given(2 * 65536))
    add("level 13", "CHUNK-3", single(13, [[Link(block_id(DAG_CBOR, b"")), 1, 1]] * 2))
    add("level 2^64-1", "CHUNK-3", single(2**64 - 1, [[Link(block_id(DAG_CBOR, b"")), 1, 1]] * 2))
    for name, at, number, value in (
        ("bytes one too many", 0, 1, lambda v: v + 1),
        ("bytes one too few", 1, 1, lambda v: v - 1),
        ("bytes 0", 0, 1, lambda v: 0),
        ("blocks one too many", 0, 2, lambda v: v + 1),
        ("blocks one too few", 1, 2, lambda v: v - 1),
        ("blocks 2^64-1", 1, 2, lambda v: 2**64 - 1),
        ("bytes 2^64-1", 1, 1, lambda v: 2**64 - 1),
    ):
        given = double([A, X], [B], set_number(at, number, value))
        add(f"total of {name}", "CHUNK-6", given)
    add("chunk of 0 bytes", "CHUNK-6", single(0, [A, chunk(9, False, 0)]))
    add("chunk of 262145 bytes", "CHUNK-6", single(0, [A, chunk(9, False, 262145)]))
    shapes(add)
    given = single(0, [A, B])
    add("bytes of the whole is one too many", "TREE-6", {**given, "bytes": given["bytes"] + 1})
    add("bytes of the whole is 0", "TREE-6", {**given, "bytes": 0})
    given = double([A, X], [B])
    add("a leaf is missing", "TREE-8", {**given, "nodes": given["nodes"][1:]})
    flipped = given["nodes"][0][:-2] + "01"
    nodes = [flipped, *given["nodes"][1:]]
    add("a leaf has one bit flipped", "TREE-8", {**given, "nodes": nodes})


def shapes(add) -> None:
    raw = bytes(A[0])
    structure = Link(block_id(DAG_CBOR, b""))
    add("chunk with codec dag-cbor", "CHUNK-3", single(0, [[structure, 10], A]))
    add("leaf with codec raw", "CHUNK-3", single(1, [[A[0], 10, 1], [B[0], 10, 1]]))
    add("chunk with a third field", "CHUNK-3", single(0, [[*A, 1], B]))
    add("chunk without length", "CHUNK-3", single(0, [[A[0]], B]))
    add("chunk as bare id", "CHUNK-3", single(0, [[raw, 65536], B]))
    add("length as text", "CHUNK-3", single(0, [[A[0], "65536"], B]))
    add("inner item without blocks", "CHUNK-3", single(1, [[structure, 10], [structure, 10]]))
    add("item as map", "CHUNK-3", single(0, [{"a": 1}, B]))
    nodes = Nodes()
    first, second = nodes.add(0, [A, X]), nodes.add(0, [])
    nodes.add(1, [first, second])
    add("empty leaf", "CHUNK-3", nodes.given(2 * 65536))
    nodes = Nodes()
    first, second = nodes.add(0, [A, X]), nodes.add(0, [B])
    middle = nodes.add(1, [first, second])
    nodes.add(1, [middle, second])
    add("level 1 under level 1", "CHUNK-5", nodes.given(4 * 65536))


def suites() -> dict:
    suite, lists_suite = Suite("chunking", "CHUNK-1 to CHUNK-3"), Suite("chunking", "CHUNK-3 to CHUNK-6")
    files(suite)
    lists(lists_suite)
    good_checks(lists_suite)
    bad_checks(lists_suite)
    return {"files": suite, "lists": lists_suite}
