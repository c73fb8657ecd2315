//! An archive as a static mirror: plain files for any web host or stick (spec: static.md).
//!
//! What the folder has is read first (`known`), then what of the release is reachable (`reach`); packs are written for
//! what is in none yet (`write`), all of it durable before `head` is replaced; then goes what nobody needs (`make`). A
//! writing that was cut off leaves the head before it, with all that this one leads to; the next one makes the same
//! files, finds them there, and goes on.

mod blocks;
mod folder;
mod known;
mod lost;
mod make;
mod reach;
mod write;

pub use make::{Options, Summary, write};

use crate::store::StoreError;
use std::io::ErrorKind;

/// Why a folder was not written, or not to its end. Its `head`, if it had one, is as it was, and leads to what it led to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder that is not ours has a name that we need.
    #[error("{0} is in the way, and is not ours")]
    InTheWay(String),
    /// A mirror of another archive.
    #[error("the folder holds another archive ({0})")]
    OtherArchive(String),
    /// Packs that may be another archive's: nothing tells of which they are.
    #[error(
        "the folder has packs and no 'head' that can be read, and they do not tell of which archive they are"
    )]
    HeadLost,
    /// A mirror of a newer release, or of another one with the same number.
    #[error("the folder holds release {found}, and this would be release {ours}")]
    NotOlder {
        /// Number of the release that it holds.
        found: u64,
        /// Number of the release that was to be written.
        ours: u64,
    },
    /// Another export writes into the folder.
    #[error("another export writes into {0}")]
    Busy(String),
    /// The disk is full.
    #[error("no room to write {0}: the disk is full")]
    DiskFull(String),
    /// The file system refused.
    #[error("cannot write {0}: {1}")]
    Write(String, #[source] std::io::Error),
    /// More packs than catalogs have room for (STATIC-3, STATIC-4).
    #[error("the archive is too large for a static mirror")]
    TooLarge,
    /// The release has no such part.
    #[error("the release has no part '{0}'")]
    NoSuchPart(String),
}

impl MirrorError {
    fn write(path: &str, error: impl Into<std::io::Error>) -> Self {
        let error = error.into();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull(path.to_owned()),
            _ => Self::Write(path.to_owned(), error),
        }
    }
}

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;
