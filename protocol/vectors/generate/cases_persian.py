"""Cases for spec/persian.md."""

from .suite import Suite

KEYS = [
    ("Arabic yeh and kaf", "FA-1", "\u0639\u0644\u064a \u0643"),
    ("alef maksura and yeh barree", "FA-1", "\u0645\u0648\u0633\u0649 \u06d2"),
    ("swash kaf", "FA-1", "\u06aa"),
    ("five forms of heh", "FA-1", "\u0629\u06d5\u06c1\u06be\u06c2"),
    ("alef wasla", "FA-1", "\u0671\u0628"),
    ("digits of three scripts", "FA-1", "1\u06f2\u0663"),
    ("vowel marks and tashdid", "FA-1", "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f"),
    ("hamza and madda on a letter", "FA-1", "\u0622\u0623\u0624\u0626"),
    ("hamza alone", "FA-1", "\u0628\u0621\u0628"),
    ("tatweel", "FA-1", "\u0628\u0640\u0640\u0628"),
    ("marks of direction, soft hyphen, byte order mark", "FA-1", "a\u200eb\u200fc\u00add\ufeffe"),
    ("apostrophes and half rings", "FA-1", "a'b\u2019c\u02bed\u02bfe"),
    ("runs of others are one space", "FA-1", " (a) -- b. "),
    ("Latin with accents, capitals", "FA-1", "\u00c9MILE"),
    ("presentation forms", "FA-1", "\ufefb"),
    ("nothing left", "FA-1", "\u0640 - \u200c"),
    ("513 letters", "FA-1", "a" * 513),
    ("two words", "FA-2", "امیر حسین"),
    ("one word", "FA-2", "امیرحسین"),
    ("joined by a non-joiner", "FA-2", "امیر\u200cحسین"),
]
ALL = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
ORDERS = [
    ("the alphabet", list(ALL)),
    ("a space before every letter", ["علی آ", "علیآ", "علی ب", "علیب"]),
    ("letters, digits, Latin", ["ی", "۱", "۲", "a", "b"]),
    ("four letters of Persian alone", ["پا", "تا", "چا", "حا", "ژا", "سا", "گا", "لا"]),
]


def suites() -> dict:
    keys = Suite("persian", "FA-1, FA-2")
    for name, clause, text in KEYS:
        keys.accept(name, clause, "persian-key", {"text": text})
    orders = Suite("persian", "FA-4")
    for name, texts in ORDERS:
        orders.accept(name, "FA-4", "persian-order", {"texts": texts[::-1]})
    return {"keys": keys, "order": orders}
