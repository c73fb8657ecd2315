//! A made-up series of connectivity by hour, in the shape of a shutdown.

use std::fmt::Write;

/// Hour of the series at which it falls, at which it begins to come back, and at which it is back.
const FALLS: u64 = 2 * 24 + 16;
const RETURNS: u64 = 7 * 24 + 9;
const IS_BACK: u64 = 11 * 24;
const HOURS: u64 = 15 * 24;

/// `time,percent` from 14 to 28 November 2019, UTC (spec: series.md); its title and source say that it is invented.
pub fn connectivity() -> String {
    let mut out = String::from(
        "# title-fa: سری ساختگی: سهم شبکه‌هایی که در دسترس بودند (ساعت‌ها به وقت جهانی)\n\
         # title-en: Invented series: share of networks that could be reached (hours in UTC)\n\
         # source-fa: ساختگی، برای آزمون؛ هیچ‌کس چیزی نسنجیده است\n\
         # source-en: Invented for tests; nobody measured anything\ntime,percent\n",
    );
    for hour in 0..HOURS {
        // A wave of the day, and small steps that look like noise.
        let daily = (hour % 24).abs_diff(14) / 4 + hour * 7 % 3;
        let whole = 99 - daily;
        let percent = match hour {
            0..FALLS => whole,
            FALLS..RETURNS => (whole / (2 + 4 * (hour - FALLS))).max(4 + hour % 2),
            RETURNS..IS_BACK => 5 + (whole - 5) * (hour - RETURNS) / (IS_BACK - RETURNS),
            _ => whole,
        };
        let (day, hour) = (14 + hour / 24, hour % 24);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "2019-11-{day:02}T{hour:02}:00Z,{percent}");
    }
    out
}
