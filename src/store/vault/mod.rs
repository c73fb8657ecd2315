//! An encrypted home: blocks and files of archives, sealed under a key that a passphrase opens.
//!
//! ```text
//! HOME/key              the wrapped key, see `key`
//! HOME/data/00000001    containers: sealed records, see `record`
//! HOME/files/3f9a…      files of archives, see `files`
//! ```
//! Nothing in it is in clear: no hash, no name, no length of a block, no place where one ends and the next begins. The
//! index is in memory only and is built from the heads of the records when the home is opened: about 100 bytes for
//! each block.
//!
//! Order of a write: records are appended, the container is synced, and then a mark is appended that says so. What
//! lies behind the last mark was never promised: at the next open its good records are taken and its torn end is cut
//! off. Why it is built this way: docs/decisions/0013.
//!
//! Locks, always taken in this order: `compacting`, `writing` (one append, flush or erasing at a time), `state` (for moments
//! only, never over disk access). So readers wait for no sync.

mod compact;
mod files;
pub mod key;
mod open;
mod record;
mod scan;
pub mod seal;
mod write;

pub use files::SealedFiles;
pub use files::is_name as is_file;
pub use files::may_be as may_be_file;

use super::pack::inflate;
use super::{BlockStore, Compacted, Damage, StoreError, StoreStats};
use crate::store::disk::{ScanEvent, ScanReport};
use record::{Block, Span, open_data};
use seal::Keys;
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Hash};

/// Folder of the containers in a home.
pub const DATA: &str = "data";
/// Folder of the files of archives in a home.
pub const FILES: &str = "files";

/// True for the name of a container.
pub fn is_container(name: &str) -> bool {
    open::number_of(name).is_some()
}

/// True for the name and the length of a container: whole records, as one has that was not torn.
pub fn may_be_container(name: &str, len: u64) -> bool {
    is_container(name) && len > 0 && len.is_multiple_of(record::UNIT as u64)
}

/// How a vault is kept.
#[derive(Debug, Clone, Copy)]
pub struct VaultOptions {
    /// Most bytes that the containers may take together. `None`: no bound.
    pub quota: Option<u64>,
    /// Length at which a container is closed and the next one begun, in bytes.
    pub container_bytes: u64,
}

impl Default for VaultOptions {
    fn default() -> Self {
        Self { quota: None, container_bytes: 1 << 30 }
    }
}

/// Where a block is, without its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    container: u32,
    at: u32,
    stored_len: u32,
    plain_len: u32,
    codec: yadgar_protocol::Codec,
    encoding: yadgar_protocol::blocks::Encoding,
}

impl Place {
    fn new(block: &Block, container: u32, at: u32) -> Self {
        let Block { codec, encoding, stored_len, plain_len, .. } = *block;
        Self { container, at, stored_len, plain_len, codec, encoding }
    }

    fn block(&self, hash: Hash) -> Block {
        let Self { codec, encoding, stored_len, plain_len, .. } = *self;
        Block { hash, codec, encoding, stored_len, plain_len }
    }

    fn span(&self, hash: Hash) -> Span {
        let units = self.block(hash).units();
        Span { container: self.container, at: self.at, units }
    }
}

/// A container file.
struct Container {
    file: Arc<File>,
    /// End of what is in it, in units.
    end: u32,
    /// Not to be appended to: its end cannot be relied on.
    closed: bool,
}

/// What is known of the containers.
#[derive(Default)]
struct State {
    blocks: BTreeMap<Hash, Place>,
    stats: StoreStats,
    /// Copies of blocks that are at no place of `blocks`: an erasing overwrites them too.
    spares: Vec<(Hash, Span)>,
    /// Ranges of which nobody can say what they hold: every erasing overwrites them.
    unknown: Vec<Span>,
    containers: BTreeMap<u32, Container>,
    /// The highest number of a container whose place something else has.
    foreign: Option<u32>,
    damage: Damage,
}

impl State {
    /// Puts a block at a place; where it was before becomes a spare.
    fn insert(&mut self, hash: Hash, place: Place) {
        if let Some(old) = self.remove(&hash) {
            self.spares.push((hash, old.span(hash)));
        }
        self.stats.blocks += 1;
        self.stats.stored_bytes += place.span(hash).bytes();
        self.stats.plain_bytes += u64::from(place.plain_len);
        self.blocks.insert(hash, place);
    }

