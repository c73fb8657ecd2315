//! `yadgar verify`: is every byte what it should be, and what is missing.

mod proof;
mod volumes;

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::{Access, Kind, kind};
use crate::carrier::{CarrierReport, verify_carrier_with};
use crate::store::disk::{ScanEvent, ScanReport, verify_dir};
use crate::survey::{Fault, Survey, survey};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;

/// Damaged places that are printed one by one.
const MAX_SHOWN: usize = 50;

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A carrier file, or a folder of volumes; without it the store of this home is checked
    file: Option<PathBuf>,
    /// Of a folder of volumes with parity: write those that are lost or damaged into this folder
    #[arg(long, value_name = "FOLDER", requires = "file", conflicts_with = "archive")]
    rebuild_to: Option<PathBuf>,
    /// Only this archive: id, start of the id, or name (with --proof: the whole id or an invite)
    #[arg(long)]
    archive: Option<String>,
    /// Prove that this record is in the release that is shown (needs --proof-out)
    #[arg(long, value_name = "ID", requires = "proof_out")]
    #[arg(conflicts_with_all = ["file", "path", "proof"])]
    record: Option<String>,
    /// Prove that the file of this path is in the release that is shown, or that there is none
    #[arg(long, value_name = "PATH", requires = "proof_out", conflicts_with_all = ["file", "proof"])]
    path: Option<String>,
    /// Where to write the proof: a small file that anybody can check
    #[arg(long, value_name = "FILE", conflicts_with = "proof")]
    proof_out: Option<PathBuf>,
    /// Check a proof file; needs no home and no network
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    proof: Option<PathBuf>,
    /// The invite of the archive that the proof must be of
    #[arg(long, value_name = "INVITE", requires = "proof", conflicts_with = "archive")]
    invite: Option<String>,
    /// Write the file that is proven here
    #[arg(long, value_name = "FILE", requires = "proof")]
    write_record: Option<PathBuf>,
}

impl VerifyArgs {
    /// Checks a proof, when that is what is asked for: the one thing that needs no home.
    pub fn run_without_home(&self, ui: &Ui) -> Option<Result<(), CliError>> {
        let file = self.proof.as_deref()?;
        let expected = self.invite.as_deref().or(self.archive.as_deref());
        Some(proof::check(ui, file, expected, self.write_record.as_deref()))
    }
}

pub fn run(ui: &Ui, home: &Path, args: &VerifyArgs) -> Result<(), CliError> {
    if let Some(out) = &args.proof_out {
        let of = match (&args.record, &args.path) {
            (Some(id), _) => proof::Of::Record(id),
            (None, Some(path)) => proof::Of::Path(path),
            (None, None) => {
                return Err(CliError::new(Exit::Usage, "a proof of what?")
                    .advice("name it with --record ID or --path PATH"));
            }
        };
        return proof::make(ui, home, args.archive.as_deref(), &of, out);
    }
    match &args.file {
        Some(file) if file.is_dir() => volumes::run(ui, file, args.rebuild_to.as_ref()),
        Some(file) if args.rebuild_to.is_some() => Err(volumes::refuse_file(file)),
        Some(file) => carrier(ui, home, file, args.archive.as_deref()),
        None => store(ui, home, args.archive.as_deref()),
    }
}

fn store(ui: &Ui, home: &Path, name: Option<&str>) -> Result<(), CliError> {
    let access = Access::open(home, "verify")?;
    let archives = match name {
        Some(_) => vec![pick::archive(&access, name)?],
        None => access.archives.list()?,
    };
    if archives.is_empty() {
        return Err(CliError::new(Exit::Usage, "there is no archive in this home yet")
            .advice("get one with 'yadgar fetch INVITE' or 'yadgar import FILE'"));
    }
    let damaged = scan(ui, &access)?;
    let (mut blocks, mut faults) = (0, Vec::new());
    for archive in &archives {
        let found = walk(ui, &access, archive)?;
        blocks += found.blocks;
        faults.extend(found.faults);
    }
    for fault in faults.iter().take(MAX_SHOWN) {
        say_fault(ui, fault);
    }
    let ok = damaged.is_empty() && faults.is_empty();
    ui.json(&json!({
        "ok": ok, "blocks": blocks, "damaged": damaged, "faults": faults,
        "archives": archives.len(),
    }));
    conclude(ui, ok, "fetch again from a mirror or import a carrier: good blocks are kept")
}

