"""Cases for spec/withdraw.md: items, notices, the bulletin, the bounds of a ledger."""

from . import dagcbor, envelope, fixtures, loose
from .envelope import NOTICE_CONTEXT, RELEASE_CONTEXT
from .fixtures import DROP, Archive, Tiny, seed
from .ids import DAG_CBOR, RAW, block_id, hash256, id_of_digest
from .suite import Suite

DAY = "2026-05-01"


def row(number: int, sequence=1, reason=6, date=DAY) -> list:
    return [hash256(f"withdrawn {number}".encode()), date, reason, sequence]


def rows(count: int, **more) -> list:
    return sorted(row(n, **more) for n in range(count))


def notice_value(of: bytes, **changes) -> dict:
    value = {
        "date": DAY,
        "kind": "notice",
        "format": 1,
        "archive": of,
        "sequence": 1,
        "withdrawn": [row(1)],
        "root-version": 1,
    }
    return fixtures.changed(value, changes)


def signed(payload: bytes, archive: bytes, numbers=(4,), context=NOTICE_CONTEXT) -> dict:
    return envelope.make([seed(n) for n in numbers], context, archive, payload)


def bulletin_value(of, **changes) -> dict:
    value = {"kind": "bulletin", "format": 1, "notices": of}
    return fixtures.changed(value, changes)


# ---- WD-1


def items(suite: Suite) -> None:
    digests = [hash256(b""), hash256(b"a file"), bytes(32), b"\xff" * 32]
    for archive in (hash256(b"an archive"), bytes(32)):
        for digest in digests:
            for codec in (RAW, DAG_CBOR):
                name = f"{digest.hex()[:8]}, codec {codec:x}, archive {archive.hex()[:8]}"
                given = {"archive": archive.hex(), "id": id_of_digest(codec, digest).hex()}
                suite.accept(name, "WD-1", "withdrawn-item", given)
    good = block_id(RAW, b"a file")
    for name, raw in (("codec dag-pb", b"\x01\x70" + good[2:]), ("with a byte 00", b"\0" + good)):
        given = {"archive": bytes(32).hex(), "id": raw.hex()}
        suite.reject(f"item: {name}", "ID-1", "withdrawn-item", given)


# ---- the list of a release, WD-2 and WD-3


def lists():
    """(name, error or None, list) of withdrawals under release 1 or notice 1."""
    two = rows(2)
    name, date, reason, sequence = row(1)
    yield "one", None, [row(1)]
    yield "two", None, two
    yield "every reason", None, sorted(row(n, reason=n) for n in range(7))
    yield "two unsorted", "WD-2", two[::-1]
    yield "one twice", "WD-2", [row(1), row(1)]
    yield "one item with two reasons", "WD-2", [row(1, reason=1), row(1, reason=2)]
    yield "none", "ENC-6", []
    yield "reason 7", "WD-3", [row(1, reason=7)]
    yield "reason 2^64-1", "WD-3", [row(1, reason=2**64 - 1)]
    yield "reason as text", "ENC-6", [row(1, reason="withheld")]
    yield "sequence to come", "WD-2", [row(1, sequence=2)]
    yield "sequence 2^64-1", "WD-2", [row(1, sequence=2**64 - 1)]
    yield "sequence as text", "ENC-6", [row(1, sequence="1")]
    yield "month 13", "WD-2", [row(1, date="2026-13-01")]
    yield "date with time", "WD-2", [row(1, date="2026-05-01T00:00:00Z")]
    yield "empty date", "WD-2", [row(1, date="")]
    yield "date as number", "ENC-6", [row(1, date=20260501)]
    yield "item of 31 bytes", "ENC-6", [[name[:31], date, reason, sequence]]
    yield "item of 33 bytes", "ENC-6", [[name + b"\0", date, reason, sequence]]
    yield "item as text", "ENC-6", [["a" * 32, date, reason, sequence]]
    yield "three fields", "ENC-6", [[name, date, reason]]
    yield "five fields", "ENC-6", [[name, date, reason, sequence, 0]]
    yield "a map for a withdrawal", "ENC-6", [{"item": name}]
    yield "a bare item", "ENC-6", [name]
    yield "a map for the list", "ENC-6", {"a": 0}
    yield "null", "ENC-2", loose.Raw(b"\xf6")


