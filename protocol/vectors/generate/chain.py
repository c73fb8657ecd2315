"""What signs what, and what follows what: trust roots, signed releases, predecessors."""

from . import envelope, structs
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT
from .fault import require
from .ids import hash256


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
    old, new = base_of([before]), base_of([root])
    require(new[0] >= old[0], "TRUST-18", "the base goes back")
    require(new[0] != old[0] or new[1] == old[1], "TRUST-18", "another base of that sequence")
    return root


def check_roots(archive: bytes, signed) -> list:
    """TRUST-2 to TRUST-5 and TRUST-18."""
    roots = [check_first_root(archive, signed[0])]
    for previous, one in zip(signed, signed[1:]):
        roots.append(check_next_root(archive, roots[-1], previous["payload"], one))
    return roots


def base_of(roots):
    """(sequence, hash) of the base of a list of trust roots; (0, None) when it has none."""
    sequence, name = roots[-1].get("base", (0, None))
    return sequence, name


def check_release(archive: bytes, roots, one: dict) -> dict:
    """TRUST-6, TRUST-7, TRUST-9 and TRUST-19."""
    release = structs.parse_release(one["payload"])
    require(release["archive"] == archive, "TRUST-6", "release of another archive")
    require(release["root-version"] == roots[-1]["version"], "TRUST-6", "not under the last root")
    envelope.check(one, RELEASE_CONTEXT, archive, [roots[-1]["release"]], "TRUST-7")
    sequence, name = base_of(roots)
    require(release["sequence"] > sequence, "TRUST-19", "not after the base")
    follows = sequence == 0 or release["sequence"] != sequence + 1 or release["prev"] == name
    require(follows, "TRUST-19", "not the base's successor")
    return release


def step(archive: bytes, release: dict, payload: bytes) -> dict:
    """TRUST-15: the release before, from its payload."""
    require(release.get("prev") == hash256(payload), "TRUST-15", "not the predecessor")
    before = structs.parse_release(payload)
    require(before["sequence"] == release["sequence"] - 1, "TRUST-15", "sequence is not one lower")
    require(before["archive"] == archive, "TRUST-15", "ancestor of another archive")
    good = before["root-version"] <= release["root-version"]
    require(good, "TRUST-15", "ancestor under a later trust root")
    return before
