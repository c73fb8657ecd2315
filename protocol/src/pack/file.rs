//! Names of the files of a static mirror, and files that are named by their bytes (STATIC-1, STATIC-2).

use crate::ids::{Hash, base32, from_base32};
use crate::reject::Reject;
use serde::{Deserialize, Serialize};

/// The one file that changes.
pub const HEAD_NAME: &str = "head";
/// Folder of catalogs and pack indexes.
const INDEXES: &str = "i/";
/// Folder of packs.
const PACKS: &str = "p/";

/// A file by its hash and length. An array in the encoding; the order of the fields is the encoding's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(Hash, u64)", into = "(Hash, u64)")]
pub struct FileRef {
    /// BLAKE3 of the file.
    pub hash: Hash,
    /// Its length, in bytes.
    pub bytes: u64,
}

impl From<(Hash, u64)> for FileRef {
    fn from((hash, bytes): (Hash, u64)) -> Self {
        Self { hash, bytes }
    }
}

impl From<FileRef> for (Hash, u64) {
    fn from(file: FileRef) -> Self {
        (file.hash, file.bytes)
    }
}

impl FileRef {
    /// The name of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { hash: Hash::of(bytes), bytes: bytes.len() as u64 }
    }

    /// Checks that these are the bytes of the file.
    ///
    /// # Errors
    /// `STATIC-2` for another length or hash.
    pub fn check(&self, bytes: &[u8]) -> Result<(), Reject> {
        if bytes.len() as u64 != self.bytes {
            return Err(Reject::new("STATIC-2", "a file of another length"));
        }
        if Hash::of(bytes) != self.hash {
            return Err(Reject::new("STATIC-2", "a file with other bytes than its name says"));
        }
        Ok(())
    }

    /// True for a length from 1 to `most`.
    pub(super) fn fits(&self, most: usize) -> bool {
        (1..=most as u64).contains(&self.bytes)
    }
}

/// Where a catalog or a pack index is, relative to the base address.
pub fn index_name(hash: &Hash) -> String {
    format!("{INDEXES}{}", base32(&hash.0))
}

/// Where a pack is, relative to the base address.
pub fn pack_name(hash: &Hash) -> String {
    format!("{PACKS}{}", base32(&hash.0))
}

/// A file of a static mirror, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// The static head.
    Head,
    /// A catalog or a pack index.
    Index(Hash),
    /// A pack.
    Pack(Hash),
}

impl Named {
    /// Reads a name relative to the base address; `None` for any other file (STATIC-1).
    pub fn parse(name: &str) -> Option<Self> {
        let hash = |text: &str| {
            let bytes = from_base32(text)?;
            <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Hash)
        };
        if name == HEAD_NAME {
            Some(Self::Head)
        } else if let Some(text) = name.strip_prefix(INDEXES) {
            hash(text).map(Self::Index)
        } else {
            hash(name.strip_prefix(PACKS)?).map(Self::Pack)
        }
    }
}
