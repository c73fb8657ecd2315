"""Cases for spec/proof.md: proof files that are right, and ones with one thing wrong."""

from . import dagcbor, loose, proof, tree
from .dagcbor import Link
from .fixtures import DROP, Tiny, changed, names, public
from .formula import given as given_bytes
from .ids import hash256, xof
from .runner import kind
from .suite import Suite

PATHS = sorted([*names(3, True, False), *names(2, True, True), *names(8, False)])
PRESENT, LARGE = PATHS[6], "media/large.bin"


@kind("proof-file")
def proof_file(given):
    found = proof.check(given_bytes(given))
    entry = found["entry"]
    digest = None if entry is None else hash256(found["content"]).hex()
    return {
        "archive": found["archive"].hex(),
        "sequence": found["release"]["sequence"],
        "path": found["path"],
        "part": found["part"],
        "hash": digest,
        "signers": len(found["head"]["release"]["signatures"]),
    }


class Sample:
    """An archive of two parts: small files, and one with a block list."""

    def __init__(self):
        self.archive, self.nodes, self.files, self.parts = Tiny(), {}, {}, []
        self.large = xof("yadgar proof", 70000) * 3
        self.part("core", [(path, path.encode()) for path in PATHS])
        self.part("media", [(LARGE, self.large)])
        self.head = self.archive.head(self.archive.release(parts=self.parts), (4,))

    def part(self, name: str, files) -> None:
        items = []
        for path, data in files:
            item, blocks = tree.entry(path, data)
            items.append(item)
            self.files[path] = (name, proof.file_blocks(item[3], len(item) == 5, blocks))
        root, nodes, _ = tree.build_tree(items)
        self.nodes |= nodes
        count, size = tree.totals(0, items)
        self.parts.append({"name": name, "root": Link(root), "bytes": size, "files": count})

    def prove(self, at: int, path: str):
        return tree.prove(bytes(self.parts[at]["root"]), path, self.nodes.__getitem__)

    def value(self, path: str) -> dict:
        if path in self.files:
            name, blocks = self.files[path]
            at = [part["name"] for part in self.parts].index(name)
            return proof.value(self.head, name, path, self.prove(at, path), blocks)
        nodes = [node for at in range(2) for node in self.prove(at, path)]
        return proof.value(self.head, "", path, nodes, [])


def hexed(value) -> dict:
    return {"hex": loose.encode(value).hex()}


def good(suite: Suite, s: Sample) -> None:
    def add(name, clause, path):
        suite.accept(name, clause, "proof-file", hexed(s.value(path)))

    add("a small file", "PROOF-6", PRESENT)
    add("the first path of its part", "PROOF-4", PATHS[0])
    add("the last path of its part", "PROOF-4", PATHS[-1])
    add("absent between others", "PROOF-5", PRESENT + "x")
    add("absent before all", "PROOF-5", "!")
    add("absent behind all", "PROOF-5", "~")
    empty = Tiny()
    head = empty.head(empty.release(), (4,))
    value = proof.value(head, "", "a", [loose.encode([0, []])], [])
    suite.accept("absent from an empty release", "PROOF-5", "proof-file", hexed(value))
    suite.accept("a file with a block list", "PROOF-7", "proof-file", long(s, s.value(LARGE)))


def long(s: Sample, value) -> dict:
    """As segments, so that the content of the large file need not stand in the vectors."""
    raw, piece = loose.encode(value), xof("yadgar proof", 70000)
    out, at = [], 0
    for hit, start, size in pieces(raw, piece):
        out += [{"hex": raw[at:hit].hex()}, {"xof": "yadgar proof", "from": start, "to": start + size}]
        at = hit + size
    return {"data": [*out, {"hex": raw[at:].hex()}]}


def pieces(raw: bytes, piece: bytes):
    """(where, from, length) of longer stretches of the noise in `raw`."""
    found, at = [], 0
    while at + 64 <= len(raw):
        start = piece.find(raw[at : at + 64])
        if start < 0:
            at += 1
            continue
        size = 64
        while start + size < len(piece) and raw[at + size : at + size + 1] == piece[start + size : start + size + 1]:
            size += 1
        found.append((at, start, size))
        at += size
    return found


