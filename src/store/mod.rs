//! Where blocks and heads are kept.

use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Packed, ReadBlocks};

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

/// A set of blocks. Calls block on the disk: async code goes through `spawn_blocking`.
pub trait BlockStore: ReadBlocks + Send + Sync {
    /// True when the block is held.
    fn has(&self, id: &BlockId) -> Result<bool, StoreError>;
    /// The plain bytes, hashed again before they are returned. A block that turns out damaged is
    /// forgotten (so that it is fetched again) and `None`.
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError>;
    /// The block as it is kept, hashed again: for sending.
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError>;
    /// Adds blocks that the caller has verified. They are readable at once and durable after the
    /// next [`BlockStore::flush`] (or earlier). A block that is held already costs nothing.
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError>;
    /// Returns when everything put before is durable.
    fn flush(&self) -> Result<(), StoreError>;
    /// What is held.
    fn stats(&self) -> Result<StoreStats, StoreError>;
}
