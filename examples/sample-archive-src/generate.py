#!/usr/bin/env python3
"""Builds examples/sample-archive/ from people.py, pages/ and static/.

Python 3.10+, Pillow and blake3. Seeded: the same sources give the same bytes (with the
Pillow version named in README.md). Usage: generate.py [--out DIR]"""

import argparse
import base64
import datetime
import hashlib
import html
import json
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent / "protocol" / "vectors"))

from generate import dagcbor, ids  # noqa: E402, the independent encoder of the vectors
from people import ALIASES, CITIES, CLAIMS, INJURED, PEOPLE, UNNAMED  # noqa: E402
from portraits import portrait  # noqa: E402

ISSUED, REVIEWED = "2026-06-01", "2026-05-20"
LANGS = ("fa", "en")
ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
ZWNJ = "\u200c"
CURRENT, LAZY = ' aria-current="page"', ' loading="lazy"'
esc = html.escape

WEEKDAYS = {
    "fa": ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یکشنبه"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
JALALI_MONTHS = {8: ("آبان", "Aban"), 9: ("آذر", "Azar")}

MARK = {
    "fa": "دادهٔ نمونهٔ ساختگی",
    "en": "Fictional sample data",
}
NOTICE = {
    "fa": "دادهٔ نمونهٔ ساختگی: این شخص، نام، شهر، تصویر و روایت همه ساختگی‌اند و به هیچ انسان واقعی اشاره ندارند.",
    "en": "Fictional sample data: this person, the name, the city, the picture and the account are all invented and refer to no real human being.",
}
BANNER = {
    "fa": "نام‌ها، چهره‌ها، شهرها و روایت‌های این سایت ساخته شده‌اند تا یادگار آزموده شود. هیچ‌یک از این آدم‌ها واقعی نیست.",
    "en": "The names, faces, cities and accounts on this site were made up to try out Yadgar. None of these people is real.",
}
TITLES = {
    "fa": {"index": "نام‌ها می‌مانند", "people": "نام‌ها", "shutdown": "قطع اینترنت", "rights": "حقوق", "justice": "دادخواهی",
           "by-city": "نام‌ها به ترتیب شهر", "by-date": "نام‌ها به ترتیب روز", "by-age": "نام‌ها به ترتیب سن"},
    "en": {"index": "The names remain", "people": "Names", "shutdown": "Shutdown", "rights": "Rights", "justice": "Justice",
           "by-city": "Names by city", "by-date": "Names by day", "by-age": "Names by age"},
}
BRAND = {"fa": "یادگار", "en": "Yadgar"}

LEVELS = {
    "verified": (("تأییدشده", "دست‌کم دو گروه مستقل آن را ثبت کرده‌اند و سندی یا شهادتی مستقیم هم هست."),
                 ("Verified", "At least two independent groups recorded it, and there is a document or direct testimony.")),
    "corroborated": (("هم‌خوان", "دو منبع مستقل یا بیشتر همین را می‌گویند."),
                     ("Corroborated", "Two or more independent sources say the same.")),
    "single_source": (("تک‌منبع", "تنها یک منبع آن را گفته است و هنوز منبع مستقل دومی پیدا نشده."),
                      ("Single source", "Only one source reports it; no second independent source has been found yet.")),
    "under_review": (("در حال بررسی", "هنوز بررسی‌اش تمام نشده است؛ آن را قطعی نگیرید."),
                     ("Under review", "The review is not finished; do not take it as settled.")),
    "disputed": (("مورد اختلاف", "منبع‌ها دربارهٔ بخشی از آن با هم نمی‌خوانند؛ هر دو گفته نگه داشته شده است."),
                 ("Disputed", "Sources disagree on a part of it; both versions are kept.")),
}
KINDS = {"street": ("خیابان", "street"), "home": ("خانه", "home"), "prison": ("بازداشتگاه", "place of detention"),
         "unknown": ("نامعلوم", "not known")}
ROLES = {"protester": ("معترض", "protester"), "bystander": ("رهگذر", "bystander"), "at_home": ("در خانه", "at home"),
         "detainee": ("بازداشت‌شده", "detainee"), "unknown": ("نامعلوم", "not known")}
MANNERS = {"live_fire": ("شلیک گلوله", "live fire"), "pellets": ("گلولهٔ ساچمه‌ای", "shotgun pellets"),
           "beating": ("ضرب‌وجرح", "beating"), "tear_gas": ("گلولهٔ گاز اشک‌آور", "tear gas canister"),
           "vehicle": ("برخورد خودرو", "struck by a vehicle"), "in_custody": ("مرگ در بازداشت", "death in custody"),
           "unknown": ("نامعلوم", "not known")}
ENDED = {
    "live_fire": ("با شلیک گلوله کشته شد", "was shot dead"),
    "pellets": ("با گلوله‌های ساچمه‌ای کشته شد", "was killed by shotgun pellets"),
    "beating": ("بر اثر ضرب‌وجرح جان باخت", "died of a beating"),
    "tear_gas": ("بر اثر اصابت گلولهٔ گاز اشک‌آور جان باخت", "died after being hit by a tear gas canister"),
    "vehicle": ("بر اثر برخورد خودرو جان باخت", "died after being struck by a vehicle"),
    "in_custody": ("جان باخت؛ چگونگی مرگ را هنوز کسی روشن نکرده است", "died; nobody has yet explained how"),
    "unknown": ("کشته شد؛ چگونگی‌اش روشن نیست", "was killed; how is not known"),
}
WHERE = {
    "protester": ("در میان معترضان، در خیابانی در شهر {}،", "among protesters in a street of {}"),
    "bystander": ("هنگام گذر از خیابانی در شهر {}،", "while passing through a street of {}"),
    "at_home": ("در خانه‌اش در شهر {}،", "at home in {}"),
    "detainee": ("در بازداشتگاهی در شهر {}،", "in detention in {}"),
    "unknown": ("در شهر {}", "in {}"),
}
SOURCE_KINDS = {"ngo_report": ("گزارش نهاد مستقل", "report of an independent organisation"),
                "testimony_public": ("شهادت علنی", "public testimony"), "official_document": ("سند رسمی", "official document"),
                "media": ("رسانه", "media"), "social_media": ("شبکهٔ اجتماعی", "social media")}
METHODS = {"document": ("سند", "document"), "testimony": ("شهادت", "testimony"),
           "cross_check": ("مقایسهٔ منبع‌ها", "comparison of sources")}
OBSERVATORY = ("دیده‌بان نمونه (ساختگی)", "Sample Observatory (fictional)")
PUBLISHERS = {
    "ngo_report": [OBSERVATORY, ("گروه پژوهش نمونه (ساختگی)", "Sample Research Group (fictional)")],
    "media": [("روزنامهٔ نمونه (ساختگی)", "The Sample Daily (fictional)")],
    "testimony_public": [("آرشیو شهادت نمونه (ساختگی)", "Sample Testimony Archive (fictional)")],
    "official_document": [("ادارهٔ ثبت نمونه (ساختگی)", "Sample Registry Office (fictional)")],
    "social_media": [("کانال نمونه (ساختگی)", "Sample Channel (fictional)")],
}
SOURCE_TITLES = {
    "ngo_report": ("فهرست نام‌ها، نسخهٔ نمونه", "List of names, sample edition"),
    "media": ("گزارش روزهای خاموشی، نمونه", "Report on the days of silence, sample"),
    "testimony_public": ("گفت‌وگوی ثبت‌شده، نمونه", "Recorded interview, sample"),
    "official_document": ("رونوشت گواهی، نمونه", "Copy of a certificate, sample"),
    "social_media": ("نوشتهٔ همگانی، نمونه", "Public post, sample"),
}
# level -> kinds of the sources; each is a group of its own
SOURCES_OF = {
    "verified": (("ngo_report", "testimony_public"), ("ngo_report", "media", "official_document"), ("ngo_report", "official_document")),
    "corroborated": (("ngo_report", "media"), ("media", "ngo_report", "social_media")),
    "single_source": (("ngo_report",), ("media",)),
    "under_review": (("social_media",), ("media",)),
    "disputed": (("ngo_report", "media"),),
}


# --- dates, numbers, order -------------------------------------------------

def digits(value, lang):
    text = str(value)
    return text.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) if lang == "fa" else text


