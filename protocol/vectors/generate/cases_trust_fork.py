"""Cases for TRUST-18 to TRUST-28: bases, forks in every order, settlement."""

from itertools import permutations

from .fixtures import Tiny
from .ids import hash256

NEW = {"root": ((1,), 1), "release": ((9,), 1)}


def side(c, sequence: int, prev: bytes, day: str) -> bytes:
    return c.a.release(sequence, prev, date=f"2026-04-{day}")


class Forked:
    """Release 4 of the archive's own line, and others that leave it at 2 and 3."""

    def __init__(self, c):
        a, p = c.a, c.p
        self.three = side(c, 3, p[2], "01")
        self.four = side(c, 4, self.three, "01")
        self.other_three = side(c, 3, p[2], "02")
        self.late_four = side(c, 4, p[3], "03")
        self.two = side(c, 2, p[1], "04")
        extra = [self.three, self.four, self.other_three, self.late_four, self.two]
        self.all = [*p[1:10], *extra]
        self.heads = {
            **{str(n): c.head(n) for n in range(1, 10)},
            "3a": a.head(self.three),
            "4a": a.head(self.four),
            "3b": a.head(self.other_three),
            "4c": a.head(self.late_four),
            "2d": a.head(self.two),
        }


def orders(c) -> None:
    """TRUST-26: every order of some heads, one state."""
    f = Forked(c)
    for names in ("2 3 3a", "3 3a 4c", "4 4a 2", "3 3a 3b", "4 3a 2d", "1 4 4a"):
        states = []
        for order in permutations(names.split()):
            heads = [f.heads[one] for one in order]
            name = f"any order: {' '.join(order)}"
            c.any_verdict(name, "TRUST-26", heads, f.all)
            states.append(c.suite.cases[-1]["state"])
        if any(state != states[0] for state in states):
            raise AssertionError(f"{names}: the order matters")


def fork_cases(c) -> None:
    f = Forked(c)
    a, h = c.a, f.heads

    def add(name, clause, verdicts, heads, ancestors=f.all, **more):
        c.heads(name, clause, verdicts, [h[one] for one in heads.split()], ancestors, **more)

    add("fork beside the trusted one, agreed seen", "TRUST-25", "accepted accepted fork", "2 3 3a")
    add("fork, agreed not seen", "TRUST-25", "accepted fork", "3 3a")
    add("agreed comes after the fork", "TRUST-25", "accepted fork fork", "3 3a 2")
    add("what is below the agreed comes after", "TRUST-25", "accepted fork older", "3 3a 1")
    add("newer on the own branch", "TRUST-24", "accepted accepted fork fork", "2 3 3a 4")
    add("newer on the other branch", "TRUST-24", "accepted accepted fork fork", "2 3 3a 4a")
    add("far newer on the own branch", "TRUST-24", "accepted accepted fork fork", "2 3 3a 9")
    add("a branch again", "TRUST-24", "accepted accepted fork fork", "2 3 3a 3a")
    add("the agreed again", "TRUST-11", "accepted accepted fork known", "2 3 3a 2")
    add("a third branch", "TRUST-25", "accepted accepted fork fork", "2 3 3a 3b")
    add("lower release of a branch", "TRUST-25", "accepted accepted fork fork", "2 4 4a 3")
    add("both branches get lower", "TRUST-25", "accepted accepted fork fork fork", "2 4 4a 3 3a")
    add("agreed moves back", "TRUST-25", "accepted accepted fork fork", "2 3 3a 2d")
    add("agreed moves back to one that was seen", "TRUST-25", "accepted accepted fork fork", "1 3 3a 2d")
    add("fork inside a branch", "TRUST-25", "accepted accepted fork fork", "2 4 3a 4c")
    add("older one is seen, then the fork leaves there", "TRUST-13", "accepted older fork", "4 2 3a")
    add("fork by a lower release", "TRUST-13", "accepted fork", "4 3a")
    first = a.head(side(c, 1, None, "05"))
    heads = [h["3"], first]
    c.heads("no agreed release", "TRUST-23", "accepted fork", heads, f.all)
    name = "no agreed release any more"
    c.heads(name, "TRUST-25", "accepted accepted fork fork", [h["2"], h["3"], h["3a"], first], f.all)
    bad = a.head(f.three, (9,))
    name = "fork by one who may not sign, beside one that stands"
    heads = [h["2"], h["3"], h["3a"], bad]
    c.heads(name, "TRUST-7", "accepted accepted fork refused", heads, f.all, error="ENV-5")
    name = "fork whose own past is not at hand"
    more = {"missing": hash256(f.three).hex()}
    heads = [h["3"], h["4a"]]
    c.heads(name, "TRUST-15", "accepted needs-ancestor", heads, [], **more)


