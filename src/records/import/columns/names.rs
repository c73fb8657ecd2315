//! Columns of the row and of names.

use super::super::lists;
use super::{Column, Shape, col};

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

/// Every spelling of the name.
pub const NAMES: &[Column] = &[
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
];