def jalali(day):
    """Jalali date of a day in Aban or Azar 1398 (2019-11-15 is 1398-08-24)."""
    n = (day - datetime.date(2019, 10, 23)).days  # 2019-10-23 is 1 Aban 1398
    assert 0 <= n < 60, day
    return (1398, 8, n + 1) if n < 30 else (1398, 9, n - 29)


def days_of(value):
    return [datetime.date.fromisoformat(v) for v in (value if isinstance(value, tuple) else (value,))]


def iso_jalali(day):
    return "{:04}-{:02}-{:02}".format(*jalali(day))


def fuzzy(value):
    days = days_of(value)
    return {"edtf": "/".join(d.isoformat() for d in days), "jalali": "/".join(iso_jalali(d) for d in days),
            "source_cal": "persian", "tz": "Asia/Tehran"}


def jalali_words(value, lang, weekday=False):
    days = days_of(value)
    y, m, _ = jalali(days[0])
    numbers = (" یا " if lang == "fa" else " or ").join(digits(jalali(d)[2], lang) for d in days)
    text = f"{numbers} {JALALI_MONTHS[m][LANGS.index(lang)]} {digits(y, lang)}"
    return f"{WEEKDAYS[lang][days[0].weekday()]} {text}" if weekday and len(days) == 1 else text


