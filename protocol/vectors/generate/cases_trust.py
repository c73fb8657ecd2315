"""Cases for spec/trust.md: TRUST-1 to TRUST-9, a head by itself."""

from . import cases_trust_chain, cases_trust_release, dagcbor, ed25519, fixtures, loose
from .cases_ids import weak_keys
from .dagcbor import Link
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT
from .fixtures import DROP, Archive, Tiny, empty_part, public, signed_release, signed_root, small
from .ids import RAW, block_id, hash256
from .suite import Suite

BEFORE = b"the release before"


def given(archive: bytes, candidate: bytes, ancestors=()) -> dict:
    return {
        "archive": archive.hex(),
        "heads": [{"hex": candidate.hex()}],
        "ancestors": [a.hex() for a in ancestors],
    }


class Alone:
    """Cases of a head with nothing trusted before it."""

    def __init__(self, suite: Suite):
        self.suite = suite

    def good(self, name, clause, archive, candidate):
        self.suite.verdict(name, clause, given(archive, candidate), "accepted")

    def bad(self, name, clause, archive, candidate, error=None):
        self.suite.verdict(name, clause, given(archive, candidate), "refused", error or clause)


def accepted(add) -> None:
    a = Archive()
    add("first release of an archive", "TRUST-16", a.id, a.head(a.release()))
    add("release 7 with nothing trusted", "TRUST-16", a.id, a.head(a.release(7, BEFORE)))
    far = a.release(2**64 - 1, BEFORE)
    add("release 2^64-1 with nothing trusted", "TRUST-16", a.id, a.head(far))
    add("more signatures than the threshold", "TRUST-7", a.id, a.head(a.release(), (4, 5, 6)))
    a = small(root=((1,), 1), release=((1,), 1))
    a.signed = [signed_root(a.roots[0], (1,))]
    add("one key is all roles", "TRUST-4", a.id, a.head(a.release(), (1,)))
    a = small(root=(range(1, 17), 16), release=((4,), 1))
    a.signed = [signed_root(a.roots[0], range(1, 17))]
    add("root role of sixteen keys, all needed", "TRUST-3", a.id, a.head(a.release(), (4,)))
    a = small()
    a.rotate((1, 2, 7, 8), root=((7, 8), 2), release=((4, 5), 2))
    add("all root keys replaced, signed by old and new", "TRUST-5", a.id, a.head(a.release()))
    a.rotate((7, 8), root=((7, 8), 2), release=((9,), 1))
    add("three roots, release key replaced", "TRUST-5", a.id, a.head(a.release(), (9,)))
    a = small()
    a.rotate((1, 2, 7), root=((2, 7), 2), release=((4, 5), 2))
    add("one key counts for the old and the new role", "TRUST-5", a.id, a.head(a.release()))
    a = Tiny(name="\u0628\u0627\u06cc\u06af\u0627\u0646\u06cc\u0650 \u0646\u0645\u0648\u0646\u0647\u200c\u0627\u06cc")
    add("Persian name with ZWNJ", "TRUST-1", a.id, a.head(a.release()))
    a = Tiny(name="n" * 200)
    add("name of 200 bytes", "TRUST-1", a.id, a.head(a.release()))
    a = Tiny()
    parts = [empty_part("core")] + [empty_part(f"p-{n}") for n in range(31)]
    add("32 parts", "TRUST-1", a.id, a.head(a.release(parts=parts)))
    parts = [empty_part("core"), empty_part("a" * 32)]
    add("part name of 32 characters", "TRUST-1", a.id, a.head(a.release(parts=parts)))
    add("date of the leap day", "TRUST-1", a.id, a.head(a.release(date="2028-02-29")))
    add("date before the epoch", "TRUST-1", a.id, a.head(a.release(date="1953-08-19")))


def bad_heads(add) -> None:
    a = Tiny()
    payload = a.release()
    good = dagcbor.decode(a.head(payload), 262144)
    release, roots = good["release"], good["roots"]
    rows = [
        ("head without trust roots", "TRUST-1", fixtures.head([], release)),
        ("head of format 2", "ENC-9", fixtures.head(roots, release, format=2)),
        ("head with an unknown field", "ENC-6", fixtures.head(roots, release, x=0)),
        ("head without link", "ENC-6", fixtures.head(roots, release, link=DROP)),
        ("head with a byte after it", "ENC-5", a.head(payload) + b"\0"),
        ("head whose release is a list", "ENC-6", loose.encode({**good, "release": [release]})),
        ("nothing", "ENC-8", b""),
        ("the release payload instead of a head", "ENC-6", payload),
        ("the trust root payload instead of a head", "ENC-6", a.roots[0]),
    ]
    for name, error, data in rows:
        add(name, "TRUST-1", a.id, data, error)
    link = good["link"]
    links = [
        ("link to another payload", Link(block_id(0x71, b"other")), "TRUST-8"),
        ("link with codec raw", Link(block_id(RAW, payload)), "TRUST-8"),
        ("link to the trust root", Link(block_id(0x71, a.roots[0])), "TRUST-8"),
        ("link as byte string", bytes(link), "TRUST-8"),
        ("link as bare hash", bytes(link[4:]), "TRUST-8"),
    ]
    for name, value, error in links:
        add(name, "TRUST-8", a.id, fixtures.head(roots, release, link=value), error)


