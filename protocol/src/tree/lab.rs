//! Trees for the tests.

use super::{BuiltTree, Content, Entry, build};
use crate::blocks::{ReadBlocks, ReadError};
use crate::ids::{BlockId, Hash};
use crate::path::Path;
use crate::release::Part;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Path to a number that stands for the content.
pub type Files = BTreeMap<String, u64>;
pub type Blocks = BTreeMap<BlockId, Vec<u8>>;

pub fn path(text: &str) -> Path {
    Path::new(text).unwrap()
}

pub fn entry(text: &str, content: u64) -> Entry {
    let bytes = content.to_le_bytes();
    let content = match content % 5 {
        0 => Content::List { root: BlockId::dag_cbor(&bytes), hash: Hash::of(&bytes) },
        _ => Content::Block(BlockId::raw(&bytes)),
    };
    let size = if matches!(content, Content::List { .. }) { 70_000 } else { 8 };
    Entry::new(path(text), size, content)
}

pub fn entries(files: &Files) -> Vec<Entry> {
    files.iter().map(|(path, content)| entry(path, *content)).collect()
}

pub fn part(tree: &BuiltTree) -> Part {
    Part { name: "core".into(), root: tree.root, bytes: tree.bytes, files: tree.files }
}

pub fn built(files: &Files) -> (Part, Blocks) {
    let tree = build(&entries(files)).unwrap();
    (part(&tree), tree.nodes.into_iter().collect())
}

/// `count` files of a website and records.
pub fn site(count: u64) -> Files {
    let name = |n: u64| match n % 3 {
        0 => format!("records/r{n:05}.json"),
        1 => format!("fa/people/p{n:05}.html"),
        _ => format!("media/{}/m{n:05}.jpg", n % 7),
    };
    (0..count).map(|n| (name(n), n)).collect()
}

/// Any set of files, in folders that share prefixes.
pub fn any_files(max: usize) -> impl Strategy<Value = Files> {
    prop::collection::btree_map("[a-d]{1,2}/q[a-f0-9]{1,3}(\\.html|\\.jpg|)", 0u64..9, 0..max)
}

/// Remembers which blocks were read.
pub struct Counting<'a> {
    pub blocks: &'a Blocks,
    pub read: RefCell<Vec<BlockId>>,
}

impl<'a> Counting<'a> {
    pub fn new(blocks: &'a Blocks) -> Self {
        Self { blocks, read: RefCell::default() }
    }

    pub fn count(&self) -> usize {
        self.read.borrow().len()
    }

    pub fn distinct(&self) -> BTreeSet<BlockId> {
        self.read.borrow().iter().copied().collect()
    }
}

impl ReadBlocks for Counting<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.read.borrow_mut().push(*id);
        self.blocks.block(id)
    }
}
