//! Places of blocks in an index, as small as they can be.

use yadgar_protocol::{BlockId, Codec};

/// Where a block is. 32 bytes. Half of the hash is enough to find it, the whole is checked when it
/// is read.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    key: [u8; 16],
    pub offset: u64,
    /// Length in the low bits, then the number of the carrier, and in the highest bit whether it is structure.
    length: u32,
}

const STRUCTURE: u32 = 1 << 31;
/// Bits of a length, which is at most 262144 by CAR-3.
const LENGTH_BITS: u32 = 19;

impl Slot {
    pub fn new(id: &BlockId, source: usize, offset: u64, length: usize) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&id.hash.0[..16]);
        let mut length = length as u32 | (source as u32) << LENGTH_BITS;
        if id.codec == Codec::DagCbor {
            length |= STRUCTURE;
        }
        Self { key, offset, length }
    }

    pub fn order(&self) -> ([u8; 16], bool) {
        (self.key, self.length & STRUCTURE != 0)
    }

    pub fn length(&self) -> usize {
        (self.length & ((1 << LENGTH_BITS) - 1)) as usize
    }

    pub fn source(&self) -> usize {
        ((self.length & !STRUCTURE) >> LENGTH_BITS) as usize
    }
}
