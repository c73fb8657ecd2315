"""Cases for spec/carrier.md, CAR-9 to CAR-13: marks, parity sets, shards of parity."""

from . import fixtures, loose
from .dagcbor import Link
from .fixtures import DROP
from .ids import DAG_CBOR, RAW, block_id, hash256
from .suite import Suite

SET = hash256(b"set")


def mark(**changes) -> dict:
    value = {"set": SET, "kind": "volume", "count": 12, "format": 1, "number": 3}
    return fixtures.changed(value, changes)


def marks():
    """(name, error or None, value)."""
    yield "volume 3 of 12", None, mark()
    yield "the only one", None, mark(count=1, number=1)
    yield "the last", None, mark(number=12)
    yield "volume of parity", None, mark(number=14, parity=2)
    yield "999 volumes", None, mark(count=999)
    yield "256 with parity", None, mark(count=200, parity=56)
    yield "number 0", "CAR-9", mark(number=0)
    yield "number beyond the last", "CAR-9", mark(number=13)
    yield "number beyond parity", "CAR-9", mark(number=15, parity=2)
    yield "no volumes", "CAR-9", mark(count=0, number=1)
    yield "no volumes but parity", "CAR-9", mark(count=0, number=1, parity=1)
    yield "1000 volumes", "CAR-9", mark(count=1000)
    yield "257 with parity", "CAR-9", mark(count=200, parity=57)
    yield "parity 0", "CAR-9", mark(parity=0)
    yield "2^64-1 volumes", "CAR-9", mark(count=2**64 - 1)
    yield "2^64-1 of parity", "CAR-9", mark(parity=2**64 - 1)
    yield "another kind", "CAR-9", mark(kind="parity")
    yield "set of 31 bytes", "ENC-6", mark(set=bytes(31))
    yield "no set", "ENC-6", mark(set=DROP)
    yield "unknown field", "ENC-6", mark(name="data-003-of-012.car")
    yield "format 0", "CAR-9", mark(format=0)
    yield "format 2", "ENC-9", mark(format=2)


def parity(**changes) -> dict:
    value = {
        "set": SET,
        "kind": "parity",
        "shard": 64,
        "table": [Link(block_id(RAW, b"table"))],
        "format": 1,
        "parity": 2,
        "lengths": [100, 200, 3],
    }
    return fixtures.changed(value, changes)


def sets():
    table = Link(block_id(RAW, b"table"))
    yield "three volumes and two", None, parity()
    yield "one volume and one", None, parity(parity=1, lengths=[1])
    yield "256 volumes", None, parity(parity=1, lengths=[1] * 255)
    yield "largest region", None, parity(shard=262144, lengths=[2**30], table=[table] * 2)
    yield "two blocks of the table", None, parity(lengths=[64 * 2731], parity=2, table=[table] * 2)
    yield "no parity", "CAR-11", parity(parity=0)
    yield "no volumes", "CAR-11", parity(lengths=[])
    yield "257 volumes", "CAR-11", parity(parity=2, lengths=[1] * 255)
    yield "2^64-1 of parity", "CAR-11", parity(parity=2**64 - 1)
    yield "an empty volume", "CAR-11", parity(lengths=[5, 0])
    yield "regions of 0", "CAR-11", parity(shard=0)
    yield "regions of 63", "CAR-11", parity(shard=63)
    yield "regions of 262208", "CAR-11", parity(shard=262208)
    yield "a row of 64 MiB", "CAR-11", parity(shard=262144, parity=206, lengths=[1] * 50)
    yield "2^64-1 bytes", "CAR-11", parity(lengths=[2**64 - 1])
    yield "too many regions", "CAR-11", parity(parity=1, lengths=[64 * 1048577])
    yield "no table", "CAR-12", parity(table=[])
    yield "a table too long", "CAR-12", parity(table=[table] * 2)
    yield "a table of structure", "CAR-12", parity(table=[Link(block_id(DAG_CBOR, b"t"))])
    yield "table as text", "ENC-6", parity(table="t")
    yield "lengths as text", "ENC-6", parity(lengths=["5"])
    yield "another kind", "CAR-11", parity(kind="volume")
    yield "format 2", "ENC-9", parity(format=2)


def rows(suite: Suite) -> None:
    def volume(n: int, length: int):
        return [{"xof": f"yadgar volume {n}", "from": 0, "to": length}]

    cases = (
        ("one and one", 64, 1, (64,)),
        ("two and one: exclusive or", 64, 1, (64, 64)),
        ("three and two, of other lengths", 128, 2, (300, 128, 101)),
        ("five and three", 64, 3, (64, 100, 1, 64, 90)),
        ("two and five", 64, 5, (70, 64)),
        ("nine and four", 64, 4, (64,) * 9),
    )
    for name, shard, count, lengths in cases:
        volumes = [volume(n, length) for n, length in enumerate(lengths)]
        given = {"shard": shard, "parity": count, "volumes": volumes}
        suite.accept(name, "CAR-13", "parity", given)


def suites() -> dict:
    structures, code = Suite("carrier", "CAR-9 to CAR-12"), Suite("carrier", "CAR-13")
    for kind, rows_of in (("volume", marks()), ("parity", sets())):
        for name, error, value in rows_of:
            given = {"type": kind, "hex": loose.encode(value).hex()}
            if error is None:
                structures.accept(f"{kind}: {name}", "CAR-9", "structure", given)
            else:
                structures.reject(f"{kind}: {name}", error, "structure", given)
    rows(code)
    return {"sets": structures, "parity": code}
