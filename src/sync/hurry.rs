//! How somebody who waits for a block tells the fetch that is under way, whichever that is.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use yadgar_protocol::BlockId;

/// Blocks told and not yet taken by the fetch. What does not fit is told again by whoever still waits.
const QUEUE: usize = 256;

/// Tells the fetch under way, if there is one, which blocks somebody waits for. Copies tell the same one.
#[derive(Debug, Clone, Default)]
pub struct Hurry(Arc<Mutex<Option<Teller>>>);

type Teller = mpsc::Sender<(BlockId, u64)>;

impl Hurry {
    /// The queue for a fetch that begins ([`FetchJob::hurry`](super::FetchJob::hurry)); an earlier fetch is
    /// told nothing any more.
    pub fn queue(&self) -> mpsc::Receiver<(BlockId, u64)> {
        let (sender, queue) = mpsc::channel(QUEUE);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        queue
    }

    /// Somebody waits for this block, of about so many bytes. Never blocks, and promises nothing.
    pub fn want(&self, id: BlockId, bytes: u64) {
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = sender.try_send((id, bytes));
        }
    }
}
