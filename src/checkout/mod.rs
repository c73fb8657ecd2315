//! Writes the files of a release into a folder, every byte checked on the way.
//!
//! The target may be anybody's folder (a stick): no symbolic link in it is followed, files that are not of
//! the release are not touched, and each file appears whole or not at all.

mod arriving;
mod broken;
mod place;

pub use arriving::{Arrivals, Arriving};

use crate::store::{BlockStore, StoreError};
pub use broken::Broken;
use place::{Place, sweep};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::path::Collisions;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{self, Entry};
use yadgar_protocol::withdraw::Denied;

/// Files that one worker writes before it looks for more.
const FILES_PER_TASK: usize = 32;
/// Entries for which there is room from the beginning; a release may say anything.
const MOST_AHEAD: u64 = 200_000;
/// Threads that write at the same time; more do not help a disk.
const MAX_WORKERS: usize = 8;
const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Why a checkout stopped. Files written so far are whole and right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// The folder could not be written.
    #[error("cannot write {0}: {1}")]
    Write(String, #[source] std::io::Error),
    /// Blocks of the release are not here.
    #[error("{0} cannot be written: block {1} is not here")]
    Missing(String, BlockId),
    /// The signed release describes a file that cannot be.
    #[error("{0} is not what the release says: {1}")]
    Damaged(String, String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

/// What a checkout did.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CheckoutSummary {
    /// Files written.
    pub written: u64,
    /// Files that were there already with the right bytes.
    pub unchanged: u64,
    /// Bytes of all these files.
    pub bytes: u64,
    /// Files that were withdrawn, and not written (WD-7).
    pub withdrawn: u64,
    /// Files that are not sound here, and not written, in the order of their paths; none unless damage was to be
    /// passed over.
    pub broken: Vec<Broken>,
}

/// What to write, and where.
pub struct Checkout<'a> {
    /// The release.
    pub release: &'a Release,
    /// Names of its parts; all without.
    pub parts: Option<&'a [String]>,
    /// Files that are not written (WD-7).
    pub denied: &'a Denied,
    /// The folder.
    pub target: &'a Path,
    /// One part after the other, each as soon as its tree can be read: for blocks that are still coming
    /// in. Else all paths are known before the first file is written.
    pub by_part: bool,
    /// Go on past files whose blocks are damaged or missing, and name these at the end. Else the first one ends it.
    pub past_damage: bool,
}

