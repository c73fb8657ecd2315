"""Records of people and incidents (spec/record.md)."""

import re

from . import dagcbor
from .fault import require
from .ids import base32
from .jalali import When, years
from .limits import MAX_RECORD_AGE, MAX_RECORD_BYTES, MIN_REVIEWERS
from .record_form import (
    COUNTRY,
    count,
    field_name,
    fields,
    hashed,
    listed,
    long_text,
    part,
    raw,
    text,
    texts,
    uint,
    url,
    words,
)
from .record_parts import (
    CHANGE,
    CLAIM,
    CONSENT,
    MEDIA,
    NAME,
    NEEDED_SRC,
    SOURCE,
    VERIFICATION,
    day,
    fuzzy,
    place,
)

GONE = ("merged", "withdrawn", "retracted")


AGE = part({"max": uint, "min": uint, "basis": words("stated computed estimated")})
LIFE = {
    "id": hashed(16),
    "schema": raw,
    "status": words("active disputed merged withdrawn retracted"),
    "version": uint,
    "issued_on": day,
}
TOMBSTONE = {
    "fictional": words("yes"),
    "merged_into": hashed(16),
    "status_reason": words("duplicate error out_of_scope found_alive fabricated source_withdrawn withheld"),
}
# Fields of both kinds that a reader cannot do without stand with their clause in `needed`.
SHARED = {"prev": hashed(32), "changes": listed(CHANGE), "sources": listed(SOURCE)} | TOMBSTONE
VICTIM = {
    "age": AGE,
    "role": words("protester bystander at_home detainee security_force other unknown"),
    "birth": fuzzy,
    "media": listed(MEDIA),
    "minor": words("yes no likely unknown"),
    "names": listed(NAME),
    "place": place,
    "story": texts(long_text),
    "claims": listed(CLAIM),
    "forces": listed(words("police irgc basij plain_clothes prison unknown"), once=True),
    "gender": words("female male other unknown withheld"),
    "manner": listed(
        words(
            "live_fire pellets beating vehicle tear_gas stabbing fall fire drowning in_custody other unknown"
        ),
        once=True,
    ),
    "consent": CONSENT,
    "custody": words("yes no unknown"),
    "died_at": fuzzy,
    "incident": hashed(16),
    "withheld": listed(raw),
    "education": texts(),
    "injured_at": fuzzy,
    "name_label": texts(),
    "occupation": texts(),
    "burial_city": texts(),
    "father_name": texts(),
    "injury_site": listed(words("head neck torso limb unknown"), once=True),
    "nationality": listed(COUNTRY, once=True),
    "origin_city": place,
    "external_ids": listed(part({"id": text, "org": text}, {"url": url})),
    "verification": VERIFICATION,
    "official_cause": part({"src": NEEDED_SRC, "text": texts()}),
    "place_of_death": place,
    "private_sources": words("none some"),
    "ethnicity_religion": texts(),
}
INCIDENT = {
    "dates": fuzzy,
    "place": place,
    "title": texts(),
    "tolls": listed(part({"max": count("REC-13"), "min": count("REC-13"), "src": NEEDED_SRC})),
    "summary": texts(long_text),
}
SCHEMAS = {"victim/1": VICTIM | SHARED, "incident/1": INCIDENT | SHARED}
PARTS = set(
    """accessed alt archived_hash basis bytes caption city code commit confidence country county edits edtf en fa
    fields graphic group groups hash id jalali kind lang lat level licence locality lon max methodology methods mime
    min on org path precision province publisher published review_by reviewed_on reviewers role scope script sid
    source_cal src text time_local title translit tz url value version""".split()
)


