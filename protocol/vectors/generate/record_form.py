"""What the fields of records hold: types, words, bounds of texts and lists (spec/record.md, the CDDL)."""

import re
import unicodedata

from .fault import require
from .limits import (
    MAX_RECORD_COUNT,
    MAX_RECORD_FIELD_BYTES,
    MAX_RECORD_ITEMS,
    MAX_RECORD_LONG_BYTES,
    MAX_RECORD_NAME_BYTES,
    MAX_RECORD_TEXT_BYTES,
    MAX_RECORD_URL_BYTES,
)

BIDI = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def text(value, cap=MAX_RECORD_TEXT_BYTES, lines=False) -> None:
    """REC-5."""
    require(isinstance(value, str), "ENC-6", "no text")
    require(1 <= len(value.encode()) <= cap, "REC-5", "empty or too long")
    require(value == value.strip(), "REC-5", "white space at its ends")
    require(unicodedata.is_normalized("NFC", value), "REC-5", "not NFC")
    for char in value:
        control = unicodedata.category(char) == "Cc" and not (lines and char == "\n")
        require(not control, "REC-5", "control character")
        require(char not in BIDI, "REC-5", "mark of direction")


def name(value) -> None:
    text(value, MAX_RECORD_NAME_BYTES)
    require("<" not in value, "REC-5", "markup in a name")


def long_text(value) -> None:
    text(value, MAX_RECORD_LONG_BYTES, lines=True)


def raw(value) -> None:
    """A text whose form is checked elsewhere."""
    require(isinstance(value, str), "ENC-6", "no text")


def uint(value) -> None:
    require(type(value) is int and value >= 0, "ENC-6", "no number")


def hashed(size: int):
    def check(value):
        require(type(value) is bytes and len(value) == size, "ENC-6", f"not {size} bytes")

    return check


def matching(pattern: str, clause: str):
    def check(value):
        require(isinstance(value, str), "ENC-6", "no text")
        require(bool(re.fullmatch(pattern, value, re.ASCII)), clause, f"not of the form {pattern}")

    return check


def count(clause: str):
    def check(value):
        uint(value)
        require(value <= MAX_RECORD_COUNT, clause, "too large a number")

    return check


def url(value) -> None:
    require(isinstance(value, str), "ENC-6", "no text")
    good = value.startswith(("http://", "https://")) and len(value) <= MAX_RECORD_URL_BYTES
    good = good and all("!" <= char <= "~" and char not in '<>"\\^`{|}' for char in value)
    require(good, "REC-9", "no address")


def words(all_words: str):
    known = all_words.split()

    def check(value):
        require(isinstance(value, str) and value in known, "ENC-6", f"none of {all_words}")

    return check


def texts(inner=text):
    def check(value):
        fields(value, {}, {"en": inner, "fa": inner})
        require(value != {}, "REC-5", "in neither language")

    return check


def listed(inner, once=False, empty="ENC-6"):
    def check(value):
        require(isinstance(value, list), "ENC-6", "no list")
        # An optional field without a value is absent (ENC-6).
        require(len(value) >= 1, empty, "an empty list")
        require(len(value) <= MAX_RECORD_ITEMS, "REC-5", "too many items")
        for item in value:
            inner(item)
        require(not once or len(set(value)) == len(value), "REC-5", "a value twice")

    return check


def fields(value, must: dict, may: dict) -> None:
    require(isinstance(value, dict), "ENC-6", "not a map")
    for key in value:
        require(key in must or key in may, "ENC-6", f"unknown field {key}")
    for key in must:
        require(key in value, "ENC-6", f"field {key} is missing")
    for key, inner in (must | may).items():
        if key in value:
            inner(value[key])


def part(must: dict, may: dict | None = None):
    return lambda value: fields(value, must, may or {})


LANG = matching("(?=.{2,35}$)[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", "REC-9")
NAME_LANG = matching("(?=.{2,35}$)[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", "REC-13")
COUNTRY = matching("[A-Z]{2}", "REC-8")
SCRIPT = matching("[A-Z][a-z]{3}", "REC-13")
FIELD_FORM = re.compile(r"([a-z_]+)((?:\[(?:0|[1-9][0-9]?)\])*)(?:\.|$)", re.ASCII)


def field_name(value, known: set, parts: set, clause: str) -> list:
    """REC-10: the steps of the name of a field."""
    require(isinstance(value, str), "ENC-6", "no text")
    require(1 <= len(value) <= MAX_RECORD_FIELD_BYTES and value[-1] != ".", clause, "no field")
    steps, at = [], 0
    while at < len(value):
        found = FIELD_FORM.match(value, at)
        require(bool(found), clause, "not the name of a field")
        require(found[1] in (parts if steps else known), clause, f"no field {found[1]}")
        places = [int(n) for n in re.findall("[0-9]+", found[2])]
        require(all(n < MAX_RECORD_ITEMS for n in places), clause, "no such place in a list")
        steps += [found[1], *places]
        at = found.end()
    return steps
