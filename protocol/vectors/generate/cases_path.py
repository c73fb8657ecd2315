"""Cases for spec/path.md."""

from .paths import BY_EXTENSION
from .suite import Suite

YEH, FARSI_YEH, ZWNJ = "\u064a", "\u06cc", "\u200c"
GOOD = [
    ("one letter", "PATH-1", "a"),
    ("two segments", "PATH-2", "records/index.html"),
    ("Persian with ZWNJ", "PATH-3", "\u0645\u06cc\u200c\u0634\u0648\u062f.html"),
    ("ZWJ", "PATH-3", "a\u200db"),
    ("Arabic yeh", "PATH-1", "\u0639\u0644\u064a.txt"),
    ("Persian yeh", "PATH-1", "\u0639\u0644\u06cc.txt"),
    ("Persian digits", "PATH-1", "\u06f1\u06f2\u06f3"),
    ("tashdid and fatha in NFC order", "PATH-1", "\u0628\u064e\u0651"),
    ("alef with madda, composed", "PATH-1", "\u0622\u0628"),
    ("e with acute, composed", "PATH-1", "caf\u00e9"),
    ("emoji with ZWJ", "PATH-3", "\U0001f469\u200d\U0001f52c.png"),
    ("exactly 512 bytes", "PATH-1", "/".join(["a" * 170] * 3)),
    ("segment of exactly 240 bytes", "PATH-2", "a" * 240),
    ("segment of exactly 240 bytes in Persian", "PATH-2", "\u0627" * 120),
    ("exactly 32 segments", "PATH-2", "/".join("a" * 32)),
    ("hidden file", "PATH-4", ".hidden"),
    ("three dots and a letter", "PATH-2", "...a"),
    ("space inside", "PATH-4", "a b"),
    ("CONSOLE is not CON", "PATH-5", "CONSOLE.txt"),
    ("COM10 is not reserved", "PATH-5", "COM10"),
    ("COM without number", "PATH-5", "com"),
    ("CON after a dot", "PATH-5", "a.con"),
    ("CON after a space", "PATH-5", "a con"),
    ("COM and superscript four", "PATH-5", "COM\u2074"),
    ("tilde", "PATH-3", "~"),
    ("percent and plus", "PATH-3", "100%+1"),
    ("single quote and brackets", "PATH-3", "it's [a] (b) {c}"),
    ("non-breaking space at the end is not a space", "PATH-4", "a\u00a0"),
]
BAD = [
    ("nothing", "PATH-1", ""),
    ("513 bytes", "PATH-1", "/".join(["a" * 170] * 2 + ["a" * 171])),
    ("258 Persian letters are more than 512 bytes", "PATH-1", "\u0627" * 86 + ("/" + "\u0627" * 86) * 2),
    ("e with acute, decomposed", "PATH-1", "cafe\u0301"),
    ("alef and madda, decomposed", "PATH-1", "\u0627\u0653"),
    ("yeh with hamza, decomposed", "PATH-1", "\u064a\u0654"),
    ("heh with yeh above, decomposed", "PATH-1", "\u06d5\u0654"),
    ("marks in the wrong order", "PATH-1", "\u0628\u0651\u064e"),
    ("Angstrom sign", "PATH-1", "\u212b"),
    ("CJK compatibility ideograph", "PATH-1", "\uf900"),
    ("Hangul jamo", "PATH-1", "\u1100\u1161"),
    ("leading slash", "PATH-2", "/a"),
    ("trailing slash", "PATH-2", "a/"),
    ("double slash", "PATH-2", "a//b"),
    ("slash only", "PATH-2", "/"),
    ("one dot", "PATH-2", "."),
    ("two dots", "PATH-2", ".."),
    ("dot segment inside", "PATH-2", "a/./b"),
    ("dot-dot segment inside", "PATH-2", "a/../b"),
    ("dot-dot segment at the end", "PATH-2", "a/.."),
    ("dot-dot segment first", "PATH-2", "../a"),
    ("segment of 241 bytes", "PATH-2", "a" * 241),
    ("Persian segment of 242 bytes", "PATH-2", "\u0627" * 121),
    ("33 segments", "PATH-2", "/".join("a" * 33)),
    ("backslash", "PATH-3", "a\\b"),
    ("dot-dot with backslash", "PATH-3", "..\\a"),
    ("drive letter", "PATH-3", "C:/a"),
    ("alternate stream", "PATH-3", "a.txt:b"),
    ("star", "PATH-3", "*"),
    ("question mark", "PATH-3", "a?b"),
    ("double quote", "PATH-3", 'a"b'),
    ("less than", "PATH-3", "<a"),
    ("greater than", "PATH-3", "a>"),
    ("bar", "PATH-3", "a|b"),
    ("NUL", "PATH-3", "a\x00b"),
    ("newline", "PATH-3", "a\nb"),
    ("tab", "PATH-3", "a\tb"),
    ("escape", "PATH-3", "a\x1b[0m"),
    ("delete", "PATH-3", "a\x7f"),
    ("C1 control U+0085", "PATH-3", "a\u0085b"),
    ("C1 control U+009F", "PATH-3", "a\u009f"),
    ("left-to-right mark", "PATH-3", "a\u200e"),
    ("right-to-left mark", "PATH-3", "\u0627\u200f"),
    ("Arabic letter mark", "PATH-3", "\u0627\u061c"),
    ("line separator", "PATH-3", "a\u2028b"),
    ("paragraph separator", "PATH-3", "a\u2029b"),
    ("byte order mark", "PATH-3", "\ufeffa"),
    ("noncharacter U+FFFE", "PATH-3", "a\ufffe"),
    ("noncharacter U+FFFF", "PATH-3", "a\uffff"),
    ("noncharacter U+FDD0", "PATH-3", "a\ufdd0"),
    ("noncharacter U+FDEF", "PATH-3", "a\ufdef"),
    ("noncharacter U+1FFFE", "PATH-3", "a\U0001fffe"),
    ("noncharacter U+10FFFF", "PATH-3", "a\U0010ffff"),
    ("dot at the end", "PATH-4", "a."),
    ("dot at the end of a folder", "PATH-4", "a./b"),
    ("three dots", "PATH-4", "..."),
    ("space at the end", "PATH-4", "a "),
    ("space at the end of a folder", "PATH-4", "a /b"),
    ("space at the beginning", "PATH-4", " a"),
    ("space only", "PATH-4", " "),
    ("space at the beginning of a later segment", "PATH-4", "a/ b"),
    ("dot and space at the end", "PATH-4", "a. "),
    ("device with spaces before the dot", "PATH-5", "nul  .txt"),
    ("device as folder", "PATH-5", "aux/a.txt"),
    ("device as last segment", "PATH-5", "a/prn"),
    ("device in mixed case", "PATH-5", "CoN"),
    ("device with two extensions", "PATH-5", "con.tar.gz"),
]
BAD += [
    (f"bidi control U+{code:04X}", "PATH-3", f"a{chr(code)}b")
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
]
DEVICES = "CON PRN AUX NUL CONIN$ CONOUT$ COM0 COM1 COM9 LPT0 LPT1 LPT9 COM\u00b9 COM\u00b2 COM\u00b3"
DEVICES += " LPT\u00b9 LPT\u00b2 LPT\u00b3"
GOOD_SETS = [
    ("Arabic and Persian yeh side by side", "PATH-6", [f"\u0639\u0644{YEH}", f"\u0639\u0644{FARSI_YEH}"]),
    ("Arabic and Persian kaf side by side", "PATH-6", ["\u0643", "\u06a9"]),
    ("with and without ZWNJ", "PATH-6", [f"\u0645{FARSI_YEH}{ZWNJ}a", f"\u0645{FARSI_YEH}a"]),
    ("Arabic-Indic and Persian digits", "PATH-6", ["\u0661", "\u06f1"]),
    ("files in one folder", "PATH-7", ["a/b", "a/c", "a/d/e"]),
    ("a name that begins with another", "PATH-7", ["a", "ab", "a.b/c"]),
    ("a.txt beside a/b", "PATH-7", ["a.txt", "a/b"]),
    ("no path at all", "PATH-6", []),
    ("Turkish dotless i is no i", "PATH-6", ["\u0131", "i"]),
    ("u with and without diaeresis", "PATH-6", ["u", "\u00fc"]),
]
BAD_SETS = [
    ("the same path twice", "PATH-6", ["a", "a"]),
    ("upper and lower case", "PATH-6", ["A.html", "a.html"]),
    ("upper and lower case with an accent", "PATH-6", ["\u00c9", "\u00e9"]),
    ("sharp s and ss", "PATH-6", ["stra\u00dfe", "strasse"]),
    ("capital sharp s", "PATH-6", ["\u1e9e", "\u00df"]),
    ("long s", "PATH-6", ["\u017f", "s"]),
    ("micro sign and Greek mu", "PATH-6", ["\u00b5", "\u03bc"]),
    ("final sigma", "PATH-6", ["\u03c2", "\u03c3"]),
    ("ligature fi", "PATH-6", ["\ufb01", "fi"]),
    ("Cyrillic case", "PATH-6", ["\u0416", "\u0436"]),
    ("dotted capital I folds to i and a dot", "PATH-6", ["\u0130", "i\u0307"]),
    ("folding that must be followed by NFC", "PATH-6", ["\u0390", "\u03aa\u0301"]),
    ("Deseret case outside the basic plane", "PATH-6", ["\U00010400", "\U00010428"]),
    ("folders differ in case only", "PATH-6", ["A/x", "a/y"]),
    ("inner folders differ in case only", "PATH-6", ["r/A/x", "r/a/y"]),
    ("entry and folder differ in case only", "PATH-6", ["a", "A/b"]),
    ("case in the last segment of a folder", "PATH-6", ["a/b/C", "a/b/c"]),
    ("a path is the folder of another", "PATH-7", ["a", "a/b"]),
    ("folder first", "PATH-7", ["a/b", "a"]),
    ("a path two levels above another", "PATH-7", ["a", "a/b/c"]),
    ("inner path is a folder", "PATH-7", ["r/a", "r/a/b"]),
    ("Persian path is a folder", "PATH-7", ["\u06cc", "\u06cc/a"]),
]
MEDIA = [
    ("no dot", "README"),
    ("dot only in a folder", "a.html/b"),
    ("name is an extension without dot", "html"),
    ("hidden file named like an extension", ".html"),
    ("the last dot counts", "a.html.zip"),
    ("upper case", "A.HTML"),
    ("mixed case", "a.Jpeg"),
    ("unknown", "a.exe"),
    ("unknown long", "a.htmlx"),
    ("extension with a space", "a.ht ml"),
    ("full-width letters", "a.\uff48\uff54\uff4d\uff4c"),
    ("Turkish capital I is not ASCII", "a.\u0130co"),
    ("long s is not s", "a.c\u017f\u017f"),
    ("Persian name", "\u06af\u0632\u0627\u0631\u0634.pdf"),
    ("Persian extension", "a.\u0645\u062a\u0646"),
    ("percent-encoded", "a.html%20"),
    ("warc", "a.warc"),
    ("ogv is unknown", "a.ogv"),
]


def suites() -> dict:
    paths, sets = Suite("path", "PATH-1 to PATH-5"), Suite("path", "PATH-6, PATH-7")
    media = Suite("path", "PATH-8")
    for name, clause, path in GOOD:
        paths.accept(name, clause, "path", {"path": path})
    for name, clause, path in BAD:
        paths.reject(name, clause, "path", {"path": path})
    for device in DEVICES.split():
        for path in (device, device.lower() + ".txt"):
            paths.reject(f"device {path}", "PATH-5", "path", {"path": path})
    for name, clause, members in GOOD_SETS:
        sets.accept(name, clause, "path-set", {"paths": members})
    for name, clause, members in BAD_SETS:
        sets.reject(name, clause, "path-set", {"paths": members})
    for extension in BY_EXTENSION:
        media.accept(f"extension {extension}", "PATH-8", "media", {"path": f"a/b.{extension}"})
    for name, path in MEDIA:
        media.accept(name, "PATH-8", "media", {"path": path})
    return {"paths": paths, "sets": sets, "media": media}