def bounds(c) -> None:
    """TRUST-28."""
    line, other = [c.p[2]], [c.p[2]]
    for n in range(3, 262):
        line.append(side(c, n, line[-1], "01"))
        other.append(side(c, n, other[-1], "02"))
    small = [c.p[1], *line, *other[:4]]
    heads = [c.a.head(line[257]), c.a.head(other[1])]
    c.heads("256 payloads between", "TRUST-28", "accepted fork", heads, small)
    heads = [c.a.head(line[258]), c.a.head(other[1])]
    c.heads("257 payloads between", "TRUST-28", "accepted refused", heads, small, error="TRUST-28")
    heads = [c.a.head(line[1]), c.a.head(line[258]), c.a.head(other[1])]
    name = "257 payloads between, but a signed one is lower"
    c.heads(name, "TRUST-28", "accepted accepted fork", heads, small)


def rotated(c, base=None, name="yadgar test archive", **roles) -> Tiny:
    """The same archive with one more trust root."""
    b = Tiny()
    changes = {"name": name} if base is None else {"name": name, "base": list(base)}
    b.rotate((1,), **(NEW | roles), **changes)
    assert b.id == c.a.id
    return b


def base_of(c, payload: bytes):
    return c.release_sequence(payload), hash256(payload)


def settlement(c) -> None:
    """TRUST-19, TRUST-20, TRUST-22, TRUST-27."""
    f, p = Forked(c), c.p
    fork = [f.heads["2"], f.heads["3"], f.heads["3a"]]
    before = "accepted accepted fork"
    for name, on in (("agreed", p[2]), ("a branch", p[3]), ("the other branch", f.three)):
        b = rotated(c, base_of(c, on))
        sequence = c.release_sequence(on) + 1
        payload = b.release(sequence, on)
        head, everything = b.head(payload, (9,)), [*f.all, payload]
        c.heads(f"settled on {name}", "TRUST-27", f"{before} settled", [*fork, head], everything)
        after = f"{before} settled superseded-root"
        name = f"settled on {name}, then the old keys again"
        late = c.a.head(side(c, 6, p[5], "06"))
        c.heads(name, "TRUST-14", after, [*fork, head, late], everything)
        name = f"{name}, and a proof's branch comes late"
        c.heads(name, "TRUST-14", f"{before} settled older", [*fork, head, fork[2]], everything)
        next_one = b.release(sequence + 1, payload)
        name = f"{name}, and it goes on"
        heads = [*fork, head, b.head(next_one, (9,))]
        c.heads(name, "TRUST-21", f"{before} settled accepted", heads, everything)
        word = "accepted" if on == p[3] else "settled"
        c.heads(f"slept: {name}", "TRUST-20", f"accepted {word}", [fork[1], heads[-1]], everything)


