//! The closed lists of records in words, for the parts that only pages of one record show.

use super::record_words::*;
use super::text::Text;
use yadgar_protocol::record::*;

/// What is left of a record, by its status.
pub const fn gone(status: Status) -> Text {
    match status {
        Status::Withdrawn => Text("این پرونده پس گرفته شده است", "This record was withdrawn"),
        Status::Retracted => Text(
            "این پرونده نادرست بود و پس گرفته شده است",
            "This record was wrong and was retracted",
        ),
        Status::Merged => {
            Text("این پرونده با دیگری یکی شده است", "This record was merged into another")
        }
        Status::Active | Status::Disputed => GONE,
    }
}

/// A level, and what it means.
pub const fn level_words(level: Level) -> (Text, Text) {
    match level {
        Level::Verified => (
            Text("تأییدشده", "Verified"),
            Text(
                "دست‌کم دو منبع مستقل، با سند یا شهادت مستقیم، این را می‌گویند و دست‌کم دو نفر آن را بازبینی کرده‌اند.",
                "At least two independent sources say so, with a document or direct testimony, and at least two people reviewed it.",
            ),
        ),
        Level::Corroborated => (
            Text("همسو", "Corroborated"),
            Text(
                "دست‌کم دو منبع مستقل، که از هم نقل نکرده‌اند، یک چیز می‌گویند؛ سند یا شهادت مستقیم هنوز نیست.",
                "At least two independent sources, neither quoting the other, say the same; there is no document or direct testimony yet.",
            ),
        ),
        Level::SingleSource => (
            Text("تک‌منبع", "Single source"),
            Text(
                "تنها یک منبع این را می‌گوید، هرچند دیگران از آن نقل کرده باشند.",
                "Only one source says so, however many quoted it.",
            ),
        ),
        Level::UnderReview => (
            Text("در دست بررسی", "Under review"),
            Text("بررسی هنوز تمام نشده است.", "The review is not finished."),
        ),
        Level::Disputed => (
            Text("مورد اختلاف", "Disputed"),
            Text("منبع‌ها با هم نمی‌خوانند.", "Sources contradict each other."),
        ),
    }
}

/// How an age is known.
pub const fn age_basis(basis: AgeBasis) -> Text {
    match basis {
        AgeBasis::Stated => Text("به گفتهٔ منبع", "as a source states"),
        AgeBasis::Computed => Text("از روی تاریخ‌ها", "from the dates"),
        AgeBasis::Estimated => Text("تخمینی", "estimated"),
    }
}

/// Under 18; nothing where the age says it already.
pub const fn minor(minor: Minor) -> Option<Text> {
    match minor {
        Minor::Yes => Some(Text("آری", "yes")),
        Minor::Likely => Some(Text("احتمالاً", "likely")),
        Minor::No | Minor::Unknown => None,
    }
}

/// What kind of name, where it is not just another spelling.
pub const fn name_kind(kind: NameKind) -> Option<Text> {
    match kind {
        NameKind::Primary => None,
        NameKind::Full => Some(Text("نام کامل", "full name")),
        NameKind::Alias => Some(Text("نام دیگر", "also known as")),
        NameKind::Nickname => Some(Text("نام خودمانی", "nickname")),
        NameKind::Former => Some(Text("نام پیشین", "former name")),
    }
}

/// What kind of place, where that is known.
pub const fn place_kind(kind: PlaceKind) -> Option<Text> {
    match kind {
        PlaceKind::Street => Some(Text("خیابان", "street")),
        PlaceKind::Home => Some(Text("خانه", "home")),
        PlaceKind::Hospital => Some(Text("بیمارستان", "hospital")),
        PlaceKind::Prison => Some(Text("زندان یا بازداشتگاه", "prison or place of custody")),
        PlaceKind::Unknown => None,
    }
}

/// How a record was verified.
pub const fn method(method: Method) -> Text {
    match method {
        Method::Document => Text("دیدن سند", "a document was seen"),
        Method::Testimony => Text("شنیدن شهادت", "a witness was heard"),
        Method::CrossCheck => Text("سنجیدن منبع‌ها با هم", "sources were compared"),
        Method::ImageAnalysis => Text("بررسی تصویر", "pictures were examined"),
        Method::Geolocation => Text("مکان‌یابی تصویر", "the place of a picture was found"),
        Method::Medical => Text("نظر پزشک", "a physician's opinion"),
        Method::Other => Text("روشی دیگر", "another way"),
    }
}

/// What a file is.
pub const fn media_role(role: MediaRole) -> Text {
    match role {
        MediaRole::Portrait => Text("چهره", "Portrait"),
        MediaRole::Document => Text("سند", "Document"),
        MediaRole::Place => Text("جا", "Place"),
        MediaRole::Video => Text("فیلم", "Film"),
    }
}

/// How hard a picture is to bear.
pub const fn graphic(graphic: Graphic) -> Text {
    match graphic {
        Graphic::None => Text("", ""),
        Graphic::Mild => {
            Text("این تصویر می‌تواند ناراحت‌کننده باشد.", "This picture can be upsetting.")
        }
        Graphic::Strong => Text("این تصویر بسیار دلخراش است.", "This picture is very distressing."),
    }
}

