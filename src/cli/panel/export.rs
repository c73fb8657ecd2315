//! Giving an archive as a file: on a stick, to the browser, and into an encrypted home.

use super::take::note_of;
use crate::access::Access;
use crate::carrier::{
    ExportError, ExportOptions, FAT32_FILE, FileOptions, Input, Plan, ReadAt, export_file,
};
use crate::cli::Ui;
use crate::cli::import::take_inputs;
use crate::panel::job::Job;
use crate::panel::limits::{MAX_NAMES, SPOOL_PIECE};
use crate::panel::words::{Note, Outcome};
use crate::panel::{Download, StoppableInput, StoppableStore};
use crate::store::BlockStore;
use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::release::CORE;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, Hash};

/// The parts that go into a file: those kept here, or the core alone.
fn parts(access: &Access, head: &Accepted, core: bool) -> Result<Option<Vec<String>>, Note> {
    if core && head.release.part(CORE).is_some() {
        return Ok(Some(vec![CORE.to_owned()]));
    }
    let kept = access.archives.settings(&head.release.archive).map_err(|_| Note::Failed)?.parts;
    Ok(kept.map(|mut names| {
        names.retain(|name| head.release.part(name).is_some());
        names
    }))
}

/// Writes an archive into a folder, under a name that says nothing and that nobody has there.
pub fn save(
    access: &Access,
    job: &Job,
    head: &Accepted,
    core: bool,
    folder: &Path,
) -> Result<Outcome, Note> {
    if folder.as_os_str().is_empty() || !folder.is_absolute() || !folder.is_dir() {
        return Err(Note::NotThere);
    }
    if plan(access, head, core).is_some_and(|plan| is_too_long_for(folder, plan.length())) {
        return Err(Note::StickLimit);
    }
    let archive = head.release.archive;
    let parts = parts(access, head, core)?;
    let denied = access.archives.denied(&archive).map_err(|_| Note::Failed)?;
    let bulletin = access.archives.bulletin(&archive).map_err(|_| Note::Failed)?;
    let export = ExportOptions {
        parts: parts.as_deref(),
        denied: Some(&denied),
        bulletin: bulletin.as_deref(),
        ..ExportOptions::default()
    };
    let options = FileOptions { export, force: false, read_back: true };
    let wanted = |name: &String| parts.as_ref().is_none_or(|p| p.contains(name));
    let total = head.release.parts.iter().filter(|p| wanted(&p.name)).map(|p| p.bytes).sum();
    let store = StoppableStore { store: access.store.clone(), stop: job.token() };
    for number in 1..=MAX_NAMES {
        let name = if number == 1 { "data.car".into() } else { format!("data-{number}.car") };
        let progress = &mut |p: crate::carrier::ExportProgress| job.progress(p.bytes, total);
        match export_file(&folder.join(&name), &store, head, options, progress) {
            Ok(done) => return Ok(Outcome::Saved(name, done.bytes)),
            Err(ExportError::Exists(_)) => {}
            Err(e) => return Err(why(&e)),
        }
    }
    Err(Note::CannotWrite)
}

/// What to say of a file that was not written.
fn why(e: &ExportError) -> Note {
    match e {
        ExportError::Store(_) => Note::NotWhole,
        ExportError::FileTooLarge(_) => Note::StickLimit,
        _ => Note::CannotWrite,
    }
}

/// Whether the file system of a folder ends at a smaller file: known before half an hour of writing is in vain.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_too_long_for(folder: &Path, length: u64) -> bool {
    /// What the system calls all kinds of FAT.
    const FAT: u32 = 0x4d44;
    // Of another width on each machine; this number fits all of them.
    let is_fat = rustix::fs::statfs(folder).is_ok_and(|stat| stat.f_type as u32 == FAT);
    length > FAT32_FILE && is_fat
}

/// Elsewhere the system says it when the file is that long.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_too_long_for(_: &Path, _: u64) -> bool {
    false
}

fn plan(access: &Access, head: &Accepted, core: bool) -> Option<Plan> {
    let bulletin = access.archives.bulletin(&head.release.archive).ok()?;
    plan_with(access, head, core, bulletin)
}

