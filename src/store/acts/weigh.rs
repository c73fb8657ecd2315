//! How much an act takes away, and whether that is done at once (HOLD-1 to HOLD-6).

use super::file::{self, ActKind, Acts, Dropped, Held, Loaded};
use super::trees::{self, Met, is_record};
use super::{MAX_DENIED, MAX_HELD, NoticeVerdict, added, erase};
use crate::store::complete::complete_head;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::ledger::{Ledger, Loss};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Change, Entry, diff};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash};

/// A statement that withdraws something.
pub(super) struct Statement<'a> {
    pub id: Hash,
    pub kind: ActKind,
    pub sequence: u64,
    pub date: &'a str,
    pub items: &'a [Withdrawal],
}

/// True when `list` has all `items`. The list of a release is ascending (WD-2).
pub(super) fn lists(list: &[Withdrawal], items: &[Withdrawal]) -> bool {
    items.iter().all(|w| list.binary_search_by(|other| other.item.cmp(&w.item)).is_ok())
}

/// Takes the withdrawals of a release that was accepted, before its head is written (WD-6). The
/// caller holds the lock on heads.
///
/// # Errors
/// When state or store fail; then the head must not be written either.
pub(in crate::store) fn take_release(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    head: &Accepted,
) -> Result<(), StoreError> {
    let (release, archive) = (&head.release, &head.release.archive);
    let loaded = file::load(states, archive)?;
    let mut acts = loaded.acts.clone();
    // A later release that does not repeat what an earlier one withdrew has taken it back, as long
    // as it was not honoured.
    for held in acts.held.iter_mut().filter(|held| held.kind == ActKind::Release) {
        held.items.retain(|w| lists(&release.withdrawn, std::slice::from_ref(w)));
    }
    acts.held.retain(|held| !held.items.is_empty() || held.dropped.is_some());
    let version = head.trust_root().version;
    super::notices::prune(&mut acts, &release.withdrawn, version);
    let loaded = if acts == loaded.acts { loaded } else { file::save(states, archive, acts)? };
    let statement = Statement {
        id: head.release_hash(),
        kind: ActKind::Release,
        sequence: release.sequence,
        date: &release.date,
        items: &release.withdrawn,
    };
    take(states, store, archive, &loaded, &statement, Some(release)).map(drop)
}

/// Honours the new withdrawals of a statement, or holds all of them (HOLD-2).
pub(super) fn take(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    loaded: &Loaded,
    statement: &Statement<'_>,
    also: Option<&Release>,
) -> Result<NoticeVerdict, StoreError> {
    let waits = |held: &Held, w: &Withdrawal| held.items.iter().any(|other| other.item == w.item);
    let is_new = |w: &&Withdrawal| {
        let elsewhere = loaded.acts.held.iter().filter(|held| held.id != statement.id);
        !loaded.denied.has(&w.item) && !elsewhere.into_iter().any(|held| waits(held, w))
    };
    let new: Vec<Withdrawal> = statement.items.iter().filter(is_new).cloned().collect();
    let own = loaded.acts.held.iter().find(|held| held.id == statement.id);
    if own.is_some_and(|held| new.iter().all(|w| waits(held, w)) && !new.is_empty()) {
        return Ok(NoticeVerdict::Held(statement.id.to_hex()));
    }
    if new.is_empty() {
        return Ok(NoticeVerdict::Known);
    }
    let mut acts = loaded.acts.clone();
    let Some(shown) = complete_head(states, archive)? else {
        // HOLD-6.
        acts.denied = added(&acts.denied, &new, archive);
        erase::deny(states, store, archive, acts, also)?;
        return Ok(NoticeVerdict::Taken);
    };
    let ledger = ledger(states, store, &shown.release)?;
    let mut list = Denied::none(*archive);
    list.add(&new);
    let loss = covered(states, store, &shown.release, &list)?;
    let room = acts.denied.len() + new.len() <= MAX_DENIED;
    if let Some(after) = ledger.withdraw(loss).filter(|_| room) {
        acts.ledger = Some(after);
        acts.denied = added(&acts.denied, &new, archive);
        erase::deny(states, store, archive, acts, also)?;
        return Ok(NoticeVerdict::Taken);
    }
    acts.ledger = Some(ledger);
    hold(&mut acts, statement.id, |held| {
        *held = Held {
            id: statement.id,
            kind: statement.kind,
            sequence: statement.sequence,
            date: statement.date.to_owned(),
            loss,
            items: new,
            dropped: held.dropped.take(),
        }
    });
    file::save(states, archive, acts)?;
    Ok(NoticeVerdict::Held(statement.id.to_hex()))
}

