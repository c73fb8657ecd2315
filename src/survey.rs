//! Walks the parts of a release over blocks of which some may be missing, and goes on after a gap, so that
//! everything that is wrong is named at once: in a carrier file, or in a store ([`survey()`]).

use std::collections::HashMap;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::chunk::{ListExpect, ListNode, decode_list};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Content, Entry, Expect, Node, decode_node};
use yadgar_protocol::withdraw::Denied;

/// Faults that are named one by one; the rest is only counted.
const MAX_FAULTS: usize = 100;

/// Gives the blocks on the way of a walk, and hears of each.
pub(crate) trait Visit {
    /// Why the walk breaks off.
    type Error;
    /// The bytes of a tree node, `None` when it is missing.
    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, Self::Error>;
    /// The bytes of a block list node. May be asked for more than once.
    fn list(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, Self::Error> {
        self.node(id)
    }
    /// The length of a block of content, which should be `bytes`; `None` when it is missing. Asked
    /// once for each block.
    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, Self::Error>;
    /// What follows, up to the matching [`Visit::leave`], stands below the node that was given last.
    fn enter(&mut self) {}
    /// The end of what [`Visit::enter`] began.
    fn leave(&mut self) {}
}

/// Something of a release that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The part.
    pub part: String,
    /// The file, or the range of files when their tree node cannot be read.
    pub path: String,
    /// Why, for people.
    pub why: String,
}

/// What a walk over a part found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct PartFound {
    /// Name of the part.
    pub name: String,
    /// Files of the part, as the release says.
    pub files: u64,
    /// Files of which every block is there.
    pub whole_files: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes of the whole files.
    pub whole_bytes: u64,
    /// Files that were withdrawn: the part is whole without them (WD-7).
    pub withdrawn: u64,
    /// Blocks known to be missing, each once in a walk. What only a missing block names is not in it.
    pub missing_blocks: u64,
}

impl PartFound {
    /// True when nothing is missing.
    pub fn is_whole(&self) -> bool {
        self.files == self.whole_files + self.withdrawn && self.missing_blocks == 0
    }
}

/// A list node in its place: the same bytes are checked against other promises elsewhere.
type ListKey = (BlockId, Option<u64>, u64, Option<u64>, bool, bool);

/// A walk over the parts of a release.
pub(crate) struct Walk<'a, V> {
    visit: &'a mut V,
    /// Files that are left out.
    denied: Option<&'a Denied>,
    /// Blocks of content asked for so far with their lengths, and any missing block.
    seen: HashMap<BlockId, Option<u64>>,
    /// Lists done, and whether they are whole. A few nodes can name each other so often that
    /// walking each mention would never end.
    lists: HashMap<ListKey, bool>,
    /// The part that is walked.
    found: PartFound,
    /// First reason why the file that is looked at is not whole.
    why: Option<String>,
    /// Up to 100 files that are not whole, and why.
    pub faults: Vec<Fault>,
}

impl<'a, V: Visit> Walk<'a, V> {
    pub fn new(visit: &'a mut V) -> Self {
        Self {
            visit,
            denied: None,
            seen: HashMap::new(),
            lists: HashMap::new(),
            found: PartFound::default(),
            why: None,
            faults: Vec::new(),
        }
    }

    /// The same walk without what is denied (WD-7).
    pub fn without(mut self, denied: Option<&'a Denied>) -> Self {
        self.denied = denied;
        self
    }

    /// Visits the tree nodes of a part, each before those below it, and with `files` also the
    /// blocks of each file when its entry comes.
    pub fn part(&mut self, part: &Part, files: bool) -> Result<PartFound, V::Error> {
        self.found = PartFound {
            name: part.name.clone(),
            files: part.files,
            bytes: part.bytes,
            ..PartFound::default()
        };
        // `None` stands for the end of what is below a node.
        let mut stack = vec![Some((part.root, Expect::of_part(part)))];
        while let Some(next) = stack.pop() {
            let Some((id, expect)) = next else {
                self.visit.leave();
                continue;
            };
            match self.node(&id, &expect)? {
                Some(Node::Leaf(entries)) if files => {
                    self.visit.enter();
                    entries.iter().try_for_each(|entry| self.file(entry))?;
                    self.visit.leave();
                }
                Some(node) => {
                    self.visit.enter();
                    stack.push(None);
                    stack.extend(expect.children(&node).into_iter().rev().map(Some));
                }
                None => {
                    let why = self.why.take().unwrap_or_default();
                    self.fault(range_of(&expect), why);
                }
            }
        }
        Ok(std::mem::take(&mut self.found))
    }

    fn node(&mut self, id: &BlockId, expect: &Expect) -> Result<Option<Node>, V::Error> {
        let Some(bytes) = self.visit.node(id)? else {
            self.missing(id, "tree node");
            return Ok(None);
        };
        let node = decode_node(&bytes, expect);
        Ok(node.map_err(|reject| self.why = Some(format!("tree node {id}: {reject}"))).ok())
    }

