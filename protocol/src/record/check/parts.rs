//! The parts that both kinds of records have: dates, places, sources, history.

use super::super::dates::{self, System};
use super::super::fields::is_field;
use super::super::places;
use super::super::types::*;
use super::super::words::Precision;
use super::Checker;
use crate::limits::MAX_RECORD_COUNT;
use std::collections::BTreeSet;

impl Checker {
    pub(super) fn date(&mut self, field: &str, date: Option<&FuzzyDate>) {
        let Some(date) = date else { return };
        let west = dates::parse(&date.edtf, System::Gregorian).is_some();
        self.require(west, "REC-6", &format!("{field}.edtf"), "not a date");
        if let Some(jalali) = &date.jalali {
            let named = format!("{field}.jalali");
            let east = dates::parse(jalali, System::Persian).is_some();
            self.require(east, "REC-6", &named, "not a date of the Persian calendar");
            let agree = !(west && east) || dates::agree(&date.edtf, jalali);
            self.require(agree, "REC-7", &named, "the two calendars name different days");
        }
        let tz = |tz: &String| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"/_+-".contains(&b);
            !tz.is_empty() && tz.len() <= 64 && tz.bytes().all(fits)
        };
        self.require(
            date.tz.as_ref().is_none_or(tz),
            "REC-6",
            &format!("{field}.tz"),
            "not a time zone",
        );
        let time = date.time_local.as_deref().is_none_or(is_time);
        self.require(time, "REC-6", &format!("{field}.time_local"), "a time is HH:MM");
    }

    pub(super) fn place(&mut self, field: &str, place: Option<&Place>) {
        let Some(place) = place else { return };
        let named = |part: &str| format!("{field}.{part}");
        let country = is_country(&place.country);
        self.require(country, "REC-8", &named("country"), "two capital letters (ISO 3166-1)");
        for (part, texts) in
            [("city", &place.city), ("county", &place.county), ("locality", &place.locality)]
        {
            self.short_texts(&named(part), texts.as_ref());
        }
        let province =
            place.province.as_deref().is_none_or(|code| places::province(code).is_some());
        self.require(
            province,
            "REC-8",
            &named("province"),
            "not the code of a province (ISO 3166-2:IR)",
        );
        let known = match place.precision {
            Precision::Country => true,
            Precision::Province => place.province.is_some(),
            Precision::City => place.city.is_some(),
            Precision::Locality => place.city.is_some() && place.locality.is_some(),
        };
        self.require(known, "REC-8", &named("precision"), "says more than the place");
        let pair = place.lat.is_some() == place.lon.is_some();
        self.require(pair, "REC-8", &named("lat"), "latitude and longitude go together");
        for (part, value, most) in [("lat", &place.lat, 90), ("lon", &place.lon, 180)] {
            let good = value.as_deref().is_none_or(|v| is_degrees(v, most));
            self.require(good, "REC-8", &named(part), "degrees with at most two decimals (1 km)");
        }
    }

    /// A number that cannot be a telephone number or an id.
    pub(super) fn count(&mut self, clause: &'static str, field: &str, number: u64) {
        self.require(number <= MAX_RECORD_COUNT, clause, field, "too large a number");
    }

    pub(super) fn sources(&mut self, sources: &[Source]) {
        self.list("sources", sources.len());
        self.require(!sources.is_empty(), "REC-9", "sources", "at least one public source");
        let mut seen = BTreeSet::new();
        for (n, source) in sources.iter().enumerate() {
            let field = |part: &str| format!("sources[{n}].{part}");
            let good = (1..=16).contains(&source.sid.len())
                && source.sid.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            self.require(good, "REC-9", &field("sid"), "1 to 16 of a-z 0-9");
            self.require(seen.insert(&source.sid), "REC-9", &field("sid"), "twice");
            self.count("REC-9", &field("group"), source.group);
            self.texts(
                &field("publisher"),
                &source.publisher,
                crate::limits::MAX_RECORD_TEXT_BYTES,
            );
            self.short_texts(&field("title"), source.title.as_ref());
            self.url(&field("url"), source.url.as_deref());
            self.day(&field("published"), source.published.as_deref());
            self.day(&field("accessed"), source.accessed.as_deref());
            if let Some(lang) = &source.lang {
                self.require(is_lang(lang), "REC-9", &field("lang"), "a language is a BCP 47 tag");
            }
        }
    }

    pub(super) fn changes(&mut self, changes: &[Change], version: u64, fields: &[&str]) {
        self.list("changes", changes.len());
        let last = changes.last().map(|change| change.version);
        let due = if version > 1 { Some(version) } else { None };
        self.require(last == due, "REC-12", "changes", "a later version says what changed");
        let rising = changes.is_sorted_by_key(|change| change.version);
        let within = changes.iter().all(|change| (2..=version).contains(&change.version));
        self.require(rising && within, "REC-12", "changes", "versions ascend from 2");
        for (n, change) in changes.iter().enumerate() {
            self.day(&format!("changes[{n}].on"), Some(&change.on));
            self.list(&format!("changes[{n}].fields"), change.fields.len());
            let known = change.fields.iter().all(|f| is_field(f, fields));
            self.require(
                known,
                "REC-12",
                &format!("changes[{n}].fields"),
                "not the name of a field",
            );
        }
    }
}

pub(super) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

/// The common part of BCP 47: letters and digits in groups of 1 to 8, the first 2 or 3 letters.
pub(super) fn is_lang(tag: &str) -> bool {
    let group =
        |g: &str| (1..=8).contains(&g.len()) && g.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = tag.split('-').next().unwrap_or_default();
    tag.len() <= 35
        && tag.split('-').all(group)
        && (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
}

pub(super) fn is_script(code: &str) -> bool {
    let b = code.as_bytes();
    b.len() == 4 && b[0].is_ascii_uppercase() && b[1..].iter().all(u8::is_ascii_lowercase)
}

fn is_time(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 5
        && b[2] == b':'
        && b.iter().enumerate().all(|(n, c)| n == 2 || c.is_ascii_digit())
        && text[..2] <= *"23"
        && text[3..] <= *"59"
}

fn is_degrees(text: &str, most: u32) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits =
        |t: &str, max: usize| (1..=max).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 3) && digits(part, 2) && whole.parse::<u32>().is_ok_and(|n| n < most)
}
