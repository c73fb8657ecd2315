//! Days in both calendars, in both languages.

use super::text::{Lang, digits};
use icu_calendar::{Date, Gregorian, cal::Persian};

const GREGORIAN_FA: [&str; 12] = [
    "ژانویه",
    "فوریه",
    "مارس",
    "آوریل",
    "مه",
    "ژوئن",
    "ژوئیه",
    "اوت",
    "سپتامبر",
    "اکتبر",
    "نوامبر",
    "دسامبر",
];
const GREGORIAN_EN: [&str; 12] = [
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
const JALALI_FA: [&str; 12] = [
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
const JALALI_EN: [&str; 12] = [
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
];

/// Year, month and day of `YYYY-MM-DD`, when there is such a day.
fn parse(day: &str) -> Option<Date<Gregorian>> {
    let well_formed = day.len() == 10
        && day.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !well_formed {
        return None;
    }
    let year = day[..4].parse().ok()?;
    let month = day[5..7].parse().ok()?;
    Date::try_new_gregorian(year, month, day[8..].parse().ok()?).ok()
}

fn long(lang: Lang, year: i32, month: u8, day: u8, names: [&[&str; 12]; 2]) -> String {
    let names = match lang {
        Lang::Fa => names[0],
        Lang::En => names[1],
    };
    let name = names.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
    digits(lang, &format!("{day} {name} {year}"))
}

/// A UTC day `YYYY-MM-DD` in words in both calendars, the reader's own first. Anything else comes
/// back as it is, with the digits of the language.
pub fn both(lang: Lang, day: &str) -> String {
    let Some(date) = parse(day) else { return digits(lang, day) };
    let persian = date.to_calendar(Persian);
    let western = long(
        lang,
        date.year().extended_year(),
        date.month().ordinal,
        date.day_of_month().0,
        [&GREGORIAN_FA, &GREGORIAN_EN],
    );
    let jalali = long(
        lang,
        persian.year().extended_year(),
        persian.month().ordinal,
        persian.day_of_month().0,
        [&JALALI_FA, &JALALI_EN],
    );
    match lang {
        Lang::Fa => format!("{jalali} ({western})"),
        Lang::En => format!("{western} ({jalali})"),
    }
}

/// A date of a record (EDTF): a day, two days with a slash between them, or something less exact,
/// which is shown as it stands.
pub fn edtf(lang: Lang, text: &str) -> String {
    match text.split_once('/') {
        Some((from, to)) if parse(from).is_some() && parse(to).is_some() => match lang {
            Lang::Fa => format!("{} تا {}", both(lang, from), both(lang, to)),
            Lang::En => format!("{} to {}", both(lang, from), both(lang, to)),
        },
        _ => both(lang, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(both(Lang::En, "2019-11-16"), "16 November 2019 (25 Aban 1398)");
        assert_eq!(both(Lang::Fa, "2019-11-16"), "۲۵ آبان ۱۳۹۸ (۱۶ نوامبر ۲۰۱۹)");
        // A leap day, and the day after it.
        assert!(both(Lang::En, "2025-03-20").contains("30 Esfand 1403"));
        assert!(both(Lang::En, "2025-03-21").contains("1 Farvardin 1404"));
        assert!(both(Lang::En, "2026-01-08").contains("18 Dey 1404"));
    }

    #[test]
    fn what_is_not_a_day_is_shown_as_it_is() {
        for text in ["2019-02-30", "2019-11~", "", "2019-1é", "[1990-04-17,1990-04-27]"] {
            assert_eq!(both(Lang::En, text), text);
        }
        assert_eq!(edtf(Lang::Fa, "2019-11~"), "۲۰۱۹-۱۱~");
        assert!(edtf(Lang::En, "2019-11-16/2019-11-17").contains(" to 17 November"));
    }
}
