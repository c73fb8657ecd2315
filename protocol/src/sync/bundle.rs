//! Small blocks that travel together in one zstd frame (spec: sync.md, SYNC-12).
//!
//! Records of a kind resemble each other, and an id costs 32 bytes that nothing compresses: together and
//! without ids they take about two thirds of what they take one by one. The receiver hashes every
//! block anyway, so it finds the ids itself.

use crate::blocks::{Encoding, Inflate, Packed};
use crate::ids::{BlockId, Codec};
use crate::limits::{MAX_BUNDLE_BYTES, MAX_BUNDLED_BLOCK, MAX_WANTS_PER_FRAME};
use crate::reject::Reject;

/// The codec byte and the length in front of a block.
const FRONT: usize = 1 + 4;

/// Compresses bytes into one zstd frame that is shorter; `None` where they do not shrink.
/// An argument, because this crate brings no compressor of its own.
pub type Deflate<'a> = &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>;

/// Gathers blocks for one bundle.
#[derive(Debug, Default)]
pub struct Bundle {
    plain: Vec<u8>,
    blocks: Vec<(BlockId, usize)>,
}

/// A bundle that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bundled {
    /// It shrank: one frame for all of these.
    Together {
        /// Whose blocks are in it.
        ids: Vec<BlockId>,
        /// The body of the frame.
        frame: Vec<u8>,
    },
    /// Nothing was gained by company.
    Alone(Vec<Packed>),
}

impl Bundle {
    /// True when a block of so many plain bytes may be in a bundle at all.
    pub fn takes(bytes: usize) -> bool {
        bytes <= MAX_BUNDLED_BLOCK
    }

    /// Adds a block whose hash was checked. False when it is too long, or the bundle has no room for it any
    /// more: it then goes into the next one.
    pub fn push(&mut self, id: BlockId, plain: &[u8]) -> bool {
        let full = self.plain.len() + FRONT + plain.len() > MAX_BUNDLE_BYTES
            || self.blocks.len() >= MAX_WANTS_PER_FRAME;
        if full || !Self::takes(plain.len()) {
            return false;
        }
        self.plain.push(id.codec.code());
        // Bounded above.
        self.plain.extend((plain.len() as u32).to_be_bytes());
        self.blocks.push((id, self.plain.len()));
        self.plain.extend_from_slice(plain);
        true
    }

    /// True while nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Compresses what is in it.
    pub fn pack(self, deflate: Deflate<'_>) -> Bundled {
        let shorter = |frame: &Vec<u8>| frame.len() < self.plain.len();
        match deflate(&self.plain).filter(shorter) {
            Some(frame) => Bundled::Together {
                ids: self.blocks.into_iter().map(|(id, _)| id).collect(),
                frame,
            },
            None => Bundled::Alone(self.alone()),
        }
    }

    fn alone(self) -> Vec<Packed> {
        let ends = self.blocks.iter().skip(1).map(|(_, start)| start - FRONT);
        let ends: Vec<usize> = ends.chain([self.plain.len()]).collect();
        let each = self.blocks.iter().zip(ends);
        each.map(|((id, start), end)| Packed {
            id: *id,
            encoding: Encoding::Plain,
            data: self.plain[*start..end].to_vec(),
        })
        .collect()
    }
}

/// The blocks of a bundle, at least one, each named by its hash.
///
/// # Errors
/// `SYNC-12` for what does not decompress within bounds or is not the layout of a bundle.
pub fn open(frame: &[u8], inflate: Inflate<'_>) -> Result<Vec<Packed>, Reject> {
    let wrong = || Reject::new("SYNC-12", "a bundle that is damaged or too long");
    let plain = inflate(frame, MAX_BUNDLE_BYTES).filter(|plain| plain.len() > frame.len());
    let plain = plain.ok_or_else(wrong)?;
    let (mut rest, mut blocks) = (plain.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (front, after) = rest.split_first_chunk::<FRONT>().ok_or_else(wrong)?;
        let [codec, a, b, c, d] = *front;
        let codec = [Codec::Raw, Codec::DagCbor].into_iter().find(|known| known.code() == codec);
        let codec = codec.ok_or_else(wrong)?;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > MAX_BUNDLED_BLOCK || blocks.len() >= MAX_WANTS_PER_FRAME {
            return Err(wrong());
        }
        let (data, after) = after.split_at_checked(length).ok_or_else(wrong)?;
        blocks.push(Packed::plain(codec, data.to_vec()));
        rest = after;
    }
    if blocks.is_empty() { Err(wrong()) } else { Ok(blocks) }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
