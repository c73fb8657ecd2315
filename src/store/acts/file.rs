//! The file in which a node keeps what it must not keep, and what it waits for.
//!
//! `DIR/<archive id>/acts`: one file, replaced in one step, so that the list of what is denied and the
//! list of blocks that are still to be erased never disagree.

use super::HeldAct;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use yadgar_protocol::ledger::{Ledger, Loss};
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal};
use yadgar_protocol::{ArchiveId, BlockId, Hash, cbor};

/// Name of the file.
const ACTS: &str = "acts";
/// More than any of them takes: see the bounds of what goes in.
const MAX_BYTES: usize = 64 << 20;

/// Where an act comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// An urgent notice.
    Notice,
    /// A release.
    Release,
}

/// An act that waits for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// Hash of the notice or release payload (HOLD-7).
    pub id: Hash,
    pub kind: ActKind,
    pub sequence: u64,
    pub date: String,
    /// What its withdrawals cover of all that is kept here.
    pub loss: Loss,
    /// Withdrawals that are not honoured yet.
    pub items: Vec<Withdrawal>,
    /// A complete release that is not shown because of what it drops.
    pub dropped: Option<Dropped>,
}

/// A release that drops too much (HOLD-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dropped {
    /// Records that it has not.
    pub records: u64,
    /// Records that it has with other content.
    #[serde(default, skip_serializing_if = "is_none")]
    pub rewritten: u64,
    /// Files of the shown release beyond those of this.
    pub files: u64,
    /// The head, to be shown after a yes.
    #[serde(with = "serde_bytes")]
    pub head: Vec<u8>,
}

/// Left out of the file: files from before this was counted stay readable.
#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Held {
    /// For people.
    pub fn show(&self) -> HeldAct {
        let reasons = Reason::ALL.into_iter().filter(|r| self.items.iter().any(|w| w.reason == *r));
        let dropped = self.dropped.as_ref();
        HeldAct {
            id: self.id.to_hex(),
            kind: self.kind,
            sequence: self.sequence,
            date: self.date.clone(),
            records: self.loss.records + dropped.map_or(0, |d| d.records),
            files: self.loss.files + dropped.map_or(0, |d| d.files),
            rewritten: dropped.map_or(0, |d| d.rewritten),
            items: self.items.len() as u64,
            reasons: reasons.map(|r| r.word().to_owned()).collect(),
            drops: dropped.is_some(),
        }
    }
}

/// A notice that is passed on (WD-9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Hash of its payload.
    pub id: Hash,
    /// The envelope as received.
    #[serde(with = "serde_bytes")]
    pub envelope: Vec<u8>,
}

/// Everything in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acts {
    /// What must not be kept.
    pub denied: Vec<Withdrawal>,
    /// HOLD-1; none before the first complete release.
    pub ledger: Option<Ledger>,
    /// What waits for the operator, oldest first.
    pub held: Vec<Held>,
    /// Notices to pass on, oldest first.
    pub notices: Vec<Kept>,
    /// Blocks whose erasing has begun. They stay here as long as a sweep is due: once the list of a large
    /// file is erased, nothing else tells which chunks were its own.
    pub erasing: Vec<BlockId>,
    /// Erasing is not finished, or a fetch was under way that may bring such blocks again.
    pub sweep: bool,
}

/// The file as read, with its list ready for use.
#[derive(Debug)]
pub(super) struct Loaded {
    pub acts: Acts,
    pub denied: Arc<Denied>,
}

impl Loaded {
    fn new(archive: ArchiveId, acts: Acts) -> Self {
        let mut denied = Denied::none(archive);
        denied.add(&acts.denied);
        Self { acts, denied: Arc::new(denied) }
    }
}

/// What was read once: nodes ask often. One process holds a home, so nobody else changes the files.
#[derive(Debug, Default)]
pub struct Cache {
    loaded: Mutex<BTreeMap<ArchiveId, Arc<Loaded>>>,
    writers: Mutex<Writers>,
    /// How many there have been, or went on after a rest.
    begun: AtomicU64,
}

#[derive(Debug, Default)]
struct Writers {
    count: BTreeMap<ArchiveId, usize>,
    /// Those that wait and put nothing, by their numbers: the release that each is to bring.
    resting: BTreeMap<u64, Release>,
}

/// While it lives, blocks of an archive may be put by someone who asked for them earlier.
pub struct Writer {
    states: Arc<ArchiveStates>,
    archive: ArchiveId,
    number: u64,
}

impl Writer {
    /// Notes that a fetch of this archive begins.
    pub fn new(states: &Arc<ArchiveStates>, archive: ArchiveId) -> Self {
        let mut writers = lock(&states.acts.writers);
        *writers.count.entry(archive).or_default() += 1;
        let number = states.acts.begun.fetch_add(1, Ordering::SeqCst);
        drop(writers);
        Self { states: states.clone(), archive, number }
    }

