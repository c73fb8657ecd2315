"""Trust root, release and head: what each must be by itself (spec/trust.md)."""

import re
import unicodedata
from itertools import pairwise

from . import dagcbor, ed25519, envelope, withdraw
from .fault import Fault, require
from .fields import UNNUMBERED, check_date, check_fields, check_format, uint
from .ids import DAG_CBOR, as_hash
from .limits import (
    MAX_HEAD_BYTES,
    MAX_NAME_BYTES,
    MAX_PARTS,
    MAX_PAYLOAD_BYTES,
    MAX_ROLE_KEYS,
    MAX_ROOTS,
    MAX_WITHDRAWN,
)
from .paths import check_characters


def check_name(name) -> None:
    require(isinstance(name, str), "ENC-6", "name is not text")
    require(1 <= len(name.encode()) <= MAX_NAME_BYTES, UNNUMBERED, "name is 1 to 200 bytes")
    require(unicodedata.is_normalized("NFC", name), UNNUMBERED, "name is not NFC")
    check_characters(name, UNNUMBERED)


def check_role(role) -> None:
    check_fields(role, ("keys", "threshold"))
    keys = role["keys"]
    require(isinstance(keys, list) and 1 <= len(keys) <= MAX_ROLE_KEYS, "TRUST-3", "1 to 16 keys")
    good = all(type(key) is bytes and len(key) == 32 for key in keys)
    require(good, "TRUST-3", "a key is 32 bytes")
    require(all(a < b for a, b in pairwise(keys)), "TRUST-3", "keys ascending, each once")
    require(all(ed25519.usable(key) for key in keys), "TRUST-3", "weak key")
    threshold = uint(role, "threshold")
    require(1 <= threshold <= len(keys), "TRUST-3", "threshold is 1 to the number of keys")


def parse_root(payload: bytes) -> dict:
    value = dagcbor.decode(payload, MAX_PAYLOAD_BYTES)
    check_format(value)
    must = ("kind", "name", "root", "format", "release", "version")
    check_fields(value, must, ("base", "prev", "nonce", "archive"))
    require(value["kind"] == "trust-root", UNNUMBERED, "kind is not trust-root")
    check_name(value["name"])
    version = uint(value, "version")
    require(version >= 1, UNNUMBERED, "version is 1 or more")
    first = version == 1
    require(("nonce" in value) == first, UNNUMBERED, "nonce is for version 1")
    require(("prev" in value) != first, UNNUMBERED, "prev is for later versions")
    require(("archive" in value) != first, UNNUMBERED, "archive is for later versions")
    if first:
        good = type(value["nonce"]) is bytes and len(value["nonce"]) == 16
        require(good, UNNUMBERED, "nonce is 16 bytes")
    else:
        as_hash(value["prev"], UNNUMBERED)
        as_hash(value["archive"], UNNUMBERED)
    if "base" in value:
        check_base(value["base"], first)
    check_role(value["root"])
    check_role(value["release"])
    return value


def check_base(base, first: bool) -> None:
    good = isinstance(base, list) and len(base) == 2 and isinstance(base[0], int)
    require(good and type(base[1]) is bytes and len(base[1]) == 32, "ENC-6", "types in a base")
    require(not first, "TRUST-18", "version 1 has no base")
    require(base[0] >= 1, "TRUST-18", "there is no release 0")


def check_part(part) -> None:
    check_fields(part, ("name", "root", "bytes", "files"))
    good = isinstance(part["name"], str) and re.fullmatch("[a-z0-9-]{1,32}", part["name"])
    require(bool(good), UNNUMBERED, "part name")
    link = part["root"]
    good = isinstance(link, dagcbor.Link) and link[1] == DAG_CBOR
    require(good, UNNUMBERED, "root of a part is a link to structure")
    uint(part, "bytes")
    uint(part, "files")


def parse_release(payload: bytes) -> dict:
    value = dagcbor.decode(payload, MAX_PAYLOAD_BYTES)
    check_format(value)
    must = ["date", "kind", "parts", "format", "archive", "records", "sequence", "root-version"]
    check_fields(value, must, ("prev", "withdrawn"))
    require(value["kind"] == "release", UNNUMBERED, "kind is not release")
    check_date(value["date"])
    as_hash(value["archive"], UNNUMBERED)
    for key in ("records", "sequence", "root-version"):
        uint(value, key)
    require(value["sequence"] >= 1, "TRUST-9", "sequence is 1 or more")
    first = value["sequence"] == 1
    require(("prev" in value) != first, "TRUST-9", "prev is absent exactly in sequence 1")
    if not first:
        as_hash(value["prev"], UNNUMBERED)
    parts = value["parts"]
    require(isinstance(parts, list) and 1 <= len(parts) <= MAX_PARTS, UNNUMBERED, "1 to 32 parts")
    for part in parts:
        check_part(part)
    names = [part["name"] for part in parts]
    require(len(set(names)) == len(names), UNNUMBERED, "each part name once")
    require(names[0] == "core", UNNUMBERED, "the first part is core")
    if "withdrawn" in value:
        withdraw.check_list(value["withdrawn"], MAX_WITHDRAWN)
        late = any(one[3] > value["sequence"] for one in value["withdrawn"])
        require(not late, "WD-2", "a withdrawal of a later release")
    return value


def parse_head(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_HEAD_BYTES)
    check_format(value)
    check_fields(value, ("link", "roots", "format", "release"))
    require(isinstance(value["link"], dagcbor.Link), "TRUST-8", "link is not a link")
    roots = value["roots"]
    require(isinstance(roots, list) and 1 <= len(roots) <= MAX_ROOTS, "TRUST-1", "1 to 256 roots")
    for one in [*roots, value["release"]]:
        envelope.check_shape(one)
    return value


def payloads(head: dict):
    return [one["payload"] for one in head["roots"]]


def newer(fault: Fault) -> bool:
    return fault.clause == "ENC-9"
