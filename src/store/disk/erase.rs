//! Erasing: the bytes of blocks leave the segment files.
//!
//! First the index forgets the blocks and notes, in the same commit, every range that holds a copy.
//! Then each range becomes an erased record, all zero, and is synced. Then the note goes. An erasing
//! that was cut short is brought to its end when the store is opened, or by the next one.
//!
//! What was overwritten in place is gone from the file. What the disk or the file system keeps behind
//! the file (spare flash cells, snapshots, copy-on-write) is out of reach.

use super::copies::{Erase, Span, UNKNOWN};
use super::index::{Batch, Index};
use super::record::{FILE_HEADER, RECORD_HEADER, RecordHeader, erased_header, read_erased_header};
use super::segments::Segments;
use super::walk::{Step, Walker};
use super::{DiskStore, locked};
use crate::store::{StoreError, StoreStats};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::PoisonError;
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::{BlockId, Hash};

/// Blocks that are erased in one go: bounds memory and the note in the index.
const AT_ONCE: usize = 8192;
/// Longest erased record.
const LONGEST: u64 = (RECORD_HEADER + MAX_BLOCK_BYTES) as u64;
/// Copies noted at once while an older store is read.
const NOTES_AT_ONCE: usize = 16_384;

impl DiskStore {
    /// See [`crate::store::BlockStore::erase`].
    pub(super) fn erase_blocks(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let _one_at_a_time = locked(&self.erasing);
        self.know_spares()?;
        let mut erased = 0;
        for ids in ids.chunks(AT_ONCE) {
            erased += self.erase_some(&ids.iter().map(|id| id.hash).collect())?;
        }
        Ok(erased)
    }

    fn erase_some(&self, hashes: &BTreeSet<Hash>) -> Result<u64, StoreError> {
        // A put that has begun ends before; one that comes later is a new one.
        let _no_puts = self.putting.write().unwrap_or_else(PoisonError::into_inner);
        self.commit()?;
        let _no_commits = locked(&self.committing);
        let (spans, erased) = self.find_copies(hashes)?;
        let places = hashes.iter().map(|hash| (*hash, None)).collect();
        let begin = Erase::Begin(spans.iter().copied().collect());
        let totals =
            self.index.commit(&Batch { places, erase: Some(begin), ..Batch::default() })?;
        self.let_go(hashes, totals);
        let freed = finish(&self.segments, &self.index, &spans)?;
        let mut writer = locked(&self.writer);
        writer.segment_bytes = writer.segment_bytes.saturating_sub(freed);
        Ok(erased)
    }

    /// After the commit that forgets blocks: nothing else may say that they are here.
    fn let_go(&self, hashes: &BTreeSet<Hash>, totals: StoreStats) {
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        *locked(&self.totals) = totals;
        pending.retain(|hash, _| !hashes.contains(hash));
        locked(&self.strays).retain(|(hash, _)| !hashes.contains(hash));
        // What was to go cannot be lost.
        locked(&self.lost).hashes.retain(|hash| !hashes.contains(hash));
    }

    /// Every range that holds bytes of `hashes`, or that may and cannot be read, with the number of
    /// blocks found. The commit before has left nothing pending but what readers forgot since.
    fn find_copies(&self, hashes: &BTreeSet<Hash>) -> Result<(BTreeSet<Span>, u64), StoreError> {
        let list: Vec<Hash> = hashes.iter().copied().collect();
        let places = self.index.places(&list)?;
        let mut found: Vec<(Hash, Span)> = list
            .iter()
            .zip(places)
            .filter_map(|(hash, place)| Some((*hash, place?.span())))
            .collect();
        found.extend(self.index.spares(&list)?);
        found.extend(self.index.spares(&[UNKNOWN])?);
        found.extend(locked(&self.strays).iter().filter(|(hash, _)| hashes.contains(hash)));
        let mut spans: BTreeSet<Span> = self.index.erasing()?.into_iter().collect();
        let mut blocks = BTreeSet::new();
        for (hash, span) in found {
            if self.may_wipe(&span, hashes)? {
                spans.insert(span);
                blocks.insert(hash);
            }
        }
        self.find_uncovered(hashes, &mut spans, &mut blocks)?;
        blocks.remove(&UNKNOWN);
        Ok((spans, blocks.len() as u64))
    }