def gregorian_words(value, lang, weekday=False):
    days = days_of(value)
    numbers = (" یا " if lang == "fa" else " or ").join(digits(d.day, lang) for d in days)
    text = f"{numbers} {'نوامبر' if lang == 'fa' else 'November'} {digits(2019, lang)}"
    return f"{WEEKDAYS[lang][days[0].weekday()]} {text}" if weekday and len(days) == 1 else text


def age_words(p, lang, short=False):
    a = p["age"]
    if a is None:
        return "سن نامعلوم" if lang == "fa" else "age not known"
    if isinstance(a, tuple):
        lo, hi = (digits(x, lang) for x in a)
        return f"{lo} تا {hi} ساله{'' if short else ' (برآورد)'}" if lang == "fa" else f"aged {lo}–{hi}{'' if short else ' (estimate)'}"
    return f"{digits(a, lang)} ساله" if lang == "fa" else f"aged {a}"


def persian_key(text):
    """Persian alphabet order; spaces first, the non-joiner does not count."""
    return [0 if c == " " else ALPHABET.index(c) + 1 for c in text.replace(ZWNJ, "")]


# --- records ----------------------------------------------------------------

def record_id(slug):
    raw = hashlib.sha256(f"yadgar sample archive, record {slug}".encode()).digest()[:16]
    return base64.b32encode(raw).decode().rstrip("=").lower()


def load():
    people = []
    for number, row in enumerate(PEOPLE, 1):
        keys = ("slug", "fa", "en", "sex", "age", "died", "city", "kind", "role", "manner", "level", "life_fa", "life_en")
        p = dict(zip(keys, row, strict=True))
        a = p["age"]
        p.update(number=number, id=record_id(p["slug"]), unnamed=p["slug"] in UNNAMED, minor=a is not None and (a[1] if isinstance(a, tuple) else a) < 18)
        p["photo"] = not (p["minor"] or p["unnamed"])
        assert p["minor"] == (p["life_fa"] is None), p["slug"]
        kinds = SOURCES_OF[p["level"]]
        kinds = kinds[number % len(kinds)]
        p["sources"] = [source(i, kind, number) for i, kind in enumerate(kinds, 1)]
        p["methods"] = [m for m, ok in (("document", "official_document" in kinds), ("testimony", "testimony_public" in kinds),
                                        ("cross_check", len(kinds) > 1)) if ok]
        if not p["minor"]:
            p["how"] = {lang: circumstances(p, lang) for lang in LANGS}
        people.append(p)
    return people


def source(i, kind, number):
    publishers = PUBLISHERS[kind]
    fa, en = publishers[number % len(publishers)]
    title = SOURCE_TITLES[kind]
    return {"sid": f"s{i}", "kind": kind, "publisher": {"fa": fa, "en": en}, "title": {"fa": title[0], "en": title[1]},
            "published": str(datetime.date(2019, 12, 1) + datetime.timedelta(days=number * 3 + i * 40)),
            "lang": "fa", "group": i}


def circumstances(p, lang):
    k = LANGS.index(lang)
    city, ended = CITIES[p["city"]][k], ENDED[p["manner"]][k]
    if p["slug"] in INJURED:
        hurt = INJURED[p["slug"]]
        return (f"{jalali_words(hurt, 'fa', True)} در میان معترضان، در خیابانی در شهر {city}، گلوله خورد و {jalali_words(p['died'], 'fa', True)} در بیمارستان درگذشت."
                if lang == "fa" else
                f"He was shot on {gregorian_words(hurt, 'en', True)}, among protesters in a street of {city}, and died in hospital on {gregorian_words(p['died'], 'en', True)}.")
    where = WHERE[p["role"]][k].format(city)
    if lang == "fa":
        return f"{jalali_words(p['died'], 'fa', True)}، {where} {ended}."
    who = "He" if p["sex"] == "m" else "She"
    day = gregorian_words(p["died"], "en", True)
    return f"{who} {ended} on {day}, {where}.".replace(f"died; nobody has yet explained how on {day}, {where}", f"died on {day}, {where}; nobody has yet explained how").replace(
        f"was killed; how is not known on {day}, {where}", f"was killed on {day}, {where}; how is not known")


