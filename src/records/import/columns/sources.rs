//! Columns of sources, claims and verification.

use super::super::lists;
use super::{Column, Shape, col};

/// Where it comes from.
pub const SOURCES: &[Column] = &[
    col(
        ["source#_kind", "نوع منبع #"],
        "sources[].kind",
        Shape::Word(lists::SOURCE_KIND),
        [
            "What the source is; at least one source is needed. Other columns name it s1, s2 and so on",
            "نوع منبع؛ دست‌کم یک منبع لازم است. ستون‌های دیگر آن را s1، s2 و مانند آن می‌نامند",
        ],
        "ngo_report",
    ),
    col(
        ["source#_publisher_fa", "ناشر منبع #"],
        "sources[].publisher.fa",
        Shape::Text,
        ["Who published it; needed in one language", "ناشر؛ به یکی از دو زبان لازم است"],
        "دیده‌بان نمونه (ساختگی)",
    ),
    col(
        ["source#_publisher_en", "ناشر انگلیسی منبع #"],
        "sources[].publisher.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "Sample Observatory (fictional)",
    ),
    col(
        ["source#_title_fa", "عنوان منبع #"],
        "sources[].title.fa",
        Shape::Text,
        ["Its title", "عنوان آن"],
        "فهرست نام‌ها",
    ),
    col(
        ["source#_title_en", "عنوان انگلیسی منبع #"],
        "sources[].title.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "List of names",
    ),
    col(
        ["source#_url", "نشانی منبع #"],
        "sources[].url",
        Shape::Url,
        ["Its public address", "نشانی عمومی آن در وب"],
        "https://example.org/list",
    ),
    col(
        ["source#_published", "تاریخ انتشار منبع #"],
        "sources[].published",
        Shape::Day,
        ["Day of publication, in either calendar", "روز انتشار، به هر یک از دو تقویم"],
        "2020-01-28",
    ),
    col(
        ["source#_accessed", "تاریخ بازدید منبع #"],
        "sources[].accessed",
        Shape::Day,
        ["Day on which it was read", "روزی که دیده شد"],
        "2026-05-01",
    ),
    col(
        ["source#_lang", "زبان منبع #"],
        "sources[].lang",
        Shape::Lang,
        ["Its language (BCP 47)", "زبان آن (BCP 47)"],
        "fa",
    ),
    col(
        ["source#_group", "خاستگاه منبع #"],
        "sources[].group",
        Shape::Number,
        [
            "A number for its origin: sources that repeat each other have the same; needed from the second source on",
            "شماره‌ای برای خاستگاه: منبع‌هایی که از هم نقل کرده‌اند یک شماره دارند؛ از منبع دوم به بعد لازم است",
        ],
        "1",
    ),
    col(
        ["source#_archived", "نسخهٔ بایگانی منبع #"],
        "sources[].archived_hash",
        Shape::File,
        [
            "Copy of the source in the folder; its hash is filled in",
            "رونوشت منبع در پوشه؛ درهم‌سازش خودکار پر می‌شود",
        ],
        "sources/list.pdf",
    ),
];

/// What sources say, and how it was verified.
pub const CLAIMS: &[Column] = &[
    col(
        ["private_sources", "منبع غیرعلنی"],
        "private_sources",
        Shape::Word(lists::PRIVATE_SOURCES),
        [
            "That testimony exists which is not public; never how much or of what kind",
            "شهادتی هست که علنی نیست؛ هرگز چند تا یا از چه نوع",
        ],
        "none",
    ),
    col(
        ["claim#_field", "فیلد ادعای #"],
        "claims[].path",
        Shape::Field,
        [
            "The field that sources contradict each other about",
            "فیلدی که منبع‌ها دربارهٔ آن با هم نمی‌خوانند",
        ],
        "died_at",
    ),
    col(
        ["claim#_value_fa", "گفتهٔ ادعای #"],
        "claims[].value.fa",
        Shape::Text,
        ["What they say", "آنچه می‌گویند"],
        "۲۶ آبان ۱۳۹۸",
    ),
    col(
        ["claim#_value_en", "گفتهٔ انگلیسی ادعای #"],
        "claims[].value.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "17 November 2019",
    ),
    col(
        ["claim#_src", "منبع ادعای #"],
        "claims[].src",
        Shape::Sources,
        ["Who says so; needed", "چه منبعی می‌گوید؛ لازم است"],
        "s2",
    ),
    col(
        ["claim#_confidence", "اطمینان ادعای #"],
        "claims[].confidence",
        Shape::Word(lists::CONFIDENCE),
        ["How sure it is; needed", "چقدر مطمئن است؛ لازم است"],
        "reported",
    ),
    col(
        ["reviewers", "شمار بازبینان"],
        "verification.reviewers",
        Shape::Number,
        [
            "How many people reviewed the record; with fewer than two it stays under review",
            "چند نفر پرونده را بازبینی کرده‌اند؛ با کمتر از دو نفر در دست بررسی می‌ماند",
        ],
        "2",
    ),
    col(
        ["reviewed_on", "تاریخ بازبینی"],
        "verification.reviewed_on",
        Shape::Day,
        ["Day of the last review", "روز آخرین بازبینی"],
        "2026-05-20",
    ),
    col(
        ["methods", "روش‌ها"],
        "verification.methods",
        Shape::Words(lists::METHOD),
        ["How it was verified", "چگونه راستی‌آزمایی شده"],
        "document;cross_check",
    ),
    col(
        ["methodology", "شرح روش"],
        "verification.methodology",
        Shape::File,
        [
            "The file in the folder that describes the method; its hash is filled in",
            "فایلی در پوشه که روش را شرح می‌دهد؛ درهم‌سازش خودکار پر می‌شود",
        ],
        "pages/method.html",
    ),
    col(
        ["level", "سطح راستی‌آزمایی"],
        "verification.level",
        Shape::Word(lists::LEVEL),
        [
            "Empty: it is computed. If given it must be what the rules give, or under_review",
            "خالی: محاسبه می‌شود. اگر بنویسید باید همان باشد که قاعده‌ها می‌دهند، یا در دست بررسی",
        ],
        "",
    ),
];