    /// False when another block is at that place (an index that lies must not cost it), or what was
    /// there is erased already.
    fn may_wipe(&self, span: &Span, hashes: &BTreeSet<Hash>) -> Result<bool, StoreError> {
        let file = match self.segments.open(span.segment) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(false);
            }
            other => other?,
        };
        let mut bytes = [0; RECORD_HEADER];
        if file.read_exact_at(&mut bytes, span.offset).is_err() {
            // What cannot be read is overwritten.
            return Ok(true);
        }
        if read_erased_header(&bytes).is_some() {
            return Ok(false);
        }
        Ok(RecordHeader::decode(&bytes).is_none_or(|header| hashes.contains(&header.id.hash)))
    }

    /// Copies in what lies beyond the index: segments that were given up when the disk failed.
    fn find_uncovered(
        &self,
        hashes: &BTreeSet<Hash>,
        spans: &mut BTreeSet<Span>,
        blocks: &mut BTreeSet<Hash>,
    ) -> Result<(), StoreError> {
        let covered = self.index.snapshot()?.covered;
        for found in self.segments.list()? {
            let segment = found.number;
            let from = covered.get(&segment).copied().unwrap_or(FILE_HEADER as u64);
            let file = self.segments.open(segment)?;
            let mut walker = Walker::new(&file, from, found.len);
            let io = |e| StoreError::io(format!("read segment {segment}"), e);
            while let Some(step) = walker.step().map_err(io)? {
                let (hash, offset, len) = match step {
                    Step::Good { offset, header } => (header.id.hash, offset, header.record_len()),
                    Step::Bad { offset, len, header } => {
                        (header.map_or(UNKNOWN, |header| header.id.hash), offset, len)
                    }
                    Step::Erased { whole: true, .. } => continue,
                    Step::Erased { offset, len, .. } => (UNKNOWN, offset, len),
                };
                if hash == UNKNOWN || hashes.contains(&hash) {
                    spans.insert(Span { segment, offset, len });
                    blocks.insert(hash);
                }
            }
        }
        Ok(())
    }

    /// Reads a store of an older program once, for the copies that it did not note.
    fn know_spares(&self) -> Result<(), StoreError> {
        if self.index.erase_state()?.0 {
            return Ok(());
        }
        tracing::info!("the store is read once for copies that are not in the index");
        let index = self.index.snapshot()?;
        let mut batch = Batch::default();
        for (segment, covered) in &index.covered {
            let file = self.segments.open(*segment)?;
            let mut walker = Walker::new(&file, FILE_HEADER as u64, *covered);
            let io = |e| StoreError::io(format!("read segment {segment}"), e);
            while let Some(step) = walker.step().map_err(io)? {
                let (header, offset, len) = match step {
                    Step::Good { offset, header } => (Some(header), offset, header.record_len()),
                    Step::Bad { offset, len, header } => (header, offset, len),
                    Step::Erased { .. } => continue,
                };
                let hash = header.map_or(UNKNOWN, |header| header.id.hash);
                let span = Span { segment: *segment, offset, len };
                if index.place(&hash)?.map(|place| place.span()) != Some(span) {
                    batch.spares.push((hash, span));
                }
                if batch.spares.len() >= NOTES_AT_ONCE {
                    self.index.commit(&std::mem::take(&mut batch))?;
                }
            }
        }
        self.index.commit(&Batch { spares_known: true, ..batch })?;
        Ok(())
    }
}

