//! The block list of a file: its chunks in order, cut into nodes by content, so that a change in
//! the middle of a large file rewrites a few nodes only (CHUNK-3 to CHUNK-6).

use super::Chunk;
use super::levels::{Item, Over, Place, RawNode, Rules, check_level};
use crate::cbor;
use crate::ids::{BlockId, Codec};
use crate::limits::{CHUNK_MAX, LIST_BOUNDARY, MAX_BLOCK_BYTES, MAX_LIST_ENTRIES};
use crate::reject::Reject;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const RULES: Rules = Rules { max: MAX_LIST_ENTRIES, grouping: "CHUNK-4", root: "CHUNK-5" };

/// A node one level below, with its totals: `[link, bytes, blocks]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChild {
    /// The node, codec dag-cbor.
    pub id: BlockId,
    /// Bytes of the chunks below.
    pub bytes: u64,
    /// Number of the chunks below.
    pub blocks: u64,
}

impl Serialize for ListChild {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.id, self.bytes, self.blocks).serialize(s)
    }
}

impl<'de> Deserialize<'de> for ListChild {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (id, bytes, blocks) = Deserialize::deserialize(d)?;
        Ok(Self { id, bytes, blocks })
    }
}

/// The digest of a block is as good as random, so it also says where a node ends.
fn is_boundary(id: &BlockId) -> bool {
    let [a, b, c, d, ..] = id.hash.0;
    u32::from_le_bytes([a, b, c, d]).is_multiple_of(LIST_BOUNDARY)
}

impl Item for Chunk {
    fn is_boundary(&self, _level: u64) -> bool {
        is_boundary(&self.id)
    }
}

impl Item for ListChild {
    fn is_boundary(&self, _level: u64) -> bool {
        is_boundary(&self.id)
    }
}

impl Over<Chunk> for ListChild {
    fn over(id: BlockId, items: &[Chunk], _last: &Chunk) -> Self {
        let bytes = items.iter().map(|c| c.bytes).sum();
        Self { id, bytes, blocks: items.len() as u64 }
    }
}

impl Over<Self> for ListChild {
    fn over(id: BlockId, items: &[Self], _last: &Self) -> Self {
        let bytes = items.iter().map(|c| c.bytes).sum();
        Self { id, bytes, blocks: items.iter().map(|c| c.blocks).sum() }
    }
}

/// A block list, built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The root node.
    pub root: BlockId,
    /// Level of the root. See [`Built::check`].
    pub level: u64,
    /// All nodes, each before those below it, the root first. A file that repeats itself can give
    /// the same node several times.
    pub nodes: Vec<(BlockId, Vec<u8>)>,
}

impl Built {
    /// Says whether readers take this list. A publisher must ask before it signs: a file made
    /// for that purpose, with digests that were searched for, can give a list that is too deep.
    ///
    /// # Errors
    /// `CHUNK-5` for a list of more levels than readers follow.
    pub fn check(&self) -> Result<(), Reject> {
        check_level(self.level, None, "CHUNK-5")
    }
}

/// Builds the block list over the chunks of a file, of which there are at least two (CHUNK-3),
/// each of 1 to `CHUNK_MAX` bytes.
pub fn build_list(chunks: &[Chunk]) -> Built {
    debug_assert!(chunks.len() >= 2, "a file of one chunk has no list");
    let levels = RULES.build::<Chunk, ListChild>(chunks);
    // A level is never without a node.
    Built { root: levels.nodes[0].0, level: levels.level, nodes: levels.nodes }
}

/// A node of a block list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListNode {
    /// Level 0: chunks.
    Leaf(Vec<Chunk>),
    /// Nodes of the level below.
    Branch {
        /// 1 to `MAX_TREE_LEVEL`.
        level: u64,
        /// From left to right.
        children: Vec<ListChild>,
    },
}

