//! Files of the folder that records name.

use super::super::problem::Code;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use yadgar_protocol::Hash;

/// Looks up files below the folder that is published.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

/// What a record says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where in the archive it is.
    pub path: String,
    /// Whole-file hash.
    pub hash: Hash,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type, by the table of path.md.
    pub mime: &'static str,
}

impl Files {
    /// Of a folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The file of a path, read and hashed now.
    ///
    /// # Errors
    /// [`Code::BadPath`] for what is no path of an archive, or leads through a link; [`Code::NoFile`] when there is
    /// no such file or it cannot be read.
    pub fn look(&self, path: &str) -> Result<Found, Code> {
        let path = yadgar_protocol::path::Path::new(path).map_err(|_| Code::BadPath)?;
        let mut place = self.folder.clone();
        for segment in path.as_str().split('/') {
            place.push(segment);
            let kind = fs::symlink_metadata(&place).map_err(|_| Code::NoFile)?;
            // A link may lead out of the folder, and is not published.
            if kind.is_symlink() {
                return Err(Code::BadPath);
            }
        }
        if !place.is_file() {
            return Err(Code::NoFile);
        }
        let mut hasher = blake3::Hasher::new();
        let file = File::open(&place).map_err(|_| Code::NoFile)?;
        hasher.update_reader(file).map_err(|_| Code::NoFile)?;
        Ok(Found {
            mime: path.media_type(),
            path: path.as_str().to_owned(),
            hash: Hash(*hasher.finalize().as_bytes()),
            bytes: hasher.count(),
        })
    }
}
