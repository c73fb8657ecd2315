//! The releases before the newest one, as far as their payloads are here, and what is held of each.

use std::collections::HashMap;
use std::ops::ControlFlow;
use yadgar_protocol::blocks::{ReadBlocks, ReadError, ReadFault};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Content, Entry, Expect, Node, decode_node};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{BlockId, Codec, Hash, Reject, chunk};

/// A release of the chain.
#[derive(Debug, Clone)]
pub struct Link {
    /// Hash of its payload.
    pub hash: Hash,
    /// What it says. Its own signatures are not needed: the newest one's signers commit to it.
    pub release: Release,
}

/// The chain from the newest release back.
#[derive(Debug)]
pub struct Chain {
    /// The newest first, each one sequence lower than the one before.
    pub links: Vec<Link>,
    /// The payload at which it ends here; `None` when it goes back to the first release.
    pub missing: Option<BlockId>,
}

impl Chain {
    /// The release of this number.
    pub fn get(&self, sequence: u64) -> Option<&Link> {
        self.links.iter().find(|link| link.release.sequence == sequence)
    }
}

/// Follows the hashes from `head` back through the payloads that are here (TRUST-15).
///
/// # Errors
/// When the store fails, or a payload is not the release that the later one says.
pub fn chain(blocks: &dyn ReadBlocks, head: &Accepted) -> Result<Chain, ReadFault> {
    let mut links = vec![Link { hash: head.release_hash(), release: head.release.clone() }];
    while let Some(last) = links.last()
        && let Some(prev) = last.release.prev
    {
        let id = BlockId { codec: Codec::DagCbor, hash: prev };
        let Some(payload) = blocks.block(&id)? else {
            return Ok(Chain { links, missing: Some(id) });
        };
        let release = Release::decode(&payload)?;
        let next = release.sequence.checked_add(1) == Some(last.release.sequence);
        if !next || release.archive != last.release.archive {
            return Err(Reject::new("TRUST-15", "an ancestor out of sequence").into());
        }
        links.push(Link { hash: prev, release });
    }
    Ok(Chain { links, missing: None })
}

/// Says which parts are here whole. Subtrees that releases share are looked at once.
pub struct Holdings<'a> {
    blocks: &'a dyn ReadBlocks,
    denied: &'a Denied,
    /// What is below a node depends on its bytes only, so an answer holds wherever it stands.
    nodes: HashMap<BlockId, bool>,
}

impl<'a> Holdings<'a> {
    /// Over the blocks of a store; what is `denied` need not be here (WD-7).
    pub fn new(blocks: &'a dyn ReadBlocks, denied: &'a Denied) -> Self {
        Self { blocks, denied, nodes: HashMap::new() }
    }

    /// True when every block of the part is here that was not withdrawn. Content is not read again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_whole(&mut self, part: &Part) -> Result<bool, ReadError> {
        self.node(&part.root, &Expect::of_part(part))
    }

    /// Recursion is bounded, because levels go down one by one from `MAX_TREE_LEVEL` at most.
    fn node(&mut self, id: &BlockId, expect: &Expect) -> Result<bool, ReadError> {
        if let Some(known) = self.nodes.get(id) {
            return Ok(*known);
        }
        let node = self.blocks.block(id)?.and_then(|bytes| decode_node(&bytes, expect).ok());
        let whole = match &node {
            None => false,
            Some(Node::Leaf(entries)) => all(entries.iter(), |entry| self.file(entry))?,
            Some(node) => {
                let children = expect.children(node);
                all(children.iter(), |(id, expect)| self.node(id, expect))?
            }
        };
        self.nodes.insert(*id, whole);
        Ok(whole)
    }

    fn file(&self, entry: &Entry) -> Result<bool, ReadError> {
        if self.denied.covers(&entry.link()).is_some() {
            return Ok(true);
        }
        let root = match entry.content {
            Content::Block(id) => return self.blocks.has_block(&id),
            Content::List { root, .. } => root,
        };
        let mut whole = Ok(true);
        let read = chunk::read_list(self.blocks, &root, entry.size, &mut |chunk| {
            whole = self.blocks.has_block(&chunk.id);
            matches!(whole, Ok(true))
        });
        match read {
            Err(ReadFault::Source(error)) => Err(error),
            Err(_) => Ok(false),
            Ok(()) => whole,
        }
    }
}

/// True when it is for all; stops at the first that it is not.
fn all<T>(
    mut items: impl Iterator<Item = T>,
    mut check: impl FnMut(T) -> Result<bool, ReadError>,
) -> Result<bool, ReadError> {
    let end = items.try_for_each(|item| match check(item) {
        Ok(true) => ControlFlow::Continue(()),
        other => ControlFlow::Break(other),
    });
    match end {
        ControlFlow::Continue(()) => Ok(true),
        ControlFlow::Break(end) => end,
    }
}