def base_cases(c) -> None:
    f, p = Forked(c), c.p
    b = rotated(c, base_of(c, p[3]))
    good, on = b.head(b.release(4, p[3]), (9,)), [*f.all, b.release(4, p[3])]
    wrong = b.release(4, f.three)
    name = "base: next after the base, another predecessor"
    c.heads(name, "TRUST-19", "refused", [b.head(wrong, (9,))], on, error="TRUST-19")
    for sequence, payload in ((3, b.release(3, p[2])), (2, b.release(2, p[1])), (1, b.release(1))):
        name = f"base 3: release {sequence} under it"
        c.heads(name, "TRUST-19", "refused", [b.head(payload, (9,))], on, error="TRUST-19")
    past = b.release(5, f.four)
    bad = b.head(past, (9,))
    everything = [*on, past]
    name = "past the base with nothing trusted"
    c.heads(name, "TRUST-16", "accepted", [bad], everything)
    name = "past the base, then one that passes it"
    c.heads(name, "TRUST-22", "accepted settled", [bad, good], everything)
    name = "one that passes the base, then one that does not"
    c.heads(name, "TRUST-22", "accepted refused", [good, bad], everything, error="TRUST-22")
    beside = b.release(5, side(c, 4, f.three, "10"))
    name = "two that part above the base's sequence, neither passes it"
    more = [*everything, side(c, 4, f.three, "10"), beside]
    # They meet at the base's sequence in another release: no fork may be made of that.
    heads = [bad, b.head(beside, (9,))]
    c.heads(name, "TRUST-22", "accepted refused", heads, more, error="TRUST-22")
    other = c.a.head(side(c, 4, f.three, "07"))
    more = [*everything, side(c, 4, f.three, "07")]
    name = "new root, base on the other line"
    c.heads(name, "TRUST-20", "accepted settled", [other, good], more)
    lost = b.release(5, side(c, 4, f.other_three, "08"))
    more = [*everything, side(c, 4, f.other_three, "08"), f.other_three]
    name = "new root, reaches neither the trusted one nor the base"
    heads = [f.heads["4a"], b.head(lost, (9,))]
    c.heads(name, "TRUST-20", "accepted refused", heads, more, error="TRUST-20")
    name = "new root, lower sequence than the trusted one"
    c.heads(name, "TRUST-20", "accepted settled", [f.heads["9"], good], on)
    far = c.a.head(c.a.release(2**64 - 1, b"nowhere"))
    name = "recovery from a sequence of 2^64-1"
    c.heads(name, "TRUST-20", "accepted settled", [far, good], on)
    six = b.release(6, b.release(5, b.release(4, p[3])))
    name = "base: the payload down to it is missing"
    more = {"missing": hash256(b.release(5, b.release(4, p[3]))).hex()}
    heads = [far, b.head(six, (9,))]
    c.heads(name, "TRUST-15", "accepted needs-ancestor", heads, f.all, **more)
    forks_on_base(c, b, on, good)


def forks_on_base(c, b, on, good) -> None:
    p = c.p
    four, left = b.release(4, p[3]), b.release(5, b.release(4, p[3]))
    right = b.release(4, p[3], date="2026-04-09")
    heads = [good, b.head(right, (9,))]
    name = "fork right after the base"
    c.heads(name, "TRUST-25", "accepted fork", heads, [*on, right])
    heads = [b.head(left, (9,)), b.head(right, (9,)), good]
    name = "fork after the base, the lower release of a branch later"
    c.heads(name, "TRUST-25", "accepted fork fork", heads, [*on, right, four, left])
    free = rotated(c)
    heads = [c.head(3), free.head(free.release(2, b"x"), (9,))]
    name = "new root without base, another past"
    c.heads(name, "TRUST-20", "accepted settled", heads, [])


def base_chain(c) -> None:
    """TRUST-18: the bases of a list of trust roots."""
    p = c.p
    three, two = (3, hash256(p[3])), (2, hash256(p[2]))
    rows = [
        ("the same base again", three, three, "accepted"),
        ("a later base", two, three, "accepted"),
        ("no base, then one", None, three, "accepted"),
        ("an earlier base", three, two, "refused"),
        ("no base after one", three, None, "refused"),
        ("the same sequence, another release", three, (3, hash256(b"x")), "refused"),
    ]
    for name, first, second, verdict in rows:
        b = rotated(c, first)
        b.rotate((1,), **NEW, **({"base": list(second)} if second else {}))
        head = b.head(b.release(4, p[3]), (9,))
        more = {"error": "TRUST-18"} if verdict == "refused" else {}
        c.heads(f"bases: {name}", "TRUST-18", verdict, [head], p[1:4], **more)


GROUPS = (orders, fork_cases, bounds, settlement, base_cases, base_chain)
