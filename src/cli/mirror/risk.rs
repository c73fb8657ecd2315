//! Asks before a mirror begins where it can put a person in danger.

use crate::cli::whereabouts::seems_in_iran;
use crate::cli::{CliError, Exit, Ui};

/// Running a mirror inside Iran can put a person in danger: ask before it begins there.
pub fn confirm(ui: &Ui) -> Result<(), CliError> {
    if !seems_in_iran(ui.lang) {
        return Ok(());
    }
    ui.warn(
        "this system's time zone or the language is Iran's. A mirror can be recognised by your provider \
         and by anybody who connects, and it keeps running under one identity. Do not run one \
         inside Iran. Type 'yes' to run it all the same:",
        "منطقه‌ی زمانی این دستگاه یا زبان از آنِ ایران است. آینه را ارائه‌دهنده‌ی اینترنت و هر کسی که وصل شود \
         می‌تواند بشناسد و هویتش ثابت می‌ماند. درون ایران آینه راه نیندازید. برای ادامه yes بنویسید:",
    );
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if read.is_ok() && line.trim() == "yes" {
        return Ok(());
    }
    Err(CliError::new(Exit::Usage, "not started")
        .advice("to read the archive use 'yadgar import FILE' and 'yadgar open'"))
}