def bad_sizes(alone: Alone) -> None:
    """Heads that are too long to be written out here."""
    a = Tiny()
    one = loose.encode({"payload": b"\0", "signatures": [[public(1), b"\0" * 74]]})
    mark = b"the roots"
    release = signed_release(a.release(), a.id, (4,))
    start, tail = fixtures.head(loose.Raw(mark), release).split(mark)
    parts = [{"hex": start.hex() + "990101"}, {"repeat": one.hex(), "times": 257}]
    case = given(a.id, b"") | {"heads": [{"data": [*parts, {"hex": tail.hex()}]}]}
    alone.suite.verdict("257 trust roots", "TRUST-1", case, "refused", "TRUST-1")
    parts = [{"hex": "a4646c696e6b"}, {"repeat": "00", "times": 262145}]
    case = given(a.id, b"") | {"heads": [{"data": parts}]}
    alone.suite.verdict("head of more than 262144 bytes", "TRUST-1", case, "refused", "ENC-1")


def bad_first_roots(add) -> None:
    a, other = small(), small(name="other")
    head = a.head(a.release())
    add("archive id with one bit flipped", "TRUST-2", bytes([a.id[0] ^ 1]) + a.id[1:], head)
    add("head of another archive", "TRUST-2", a.id, other.head(other.release()))
    b = small()
    b.rotate((1, 2), root=((1, 2), 2), release=((4, 5), 2))
    late = fixtures.head(b.signed[1:], signed_release(b.release(), b.id))
    add("version 2 comes first", "TRUST-2", b.id, late)
    add("version 2 first, its hash as archive id", "TRUST-2", hash256(b.roots[1]), late)
    two = fixtures.root_payload(version=2, prev=b"", archive=bytes(32))
    add("version 2 as the only root", "TRUST-2", hash256(two), alone_head(two))
    order = fixtures.head(b.signed[::-1], signed_release(b.release(), b.id))
    add("roots in the wrong order", "TRUST-2", b.id, order)
    for name, numbers, error in (
        ("one signature of two", (1,), "TRUST-4"),
        ("signed by the release role", (4, 5), "ENV-5"),
        ("signed by root role and a stranger", (1, 2, 9), "ENV-5"),
    ):
        a = small()
        a.signed = [signed_root(a.roots[0], numbers)]
        add(f"first root: {name}", "TRUST-4", a.id, a.head(a.release()), error)
    for name, archive, context in (
        ("over the release context", a.id, RELEASE_CONTEXT),
        ("for another archive", hash256(b"x"), ROOT_CONTEXT),
        ("for an archive of zeros", bytes(32), ROOT_CONTEXT),
        ("without archive id", b"", ROOT_CONTEXT),
    ):
        a = small()
        a.signed = [signed_root(a.roots[0], (1, 2), archive, context)]
        add(f"first root: signed {name}", "ENV-2", a.id, a.head(a.release()), "ENV-3")


def alone_head(root: bytes, signers=(1, 2), release_signers=(4,)) -> bytes:
    """A head with one trust root of any bytes, all of it signed."""
    archive = hash256(root)
    release = signed_release(fixtures.release_payload(archive), archive, release_signers)
    return fixtures.head([signed_root(root, signers)], release)


