//! A node: which archives it follows, from whom, and how far it is.
//!
//! [`Mirror`] runs on and serves; [`fetch_once`] gets the newest release and ends. Both judge every
//! head by [`consider`] and trust nothing else that a peer says.

mod actor;
mod archive;
mod consider;
mod exchange;
mod fetcher;
mod job;
mod mirror;
mod redial;
mod search;
mod status;
mod talk;

pub use consider::{ConsiderError, Outcome, consider};
pub use fetcher::{FetchOnceError, FetchOptions, FetchReport, FetchStep, fetch_once};
pub use mirror::{Mirror, MirrorHandle, NodeConfig, NodeError};
pub use status::{ArchiveStatus, FetchStatus, NodeStatus, PeerStatus};

use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::sync::Arc;

/// What a node keeps: blocks, and what is trusted of each archive.
#[derive(Clone)]
pub struct Keep {
    /// Its blocks.
    pub store: Arc<dyn BlockStore>,
    /// Its archives.
    pub states: Arc<ArchiveStates>,
}

impl Keep {
    /// Does work that may block on the disk.
    ///
    /// # Errors
    /// Those of the work; a panic in it counts as a failed store.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let keep = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&keep)).await;
        done.unwrap_or_else(|e| Err(StoreError::Damaged(format!("internal error: {e}"))))
    }
}
