//! The folder itself: walked, looked at by the gate, put into the store. What has not changed since the last time is not
//! opened.

use super::prepare::{FolderArgs, Start};
use super::report;
use crate::access::{Access, Kind, kind};
use crate::cli::gate::{self, Cleared};
use crate::cli::{CliError, Exit, Ui};
use crate::gate::{Base, rules};
use crate::publish::ingest::{Ingest, Taken};
use crate::publish::known::{Known, Line};
use crate::publish::sign::{BuiltParts, build_parts};
use crate::publish::walk::{Walk, walk};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Denied;

/// The parts of the next release, their blocks in the store.
pub fn build(
    ui: &Ui,
    access: &Access,
    args: &FolderArgs,
    start: &Start,
    denied: &Denied,
    stop: &Arc<AtomicBool>,
) -> Result<BuiltParts, CliError> {
    let mut found = walked(ui, args, start)?;
    crate::cli::stop_on_ctrl_c(stop);
    // In an encrypted home nothing is in clear, names least of all.
    let plain = kind(&access.home) == Kind::Plain;
    let known = match plain && !args.recheck {
        true => Known::read(&access.home, &start.archive, rules()),
        false => Known::empty(rules()),
    };
    let base =
        start.before.as_ref().map(|release| Base { release, denied, blocks: &*access.store });
    let cleared = gate::pass(ui, &args.gate, &args.dir, &mut found, base.as_ref(), &known, stop)?;
    let taken = take(ui, access, &found, denied, (&known, &cleared), stop)?;
    cleared.verify(&taken)?;
    let lines = if plain { lines(&taken, &cleared) } else { Vec::new() };
    let entries = taken.into_iter().map(|taken| taken.entry).collect();
    let entries = without_withdrawn(ui, entries, denied, args.leave_out_withdrawn)?;
    let entries = cleared.with_note(&*access.store, entries)?;
    let entries = super::mirrors::add(ui, access, args, start, entries)?;
    let built = build_parts(&*access.store, entries, &start.rules)?;
    // A line counts only while the store has all that it speaks of: also when nothing comes of this release.
    if plain && let Err(e) = known.keep(&access.home, &start.archive, &lines) {
        ui.warn(
            format!("which files are unchanged will not be known the next time: {e}"),
            format!("بار بعد دانسته نخواهد بود که کدام فایل‌ها تغییر نکرده‌اند: {e}"),
        );
    }
    Ok(built)
}

/// The files of the folder. Says what is left out.
fn walked(ui: &Ui, args: &FolderArgs, start: &Start) -> Result<Walk, CliError> {
    let found = walk(&args.dir, args.allow_hidden).map_err(super::errors::walk_error)?;
    report::left_out(ui, &found);
    if found.files.is_empty() && !args.allow_removals {
        return Err(CliError::new(Exit::Usage, "the folder has no files to publish").advice(
            "nothing was published; check the folder, or give --allow-removals if this is meant",
        ));
    }
    for rule in start.rules.idle(found.files.iter().map(|f| &f.path)) {
        ui.warn(
            format!("the rule --part {rule} takes no file"),
            format!("قاعده‌ی --part {rule} هیچ فایلی را نمی‌گیرد"),
        );
    }
    Ok(found)
}

/// Puts the files into the store.
fn take(
    ui: &Ui,
    access: &Access,
    found: &Walk,
    denied: &Denied,
    (known, cleared): (&Known, &Cleared),
    stop: &AtomicBool,
) -> Result<Vec<Taken>, CliError> {
    let total = found.files.iter().map(|f| f.size).sum();
    let bar = ui.bytes_bar(total, "publishing", "انتشار");
    let work = Ingest {
        store: &*access.store,
        // All of them are to be named, not only the first: so nothing is refused yet. The caller sweeps.
        denied: &Denied::none(*denied.archive()),
        known,
        readings: &|path| cleared.reading(path),
        progress: &|bytes| bar.inc(bytes),
        stop,
        now: &SystemTime::now,
    };
    let taken = work.files(&found.files)?;
    bar.finish_and_clear();
    Ok(taken)
}

/// What will be known the next time: files that can be told from changed ones, and what the gate saw of them.
fn lines(taken: &[Taken], cleared: &Cleared) -> Vec<Line> {
    let one = |taken: &Taken| {
        let path = taken.entry.path.as_str();
        Some(Line {
            path: path.to_owned(),
            stamp: taken.stamp?,
            content: taken.entry.content,
            seen: cleared.kept(path).map(<[u8]>::to_vec),
        })
    };
    taken.iter().filter_map(one).collect()
}

/// Names the files that were withdrawn, or leaves them out.
fn without_withdrawn(
    ui: &Ui,
    entries: Vec<Entry>,
    denied: &Denied,
    leave_out: bool,
) -> Result<Vec<Entry>, CliError> {
    let (out, kept): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|e| denied.covers(&e.link()).is_some());
    if out.is_empty() {
        return Ok(kept);
    }
    let names: String = out.iter().take(50).map(|e| format!("\n  {}", e.path)).collect();
    if leave_out {
        ui.warn(
            format!("left out, because they were withdrawn:{names}"),
            format!("کنار گذاشته شد، چون پس گرفته شده‌اند:{names}"),
        );
        return Ok(kept);
    }
    let what = format!("{} file(s) of the folder were withdrawn:{names}", out.len());
    Err(CliError::new(Exit::Refused, what).advice(
        "nothing was built; take them out of the folder, or give --leave-out-withdrawn. To bring something back, change its bytes",
    ))
}
