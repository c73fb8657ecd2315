//! Blocks on the disk: append-only segment files and an index.
//!
//! ```text
//! DIR/lock                    held while the store is open
//! DIR/segments/00000001.seg   records, see `record`
//! DIR/index.redb              where each block lies; can be built again from the segments
//! ```
//! Order of a write: the record goes to the end of a segment, the segment is synced, and only then
//! does the index say that the block is there. What lies in a segment beyond what the index covers
//! was never promised: at the next open its good records are taken and its torn end is cut off.
//!
//! Erasing is the one thing that changes bytes in place: see `erase`.
//!
//! Dead bytes go with their segment, when most of it is dead: see `compact`.
//!
//! Locks, always taken in this order: `compacting` (one compaction or scan at a time), `erasing` (one erasing at a time), `putting` (shared by puts,
//! alone for an erasing), `committing` (one commit at a time), `writer` (one append at a
//! time), `pending` (changes that the index does not know yet; never held over disk access but one
//! index look-up when a block turns out damaged). Readers take `pending` for a moment only, so they
//! wait for no sync.

mod append;
mod compact;
mod copies;
mod dropped;
mod erase;
mod index;
mod open;
mod place;
mod read;
mod record;
mod scrub;
mod segments;
mod verify;
mod walk;
mod write;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;

pub use verify::{Indexed, ScanEvent, ScanReport, verify_dir};

use crate::store::{BlockStore, Compacted, ScrubAt, Scrubbed, StoreError, StoreStats};
use index::{Index, Place};
use segments::Segments;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use write::Writer;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Hash};

/// How a store is kept.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Most bytes that all files of the store may take together. `None`: no bound.
    pub quota: Option<u64>,
    /// Compress plain blocks where that saves at least a sixteenth.
    pub compress: bool,
    /// Length at which a segment is closed and the next one begun, in bytes.
    pub segment_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { quota: None, compress: true, segment_bytes: 256 << 20 }
    }
}

/// What has been found damaged since the store was opened.
#[derive(Debug, Clone, Default)]
pub struct Damage {
    /// How many blocks.
    pub count: u64,
    /// The last of them, at most [`Damage::KEPT`].
    pub ids: VecDeque<BlockId>,
}

impl Damage {
    /// Ids that are remembered.
    pub const KEPT: usize = 1024;

    /// Notes one more.
    pub(in crate::store) fn note(&mut self, id: BlockId) {
        self.count += 1;
        self.ids.push_back(id);
        if self.ids.len() > Self::KEPT {
            self.ids.pop_front();
        }
    }
}

/// A change that the index does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    /// Where the block is now; `None` when it is forgotten.
    now: Option<Place>,
    /// Where the index still says it is.
    committed: Option<Place>,
}

/// Blocks that were put and given up when the disk failed. Whoever put them may not be the one who
/// met the error, so every flush fails until they are put again.
#[derive(Debug, Default)]
struct Lost {
    hashes: HashSet<Hash>,
    /// More than are remembered: only opening the store again helps.
    many: bool,
}

impl Lost {
    /// Hashes that are remembered: a few times what is pending at once.
    const MOST: usize = 1 << 16;

    fn add(&mut self, hash: Hash) {
        if self.hashes.len() < Self::MOST {
            self.hashes.insert(hash);
        } else {
            self.many |= !self.hashes.contains(&hash);
        }
    }
}

/// Where in the folder of a store a mirror notes how its scrub stands.
pub const SCRUB_FILE: &str = "scrub";

/// A [`BlockStore`] on the disk. One process at a time.
///
/// Dropping it flushes, but only [`BlockStore::flush`] says whether that went well.
pub struct DiskStore {
    dir: PathBuf,
    options: StoreOptions,
    segments: Segments,
    index: Index,
    pending: RwLock<HashMap<Hash, Change>>,
    writer: Mutex<Writer>,
    committing: Mutex<()>,
    putting: RwLock<()>,
    erasing: Mutex<()>,
    compacting: Mutex<()>,
    /// Segments in which a scrub met bytes that are no record: they are rewritten, whatever they waste.
    rotten: Mutex<BTreeSet<u32>>,
    /// Records that were forgotten before the index knew of them: copies for it to note.
    strays: Mutex<Vec<(Hash, copies::Span)>>,
    totals: Mutex<StoreStats>,
    damage: Mutex<Damage>,
    lost: Mutex<Lost>,
    /// The system lets go of it when the process ends, however it ends. The last field: it is given up
    /// after the index is closed.
    _lock: open::Lock,
}

impl DiskStore {
    /// Opens the store in `dir`, creating it when there is none. Checks the index, builds it again
    /// from the segments when it is missing or damaged, and takes over what a crash left behind.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open, [`StoreError::Newer`] for a store of
    /// a newer program, otherwise when the file system refuses.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        open::open(dir, options)
    }

    /// Which blocks turned out damaged since the store was opened. They are forgotten already.
    pub fn damage(&self) -> Damage {
        locked(&self.damage).clone()
    }

    /// Bytes that all files of the store take together, without what erased records gave back to the
    /// file system: what the quota bounds.
    pub fn disk_bytes(&self) -> u64 {
        locked(&self.writer).segment_bytes + self.index.disk_bytes()
    }
}

impl BlockStore for DiskStore {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        Ok(self.place(&id.hash)?.is_some())
    }

    fn has_all(&self, ids: &[BlockId]) -> Result<bool, StoreError> {
        let hashes: Vec<Hash> = ids.iter().map(|id| id.hash).collect();
        Ok(self.places(&hashes)?.iter().all(Option::is_some))
    }

    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_plain(id)
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.read_packed(id)
    }

    fn get_unchecked(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_unchecked(id)
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.append(blocks, self.options.compress)
    }

    fn put_as_they_came(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.append(blocks, false)
    }

    /// After an error, what was put since the last flush that succeeded may be gone: ask with
    /// [`BlockStore::has`], and put it again. Fails for everybody as long as something is gone.
    fn flush(&self) -> Result<(), StoreError> {
        self.commit()?;
        self.check_lost()
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        Ok(self.count())
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.erase_blocks(ids)
    }

    fn compact(&self, dead: u64, go_on: &dyn Fn() -> bool) -> Result<Compacted, StoreError> {
        self.compact_segments(dead, go_on)
    }

    fn scrub(&self, from: ScrubAt, most: u64) -> Result<Scrubbed, StoreError> {
        self.scrub_some(from, most)
    }

    fn damage_seen(&self) -> Damage {
        self.damage()
    }

    fn lost(&self) -> HashSet<Hash> {
        let mut lost = scrub::noted(&self.dir.join(SCRUB_FILE));
        lost.extend(self.damage().ids.iter().map(|id| id.hash));
        lost
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.list(after, most)
    }
}

impl ReadBlocks for DiskStore {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|error| ReadError(error.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.has(id).map_err(|error| ReadError(error.to_string()))
    }
}

impl Drop for DiskStore {
    fn drop(&mut self) {
        if let Err(error) = self.commit() {
            tracing::warn!(%error, "the store could not be flushed when it was closed");
        }
    }
}

/// A lock whose holder panicked holds data that is still consistent: every change to it is one
/// assignment after the disk has answered.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