/// Every record of every segment, also what no release refers to.
fn scan(ui: &Ui, access: &Access) -> Result<Vec<String>, CliError> {
    let mut damaged = Vec::new();
    let beside_node = access.local.is_none();
    let mut visit = |event: ScanEvent| {
        match event {
            // Beside a running node the last record may be half written: that is no damage.
            ScanEvent::Damaged { at_end: true, .. } if beside_node => {}
            ScanEvent::Damaged { segment, offset, len, id, .. } => {
                let end = offset + len;
                let block = id.map(|id| format!(", block {id}")).unwrap_or_default();
                damaged.push(format!("segment {segment}, bytes {offset} to {end}{block}"));
            }
            ScanEvent::Dangling { hash } => {
                damaged.push(format!("block {} is in the index only", hash.to_hex()));
            }
            _ => {}
        }
    };
    match &access.local {
        Some(local) => local.scan(&mut visit)?,
        // The process that holds the home has its key; the walk below reads through it.
        None if kind(&access.home) == Kind::Encrypted => ScanReport::default(),
        None => verify_dir(&access.home.join("store"), &mut visit)?,
    };
    for line in damaged.iter().take(MAX_SHOWN) {
        ui.say(format!("damaged: {line}"), format!("آسیب‌دیده: {line}"));
    }
    Ok(damaged)
}

/// The release that is here complete; without one the newest known, of which something is missing.
fn walk(ui: &Ui, access: &Access, archive: &ArchiveId) -> Result<Survey, CliError> {
    super::dispute::say(ui, access, archive)?;
    let complete = access.complete(archive)?;
    let Some(head) = complete.or(access.trusted(archive)?) else {
        ui.say(
            format!("archive {archive}: it has no release yet"),
            format!("بایگانی {archive}: هنوز نسخه‌ای ندارد"),
        );
        return Ok(Survey::default());
    };
    let parts = access.archives.settings(archive)?.parts;
    let wanted = |name: &String| parts.as_ref().is_none_or(|p| p.contains(name));
    let total = head.release.parts.iter().filter(|p| wanted(&p.name)).map(|p| p.bytes).sum();
    let bar = ui.bytes_bar(total, "checking", "سنجش");
    let store: &dyn crate::store::BlockStore = &*access.store;
    let denied = access.archives.denied(archive)?;
    let found = survey(store, &head.release, parts.as_deref(), &denied, &mut |n| bar.inc(n))
        .map_err(|e| CliError::new(Exit::Failed, e.to_string()))?;
    bar.finish_and_clear();
    let (name, sequence) = (head.name(), head.release.sequence);
    let files: u64 = found.parts.iter().map(|p| p.whole_files).sum();
    let withdrawn: u64 = found.parts.iter().map(|p| p.withdrawn).sum();
    if withdrawn > 0 {
        ui.say(
            format!("withdrawn: {withdrawn} files, erased here"),
            format!("پس‌گرفته: {withdrawn} فایل، از این‌جا پاک شده"),
        );
    }
    let (blocks, bytes) = (found.blocks, size(found.parts.iter().map(|p| p.whole_bytes).sum()));
    ui.say(
        format!("{name}, release {sequence}: {files} files, {bytes}, {blocks} blocks checked"),
        format!("{name}، نسخه‌ی {sequence}: {files} فایل، {bytes}، {blocks} بلوک سنجیده شد"),
    );
    Ok(found)
}

fn say_fault(ui: &Ui, fault: &Fault) {
    let Fault { part, path, why } = fault;
    ui.say(format!("missing: {path} ({part}): {why}"), format!("نیست: {path} ({part}): {why}"));
}

fn conclude(ui: &Ui, ok: bool, advice: &str) -> Result<(), CliError> {
    if ok {
        ui.say("All is well.", "همه چیز درست است.");
        return Ok(());
    }
    Err(CliError::new(Exit::Damaged, "something is damaged or missing, see above").advice(advice))
}

