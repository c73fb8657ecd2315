//! Dates as far as they are known, in two calendars that must agree (spec: record.md, REC-6 and REC-7).

use super::types::FuzzyDate;
use crate::limits::MAX_RECORD_DATE_BYTES;
use icu_calendar::{Date, Gregorian, cal::Persian};

/// Until 1501 the 33-year rule is that of Iran's calendar; of later years astronomers will have to say.
const LAST_PERSIAN_YEAR: u16 = 1_500;

/// The calendars in which dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Gregorian.
    Gregorian,
    /// Persian (Solar Hijri).
    Persian,
}

/// A year, month or day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// From 1.
    pub day: Option<u8>,
    /// True with `~`, `?` or `%`: about, or uncertain.
    pub about: bool,
}

/// What a date text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// One moment.
    One(Moment),
    /// From one to another.
    Between(Moment, Moment),
    /// One of several, ascending.
    OneOf(Vec<Moment>),
}

/// Days that a date may mean, as numbers that both calendars share (1 = 0001-01-01 Gregorian).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

impl Moment {
    fn parse(text: &str, system: System) -> Option<(Self, Span)> {
        let bare = text.strip_suffix(['~', '?', '%']);
        let (body, about) = bare.map_or((text, false), |body| (body, true));
        let mut fields = body.split('-');
        let number = |field: &str, digits: usize| {
            let fits = field.len() == digits && field.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| field.parse::<u16>().ok()).flatten()
        };
        let last = if system == System::Persian { LAST_PERSIAN_YEAR } else { 9_999 };
        let year = number(fields.next()?, 4).filter(|year| (1_000..=last).contains(year))?;
        let month = fields
            .next()
            .map(|f| number(f, 2).map(|n| n as u8))
            .map_or(Some(None), |n| n.map(Some))?;
        let day = fields
            .next()
            .map(|f| number(f, 2).map(|n| n as u8))
            .map_or(Some(None), |n| n.map(Some))?;
        if fields.next().is_some() {
            return None;
        }
        let moment = Self { year, month, day, about };
        Some((moment, moment.span(system)?))
    }

    /// The days that it covers; `None` when there is no such day.
    fn span(&self, system: System) -> Option<Span> {
        let from = day_number(system, self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))?;
        let to = match (self.month, self.day) {
            (_, Some(_)) => from,
            (Some(12), None) | (None, None) => {
                // The last month of a Persian year has 29 days or 30.
                let last = |day| day_number(system, self.year, 12, day);
                last(31).or_else(|| last(30)).or_else(|| last(29))?
            }
            (Some(month), None) => day_number(system, self.year, month + 1, 1)? - 1,
        };
        Some(Span { from, to })
    }

    fn is_day(&self) -> bool {
        self.day.is_some() && !self.about
    }
}

/// Number of a day; `None` when there is no such day.
pub fn day_number(system: System, year: u16, month: u8, day: u8) -> Option<i64> {
    let number = match system {
        System::Gregorian => {
            Date::try_new_gregorian(i32::from(year), month, day).ok()?.to_rata_die()
        }
        System::Persian => Date::try_new_persian(i32::from(year), month, day).ok()?.to_rata_die(),
    };
    Some(number.to_i64_date())
}

/// Year, month and day of a day number.
pub fn day_of(system: System, number: i64) -> (i32, u8, u8) {
    let rata = icu_calendar::types::RataDie::new(number);
    match system {
        System::Gregorian => {
            let date = Date::from_rata_die(rata, Gregorian);
            (date.year().extended_year(), date.month().ordinal, date.day_of_month().0)
        }
        System::Persian => {
            let date = Date::from_rata_die(rata, Persian);
            (date.year().extended_year(), date.month().ordinal, date.day_of_month().0)
        }
    }
}

/// Reads a date of REC-6: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, each with `~`, `?` or `%` behind it where it is
/// not certain; two of them with `/` between; or some, ascending, as `[A,B]`.
pub fn parse(text: &str, system: System) -> Option<(When, Span)> {
    if text.len() > MAX_RECORD_DATE_BYTES {
        return None;
    }
    if let Some(list) = text.strip_prefix('[') {
        let items: Option<Vec<_>> =
            list.strip_suffix(']')?.split(',').map(|t| Moment::parse(t, system)).collect();
        let items = items.filter(|items| items.len() > 1)?;
        let span = Span { from: items.first()?.1.from, to: items.last()?.1.to };
        let ascending = items.is_sorted_by(|a, b| a.1 < b.1);
        return ascending.then(|| (When::OneOf(items.into_iter().map(|i| i.0).collect()), span));
    }
    if let Some((from, to)) = text.split_once('/') {
        let (from, first) = Moment::parse(from, system)?;
        let (to, last) = Moment::parse(to, system)?;
        let span = Span { from: first.from, to: last.to };
        return (first < last && first.from <= last.from)
            .then_some((When::Between(from, to), span));
    }
    let (moment, span) = Moment::parse(text, system)?;
    Some((When::One(moment), span))
}

impl When {
    fn moments(&self) -> Vec<Moment> {
        match self {
            Self::One(one) => vec![*one],
            Self::Between(from, to) => vec![*from, *to],
            Self::OneOf(list) => list.clone(),
        }
    }
}

