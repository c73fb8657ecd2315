//! A node of a tree, and everything that is checked when one arrives (TREE-1 to TREE-8).

use super::entry::Entry;
use crate::cbor;
use crate::chunk::levels::{Item, Over, Place, RawNode, Rules, check_level};
use crate::ids::{BlockId, Codec, Hash};
use crate::limits::{MAX_BLOCK_BYTES, MAX_NODE_ENTRIES, TREE_BOUNDARY};
use crate::path::Path;
use crate::reject::Reject;
use crate::release::Part;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) const RULES: Rules = Rules { max: MAX_NODE_ENTRIES, grouping: "TREE-3", root: "TREE-4" };

/// A node one level below: `[path, link, files, bytes]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The last path below.
    pub last: Path,
    /// The node, codec dag-cbor.
    pub id: BlockId,
    /// Number of files below.
    pub files: u64,
    /// Sum of their sizes.
    pub bytes: u64,
}

impl Serialize for Child {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (&self.last, self.id, self.files, self.bytes).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Child {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (last, id, files, bytes) = Deserialize::deserialize(d)?;
        Ok(Self { last, id, files, bytes })
    }
}

/// TREE-2. Only the path counts, so a file that changes leaves all boundaries where they are.
pub(super) fn is_boundary(level: u64, path: &Path) -> bool {
    // Levels end at 12, so that one byte holds them.
    let input = [&[level as u8], path.as_str().as_bytes()].concat();
    let [a, b, c, d, ..] = Hash::of(&input).0;
    u32::from_le_bytes([a, b, c, d]).is_multiple_of(TREE_BOUNDARY)
}

impl Item for Entry {
    fn is_boundary(&self, level: u64) -> bool {
        is_boundary(level, &self.path)
    }
}

impl Item for Child {
    fn is_boundary(&self, level: u64) -> bool {
        is_boundary(level, &self.last)
    }
}

impl Over<Entry> for Child {
    fn over(id: BlockId, items: &[Entry], last: &Entry) -> Self {
        let bytes = items.iter().map(|e| e.size).sum();
        Self { last: last.path.clone(), id, files: items.len() as u64, bytes }
    }
}

impl Over<Self> for Child {
    fn over(id: BlockId, items: &[Self], last: &Self) -> Self {
        let files = items.iter().map(|c| c.files).sum();
        let bytes = items.iter().map(|c| c.bytes).sum();
        Self { last: last.last.clone(), id, files, bytes }
    }
}

/// A node of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Level 0: files.
    Leaf(Vec<Entry>),
    /// Nodes of the level below.
    Branch {
        /// 1 to `MAX_TREE_LEVEL`.
        level: u64,
        /// From left to right.
        children: Vec<Child>,
    },
}

/// What is known of a node before it is read: the promise of its parent or of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// `None` for a root, whose level only it says.
    pub level: Option<u64>,
    /// Every path is greater than this; `None` at the left edge of the tree.
    pub after: Option<Path>,
    /// The last path; `None` for a root.
    pub last: Option<Path>,
    /// Number of files below.
    pub files: u64,
    /// Sum of their sizes.
    pub bytes: u64,
    /// True for the root.
    pub is_root: bool,
    /// True for the rightmost node of its level, which need not end with a boundary.
    pub is_last: bool,
}

impl Expect {
    /// For the root of a tree of so many files and bytes.
    pub fn root(files: u64, bytes: u64) -> Self {
        let (level, after, last) = (None, None, None);
        Self { level, after, last, files, bytes, is_root: true, is_last: true }
    }

    /// For the root of a part's tree.
    pub fn of_part(part: &Part) -> Self {
        Self::root(part.files, part.bytes)
    }

    /// For the children of `node`, which was decoded with `self`; none for a leaf.
    pub fn children(&self, node: &Node) -> Vec<(BlockId, Self)> {
        let Node::Branch { level, children } = node else { return Vec::new() };
        (0..children.len()).filter_map(|at| self.child(*level, children, at)).collect()
    }

