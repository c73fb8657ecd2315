"""The fork proof (spec/trust.md, TRUST-23)."""

from dataclasses import dataclass

from . import chain, dagcbor, envelope, structs
from .fault import require
from .fields import check_fields, check_format
from .ids import as_hash, hash256
from .limits import MAX_BETWEEN, MAX_FORK_BYTES, MAX_ROOTS


def check_form(value) -> dict:
    """Fields, types and counts of a decoded fork proof."""
    require(len(dagcbor.encode(value)) <= MAX_FORK_BYTES, "ENC-1", "larger than a fork may be")
    check_format(value, "TRUST-23")
    check_fields(value, ("kind", "roots", "format", "archive", "branches"))
    require(value["kind"] == "fork", "TRUST-23", "kind is not fork")
    as_hash(value["archive"], "ENC-6")
    roots, branches = value["roots"], value["branches"]
    good = isinstance(roots, list) and 1 <= len(roots) <= MAX_ROOTS
    require(good, "TRUST-23", "1 to 256 roots")
    good = isinstance(branches, list) and len(branches) == 2
    require(good, "TRUST-23", "two branches")
    for one in roots:
        envelope.check_shape(one)
    for branch in branches:
        check_fields(branch, ("between", "release"))
        between = branch["between"]
        good = isinstance(between, list) and all(type(one) is bytes for one in between)
        require(good, "ENC-6", "between is a list of payloads")
        require(len(between) <= MAX_BETWEEN, "TRUST-23", "at most 256 payloads between")
        envelope.check_shape(branch["release"])
    return value


def parse(data: bytes) -> dict:
    return check_form(dagcbor.decode(data, MAX_FORK_BYTES))


@dataclass
class Proven:
    roots: list
    agreed: bytes | None  # hash of the agreed release
    agreed_sequence: int  # 0 when there is none
    releases: list  # the two signed payloads


def check(archive: bytes, data: bytes) -> Proven:
    """TRUST-23, without anything else at hand."""
    value = parse(data)
    require(value["archive"] == archive, "TRUST-23", "a fork of another archive")
    roots = chain.check_roots(archive, value["roots"])
    firsts, order = [], []
    for branch in value["branches"]:
        one = branch["release"]
        release = chain.check_release(archive, roots, one)
        order.append((release["sequence"], hash256(one["payload"])))
        first = one["payload"]
        for payload in branch["between"]:
            release = chain.step(archive, release, payload)
            first = payload
        firsts.append((first, release))
    require(order[0] < order[1], "TRUST-23", "branches are in ascending order")
    (a, left), (b, right) = firsts
    require(a != b, "TRUST-23", "the first releases are the same")
    require(left["sequence"] == right["sequence"], "TRUST-23", "not of the same sequence")
    require(left.get("prev") == right.get("prev"), "TRUST-23", "not of the same predecessor")
    goal, name = chain.base_of(roots)
    require(left["sequence"] > goal, "TRUST-23", "the agreed release is below the base")
    reaches = left["sequence"] != goal + 1 or goal == 0 or left["prev"] == name
    require(reaches, "TRUST-23", "the agreed release is not the base")
    payloads = [branch["release"]["payload"] for branch in value["branches"]]
    return Proven(roots, left.get("prev"), left["sequence"] - 1, payloads)


def build(archive: bytes, roots, branches) -> bytes:
    """The bytes of a proof, of (release envelope, payloads between), or a fault by TRUST-28."""
    sorted_ones = sorted(branches, key=lambda b: sequence_and_hash(b[0]["payload"]))
    value = {
        "kind": "fork",
        "roots": roots,
        "format": 1,
        "archive": archive,
        "branches": [{"release": one, "between": between} for one, between in sorted_ones],
    }
    data = dagcbor.encode(value)
    good = len(data) <= MAX_FORK_BYTES and all(len(b) <= MAX_BETWEEN for _, b in branches)
    require(good, "TRUST-28", "cannot be proven within the bounds")
    return data


def sequence_and_hash(payload: bytes):
    return structs.parse_release(payload)["sequence"], hash256(payload)
