"""Cases for spec/beacon.md."""

from . import beacon
from .beacon import SALT, SLOT, TAG, body
from .ids import hash256, xof
from .suite import Suite

ARCHIVE, OTHER = hash256(b"an archive"), hash256(b"another archive")
HERE, LINK = "192.168.43.7", "fe80::1c2d:3eff:fe4f:5061"
ECHO = bytes(range(1, 9))
HELLO = body(1, 4774, 0)


def noise(name: str) -> bytes:
    return xof(f"beacon {name}", beacon.LENGTH)


def place(n: int, archive: bytes = ARCHIVE):
    return [archive if at == n else None for at in range(8)]


def given(data: bytes, archive: bytes = ARCHIVE, source: str = HERE) -> dict:
    return {"hex": data.hex(), "archive": archive.hex(), "from": source}


def making(suite: Suite) -> None:
    def make(name, archives, text, source=HERE, clause="BEA-2"):
        asked = {"random": noise(name).hex(), "from": source, "body": text.hex()}
        asked["archives"] = [a and a.hex() for a in archives]
        out = suite.accept(f"make: {name}", clause, "make-beacon", asked)
        data = bytes.fromhex(out["hex"])
        for archive in dict.fromkeys(a for a in archives if a):
            short = archive.hex()[:8]
            suite.accept(f"read: {name}, {short}", clause, "beacon", given(data, archive, source), known=True)
        stranger = hash256(name.encode())
        suite.accept(f"stranger: {name}", "BEA-5", "beacon", given(data, stranger, source), known=False)

    for n in range(8):
        make(f"announce in slot {n}", place(n), HELLO, clause="BEA-4")
    make("ask by a reader", place(3), body(2, 0, 0))
    make("ask by a node", place(3), body(2, 4774, 0))
    make("answer", place(5), body(1, 40123, 0, ECHO))
    make("page only", place(5), body(1, 0, 8080))
    make("page on port 80, node on port 443", place(5), body(1, 443, 80))
    make("lowest and highest port", place(0), body(1, 1024, 65535))
    make("from a link-local IPv6 address", place(2), HELLO, LINK)
    make("from an IPv4 link-local address", place(2), HELLO, "169.254.7.9")
    make("two archives", [OTHER, None, None, ARCHIVE] + [None] * 4, HELLO, clause="BEA-4")
    make("eight archives", [hash256(b"%d" % n) for n in range(8)], HELLO, clause="BEA-4")


def reading(suite: Suite) -> None:
    data = beacon.make(noise("read"), place(4), HELLO, HERE)
    start = SALT + 4 * SLOT

    def same(name, changed, **more):
        suite.accept(name, "BEA-5", "beacon", given(changed, **more))

    same("from the same address, mapped", data, source=f"::ffff:{HERE}")
    zone = beacon.make(noise("zone"), place(4), HELLO, LINK)
    same("a zone is no part of the address", zone, source=LINK + "%7")
    flip = lambda at: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    same("another slot changed", flip(SALT))
    same("tag changed: not recognised", flip(start))
    same("salt changed: not recognised", flip(0))
    same("noise", noise("nothing"))
    twice = data[: SALT + 6 * SLOT] + data[start : start + SLOT] + data[SALT + 7 * SLOT :]
    same("the same slot twice", twice)
    later = beacon.make(noise("read"), place(6), body(2, 0, 0), HERE)[SALT + 6 * SLOT :][:SLOT]
    both = data[: SALT + 6 * SLOT] + later + data[SALT + 7 * SLOT :]
    same("two slots of one archive: the first counts", both)

    def bad(name, changed, error, **more):
        suite.reject(f"beacon: {name}", error, "beacon", given(changed, **more))

    bad("nothing", b"", "BEA-1")
    bad("one byte short", data[:-1], "BEA-1")
    bad("one byte more", data + b"\0", "BEA-1")
    bad("seven slots", data[:-SLOT], "BEA-1")
    bad("from another IPv4 address", data, "BEA-5", source="192.168.43.8")
    bad("from an IPv6 address", data, "BEA-5", source=LINK)
    bad("from an IPv6 address that ends alike", data, "BEA-5", source="::c0a8:2b07")
    bad("first byte of the body", flip(start + TAG), "BEA-5")
    bad("last byte of the body", flip(start + TAG + beacon.BODY - 1), "BEA-5")
    bad("first byte of the authenticator", flip(start + TAG + beacon.BODY), "BEA-5")
    bad("last byte of the authenticator", flip(start + SLOT - 1), "BEA-5")
    swapped = data[:start] + data[start + SLOT : start + 2 * SLOT] + data[start : start + SLOT] + data[start + 2 * SLOT :]
    same("moved to another slot", swapped)


def bodies(suite: Suite) -> None:
    def bad(name, text):
        data = beacon.make(noise(name), place(1), text, HERE)
        suite.reject(f"body: {name}", "BEA-3", "beacon", given(data))

    for kind in (0, 3, 127, 255):
        bad(f"kind {kind}", body(kind, 4774, 0))
    bad("announce without a port", body(1, 0, 0))
    for port in (1, 22, 25, 79, 81, 442, 444, 1023):
        bad(f"announce, node on port {port}", body(1, port, 0))
        bad(f"announce, page on port {port}", body(1, 4774, port))
    bad("ask, node on port 22", body(2, 22, 0))
    bad("ask with an echo", body(2, 0, 0, ECHO))
    bad("ask with an echo of one bit", body(2, 0, 0, b"\0" * 7 + b"\1"))


def suites() -> dict:
    suite = Suite("beacon", "BEA-1 to BEA-5")
    making(suite)
    reading(suite)
    bodies(suite)
    return {"beacon": suite}
