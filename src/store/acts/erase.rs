//! Which blocks a withdrawal takes away, and their erasing (WD-6, WD-8).

use super::file::{self, Acts, Loaded};
use super::trees::{self, Met};
use crate::store::complete::complete_head;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, HashSet};
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Writes `acts`, durably and before anything else, and erases what their list of denied items covers
/// unless nothing of it is `here`. With `also`, the trees of a release that is about to be trusted are looked through too.
///
/// What is denied stays so if the erasing fails; it is on record as due then.
pub(super) fn deny(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    mut acts: Acts,
    also: Option<&Release>,
    here: bool,
) -> Result<(), StoreError> {
    acts.sweep |= here || file::has_writers(states, archive);
    file::save(states, archive, acts)?;
    if here { erase(states, store, archive, also) } else { Ok(()) }
}

/// Erases the blocks of denied files, and those that were erased since a sweep is due, should they
/// have come again. When no fetch is under way this is done for good.
///
/// As long as it cannot be told what another archive uses, nothing is erased, and it stays due (WD-8).
pub(super) fn erase(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    also: Option<&Release>,
) -> Result<(), StoreError> {
    // Asked first: what a fetch puts while this goes on may escape it.
    let last = !file::has_writers(states, archive);
    let loaded = file::load(states, archive)?;
    let mut found = victims(states, store, &loaded, also)?;
    match spare_others(states, store, archive, &mut found) {
        Ok(()) => {}
        Err(StoreError::Damaged(why)) => {
            tracing::warn!(%why, "what was withdrawn is not erased before this is mended");
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    let erasing: Vec<BlockId> = found.into_values().collect();
    let next = Acts { erasing, sweep: true, ..loaded.acts.clone() };
    // Before the first is erased: the lists of large files are among them.
    let begun = if next.erasing.is_empty() {
        next
    } else {
        file::save(states, archive, next)?.acts.clone()
    };
    store.erase(&begun.erasing)?;
    let done = if last { Acts { erasing: Vec::new(), sweep: false, ..begun } } else { begun };
    if done != file::load(states, archive)?.acts {
        file::save(states, archive, done)?;
    }
    Ok(())
}

/// The blocks of covered files that no other file of any release of the archive uses.
fn victims(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    loaded: &Loaded,
    also: Option<&Release>,
) -> Result<BTreeMap<Hash, BlockId>, StoreError> {
    let denied = &*loaded.denied;
    let own = releases(states, store, denied.archive(), also)?;
    let mut found: BTreeMap<Hash, BlockId> =
        loaded.acts.erasing.iter().map(|id| (id.hash, *id)).collect();
    let (mut nodes, mut lists) = (HashSet::new(), HashSet::new());
    for part in own.iter().flat_map(|release| &release.parts) {
        let mut covered = Vec::new();
        trees::walk(store, part, &mut nodes, &mut |met| {
            if let Met::File(entry) = met
                && denied.covers(&entry.link()).is_some()
            {
                covered.push(entry.clone());
            }
        })?;
        for entry in &covered {
            trees::blocks_of(store, entry, &mut lists, &mut |id| {
                found.insert(id.hash, *id);
            })?;
        }
    }
    if !found.is_empty() {
        spare(store, &own, denied, &mut found)?;
    }
    Ok(found)
}

/// Takes out of `found` what the other archives use.
fn spare_others(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    found: &mut BTreeMap<Hash, BlockId>,
) -> Result<(), StoreError> {
    if found.is_empty() {
        return Ok(());
    }
    for other in states.list()?.iter().filter(|other| *other != archive) {
        let theirs = releases(states, store, other, None)?;
        spare(store, &theirs, &file::load(states, other)?.denied, found)?;
    }
    Ok(())
}

/// Takes out of `found` what these releases use otherwise: for other files, and as structure, so
/// that an item which names a tree node takes nothing away.
fn spare(
    store: &dyn BlockStore,
    releases: &[Release],
    denied: &Denied,
    found: &mut BTreeMap<Hash, BlockId>,
) -> Result<(), StoreError> {
    let (mut nodes, mut lists) = (HashSet::new(), HashSet::new());
    for release in releases {
        found.remove(&Hash::of(&release.encode()));
        for part in &release.parts {
            let mut kept = Vec::new();
            trees::walk(store, part, &mut nodes, &mut |met| match met {
                Met::Node(id) => drop(found.remove(&id.hash)),
                Met::Gap(_) => {}
                Met::File(entry) if denied.covers(&entry.link()).is_some() => {}
                Met::File(entry) => match entry.link().codec {
                    Codec::Raw => drop(found.remove(&entry.link().hash)),
                    Codec::DagCbor => kept.push(entry.clone()),
                },
            })?;
            for entry in &kept {
                trees::blocks_of(store, entry, &mut lists, &mut |id| {
                    found.remove(&id.hash);
                })?;
            }
        }
    }
    Ok(())
}

/// The releases of an archive whose blocks may be here: trusted, complete, both sides of a fork, `also`,
/// and those before them as far as their payloads are here (HOLD-5: their blocks stay).
pub(super) fn releases(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    also: Option<&Release>,
) -> Result<Vec<Release>, StoreError> {
    let mut heads: Vec<Release> = also.into_iter().cloned().collect();
    if let Some(state) = states.state(archive)? {
        heads.extend(state.fork.into_iter().flat_map(|fork| fork.releases));
        heads.push(state.trusted.release);
    }
    match complete_head(states, archive) {
        Ok(head) => heads.extend(head.map(|head| head.release)),
        // It is fetched again and replaced.
        Err(StoreError::Damaged(_)) => {}
        Err(error) => return Err(error),
    }
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for head in heads {
        let mut next = Some(head);
        for _ in 0..=MAX_ANCESTORS {
            let Some(release) = next.take() else { break };
            if !seen.insert(Hash::of(&release.encode())) {
                break;
            }
            if let Some(hash) = release.prev {
                let payload = store.get(&BlockId { codec: Codec::DagCbor, hash })?;
                next = payload.and_then(|bytes| Release::decode(&bytes).ok());
            }
            all.push(release);
        }
    }
    Ok(all)
}
