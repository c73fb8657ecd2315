//! Where blocks and heads are kept.
//!
//! [`DiskStore`], [`Vault`] (encrypted) and [`MemoryStore`] hold blocks behind one trait; [`heads`] keeps what is trusted
//! of each archive; [`lock`] makes sure that one process at a time works on a home directory.

pub mod acts;
pub mod adopt;
pub mod complete;
pub mod disk;
pub mod files;
pub mod gc;
pub mod heads;
pub mod lock;
pub mod memory;
pub mod mirrors;
pub mod pack;
pub mod vault;
pub mod web_host;

pub use disk::{Damage, DiskStore, StoreOptions};
pub use heads::ArchiveStates;
pub use lock::HomeLock;
pub use memory::MemoryStore;
pub use vault::Vault;
pub use web_host::{WebForm, WebHost};

use std::collections::HashSet;
use std::ops::ControlFlow;
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks};
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::{BlockId, Hash};

/// Why the store could not do what was asked. Text is for the log; advice is the command line's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system said no.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the file.
        what: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// No space left on the disk.
    #[error("no space left on the disk while {0}")]
    DiskFull(String),
    /// The store would grow over its quota.
    #[error("the store's quota of {0} bytes is reached")]
    Quota(u64),
    /// The index is damaged and could not be rebuilt.
    #[error("the index is damaged: {0}")]
    Index(String),
    /// The store was written by a newer program.
    #[error("the store has format {0}, newer than this program knows")]
    Newer(u64),
    /// Another process has the store open.
    #[error("another process has the store open: {0}")]
    InUse(String),
    /// A file is there, but what is in it is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The passphrase does not open the encrypted home.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// A head that the trust rules do not allow here.
    #[error("the head was refused: {0}")]
    Refused(String),
    /// Something was put that can be no block.
    #[error("not a block: {0}")]
    NotABlock(&'static str),
}

impl StoreError {
    /// The error of a file operation: a full disk is told apart.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        let what = what.into();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull(what)
            }
            _ => Self::Io { what, source },
        }
    }
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoreStats {
    /// Blocks held.
    pub blocks: u64,
    /// Bytes they take at rest, headers included.
    pub stored_bytes: u64,
    /// Bytes of the blocks when plain.
    pub plain_bytes: u64,
}

/// Where a scrub goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScrubAt {
    /// Number of the file.
    pub segment: u32,
    /// Where in it.
    pub offset: u64,
}

/// What a step of a scrub did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Where it goes on; `None` when everything was read.
    pub next: Option<ScrubAt>,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the files up to there.
    pub before: u64,
    /// Bytes of all files.
    pub total: u64,
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compacted {
    /// Files that are gone.
    pub segments: u64,
    /// Bytes of live blocks that were written again.
    pub moved_bytes: u64,
    /// Bytes by which the files are shorter together, but for the headers of new ones.
    pub freed_bytes: u64,
    /// Some files were left for want of room for the new ones.
    pub lacks_room: bool,
}

/// Ids in a page of [`BlockStore::all_ids`].
pub const IDS_PER_PAGE: usize = 4096;

