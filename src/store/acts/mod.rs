//! What a node must not keep, and what it waits for before it lets go of more (spec: withdraw.md).
//!
//! Releases and notices withdraw files. While that is little, it is done at once: the list of what is
//! denied is written durably, then the blocks are erased, and only then the node goes on (WD-6). When it
//! is much, nothing happens until the operator says yes (HOLD-1 to HOLD-7).

mod count;
mod drops;
mod erase;
mod file;
mod lost;
mod notices;
pub(super) mod reach;
mod trees;
mod weigh;

use count::had_of;
pub(super) use drops::{hold_release, lost_between, may_show, shown};
pub use file::{ActKind, Cache, Writer};
pub(super) use file::{quiet, while_quiet};
pub use lost::{Wanted, wanted};
pub use notices::{
    BulletinTaken, bulletin, cumulative, newest_of, notices as kept_notices, take_bulletin,
    take_notice,
};
pub(super) use weigh::take_release;

use super::adopt::{checked, trusted_head};
use super::complete::before_showing;
use super::heads::ArchiveStates;
use super::{BlockStore, StoreError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use yadgar_protocol::ledger::Ledger;
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash};

/// Acts that wait at the same time; of more, the oldest is forgotten (and comes again with whoever shows it),
/// but never a release that waits to be shown.
const MAX_HELD: usize = 64;
/// Withdrawals of one archive that are kept without asking: about 8 MB. Each takes a signed statement, so
/// only who holds the keys could make more.
const MAX_DENIED: usize = 100_000;

/// What became of a notice, or of the withdrawals of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeVerdict {
    /// Honoured: what it covers is denied and erased.
    Taken,
    /// There is nothing new in it.
    Known,
    /// It waits for the operator's yes; the id of the act (HOLD-2).
    Held(String),
    /// It cannot be judged under the head that is trusted here, perhaps under a later one (WD-5).
    Later,
    /// Not valid; the clause and reason.
    Refused(String),
}

/// An act that waits for the operator, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldAct {
    /// Its id in hex: the hash of the notice or release payload (HOLD-7).
    pub id: String,
    /// Where it comes from.
    pub kind: ActKind,
    /// The release, or the newest one when the notice was signed.
    pub sequence: u64,
    /// UTC day that it bears. Never compared.
    pub date: String,
    /// Records kept here that a yes takes away, or takes out of what is shown.
    pub records: u64,
    /// Other files of which the same is true.
    pub files: u64,
    /// Records that the release shows with other content than now.
    pub rewritten: u64,
    /// Withdrawals in it that are not honoured yet.
    pub items: u64,
    /// Reasons of these (WD-3).
    pub reasons: Vec<String>,
    /// True for a release that is here complete and not shown because of what it drops (HOLD-3).
    pub drops: bool,
}

/// What became of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approved {
    /// The act was honoured.
    Done,
    /// No such act waits.
    Unknown,
}

/// What must not be kept of an archive (WD-7). Cheap: read once, then from memory.
///
/// # Errors
/// [`StoreError::Damaged`] when the list cannot be read: then nothing may be served as if it were empty.
pub fn denied(states: &ArchiveStates, archive: &ArchiveId) -> Result<Arc<Denied>, StoreError> {
    Ok(file::load(states, archive)?.denied.clone())
}

/// The acts of an archive that wait for the operator, oldest first.
///
/// # Errors
/// When the state cannot be read.
pub fn held(states: &ArchiveStates, archive: &ArchiveId) -> Result<Vec<HeldAct>, StoreError> {
    Ok(file::load(states, archive)?.acts.held.iter().map(file::Held::show).collect())
}

/// The operator's yes to one act (HOLD-7): honours it and begins a new ledger.
///
/// # Errors
/// [`StoreError::Refused`] for a release that may not be shown: a fork stands, or it is no longer on the
/// trusted chain. Otherwise when state or store fail; what was not finished then is finished at the next start.
pub fn approve(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    act: &Hash,
) -> Result<Approved, StoreError> {
    let _one_at_a_time = states.lock_heads();
    let loaded = file::load(states, archive)?;
    let mut acts = loaded.acts.clone();
    let Some(at) = acts.held.iter().position(|held| held.id == *act) else {
        return Ok(Approved::Unknown);
    };
    let held = acts.held.remove(at);
    weigh::honour(&mut acts, &held.items, archive);
    let mut list = Denied::none(*archive);
    list.add(&acts.denied);
    // The head before the file: after a crash in between the act still waits, which harms nobody.
    if let Some(dropped) = &held.dropped {
        // It may be disputed by now, or set aside.
        let head = checked(archive, "held", &dropped.head)?;
        before_showing(states, store, archive, &head)?;
        states.set_complete(archive, &dropped.head)?;
    }
    acts.ledger = Some(Ledger::new(had_of(states, store, archive, &list)?));
    erase::deny(states, store, archive, acts, None, true)?;
    Ok(Approved::Done)
}

/// The operator keeps fewer parts than before: a new ledger begins with what is shown of these (HOLD-1).
///
/// # Errors
/// When the state cannot be read or written.
pub fn forget_ledger(states: &ArchiveStates, archive: &ArchiveId) -> Result<(), StoreError> {
    let _one_at_a_time = states.lock_heads();
    let acts = &file::load(states, archive)?.acts;
    if acts.ledger.is_some() {
        file::save(states, archive, file::Acts { ledger: None, ..acts.clone() })?;
    }
    Ok(())
}

/// Goes on with erasing that a crash cut off, in all archives. To be called when a home is opened; cheap
/// when there is nothing to do.
///
/// # Errors
/// When state or store fail.
pub fn resume(states: &ArchiveStates, store: &dyn BlockStore) -> Result<(), StoreError> {
    for archive in states.list()? {
        let acts = &file::load(states, &archive)?.acts;
        if !acts.sweep && acts.erasing.is_empty() {
            continue;
        }
        match sweep(states, store, &archive) {
            // The other archives can be read all the same, and what is denied is not served.
            Err(StoreError::Damaged(why)) => {
                tracing::warn!(%archive, %why, "what was withdrawn is not erased before this is mended");
            }
            other => other?,
        }
    }
    Ok(())
}

/// Looks once more for blocks of denied files and erases them: after a fetch that was under way when
/// they were denied, or when a file turned out denied after its blocks were put.
///
/// # Errors
/// When state or store fail.
pub fn sweep(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
) -> Result<(), StoreError> {
    let _one_at_a_time = states.lock_heads();
    if file::load(states, archive)?.denied.is_empty() {
        return Ok(());
    }
    erase::erase(states, store, archive, None)
}

/// [`sweep`], if a fetch may have brought something back. To be called after each fetch.
///
/// # Errors
/// As [`sweep`].
pub fn sweep_if_due(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
) -> Result<(), StoreError> {
    let due = file::load(states, archive)?.acts.sweep && !file::has_writers(states, archive);
    if due { sweep(states, store, archive) } else { Ok(()) }
}

/// True when the trusted release lists all these items.
fn is_listed(
    states: &ArchiveStates,
    archive: &ArchiveId,
    items: &[Withdrawal],
) -> Result<bool, StoreError> {
    let trusted = trusted_head(states, archive)?;
    let list = trusted.map(|head| head.release.withdrawn).unwrap_or_default();
    Ok(weigh::lists(&list, items))
}

#[cfg(test)]
#[path = "acts_tests.rs"]
mod tests;