fn carrier(ui: &Ui, home: &Path, file: &Path, name: Option<&str>) -> Result<(), CliError> {
    // A carrier can be checked without a home; only a short name needs one.
    let archive: Option<ArchiveId> = match name.map(str::parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => Some(pick::archive(&Access::open(home, "verify")?, name)?),
    };
    let failed = |e| CliError::file(file, e);
    let input = std::fs::File::open(file).map_err(failed)?;
    let bytes = input.metadata().map_err(failed)?.len();
    let bar = ui.bytes_bar(bytes, "checking", "سنجش");
    let report = verify_carrier_with(input, archive.as_ref(), &mut |at| bar.set_position(at))
        .map_err(failed)?;
    bar.finish_and_clear();
    say_carrier(ui, &report);
    // A volume of a set holds a piece of the release, and need not hold more.
    let piece = report.volume.is_some_and(|(_, total)| total > 1);
    // So does one that brings only what is new, or only some parts: what it lacks stands in another carrier or home.
    let ok = report.is_intact();
    if ok && !piece && !report.faults.is_empty() {
        say_base(ui, &report);
    }
    ui.json(&json!({ "ok": ok, "complete": report.is_complete(), "carrier": report }));
    conclude(ui, ok, "ask for the file again, or import what is good of it")
}

/// An undamaged carrier of a part of a release: what is not in it must be there already.
fn say_base(ui: &Ui, report: &CarrierReport) {
    let lacking: u64 = report.parts.iter().map(|part| part.files - part.whole_files).sum();
    ui.say(
        format!(
            "undamaged, and not the whole release: {lacking} files need blocks that are not in it"
        ),
        format!("سالم، ولی همهٔ نسخه نیست: {lacking} فایل بلوک‌هایی لازم دارد که در آن نیست"),
    );
    match report.base {
        Some(base) => ui.note(
            format!("It is of use to a home that has release {base}; others also need a whole carrier of it."),
            format!("به کار خانه‌ای می‌آید که نسخهٔ {base} را دارد؛ دیگران حامل کامل آن را هم لازم دارند."),
        ),
        None => ui.note(
            "It adds to what a home has of this archive; whoever has nothing of it also needs a whole carrier.",
            "به آنچه یک خانه از این بایگانی دارد می‌افزاید؛ هر کس چیزی ندارد حامل کامل را هم لازم دارد.",
        ),
    }
}

fn say_carrier(ui: &Ui, report: &CarrierReport) {
    if let Some(problem) = &report.head_problem {
        ui.say(format!("head: {problem}"), format!("سر: {problem}"));
    }
    for damage in report.damages.ranges.iter().take(MAX_SHOWN) {
        let (from, to, why) = (damage.from, damage.to, &damage.why);
        ui.say(
            format!("damaged: bytes {from} to {to}: {why}"),
            format!("آسیب‌دیده: بایت‌های {from} تا {to}: {why}"),
        );
    }
    match report.volume {
        Some((number, total)) if total > 1 => {
            ui.say(format!("volume {number} of {total}"), format!("تکه‌ی {number} از {total}"))
        }
        _ if report.is_intact() => {}
        _ => report.faults.iter().take(MAX_SHOWN).for_each(|fault| say_fault(ui, fault)),
    }
    let name = report.name.as_deref().unwrap_or("-");
    let sequence = report.sequence.map_or("-".to_owned(), |s| s.to_string());
    let (blocks, bytes) = (report.blocks, size(report.bytes));
    ui.say(
        format!("{name}, release {sequence}: {blocks} good blocks in {bytes}"),
        format!("{name}، نسخه‌ی {sequence}: {blocks} بلوک سالم در {bytes}"),
    );
    // A name can be anybody's: the id and the words say which archive it is.
    if let Some(archive) = report.archive.as_ref().and_then(|id| id.parse().ok()) {
        ui.say(format!("archive {archive}"), format!("بایگانی {archive}"));
        super::invite::say_words(ui, &archive);
    }
    for part in &report.parts {
        ui.say(
            format!("  {:10} {} of {} files whole", part.name, part.whole_files, part.files),
            format!("  {:10} {} از {} فایل کامل", part.name, part.whole_files, part.files),
        );
    }
}
