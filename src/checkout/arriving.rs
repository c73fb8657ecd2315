//! Reading a store that a fetch is still filling.

use crate::store::{BlockStore, StoreError, StoreStats};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Hash};

/// How often whoever waits for a block looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(250);

/// Tells those who wait for blocks that some came, and when no more will.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// Counts what came.
    count: Mutex<u64>,
    changed: Condvar,
    over: AtomicBool,
}

impl Arrivals {
    /// Blocks came.
    pub fn came(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// Nothing more comes.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.came();
    }

    /// True when nothing more comes.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Counts what came: to be asked before one looks whether something is here.
    pub fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something came after `seen`; at most a moment.
    pub fn wait(&self, seen: u64) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if *count == seen {
            drop(self.changed.wait_timeout(count, LOOK).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A store in which a block that is not here is waited for, as long as some come.
pub struct Arriving<'a> {
    store: &'a dyn BlockStore,
    arrivals: &'a Arrivals,
    stop: &'a AtomicBool,
}

impl<'a> Arriving<'a> {
    /// `store`, of which `arrivals` tells; nothing is waited for after `stop`.
    pub fn new(store: &'a dyn BlockStore, arrivals: &'a Arrivals, stop: &'a AtomicBool) -> Self {
        Self { store, arrivals, stop }
    }
}

impl Arriving<'_> {
    /// Looks until the block is here, or none can come any more.
    fn wait_for(
        &self,
        look: &dyn Fn() -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        loop {
            // In this order: what comes after the look is waited for, and the last look is after the end.
            let over = self.arrivals.is_over() || self.stop.load(Ordering::SeqCst);
            let seen = self.arrivals.count();
            let block = look()?;
            if block.is_some() || over {
                return Ok(block);
            }
            self.arrivals.wait(seen);
        }
    }
}

impl ReadBlocks for Arriving<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|error| ReadError(error.to_string()))
    }
}

impl BlockStore for Arriving<'_> {
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait_for(&|| self.store.get(id))
    }

    fn get_unchecked(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait_for(&|| self.store.get_unchecked(id))
    }

    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.store.has(id)
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.store.get_packed(id)
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.store.put(blocks)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats()
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.store.erase(ids)
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.store.ids_after(after, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use yadgar_protocol::Codec;

    #[test]
    fn what_comes_is_waited_for_and_what_does_not_is_missing() {
        let (store, arrivals, stop) =
            (MemoryStore::new(), Arrivals::default(), AtomicBool::new(false));
        let block = |n: u8| Packed::plain(Codec::Raw, vec![n; 10]);
        let arriving = Arriving::new(&store, &arrivals, &stop);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let got = [1, 2, 3].map(|n| arriving.get(&block(n).id).unwrap());
                got.map(|plain| plain.map(|plain| plain[0]))
            });
            for n in [2, 1] {
                store.put(vec![block(n)]).unwrap();
                arrivals.came();
            }
            arrivals.end();
            assert_eq!(reader.join().unwrap(), [Some(1), Some(2), None]);
        });
        let (arrivals, stop) = (Arrivals::default(), AtomicBool::new(true));
        assert_eq!(Arriving::new(&store, &arrivals, &stop).get(&block(9).id).unwrap(), None);
    }
}