impl Checkout<'_> {
    /// Writes the files. `progress` is called with the bytes of each.
    ///
    /// # Errors
    /// See [`CheckoutError`].
    pub fn run(
        &self,
        store: &dyn BlockStore,
        progress: &(dyn Fn(u64) + Sync),
        stop: &AtomicBool,
    ) -> Result<CheckoutSummary, CheckoutError> {
        let failed = |e| CheckoutError::Write(self.target.display().to_string(), e);
        std::fs::create_dir_all(self.target).map_err(failed)?;
        let root = openat(CWD, self.target, FOLDER, Mode::empty()).map_err(|e| failed(e.into()))?;
        let wanted = |p: &&Part| self.parts.is_none_or(|names| names.contains(&p.name));
        let parts: Vec<&Part> = self.release.parts.iter().filter(wanted).collect();
        let mut done = CheckoutSummary::default();
        let mut names = Collisions::new();
        let at_once = if self.by_part { 1 } else { parts.len().max(1) };
        for group in parts.chunks(at_once) {
            let entries = if self.past_damage {
                broken::entries(store, group, &mut done.broken)
            } else {
                entries(store, group)?
            };
            self.write(store, (&root, &mut names), &entries, &mut done, (progress, stop))?;
        }
        sync(root).map_err(failed)?;
        done.broken.sort();
        Ok(done)
    }

    fn write(
        &self,
        store: &dyn BlockStore,
        (root, names): (&OwnedFd, &mut Collisions),
        all: &[Entry],
        done: &mut CheckoutSummary,
        (progress, stop): (&(dyn Fn(u64) + Sync), &AtomicBool),
    ) -> Result<(), CheckoutError> {
        let kept = |e: &&Entry| self.denied.covers(&e.link()).is_none();
        let entries: Vec<&Entry> = all.iter().filter(kept).collect();
        // On a stick's file system two such names would be one file (PATH-6, PATH-7).
        for entry in &entries {
            names.add(&entry.path).map_err(|(other, reject)| {
                CheckoutError::Damaged(entry.path.to_string(), format!("{reject}: {other}"))
            })?;
        }
        // Of the withdrawn ones too: a killed checkout may have left a part of one.
        let paths: HashSet<&str> = all.iter().map(|e| e.path.as_str()).collect();
        sweep(root, &paths);
        let (written, unchanged) = (AtomicU64::new(0), AtomicU64::new(0));
        let (bytes, broken) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        in_order(&entries, &|group| {
            let mut place = Place { root, paths: &paths, prefix: None };
            group.iter().try_for_each(|entry| {
                if stop.load(Ordering::Relaxed) {
                    return Err(CheckoutError::Stopped);
                }
                match place.write(store, entry) {
                    Ok(new) => {
                        if new { &written } else { &unchanged }.fetch_add(1, Ordering::Relaxed);
                        bytes.fetch_add(entry.size, Ordering::Relaxed);
                    }
                    Err(error) => {
                        let one = Broken::of(entry, error, self.past_damage)?;
                        broken.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                    }
                }
                progress(entry.size);
                Ok(())
            })
        })?;
        done.written += written.into_inner();
        done.unchanged += unchanged.into_inner();
        done.bytes += bytes.into_inner();
        done.broken.extend(broken.into_inner().unwrap_or_else(PoisonError::into_inner));
        done.withdrawn += (all.len() - entries.len()) as u64;
        Ok(())
    }
}

/// The entries of parts, in their order.
fn entries(store: &dyn BlockStore, parts: &[&Part]) -> Result<Vec<Entry>, CheckoutError> {
    // Growing doubles: half of it would lie there for nothing.
    let files = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.files));
    let mut all = Vec::with_capacity(files.min(MOST_AHEAD) as usize);
    for part in parts {
        tree::for_each(store, part, None, &mut |entry| {
            all.push(entry);
            std::ops::ControlFlow::Continue(())
        })
        .map_err(|fault| reading(&part.name, fault))?;
    }
    Ok(all)
}

/// Works on groups of entries with all cores, the first ones first: blocks that are still coming come in
/// this order. The first failure ends it.
fn in_order(
    entries: &[&Entry],
    work: &(dyn Fn(&[&Entry]) -> Result<(), CheckoutError> + Sync),
) -> Result<(), CheckoutError> {
    let groups: Vec<&[&Entry]> = entries.chunks(FILES_PER_TASK).collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let worker = || {
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = work(group) {
                next.store(groups.len(), Ordering::Relaxed);
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
    std::thread::scope(|scope| {
        // What no thread is to be had for is done here.
        for _ in 1..workers.min(groups.len()) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, worker);
        }
        worker();
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// Makes what was written durable: the stick may be pulled out as soon as success is reported.
fn sync(root: OwnedFd) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::syncfs(&root)?);
    #[cfg(not(target_os = "linux"))]
    File::from(root).sync_all()
}

fn reading(what: &str, fault: ReadFault) -> CheckoutError {
    match fault {
        ReadFault::Missing(id) => CheckoutError::Missing(what.into(), id),
        ReadFault::Damaged(reject) => CheckoutError::Damaged(what.into(), reject.to_string()),
        ReadFault::Source(e) => CheckoutError::Store(StoreError::Damaged(e.to_string())),
    }
}

#[cfg(test)]
#[path = "checkout_tests.rs"]
mod tests;
