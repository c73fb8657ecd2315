"""People who never were, and what can be wrong with what is said about them."""

import copy

from . import loose


class DROP:
    """Takes a field away."""

    negative = loose.Raw(b"\x20")


TEXT = {"fa": "نمونه", "en": "sample"}
AS_FOUND = {"kind": "alias", "lang": "fa", "script": "Arab", "text": "علي نمونه", "translit": "none"}
CLAIM = {"src": ["s1"], "path": "manner", "value": TEXT, "confidence": "reported"}
PICTURE = {
    "alt": TEXT,
    "hash": bytes([1] * 32),
    "mime": "image/jpeg",
    "path": "portraits/a.jpg",
    "role": "portrait",
    "bytes": 1,
    "graphic": "none",
}
EDIT = {"on": "2026-06-01", "code": "corrected", "fields": ["age", "names[1].text"], "version": 2}


def date(edtf: str, jalali: str) -> dict:
    return {"tz": "Asia/Tehran", "edtf": edtf, "jalali": jalali, "source_cal": "persian", "time_local": "17:30"}


def place() -> dict:
    city = {"fa": "نی\u200cدشتان", "en": "Neydashtan"}
    return {"city": city, "kind": "street", "country": "IR", "province": "IR-07", "precision": "city"}


def source(sid: str, group: int, kind: str) -> dict:
    publisher = {"fa": "دیده\u200cبان نمونه (ساختگی)", "en": "Sample Observatory (fictional)"}
    return {"sid": sid, "kind": kind, "group": group, "publisher": publisher}


def name(lang: str, script: str, text: str, kind="primary") -> dict:
    return {"kind": kind, "lang": lang, "script": script, "text": text, "translit": "none"}


def victim() -> dict:
    """Of two groups, one of them testimony, with two reviewers: verified."""
    return {
        "id": bytes([7] * 16),
        "schema": "victim/1",
        "status": "active",
        "version": 1,
        "fictional": "yes",
        "issued_on": "2026-06-01",
        "names": [name("fa", "Arab", "روژان گندم\u200cخورشید"), name("en", "Latn", "Rozhan Gandomkhorshid")],
        "gender": "female",
        "role": "bystander",
        "minor": "no",
        "age": {"min": 23, "max": 25, "basis": "stated"},
        "died_at": date("2019-11-16", "1398-08-25"),
        "place": place(),
        "manner": ["live_fire"],
        "sources": [source("s1", 1, "ngo_report"), source("s2", 2, "testimony_public")],
        "verification": {"level": "verified", "groups": 2, "methods": ["cross_check"], "reviewers": 2},
        "consent": {"basis": "ngo_published", "scope": ["name"]},
    }


def full() -> dict:
    """Every field that a person's record can have."""
    value = victim()
    fine = place() | {"lat": "29.60", "lon": "-52.5", "county": TEXT, "locality": TEXT, "precision": "locality"}
    value |= {
        "version": 2,
        "prev": bytes([1] * 32),
        "changes": [copy.deepcopy(EDIT)],
        "birth": date("1995-03-21/1996-03-19", "1374-01-01/1374-12-29"),
        "injured_at": date("2019-11-15", "1398-08-24"),
        "custody": "no",
        "incident": bytes([9] * 16),
        "forces": ["unknown"],
        "injury_site": ["torso"],
        "nationality": ["IR", "AF"],
        "withheld": ["media"],
        "private_sources": "some",
        "origin_city": fine,
        "place_of_death": place() | {"kind": "hospital"},
        "official_cause": {"src": ["s2"], "text": TEXT},
        "external_ids": [{"id": "17", "org": "Sample", "url": "https://example.org/17"}],
        "claims": [copy.deepcopy(CLAIM)],
        "consent": {"basis": "family", "scope": ["name", "story"], "review_by": 2030},
        "story": {"fa": "یک.\n\nدو.", "en": "One.\n\nTwo."},
    }
    for key in ("education", "occupation", "burial_city", "father_name", "ethnicity_religion"):
        value[key] = TEXT
    value["sources"][0] |= {
        "url": "https://example.org/a?b=c%20d",
        "lang": "fa",
        "title": TEXT,
        "accessed": "2026-05-20",
        "published": "2019-12-01",
        "archived_hash": bytes([4] * 32),
    }
    value["verification"] |= {"methodology": bytes([6] * 32), "reviewed_on": "2026-05-20"}
    return value


