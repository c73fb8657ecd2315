//! Appending blocks and committing them to the index.

use super::append::write_records;
use super::index::{Batch, Place};
use super::record::{FILE_HEADER, RecordHeader};
use super::{Change, DiskStore, locked};
use crate::store::pack::deflate;
use crate::store::{StoreError, StoreStats, plain_len_of};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, PoisonError};
use yadgar_protocol::Hash;
use yadgar_protocol::blocks::{Encoding, Packed};

/// Bytes appended after which a put commits by itself.
const COMMIT_BYTES: u64 = 64 << 20;
/// Blocks pending after which a put commits by itself: bounds the memory of the pending map.
const COMMIT_BLOCKS: usize = 16_384;
/// Bytes given to the file system at once.
const WRITE_BYTES: u64 = 1 << 20;

/// The segment that is appended to.
struct Tail {
    number: u32,
    file: Arc<File>,
    /// End of its last good record.
    end: u64,
}

/// Segments by number, with the end of their last record.
type Dirty = BTreeMap<u32, (Arc<File>, u64)>;

/// What an append needs to know. Behind the writer lock.
pub struct Writer {
    tail: Option<Tail>,
    /// Number of the next segment. A number is never used twice.
    next: u32,
    /// Segments with records that the index does not cover, and where the last one ends.
    dirty: Dirty,
    /// Length of all segment files.
    pub segment_bytes: u64,
    /// Appended since the last commit.
    uncommitted: u64,
    /// Counts appends, so that a put can tell whether another one came between.
    generation: u64,
}

/// A block ready to be appended.
struct Ready {
    header: RecordHeader,
    data: Vec<u8>,
}

impl Writer {
    /// Appends go to `tail` (number, handle, length) or to a new segment `next`.
    pub fn new(tail: Option<(u32, Arc<File>, u64)>, next: u32, segment_bytes: u64) -> Self {
        let tail = tail.map(|(number, file, end)| Tail { number, file, end });
        Self { tail, next, dirty: BTreeMap::new(), segment_bytes, uncommitted: 0, generation: 0 }
    }

    /// The number of a new segment that somebody else writes.
    pub fn take_number(&mut self) -> u32 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Appends nothing more to this segment, which ends at `end`. False when there is more in it by now.
    pub fn close(&mut self, number: u32, end: u64) -> bool {
        if self.dirty.contains_key(&number) {
            return false;
        }
        if self.tail.as_ref().is_some_and(|tail| tail.number == number) {
            if self.tail.as_ref().is_some_and(|tail| tail.end != end) {
                return false;
            }
            self.tail = None;
        }
        true
    }

    fn is_due(&self, pending: usize) -> bool {
        self.uncommitted >= COMMIT_BYTES || (self.uncommitted > 0 && pending >= COMMIT_BLOCKS)
    }
}

