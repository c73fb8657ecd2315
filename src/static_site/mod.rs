//! The memorial as a folder of files that any browser opens from a stick, without a program, with the proofs beside it.
//!
//! The same pages as those of `crate::reader`, with addresses from file to file (`links`), lists in place of the
//! search, and names that fit on any stick (`names`). The same release and day give the same bytes. A folder that was made
//! before is brought up to date; what is not ours in it is left alone (`folder`). `names::INDEX` is written last, so that
//! a folder without it is not finished; writing it again finishes it.

mod folder;
mod groups;
mod held;
mod links;
mod make;
mod marker;
mod names;

pub use make::{Options, Summary, write};

use std::io::ErrorKind;
use yadgar_protocol::blocks::ReadFault;

/// Why a folder was not written, or not to its end. What is in it is whole; writing it again goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// Somebody's folder.
    #[error("{0} is not empty, and no export made it")]
    NotOurs(String),
    /// An export of another archive.
    #[error("{dir} holds another archive ({found})")]
    OtherArchive {
        /// The folder.
        dir: String,
        /// The archive that it holds.
        found: String,
    },
    /// An export of a newer release, or of another one with the same number.
    #[error("{dir} holds release {found}, and this would be release {ours}")]
    NotOlder {
        /// The folder.
        dir: String,
        /// Sequence of the release that it holds.
        found: u64,
        /// Sequence of the release that was to be written.
        ours: u64,
    },
    /// A file or folder that is not ours has a name that we need.
    #[error("{0} is in the way, and is not ours")]
    InTheWay(String),
    /// Another export writes into the folder.
    #[error("another export writes into {0}")]
    Busy(String),
    /// The disk is full, or the folder has as many names as its file system allows.
    #[error("no room to write {0}: the disk is full")]
    DiskFull(String),
    /// The file system refused.
    #[error("cannot write {0}: {1}")]
    Write(String, #[source] std::io::Error),
    /// The release cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(String, ReadFault),
    /// The release has no such part.
    #[error("the release has no part '{0}'")]
    NoSuchPart(String),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

impl SiteError {
    fn write(path: &str, error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull(path.to_owned()),
            _ => Self::Write(path.to_owned(), error),
        }
    }
}