def bad_roles(add) -> None:
    a, b = sorted((public(1), public(2)))
    many = sorted(public(n) for n in range(1, 18))
    rows = [
        ("no keys", "TRUST-3", {"keys": [], "threshold": 1}),
        ("no keys and threshold 0", "TRUST-3", {"keys": [], "threshold": 0}),
        ("seventeen keys", "TRUST-3", {"keys": many, "threshold": 2}),
        ("keys unsorted", "TRUST-3", {"keys": [b, a], "threshold": 2}),
        ("one key twice", "TRUST-3", {"keys": [a, a], "threshold": 2}),
        ("threshold 0", "TRUST-3", {"keys": [a, b], "threshold": 0}),
        ("threshold above the number of keys", "TRUST-3", {"keys": [a, b], "threshold": 3}),
        ("threshold 2^64-1", "TRUST-3", {"keys": [a, b], "threshold": 2**64 - 1}),
        ("key of 31 bytes", "TRUST-3", {"keys": [a[:31], b], "threshold": 2}),
        ("key of 33 bytes", "TRUST-3", {"keys": [a + b"\0", b], "threshold": 2}),
        ("key as text", "TRUST-3", {"keys": ["a" * 32, b], "threshold": 2}),
        ("unknown field", "ENC-6", {"keys": [a, b], "threshold": 2, "x": 0}),
        ("no threshold", "ENC-6", {"keys": [a, b]}),
        ("threshold as text", "ENC-6", {"keys": [a, b], "threshold": "2"}),
    ]
    for name, error, value in rows:
        for field in ("root", "release"):
            root = fixtures.root_payload(root=((1, 2), 2), release=((4,), 1))
            root = loose.encode({**dagcbor.decode(root, 65536), field: value})
            head = alone_head(root, (1, 2), (4,) if field == "root" else (1, 2))
            add(f"{field} role: {name}", "TRUST-3", hash256(root), head, error)
    off = bytes([2]) + bytes(31)
    for name, key in [*weak_keys(), ("not on the curve", off)]:
        value = dagcbor.decode(fixtures.root_payload(root=((1,), 1)), 65536)
        value["release"] = {"keys": sorted([key, public(4), public(5)]), "threshold": 2}
        root = loose.encode(value)
        head = alone_head(root, (1,), (4, 5))
        add(f"weak key in a role: {name}", "TRUST-3", hash256(root), head)


def bad_root_fields(add) -> None:
    rows = [
        ("kind of a release", {"kind": "release"}, "TRUST-1"),
        ("kind in capitals", {"kind": "Trust-Root"}, "TRUST-1"),
        ("no kind", {"kind": DROP}, "ENC-6"),
        ("empty name", {"name": ""}, "TRUST-1"),
        ("name of 201 bytes", {"name": "n" * 201}, "TRUST-1"),
        ("name of 101 Persian letters", {"name": "\u0627" * 101}, "TRUST-1"),
        ("name not NFC", {"name": "e\u0301"}, "TRUST-1"),
        ("name with a newline", {"name": "a\nb"}, "TRUST-1"),
        ("name with a C1 control", {"name": "a\u0085"}, "TRUST-1"),
        ("name with a bidi override", {"name": "a\u202eb"}, "TRUST-1"),
        ("name with a right-to-left mark", {"name": "\u200fa"}, "TRUST-1"),
        ("name with an Arabic letter mark", {"name": "\u061ca"}, "TRUST-1"),
        ("name as byte string", {"name": b"a"}, "ENC-6"),
        ("no nonce", {"nonce": DROP}, "TRUST-1"),
        ("nonce of 15 bytes", {"nonce": bytes(15)}, "TRUST-1"),
        ("nonce of 17 bytes", {"nonce": bytes(17)}, "TRUST-1"),
        ("prev in version 1", {"prev": bytes(32)}, "TRUST-1"),
        ("archive in version 1", {"archive": bytes(32)}, "TRUST-1"),
        ("version 0", {"version": 0}, "TRUST-1"),
        ("version as text", {"version": "1"}, "ENC-6"),
        ("format 2", {"format": 2}, "ENC-9"),
        ("unknown field", {"expires": 0}, "ENC-6"),
        ("no release role", {"release": DROP}, "ENC-6"),
    ]
    for name, changes, error in rows:
        root = fixtures.root_payload(root=((1,), 1), release=((4,), 1))
        value = dagcbor.decode(root, 65536)
        root = loose.encode(fixtures.changed(value, changes))
        add(f"trust root: {name}", "TRUST-1", hash256(root), alone_head(root, (1,)), error)
    root = fixtures.root_payload(root=((1,), 1), release=((4,), 1))
    value = dagcbor.decode(root, 65536)
    root = loose.encode(loose.swapped(value, 0))
    add("trust root: signed, but keys unsorted", "ENC-4", hash256(root), alone_head(root, (1,)))


