//! The closed lists of words as a table may write them: the words of the spec, English with spaces, or Persian.

use yadgar_protocol::persian::{fold, nospace};
use yadgar_protocol::record::{
    AgeBasis, Calendar, Confidence, ConsentBasis, Custody, Edit, Force, Gender, Graphic,
    InjurySite, Level, Manner, MediaRole, Method, Minor, NameKind, PlaceKind, Precision,
    PrivateSources, Role, Scope, SourceKind, Status, Translit, Yes,
};

/// A word of the spec, and the Persian words that mean it; the first is the one that templates show.
pub type Word = (&'static str, &'static [&'static str]);

/// The words of one closed list (record.md, "Words") with their Persian ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List(pub &'static [Word]);

impl List {
    /// The spec's word for what a cell says: by the word itself, or a Persian one in any spelling.
    pub fn word(self, cell: &str) -> Option<&'static str> {
        let key = nospace(cell);
        let same = |text: &str| nospace(text) == key;
        let found = |(word, fa): &&Word| same(word) || fa.iter().any(|text| same(text));
        self.0.iter().find(found).map(|(word, _)| *word)
    }

    /// The word that is nearest to a cell, where one is near.
    pub fn nearest(self, cell: &str) -> Option<&'static str> {
        let key = fold(cell);
        let all = self.0.iter().flat_map(|(word, fa)| std::iter::once(word).chain(*fa));
        super::near::nearest(&key, all.copied())
    }

    /// The words that a template shows in one language.
    pub fn shown(self, persian: bool) -> Vec<&'static str> {
        self.0.iter().map(|(word, fa)| if persian { fa[0] } else { word }).collect()
    }
}

const UNKNOWN: &[&str] = &["نامعلوم", "نامشخص", "دانسته نیست"];
const OTHER: &[&str] = &["دیگر", "جز این‌ها", "سایر"];
const YES: &[&str] = &["بله", "آری"];
const NO: &[&str] = &["نه", "خیر"];

/// A flag.
pub const FLAG: List = List(&[("yes", YES)]);
/// Where a record stands, as far as a table may say it: what is gone has commands of its own.
pub const STATUS: List = List(&[("active", &["فعال"]), ("disputed", &["مورد اختلاف"])]);
/// As identified in the sources.
pub const GENDER: List = List(&[
    ("female", &["زن", "مؤنث", "دختر"]),
    ("male", &["مرد", "مذکر", "پسر"]),
    ("other", &["جز این دو", "دیگر"]),
    ("unknown", UNKNOWN),
    ("withheld", &["منتشر نمی‌شود"]),
]);
/// How an age is known.
pub const AGE_BASIS: List = List(&[
    ("stated", &["به گفتهٔ منبع", "گفته‌شده"]),
    ("computed", &["محاسبه‌شده"]),
    ("estimated", &["تخمینی", "تقریبی"]),
]);
/// Under 18.
pub const MINOR: List =
    List(&[("yes", YES), ("no", NO), ("likely", &["احتمالاً"]), ("unknown", UNKNOWN)]);
