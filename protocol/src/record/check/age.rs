//! How old the person was: what age, birth, day and `minor` say together (REC-13).

use super::super::dates::{System, day_of};
use super::super::words::*;
use super::{Checker, Victim};
use crate::limits::MAX_RECORD_AGE;

/// Who is younger is a minor.
const OF_AGE: u64 = 18;
/// Sources that state an age count the running year, or round: so far it may be from what birth and day give.
const SLACK: u64 = 1;

impl Checker {
    pub(super) fn age(&mut self, v: &Victim) {
        let dated = age_by_dates(v);
        if let Some((least, most)) = dated {
            self.minor(v.minor, least, most, "does not agree with birth and day");
        }
        let Some(age) = &v.age else { return };
        let good = age.min <= age.max && age.max <= MAX_RECORD_AGE;
        self.require(good, "REC-13", "age", "not an age");
        if !good {
            // What is no age agrees with nothing: one fault, told once.
            return;
        }
        self.minor(v.minor, age.min, age.max, "does not agree with the age");
        let slack = if age.basis == AgeBasis::Computed { 0 } else { SLACK };
        let agrees = dated.is_none_or(|(least, most)| {
            age.max.saturating_add(slack) >= least && age.min <= most + slack
        });
        self.require(agrees, "REC-13", "age", "does not agree with birth and day");
    }

    fn minor(&mut self, minor: Option<Minor>, least: u64, most: u64, why: &'static str) {
        let agrees = match minor {
            Some(Minor::Yes) => most < OF_AGE,
            Some(Minor::No) => least >= OF_AGE,
            Some(Minor::Likely | Minor::Unknown) => least < OF_AGE && most >= OF_AGE,
            None => true,
        };
        self.require(agrees, "REC-13", "minor", why);
    }
}

/// The least and greatest age, in completed years, on the day of the injury or, without one, of the death. `None`
/// where one of the dates is not known or not certain, or the person would not have been born.
fn age_by_dates(v: &Victim) -> Option<(u64, u64)> {
    let birth = v.birth.as_ref()?.certain()?;
    let day = v.injured_at.as_ref().or(v.died_at.as_ref())?.certain()?;
    Some((years(birth.to, day.from).unwrap_or(0), years(birth.from, day.to)?))
}

/// Completed years between two days.
fn years(birth: i64, day: i64) -> Option<u64> {
    let (year, month, of_month) = day_of(System::Gregorian, birth);
    let (to_year, to_month, to_day) = day_of(System::Gregorian, day);
    let before = (to_month, to_day) < (month, of_month);
    u64::try_from(to_year - year - i32::from(before)).ok()
}