def fields(suite: Suite, s: Sample) -> None:
    def add(name, clause, error=None, of=PRESENT, **changes):
        suite.reject(f"proof: {name}", clause, "proof-file", hexed(changed(s.value(of), changes)), error)

    add("another kind", "PROOF-1", kind="proofs")
    add("format 0", "PROOF-1", format=0)
    add("format 2", "ENC-9", format=2)
    add("an unknown field", "ENC-6", more=1)
    for key in ("head", "kind", "part", "path", "nodes", "blocks"):
        add(f"without {key}", "ENC-6", **{key: DROP})
    add("head as text", "ENC-6", head="x")
    add("nodes as one byte string", "ENC-6", nodes=b"x")
    add("blocks as numbers", "ENC-6", blocks=[1])
    raw = loose.encode(s.value(PRESENT))
    suite.reject("proof: a byte behind it", "ENC-5", "proof-file", {"hex": (raw + b"\0").hex()})
    suite.reject("proof: cut off", "ENC-8", "proof-file", {"hex": raw[:-1].hex()})
    cap = {"data": [{"hex": raw.hex()}, {"repeat": "00", "times": proof.MAX_PROOF_BYTES}]}
    suite.reject("proof: longer than its cap", "ENC-1", "proof-file", cap)
    add("path with dot-dot", "PATH-2", path="../x", nodes=s.prove(0, PRESENT))
    add("a part that is not there", "PROOF-3", part="none")
    add("the wrong part", "PROOF-4", part="media")


def heads(suite: Suite, s: Sample) -> None:
    def add(name, clause, head):
        value = changed(s.value(PRESENT), {"head": head})
        suite.reject(f"head: {name}", clause, "proof-file", hexed(value))

    payload = s.archive.release(parts=s.parts)
    add("signed by another key", "ENV-5", s.archive.head(payload, (5,)))
    other = Tiny(name="another archive")
    add("release of another archive", "TRUST-6", other.head(payload, (4,)))
    one = s.archive.signed[0]
    forged = {**one, "signatures": [[public(1), one["signatures"][0][1][:-1] + b"\0"]]}
    add("trust root with a wrong signature", "ENV-3", loose.encode(changed(decoded(s.head), {"roots": [forged]})))


def decoded(head: bytes) -> dict:
    return dagcbor.decode(head, 262144)


def nodes_and_blocks(suite: Suite, s: Sample) -> None:
    def add(name, clause, of=PRESENT, **changes):
        suite.reject(name, clause, "proof-file", hexed(changed(s.value(of), changes)))

    right, last = s.prove(0, PRESENT), s.prove(0, PATHS[-1])
    add("nodes: none", "PROOF-4", nodes=[])
    add("nodes: without the leaf", "PROOF-4", nodes=right[:-1])
    add("nodes: one left over", "PROOF-4", nodes=[*right, right[-1]])
    add("nodes: another leaf", "PROOF-4", nodes=[*right[:-1], last[-1]])
    absent = changed(s.value(PRESENT), {"path": PRESENT + "x", "nodes": s.prove(0, PRESENT + "x")})
    suite.reject("an absent path with a part", "PROOF-4", "proof-file", hexed(absent))
    add("blocks: none", "PROOF-6", blocks=[])
    add("blocks: another one", "PROOF-6", blocks=[b"x"])
    add("blocks: one left over", "PROOF-6", blocks=[PRESENT.encode(), b""])
    gone = "~"
    both = s.value(gone)["nodes"]
    add("absence: of one part only", "PROOF-5", of=gone, nodes=s.prove(0, gone))
    add("absence: without nodes", "PROOF-5", of=gone, nodes=[])
    add("absence: a node left over", "PROOF-5", of=gone, nodes=[*both, both[-1]])
    add("absence: parts in another order", "PROOF-5", of=gone, nodes=[*s.prove(1, gone), *s.prove(0, gone)])
    add("absence: with a block", "PROOF-5", of=gone, blocks=[b""])
    there = [*s.prove(0, PRESENT), *s.prove(1, PRESENT)]
    add("absence: of what is there", "PROOF-5", part="", nodes=there, blocks=[])


def listed(suite: Suite, s: Sample) -> None:
    value = s.value(LARGE)
    blocks = value["blocks"]

    def add(name, blocks):
        given = long(s, changed(value, {"blocks": blocks}))
        suite.reject(f"list: {name}", "PROOF-7", "proof-file", given)

    add("no blocks", [])
    add("without the last chunk", blocks[:-1])
    add("chunk before its list", [blocks[1], blocks[0], *blocks[2:]])
    add("a block left over", [*blocks, b""])
    add("two chunks exchanged", [blocks[0], blocks[2], blocks[1], *blocks[3:]])


def suites() -> dict:
    suite, s = Suite("proof", "PROOF-1 to PROOF-7"), Sample()
    good(suite, s)
    fields(suite, s)
    heads(suite, s)
    nodes_and_blocks(suite, s)
    listed(suite, s)
    return {"proof": suite}
