//! Connectivity by hour, as an archive carries it (spec: series.md).

use crate::limits::{
    MAX_SERIES_BYTES, MAX_SERIES_HOURS, MAX_SERIES_LINE_BYTES, MAX_SERIES_OFFSET_MINUTES,
    SERIES_FAULTS,
};
use crate::record::dates::{System, day_number};
use std::fmt;
use unicode_normalization::is_nfc;

/// Where a series stands in the tree (SER-1).
pub const CONNECTIVITY_PATH: &str = "series/connectivity.csv";
/// The line between what is said about the numbers and the numbers (SER-3).
pub const HEADER: &str = "time,percent";

/// A series that keeps every clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Title in Persian.
    pub title_fa: Option<String>,
    /// Title in English.
    pub title_en: Option<String>,
    /// Who measured, in Persian. One of the two sources is there (SER-2).
    pub source_fa: Option<String>,
    /// Who measured, in English.
    pub source_en: Option<String>,
    /// Under which terms the numbers may be passed on.
    pub licence: Option<String>,
    /// Offset from UTC of all hours, in minutes (SER-4).
    pub offset_minutes: i16,
    /// The hours that were measured, ascending; at least one, and at most [`MAX_SERIES_HOURS`].
    pub hours: Vec<Hour>,
}

/// One measured hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour {
    /// The day as a number, 1 = 0001-01-01 Gregorian, in the offset of the series (SER-7).
    pub day: i64,
    /// 0 to 23.
    pub hour: u8,
    /// Connectivity in tenths of a percent, 0 to 1000.
    pub tenths: u16,
}

impl Hour {
    /// Hours since the beginning of day 0.
    pub fn index(&self) -> i64 {
        self.day * 24 + i64::from(self.hour)
    }
}

/// What a clause does not allow, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The clause.
    pub clause: &'static str,
    /// The line, from 1; 0 when the file as a whole is meant.
    pub line: u32,
    /// What is wrong, in a few words, without content.
    pub why: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} ({})", self.line, self.why, self.clause)
    }
}

