//! Appending, syncing and erasing.

use super::record::{Block, HEAD, Kind, Ready, Span, UNIT, noise, seal_data};
use super::seal::random;
use super::{Container, Place, Vault};
use crate::durable;
use crate::store::pack::deflate;
use crate::store::{StoreError, plain_len_of};
use std::collections::{BTreeSet, HashSet};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::{Arc, MutexGuard, PoisonError};
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::{BlockId, Hash};

/// Bytes appended after which a put or a move syncs by itself: so much is read again after a crash.
pub(super) const SYNC_BYTES: u64 = 16 << 20;
/// Random bytes written at once over what is erased.
const WIPE_BYTES: usize = 1 << 20;

/// What an append needs to know.
pub struct Writer {
    /// Length of all containers.
    bytes: u64,
    /// Appended since the last mark.
    unsynced: u64,
    /// A sync failed: nobody knows what reached the disk, and a second sync would not tell.
    failed: bool,
}

impl Writer {
    /// With containers of so many bytes, of which so many have no mark behind them.
    pub fn new(bytes: u64, unsynced: u64) -> Self {
        Self { bytes, unsynced, failed: false }
    }

    /// Length of all containers.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A container of so many bytes is gone.
    pub(super) fn gone(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Vault {
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, what: &str, container: u32, error: std::io::Error) -> StoreError {
        StoreError::io(format!("{what} {}", self.path(container).display()), error)
    }

    /// Adds blocks that are not held yet.
    pub(super) fn append(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        let mut ready = self.prepare(blocks)?;
        let mut writer = self.writer();
        {
            let state = self.read();
            ready.retain(|ready| !state.blocks.contains_key(&ready.block.hash));
        }
        if ready.is_empty() {
            return Ok(());
        }
        self.check_open(&writer)?;
        let more: u64 = ready.iter().map(Ready::len).sum();
        // With the marks: this one's, and one where a container ends.
        let marks = (more / self.options.container_bytes + 2) * UNIT as u64;
        if let Some(quota) = self.options.quota
            && writer.bytes + more + marks > quota
        {
            return Err(StoreError::Quota(quota));
        }
        for ready in &mut ready {
            self.append_one(&mut writer, ready)?;
        }
        self.sync_if_much(&mut writer)
    }

    /// Syncs when much was appended since the last time: whoever syncs next waits for no more than that.
    pub(super) fn sync_if_much(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if writer.unsynced >= SYNC_BYTES { self.sync(writer) } else { Ok(()) }
    }

    /// Drops what is held, compresses and seals the rest. Outside of every lock: this is the slow part.
    fn prepare(&self, blocks: Vec<Packed>) -> Result<Vec<Ready>, StoreError> {
        let mut seen = HashSet::new();
        let mut checked = Vec::with_capacity(blocks.len());
        for block in blocks {
            let plain_len = plain_len_of(block.encoding, &block.data)?;
            let held = self.read().blocks.contains_key(&block.id.hash);
            if !held && seen.insert(block.id.hash) {
                checked.push((block, plain_len));
            }
        }
        let seal = |(block, plain_len): (Packed, usize)| {
            let Packed { id, mut encoding, mut data } = block;
            if encoding == Encoding::Plain
                && let Some(packed) = deflate(&data)
            {
                (encoding, data) = (Encoding::Zstd, packed);
            }
            // Both are at most MAX_BLOCK_BYTES.
            let (stored_len, plain_len) = (data.len() as u32, plain_len as u32);
            let block = Block { hash: id.hash, codec: id.codec, encoding, stored_len, plain_len };
            seal_data(&self.keys, block, &data)
        };
        checked.into_iter().map(seal).collect()
    }

    fn check_open(&self, writer: &Writer) -> Result<(), StoreError> {
        if !writer.failed {
            return Ok(());
        }
        let what = std::io::Error::other("an earlier error of the disk: open the home again");
        Err(StoreError::io("write to the store", what))
    }

    pub(super) fn append_one(
        &self,
        writer: &mut Writer,
        ready: &mut Ready,
    ) -> Result<(), StoreError> {
        let block = ready.block;
        let (container, at, file) = self.tail(writer, block.units())?;
        let span = Span { container, at, units: block.units() };
        let bytes = ready.at(&self.keys, &span)?;
        self.write_at(container, &file, bytes, &span)?;
        writer.bytes += span.bytes();
        writer.unsynced += span.bytes();
        let mut state = self.write();
        if let Some(container) = state.containers.get_mut(&container) {
            container.end = at + span.units;
        }
        state.insert(block.hash, Place::new(&block, container, at));
        Ok(())
    }

    /// Writes a record at the end of a container. On an error the torn end is cut off again.
    fn write_at(
        &self,
        container: u32,
        file: &File,
        bytes: &[u8],
        span: &Span,
    ) -> Result<(), StoreError> {
        let Err(error) = file.write_all_at(bytes, span.offset()) else { return Ok(()) };
        if file.set_len(span.offset()).is_err()
            && let Some(container) = self.write().containers.get_mut(&container)
        {
            // It is cut off at the next open; nothing may be put behind it.
            container.closed = true;
        }
        Err(self.failed("write", container, error))
    }

    /// The container to append to, and its end in units. One that would grow too long is synced and left.
    fn tail(&self, writer: &mut Writer, units: u32) -> Result<(u32, u32, Arc<File>), StoreError> {
        let (last, foreign) = {
            let state = self.read();
            let last = state.containers.last_key_value();
            (last.map(|(n, c)| (*n, c.end, c.file.clone(), c.closed)), state.foreign)
        };
        let fits = |end: u32| {
            let after = (u64::from(end) + u64::from(units)) * UNIT as u64;
            end == 0 || after <= self.options.container_bytes
        };
        let number = match last {
            Some((number, end, file, false)) if fits(end) => return Ok((number, end, file)),
            Some((number, ..)) => {
                self.sync(writer)?;
                number.max(foreign.unwrap_or(0)).saturating_add(1)
            }
            None => foreign.unwrap_or(0).saturating_add(1),
        };
        let path = self.path(number);
        let mut create = OpenOptions::new();
        create.read(true).write(true).create_new(true).mode(0o600);
        let made = create.open(&path).and_then(|file| {
            durable::sync_dir(&self.dir)?;
            Ok(Arc::new(file))
        });
        let file = made.map_err(|error| self.failed("create", number, error))?;
        let container = Container { file: file.clone(), end: 0, closed: false };
        self.write().containers.insert(number, container);
        Ok((number, 0, file))
    }

    /// Makes everything put so far durable, and says so with a mark.
    pub(super) fn sync(&self, writer: &mut Writer) -> Result<(), StoreError> {
        self.check_open(writer)?;
        if writer.unsynced == 0 {
            return Ok(());
        }
        // Only the last one has anything: the others were synced when they were left.
        let Some((number, end, file, closed)) = ({
            let state = self.read();
            let last = state.containers.last_key_value();
            last.map(|(n, c)| (*n, c.end, c.file.clone(), c.closed))
        }) else {
            return Ok(());
        };
        if let Err(error) = file.sync_data() {
            writer.failed = true;
            return Err(self.failed("sync", number, error));
        }
        writer.unsynced = 0;
        if closed {
            return Ok(());
        }
        // Without the mark these records are read again at the next open, no more.
        let span = Span { container: number, at: end, units: 1 };
        let mark = noise(&self.keys, &Kind::Mark, &span)?;
        if self.write_at(number, &file, &mark, &span).is_ok() {
            writer.bytes += span.bytes();
            if let Some(container) = self.write().containers.get_mut(&number) {
                container.end = end + 1;
            }
        }
        Ok(())
    }

    /// See [`crate::store::BlockStore::erase`]. Overwritten are all copies of the blocks, and all bytes of which
    /// nobody can say what they are.
    ///
    /// The data goes first, durably, then the heads: a kill in between leaves blocks that seem to be held, and which
    /// the next call for them finds.
    pub(super) fn erase_blocks(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let writer = self.writer();
        self.check_open(&writer)?;
        let hashes: HashSet<Hash> = ids.iter().map(|id| id.hash).collect();
        let (spans, count) = {
            let mut state = self.write();
            for hash in &hashes {
                // Not readable from here on; among the spares until it is overwritten.
                if let Some(place) = state.remove(hash) {
                    state.spares.push((*hash, place.span(*hash)));
                }
            }
            let ours = state.spares.iter().filter(|(hash, _)| hashes.contains(hash));
            let found: BTreeSet<Hash> = ours.clone().map(|(hash, _)| *hash).collect();
            let mut spans: BTreeSet<Span> = ours.map(|(_, span)| *span).collect();
            if !found.is_empty() {
                spans.extend(&state.unknown);
            }
            (spans, found.len() as u64)
        };
        for only_data in [true, false] {
            self.overwrite(&spans, only_data)?;
        }
        let mut state = self.write();
        state.spares.retain(|(_, span)| !spans.contains(span));
        state.unknown.retain(|span| !spans.contains(span));
        Ok(count)
    }

    /// Overwrites the data of records, or gives them heads that say that they were erased. Durable when it returns.
    pub(super) fn overwrite(
        &self,
        spans: &BTreeSet<Span>,
        only_data: bool,
    ) -> Result<(), StoreError> {
        let mut touched = BTreeSet::new();
        for span in spans {
            let Some(file) = self.file_of(span.container) else { continue };
            let io = |error| self.failed("erase in", span.container, error);
            if only_data {
                let mut at = span.offset() + HEAD as u64;
                let end = span.offset() + span.bytes();
                while at < end {
                    let mut bytes = vec![0; (end - at).min(WIPE_BYTES as u64) as usize];
                    random(&mut bytes)?;
                    file.write_all_at(&bytes, at).map_err(io)?;
                    at += bytes.len() as u64;
                }
            } else {
                let record = noise(&self.keys, &Kind::Erased, span)?;
                file.write_all_at(&record[..HEAD], span.offset()).map_err(io)?;
            }
            touched.insert(span.container);
        }
        for container in touched {
            let Some(file) = self.file_of(container) else { continue };
            file.sync_data().map_err(|error| self.failed("sync", container, error))?;
        }
        Ok(())
    }

    fn file_of(&self, container: u32) -> Option<Arc<File>> {
        self.read().containers.get(&container).map(|container| container.file.clone())
    }
}
