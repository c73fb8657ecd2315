//! Garbage collection: erases the blocks that no release that is kept here reaches, and gives their space back.
//!
//! The ids of all blocks are listed first, then everything is marked that is kept, then what was listed and is not marked
//! is erased: what is put meanwhile is not collected. A fetch, an import or a publish under way may count on a block that
//! is here and that nothing names yet, so nothing is erased while one is (or began since the marking). One that only waits
//! for somebody who has what it lacks counts on no more than what its release reaches, which is kept.
//!
//! Kept are the releases that an archive stands on (trusted, shown, waiting for the operator, both sides of a fork), as
//! far as they are here, and earlier ones that are here but for a few blocks, which may be damaged and come again.
//!
//! What is below a node that is not here cannot be told. Of a release that is still to come this is as it should be. But
//! when the node was here once, what is below it would be taken for junk: then nothing is erased at all.

use super::acts::{self, reach};
use super::complete::complete_head;
use super::heads::ArchiveStates;
use super::{BlockStore, Compacted, StoreError};
use crate::history::Holdings;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use yadgar_protocol::head::Head;
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Blocks erased between two looks at whether a fetch has begun.
const AT_ONCE: usize = 2048;
/// Files of which more is dead are written again: who asks for a collection wants the space.
const DEAD_PERCENT: u64 = 10;
/// In every refusal because of damage, for whoever has only its text.
pub const NOT_WHOLE: &str = "is not whole here";
/// What is taken off a mark: ids in a set of 8 bytes each. Two that share them are both kept.
const MARK_BYTES: usize = 8;

/// What is to be collected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcOptions {
    /// Of each archive keep so many of the newest complete releases; `None`: all.
    pub keep_releases: Option<u64>,
    /// Only say what would go.
    pub dry_run: bool,
}

/// What was collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcReport {
    /// Releases that are kept, in all archives.
    pub releases_kept: u64,
    /// Releases that are known and of which blocks may have gone.
    pub releases_dropped: u64,
    /// Blocks that are kept.
    pub blocks_kept: u64,
    /// Blocks that went, or would go.
    pub blocks_erased: u64,
    /// Bytes that these took at rest.
    pub bytes_erased: u64,
    /// What rewriting the files did.
    pub compacted: Compacted,
    /// A fetch, an import or a publish is under way, or began: the rest waits for the next time.
    pub interrupted: bool,
}

/// Marked hashes.
#[derive(Default)]
struct Marks {
    hashes: HashSet<[u8; MARK_BYTES]>,
    /// Nodes and payloads that releases lack which are kept if they are here; and which releases.
    gaps: BTreeMap<Hash, (ArchiveId, u64)>,
}

impl Marks {
    fn of(hash: &Hash) -> [u8; MARK_BYTES] {
        let mut start = [0; MARK_BYTES];
        start.copy_from_slice(&hash.0[..MARK_BYTES]);
        start
    }

    fn add(&mut self, hash: &Hash) {
        self.hashes.insert(Self::of(hash));
    }

    fn has(&self, hash: &Hash) -> bool {
        self.hashes.contains(&Self::of(hash))
    }

    /// Marks what a release reaches if it is to be kept, and notes what it lacks.
    fn release(&mut self, looked: &Looked<'_>, keep: bool) -> Result<(), StoreError> {
        let Looked { states, store, release, denied, was_whole } = *looked;
        let gaps = reach::mark(states, store, release, denied, &mut |id| {
            if keep {
                self.add(&id.hash);
            }
        })?;
        if let Some(gap) = gaps.first().filter(|_| was_whole) {
            return Err(not_whole(&release.archive, release.sequence, &gap.hash));
        }
        let place = (release.archive, release.sequence);
        self.gaps.extend(gaps.iter().map(|gap| (gap.hash, place)));
        Ok(())
    }

    /// Refuses when one of the gaps is no block that never came, but one that was lost.
    fn check_gaps(&self, store: &dyn BlockStore) -> Result<(), StoreError> {
        if self.gaps.is_empty() {
            return Ok(());
        }
        match store.lost().iter().find_map(|hash| self.gaps.get_key_value(hash)) {
            Some((hash, (archive, sequence))) => Err(not_whole(archive, *sequence, hash)),
            None => Ok(()),
        }
    }
}

/// A release that is looked at.
#[derive(Clone, Copy)]
struct Looked<'a> {
    states: &'a ArchiveStates,
    store: &'a dyn BlockStore,
    release: &'a Release,
    denied: &'a Denied,
    /// It is shown, or it is an earlier one of which hardly anything is missing: what it lacks was lost.
    was_whole: bool,
}

fn not_whole(archive: &ArchiveId, sequence: u64, gap: &Hash) -> StoreError {
    StoreError::Damaged(format!(
        "release {sequence} of archive {archive} {NOT_WHOLE}: block {} was lost, and what it names cannot be told from what nothing needs; nothing was erased",
        gap.to_hex()
    ))
}