def gone() -> dict:
    return {
        "id": bytes([7] * 16),
        "schema": "victim/1",
        "status": "withdrawn",
        "version": 3,
        "issued_on": "2026-06-01",
        "status_reason": "withheld",
    }


def change(value: dict, *changes) -> dict:
    """A copy with other fields: (dotted path, value or DROP)."""
    value = copy.deepcopy(value)
    for path, new in changes:
        at, steps = value, path.split(".")
        for step in steps[:-1]:
            at = at[int(step)] if isinstance(at, list) else at[step]
        last = int(steps[-1]) if isinstance(at, list) else steps[-1]
        if new is DROP:
            del at[last]
        else:
            at[last] = copy.deepcopy(new)
    return value


def born(edtf: str) -> tuple:
    return ("birth", {"edtf": edtf, "source_cal": "gregorian"})


def aged(low: int, high: int, basis="stated") -> tuple:
    return ("age", {"min": low, "max": high, "basis": basis})


def young(*more) -> list:
    return [("minor", "likely"), ("age", DROP), *more]


def of(level: str, *more) -> list:
    return [("verification.level", level), *more]


ONE_GROUP = [("sources.1.group", 1), ("verification.groups", 1)]
TWO = [("version", 2), ("prev", bytes(32))]
FAMILY = ("consent", {"basis": "published_by_family", "scope": ["name", "photo", "story"]})
ALL_SCOPES = ("consent.scope", ["name", "photo", "story"])

