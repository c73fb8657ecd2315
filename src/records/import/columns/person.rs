//! Columns of the person.

use super::super::lists;
use super::{Column, Shape, col};

/// Who it was.
pub const PERSON: &[Column] = &[
    col(
        ["name_label_fa", "عنوان بی‌نام"],
        "name_label.fa",
        Shape::Text,
        [
            "What is shown when the name is not known; then no name columns",
            "اگر نام دانسته نیست، چه نوشته شود؛ آن‌گاه ستون‌های نام خالی می‌ماند",
        ],
        "مردی ناشناس، حدود ۳۰ ساله",
    ),
    col(
        ["name_label_en", "عنوان بی‌نام انگلیسی"],
        "name_label.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "A man whose name is not known, about 30",
    ),
    col(
        ["father_name_fa", "نام پدر"],
        "father_name.fa",
        Shape::Text,
        [
            "Father's name; he may be alive: leave it out when in doubt",
            "نام پدر؛ شاید زنده باشد: در صورت تردید ننویسید",
        ],
        "هرمز",
    ),
    col(
        ["father_name_en", "نام پدر انگلیسی"],
        "father_name.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "Hormoz",
    ),
    col(
        ["gender", "جنسیت"],
        "gender",
        Shape::Word(lists::GENDER),
        ["As identified in the sources; needed", "بنا بر منبع‌ها؛ لازم است"],
        "female",
    ),
    col(
        ["birth", "تولد"],
        "birth",
        Shape::Date,
        ["Day, month or year of birth", "روز، ماه یا سال تولد"],
        "1991",
    ),
    col(
        ["birth_jalali", "تولد خورشیدی"],
        "birth.jalali",
        Shape::Jalali,
        [
            "The same in the Persian calendar; both must agree",
            "همان به تقویم خورشیدی؛ باید با هم بخوانند",
        ],
        "1370",
    ),
    col(
        ["age", "سن"],
        "age",
        Shape::Number,
        ["Age on the day, when it is exactly known", "سن در آن روز، اگر دقیق دانسته است"],
        "28",
    ),
    col(
        ["age_min", "کمترین سن"],
        "age.min",
        Shape::Number,
        ["Least age, when it is a range", "کمترین سن، اگر بازه است"],
        "27",
    ),
    col(
        ["age_max", "بیشترین سن"],
        "age.max",
        Shape::Number,
        ["Greatest age, when it is a range", "بیشترین سن، اگر بازه است"],
        "29",
    ),
    col(
        ["age_basis", "مبنای سن"],
        "age.basis",
        Shape::Word(lists::AGE_BASIS),
        [
            "How the age is known; empty means stated",
            "سن از کجا دانسته است؛ خالی یعنی به گفتهٔ منبع",
        ],
        "stated",
    ),
    col(
        ["minor", "زیر ۱۸ سال"],
        "minor",
        Shape::Word(lists::MINOR),
        [
            "Under 18 on that day; needed. Yes and likely bring stricter rules",
            "در آن روز زیر ۱۸ سال؛ لازم است. بله و احتمالاً قاعده‌های سخت‌گیرانه‌تری دارند",
        ],
        "no",
    ),
    col(["occupation_fa", "پیشه"], "occupation.fa", Shape::Text, ["Occupation", "پیشه"], "آموزگار"),
    col(
        ["occupation_en", "پیشه انگلیسی"],
        "occupation.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "teacher",
    ),
    col(
        ["education_fa", "تحصیل"],
        "education.fa",
        Shape::Text,
        ["Education; never a minor's", "تحصیل؛ هرگز برای زیر ۱۸ سال"],
        "کارشناسی تاریخ",
    ),
    col(
        ["education_en", "تحصیل انگلیسی"],
        "education.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "BA in history",
    ),
    col(
        ["ethnicity_religion_fa", "قومیت یا دین"],
        "ethnicity_religion.fa",
        Shape::Text,
        [
            "Only if central to the case and consented",
            "تنها اگر برای پرونده اساسی است و رضایت داده‌اند",
        ],
        "",
    ),
    col(
        ["ethnicity_religion_en", "قومیت یا دین انگلیسی"],
        "ethnicity_religion.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "",
    ),
    col(
        ["nationality", "ملیت"],
        "nationality",
        Shape::Countries,
        ["Countries by two letters (ISO 3166-1)", "کشورها با دو حرف (ISO 3166-1)"],
        "AF",
    ),
];
