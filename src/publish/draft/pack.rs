//! The blocks that go into a draft: enough to tell what changes, and the changed records (DRAFT-7).

use super::super::notes;
use super::super::succession::is_record;
use super::review::{FileChange, Review, Side, review};
use super::{Block, MAX_DRAFT_BYTES, MAX_RECORD_BYTES, MAX_RECORDS_BYTES};
use std::cell::RefCell;
use std::collections::BTreeMap;
use yadgar_protocol::blocks::{ReadBlocks, ReadError, ReadFault};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::Content;
use yadgar_protocol::{BlockId, Codec};

/// Payloads of earlier releases that go along, so that a signer who slept can follow back.
const MAX_PAYLOADS: usize = 64;
/// Of a draft, for blocks; the rest is for trust roots, a head, the payload and signatures.
const MAX_BYTES: usize = MAX_DRAFT_BYTES - (8 << 20);

/// The blocks of a draft, and what they tell.
pub struct Packing {
    /// Ascending by id, each once.
    pub blocks: Vec<Block>,
    /// What the release changes.
    pub review: Review,
    /// False when the tree nodes were too large to go along.
    pub provable: bool,
}

/// Chooses the blocks for a release that follows `old`.
///
/// # Errors
/// When a tree node of either release is missing or damaged.
pub fn pack(
    store: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Packing, ReadFault> {
    let nodes = Nodes { store, read: RefCell::default() };
    let review = review(&nodes, old, new)?;
    // Whether there is a note of the gate, and what it says, goes along also when it did not change (NOTE-4).
    let note = notes::entry(&nodes, new)?;
    let mut blocks = nodes.read.into_inner();
    let bytes: usize = blocks.values().map(Vec::len).sum();
    let provable = bytes <= MAX_BYTES;
    if !provable {
        blocks.clear();
    }
    let mut room = MAX_RECORDS_BYTES.min(MAX_BYTES.saturating_sub(bytes));
    if let Some(Content::Block(id)) = note.map(|entry| entry.content)
        && let Some(bytes) = store.block(&id)?
    {
        room = room.saturating_sub(bytes.len());
        blocks.insert(id, bytes);
    }
    let of_record = |f: &&FileChange| f.is_record() || is_record(f.path.as_str());
    let records = review.files.iter().filter(of_record);
    for side in records.flat_map(|f| [&f.new, &f.old]).flatten() {
        add_record(store, side, &mut room, &mut blocks)?;
    }
    add_payloads(store, new, &mut room, &mut blocks)?;
    let blocks = blocks.into_iter().map(|(id, bytes)| Block(id, bytes)).collect();
    Ok(Packing { blocks, review, provable })
}

fn add_record(
    store: &dyn ReadBlocks,
    side: &Side,
    room: &mut usize,
    out: &mut BTreeMap<BlockId, Vec<u8>>,
) -> Result<(), ReadFault> {
    let Content::Block(id) = side.content else { return Ok(()) };
    if side.size > MAX_RECORD_BYTES || side.size > *room as u64 {
        return Ok(());
    }
    // An older version need not be here any more.
    if let Some(bytes) = store.block(&id)? {
        *room = room.saturating_sub(bytes.len());
        out.insert(id, bytes);
    }
    Ok(())
}

/// The payloads before this one, newest first, as far as they are here.
fn add_payloads(
    store: &dyn ReadBlocks,
    new: &Release,
    room: &mut usize,
    out: &mut BTreeMap<BlockId, Vec<u8>>,
) -> Result<(), ReadFault> {
    let mut next = new.prev;
    for _ in 0..MAX_PAYLOADS {
        let Some(hash) = next else { return Ok(()) };
        let id = BlockId { codec: Codec::DagCbor, hash };
        let Some(bytes) = store.block(&id)? else { return Ok(()) };
        if bytes.len() > *room {
            return Ok(());
        }
        *room -= bytes.len();
        next = Release::decode(&bytes).ok().and_then(|r| r.prev);
        out.insert(id, bytes);
    }
    Ok(())
}

/// Remembers what was read.
struct Nodes<'a> {
    store: &'a dyn ReadBlocks,
    read: RefCell<BTreeMap<BlockId, Vec<u8>>>,
}

impl ReadBlocks for Nodes<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.store.block(id)?;
        if let Some(bytes) = &found {
            self.read.borrow_mut().insert(*id, bytes.clone());
        }
        Ok(found)
    }
}
