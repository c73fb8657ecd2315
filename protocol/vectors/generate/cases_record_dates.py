"""Cases for the dates of spec/record.md: REC-6, REC-7."""

from .jalali import LENGTHS, leap
from .suite import Suite

# Days known from four independent programs.
KNOWN = [
    ("2019-11-15", "1398-08-24"),
    ("2019-11-16", "1398-08-25"),
    ("2019-11-19", "1398-08-28"),
    ("2025-03-20", "1403-12-30"),
    ("2025-03-21", "1404-01-01"),
    ("2026-01-08", "1404-10-18"),
]
AGREE = [
    *KNOWN,
    ("2019-11-16/2019-11-17", "1398-08-25/1398-08-26"),
    ("[2019-11-16,2019-11-19]", "[1398-08-25,1398-08-28]"),
    ("2019-11-16~", "1398-08-25"),
    ("2019-11-16?", "1398-08"),
    ("2019-11", "1398-08"),
    ("2019-11", "1398-09"),
    ("2019-11~", "1398-08"),
    ("2019", "1397"),
    ("2019", "1398"),
    ("1991", "1370"),
    ("1992", "1370"),
    ("2019-11-16", "1398"),
    ("2019-11/2019-12", "1398-09-10"),
    ("[1990,1992]", "1369"),
    ("2024-03-19/2024-03-20", "1402-12-29/1403-01-01"),
]
DISAGREE = [
    *[(west, f"{east[:8]}{int(east[8:]) - 1:02}") for west, east in KNOWN if east[8:] != "01"],
    ("2025-03-21", "1403-12-30"),
    ("2025-03-20", "1404-01-01"),
    ("2019-11-16", "1398-09-25"),
    ("2019-11-16", "1397-08-25"),
    ("2019-11-16/2019-11-17", "1398-08-25"),
    ("2019-11-16", "1398-08-25/1398-08-26"),
    ("2019-11-16/2019-11-17", "[1398-08-25,1398-08-26]"),
    ("[2019-11-16,2019-11-19]", "[1398-08-25,1398-08-27]"),
    ("2019-11-16/2019-11-17", "1398-08-25/1398-08-27"),
    ("2019-11-16~", "1398-08-26"),
    ("2019-12", "1398-08"),
    ("2019-11", "1398-10"),
    ("1993", "1370"),
    ("1990", "1370"),
    ("2019", "1396"),
    ("2019", "1399"),
]
GOOD = {
    "edtf": "2019 1000 9999 2019~ 2019? 2019% 2019-11 2019-11~ 2019-02 2020-02 2019-12 2020-02-29 2019-12-31 "
    "2019-11-16? 2019/2020 2019/2020-01 2019/2019-12 2019-11-16~/2019-11-17 2000-01-01/2000-01-02 "
    "[1990-04-17,1990-04-27] [2019,2020,2021] [2019-11,2019-12-03]",
    "jalali": "1398 1000 1500 1398~ 1398-08 1398-12 1399-12 1399-12-30 1403-12-30 1398-06-31 1398-07-30 1398-12-29 "
    "1398-08-25? 1398/1399 [1398-08-25,1398-08-28] 1398-08-25/1398-08-26%",
}
BAD = {
    "edtf": "x 19 201 02019 2019-1-1 2019-11-1 2019-02-30 2019-02-29 2019-13 2019-00 2019-11-00 2019-11-31 0999 "
    "10000 2019-11-16-1 2020/2019 2019/2019 2019/ /2019 ../2019 2019/.. 2019/2020/2021 [2019] [] [2020,2019] "
    "[2019,2019] [2019,2020 2019,2020] [2019,,2020] [2019..2020] {2019,2020} 2019-11-XX 201X 2019-11-16T10 "
    "+2019 -2019 2019~~ ~2019 2019-~11 2019-21 2019-11-16/2019-11 Y12019 ۲۰۱۹ ２０１９",
    "jalali": "1397-12-30 1398-12-30 1402-12-30 1404-12-30 1398-07-31 1398-11-31 1398-13 1398-00 1398-06-32 1398-1-1 "
    "0999 1501 1501-01-01 2019-11-16 98-08-25 1398/08/25 ۱۳۹۸-۰۸-۲۵ ١٣٩٨-٠٨-٢٥ 1399/1398 [1398] 1398-08-25~~",
}


def calendar(suite: Suite) -> None:
    """The last days of all years that a leap day could have, and the first of the next."""
    for year in range(1300, 1412):
        length = 30 if leap(year) else 29
        given = {"text": f"{year}-12-{length}", "calendar": "jalali"}
        last = suite.accept(f"last day of {year}", "REC-7", "date", given)
        given = {"text": f"{year + 1}-01-01", "calendar": "jalali"}
        suite.accept(f"first day of {year + 1}", "REC-7", "date", given, first=last["last"] + 1)
        given = {"text": f"{year}-12-{length + 1}", "calendar": "jalali"}
        suite.reject(f"a day more in {year}", "REC-6", "date", given)
    for month, length in enumerate([*LENGTHS, 29], 1):
        given = {"text": f"1398-{month:02}", "calendar": "jalali"}
        out = suite.accept(f"month {month} of 1398", "REC-6", "date", given)
        assert out["last"] - out["first"] == length - 1


def suites() -> dict:
    forms = Suite("record", "REC-6")
    for calendar_name in ("edtf", "jalali"):
        for text in GOOD[calendar_name].split():
            given = {"text": text, "calendar": calendar_name}
            forms.accept(f"{calendar_name}: {text}", "REC-6", "date", given)
        for text in [*BAD[calendar_name].split(), "", " 1398", "1398 ", "1398 / 1399", "[1398, 1399]", "1398\n"]:
            given = {"text": text, "calendar": calendar_name}
            forms.reject(f"{calendar_name}: {text!r}", "REC-6", "date", given)
    for count, verdict in ((7, forms.accept), (8, forms.reject)):
        days = ",".join(f"2019-11-{n + 10}" for n in range(count))
        given = {"text": f"[{days}]", "calendar": "edtf"}
        verdict(f"edtf: {count} days", "REC-6", "date", given)
    years = Suite("record", "REC-6, REC-7")
    calendar(years)
    both = Suite("record", "REC-7")
    for west, east in AGREE:
        both.accept(f"{west} is {east}", "REC-7", "dates-agree", {"edtf": west, "jalali": east})
    for west, east in DISAGREE:
        both.reject(f"{west} is not {east}", "REC-7", "dates-agree", {"edtf": west, "jalali": east})
    return {"dates": forms, "calendar": years, "agree": both}
