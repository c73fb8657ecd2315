"""Fuzzy dates in two calendars (spec/record.md, REC-6 and REC-7)."""

import datetime
import re

from .fault import require
from .limits import MAX_RECORD_DATE_BYTES

# One known day, from which years are counted: 1 Farvardin 1404 is 21 March 2025.
ANCHOR, ANCHOR_DAY = 1404, datetime.date(2025, 3, 21).toordinal()
LENGTHS = [31] * 6 + [30] * 5


def leap(year: int) -> bool:
    """The 33-year rule: 1403 is a leap year."""
    return (25 * year + 11) % 33 < 8


def new_year(year: int) -> int:
    day = ANCHOR_DAY
    for y in range(ANCHOR, year):
        day += 366 if leap(y) else 365
    for y in range(year, ANCHOR):
        day -= 366 if leap(y) else 365
    return day


def persian_day(year: int, month: int, day: int):
    """Number of a day (1 is 0001-01-01 Gregorian), or None."""
    lengths = [*LENGTHS, 30 if leap(year) else 29]
    if not (1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
        return None
    return new_year(year) + sum(lengths[: month - 1]) + day - 1


def gregorian_day(year: int, month: int, day: int):
    try:
        return datetime.date(year, month, day).toordinal()
    except ValueError:
        return None


CALENDARS = {"edtf": (gregorian_day, 9999), "jalali": (persian_day, 1500)}


class Moment:
    def __init__(self, text: str, calendar: str):
        number, last_year = CALENDARS[calendar]
        form = re.fullmatch("([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?([~?%]?)", text)
        require(bool(form), "REC-6", f"no moment: {text}")
        year, month, day = (int(part) if part else None for part in form.groups()[:3])
        require(1000 <= year <= last_year, "REC-6", "year out of bounds")
        self.first = number(year, 1 if month is None else month, 1 if day is None else day)
        require(self.first is not None, "REC-6", "no such day or month")
        if day:
            self.last = self.first
        elif month and month < 12:
            self.last = number(year, month + 1, 1)
        elif calendar == "edtf":
            self.last = gregorian_day(year, 12, 31) + 1
        else:
            self.last = new_year(year + 1)
        self.last -= 0 if day else 1
        self.uncertain = bool(form[4])
        self.is_day = bool(day) and not self.uncertain


class When:
    def __init__(self, text: str, calendar: str):
        require(len(text.encode()) <= MAX_RECORD_DATE_BYTES, "REC-6", "longer than a date")
        if text.startswith("["):
            require(text.endswith("]"), "REC-6", "no end of a list")
            self.form, parts = "list", text[1:-1].split(",")
            require(len(parts) > 1, "REC-6", "several moments")
        elif "/" in text:
            self.form, parts = "interval", text.split("/")
            require(len(parts) == 2, "REC-6", "two moments")
        else:
            self.form, parts = "one", [text]
        self.moments = [Moment(part, calendar) for part in parts]
        for a, b in zip(self.moments, self.moments[1:]):
            rises = (a.first, a.last) < (b.first, b.last)
            require(rises, "REC-6", "not ascending")
        self.first, self.last = self.moments[0].first, self.moments[-1].last
        self.certain = not any(m.uncertain for m in self.moments)


def agree(west: When, east: When) -> bool:
    """REC-7."""
    if all(m.is_day for m in west.moments + east.moments):
        days = [[m.first for m in when.moments] for when in (west, east)]
        return west.form == east.form and days[0] == days[1]
    return west.first <= east.last and east.first <= west.last


def years(birth: int, day: int) -> int:
    """Completed years, Gregorian."""
    a, b = datetime.date.fromordinal(birth), datetime.date.fromordinal(day)
    return b.year - a.year - ((b.month, b.day) < (a.month, a.day))
