//! What the receiver of a carrier has already: told by a have file, or known because it had an earlier release.

use crate::store::{BlockStore, StoreError};
use crate::survey::{Visit, Walk};
use std::collections::HashSet;
use yadgar_protocol::have::{Have, HavePart, HaveState, LackSet, Lacks};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Writes down what `store` has of some heads of an archive, the newest first (HAVE-1 to HAVE-5): the trusted
/// one, and the one that is shown when it is another. `want` are the parts that are kept, all without.
///
/// # Errors
/// When the store cannot be read.
pub fn have(
    store: &dyn BlockStore,
    archive: ArchiveId,
    heads: &[&Accepted],
    want: Option<&[String]>,
    denied: &Denied,
) -> Result<Have, StoreError> {
    let wanted = |part: &&Part| want.is_none_or(|names| names.contains(&part.name));
    let mut states = Vec::new();
    for head in heads {
        let mut parts = Vec::new();
        for part in head.release.parts.iter().filter(wanted) {
            let mut gaps = Gaps { store, lacking: HashSet::new() };
            Walk::new(&mut gaps).without(Some(denied)).part(part, true)?;
            let name = part.name.clone();
            if gaps.lacking.is_empty() {
                parts.push(HavePart { name, lacks: None });
            } else if let Some(lacks) = Lacks::of(&gaps.lacking) {
                parts.push(HavePart { name, lacks: Some(lacks) });
            }
        }
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        let (release, sequence) = (head.release_hash(), head.release.sequence);
        states.push(HaveState { parts, release, sequence });
    }
    let want = want.map(|names| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    });
    Ok(Have::new(archive, want, states))
}

/// Blocks that a receiver has, as far as it can be known here.
#[derive(Debug, Default)]
pub struct Held {
    /// Blocks that need not be written.
    pub blocks: HashSet<BlockId>,
    /// The newest release that the receiver trusts, if any: what is before it need not be written either.
    pub sequence: Option<u64>,
    /// Stated releases that are not known here, by number: newer ones, or of another branch.
    pub unknown: Vec<u64>,
    /// Tree nodes of these releases that are not here: what is below them is written, needed or not.
    pub gaps: u64,
}

/// What the writer of a have file has (HAVE-6).
///
/// # Errors
/// When the store cannot be read.
pub fn held_by(store: &dyn BlockStore, have: &Have) -> Result<Held, StoreError> {
    let mut held = Held::default();
    for state in &have.states {
        held.sequence = held.sequence.max(Some(state.sequence));
        let Some(release) = release(store, &state.release)?.filter(|r| r.archive == have.archive)
        else {
            held.unknown.push(state.sequence);
            continue;
        };
        for told in &state.parts {
            let Some(part) = release.part(&told.name) else { continue };
            // It was decoded, so it can be opened.
            let lacking = told.lacks.as_ref().and_then(|lacks| lacks.open().ok());
            held.walk(store, part, lacking)?;
        }
    }
    Ok(held)
}

/// What somebody has who has all of an earlier release: its parts of the names that the receiver keeps (all
/// without).
///
/// # Errors
/// When the store cannot be read.
pub fn held_since(
    store: &dyn BlockStore,
    earlier: &Release,
    parts: Option<&[String]>,
) -> Result<Held, StoreError> {
    let mut held = Held { sequence: Some(earlier.sequence), ..Held::default() };
    let wanted = |part: &&Part| parts.is_none_or(|names| names.contains(&part.name));
    for part in earlier.parts.iter().filter(wanted) {
        held.walk(store, part, None)?;
    }
    Ok(held)
}

impl Held {
    fn walk(
        &mut self,
        store: &dyn BlockStore,
        part: &Part,
        lacking: Option<LackSet>,
    ) -> Result<(), StoreError> {
        let blocks = std::mem::take(&mut self.blocks);
        let mut known = Known { store, lacking, blocks, gaps: 0 };
        Walk::new(&mut known).part(part, true)?;
        self.blocks = known.blocks;
        self.gaps += known.gaps;
        Ok(())
    }
}

fn release(store: &dyn BlockStore, hash: &Hash) -> Result<Option<Release>, StoreError> {
    let payload = store.get(&BlockId { codec: Codec::DagCbor, hash: *hash })?;
    Ok(payload.and_then(|bytes| Release::decode(&bytes).ok()))
}

/// Collects what is lacking here.
struct Gaps<'a> {
    store: &'a dyn BlockStore,
    lacking: HashSet<BlockId>,
}

impl Visit for Gaps<'_> {
    type Error = StoreError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.store.get(id)?;
        if found.is_none() {
            self.lacking.insert(*id);
        }
        Ok(found)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, StoreError> {
        if self.store.has(id)? {
            return Ok(Some(bytes));
        }
        self.lacking.insert(*id);
        Ok(None)
    }
}

/// Collects what somebody else has, looking at structure that is here too.
struct Known<'a> {
    store: &'a dyn BlockStore,
    lacking: Option<LackSet>,
    blocks: HashSet<BlockId>,
    gaps: u64,
}

impl Known<'_> {
    fn lacks(&self, id: &BlockId) -> bool {
        self.lacking.as_ref().is_some_and(|set| set.contains(id))
    }
}

impl Visit for Known<'_> {
    type Error = StoreError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        if self.lacks(id) {
            return Ok(None);
        }
        self.blocks.insert(*id);
        let bytes = self.store.get(id)?;
        self.gaps += u64::from(bytes.is_none());
        Ok(bytes)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, StoreError> {
        if !self.lacks(id) {
            self.blocks.insert(*id);
        }
        Ok(Some(bytes))
    }
}

#[cfg(test)]
#[path = "held_tests.rs"]
mod tests;
