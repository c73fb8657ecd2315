//! Putting blocks of an archive while others may withdraw them.

use super::{AccessError, Archives};
use crate::store::acts::Writer;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;

/// While it lives, blocks of an archive are being put by this process. Made before it is asked what is
/// denied, so that nothing escapes: what was denied then is known, and what is denied later (by a node that
/// runs on the home) is erased again at the end (WD-7).
pub struct Writing {
    archives: Arc<dyn Archives>,
    archive: ArchiveId,
    writer: Option<Writer>,
    ended: bool,
}

impl Writing {
    /// Begins. That the sweep is due is durable when this returns.
    ///
    /// # Errors
    /// When the home cannot be written: then nothing may be put.
    pub fn begin(archives: &Arc<dyn Archives>, archive: ArchiveId) -> Result<Self, AccessError> {
        let writer = archives.begin_writing(&archive)?;
        Ok(Self { archives: archives.clone(), archive, writer, ended: false })
    }

    /// Ends: blocks of denied files that were put are erased.
    ///
    /// # Errors
    /// When state or store fail. It stays due then, and is done when the home is opened next.
    pub fn finish(mut self) -> Result<(), AccessError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), AccessError> {
        self.ended = true;
        self.archives.end_writing(&self.archive, self.writer.take())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.ended
            && let Err(error) = self.end()
        {
            // Something else failed already, and it stays due.
            tracing::warn!(%error, "what was withdrawn could not be erased again");
        }
    }
}

#[cfg(test)]
#[path = "writing_tests.rs"]
mod tests;
