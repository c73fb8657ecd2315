//! Columns of what is published, and why it may be.

use super::super::lists;
use super::{Column, Shape, col};

/// The same person elsewhere.
pub const ELSEWHERE: &[Column] = &[
    col(
        ["external#_org", "نهاد بیرونی #"],
        "external_ids[].org",
        Shape::Text,
        ["Another collection that has the person", "مجموعهٔ دیگری که این فرد را دارد"],
        "Sample List (fictional)",
    ),
    col(
        ["external#_id", "شناسهٔ بیرونی #"],
        "external_ids[].id",
        Shape::Text,
        ["Its id there", "شناسهٔ او در آنجا"],
        "A-17",
    ),
    col(
        ["external#_url", "نشانی بیرونی #"],
        "external_ids[].url",
        Shape::Url,
        ["Its public address there", "نشانی عمومی او در آنجا"],
        "https://example.org/a-17",
    ),
];

/// What is published, and why it may be.
pub const PUBLISHED: &[Column] = &[
    col(
        ["media#_path", "مسیر فایل #"],
        "media[].path",
        Shape::File,
        [
            "A picture or document in the folder; hash, size and type are filled in",
            "تصویر یا سندی در پوشه؛ درهم‌ساز، اندازه و نوعش خودکار پر می‌شود",
        ],
        "portraits/p01.jpg",
    ),
    col(
        ["media#_role", "نقش فایل #"],
        "media[].role",
        Shape::Word(lists::MEDIA_ROLE),
        ["What it shows; needed", "چه را نشان می‌دهد؛ لازم است"],
        "portrait",
    ),
    col(
        ["media#_alt_fa", "شرح نابینایان فایل #"],
        "media[].alt.fa",
        Shape::Text,
        [
            "What is seen, for those who do not see it; needed in one language",
            "آنچه دیده می‌شود، برای کسی که نمی‌بیند؛ به یکی از دو زبان لازم است",
        ],
        "چهرهٔ زنی، نگارهٔ ساختگی",
    ),
    col(
        ["media#_alt_en", "شرح نابینایان انگلیسی فایل #"],
        "media[].alt.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "A woman's face, an invented drawing",
    ),
    col(
        ["media#_caption_fa", "زیرنویس فایل #"],
        "media[].caption.fa",
        Shape::Text,
        ["Words below it", "نوشتهٔ زیر آن"],
        "",
    ),
    col(
        ["media#_caption_en", "زیرنویس انگلیسی فایل #"],
        "media[].caption.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "",
    ),
    col(
        ["media#_graphic", "دلخراشی فایل #"],
        "media[].graphic",
        Shape::Word(lists::GRAPHIC),
        [
            "How hard it is to bear; needed. Anything but none stays behind a step",
            "چقدر دلخراش است؛ لازم است. جز نیست، پشت یک گام می‌ماند",
        ],
        "none",
    ),
    col(
        ["media#_licence", "پروانهٔ فایل #"],
        "media[].licence",
        Shape::Text,
        ["Its licence", "پروانهٔ آن"],
        "CC0-1.0",
    ),
    col(
        ["media#_edits", "ویرایش فایل #"],
        "media[].edits",
        Shape::Words(lists::EDIT),
        ["What was done to it", "با آن چه کرده‌اند"],
        "cropped;reencoded",
    ),
    col(
        ["media#_commit", "تعهد فایل #"],
        "media[].commit",
        Shape::Hash,
        [
            "Salted commitment to the original, 64 hex digits; never its plain hash",
            "تعهد نمک‌دار به اصل، ۶۴ رقم شانزده‌شانزدهی؛ هرگز درهم‌ساز سادهٔ آن",
        ],
        "",
    ),
    col(
        ["consent_basis", "مبنای رضایت"],
        "consent.basis",
        Shape::Word(lists::CONSENT_BASIS),
        [
            "Why it may be published; needed. Never who consented",
            "چرا می‌توان منتشر کرد؛ لازم است. هرگز نه اینکه چه کسی رضایت داد",
        ],
        "ngo_published",
    ),
    col(
        ["consent_scope", "دامنهٔ رضایت"],
        "consent.scope",
        Shape::Words(lists::SCOPE),
        ["What that covers", "آن رضایت چه را می‌پوشاند"],
        "name;story",
    ),
    col(
        ["consent_review_by", "سال بازپرسی رضایت"],
        "consent.review_by",
        Shape::Number,
        ["Year in which to ask again", "سالی که باید دوباره پرسید"],
        "2029",
    ),
    col(
        ["withheld", "نگفته‌ها"],
        "withheld",
        Shape::Fields,
        [
            "Names of fields that are known and not published",
            "نام فیلدهایی که دانسته‌اند و منتشر نمی‌شوند",
        ],
        "media",
    ),
];