def forms(suite: Suite) -> None:
    archive = Tiny().id
    for what, kind in (("release", fixtures.release_value), ("notice", notice_value)):
        for name, error, value in lists():
            data = loose.encode(kind(archive, withdrawn=value))
            error = "WD-5" if what == "notice" and name == "none" else error
            check(suite, f"{what}: withdrawn, {name}", "WD-2", what, data, error)
    late = fixtures.release_value(archive, 9, b"before", withdrawn=rows(3, sequence=4))
    check(suite, "release 9: withdrawn in 4", "WD-2", "release", loose.encode(late))
    late = notice_value(archive, sequence=9, withdrawn=rows(3, sequence=8))
    name = "notice at 9: withdrawn at 8"
    check(suite, name, "WD-2", "notice", loose.encode(late), "WD-2")
    zero = notice_value(archive, sequence=0, withdrawn=rows(1, sequence=0))
    check(suite, "notice before the first release", "WD-2", "notice", loose.encode(zero))
    for count, error in ((1024, None), (1025, "WD-2")):
        data = loose.encode(fixtures.release_value(archive, withdrawn=rows(count)))
        check(suite, f"release: {count} withdrawn", "WD-2", "release", data, error)
    for count, error in ((64, None), (65, "WD-2")):
        data = loose.encode(notice_value(archive, withdrawn=rows(count)))
        check(suite, f"notice: {count} withdrawn", "WD-2", "notice", data, error)
    for name, changes, error in notice_fields():
        data = loose.encode(notice_value(archive, **changes))
        check(suite, f"notice: {name}", "WD-5", "notice", data, error)


def check(suite, name, clause, kind, data, error=None) -> None:
    given = {"type": kind, "hex": data.hex()}
    if error:
        suite.reject(name, clause, "structure", given, error)
    else:
        suite.accept(name, clause, "structure", given)


def notice_fields():
    return [
        ("kind of a release", {"kind": "release"}, "WD-5"),
        ("kind in capitals", {"kind": "Notice"}, "WD-5"),
        ("month 00", {"date": "2026-00-01"}, "WD-5"),
        ("date as number", {"date": 20260501}, "WD-5"),
        ("archive of 31 bytes", {"archive": bytes(31)}, "ENC-6"),
        ("prev", {"prev": bytes(32)}, "ENC-6"),
        ("unknown field", {"why": "x"}, "ENC-6"),
        ("format 2", {"format": 2}, "ENC-9"),
        ("format 0", {"format": 0}, "WD-5"),
        *((f"no {key}", {key: DROP}, "ENC-6") for key in notice_value(b"")),
    ]


# ---- WD-5


def notices(suite: Suite) -> None:
    a = Archive(root=((1,), 1), release=((4, 5), 2))
    a.signed = [fixtures.signed_root(a.roots[0], (1,))]
    head = a.head(a.release())
    payload = loose.encode(notice_value(a.id))

    def add(name, value, error=None, to=head, clause="WD-5"):
        given = {"archive": a.id.hex(), "head": to.hex(), "hex": loose.encode(value).hex()}
        if error:
            suite.reject(f"signed notice: {name}", clause, "notice", given, error)
        else:
            suite.accept(f"signed notice: {name}", clause, "notice", given)

    both = signed(payload, a.id, (4, 5))
    add("by the threshold", both)
    for sequence, error in ((0, None), (2, "WD-5"), (2**64 - 1, "WD-5")):
        value = notice_value(a.id, sequence=sequence, withdrawn=rows(1, sequence=sequence))
        add(f"at release {sequence} of 1", signed(loose.encode(value), a.id, (4, 5)), error)
    add("64 withdrawals", signed(loose.encode(notice_value(a.id, withdrawn=rows(64))), a.id, (4, 5)))
    add("one signature of two", signed(payload, a.id, (4,)), "WD-5")
    add("by the root role", signed(payload, a.id, (1,)), "ENV-5")
    add("by one release key and a stranger", signed(payload, a.id, (4, 9)), "ENV-5")
    over = signed(payload, a.id, (4, 5), RELEASE_CONTEXT)
    add("over the release context", over, "ENV-3", clause="ENV-2")
    other = signed(payload, hash256(b"x"), (4, 5))
    add("over another archive", other, "ENV-3", clause="ENV-2")
    foreign = loose.encode(notice_value(hash256(b"x")))
    add("names another archive", signed(foreign, a.id, (4, 5)), "WD-5")
    for version in (0, 2):
        late = loose.encode(notice_value(a.id, root_version=version))
        add(f"under trust root {version} of 1", signed(late, a.id, (4, 5)), "WD-5")
    odd = loose.encode(loose.swapped(notice_value(a.id), 0))
    add("keys unsorted", signed(odd, a.id, (4, 5)), "ENC-4", clause="ENC-4")
    release = a.release()
    name = "a signed release in its place"
    add(name, signed(release, a.id, (4, 5), RELEASE_CONTEXT), "ENC-6")
    a.rotate((1,), root=((1,), 1), release=((4, 9), 2))
    new = a.head(a.release(), (4, 9))
    add("under the trust root before", both, "WD-5", new)
    second = loose.encode(notice_value(a.id, root_version=2))
    add("under the second trust root", signed(second, a.id, (4, 9)), None, new)
    add("under the second trust root, by a replaced key", signed(second, a.id, (4, 5)), "ENV-5", new)


