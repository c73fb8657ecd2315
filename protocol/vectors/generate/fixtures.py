"""Keys, trust roots, releases and heads that the cases are made of. Nothing here is random."""

from . import dagcbor, ed25519, envelope, loose, tree
from .dagcbor import Link
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT
from .ids import DAG_CBOR, block_id, hash256

DROP = object()


def seed(number: int) -> bytes:
    return hash256(f"yadgar vector key {number}".encode())


def public(number: int) -> bytes:
    return ed25519.public_of(seed(number))


def role(numbers, threshold: int) -> dict:
    return {"keys": sorted(public(n) for n in numbers), "threshold": threshold}


def changed(value: dict, changes: dict) -> dict:
    value = {**value, **{k.replace("_", "-"): v for k, v in changes.items()}}
    return {k: v for k, v in value.items() if v is not DROP}


def root_payload(
    version=1, prev=None, archive=None, root=((1, 2, 3), 2), release=((4, 5, 6), 2), **changes
) -> bytes:
    value = {
        "kind": "trust-root",
        "name": "yadgar test archive",
        "root": role(*root),
        "format": 1,
        "release": role(*release),
        "version": version,
    }
    if version == 1:
        value["nonce"] = bytes(range(16))
    else:
        value["prev"], value["archive"] = hash256(prev), archive
    return loose.encode(changed(value, changes))


def empty_part(name="core") -> dict:
    node = block_id(DAG_CBOR, dagcbor.encode([0, []]))
    return {"name": name, "root": Link(node), "bytes": 0, "files": 0}


def release_value(of: bytes, sequence=1, prev=None, root_version=1, **changes) -> dict:
    value = {
        "date": "2026-01-02",
        "kind": "release",
        "parts": [empty_part()],
        "format": 1,
        "archive": of,
        "records": 0,
        "sequence": sequence,
        "root-version": root_version,
    }
    if prev is not None:
        value["prev"] = hash256(prev)
    return changed(value, changes)


def release_payload(of: bytes, sequence=1, prev=None, root_version=1, **changes) -> bytes:
    return loose.encode(release_value(of, sequence, prev, root_version, **changes))


def signed_root(payload: bytes, numbers, archive=None, context=ROOT_CONTEXT) -> dict:
    archive = hash256(payload) if archive is None else archive
    return envelope.make([seed(n) for n in numbers], context, archive, payload)


def signed_release(payload: bytes, archive: bytes, numbers=(4, 5), context=RELEASE_CONTEXT):
    return envelope.make([seed(n) for n in numbers], context, archive, payload)


def head(roots, release: dict, **changes) -> bytes:
    value = {
        "link": Link(block_id(DAG_CBOR, release["payload"])),
        "roots": roots,
        "format": 1,
        "release": release,
    }
    return loose.encode(changed(value, changes))


class Archive:
    """A trust root version 1 and what follows from it."""

    def __init__(self, **changes):
        self.roots = [root_payload(**changes)]
        self.id = hash256(self.roots[0])
        self.signed = [signed_root(self.roots[0], (1, 2))]

    def rotate(self, signers, root, release, **changes) -> None:
        """One more trust root."""
        payload = root_payload(len(self.roots) + 1, self.roots[-1], self.id, root, release)
        value = changed(dagcbor.decode(payload, 65536), changes)
        self.roots.append(loose.encode(value))
        self.signed.append(signed_root(self.roots[-1], signers, self.id))

    def release(self, sequence=1, prev=None, **changes) -> bytes:
        changes.setdefault("root_version", len(self.roots))
        return release_payload(self.id, sequence, prev, **changes)

    def head(self, payload: bytes, signers=(4, 5), count=None, **changes) -> bytes:
        one = signed_release(payload, self.id, signers)
        return head(self.signed[:count], one, **changes)

    def chain(self, first: int, last: int, prev=None, **changes):
        """Payloads of the releases first..last, each with the hash of the one before."""
        out = []
        for sequence in range(first, last + 1):
            prev = self.release(sequence, prev, **changes)
            out.append(prev)
        return out


def small(**changes) -> Archive:
    """An archive whose roles have two keys each, both needed."""
    return Archive(**{"root": ((1, 2), 2), "release": ((4, 5), 2), **changes})


class Tiny(Archive):
    """An archive whose roles have one key each, to keep the cases short."""

    def __init__(self, **changes):
        super().__init__(root=((1,), 1), release=((4,), 1), **changes)
        self.signed = [signed_root(self.roots[0], (1,))]

    def head(self, payload: bytes, signers=(4,), count=None, **changes) -> bytes:
        return super().head(payload, signers, count, **changes)


def make_part(name: str, files) -> tuple:
    """(part, {node id: bytes}, [(id, bytes)] of the files in path order)."""
    items, blocks = [], []
    for path, data in sorted(files, key=lambda f: f[0].encode()):
        item, own = tree.entry(path, data)
        items.append(item)
        blocks += own.items()
    root, nodes, _ = tree.build_tree(items)
    count, size = tree.totals(0, items)
    return {"name": name, "root": Link(root), "bytes": size, "files": count}, nodes, blocks


def edge(level: int, path: str) -> bool:
    return tree.boundary_number(level, path) % 32 == 0


def names(count: int, *edges, start="p"):
    """The first `count` of p0.txt, p1.txt, ... that are, or are not, boundaries at level 0, 1, ..."""
    out, n = [], 0
    while len(out) < count:
        name = f"{start}{n}.txt"
        if all(edge(level, name) == wanted for level, wanted in enumerate(edges)):
            out.append(name)
        n += 1
    return sorted(out)