def parse(data: bytes) -> dict:
    value = dagcbor.decode(data, MAX_RECORD_BYTES)
    require(isinstance(value, dict) and isinstance(value.get("schema"), str), "ENC-6", "no schema")
    schema = value["schema"]
    later = re.fullmatch("(victim|incident)/([0-9]+)", schema, re.ASCII)
    require(not (later and int(later[2]) > 1), "ENC-9", "needs a newer version")
    require(schema in SCHEMAS, "REC-1", "an unknown schema")
    fields(value, LIFE, SCHEMAS[schema])
    life(value)
    if value["status"] in GONE:
        return value
    check_parts(value, set(LIFE) | set(SCHEMAS[schema]))
    (victim if schema == "victim/1" else incident)(value)
    return value


def record_path(value: dict) -> str:
    """REC-3."""
    folder = "records" if value["schema"] == "victim/1" else "incidents"
    return f"{folder}/{base32(value['id'])}.cbor"


def life(value: dict) -> None:
    """REC-2 and REC-4."""
    gone, version = value["status"] in GONE, value["version"]
    require(version >= 1, "REC-2", "versions begin with 1")
    if gone:
        require("status_reason" in value, "REC-4", "no reason")
        extra = set(value) - set(LIFE) - set(TOMBSTONE) - {"prev"}
        require(not extra, "REC-4", "says more than that it is gone")
        require("prev" not in value, "REC-2", "the hash of what was taken back")
    else:
        require("status_reason" not in value, "REC-4", "a reason")
        require(("prev" in value) == (version > 1), "REC-2", "prev")
    require(("merged_into" in value) == (value["status"] == "merged"), "REC-4", "merged_into")
    require(value.get("merged_into") != value["id"], "REC-4", "merged into itself")


def check_parts(value: dict, known: set) -> None:
    require("sources" in value, "REC-9", "no source")
    sids = [source["sid"] for source in value["sources"]]
    require(len(set(sids)) == len(sids), "REC-9", "one sid twice")
    users = [*value.get("names", []), *value.get("claims", []), *value.get("tolls", [])]
    users += [value["official_cause"]] if "official_cause" in value else []
    for user in users:
        require(set(user.get("src", ())) <= set(sids), "REC-9", "a source that is not listed")
    changes = value.get("changes", [])
    numbers = [change["version"] for change in changes]
    require(numbers == sorted(numbers) and all(n >= 2 for n in numbers), "REC-12", "from 2, ascending")
    last = value["version"] if value["version"] > 1 else None
    require((numbers[-1] if numbers else None) == last, "REC-12", "the last is of this version")
    for change in changes:
        for one in change.get("fields", []):
            field_name(one, known, PARTS, "REC-12")


def incident(value: dict) -> None:
    require("title" in value, "REC-14", "no title")
    for toll in value.get("tolls", []):
        require(toll["min"] <= toll["max"], "REC-13", "toll")


def victim(value: dict) -> None:
    for key in ("gender", "role", "minor", "manner", "verification"):
        require(key in value, "REC-14", f"no {key}")
    names(value)
    dates(value)
    claims(value)
    verification(value)
    consent(value)
    for one in value.get("media", []):
        require(one.get("commit") != one["hash"], "REC-16", "the hash, unsalted")
    withheld(value)


def names(value: dict) -> None:
    require(("names" in value) != ("name_label" in value), "REC-13", "names, or a label")
    if "names" not in value:
        return
    primary = [one["lang"] for one in value["names"] if one["kind"] == "primary"]
    require(len(set(primary)) == len(primary), "REC-13", "two primary names of a language")
    require("fa" in primary or "en" in primary, "REC-13", "no primary name in fa or en")


def minor_agrees(minor: str, least: int, most: int) -> bool:
    if minor in ("yes", "no"):
        return most < 18 if minor == "yes" else least >= 18
    return least < 18 <= most