def bad_next_roots(add) -> None:
    same = {"root": ((1, 2), 2), "release": ((4, 5), 2)}
    new = {"root": ((7, 8), 2), "release": ((4, 5), 2)}
    rows = [
        ("version 3 after 1", (1, 2), same | {"version": 3}, "TRUST-5"),
        ("version 2^64-1 after 1", (1, 2), same | {"version": 2**64 - 1}, "TRUST-5"),
        ("prev is another hash", (1, 2), same | {"prev": hash256(b"x")}, "TRUST-5"),
        ("prev is of 31 bytes", (1, 2), same | {"prev": bytes(31)}, "TRUST-1"),
        ("no prev", (1, 2), same | {"prev": DROP}, "TRUST-1"),
        ("no archive", (1, 2), same | {"archive": DROP}, "TRUST-1"),
        ("of another archive", (1, 2), same | {"archive": hash256(b"x")}, "TRUST-5"),
        ("with nonce", (1, 2), same | {"nonce": bytes(16)}, "TRUST-1"),
        ("signed by the new role only", (7, 8), new, "TRUST-5"),
        ("signed by the old role only", (1, 2), new, "TRUST-5"),
        ("old role below its threshold", (1, 7, 8), new, "TRUST-5"),
        ("new role below its threshold", (1, 2, 7), new, "TRUST-5"),
        ("signed by the release role", (4, 5), same, "ENV-5"),
        ("signed by both roles and the release role", (1, 2, 4, 7, 8), new, "ENV-5"),
        ("signed by both roles and a stranger", (1, 2, 7, 8, 9), new, "ENV-5"),
        ("new threshold 0", (1, 2), {"root": ((1, 2), 0), "release": ((4, 5), 2)}, "TRUST-3"),
        ("kind of a release", (1, 2), same | {"kind": "release"}, "TRUST-1"),
        ("format 2", (1, 2), same | {"format": 2}, "ENC-9"),
    ]
    for name, signers, changes, error in rows:
        a = small()
        a.rotate(signers, **changes)
        add(f"second root: {name}", "TRUST-5", a.id, a.head(a.release()), error)
    a = small()
    a.signed.append(a.signed[0])
    add("second root: the first once more", "TRUST-5", a.id, a.head(a.release()))
    a, other = small(), small(name="other")
    other.rotate((1, 2), **same)
    a.signed.append(other.signed[1])
    add("second root: of another archive, same keys", "TRUST-5", a.id, a.head(a.release()))
    a = small()
    a.roots.append(fixtures.root_payload(2, a.roots[0], a.id, **same))
    a.signed.append(signed_root(a.roots[1], (1, 2), a.id, RELEASE_CONTEXT))
    add("second root: signed over the release context", "TRUST-5", a.id, a.head(a.release()), "ENV-3")
    a = small()
    a.roots.append(fixtures.root_payload(2, a.roots[0], a.id, **same))
    a.signed.append(signed_root(a.roots[1], (1, 2)))
    name = "second root: signed with its own hash as archive id"
    add(name, "ENV-2", a.id, a.head(a.release()), "ENV-3")
    longer_chains(add, same, new)


def longer_chains(add, same, new) -> None:
    a = small()
    a.rotate((1, 2), **same)
    a.rotate((1, 2), **same)
    a.signed.pop(1)
    add("second root is left out of three", "TRUST-5", a.id, a.head(a.release()))
    a = small()
    a.rotate((1, 2, 7, 8), **new)
    a.rotate((1, 2, 7, 8), **same)
    a.signed.pop(2)
    a.roots.pop(2)
    a.rotate((1, 2), **same)
    add("third root signed by the first role, not the second", "TRUST-5", a.id, a.head(a.release()))
    a = small()
    a.rotate((1, 2), **same)
    a.rotate((1, 2), prev=hash256(a.roots[0]), **same)
    add("third root: prev is the first root", "TRUST-5", a.id, a.head(a.release()))


def bad_envelopes(add) -> None:
    """What the envelope area has by itself, once more as part of a head."""
    a = small()
    good = dagcbor.decode(a.head(a.release()), 262144)
    for where in ("roots", "release"):
        one = good["roots"][0] if where == "roots" else good["release"]
        first, second = one["signatures"]
        spoiled = [first[0], first[1][:-1] + bytes([first[1][-1] ^ 1])]
        untagged = [first[0], first[1][1:] + b"\0"]
        s = int.from_bytes(first[1][42:], "little") + ed25519.L
        high = [first[0], first[1][:42] + s.to_bytes(32, "little")]
        rows = [
            ("signatures unsorted", "ENV-4", [second, first]),
            ("one signature twice", "ENV-4", [first, first]),
            ("one signature flipped", "ENV-3", [spoiled, second]),
            ("one signature without tag", "ENV-1", [untagged, second]),
            ("one signature with S + L", "ENV-3", [high, second]),
            ("no signatures", "ENV-4", []),
        ]
        for name, error, pairs in rows:
            changed = {**one, "signatures": pairs}
            value = {**good, where: [changed] if where == "roots" else changed}
            add(f"{where}: {name}", error, a.id, loose.encode(value))


def suites() -> dict:
    suite = Suite("trust", "TRUST-1 to TRUST-9, TRUST-16")
    alone = Alone(suite)
    accepted(alone.good)
    bad_sizes(alone)
    for group in (bad_heads, bad_first_roots, bad_roles, bad_root_fields, bad_next_roots):
        group(alone.bad)
    bad_envelopes(alone.bad)
    cases_trust_release.bad_releases(alone.bad)
    cases_trust_release.bad_release_fields(alone.bad)
    return {"alone": suite, "against-trusted": cases_trust_chain.suite()}

