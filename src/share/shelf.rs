//! What can be read now, kept at hand. Looking it up can wait for a disk, or for the node that holds the home; a
//! request never does, and neither does the end of a share.

use super::limits::TICK;
use super::stock::Source;
use crate::reader::ArchiveView;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

/// The views as they were a second ago.
pub struct Shelf {
    source: Arc<dyn Source>,
    now: RwLock<Vec<Arc<ArchiveView>>>,
}

impl Shelf {
    /// Looks once.
    pub async fn filled(source: Arc<dyn Source>) -> Arc<Self> {
        let shelf = Arc::new(Self { source, now: RwLock::default() });
        shelf.look().await;
        shelf
    }

    /// What was seen last.
    pub fn views(&self) -> Vec<Arc<ArchiveView>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks again and again. One look at a time, however long it takes.
    pub async fn keep(self: Arc<Self>) -> Infallible {
        loop {
            tokio::time::sleep(TICK).await;
            self.look().await;
        }
    }

    async fn look(self: &Arc<Self>) {
        let source = self.source.clone();
        if let Ok(views) = tokio::task::spawn_blocking(move || source.views()).await {
            *self.now.write().unwrap_or_else(PoisonError::into_inner) = views;
        }
    }
}
