//! The blocks of a release in the order in which a plan comes to them.

use super::lab::Blocks;
use std::collections::BTreeSet;
use yadgar_protocol::BlockId;
use yadgar_protocol::chunk::{ListExpect, ListNode, decode_list};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Content, Expect, Node, decode_node};

/// A block in its place: what it is below, and its plain length.
pub struct Placed {
    pub id: BlockId,
    pub parent: Option<BlockId>,
    pub bytes: u64,
    /// Twice the number of its part, one more for what is no node of its tree.
    pub class: u8,
}

/// Part by part: the nodes of the tree, then lists and contents in order of path. Each block once.
pub fn layout(release: &Release, structure: &Blocks) -> Vec<Placed> {
    let mut out = Layout { structure, seen: BTreeSet::new(), class: 0, all: Vec::new() };
    for (part, number) in release.parts.iter().zip(0..) {
        out.class = 2 * number;
        let mut files = Vec::new();
        out.tree(part.root, None, &Expect::of_part(part), &mut files);
        out.class += 1;
        for (leaf, content, size) in files {
            match content {
                Content::Block(id) => out.put(id, Some(leaf), size),
                Content::List { root, .. } => out.list(root, leaf, &ListExpect::root(size)),
            }
        }
    }
    out.all
}

struct Layout<'a> {
    structure: &'a Blocks,
    seen: BTreeSet<BlockId>,
    class: u8,
    all: Vec<Placed>,
}

impl Layout<'_> {
    fn put(&mut self, id: BlockId, parent: Option<BlockId>, bytes: u64) {
        if self.seen.insert(id) {
            self.all.push(Placed { id, parent, bytes, class: self.class });
        }
    }

    fn tree(
        &mut self,
        id: BlockId,
        parent: Option<BlockId>,
        expect: &Expect,
        files: &mut Vec<(BlockId, Content, u64)>,
    ) {
        let plain = &self.structure[&id];
        self.put(id, parent, plain.len() as u64);
        let node = decode_node(plain, expect).unwrap();
        for (child, expect) in expect.children(&node) {
            self.tree(child, Some(id), &expect, files);
        }
        if let Node::Leaf(entries) = node {
            files.extend(entries.into_iter().map(|e| (id, e.content, e.size)));
        }
    }

    fn list(&mut self, id: BlockId, parent: BlockId, expect: &ListExpect) {
        let plain = &self.structure[&id];
        self.put(id, Some(parent), plain.len() as u64);
        let node = decode_list(plain, expect).unwrap();
        for (child, expect) in expect.children(&node) {
            self.list(child, id, &expect);
        }
        if let ListNode::Leaf(chunks) = node {
            chunks.into_iter().for_each(|c| self.put(c.id, Some(id), c.bytes));
        }
    }
}