/// A set of blocks. Calls block on the disk: async code goes through `spawn_blocking`.
pub trait BlockStore: ReadBlocks + Send + Sync {
    /// True when the block is held.
    fn has(&self, id: &BlockId) -> Result<bool, StoreError>;
    /// True when every one of these blocks is held: one question instead of many.
    fn has_all(&self, ids: &[BlockId]) -> Result<bool, StoreError> {
        for id in ids {
            if !self.has(id)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// The plain bytes, hashed again before they are returned. A block that turns out damaged is
    /// forgotten (so that it is fetched again) and `None`.
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError>;
    /// The plain bytes as they are kept, not hashed: only for whoever checks a hash over all of what it reads
    /// so, and reads with [`BlockStore::get`] when that is wrong.
    ///
    /// # Errors
    /// When the disk refuses.
    fn get_unchecked(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(id)
    }
    /// The block as it is kept, hashed again: for sending.
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError>;
    /// Adds blocks that the caller has verified. They are readable at once and durable after the
    /// next [`BlockStore::flush`] (or earlier). A block that is held already costs nothing.
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError>;
    /// As [`BlockStore::put`], for blocks of a node that has tried already whether they shrink: they are kept
    /// as they came.
    ///
    /// # Errors
    /// As [`BlockStore::put`].
    fn put_as_they_came(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.put(blocks)
    }
    /// Returns when everything put before is durable.
    fn flush(&self) -> Result<(), StoreError>;
    /// Says that these blocks, of about so many bytes, are read soon: for a store that gets what is not
    /// here. Does not wait.
    fn soon(&self, _blocks: &[(BlockId, u64)]) -> Result<(), StoreError> {
        Ok(())
    }
    /// What is held.
    fn stats(&self) -> Result<StoreStats, StoreError>;
    /// Removes blocks for good, whatever codec they are named by: when this returns they are not
    /// readable, and no file of the store holds their bytes, also not in copies that were damaged or
    /// forgotten. Returns of how many blocks something was here. A block that is put again later is
    /// held again: whoever calls this refuses it first.
    ///
    /// # Errors
    /// When the disk refuses. What was not finished then is finished when it is called again with
    /// the same ids.
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError>;
    /// The blocks after `after` (from the first without), in order of their hashes, at most `most`
    /// (at least 1); none at the end. Each has the codec by which it was put first, though it is
    /// held under the other one too.
    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError>;
    /// Writes files again of which more than `dead` percent is dead, without that, while others read and write; `go_on` is
    /// asked before each and ends it by no. A store that cannot does nothing.
    ///
    /// # Errors
    /// When the disk refuses. Nothing is lost then; what was done stays done.
    fn compact(&self, dead: u64, go_on: &dyn Fn() -> bool) -> Result<Compacted, StoreError> {
        let _ = (dead, go_on);
        Ok(Compacted::default())
    }
    /// Reads about `most` bytes again from a place on (the default is the beginning) and forgets what is damaged there. A
    /// store without files has nothing to read.
    ///
    /// # Errors
    /// When the disk refuses. Damage is none.
    fn scrub(&self, from: ScrubAt, most: u64) -> Result<Scrubbed, StoreError> {
        let _ = (from, most);
        Ok(Scrubbed::default())
    }
    /// What turned out damaged since the store was opened, and was forgotten.
    fn damage_seen(&self) -> Damage {
        Damage::default()
    }
    /// Blocks that turned out damaged and are not known to have come again, also before the store was opened if a mirror
    /// noted them. Some may be here again.
    fn lost(&self) -> HashSet<Hash> {
        self.damage_seen().ids.iter().map(|id| id.hash).collect()
    }
    /// Shows every block that is held, in order of the hashes, page by page, until `visit` breaks.
    /// What is put or erased meanwhile may be among them or not.
    fn all_ids(
        &self,
        visit: &mut dyn FnMut(&BlockId) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.ids_after(after.as_ref(), IDS_PER_PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.hash);
            if page.iter().any(|id| visit(id).is_break()) {
                return Ok(());
            }
        }
    }
}

/// The plain length of a block that is put. Bounds what is ever written.
fn plain_len_of(encoding: Encoding, data: &[u8]) -> Result<usize, StoreError> {
    if data.len() > MAX_BLOCK_BYTES {
        return Err(StoreError::NotABlock("longer than a block may be"));
    }
    match encoding {
        Encoding::Plain => Ok(data.len()),
        Encoding::Zstd => pack::plain_len(data, MAX_BLOCK_BYTES)
            .filter(|plain| *plain > data.len())
            .ok_or(StoreError::NotABlock("not a zstd frame of a block")),
    }
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod contract_tests;