    fn file(&mut self, entry: &Entry) -> Result<(), V::Error> {
        if self.denied.is_some_and(|denied| denied.covers(&entry.link()).is_some()) {
            self.found.withdrawn += 1;
            return Ok(());
        }
        let whole = match &entry.content {
            Content::Block(id) => self.content(id, entry.size)?,
            Content::List { root, .. } => self.list(root, &ListExpect::root(entry.size))?,
        };
        let why = self.why.take();
        if whole {
            self.found.whole_files += 1;
            self.found.whole_bytes += entry.size;
        } else {
            let why = why.unwrap_or_else(|| "a block is missing, as in a file before".into());
            self.fault(entry.path.to_string(), why);
        }
        Ok(())
    }

    /// True when the block is there and as long as it should be.
    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<bool, V::Error> {
        let length = match self.seen.get(id) {
            Some(length) => *length,
            None => {
                let length = self.visit.content(id, bytes)?;
                match length {
                    Some(_) => drop(self.seen.insert(*id, length)),
                    None => self.missing(id, "block"),
                }
                length
            }
        };
        if length.is_some_and(|length| length != bytes) {
            self.note(format!("block {id} has another length than the release says"));
        } else if length.is_none() {
            self.note(format!("block {id} is missing"));
        }
        Ok(length == Some(bytes))
    }

    /// True when everything below is there. Goes on after a gap, so that every block is visited.
    /// Recursion is bounded, because levels go down one by one from `MAX_TREE_LEVEL` at most.
    fn list(&mut self, id: &BlockId, expect: &ListExpect) -> Result<bool, V::Error> {
        let ListExpect { level, bytes, blocks, is_root, is_last } = *expect;
        let key = (*id, level, bytes, blocks, is_root, is_last);
        if let Some(whole) = self.lists.get(&key) {
            return Ok(*whole);
        }
        let mut whole = true;
        let node = self.list_node(id, expect)?;
        let found = node.is_some();
        if found {
            self.visit.enter();
        }
        match node {
            None => whole = false,
            Some(ListNode::Leaf(chunks)) => {
                for chunk in chunks {
                    whole &= self.content(&chunk.id, chunk.bytes)?;
                }
            }
            Some(node) => {
                for (child, expect) in expect.children(&node) {
                    whole &= self.list(&child, &expect)?;
                }
            }
        }
        if found {
            self.visit.leave();
        }
        self.lists.insert(key, whole);
        Ok(whole)
    }

    fn list_node(
        &mut self,
        id: &BlockId,
        expect: &ListExpect,
    ) -> Result<Option<ListNode>, V::Error> {
        let Some(bytes) = self.visit.list(id)? else {
            self.missing(id, "block list node");
            return Ok(None);
        };
        let node = decode_list(&bytes, expect);
        Ok(node.map_err(|reject| self.note(format!("block list node {id}: {reject}"))).ok())
    }

    fn missing(&mut self, id: &BlockId, what: &str) {
        if self.seen.insert(*id, None).is_none() {
            self.found.missing_blocks += 1;
        }
        self.note(format!("{what} {id} is missing"));
    }

    fn note(&mut self, why: String) {
        self.why.get_or_insert(why);
    }

    fn fault(&mut self, path: String, why: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { part: self.found.name.clone(), path, why });
        }
    }
}

pub(crate) fn range_of(expect: &Expect) -> String {
    match (&expect.after, &expect.last) {
        (None, None) => "all files".into(),
        (None, Some(last)) => format!("files up to {last}"),
        (Some(after), None) => format!("files after {after}"),
        (Some(after), Some(last)) => format!("files after {after} up to {last}"),
    }
}

/// What of a release is in a store.
#[derive(Debug, Default, serde::Serialize)]
pub struct Survey {
    /// Blocks that were read and checked.
    pub blocks: u64,
    /// Each part that was walked.
    pub parts: Vec<PartFound>,
    /// Up to 100 files that are not whole, and why.
    pub faults: Vec<Fault>,
}

impl Survey {
    /// True when nothing is missing.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.parts.iter().all(PartFound::is_whole)
    }
}

/// Reads and checks every block of the parts called `parts` (all without) of a release, without the files
/// that are denied.
/// `progress` hears of the bytes of each block of content.
///
/// # Errors
/// When the store fails as such.
pub fn survey(
    blocks: &dyn ReadBlocks,
    release: &Release,
    parts: Option<&[String]>,
    denied: &Denied,
    progress: &mut dyn FnMut(u64),
) -> Result<Survey, ReadError> {
    let mut look = Look { blocks, read: 0, progress };
    let mut walk = Walk::new(&mut look).without(Some(denied));
    let wanted = |p: &&Part| parts.is_none_or(|names| names.contains(&p.name));
    let wanted = release.parts.iter().filter(wanted);
    let parts = wanted.map(|part| walk.part(part, true)).collect::<Result<_, _>>()?;
    let faults = walk.faults;
    Ok(Survey { blocks: look.read, parts, faults })
}

/// Reads from a store, which checks every block that it gives.
struct Look<'a> {
    blocks: &'a dyn ReadBlocks,
    read: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl Look<'_> {
    fn read(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.blocks.block(id)?;
        self.read += u64::from(found.is_some());
        Ok(found)
    }
}

impl Visit for Look<'_> {
    type Error = ReadError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.read(id)
    }

    fn list(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.read(id)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ReadError> {
        let found = self.read(id)?;
        (self.progress)(bytes);
        Ok(found.map(|data| data.len() as u64))
    }
}
