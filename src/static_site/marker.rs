//! The file that says what the folder is, so that a later export knows what it may change.

use super::SiteError;
use super::folder::Folder;
use super::names::MARKER;
use serde::{Deserialize, Serialize};
use yadgar_protocol::trust::Accepted;

const KIND: &str = "yadgar-site";
const FORMAT: u64 = 1;
/// Longest marker that is read, in bytes.
const MAX_BYTES: usize = 4096;

/// What an export says of itself. It is not signed and nothing is believed because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    kind: String,
    format: u64,
    /// Id of the archive.
    archive: String,
    /// Number of the release.
    sequence: u64,
    /// BLAKE3 of the release.
    release: String,
}

impl Marker {
    /// Of a release.
    pub fn of(accepted: &Accepted) -> Self {
        Self {
            kind: KIND.into(),
            format: FORMAT,
            archive: accepted.release.archive.to_string(),
            sequence: accepted.release.sequence,
            release: accepted.release_hash().to_hex(),
        }
    }

    /// Bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = serde_json::json!(self).to_string();
        text.push('\n');
        text.into_bytes()
    }

    fn read(folder: &Folder) -> Option<Self> {
        let found: Self = serde_json::from_slice(&folder.read(MARKER, MAX_BYTES)?).ok()?;
        (found.kind == KIND).then_some(found)
    }

    /// Whether this may be written into the folder. `force`: also over another archive or a newer release, but never into
    /// a folder that no export made.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn check(&self, folder: &Folder, dir: &str, force: bool) -> Result<(), SiteError> {
        let dir = dir.to_owned();
        let Some(found) = Self::read(folder) else {
            return if folder.is_empty()? { Ok(()) } else { Err(SiteError::NotOurs(dir)) };
        };
        if force {
            return Ok(());
        }
        if found.archive != self.archive {
            return Err(SiteError::OtherArchive { dir, found: found.archive });
        }
        let same = found.sequence == self.sequence && found.release == self.release;
        if found.sequence < self.sequence || same {
            return Ok(());
        }
        Err(SiteError::NotOlder { dir, found: found.sequence, ours: self.sequence })
    }
}
