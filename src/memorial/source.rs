//! Reading the files of a release.

use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// The files of one release. Every byte that comes out was checked against the hash that the signed release
/// gives it.
pub trait Source {
    /// The files of the core part whose path begins with `prefix`, in order of path, those that were withdrawn among
    /// them: [`Source::withdrawn`] tells them apart.
    ///
    /// # Errors
    /// [`ReadFault`] of the first tree node that cannot be read.
    fn listed(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault>;

    /// The same without what was withdrawn.
    ///
    /// # Errors
    /// As [`Source::listed`].
    fn files(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault> {
        let mut files = self.listed(prefix)?;
        files.retain(|entry| self.withdrawn(entry).is_none());
        Ok(files)
    }

    /// A file by its path, in any part.
    ///
    /// # Errors
    /// [`ReadFault`] when it is not known whether there is such a file.
    fn find(&self, path: &Path) -> Result<Option<Entry>, ReadFault>;

    /// All bytes of a file. The caller looks at `entry.size` first.
    ///
    /// # Errors
    /// [`ReadFault`] of the first block that is missing or damaged.
    fn read(&self, entry: &Entry) -> Result<Vec<u8>, ReadFault>;

    /// The first bytes of a file, at most so many, when all of its blocks are here. Reads only those blocks that hold
    /// them: the others are not checked before they are read.
    ///
    /// # Errors
    /// [`ReadFault`] of the first block that is missing, or that was read and is damaged.
    fn start(&self, entry: &Entry, most: u64) -> Result<Vec<u8>, ReadFault>;

    /// The withdrawal that covers a file: then nothing of it may be shown (WD-7).
    fn withdrawn(&self, entry: &Entry) -> Option<&Withdrawal>;
}
