"""Incidents that never were, and what can be wrong with them."""

from .cases_record_people import DROP, date, place, source

TOLL = {"max": 5, "min": 3, "src": ["s1"]}


def event() -> dict:
    return {
        "id": bytes([3] * 16),
        "dates": date("2019-11-16", "1398-08-25"),
        "place": place(),
        "title": {"fa": "رویداد نمونه", "en": "Sample incident"},
        "tolls": [dict(TOLL)],
        "schema": "incident/1",
        "status": "active",
        "sources": [source("s1", 1, "media")],
        "version": 1,
        "fictional": "yes",
        "issued_on": "2026-06-01",
    }


def event_gone() -> dict:
    return {
        "id": bytes([3] * 16),
        "schema": "incident/1",
        "status": "withdrawn",
        "version": 3,
        "issued_on": "2026-06-01",
        "status_reason": "withheld",
    }


SOUND = [
    ("as it is", "REC-1"),
    ("disputed", "REC-4", ("status", "disputed")),
    ("no date, no place, no toll", "REC-14", ("dates", DROP), ("place", DROP), ("tolls", DROP)),
    ("two tolls that contradict each other", "REC-13", ("tolls", [TOLL, TOLL | {"min": 40, "max": 50}])),
    ("a toll of none", "REC-13", ("tolls", [TOLL | {"min": 0, "max": 0}])),
    ("the greatest toll", "REC-13", ("tolls", [TOLL | {"max": 999999}])),
    ("a summary in paragraphs", "REC-5", ("summary", {"fa": "یک.\n\nدو."})),
    ("over several days", "REC-6", ("dates.edtf", "2019-11-16/2019-11-19"), ("dates.jalali", "1398-08-25/1398-08-28")),
    ("a later version", "REC-12", ("version", 2), ("prev", bytes(32)),
     ("changes", [{"on": "2026-06-01", "code": "corrected", "fields": ["tolls[0].max"], "version": 2}])),
]
BROKEN = [
    ("a later schema", "ENC-9", ("schema", "incident/2")),
    ("schema with a zero", "REC-1", ("schema", "incident/0")),
    ("schema of a person", ("REC-1", "ENC-6"), ("schema", "victim/1")),
    ("no title", "REC-14", ("title", DROP)),
    ("title in no language", "REC-5", ("title", {})),
    ("title in a third language", ("REC-5", "ENC-6"), ("title", {"ar": "x"})),
    ("title with a line feed", "REC-5", ("title", {"en": "a\nb"})),
    ("a toll that falls", "REC-13", ("tolls", [TOLL | {"min": 6}])),
    ("a toll of too many", "REC-13", ("tolls", [TOLL | {"max": 1000000}])),
    ("a toll without source", ("REC-9", "ENC-6"), ("tolls", [{"max": 5, "min": 3}])),
    ("a toll of no source", "REC-9", ("tolls", [TOLL | {"src": []}])),
    ("a toll of a source that is not there", "REC-9", ("tolls", [TOLL | {"src": ["s2"]}])),
    ("a negative toll", "ENC-2", ("tolls", [TOLL | {"min": DROP.negative}])),
    ("no source", "REC-9", ("sources", DROP)),
    ("calendars that disagree", "REC-7", ("dates.jalali", "1398-08-26")),
    ("place of another country's form", "REC-8", ("place.country", "IRN")),
    ("a field of a person", "ENC-6", ("gender", "female")),
    ("consent", "ENC-6", ("consent", {"basis": "family"})),
    ("version 0", "REC-2", ("version", 0)),
    ("prev in version 1", "REC-2", ("prev", bytes(32))),
    ("no prev in version 2", "REC-2", ("version", 2),
     ("changes", [{"on": "2026-06-01", "code": "corrected", "version": 2}])),
    ("no changes in version 2", "REC-12", ("version", 2), ("prev", bytes(32))),
    ("changed a field of a person", "REC-12", ("version", 2), ("prev", bytes(32)),
     ("changes", [{"on": "2026-06-01", "code": "corrected", "fields": ["gender"], "version": 2}])),
    ("a reason, though it is there", "REC-4", ("status_reason", "error")),
    ("merged_into, though it is there", "REC-4", ("merged_into", bytes([5] * 16))),
    ("id of 15 bytes", ("REC-2", "ENC-6"), ("id", bytes(15))),
    ("id as text", ("REC-2", "ENC-6"), ("id", "a" * 26)),
    ("fictional: no", ("REC-1", "ENC-6"), ("fictional", "no")),
    ("issued on no day", "REC-6", ("issued_on", "2026-02-30")),
    ("issued at an hour", "REC-6", ("issued_on", "2026-06-01T10:00Z")),
]
