"""A static mirror (spec/static.md): static head, catalog, index, member, ranges."""

import re
from itertools import pairwise

from . import dagcbor, ids
from .fault import Fault, require
from .fields import check_fields, check_format, uint
from .ids import DAG_CBOR, RAW, as_hash
from .limits import (
    MAX_BULLETIN_BYTES,
    MAX_CATALOG_BYTES,
    MAX_CATALOG_PACKS,
    MAX_CATALOGS,
    MAX_HEAD_BYTES,
    MAX_MEMBER_BLOCKS,
    MAX_MEMBER_BYTES,
    MAX_PACK_BLOCKS,
    MAX_PACK_BYTES,
    MAX_PACK_INDEX_BYTES,
    MAX_PARTS,
    MAX_STATIC_HEAD_BYTES,
)
from .sync_frames import unzstd


def typed(value, kind, what: str):
    require(isinstance(value, kind) and not isinstance(value, bool), "ENC-6", f"type of {what}")
    return value


def check_file(value, most: int, clause: str):
    require(isinstance(value, list) and len(value) == 2, "ENC-6", "a file is hash and length")
    as_hash(value[0], "ENC-6")
    require(1 <= typed(value[1], int, "length") <= most, clause, "length of a file")
    return value


def parse_head(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_STATIC_HEAD_BYTES)
    check_format(value, "STATIC-3")
    check_fields(value, ("head", "kind", "format", "archive", "catalogs"), ("denied", "bulletin"))
    require(value["kind"] == "static-head", "STATIC-3", "kind is not static-head")
    as_hash(value["archive"], "ENC-6")
    if "denied" in value:
        as_hash(value["denied"], "ENC-6")
    for key, most in (("head", MAX_HEAD_BYTES), ("bulletin", MAX_BULLETIN_BYTES)):
        if key in value:
            require(1 <= len(typed(value[key], bytes, key)) <= most, "STATIC-3", f"length of {key}")
    catalogs = typed(value["catalogs"], list, "catalogs")
    require(1 <= len(catalogs) <= MAX_CATALOGS, "STATIC-3", "how many catalogs")
    for one in catalogs:
        check_file(one, MAX_CATALOG_BYTES, "STATIC-3")
    return value


def check_pack(pack) -> None:
    check_fields(pack, ("pack", "holds", "index", "parts", "blocks"))
    check_file(pack["pack"], MAX_PACK_BYTES, "STATIC-4")
    check_file(pack["index"], MAX_PACK_INDEX_BYTES, "STATIC-4")
    require(pack["holds"] in ("structure", "content"), "ENC-6", "holds is one of two words")
    require(1 <= uint(pack, "blocks") <= MAX_PACK_BLOCKS, "STATIC-4", "how many blocks")
    names = typed(pack["parts"], list, "parts")
    for name in names:
        typed(name, str, "name of a part")
    good = all(re.fullmatch("[a-z0-9-]{1,32}", name) for name in names)
    require(good and len(names) <= MAX_PARTS, "STATIC-4", "names of parts")
    require(all(a < b for a, b in pairwise(names)), "STATIC-4", "names ascending, each once")


def parse_catalog(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_CATALOG_BYTES)
    check_format(value, "STATIC-4")
    check_fields(value, ("kind", "packs", "format"))
    require(value["kind"] == "static-catalog", "STATIC-4", "kind is not static-catalog")
    packs = typed(value["packs"], list, "packs")
    require(1 <= len(packs) <= MAX_CATALOG_PACKS, "STATIC-4", "how many packs")
    for pack in packs:
        check_pack(pack)
    require(len({p["pack"][0] for p in packs}) == len(packs), "STATIC-4", "a pack twice")
    return value


def check_block(block):
    require(isinstance(block, list) and len(block) == 3, "ENC-6", "a block is an array of three")
    codec, digest, length = block
    as_hash(digest, "ENC-6")
    require(typed(codec, int, "codec") in (RAW, DAG_CBOR), "STATIC-5", "codec")
    require(typed(length, int, "length") <= MAX_MEMBER_BYTES, "STATIC-5", "length of a block")


def check_member(member) -> None:
    require(isinstance(member, list) and len(member) == 3, "ENC-6", "a member is an array of three")
    stored, encoding, blocks = member
    typed(stored, int, "stored length")
    typed(encoding, int, "encoding")
    typed(blocks, list, "blocks")
    require(1 <= len(blocks) <= MAX_MEMBER_BLOCKS, "STATIC-5", "how many blocks in a member")
    for block in blocks:
        check_block(block)
    plain = sum(block[2] for block in blocks)
    require(encoding in (0, 1), "STATIC-5", "encoding")
    require(1 <= stored <= MAX_MEMBER_BYTES and plain <= MAX_MEMBER_BYTES, "STATIC-5", "lengths")
    require(encoding == 1 or plain == stored, "STATIC-5", "plain length of a plain member")


def parse_index(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_PACK_INDEX_BYTES)
    check_format(value, "STATIC-5")
    check_fields(value, ("kind", "pack", "format", "members"))
    require(value["kind"] == "static-index", "STATIC-5", "kind is not static-index")
    check_file(value["pack"], MAX_PACK_BYTES, "STATIC-5")
    for member in typed(value["members"], list, "members"):
        check_member(member)
    names = [tuple(block[:2]) for member in value["members"] for block in member[2]]
    require(len(names) <= MAX_PACK_BLOCKS, "STATIC-5", "how many blocks in a pack")
    require(len(set(names)) == len(names), "STATIC-5", "a block twice")
    total = sum(member[0] for member in value["members"])
    require(total == value["pack"][1], "STATIC-5", "members do not add up to the pack")
    return value


def open_member(member, stored: bytes) -> list:
    """The plain blocks of a member, each hashed."""
    length, encoding, blocks = member
    require(len(stored) == length, "STATIC-6", "another length")
    plain = stored
    if encoding == 1:
        try:
            plain = unzstd(stored)
        except Fault:
            raise Fault("STATIC-6", "not one zstd frame") from None
    require(len(plain) == sum(b[2] for b in blocks), "STATIC-6", "lengths do not add up")
    out, at = [], 0
    for _, digest, size in blocks:
        out.append(plain[at : at + size])
        at += size
        require(ids.hash256(out[-1]) == digest, "STATIC-6", "wrong hash")
    return out


def ranges(index: dict, wanted, gap: int, most: int) -> list:
    """[first byte, length, first member, number of members] of what holds the blocks numbered `wanted`."""
    out, at, number = [], 0, 0
    for n, (stored, _, blocks) in enumerate(index["members"]):
        here = range(number, number + len(blocks))
        number += len(blocks)
        start, at = at, at + stored
        if not any(w in here for w in wanted):
            continue
        last = out[-1] if out else None
        if last and start - last[0] - last[1] <= gap and at - last[0] <= most:
            last[1], last[3] = at - last[0], n + 1 - last[2]
        else:
            out.append([start, stored, n, 1])
    return out