# ---- the bulletin


def bulletins(suite: Suite, proof: dict) -> None:
    archive = Tiny().id
    one = signed(loose.encode(notice_value(archive)), archive)

    def add(name, value, error=None):
        check(suite, f"bulletin: {name}", "WD-9", "bulletin", loose.encode(value), error)

    add("empty", bulletin_value([]))
    add("one notice", bulletin_value([one]))
    add("64 notices", bulletin_value([one] * 64))
    add("a fork", bulletin_value([], fork=proof))
    add("a fork and a notice", bulletin_value([one], fork=proof))
    add("65 notices", bulletin_value([one] * 65), "WD-9")
    add("kind of a notice", bulletin_value([], kind="notice"), "WD-9")
    add("format 2", bulletin_value([], format=2), "ENC-9")
    add("no notices", bulletin_value([], notices=DROP), "ENC-6")
    add("unknown field", bulletin_value([], head=b""), "ENC-6")
    add("null for a fork", bulletin_value([], fork=loose.Raw(b"\xf6")), "ENC-2")
    add("fork as bytes", bulletin_value([], fork=loose.encode(proof)), "ENC-6")
    add("fork of one branch", bulletin_value([], fork=proof | {"branches": proof["branches"][:1]}), "TRUST-23")
    add("payload for a notice", bulletin_value([one["payload"]]), "ENC-6")
    add("map for the notices", bulletin_value({}), "ENC-6")
    good = dagcbor.encode(bulletin_value([one]))
    for name, data, error in (
        ("a byte after it", good + b"\0", "ENC-5"),
        ("cut by a byte", good[:-1], "ENC-8"),
    ):
        check(suite, f"bulletin: {name}", "WD-9", "bulletin", data, error)
    given = {"type": "bulletin", "data": [{"hex": good.hex()}, {"repeat": "00", "times": 262113}]}
    suite.reject("bulletin: larger than its cap", "ENC-1", "structure", given)


# ---- HOLD-2 to HOLD-4


