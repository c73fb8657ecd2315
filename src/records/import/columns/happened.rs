//! Columns of what happened.

use super::super::lists;
use super::{Column, Shape, col};

/// When it happened.
pub const WHEN: &[Column] = &[
    col(
        ["died_at", "تاریخ درگذشت"],
        "died_at",
        Shape::Date,
        [
            "Day of death, as far as it is known; in either calendar",
            "روز درگذشت، تا آنجا که دانسته است؛ به هر یک از دو تقویم",
        ],
        "2019-11-16",
    ),
    col(
        ["died_at_jalali", "تاریخ درگذشت خورشیدی"],
        "died_at.jalali",
        Shape::Jalali,
        [
            "The same in the Persian calendar, as in the source; both must agree",
            "همان به تقویم خورشیدی، آن‌گونه که در منبع است؛ باید با هم بخوانند",
        ],
        "1398-08-25",
    ),
    col(
        ["died_at_cal", "تقویم تاریخ درگذشت"],
        "died_at.source_cal",
        Shape::Word(lists::CALENDAR),
        [
            "Calendar of the source; empty means the one that is given",
            "تقویم منبع؛ خالی یعنی همان که نوشته شده",
        ],
        "persian",
    ),
    col(
        ["died_at_time", "ساعت درگذشت"],
        "died_at.time_local",
        Shape::Time,
        ["Hour and minute there", "ساعت و دقیقه به وقت محل"],
        "21:30",
    ),
    col(
        ["died_at_tz", "منطقهٔ زمانی درگذشت"],
        "died_at.tz",
        Shape::Zone,
        [
            "Time zone; empty means Asia/Tehran when the hour is given and the country is Iran",
            "منطقهٔ زمانی؛ اگر ساعت نوشته شده و کشور ایران است، خالی یعنی Asia/Tehran",
        ],
        "Asia/Tehran",
    ),
    col(
        ["injured_at", "تاریخ آسیب"],
        "injured_at",
        Shape::Date,
        [
            "Day of the injury, where that is another day; in either calendar",
            "روز آسیب، اگر روز دیگری است؛ به هر یک از دو تقویم",
        ],
        "2019-11-15",
    ),
    col(
        ["injured_at_jalali", "تاریخ آسیب خورشیدی"],
        "injured_at.jalali",
        Shape::Jalali,
        [
            "The same in the Persian calendar, as in the source; both must agree",
            "همان به تقویم خورشیدی، آن‌گونه که در منبع است؛ باید با هم بخوانند",
        ],
        "1398-08-24",
    ),
    col(
        ["injured_at_cal", "تقویم تاریخ آسیب"],
        "injured_at.source_cal",
        Shape::Word(lists::CALENDAR),
        [
            "Calendar of the source; empty means the one that is given",
            "تقویم منبع؛ خالی یعنی همان که نوشته شده",
        ],
        "persian",
    ),
    col(
        ["injured_at_time", "ساعت آسیب"],
        "injured_at.time_local",
        Shape::Time,
        ["Hour and minute there", "ساعت و دقیقه به وقت محل"],
        "21:30",
    ),
    col(
        ["injured_at_tz", "منطقهٔ زمانی آسیب"],
        "injured_at.tz",
        Shape::Zone,
        [
            "Time zone; empty means Asia/Tehran when the hour is given and the country is Iran",
            "منطقهٔ زمانی؛ اگر ساعت نوشته شده و کشور ایران است، خالی یعنی Asia/Tehran",
        ],
        "Asia/Tehran",
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