SOUND = [
    ("as it is", "REC-1"),
    ("not marked as fictional", "REC-1", ("fictional", DROP)),
    ("a third version", "REC-2", ("version", 3), ("prev", bytes(32)), ("changes", [EDIT, EDIT | {"version": 3}])),
    ("the greatest version", "REC-2", ("version", 2**64 - 1), ("prev", bytes(32)),
     ("changes", [EDIT | {"version": 2**64 - 1}])),
    ("two changes of one version", "REC-12", *TWO, ("changes", [EDIT, EDIT | {"code": "sources"}])),
    ("a name of 200 bytes", "REC-5", ("names.1.text", "a" * 200)),
    ("a name with Arabic letters as found", "REC-13", ("names", [*victim()["names"], AS_FOUND])),
    ("a joiner in a name", "REC-5", ("names.0.text", "نمونه\u200cای")),
    ("64 names", "REC-5", ("names", [name("fa", "Arab", "نمونه"), *[AS_FOUND] * 63])),
    ("a short text of 1000 bytes", "REC-5", ("occupation", {"en": "a" * 1000})),
    ("no name, but a label", "REC-13", ("names", DROP), ("name_label", TEXT), ("consent.scope", DROP)),
    ("one language only", "REC-13", ("names", [name("en", "Latn", "Sample")])),
    ("a primary name in Kurdish too", "REC-13", ("names", [*victim()["names"], name("ckb", "Arab", "نموونه")])),
    ("language with script and region", "REC-13", ("names.1.lang", "en"), ("names", [
        name("fa", "Arab", "نمونه"), name("fa-Latn-IR", "Latn", "Nemune") | {"translit": "un_2012"}])),
    ("no date, no place, no age", "REC-14", ("died_at", DROP), ("place", DROP), ("age", DROP), ("minor", "unknown")),
    ("everything unknown", "REC-14", ("gender", "unknown"), ("role", "unknown"), ("manner", ["unknown"])),
    ("date of a year", "REC-6", ("died_at", {"edtf": "2019", "source_cal": "islamic"})),
    ("midnight", "REC-6", ("died_at.time_local", "00:00")),
    ("the last minute", "REC-6", ("died_at.time_local", "23:59")),
    ("hurt and killed on one day", "REC-7", ("injured_at", date("2019-11-16", "1398-08-25"))),
    ("hurt in a month, killed in it", "REC-7", ("injured_at", {"edtf": "2019-11", "source_cal": "gregorian"})),
    ("place: the country only", "REC-8", ("place", {"kind": "unknown", "country": "ZZ", "precision": "country"})),
    ("place: a province", "REC-8", ("place.precision", "province"), ("place.city", DROP)),
    ("place: the first and last province", "REC-8", ("place.province", "IR-00"), ("origin_city", place() | {"province": "IR-30"})),
    ("place: two decimals", "REC-8", ("place.lat", "-35.70"), ("place.lon", "051.4")),
    ("place: on the edge", "REC-8", ("place.lat", "89.99"), ("place.lon", "179.99")),
    ("claims that contradict each other", "REC-10", ("claims", [CLAIM, CLAIM | {"src": ["s2"], "confidence": "disputed"}])),
    ("a confirmed claim of two groups", "REC-10", ("claims", [CLAIM | {"src": ["s1", "s2"], "confidence": "confirmed"}])),
    ("a claim about a part of a field", "REC-10", ("claims", [CLAIM | {"path": "names[1].text"}])),
    ("level: under review, though more is earned", "REC-11", *of("under_review")),
    ("level: one reviewer", "REC-11", *of("under_review", ("verification.reviewers", 1))),
    ("level: corroborated", "REC-11", *of("corroborated", ("sources.1.kind", "media"))),
    ("level: an official statement is no document", "REC-11", *of("corroborated", ("sources.1.kind", "official_statement"))),
    ("level: a document among the sources", "REC-11", *of("verified", ("sources.1.kind", "official_document"))),
    ("level: a document that was seen", "REC-11", *of("verified", ("sources.1.kind", "media"), ("verification.methods", ["document"]))),
    ("level: a witness who was heard", "REC-11", *of("verified", ("sources.1.kind", "media"), ("verification.methods", ["testimony"]))),
    ("level: one source", "REC-11", *of("single_source", *ONE_GROUP)),
    ("level: disputed", "REC-11", *of("disputed", ("status", "disputed"))),
    ("level: disputed, few reviewers", "REC-11", *of("disputed", ("status", "disputed"), ("verification.reviewers", 0))),
    ("age: a range", "REC-13", ("minor", "yes"), aged(8, 12, "estimated")),
    ("age: on the edge", "REC-13", ("minor", "likely"), aged(17, 18)),
    ("age: the greatest", "REC-13", aged(130, 130)),
    ("age: 18 on the birthday", "REC-13", ("age", DROP), born("2001-11-16")),
    ("age: by birth, computed", "REC-13", born("1994-11-16"), aged(25, 25, "computed")),
    ("age: the running year", "REC-13", born("1994-11-17"), aged(25, 25)),
    ("age: an uncertain birth decides nothing", "REC-13", born("1980~"), aged(23, 25)),
    ("age: on the day of the injury", "REC-13", born("1994-11-16"), aged(24, 24, "computed"),
     ("injured_at", date("2019-11-15", "1398-08-24"))),
    ("age: a year of birth between", "REC-13", ("minor", "unknown"), ("age", DROP), born("2001")),
    ("age: the day is not known", "REC-13", ("died_at", DROP), born("1950")),
    ("consent: a story", "REC-15", ALL_SCOPES, ("story", TEXT)),
    ("consent: a picture", "REC-15", ALL_SCOPES, ("media", [PICTURE])),
    ("a minor: story and picture of the family", "REC-15", *young(FAMILY, ("story", TEXT), ("media", [PICTURE]))),
    ("a minor: the city", "REC-15", *young(("origin_city", place()))),
    ("a picture with a commitment", "REC-16", ALL_SCOPES, ("media", [PICTURE | {"commit": bytes([2] * 32)}])),
    ("withheld: what is absent", "REC-17", ("withheld", ["story", "father_name", "place.locality", "names[2]"])),
    ("withheld: the gender", "REC-17", ("gender", "withheld"), ("withheld", ["gender"])),
]

