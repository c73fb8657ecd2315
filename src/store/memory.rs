//! Blocks in memory: for readers who keep nothing on the disk, and for tests.

use super::pack::{deflate, inflate};
use super::{BlockStore, StoreError, StoreStats, plain_len_of};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Codec, Hash};

/// A block in memory.
struct Held {
    /// By which it was put first.
    codec: Codec,
    encoding: Encoding,
    plain_len: usize,
    data: Vec<u8>,
}

#[derive(Default)]
struct State {
    blocks: BTreeMap<Hash, Held>,
    stats: StoreStats,
}

/// A [`BlockStore`] without a disk. Gone with the process.
#[derive(Default)]
pub struct MemoryStore {
    state: RwLock<State>,
    quota: Option<u64>,
}

/// What one block takes beside its bytes, about: key, lengths, a share of the map.
const OVERHEAD: u64 = 96;

impl MemoryStore {
    /// An empty store without a bound.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that refuses to grow over `bytes` ([`StoreError::Quota`]).
    pub fn with_quota(bytes: u64) -> Self {
        Self { quota: Some(bytes), ..Self::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a block; false when it was not here.
    fn forget(&self, hash: &Hash) -> bool {
        let mut state = self.write();
        let Some(held) = state.blocks.remove(hash) else { return false };
        state.stats.blocks -= 1;
        state.stats.stored_bytes -= held.data.len() as u64 + OVERHEAD;
        state.stats.plain_bytes -= held.plain_len as u64;
        true
    }

    fn load(&self, id: &BlockId) -> Option<(Packed, Vec<u8>)> {
        let packed = {
            let state = self.read();
            let held = state.blocks.get(&id.hash)?;
            Packed { id: *id, encoding: held.encoding, data: held.data.clone() }
        };
        match packed.unpack(&inflate) {
            Ok(plain) => Some((packed, plain)),
            Err(_) => {
                self.forget(&id.hash);
                None
            }
        }
    }
}

impl BlockStore for MemoryStore {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        Ok(self.read().blocks.contains_key(&id.hash))
    }

    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.load(id).map(|(_, plain)| plain))
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        Ok(self.load(id).map(|(packed, _)| packed))
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        let mut ready = BTreeMap::new();
        let mut added = StoreStats::default();
        for block in blocks {
            let plain_len = plain_len_of(block.encoding, &block.data)?;
            if self.has(&block.id)? || ready.contains_key(&block.id.hash) {
                continue;
            }
            let held = prepare(block.id.codec, block.encoding, block.data, plain_len);
            added.stored_bytes += held.data.len() as u64 + OVERHEAD;
            ready.insert(block.id.hash, held);
        }
        let mut state = self.write();
        if let Some(quota) = self.quota
            && state.stats.stored_bytes + added.stored_bytes > quota
        {
            return Err(StoreError::Quota(quota));
        }
        for (hash, held) in ready {
            let (stored, plain) = (held.data.len() as u64 + OVERHEAD, held.plain_len as u64);
            if state.blocks.contains_key(&hash) {
                continue;
            }
            state.blocks.insert(hash, held);
            state.stats.blocks += 1;
            state.stats.stored_bytes += stored;
            state.stats.plain_bytes += plain;
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        Ok(self.read().stats)
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        Ok(ids.iter().map(|id| u64::from(self.forget(&id.hash))).sum())
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.read();
        let later = state.blocks.range((from, Bound::Unbounded)).take(most.max(1));
        Ok(later.map(|(hash, held)| BlockId { codec: held.codec, hash: *hash }).collect())
    }
}

impl ReadBlocks for MemoryStore {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|error| ReadError(error.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.has(id).map_err(|error| ReadError(error.to_string()))
    }
}

/// Compresses a plain block where that pays.
fn prepare(codec: Codec, encoding: Encoding, data: Vec<u8>, plain_len: usize) -> Held {
    if encoding == Encoding::Plain
        && let Some(packed) = deflate(&data)
    {
        return Held { codec, encoding: Encoding::Zstd, plain_len, data: packed };
    }
    Held { codec, encoding, plain_len, data }
}