def record(p):
    fa, en = CITIES[p["city"]]
    all_src = [s["sid"] for s in p["sources"]]
    a = p["age"]
    r = {
        "schema": "victim/1",
        "fictional": "yes",
        "id": base64.b32decode(p["id"].upper() + "======"),
        "version": 1,
        "status": "disputed" if p["level"] == "disputed" else "active",
        "issued_on": ISSUED,
    }
    if p["unnamed"]:
        r["name_label"] = {"fa": p["fa"], "en": p["en"]}
    else:
        r["names"] = [{"text": p["fa"], "lang": "fa", "script": "Arab", "kind": "primary", "translit": "none", "src": all_src},
                      {"text": p["en"], "lang": "en", "script": "Latn", "kind": "primary", "translit": "ad_hoc", "src": all_src[:1]}]
        for lang, text in ALIASES.get(p["slug"], ()):
            r["names"].append({"text": text, "lang": lang, "script": "Arab" if lang == "fa" else "Latn", "kind": "alias",
                               "translit": "source_spelling", "src": all_src[-1:]})
    r["gender"] = "female" if p["sex"] == "f" else "male"
    if a is not None:
        lo, hi = a if isinstance(a, tuple) else (a, a)
        r["age"] = {"min": lo, "max": hi, "basis": "estimated" if isinstance(a, tuple) else "stated"}
    r["minor"] = "yes" if p["minor"] else "unknown" if a is None else "no"
    r["role"] = p["role"]
    if p["slug"] in INJURED:
        r["injured_at"] = fuzzy(INJURED[p["slug"]])
    r["died_at"] = fuzzy(p["died"])
    r["place"] = {"country": "ZZ", "city": {"fa": fa, "en": en}, "kind": p["kind"], "precision": "city"}
    r["manner"] = [p["manner"]]
    if p["manner"] == "in_custody":
        r["custody"] = "yes"
    if not p["minor"]:
        r["story"] = {lang: f"{p['life_' + lang]} {p['how'][lang]} " + ("این روایت ساختگی است." if lang == "fa" else "This account is fictional.")
                      for lang in LANGS}
    if p["slug"] in CLAIMS:
        r["claims"] = [c | {"value": claim_words(c["value"])} for c in CLAIMS[p["slug"]]]
    r["sources"] = p["sources"]
    r["private_sources"] = "none"
    r["verification"] = {"level": p["level"], "groups": len({s["group"] for s in p["sources"]}), "reviewers": 2,
                         "reviewed_on": REVIEWED} | ({"methods": p["methods"]} if p["methods"] else {})
    r["consent"] = {"basis": "ngo_published", "scope": ["name"] if p["minor"] else ["story"] if p["unnamed"] else ["name", "photo", "story"]}
    if p["photo"]:
        r["media"] = [{"hash": ids.hash256(p["jpeg"]), "path": f"portraits/{p['slug']}.jpg", "mime": "image/jpeg", "bytes": len(p["jpeg"]), "role": "portrait",
                           "alt": {"fa": ALT["fa"], "en": ALT["en"]}, "licence": "CC0-1.0", "graphic": "none"}]
    if p["minor"]:
        r["withheld"] = ["media", "story"]
    return dagcbor.encode(r)


def claim_words(value):
    """What a source says, in words: dates and manners of the table."""
    if isinstance(value, list):
        return {lang: ENDED[value[0]][k] for k, lang in enumerate(LANGS)}
    return {"fa": jalali_words(value, "fa", False), "en": gregorian_words(value, "en", False)}


ALT = {"fa": "نگارهٔ ساختگی، بی‌چهره؛ تصویر هیچ انسان واقعی نیست", "en": "Invented faceless drawing; a picture of no real human being"}


# --- pages -------------------------------------------------------------------

def page(lang, name, title, body, kind="text"):
    """`name` is the path of the page below its language root."""
    depth = name.count("/")
    up = "../" * depth
    root = up if lang == "fa" else "../" * (depth + 1)
    other = "en" if lang == "fa" else "fa"
    to_other = f"{root}en/{name}" if lang == "fa" else f"{root}{name}"
    t = TITLES[lang]
    slug = name.removesuffix(".html")
    nav = "".join(
        f'<li><a href="{up}{s}.html"{CURRENT if s == slug else ""}>{t[s]}</a></li>' for s in ("people", "shutdown", "rights", "justice"))
    fa = lang == "fa"
    return f"""<!DOCTYPE html>
<html lang="{lang}" dir="{'rtl' if fa else 'ltr'}">
<head>
<meta charset="utf-8">
<title>{title} · {BRAND[lang]} · {'نمونهٔ ساختگی' if fa else 'fictional sample'}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{root}style.css">
</head>
<body class="{kind}">
<a class="skip" href="#main">{'پرش به متن' if fa else 'Skip to the text'}</a>
<div class="banner" role="note"><p><strong>{MARK[lang]}</strong> <span lang="{other}" dir="{'ltr' if fa else 'rtl'}">{MARK[other]}</span></p></div>
<header class="top">
<a class="brand" href="{up}index.html">{BRAND[lang]}</a>
<nav aria-label="{'بخش‌ها' if fa else 'Sections'}"><ul>{nav}</ul></nav>
<a class="lang" href="{to_other}" lang="{other}" hreflang="{other}">{'English' if fa else 'فارسی'}</a>
</header>
<main id="main">
{body.strip()}
</main>
<footer>
<p>{BANNER[lang]}</p>
<p lang="{other}" dir="{'ltr' if fa else 'rtl'}">{MARK[other]}. {BANNER[other]}</p>
<p class="small">{'متن و نگاره‌ها: مالکیت همگانی' if fa else 'Text and portraits: public domain'} (<a href="{root}LICENSE.txt">CC0</a>) · {'قلم وزیرمتن' if fa else 'Vazirmatn typeface'}: <a href="{root}font/OFL.txt">OFL</a></p>
</footer>
</body>
</html>
"""


