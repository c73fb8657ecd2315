//! `yadgar gc`: erases what no release that is kept needs.

use super::ui::size;
use super::{CliError, Exit, Ui};
use crate::access::{Access, AccessError};
use crate::store::gc::{GcOptions, GcReport, NOT_WHOLE};
use clap::Args;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// How long a fetch, an import or a publish is waited for, and how often it is looked.
const WAIT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_millis(250));

#[derive(Debug, Args)]
pub struct GcArgs {
    /// Of each archive keep only so many of the newest complete releases (default: every release that is here)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    keep_releases: Option<u64>,
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &GcArgs) -> Result<(), CliError> {
    let access = Access::open(home, "gc")?;
    let options = GcOptions { keep_releases: args.keep_releases, dry_run: args.dry_run };
    let (mut waited, (longest, pause)) = (Duration::ZERO, WAIT);
    let report = loop {
        let report = access.archives.gc(&options).map_err(refused)?;
        if !(report.interrupted && report.blocks_erased == 0) || waited >= longest {
            break report;
        }
        // Most fetches end soon; a node that has just begun looks first at what it has.
        std::thread::sleep(pause);
        waited += pause;
    };
    ui.json(&json!({ "dry_run": args.dry_run, "gc": report }));
    if report.interrupted && report.blocks_erased == 0 {
        return Err(CliError::new(Exit::Busy, "a fetch, an import or a publish is under way")
            .advice("it may need what nothing names yet: try again when it has ended, or stop the mirror first"));
    }
    say(ui, args.dry_run, &report);
    Ok(())
}

fn refused(error: AccessError) -> CliError {
    // A running node sends only the text.
    let is_damage = error.to_string().contains(NOT_WHOLE);
    let mut refused = CliError::from(error);
    if is_damage {
        refused.exit = Exit::Damaged;
        refused = refused.advice(
            "let 'yadgar mirror' run, which gets back what was lost, or import a carrier that has it; 'yadgar gc --keep-releases N' with a small N gives up earlier releases",
        );
    }
    refused
}

fn say(ui: &Ui, dry_run: bool, report: &GcReport) {
    let GcReport { releases_kept, blocks_kept, blocks_erased, bytes_erased, .. } = report;
    let erased = size(*bytes_erased);
    ui.say(
        format!("{releases_kept} release(s) are kept, {blocks_kept} blocks"),
        format!("{releases_kept} نسخه با {blocks_kept} بلوک نگه داشته می‌شود"),
    );
    if dry_run {
        return ui.say(
            format!("{blocks_erased} blocks would be erased: {erased}"),
            format!("{blocks_erased} بلوک پاک می‌شد: {erased}"),
        );
    }
    ui.say(
        format!("{blocks_erased} blocks were erased: {erased}"),
        format!("{blocks_erased} بلوک پاک شد: {erased}"),
    );
    let compacted = &report.compacted;
    if compacted.segments > 0 {
        let (files, freed) = (compacted.segments, size(compacted.freed_bytes));
        ui.say(
            format!("{files} file(s) of the store were written again, {freed} shorter"),
            format!("{files} فایل انبار از نو نوشته شد و {freed} کوتاه‌تر شد"),
        );
    }
    if compacted.lacks_room {
        ui.warn(
            "some files could not be written again for want of room: raise the quota or free some disk, then run it once more",
            "برای از نو نوشتن برخی فایل‌ها جا نبود: سهمیه را بیشتر کنید یا روی دیسک جا باز کنید و دوباره اجرا کنید",
        );
    }
    if report.interrupted {
        ui.warn(
            "a fetch began meanwhile: run it once more when that has ended",
            "در این میان دریافتی آغاز شد: پس از پایان آن دوباره اجرا کنید",
        );
    }
}
