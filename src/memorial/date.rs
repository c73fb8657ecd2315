//! Days in both calendars, in both languages.

use super::text::{Lang, Text, digits};
use icu_calendar::{Date, Gregorian, cal::Persian};
use yadgar_protocol::record::FuzzyDate;
use yadgar_protocol::record::dates::{self, Moment, System, When};

const ABOUT: Text = Text("حدود ", "about ");
const TO: Text = Text(" تا ", " to ");
const OR: Text = Text(" یا ", " or ");

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

/// A day by its number (`dates::day_number`), in words in both calendars.
pub fn of_number(lang: Lang, day: i64) -> String {
    let (year, month, day) = dates::day_of(System::Gregorian, day);
    both(lang, &format!("{year:04}-{month:02}-{day:02}"))
}

/// Name of a month, from 1; empty when there is none.
pub fn month_name(lang: Lang, system: System, month: u8) -> &'static str {
    let names = match (system, lang) {
        (System::Gregorian, Lang::Fa) => &GREGORIAN_FA,
        (System::Gregorian, Lang::En) => &GREGORIAN_EN,
        (System::Persian, Lang::Fa) => &JALALI_FA,
        (System::Persian, Lang::En) => &JALALI_EN,
    };
    names.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or_default()
}

/// A moment of a record in one calendar: as exact as it is known.
fn moment(lang: Lang, moment: &Moment, system: System) -> String {
    let names = match system {
        System::Gregorian => [&GREGORIAN_FA, &GREGORIAN_EN],
        System::Persian => [&JALALI_FA, &JALALI_EN],
    };
    let names = if lang == Lang::Fa { names[0] } else { names[1] };
    let month = moment.month.and_then(|m| names.get(usize::from(m).saturating_sub(1)));
    let exact = match (moment.day, month) {
        (Some(day), Some(month)) => format!("{day} {month} {}", moment.year),
        (_, Some(month)) => format!("{month} {}", moment.year),
        _ => moment.year.to_string(),
    };
    let about = if moment.about { ABOUT.get(lang) } else { "" };
    digits(lang, &format!("{about}{exact}"))
}

fn in_words(lang: Lang, text: &str, system: System) -> Option<String> {
    let (when, _) = dates::parse(text, system)?;
    let one = |m: &Moment| moment(lang, m, system);
    Some(match &when {
        When::One(m) => one(m),
        When::Between(from, to) => format!("{}{}{}", one(from), TO.get(lang), one(to)),
        When::OneOf(list) => list.iter().map(one).collect::<Vec<_>>().join(OR.get(lang)),
    })
}

/// A date of a record in words, in both calendars as far as they are known, the reader's own first.
pub fn fuzzy(lang: Lang, date: &FuzzyDate) -> String {
    let west = in_words(lang, &date.edtf, System::Gregorian);
    let computed = dates::to_jalali(&date.edtf);
    let jalali = date.jalali.as_deref().or(computed.as_deref());
    let east = jalali.and_then(|text| in_words(lang, text, System::Persian));
    match (lang, west, east) {
        (Lang::Fa, Some(west), Some(east)) => format!("{east} ({west})"),
        (Lang::En, Some(west), Some(east)) => format!("{west} ({east})"),
        (_, Some(only), None) | (_, None, Some(only)) => only,
        _ => digits(lang, &date.edtf),
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
    }

    #[test]
    fn dates_as_far_as_they_are_known() {
        let date = |edtf: &str, jalali: Option<&str>| FuzzyDate {
            tz: None,
            edtf: edtf.to_owned(),
            jalali: jalali.map(str::to_owned),
            source_cal: yadgar_protocol::record::Calendar::Persian,
            time_local: None,
        };
        let en = |edtf, jalali| fuzzy(Lang::En, &date(edtf, jalali));
        assert_eq!(en("2019-11-16", None), "16 November 2019 (25 Aban 1398)");
        assert_eq!(en("2019-11~", None), "about November 2019");
        assert_eq!(en("1991", Some("1370")), "1991 (1370)");
        assert_eq!(
            en("2019-11-16/2019-11-17", None),
            "16 November 2019 to 17 November 2019 (25 Aban 1398 to 26 Aban 1398)"
        );
        assert!(en("[1990-04-17,1990-04-27]", None).starts_with("17 April 1990 or 27 April 1990"));
        let fa = fuzzy(Lang::Fa, &date("2019-11-16", Some("1398-08-25")));
        assert_eq!(fa, "۲۵ آبان ۱۳۹۸ (۱۶ نوامبر ۲۰۱۹)");
    }
}
