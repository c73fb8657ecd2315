"""Cases for TRUST-23: a fork proof by itself."""

from . import dagcbor, loose
from .fixtures import DROP, Tiny, changed, signed_release
from .ids import hash256
from .suite import Suite


class Lines:
    """An archive with releases 1 to 5 and another line that leaves it at 2."""

    def __init__(self, **rotation):
        a = self.a = Tiny()
        self.p = [b"", *a.chain(1, 2)]
        if rotation:
            a.rotate((1,), root=((1,), 1), release=((4,), 1), **rotation)
        for n in (3, 4, 5):
            self.p.append(a.release(n, self.p[-1]))
        self.q = [*self.p[:3]]
        for n in (3, 4, 5):
            self.q.append(a.release(n, self.q[-1], date="2026-06-01"))

    def branch(self, line, last: int, first=3, signers=(4,)) -> dict:
        release = signed_release(line[last], self.a.id, signers)
        return {"between": line[first:last][::-1], "release": release}

    def value(self, *branches, **changes) -> dict:
        value = {
            "kind": "fork",
            "roots": self.a.signed,
            "format": 1,
            "archive": self.a.id,
            "branches": list(branches),
        }
        return changed(value, changes)

    def ordered(self, one: dict, two: dict, **changes) -> dict:
        rank = {id(b): hash256(b["release"]["payload"]) for b in (one, two)}
        return self.value(*sorted((one, two), key=lambda b: rank[id(b)]), **changes)


def example() -> dict:
    """A right proof as a value."""
    f = Lines()
    return f.ordered(f.branch(f.p, 3), f.branch(f.q, 3))


def accepted(add) -> None:
    f = Lines()
    p3, q3 = f.branch(f.p, 3), f.branch(f.q, 3)
    add("two next ones", f, f.ordered(p3, q3))
    add("another one and a further one", f, f.value(p3, f.branch(f.q, 5)))
    add("both further", f, f.value(f.branch(f.q, 4), f.branch(f.p, 5)))
    add("no agreed release", f, f.ordered(*firsts(f)))
    f = Lines(base=[2, hash256(Lines().p[2])])
    add("agreed is the base", f, f.ordered(f.branch(f.p, 3), f.branch(f.q, 3)))
    f = Lines(base=[1, hash256(Lines().p[1])])
    add("agreed is above the base", f, f.ordered(f.branch(f.p, 3), f.branch(f.q, 3)))


def firsts(f: Lines, **more):
    one, two = (f.a.release(1, date=day, **more) for day in ("2026-06-02", "2026-06-03"))
    return [f.branch([b"", one], 1, 1), f.branch([b"", two], 1, 1)]


