//! Days around 24 to 30 Aban 1398, some of them not certain.

use super::rng::Rng;
use super::text::iso;
use yadgar_protocol::record::dates::{System, day_number};
use yadgar_protocol::record::{Calendar, FuzzyDate};

/// How many of a hundred were hurt on each day, from 24 Aban 1398 on.
const DAYS: [(i64, u64); 7] = [(0, 6), (1, 36), (2, 26), (3, 14), (4, 9), (5, 6), (6, 3)];

/// When somebody was hurt and died, and the day that the texts name.
pub struct Death {
    pub injured_at: Option<FuzzyDate>,
    pub died_at: Option<FuzzyDate>,
    /// The day of the incident; the first where it is one of several.
    pub day: i64,
    /// Whether that day is certain.
    pub certain: bool,
    /// The day of death, where it is another one and certain.
    pub later: Option<i64>,
}

/// 24 Aban 1398.
pub fn first_day() -> i64 {
    day_number(System::Persian, 1398, 8, 24).unwrap_or_default()
}

/// A day by its weight.
pub fn death(rng: &mut Rng) -> Death {
    let day = first_day() + rng.weighted(&DAYS);
    let mut death = Death { injured_at: None, died_at: None, day, certain: true, later: None };
    death.died_at = match rng.below(100) {
        0..8 => {
            let later = day + rng.within(1, 9) as i64;
            death.injured_at = Some(certain(rng, day));
            death.later = Some(later);
            Some(certain(rng, later))
        }
        8..13 => Some(days(day, day + 1, "", "/", "")),
        13..16 => Some(days(day, day + 2, "[", ",", "]")),
        16..19 => Some(about(day)),
        19..21 => Some(fuzzy("2019-11~", "1398-08/1398-09")),
        21..23 => None,
        _ => Some(certain(rng, day)),
    };
    let known = death.injured_at.as_ref().or(death.died_at.as_ref());
    death.certain = known.is_some_and(|date| date.day().is_some());
    death
}

/// A certain day, sometimes with the hour.
pub fn certain(rng: &mut Rng, day: i64) -> FuzzyDate {
    let mut date = fuzzy(&iso(System::Gregorian, day), &iso(System::Persian, day));
    if rng.percent(12) {
        date.source_cal = Calendar::Gregorian;
    }
    if rng.percent(20) {
        date.time_local = Some(format!("{:02}:{:02}", rng.within(10, 22), rng.below(12) * 5));
    }
    date
}

/// The day of birth of somebody who has had the birthday of 1398 before 24 Aban, or the year alone.
pub fn birth(rng: &mut Rng, age: u64) -> FuzzyDate {
    let year = 1398 - age;
    if rng.percent(40) {
        let (from, to) = (year + 621, year + 622);
        return fuzzy(&format!("{from}/{to}"), &year.to_string());
    }
    let (month, day) = (rng.within(1, 7) as u8, rng.within(1, 29) as u8);
    let number = day_number(System::Persian, year as u16, month, day).unwrap_or_default();
    fuzzy(&iso(System::Gregorian, number), &iso(System::Persian, number))
}

fn days(one: i64, other: i64, open: &str, between: &str, close: &str) -> FuzzyDate {
    let text = |system| format!("{open}{}{between}{}{close}", iso(system, one), iso(system, other));
    fuzzy(&text(System::Gregorian), &text(System::Persian))
}

fn about(day: i64) -> FuzzyDate {
    fuzzy(&format!("{}~", iso(System::Gregorian, day)), &format!("{}~", iso(System::Persian, day)))
}

fn fuzzy(edtf: &str, jalali: &str) -> FuzzyDate {
    FuzzyDate {
        tz: Some("Asia/Tehran".to_owned()),
        edtf: edtf.to_owned(),
        jalali: Some(jalali.to_owned()),
        source_cal: Calendar::Persian,
        time_local: None,
    }
}
