//! Reports for people and scripts.

use crate::cli::{CliError, Exit, Ui};
use crate::site::Report;
use std::path::Path;

/// Lines of each list that are printed; the report has all.
const SHOWN: usize = 20;

/// What each word of a change means, in English and Persian.
fn meaning(word: &str) -> (&'static str, &'static str) {
    match word {
        "active" => {
            ("scripts, handlers, frames and forms taken out", "اسکریپت، قاب و فرم برداشته شد")
        }
        "external" => (
            "things that would be fetched from elsewhere taken out",
            "چیزی که از جای دیگر گرفته می‌شد برداشته شد",
        ),
        "link" => (
            "links to other sites turned into text with their address",
            "پیوند به سایت‌های دیگر به متن با نشانی تبدیل شد",
        ),
        "broken" => ("links to files that are not there", "پیوند به فایلی که نیست"),
        "unlisted" => (
            "elements that are not in the list; their text stays",
            "عنصری که در فهرست نیست؛ متنش می‌ماند",
        ),
        "picture" => ("pictures freed of hidden data", "عکس از داده‌ی پنهان پاک شد"),
        "charset" => ("texts turned into UTF-8", "متن به UTF-8 برگردانده شد"),
        "renamed" => ("files renamed", "نام فایل عوض شد"),
        _ => (
            "pages that scripts would have filled: could not be kept",
            "صفحه‌ای که اسکریپت پر می‌کرد: نگه داشتنی نبود",
        ),
    }
}

/// The result of an import.
pub fn imported(ui: &Ui, report: &Report, out: &Path, written: bool) {
    let (files, out) = (report.files, out.display());
    ui.say(format!("{files} files written to {out}."), format!("{files} فایل در {out} نوشته شد."));
    lists(ui, report);
    let cut = report.changed.len() > SHOWN || report.left_out.len() > SHOWN;
    if cut && !written {
        ui.note("All of it: --report FILE.", "همه‌ی آن: --report FILE");
    }
    ui.json(&serde_json::json!({
        "files": report.files, "bytes": report.bytes, "counts": report.counts(),
        "left_out": report.left_out, "changed": report.changed, "more": report.more,
    }));
}

/// The result of a check.
pub fn checked(ui: &Ui, report: &Report) {
    lists(ui, report);
    if report.is_safe() {
        let files = report.files;
        ui.say(
            format!("{files} files, all in the safe subset."),
            format!("{files} فایل، همه در زیرمجموعه‌ی امن."),
        );
    }
    ui.json(&serde_json::json!({
        "safe": report.is_safe(), "files": report.files, "counts": report.counts(),
        "left_out": report.left_out, "changed": report.changed, "more": report.more,
    }));
}

fn lists(ui: &Ui, report: &Report) {
    for (word, count) in report.counts() {
        let (en, fa) = meaning(word);
        ui.say(format!("{word}: {count} — {en}"), format!("{word}: {count} — {fa}"));
    }
    for change in report.changed.iter().filter(|c| c.what != "picture").take(SHOWN) {
        let line = format!("  {}: {}: {}", change.path, change.what, change.detail);
        ui.note(&line, &line);
    }
    if !report.left_out.is_empty() {
        let count = report.left_out.len();
        ui.say(format!("{count} left out:"), format!("{count} کنار گذاشته شد:"));
    }
    for left in report.left_out.iter().take(SHOWN) {
        let line = format!("  {}: {}", left.source, left.detail);
        ui.say(&line, &line);
    }
    let rest = report.left_out.len().saturating_sub(SHOWN);
    if rest > 0 {
        ui.say(format!("  and {rest} more"), format!("  و {rest} تای دیگر"));
    }
}

/// A time as crawls write it: fourteen digits.
pub fn time(text: Option<&str>) -> Result<Option<String>, CliError> {
    let Some(text) = text else { return Ok(None) };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plain = text.chars().all(|c| c.is_ascii_digit() || "-T:Z ".contains(c));
    if !plain || !matches!(digits.len(), 8 | 14) {
        return Err(CliError::new(Exit::Usage, format!("{text} is no time"))
            .advice("write it as 2020-11-30 or 2020-11-30T12:00:00 (UTC)"));
    }
    Ok(Some(format!("{digits:9<14}")))
}