    fn remove(&mut self, hash: &Hash) -> Option<Place> {
        let old = self.blocks.remove(hash)?;
        self.stats.blocks -= 1;
        self.stats.stored_bytes -= old.span(*hash).bytes();
        self.stats.plain_bytes -= u64::from(old.plain_len);
        Some(old)
    }
}

/// A [`BlockStore`] whose files tell nothing. One process at a time.
///
/// Dropping it flushes, but only [`BlockStore::flush`] says whether that went well.
pub struct Vault {
    dir: PathBuf,
    keys: Arc<Keys>,
    options: VaultOptions,
    state: RwLock<State>,
    writing: Mutex<write::Writer>,
    /// One compaction at a time; taken before `writing`.
    compacting: Mutex<()>,
    /// The system lets go of it when the process ends, however it ends.
    _lock: open::Lock,
}

impl Vault {
    /// Opens the containers in `dir`, creating the folder when there is none, reads the heads of all records and
    /// takes over what a crash left behind.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open, otherwise when the file system refuses.
    pub fn open(dir: &Path, keys: Arc<Keys>, options: VaultOptions) -> Result<Self, StoreError> {
        open::open(dir, keys, options)
    }

    /// What has been found damaged since the store was opened, forgotten already.
    pub fn damage(&self) -> Damage {
        self.read().damage.clone()
    }

    /// Reads and checks everything that is kept.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn scan(&self, visit: &mut dyn FnMut(ScanEvent)) -> Result<ScanReport, StoreError> {
        scan::scan(self, visit)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, container: u32) -> PathBuf {
        self.dir.join(open::name(container))
    }

    /// The block, and its plain bytes; `None` when it is not here or turns out damaged.
    fn load(&self, id: &BlockId) -> Result<Option<(Packed, Vec<u8>)>, StoreError> {
        let (place, file) = {
            let state = self.read();
            let Some(place) = state.blocks.get(&id.hash).copied() else { return Ok(None) };
            let Some(container) = state.containers.get(&place.container) else { return Ok(None) };
            (place, container.file.clone())
        };
        let block = place.block(id.hash);
        let span = place.span(id.hash);
        let data = match read_span(&file, &span) {
            Ok(record) => open_data(&self.keys, &block, record),
            // Bytes that are not there are lost. Those that the disk could not read just now may be
            // read the next time.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(error) => {
                return Err(StoreError::io(
                    format!("read {}", self.path(span.container).display()),
                    error,
                ));
            }
        };
        let packed = data.map(|data| Packed { id: *id, encoding: place.encoding, data });
        let plain = packed.and_then(|packed| Some((packed.unpack(&inflate).ok()?, packed)));
        let Some((plain, packed)) = plain else {
            self.forget_damaged(id, &place);
            return Ok(None);
        };
        Ok(Some((packed, plain)))
    }

    /// Forgets a block that is damaged at `place`, unless it has a new place by now.
    fn forget_damaged(&self, id: &BlockId, place: &Place) {
        let mut state = self.write();
        if state.blocks.get(&id.hash) != Some(place) {
            return;
        }
        state.remove(&id.hash);
        state.spares.push((id.hash, place.span(id.hash)));
        state.damage.note(*id);
        tracing::warn!(container = place.container, "a damaged block was forgotten");
    }
}

/// The bytes of a record.
fn read_span(file: &File, span: &Span) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; span.units.min(record::MOST_UNITS) as usize * record::UNIT];
    file.read_exact_at(&mut bytes, span.offset())?;
    Ok(bytes)
}

impl BlockStore for Vault {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        Ok(self.read().blocks.contains_key(&id.hash))
    }

    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.load(id)?.map(|(_, plain)| plain))
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        Ok(self.load(id)?.map(|(packed, _)| packed))
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.append(blocks)
    }

    /// After an error of the disk nothing more is taken until the home is opened again.
    fn flush(&self) -> Result<(), StoreError> {
        self.sync(&mut self.writer())
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        Ok(self.read().stats)
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.erase_blocks(ids)
    }

    fn compact(&self, dead: u64, go_on: &dyn Fn() -> bool) -> Result<Compacted, StoreError> {
        self.compact_containers(dead, go_on)
    }

    fn damage_seen(&self) -> Damage {
        self.damage()
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.read();
        let later = state.blocks.range((from, Bound::Unbounded)).take(most.max(1));
        Ok(later.map(|(hash, place)| BlockId { codec: place.codec, hash: *hash }).collect())
    }
}

impl ReadBlocks for Vault {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|error| ReadError(error.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.has(id).map_err(|error| ReadError(error.to_string()))
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "the store could not be flushed when it was closed");
        }
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
