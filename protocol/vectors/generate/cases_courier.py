"""Cases for spec/courier.md."""

from .courier import armoured, line, write
from .ids import hash256, xof
from .limits import COURIER_LINE_BYTES, MAX_COURIER_LINES, MAX_COURIER_TEXT_BYTES
from .suite import Suite

MOST = COURIER_LINE_BYTES * MAX_COURIER_LINES
SIZES = (1, 2, 3, 4, 5, 99, 100, 101, 199, 200, 201, 841, 1207)


def noise(length: int) -> bytes:
    return xof(f"courier {length}", length)


def writing(suite: Suite) -> None:
    for size in SIZES:
        suite.accept(f"write {size} bytes", "COU-2", "courier-write", {"hex": noise(size).hex()})
    suite.accept("write zeros", "COU-2", "courier-write", {"hex": "00" * 250})
    suite.accept("write ones", "COU-2", "courier-write", {"hex": "ff" * 250})
    suite.reject("write nothing", "COU-3", "courier-write", {"hex": ""})
    sized = {"seed": "courier", "length": MOST}
    suite.accept("write as much as there can be", "COU-3", "courier-length", sized, lines=MAX_COURIER_LINES)
    suite.reject("write one byte more", "COU-3", "courier-length", sized | {"length": MOST + 1})


def reading(suite: Suite) -> None:
    data = noise(350)
    lines = write(data)
    all_there = {"whole": [data.hex()], "cut": []}

    def same(name: str, text: str, clause: str = "COU-4") -> None:
        suite.accept(name, clause, "courier-read", {"text": text}, **all_there)

    same("one line after the other", "\n".join(lines))
    same("nothing in between", "".join(lines), "COU-5")
    same("backwards", " ".join(reversed(lines)), "COU-5")
    same("each twice", "\n".join(lines + lines), "COU-5")
    same("small letters", "\n".join(lines).lower())
    same("quoted", "".join(f"> {one[:60]}\r\n> {one[60:]}\r\n" for one in lines))
    same("a space after every character", " ".join("".join(lines)))
    same("marks of direction", "\u200f" + "\u2068\u200b".join(lines) + "\u2069")
    same("a non-breaking space and a soft hyphen", "\u00a0".join(one[:9] + "\u00ad" + one[9:] for one in lines))
    same("dashes and quotes", "«" + "\u2014".join(one[:30] + "-" + one[30:] for one in lines) + "»")
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    same("Persian digits", "\n".join(lines).translate(persian))
    same("Arabic digits", "\n".join(lines).translate(arabic))
    same("words in Persian around it", "سلام، این را بخوان:\n" + "\nو این:\n".join(lines) + "\nخداحافظ")
    same("years and numbers around it", f"In 1909, 90 of them (0990):\n{lines[0]}\n90\n" + "09\n".join(lines[1:]))
    same("90 right before a line", "90" + "90".join(lines))
    same("09 right after a line", "09".join(lines) + "09")
    same("a run that is cut, then the line again", lines[0][:70] + "\n" + "\n".join(lines))
    same("full-width letters are no letters", "\uff21".join(lines))


def losing(suite: Suite) -> None:
    data, other = noise(350), noise(120)
    lines, more = write(data), write(other)

    def found(name, text, clause="COU-6", whole=(), cut=()):
        expected = {"whole": [one.hex() for one in whole], "cut": list(cut)}
        suite.accept(name, clause, "courier-read", {"text": text}, **expected)

    missing = lambda *numbers: {"lines": 4, "missing": list(numbers)}
    for n in range(4):
        found(f"line {n + 1} lost", "\n".join(lines[:n] + lines[n + 1 :]), cut=[missing(n + 1)])
    found("only the last", lines[3], cut=[missing(1, 2, 3)])
    found("cut off in the middle of the last", "\n".join(lines)[:-40], cut=[missing(4)])
    found("two couriers, mixed", "\n".join([more[1], lines[2], lines[0], more[0], lines[3], lines[1]]), whole=[other, data])
    found("two couriers, one cut", "\n".join([*more, *lines[1:]]), whole=[other], cut=[missing(1)])
    found("nothing", "", "COU-4")
    found("other people's text", "90 years ago, in 1909, there were 90 of them", "COU-4")
    swap = lambda text, at: text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :]
    for at in (2, 9, 14, 60, len(lines[0]) - 3):
        found(f"character {at} of line 1 altered", "\n".join([swap(lines[0], at), *lines[1:]]), "COU-4", cut=[missing(1)])
    found("a letter too many", "\n".join([lines[0][:50] + "A" + lines[0][50:], *lines[1:]]), "COU-4", cut=[missing(1)])
    found("a letter too few", "\n".join([lines[0][:50] + lines[0][51:], *lines[1:]]), "COU-4", cut=[missing(1)])
    found("a character that base32 does not have", "\n".join([lines[0][:50] + "1" + lines[0][50:], *lines[1:]]), "COU-4", cut=[missing(1)])


def crafted(suite: Suite) -> None:
    tag = hash256(b"x")[:4]
    full = noise(COURIER_LINE_BYTES)

    def found(name, text, cut=()):
        suite.accept(name, "COU-4", "courier-read", {"text": text}, whole=[], cut=list(cut))

    lines = MAX_COURIER_LINES
    found("number 0", line(tag, 0, 2, full))
    found("number above the count", line(tag, 3, 2, full))
    found("count 0", line(tag, 0, 0, full))
    found("more lines than there can be", line(tag, 1, lines + 1, full))
    only_first = {"lines": lines, "missing": list(range(2, lines + 1))}
    found("as many lines as there can be", line(tag, 1, lines, full), [only_first])
    found("a short piece that is not the last", line(tag, 1, 2, full[:99]))
    found("a piece that is too long", line(tag, 2, 2, full + b"\0"))
    found("an empty piece", line(tag, 2, 2, b""))
    found("a wrong check", "90" + armoured(tag + b"\0\1\0\1" + full + b"\0\0\0\0") + "09")
    whole = line(hash256(full)[:4], 1, 1, full)
    last = whole[-3]
    spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    changed = spare[spare.index(last) ^ 1]
    found("bits that are left over are not 0", whole[:-3] + changed + "09")
    found("a tag that is not of the whole", line(tag, 1, 1, full))
    counts = {"lines": 2, "missing": [2]}, {"lines": 3, "missing": [2, 3]}
    both = line(tag, 1, 2, full) + "\n" + line(tag, 1, 3, full)
    found("one tag, two counts: two couriers", both, counts)
    again = line(hash256(full)[:4], 1, 1, full[::-1]) + whole
    found("two lines of one number: the first counts", again)
    suite.accept("a text as long as is looked at", "COU-6", "courier-long", {"length": MAX_COURIER_TEXT_BYTES})
    suite.reject("one byte longer", "COU-6", "courier-long", {"length": MAX_COURIER_TEXT_BYTES + 1})


def suites() -> dict:
    suite = Suite("courier", "COU-2 to COU-6")
    writing(suite)
    reading(suite)
    losing(suite)
    crafted(suite)
    return {"courier": suite}
