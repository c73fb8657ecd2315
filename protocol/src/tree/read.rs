//! Looking things up in a tree whose nodes come from a store.

use super::entry::Entry;
use super::node::{Expect, Node, decode_node};
use crate::blocks::{ReadBlocks, ReadFault, require};
use crate::ids::BlockId;
use crate::path::Path;
use crate::release::Part;
use std::ops::ControlFlow;

/// Reads one node and checks it.
pub(super) fn read_node(
    blocks: &dyn ReadBlocks,
    id: &BlockId,
    expect: &Expect,
) -> Result<Node, ReadFault> {
    Ok(decode_node(&require(blocks, id)?, expect)?)
}

/// The entry of `path` in a leaf.
pub(super) fn find(leaf: &Node, path: &Path) -> Option<Entry> {
    let Node::Leaf(entries) = leaf else { return None };
    let at = entries.binary_search_by(|e| e.path.cmp(path)).ok()?;
    entries.get(at).cloned()
}

/// The entry of `path` in a part, `None` when there is none. Reads one node a level.
///
/// # Errors
/// [`ReadFault`] of the first node on the way that cannot be read.
pub fn get(blocks: &dyn ReadBlocks, part: &Part, path: &Path) -> Result<Option<Entry>, ReadFault> {
    let (mut id, mut expect) = (part.root, Expect::of_part(part));
    loop {
        let node = read_node(blocks, &id, &expect)?;
        match expect.child_for(&node, path) {
            Some(child) => (id, expect) = child,
            None => return Ok(find(&node, path)),
        }
    }
}

/// Visits the entries of a part in order of path, all of them or those whose path begins with
/// `prefix`, until the visitor breaks off. Reads only nodes in whose range such a path can be, and
/// holds one node a level in memory.
///
/// # Errors
/// [`ReadFault`] of the first node that cannot be read; entries before it have been visited.
pub fn for_each(
    blocks: &dyn ReadBlocks,
    part: &Part,
    prefix: Option<&str>,
    visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<(), ReadFault> {
    let mut walk = Walk { blocks, prefix: prefix.unwrap_or_default(), visit };
    walk.node(&part.root, &Expect::of_part(part)).map(|_| ())
}

struct Walk<'a> {
    blocks: &'a dyn ReadBlocks,
    prefix: &'a str,
    visit: &'a mut dyn FnMut(Entry) -> ControlFlow<()>,
}

impl Walk<'_> {
    /// True when a path with the prefix can be below. All such paths are neighbours: greater than
    /// or equal to the prefix, and less than the first greater path that does not begin with it.
    fn may_hold(&self, expect: &Expect) -> bool {
        let starts = |path: &Path| path.as_str().starts_with(self.prefix);
        let begins_late =
            expect.after.as_ref().is_some_and(|p| p.as_str() > self.prefix && !starts(p));
        let ends_early = expect.last.as_ref().is_some_and(|p| p.as_str() < self.prefix);
        !begins_late && !ends_early
    }

    /// Recursion is bounded, because levels go down one by one from `MAX_TREE_LEVEL` at most.
    fn node(&mut self, id: &BlockId, expect: &Expect) -> Result<ControlFlow<()>, ReadFault> {
        let node = read_node(self.blocks, id, expect)?;
        let children = expect.children(&node);
        if let Node::Leaf(entries) = node {
            let wanted = |e: &Entry| e.path.as_str().starts_with(self.prefix);
            return Ok(entries.into_iter().filter(wanted).try_for_each(&mut *self.visit));
        }
        for (child, expect) in children {
            if self.may_hold(&expect) && self.node(&child, &expect)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