/// Role at the incident.
pub const ROLE: List = List(&[
    ("protester", &["معترض", "تظاهرکننده"]),
    ("bystander", &["رهگذر", "عابر"]),
    ("at_home", &["در خانه"]),
    ("detainee", &["بازداشتی", "زندانی"]),
    ("security_force", &["از نیروهای امنیتی", "نیروی امنیتی"]),
    ("other", OTHER),
    ("unknown", UNKNOWN),
]);
/// Died in custody.
pub const CUSTODY: List = List(&[("yes", YES), ("no", NO), ("unknown", UNKNOWN)]);
/// Type of death.
pub const MANNER: List = List(&[
    ("live_fire", &["تیر جنگی", "گلولهٔ جنگی", "گلوله"]),
    ("pellets", &["ساچمه", "تیر ساچمه‌ای"]),
    ("beating", &["ضرب‌وشتم"]),
    ("vehicle", &["خودرو", "زیر گرفتن با خودرو"]),
    ("tear_gas", &["گاز اشک‌آور"]),
    ("stabbing", &["سلاح سرد", "چاقو"]),
    ("fall", &["سقوط"]),
    ("fire", &["آتش", "سوختگی"]),
    ("drowning", &["غرق‌شدگی"]),
    ("in_custody", &["در بازداشت", "در زندان"]),
    ("other", OTHER),
    ("unknown", UNKNOWN),
]);
/// Where the body was hurt.
pub const INJURY: List = List(&[
    ("head", &["سر"]),
    ("neck", &["گردن"]),
    ("torso", &["تنه", "سینه", "شکم", "کمر"]),
    ("limb", &["دست یا پا", "دست", "پا"]),
    ("unknown", UNKNOWN),
]);
/// Institutions.
pub const FORCE: List = List(&[
    ("police", &["نیروی انتظامی", "پلیس"]),
    ("irgc", &["سپاه پاسداران", "سپاه"]),
    ("basij", &["بسیج"]),
    ("plain_clothes", &["لباس‌شخصی"]),
    ("prison", &["سازمان زندان‌ها", "زندان"]),
    ("unknown", UNKNOWN),
]);
/// The calendar of the source.
pub const CALENDAR: List = List(&[
    ("persian", &["هجری خورشیدی", "خورشیدی", "شمسی"]),
    ("gregorian", &["میلادی"]),
    ("islamic", &["هجری قمری", "قمری"]),
]);
/// Kind of place.
pub const PLACE_KIND: List = List(&[
    ("street", &["خیابان", "میدان"]),
    ("home", &["خانه"]),
    ("hospital", &["بیمارستان"]),
    ("prison", &["زندان", "بازداشتگاه"]),
    ("unknown", UNKNOWN),
]);
/// How exactly a place is known.
pub const PRECISION: List = List(&[
    ("country", &["کشور"]),
    ("province", &["استان"]),
    ("city", &["شهر"]),
    ("locality", &["محله"]),
]);
/// Kind of name.
pub const NAME_KIND: List = List(&[
    ("primary", &["اصلی"]),
    ("full", &["کامل"]),
    ("alias", &["نام دیگر", "مستعار"]),
    ("nickname", &["خودمانی", "لقب"]),
    ("former", &["پیشین"]),
]);
/// How a name came into its script.
pub const TRANSLIT: List = List(&[
    ("none", &["به خط خودش"]),
    ("source_spelling", &["نگارش منبع"]),
    ("ad_hoc", &["بی قاعدهٔ ثابت"]),
    ("ala_lc", &["ALA-LC"]),
    ("din_31635", &["DIN 31635"]),
    ("ijmes", &["IJMES"]),
    ("un_2012", &["سازمان ملل ۲۰۱۲"]),
]);
/// Kind of source.
pub const SOURCE_KIND: List = List(&[
    ("ngo_report", &["گزارش نهاد مستقل", "گزارش یک نهاد مستقل"]),
    ("official_document", &["سند رسمی"]),
    ("official_statement", &["گفتهٔ مقام رسمی"]),
    ("media", &["رسانه"]),
    ("social_media", &["شبکهٔ اجتماعی"]),
    ("testimony_public", &["شهادت علنی"]),
]);
/// Whether testimony exists that is not public.
pub const PRIVATE_SOURCES: List = List(&[("none", &["هیچ", "ندارد"]), ("some", &["دارد"])]);
/// How sure a claim is.
pub const CONFIDENCE: List = List(&[
    ("confirmed", &["تأییدشده"]),
    ("probable", &["محتمل"]),
    ("reported", &["گزارش‌شده"]),
    ("disputed", &["مورد اختلاف"]),
]);
/// How a record was verified.
pub const METHOD: List = List(&[
    ("document", &["سند"]),
    ("testimony", &["شهادت"]),
    ("cross_check", &["مقایسهٔ منبع‌ها"]),
    ("image_analysis", &["بررسی تصویر"]),
    ("geolocation", &["مکان‌یابی"]),
    ("medical", &["نظر پزشکی"]),
    ("other", OTHER),
]);
/// The level that may be stated instead of the computed one.
pub const LEVEL: List = List(&[
    ("verified", &["راستی‌آزمایی‌شده"]),
    ("corroborated", &["تأیید چند منبع"]),
    ("single_source", &["تک‌منبع"]),
    ("under_review", &["در دست بررسی"]),
    ("disputed", &["مورد اختلاف"]),
]);
/// What a file shows.
pub const MEDIA_ROLE: List = List(&[
    ("portrait", &["چهره"]),
    ("document", &["سند"]),
    ("place", &["مکان"]),
    ("video", &["ویدئو", "فیلم"]),
]);
/// How hard a picture is to bear.
pub const GRAPHIC: List =
    List(&[("none", &["نیست"]), ("mild", &["اندکی"]), ("strong", &["بسیار"])]);
