//! Memory of answers: how much of what is sent lies in memory at once, over all streams.
//!
//! Each stream may have a small batch under way, whatever the others do; so a peer that takes nothing costs
//! the others nothing. What goes beyond, longer batches and the next one looked up while one is sent, comes out of
//! one pool, and is not done when that is empty. Nobody ever waits for memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use yadgar_protocol::limits::MAX_BLOCK_BYTES;

const KIB: usize = 1024;
/// Bytes of blocks after which a batch is sent; with one block more it is the longest there is.
const BATCH_BYTES: usize = 256 * KIB;
/// The same when there is no memory for that.
const SMALL_BATCH_BYTES: usize = 64 * KIB;
/// What a stream has for its answers for sure.
pub const BY_RIGHT_BYTES: usize = SMALL_BATCH_BYTES + MAX_BLOCK_BYTES;
/// What all streams together have for them beyond that.
pub const POOL_BYTES: usize = 8 * KIB * KIB;
/// What was handed over on one stream and did not go out yet: eleven frames of yamux.
pub const HANDED_OVER_BYTES: usize = 11 * 16 * KIB;

/// Memory of the answers of one server.
#[derive(Debug)]
pub struct Memory {
    pool: Arc<Semaphore>,
    count: Arc<Count>,
}

#[derive(Debug, Default)]
struct Count {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Default for Memory {
    fn default() -> Self {
        Self { pool: Arc::new(Semaphore::new(POOL_BYTES)), count: Arc::default() }
    }
}

impl Memory {
    /// Room for the one batch that a stream has for sure; for a long one when there is memory.
    pub fn first(&self) -> Room {
        self.room(self.more(BATCH_BYTES - SMALL_BATCH_BYTES))
    }

    /// Room for a batch beside another; `None` when there is no memory for it.
    pub fn ahead(&self) -> Option<Room> {
        self.more(BATCH_BYTES + MAX_BLOCK_BYTES).map(|more| self.room(Some(more)))
    }

    fn more(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.pool.clone().try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    fn room(&self, more: Option<OwnedSemaphorePermit>) -> Room {
        Room { more, count: Some(self.count.clone()), bytes: 0 }
    }

    /// Bytes of blocks in memory now, and most so far.
    pub fn counted(&self) -> (usize, usize) {
        (self.count.now.load(Relaxed), self.count.peak.load(Relaxed))
    }
}

/// Room for a batch, given back when dropped.
#[derive(Debug, Default)]
pub struct Room {
    more: Option<OwnedSemaphorePermit>,
    count: Option<Arc<Count>>,
    bytes: usize,
}

impl Room {
    /// After how many bytes of blocks the batch is full.
    pub fn batch(&self) -> usize {
        if self.more.is_some() { BATCH_BYTES } else { SMALL_BATCH_BYTES }
    }

    /// Counts what is in it.
    pub fn hold(&mut self, bytes: usize) {
        let Some(count) = &self.count else { return };
        let now = count.now.fetch_add(bytes, Relaxed).saturating_add(bytes);
        count.peak.fetch_max(now, Relaxed);
        self.bytes += bytes;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(count) = &self.count {
            count.now.fetch_sub(self.bytes, Relaxed);
        }
    }
}
