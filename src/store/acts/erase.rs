//! Which blocks a withdrawal takes away, and their erasing (WD-6, WD-8).

use super::file::{self, Acts, Loaded};
use super::trees::{self, Met};
use crate::store::adopt::trusted_head;
use crate::store::complete::complete_head;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Writes `acts`, erases what their list of denied items covers, and notes that this is done. With
/// `also`, the trees of a release that is about to be trusted are looked through too.
///
/// A crash in between leaves the list of blocks in the file: [`finish`] goes on.
pub(super) fn deny(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    mut acts: Acts,
    also: Option<&Release>,
) -> Result<Arc<Loaded>, StoreError> {
    let mut denied = Denied::none(*archive);
    denied.add(&acts.denied);
    acts.erasing = victims(states, store, &denied, also)?;
    acts.sweep |= file::has_writers(states, archive);
    file::save(states, archive, acts)?;
    finish(states, store, archive)
}

/// Erases what is still to be erased.
pub(super) fn finish(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
) -> Result<Arc<Loaded>, StoreError> {
    let loaded = file::load(states, archive)?;
    if loaded.acts.erasing.is_empty() {
        return Ok(loaded);
    }
    store.erase(&loaded.acts.erasing)?;
    file::save(states, archive, Acts { erasing: Vec::new(), ..loaded.acts.clone() })
}

/// The blocks of covered files that no other file of any release on this home uses, and that are here.
fn victims(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    denied: &Denied,
    also: Option<&Release>,
) -> Result<Vec<BlockId>, StoreError> {
    let own = releases(states, store, denied.archive(), also)?;
    let mut found: BTreeMap<Hash, BlockId> = BTreeMap::new();
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
    if found.is_empty() {
        return Ok(Vec::new());
    }
    spare(store, &own, denied, &mut found)?;
    for archive in states.list()? {
        if archive != *denied.archive() {
            let others = releases(states, store, &archive, None)?;
            spare(store, &others, &file::load(states, &archive)?.denied, &mut found)?;
        }
    }
    Ok(found.into_values().collect())
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

/// The releases of an archive whose blocks may be here: trusted, complete, `also`, and those before
/// them as far as their payloads are here (HOLD-5: their blocks stay).
fn releases(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    also: Option<&Release>,
) -> Result<Vec<Release>, StoreError> {
    let mut heads: Vec<Release> = also.into_iter().cloned().collect();
    heads.extend(trusted_head(states, archive)?.map(|head| head.release));
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