def bdi(text, lang):
    return f'<bdi lang="{lang}">{esc(text)}</bdi>'


def picture(p, lang, root, lazy=True, alt=""):
    if not p["photo"]:
        label = "عکس منتشر نشده" if lang == "fa" else "no picture published"
        return f'<span class="pic none" role="img" aria-label="{label}"><span></span></span>'
    return f'<img class="pic" src="{root}portraits/{p["slug"]}.jpg" width="320" height="400" alt="{esc(alt)}"{LAZY if lazy else ""}>'


def badge(level, lang):
    return f'<span class="level {level.replace("_", "-")}">{LEVELS[level][LANGS.index(lang)][0]}</span>'


FICT = '<span class="fict">ساختگی · <span lang="en" dir="ltr">fictional</span></span>'
FICT_EN = '<span class="fict">fictional · <span lang="fa" dir="rtl">ساختگی</span></span>'


def order(people, lang):
    named = [p for p in people if not p["unnamed"]]
    named.sort(key=lambda p: persian_key(p["fa"]) if lang == "fa" else p["en"].lower())
    return named + [p for p in people if p["unnamed"]]


def cover(people, lang):
    fa = lang == "fa"
    root = "" if fa else "../"
    items = "".join(
        f'<li><a href="people/{p["slug"]}.html">{picture(p, lang, root)}<span class="who">{bdi(p[lang], lang)}</span>'
        f'<span class="age">{age_words(p, lang, True)}</span></a></li>\n' for p in order(people, lang))
    n = digits(len(people), lang)
    if fa:
        return f"""
<section class="hero">
<div class="flame" aria-hidden="true"></div>
<h1>نام‌ها می‌مانند</h1>
<p class="lead">در آبان ۱۳۹۸ اینترنت ایران حدود یک هفته خاموش شد، و در آن خاموشی صدها نفر کشته شدند. این صفحه‌ها نشان می‌دهد یاد آنان چگونه می‌تواند بی‌اینترنت هم دست به دست بگردد.</p>
<p class="honest"><strong>رویداد واقعی است؛ آدم‌های این سایت نه.</strong> {n} نامی که می‌بینید ساختگی‌اند، تا هیچ خانواده‌ای بی‌رضایت خود اینجا نیاید.</p>
</section>
<aside class="care">
<h2>پیش از خواندن، اگر در ایران هستید</h2>
<p>این صفحه‌ها هیچ درخواستی به بیرون نمی‌فرستند و برای خواندنشان اینترنت لازم نیست. با این همه، مرورگر جای پای خود را نگه می‌دارد: در پنجرهٔ خصوصی بخوانید و در پایان آن را ببندید.</p>
</aside>
<section class="wall-part" aria-labelledby="wall">
<h2 id="wall">دیوار نام‌ها</h2>
<p class="sub">به ترتیب الفبا. <a href="people.html">فهرست با شرح هر نام</a></p>
<ul class="wall">
{items}</ul>
</section>
<section class="doors" aria-labelledby="doors">
<h2 id="doors">بخوانید، بدانید، یاری کنید</h2>
<ul>
<li><a href="shutdown.html"><strong>قطع اینترنت چیست؟</strong><span>چگونه کشوری را خاموش می‌کنند، و در آن هفته چه گذشت.</span></a></li>
<li><a href="rights.html"><strong>چرا نقض حقوق بشر است؟</strong><span>حق خبر، حق گردهمایی، حق زندگی و حق دادخواهی.</span></a></li>
<li><a href="people.html"><strong>نام‌ها</strong><span>هر نام با سن، روز، شهر، روایت و وضع بررسی.</span></a></li>
<li><a href="justice.html"><strong>چگونه به دادخواهی کمک کنیم؟</strong><span>بی‌آن‌که کسی را به خطر بیندازیم.</span></a></li>
</ul>
</section>
"""
    return f"""
<section class="hero">
<div class="flame" aria-hidden="true"></div>
<h1>The names remain</h1>
<p class="lead">In November 2019 Iran’s internet went dark for about a week, and in that darkness hundreds of people were killed. These pages show how their memory can pass from hand to hand even without the internet.</p>
<p class="honest"><strong>The event is real; the people on this site are not.</strong> The {n} names you see are invented, so that no family appears here without its consent.</p>
</section>
<aside class="care">
<h2>Before you read, if you are in Iran</h2>
<p>These pages send no request anywhere and need no internet. Your browser still keeps its own traces: read in a private window, and close it when you are done.</p>
</aside>
<section class="wall-part" aria-labelledby="wall">
<h2 id="wall">The wall of names</h2>
<p class="sub">In alphabetical order. <a href="people.html">The list, with an account of each</a></p>
<ul class="wall">
{items}</ul>
</section>
<section class="doors" aria-labelledby="doors">
<h2 id="doors">Read, understand, help</h2>
<ul>
<li><a href="shutdown.html"><strong>What is an internet shutdown?</strong><span>How a country is silenced, and what happened that week.</span></a></li>
<li><a href="rights.html"><strong>Why does it violate human rights?</strong><span>Information, assembly, life, and the right to a remedy.</span></a></li>
<li><a href="people.html"><strong>The names</strong><span>Each with age, day, city, an account, and how far it is verified.</span></a></li>
<li><a href="justice.html"><strong>How can you help to seek justice?</strong><span>Without putting anybody in danger.</span></a></li>
</ul>
</section>
"""