/// What was done to a picture.
pub const fn edit(edit: Edit) -> Text {
    match edit {
        Edit::Cropped => Text("بریده شده", "cropped"),
        Edit::Blurred => Text("چهره یا صدای دیگران پوشانده شده", "others made unrecognisable"),
        Edit::Resized => Text("کوچک شده", "made smaller"),
        Edit::Reencoded => Text("بی‌داده‌های پنهان بازنوشته شده", "written anew without hidden data"),
        Edit::Redacted => Text("بخشی پوشانده شده", "parts painted over"),
    }
}

/// On what ground a record is published.
pub const fn basis(basis: ConsentBasis) -> Text {
    match basis {
        ConsentBasis::Family => Text("با موافقت خانواده", "the family agreed"),
        ConsentBasis::PublishedByFamily => {
            Text("خانواده خود آن را منتشر کرده است", "the family itself published it")
        }
        ConsentBasis::PublicRecord => Text("در سندی عمومی آمده است", "it is in a public record"),
        ConsentBasis::NgoPublished => {
            Text("نهادی مستقل آن را منتشر کرده است", "an organisation has published it")
        }
    }
}

/// For what.
pub const fn scope(scope: Scope) -> Text {
    match scope {
        Scope::Name => Text("نام", "name"),
        Scope::Photo => Text("تصویر", "pictures"),
        Scope::Story => Text("روایت", "account"),
    }
}

/// Languages that sources are often in; others are not named.
pub fn language(code: &str) -> Option<Text> {
    Some(match code.split('-').next().unwrap_or_default() {
        "fa" => Text("به فارسی", "in Persian"),
        "en" => Text("به انگلیسی", "in English"),
        "ku" | "ckb" | "kmr" => Text("به کردی", "in Kurdish"),
        "az" | "azb" => Text("به ترکی آذربایجانی", "in Azerbaijani"),
        "ar" => Text("به عربی", "in Arabic"),
        "bal" => Text("به بلوچی", "in Balochi"),
        "fr" => Text("به فرانسوی", "in French"),
        "de" => Text("به آلمانی", "in German"),
        _ => return None,
    })
}

/// Countries that come up often; others are shown by their code.
pub fn country(code: &str) -> Option<Text> {
    Some(match code {
        "IR" => Text("ایران", "Iran"),
        "AF" => Text("افغانستان", "Afghanistan"),
        "IQ" => Text("عراق", "Iraq"),
        "PK" => Text("پاکستان", "Pakistan"),
        "TR" => Text("ترکیه", "Türkiye"),
        "AZ" => Text("آذربایجان", "Azerbaijan"),
        "ZZ" => Text("ساختگی", "made up"),
        _ => return None,
    })
}

/// Names of fields as claims and corrections use them; a field within one goes by its name, and one that has
/// none here is shown as it stands.
pub fn field(path: &str) -> Option<Text> {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    Some(match name {
        "names" | "name_label" => Text("نام", "name"),
        "age" => Text("سن", "age"),
        "minor" => Text("زیر ۱۸ سال", "under 18"),
        "gender" => Text("جنسیت", "gender"),
        "birth" => Text("تولد", "birth"),
        "died_at" => Text("روز درگذشت", "day of death"),
        "injured_at" => Text("روز آسیب", "day of injury"),
        "place" => Text("جا", "place"),
        "place_of_death" => Text("محل درگذشت", "place of death"),
        "origin_city" => Text("زادگاه یا شهر خانه", "home town"),
        "burial_city" => Text("شهر خاک‌سپاری", "city of burial"),
        "manner" => Text("چگونگی مرگ", "manner of death"),
        "injury_site" => Text("جای زخم", "injury"),
        "role" => Text("نقش در رویداد", "role at the incident"),
        "custody" => Text("بازداشت", "custody"),
        "forces" => Text("نیروها", "forces"),
        "official_cause" => Text("ادعای رسمی", "official claim"),
        "story" | "summary" => Text("روایت", "account"),
        "sources" => Text("منبع‌ها", "sources"),
        "media" => Text("تصویر", "pictures"),
        "claims" => Text("گفتهٔ منبع‌ها", "what sources say"),
        "verification" => Text("راستی‌آزمایی", "verification"),
        "occupation" => Text("پیشه", "occupation"),
        "education" => Text("تحصیل", "education"),
        "father_name" => Text("نام پدر", "father's name"),
        "nationality" => Text("تابعیت", "nationality"),
        "ethnicity_religion" => Text("قومیت یا دین", "ethnicity or religion"),
        "incident" => Text("رویداد", "incident"),
        "external_ids" => Text("شناسه‌های دیگر", "ids elsewhere"),
        "consent" => Text("پایهٔ انتشار", "ground of publication"),
        "withheld" => Text("آنچه منتشر نمی‌شود", "what is not published"),
        "status" => Text("وضعیت", "status"),
        "dates" => Text("زمان", "dates"),
        "tolls" => Text("شمار کشته‌شدگان", "numbers killed"),
        "title" => Text("عنوان", "title"),
        _ => return None,
    })
}
