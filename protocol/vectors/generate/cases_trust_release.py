"""Cases for TRUST-6 to TRUST-9 and the fields of a release."""

from . import fixtures, loose
from .dagcbor import Link
from .envelope import RELEASE_CONTEXT, ROOT_CONTEXT
from .fixtures import DROP, Tiny, empty_part, signed_release, small
from .ids import RAW, block_id, hash256

BEFORE = b"the release before"


def bad_releases(add) -> None:
    a = small()
    for name, signers, error in (
        ("one signature of two", (4,), "TRUST-7"),
        ("signed by the root role", (1, 2), "ENV-5"),
        ("signed by a stranger and one key", (4, 9), "ENV-5"),
        ("signed by enough keys and a root key", (1, 4, 5), "ENV-5"),
    ):
        add(f"release: {name}", "TRUST-7", a.id, a.head(a.release(), signers), error)
    for name, archive, context in (
        ("over the trust root context", a.id, ROOT_CONTEXT),
        ("for another archive", hash256(b"x"), RELEASE_CONTEXT),
    ):
        one = signed_release(a.release(), archive, (4, 5), context)
        add(f"release: signed {name}", "TRUST-7", a.id, fixtures.head(a.signed, one), "ENV-3")
    a, b = Tiny(), Tiny()
    b.rotate((1,), root=((1,), 1), release=((9,), 1))
    name = "release: signed by the release role of the root before"
    add(name, "TRUST-7", b.id, b.head(b.release()), "ENV-5")
    old = b.head(b.release(root_version=1))
    add("release: under the root before the last", "TRUST-6", b.id, old)
    add("release: version of a root to come", "TRUST-6", a.id, a.head(a.release(root_version=2)))
    add("release: root-version 0", "TRUST-6", a.id, a.head(a.release(root_version=0)))
    other = a.release(archive=hash256(b"x"))
    add("release: names another archive", "TRUST-6", a.id, a.head(other))
    add("release: sequence 0", "TRUST-9", a.id, a.head(a.release(0)))
    add("release: sequence 0 with prev", "TRUST-9", a.id, a.head(a.release(0, BEFORE)))
    add("release: sequence 1 with prev", "TRUST-9", a.id, a.head(a.release(1, BEFORE)))
    add("release: sequence 2 without prev", "TRUST-9", a.id, a.head(a.release(2)))
    one = signed_release(a.roots[0], a.id, (4,))
    name = "release: a trust root payload in its place"
    add(name, "TRUST-1", a.id, fixtures.head(a.signed, one), "ENC-6")
    value = fixtures.release_value(a.id)
    odd = a.head(loose.encode(loose.swapped(value, 0)))
    add("release: signed, but keys unsorted", "ENC-4", a.id, odd)


def part(**changes) -> list:
    return [fixtures.changed(empty_part(), changes)]


def release_fields():
    node = bytes(empty_part()["root"])
    return [
        ("kind of a trust root", {"kind": "trust-root"}, "TRUST-1"),
        ("format 2", {"format": 2}, "ENC-9"),
        ("format 2 with a new field", {"format": 2, "new": 1}, "ENC-9"),
        ("unknown field", {"expires": 0}, "ENC-6"),
        ("no date", {"date": DROP}, "ENC-6"),
        ("date as number", {"date": 20260102}, "TRUST-1"),
        ("date without zeros", {"date": "2026-1-2"}, "TRUST-1"),
        ("date with time", {"date": "2026-01-02T00:00:00Z"}, "TRUST-1"),
        ("date with slashes", {"date": "2026/01/02"}, "TRUST-1"),
        ("date in the Persian calendar's digits", {"date": "\u06f1\u06f4\u06f0\u06f5-\u06f0\u06f1-\u06f0\u06f2"}, "TRUST-1"),
        ("month 13", {"date": "2026-13-02"}, "TRUST-1"),
        ("month 00", {"date": "2026-00-02"}, "TRUST-1"),
        ("day 32", {"date": "2026-01-32"}, "TRUST-1"),
        ("day 00", {"date": "2026-01-00"}, "TRUST-1"),
        ("empty date", {"date": ""}, "TRUST-1"),
        ("archive of 31 bytes", {"archive": bytes(31)}, "TRUST-1"),
        ("prev of 33 bytes", {"sequence": 2, "prev": bytes(33)}, "TRUST-1"),
        ("prev as text", {"sequence": 2, "prev": "a" * 32}, "TRUST-1"),
        ("records as text", {"records": "0"}, "ENC-6"),
        ("no records", {"records": DROP}, "ENC-6"),
        ("no parts", {"parts": []}, "TRUST-1"),
        ("parts as map", {"parts": {"core": 0}}, "TRUST-1"),
        ("33 parts", {"parts": [empty_part()] + [empty_part(f"p{n}") for n in range(32)]}, "TRUST-1"),
        ("first part is not core", {"parts": [empty_part("media"), empty_part()]}, "TRUST-1"),
        ("one part that is not core", {"parts": [empty_part("media")]}, "TRUST-1"),
        ("core twice", {"parts": [empty_part(), empty_part()]}, "TRUST-1"),
        ("another part twice", {"parts": [empty_part(n) for n in ("core", "a", "b", "a")]}, "TRUST-1"),
        ("empty part name", {"parts": [empty_part(), empty_part("")]}, "TRUST-1"),
        ("part name of 33 characters", {"parts": [empty_part(), empty_part("a" * 33)]}, "TRUST-1"),
        ("part name in capitals", {"parts": [empty_part(), empty_part("Media")]}, "TRUST-1"),
        ("part name with underscore", {"parts": [empty_part(), empty_part("a_b")]}, "TRUST-1"),
        ("part name in Persian", {"parts": [empty_part(), empty_part("\u0627")]}, "TRUST-1"),
        ("part name with newline", {"parts": [empty_part(), empty_part("a\n")]}, "TRUST-1"),
        ("part name with Persian digit", {"parts": [empty_part(), empty_part("\u06f1")]}, "TRUST-1"),
        ("part root with codec raw", {"parts": part(root=Link(block_id(RAW, b"")))}, "TRUST-1"),
        ("part root as byte string", {"parts": part(root=node)}, "TRUST-1"),
        ("part with an unknown field", {"parts": part(x=0)}, "ENC-6"),
        ("part without files", {"parts": part(files=DROP)}, "ENC-6"),
        ("part bytes as text", {"parts": part(bytes="0")}, "ENC-6"),
    ]


def bad_release_fields(add) -> None:
    a = Tiny()
    for name, changes, error in release_fields():
        value = fixtures.changed(fixtures.release_value(a.id), {})
        value.update(changes)
        value = {k: v for k, v in value.items() if v is not DROP}
        add(f"release: {name}", "TRUST-1", a.id, a.head(loose.encode(value)), error)
