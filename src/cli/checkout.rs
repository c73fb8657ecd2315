//! `yadgar checkout`: the files of a release as a folder.

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::checkout::{Broken, Checkout, CheckoutError, CheckoutSummary};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::release::Release;

#[derive(Debug, Args)]
pub struct CheckoutArgs {
    /// The folder to write into; files of other origin in it are left alone
    dir: PathBuf,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Only this part; may be given several times
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
}

pub fn run(ui: &Ui, home: &Path, args: &CheckoutArgs) -> Result<(), CliError> {
    let access = Access::open(home, "checkout")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    super::dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    let kept = access.archives.settings(&archive)?.parts;
    let parts = if args.parts.is_empty() { kept } else { Some(args.parts.clone()) };
    let summary = write(ui, &access, &head.release, parts.as_deref(), &args.dir)?;
    ui.json(&serde_json::json!({
        "sequence": head.release.sequence, "dir": args.dir.display().to_string(),
        "written": summary.written, "unchanged": summary.unchanged, "bytes": summary.bytes,
    }));
    Ok(())
}

/// Writes a release into `dir` with a progress bar, and says what was done.
pub fn write(
    ui: &Ui,
    access: &Access,
    release: &Release,
    parts: Option<&[String]>,
    dir: &Path,
) -> Result<CheckoutSummary, CliError> {
    if let Some(name) = parts.into_iter().flatten().find(|n| release.part(n).is_none()) {
        let names: Vec<_> = release.parts.iter().map(|p| p.name.as_str()).collect();
        return Err(CliError::new(Exit::Usage, format!("the release has no part '{name}'"))
            .advice(format!("its parts are: {}", names.join(", "))));
    }
    let wanted = release.parts.iter().filter(|p| parts.is_none_or(|n| n.contains(&p.name)));
    let bar = ui.bytes_bar(wanted.map(|p| p.bytes).sum(), "writing", "نوشتن");
    let stop = Arc::new(AtomicBool::new(false));
    super::stop_on_ctrl_c(&stop);
    let denied = access.archives.denied(&release.archive)?;
    let (by_part, past_damage) = (false, true);
    let work = Checkout { release, parts, denied: &denied, target: dir, by_part, past_damage };
    let done = work.run(&*access.store, &|n| bar.inc(n), &stop);
    bar.finish_and_clear();
    let done = done?;
    say_done(ui, dir, &done);
    if done.broken.is_empty() { Ok(done) } else { Err(broken(ui, &done)) }
}

/// Names what could not be written, and says what to do.
fn broken(ui: &Ui, done: &CheckoutSummary) -> CliError {
    for Broken { path, why } in &done.broken {
        ui.say(format!("not written: {path}: {why}"), format!("نوشته نشد: {path}: {why}"));
    }
    ui.json(&serde_json::json!({
        "written": done.written, "unchanged": done.unchanged, "bytes": done.bytes,
        "not_written": done.broken,
    }));
    let n = done.broken.len();
    CliError::new(Exit::Damaged, format!("{n} files or ranges of files are damaged here and were not written; the rest is"))
        .advice("get what is damaged again with 'yadgar fetch INVITE' or 'yadgar import FILE' (a running mirror does it by itself), then run the same command: only what is missing is written")
}

/// What a checkout did, in words.
pub fn say_done(ui: &Ui, dir: &Path, done: &CheckoutSummary) {
    let (n, same, bytes) = (done.written, done.unchanged, size(done.bytes));
    let dir = dir.display();
    ui.say(
        format!("{dir}: {n} files written, {same} already there, {bytes}, every byte checked"),
        format!("{dir}: {n} فایل نوشته شد، {same} از پیش بود، {bytes}، همه‌ی بایت‌ها سنجیده شد"),
    );
    if done.withdrawn > 0 {
        let n = done.withdrawn;
        ui.say(
            format!("{n} files were withdrawn by the maintainers and not written"),
            format!("{n} فایل را نگه‌دارندگان پس گرفته‌اند و نوشته نشد"),
        );
    }
}

impl From<CheckoutError> for CliError {
    fn from(e: CheckoutError) -> Self {
        let what = e.to_string();
        match e {
            CheckoutError::Store(e) => e.into(),
            CheckoutError::Missing(..) => Self::new(Exit::Damaged, what)
                .advice("fetch the part that it belongs to, or run 'yadgar verify'"),
            CheckoutError::Damaged(..) => Self::new(Exit::Damaged, what),
            CheckoutError::Stopped => Self::new(Exit::Stopped, what)
                .advice("run the same command again to go on where it stopped"),
            _ => Self::new(Exit::Failed, what)
                .advice("run the same command again to go on where it stopped"),
        }
    }
}