impl DiskStore {
    /// Adds blocks that are not held yet.
    pub(super) fn append(&self, blocks: Vec<Packed>, compress: bool) -> Result<(), StoreError> {
        let _no_erasing = self.putting.read().unwrap_or_else(PoisonError::into_inner);
        let generation = locked(&self.writer).generation;
        let mut ready = self.prepare(blocks, compress)?;
        let due = {
            let mut writer = locked(&self.writer);
            if writer.generation != generation {
                let hashes: Vec<Hash> = ready.iter().map(|ready| ready.header.id.hash).collect();
                let mut places = self.places(&hashes)?.into_iter();
                ready.retain(|_| places.next().flatten().is_none());
            }
            if ready.is_empty() {
                return Ok(());
            }
            self.check_quota(&writer, &ready)?;
            writer.generation += 1;
            self.append_ready(&mut writer, &ready)?;
            let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner).len();
            writer.is_due(pending)
        };
        if due { self.commit() } else { Ok(()) }
    }

    /// Drops what is held, compresses the rest when that is wanted. Outside of every lock: this is the slow part.
    fn prepare(&self, blocks: Vec<Packed>, compress: bool) -> Result<Vec<Ready>, StoreError> {
        let hashes: Vec<Hash> = blocks.iter().map(|block| block.id.hash).collect();
        let places = self.places(&hashes)?;
        let mut seen = HashSet::new();
        let mut ready = Vec::with_capacity(blocks.len());
        for (block, place) in blocks.into_iter().zip(places) {
            let plain_len = plain_len_of(block.encoding, &block.data)?;
            if place.is_some() || !seen.insert(block.id.hash) {
                continue;
            }
            let Packed { id, mut encoding, mut data } = block;
            if encoding == Encoding::Plain
                && compress
                && let Some(packed) = deflate(&data)
            {
                (encoding, data) = (Encoding::Zstd, packed);
            }
            ready.push(Ready { header: RecordHeader::new(id, encoding, &data, plain_len), data });
        }
        Ok(ready)
    }

    /// Refuses what could bring the files over the quota, whatever the index needs at commit.
    fn check_quota(&self, writer: &Writer, ready: &[Ready]) -> Result<(), StoreError> {
        let Some(quota) = self.options.quota else { return Ok(()) };
        let records: u64 = ready.iter().map(|ready| ready.header.record_len()).sum();
        let headers = (records / self.options.segment_bytes + 2) * FILE_HEADER as u64;
        let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner).len();
        let index = self.index.disk_bytes();
        let entries = (pending + ready.len()) as u64;
        if writer.segment_bytes + records + headers + index + index_growth(entries, index) > quota {
            return Err(StoreError::Quota(quota));
        }
        Ok(())
    }

    /// Appends in large writes. What was written before an error stays and is pending.
    fn append_ready(&self, writer: &mut Writer, ready: &[Ready]) -> Result<(), StoreError> {
        let mut rest = ready;
        while let Some(first) = rest.first() {
            let end = self.tail_for(writer, first.header.record_len())?;
            let (mut bytes, mut count) = (0, 0);
            for Ready { header, .. } in rest {
                let after = bytes + header.record_len();
                let full = after > WRITE_BYTES || end + after > self.options.segment_bytes;
                if full && count > 0 {
                    break;
                }
                (bytes, count) = (after, count + 1);
            }
            let (chunk, later) = rest.split_at(count);
            self.write_chunk(writer, bytes, chunk)?;
            rest = later;
        }
        Ok(())
    }

    /// Makes sure that there is a segment with room for a record, and returns its end.
    fn tail_for(&self, writer: &mut Writer, record_len: u64) -> Result<u64, StoreError> {
        if let Some(tail) = &writer.tail
            && (tail.end + record_len <= self.options.segment_bytes
                || tail.end <= FILE_HEADER as u64)
        {
            return Ok(tail.end);
        }
        let number = writer.next;
        writer.next += 1;
        let file = self.segments.create(number)?;
        writer.segment_bytes += FILE_HEADER as u64;
        writer.tail = Some(Tail { number, file, end: FILE_HEADER as u64 });
        Ok(FILE_HEADER as u64)
    }

    /// Writes records to the end of the tail. On an error the torn end is cut off again.
    fn write_chunk(
        &self,
        writer: &mut Writer,
        bytes: u64,
        chunk: &[Ready],
    ) -> Result<(), StoreError> {
        let Some(tail) = &mut writer.tail else { return Ok(()) };
        let records = chunk.iter().map(|ready| (ready.header.encode(), &*ready.data));
        if let Err(error) = write_records(&tail.file, tail.end, records) {
            let what = format!("write {}", self.segments.path(tail.number).display());
            if tail.file.set_len(tail.end).is_err() {
                // The torn end is cut off at the next open; nothing may be put behind it.
                let torn =
                    tail.file.metadata().map_or(bytes, |meta| meta.len().saturating_sub(tail.end));
                writer.segment_bytes += torn;
                writer.tail = None;
            }
            return Err(StoreError::io(what, error));
        }
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        let mut offset = tail.end;
        for Ready { header, .. } in chunk {
            let place = Place::new(tail.number, offset, header);
            offset += header.record_len();
            pending
                .entry(header.id.hash)
                .and_modify(|change| change.now = Some(place))
                .or_insert(Change { now: Some(place), committed: None });
        }
        tail.end = offset;
        writer.dirty.insert(tail.number, (Arc::clone(&tail.file), offset));
        writer.segment_bytes += bytes;
        writer.uncommitted += bytes;
        Ok(())
    }

    /// Makes everything put so far durable: segments first, then the index.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        let _one_at_a_time = locked(&self.committing);
        // Before the segments are taken, so that what is noted of one is synced.
        let mut strays = std::mem::take(&mut *locked(&self.strays));
        let (dirty, changes, uncommitted) = {
            let mut writer = locked(&self.writer);
            let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
            let changes: HashMap<Hash, Change> = pending.iter().map(|(h, c)| (*h, *c)).collect();
            (std::mem::take(&mut writer.dirty), changes, std::mem::take(&mut writer.uncommitted))
        };
        if dirty.is_empty() && changes.is_empty() && strays.is_empty() {
            return Ok(());
        }
        let (dirty, synced) = self.sync(dirty);
        let done = synced.and_then(|()| {
            let places = changes.iter().map(|(hash, change)| (*hash, change.now)).collect();
            let covered = dirty.iter().map(|(number, (_, end))| (*number, *end)).collect();
            let spares = strays.clone();
            self.index.commit(&Batch { places, covered, spares, ..Batch::default() })
        });
        match done {
            Ok(totals) => {
                self.settle(&changes, totals);
                Ok(())
            }
            Err(error) => {
                strays.retain(|(_, span)| dirty.contains_key(&span.segment));
                locked(&self.strays).extend(strays);
                self.put_back(dirty, uncommitted);
                Err(error)
            }
        }
    }

    /// Fails while blocks that were put have been given up and not put again.
    pub(super) fn check_lost(&self) -> Result<(), StoreError> {
        let lost = locked(&self.lost);
        let what = match (lost.many, lost.hashes.len()) {
            (false, 0) => return Ok(()),
            (true, _) => "many blocks were lost when the disk failed: open the store again".into(),
            (false, count) => format!("{count} blocks were lost when the disk failed"),
        };
        Err(StoreError::io("flush the store", std::io::Error::other(what)))
    }

    /// Takes committed changes out of the pending map.
    fn settle(&self, changes: &HashMap<Hash, Change>, totals: StoreStats) {
        let mut lost = locked(&self.lost);
        for (hash, _) in changes.iter().filter(|(_, change)| change.now.is_some()) {
            lost.hashes.remove(hash);
        }
        drop(lost);
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        *locked(&self.totals) = totals;
        for (hash, change) in changes {
            if pending.get(hash).is_some_and(|now| now.now == change.now) {
                pending.remove(hash);
            } else if let Some(now) = pending.get_mut(hash) {
                // Changed again meanwhile.
                now.committed = change.now;
            }
        }
    }

    /// Syncs segments. Those that failed are given up and no longer among the ones returned.
    fn sync(&self, mut dirty: Dirty) -> (Dirty, Result<(), StoreError>) {
        let mut result = Ok(());
        dirty.retain(|number, (file, _)| {
            let Err(error) = file.sync_data() else { return true };
            self.retire(*number);
            let what = format!("sync {}", self.segments.path(*number).display());
            result = Err(StoreError::io(what, error));
            false
        });
        (dirty, result)
    }

    /// After a failed commit: the next one has the same to do.
    fn put_back(&self, dirty: Dirty, uncommitted: u64) {
        let mut writer = locked(&self.writer);
        writer.uncommitted += uncommitted;
        for (number, entry) in dirty {
            // Where more was appended meanwhile, that end stands.
            writer.dirty.entry(number).or_insert(entry);
        }
    }

    /// After a failed sync nobody knows which bytes of the segment reached the disk, and a second
    /// sync would not tell. Everything pending in it is given up, and nothing more is appended.
    pub(super) fn retire(&self, number: u32) {
        let mut writer = locked(&self.writer);
        if writer.tail.as_ref().is_some_and(|tail| tail.number == number) {
            writer.tail = None;
        }
        writer.dirty.remove(&number);
        locked(&self.strays).retain(|(_, span)| span.segment != number);
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        let mut lost = locked(&self.lost);
        pending.retain(|hash, change| {
            if change.now.is_some_and(|place| place.segment == number) {
                lost.add(*hash);
                change.now = None;
            }
            change.now.is_some() || change.committed.is_some()
        });
    }
}

/// Most that the index can grow by when `entries` are committed: copied pages (4 KiB each, at most
/// all of them) beside the old ones, new entries in pages half full, and its own bookkeeping.
pub fn index_growth(entries: u64, index_bytes: u64) -> u64 {
    entries * 160 + (entries * 4096).min(index_bytes) + (128 << 10)
}
