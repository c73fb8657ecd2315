//! From a file to blocks: where it is cut, and the list of its chunks (spec: chunking.md).
//!
//! `levels` groups ordered items into levels of nodes (also used by the tree), `list` is the
//! block list made with it, `read` walks a list.

pub(crate) mod levels;
mod list;
mod read;

pub use list::{Built, ListChild, ListExpect, ListNode, build_list, decode_list};
pub use read::{chunks_in_range, read_list};

use crate::ids::BlockId;
use crate::limits::{CHUNK_AVG, CHUNK_MAX, CHUNK_MIN, SMALL_FILE_BYTES};
use fastcdc::v2020::{FastCDC, Normalization};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// True when a file of `size` bytes is one block without being cut (CHUNK-1).
pub fn is_small(size: u64) -> bool {
    size <= SMALL_FILE_BYTES as u64
}

/// The length in bytes of the chunk at the start of `buffer` (CHUNK-2), 1 to `CHUNK_MAX`.
///
/// `buffer` is what follows the last cut, `at_end` says that the file ends with it. `None` means
/// that more is needed (less than `CHUNK_MAX` bytes and not at the end), or that nothing is left.
/// Only the first `CHUNK_MAX` bytes are looked at, so the cuts are those of the file as a whole.
pub fn next_cut(buffer: &[u8], at_end: bool) -> Option<usize> {
    if buffer.len() < CHUNK_MAX && !at_end {
        return None;
    }
    let window = &buffer[..buffer.len().min(CHUNK_MAX)];
    let (min, avg, max) = (CHUNK_MIN, CHUNK_AVG, CHUNK_MAX);
    FastCDC::with_level_and_seed(window, min, avg, max, Normalization::Level1, 0)
        .next()
        .map(|chunk| chunk.length)
}

/// One chunk of a file, as its block list names it: `[link, bytes]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// The block, codec raw.
    pub id: BlockId,
    /// Its length in bytes, 1 to `CHUNK_MAX` (CHUNK-6).
    pub bytes: u64,
}

impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.id, self.bytes).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (id, bytes) = Deserialize::deserialize(d)?;
        Ok(Self { id, bytes })
    }
}

#[cfg(test)]
mod cut_tests;
#[cfg(test)]
mod list_tests;
