//! Ordered items grouped into nodes by their content, level upon level: the shape that block lists
//! (CHUNK-4, CHUNK-5) and trees (TREE-3, TREE-4) share. Only what a boundary is, and how large a
//! node gets, differs.

use crate::cbor;
use crate::ids::BlockId;
use crate::limits::MAX_TREE_LEVEL;
use crate::reject::Reject;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// What stands in a node, at level 0 or above.
pub(crate) trait Item: Serialize {
    /// True when a node of `level` may end after this item.
    fn is_boundary(&self, level: u64) -> bool;
}

/// An item that stands for a node of `T` items one level below.
pub(crate) trait Over<T>: Item {
    /// The item for the node `id`, which holds `items` and ends with `last`.
    fn over(id: BlockId, items: &[T], last: &T) -> Self;
}

/// The numbers and clauses in which lists and trees differ.
pub(crate) struct Rules {
    /// Most items in a node.
    pub max: usize,
    /// Clause on how items are grouped.
    pub grouping: &'static str,
    /// Clause on the root and on empty nodes.
    pub root: &'static str,
}

/// A finished stack of levels.
pub(crate) struct Levels {
    /// Level of the root.
    pub level: u64,
    /// All nodes, the root first, then level by level downwards, each from left to right.
    pub nodes: Vec<(BlockId, Vec<u8>)>,
}

/// Where in its level a node stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub level: u64,
    pub is_root: bool,
    /// Rightmost of its level.
    pub is_last: bool,
}

impl Rules {
    /// True when a node of `count` items ends after `item`. Above level 0 a node has at least two
    /// items, so that every level is at most half as long as the one below.
    fn ends<T: Item>(&self, level: u64, count: usize, item: &T) -> bool {
        let min = if level == 0 { 1 } else { 2 };
        count >= min && (count == self.max || item.is_boundary(level))
    }

    /// Splits the items of one level into those of its nodes.
    fn split<'a, T: Item>(&self, level: u64, items: &'a [T]) -> Vec<&'a [T]> {
        let (mut nodes, mut start) = (Vec::new(), 0);
        for (at, item) in items.iter().enumerate() {
            let end = at + 1;
            if end == items.len() || self.ends(level, end - start, item) {
                nodes.push(&items[start..end]);
                start = end;
            }
        }
        nodes
    }

    /// Encodes the nodes of one level, and gives the items of the next.
    fn one_level<T: Item, B: Over<T>>(
        &self,
        level: u64,
        items: &[T],
    ) -> (Vec<(BlockId, Vec<u8>)>, Vec<B>) {
        let (mut nodes, mut above) = (Vec::new(), Vec::new());
        for node in self.split(level, items) {
            let [.., last] = node else { continue };
            let bytes = cbor::encode(&(level, node));
            let id = BlockId::dag_cbor(&bytes);
            above.push(B::over(id, node, last));
            nodes.push((id, bytes));
        }
        (nodes, above)
    }

    /// Builds all levels over `leaves`. Without leaves there is one empty node.
    pub(crate) fn build<L: Item, B: Over<L> + Over<B>>(&self, leaves: &[L]) -> Levels {
        let (nodes, mut above) = self.one_level::<L, B>(0, leaves);
        let mut levels = vec![nodes];
        while above.len() > 1 {
            let (nodes, next) = self.one_level::<B, B>(levels.len() as u64, &above);
            levels.push(nodes);
            above = next;
        }
        let level = levels.len() as u64 - 1;
        let mut nodes: Vec<_> = levels.into_iter().rev().flatten().collect();
        if nodes.is_empty() {
            let bytes = cbor::encode(&(level, leaves));
            nodes.push((BlockId::dag_cbor(&bytes), bytes));
        }
        Levels { level, nodes }
    }

    /// Checks that `items` are a node as `build` makes it in that place.
    pub(crate) fn check<T: Item>(&self, items: &[T], place: Place) -> Result<(), Reject> {
        let Place { level, is_root, is_last } = place;
        if items.len() > self.max {
            return Err(Reject::new(self.grouping, "too many items in a node"));
        }
        let Some((end, inner)) = items.split_last() else {
            return Err(Reject::new(self.root, "an empty node"));
        };
        if is_root && level > 0 && inner.is_empty() {
            return Err(Reject::new(self.root, "a root above level 0 with a single item"));
        }
        if inner.iter().enumerate().any(|(at, item)| self.ends(level, at + 1, item)) {
            return Err(Reject::new(self.grouping, "a boundary inside a node"));
        }
        if !is_last && !is_root && !self.ends(level, items.len(), end) {
            return Err(Reject::new(self.grouping, "a node that ends without a boundary"));
        }
        Ok(())
    }
}

/// Checks the level of a node against what its parent says (`None` for a root, of any level).
pub(crate) fn check_level(
    level: u64,
    expected: Option<u64>,
    clause: &'static str,
) -> Result<(), Reject> {
    if level > MAX_TREE_LEVEL || expected.is_some_and(|e| e != level) {
        return Err(Reject::new(clause, "a node of the wrong level"));
    }
    Ok(())
}

/// `[level, items]` as it is encoded: the level says what the items are.
pub(crate) enum RawNode<L, B> {
    Leaf(Vec<L>),
    Branch(u64, Vec<B>),
}

impl<L: Serialize, B: Serialize> Serialize for RawNode<L, B> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leaf(items) => (0u64, items).serialize(s),
            Self::Branch(level, items) => (level, items).serialize(s),
        }
    }
}

impl<'de, L: Deserialize<'de>, B: Deserialize<'de>> Deserialize<'de> for RawNode<L, B> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_tuple(2, NodeVisitor(PhantomData))
    }
}

struct NodeVisitor<L, B>(PhantomData<(L, B)>);

impl<'de, L: Deserialize<'de>, B: Deserialize<'de>> Visitor<'de> for NodeVisitor<L, B> {
    type Value = RawNode<L, B>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let node = match seq.next_element::<u64>()? {
            None => None,
            Some(0) => seq.next_element()?.map(RawNode::Leaf),
            Some(level) => seq.next_element()?.map(|items| RawNode::Branch(level, items)),
        };
        node.ok_or_else(|| A::Error::custom("a node has a level and items"))
    }
}