/// Brings an erasing that was cut short to its end. Before anything else reads the segments.
pub fn resume(segments: &Segments, index: &Index) -> Result<(), StoreError> {
    let spans: BTreeSet<Span> = index.erasing()?.into_iter().collect();
    if !spans.is_empty() {
        tracing::info!(ranges = spans.len(), "an erasing that was cut short is finished");
        finish(segments, index, &spans)?;
    }
    Ok(())
}

/// Overwrites `spans`, durably, and takes the note out of the index. Returns the bytes that the file
/// system got back and that count as given back from now on.
fn finish(segments: &Segments, index: &Index, spans: &BTreeSet<Span>) -> Result<u64, StoreError> {
    let covered = index.snapshot()?.covered;
    let mut by_segment: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
    for span in spans {
        by_segment.entry(span.segment).or_default().push(*span);
    }
    let mut freed = 0;
    for (segment, spans) in by_segment {
        let file = match segments.open(segment) {
            // Gone with all that was in it.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                continue;
            }
            other => other?,
        };
        let end = covered.get(&segment).copied().unwrap_or(0);
        let io = |e| StoreError::io(format!("erase in {}", segments.path(segment).display()), e);
        let wiped = wipe(&file, &spans).map_err(io)?;
        // What the index does not cover is counted when it is taken over.
        freed += wiped.iter().filter(|(at, _)| *at < end).map(|(_, freed)| freed).sum::<u64>();
    }
    index.commit(&Batch { erase: Some(Erase::Done), freed, ..Batch::default() })?;
    Ok(freed)
}

/// Makes erased records of `spans`, durably. Returns their offsets and what each gave back.
pub fn wipe(file: &File, spans: &[Span]) -> io::Result<Vec<(u64, u64)>> {
    let len = file.metadata()?.len();
    let mut records = Vec::new();
    for span in spans {
        let (mut at, end) = (span.offset, (span.offset + span.len).min(len));
        while at < end {
            let piece = piece(end - at);
            let mut bytes = vec![0; piece as usize];
            if let Some(data_len) = piece.checked_sub(RECORD_HEADER as u64) {
                // At most the length of a block.
                bytes[..RECORD_HEADER].copy_from_slice(&erased_header(data_len as u32));
                records.push((at, data_len));
            }
            file.write_all_at(&bytes, at)?;
            at += piece;
        }
    }
    // The zeros must be on the disk before the file system may forget where that was.
    file.sync_data()?;
    let freed =
        records.iter().map(|(at, len)| (*at, give_back(file, *at + RECORD_HEADER as u64, *len)));
    let freed = freed.collect();
    file.sync_data()?;
    Ok(freed)
}

/// Length of the next erased record when `rest` bytes are to be overwritten: never so that less than
/// a header is left. What is shorter than a header from the start gets none.
fn piece(rest: u64) -> u64 {
    match rest.checked_sub(LONGEST) {
        None | Some(0) => rest,
        Some(left) if left < RECORD_HEADER as u64 => LONGEST - RECORD_HEADER as u64,
        Some(_) => LONGEST,
    }
}

/// Gives the whole pages in a range of zeros back to the file system, which goes on reading as zeros.
/// Returns how many bytes that are; 0 where the system cannot.
pub fn give_back(file: &File, offset: u64, len: u64) -> u64 {
    let (from, to) = inner_pages(offset, len);
    if from == to { 0 } else { punch(file, from, to - from) }
}

/// Start and end of the whole pages in a range.
pub fn inner_pages(offset: u64, len: u64) -> (u64, u64) {
    const PAGE: u64 = 4096;
    let from = offset.next_multiple_of(PAGE);
    (from, ((offset + len) / PAGE * PAGE).max(from))
}

#[cfg(target_os = "linux")]
fn punch(file: &File, offset: u64, len: u64) -> u64 {
    use rustix::fs::{FallocateFlags, fallocate};
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    fallocate(file, flags, offset, len).map_or(0, |()| len)
}

#[cfg(not(target_os = "linux"))]
fn punch(_: &File, _: u64, _: u64) -> u64 {
    0
}

#[cfg(test)]
#[path = "erase_tests.rs"]
mod tests;