def summary(p, lang):
    if p["minor"]:
        return ("زیر ۱۸ سال: عکس و روایت به‌طور پیش‌فرض منتشر نمی‌شود." if lang == "fa"
                else "Under 18: picture and account are withheld by default.")
    life = p["life_" + lang]
    return life[: life.index(". ") + 1]


def tabs(current, lang):
    words = {"people": ("الفبا", "Alphabet"), "by-city": ("شهر", "City"), "by-date": ("روز", "Day"), "by-age": ("سن", "Age")}
    label = "ترتیب" if lang == "fa" else "Order"
    return (f'<nav class="tabs" aria-label="{label}"><ul>' + "".join(
        f'<li><a href="{s}.html"{CURRENT if s == current else ""}>{w[LANGS.index(lang)]}</a></li>' for s, w in words.items()) + "</ul></nav>")


def people_page(people, lang):
    fa = lang == "fa"
    k = LANGS.index(lang)
    root, other = ("", "en") if fa else ("../", "fa")
    groups = []
    for p in order(people, lang):
        head = ("بی‌نام" if fa else "No name") if p["unnamed"] else p[lang][0]
        if not groups or groups[-1][0] != head:
            groups.append((head, []))
        groups[-1][1].append(p)
    jump = "".join(f'<li><a href="#g{i}">{h}</a></li>' for i, (h, _) in enumerate(groups, 1))
    out = ['<ul class="cards">']
    for i, (head, members) in enumerate(groups, 1):
        for p in members:
            href = f'people/{p["slug"]}.html'
            city = CITIES[p["city"]][k]
            meta = f'{age_words(p, lang)} · {bdi(city, lang)} ' + ("(شهر ساختگی)" if fa else "(invented city)")
            anchor = f' id="g{i}"' if p is members[0] else ""
            initial = f'<span class="initial" aria-hidden="true">{head}</span>' if anchor and not p["unnamed"] else ""
            out.append(
                f'<li class="card"{anchor}>{initial}<a class="thumb" href="{href}" tabindex="-1" aria-hidden="true">{picture(p, lang, root)}</a><div>\n'
                f'<h2><a href="{href}">{bdi(p[lang], lang)}</a></h2>\n<p class="second">{bdi(p[other], other)}</p>\n'
                f'<p class="meta">{meta}</p>\n<p class="meta">{jalali_words(p["died"], lang)} · {gregorian_words(p["died"], lang)}</p>\n'
                f'<p class="life">{esc(summary(p, lang))}</p>\n<p class="marks">{badge(p["level"], lang)} {FICT if fa else FICT_EN}</p>\n</div></li>')
    out.append("</ul>")
    levels = "".join(f"<div><dt>{badge(v, lang)}</dt><dd>{w[k][1]}</dd></div>" for v, w in LEVELS.items())
    n = digits(len(people), lang)
    if fa:
        intro = f"<h1>نام‌ها</h1>\n<p class=\"lead\">{n} نام، به ترتیب الفبا از نام کوچک. همه ساختگی‌اند.</p>"
        heads = ("وضع بررسی یعنی چه", "بررسی و اجازهٔ انتشار دو چیز جدا هستند: نامی که چند بار بازنشر شود، از این راه تأیید نمی‌شود؛ و نامی که تأیید شده، بی‌اجازه منتشر نمی‌شود.")
    else:
        intro = f"<h1>The names</h1>\n<p class=\"lead\">{n} names in alphabetical order, by given name. All of them are invented.</p>"
        heads = ("What the verification words mean", "Verification and consent are two different things: a name does not become verified by being repeated, and a verified name is not published without consent.")
    return f"""{intro}
{tabs("people", lang)}
<nav class="jump" aria-label="{'حرف‌ها' if fa else 'Letters'}"><ul>{jump}</ul></nav>
{chr(10).join(out)}
<section class="levels" id="levels"><h2>{heads[0]}</h2>
<dl>{levels}</dl>
<p>{heads[1]}</p></section>
"""


