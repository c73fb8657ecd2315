//! Showing that a path is, or is not, in a signed tree (spec: tree.md, "Proof").

use super::entry::Entry;
use super::node::{Expect, decode_node};
use super::read::find;
use crate::blocks::{ReadBlocks, ReadFault, require};
use crate::path::Path;
use crate::reject::Reject;
use crate::release::Part;

/// The nodes from the root to the leaf in whose range `path` is, as they are. A path behind the
/// last one is in the range of the last leaf.
///
/// # Errors
/// [`ReadFault`] of the first node on the way that cannot be read.
pub fn prove(blocks: &dyn ReadBlocks, part: &Part, path: &Path) -> Result<Vec<Vec<u8>>, ReadFault> {
    let (mut id, mut expect, mut nodes) = (part.root, Expect::of_part(part), Vec::new());
    loop {
        let bytes = require(blocks, &id)?;
        let node = decode_node(&bytes, &expect)?;
        nodes.push(bytes);
        match expect.child_for(&node, path) {
            Some(child) => (id, expect) = child,
            None => return Ok(nodes),
        }
    }
}

/// Checks a proof against a part of a signed release: the entry of `path`, or `None` when its
/// absence is proven.
///
/// # Errors
/// `TREE-8` when a node is missing, left over, or not the one that the node before names; and all
/// that [`decode_node`] refuses.
pub fn verify_proof(part: &Part, path: &Path, nodes: &[Vec<u8>]) -> Result<Option<Entry>, Reject> {
    let (mut id, mut expect) = (part.root, Expect::of_part(part));
    let mut rest = nodes.iter();
    loop {
        let bytes = rest.next().ok_or(Reject::new("TREE-8", "a proof that is too short"))?;
        if !id.matches(bytes) {
            return Err(Reject::new("TREE-8", "a node that does not belong to the proof"));
        }
        let node = decode_node(bytes, &expect)?;
        match expect.child_for(&node, path) {
            Some(child) => (id, expect) = child,
            None if rest.next().is_some() => {
                return Err(Reject::new("TREE-8", "a proof that is too long"));
            }
            None => return Ok(find(&node, path)),
        }
    }
}