/// Reads a series.
///
/// # Errors
/// Every fault with its line, in the order of the lines; the first [`SERIES_FAULTS`] of them.
pub fn parse(bytes: &[u8]) -> Result<Series, Vec<Fault>> {
    let whole = |why| vec![Fault { clause: "SER-1", line: 0, why }];
    if bytes.len() > MAX_SERIES_BYTES {
        return Err(whole("the file is too large"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(whole("the file is not UTF-8"));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::default();
    for (number, line) in (1..).zip(text.split('\n')) {
        reader.number = number;
        reader.line(line.strip_suffix('\r').unwrap_or(line));
        if reader.faults.len() >= SERIES_FAULTS {
            return Err(reader.faults);
        }
    }
    reader.end()
}

#[derive(Default)]
struct Reader {
    number: u32,
    faults: Vec<Fault>,
    /// Values of [`KEYS`], in their order.
    about: [Option<String>; KEYS.len()],
    header: bool,
    offset: Option<i16>,
    hours: Vec<Hour>,
}

const KEYS: [&str; 5] = ["title-fa", "title-en", "source-fa", "source-en", "licence"];

impl Reader {
    fn fault(&mut self, clause: &'static str, why: &'static str) {
        self.faults.push(Fault { clause, line: self.number, why });
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        if line.len() > MAX_SERIES_LINE_BYTES {
            return self.fault("SER-1", "the line is too long");
        }
        match line.strip_prefix('#') {
            Some(_) if self.header => self.fault("SER-3", "a # line behind the header"),
            Some(about) => self.about(about),
            None if self.header => self.row(line),
            None => {
                self.header = true;
                if line != HEADER {
                    self.fault("SER-3", "here the line time,percent is expected");
                }
            }
        }
    }

    fn about(&mut self, line: &str) {
        let Some((key, value)) = line.split_once(':') else {
            return self.fault("SER-2", "a # line is written # key: value");
        };
        let Some(slot) = KEYS.iter().position(|k| *k == key.trim()) else {
            return self.fault("SER-2", "a key that is not known");
        };
        let value = value.trim();
        let hidden = |c: char| {
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if value.is_empty() || !is_nfc(value) || value.chars().any(hidden) {
            return self.fault(
                "SER-2",
                "the value is empty, not in normal form C, or holds control characters",
            );
        }
        if self.about[slot].replace(value.to_owned()).is_some() {
            self.fault("SER-2", "the same key twice");
        }
    }

    fn row(&mut self, line: &str) {
        let Some((time, percent)) = line.split_once(',') else {
            return self.fault("SER-4", "a row is time,percent");
        };
        let Some(tenths) = tenths(percent) else {
            return self.fault("SER-5", "percent is 0 to 100 with at most one decimal");
        };
        let Some((day, hour, offset)) = moment(time) else {
            return self.fault("SER-4", "time is a full hour YYYY-MM-DDTHH:00 with Z or an offset");
        };
        if *self.offset.get_or_insert(offset) != offset {
            return self.fault("SER-4", "another offset than before");
        }
        let hour = Hour { day, hour, tenths };
        if self.hours.last().is_some_and(|last| last.index() >= hour.index()) {
            return self.fault("SER-6", "not after the hour before");
        }
        let from = self.hours.first().map_or(hour.index(), Hour::index);
        if hour.index() - from >= MAX_SERIES_HOURS as i64 {
            return self.fault("SER-6", "too far from the first hour");
        }
        self.hours.push(hour);
    }

    fn end(mut self) -> Result<Series, Vec<Fault>> {
        self.number = 0;
        let [title_fa, title_en, source_fa, source_en, licence] = std::mem::take(&mut self.about);
        if source_fa.is_none() && source_en.is_none() {
            self.fault("SER-2", "no source is named");
        }
        if !self.header {
            self.fault("SER-3", "the line time,percent is missing");
        } else if self.hours.is_empty() && self.faults.is_empty() {
            self.fault("SER-4", "there is no row");
        }
        if !self.faults.is_empty() {
            self.faults.truncate(SERIES_FAULTS);
            return Err(self.faults);
        }
        let (offset_minutes, hours) = (self.offset.unwrap_or(0), self.hours);
        Ok(Series { title_fa, title_en, source_fa, source_en, licence, offset_minutes, hours })
    }
}

/// A number of exactly `width` ASCII digits.
fn digits(text: &str, width: usize) -> Option<u16> {
    let fits = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Day, hour and offset in minutes.
fn moment(text: &str) -> Option<(i64, u8, i16)> {
    if !text.is_ascii() || text.len() < 17 {
        return None;
    }
    let (stamp, zone) = text.split_at(16);
    let (date, clock) = stamp.split_once('T')?;
    let mut fields = date.split('-');
    let year = digits(fields.next()?, 4).filter(|year| *year >= 1_000)?;
    let month = digits(fields.next()?, 2)? as u8;
    let day = digits(fields.next()?, 2)? as u8;
    let hour = digits(clock.strip_suffix(":00")?, 2).filter(|hour| *hour < 24)? as u8;
    if fields.next().is_some() {
        return None;
    }
    Some((day_number(System::Gregorian, year, month, day)?, hour, offset(zone)?))
}

fn offset(zone: &str) -> Option<i16> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let minutes = digits(minutes, 2).filter(|m| *m < 60)?;
    let total = digits(hours, 2)? * 60 + minutes;
    (total <= MAX_SERIES_OFFSET_MINUTES).then_some(sign * total as i16)
}

/// Tenths of a percent.
fn tenths(text: &str) -> Option<u16> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let plain = (1..=3).contains(&whole.len()) && (whole == "0" || !whole.starts_with('0'));
    let value = digits(whole, whole.len()).filter(|_| plain)? * 10 + digits(tenth, 1)?;
    (value <= 1_000).then_some(value)
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
