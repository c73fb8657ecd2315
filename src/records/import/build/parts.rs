//! Dates with their hour, places, and lists of names.

use super::super::lists;
use super::super::problem::Code;
use super::{Builder, dates, split};
use yadgar_protocol::persian::{ascii_digit, nospace};
use yadgar_protocol::record::places::{PROVINCES, province};
use yadgar_protocol::record::{Calendar, FuzzyDate, Place, PlaceKind, Precision, Texts};

/// The time zone of Iran.
const TEHRAN: &str = "Asia/Tehran";

/// Columns of a place.
pub struct PlaceColumns {
    country: &'static str,
    province: &'static str,
    county: [&'static str; 2],
    city: [&'static str; 2],
    locality: [&'static str; 2],
    kind: &'static str,
    precision: &'static str,
    lat: &'static str,
    lon: &'static str,
}

macro_rules! columns {
    ($before:literal) => {
        PlaceColumns {
            country: concat!($before, "country"),
            province: concat!($before, "province"),
            county: [concat!($before, "county_en"), concat!($before, "county_fa")],
            city: [concat!($before, "city_en"), concat!($before, "city_fa")],
            locality: [concat!($before, "locality_en"), concat!($before, "locality_fa")],
            kind: concat!($before, "place_kind"),
            precision: concat!($before, "precision"),
            lat: concat!($before, "lat"),
            lon: concat!($before, "lon"),
        }
    };
}

/// Where the person was hurt.
pub const PLACE: PlaceColumns = columns!("");
/// Where the person died.
pub const DEATH: PlaceColumns = columns!("death_");
/// The home town.
pub const ORIGIN: PlaceColumns = columns!("origin_");

/// The two letters of a country.
pub fn country(cell: &str) -> Result<String, (Code, Option<String>)> {
    let fits = cell.len() == 2 && cell.bytes().all(|b| b.is_ascii_alphabetic());
    match nospace(cell).as_str() {
        "ایران" | "iran" => Ok("IR".into()),
        "افغانستان" | "afghanistan" => Ok("AF".into()),
        _ if fits => Ok(cell.to_ascii_uppercase()),
        _ => Err((Code::BadCountry, Some("IR, AF, ZZ".into()))),
    }
}

/// The code of a province by its code or name.
fn province_code(cell: &str) -> Result<String, (Code, Option<String>)> {
    let code: String = cell.chars().map(ascii_digit).collect::<String>().to_ascii_uppercase();
    if province(&code).is_some() {
        return Ok(code);
    }
    let key = nospace(cell);
    let bare = key.strip_prefix("استان").unwrap_or(&key).trim_end_matches("province");
    let named = PROVINCES.iter().find(|(_, fa, en)| nospace(fa) == bare || nospace(en) == bare);
    let names = || PROVINCES.iter().flat_map(|(_, fa, en)| [*fa, *en]);
    named.map(|(code, _, _)| (*code).to_owned()).ok_or_else(|| {
        let near = super::super::near::nearest(&yadgar_protocol::persian::fold(cell), names());
        (Code::BadProvince, near.map(str::to_owned))
    })
}

fn degrees(cell: &str) -> String {
    let plain = |c: char| match ascii_digit(c) {
        '٫' => '.',
        '−' | '－' => '-',
        other => other,
    };
    cell.chars().map(plain).collect()
}

impl Builder<'_> {
    /// A date from its columns in both calendars; with calendar, hour and zone, and whether the country is Iran.
    pub(super) fn date(
        &mut self,
        [date, jalali]: [&'static str; 2],
        more: Option<([&'static str; 3], bool)>,
    ) -> Option<FuzzyDate> {
        let read = |cell: &str| dates::read(cell).map_err(|code| (code, None));
        let (west, east) = (self.read(date, 0, read), self.read(jalali, 0, read));
        let mut out = match dates::fuzzy(west, east) {
            Ok(found) => found,
            Err(code) => {
                let both = self.cell(date, 0).is_some() && self.cell(jalali, 0).is_some();
                let east_is_west = self
                    .cell(jalali, 0)
                    .is_some_and(|cell| dates::read(cell).is_ok_and(|r| r.system == dates::WEST));
                let at = if both && !east_is_west { date } else { jalali };
                self.wrong(at, 0, code, None);
                None
            }
        };
        let Some(([cal, time, tz], home)) = more else { return out };
        let cal = self.word(cal, 0, lists::CALENDAR, Calendar::from_word);
        let hour = self.read(time, 0, hour);
        let zone = self.text(tz, 0);
        let spoken = hour.is_some() || zone.is_some() || cal.is_some();
        match &mut out {
            Some(out) => {
                out.source_cal = cal.unwrap_or(out.source_cal);
                out.tz = zone.or_else(|| (hour.is_some() && home).then(|| TEHRAN.to_owned()));
                out.time_local = hour;
            }
            None if spoken && self.cell(date, 0).is_none() && self.cell(jalali, 0).is_none() => {
                self.missing(date, 0);
            }
            None => {}
        }
        out
    }

    pub(super) fn place(&mut self, columns: &PlaceColumns) -> Option<Place> {
        let PlaceColumns { county, city, locality, kind, precision, lat, lon, .. } = columns;
        let nation = self.read(columns.country, 0, country);
        let province = self.read(columns.province, 0, province_code);
        let kind = self.word(kind, 0, lists::PLACE_KIND, PlaceKind::from_word);
        let stated = self.word(precision, 0, lists::PRECISION, Precision::from_word);
        let pair = |builder: &Self, [en, fa]: &[&'static str; 2]| builder.texts(en, fa, 0);
        let (county, city, locality) = (pair(self, county), pair(self, city), pair(self, locality));
        let at = |builder: &Self, name| builder.cell(name, 0).map(degrees);
        let (lat, lon) = (at(self, lat), at(self, lon));
        let said = |texts: &Option<Texts>| texts.is_some();
        let finer =
            said(&county) || said(&city) || said(&locality) || lat.is_some() || lon.is_some();
        if nation.is_none() && province.is_none() && kind.is_none() && stated.is_none() && !finer {
            return None;
        }
        let known = match (&city, &locality, &province) {
            (Some(_), Some(_), _) => Precision::Locality,
            (_, Some(_), _) => Precision::Locality,
            (Some(_), None, _) => Precision::City,
            (None, None, Some(_)) => Precision::Province,
            (None, None, None) => Precision::Country,
        };
        Some(Place {
            lat,
            lon,
            city,
            kind: kind.unwrap_or(PlaceKind::Unknown),
            county,
            country: nation.unwrap_or_else(|| "IR".to_owned()),
            locality,
            province,
            precision: stated.unwrap_or(known),
        })
    }

    /// Names of sources, `s1` and so on; a bare number counts as well.
    pub(super) fn srcs(&mut self, name: &'static str, number: u32) -> Vec<String> {
        let source = |item: &str| -> String {
            let text: String = item.chars().map(ascii_digit).collect();
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if digits { format!("s{text}") } else { text.to_lowercase() }
        };
        let cell = self.cell(name, number).unwrap_or_default();
        cell.split([';', '؛', ',', '،', ' ', '\n']).filter(|i| !i.is_empty()).map(source).collect()
    }

    /// Names of fields; names of columns that fill a field count as well.
    pub(super) fn fields(&mut self, name: &'static str, number: u32) -> Vec<String> {
        let cell = self.cell(name, number).unwrap_or_default();
        split(cell).map(field_name).collect()
    }
}

/// The field that a word names: itself, or what the column of that name fills.
pub fn field_name(text: &str) -> String {
    use super::super::columns::{Heading, heading};
    let is_field =
        text.bytes().all(|b| b.is_ascii_lowercase() || b"_.[]".contains(&b) || b.is_ascii_digit());
    match heading(text) {
        Heading::Known(column, _) if !column.field.is_empty() && !is_field => {
            column.field.split(['.', '[']).next().unwrap_or_default().to_owned()
        }
        _ => text.to_owned(),
    }
}

/// `9:05` and `۲۱:۳۰` as `HH:MM`.
fn hour(cell: &str) -> Result<String, (Code, Option<String>)> {
    let text: String = cell.chars().map(ascii_digit).collect();
    let number = |part: &str, most: u8| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse::<u8>().ok()).flatten().filter(|n| *n <= most)
    };
    let parts = text.split_once(':').and_then(|(h, m)| Some((number(h, 23)?, number(m, 59)?)));
    parts.map(|(h, m)| format!("{h:02}:{m:02}")).ok_or((Code::BadTime, None))
}
