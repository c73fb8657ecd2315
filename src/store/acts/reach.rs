//! What the releases of an archive reach in the store, for garbage collection.

use super::erase::releases;
use super::trees::{self, Met};
use super::{file, trees::failed as read_failed};
use crate::history::Holdings;
use crate::store::adopt::checked;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use crate::survey::{Visit, Walk};
use std::collections::HashSet;
use yadgar_protocol::blocks::ReadError;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// A release that lacks more blocks than this was never here whole.
const FEW_BLOCKS: u64 = 16;
/// The same for more than one file of so many (one in any case).
const FEW_FILES: u64 = 64;

/// As an error of the store.
pub(in crate::store) fn failed(error: ReadError) -> StoreError {
    read_failed(error)
}

/// The parts of a release that are kept here.
pub(in crate::store) fn wanted_parts<'r>(
    states: &ArchiveStates,
    release: &'r Release,
) -> Result<Vec<&'r Part>, StoreError> {
    super::count::wanted_parts(states, release)
}

/// The releases of an archive that are known here, and which of them it stands on: trusted, both sides of a fork, and
/// those that wait for the operator.
pub(in crate::store) fn known(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
) -> Result<(HashSet<Hash>, Vec<Release>), StoreError> {
    let mut needed = HashSet::new();
    let mut all = releases(states, store, archive, None)?;
    if let Some(state) = states.state(archive)? {
        needed.insert(Hash::of(&state.trusted.release.encode()));
        let sides = state.fork.into_iter().flat_map(|fork| fork.releases);
        needed.extend(sides.map(|release| Hash::of(&release.encode())));
    }
    for held in &file::load(states, archive)?.acts.held {
        let Some(dropped) = &held.dropped else { continue };
        let head = checked(archive, "held", &dropped.head)?;
        let hash = head.release_hash();
        if needed.insert(hash) && !all.iter().any(|one| Hash::of(&one.encode()) == hash) {
            all.push(head.release);
        }
    }
    Ok((needed, all))
}

/// True when the wanted parts of a release are here, but for so few blocks that these were lost and not never fetched.
pub(in crate::store) fn is_here(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    denied: &Denied,
    holdings: &mut Holdings<'_>,
) -> Result<bool, StoreError> {
    for part in wanted_parts(states, release)? {
        if holdings.is_whole(part).map_err(read_failed)? {
            continue;
        }
        let mut look = Look(store);
        let found = Walk::new(&mut look).without(Some(denied)).part(part, true);
        let found = found.map_err(read_failed)?;
        let lacks = found.files.saturating_sub(found.whole_files + found.withdrawn);
        if found.missing_blocks > FEW_BLOCKS || lacks > (found.files / FEW_FILES).max(1) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Shows every block that the wanted parts of a release reach, as far as their trees are here. Gives the nodes that are
/// not: what is below them was not shown.
pub(in crate::store) fn mark(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    release: &Release,
    denied: &Denied,
    visit: &mut dyn FnMut(&BlockId),
) -> Result<Vec<BlockId>, StoreError> {
    let (mut nodes, mut lists, mut gaps) = (HashSet::new(), HashSet::new(), Vec::new());
    for part in wanted_parts(states, release)? {
        let mut files = Vec::new();
        trees::walk(store, part, &mut nodes, &mut |met| match met {
            Met::Node(id) => visit(id),
            Met::Gap(id) => gaps.push(*id),
            Met::File(entry) if denied.covers(&entry.link()).is_some() => {}
            Met::File(entry) => match entry.content {
                yadgar_protocol::tree::Content::Block(id) => visit(&id),
                yadgar_protocol::tree::Content::List { .. } => files.push(entry.clone()),
            },
        })?;
        for entry in &files {
            gaps.extend(trees::blocks_of(store, entry, &mut lists, visit)?);
        }
    }
    Ok(gaps)
}

/// Asks whether content is here, and reads no more than trees.
struct Look<'a>(&'a dyn BlockStore);

impl Visit for Look<'_> {
    type Error = ReadError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.block(id)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ReadError> {
        Ok(self.0.has_block(id)?.then_some(bytes))
    }
}
