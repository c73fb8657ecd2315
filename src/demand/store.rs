//! A store in which what is not here is fetched when it is read.

use crate::checkout::Arrivals;
use crate::memorial::arriving::Arrival;
use crate::store::{BlockStore, StoreError, StoreStats};
use crate::sync::Hurry;
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::{BlockId, Hash};

/// A block that has not come after this is missing, for whoever waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// While it is waited for, it is asked for again this often: another source may have come.
const AGAIN: Duration = Duration::from_secs(2);
/// While nobody serves, a block is waited for no longer than this: sources go and come back.
const ALONE: Duration = Duration::from_secs(3);
/// Length of a block of which none is known, in bytes.
const GUESS: u64 = 8192;

/// A store in which a block that is not here is asked for before all others, and waited for. What comes was
/// checked by who put it, and is checked again when it is read. Reading blocks the thread.
pub struct OnDemand {
    store: Arc<dyn BlockStore>,
    arrivals: Arc<Arrivals>,
    hurry: Hurry,
    patience: Duration,
    arrival: Option<Arc<Arrival>>,
}

impl OnDemand {
    /// `store`, of which `arrivals` tells; `hurry` tells who fills it.
    pub fn new(store: Arc<dyn BlockStore>, arrivals: Arc<Arrivals>, hurry: Hurry) -> Self {
        Self { store, arrivals, hurry, patience: PATIENCE, arrival: None }
    }

    /// The same; while `arrival` says that nobody can be reached, nobody is made to wait.
    #[must_use]
    pub fn told_by(self, arrival: Arc<Arrival>) -> Self {
        Self { arrival: Some(arrival), ..self }
    }

    /// The same, with another time after which a block is missing.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// True when nobody is there who could bring a block, and has not been since `alone`.
    fn is_alone(&self, alone: &mut Option<Instant>) -> bool {
        match self.arrival.as_ref().map(|arrival| arrival.sources()) {
            None => false,
            Some((1.., _)) => {
                *alone = None;
                false
            }
            Some((0, failed)) => {
                failed || alone.get_or_insert_with(Instant::now).elapsed() >= ALONE
            }
        }
    }
}

impl ReadBlocks for OnDemand {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|error| ReadError(error.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.store.has_block(id)
    }
}

impl BlockStore for OnDemand {
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let (start, mut told, mut alone) = (Instant::now(), None::<Instant>, None);
        loop {
            // In this order: what comes after the look is waited for, and the last look is after the end.
            let over = self.arrivals.is_over()
                || start.elapsed() >= self.patience
                || self.is_alone(&mut alone);
            let seen = self.arrivals.count();
            let block = self.store.get(id)?;
            if block.is_some() || over {
                return Ok(block);
            }
            if told.is_none_or(|told| told.elapsed() >= AGAIN) {
                told = Some(Instant::now());
                self.hurry.want(*id, GUESS);
            }
            self.arrivals.wait(seen);
        }
    }

    fn soon(&self, blocks: &[(BlockId, u64)]) -> Result<(), StoreError> {
        for (id, bytes) in blocks {
            if !self.store.has(id)? {
                self.hurry.want(*id, *bytes);
            }
        }
        Ok(())
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

    fn block(n: u8) -> Packed {
        Packed::plain(Codec::Raw, vec![n; 10])
    }

    #[test]
    fn what_is_read_is_told_and_waited_for_but_not_for_ever() {
        let (store, arrivals, hurry) =
            (Arc::new(MemoryStore::new()), Arc::new(Arrivals::default()), Hurry::default());
        let mut queue = hurry.queue();
        store.put(vec![block(1)]).unwrap();
        let view = OnDemand::new(store.clone(), arrivals.clone(), hurry.clone());
        view.soon(&[(block(1).id, 10), (block(2).id, 11)]).unwrap();
        assert_eq!(queue.try_recv().unwrap(), (block(2).id, 11));
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| view.get(&block(3).id).unwrap());
            assert_eq!(queue.blocking_recv().unwrap().0, block(3).id);
            store.put(vec![block(3)]).unwrap();
            arrivals.came();
            assert_eq!(reader.join().unwrap().unwrap()[0], 3);
        });
        let hasty = OnDemand::new(store, arrivals.clone(), hurry).patient(Duration::ZERO);
        assert_eq!(hasty.get(&block(4).id).unwrap(), None);
        arrivals.end();
        assert_eq!(view.get(&block(4).id).unwrap(), None);
        assert!(queue.try_recv().is_err(), "nothing is asked for when nothing more comes");
    }

    #[test]
    fn nobody_is_made_to_wait_for_sources_that_went_away() {
        let (store, arrivals) = (Arc::new(MemoryStore::new()), Arc::new(Arrivals::default()));
        let arrival = Arc::new(Arrival::default());
        arrival.change(|now| now.failed = true);
        let view = OnDemand::new(store.clone(), arrivals.clone(), Hurry::default());
        // For ever, if it waited.
        let view = view.patient(Duration::MAX).told_by(arrival.clone());
        assert_eq!(view.get(&block(1).id).unwrap(), None);
        arrival.change(|now| (now.failed, now.sources) = (false, 1));
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| view.get(&block(1).id).unwrap());
            store.put(vec![block(1)]).unwrap();
            arrivals.came();
            assert_eq!(reader.join().unwrap().unwrap()[0], 1);
        });
    }
}
