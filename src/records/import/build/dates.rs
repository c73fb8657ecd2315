//! Dates as people write them, in either calendar, to the form of records (record.md, REC-6).

use super::super::problem::Code;
use yadgar_protocol::persian::{ascii_digit, nospace};
use yadgar_protocol::record::dates::{System, When, day_of, parse, to_gregorian};
use yadgar_protocol::record::{Calendar, FuzzyDate};

/// Persian months and what people write for them.
const PERSIAN: [&[&str]; 12] = [
    &["فروردین", "farvardin"],
    &["اردیبهشت", "ordibehesht"],
    &["خرداد", "khordad"],
    &["تیر", "tir"],
    &["مرداد", "امرداد", "mordad"],
    &["شهریور", "shahrivar"],
    &["مهر", "mehr"],
    &["آبان", "aban"],
    &["آذر", "azar"],
    &["دی", "dey"],
    &["بهمن", "bahman"],
    &["اسفند", "esfand"],
];

/// Gregorian months, in Persian and English.
const GREGORIAN: [&[&str]; 12] = [
    &["ژانویه", "january", "jan"],
    &["فوریه", "february", "feb"],
    &["مارس", "march", "mar"],
    &["آوریل", "april", "apr"],
    &["مه", "می", "may"],
    &["ژوئن", "june", "jun"],
    &["ژوئیه", "جولای", "july", "jul"],
    &["اوت", "august", "aug"],
    &["سپتامبر", "september", "sep", "sept"],
    &["اکتبر", "october", "oct"],
    &["نوامبر", "november", "nov"],
    &["دسامبر", "december", "dec"],
];

/// The Gregorian calendar, by the name that the rest of the builder uses.
pub const WEST: System = System::Gregorian;

/// Years of the Persian calendar that a record of people can be about.
const PERSIAN_YEARS: std::ops::RangeInclusive<u16> = 1200..=1429;
/// First year that is taken for a Gregorian one.
const FIRST_GREGORIAN_YEAR: u16 = 1700;

/// A date in the form of records, and its calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The subset of EDTF of REC-6.
    pub text: String,
    /// Its calendar, by the year.
    pub system: System,
}

/// Reads a date.
///
/// # Errors
/// What is wrong with it.
pub fn read(cell: &str) -> Result<Read, Code> {
    let text: String = cell.chars().map(ascii_digit).collect();
    let text = text.replace(['؟'], "?").replace('،', ",").replace(['–', '—', '−'], "-");
    let (text, about) = approximate(text.trim());
    let (items, form) = split(text);
    let mut system = None;
    let mut moments = Vec::new();
    for item in items {
        let (mut moment, of) = moment(item.trim())?;
        if system.is_some_and(|s| s != of) {
            return Err(Code::WrongCalendar);
        }
        system = Some(of);
        if about && !moment.ends_with(['~', '?', '%']) {
            moment.push('~');
        }
        moments.push(moment);
    }
    let system = system.ok_or(Code::BadDate)?;
    let text = match form {
        Form::One => moments.concat(),
        Form::Between => moments.join("/"),
        Form::OneOf => format!("[{}]", moments.join(",")),
    };
    parse(&text, system).ok_or(Code::BadDate)?;
    Ok(Read { text, system })
}

enum Form {
    One,
    Between,
    OneOf,
}

fn approximate(text: &str) -> (&str, bool) {
    let words = ["حدود", "حدوداً", "تقریباً", "about ", "circa ", "c. ", "ca. "];
    let lower = text.to_lowercase();
    let word = words.iter().find(|word| lower.starts_with(*word));
    // Lower case may change the length of other texts; of these words it does not.
    match word.and_then(|word| text.get(word.len()..)) {
        Some(rest) => (rest.trim_start_matches(['ا', 'ً']).trim(), true),
        None => (text, false),
    }
}

fn split(text: &str) -> (Vec<&str>, Form) {
    if let Some(list) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return (list.split(',').collect(), Form::OneOf);
    }
    for word in [" یا ", " or "] {
        if text.contains(word) {
            return (text.split(word).collect(), Form::OneOf);
        }
    }
    for word in [" تا ", " to ", "..", " - "] {
        if let Some((from, to)) = text.split_once(word) {
            return (vec![from, to], Form::Between);
        }
    }
    // A stroke between years, months and days is no interval: 1398/08/25, 16/11/2019.
    let parts: Vec<_> = text.split('/').collect();
    let short = |part: &&str| part.trim().len() <= 2;
    match parts.as_slice() {
        [from, to] if !short(to) && !short(from) => (vec![from, to], Form::Between),
        _ => (vec![text], Form::One),
    }
}

