//! What is read from the store for one batch of answers.

use crate::store::pack::{deflate, inflate};
use crate::store::{BlockStore, StoreError};
use std::collections::VecDeque;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::sync::bundle::{Bundle, Bundled};

/// Bytes after which a batch is sent. With one block more, and the next batch beside it, what a stream holds.
pub const BATCH_BYTES: usize = 256 * 1024;

/// A block that is to be looked up.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Its name.
    pub id: BlockId,
    /// It may come with others (SYNC-12).
    pub bundled: bool,
}

/// What there was.
#[derive(Default)]
pub struct Blocks {
    /// One by one, in the order of the questions.
    pub each: Vec<(BlockId, Option<Packed>)>,
    /// Small ones together.
    pub bundles: Vec<Bundled>,
    /// Not looked up: the batch was full.
    pub later: VecDeque<Wanted>,
}

/// Reads blocks until a batch is full. `bundle` says whether there is processor time for bundles.
///
/// # Errors
/// When the store fails.
pub fn read(
    store: &dyn BlockStore,
    mut later: VecDeque<Wanted>,
    bundle: bool,
) -> Result<Blocks, StoreError> {
    let (mut blocks, mut open, mut bytes) = (Blocks::default(), Bundle::default(), 0);
    while bytes < BATCH_BYTES
        && let Some(wanted) = later.pop_front()
    {
        let packed = store.get_packed(&wanted.id)?;
        bytes += packed.as_ref().map_or(0, |packed| packed.data.len());
        let plain = match &packed {
            Some(packed) if bundle && wanted.bundled && Bundle::takes(packed.data.len()) => {
                plain_of(packed)
            }
            _ => None,
        };
        if plain.is_some_and(|plain| add(&mut open, wanted.id, &plain, &mut blocks.bundles)) {
            continue;
        }
        blocks.each.push((wanted.id, packed));
    }
    if !open.is_empty() {
        blocks.bundles.push(open.pack(&mut deflate));
    }
    blocks.later = later;
    Ok(blocks)
}

/// The plain bytes of a block that the store has checked.
fn plain_of(packed: &Packed) -> Option<Vec<u8>> {
    match packed.encoding {
        Encoding::Plain => Some(packed.data.clone()),
        Encoding::Zstd => inflate(&packed.data, yadgar_protocol::limits::MAX_BUNDLED_BLOCK),
    }
}

/// Puts a block into the bundle that is open, or into the next one. False when it is too long for any.
fn add(open: &mut Bundle, id: BlockId, plain: &[u8], full: &mut Vec<Bundled>) -> bool {
    if open.push(id, plain) {
        return true;
    }
    if open.is_empty() || !Bundle::takes(plain.len()) {
        return false;
    }
    full.push(std::mem::take(open).pack(&mut deflate));
    open.push(id, plain)
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
