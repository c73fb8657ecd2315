//! What changed between two trees. Both are walked in order of path at the same time; where both
//! walks are about to enter nodes of the same id, neither does, so the cost is that of the change.

use super::entry::Entry;
use super::node::{Expect, Node};
use super::read::read_node;
use crate::blocks::{ReadBlocks, ReadFault};
use crate::ids::BlockId;
use crate::release::Part;
use std::cmp::Ordering;

/// One path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only in the new tree.
    Added(Entry),
    /// Only in the old tree.
    Removed(Entry),
    /// In both, with another content.
    Changed {
        /// As it was.
        old: Entry,
        /// As it is.
        new: Entry,
    },
}

/// Visits every difference from `old` (`None`: nothing) to `new`, in order of path. Subtrees that
/// both have are not read. Memory: at most two nodes' items a level.
///
/// # Errors
/// [`ReadFault`] of the first node that cannot be read; changes before it have been visited.
pub fn diff(
    blocks: &dyn ReadBlocks,
    old: Option<&Part>,
    new: &Part,
    visit: &mut dyn FnMut(Change),
) -> Result<(), ReadFault> {
    let mut old = Side { blocks, ahead: old.map(Ahead::root).into_iter().collect() };
    let mut new = Side { blocks, ahead: vec![Ahead::root(new)] };
    loop {
        match step(old.ahead.last(), new.ahead.last()) {
            Step::Done => return Ok(()),
            Step::Skip => {
                old.ahead.pop();
                new.ahead.pop();
            }
            Step::EnterOld => old.enter()?,
            Step::EnterNew => new.enter()?,
            Step::Removed => old.take().into_iter().for_each(|e| visit(Change::Removed(e))),
            Step::Added => new.take().into_iter().for_each(|e| visit(Change::Added(e))),
            Step::Both => {
                if let (Some(old), Some(new)) = (old.take(), new.take())
                    && old != new
                {
                    visit(Change::Changed { old, new });
                }
            }
        }
    }
}

/// What comes next in one tree.
enum Ahead {
    Node(BlockId, Expect),
    Entry(Entry),
}

impl Ahead {
    fn root(part: &Part) -> Self {
        Self::Node(part.root, Expect::of_part(part))
    }
}

/// One tree's walk: what is still ahead, the next at the end.
struct Side<'a> {
    blocks: &'a dyn ReadBlocks,
    ahead: Vec<Ahead>,
}

impl Side<'_> {
    /// Puts what is in the next node in its place.
    fn enter(&mut self) -> Result<(), ReadFault> {
        let Some(Ahead::Node(id, expect)) = self.ahead.pop() else { return Ok(()) };
        let node = read_node(self.blocks, &id, &expect)?;
        let children = expect.children(&node).into_iter();
        self.ahead.extend(children.rev().map(|(id, expect)| Ahead::Node(id, expect)));
        if let Node::Leaf(entries) = node {
            self.ahead.extend(entries.into_iter().rev().map(Ahead::Entry));
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Entry> {
        match self.ahead.pop() {
            Some(Ahead::Entry(entry)) => Some(entry),
            _ => None,
        }
    }
}

enum Step {
    Done,
    Skip,
    EnterOld,
    EnterNew,
    Removed,
    Added,
    Both,
}

fn step(old: Option<&Ahead>, new: Option<&Ahead>) -> Step {
    match (old, new) {
        (None, None) => Step::Done,
        (Some(Ahead::Node(a, x)), Some(Ahead::Node(b, y))) => {
            // The totals are the parents' word; if they differ, one of them is wrong, and
            // entering finds out which.
            if a == b && (x.files, x.bytes) == (y.files, y.bytes) {
                Step::Skip
            } else if height(x) > height(y) {
                // The higher one first: the other may be among its children.
                Step::EnterOld
            } else {
                Step::EnterNew
            }
        }
        (Some(Ahead::Node(..)), _) => Step::EnterOld,
        (_, Some(Ahead::Node(..))) => Step::EnterNew,
        (Some(Ahead::Entry(a)), Some(Ahead::Entry(b))) => match a.path.cmp(&b.path) {
            Ordering::Less => Step::Removed,
            Ordering::Greater => Step::Added,
            Ordering::Equal => Step::Both,
        },
        (Some(Ahead::Entry(_)), None) => Step::Removed,
        (None, Some(Ahead::Entry(_))) => Step::Added,
    }
}

/// Level of a node, as far as known: a root's is not, and counts as the highest.
fn height(expect: &Expect) -> u64 {
    expect.level.unwrap_or(u64::MAX)
}
