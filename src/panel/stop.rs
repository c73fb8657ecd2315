//! Work that reads and writes ends soon after it was cancelled: what it reads or writes then refuses.

use crate::carrier::ReadAt;
use crate::store::{BlockStore, StoreError, StoreStats};
use std::io;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Hash};

/// A store that refuses once a token is cancelled.
pub struct StoppableStore {
    /// The store.
    pub store: Arc<dyn BlockStore>,
    /// The token.
    pub stop: CancellationToken,
}

impl StoppableStore {
    fn go_on(&self) -> Result<&dyn BlockStore, StoreError> {
        match self.stop.is_cancelled() {
            false => Ok(&*self.store),
            true => Err(StoreError::Io { what: "stopped".into(), source: stopped() }),
        }
    }
}

fn stopped() -> io::Error {
    io::Error::other("stopped by the user")
}

impl ReadBlocks for StoppableStore {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|e| ReadError(e.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.has(id).map_err(|e| ReadError(e.to_string()))
    }
}

impl BlockStore for StoppableStore {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.go_on()?.has(id)
    }

    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.go_on()?.get(id)
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.go_on()?.get_packed(id)
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.go_on()?.put(blocks)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats()
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        // What must go goes.
        self.store.erase(ids)
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.go_on()?.ids_after(after, most)
    }
}

/// The same for a carrier. At its length it looks empty, so that nobody tries the rest of it.
pub struct StoppableInput<T> {
    /// The carrier.
    pub input: T,
    /// The token.
    pub stop: CancellationToken,
}

impl<T: ReadAt> ReadAt for StoppableInput<T> {
    fn length(&mut self) -> io::Result<u64> {
        self.input.length()
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.stop.is_cancelled() {
            true => Ok(0),
            false => self.input.read_at(at, buffer),
        }
    }
}
