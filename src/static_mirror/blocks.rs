//! Where the blocks come from: the store, and what it lacks from the packs of the folder.

use super::MirrorError;
use super::folder::Folder;
use super::known::Pack;
use crate::store::BlockStore;
use crate::store::pack::{deflate, inflate, plain_len};
use std::collections::HashMap;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::pack::Named;

/// Every block that is at hand. All that it gives was hashed.
pub struct Blocks<'a> {
    store: &'a dyn BlockStore,
    folder: &'a Folder,
    packs: &'a [Pack],
    /// The payload of the release: it is in the head.
    payload: (BlockId, &'a [u8]),
    /// Pack, and member in it.
    places: HashMap<BlockId, (u32, u32)>,
}

impl<'a> Blocks<'a> {
    pub fn new(
        store: &'a dyn BlockStore,
        folder: &'a Folder,
        packs: &'a [Pack],
        payload: (BlockId, &'a [u8]),
    ) -> Self {
        let mut places = HashMap::new();
        // Neither number comes near 2^32: STATIC-3 to STATIC-5.
        for (pack, n) in packs.iter().zip(0u32..) {
            for (member, m) in pack.index.members.iter().zip(0u32..) {
                places.extend(member.blocks.iter().map(|(id, _)| (*id, (n, m))));
            }
        }
        Self { store, folder, packs, payload, places }
    }

    /// The plain bytes of a block.
    pub fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, MirrorError> {
        if *id == self.payload.0 {
            return Ok(Some(self.payload.1.to_vec()));
        }
        let found = self.store.get(id)?;
        Ok(found.or_else(|| self.in_folder(id)))
    }

    /// A block as it is stored alone, and its plain length.
    pub fn packed(&self, id: &BlockId) -> Result<Option<(Packed, u64)>, MirrorError> {
        if let Some(packed) = self.store.get_packed(id)? {
            let plain = match packed.encoding {
                Encoding::Plain => Some(packed.data.len()),
                Encoding::Zstd => plain_len(&packed.data, MAX_BLOCK_BYTES),
            };
            // By whichever codec it is kept.
            return Ok(plain.map(|plain| (Packed { id: *id, ..packed }, plain as u64)));
        }
        let Some(plain) = self.get(id)? else { return Ok(None) };
        let length = plain.len() as u64;
        let packed = match deflate(&plain) {
            Some(data) => Packed { id: *id, encoding: Encoding::Zstd, data },
            None => Packed { id: *id, encoding: Encoding::Plain, data: plain },
        };
        Ok(Some((packed, length)))
    }

    fn in_folder(&self, id: &BlockId) -> Option<Vec<u8>> {
        let (pack, member) = *self.places.get(id)?;
        let pack = self.packs.get(pack as usize)?;
        let (before, rest) = pack.index.members.split_at_checked(member as usize)?;
        let member = rest.first()?;
        let from = before.iter().map(|member| member.stored).sum();
        let length = usize::try_from(member.stored).ok()?;
        let stored = self.folder.piece(&Named::Pack(pack.entry.pack.hash), from, length)?;
        let opened = member.open(&stored, &inflate).ok()?;
        opened.iter().find(|block| block.id == *id)?.unpack(&inflate).ok()
    }
}
