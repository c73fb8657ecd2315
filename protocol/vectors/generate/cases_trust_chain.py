"""Cases for TRUST-10 to TRUST-16: a head against one that is trusted."""

from . import cases_trust_fork, fixtures, structs
from .envelope import RELEASE_CONTEXT
from .fixtures import Archive, Tiny, signed_release
from .ids import hash256
from .runner import run
from .suite import Suite

NEW = {"root": ((7,), 1), "release": ((9,), 1)}
OTHER_DAY = "2026-03-21"


class Cases:
    """One archive with releases 1 to 9; `self.p[n]` is the payload of release n."""

    def __init__(self):
        self.suite = Suite("trust", "TRUST-10 to TRUST-28")
        self.a = Tiny()
        self.p = [b"", *self.a.chain(1, 9)]

    def judge(self, name, clause, verdict, trusted, candidate, ancestors=(), **more):
        given = {
            "archive": self.a.id.hex(),
            "heads": [{"hex": trusted.hex()}, {"hex": candidate.hex()}],
            "ancestors": [a.hex() for a in ancestors],
        }
        self.suite.verdict(name, clause, given, verdict, **more)

    def heads(self, name, clause, verdicts, heads, ancestors=(), **more):
        """Several heads in order, and the verdict after each."""
        given = {
            "archive": self.a.id.hex(),
            "heads": [{"hex": head.hex()} for head in heads],
            "ancestors": [a.hex() for a in ancestors],
        }
        verdicts = verdicts.split()
        self.suite.verdict(name, clause, given, verdicts[-1], verdicts=verdicts, **more)

    def any_verdict(self, name, clause, heads, ancestors):
        """Several heads of which only the state at the end is known."""
        given = {
            "archive": self.a.id.hex(),
            "heads": [{"hex": head.hex()} for head in heads],
            "ancestors": [a.hex() for a in ancestors],
        }
        out = run("judge", given)
        self.suite.verdict(name, clause, given, out["verdict"])

    def release_sequence(self, payload: bytes) -> int:
        return structs.parse_release(payload)["sequence"]

    def head(self, n: int) -> bytes:
        return self.a.head(self.p[n])


def same_sequence(c: Cases) -> None:
    a, p = c.a, c.p
    c.judge("the trusted head again", "TRUST-11", "known", c.head(2), c.head(2))
    wide = Archive(root=((1, 2), 2), release=((4, 5, 6), 2))
    d = Cases()
    d.a, d.suite = wide, c.suite
    one = wide.release()
    trusted, again = wide.head(one, (4, 5)), wide.head(one, (5, 6))
    d.judge("the same release signed by other keys", "TRUST-11", "known", trusted, again)
    again = wide.head(one, (4, 5, 6))
    d.judge("the same release with one more signature", "TRUST-11", "known", trusted, again)
    other = a.release(2, p[1], date=OTHER_DAY)
    c.judge("same sequence, other release", "TRUST-12", "fork", c.head(2), a.head(other))
    first = a.release(1, date=OTHER_DAY)
    c.judge("other first release", "TRUST-12", "fork", c.head(1), a.head(first))
    past = a.release(1, date=OTHER_DAY)
    other = a.release(2, past)
    given = [p[1], past]
    c.judge("same sequence, other prev", "TRUST-12", "fork", c.head(2), a.head(other), given)
    name = "same sequence, other prev that is not at hand"
    missing = hash256(past).hex()
    c.judge(name, "TRUST-15", "needs-ancestor", c.head(2), a.head(other), [p[1]], missing=missing)
    ancestors = [p[1], p[2], past, other]
    name = "fork at the same sequence, payloads at hand"
    c.judge(name, "TRUST-12", "fork", c.head(2), a.head(other), ancestors)
    bad = a.head(a.release(2, p[1]), (9,))
    error = {"error": "ENV-5"}
    c.judge("known release, false signer", "TRUST-7", "refused", c.head(2), bad, **error)
    bad = a.head(other, (9,))
    c.judge("fork by a false signer", "TRUST-7", "refused", c.head(2), bad, **error)


