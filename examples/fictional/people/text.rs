//! Texts in two languages, numbers and days in words.

use yadgar_protocol::record::Texts;
use yadgar_protocol::record::dates::{System, day_of};

const MONTHS: [&str; 12] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A text in both languages.
pub fn both(fa: &str, en: &str) -> Texts {
    Texts { fa: Some(fa.to_owned()), en: Some(en.to_owned()) }
}

/// A number in Persian digits.
pub fn digits(number: u64) -> String {
    let persian = |c: char| {
        let digit = c.to_digit(10).and_then(|d| char::from_u32('۰' as u32 + d));
        digit.unwrap_or(c)
    };
    number.to_string().chars().map(persian).collect()
}

/// A day, in Persian by the Persian calendar and in English by the Gregorian.
pub fn day(number: i64) -> Texts {
    let (y, m, d) = day_of(System::Persian, number);
    let fa = format!(
        "{} {} {}",
        digits(u64::from(d)),
        MONTHS[usize::from(m) - 1],
        digits(y.unsigned_abs().into())
    );
    let (y, m, d) = day_of(System::Gregorian, number);
    both(&fa, &format!("{d} {} {y}", ENGLISH[usize::from(m) - 1]))
}

/// `YYYY-MM-DD` in a calendar.
pub fn iso(system: System, number: i64) -> String {
    let (y, m, d) = day_of(system, number);
    format!("{y:04}-{m:02}-{d:02}")
}