def dates(value: dict) -> None:
    """REC-7 between dates, REC-13 on ages."""
    when = {key: When(value[key]["edtf"], "edtf") for key in ("birth", "injured_at", "died_at") if key in value}
    for key in ("birth", "injured_at"):
        if key in when and "died_at" in when:
            require(when[key].first <= when["died_at"].last, "REC-7", f"{key} after the death")
    incident_day, birth, dated = when.get("injured_at", when.get("died_at")), when.get("birth"), None
    if incident_day and birth and incident_day.certain and birth.certain:
        least, most = years(birth.last, incident_day.first), years(birth.first, incident_day.last)
        dated = (max(least, 0), most) if most >= 0 else None
    if dated:
        require(minor_agrees(value["minor"], *dated), "REC-13", "minor against birth")
    if "age" in value:
        low, high, basis = value["age"]["min"], value["age"]["max"], value["age"]["basis"]
        require(low <= high <= MAX_RECORD_AGE, "REC-13", "no age")
        require(minor_agrees(value["minor"], low, high), "REC-13", "minor against age")
        slack = 0 if basis == "computed" else 1
        good = not dated or (high + slack >= dated[0] and low <= dated[1] + slack)
        require(good, "REC-13", "age against birth")


def groups_of(value: dict, sids) -> set:
    return {source["group"] for source in value["sources"] if source["sid"] in sids}


def claims(value: dict) -> None:
    known = set(LIFE) | set(SCHEMAS["victim/1"])
    for claim in value.get("claims", []):
        field_name(claim["path"], known, PARTS, "REC-10")
        alone = claim["confidence"] == "confirmed" and len(groups_of(value, claim["src"])) < 2
        require(not alone, "REC-10", "confirmed by one origin")


def level(value: dict) -> str:
    """REC-11."""
    stated, sources = value["verification"], value["sources"]
    if value["status"] == "disputed":
        return "disputed"
    if stated["reviewers"] < MIN_REVIEWERS:
        return "under_review"
    if len({source["group"] for source in sources}) < 2:
        return "single_source"
    direct = any(source["kind"] in ("official_document", "testimony_public") for source in sources)
    direct = direct or bool({"document", "testimony"} & set(stated.get("methods", [])))
    return "verified" if direct else "corroborated"


def verification(value: dict) -> None:
    stated = value["verification"]
    groups = len({source["group"] for source in value["sources"]})
    require(stated["groups"] == groups, "REC-11", "groups")
    require(stated["level"] in (level(value), "under_review"), "REC-11", "level")


def about(value: dict, name_of: str) -> bool:
    """A field or a claim about it or a part of it."""
    starts = tuple(name_of + end for end in (".", "["))
    return any(c["path"] == name_of or c["path"].startswith(starts) for c in value.get("claims", []))


def consent(value: dict) -> None:
    require("consent" in value, "REC-15", "no consent")
    given = value["consent"]
    require(1000 <= given.get("review_by", 1000) <= 9999, "REC-15", "no year")
    young = value["minor"] in ("yes", "likely")
    family = given["basis"] in ("family", "published_by_family")
    for key, scope in (("names", "name"), ("media", "photo"), ("story", "story")):
        if key in value or about(value, key):
            require(scope in given.get("scope", []), "REC-15", f"{key} is not covered")
            require(key == "names" or family or not young, "REC-15", f"{key} of a minor")
    if not young:
        return
    require("education" not in value and not about(value, "education"), "REC-15", "school")
    for key in ("place", "origin_city", "place_of_death"):
        for finer in ("locality", "lat", "lon"):
            there = finer in value.get(key, {}) or about(value, f"{key}.{finer}")
            require(not there, "REC-15", "place below the city")


def withheld(value: dict) -> None:
    known = set(LIFE) | set(SCHEMAS["victim/1"])
    for one in value.get("withheld", []):
        at = value
        for step in field_name(one, known, PARTS, "REC-17"):
            if isinstance(at, dict):
                at = at.get(step)
            else:
                at = at[step] if isinstance(at, list) and isinstance(step, int) and step < len(at) else None
        require(at is None or at in ("withheld", "unknown"), "REC-17", "is there")
        require(not about(value, one), "REC-17", "is claimed")
