"""Files as blocks and block lists (spec/chunking.md)."""

from . import dagcbor, fastcdc2020
from .dagcbor import Link
from .fault import require
from .ids import DAG_CBOR, RAW, block_id, check_block_id, hash256
from .limits import MAX_BLOCK_BYTES, MAX_FILE_BYTES, MAX_LIST_ENTRIES, MAX_TREE_LEVEL


def is_boundary(item) -> bool:
    digest = bytes(item[0])[4:]
    return int.from_bytes(digest[:4], "little") % 64 == 0


def group(items, level: int, boundary, most: int):
    """Left to right; a node ends at a boundary or when full (CHUNK-4, TREE-3)."""
    least = 1 if level == 0 else 2
    nodes, node = [], []
    for item in items:
        node.append(item)
        if len(node) >= least and (boundary(item) or len(node) == most):
            nodes.append(node)
            node = []
    return nodes + [node] if node else nodes


def build_list(items):
    """From [link, bytes] of every chunk to (root id, {id: node bytes}, root level)."""
    level, blocks = 0, {}
    while True:
        above = []
        for node in group(items, level, is_boundary, MAX_LIST_ENTRIES):
            data = dagcbor.encode([level, node])
            name = block_id(DAG_CBOR, data)
            blocks[name] = data
            count = len(node) if level == 0 else sum(i[2] for i in node)
            above.append([Link(name), sum(i[1] for i in node), count])
        if len(above) == 1:
            return bytes(above[0][0]), blocks, level
        items, level = above, level + 1


def split_file(data: bytes):
    """The lengths of the chunks of a file; one chunk means one block."""
    return [len(data)] if len(data) <= fastcdc2020.AVERAGE else fastcdc2020.lengths(data)


def add_file(data: bytes):
    """(link, {id: block}, is_list): a file as the tree refers to it."""
    sizes, blocks, items, at = split_file(data), {}, [], 0
    for size in sizes:
        chunk = data[at : at + size]
        name = block_id(RAW, chunk)
        blocks[name] = chunk
        items.append([Link(name), size])
        at += size
    if len(items) == 1:
        return items[0][0], blocks, False
    root, nodes, _ = build_list(items)
    return Link(root), {**nodes, **blocks}, True


def check_item(item, level: int):
    wanted = 2 if level == 0 else 3
    require(isinstance(item, list) and len(item) == wanted, "CHUNK-3", "shape of a list item")
    link, numbers = item[0], item[1:]
    require(isinstance(link, Link), "CHUNK-3", "item without link")
    require(all(isinstance(n, int) for n in numbers), "CHUNK-3", "totals are numbers")
    codec = RAW if level == 0 else DAG_CBOR
    require(check_block_id(link)[1] == codec, "CHUNK-3", "codec does not fit the level")
    if level == 0:
        require(1 <= item[1] <= MAX_BLOCK_BYTES, "CHUNK-6", "a chunk has 1 to 262144 bytes")
    require(item[1] <= MAX_FILE_BYTES, "CHUNK-6", "more than a file may have")


def check_shape(items, level: int, last: bool, boundary, most: int, clause: str) -> None:
    """No boundary inside; ends at one unless it is the last node of its level."""
    least = 1 if level == 0 else 2
    for count, item in enumerate(items[:-1], 1):
        require(not (count >= least and boundary(item)), clause, "boundary inside a node")
    if not last:
        full = len(items) == most
        ends = len(items) >= least and boundary(items[-1])
        require(full or ends, clause, "node ends without boundary")


def check_list_node(data: bytes, level, root: bool, last: bool):
    """Decode one node and check what it says by itself. `level` None: any."""
    value = dagcbor.decode(data, MAX_BLOCK_BYTES)
    good = isinstance(value, list) and len(value) == 2 and isinstance(value[1], list)
    require(good and isinstance(value[0], int), "CHUNK-3", "shape of a list node")
    own, items = value
    require(own <= MAX_TREE_LEVEL, "CHUNK-3", "level above 12")
    require(level is None or own == level, "CHUNK-5", "not one level below its parent")
    require(1 <= len(items) <= MAX_LIST_ENTRIES, "CHUNK-3", "1 to 512 items")
    for item in items:
        check_item(item, own)
    require(not root or len(items) >= 2, "CHUNK-5", "a root has two items or more")
    check_shape(items, own, last, is_boundary, MAX_LIST_ENTRIES, "CHUNK-4")
    return own, items


def read_list(root: bytes, size: int, fetch):
    """Walk a block list; yields nothing, returns the [link, bytes] of all chunks in order."""

    def walk(name, level, is_root, last):
        own, items = check_list_node(fetch(name), level, is_root, last)
        if own == 0:
            return items
        chunks = []
        for n, (link, total, count) in enumerate(items):
            below = walk(bytes(link), own - 1, False, last and n == len(items) - 1)
            require(sum(c[1] for c in below) == total, "CHUNK-6", "bytes total is wrong")
            require(len(below) == count, "CHUNK-6", "blocks total is wrong")
            chunks += below
        return chunks

    chunks = walk(root, None, True, True)
    require(sum(c[1] for c in chunks) == size, "TREE-6", "size differs from the list's total")
    return chunks


def read_file(link: bytes, size: int, digest, fetch) -> bytes:
    """The bytes of a file, every rule of chunking.md and TREE-6 checked."""
    if digest is None:
        data = fetch(link)
        require(len(data) == size, "TREE-6", "size differs from the block")
        return data
    parts = []
    for name, length in read_list(link, size, fetch):
        parts.append(fetch(bytes(name)))
        require(len(parts[-1]) == length, "CHUNK-6", "chunk length is wrong")
    data = b"".join(parts)
    require(hash256(data) == digest, "TREE-6", "hash of the whole file is wrong")
    return data
