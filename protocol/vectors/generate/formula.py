"""Long test data as short descriptions, so that the vector files stay small.

Data is a list of segments, each {"hex": h}, {"xof": text, "from": a, "to": b} (a slice of the
extended BLAKE3 output of the text), {"repeat": h, "times": n} or {"raw_ids": n}: the binary block
ids, codec raw, of the decimal numbers 0 to n-1 as text. Files of a tree are described
by {"paths": [...]}, {"pattern": "a/{i}", "count": n} (each file then holds its own path) and
{"files": [{"path": p, "data": segments}]}, together. Chunks of a list by {"seed": text, "count": n,
"bytes": b}: item i has the BLAKE3 of text and decimal i as digest, or, with "same", of text."""

from .dagcbor import Link
from .ids import RAW, block_id, hash256, id_of_digest, xof


def data(segments) -> bytes:
    out = []
    for part in segments:
        if "hex" in part:
            out.append(bytes.fromhex(part["hex"]))
        elif "xof" in part:
            out.append(xof(part["xof"], part["to"])[part["from"] :])
        elif "raw_ids" in part:
            texts = (str(n).encode() for n in range(part["raw_ids"]))
            out.append(b"".join(block_id(RAW, text) for text in texts))
        else:
            out.append(bytes.fromhex(part["repeat"]) * part["times"])
    return b"".join(out)


def given(value: dict) -> bytes:
    """The bytes of a case input: "hex", or "data" for long ones."""
    return bytes.fromhex(value["hex"]) if "hex" in value else data(value["data"])


def files(value: dict):
    """(path, bytes) of every file."""
    names = list(value.get("paths", []))
    if "pattern" in value:
        names += [value["pattern"].replace("{i}", str(i)) for i in range(value["count"])]
    pairs = [(name, name.encode()) for name in names]
    return pairs + [(f["path"], data(f["data"])) for f in value.get("files", [])]


def chunks(value: dict):
    """[link, bytes] of every chunk."""
    same = value.get("same", False)
    seeds = (value["seed"] + ("" if same else str(i)) for i in range(value["count"]))
    return [[Link(id_of_digest(RAW, hash256(s.encode()))), value["bytes"]] for s in seeds]


def hexed(raw: bytes):
    return [{"hex": raw.hex()}]
