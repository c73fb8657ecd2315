//! A complete release that drops or rewrites too much is not shown before the operator's yes (HOLD-3).

use super::count::{counted, ledger, wanted_parts};
use super::file::{self, Acts, Dropped};
use super::trees::{self, Met, is_record};
use super::weigh::hold;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, HashSet};
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::ledger::{Loss, rewrites};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Change, Entry, diff};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{BlockId, Hash};

/// Holds a complete release that drops too much (HOLD-3), and gives the id of the act. One release waits
/// at a time: the newest.
pub(in crate::store) fn hold_release(
    states: &ArchiveStates,
    head: &Accepted,
    lost: &Lost,
) -> Result<Hash, StoreError> {
    let (release, id) = (&head.release, head.release_hash());
    let archive = &release.archive;
    let mut acts = file::load(states, archive)?.acts.clone();
    settle(&mut acts, Some(id));
    let files = lost.shown.saturating_sub(lost.new).saturating_sub(lost.records);
    hold(&mut acts, id, |held| {
        (held.sequence, held.date) = (release.sequence, release.date.clone());
        held.dropped = Some(Dropped {
            records: lost.records,
            rewritten: lost.rewritten,
            files,
            head: head.bytes.clone(),
        });
    });
    file::save(states, archive, acts)?;
    Ok(id)
}

/// Forgets releases that waited to be shown, but for `except`.
pub(super) fn settle(acts: &mut Acts, except: Option<Hash>) {
    for held in acts.held.iter_mut().filter(|held| Some(held.id) != except) {
        held.dropped = None;
    }
    acts.held
        .retain(|held| !held.items.is_empty() || held.dropped.is_some() || Some(held.id) == except);
}

/// What a release drops and rewrites of the one that is shown.
pub(in crate::store) struct Lost {
    /// Records that are not in it and were not withdrawn.
    pub records: u64,
    /// Records that it has with other content, and that were not withdrawn.
    pub rewritten: u64,
    /// Records of the shown release.
    pub shown_records: u64,
    /// Files of the shown release.
    pub shown: u64,
    /// Files of the new one.
    pub new: u64,
}

/// Records in which two releases differ, without those whose old content is denied.
#[derive(Default)]
struct Moves {
    /// Those that are gone from a part, with what they linked to.
    gone: BTreeMap<String, BlockId>,
    /// Those that are new in one: some have only moved.
    come: BTreeMap<String, BlockId>,
    /// Those with other content in their place.
    rewritten: u64,
}

impl Moves {
    fn take(&mut self, change: Change, denied: &Denied) {
        match change {
            Change::Removed(e) => self.leaves(&e, denied),
            Change::Added(e) if is_record(&e) => {
                self.come.insert(e.path.to_string(), e.link());
            }
            Change::Changed { old, new } if is_record(&old) => {
                let other = old.link() != new.link() && denied.covers(&old.link()).is_none();
                self.rewritten += u64::from(other);
            }
            _ => {}
        }
    }

    fn leaves(&mut self, entry: &Entry, denied: &Denied) {
        if is_record(entry) && denied.covers(&entry.link()).is_none() {
            self.gone.insert(entry.path.to_string(), entry.link());
        }
    }

    /// How many are gone, and how many have other content.
    fn count(&self) -> (u64, u64) {
        let moved = |(path, link): (&String, &BlockId)| Some(self.come.get(path)? != link);
        let moved: Vec<bool> = self.gone.iter().filter_map(moved).collect();
        let other = moved.iter().filter(|other| **other).count() as u64;
        ((self.gone.len() - moved.len()) as u64, self.rewritten + other)
    }
}

/// Compares the wanted parts of the shown release with those of a new one, both without what is denied.
pub(in crate::store) fn lost_between(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    shown: &Release,
    new: &Release,
) -> Result<Lost, StoreError> {
    let denied = super::denied(states, &shown.archive)?;
    let (before, after) =
        (counted(states, store, shown, &denied)?, counted(states, store, new, &denied)?);
    let (old_parts, new_parts) = (wanted_parts(states, shown)?, wanted_parts(states, new)?);
    let mut moves = Moves::default();
    for old in old_parts.iter().filter(|old| !new_parts.iter().any(|p| p.name == old.name)) {
        trees::walk(store, old, &mut HashSet::new(), &mut |met| {
            if let Met::File(entry) = met {
                moves.leaves(entry, &denied);
            }
        })?;
    }
    let mut damaged = false;
    for part in &new_parts {
        let old = old_parts.iter().find(|old| old.name == part.name).copied();
        match diff(store, old, part, &mut |change| moves.take(change, &denied)) {
            Ok(()) => {}
            Err(ReadFault::Source(error)) => return Err(trees::failed(error)),
            Err(_) => damaged = true,
        }
    }
    let (mut records, rewritten) = moves.count();
    if damaged {
        // Something of the shown release cannot be read: its numbers must do.
        records = before.records.saturating_sub(after.records);
    }
    let (shown_records, shown, new) = (before.records, total(before), total(after));
    Ok(Lost { records, rewritten, shown_records, shown, new })
}

fn total(loss: Loss) -> u64 {
    loss.records + loss.files
}

/// True when a complete release may be shown without the operator's yes (HOLD-3).
pub(in crate::store) fn may_show(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    shown: &Release,
    lost: &Lost,
) -> Result<bool, StoreError> {
    let known = file::load(states, &shown.archive)?.acts.ledger;
    let ledger = ledger(states, store, shown, known)?;
    let passes = ledger.release(lost.records, lost.shown, lost.new).is_some();
    Ok(passes && !rewrites(lost.rewritten, lost.shown_records))
}

/// Notes that a release is about to be shown instead of `before`, of which it drops so many records (HOLD-1,
/// HOLD-4).
pub(in crate::store) fn shown(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    head: &Accepted,
    dropped: u64,
    before: Option<&Release>,
) -> Result<(), StoreError> {
    let archive = &head.release.archive;
    let loaded = file::load(states, archive)?;
    let mut acts = loaded.acts.clone();
    let mut after = ledger(states, store, before.unwrap_or(&head.release), acts.ledger)?;
    after.spent.records = after.spent.records.saturating_add(dropped);
    acts.ledger = Some(after);
    // A later release that passes ends the waiting of those before it.
    settle(&mut acts, None);
    if acts != loaded.acts {
        file::save(states, archive, acts)?;
    }
    Ok(())
}
