//! Reading the files of a release.

use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// The files of one release. Every byte that comes out was checked against the hash that the signed release
/// gives it.
pub trait Source {
    /// The files of the core part whose path begins with `prefix` and that were not withdrawn, in order of path.
    ///
    /// # Errors
    /// [`ReadFault`] of the first tree node that cannot be read.
    fn files(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault>;

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

    /// The withdrawal that covers a file: then nothing of it may be shown (WD-7).
    fn withdrawn(&self, entry: &Entry) -> Option<&Withdrawal>;
}
