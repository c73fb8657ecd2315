"""The acceptance rules TRUST-1 to TRUST-16, one pure function."""

from . import envelope, structs
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT
from .fault import Fault, require
from .ids import DAG_CBOR, block_id, hash256
from .limits import MAX_ANCESTORS


def check_first_root(archive: bytes, one: dict) -> dict:
    root = structs.parse_root(one["payload"])
    require(root["version"] == 1, "TRUST-2", "the first trust root is not version 1")
    require(hash256(one["payload"]) == archive, "TRUST-2", "not the root of this archive")
    envelope.check(one, ROOT_CONTEXT, archive, [root["root"]], "TRUST-4")
    return root


def check_next_root(archive: bytes, before: dict, previous: bytes, one: dict) -> dict:
    root = structs.parse_root(one["payload"])
    require(root["version"] == before["version"] + 1, "TRUST-5", "version is not the next one")
    require(root["prev"] == hash256(previous), "TRUST-5", "prev is not the root before")
    require(root["archive"] == archive, "TRUST-5", "root of another archive")
    envelope.check(one, ROOT_CONTEXT, archive, [before["root"], root["root"]], "TRUST-5")
    return root


def check_alone(archive: bytes, data: bytes):
    """TRUST-1 to TRUST-9: (head, release)."""
    head = structs.parse_head(data)
    root = check_first_root(archive, head["roots"][0])
    for previous, one in zip(head["roots"], head["roots"][1:]):
        root = check_next_root(archive, root, previous["payload"], one)
    payload = head["release"]["payload"]
    release = structs.parse_release(payload)
    require(release["archive"] == archive, "TRUST-6", "release of another archive")
    require(release["root-version"] == root["version"], "TRUST-6", "not under the last root")
    envelope.check(head["release"], RELEASE_CONTEXT, archive, [root["release"]], "TRUST-7")
    require(head["link"] == block_id(DAG_CBOR, payload), "TRUST-8", "link is not the release")
    return head, release


def follow(archive: bytes, goal: bytes, goal_sequence: int, release: dict, ancestors):
    """TRUST-15: (verdict, hash that is missing or None)."""
    known = {hash256(payload): payload for payload in ancestors}
    steps = release["sequence"] - goal_sequence
    require(steps <= MAX_ANCESTORS, "TRUST-15", "more than 4096 steps back")
    while release["sequence"] > goal_sequence + 1:
        name, wanted = release["prev"], release["sequence"] - 1
        if name not in known:
            return "needs-ancestor", name
        release = structs.parse_release(known[name])
        require(release["sequence"] == wanted, "TRUST-15", "sequence is not one lower")
        require(release["archive"] == archive, "TRUST-15", "ancestor of another archive")
    return ("accept" if release["prev"] == goal else "fork"), None


def compare(archive: bytes, trusted: bytes, head: dict, release: dict, ancestors):
    """TRUST-10 to TRUST-15."""
    old = structs.parse_head(trusted)
    mine, theirs = structs.payloads(old), structs.payloads(head)
    shared = min(len(mine), len(theirs))
    if mine[:shared] != theirs[:shared]:
        return "root-fork", None
    payload = old["release"]["payload"]
    reached = structs.parse_release(payload)["sequence"]
    if release["sequence"] == reached:
        same = payload == head["release"]["payload"]
        return ("known" if same else "fork"), None
    if release["sequence"] < reached:
        return "older", None
    if len(theirs) < len(mine):
        return "superseded-root", None
    return follow(archive, hash256(payload), reached, release, ancestors)


def judge(archive: bytes, trusted, candidate: bytes, ancestors=()):
    """(verdict, missing hash or None, clause or None)."""
    try:
        head, release = check_alone(archive, candidate)
        if trusted is None:
            return "accept", None, None
        return (*compare(archive, trusted, head, release, ancestors), None)
    except Fault as fault:
        return "refuse", None, fault.clause