BROKEN = [
    ("a later schema", "ENC-9", ("schema", "victim/2")),
    ("a much later schema of an unknown form", "ENC-9", ("schema", "victim/100"), ("names", 1)),
    ("schema 0", "REC-1", ("schema", "victim/0")),
    ("another schema", "REC-1", ("schema", "person/1")),
    ("schema as number", ("REC-1", "ENC-6"), ("schema", 1)),
    ("no schema", ("REC-1", "ENC-6"), ("schema", DROP)),
    ("a telephone number", "ENC-6", ("phone", "x")),
    ("relatives", "ENC-6", ("relatives", [TEXT])),
    ("a national id", "ENC-6", ("national_id", "x")),
    ("id of 17 bytes", ("REC-2", "ENC-6"), ("id", bytes(17))),
    ("no id", ("REC-2", "ENC-6"), ("id", DROP)),
    ("version 0", "REC-2", ("version", 0)),
    ("prev in version 1", "REC-2", ("prev", bytes(32))),
    ("no prev in version 2", "REC-2", ("version", 2), ("changes", [EDIT])),
    ("prev of 31 bytes", ("REC-2", "ENC-6"), ("version", 2), ("prev", bytes(31)), ("changes", [EDIT])),
    ("status: lost", ("REC-4", "ENC-6"), ("status", "lost")),
    ("a reason, though it is there", "REC-4", ("status_reason", "error")),
    ("merged_into, though it is there", "REC-4", ("merged_into", bytes([5] * 16))),
    ("withdrawn with all that it says", "REC-4", ("status", "withdrawn"), ("status_reason", "withheld")),
    *[(f"a name: {what}", "REC-5", ("names.0.text", text)) for what, text in (
        ("empty", ""), ("a space before it", " a"), ("a space behind it", "a "), ("201 bytes", "a" * 201),
        ("no-break space behind it", "a\u00a0"), ("not NFC", "e\u0301"), ("a line feed", "a\nb"), ("a tab", "a\tb"),
        ("a null", "a\0b"), ("U+0085", "a\u0085b"), ("U+202A", "a\u202ab"), ("U+202E", "a\u202eb"),
        ("U+2066", "a\u2066b"), ("U+2069", "a\u2069b"), ("markup", "<b>"))],
    ("a name as bytes", ("REC-5", "ENC-6"), ("names.0.text", b"a")),
    ("65 names", "REC-5", ("names", [name("fa", "Arab", "نمونه"), *[AS_FOUND] * 64])),
    ("65 claims", "REC-5", ("claims", [CLAIM] * 65)),
    ("no claim in the list", ("REC-5", "ENC-6"), ("claims", [])),
    ("a manner twice", "REC-5", ("manner", ["fire", "fire"])),
    ("a nationality twice", "REC-5", ("nationality", ["IR", "IR"])),
    ("a text in no language", "REC-5", ("occupation", {})),
    ("a text of 1001 bytes", "REC-5", ("occupation", {"en": "a" * 1001})),
    ("a story of 24577 bytes", "REC-5", ALL_SCOPES, ("story", {"en": "a" * 24577})),
    ("a line feed in an occupation", "REC-5", ("occupation", {"en": "a\nb"})),
    ("a carriage return in a story", "REC-5", ALL_SCOPES, ("story", {"en": "a\r\nb"})),
    ("a text in a third language", ("REC-5", "ENC-6"), ("occupation", {"en": "a", "ar": "b"})),
    ("issued on no day", "REC-6", ("issued_on", "2026-02-30")),
    ("issued in a month", "REC-6", ("issued_on", "2026-06")),
    ("a date without certainty, as a day", "REC-6", ("issued_on", "2026-06-01~")),
    ("date: no Gregorian text", ("REC-6", "ENC-6"), ("died_at.edtf", DROP)),
    ("date: a month of 31 days", "REC-6", ("died_at.edtf", "2019-11-31"), ("died_at.jalali", DROP)),
    ("date: no leap year", "REC-6", ("died_at.edtf", "2019"), ("died_at.jalali", "1398-12-30")),
    ("date: 24:00", "REC-6", ("died_at.time_local", "24:00")),
    ("date: an hour only", "REC-6", ("died_at.time_local", "17")),
    ("date: Persian digits", "REC-6", ("died_at.jalali", "۱۳۹۸-۰۸-۲۵")),
    ("date: a zone with a space", "REC-6", ("died_at.tz", "Asia Tehran")),
    ("date: a zone of 65 letters", "REC-6", ("died_at.tz", "a" * 65)),
    ("date: an unknown calendar", ("REC-6", "ENC-6"), ("died_at.source_cal", "julian")),
    ("calendars that disagree", "REC-7", ("died_at.jalali", "1398-08-26")),
    ("born after the death", "REC-7", ("age", DROP), born("2019-11-17")),
    ("hurt after the death", "REC-7", ("injured_at", date("2019-11-19", "1398-08-28"))),
    ("place: country in small letters", "REC-8", ("place.country", "ir")),
    ("place: country of three letters", "REC-8", ("place.country", "IRN")),
    ("place: a province that is not there", "REC-8", ("place.province", "IR-31")),
    ("place: a province by its name", "REC-8", ("place.province", "Fars")),
    ("place: a city that is not there", "REC-8", ("place.city", DROP)),
    ("place: a province that is not said", "REC-8", ("place.province", DROP), ("place.precision", "province")),
    ("place: a locality that is not said", "REC-8", ("place.precision", "locality")),
    ("place: a locality without city", "REC-8", ("place.precision", "locality"), ("place.locality", TEXT), ("place.city", DROP)),
    ("place: latitude alone", "REC-8", ("place.lat", "35.7")),
    ("place: longitude alone", "REC-8", ("place.lon", "51.4")),
    *[(f"place: latitude {lat}", "REC-8", ("place.lat", lat), ("place.lon", "51.4")) for lat in
      ("35.701", "90", "90.00", "35.", ".7", "+35.7", "--35.7", "35,7", "۳۵٫۷", "0035.7", "35.7 ", "3e1", "")],
    ("place: longitude 180", "REC-8", ("place.lat", "35.7"), ("place.lon", "180.00")),
    ("place: an address", "ENC-6", ("place.address", "x")),
    ("a nationality in words", "REC-8", ("nationality", ["Iran"])),
    ("no source", "REC-9", ("sources", DROP)),
    ("sid twice", "REC-9", ("sources.1.sid", "s1")),
    ("sid of capitals", "REC-9", ("sources.1.sid", "S2")),
    ("sid of 17 letters", "REC-9", ("sources.1.sid", "a" * 17)),
    ("a group of ten digits", "REC-9", ("sources.1.group", 9120000000)),
    ("a group in words", ("REC-9", "ENC-6"), ("sources.1.group", "two")),
    ("a private source", ("REC-9", "ENC-6"), ("sources.1.kind", "testimony_private")),
    ("a name of a source that is not there", "REC-9", ("names.0.src", ["s9"])),
    ("a cause without source", ("REC-9", "ENC-6"), ("official_cause", {"text": TEXT})),
    ("a cause of a source that is not there", "REC-9", ("official_cause", {"src": ["s9"], "text": TEXT})),
    *[(f"address: {what}", "REC-9", ("sources.1.url", address)) for what, address in (
        ("a script", "javascript:alert(1)"), ("FTP", "ftp://example.org/"), ("no scheme", "example.org"),
        ("capitals", "HTTPS://example.org/"), ("a space", "https://example.org/a b"), ("markup", "https://example.org/<b>"),
        ("a quote", 'https://example.org/"'), ("Persian letters", "https://example.org/نمونه"), ("a brace", "https://example.org/{a}"),
        ("a line feed", "https://example.org/\n"), ("2001 bytes", "https://example.org/" + "a" * 1981))],
    ("an address elsewhere that is none", "REC-9", ("external_ids", [{"id": "1", "org": "x", "url": "data:text/html,x"}])),
    *[(f"language of a source: {lang!r}", "REC-9", ("sources.1.lang", lang)) for lang in
      ("FA", "f", "fars", "fa_IR", "fa-", "fa--IR", "fa-123456789", "fa IR", "fa" + "-abcdefgh" * 4, "۱۱")],
    ("claim: confirmed by one source", "REC-10", ("claims", [CLAIM | {"confidence": "confirmed"}])),
    ("claim: confirmed by two of one origin", "REC-10", *of("single_source", *ONE_GROUP),
     ("claims", [CLAIM | {"src": ["s1", "s2"], "confidence": "confirmed"}])),
    *[(f"claim: about {path!r}", "REC-10", ("claims", [CLAIM | {"path": path}])) for path in
      ("phone", "relatives", "national_id", "Age", "", "age.", ".age", "place..city", "place.street", "a09120000000",
       "names[64]", "names[01]", "names[]", "names[1", "names[1]text", "[0]", "age age", "سن", "place." + "city." * 12 + "city")],
    ("claim: without source", ("REC-10", "ENC-6"), ("claims", [{k: v for k, v in CLAIM.items() if k != "src"}])),
    ("claim: of no source", "REC-9", ("claims", [CLAIM | {"src": []}])),
    ("claim: of a source that is not there", "REC-9", ("claims", [CLAIM | {"src": ["s9"]}])),
    ("claim: true", ("REC-10", "ENC-6"), ("claims", [CLAIM | {"confidence": "true"}])),
    ("claim: without a word", "REC-5", ("claims", [CLAIM | {"value": {}}])),
    ("level: three groups of two", "REC-11", ("verification.groups", 3)),
    ("level: one group of two", "REC-11", ("verification.groups", 1)),
    ("level: verified by one origin", "REC-11", *of("verified", *ONE_GROUP)),
    ("level: corroborated by one origin", "REC-11", *of("corroborated", *ONE_GROUP)),
    ("level: verified without document or witness", "REC-11", *of("verified", ("sources.1.kind", "media"))),
    ("level: verified by an official statement", "REC-11", *of("verified", ("sources.1.kind", "official_statement"))),
    ("level: verified by one reviewer", "REC-11", ("verification.reviewers", 1)),
    ("level: single source by no reviewer", "REC-11", *of("single_source", *ONE_GROUP, ("verification.reviewers", 0))),
    ("level: less than earned", "REC-11", *of("corroborated")),
    ("level: disputed, though the status is not", "REC-11", *of("disputed")),
    ("level: verified, though the status is disputed", "REC-11", ("status", "disputed")),
    ("level: reviewers of ten digits", "REC-11", ("verification.reviewers", 9120000000)),
    ("level: certain", ("REC-11", "ENC-6"), *of("certain")),
    ("method twice", "REC-5", ("verification.methods", ["other", "other"])),
    ("changes in version 1", "REC-12", ("changes", [EDIT])),
    ("no changes in version 2", "REC-12", *TWO),
    ("changes of the version before", "REC-12", ("version", 3), ("prev", bytes(32)), ("changes", [EDIT])),
    ("changes that fall", "REC-12", ("version", 3), ("prev", bytes(32)), ("changes", [EDIT | {"version": 4}, EDIT | {"version": 3}])),
    ("changes of version 1", "REC-12", *TWO, ("changes", [EDIT | {"version": 1}, EDIT])),
    ("a change on no day", "REC-6", *TWO, ("changes", [EDIT | {"on": "2026-13-01"}])),
    ("a change of a field that is not there", "REC-12", *TWO, ("changes", [EDIT | {"fields": ["phone"]}])),
    ("a change for a reason of one's own", ("REC-12", "ENC-6"), *TWO, ("changes", [EDIT | {"code": "family asked"}])),
    ("neither name nor label", "REC-13", ("names", DROP)),
    ("name and label", "REC-13", ("name_label", TEXT)),
    ("two primary names of a language", "REC-13", ("names.1.lang", "fa")),
    ("no primary name", "REC-13", ("names.0.kind", "full"), ("names.1.kind", "full")),
    ("a primary name in German only", "REC-13", ("names", [name("de", "Latn", "Muster")])),
    ("script in small letters", "REC-13", ("names.0.script", "arab")),
    ("script of five letters", "REC-13", ("names.0.script", "Arabi")),
    ("language of a name in words", "REC-13", ("names.0.lang", "Persian")),
    ("a scheme that is not known", ("REC-13", "ENC-6"), ("names.0.translit", "my_own")),
    ("age: falling", "REC-13", aged(25, 23)),
    ("age: 131", "REC-13", aged(131, 131)),
    ("age: a grown minor", "REC-13", ("minor", "yes"), aged(18, 18)),
    ("age: a minor, perhaps 18", "REC-13", ("minor", "yes"), aged(16, 18)),
    ("age: no minor, of 17", "REC-13", aged(17, 17)),
    ("age: no minor, perhaps 17", "REC-13", aged(17, 20)),
    ("age: likely a minor, of 20", "REC-13", ("minor", "likely"), aged(20, 22)),
    ("age: minor unknown, of 12", "REC-13", ("minor", "unknown"), aged(12, 12)),
    ("age: two years beside birth", "REC-13", born("1994-11-17"), aged(26, 26)),
    ("age: two years below birth", "REC-13", born("1980"), aged(30, 36)),
    ("age: computed, a year beside birth", "REC-13", born("1994-11-17"), aged(25, 25, "computed")),
    ("age: no minor by birth, a day too late", "REC-13", ("age", DROP), born("2001-11-17")),
    ("age: no minor, by a year of birth that leaves it open", "REC-13", ("age", DROP), born("2001")),
    ("age: minor unknown, though birth tells", "REC-13", ("age", DROP), ("minor", "unknown"), born("2005")),
    ("age: minor, though birth tells", "REC-13", ("age", DROP), ("minor", "yes"), born("1990")),
    *[(f"no {key}", "REC-14", (key, DROP)) for key in ("gender", "role", "minor", "manner", "verification")],
    ("a gender that is not known to the format", ("REC-14", "ENC-6"), ("gender", "f")),
    ("an empty list of manners", ("REC-14", "ENC-6"), ("manner", [])),
    ("no consent", "REC-15", ("consent", DROP)),
    ("consent of a named person", ("REC-15", "ENC-6"), ("consent.by", "x")),
    ("consent without the name", "REC-15", ("consent.scope", ["photo"])),
    ("consent without scope", "REC-15", ("consent.scope", DROP)),
    ("consent without the picture", "REC-15", ("media", [PICTURE])),
    ("consent without the story", "REC-15", ("story", TEXT)),
    ("consent without the story, as a claim", "REC-15", ("claims", [CLAIM | {"path": "story.fa"}])),
    ("consent, a scope twice", "REC-5", ("consent.scope", ["name", "name"])),
    ("consent until a telephone number", "REC-15", ("consent.review_by", 9120000000)),
    ("a minor: story, published by others", "REC-15", *young(ALL_SCOPES, ("story", TEXT))),
    ("a minor: picture, published by others", "REC-15", *young(ALL_SCOPES, ("media", [PICTURE]))),
    ("a minor: school", "REC-15", *young(FAMILY, ("education", TEXT))),
    ("a minor: school, as a claim", "REC-15", *young(FAMILY, ("claims", [CLAIM | {"path": "education"}]))),
    *[(f"a minor: {key} below the city", "REC-15", *young(FAMILY, (key, place() | {"locality": TEXT})))
      for key in ("place", "origin_city", "place_of_death")],
    ("a minor: a position", "REC-15", *young(FAMILY, ("place.lat", "35.7"), ("place.lon", "51.4"))),
    ("a minor: locality, as a claim", "REC-15", *young(FAMILY, ("claims", [CLAIM | {"path": "place.locality"}]))),
    *[(f"media: {what}", "REC-16", ALL_SCOPES, ("media", [PICTURE | {key: value}])) for what, key, value in (
        ("the hash for a commitment", "commit", bytes([1] * 32)), ("a path up", "path", "../a.jpg"),
        ("an absolute path", "path", "/a.jpg"), ("an address", "path", "https://example.org/a.jpg"),
        ("type of one word", "mime", "jpeg"), ("type in capitals", "mime", "IMAGE/JPEG"), ("type with parameters", "mime", "a/b; c=d"),
        ("type of 65 letters", "mime", "a/" + "b" * 63))],
    ("media: hash of 31 bytes", ("REC-16", "ENC-6"), ALL_SCOPES, ("media", [PICTURE | {"hash": bytes(31)}])),
    ("media: the original name", ("REC-16", "ENC-6"), ALL_SCOPES, ("media", [PICTURE | {"original": "a.jpg"}])),
    ("media: no words for those who do not see", ("REC-16", "ENC-6"), ALL_SCOPES,
     ("media", [{k: v for k, v in PICTURE.items() if k != "alt"}])),
    *[(f"withheld: {field!r}", "REC-17", ("withheld", [field])) for field in
      ("age", "names", "names[0]", "names[0].text", "place", "place.city", "died_at", "manner", "sources[1]", "phone", "relatives",
       "family", "a09120000000", "", "Story", "place.address")],
    ("withheld: and claimed", "REC-17", ("withheld", ["place.locality"]), ("claims", [CLAIM | {"path": "place.locality"}])),
]
