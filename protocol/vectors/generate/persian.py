"""Keys of Persian text (spec/persian.md)."""

import re
import unicodedata

LETTERS = str.maketrans(
    {c: "\u06cc" for c in "\u064a\u0649\u06d2"}
    | {c: "\u06a9" for c in "\u0643\u06aa"}
    | {c: "\u0647" for c in "\u0629\u06d5\u06c1\u06be\u06c2"}
    | {"\u0671": "\u0627"}
)
# Hamza alone, tatweel, joiners, direction, soft hyphen, byte order mark, apostrophes, half rings.
DROPPED = set("\u0621\u0640\u200c\u200d\u200e\u200f\u061c\u00ad\ufeff'\u2018\u2019\u02bc\u02bb\u02be\u02bf")
DROPPED |= {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"


def fold(text: str) -> str:
    """FA-1."""
    out = ""
    for char in unicodedata.normalize("NFKD", text[:512]).lower().translate(LETTERS):
        kind = unicodedata.category(char)
        if char in DROPPED or kind[0] == "M":
            continue
        if kind == "Nd":
            out += str(unicodedata.decimal(char))
        else:
            out += char if kind[0] == "L" else " "
    return re.sub(" +", " ", out).strip(" ")


def nospace(text: str) -> str:
    """FA-2."""
    return fold(text).replace(" ", "")


def order(text: str) -> list:
    """FA-4: space, alphabet, digits, everything else."""
    out = []
    composed = unicodedata.normalize("NFC", text)
    for char in composed:
        if char == "\u0622":
            out.append((1, 0))
            continue
        for folded in fold(char) or (" " if char == " " else ""):
            if folded == " ":
                out.append((0, 0))
            elif folded in ALPHABET:
                out.append((1, ALPHABET.index(folded)))
            else:
                out.append((2, int(folded)) if folded in "0123456789" else (3, ord(folded)))
    return out
