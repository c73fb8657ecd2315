//! What was found in sources: items with an address, and bytes that can be read when they are needed.

use super::bounds::MAX_ITEM_BYTES;
use super::report::LeftOut;
use super::{folder, source as crawls};
use rustix::fs::{Mode, OFlags, openat};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Why a source cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// It could not be read or written.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
    /// It is neither a folder nor a crawl.
    #[error("{0} is neither a folder nor a crawl (.warc, .warc.gz, .arc, .wacz)")]
    Kind(PathBuf),
    /// Nothing in it could be used.
    #[error("nothing of {0} could be read: {1}")]
    Nothing(PathBuf, String),
    /// There is something where a file would be written.
    #[error("{} file(s) are there already, and differ: {}", .0.len(), .0.first().map_or("", String::as_str))]
    There(Vec<String>),
    /// The folder that would be written is not empty.
    #[error("{0} is there already and not empty")]
    NotEmpty(PathBuf),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

impl SiteError {
    /// For a path.
    pub fn at(path: impl std::fmt::Display) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_string();
        move |e| Self::Io(path, e)
    }
}

/// Where the bytes of an item are.
#[derive(Debug, Clone)]
pub enum Bytes {
    /// A file in a folder that was walked.
    File(Arc<OwnedFd>, std::ffi::CString),
    /// A piece of a file that was spooled: from, length.
    Spooled(Arc<File>, u64, u64),
}

/// A file of a source.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its address; of folders with the host `folder.invalid`.
    pub url: Url,
    /// Its path in a folder, as it is there; `None` in a crawl.
    pub path: Option<String>,
    /// Media type that the server told, lower case, without parameters.
    pub mime: Option<String>,
    /// Charset that the server told.
    pub charset: Option<String>,
    /// Size in bytes.
    pub size: u64,
    /// Its content.
    pub bytes: Bytes,
}

impl Item {
    /// Reads at most `limit` bytes.
    ///
    /// # Errors
    /// When the file is gone, unreadable, or a link was put in its place.
    pub fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        match &self.bytes {
            Bytes::File(folder, name) => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
                let file = File::from(openat(&**folder, name.as_c_str(), flags, Mode::empty())?);
                if !file.metadata()?.is_file() {
                    return Err(io::Error::other("no longer a regular file"));
                }
                file.take(limit.min(MAX_ITEM_BYTES)).read_to_end(&mut out)?;
            }
            Bytes::Spooled(file, from, length) => {
                use std::os::unix::fs::FileExt;
                let length = usize::try_from((*length).min(limit)).unwrap_or(usize::MAX);
                out.resize(length, 0);
                file.read_exact_at(&mut out, *from)?;
            }
        }
        Ok(out)
    }

    /// What it is called in a report.
    pub fn shown(&self) -> String {
        let name = self.path.clone().unwrap_or_else(|| self.url.to_string());
        crate::publish::walk::shown(&name)
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Items, in a fixed order.
    pub items: Vec<Item>,
    /// What was left out at once.
    pub left_out: Vec<LeftOut>,
    /// Hosts that are the site itself, without `www.`.
    pub hosts: Vec<String>,
    /// Addresses that lead to others: from, to.
    pub redirects: Vec<(Url, Url)>,
    /// Of a crawl, only what was captured until then: fourteen digits, UTC.
    pub at: Option<String>,
}

/// Reads a source into `found`.
///
/// # Errors
/// See [`SiteError`].
pub fn gather(source: &Path, found: &mut Gathered) -> Result<(), SiteError> {
    let meta = std::fs::metadata(source).map_err(SiteError::at(source.display()))?;
    match meta.is_dir() {
        true => folder::gather(source, found),
        false => crawls::gather(source, found),
    }
}
