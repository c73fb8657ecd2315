"""The ordered map from path to entry (spec/tree.md): building, checking, proving."""

from itertools import pairwise

from . import dagcbor, paths
from .chunklist import add_file, check_shape, group
from .dagcbor import Link
from .fastcdc2020 import AVERAGE
from .fault import Fault, require
from .ids import DAG_CBOR, RAW, block_id, hash256
from .limits import MAX_BLOCK_BYTES, MAX_FILE_BYTES, MAX_NODE_ENTRIES, MAX_TREE_LEVEL


def boundary_number(level: int, path: str) -> int:
    return int.from_bytes(hash256(bytes([level]) + path.encode())[:4], "little")


def boundary_at(level: int):
    return lambda item: boundary_number(level, item[0]) % 32 == 0


def entry(path: str, data: bytes):
    """A level 0 item for a file, and the file's blocks."""
    link, blocks, listed = add_file(data)
    item = [path, paths.media_type(path), len(data), link]
    return (item + [hash256(data)] if listed else item), blocks


def totals(level: int, items):
    if level == 0:
        return len(items), sum(i[2] for i in items)
    return sum(i[2] for i in items), sum(i[3] for i in items)


def build_tree(items):
    """From level 0 items in any order to (root id, {id: node bytes} root first, root level)."""
    items = sorted(items, key=lambda i: i[0].encode())
    level, rows = 0, []
    while True:
        nodes = group(items, level, boundary_at(level), MAX_NODE_ENTRIES) or [[]]
        row, above = {}, []
        for node in nodes:
            data = dagcbor.encode([level, node])
            name = block_id(DAG_CBOR, data)
            row[name] = data
            above.append([node[-1][0] if node else "", Link(name), *totals(level, node)])
        rows.insert(0, row)
        if len(nodes) == 1:
            merged = {name: data for row in rows for name, data in row.items()}
            return bytes(above[0][1]), merged, level
        items, level = above, level + 1


def is_uint(value) -> bool:
    return isinstance(value, int)


def check_leaf_item(item) -> None:
    good = isinstance(item, list) and len(item) in (4, 5) and isinstance(item[0], str)
    good = good and isinstance(item[1], str) and is_uint(item[2]) and isinstance(item[3], Link)
    require(good, "TREE-1", "shape of an entry")
    path, media, size, link = item[:4]
    paths.check_path(path)
    require(media == paths.media_type(path), "TREE-7", "media type is not that of the path")
    require(size <= MAX_FILE_BYTES, "TREE-6", "file too large")
    if len(item) == 4:
        require(link[1] == RAW, "TREE-6", "one-block form needs codec raw")
        require(size <= MAX_BLOCK_BYTES, "TREE-6", "one-block form is at most 262144 bytes")
    else:
        require(link[1] == DAG_CBOR, "TREE-6", "list form needs codec dag-cbor")
        require(size > AVERAGE, "CHUNK-1", "a file of at most 65536 bytes has no list")
        good = type(item[4]) is bytes and len(item[4]) == 32
        require(good, "TREE-6", "list form needs the hash of the file")


def check_inner_item(item) -> None:
    good = isinstance(item, list) and len(item) == 4 and isinstance(item[0], str)
    good = good and isinstance(item[1], Link) and is_uint(item[2]) and is_uint(item[3])
    require(good, "TREE-5", "shape of an inner item")
    paths.check_path(item[0])
    require(item[1][1] == DAG_CBOR, "TREE-8", "a node has codec dag-cbor")


def check_node(data: bytes, level, root: bool, last: bool):
    """Decode one node and check what it says by itself. `level` None: any."""
    value = dagcbor.decode(data, MAX_BLOCK_BYTES)
    good = isinstance(value, list) and len(value) == 2 and isinstance(value[1], list)
    require(good and is_uint(value[0]), "TREE-8", "shape of a tree node")
    own, items = value
    require(own <= MAX_TREE_LEVEL, "TREE-8", "level above 12")
    require(level is None or own == level, "TREE-8", "not one level below its parent")
    require(len(items) <= MAX_NODE_ENTRIES, "TREE-3", "more than 256 items")
    for item in items:
        (check_leaf_item if own == 0 else check_inner_item)(item)
    names = [i[0].encode() for i in items]
    require(all(a < b for a, b in pairwise(names)), "TREE-1", "items out of order")
    if root and own > 0:
        require(len(items) >= 2, "TREE-4", "an inner root has two items or more")
    require(items or (root and own == 0), "TREE-4", "empty node")
    check_shape(items, own, last, boundary_at(own), MAX_NODE_ENTRIES, "TREE-3")
    return own, items


class Walk:
    """All nodes of a tree from its root, every rule checked."""

    def __init__(self, fetch):
        self.fetch = fetch
        self.entries = []
        self.nodes = 0

    def node(self, name: bytes, level, root=True, last=True, lower=None):
        own, items = check_node(self.fetch(name), level, root, last)
        self.nodes += 1
        if items and lower is not None:
            require(items[0][0].encode() > lower, "TREE-1", "out of order across nodes")
        if own == 0:
            self.entries += items
            return items
        for n, (path, link, files, size) in enumerate(items):
            right = last and n == len(items) - 1
            below = self.node(bytes(link), own - 1, False, right, lower)
            require(below[-1][0] == path, "TREE-8", "last path is not the parent's")
            require(totals(own - 1, below) == (files, size), "TREE-5", "totals are wrong")
            lower = path.encode()
        return items


def read_tree(root: bytes, files: int, size: int, fetch):
    """The entries of a part whose release states these totals."""
    walk = Walk(fetch)
    top = walk.node(root, None)
    require(totals(0, walk.entries) == (files, size), "TREE-5", "the part's totals are wrong")
    return walk.entries, walk.nodes, top


def prove(root: bytes, path: str, fetch):
    """The nodes from the root to the leaf in whose range a path is."""
    nodes, name, wanted = [], root, path.encode()
    while True:
        data = fetch(name)
        nodes.append(data)
        level, items = dagcbor.decode(data, MAX_BLOCK_BYTES)
        if level == 0:
            return nodes
        name = bytes(next((i for i in items if i[0].encode() >= wanted), items[-1])[1])


def check_proof(root: bytes, path: str, nodes):
    """The entry of a path, or None when the nodes prove that it is absent."""
    paths.check_path(path)
    name, level, last, bound = root, None, True, None
    wanted = path.encode()
    require(len(nodes) > 0, "PROOF", "no nodes")
    for n, data in enumerate(nodes):
        require(block_id(DAG_CBOR, data) == name, "PROOF", "not the node named before")
        own, items = check_node(data, level, n == 0, last)
        require(bound is None or items[-1][0] == bound, "TREE-8", "last path is not the parent's")
        if own == 0:
            require(n == len(nodes) - 1, "PROOF", "nodes after the leaf")
            return next((i for i in items if i[0] == path), None)
        at = next((k for k, i in enumerate(items) if i[0].encode() >= wanted), len(items) - 1)
        last = last and at == len(items) - 1
        bound, name, level = items[at][0], bytes(items[at][1]), own - 1
    raise Fault("PROOF", "the leaf is missing")
