//! One process at a time works on a home directory.
//!
//! The lock is the system's (`flock` on `HOME/lock`): it goes with the process, however that ends,
//! so there is no stale lock. What the file says (who, why, since when, where to reach it) is only
//! for the message and for finding the control socket of the node that holds it.

use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Name of the lock file in the home directory.
const FILE: &str = "lock";
/// More than any holder writes.
const MAX_BYTES: u64 = 16_384;

/// Who holds a home directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process number.
    pub pid: u32,
    /// What it is doing, in one or two words, such as `mirror`.
    pub purpose: String,
    /// Since when, in seconds of Unix time by the clock of this machine.
    pub since: u64,
    /// Its control socket, when it has one.
    pub control: Option<PathBuf>,
}

/// Why a home directory could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("the home directory is in use by another yadgar process{}", described(*pid, purpose))]
    Held {
        /// Its process number; 0 in the moment before it has written who it is.
        pid: u32,
        /// What it is doing.
        purpose: String,
        /// Since when, in seconds of Unix time.
        since: u64,
        /// Its control socket, when it has one.
        control: Option<PathBuf>,
    },
    /// The file system said no.
    #[error("cannot lock {home}: {source}", home = home.display())]
    Io {
        /// The home directory.
        home: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

fn described(pid: u32, purpose: &str) -> String {
    if pid == 0 {
        return String::new();
    }
    // The text comes from a file: no control characters on a terminal.
    let purpose: String = purpose.chars().filter(|c| !c.is_control()).take(80).collect();
    format!(" ({purpose}, process {pid})")
}

/// The lock on a home directory, held until dropped.
#[derive(Debug)]
pub struct HomeLock {
    file: File,
    holder: Holder,
}

impl HomeLock {
    /// Locks `home`, which must exist. `purpose` is what the process is about to do; `control` its
    /// socket, if it listens on one. Does not wait.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process, or another lock of this one, holds it.
    pub fn acquire(home: &Path, purpose: &str, control: Option<&Path>) -> Result<Self, LockError> {
        let io = |source| LockError::Io { home: home.to_owned(), source };
        let path = home.join(FILE);
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = open.open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(held(read(&mut file)));
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let holder = Holder {
            pid: std::process::id(),
            purpose: purpose.to_owned(),
            since: now(),
            control: control.map(Path::to_owned),
        };
        write(&mut file, &holder).map_err(io)?;
        Ok(Self { file, holder })
    }

    /// Who holds `home` right now; `None` when nobody does. For commands that talk to a running
    /// node: they need its control socket, not the lock.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn holder(home: &Path) -> io::Result<Option<Holder>> {
        let mut file = match File::open(home.join(FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(read(&mut file)),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Where the lock of a home is.
    pub fn path(home: &Path) -> PathBuf {
        home.join(FILE)
    }

    /// What is written in the lock.
    pub fn info(&self) -> &Holder {
        &self.holder
    }

    /// Writes where the holder can be reached, once its socket is open.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_control(&mut self, control: Option<&Path>) -> io::Result<()> {
        self.holder.control = control.map(Path::to_owned);
        write(&mut self.file, &self.holder)
    }
}

impl Drop for HomeLock {
    fn drop(&mut self) {
        // So that nobody reads of a holder that is gone.
        let _ = self.file.set_len(0);
        // Said, not left to the closing: a child that is just being started shares the handle for a
        // moment, and the lock would live as long.
        let _ = self.file.unlock();
    }
}

fn held(holder: Option<Holder>) -> LockError {
    match holder {
        Some(Holder { pid, purpose, since, control }) => {
            LockError::Held { pid, purpose, since, control }
        }
        None => LockError::Held { pid: 0, purpose: String::new(), since: 0, control: None },
    }
}

fn write(file: &mut File, holder: &Holder) -> io::Result<()> {
    let text = serde_json::to_vec(holder).map_err(io::Error::other)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&text)
}

/// What the holder wrote; nothing readable counts as nothing.
fn read(file: &mut File) -> Option<Holder> {
    let mut text = Vec::new();
    file.rewind().ok()?;
    file.take(MAX_BYTES).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Seconds of Unix time; 0 for a clock before 1970. Only shown, never compared.
fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_learns_who_was_first() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(HomeLock::holder(home.path()).unwrap(), None);
        let mut first = HomeLock::acquire(home.path(), "mirror", None).unwrap();
        first.set_control(Some(Path::new("/run/control"))).unwrap();
        let error = HomeLock::acquire(home.path(), "fetch", None).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("(mirror, process {})", std::process::id())), "{text}");
        let LockError::Held { pid, purpose, since, control } = error else { panic!("{error}") };
        assert_eq!(
            (pid, purpose, since),
            (std::process::id(), "mirror".into(), first.info().since)
        );
        assert_eq!(control, Some(PathBuf::from("/run/control")));
        assert_eq!(HomeLock::holder(home.path()).unwrap().as_ref(), Some(first.info()));
        drop(first);
        assert_eq!(HomeLock::holder(home.path()).unwrap(), None);
        HomeLock::acquire(home.path(), "fetch", None).unwrap();
    }

    /// As when another thread has just forked and its child has not begun its program yet.
    #[test]
    fn a_handle_that_was_copied_keeps_no_lock() {
        let home = tempfile::tempdir().unwrap();
        let lock = HomeLock::acquire(home.path(), "mirror", None).unwrap();
        let copy = lock.file.try_clone().unwrap();
        drop(lock);
        HomeLock::acquire(home.path(), "fetch", None).unwrap();
        drop(copy);
    }

    #[test]
    fn stale_or_strange_content_is_taken_over() {
        let home = tempfile::tempdir().unwrap();
        for text in ["", "garbage", "{\"pid\":1,\"purpose\":\"x\",\"since\":0,\"control\":null}"] {
            std::fs::write(home.path().join(FILE), text).unwrap();
            assert_eq!(HomeLock::holder(home.path()).unwrap(), None);
            let lock = HomeLock::acquire(home.path(), "open", None).unwrap();
            assert_eq!(HomeLock::holder(home.path()).unwrap().as_ref(), Some(lock.info()));
        }
    }

    #[test]
    fn a_holder_that_has_not_written_yet() {
        let home = tempfile::tempdir().unwrap();
        let _lock = HomeLock::acquire(home.path(), "x", None).unwrap();
        std::fs::write(home.path().join(FILE), "").unwrap();
        let error = HomeLock::acquire(home.path(), "y", None).unwrap_err();
        assert!(matches!(error, LockError::Held { pid: 0, .. }));
        assert!(error.to_string().ends_with("another yadgar process"));
    }

    #[test]
    fn words_for_a_home_that_is_not_there() {
        let home = tempfile::tempdir().unwrap();
        let error = HomeLock::acquire(&home.path().join("no"), "open", None).unwrap_err();
        assert!(matches!(error, LockError::Io { .. }));
        assert!(error.to_string().starts_with("cannot lock "));
    }

    #[test]
    fn a_purpose_cannot_write_to_the_terminal() {
        let home = tempfile::tempdir().unwrap();
        let _lock = HomeLock::acquire(home.path(), "a\u{1b}[2Jb", None).unwrap();
        let error = HomeLock::acquire(home.path(), "x", None).unwrap_err();
        assert!(error.to_string().contains("(a[2Jb, "));
    }
}
