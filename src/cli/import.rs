//! `yadgar import`: what belongs to a known or acceptable release comes out of carrier files.

pub mod files;
mod writings;

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::{Access, AccessError, Adopted};
use crate::carrier::{
    Decision, ImportError, ImportOptions, ImportSummary, Input, ReleaseFound, SetFound, archive_of,
    import_all,
};
use crate::store::StoreError;
use crate::store::adopt::payloads_needed;
use crate::store::complete::Completed;
use clap::Args;
use std::path::{Path, PathBuf};
use writings::Writings;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::trust::Accepted;

/// Damaged places and missing files that are printed one by one.
const MAX_SHOWN: usize = 20;

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Carrier files, or a folder of them: volumes in any order, damaged or not, with some missing; also a text of
    /// 'yadgar courier write'
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take nothing but this archive: id or invite
    #[arg(long)]
    archive: Option<String>,
    /// Take only this part; may be given several times
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
}

impl ImportArgs {
    /// Of a file, all or only these parts.
    pub fn of(file: PathBuf, parts: Vec<String>) -> Self {
        Self { files: vec![file], archive: None, parts }
    }
}

pub fn run(ui: &Ui, home: &Path, args: &ImportArgs) -> Result<(), CliError> {
    take_all(ui, &Access::open(home, "import")?, args)
}

/// Takes carriers into a home that is open, and says what came of it.
pub fn take_all(ui: &Ui, access: &Access, args: &ImportArgs) -> Result<(), CliError> {
    let only = args.archive.as_deref().map(|text| pick::archive(access, Some(text))).transpose()?;
    let (paths, told) = super::courier::take_texts(ui, access, files::gather(&args.files)?);
    if paths.is_empty() {
        return told;
    }
    let fresh = access.archives.list()?;
    let parts = (!args.parts.is_empty()).then_some(args.parts.as_slice());
    let only = only.map(|archive| vec![archive]);
    let (done, refused) = take_in(ui, access, &paths, only, parts)?;
    report(ui, &paths, &done);
    for archive in access.archives.list()? {
        super::dispute::say(ui, access, &archive)?;
    }
    for release in done.releases.iter().filter(|r| !fresh.contains(&r.archive)) {
        super::fetch::first_contact(ui, &release.archive);
    }
    conclude(&done, refused).and(told)
}

/// Takes what belongs to an archive (to one of `only`, if given) out of carriers, and says why the last head was
/// not taken, if it was not.
pub fn take_in(
    ui: &Ui,
    access: &Access,
    paths: &[PathBuf],
    only: Option<Vec<ArchiveId>>,
    parts: Option<&[String]>,
) -> Result<(ImportSummary, Option<String>), CliError> {
    let (inputs, bytes) = files::open(paths)?;
    let bar = ui.bytes_bar(bytes, "importing", "درون‌بری");
    let progress = &mut |at: u64| bar.set_position(at.min(bytes));
    let done = take_inputs(ui, access, &inputs, only, parts, progress)?;
    bar.finish_and_clear();
    Ok(done)
}

