"""Frames of /yadgar/sync/1 and what an asker and an answerer may do (spec/sync.md)."""

from .fault import Fault, require
from .ids import DAG_CBOR, RAW, block_id, check_block_id, hash256
from .limits import (
    MAX_BLOCK_BYTES,
    MAX_BULLETIN_BYTES,
    MAX_BUNDLE_BYTES,
    MAX_BUNDLED_BLOCK,
    MAX_FRAME_BYTES,
    MAX_HEAD_BYTES,
    MAX_OUTSTANDING_WANTS,
    MAX_WANTS_PER_FRAME,
)

GET_HEAD, HEAD, WANT, BLOCK, MISSING, BYE, GET_BULLETIN, BULLETIN = range(1, 9)
WANT_BUNDLED, BUNDLE = 9, 10
NAMES = {1: "get-head", 2: "head", 3: "want", 4: "block", 5: "missing", 6: "bye"}
NAMES |= {7: "get-bulletin", 8: "bulletin", 9: "want-bundled", 10: "bundle"}
PLAIN, ZSTD = 0, 1


def frame(kind: int, body: bytes) -> bytes:
    return (1 + len(body)).to_bytes(4, "big") + bytes([kind]) + body


def block_frame(name: bytes, data: bytes, encoding: int = PLAIN) -> bytes:
    return frame(BLOCK, bytes([encoding]) + name + data)


def parse_ids(body: bytes):
    require(len(body) % 36 == 0, "SYNC-6", "ids are 36 bytes each")
    count = len(body) // 36
    require(1 <= count <= MAX_WANTS_PER_FRAME, "SYNC-6", "1 to 512 ids")
    return [check_block_id(body[n : n + 36]) for n in range(0, len(body), 36)]


def parse_block(body: bytes) -> dict:
    require(len(body) >= 37, "SYNC-6", "block frame too short")
    encoding, name, data = body[0], check_block_id(body[1:37]), body[37:]
    require(encoding in (PLAIN, ZSTD), "SYNC-1", "unknown encoding")
    require(len(data) <= MAX_BLOCK_BYTES, "SYNC-1", "longer than a block may be")
    if encoding == PLAIN:
        require(hash256(data) == name[4:], "SYNC-6", "wrong hash")
    return {"encoding": encoding, "id": name, "data": data}


def parse_body(kind: int, body: bytes) -> dict:
    if kind in (GET_HEAD, GET_BULLETIN):
        require(len(body) == 32, "SYNC-6", "a question is an archive id")
        return {"archive": body}
    if kind == HEAD:
        require(32 <= len(body) <= 32 + MAX_HEAD_BYTES, "SYNC-6", "length of a head frame")
        return {"archive": body[:32], "head": body[32:]}
    if kind == BULLETIN:
        most = 32 + MAX_BULLETIN_BYTES
        require(32 <= len(body) <= most, "SYNC-6", "length of a bulletin frame")
        return {"archive": body[:32], "bulletin": body[32:]}
    if kind in (WANT, WANT_BUNDLED, MISSING):
        return {"ids": parse_ids(body)}
    if kind == BLOCK:
        return parse_block(body)
    if kind == BUNDLE:
        require(1 <= len(body) < MAX_BUNDLE_BYTES, "SYNC-6", "length of a bundle frame")
        return {"bundle": body}
    require(kind == BYE, "SYNC-6", "unknown kind")
    require(not body, "SYNC-6", "bye has no body")
    return {}


def parse_length(field: bytes) -> int:
    require(len(field) == 4, "SYNC-6", "no length")
    length = int.from_bytes(field, "big")
    require(1 <= length <= MAX_FRAME_BYTES, "SYNC-6", "length of a frame")
    return length


def parse(data: bytes) -> dict:
    """Exactly one frame."""
    length = parse_length(data[:4])
    require(len(data) == 4 + length, "SYNC-6", "not the stated length")
    return {"kind": NAMES.get(data[4]), **parse_body(data[4], data[5:])}


class Asker:
    """What one side has asked for and is still owed (SYNC-2, SYNC-3, SYNC-5)."""

    def __init__(self):
        self.open = set()
        self.heads = []
        self.bye = False

    def want(self, ids) -> None:
        self.open |= set(ids)
        require(len(self.open) <= MAX_OUTSTANDING_WANTS, "SYNC-3", "more than 2048 unanswered")

    def answer(self, ids) -> None:
        for name in ids:
            require(name in self.open, "SYNC-2", "what was not wanted")
            self.open.remove(name)

    def end(self) -> None:
        require(not self.open, "SYNC-5", "ends with answers owed")


