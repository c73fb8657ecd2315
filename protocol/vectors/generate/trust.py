"""The acceptance rules (spec/trust.md), one pure function: TRUST-1 to TRUST-28."""

from dataclasses import dataclass, field, replace

from . import chain, dagcbor, fork, structs
from .dagcbor import Link
from .fault import Fault, require
from .ids import DAG_CBOR, block_id, hash256
from .limits import MAX_ANCESTORS


class Missing(Exception):
    """A payload that is needed and not at hand."""

    def __init__(self, name: bytes):
        super().__init__(name.hex())
        self.name = name


@dataclass(frozen=True)
class State:
    """What is trusted so far."""

    head: bytes
    seen: dict = field(default_factory=dict)  # hash of the payload: envelope
    fork: bytes | None = None


@dataclass(frozen=True)
class Point:
    """A release on a chain. Its payload is looked up when what it says is needed."""

    name: bytes
    sequence: int
    release: dict | None = None
    after: dict | None = None  # the release whose predecessor this is

    @property
    def rank(self):
        return self.sequence, self.name


def check_alone(archive: bytes, data: bytes):
    """TRUST-1 to TRUST-9, TRUST-18, TRUST-19: (head, release)."""
    head = structs.parse_head(data)
    roots = chain.check_roots(archive, head["roots"])
    release = chain.check_release(archive, roots, head["release"])
    link = block_id(DAG_CBOR, head["release"]["payload"])
    require(head["link"] == link, "TRUST-8", "link is not the release")
    return head, release


def point(payload: bytes) -> Point:
    release = structs.parse_release(payload)
    return Point(hash256(payload), release["sequence"], release)


class Judge:
    """One candidate that is a good head by itself, against a state."""

    def __init__(self, archive: bytes, state: State, candidate: bytes, ancestors):
        self.archive, self.state, self.bytes = archive, state, candidate
        self.head, self.old = structs.parse_head(candidate), structs.parse_head(state.head)
        self.new = point(self.head["release"]["payload"])
        self.trusted = point(self.old["release"]["payload"])
        self.base = chain.base_of([structs.parse_root(self.head["roots"][-1]["payload"])])
        self.signed = {self.trusted.name: self.old["release"], **state.seen}
        self.payloads = list(ancestors)
        for branch in self.branches():
            self.signed[hash256(branch["release"]["payload"])] = branch["release"]
            self.payloads += branch["between"]
        self.payloads += [one["payload"] for one in self.signed.values()]
        self.known = {hash256(payload): payload for payload in self.payloads}

    def branches(self):
        return fork.parse(self.state.fork)["branches"] if self.state.fork else []

    # ---- following back

    def payload(self, at: Point) -> bytes:
        if at.name not in self.known:
            raise Missing(at.name)
        return self.known[at.name]

    def before(self, at: Point) -> Point:
        """The predecessor: its hash is known from the release itself."""
        release = at.release or chain.step(self.archive, at.after, self.payload(at))
        return Point(release["prev"], at.sequence - 1, after=release)

    def back(self, at: Point, sequence: int) -> Point:
        """The release of that sequence on the chain of `at`."""
        while at.sequence > sequence:
            at = self.before(at)
        return at

    def meet(self, a: Point, b: Point):
        """The last release on both chains, or None."""
        low = min(a.sequence, b.sequence)
        a, b = self.back(a, low), self.back(b, low)
        while a.name != b.name:
            if a.sequence == self.base[0]:
                raise Bases(a.name == self.base[1])
            if a.sequence == 1:
                return None
            a, b = self.before(a), self.before(b)
        if a.sequence == self.base[0] and a.name != self.base[1]:
            raise Bases(False)
        return a

    # ---- the verdict

    def run(self):
        """(verdict, state)."""
        mine, theirs = structs.payloads(self.old), structs.payloads(self.head)
        shared = min(len(mine), len(theirs))
        if mine[:shared] != theirs[:shared]:
            return "root-fork", self.state
        higher = self.new.sequence > self.trusted.sequence
        if len(theirs) < len(mine):
            return ("superseded-root" if higher else "older"), self.state
        if len(theirs) > len(mine):
            return self.more_roots()
        steps = abs(self.new.sequence - self.trusted.sequence)
        require(steps <= MAX_ANCESTORS, "TRUST-15", "more than 4096 steps")
        return self.under_fork() if self.state.fork else self.same_roots()

    def more_roots(self):
        """TRUST-20. Settled: something that was trusted, or a fork, is set aside."""
        settled = "settled", State(self.bytes)
        if 0 < self.new.sequence - self.trusted.sequence <= MAX_ANCESTORS:
            if self.back(self.new, self.trusted.sequence).name == self.trusted.name:
                return ("settled" if self.state.fork else "accepted"), State(self.bytes)
        goal, name = self.base
        if goal == 0:
            return settled
        require(self.new.sequence - goal <= MAX_ANCESTORS, "TRUST-15", "more than 4096 steps")
        require(self.back(self.new, goal).name == name, "TRUST-20", "does not pass the base")
        return settled

    def same_roots(self):
        """TRUST-13, TRUST-21, TRUST-12, with no fork so far."""
        if self.new.name == self.trusted.name:
            return "known", self.state
        low, high = sorted((self.new, self.trusted), key=lambda p: p.sequence)
        if low.sequence < high.sequence and self.back(high, low.sequence).name == low.name:
            if low is self.trusted:
                return "accepted", State(self.bytes, self.signed)
            seen = {**self.state.seen, self.new.name: self.head["release"]}
            return "older", replace(self.state, seen=seen)
        return self.conflict([self.trusted])

    def under_fork(self):
        """TRUST-24, TRUST-25: the candidate joins what is known of the fork."""
        tips = [point(branch["release"]["payload"]) for branch in self.branches()]
        agreed = self.meet(*tips)
        low = agreed is not None and self.new.sequence <= agreed.sequence
        if low and self.back(agreed, self.new.sequence).name == self.new.name:
            if self.new.name == self.trusted.name:
                return "known", self.state
            word = "older" if self.new.sequence < agreed.sequence else "fork"
            return word, self.forked(agreed, {**self.signed, self.new.name: self.head["release"]})
        return self.conflict(tips)

    def conflict(self, tips):
        try:
            meets = [self.meet(self.new, tip) for tip in tips]
        except Bases as bases:
            require(bases.first, "TRUST-22", "the chain does not pass the base")
            return "settled", State(self.bytes)
        meets += [self.meet(*tips)] if len(tips) == 2 else []
        agreed = None if None in meets else min(meets, key=lambda p: p.sequence)
        return "fork", self.forked(agreed, {self.new.name: self.head["release"], **self.signed})

    def forked(self, agreed, signed) -> State:
        """TRUST-25: the state that this evidence makes."""
        floor = agreed.sequence if agreed else 0
        seen, lowest = {}, {}
        for name, one in signed.items():
            at = point(one["payload"])
            if at.sequence <= floor:
                seen[name] = one
                continue
            first = self.back(at, floor + 1).name
            if first not in lowest or at.rank < lowest[first].rank:
                lowest[first] = at
        two = sorted(lowest.values(), key=lambda p: p.rank)[:2]
        branches = [(signed[at.name], self.between(at, floor)) for at in two]
        proof = fork.build(self.archive, self.old["roots"], branches)
        name = agreed.name if agreed and agreed.name in seen else two[0].name
        seen.pop(name, None)
        return State(head_of(self.old["roots"], signed[name]), seen, proof)

    def between(self, at: Point, floor: int):
        out = []
        while at.sequence > floor + 1:
            at = self.before(at)
            out.append(self.payload(at))
            chain.step(self.archive, at.after, out[-1])
        return out