/// The same for carriers that are open. `progress` gets bytes, of as many as they have.
pub fn take_inputs(
    ui: &Ui,
    access: &Access,
    inputs: &[Input<'_>],
    only: Option<Vec<ArchiveId>>,
    parts: Option<&[String]>,
    progress: &mut dyn FnMut(u64),
) -> Result<(ImportSummary, Option<String>), CliError> {
    let known = known_heads(access, only.as_deref())?;
    let fresh = access.archives.list()?;
    let mut judge = Judge { access, only, refused: None, problem: None };
    let writings = Writings::of(access);
    let denied = |archive: &ArchiveId| writings.denied(archive).map_err(as_store);
    let bulletin = |archive: &ArchiveId, bytes: &[u8]| {
        let taken = access.archives.take_bulletin(archive, bytes).map_err(as_store)?;
        // What is refused is told by nobody: a bulletin is shown for every archive, also for those that it
        // does not speak of.
        if let Some(why) = taken.failed {
            ui.warn(
                format!("what was withdrawn could not all be taken in: {why}"),
                format!("همه‌ی آن‌چه پس گرفته شده پذیرفته نشد: {why}"),
            );
        }
        Ok(())
    };
    let options =
        ImportOptions { known: &known, parts, denied: Some(&denied), bulletin: Some(&bulletin) };
    let done = import_all(
        &*access.store,
        inputs,
        options,
        &mut |head, blocks| judge.decide(head, blocks),
        &mut |p| progress(p.scanned / 2 + p.taken_bytes / 2),
    )?;
    writings.finish()?;
    let (refused, problem) = (judge.refused, judge.problem);
    if let Some(problem) = problem {
        return Err(problem);
    }
    for release in &done.releases {
        remember(ui, access, release, &fresh, parts)?;
    }
    Ok((done, refused))
}

fn as_store(e: AccessError) -> StoreError {
    match e {
        AccessError::Store(e) => e,
        other => StoreError::Damaged(other.to_string()),
    }
}

/// Heads that are trusted here already: their gaps are filled from any carrier (CAR-6).
fn known_heads(access: &Access, only: Option<&[ArchiveId]>) -> Result<Vec<Accepted>, CliError> {
    let mut ids = access.archives.list()?;
    ids.retain(|id| only.is_none_or(|only| only.contains(id)));
    let known = ids.iter().filter_map(|id| access.trusted(id).transpose());
    Ok(known.collect::<Result<_, _>>()?)
}

struct Judge<'a> {
    access: &'a Access,
    only: Option<Vec<ArchiveId>>,
    /// Why the last head was not taken.
    refused: Option<String>,
    /// The home failed; everything after is void.
    problem: Option<CliError>,
}

impl Judge<'_> {
    fn decide(&mut self, head: &[u8], blocks: &dyn ReadBlocks) -> Decision {
        match self.judge(head, blocks) {
            Ok(Ok(head)) => Decision::Keep(Box::new(head)),
            Ok(Err(why)) => {
                self.refused = Some(why.clone());
                Decision::Drop(why)
            }
            Err(problem) => {
                let why = problem.what.clone();
                self.problem = Some(problem);
                Decision::Drop(why)
            }
        }
    }

    fn judge(
        &self,
        head: &[u8],
        blocks: &dyn ReadBlocks,
    ) -> Result<Result<Accepted, String>, CliError> {
        let Some(archive) = archive_of(head) else {
            return Ok(Err("the head is damaged".into()));
        };
        if self.only.as_ref().is_some_and(|only| !only.contains(&archive)) {
            return Ok(Err("the carrier is of another archive".into()));
        }
        let adopted = self.adopt(&archive, head, blocks)?;
        Ok(match adopted {
            Adopted::Accepted | Adopted::Known => {
                let trusted = self.access.trusted(&archive)?;
                trusted.ok_or_else(|| "the head cannot be read back".into())
            }
            Adopted::Older => Err("its release is older than the one that is trusted here".into()),
            Adopted::Fork => Err("it shows another release where the trusted one stands; \
                somebody signed two: ask the maintainers"
                .into()),
            Adopted::RootFork => Err("it shows other keys than the trusted ones".into()),
            Adopted::SupersededRoot => Err("it is signed under keys that were replaced".into()),
            Adopted::NeedsAncestor => {
                Err("releases in between are missing, so it cannot be checked".into())
            }
            Adopted::Refused(why) => Err(format!("its head is not valid: {why}")),
        })
    }

    /// Adopts a head; payloads of releases in between go from the carrier into the store first.
    fn adopt(
        &self,
        archive: &ArchiveId,
        head: &[u8],
        blocks: &dyn ReadBlocks,
    ) -> Result<Adopted, CliError> {
        if let Some(trusted) = self.access.trusted(archive)? {
            stage_ancestors(self.access, &trusted, head, blocks)?;
        }
        Ok(self.access.archives.adopt(archive, head)?)
    }
}

/// Puts the release payloads between the trusted head and a newer one into the store, as far as the
/// carrier has them. They are a few hundred bytes each and their number is bounded (TRUST-15).
fn stage_ancestors(
    access: &Access,
    trusted: &Accepted,
    head: &[u8],
    blocks: &dyn ReadBlocks,
) -> Result<(), CliError> {
    use yadgar_protocol::blocks::Packed;
    let found = payloads_needed(trusted, head, blocks);
    let packed = found.into_values().map(|p| Packed::plain(yadgar_protocol::Codec::DagCbor, p));
    Ok(access.store.put(packed.collect())?)
}

