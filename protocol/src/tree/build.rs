//! Building the tree of a part from its sorted entries (TREE-1 to TREE-5).

use super::entry::Entry;
use super::node::{Child, RULES};
use crate::chunk::levels::check_level;
use crate::ids::BlockId;
use crate::reject::Reject;

/// A tree, built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltTree {
    /// The root node.
    pub root: BlockId,
    /// All nodes, each before those below it, the root first.
    pub nodes: Vec<(BlockId, Vec<u8>)>,
    /// Number of files.
    pub files: u64,
    /// Sum of their sizes.
    pub bytes: u64,
}

/// Builds the tree of `entries`, which are in ascending order of path, each path once.
///
/// Paths that cannot live side by side in a release (PATH-6, PATH-7) are not looked for here,
/// because they concern all parts together: see [`crate::path::Collisions`].
///
/// # Errors
/// `TREE-1` for another order, `TREE-6`, `TREE-7` and `CHUNK-1` for an entry that readers would
/// refuse, `TREE-5` for more bytes than a u64 counts, `TREE-8` for more levels than readers follow.
pub fn build(entries: &[Entry]) -> Result<BuiltTree, Reject> {
    if !entries.is_sorted_by(|a, b| a.path < b.path) {
        return Err(Reject::new("TREE-1", "paths out of order, or one twice"));
    }
    entries.iter().try_for_each(Entry::check)?;
    let bytes = entries
        .iter()
        .try_fold(0u64, |sum, e| sum.checked_add(e.size))
        .ok_or(Reject::new("TREE-5", "too many bytes in one part"))?;
    let levels = RULES.build::<Entry, Child>(entries);
    check_level(levels.level, None, "TREE-8")?;
    // The lowest level has a node even without entries.
    let root = levels.nodes[0].0;
    Ok(BuiltTree { root, nodes: levels.nodes, files: entries.len() as u64, bytes })
}