/// One moment as `YYYY-MM-DD` or a part of it, with its sign of doubt, and its calendar.
fn moment(text: &str) -> Result<(String, System), Code> {
    let bare = text.trim_end_matches(['~', '?', '%']);
    let sign = text[bare.len()..].chars().next();
    let bare = bare.trim();
    let (year, month, day, named) = match named_month(bare)? {
        Some(found) => found,
        None => numbers(bare)?,
    };
    let system = calendar(year)?;
    if named.is_some_and(|named| named != system) {
        return Err(Code::WrongCalendar);
    }
    let mut out = format!("{year:04}");
    for part in [month, day].into_iter().flatten() {
        out.push_str(&format!("-{part:02}"));
    }
    out.extend(sign);
    Ok((out, system))
}

fn calendar(year: u16) -> Result<System, Code> {
    match year {
        y if PERSIAN_YEARS.contains(&y) => Ok(System::Persian),
        y if y >= FIRST_GREGORIAN_YEAR => Ok(System::Gregorian),
        // Among them the years of the Islamic calendar, 1430 and later.
        _ => Err(Code::WrongCalendar),
    }
}

type Parts = (u16, Option<u8>, Option<u8>, Option<System>);

fn numbers(text: &str) -> Result<Parts, Code> {
    let parts: Vec<_> = text.split(['-', '/', '.']).map(str::trim).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(digits) {
        return Err(Code::BadDate);
    }
    if parts[0].len() != 4 {
        let last = parts.last().is_some_and(|part| part.len() == 4);
        return Err(match parts.len() {
            2 | 3 if last => Code::DateOrder,
            _ if parts[0].len() <= 2 => Code::ShortYear,
            _ => Code::BadDate,
        });
    }
    let number =
        |at: usize| parts.get(at).map(|part| part.parse::<u8>().map_err(|_| Code::BadDate));
    let year = parts[0].parse().map_err(|_| Code::BadDate)?;
    Ok((year, number(1).transpose()?, number(2).transpose()?, None))
}

/// `25 Aban 1398`, `Aban 1398`, `November 16, 2019`; `None` when no month is named.
fn named_month(text: &str) -> Result<Option<Parts>, Code> {
    let words: Vec<_> = text.split([' ', ',', '-', '\u{200c}']).filter(|w| !w.is_empty()).collect();
    let found = words.iter().enumerate().find_map(|(at, word)| month_of(word).map(|m| (at, m)));
    let Some((at, (month, system))) = found else { return Ok(None) };
    let others: Vec<_> =
        words.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, w)| *w).collect();
    let number = |text: &str| text.parse::<u16>().map_err(|_| Code::BadDate);
    let (day, year) = match others.as_slice() {
        [year] => (None, *year),
        [day, year] if year.len() == 4 => (Some(*day), *year),
        [year, day] if year.len() == 4 => (Some(*day), *year),
        [_, _] => return Err(Code::ShortYear),
        _ => return Err(Code::BadDate),
    };
    if year.len() != 4 {
        return Err(Code::ShortYear);
    }
    let day = day.map(number).transpose()?.map(|d| u8::try_from(d).map_err(|_| Code::BadDate));
    Ok(Some((number(year)?, Some(month), day.transpose()?, Some(system))))
}

fn month_of(word: &str) -> Option<(u8, System)> {
    let key = nospace(word);
    let within = |list: &[&[&str]; 12]| {
        list.iter().position(|names| names.iter().any(|name| nospace(name) == key))
    };
    let at = |n: usize| u8::try_from(n + 1).ok();
    within(&PERSIAN)
        .and_then(at)
        .map(|m| (m, System::Persian))
        .or_else(|| within(&GREGORIAN).and_then(at).map(|m| (m, System::Gregorian)))
}

/// A date of a record from the texts of one or both calendars; `None` when both are absent.
///
/// # Errors
/// [`Code::WrongCalendar`] when the second is not of the Persian calendar, or both are.
pub fn fuzzy(date: Option<Read>, jalali: Option<Read>) -> Result<Option<FuzzyDate>, Code> {
    let (west, east) = match (date, jalali) {
        (None, None) => return Ok(None),
        (_, Some(east)) if east.system != System::Persian => return Err(Code::WrongCalendar),
        (Some(west), Some(_)) if west.system == System::Persian => return Err(Code::WrongCalendar),
        (Some(date), None) if date.system == System::Persian => (None, Some(date.text)),
        (west, east) => (west.map(|read| read.text), east.map(|read| read.text)),
    };
    let source_cal = if east.is_some() { Calendar::Persian } else { Calendar::Gregorian };
    let edtf = match (west, &east) {
        (Some(west), _) => west,
        (None, Some(east)) => gregorian(east).ok_or(Code::BadDate)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(FuzzyDate { tz: None, edtf, jalali: east, source_cal, time_local: None }))
}

