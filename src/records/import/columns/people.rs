//! Columns of the row, the person, and what happened.

use super::super::lists;
use super::{Column, Shape};

/// A column, short enough for a table of them.
pub(super) const fn col(
    name: [&'static str; 2],
    field: &'static str,
    shape: Shape,
    means: [&'static str; 2],
    example: &'static str,
) -> Column {
    Column { name: name[0], fa: name[1], field, shape, en: means[0], means: means[1], example }
}

/// About the row itself.
pub const ROW: &[Column] = &[
    col(
        ["key", "کلید ردیف"],
        "",
        Shape::Key,
        [
            "Your own word for the row; it stays over all imports and is never published. Without it and without id a changed row becomes a second record",
            "نام یا شمارهٔ خودتان برای این ردیف؛ در همهٔ واردکردن‌ها همان می‌ماند و هرگز منتشر نمی‌شود. بی آن و بی شناسه، ردیف تغییریافته پروندهٔ دومی می‌شود",
        ],
        "row-001",
    ),
    col(
        ["id", "شناسه"],
        "id",
        Shape::Id,
        [
            "Id of the record that this row changes; leave it empty for a new person",
            "شناسهٔ پرونده‌ای که این ردیف تغییرش می‌دهد؛ برای فرد تازه خالی بگذارید",
        ],
        "2f4ja5iockvhwmeqgaaylwdxry",
    ),
    col(
        ["distinct_from", "متفاوت با"],
        "",
        Shape::Keys,
        [
            "Keys or ids of similar rows that are other people: they are no longer reported as duplicates; never published",
            "کلید یا شناسهٔ ردیف‌های همانندی که شخص دیگری‌اند: دیگر تکراری شمرده نمی‌شوند؛ هرگز منتشر نمی‌شود",
        ],
        "row-002",
    ),
    col(
        ["fictional", "ساختگی"],
        "fictional",
        Shape::Word(lists::FLAG),
        ["yes when the person is made up", "بله، اگر این فرد ساختگی است"],
        "yes",
    ),
    col(
        ["status", "وضعیت"],
        "status",
        Shape::Word(lists::STATUS),
        [
            "Empty means active; disputed when the record as a whole is contested",
            "خالی یعنی فعال؛ مورد اختلاف یعنی اصل پرونده محل اختلاف است",
        ],
        "active",
    ),
];

/// Who it was.
pub const PERSON: &[Column] = &[
    col(
        ["name_fa", "نام"],
        "names[].text",
        Shape::Name,
        ["Full name in Persian, as it is shown", "نام کامل به فارسی، آن‌گونه که نشان داده می‌شود"],
        "روژان گندم‌خورشید",
    ),
    col(
        ["name_en", "نام انگلیسی"],
        "names[].text",
        Shape::Name,
        [
            "Full name in Latin letters, as it is shown",
            "نام کامل به خط لاتین، آن‌گونه که نشان داده می‌شود",
        ],
        "Rozhan Gandomkhorshid",
    ),
    col(
        ["name_fa_src", "منبع نام"],
        "names[].src",
        Shape::Sources,
        ["Sources that spell the Persian name so", "منبع‌هایی که نام را این‌گونه نوشته‌اند"],
        "s1;s2",
    ),
    col(
        ["name_en_src", "منبع نام انگلیسی"],
        "names[].src",
        Shape::Sources,
        ["Sources that spell the Latin name so", "منبع‌هایی که نام انگلیسی را این‌گونه نوشته‌اند"],
        "s1",
    ),
    col(
        ["name_en_translit", "نویسه‌گردانی نام انگلیسی"],
        "names[].translit",
        Shape::Word(lists::TRANSLIT),
        [
            "How the name came into Latin letters; empty means ad_hoc",
            "نام چگونه به لاتین برگشته؛ خالی یعنی بی قاعدهٔ ثابت",
        ],
        "ad_hoc",
    ),
    col(
        ["name_fa_#", "نام دیگر #"],
        "names[].text",
        Shape::Name,
        [
            "Another Persian spelling or name, as found",
            "نگارش یا نام دیگر به فارسی، همان‌گونه که یافته شده",
        ],
        "روژان گندم خورشید",
    ),
    col(
        ["name_fa_#_kind", "نوع نام دیگر #"],
        "names[].kind",
        Shape::Word(lists::NAME_KIND),
        [
            "What kind of name; empty means alias. A nickname is class P1",
            "نوع آن نام؛ خالی یعنی نام دیگر. نام خودمانی از ردهٔ P1 است",
        ],
        "alias",
    ),
    col(
        ["name_en_#", "نام انگلیسی دیگر #"],
        "names[].text",
        Shape::Name,
        ["Another Latin spelling, as found", "نگارش دیگر به لاتین، همان‌گونه که یافته شده"],
        "Rojan Gandom-Khorshid",
    ),
    col(
        ["name_en_#_kind", "نوع نام انگلیسی دیگر #"],
        "names[].kind",
        Shape::Word(lists::NAME_KIND),
        ["What kind of name; empty means alias", "نوع آن نام؛ خالی یعنی نام دیگر"],
        "alias",
    ),
    col(
        ["name#_text", "نام به زبان دیگر #"],
        "names[].text",
        Shape::Name,
        ["A name in any other language or script", "نام به هر زبان یا خط دیگر"],
        "Rojan Genimroj",
    ),
    col(
        ["name#_lang", "زبان نام #"],
        "names[].lang",
        Shape::Lang,
        ["Its language (BCP 47)", "زبان آن (BCP 47)"],
        "ku",
    ),
    col(
        ["name#_script", "خط نام #"],
        "names[].script",
        Shape::Script,
        ["Its script (ISO 15924)", "خط آن (ISO 15924)"],
        "Latn",
    ),
    col(
        ["name#_kind", "نوع نام #"],
        "names[].kind",
        Shape::Word(lists::NAME_KIND),
        ["What kind of name; empty means alias", "نوع آن نام؛ خالی یعنی نام دیگر"],
        "alias",
    ),
    col(
        ["name#_translit", "نویسه‌گردانی نام #"],
        "names[].translit",
        Shape::Word(lists::TRANSLIT),
        [
            "How it came into its script; empty means none",
            "چگونه به این خط برگشته؛ خالی یعنی به خط خودش",
        ],
        "none",
    ),
    col(
        ["name#_src", "منبع نام #"],
        "names[].src",
        Shape::Sources,
        ["Sources that spell it so", "منبع‌هایی که آن را این‌گونه نوشته‌اند"],
        "s1",
    ),
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
        "age.min",
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

/// What happened.
pub const WHAT: &[Column] = &[
    col(
        ["role", "نقش"],
        "role",
        Shape::Word(lists::ROLE),
        [
            "Role at the incident, by the sources; needed",
            "نقش در آن رویداد، بنا بر منبع‌ها؛ لازم است",
        ],
        "protester",
    ),
    col(
        ["manner", "چگونگی مرگ"],
        "manner",
        Shape::Words(lists::MANNER),
        ["Type of death; needed", "چگونگی مرگ؛ لازم است"],
        "live_fire;beating",
    ),
    col(
        ["injury_site", "جای زخم"],
        "injury_site",
        Shape::Words(lists::INJURY),
        ["Where the body was hurt", "کجای بدن آسیب دید"],
        "head",
    ),
    col(
        ["custody", "مرگ در بازداشت"],
        "custody",
        Shape::Word(lists::CUSTODY),
        ["Died in custody", "در بازداشت جان باخت"],
        "no",
    ),
    col(
        ["forces", "نیروها"],
        "forces",
        Shape::Words(lists::FORCE),
        ["Institutions by the sources, never people", "نهادها بنا بر منبع‌ها، هرگز اشخاص"],
        "police;basij",
    ),
    col(
        ["official_cause_fa", "علت رسمی"],
        "official_cause.text.fa",
        Shape::Text,
        [
            "What an authority claims; it is shown as a claim",
            "آنچه مقام‌ها ادعا کرده‌اند؛ به‌عنوان ادعا نشان داده می‌شود",
        ],
        "تصادف",
    ),
    col(
        ["official_cause_en", "علت رسمی انگلیسی"],
        "official_cause.text.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "car accident",
    ),
    col(
        ["official_cause_src", "منبع علت رسمی"],
        "official_cause.src",
        Shape::Sources,
        ["Sources of that claim; needed with it", "منبع آن ادعا؛ با آن لازم است"],
        "s2",
    ),
    col(
        ["story_fa", "روایت"],
        "story.fa",
        Shape::Long,
        [
            "Life and circumstances: plain text, an empty line between paragraphs",
            "زندگی و چگونگی رویداد: متن ساده، میان بندها یک سطر خالی",
        ],
        "آموزگار بود. این روایت ساختگی است.",
    ),
    col(
        ["story_en", "روایت انگلیسی"],
        "story.en",
        Shape::Long,
        ["The same in English", "همان به انگلیسی"],
        "She was a teacher. This account is fictional.",
    ),
    col(
        ["incident", "رویداد"],
        "incident",
        Shape::Id,
        ["Id of the incident's record", "شناسهٔ پروندهٔ رویداد"],
        "",
    ),
];
