//! Where blocks are read from, as far as this crate needs to know.

use crate::ids::{BlockId, Hash};
use crate::limits::MAX_BLOCK_BYTES;
use crate::reject::Reject;
use std::collections::BTreeMap;

/// A source of blocks could not be read (disk error and the like). Says nothing about the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError(pub String);

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

/// Reads blocks that are here. What is returned has been checked against the id.
pub trait ReadBlocks {
    /// The plain bytes of a block, `None` when it is not here.
    ///
    /// # Errors
    /// When the store behind it fails.
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError>;

    /// True when the block is here.
    ///
    /// # Errors
    /// When the store behind it fails.
    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        Ok(self.block(id)?.is_some())
    }
}

/// Why something that is spread over blocks could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadFault {
    /// This block is not here; with it the reading can be tried again.
    Missing(BlockId),
    /// A block is here, but is not what its parent says: nobody can repair that.
    Damaged(Reject),
    /// The store failed.
    Source(ReadError),
}

impl std::fmt::Display for ReadFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(id) => write!(f, "block {id} is not here"),
            Self::Damaged(reject) => reject.fmt(f),
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadFault {}

impl From<Reject> for ReadFault {
    fn from(reject: Reject) -> Self {
        Self::Damaged(reject)
    }
}

impl From<ReadError> for ReadFault {
    fn from(error: ReadError) -> Self {
        Self::Source(error)
    }
}

/// The bytes of a block that must be here.
///
/// # Errors
/// [`ReadFault::Missing`] when it is not, [`ReadFault::Source`] when the store fails.
pub fn require(blocks: &dyn ReadBlocks, id: &BlockId) -> Result<Vec<u8>, ReadFault> {
    blocks.block(id)?.ok_or(ReadFault::Missing(*id))
}

/// Blocks in memory, for tests, proofs and small things.
impl ReadBlocks for BTreeMap<BlockId, Vec<u8>> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.get(id).filter(|bytes| id.matches(bytes)).cloned())
    }
}

/// How the bytes of a block are kept or sent (SYNC-1). The number is the wire's and the store's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are (0).
    Plain,
    /// One zstd frame, shorter than the plain bytes (1).
    Zstd,
}

impl Encoding {
    /// The number on the wire and at rest.
    pub const fn code(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Zstd => 1,
        }
    }

    /// Reads the number.
    ///
    /// # Errors
    /// `SYNC-1` for an unknown one.
    pub fn from_code(code: u8) -> Result<Self, Reject> {
        match code {
            0 => Ok(Self::Plain),
            1 => Ok(Self::Zstd),
            _ => Err(Reject::new("SYNC-1", "an unknown encoding of a block")),
        }
    }
}

/// A block as it is kept or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its name.
    pub id: BlockId,
    /// How `data` is to be read.
    pub encoding: Encoding,
    /// The bytes, plain or compressed.
    pub data: Vec<u8>,
}

/// Decompresses a zstd frame to at most so many bytes; `None` when it is damaged or longer.
/// An argument, because this crate brings no compressor of its own.
pub type Inflate<'a> = &'a dyn Fn(&[u8], usize) -> Option<Vec<u8>>;

impl Packed {
    /// A plain block, named by its hash.
    pub fn plain(codec: crate::Codec, data: Vec<u8>) -> Self {
        Self { id: BlockId::of(codec, &data), encoding: Encoding::Plain, data }
    }

    /// The plain bytes, checked against the id.
    ///
    /// # Errors
    /// `SYNC-1` for what does not decompress within bounds or is larger than plain, `SYNC-6` for a
    /// wrong hash.
    pub fn unpack(&self, inflate: Inflate<'_>) -> Result<Vec<u8>, Reject> {
        if self.data.len() > MAX_BLOCK_BYTES {
            return Err(Reject::new("SYNC-1", "a block that is too long"));
        }
        let plain = match self.encoding {
            Encoding::Plain => self.data.clone(),
            Encoding::Zstd => inflate(&self.data, MAX_BLOCK_BYTES)
                .filter(|plain| plain.len() > self.data.len())
                .ok_or(Reject::new("SYNC-1", "a compressed block that is damaged or too long"))?,
        };
        if Hash::of(&plain) != self.id.hash {
            return Err(Reject::new("SYNC-6", "a block with the wrong hash"));
        }
        Ok(plain)
    }
}
