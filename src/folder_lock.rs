//! Keeps a second process, or a second thread, out of a folder that is being written.

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// An open folder that is locked (`flock`), until dropped.
#[derive(Debug)]
pub struct FolderLock(OwnedFd);

impl FolderLock {
    /// Locks an open folder. Does not wait.
    ///
    /// # Errors
    /// [`Errno::WOULDBLOCK`] when somebody else holds it; others when the file system has no locks or refuses, and
    /// then the handle is lost.
    pub fn take(folder: OwnedFd) -> Result<Self, Errno> {
        flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self(folder))
    }

    /// As [`Self::take`], but a file system without locks is no reason not to go on: there the user takes care.
    ///
    /// # Errors
    /// [`Errno::WOULDBLOCK`] when somebody else holds it.
    pub fn take_if_possible(folder: OwnedFd) -> Result<Self, Errno> {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Err(Errno::WOULDBLOCK),
            _ => Ok(Self(folder)),
        }
    }
}

impl AsFd for FolderLock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Said, not left to the closing: a child that is just being started shares the handle for a moment, and the
        // lock would live as long.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::path::Path;

    fn open(path: &Path) -> OwnedFd {
        File::open(path).unwrap().into()
    }

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(open(dir.path())).unwrap();
        assert_eq!(FolderLock::take(open(dir.path())).unwrap_err(), Errno::WOULDBLOCK);
        assert_eq!(FolderLock::take_if_possible(open(dir.path())).unwrap_err(), Errno::WOULDBLOCK);
        drop(lock);
        FolderLock::take(open(dir.path())).unwrap();
    }

    /// As when another thread has just forked and its child has not begun its program yet.
    #[test]
    fn a_handle_that_was_copied_keeps_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(open(dir.path())).unwrap();
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        FolderLock::take(open(dir.path())).unwrap();
        drop(copy);
    }
}