/// Changes the held act of this id, a new one if there is none.
fn hold(acts: &mut Acts, id: Hash, change: impl FnOnce(&mut Held)) {
    let at = acts.held.iter().position(|held| held.id == id).unwrap_or_else(|| {
        if acts.held.len() >= MAX_HELD {
            acts.held.remove(0);
        }
        acts.held.push(Held {
            id,
            kind: ActKind::Release,
            sequence: 0,
            date: String::new(),
            loss: Loss::default(),
            items: Vec::new(),
            dropped: None,
        });
        acts.held.len() - 1
    });
    change(&mut acts.held[at]);
}

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
        held.dropped = Some(Dropped { records: lost.records, files, head: head.bytes.clone() });
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

/// The parts of a release that are kept here.
fn wanted_parts<'r>(
    states: &ArchiveStates,
    release: &'r Release,
) -> Result<Vec<&'r Part>, StoreError> {
    let names = states.settings(&release.archive)?.parts;
    let wanted = |part: &&Part| names.as_ref().is_none_or(|names| names.contains(&part.name));
    Ok(release.parts.iter().filter(wanted).collect())
}

/// Counts the files of the wanted parts for which `counts` is true.
fn count(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    counts: &dyn Fn(&Entry) -> bool,
) -> Result<Loss, StoreError> {
    let mut loss = Loss::default();
    for part in wanted_parts(states, release)? {
        // Two parts may share nodes: each of their files counts.
        trees::walk(store, part, &mut HashSet::new(), &mut |met| {
            if let Met::File(entry) = met
                && counts(entry)
            {
                if is_record(entry) { loss.records += 1 } else { loss.files += 1 }
            }
        })?;
    }
    Ok(loss)
}

/// What a release has, without what is denied (HOLD-1).
fn counted(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    denied: &Denied,
) -> Result<Loss, StoreError> {
    count(states, store, release, &|entry| denied.covers(&entry.link()).is_none())
}

/// What the shown release has, without what is denied; nothing when none is shown.
pub(super) fn had_of(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    denied: &Denied,
) -> Result<Loss, StoreError> {
    match complete_head(states, archive)? {
        Some(shown) => counted(states, store, &shown.release, denied),
        None => Ok(Loss::default()),
    }
}

/// What of a release `list` covers.
fn covered(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    list: &Denied,
) -> Result<Loss, StoreError> {
    count(states, store, release, &|entry| list.covers(&entry.link()).is_some())
}

/// What a release drops of the one that is shown.
pub(in crate::store) struct Lost {
    /// Records that are not in it and were not withdrawn.
    pub records: u64,
    /// Files of the shown release.
    pub shown: u64,
    /// Files of the new one.
    pub new: u64,
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
    // Records that are gone from a part, and those that are new in one: some have only moved.
    let mut gone: BTreeMap<String, bool> = BTreeMap::new();
    let mut come: BTreeSet<String> = BTreeSet::new();
    for old in old_parts.iter().filter(|old| !new_parts.iter().any(|p| p.name == old.name)) {
        trees::walk(store, old, &mut HashSet::new(), &mut |met| {
            if let Met::File(entry) = met
                && is_record(entry)
            {
                gone.insert(entry.path.to_string(), denied.covers(&entry.link()).is_some());
            }
        })?;
    }
    for part in &new_parts {
        let old = old_parts.iter().find(|old| old.name == part.name).copied();
        let compared = diff(store, old, part, &mut |change| match change {
            Change::Removed(e) if is_record(&e) => {
                gone.insert(e.path.to_string(), denied.covers(&e.link()).is_some());
            }
            Change::Added(e) if is_record(&e) => drop(come.insert(e.path.to_string())),
            _ => {}
        });
        match compared {
            Ok(()) => {}
            Err(ReadFault::Source(error)) => return Err(trees::failed(error)),
            // Something of the shown release is damaged: its numbers must do.
            Err(_) => {
                let records = before.records.saturating_sub(after.records);
                return Ok(Lost { records, shown: total(before), new: total(after) });
            }
        }
    }
    let lost = gone.iter().filter(|(path, withdrawn)| !**withdrawn && !come.contains(*path));
    Ok(Lost { records: lost.count() as u64, shown: total(before), new: total(after) })
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
    let ledger = ledger(states, store, shown)?;
    Ok(ledger.release(lost.records, lost.shown, lost.new).is_some())
}

/// The ledger of an archive; of a home without one it begins with what is shown.
fn ledger(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    shown: &Release,
) -> Result<Ledger, StoreError> {
    let loaded = file::load(states, &shown.archive)?;
    match loaded.acts.ledger {
        Some(ledger) => Ok(ledger),
        None => Ok(Ledger::new(counted(states, store, shown, &loaded.denied)?)),
    }
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
    let mut after = ledger(states, store, before.unwrap_or(&head.release))?;
    after.spent.records = after.spent.records.saturating_add(dropped);
    acts.ledger = Some(after);
    // A later release that passes ends the waiting of those before it.
    settle(&mut acts, None);
    if acts != loaded.acts {
        file::save(states, archive, acts)?;
    }
    Ok(())
}
