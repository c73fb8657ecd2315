//! One block in its place in a release, and what lies below it.

use crate::chunk::{Chunk, ListExpect, ListNode, decode_list};
use crate::ids::BlockId;
use crate::reject::Reject;
use crate::sync::planner::Came;
use crate::tree::{Content, Entry, Expect, Node, decode_node};
use crate::withdraw::Denied;

/// Guessed size of a node that is not here yet, in bytes.
pub const NODE_GUESS: u64 = 8 * 1024;

/// A block to be looked at, with what its place says about it.
#[derive(Debug, Clone)]
pub enum Step {
    /// A tree node.
    Tree {
        /// The node.
        id: BlockId,
        /// What its parent says (TREE-8).
        expect: Box<Expect>,
        /// True when the parent is of level 1. A root is never known to be a leaf.
        is_leaf: bool,
    },
    /// A block list node.
    List {
        /// The node.
        id: BlockId,
        /// What its entry or parent says.
        expect: ListExpect,
    },
    /// Content.
    Block {
        /// The block.
        id: BlockId,
        /// Its length.
        bytes: u64,
        /// True for a piece of a file, false for a whole file.
        is_chunk: bool,
    },
    /// A block that is wanted early, out of its place.
    Loose {
        /// The block.
        id: BlockId,
        /// Its length, as far as is known.
        bytes: u64,
    },
}

impl Step {
    /// The block of this step.
    pub fn id(&self) -> &BlockId {
        match self {
            Self::Tree { id, .. }
            | Self::List { id, .. }
            | Self::Block { id, .. }
            | Self::Loose { id, .. } => id,
        }
    }

    /// Expected length of the block; a guess for structure.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Block { bytes, .. } | Self::Loose { bytes, .. } => *bytes,
            Self::Tree { .. } | Self::List { .. } => NODE_GUESS,
        }
    }

    /// What lies directly below, in order; nothing below content, and no file that is denied (WD-7).
    /// With `nodes_only`, what lies below a leaf of the tree is left out.
    ///
    /// # Errors
    /// The clause of the tree or list that the block breaks in this place.
    pub fn open(
        &self,
        came: Came<'_>,
        denied: &Denied,
        nodes_only: bool,
    ) -> Result<Vec<Self>, Reject> {
        match (self, came) {
            (Self::Tree { expect, .. }, Came::Plain(plain)) => {
                open_tree(&decode_node(plain, expect)?, expect, denied, nodes_only)
            }
            (Self::List { expect, .. }, Came::Plain(plain)) => {
                Ok(open_list(decode_list(plain, expect)?, expect))
            }
            (Self::Tree { .. } | Self::List { .. }, Came::Content(_)) => {
                Err(Reject::new("TREE-6", "content where structure is to be"))
            }
            (Self::Block { bytes, .. }, came) if *bytes == came.bytes() => Ok(Vec::new()),
            (Self::Loose { .. }, _) => Ok(Vec::new()),
            (Self::Block { is_chunk, .. }, _) => {
                let clause = if *is_chunk { "CHUNK-6" } else { "TREE-6" };
                Err(Reject::new(clause, "a block of another length"))
            }
        }
    }
}

fn open_tree(
    node: &Node,
    expect: &Expect,
    denied: &Denied,
    nodes_only: bool,
) -> Result<Vec<Step>, Reject> {
    let is_kept = |entry: &&Entry| denied.covers(&entry.link()).is_none();
    match node {
        Node::Leaf(_) if nodes_only => Ok(Vec::new()),
        Node::Leaf(entries) => Ok(entries.iter().filter(is_kept).map(content).collect()),
        Node::Branch { level, .. } => {
            let is_leaf = *level == 1;
            let child = |(id, expect)| Step::Tree { id, expect: Box::new(expect), is_leaf };
            Ok(expect.children(node).into_iter().map(child).collect())
        }
    }
}

fn content(entry: &Entry) -> Step {
    match &entry.content {
        Content::Block(id) => Step::Block { id: *id, bytes: entry.size, is_chunk: false },
        Content::List { root, .. } => {
            Step::List { id: *root, expect: ListExpect::root(entry.size) }
        }
    }
}

fn open_list(node: ListNode, expect: &ListExpect) -> Vec<Step> {
    let children = expect.children(&node);
    match node {
        ListNode::Leaf(chunks) => {
            let block = |c: Chunk| Step::Block { id: c.id, bytes: c.bytes, is_chunk: true };
            chunks.into_iter().map(block).collect()
        }
        ListNode::Branch { .. } => {
            children.into_iter().map(|(id, expect)| Step::List { id, expect }).collect()
        }
    }
}