    /// For the child in whose range `path` is; beyond the last path that is the last child.
    /// `None` for a leaf.
    pub(super) fn child_for(&self, node: &Node, path: &Path) -> Option<(BlockId, Self)> {
        let Node::Branch { level, children } = node else { return None };
        let at = children.partition_point(|c| c.last < *path);
        self.child(*level, children, at.min(children.len().checked_sub(1)?))
    }

    fn child(&self, level: u64, children: &[Child], at: usize) -> Option<(BlockId, Self)> {
        let child = children.get(at)?;
        let before = at.checked_sub(1).and_then(|left| children.get(left));
        let expect = Self {
            level: Some(level - 1),
            after: before.map_or_else(|| self.after.clone(), |left| Some(left.last.clone())),
            last: Some(child.last.clone()),
            files: child.files,
            bytes: child.bytes,
            is_root: false,
            is_last: self.is_last && at + 1 == children.len(),
        };
        Some((child.id, expect))
    }
}

/// Decodes a node and checks it against what is known of it (TREE-8).
///
/// # Errors
/// Encoding clauses; `TREE-1`, `TREE-3` to `TREE-8` and `CHUNK-1`.
pub fn decode_node(bytes: &[u8], expect: &Expect) -> Result<Node, Reject> {
    let raw: RawNode<Entry, Child> = cbor::decode(bytes, MAX_BLOCK_BYTES)?;
    match raw {
        RawNode::Leaf(entries) => {
            check_level(0, expect.level, "TREE-8")?;
            // TREE-4: a part without files is the one case of an empty node.
            if !entries.is_empty() || !expect.is_root {
                RULES.check(&entries, place(0, expect))?;
            }
            check_order(expect, entries.iter().map(|e| &e.path))?;
            entries.iter().try_for_each(Entry::check)?;
            check_totals(expect, entries.iter().map(|e| (1, e.size)))?;
            Ok(Node::Leaf(entries))
        }
        RawNode::Branch(level, children) => {
            check_level(level, expect.level, "TREE-8")?;
            RULES.check(&children, place(level, expect))?;
            check_order(expect, children.iter().map(|c| &c.last))?;
            children.iter().try_for_each(check_child)?;
            check_totals(expect, children.iter().map(|c| (c.files, c.bytes)))?;
            Ok(Node::Branch { level, children })
        }
    }
}

fn place(level: u64, expect: &Expect) -> Place {
    Place { level, is_root: expect.is_root, is_last: expect.is_last }
}

/// Paths ascend, begin behind `after` and end with `last`.
fn check_order<'a>(
    expect: &'a Expect,
    paths: impl Iterator<Item = &'a Path> + Clone,
) -> Result<(), Reject> {
    let with_after = expect.after.iter().chain(paths.clone());
    if !with_after.is_sorted_by(|a, b| a < b) {
        return Err(Reject::new("TREE-1", "paths out of order, or one twice"));
    }
    if expect.last.is_some() && paths.last() != expect.last.as_ref() {
        return Err(Reject::new("TREE-8", "a node that ends with another path"));
    }
    Ok(())
}

fn check_child(child: &Child) -> Result<(), Reject> {
    if child.id.codec != Codec::DagCbor {
        return Err(Reject::new("TREE-4", "a tree node is a block of structure"));
    }
    if child.files == 0 {
        return Err(Reject::new("TREE-4", "a child without files"));
    }
    Ok(())
}

fn check_totals(
    expect: &Expect,
    mut items: impl Iterator<Item = (u64, u64)>,
) -> Result<(), Reject> {
    let sum = items.try_fold((0u64, 0u64), |(files, bytes), item| {
        Some((files.checked_add(item.0)?, bytes.checked_add(item.1)?))
    });
    if sum != Some((expect.files, expect.bytes)) {
        return Err(Reject::new("TREE-5", "totals of a tree node that do not add up"));
    }
    Ok(())
}