/// Notes where an archive came from and which parts are kept of it, and that these are whole if so.
///
/// A carrier of some parts only (the core, for a messenger) makes an archive of these parts; one that
/// brings more makes it grow.
fn remember(
    ui: &Ui,
    access: &Access,
    release: &ReleaseFound,
    before: &[ArchiveId],
    parts: Option<&[String]>,
) -> Result<(), CliError> {
    let archive = release.archive;
    let Some(head) = access.trusted(&archive)? else { return Ok(()) };
    if release.sequence != head.release.sequence {
        return Ok(());
    }
    if access.dispute(&archive)?.is_some_and(|fork| release.sequence > fork.agreed.sequence) {
        return Ok(()); // One side of it (TRUST-24).
    }
    let mut settings = access.archives.settings(&archive)?;
    if !before.contains(&archive) {
        settings.source = "carrier".into();
        settings.learned = Some(pick::today());
    }
    let here: Vec<&String> =
        release.parts.iter().filter(|p| p.is_whole()).map(|p| &p.name).collect();
    let all: Vec<&String> = head.release.parts.iter().map(|p| &p.name).collect();
    let none_yet = access.complete(&archive)?.is_none();
    let wanted = |name: &String| match (parts, &settings.parts) {
        (Some(asked), _) => asked.contains(name),
        (None, Some(kept)) => kept.contains(name) || here.contains(&name),
        (None, None) => !none_yet || here.contains(&name),
    };
    let mut kept: Vec<String> = all.iter().filter(|n| wanted(n)).map(|n| (*n).clone()).collect();
    let whole = !kept.is_empty() && kept.iter().all(|name| here.contains(&name));
    if whole || parts.is_some() {
        let some = kept.len() < all.len();
        // A part that this release has not any more was the operator's choice all the same: without it
        // nobody would count what is gone (HOLD-3).
        let before = settings.parts.take().unwrap_or_default();
        kept.extend(before.into_iter().filter(|n| parts.is_none() && !all.contains(&n)));
        settings.parts = some.then_some(kept);
    }
    access.archives.set_settings(&archive, &settings)?;
    if whole && let Completed::Held(act) = access.archives.mark_complete(&archive, &head.bytes)? {
        super::node::say_held(ui, &act);
    }
    Ok(())
}

/// A part of which the carrier has nothing at all: it was not meant to be in there.
fn is_absent(release: &ReleaseFound, part: &str) -> bool {
    let found = release.parts.iter().find(|p| p.name == part);
    found.is_some_and(|p| p.whole_files == 0 && p.files > 0)
        && release.faults.iter().any(|f| f.part == part && f.path == "all files")
}

/// True when every part that the carrier is about is whole.
fn is_sound(release: &ReleaseFound) -> bool {
    let whole = release.parts.iter().filter(|p| p.is_whole()).count();
    whole > 0 && release.parts.iter().all(|p| p.is_whole() || is_absent(release, &p.name))
}

fn report(ui: &Ui, paths: &[PathBuf], done: &ImportSummary) {
    files::report(ui, paths, done);
    for release in &done.releases {
        for part in release.parts.iter().filter(|p| is_absent(release, &p.name)) {
            let (name, bytes) = (&part.name, size(part.bytes));
            ui.say(
                format!("not in this file: {name} ({bytes})"),
                format!("در این فایل نیست: {name} ({bytes})"),
            );
        }
        let faults = release.faults.iter().filter(|f| !is_absent(release, &f.part));
        for fault in faults.take(MAX_SHOWN) {
            ui.warn(
                format!("missing: {} ({}): {}", fault.path, fault.part, fault.why),
                format!("نیست: {} ({}): {}", fault.path, fault.part, fault.why),
            );
        }
        let withdrawn: u64 = release.parts.iter().map(|p| p.withdrawn).sum();
        if withdrawn > 0 {
            ui.say(
                format!("withdrawn by the maintainers and left out: {withdrawn} files"),
                format!("نگه‌دارندگان پس گرفته‌اند و کنار گذاشته شد: {withdrawn} فایل"),
            );
        }
        let files: u64 = release.parts.iter().map(|p| p.whole_files).sum();
        let sequence = release.sequence;
        ui.say(
            format!("archive {}, release {sequence}: {files} files whole", release.archive),
            format!("بایگانی {}، نسخه‌ی {sequence}: {files} فایل کامل", release.archive),
        );
    }
    let (new, present, bytes) = (done.new_blocks, done.present_blocks, size(done.new_bytes));
    ui.say(
        format!(
            "{new} new blocks ({bytes}), {present} already here, {} of no use",
            done.useless_blocks
        ),
        format!(
            "{new} بلوک تازه ({bytes})، {present} از پیش بود، {} بی‌کاربرد",
            done.useless_blocks
        ),
    );
    ui.json(&serde_json::json!({
        "new_blocks": new, "new_bytes": done.new_bytes, "present_blocks": present,
        "useless_blocks": done.useless_blocks, "damaged_ranges": done.damages.count,
        "damaged_bytes": done.damages.bytes, "files": done.files.len(), "sets": files::sets(done),
        "releases": done.releases.iter().map(|r| serde_json::json!({
            "archive": r.archive.to_string(), "sequence": r.sequence, "whole": r.is_whole(),
            "parts": r.parts, "faults": r.faults,
        })).collect::<Vec<_>>(),
    }));
}

