//! What is read from the store for one batch of answers.

use crate::store::pack::{deflate_together, inflate};
use crate::store::{BlockStore, StoreError};
use std::collections::VecDeque;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::sync::bundle::{Bundle, Bundled};

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

impl Blocks {
    /// Bytes of all that was read, as it is sent.
    pub fn bytes(&self) -> usize {
        let each = self.each.iter().filter_map(|(_, block)| block.as_ref());
        let each: usize = each.map(|packed| packed.data.len()).sum();
        let bundle = |bundled: &Bundled| match bundled {
            Bundled::Together { frame, .. } => frame.len(),
            Bundled::Alone(blocks) => blocks.iter().map(|packed| packed.data.len()).sum(),
        };
        each + self.bundles.iter().map(bundle).sum::<usize>()
    }
}

/// Reads blocks until a batch has `most` bytes, with one block more; those of bundles count as they are before
/// they are compressed. `bundle` says whether there is processor time for bundles.
///
/// # Errors
/// When the store fails.
pub fn read(
    store: &dyn BlockStore,
    mut later: VecDeque<Wanted>,
    most: usize,
    bundle: bool,
) -> Result<Blocks, StoreError> {
    let (mut blocks, mut open, mut bytes) = (Blocks::default(), Open::default(), 0);
    while bytes < most
        && let Some(wanted) = later.pop_front()
    {
        let packed = store.get_packed(&wanted.id)?;
        let plain = match &packed {
            Some(packed) if bundle && wanted.bundled && Bundle::takes(packed.data.len()) => {
                plain_of(packed)
            }
            _ => None,
        };
        let length =
            plain.as_ref().or(packed.as_ref().map(|packed| &packed.data)).map_or(0, Vec::len);
        bytes += length;
        match (packed, plain) {
            (Some(packed), Some(plain)) => open.add(packed, &plain, &mut blocks),
            (packed, _) => blocks.each.push((wanted.id, packed)),
        }
    }
    open.close(&mut blocks);
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

/// The bundle that is being filled, and its blocks as the store keeps them.
#[derive(Default)]
struct Open {
    bundle: Bundle,
    kept: Vec<Packed>,
}

impl Open {
    /// Puts a block into the bundle, or into the next one.
    fn add(&mut self, packed: Packed, plain: &[u8], blocks: &mut Blocks) {
        if !self.bundle.push(packed.id, plain) {
            self.close(blocks);
            if !self.bundle.push(packed.id, plain) {
                return blocks.each.push((packed.id, Some(packed)));
            }
        }
        self.kept.push(packed);
    }

    /// Ends the bundle. Where its blocks gain nothing by company they go as they are kept.
    fn close(&mut self, blocks: &mut Blocks) {
        let Self { bundle, kept } = std::mem::take(self);
        if bundle.is_empty() {
            return;
        }
        let alone: usize = kept.iter().map(|packed| packed.data.len()).sum();
        match bundle.pack(&mut deflate_together) {
            Bundled::Together { ids, frame } if frame.len() < alone => {
                blocks.bundles.push(Bundled::Together { ids, frame });
            }
            _ => blocks.bundles.push(Bundled::Alone(kept)),
        }
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