    /// Nothing is put before [`Writer::go_on`], and of what is here nothing is counted on but what this release
    /// reaches: a garbage collection, which keeps that, may go on meanwhile.
    pub fn rest(&self, release: &Release) {
        let mut writers = lock(&self.states.acts.writers);
        writers.resting.entry(self.number).or_insert_with(|| release.clone());
    }

    /// Blocks are put again. A garbage collection under way ends before this returns.
    pub fn go_on(&self) {
        let mut writers = lock(&self.states.acts.writers);
        if writers.resting.remove(&self.number).is_some() {
            self.states.acts.begun.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The same for one who may put what is denied already. When this returns it is durable that a sweep is
    /// due: it comes also when the process ends before [`Writer::finish`].
    ///
    /// # Errors
    /// When the state cannot be read or written: then nothing may be put.
    pub fn begin(states: &Arc<ArchiveStates>, archive: ArchiveId) -> Result<Self, StoreError> {
        let writer = Self::new(states, archive);
        let _one_at_a_time = states.lock_heads();
        let acts = &load(states, &archive)?.acts;
        // With nothing denied there is nothing to sweep; what is denied from now on sees the writer.
        if !acts.denied.is_empty() && !acts.sweep {
            save(states, &archive, Acts { sweep: true, ..acts.clone() })?;
        }
        Ok(writer)
    }

    /// Ends the writing and erases what it brought back (WD-7). Others may still be writing: then a sweep
    /// stays due.
    ///
    /// # Errors
    /// When state or store fail. The sweep is still due then.
    pub fn finish(self, store: &dyn BlockStore) -> Result<(), StoreError> {
        let (states, archive) = (self.states.clone(), self.archive);
        drop(self);
        let due = load(&states, &archive)?.acts.sweep;
        if due { super::sweep(&states, store, &archive) } else { Ok(()) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut writers = lock(&self.states.acts.writers);
        writers.resting.remove(&self.number);
        if let Some(count) = writers.count.get_mut(&self.archive) {
            *count = count.saturating_sub(1);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True while a [`Writer`] of the archive lives.
pub(super) fn has_writers(states: &ArchiveStates, archive: &ArchiveId) -> bool {
    lock(&states.acts.writers).count.get(archive).is_some_and(|count| *count > 0)
}

/// While no [`Writer`] of any archive lives, or all that do rest: how many there have been, and the releases for which
/// these wait.
pub(in crate::store) fn quiet(states: &ArchiveStates) -> Option<(u64, Vec<Release>)> {
    let writers = lock(&states.acts.writers);
    let quiet = writers.count.values().sum::<usize>() == writers.resting.len();
    let releases = || writers.resting.values().cloned().collect();
    quiet.then(|| (states.acts.begun.load(Ordering::SeqCst), releases()))
}

/// Does `work`, unless a [`Writer`] began or went on since [`quiet`] said `begun`, or `same` says no. None begins, and no head is
/// judged, while it works.
pub(in crate::store) fn while_quiet<T>(
    states: &ArchiveStates,
    begun: u64,
    same: impl FnOnce() -> Result<bool, StoreError>,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let _no_heads = states.lock_heads();
    let _no_writers = lock(&states.acts.writers);
    if states.acts.begun.load(Ordering::SeqCst) != begun || !same()? {
        return Ok(None);
    }
    work().map(Some)
}

/// The acts of an archive; none when there is no file.
///
/// # Errors
/// [`StoreError::Damaged`]: a damaged list is never an empty one.
pub(super) fn load(states: &ArchiveStates, archive: &ArchiveId) -> Result<Arc<Loaded>, StoreError> {
    let mut cache = lock(&states.acts.loaded);
    if let Some(loaded) = cache.get(archive) {
        return Ok(loaded.clone());
    }
    let acts = match states.sealed(archive, ACTS, MAX_BYTES)? {
        None => Acts::default(),
        Some(bytes) => cbor::decode(&bytes, MAX_BYTES).map_err(|reject| {
            StoreError::Damaged(format!("the withdrawals of archive {archive}: {reject}"))
        })?,
    };
    let loaded = Arc::new(Loaded::new(*archive, acts));
    cache.insert(*archive, loaded.clone());
    Ok(loaded)
}

/// Replaces the acts of an archive. Durable when it returns.
///
/// # Errors
/// When the file system refuses.
pub(super) fn save(
    states: &ArchiveStates,
    archive: &ArchiveId,
    acts: Acts,
) -> Result<Arc<Loaded>, StoreError> {
    let mut cache = lock(&states.acts.loaded);
    states.set_sealed(archive, ACTS, &cbor::encode(&acts), MAX_BYTES)?;
    let loaded = Arc::new(Loaded::new(*archive, acts));
    cache.insert(*archive, loaded.clone());
    Ok(loaded)
}
