//! Columns of places: three places with the same columns.

use super::super::lists;
use super::{Column, Shape, col};

/// The columns of a place: beginning of the English names, end of the Persian ones, field, and which place it is.
macro_rules! place {
    ($before:literal, $after:literal, $field:literal, $en:literal, $means:literal) => {
        &[
            col(
                [concat!($before, "country"), concat!("کشور", $after)],
                concat!($field, ".country"),
                Shape::Country,
                [concat!("Country by two letters (ISO 3166-1), ZZ when made up; empty means IR", $en), concat!("کشور با دو حرف (ISO 3166-1)، ZZ اگر ساختگی است؛ خالی یعنی IR", $means)],
                "IR",
            ),
            col(
                [concat!($before, "province"), concat!("استان", $after)],
                concat!($field, ".province"),
                Shape::Province,
                [concat!("Province by name or code (IR-00 to IR-30)", $en), concat!("نام استان یا کد آن (IR-00 تا IR-30)", $means)],
                "IR-23",
            ),
            col(
                [concat!($before, "county_fa"), concat!("شهرستان", $after)],
                concat!($field, ".county.fa"),
                Shape::Text,
                [concat!("County", $en), concat!("شهرستان", $means)],
                "مهتاب‌کران",
            ),
            col(
                [concat!($before, "county_en"), concat!("شهرستان انگلیسی", $after)],
                concat!($field, ".county.en"),
                Shape::Text,
                [concat!("County in English", $en), concat!("شهرستان به انگلیسی", $means)],
                "Mahtabkaran",
            ),
            col(
                [concat!($before, "city_fa"), concat!("شهر", $after)],
                concat!($field, ".city.fa"),
                Shape::Text,
                [concat!("City, town or village", $en), concat!("شهر یا روستا", $means)],
                "مهتاب‌کران",
            ),
            col(
                [concat!($before, "city_en"), concat!("شهر انگلیسی", $after)],
                concat!($field, ".city.en"),
                Shape::Text,
                [concat!("City in English", $en), concat!("شهر به انگلیسی", $means)],
                "Mahtabkaran",
            ),
            col(
                [concat!($before, "locality_fa"), concat!("محله", $after)],
                concat!($field, ".locality.fa"),
                Shape::Text,
                [concat!("Quarter; never a minor's", $en), concat!("محله؛ هرگز برای زیر ۱۸ سال", $means)],
                "سروستان",
            ),
            col(
                [concat!($before, "locality_en"), concat!("محله انگلیسی", $after)],
                concat!($field, ".locality.en"),
                Shape::Text,
                [concat!("Quarter in English", $en), concat!("محله به انگلیسی", $means)],
                "Sarvestan",
            ),
            col(
                [concat!($before, "place_kind"), concat!("نوع جا", $after)],
                concat!($field, ".kind"),
                Shape::Word(lists::PLACE_KIND),
                [concat!("Kind of place; empty means unknown", $en), concat!("چه‌گونه جایی؛ خالی یعنی نامعلوم", $means)],
                "street",
            ),
            col(
                [concat!($before, "precision"), concat!("دقت جا", $after)],
                concat!($field, ".precision"),
                Shape::Word(lists::PRECISION),
                [concat!("How exactly it is known; empty means as exactly as it is written", $en), concat!("با چه دقتی دانسته است؛ خالی یعنی به همان دقت که نوشته شده", $means)],
                "city",
            ),
            col(
                [concat!($before, "lat"), concat!("عرض جغرافیایی", $after)],
                concat!($field, ".lat"),
                Shape::Degrees,
                [concat!("Latitude, at most two decimals (about 1 km)", $en), concat!("عرض جغرافیایی، حداکثر دو رقم اعشار (حدود یک کیلومتر)", $means)],
                "35.70",
            ),
            col(
                [concat!($before, "lon"), concat!("طول جغرافیایی", $after)],
                concat!($field, ".lon"),
                Shape::Degrees,
                [concat!("Longitude, at most two decimals", $en), concat!("طول جغرافیایی، حداکثر دو رقم اعشار", $means)],
                "51.40",
            ),
        ]
    };
}

/// Where the person was hurt.
pub const PLACE: &[Column] =
    place!("", "", "place", " (where the person was hurt)", " (جایی که آسیب دید)");

/// Where the person died.
pub const DEATH: &[Column] = place!(
    "death_",
    " درگذشت",
    "place_of_death",
    " (where the person died, if that is another place)",
    " (جای درگذشت، اگر جای دیگری است)"
);

/// The home town.
pub const ORIGIN: &[Column] =
    place!("origin_", " زادگاه", "origin_city", " (home town)", " (زادگاه یا شهر خانوادگی)");

/// The city of burial.
pub const BURIAL: &[Column] = &[
    col(
        ["burial_city_fa", "شهر خاک‌سپاری"],
        "burial_city.fa",
        Shape::Text,
        ["City of burial, never the grave", "شهر خاک‌سپاری، هرگز جای مزار"],
        "مهتاب‌کران",
    ),
    col(
        ["burial_city_en", "شهر خاک‌سپاری انگلیسی"],
        "burial_city.en",
        Shape::Text,
        ["The same in English", "همان به انگلیسی"],
        "Mahtabkaran",
    ),
];
