//! Counting of what is here: what a release has, and what withdrawals cover (HOLD-1, HOLD-2).

use super::trees::{self, Met, is_record};
use super::{denied, erase};
use crate::store::complete::complete_head;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use yadgar_protocol::ledger::{Ledger, Loss};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash};

/// The parts of a release that are kept here.
pub(super) fn wanted_parts<'r>(
    states: &ArchiveStates,
    release: &'r Release,
) -> Result<Vec<&'r Part>, StoreError> {
    let names = states.settings(&release.archive)?.parts;
    let wanted = |part: &&Part| names.as_ref().is_none_or(|names| names.contains(&part.name));
    Ok(release.parts.iter().filter(wanted).collect())
}

fn add(loss: &mut Loss, entry: &Entry) {
    if is_record(entry) { loss.records += 1 } else { loss.files += 1 }
}

/// What the wanted parts of a release have, without what is denied (HOLD-1).
pub(super) fn counted(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    denied: &Denied,
) -> Result<Loss, StoreError> {
    let mut loss = Loss::default();
    for part in wanted_parts(states, release)? {
        // Two parts may share nodes: each of their files counts.
        trees::walk(store, part, &mut HashSet::new(), &mut |met| {
            if let Met::File(entry) = met
                && denied.covers(&entry.link()).is_none()
            {
                add(&mut loss, entry);
            }
        })?;
    }
    Ok(loss)
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

/// The ledger of an archive; of a home without one it begins with what is shown.
pub(super) fn ledger(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    shown: &Release,
    known: Option<Ledger>,
) -> Result<Ledger, StoreError> {
    match known {
        Some(ledger) => Ok(ledger),
        None => {
            let denied = denied(states, &shown.archive)?;
            Ok(Ledger::new(counted(states, store, shown, &denied)?))
        }
    }
}

/// What withdrawals cover of all that erasing would look through: not only of the release that is
/// shown, whose contents a release may have replaced before they are withdrawn.
pub(super) struct Weight {
    by_item: BTreeMap<Hash, Loss>,
    /// Payload hashes of the releases that were looked through.
    of: BTreeSet<Hash>,
}

impl Weight {
    /// Counts the distinct entries, by path and content, that each of `items` covers.
    pub fn of(
        states: &ArchiveStates,
        store: &dyn BlockStore,
        archive: &ArchiveId,
        items: &[Withdrawal],
        also: Option<&Release>,
    ) -> Result<Self, StoreError> {
        let mut list = Denied::none(*archive);
        list.add(items);
        let (mut by_item, mut nodes) = (BTreeMap::<Hash, Loss>::new(), HashSet::new());
        let mut met_before = BTreeSet::new();
        let releases = erase::releases(states, store, archive, also)?;
        for release in &releases {
            for part in &release.parts {
                trees::walk(store, part, &mut nodes, &mut |met| {
                    if let Met::File(entry) = met
                        && let Some(withdrawal) = list.covers(&entry.link())
                        && met_before.insert((entry.path.to_string(), entry.link()))
                    {
                        add(by_item.entry(withdrawal.item).or_default(), entry);
                    }
                })?;
            }
        }
        Ok(Self { by_item, of: hashes(&releases) })
    }

    /// True when it would look through the same releases now.
    pub fn is_current(
        &self,
        states: &ArchiveStates,
        store: &dyn BlockStore,
        archive: &ArchiveId,
        also: Option<&Release>,
    ) -> Result<bool, StoreError> {
        Ok(self.of == hashes(&erase::releases(states, store, archive, also)?))
    }

    /// What these items take away.
    pub fn covered(&self, items: &[Withdrawal]) -> Loss {
        let each = items.iter().filter_map(|w| self.by_item.get(&w.item));
        each.fold(Loss::default(), |sum, loss| Loss {
            records: sum.records.saturating_add(loss.records),
            files: sum.files.saturating_add(loss.files),
        })
    }

    /// What these items cost of the ledger: one that covers nothing here counts as a file, so that nobody
    /// can fill the list of what is denied for free.
    pub fn cost(&self, items: &[Withdrawal]) -> Loss {
        let mut loss = self.covered(items);
        let idle = items.iter().filter(|w| !self.by_item.contains_key(&w.item)).count();
        loss.files = loss.files.saturating_add(idle as u64);
        loss
    }
}

fn hashes(releases: &[Release]) -> BTreeSet<Hash> {
    releases.iter().map(|release| Hash::of(&release.encode())).collect()
}