def index_page(people, lang, which):
    fa = lang == "fa"
    k = LANGS.index(lang)
    people = order(people, lang)
    if which == "by-city":
        keys = sorted(CITIES, key=lambda c: persian_key(CITIES[c][0]) if fa else CITIES[c][1])
        groups = [(("شهر ساختگی " if fa else "") + CITIES[c][k] + ("" if fa else " (invented city)"), [p for p in people if p["city"] == c]) for c in keys]
    elif which == "by-date":
        keys = sorted({p["died"] if isinstance(p["died"], tuple) else (p["died"],) for p in people})
        groups = []
        for key in keys:
            value = key if len(key) > 1 else key[0]
            groups.append((f"{jalali_words(value, lang, True)} · {gregorian_words(value, lang)}" if fa else
                           f"{gregorian_words(value, lang, True)} · {jalali_words(value, lang)}", [p for p in people if p["died"] == value]))
    else:
        def band(p):
            a = p["age"]
            if p["minor"]:
                return 0
            return 5 if a is None or isinstance(a, tuple) else 1 if a < 25 else 2 if a < 35 else 3 if a < 50 else 4

        words = (["زیر ۱۸ سال", "۱۸ تا ۲۴ سال", "۲۵ تا ۳۴ سال", "۳۵ تا ۴۹ سال", "۵۰ سال و بیشتر", "سن برآوردی یا نامعلوم"] if fa else
                 ["Under 18", "18 to 24", "25 to 34", "35 to 49", "50 and over", "Age estimated or not known"])
        groups = [(w, [p for p in people if band(p) == i]) for i, w in enumerate(words)]
    parts = []
    for head, members in groups:
        lines = "".join(
            f'<li><a href="people/{p["slug"]}.html">{bdi(p[lang], lang)}</a> <span class="meta">{age_words(p, lang, True)}</span> '
            f'{badge(p["level"], lang)}</li>\n' for p in members)
        parts.append(f'<section class="group"><h2>{head} <span class="count">{digits(len(members), lang)}</span></h2>\n<ul class="lines">\n{lines}</ul></section>')
    assert sum(len(m) for _, m in groups) == len(people)
    return f"<h1>{TITLES[lang][which]}</h1>\n{tabs(which, lang)}\n" + "\n".join(parts)