def zstd_frame(plain: bytes) -> bytes:
    """A zstd frame (RFC 8878) of run-length and raw blocks, made without a compressor."""
    step = 1 << 17
    return zstd_pieces([plain[at : at + step] for at in range(0, len(plain), step)] or [b""])


def zstd_pieces(pieces) -> bytes:
    """The same with a block for each piece of at most 128 KiB."""
    size = sum(map(len, pieces))
    out = bytearray(bytes.fromhex("28b52ffd") + b"\xa0" + size.to_bytes(4, "little"))
    for number, piece in enumerate(pieces, 1):
        last = number == len(pieces)
        same = len(piece) > 1 and piece == piece[:1] * len(piece)
        out += (len(piece) << 3 | (2 if same else 0) | last).to_bytes(3, "little")
        out += piece[:1] if same else piece
    return bytes(out)


def unzstd(data: bytes) -> bytes:
    """The same kind of frame back; anything else is a Fault (enough for the vectors)."""
    require(data[:5] == bytes.fromhex("28b52ffda0") and len(data) > 9, "SYNC-1", "not a zstd frame")
    stated = int.from_bytes(data[5:9], "little")
    require(stated <= MAX_BLOCK_BYTES, "SYNC-1", "decompresses to more than a block")
    out, at, last = bytearray(), 9, False
    while not last:
        head = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = head & 1, head >> 1 & 3, head >> 3
        require(at + 3 <= len(data) and kind in (0, 1), "SYNC-1", "broken zstd frame")
        body = data[at + 3 : at + 3 + (1 if kind == 1 else size)]
        out += body * size if kind == 1 else body
        at += 3 + len(body)
        require(len(out) <= MAX_BLOCK_BYTES, "SYNC-1", "decompresses to more than a block")
    require(at == len(data) and len(out) == stated, "SYNC-1", "not one zstd frame")
    return bytes(out)


def open_block(frame_bytes: bytes) -> bytes:
    """The plain block of a block frame, hash checked."""
    got = parse(frame_bytes)
    if got.get("kind") != "block":
        raise Fault("SYNC-6", "not a block frame")
    if got["encoding"] == PLAIN:
        return got["data"]
    plain = unzstd(got["data"])
    require(len(got["data"]) < len(plain), "SYNC-1", "not shorter than the plain block")
    require(hash256(plain) == got["id"][4:], "SYNC-6", "wrong hash")
    return plain


CODECS = {0x55: RAW, 0x71: DAG_CBOR}


def pack_bundle(blocks) -> bytes:
    """What is compressed into a bundle (SYNC-12): `blocks` are pairs of a codec byte and bytes."""
    return b"".join(bundle_pieces(blocks))


def bundle_pieces(blocks) -> list:
    """The same, fronts and blocks apart."""
    fronts = (bytes([codec]) + len(data).to_bytes(4, "big") for codec, data in blocks)
    return [piece for front, (_, data) in zip(fronts, blocks) for piece in (front, data)]


def open_bundle(frame_bytes: bytes) -> list:
    """The ids of the blocks of a bundle frame, found by hashing."""
    body = parse(frame_bytes)["bundle"]
    try:
        plain = unzstd(body)
    except Fault as fault:
        raise Fault("SYNC-12", str(fault)) from fault
    require(len(body) < len(plain), "SYNC-12", "not shorter than what is in it")
    names, at = [], 0
    while at < len(plain):
        require(at + 5 <= len(plain), "SYNC-12", "half a length")
        codec, size = plain[at], int.from_bytes(plain[at + 1 : at + 5], "big")
        require(codec in CODECS, "SYNC-12", "unknown codec")
        require(size <= MAX_BUNDLED_BLOCK, "SYNC-12", "a block that is too long for a bundle")
        require(at + 5 + size <= len(plain), "SYNC-12", "cut block")
        names.append(block_id(CODECS[codec], plain[at + 5 : at + 5 + size]))
        at += 5 + size
    require(1 <= len(names) <= MAX_WANTS_PER_FRAME, "SYNC-12", "1 to 512 blocks")
    return names