def refused(add) -> None:
    f = Lines()
    a = f.a
    p3, p4, q3, q4 = f.branch(f.p, 3), f.branch(f.p, 4), f.branch(f.q, 3), f.branch(f.q, 4)
    good = f.ordered(p3, q3)

    def bad(name, value, error="TRUST-23"):
        add(name, f, value, error)

    bad("branches in the other order", good | {"branches": good["branches"][::-1]})
    bad("higher sequence first", f.value(p4, q3))
    bad("one branch twice", f.value(p3, p3))
    bad("one on the chain of the other", f.value(p3, p4))
    bad("two of one line, cut at different places", f.value(p3, f.branch(f.p, 4, 4)))
    bad("cut above the agreed release", f.value(p3, f.branch(f.q, 4, 4)))
    early = f.branch(f.p, 3, 2), f.branch(f.q, 3, 2)
    bad("goes below the agreed release", f.ordered(*early))
    bad("one goes below", f.ordered(early[0], q3))
    bad("one branch", f.value(p3))
    bad("three branches", f.value(p3, q3, q4))
    bad("no branches", f.value())
    bad("kind of a head", good | {"kind": "head"})
    bad("no kind", f.ordered(p3, q3, kind=DROP), "ENC-6")
    bad("unknown field", good | {"why": 0}, "ENC-6")
    bad("format 2", good | {"format": 2}, "ENC-9")
    bad("of another archive", good | {"archive": hash256(b"x")})
    bad("archive of 31 bytes", good | {"archive": bytes(31)}, "ENC-6")
    bad("no roots", good | {"roots": []})
    other = Tiny(name="other")
    bad("roots of another archive", good | {"roots": other.signed}, "TRUST-2")
    rogue = f.branch(f.q, 3, 3, (9,))
    bad("one branch signed by a stranger", f.ordered(p3, rogue), "ENV-5")
    empty = [{**q3, "release": {**q3["release"], "signatures": []}}]
    bad("one branch without signatures", good | {"branches": [*good["branches"][:1], *empty]}, "ENV-4")
    missing = {**f.branch(f.q, 5), "between": [f.q[3]]}
    bad("one between is left out", f.value(p3, missing), "TRUST-15")
    turned = {**f.branch(f.q, 5), "between": [f.q[3], f.q[4]]}
    bad("between in the other order", f.value(p3, turned), "TRUST-15")
    more = {**q4, "between": [f.q[3], b"x"]}
    bad("something else below", f.value(p3, more), "TRUST-15")
    bad("between as text", f.value(p3, {**q4, "between": ["x"]}), "ENC-6")
    bad("no between", f.value(p3, {"release": q4["release"]}), "ENC-6")
    bad("branch with a third field", f.value(p3, {**q4, "x": 0}), "ENC-6")
    apart = a.release(3, f.p[1], date="2026-06-04")
    bad("other predecessor", f.ordered(p3, f.branch([*f.p[:3], apart], 3)))
    early = [a.release(2, b"x"), a.release(3, b"x")]
    two = f.branch([b"", b"", early[0]], 2, 2)
    bad("same predecessor, other sequence", f.value(two, f.branch([b"", b"", b"", early[1]], 3)))
    late = a.release(3, f.p[2], root_version=2, date="2026-06-05")
    bad("one branch under another trust root", f.ordered(p3, f.branch([*f.p[:3], late], 3)), "TRUST-6")


def refused_by_base(add) -> None:
    first = Lines()
    f = Lines(base=[3, hash256(first.p[2])])
    value = f.value(f.branch(f.p, 5), f.branch(f.q, 5))
    value["branches"].sort(key=lambda b: hash256(b["release"]["payload"]))
    add("agreed is below the base", f, value, "TRUST-23")
    f = Lines(base=[2, hash256(b"x")])
    value = f.ordered(f.branch(f.p, 4), f.branch(f.q, 4))
    add("agreed has the sequence of the base and is another", f, value, "TRUST-23")
    value = f.ordered(f.branch(f.p, 3), f.branch(f.q, 3))
    add("signed ones are not the base's successors", f, value, "TRUST-19")
    f = Lines(base=[3, hash256(b"x")])
    value = f.ordered(f.branch(f.p, 3), f.branch(f.q, 3))
    add("signed ones are not after the base", f, value, "TRUST-19")


def sizes(suite: Suite) -> None:
    f = Lines()
    good = example()
    data = dagcbor.encode(good)
    given = {"archive": f.a.id.hex()}
    big = given | {"data": [{"hex": data.hex()}, {"repeat": "00", "times": 131072}]}
    suite.reject("fork: larger than its cap", "TRUST-23", "fork", big, "ENC-1")
    for name, end, error in (("a byte after it", data + b"\0", "ENC-5"), ("cut", data[:-1], "ENC-8")):
        suite.reject(f"fork: {name}", "TRUST-23", "fork", given | {"hex": end.hex()}, error)
    mark = {**good["branches"][1], "between": [b"the mark"]}
    text = dagcbor.encode({**good, "branches": [good["branches"][0], mark]})
    one = dagcbor.encode([b"the mark"])
    start, tail = text.split(one)
    parts = [{"hex": start.hex() + "990101"}, {"repeat": "4100", "times": 257}, {"hex": tail.hex()}]
    suite.reject("fork: 257 payloads between", "TRUST-23", "fork", given | {"data": parts})


def suites() -> dict:
    suite = Suite("trust", "TRUST-23")

    def add(name, lines, value, error=None):
        given = {"archive": lines.a.id.hex(), "hex": loose.encode(value).hex()}
        if error:
            suite.reject(f"fork: {name}", "TRUST-23", "fork", given, error)
        else:
            suite.accept(f"fork: {name}", "TRUST-23", "fork", given)

    accepted(add)
    refused(add)
    refused_by_base(add)
    sizes(suite)
    return {"fork": suite}