/// What was done to a picture.
pub const EDIT: List = List(&[
    ("cropped", &["بریده"]),
    ("blurred", &["مات‌شده"]),
    ("resized", &["کوچک‌شده"]),
    ("reencoded", &["بازکدگذاری‌شده"]),
    ("redacted", &["پوشانده‌شده"]),
]);
/// Why it may be published.
pub const CONSENT_BASIS: List = List(&[
    ("family", &["رضایت خانواده", "خانواده"]),
    ("published_by_family", &["انتشار توسط خانواده"]),
    ("public_record", &["سند عمومی"]),
    ("ngo_published", &["انتشار توسط نهاد مستقل"]),
]);
/// What the consent covers.
pub const SCOPE: List = List(&[("name", &["نام"]), ("photo", &["عکس"]), ("story", &["روایت"])]);

/// Every list with the words that the protocol has for it; a test compares them.
pub fn all() -> Vec<(List, Vec<&'static str>)> {
    macro_rules! list {
        ($($list:ident $words:ident),+) => {
            vec![$(($list, $words::ALL.iter().map(|w| w.word()).collect()),)+]
        };
    }
    let mut lists = list!(
        FLAG Yes, GENDER Gender, AGE_BASIS AgeBasis, MINOR Minor, ROLE Role, CUSTODY Custody,
        MANNER Manner, INJURY InjurySite, FORCE Force, CALENDAR Calendar, PLACE_KIND PlaceKind,
        PRECISION Precision, NAME_KIND NameKind, TRANSLIT Translit, SOURCE_KIND SourceKind,
        PRIVATE_SOURCES PrivateSources, CONFIDENCE Confidence, METHOD Method, LEVEL Level,
        MEDIA_ROLE MediaRole, GRAPHIC Graphic, EDIT Edit, CONSENT_BASIS ConsentBasis, SCOPE Scope
    );
    let gone = |status: &&Status| !matches!(status, Status::Active | Status::Disputed);
    let here = Status::ALL.iter().filter(|status| !gone(status));
    lists.push((STATUS, here.map(|status| status.word()).collect()));
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_those_of_the_protocol_and_have_no_word_twice() {
        for (list, words) in all() {
            assert_eq!(list.0.iter().map(|(word, _)| *word).collect::<Vec<_>>(), words);
            for (word, fa) in list.0 {
                for text in std::iter::once(word).chain(*fa) {
                    assert_eq!(list.word(text), Some(*word), "{text}");
                }
            }
        }
    }

    #[test]
    fn spellings_and_near_misses() {
        assert_eq!(GENDER.word(" Female"), Some("female"));
        assert_eq!(MANNER.word("تير جنگي"), Some("live_fire"));
        assert_eq!(MANNER.word("live fire"), Some("live_fire"));
        assert_eq!(GENDER.word("femal"), None);
        assert_eq!(GENDER.nearest("femal"), Some("female"));
        assert_eq!(GENDER.nearest("xyzxyz"), None);
    }
}