/// Whether two texts, one in each calendar, can mean the same (REC-7): where both are made of certain days,
/// these must be the same days; otherwise the days that they may mean must overlap.
pub fn agree(gregorian: &str, jalali: &str) -> bool {
    let (Some((west, a)), Some((east, b))) =
        (parse(gregorian, System::Gregorian), parse(jalali, System::Persian))
    else {
        return false;
    };
    let days = |when: &When, system| -> Option<Vec<i64>> {
        let moments = when.moments();
        let day = |m: &Moment| m.is_day().then(|| m.span(system)).flatten().map(|s| s.from);
        moments.iter().map(day).collect()
    };
    match (days(&west, System::Gregorian), days(&east, System::Persian)) {
        (Some(west_days), Some(east_days)) => {
            std::mem::discriminant(&west) == std::mem::discriminant(&east) && west_days == east_days
        }
        _ => a.from <= b.to && b.from <= a.to,
    }
}

/// The Gregorian text for a Persian one, where it consists of days; else `None`.
pub fn to_gregorian(jalali: &str) -> Option<String> {
    convert(jalali, System::Persian, System::Gregorian)
}

/// The Persian text for a Gregorian one, where it consists of days; else `None`.
pub fn to_jalali(gregorian: &str) -> Option<String> {
    convert(gregorian, System::Gregorian, System::Persian)
}

fn convert(text: &str, from: System, to: System) -> Option<String> {
    let (when, _) = parse(text, from)?;
    let one = |moment: &Moment| {
        moment.day?;
        let (year, month, day) = day_of(to, moment.span(from)?.from);
        Some(format!("{year:04}-{month:02}-{day:02}{}", if moment.about { "~" } else { "" }))
    };
    let texts: Vec<_> = when.moments().iter().map(one).collect::<Option<_>>()?;
    let text = match when {
        When::One(_) => texts.concat(),
        When::Between(..) => texts.join("/"),
        When::OneOf(_) => format!("[{}]", texts.join(",")),
    };
    parse(&text, to).map(|_| text)
}

impl FuzzyDate {
    /// The days that it may mean; `None` when it is not well formed.
    pub fn span(&self) -> Option<Span> {
        parse(&self.edtf, System::Gregorian).map(|(_, span)| span)
    }

    /// The days that it may mean, where no part of it is uncertain.
    pub fn certain(&self) -> Option<Span> {
        let (when, span) = parse(&self.edtf, System::Gregorian)?;
        when.moments().iter().all(|moment| !moment.about).then_some(span)
    }

    /// The day, where it is one certain day.
    pub fn day(&self) -> Option<i64> {
        match parse(&self.edtf, System::Gregorian)? {
            (When::One(moment), span) if moment.is_day() => Some(span.from),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rec_7_known_days() {
        for (west, east) in [
            ("2019-11-15", "1398-08-24"),
            ("2019-11-16", "1398-08-25"),
            ("2019-11-19", "1398-08-28"),
            ("2025-03-20", "1403-12-30"),
            ("2025-03-21", "1404-01-01"),
            ("2026-01-08", "1404-10-18"),
        ] {
            assert!(agree(west, east), "{west}");
            assert_eq!(to_gregorian(east).as_deref(), Some(west));
            assert_eq!(to_jalali(west).as_deref(), Some(east));
        }
        assert!(!agree("2019-11-16", "1398-08-26"));
        assert!(!agree("2019-11-16/2019-11-17", "1398-08-25"));
        assert!(agree("2019-11-16/2019-11-17", "1398-08-25/1398-08-26"));
        assert!(agree("1991", "1370") && agree("1992", "1370") && !agree("1993", "1370"));
        assert!(agree("2019-11~", "1398-08") && !agree("2019-12", "1398-08"));
    }

    #[test]
    fn rec_6_forms() {
        for good in
            ["2019", "2019~", "2019-11", "2019-11-16?", "2019/2020-01", "[1990-04-17,1990-04-27]"]
        {
            assert!(parse(good, System::Gregorian).is_some(), "{good}");
        }
        for bad in [
            "",
            "19",
            "2019-1-1",
            "2019-02-30",
            "2019-13",
            "0999",
            "2019-11-16-1",
            "2020/2019",
            "[2019]",
            "[2020,2019]",
            "2019-11-XX",
            "2019-11-16T10",
            "۲۰۱۹",
            "2019/2020/2021",
            "[2019,2020",
            "+2019",
        ] {
            assert!(parse(bad, System::Gregorian).is_none(), "{bad}");
        }
        assert!(parse("1403-12-30", System::Persian).is_some());
        assert!(parse("1402-12-30", System::Persian).is_none());
    }

    #[test]
    fn rec_7_every_day_goes_there_and_back() {
        let first = day_number(System::Gregorian, 1900, 1, 1).unwrap();
        for number in (first..first + 60_000).step_by(7) {
            let (y, m, d) = day_of(System::Persian, number);
            assert_eq!(day_number(System::Persian, y as u16, m, d), Some(number));
        }
    }
}
