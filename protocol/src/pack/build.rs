//! Making packs (STATIC-6, STATIC-8).

use super::{FileRef, Member, PackIndex};
use crate::blocks::{Encoding, Packed};
use crate::ids::BlockId;
use crate::limits::{
    MAX_BUNDLED_BLOCK, MAX_MEMBER_BLOCKS, MAX_MEMBER_BYTES, MAX_PACK_BLOCKS, MAX_PACK_BYTES,
};
use crate::sync::bundle::Deflate;

/// The zstd frame of no bytes: a member is never empty in its pack, even if its blocks are.
const EMPTY_FRAME: [u8; 9] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];

/// Small blocks that become one member.
#[derive(Debug, Default)]
pub struct Gather {
    plain: Vec<u8>,
    blocks: Vec<(BlockId, u64)>,
}

impl Gather {
    /// True when a block of so many bytes is put together with others.
    pub fn takes(bytes: usize) -> bool {
        bytes <= MAX_BUNDLED_BLOCK
    }

    /// Adds a block whose hash was checked. False when it is too long, or there is no room for it any more: it
    /// then begins the next member.
    pub fn push(&mut self, id: BlockId, plain: &[u8]) -> bool {
        let full = self.plain.len() + plain.len() > MAX_MEMBER_BYTES
            || self.blocks.len() >= MAX_MEMBER_BLOCKS;
        if full || !Self::takes(plain.len()) {
            return false;
        }
        self.plain.extend_from_slice(plain);
        self.blocks.push((id, plain.len() as u64));
        true
    }

    /// True while nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The member and its bytes: compressed when that makes them fewer.
    pub fn pack(self, deflate: Deflate<'_>) -> (Member, Vec<u8>) {
        if self.plain.is_empty() {
            return member(Encoding::Zstd, self.blocks, EMPTY_FRAME.to_vec());
        }
        match deflate(&self.plain).filter(|frame| frame.len() < self.plain.len()) {
            Some(frame) => member(Encoding::Zstd, self.blocks, frame),
            None => member(Encoding::Plain, self.blocks, self.plain),
        }
    }
}

fn member(encoding: Encoding, blocks: Vec<(BlockId, u64)>, data: Vec<u8>) -> (Member, Vec<u8>) {
    (Member { stored: data.len() as u64, encoding, blocks }, data)
}

/// A pack that is being filled, in memory: at most 16 MiB.
#[derive(Debug, Default)]
pub struct PackBuilder {
    data: Vec<u8>,
    members: Vec<Member>,
    blocks: usize,
}

impl PackBuilder {
    /// A block by itself, of `plain` bytes: as it is kept in a store.
    pub fn alone(block: Packed, plain: u64) -> (Member, Vec<u8>) {
        member(block.encoding, vec![(block.id, plain)], block.data)
    }

    /// Adds a member. Gives it back when it has no room here: it then begins the next pack.
    ///
    /// # Errors
    /// The member that has no room.
    pub fn push(&mut self, (member, data): (Member, Vec<u8>)) -> Result<(), (Member, Vec<u8>)> {
        let blocks = self.blocks + member.blocks.len();
        if self.data.len() + data.len() > MAX_PACK_BYTES || blocks > MAX_PACK_BLOCKS {
            return Err((member, data));
        }
        self.blocks = blocks;
        self.data.extend_from_slice(&data);
        self.members.push(member);
        Ok(())
    }

    /// True while nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The pack and its index.
    pub fn finish(self) -> (PackIndex, Vec<u8>) {
        let pack = FileRef::of(&self.data);
        (PackIndex { pack, members: self.members }, self.data)
    }
}