def person_page(people, i, lang):
    fa = lang == "fa"
    k = LANGS.index(lang)
    p = people[i]
    other = "en" if fa else "fa"
    root = "../" if fa else "../../"
    city = CITIES[p["city"]][k]
    iso = lambda text: f'<bdi dir="ltr" class="iso">{text}</bdi>'  # noqa: E731
    d = fuzzy(p["died"])
    L = (lambda a, b: a) if fa else (lambda a, b: b)
    facts = [(L("سن", "Age"), age_words(p, lang)),
             (L("جان باختن، خورشیدی", "Died, Iranian calendar"), f"{jalali_words(p['died'], lang, fa)} {iso(d['jalali'])}"),
             (L("جان باختن، میلادی", "Died, Gregorian"), f"{gregorian_words(p['died'], lang, not fa)} {iso(d['edtf'])}")]
    if p["slug"] in INJURED:
        hurt = INJURED[p["slug"]]
        facts.insert(1, (L("زخمی شد", "Injured"), f"{jalali_words(hurt, lang)} · {gregorian_words(hurt, lang)}"))
    facts += [(L("شهر", "City"), f"{bdi(city, lang)} {L('(ساختگی)', '(invented)')}"), (L("محل", "Place"), KINDS[p["kind"]][k]),
              (L("چگونگی", "Manner"), MANNERS[p["manner"]][k]), (L("نقش", "Role"), ROLES[p["role"]][k])]
    aliases = ALIASES.get(p["slug"], ())
    if aliases:
        facts.append((L("نوشتارهای دیگر", "Other spellings"), "<br>".join(bdi(text, a) for a, text in aliases)))
    rows = "\n".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in facts)
    if p["minor"]:
        story = f'<p class="withheld">{L("او زیر ۱۸ سال داشت. عکس و روایت زندگی کودکان و نوجوانان به‌طور پیش‌فرض منتشر نمی‌شود، مگر آن‌که خانواده خود آن را منتشر کرده یا اجازه داده باشد.", "This person was under 18. Pictures and accounts of children are withheld by default, unless the family itself has published them or agreed.")}</p>'
    else:
        story = f'<p class="life">{esc(p["life_" + lang])}</p>\n<p>{esc(p["how"][lang])}</p>'
    level, meaning = LEVELS[p["level"]][k]
    groups = len({s["group"] for s in p["sources"]})
    check = L(f"گروه‌های مستقل: {digits(groups, lang)} · بازبین‌ها: {digits(2, lang)}", f"Independent groups: {groups} · reviewers: 2")
    if p["methods"]:
        check += L(" · روش: ", " · methods: ") + L("، ", ", ").join(METHODS[m][k] for m in p["methods"])
    disputed = ""
    if p["slug"] in CLAIMS:
        lines = []
        for c in CLAIMS[p["slug"]]:
            value = MANNERS[c["value"][0]][k] if c["path"] == "manner" else L(jalali_words(c["value"], lang), gregorian_words(c["value"], lang))
            n = digits(c["src"][0][1:], lang)
            lines.append(f"<li>{L(f'منبع {n}: {value}', f'Source {n}: {value}')}</li>")
        disputed = f'<p>{L("گفته‌های ناهم‌خوان:", "Conflicting claims:")}</p><ul>{"".join(lines)}</ul>'
    sources = "\n".join(
        f'<li>{esc(s["publisher"][lang])}: {esc(s["title"][lang])}، {SOURCE_KINDS[s["kind"]][k]}، {iso(s["published"])}</li>' if fa else
        f'<li>{esc(s["publisher"][lang])}: {esc(s["title"][lang])}, {SOURCE_KINDS[s["kind"]][k]}, {iso(s["published"])}</li>' for s in p["sources"])
    before, after = people[i - 1], people[(i + 1) % len(people)]
    heading = bdi(p[lang], lang)
    return f"""<article class="person">
<div class="portrait">{picture(p, lang, root, lazy=False, alt=ALT[lang])}
<p class="marks">{FICT if fa else FICT_EN}</p></div>
<div class="about">
<h1>{heading}</h1>
<p class="second">{bdi(p[other], other)}</p>
<div class="story">
{story}
</div>
<section class="check {p['level'].replace('_', '-')}" aria-label="{L('وضع بررسی', 'Verification')}">
<p>{badge(p['level'], lang)} {meaning}</p>
{disputed}<p class="small">{check}. <a href="../people.html#levels">{L('معنای این واژه‌ها', 'What these words mean')}</a></p>
</section>
<dl class="facts">
{rows}
</dl>
<section class="sources"><h2>{L('منبع‌ها (ساختگی)', 'Sources (fictional)')}</h2>
<ol>
{sources}
</ol></section>
<p class="notice">{NOTICE[lang]}</p>
<p class="small">{L('پروندهٔ ماشین‌خوان', 'Machine-readable record')}: <a href="{root}records/{p['id']}.cbor"><bdi dir="ltr" class="iso">{p['id']}</bdi></a></p>
</div>
</article>
<nav class="pager" aria-label="{L('نام پیشین و پسین', 'Previous and next name')}">
<a rel="prev" href="{before['slug']}.html"><span>{L('نام پیشین', 'Previous name')}</span> {bdi(before[lang], lang)}</a>
<a rel="next" href="{after['slug']}.html"><span>{L('نام پسین', 'Next name')}</span> {bdi(after[lang], lang)}</a>
</nav>
"""


def build():
    files = {}
    people = load()
    for p in people:
        if p["photo"]:
            age = p["age"]
            p["jpeg"] = portrait(p["number"], p["sex"] == "f", age)
            files[f"portraits/{p['slug']}.jpg"] = p["jpeg"]
        files[f"records/{p['id']}.cbor"] = record(p)
    for lang in LANGS:
        base = "" if lang == "fa" else "en/"
        t = TITLES[lang]
        files[base + "index.html"] = page(lang, "index.html", t["index"], cover(people, lang), "cover")
        files[base + "people.html"] = page(lang, "people.html", t["people"], people_page(people, lang), "list")
        for which in ("by-city", "by-date", "by-age"):
            files[f"{base}{which}.html"] = page(lang, f"{which}.html", t[which], index_page(people, lang, which), "list")
        for name in ("shutdown", "rights", "justice"):
            body = (HERE / "pages" / f"{name}.{lang}.html").read_text("utf-8")
            files[f"{base}{name}.html"] = page(lang, f"{name}.html", t[name], body)
        ordered = order(people, lang)
        for i, p in enumerate(ordered):
            # a neutral title: the browser's history shows no name
            title = ("برگ " if lang == "fa" else "Page ") + digits(p["number"], lang)
            files[f"{base}people/{p['slug']}.html"] = page(lang, f"people/{p['slug']}.html", title, person_page(ordered, i, lang))
    for path in sorted((HERE / "static").rglob("*")):
        if path.is_file():
            files[path.relative_to(HERE / "static").as_posix()] = path.read_bytes()
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "sample-archive")
    out = parser.parse_args().out
    files = build()
    if out.exists():
        if any(out.iterdir()) and not (out / "people" / "p01.html").exists():
            sys.exit(f"{out} is not a sample archive; not touching it")
        shutil.rmtree(out)
    for name, content in sorted(files.items()):
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    total = sum((out / n).stat().st_size for n in files)
    print(f"{len(files)} files, {total} bytes in {out}")


if __name__ == "__main__":
    main()
