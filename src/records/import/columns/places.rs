//! Columns of dates and places.

use super::super::lists;
use super::people::col;
use super::{Column, Shape};

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

/// Where it happened.
pub const WHERE: &[Column] = &[
    col(
        ["country", "کشور"],
        "place.country",
        Shape::Country,
        [
            "Country by two letters (ISO 3166-1), ZZ when made up; empty means IR: where the person was hurt",
            "کشور با دو حرف (ISO 3166-1)، ZZ اگر ساختگی است؛ خالی یعنی IR: جایی که آسیب دید",
        ],
        "IR",
    ),
    col(
        ["province", "استان"],
        "place.province",
        Shape::Province,
        [
            "Province by name or code (IR-00 to IR-30): where the person was hurt",
            "نام استان یا کد آن (IR-00 تا IR-30): جایی که آسیب دید",
        ],
        "تهران",
    ),
    col(
        ["county_fa", "شهرستان"],
        "place.county.fa",
        Shape::Text,
        ["County: where the person was hurt", "شهرستان: جایی که آسیب دید"],
        "مهتاب‌کران",
    ),
    col(
        ["county_en", "شهرستان انگلیسی"],
        "place.county.en",
        Shape::Text,
        ["County in English: where the person was hurt", "شهرستان به انگلیسی: جایی که آسیب دید"],
        "Mahtabkaran",
    ),
    col(
        ["city_fa", "شهر"],
        "place.city.fa",
        Shape::Text,
        ["City, town or village: where the person was hurt", "شهر یا روستا: جایی که آسیب دید"],
        "مهتاب‌کران",
    ),
    col(
        ["city_en", "شهر انگلیسی"],
        "place.city.en",
        Shape::Text,
        ["City in English: where the person was hurt", "شهر به انگلیسی: جایی که آسیب دید"],
        "Mahtabkaran",
    ),
    col(
        ["locality_fa", "محله"],
        "place.locality.fa",
        Shape::Text,
        [
            "Quarter; never a minor's: where the person was hurt",
            "محله؛ هرگز برای زیر ۱۸ سال: جایی که آسیب دید",
        ],
        "سروستان",
    ),
    col(
        ["locality_en", "محله انگلیسی"],
        "place.locality.en",
        Shape::Text,
        ["Quarter in English: where the person was hurt", "محله به انگلیسی: جایی که آسیب دید"],
        "Sarvestan",
    ),
    col(
        ["place_kind", "نوع جا"],
        "place.kind",
        Shape::Word(lists::PLACE_KIND),
        [
            "Kind of place; empty means unknown: where the person was hurt",
            "چه‌گونه جایی؛ خالی یعنی نامعلوم: جایی که آسیب دید",
        ],
        "street",
    ),
    col(
        ["precision", "دقت جا"],
        "place.precision",
        Shape::Word(lists::PRECISION),
        [
            "How exactly it is known; empty means as exactly as it is written: where the person was hurt",
            "با چه دقتی دانسته است؛ خالی یعنی به همان دقت که نوشته شده: جایی که آسیب دید",
        ],
        "city",
    ),
    col(
        ["lat", "عرض جغرافیایی"],
        "place.lat",
        Shape::Degrees,
        [
            "Latitude, at most two decimals (about 1 km): where the person was hurt",
            "عرض جغرافیایی، حداکثر دو رقم اعشار (حدود یک کیلومتر): جایی که آسیب دید",
        ],
        "35.70",
    ),
    col(
        ["lon", "طول جغرافیایی"],
        "place.lon",
        Shape::Degrees,
        [
            "Longitude, at most two decimals: where the person was hurt",
            "طول جغرافیایی، حداکثر دو رقم اعشار: جایی که آسیب دید",
        ],
        "51.40",
    ),
    col(
        ["death_country", "کشور درگذشت"],
        "place_of_death.country",
        Shape::Country,
        [
            "Country by two letters (ISO 3166-1), ZZ when made up; empty means IR: where the person died, if that is another place",
            "کشور با دو حرف (ISO 3166-1)، ZZ اگر ساختگی است؛ خالی یعنی IR: جای درگذشت، اگر جای دیگری است",
        ],
        "IR",
    ),
    col(
        ["death_province", "استان درگذشت"],
        "place_of_death.province",
        Shape::Province,
        [
            "Province by name or code (IR-00 to IR-30): where the person died, if that is another place",
            "نام استان یا کد آن (IR-00 تا IR-30): جای درگذشت، اگر جای دیگری است",
        ],
        "IR-23",
    ),
    col(
        ["death_county_fa", "شهرستان درگذشت"],
        "place_of_death.county.fa",
        Shape::Text,
        [
            "County: where the person died, if that is another place",
            "شهرستان: جای درگذشت، اگر جای دیگری است",
        ],
        "مهتاب‌کران",
    ),
    col(
        ["death_county_en", "شهرستان درگذشت انگلیسی"],
        "place_of_death.county.en",
        Shape::Text,
        [
            "County in English: where the person died, if that is another place",
            "شهرستان به انگلیسی: جای درگذشت، اگر جای دیگری است",
        ],
        "Mahtabkaran",
    ),
    col(
        ["death_city_fa", "شهر درگذشت"],
        "place_of_death.city.fa",
        Shape::Text,
        [
            "City, town or village: where the person died, if that is another place",
            "شهر یا روستا: جای درگذشت، اگر جای دیگری است",
        ],
        "مهتاب‌کران",
    ),
    col(
        ["death_city_en", "شهر درگذشت انگلیسی"],
        "place_of_death.city.en",
        Shape::Text,
        [
            "City in English: where the person died, if that is another place",
            "شهر به انگلیسی: جای درگذشت، اگر جای دیگری است",
        ],
        "Mahtabkaran",
    ),
    col(
        ["death_locality_fa", "محله درگذشت"],
        "place_of_death.locality.fa",
        Shape::Text,
        [
            "Quarter; never a minor's: where the person died, if that is another place",
            "محله؛ هرگز برای زیر ۱۸ سال: جای درگذشت، اگر جای دیگری است",
        ],
        "سروستان",
    ),
    col(
        ["death_locality_en", "محله درگذشت انگلیسی"],
        "place_of_death.locality.en",
        Shape::Text,
        [
            "Quarter in English: where the person died, if that is another place",
            "محله به انگلیسی: جای درگذشت، اگر جای دیگری است",
        ],
        "Sarvestan",
    ),
    col(
        ["death_place_kind", "نوع جا درگذشت"],
        "place_of_death.kind",
        Shape::Word(lists::PLACE_KIND),
        [
            "Kind of place; empty means unknown: where the person died, if that is another place",
            "چه‌گونه جایی؛ خالی یعنی نامعلوم: جای درگذشت، اگر جای دیگری است",
        ],
        "street",
    ),
    col(
        ["death_precision", "دقت جا درگذشت"],
        "place_of_death.precision",
        Shape::Word(lists::PRECISION),
        [
            "How exactly it is known; empty means as exactly as it is written: where the person died, if that is another place",
            "با چه دقتی دانسته است؛ خالی یعنی به همان دقت که نوشته شده: جای درگذشت، اگر جای دیگری است",
        ],
        "city",
    ),
    col(
        ["death_lat", "عرض جغرافیایی درگذشت"],
        "place_of_death.lat",
        Shape::Degrees,
        [
            "Latitude, at most two decimals (about 1 km): where the person died, if that is another place",
            "عرض جغرافیایی، حداکثر دو رقم اعشار (حدود یک کیلومتر): جای درگذشت، اگر جای دیگری است",
        ],
        "35.70",
    ),
    col(
        ["death_lon", "طول جغرافیایی درگذشت"],
        "place_of_death.lon",
        Shape::Degrees,
        [
            "Longitude, at most two decimals: where the person died, if that is another place",
            "طول جغرافیایی، حداکثر دو رقم اعشار: جای درگذشت، اگر جای دیگری است",
        ],
        "51.40",
    ),
    col(
        ["origin_country", "کشور زادگاه"],
        "origin_city.country",
        Shape::Country,
        [
            "Country by two letters (ISO 3166-1), ZZ when made up; empty means IR: home town",
            "کشور با دو حرف (ISO 3166-1)، ZZ اگر ساختگی است؛ خالی یعنی IR: زادگاه یا شهر خانوادگی",
        ],
        "IR",
    ),
    col(
        ["origin_province", "استان زادگاه"],
        "origin_city.province",
        Shape::Province,
        [
            "Province by name or code (IR-00 to IR-30): home town",
            "نام استان یا کد آن (IR-00 تا IR-30): زادگاه یا شهر خانوادگی",
        ],
        "IR-23",
    ),
    col(
        ["origin_county_fa", "شهرستان زادگاه"],
        "origin_city.county.fa",
        Shape::Text,
        ["County: home town", "شهرستان: زادگاه یا شهر خانوادگی"],
        "مهتاب‌کران",
    ),
    col(
        ["origin_county_en", "شهرستان زادگاه انگلیسی"],
        "origin_city.county.en",
        Shape::Text,
        ["County in English: home town", "شهرستان به انگلیسی: زادگاه یا شهر خانوادگی"],
        "Mahtabkaran",
    ),
    col(
        ["origin_city_fa", "شهر زادگاه"],
        "origin_city.city.fa",
        Shape::Text,
        ["City, town or village: home town", "شهر یا روستا: زادگاه یا شهر خانوادگی"],
        "مهتاب‌کران",
    ),
    col(
        ["origin_city_en", "شهر زادگاه انگلیسی"],
        "origin_city.city.en",
        Shape::Text,
        ["City in English: home town", "شهر به انگلیسی: زادگاه یا شهر خانوادگی"],
        "Mahtabkaran",
    ),
    col(
        ["origin_locality_fa", "محله زادگاه"],
        "origin_city.locality.fa",
        Shape::Text,
        [
            "Quarter; never a minor's: home town",
            "محله؛ هرگز برای زیر ۱۸ سال: زادگاه یا شهر خانوادگی",
        ],
        "سروستان",
    ),
    col(
        ["origin_locality_en", "محله زادگاه انگلیسی"],
        "origin_city.locality.en",
        Shape::Text,
        ["Quarter in English: home town", "محله به انگلیسی: زادگاه یا شهر خانوادگی"],
        "Sarvestan",
    ),
    col(
        ["origin_place_kind", "نوع جا زادگاه"],
        "origin_city.kind",
        Shape::Word(lists::PLACE_KIND),
        [
            "Kind of place; empty means unknown: home town",
            "چه‌گونه جایی؛ خالی یعنی نامعلوم: زادگاه یا شهر خانوادگی",
        ],
        "street",
    ),
    col(
        ["origin_precision", "دقت جا زادگاه"],
        "origin_city.precision",
        Shape::Word(lists::PRECISION),
        [
            "How exactly it is known; empty means as exactly as it is written: home town",
            "با چه دقتی دانسته است؛ خالی یعنی به همان دقت که نوشته شده: زادگاه یا شهر خانوادگی",
        ],
        "city",
    ),
    col(
        ["origin_lat", "عرض جغرافیایی زادگاه"],
        "origin_city.lat",
        Shape::Degrees,
        [
            "Latitude, at most two decimals (about 1 km): home town",
            "عرض جغرافیایی، حداکثر دو رقم اعشار (حدود یک کیلومتر): زادگاه یا شهر خانوادگی",
        ],
        "35.70",
    ),
    col(
        ["origin_lon", "طول جغرافیایی زادگاه"],
        "origin_city.lon",
        Shape::Degrees,
        [
            "Longitude, at most two decimals: home town",
            "طول جغرافیایی، حداکثر دو رقم اعشار: زادگاه یا شهر خانوادگی",
        ],
        "51.40",
    ),
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
