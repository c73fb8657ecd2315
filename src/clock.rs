//! Dates for people. Nothing in yadgar decides by the clock; this is only for what is shown and signed
//! as information.

use std::time::{SystemTime, UNIX_EPOCH};

/// The UTC day of `time` as `YYYY-MM-DD`; a clock before 1970 counts as 1970.
pub fn utc_day(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
    // Dates beyond what the calendar crate covers come from a broken clock: shown as its limit.
    let date = icu_calendar::Date::try_new_iso(1970, 1, 1)
        .map(|epoch| days_after(epoch, days.min(MAX_DAYS)));
    date.unwrap_or_else(|_| "1970-01-01".into())
}

/// 9999-12-31, the last day with a four-digit year.
const MAX_DAYS: i64 = 2_932_896;

fn days_after(epoch: icu_calendar::Date<icu_calendar::Iso>, days: i64) -> String {
    let fixed = icu_calendar::types::RataDie::new(epoch.to_rata_die().to_i64_date() + days);
    let date = icu_calendar::Date::from_rata_die(fixed, icu_calendar::Iso);
    format!(
        "{:04}-{:02}-{:02}",
        date.year().extended_year(),
        date.month().ordinal,
        date.day_of_month().0
    )
}

/// The hour of the day, 0 to 23, in the time zone of this machine; UTC where that is not known.
pub fn local_hour() -> u8 {
    u8::try_from(jiff::Zoned::now().hour()).unwrap_or(0)
}

/// The day in the time zone of this machine as `YYYY-MM-DD`; UTC where that is not known.
pub fn local_day() -> String {
    jiff::Zoned::now().date().to_string()
}

/// Time since a moment that is fixed while the machine runs; where the system tells it, time asleep counts too. For
/// measuring spans, never for dates.
pub fn uptime() -> std::time::Duration {
    #[cfg(target_os = "linux")]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        std::time::Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or(0))
    }
    #[cfg(not(target_os = "linux"))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn days_of_known_moments() {
        let day = |s| utc_day(UNIX_EPOCH + Duration::from_secs(s));
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_573_862_400), "2019-11-16");
        assert_eq!(day(1_709_164_799), "2024-02-28");
        assert_eq!(day(1_709_164_800), "2024-02-29");
        assert_eq!(day(u64::from(u32::MAX) * 1000), "9999-12-31");
        assert_eq!(utc_day(UNIX_EPOCH - Duration::from_secs(5)), "1970-01-01");
    }
}
