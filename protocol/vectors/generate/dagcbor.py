"""The CBOR profile of spec/encoding.md (ENC-1 to ENC-8), encoder and strict decoder."""

from .fault import Fault, require
from .ids import check_block_id
from .limits import MAX_DEPTH

UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, OTHER = range(8)


class Link(bytes):
    """A binary block id (36 bytes) that is written as tag 42."""


def head(major: int, value: int) -> bytes:
    """The initial bytes of a CBOR item, in shortest form."""
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError("number too large for CBOR")


def key_order(key: str):
    raw = key.encode()
    return len(raw), raw


def encode(value) -> bytes:
    if isinstance(value, bool) or value is None or isinstance(value, float):
        raise TypeError("not in the profile")
    if isinstance(value, int):
        require(value >= 0, "ENC-2", "negative integer")
        return head(UINT, value)
    if isinstance(value, Link):
        return head(TAG, 42) + encode(b"\0" + bytes(value))
    if isinstance(value, bytes):
        return head(BYTES, len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return head(TEXT, len(raw)) + raw
    if isinstance(value, (list, tuple)):
        return head(ARRAY, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        keys = sorted(value, key=key_order)
        return head(MAP, len(keys)) + b"".join(encode(k) + encode(value[k]) for k in keys)
    raise TypeError(type(value))


class Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        require(count <= len(self.data) - self.at, "ENC-8", "the bytes end too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def initial(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        require(major != OTHER, "ENC-2", "float, boolean, null or other simple value")
        if info < 24:
            return major, info
        require(info < 28, "ENC-3", "indefinite length or reserved form")
        size = 1 << info - 24
        value = int.from_bytes(self.take(size), "big")
        floor = 24 if size == 1 else 1 << 4 * size
        require(value >= floor, "ENC-3", "not the shortest form")
        return major, value

    def text(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise Fault("ENC-2", "text is not UTF-8") from None

    def item(self, depth: int):
        major, value = self.initial()
        if major == UINT:
            return value
        if major == BYTES:
            return self.take(value)
        if major == TEXT:
            return self.text(value)
        if major == TAG:
            return self.link(value)
        require(major != NINT, "ENC-2", "negative integer")
        require(depth < MAX_DEPTH, "ENC-7", "nested too deep")
        if major == ARRAY:
            require(value <= len(self.data) - self.at, "ENC-8", "more items than bytes")
            return [self.item(depth + 1) for _ in range(value)]
        return self.map(value, depth)

    def map(self, count: int, depth: int) -> dict:
        require(count * 2 <= len(self.data) - self.at, "ENC-8", "more fields than bytes")
        result, before = {}, None
        for _ in range(count):
            major, length = self.initial()
            require(major == TEXT, "ENC-2", "map key is not text")
            key = self.text(length)
            require(key not in result, "ENC-4", "key occurs twice")
            require(before is None or key_order(before) < key_order(key), "ENC-4", "keys unsorted")
            result[key] = self.item(depth + 1)
            before = key
        return result

    def link(self, tag: int) -> Link:
        require(tag == 42, "ENC-2", "tag other than 42")
        major, length = self.initial()
        require(major == BYTES, "ID-2", "a link is a byte string")
        raw = self.take(length)
        require(len(raw) == 37 and raw[0] == 0, "ID-2", "a link is 00 and a block id")
        check_block_id(raw[1:])
        return Link(raw[1:])


def decode(data: bytes, cap: int):
    """Decode one structure; every departure from the profile is a Fault."""
    require(len(data) <= cap, "ENC-1", "larger than its cap")
    reader = Reader(data)
    value = reader.item(0)
    require(reader.at == len(data), "ENC-5", "bytes after the structure")
    require(encode(value) == data, "ENC-8", "encodes to other bytes")
    return value