def ledger(suite: Suite) -> None:
    def add(name, clause, had, acts, honoured):
        given = {"had": had, "acts": [{kind: value} for kind, *value in acts]}
        suite.accept(f"ledger: {name}", clause, "ledger", given, honoured=honoured)

    w, r = "withdraw", "release"
    add("three of few records", "HOLD-2", [44, 90], [(w, 3, 0)], [True])
    add("four of few records", "HOLD-2", [44, 90], [(w, 4, 0)], [False])
    add("sixteen of few files", "HOLD-2", [44, 90], [(w, 0, 16)], [True])
    add("seventeen of few files", "HOLD-2", [44, 90], [(w, 0, 17)], [False])
    add("records too many, files not", "HOLD-2", [44, 90], [(w, 4, 16)], [False])
    add("both at their bound", "HOLD-2", [44, 90], [(w, 3, 16)], [True])
    add("2 % of 1000 and 10000", "HOLD-2", [1000, 10000], [(w, 20, 200)], [True])
    add("one above 2 % of records", "HOLD-2", [1000, 10000], [(w, 21, 0)], [False])
    add("one above 2 % of files", "HOLD-2", [1000, 10000], [(w, 0, 201)], [False])
    add("2 % of 199 is three", "HOLD-2", [199, 0], [(w, 3, 0), (w, 1, 0)], [True, False])
    add("2 % of 200 is four", "HOLD-2", [200, 0], [(w, 4, 0), (w, 1, 0)], [True, False])
    add("2 % of 249 is four", "HOLD-2", [249, 0], [(w, 5, 0)], [False])
    add("2 % of 250 is five", "HOLD-2", [250, 0], [(w, 5, 0)], [True])
    add("2 % of 849 files is sixteen", "HOLD-2", [0, 849], [(w, 0, 17)], [False])
    add("2 % of 850 files is seventeen", "HOLD-2", [0, 850], [(w, 0, 17)], [True])
    add("nothing was there", "HOLD-2", [0, 0], [(w, 3, 16)], [True])
    add("withdrawals of what nobody has", "HOLD-2", [1, 1], [(w, 3, 0), (w, 0, 0)], [True, True])
    add("all", "HOLD-2", [1000, 10000], [(w, 1000, 10000)], [False])
    add("half", "HOLD-2", [1000, 10000], [(w, 500, 0)], [False])
    many = [(w, 1, 0)] * 5
    add("one by one", "HOLD-4", [100, 0], many, [True] * 3 + [False] * 2)
    add("a held act spends nothing", "HOLD-4", [100, 0], [(w, 9, 0), (w, 3, 0)], [False, True])
    add("drops and withdrawals add up", "HOLD-4", [100, 0], [(w, 2, 0), (r, 2, 100, 98)], [True, False])
    add("drops, then withdrawals", "HOLD-4", [100, 0], [(r, 2, 100, 98), (w, 2, 0)], [True, False])
    add("drops one by one", "HOLD-4", [100, 0], [(r, 1, 100, 99)] * 4, [True] * 3 + [False])
    add("three dropped", "HOLD-3", [100, 100], [(r, 3, 200, 197)], [True])
    add("four dropped", "HOLD-3", [100, 100], [(r, 4, 200, 196)], [False])
    add("half of the files", "HOLD-3", [100, 100], [(r, 0, 200, 100)], [True])
    add("one below half of the files", "HOLD-3", [100, 100], [(r, 0, 200, 99)], [False])
    add("half of an odd number", "HOLD-3", [100, 101], [(r, 0, 201, 101)], [True])
    add("below half of an odd number", "HOLD-3", [100, 101], [(r, 0, 201, 100)], [False])
    add("an empty release after one file", "HOLD-3", [1, 0], [(r, 1, 1, 0)], [False])
    add("an empty release after an empty one", "HOLD-3", [0, 0], [(r, 0, 0, 0)], [True])
    add("an empty release", "HOLD-3", [1000, 1000], [(r, 1000, 2000, 0)], [False])
    add("more files than before", "HOLD-3", [10, 0], [(r, 0, 10, 1000)], [True])
    halves = [(r, 0, 64, 32), (r, 0, 32, 16), (r, 0, 32, 32), (r, 0, 32, 31)]
    add("half, and half of that", "HOLD-4", [0, 64], halves, [True, False, True, False])
    add("half of records and files", "HOLD-4", [3, 61], [(r, 3, 60, 31)], [True])
    add("half of records and files, none spent", "HOLD-4", [3, 61], [(r, 0, 60, 31)], [False])
    grown = [(r, 0, 64, 640), (r, 0, 640, 320), (r, 0, 320, 160), (r, 0, 320, 31)]
    add("what came later counts against the last only", "HOLD-4", [0, 64], grown, [True] * 3 + [False])
    few = [(w, 0, 16), (r, 0, 1, 1)]
    add("what was withdrawn is not missed", "HOLD-4", [0, 17], few, [True, True])
    add("what was withdrawn is not missed twice", "HOLD-4", [3, 4], [(w, 3, 0), (r, 0, 4, 2)], [True, True])
    spent = [(w, 3, 0), (r, 0, 100, 100)]
    add("no drops when all is spent", "HOLD-3", [100, 0], spent, [True, True])


def suites() -> dict:
    from .cases_fork import example

    suite = Suite("withdraw", "WD-2, WD-3, WD-5, WD-9")
    forms(suite)
    bulletins(suite, example())
    two = Suite("withdraw", "WD-1, WD-5")
    items(two)
    notices(two)
    three = Suite("withdraw", "HOLD-2 to HOLD-4")
    ledger(three)
    return {"structures": suite, "notices": two, "ledger": three}