fn plan_with(
    access: &Access,
    head: &Accepted,
    core: bool,
    bulletin: Option<Vec<u8>>,
) -> Option<Plan> {
    let archive = head.release.archive;
    let parts = parts(access, head, core).ok()?;
    let denied = access.archives.denied(&archive).ok()?;
    let options = ExportOptions {
        parts: parts.as_deref(),
        denied: Some(&denied),
        bulletin: bulletin.as_deref(),
        ..ExportOptions::default()
    };
    Plan::new(&*access.store, head, options).ok()
}

/// An archive for the browser to save.
pub fn download(access: &Access, head: &Accepted, core: bool) -> Option<Download> {
    let plan = plan(access, head, core)?;
    let (length, store) = (plan.length(), access.store.clone());
    let read = move |at| plan.piece(&*store, at, SPOOL_PIECE).map_err(io::Error::other);
    Some(Download { length, read: Arc::new(read) })
}

/// A carrier that is made as it is read.
struct Planned {
    plan: Plan,
    store: Arc<dyn BlockStore>,
}

impl ReadAt for Planned {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.plan.length())
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.plan.piece(&*self.store, at, buffer.len()).map_err(io::Error::other)?;
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        Ok(count)
    }
}

/// Takes every archive of one home into another, with where it came from.
pub fn copy(ui: &Ui, from: &Access, to: &Access, job: &Job) -> Result<(), Note> {
    for archive in from.archives.list().map_err(|_| Note::Failed)? {
        let Some(head) = from.complete(&archive).map_err(|_| Note::Failed)? else { continue };
        copy_one(ui, from, to, job, &archive, &head)?;
    }
    Ok(())
}

fn copy_one(
    ui: &Ui,
    from: &Access,
    to: &Access,
    job: &Job,
    archive: &ArchiveId,
    head: &Accepted,
) -> Result<(), Note> {
    let [honoured, waits] = notices(from, archive).ok_or(Note::Failed)?;
    let plan = plan_with(from, head, false, honoured).ok_or(Note::Failed)?;
    let total = plan.length();
    let planned = Planned { plan, store: from.store.clone() };
    let input = StoppableInput { input: planned, stop: job.token() };
    let inputs: [Input<'_>; 1] = [Rc::new(RefCell::new(input))];
    let progress = &mut |at| job.progress(at, total);
    take_inputs(ui, to, &inputs, Some(vec![*archive]), None, progress).map_err(|e| note_of(&e))?;
    let was = from.archives.settings(archive).map_err(|_| Note::Failed)?;
    let now = to.archives.settings(archive).map_err(|_| Note::Failed)?;
    // Addresses are worth keeping: without them nothing newer can be asked for.
    let settings = crate::store::heads::ArchiveSettings { parts: now.parts, ..was };
    to.archives.set_settings(archive, &settings).map_err(|_| Note::Failed)?;
    match waits {
        Some(waits) => to.archives.take_bulletin(archive, &waits).map(drop),
        None => Ok(()),
    }
    .map_err(|_| Note::Failed)
}

/// The bulletin in two: what was honoured, and notices that wait for the person's yes. A home that shows nothing yet takes
/// all withdrawals as they are (HOLD-6); so it gets the latter only when it has something to protect.
fn notices(from: &Access, archive: &ArchiveId) -> Option<[Option<Vec<u8>>; 2]> {
    let Some(all) = from.archives.bulletin(archive).ok()? else { return Some([None, None]) };
    let all = Bulletin::decode(&all).ok()?;
    let held: Vec<_> = from
        .archives
        .held(archive)
        .ok()?
        .into_iter()
        .filter_map(|a| Hash::from_hex(&a.id))
        .collect();
    let (waits, honoured) =
        all.notices.into_iter().partition(|notice| held.contains(&notice.payload_hash()));
    let encoded = |bulletin: Bulletin| (!bulletin.is_empty()).then(|| bulletin.encode());
    Some([encoded(Bulletin::new(all.fork, honoured)), encoded(Bulletin::new(None, waits))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_that_ends_at_four_gigabytes_is_told_apart() {
        let too_large = ExportError::FileTooLarge("write".into());
        assert_eq!(why(&too_large), Note::StickLimit);
        assert_eq!(why(&ExportError::DiskFull("write".into())), Note::CannotWrite);
        let here = tempfile::tempdir().unwrap();
        assert!(!is_too_long_for(here.path(), u64::MAX), "only FAT ends there");
    }
}