class Bases(Exception):
    """Two chains part at the base or below: does the first of them pass it?"""

    def __init__(self, first: bool):
        super().__init__("base")
        self.first = first


def head_of(roots, release: dict) -> bytes:
    link = Link(block_id(DAG_CBOR, release["payload"]))
    return dagcbor.encode({"link": link, "roots": roots, "format": 1, "release": release})


@dataclass
class Answer:
    verdict: str
    state: State | None
    missing: bytes | None = None
    clause: str | None = None


def judge(archive: bytes, state, candidate: bytes, ancestors=()) -> Answer:
    try:
        check_alone(archive, candidate)
        if state is None:
            return Answer("accepted", State(candidate))
        return Answer(*Judge(archive, state, candidate, ancestors).run())
    except Fault as fault:
        return Answer("refused", state, clause=fault.clause)
    except Missing as missing:
        return Answer("needs-ancestor", state, missing=missing.name)


def describe(state) -> dict | None:
    """A state as the vectors have it."""
    if state is None:
        return None
    head = structs.parse_head(state.head)
    payload = head["release"]["payload"]
    out = {
        "release": hash256(payload).hex(),
        "sequence": structs.parse_release(payload)["sequence"],
        "roots": len(head["roots"]),
        "seen": sorted(name.hex() for name in state.seen),
    }
    if state.fork:
        archive = hash256(head["roots"][0]["payload"])
        proven = fork.check(archive, state.fork)
        agreed = proven.agreed and proven.agreed.hex()
        releases = [hash256(payload).hex() for payload in proven.releases]
        # The hash of the proof's bytes stands for them: they are as long as all else here.
        out |= {"agreed": agreed, "branches": releases, "proof": hash256(state.fork).hex()}
    return out