/// The Gregorian text of a Persian one; of months and years, the days that they cover.
fn gregorian(jalali: &str) -> Option<String> {
    if let Some(text) = to_gregorian(jalali) {
        return Some(text);
    }
    let (when, span) = parse(jalali, System::Persian)?;
    let about = match &when {
        When::One(moment) => moment.about,
        When::Between(from, to) => from.about || to.about,
        When::OneOf(list) => list.iter().any(|moment| moment.about),
    };
    let sign = if about { "~" } else { "" };
    let day = |number| {
        let (year, month, day) = day_of(System::Gregorian, number);
        format!("{year:04}-{month:02}-{day:02}{sign}")
    };
    Some(format!("{}/{}", day(span.from), day(span.to)))
}

/// One certain day as `YYYY-MM-DD`, from either calendar.
///
/// # Errors
/// What is wrong with it; [`Code::NotADay`] for a month or a range.
pub fn day(cell: &str) -> Result<String, Code> {
    let date = fuzzy(Some(read(cell)?), None)?.ok_or(Code::BadDate)?;
    match date.day() {
        Some(_) => Ok(date.edtf),
        None => Err(Code::NotADay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::record::dates::agree;

    fn west(cell: &str) -> String {
        fuzzy(Some(read(cell).unwrap()), None).unwrap().unwrap().edtf
    }

    #[test]
    fn forms_of_one_day() {
        for cell in [
            "2019-11-16",
            "2019/11/16",
            "1398-08-25",
            "۱۳۹۸/۸/۲۵",
            "١٣٩٨/٠٨/٢٥",
            "1398.8.25",
            "۲۵ آبان ۱۳۹۸",
            "25 Aban 1398",
            "16 November 2019",
            "November 16, 2019",
            "۱۶ نوامبر ۲۰۱۹",
            "1398 آبان 25",
        ] {
            assert_eq!(west(cell), "2019-11-16", "{cell}");
            assert_eq!(day(cell).unwrap(), "2019-11-16", "{cell}");
        }
    }

    #[test]
    fn forms_that_are_not_certain() {
        for (cell, edtf) in [
            ("2019-11", "2019-11"),
            ("2019/11", "2019-11"),
            ("1991", "1991"),
            ("حدود 1991", "1991~"),
            ("about 1991", "1991~"),
            ("2019-11-16؟", "2019-11-16?"),
            ("2019-11-16/2019-11-17", "2019-11-16/2019-11-17"),
            ("۲۵ آبان ۱۳۹۸ تا ۲۶ آبان ۱۳۹۸", "2019-11-16/2019-11-17"),
            ("1398/08/25 تا 1398/08/26", "2019-11-16/2019-11-17"),
            ("[2019-11-16,2019-11-20]", "[2019-11-16,2019-11-20]"),
            ("1398/8/25 یا 1398/8/29", "[2019-11-16,2019-11-20]"),
            ("آبان ۱۳۹۸", "2019-10-23/2019-11-21"),
            ("1370", "1991-03-21/1992-03-20"),
            ("1370~", "1991-03-21~/1992-03-20~"),
            ("1990/1992", "1990/1992"),
        ] {
            assert_eq!(west(cell), edtf, "{cell}");
            let read = read(cell).unwrap();
            if read.system == System::Persian {
                assert!(agree(edtf, &read.text), "{cell}");
            }
            assert!(day(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        for (cell, code) in [
            ("16/11/2019", Code::DateOrder),
            ("11-16-2019", Code::DateOrder),
            ("98/8/25", Code::ShortYear),
            ("25 آبان 98", Code::ShortYear),
            ("1402-12-30", Code::BadDate),
            ("2019-02-30", Code::BadDate),
            ("yesterday", Code::BadDate),
            ("1441-03-18", Code::WrongCalendar),
            ("25 Aban 2019", Code::WrongCalendar),
            ("2019-11-16/1398-08-26", Code::WrongCalendar),
            ("", Code::BadDate),
            ("2019-11-17/2019-11-16", Code::BadDate),
            ("1398/08/25/1398/08/26", Code::BadDate),
            ("2019-999-1", Code::BadDate),
        ] {
            assert_eq!(read(cell), Err(code), "{cell}");
        }
        let at = |cell: &str| Some(read(cell).unwrap());
        assert_eq!(fuzzy(None, at("2019-11-16")), Err(Code::WrongCalendar));
        assert_eq!(fuzzy(at("1398-08-25"), at("1398-08-25")), Err(Code::WrongCalendar));
        assert_eq!(fuzzy(None, None), Ok(None));
        assert_eq!(day("2019-11"), Err(Code::NotADay));
    }
}