def lower_sequence(c: Cases) -> None:
    a = c.a
    c.judge("the release before", "TRUST-13", "older", c.head(3), c.head(2))
    c.judge("the first release", "TRUST-13", "older", c.head(9), c.head(1), c.p[2:9])
    missing = {"missing": hash256(c.p[3]).hex()}
    name = "lower, nothing given"
    c.judge(name, "TRUST-13", "needs-ancestor", c.head(4), c.head(2), **missing)
    other = a.head(a.release(1, date=OTHER_DAY))
    name = "lower sequence of another line"
    c.judge(name, "TRUST-13", "fork", c.head(3), other, c.p[1:3])
    c.judge("older, ancestors at hand", "TRUST-13", "older", c.head(3), c.head(2), c.p[1:4])
    far = a.head(a.release(4098, c.p[3]))
    c.judge("4097 lower", "TRUST-15", "refused", far, c.head(1), error="TRUST-15")
    bad = a.head(c.p[1], (9,))
    c.judge("older with a false signer", "TRUST-7", "refused", c.head(3), bad, error="ENV-5")


def next_release(c: Cases) -> None:
    a, p = c.a, c.p
    c.judge("the next release", "TRUST-15", "accepted", c.head(1), c.head(2))
    c.judge("three further, both between given", "TRUST-15", "accepted", c.head(1), c.head(4), p[2:4])
    back = p[2:9][::-1]
    c.judge("eight further, given backwards", "TRUST-15", "accepted", c.head(1), c.head(9), back)
    more = [*p[1:9], a.release(3, b"x"), b"garbage", b""]
    name = "three further, others given too"
    c.judge(name, "TRUST-15", "accepted", c.head(1), c.head(4), more)
    past = a.release(1, date=OTHER_DAY)
    fork = a.head(a.release(2, past))
    c.judge("next release with another past", "TRUST-21", "fork", c.head(1), fork, [past])
    side = a.release(2, p[1], date=OTHER_DAY)
    third = a.release(3, side)
    c.judge("two further past a fork", "TRUST-21", "fork", c.head(2), a.head(third), [side])
    fourth = a.release(4, third)
    given = [side, third]
    c.judge("three further past a fork", "TRUST-21", "fork", c.head(2), a.head(fourth), given)


def missing_ancestors(c: Cases) -> None:
    a, p = c.a, c.p
    need = "needs-ancestor"
    missing = {"missing": hash256(p[2]).hex()}
    c.judge("two further, nothing given", "TRUST-15", need, c.head(1), c.head(3), **missing)
    name = "four further, the first between is missing"
    c.judge(name, "TRUST-15", need, c.head(1), c.head(5), [p[4], p[3]], **missing)
    missing = {"missing": hash256(p[4]).hex()}
    name = "four further, the last between is missing"
    c.judge(name, "TRUST-15", need, c.head(1), c.head(5), [p[2], p[3]], **missing)
    missing = {"missing": hash256(p[3]).hex()}
    name = "four further, the middle is missing"
    c.judge(name, "TRUST-15", need, c.head(1), c.head(5), [p[2], p[4]], **missing)
    flipped = p[2][:-1] + bytes([p[2][-1] ^ 1])
    missing = {"missing": hash256(p[2]).hex()}
    name = "ancestor with one bit flipped is no ancestor"
    c.judge(name, "TRUST-15", need, c.head(1), c.head(3), [flipped], **missing)
    head = a.head(a.release(4097, p[3]))
    name = "4096 steps, nothing given"
    c.judge(name, "TRUST-15", need, c.head(1), head, missing=hash256(p[3]).hex())


def bad_ancestors(c: Cases) -> None:
    a, p = c.a, c.p
    rows = [
        ("sequence two lower", a.release(3, p[2])),
        ("sequence the same", a.release(5, p[4])),
        ("sequence higher", a.release(6, p[5])),
        ("sequence as low as the trusted one", p[1]),
        ("sequence 2^64-1", a.release(2**64 - 1, p[3])),
        ("of another archive", a.release(4, p[3], archive=hash256(b"x"))),
        ("under a later trust root", a.release(4, p[3], root_version=2)),
    ]
    for name, ancestor in rows:
        head = a.head(a.release(5, ancestor))
        given, error = [ancestor, *p[1:5]], {"error": "TRUST-15"}
        c.judge(f"ancestor: {name}", "TRUST-15", "refused", c.head(1), head, given, **error)
    rows = [
        ("no CBOR", b"\xff\xff", "ENC-2"),
        ("nothing", b"", "ENC-8"),
        ("a trust root", a.roots[0], "ENC-6"),
        ("a head", c.head(4), "ENC-6"),
        ("without prev", a.release(4), "TRUST-9"),
        ("a byte after it", p[4] + b"\0", "ENC-5"),
        ("unknown field", a.release(4, p[3], x=0), "ENC-6"),
        ("format 2", a.release(4, p[3], format=2), "ENC-9"),
        ("no parts", a.release(4, p[3], parts=[]), "TRUST-1"),
    ]
    for name, ancestor, error in rows:
        head = a.head(a.release(5, ancestor))
        given = [ancestor, *p[1:5]]
        c.judge(f"ancestor: {name}", "TRUST-15", "refused", c.head(1), head, given, error=error)
    for steps, sequence in (("4097", 4098), ("2^64-2", 2**64 - 1)):
        head = a.head(a.release(sequence, p[3]))
        name = f"{steps} steps, nothing given"
        c.judge(name, "TRUST-15", "refused", c.head(1), head, error="TRUST-15")