/// Collects what nothing keeps.
///
/// # Errors
/// [`StoreError::Damaged`] when the shown release of an archive is not whole here, or a node of an earlier one that is kept
/// was lost: then it cannot be told what it needs, and nothing is erased.
/// Otherwise when state or store fail. What was erased until then was junk.
pub fn collect(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    options: &GcOptions,
) -> Result<GcReport, StoreError> {
    let mut report = GcReport::default();
    let Some((begun, awaited)) = acts::quiet(states) else {
        return Ok(GcReport { interrupted: true, ..report });
    };
    let heads = stamp(states)?;
    store.flush()?;
    let mut all: Vec<BlockId> = Vec::new();
    store.all_ids(&mut |id| {
        all.push(*id);
        ControlFlow::Continue(())
    })?;
    let mut marks = Marks::default();
    for archive in states.list()? {
        mark_archive(states, store, &archive, options, &mut marks, &mut report)?;
    }
    for release in &awaited {
        marks.add(&Hash::of(&release.encode()));
        let denied = acts::denied(states, &release.archive)?;
        let looked = Looked { states, store, release, denied: &denied, was_whole: false };
        marks.release(&looked, true)?;
    }
    mark_loose(states, store, &all, options, &mut marks, &mut report)?;
    marks.check_gaps(store)?;
    let count = all.len();
    all.retain(|id| !marks.has(&id.hash));
    report.blocks_kept = (count - all.len()) as u64;
    drop(marks);
    if options.dry_run {
        report.blocks_erased = all.len() as u64;
        for id in &all {
            report.bytes_erased += store.get_packed(id)?.map_or(0, |block| block.data.len() as u64);
        }
        return Ok(report);
    }
    let before = store.stats()?.stored_bytes;
    for ids in all.chunks(AT_ONCE) {
        let same = || Ok(stamp(states)? == heads);
        match acts::while_quiet(states, begun, same, || store.erase(ids))? {
            Some(erased) => report.blocks_erased += erased,
            None => {
                report.interrupted = true;
                break;
            }
        }
    }
    report.bytes_erased = before.saturating_sub(store.stats()?.stored_bytes);
    report.compacted = store.compact(DEAD_PERCENT, &|| true)?;
    Ok(report)
}

/// Changes with every head and setting that decides what is kept.
fn stamp(states: &ArchiveStates) -> Result<Hash, StoreError> {
    let mut all = Vec::new();
    for archive in states.list()? {
        for head in [states.trusted(&archive)?, states.complete(&archive)?] {
            all.extend(Hash::of(&head.unwrap_or_default()).0);
        }
        for part in states.settings(&archive)?.parts.unwrap_or_default() {
            all.extend(Hash::of(part.as_bytes()).0);
        }
    }
    Ok(Hash::of(&all))
}

fn mark_archive(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    options: &GcOptions,
    marks: &mut Marks,
    report: &mut GcReport,
) -> Result<(), StoreError> {
    let denied = acts::denied(states, archive)?;
    let mut holdings = Holdings::new(store, &denied);
    let mut must: HashSet<Hash> = HashSet::new();
    let shown = complete_head(states, archive)?;
    if let Some(head) = &shown {
        let release = &head.release;
        for part in reach::wanted_parts(states, release)? {
            if !holdings.is_whole(part).map_err(reach::failed)? {
                let what = format!("release {} of archive {archive} {NOT_WHOLE}", release.sequence);
                return Err(StoreError::Damaged(what));
            }
        }
        must.insert(head.release_hash());
    }
    let (needed, mut all) = reach::known(states, store, archive)?;
    must.extend(needed);
    all.sort_by_key(|release| std::cmp::Reverse(release.sequence));
    let mut whole = 0;
    for release in &all {
        let hash = Hash::of(&release.encode());
        // Payloads are the chain: they stay (TRUST-15).
        marks.add(&hash);
        let room = options.keep_releases.is_none_or(|most| whole < most);
        let is_whole = (room || must.contains(&hash))
            && reach::is_here(states, store, release, &denied, &mut holdings)?;
        let keep = must.contains(&hash) || (is_whole && room);
        if keep || room {
            let was_whole = shown.as_ref().is_some_and(|shown| {
                let earlier = release.sequence < shown.release.sequence;
                hash == shown.release_hash() || (earlier && is_whole)
            });
            let looked = Looked { states, store, release, denied: &denied, was_whole };
            marks.release(&looked, keep)?;
            if let Some(hash) = release.prev
                && !store.has(&BlockId { codec: Codec::DagCbor, hash })?
            {
                marks.gaps.insert(hash, (*archive, release.sequence));
            }
        }
        if keep {
            report.releases_kept += 1;
        } else {
            report.releases_dropped += 1;
        }
        whole += u64::from(is_whole);
    }
    Ok(())
}

/// Heads, which show who signed an earlier release; and releases that are here and that the chain does not reach: a
/// payload between may be damaged.
fn mark_loose(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    all: &[BlockId],
    options: &GcOptions,
    marks: &mut Marks,
    report: &mut GcReport,
) -> Result<(), StoreError> {
    let archives = states.list()?;
    for id in all.iter().filter(|id| id.codec == Codec::DagCbor) {
        if marks.has(&id.hash) {
            continue;
        }
        let Some(bytes) = store.get(id)? else { continue };
        if Head::decode(&bytes).is_ok() {
            marks.add(&id.hash);
        }
        let Ok(release) = Release::decode(&bytes) else { continue };
        if options.keep_releases.is_some() || !archives.contains(&release.archive) {
            continue;
        }
        let denied = acts::denied(states, &release.archive)?;
        let mut holdings = Holdings::new(store, &denied);
        let is_here = reach::is_here(states, store, &release, &denied, &mut holdings)?;
        let shown = complete_head(states, &release.archive)?;
        let earlier = shown.is_some_and(|head| release.sequence < head.release.sequence);
        let was_whole = earlier && is_here;
        let looked = Looked { states, store, release: &release, denied: &denied, was_whole };
        marks.release(&looked, is_here)?;
        if is_here {
            marks.add(&id.hash);
            report.releases_kept += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "gc_tests.rs"]
mod tests;
