"""Cases for proofs that a path is, or is not, in a tree (spec/tree.md, last section)."""

from . import dagcbor, tree
from .fixtures import names
from .suite import Suite

EDGES = [*names(9, True, False), *names(6, True, True)]
PATHS = sorted([*EDGES, *names(30, False)])
PRESENT = PATHS[20]
ABSENT = PRESENT[:-1]


class Proofs:
    """A small tree of three levels and the proofs in it."""

    def __init__(self):
        items = [tree.entry(path, path.encode())[0] for path in PATHS]
        self.root, nodes, self.level = tree.build_tree(items)
        assert self.level >= 2
        self.fetch = nodes.__getitem__
        self.paths = PATHS

    def nodes(self, path: str):
        return tree.prove(self.root, path, self.fetch)

    def given(self, path: str, nodes=None) -> dict:
        nodes = self.nodes(path) if nodes is None else nodes
        return {"root": self.root.hex(), "path": path, "nodes": [n.hex() for n in nodes]}


def good(suite: Suite, p: Proofs) -> None:
    def add(name, path):
        suite.accept(name, "PROOF", "proof", p.given(path))

    add("a path in the middle", PRESENT)
    add("the first path", p.paths[0])
    add("the last path", p.paths[-1])
    add("absent, in the middle", ABSENT)
    add("absent, before the first", "a")
    add("absent, after the last", "z")
    leaf = dagcbor.decode(p.nodes(PRESENT)[-1], 262144)[1]
    add("last path of a leaf", leaf[-1][0])
    add("absent, just after the last path of a leaf", leaf[-1][0] + "x")
    add("absent, just before the first path of a leaf", leaf[0][0][:-1])
    root, nodes, _ = tree.build_tree([])
    given = {"root": root.hex(), "path": "a", "nodes": [nodes[root].hex()]}
    suite.accept("absent from the empty tree", "PROOF", "proof", given)
    one = tree.entry("a", b"1")[0]
    root, nodes, _ = tree.build_tree([one])
    given = {"root": root.hex(), "path": "a", "nodes": [nodes[root].hex()]}
    suite.accept("in a tree of one file", "PROOF", "proof", given)


def bad(suite: Suite, p: Proofs) -> None:
    right, other = p.nodes(PRESENT), p.nodes(p.paths[-1])
    before = p.nodes(p.paths[0])
    assert right[-1] != other[-1] and right[-1] != before[-1]
    flipped = right[-1][:-1] + bytes([right[-1][-1] ^ 1])
    shorter = drop_entry(right[-1])
    rows = [
        ("no nodes", PRESENT, []),
        ("root only", PRESENT, right[:1]),
        ("without the leaf", PRESENT, right[:-1]),
        ("without the root", PRESENT, right[1:]),
        ("leaf only", PRESENT, right[-1:]),
        ("nodes backwards", PRESENT, right[::-1]),
        ("leaf twice", PRESENT, [*right, right[-1]]),
        ("another leaf in its place", PRESENT, [*right[:-1], other[-1]]),
        ("proof of the last path for this one", PRESENT, other),
        ("absence by the wrong leaf, too far right", ABSENT, other),
        ("absence by the wrong leaf, too far left", ABSENT, before),
        ("absence of what is there, by another leaf", PRESENT, before),
        ("one bit of the leaf flipped", PRESENT, [*right[:-1], flipped]),
        ("one bit of the root flipped", PRESENT, [right[0][:-1] + bytes([right[0][-1] ^ 1]), *right[1:]]),
        ("absence by a leaf without the entry", PRESENT, [*right[:-1], shorter]),
        ("a node of another tree in front", PRESENT, [other_tree(), *right]),
        ("a second leaf after the leaf", PRESENT, [*right, other[-1]]),
    ]
    for name, path, nodes in rows:
        given = p.given(path, nodes)
        suite.reject(f"proof: {name}", "PROOF", "proof", given)
    empty = dagcbor.encode([0, []])
    given = p.given(PRESENT, [empty])
    suite.reject("proof: absence by the empty tree", "PROOF", "proof", given)
    given = p.given("r/../a", right)
    suite.reject("proof: of what is no path", "PATH-2", "proof", given)


def drop_entry(leaf: bytes) -> bytes:
    level, items = dagcbor.decode(leaf, 262144)
    return dagcbor.encode([level, [i for i in items if i[0] != PRESENT]])


def other_tree() -> bytes:
    root, nodes, _ = tree.build_tree([tree.entry("a", b"2")[0]])
    return nodes[root]


def suite() -> Suite:
    out, p = Suite("tree", "proofs of tree.md"), Proofs()
    good(out, p)
    bad(out, p)
    return out
