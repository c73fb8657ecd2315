"""What the maps of several structures have in common."""

import re

from .fault import require

FORMAT = 1
UNNUMBERED = "TRUST-1"  # the spec gives no number to the rules of its "Structures" section


def check_format(value, clause: str = UNNUMBERED) -> None:
    require(isinstance(value, dict), "ENC-6", "not a map")
    stated = value.get("format")
    require(isinstance(stated, int), "ENC-6", "no format")
    require(stated <= FORMAT, "ENC-9", "needs a newer version")
    require(stated == FORMAT, clause, "format is not 1")


def check_fields(value, must, may=()) -> None:
    require(isinstance(value, dict), "ENC-6", "not a map")
    for key in value:
        require(key in must or key in may, "ENC-6", f"unknown field {key}")
    for key in must:
        require(key in value, "ENC-6", f"field {key} is missing")


def uint(value, key: str) -> int:
    require(isinstance(value[key], int), "ENC-6", f"{key} is not a number")
    return value[key]


def check_date(date, clause: str = UNNUMBERED) -> None:
    good = isinstance(date, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", date, re.ASCII)
    require(bool(good), clause, "date is not YYYY-MM-DD")
    month, day = int(date[5:7]), int(date[8:])
    require(1 <= month <= 12 and 1 <= day <= 31, clause, "no such day")
