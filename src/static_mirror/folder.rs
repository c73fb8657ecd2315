//! The folder that is written: it may be the root of somebody's web site, or a stick.
//!
//! No symbolic link in it is followed. A file appears whole or not at all. Only files with names of a static mirror are
//! read, replaced or removed (STATIC-1, STATIC-11).

use super::MirrorError;
use crate::folder_lock::FolderLock;
use crate::folder_write::{FOLDER, READ, Sync, is_file, names, remove_leftovers, replace};
use rustix::fs::{AtFlags, CWD, Mode};
use rustix::fs::{fsync, mkdirat, openat, unlinkat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;
use yadgar_protocol::pack::{HEAD_NAME, Named, index_name, pack_name};

/// The folders of a static mirror.
const FOLDERS: [&str; 2] = ["i", "p"];

/// An open folder that nobody else writes into.
pub struct Folder {
    root: FolderLock,
    /// `i` and `p`.
    inner: [OwnedFd; 2],
}

/// Name of a file relative to the folder.
pub fn name_of(named: &Named) -> String {
    match named {
        Named::Head => HEAD_NAME.to_owned(),
        Named::Index(hash) => index_name(hash),
        Named::Pack(hash) => pack_name(hash),
    }
}

fn failed(path: &str) -> impl Fn(Errno) -> MirrorError + '_ {
    |e| MirrorError::write(path, e)
}

impl Folder {
    /// Opens a folder and the missing ones above and in it, keeps other exports out of it, and removes what killed
    /// ones left half written.
    ///
    /// # Errors
    /// When it cannot be made, something else has a name that is needed, or another export writes into it.
    pub fn open(dir: &Path) -> Result<Self, MirrorError> {
        let shown = dir.display().to_string();
        std::fs::create_dir_all(dir).map_err(|e| MirrorError::write(&shown, e))?;
        // The folder itself may be named by a link, as roots of web sites often are; in it none is followed.
        let dir = dir.canonicalize().map_err(|e| MirrorError::write(&shown, e))?;
        let root = openat(CWD, &dir, FOLDER, Mode::empty()).map_err(failed(&shown))?;
        let root = FolderLock::take_if_possible(root).map_err(|_| MirrorError::Busy(shown))?;
        let [i, p] = FOLDERS.map(|name| made(&root, name));
        let folder = Self { inner: [i?, p?], root };
        for fd in [folder.root.as_fd(), folder.inner[0].as_fd(), folder.inner[1].as_fd()] {
            remove_leftovers(fd);
        }
        Ok(folder)
    }

    /// Where a file is, and its last name.
    fn place(&self, named: &Named) -> (BorrowedFd<'_>, String) {
        let name = name_of(named);
        let last = name.rsplit('/').next().unwrap_or(&name).to_owned();
        match named {
            Named::Head => (self.root.as_fd(), last),
            Named::Index(_) => (self.inner[0].as_fd(), last),
            Named::Pack(_) => (self.inner[1].as_fd(), last),
        }
    }

    /// The regular file of this name; `None` when nothing is there.
    ///
    /// # Errors
    /// When something else is there.
    fn file(&self, named: &Named) -> Result<Option<File>, MirrorError> {
        let (folder, name) = self.place(named);
        let file = match openat(folder, &*name, READ, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(_) => return Err(MirrorError::InTheWay(name_of(named))),
        };
        match file.metadata() {
            Ok(meta) if meta.is_file() => Ok(Some(file)),
            _ => Err(MirrorError::InTheWay(name_of(named))),
        }
    }

    /// The bytes of a file; `None` when it is not there, or longer than `most`, or cannot be read.
    ///
    /// # Errors
    /// When something that is no file has the name.
    pub fn read(&self, named: &Named, most: usize) -> Result<Option<Vec<u8>>, MirrorError> {
        let Some(file) = self.file(named)? else { return Ok(None) };
        let mut out = Vec::new();
        let read = file.take(most as u64 + 1).read_to_end(&mut out);
        Ok((read.is_ok() && out.len() <= most).then_some(out))
    }

    /// Length of a file, if it is there.
    ///
    /// # Errors
    /// When something that is no file has the name.
    pub fn length(&self, named: &Named) -> Result<Option<u64>, MirrorError> {
        let file = self.file(named)?;
        Ok(file.and_then(|file| file.metadata().ok()).map(|meta| meta.len()))
    }

    /// A piece of a file; `None` when it cannot be read.
    pub fn piece(&self, named: &Named, from: u64, length: usize) -> Option<Vec<u8>> {
        let file = self.file(named).ok()??;
        let mut out = vec![0; length];
        file.read_exact_at(&mut out, from).ok()?;
        Some(out)
    }

    /// Writes a file, unless it is there with these bytes. True when it was written. Its bytes are durable then; its
    /// name is after [`Folder::sync`].
    ///
    /// # Errors
    /// When something that is no file has the name, or the file system refuses.
    pub fn put(&self, named: &Named, bytes: &[u8]) -> Result<bool, MirrorError> {
        if self.length(named)? == Some(bytes.len() as u64)
            && self.read(named, bytes.len())?.as_deref() == Some(bytes)
        {
            return Ok(false);
        }
        let (folder, name) = self.place(named);
        replace(folder, &name, bytes, Sync::First)
            .map_err(|e| MirrorError::write(&name_of(named), e))?;
        Ok(true)
    }

    /// Makes all names durable.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn sync(&self) -> Result<(), MirrorError> {
        self.inner.iter().try_for_each(fsync).map_err(failed("."))?;
        fsync(&self.root).map_err(failed("."))
    }

    /// True when an index or a pack by its name is there.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn has_ours(&self) -> Result<bool, MirrorError> {
        for (top, folder) in FOLDERS.iter().zip(&self.inner) {
            let all = names(folder.as_fd()).map_err(failed(top))?;
            let ours = |name: &String| {
                Named::parse(&format!("{top}/{name}")).is_some() && is_file(folder.as_fd(), name)
            };
            if all.iter().any(ours) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All files with the name of a catalog or an index.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn indexes(&self) -> Result<Vec<Named>, MirrorError> {
        let ([top, _], [folder, _]) = (FOLDERS, &self.inner);
        let all = names(folder.as_fd()).map_err(failed(top))?;
        let files = all.iter().filter(|name| is_file(folder.as_fd(), name));
        Ok(files.filter_map(|name| Named::parse(&format!("{top}/{name}"))).collect())
    }

    /// Removes every file with the name of a catalog, index or pack that `stale` names. Gives how many.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn clean(&self, stale: &dyn Fn(&Named) -> bool) -> Result<u64, MirrorError> {
        let mut removed = 0;
        for (top, folder) in FOLDERS.iter().zip(&self.inner) {
            // The list first: what is removed meanwhile must not disturb it.
            for name in names(folder.as_fd()).map_err(failed(top))? {
                let path = format!("{top}/{name}");
                let ours = Named::parse(&path).is_some_and(|named| stale(&named));
                if ours && is_file(folder.as_fd(), &name) {
                    unlinkat(folder, &*name, AtFlags::empty()).map_err(failed(&path))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// A folder in the folder, made where it is not there.
fn made(root: &FolderLock, name: &str) -> Result<OwnedFd, MirrorError> {
    match mkdirat(root, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(e) => return Err(MirrorError::write(name, e)),
    }
    openat(root, name, FOLDER, Mode::empty()).map_err(|e| match e {
        Errno::NOTDIR | Errno::LOOP => MirrorError::InTheWay(name.to_owned()),
        e => MirrorError::write(name, e),
    })
}