/// What is known of a list node before it is read: its parent's, or the entry's, promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListExpect {
    /// `None` for a root, whose level only it says.
    pub level: Option<u64>,
    /// Bytes of the chunks below.
    pub bytes: u64,
    /// Number of chunks below; `None` for a root.
    pub blocks: Option<u64>,
    /// True for the root.
    pub is_root: bool,
    /// True for the rightmost node of its level, which need not end with a boundary.
    pub is_last: bool,
}

impl ListExpect {
    /// For the root of the list of a file of `bytes` bytes.
    pub fn root(bytes: u64) -> Self {
        Self { level: None, bytes, blocks: None, is_root: true, is_last: true }
    }

    /// For the children of `node`, which was decoded with `self`; none for a leaf.
    pub fn children(&self, node: &ListNode) -> Vec<(BlockId, Self)> {
        let ListNode::Branch { level, children } = node else { return Vec::new() };
        let expect = |(at, child): (usize, &ListChild)| {
            let expect = Self {
                level: Some(level - 1),
                bytes: child.bytes,
                blocks: Some(child.blocks),
                is_root: false,
                is_last: self.is_last && at + 1 == children.len(),
            };
            (child.id, expect)
        };
        children.iter().enumerate().map(expect).collect()
    }
}

/// Decodes a node of a block list and checks it against its parent's promise.
///
/// # Errors
/// Encoding clauses, `CHUNK-3` to `CHUNK-6`.
pub fn decode_list(bytes: &[u8], expect: &ListExpect) -> Result<ListNode, Reject> {
    let raw: RawNode<Chunk, ListChild> = cbor::decode(bytes, MAX_BLOCK_BYTES)?;
    let (is_root, is_last) = (expect.is_root, expect.is_last);
    match raw {
        RawNode::Leaf(chunks) => {
            check_level(0, expect.level, "CHUNK-5")?;
            RULES.check(&chunks, Place { level: 0, is_root, is_last })?;
            chunks.iter().try_for_each(check_chunk)?;
            if is_root && chunks.len() < 2 {
                return Err(Reject::new("CHUNK-3", "a block list of a single chunk"));
            }
            check_totals(expect, chunks.iter().map(|c| (c.bytes, 1)))?;
            Ok(ListNode::Leaf(chunks))
        }
        RawNode::Branch(level, children) => {
            check_level(level, expect.level, "CHUNK-5")?;
            RULES.check(&children, Place { level, is_root, is_last })?;
            children.iter().try_for_each(check_child)?;
            check_totals(expect, children.iter().map(|c| (c.bytes, c.blocks)))?;
            Ok(ListNode::Branch { level, children })
        }
    }
}

fn check_chunk(chunk: &Chunk) -> Result<(), Reject> {
    if chunk.id.codec != Codec::Raw {
        return Err(Reject::new("CHUNK-3", "a chunk is a block of content"));
    }
    if !(1..=CHUNK_MAX as u64).contains(&chunk.bytes) {
        return Err(Reject::new("CHUNK-6", "a chunk has 1 to 262144 bytes"));
    }
    Ok(())
}

fn check_child(child: &ListChild) -> Result<(), Reject> {
    if child.id.codec != Codec::DagCbor {
        return Err(Reject::new("CHUNK-3", "a list node is a block of structure"));
    }
    if child.blocks == 0 || child.bytes < child.blocks {
        return Err(Reject::new("CHUNK-6", "a list node without chunks or bytes"));
    }
    Ok(())
}

fn check_totals(
    expect: &ListExpect,
    mut items: impl Iterator<Item = (u64, u64)>,
) -> Result<(), Reject> {
    let wrong = Reject::new("CHUNK-6", "totals of a list node that do not add up");
    let sum = items.try_fold((0u64, 0u64), |(bytes, blocks), item| {
        Some((bytes.checked_add(item.0)?, blocks.checked_add(item.1)?))
    });
    let (bytes, blocks) = sum.ok_or(wrong.clone())?;
    if bytes != expect.bytes || expect.blocks.is_some_and(|b| b != blocks) {
        return Err(wrong);
    }
    Ok(())
}
