//! Walks over the trees of releases of which some blocks may be missing.

use crate::store::StoreError;
use std::collections::HashSet;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::chunk::{ListExpect, ListNode, decode_list};
use yadgar_protocol::release::{Part, RECORDS_PREFIX};
use yadgar_protocol::tree::{Content, Entry, Expect, Node, decode_node};

/// What a walk meets.
pub(super) enum Met<'a> {
    /// A tree node, read or not.
    Node(&'a BlockId),
    /// A file.
    File(&'a Entry),
    /// A tree node that was met and is not here: what is below it cannot be told.
    Gap(&'a BlockId),
}

/// True for a file that counts as a record (HOLD-1).
pub(super) fn is_record(entry: &Entry) -> bool {
    entry.path.as_str().starts_with(RECORDS_PREFIX)
}

pub(super) fn failed(error: ReadError) -> StoreError {
    StoreError::Damaged(error.to_string())
}

/// Visits the nodes and files of a part as far as its nodes are here. Nodes in `seen` are left out with
/// all below them, and what is visited is added: releases share most of their trees.
pub(super) fn walk(
    blocks: &dyn ReadBlocks,
    part: &Part,
    seen: &mut HashSet<BlockId>,
    visit: &mut dyn FnMut(Met<'_>),
) -> Result<(), StoreError> {
    let mut stack = vec![(part.root, Expect::of_part(part))];
    while let Some((id, expect)) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        visit(Met::Node(&id));
        let Some(bytes) = blocks.block(&id).map_err(failed)? else {
            visit(Met::Gap(&id));
            continue;
        };
        // Nothing can be read by way of a node that breaks the rules.
        let Ok(node) = decode_node(&bytes, &expect) else { continue };
        stack.extend(expect.children(&node));
        if let Node::Leaf(entries) = &node {
            entries.iter().for_each(|entry| visit(Met::File(entry)));
        }
    }
    Ok(())
}

/// Visits every block of a file that can be found: its one block, or the nodes of its list and its chunks.
/// List nodes in `seen` are left out with all below them. Gives the nodes that are not here.
pub(super) fn blocks_of(
    blocks: &dyn ReadBlocks,
    entry: &Entry,
    seen: &mut HashSet<(BlockId, u64)>,
    visit: &mut dyn FnMut(&BlockId),
) -> Result<Vec<BlockId>, StoreError> {
    let root = match &entry.content {
        Content::Block(id) => {
            visit(id);
            return Ok(Vec::new());
        }
        Content::List { root, .. } => *root,
    };
    let (mut stack, mut gaps) = (vec![(root, ListExpect::root(entry.size))], Vec::new());
    while let Some((id, expect)) = stack.pop() {
        // The same node with other totals is wrong in one of the places.
        if !seen.insert((id, expect.bytes)) {
            continue;
        }
        visit(&id);
        let Some(bytes) = blocks.block(&id).map_err(failed)? else {
            gaps.push(id);
            continue;
        };
        let Ok(node) = decode_list(&bytes, &expect) else { continue };
        stack.extend(expect.children(&node));
        if let ListNode::Leaf(chunks) = &node {
            chunks.iter().for_each(|chunk| visit(&chunk.id));
        }
    }
    Ok(gaps)
}