def roots(c: Cases) -> None:
    """TRUST-10 and TRUST-14: the list of trust roots."""
    a, p, suite = c.a, c.p, c.suite
    longer = Tiny()
    longer.rotate((1, 7), **NEW)
    third = longer.release(3, p[2])
    new = longer.head(third, (9,))
    c.judge("next release under a new root", "TRUST-10", "accepted", c.head(2), new)
    c.judge("new root, ancestor under the old one", "TRUST-15", "accepted", c.head(1), new, [p[2]])
    c.judge("older release under the old root", "TRUST-13", "older", new, c.head(2))
    name = "lower sequence under a new root without base"
    c.judge(name, "TRUST-20", "settled", c.head(4), new)
    name = "same sequence under the old root"
    c.judge(name, "TRUST-14", "older", new, a.head(p[3]))
    name = "next release signed by the replaced keys under the old root"
    c.judge(name, "TRUST-14", "superseded-root", new, a.head(a.release(4, third)))
    far = a.head(a.release(9, b"x"))
    name = "far release under the old root"
    c.judge(name, "TRUST-14", "superseded-root", new, far)
    sideways(c, longer, third, new)
    bad = longer.head(longer.release(4, third), (4,))
    name = "next release signed by the replaced keys under the new root"
    c.judge(name, "TRUST-7", "refused", new, bad, error="ENV-5")
    assert suite is c.suite


def sideways(c: Cases, longer: Archive, third: bytes, new: bytes) -> None:
    """Another second root, as well signed as the first one."""
    other = Tiny()
    other.rotate((1, 7), **NEW, name="other")
    rows = [
        ("higher sequence", other.release(4, third)),
        ("same sequence", other.release(3, c.p[2])),
        ("lower sequence", other.release(2, c.p[1])),
    ]
    for name, payload in rows:
        head = other.head(payload, (9,))
        name = f"another second root, {name}"
        c.judge(name, "TRUST-10", "root-fork", new, head)
    other.rotate((7,), **NEW)
    head = other.head(other.release(4, third), (9,))
    c.judge("another second root and a third", "TRUST-10", "root-fork", new, head)
    head = other.head(other.release(4, third), (9,))
    more = Tiny()
    more.rotate((1, 7), **NEW)
    more.rotate((7,), **NEW)
    good = more.head(more.release(4, third), (9,))
    c.judge("two further trust roots at once", "TRUST-10", "accepted", c.head(3), more_two(more, c))
    c.judge("one further trust root", "TRUST-10", "accepted", new, good)
    name = "short list against a fork of the longer one"
    c.judge(name, "TRUST-10", "root-fork", good, head)
    again = Tiny()
    again.rotate((1, 7), **NEW)
    again.signed[1] = fixtures.signed_root(again.roots[1], (1, 7), again.id)
    c.judge("the same head made again", "TRUST-11", "known", new, again.head(third, (9,)))
    one = signed_release(longer.release(4, third), c.a.id, (9,), RELEASE_CONTEXT)
    head = fixtures.head(longer.signed[:1], one)
    name = "the last trust root is left out"
    c.judge(name, "TRUST-6", "refused", new, head, error="TRUST-6")


def more_two(more: Archive, c: Cases) -> bytes:
    return more.head(more.release(4, c.p[3]), (9,))


def other_archive(c: Cases) -> None:
    other = Tiny(name="other")
    head = other.head(other.release(2, c.p[1]))
    c.judge("head of another archive", "TRUST-2", "refused", c.head(1), head, error="TRUST-2")
    name = "candidate is cut in the middle"
    c.judge(name, "TRUST-1", "refused", c.head(1), c.head(2)[:500], error="ENC-8")


def suite() -> Suite:
    c = Cases()
    for group in (same_sequence, lower_sequence, next_release, missing_ancestors):
        group(c)
    for group in (bad_ancestors, roots, other_archive, *cases_trust_fork.GROUPS):
        group(c)
    return c.suite
