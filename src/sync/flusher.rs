//! Makes what a fetch has put durable while the fetch goes on.

use crate::store::{BlockStore, StoreError};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes put after which a flush begins.
const FLUSH_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes put after which the flush under way is waited for: a disk that is slower than the line slows
/// the line down.
const MOST_BYTES: u64 = 2 * FLUSH_BYTES;
/// Time after which a flush begins.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// See the module. At most one flush is under way.
pub(super) struct Flusher {
    store: Arc<dyn BlockStore>,
    under_way: Option<JoinHandle<Result<(), StoreError>>>,
    /// Bytes put since the last flush began.
    bytes: u64,
    began: Instant,
}

impl Flusher {
    /// A flusher of `store`, of which nothing was put yet.
    pub(super) fn new(store: Arc<dyn BlockStore>, now: Instant) -> Self {
        Self { store, under_way: None, bytes: 0, began: now }
    }

    /// Notes bytes that were put.
    pub(super) fn put(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Begins a flush when one is due.
    ///
    /// # Errors
    /// Of an earlier flush.
    pub(super) fn go_on(&mut self, now: Instant) -> Result<(), StoreError> {
        let old = self.bytes > 0 && now.saturating_duration_since(self.began) >= FLUSH_TIME;
        if self.bytes < FLUSH_BYTES && !old {
            return Ok(());
        }
        let busy = self.under_way.as_ref().is_some_and(|flush| !flush.is_finished());
        if busy && self.bytes < MOST_BYTES {
            return Ok(());
        }
        self.wait()?;
        (self.bytes, self.began) = (0, now);
        let store = self.store.clone();
        match std::thread::Builder::new().name("flush".into()).spawn(move || store.flush()) {
            Ok(flush) => self.under_way = Some(flush),
            // No thread to be had: then here.
            Err(_) => self.store.flush()?,
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), StoreError> {
        let Some(flush) = self.under_way.take() else { return Ok(()) };
        let panicked = |_| {
            let error = std::io::Error::other("the flush panicked");
            Err(StoreError::io("flush the store", error))
        };
        flush.join().unwrap_or_else(panicked)
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When not all of it is.
    pub(super) fn finish(&mut self) -> Result<(), StoreError> {
        let earlier = self.wait();
        self.store.flush()?;
        earlier
    }
}
