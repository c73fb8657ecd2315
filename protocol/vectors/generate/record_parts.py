"""The parts that records are made of (spec/record.md)."""

from . import paths
from .fault import Fault, require
from .jalali import When, agree
from .limits import MAX_MEDIA_BYTES
from .record_form import (
    COUNTRY,
    LANG,
    NAME_LANG,
    SCRIPT,
    count,
    fields,
    hashed,
    listed,
    matching,
    name,
    part,
    raw,
    text,
    texts,
    uint,
    url,
    words,
)

SRC = listed(matching("[a-z0-9]{1,16}", "REC-9"))
NEEDED_SRC = listed(matching("[a-z0-9]{1,16}", "REC-9"), empty="REC-9")


def day(value) -> None:
    matching("[0-9]{4}-[0-9]{2}-[0-9]{2}", "REC-6")(value)
    When(value, "edtf")


def fuzzy(value) -> None:
    fields(
        value,
        {"edtf": raw, "source_cal": words("persian gregorian islamic")},
        {
            "tz": matching("[A-Za-z0-9/_+-]{1,64}", "REC-6"),
            "jalali": raw,
            "time_local": matching("([01][0-9]|2[0-3]):[0-5][0-9]", "REC-6"),
        },
    )
    west = When(value["edtf"], "edtf")
    if "jalali" in value:
        require(agree(west, When(value["jalali"], "jalali")), "REC-7", "not the same days")


def degrees(most: int):
    def check(value):
        matching("-?[0-9]{1,3}(\\.[0-9]{1,2})?", "REC-8")(value)
        require(int(value.lstrip("-").split(".")[0]) < most, "REC-8", "out of bounds")

    return check


def place(value) -> None:
    fields(
        value,
        {
            "kind": words("street home hospital prison unknown"),
            "country": COUNTRY,
            "precision": words("country province city locality"),
        },
        {
            "lat": degrees(90),
            "lon": degrees(180),
            "city": texts(),
            "county": texts(),
            "locality": texts(),
            "province": matching("IR-([0-2][0-9]|30)", "REC-8"),
        },
    )
    needs = {"country": (), "province": ("province",), "city": ("city",), "locality": ("city", "locality")}
    for need in needs[value["precision"]]:
        require(need in value, "REC-8", "says more than the place")
    require(("lat" in value) == ("lon" in value), "REC-8", "lat and lon go together")


SOURCE = part(
    {
        "sid": matching("[a-z0-9]{1,16}", "REC-9"),
        "kind": words("ngo_report official_document official_statement media social_media testimony_public"),
        "group": count("REC-9"),
        "publisher": texts(),
    },
    {"url": url, "lang": LANG, "title": texts(), "accessed": day, "published": day, "archived_hash": hashed(32)},
)
CHANGE = part(
    {
        "on": day,
        "code": words("added corrected removed sources verification merged status"),
        "version": uint,
    },
    {"fields": listed(raw)},
)
NAME = part(
    {
        "kind": words("primary full alias nickname former"),
        "lang": NAME_LANG,
        "text": name,
        "script": SCRIPT,
        "translit": words("none source_spelling ad_hoc ala_lc din_31635 ijmes un_2012"),
    },
    {"src": SRC},
)
CLAIM = part(
    {
        "src": NEEDED_SRC,
        "path": raw,
        "value": texts(),
        "confidence": words("confirmed probable reported disputed"),
    }
)
LEVELS = words("verified corroborated single_source under_review disputed")
VERIFICATION = part(
    {"level": LEVELS, "groups": uint, "reviewers": count("REC-11")},
    {
        "methods": listed(words("document testimony cross_check image_analysis geolocation medical other"), once=True),
        "methodology": hashed(32),
        "reviewed_on": day,
    },
)


def media_path(value) -> None:
    raw(value)
    try:
        paths.check_path(value)
    except Fault as fault:
        raise Fault("REC-16", fault.why) from fault


def mime(value) -> None:
    matching("[a-z0-9.+-]+/[a-z0-9.+-]+", "REC-16")(value)
    require(len(value) <= MAX_MEDIA_BYTES, "REC-16", "too long")


MEDIA = part(
    {
        "alt": texts(),
        "hash": hashed(32),
        "mime": mime,
        "path": media_path,
        "role": words("portrait document place video"),
        "bytes": uint,
        "graphic": words("none mild strong"),
    },
    {
        "edits": listed(words("cropped blurred resized reencoded redacted"), once=True),
        "commit": hashed(32),
        "caption": texts(),
        "licence": text,
    },
)
CONSENT = part(
    {"basis": words("family published_by_family public_record ngo_published")},
    {"scope": listed(words("name photo story"), once=True), "review_by": uint},
)
