//! What can be said of how new a release is: in words, for people. Nothing here decides anything; a wrong
//! clock changes these words and nothing else.

use icu_calendar::{Date, Iso};

/// The same sentence in English and in Persian, with Latin digits; who shows it changes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Persian.
    pub fa: String,
}

fn words(en: impl Into<String>, fa: impl Into<String>) -> Words {
    Words { en: en.into(), fa: fa.into() }
}

/// What the sources that were asked last have, besides where the release came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Agreement {
    /// Sources with the same newest release.
    pub same: u64,
    /// Sources with an older one.
    pub older: u64,
    /// Sources that did not answer, or have nothing of the archive.
    pub silent: u64,
    /// The day they were asked, by this device's clock.
    pub day: String,
}

/// Days before this one come from a clock that was never set: this program was made later.
const MADE: &str = "2026-01-01";
/// A clock beyond this day is taken for wrong.
const FAR: &str = "2100-01-01";

/// How old a release is by its signed date and by this device's clock.
pub fn age(date: &str, today: &str) -> Words {
    if !(MADE..=FAR).contains(&today) {
        return words(
            format!(
                "this device's clock says {today}, which cannot be right, so its age is not known"
            ),
            format!("ساعت این دستگاه {today} را نشان می‌دهد که درست نیست؛ پس سن آن دانسته نیست"),
        );
    }
    let (Some(then), Some(now)) = (day_number(date), day_number(today)) else {
        return words("its age is not known", "سن آن دانسته نیست");
    };
    match now - then {
        days if days < -1 => words(
            "it is dated in the future: this device's clock or the date is wrong",
            "تاریخ آن در آینده است: ساعت این دستگاه یا این تاریخ نادرست است",
        ),
        // The date is UTC; in Iran or America it can be a day off.
        ..=0 => words("it is dated today", "تاریخ آن امروز است"),
        1 => words("it is 1 day old", "1 روز از آن گذشته است"),
        days @ 2..=60 => {
            words(format!("it is {days} days old"), format!("{days} روز از آن گذشته است"))
        }
        days @ 61..=730 => {
            let months = days / 30;
            let fa = format!("نزدیک {months} ماه از آن گذشته است");
            words(format!("it is about {months} months old"), fa)
        }
        days => {
            let years = days / 365;
            let fa = format!("نزدیک {years} سال از آن گذشته است");
            words(format!("it is about {years} years old"), fa)
        }
    }
}

/// How it was learned: the short text of the settings, in words.
pub fn source(source: &str) -> Words {
    match source {
        "peer" => words("from another device, over the network", "از دستگاهی دیگر، از راه شبکه"),
        "carrier" => words("from a carrier file", "از یک فایل حامل"),
        "courier" => words("from a text that somebody sent", "از متنی که کسی فرستاد"),
        "published" => words("published on this device", "روی همین دستگاه منتشر شده"),
        "" => words("not recorded", "ثبت نشده"),
        other => words(other, other),
    }
}

/// Whether other sources agree that this is the newest.
pub fn agreement(agreement: Option<&Agreement>) -> Words {
    let Some(a) = agreement.filter(|a| a.same + a.older + a.silent > 0) else {
        return words(
            "no source on the network was asked whether there is a newer one",
            "از هیچ منبعی در شبکه پرسیده نشده که آیا تازه‌ترش هست یا نه",
        );
    };
    let day = &a.day;
    match (a.same, a.older) {
        (0, 0) => words(
            format!("none of the {} sources asked on {day} answered", a.silent),
            format!("هیچ‌یک از {} منبعی که {day} پرسیده شد پاسخ نداد", a.silent),
        ),
        (0, older) => words(
            format!(
                "sources asked on {day} that have an older one: {older}; nobody had a newer one"
            ),
            format!(
                "منبع‌هایی که {day} پرسیده شدند و کهنه‌ترش را داشتند: {older}؛ هیچ‌کس تازه‌ترش را نداشت"
            ),
        ),
        (1, 0) => words(
            format!(
                "only one source was asked on {day}; a single source can keep a newer one back"
            ),
            format!(
                "{day} تنها از یک منبع پرسیده شد؛ یک منبع به‌تنهایی می‌تواند نسخه‌ی تازه‌تر را پنهان کند"
            ),
        ),
        (same, older) => words(
            format!(
                "sources asked on {day} that have the same one: {same}, an older one: {older}, a newer one: none"
            ),
            format!(
                "منبع‌هایی که {day} پرسیده شدند: همین را دارند {same}، کهنه‌ترش را {older}، تازه‌ترش را هیچ‌کدام"
            ),
        ),
    }
}

fn day_number(day: &str) -> Option<i64> {
    let mut parts = day.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let date = Date::<Iso>::try_new_iso(year, month, parts.next()?.parse().ok()?).ok()?;
    Some(date.to_rata_die().to_i64_date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_by_a_right_clock() {
        let en = |date: &str| age(date, "2026-11-23").en;
        assert_eq!(en("2026-11-23"), "it is dated today");
        assert_eq!(en("2026-11-24"), "it is dated today");
        assert_eq!(en("2026-11-22"), "it is 1 day old");
        assert_eq!(en("2026-10-23"), "it is 31 days old");
        assert_eq!(en("2026-08-20"), "it is about 3 months old");
        assert_eq!(en("2019-11-15"), "it is about 7 years old");
        assert_eq!(en("not a day"), "its age is not known");
        assert!(en("2026-12-01").contains("future"));
    }

    #[test]
    fn a10_wrong_clocks_change_only_words() {
        for clock in ["1970-01-01", "2016-05-05", "2106-02-07", "9999-12-31"] {
            assert!(age("2026-11-23", clock).en.contains("cannot be right"), "{clock}");
        }
        // One that is a little off.
        assert!(age("2026-11-23", "2026-03-01").en.contains("future"));
    }

    #[test]
    fn agreement_in_words() {
        let said = |same, older, silent| {
            let day = "2026-11-23".to_owned();
            agreement(Some(&Agreement { same, older, silent, day })).en
        };
        assert!(agreement(None).en.contains("no source"));
        assert!(said(0, 0, 0).contains("no source"));
        assert!(said(0, 0, 2).contains("none of the 2"));
        assert!(said(1, 0, 0).contains("keep a newer one back"));
        assert!(said(3, 1, 0).contains("same one: 3"));
        assert!(said(0, 2, 0).contains("older one: 2"));
    }
}