/// What to say of it when it is not whole.
pub fn conclude(done: &ImportSummary, refused: Option<String>) -> Result<(), CliError> {
    let taken = done.heads.iter().any(|h| h.outcome.is_ok());
    if let Some(why) = refused.filter(|_| !taken) {
        return Err(CliError::new(Exit::Refused, format!("the carrier's head was refused: {why}"))
            .advice("what belongs to the release that is trusted here was kept"));
    }
    if done.releases.is_empty() {
        return Err(CliError::new(Exit::Damaged, "nothing in it belongs to a known archive")
            .advice("ask for the file again; 'yadgar verify FILE' says what is wrong with it"));
    }
    let short = |set: &SetFound| set.needed() > 0;
    if !done.releases.iter().all(ReleaseFound::is_whole) && done.sets.iter().any(short) {
        return Err(CliError::new(Exit::Damaged, "some volumes are missing, see above")
            .advice("import them too, in any order: what is here already is kept"));
    }
    if !done.releases.iter().all(is_sound) {
        return Err(CliError::new(Exit::Damaged, "some files are missing, see above")
            .advice("import another copy or fetch: what is here already is kept"));
    }
    Ok(())
}

impl From<ImportError> for CliError {
    fn from(e: ImportError) -> Self {
        let what = e.to_string();
        match e {
            ImportError::Store(e) => e.into(),
            _ => Self::new(Exit::Failed, what)
                .advice("what was read is kept; run the same command again to go on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Archives as _;
    use crate::carrier::import;
    use crate::carrier::lab::{Lab, noise};
    use crate::store::acts::NoticeVerdict;

    /// The node that holds the home takes a notice right after the import asked what is denied.
    #[test]
    fn wd_7_a_withdrawal_while_a_carrier_is_read() {
        let names: Vec<String> = (0..40).map(|n| format!("records/{n:03}.json")).collect();
        let files: Vec<_> =
            names.iter().enumerate().map(|(n, p)| (p.as_str(), noise(50, n as u64))).collect();
        let mut lab = Lab::new(1);
        lab.publish(&[("core", &files)]);
        let dir = tempfile::tempdir().unwrap();
        let access = Access::open_local(dir.path(), "import", None, None).unwrap();
        let local = access.local.clone().unwrap();
        local.adopt(&lab.archive, &lab.head().bytes).unwrap();
        let gone = lab.link("records/003.json");
        let writings = Writings::of(&access);
        let denied = |archive: &ArchiveId| {
            let asked = writings.denied(archive).map_err(as_store);
            let taken = local.take_notice(archive, &lab.notice(&[gone])).unwrap();
            assert_eq!(taken, NoticeVerdict::Taken);
            asked
        };
        let known = [lab.head().clone()];
        let options = ImportOptions { known: &known, denied: Some(&denied), ..Default::default() };
        let mut carrier = std::io::Cursor::new(lab.carrier());
        let drop_heads = &mut |_: &[u8], _: &dyn ReadBlocks| Decision::Drop("known".into());
        import(&*access.store, &mut carrier, options, drop_heads, &mut |_| ()).unwrap();
        assert!(access.store.has(&gone).unwrap(), "it was asked for before");
        writings.finish().unwrap();
        assert!(!access.store.has(&gone).unwrap());
        assert!(access.store.has(&lab.link("records/004.json")).unwrap());
    }
}
