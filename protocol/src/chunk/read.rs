//! Walking a block list: all of it in order, or only what a range of the file needs.

use super::{Chunk, ListExpect, ListNode, decode_list};
use crate::blocks::{ReadBlocks, ReadFault, require};
use crate::ids::BlockId;
use std::ops::Range;

/// Gives the chunks of the list `root`, of a file of `size` bytes, in order, until `visit` gives
/// false. Holds one node a level in memory.
///
/// # Errors
/// [`ReadFault`] of the first node that cannot be read; chunks before it have been visited.
pub fn read_list(
    blocks: &dyn ReadBlocks,
    root: &BlockId,
    size: u64,
    visit: &mut dyn FnMut(Chunk) -> bool,
) -> Result<(), ReadFault> {
    let mut walk = Walk { blocks, range: 0..size, visit: &mut |_, chunk| visit(chunk) };
    walk.node(root, &ListExpect::root(size), 0).map(|_| ())
}

/// The chunks that hold bytes `start` to `end` (exclusive) of a file of `size` bytes, each with
/// its offset in the file. Reads only the nodes on the way to them. The result has about one item
/// for 64 KiB of the range, so callers ask for ranges that they can hold.
///
/// # Errors
/// [`ReadFault`] of the first node that cannot be read.
pub fn chunks_in_range(
    blocks: &dyn ReadBlocks,
    root: &BlockId,
    size: u64,
    start: u64,
    end: u64,
) -> Result<Vec<(u64, Chunk)>, ReadFault> {
    let mut found = Vec::new();
    let mut keep = |offset, chunk| {
        found.push((offset, chunk));
        true
    };
    let mut walk = Walk { blocks, range: start..end.min(size), visit: &mut keep };
    if start < walk.range.end {
        walk.node(root, &ListExpect::root(size), 0)?;
    }
    Ok(found)
}

struct Walk<'a> {
    blocks: &'a dyn ReadBlocks,
    range: Range<u64>,
    visit: &'a mut dyn FnMut(u64, Chunk) -> bool,
}

impl Walk<'_> {
    /// True when `bytes` bytes from `offset` on touch the range. No overflow: a node's totals
    /// were checked to add up to the file's size before its items get here.
    fn touches(&self, offset: u64, bytes: u64) -> bool {
        offset < self.range.end && self.range.start < offset + bytes
    }

    /// Visits what lies below a node that begins at `offset`; false when the visitor has enough.
    /// Recursion is bounded, because levels go down one by one from `MAX_TREE_LEVEL` at most.
    fn node(
        &mut self,
        id: &BlockId,
        expect: &ListExpect,
        mut offset: u64,
    ) -> Result<bool, ReadFault> {
        let node = decode_list(&require(self.blocks, id)?, expect)?;
        if let ListNode::Leaf(chunks) = &node {
            for chunk in chunks {
                if self.touches(offset, chunk.bytes) && !(self.visit)(offset, *chunk) {
                    return Ok(false);
                }
                offset += chunk.bytes;
            }
        }
        for (child, expect) in expect.children(&node) {
            if self.touches(offset, expect.bytes) && !self.node(&child, &expect, offset)? {
                return Ok(false);
            }
            offset += expect.bytes;
        }
        Ok(true)
    }
}
