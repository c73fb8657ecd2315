//! The paths behind the items of withdrawals, as far as trees that are here tell them (DRAFT-13).
//!
//! An item tells nothing by itself; a signer must see what it stands for before signing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Entry, Expect, Node, decode_node};
use yadgar_protocol::withdraw::item;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash, Path};

use super::Block;

/// What was found of some items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Paths, of the newest release that has the content.
    pub paths: BTreeMap<Hash, BTreeSet<Path>>,
    /// The blocks by which they were found: payloads of releases, and tree nodes.
    pub blocks: BTreeSet<BlockId>,
}

impl Names {
    /// The blocks, read again, as a draft carries them: ascending by id.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn blocks(&self, store: &dyn ReadBlocks) -> Result<Vec<Block>, ReadFault> {
        let mut out = Vec::new();
        for id in &self.blocks {
            if let Some(bytes) = store.block(id)? {
                out.push(Block(*id, bytes));
            }
        }
        Ok(out)
    }
}

/// Looks for `items` in `newest` and, for those not found there, in the releases before it. What is not
/// here is left out, so an item without a name is unknown and not harmless.
pub fn names(
    blocks: &dyn ReadBlocks,
    archive: &ArchiveId,
    newest: &Release,
    items: impl Iterator<Item = Hash>,
) -> Names {
    let mut search = Search { blocks, archive, missing: items.collect(), names: Names::default() };
    let mut seen = HashSet::new();
    let mut payloads = Vec::new();
    let mut release = newest.clone();
    for _ in 0..=MAX_ANCESTORS {
        let before = search.names.blocks.len();
        for part in &release.parts {
            search.part(part, &mut seen);
        }
        if search.names.blocks.len() > before {
            // Older trees are reached by way of the payloads in between.
            search.names.blocks.extend(payloads.drain(..));
        }
        let found = search.names.paths.keys();
        for item in found {
            search.missing.remove(item);
        }
        let Some(hash) = release.prev.filter(|_| !search.missing.is_empty()) else { break };
        let id = BlockId { codec: Codec::DagCbor, hash };
        let Ok(Some(payload)) = blocks.block(&id) else { break };
        let Ok(prev) = Release::decode(&payload) else { break };
        payloads.push(id);
        release = prev;
    }
    search.names
}

struct Search<'a> {
    blocks: &'a dyn ReadBlocks,
    archive: &'a ArchiveId,
    missing: BTreeSet<Hash>,
    names: Names,
}

impl Search<'_> {
    /// Visits the nodes of a part as far as they are here; those in `seen` were visited for a later release.
    fn part(&mut self, part: &Part, seen: &mut HashSet<BlockId>) {
        let mut stack = vec![(part.root, Expect::of_part(part), Vec::new())];
        while let Some((id, expect, mut above)) = stack.pop() {
            if self.missing.is_empty() || !seen.insert(id) {
                continue;
            }
            let Ok(Some(bytes)) = self.blocks.block(&id) else { continue };
            let Ok(node) = decode_node(&bytes, &expect) else { continue };
            above.push(id);
            stack.extend(expect.children(&node).into_iter().map(|(i, e)| (i, e, above.clone())));
            if let Node::Leaf(entries) = &node {
                entries.iter().for_each(|entry| self.entry(entry, &above));
            }
        }
    }

    fn entry(&mut self, entry: &Entry, nodes: &[BlockId]) {
        let item = item(self.archive, &entry.link());
        if self.missing.contains(&item) {
            self.names.paths.entry(item).or_default().insert(entry.path.clone());
            self.names.blocks.extend(nodes);
        }
    }
}
