//! `yadgar export --site`: the memorial as a folder that any browser opens.

use super::super::ui::size;
use super::super::{CliError, Exit, Ui, dispute, open, pick, stop_on_ctrl_c};
use super::ExportArgs;
use crate::access::Access;
use crate::reader::{ArchiveView, ViewInfo};
use crate::static_site::{Options, SiteError, Summary, write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::record::dates::{System, When, parse};

/// Reads a day, for clap.
pub fn day(text: &str) -> Result<String, String> {
    match parse(text, System::Gregorian) {
        Some((When::One(moment), _)) if moment.day.is_some() && text.len() == 10 => Ok(text.into()),
        _ => Err("a day is written like 2026-01-31".into()),
    }
}

pub fn run(ui: &Ui, home: &Path, args: &ExportArgs, dir: &Path) -> Result<(), CliError> {
    let access = Access::open(home, "export")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    ui.note(
        "This folder is not encrypted: whoever finds the stick sees what it is. It is evidence.",
        "این پوشه رمزگذاری نمی‌شود: هر کس فلش را بیابد می‌بیند چیست. این پوشه مدرک است.",
    );
    let denied = Some((*access.archives.denied(&archive)?).clone());
    // A fork that cannot be read must not pass for none.
    let dispute = access.dispute(&archive)?.map(|fork| open::disputed(&fork, &head));
    let info = ViewInfo { denied, dispute, ..ViewInfo::default() };
    let sequence = head.release.sequence;
    let view = ArchiveView::new(access.store.clone(), head, info);
    let parts = (!args.parts.is_empty()).then_some(args.parts.as_slice());
    let today = args.date.clone().unwrap_or_else(pick::today);
    let options = Options { parts, today: &today, force: args.force };
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_ctrl_c(&stop);
    let bar = ui.count_bar("writing", "نوشتن");
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let done = write(&view, dir, &options, &progress, &stop);
    bar.finish_and_clear();
    say(ui, dir, sequence, &done?)
}

fn say(ui: &Ui, dir: &Path, sequence: u64, done: &Summary) -> Result<(), CliError> {
    let (shown, first) = (dir.display(), dir.join("index.html"));
    let (records, pictures, bytes) = (done.records, done.pictures, size(done.bytes));
    let (written, same, removed) = (done.written, done.unchanged, done.removed);
    ui.say(
        format!("{shown}: release {sequence}, {records} records with proofs, {pictures} pictures, {bytes}\n{written} files written, {same} already there, {removed} removed\nOpen {} in any browser; no program is needed.", first.display()),
        format!("{shown}: نسخهٔ {sequence}، {records} پرونده با گواه، {pictures} تصویر، {bytes}\n{written} فایل نوشته شد، {same} از پیش بود، {removed} برداشته شد\n{} را با هر مرورگری باز کنید؛ برنامه‌ای لازم نیست.", first.display()),
    );
    if done.pictures_not_here > 0 {
        let n = done.pictures_not_here;
        ui.note(
            format!("{n} pictures are not on this device, or of parts left out; their pages say so"),
            format!("{n} تصویر روی این دستگاه نیست یا از بخش‌های کنارگذاشته است؛ صفحه‌هایشان این را می‌گویند"),
        );
    }
    let mut value = serde_json::json!(done);
    value["dir"] = shown.to_string().into();
    value["sequence"] = sequence.into();
    ui.json(&value);
    if done.records_not_here > 0 {
        let what =
            format!("{} records are not whole here; their pages say so", done.records_not_here);
        return Err(CliError::new(Exit::Damaged, what).advice(
            "'yadgar verify' says what is missing; get it again and run the same command",
        ));
    }
    Ok(())
}

impl From<SiteError> for CliError {
    fn from(e: SiteError) -> Self {
        let what = e.to_string();
        let failed = |advice: &str| Self::new(Exit::Failed, what.clone()).advice(advice);
        let again = "run the same command again to go on where it stopped";
        match e {
            SiteError::NotOurs(dir) => Self::new(Exit::Usage, what)
                .advice(format!("name a folder that is not there yet, like {dir}/memorial")),
            SiteError::OtherArchive { .. } => {
                failed("name another folder, or add --force to replace that archive's pages")
            }
            SiteError::NotOlder { .. } => failed(
                "get the newer release first ('yadgar fetch' or 'yadgar import'), or add --force to go back",
            ),
            SiteError::InTheWay(_) => failed("move it away and run the same command again"),
            SiteError::Busy(_) => Self::new(Exit::Busy, what).advice("wait until it ends"),
            SiteError::DiskFull(_) => failed(
                "free some space and run the same command again, or leave pictures out with --part core; files of others were not touched",
            ),
            SiteError::Write(..) => failed(again),
            SiteError::Read(..) => Self::new(Exit::Damaged, what).advice(
                "'yadgar verify' says what is missing or damaged; get it again and run the same command",
            ),
            SiteError::NoSuchPart(_) => {
                Self::new(Exit::Usage, what).advice("'yadgar status' lists the parts")
            }
            SiteError::Stopped => Self::new(Exit::Stopped, what).advice(again),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn a_day_is_a_day() {
        assert_eq!(day("2026-06-03").as_deref(), Ok("2026-06-03"));
        for text in ["", "2026", "2026-06", "2026-02-30", "2026-06-03~", "2026-06-03/2026-06-04"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
