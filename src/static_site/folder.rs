//! The folder that is written: on a stick that may hold anybody's files.
//!
//! No symbolic link in it is followed. A file appears whole or not at all. What is not ours, by its name and by how it
//! begins, is neither replaced nor removed.

use super::SiteError;
use super::names::{self, Kind};
use crate::folder_lock::FolderLock;
use crate::folder_write::{FOLDER, READ, Sync, is_temporary, names as all_names};
use crate::folder_write::{remove_leftovers, replace};
use crate::memorial::layout::TITLE;
use crate::memorial::pages::picture::raster;
use crate::memorial::text::Lang;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode};
use rustix::fs::{mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use yadgar_protocol::Hash;

/// How far into a file it is looked for what makes it ours, in bytes.
const HEAD_BYTES: usize = 1024;
/// What systems put on a stick by themselves: a folder with nothing else is empty.
const OF_SYSTEMS: [&str; 10] = [
    "System Volume Information",
    "$RECYCLE.BIN",
    "desktop.ini",
    "Thumbs.db",
    ".DS_Store",
    ".Spotlight-V100",
    ".Trashes",
    ".fseventsd",
    "lost+found",
    "LOST.DIR",
];

/// An open folder, and what was written into it.
pub struct Folder {
    root: FolderLock,
    /// Names that were written, as the first half of their BLAKE3: 16 bytes a file instead of a path.
    kept: Mutex<HashSet<[u8; 16]>>,
}

fn failed(path: &str) -> impl Fn(Errno) -> SiteError + '_ {
    |e| SiteError::write(path, e.into())
}

impl Folder {
    /// Opens a folder and the missing ones above it, and keeps other exports out of it.
    ///
    /// # Errors
    /// When it cannot be made, or another export writes into it.
    pub fn open(dir: &Path) -> Result<Self, SiteError> {
        let shown = dir.display().to_string();
        std::fs::create_dir_all(dir).map_err(|e| SiteError::write(&shown, e))?;
        let root = openat(CWD, dir, FOLDER, Mode::empty()).map_err(failed(&shown))?;
        let root = FolderLock::take_if_possible(root).map_err(|_| SiteError::Busy(shown))?;
        Ok(Self { root, kept: Mutex::default() })
    }

    /// True when nothing is in it but what systems put there, and what a killed export left.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_empty(&self) -> Result<bool, SiteError> {
        let items = Dir::read_from(&self.root).map_err(failed("."))?;
        for item in items {
            let item = item.map_err(failed("."))?;
            let name = item.file_name().to_string_lossy();
            let of_system = OF_SYSTEMS.contains(&&*name) || name.starts_with(".Trash-");
            if !(matches!(&*name, "." | "..") || of_system || is_temporary(&name)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The bytes of a regular file of at most `most` bytes; `None` when there is no such.
    pub fn read(&self, path: &str, most: usize) -> Option<Vec<u8>> {
        let (folder, name) = self.existing(path)?;
        read(&folder, name, most)
    }

    /// Writes a file, unless it is there with these bytes. True when it was written.
    ///
    /// # Errors
    /// When something that is not ours has this name, or the file system refuses.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<bool, SiteError> {
        let (folder, name) = self.made(path)?;
        let done = match there(&folder, name, path, bytes) {
            There::Same => false,
            There::Foreign => return Err(SiteError::InTheWay(path.to_owned())),
            There::Nothing | There::Ours => {
                replace(folder.as_fd(), name, bytes, Sync::Later)
                    .map_err(|e| SiteError::write(path, e))?;
                true
            }
        };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(short(path));
        Ok(done)
    }

    /// Removes a file if it is ours. True when it was there.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self, path: &str) -> Result<bool, SiteError> {
        let Some((folder, name)) = self.existing(path) else { return Ok(false) };
        if !matches!(there(&folder, name, path, &[]), There::Ours | There::Same) {
            return Ok(false);
        }
        unlinkat(&folder, name, AtFlags::empty()).map_err(failed(path))?;
        Ok(true)
    }

    /// Removes every file of ours that `stale` names, and what killed exports left. Gives how many of the former.
    /// `stale` gets the name, its kind and the key of its record.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn clean(
        &self,
        stale: &dyn Fn(&str, Kind, Option<&str>) -> bool,
    ) -> Result<u64, SiteError> {
        let mut removed = 0;
        remove_leftovers(self.root.as_fd());
        for top in names::FOLDERS {
            self.walk(top, &mut |path| {
                let Some((kind, key)) = names::parse(path) else { return Ok(()) };
                if stale(path, kind, key) && self.remove(path)? {
                    removed += 1;
                }
                Ok(())
            })?;
        }
        Ok(removed)
    }

    /// True when [`Folder::put`] was called for this name.
    pub fn has_put(&self, path: &str) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(&short(path))
    }

    /// Calls `f` with the name of each regular file below a folder, and removes folders that are empty then.
    fn walk(
        &self,
        top: &str,
        f: &mut dyn FnMut(&str) -> Result<(), SiteError>,
    ) -> Result<(), SiteError> {
        let Ok(folder) = openat(&self.root, top, FOLDER, Mode::empty()) else { return Ok(()) };
        self.walk_in(top, &folder, f)
    }

    fn walk_in(
        &self,
        path: &str,
        folder: &OwnedFd,
        f: &mut dyn FnMut(&str) -> Result<(), SiteError>,
    ) -> Result<(), SiteError> {
        remove_leftovers(folder.as_fd());
        // The list first: what is removed meanwhile must not disturb it. One folder at a time, as big as one folder is.
        for name in all_names(folder.as_fd()).map_err(failed(path))? {
            let inner = format!("{path}/{name}");
            let Ok(stat) = statat(folder, &*name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => f(&inner)?,
                // No name of ours lies deeper.
                FileType::Directory if inner.matches('/').count() < names::MAX_DEPTH => {
                    let below = openat(folder, &*name, FOLDER, Mode::empty());
                    self.walk_in(&inner, &below.map_err(failed(&inner))?, f)?;
                    // One that is not empty stays.
                    if names::is_folder(&inner) {
                        let _ = unlinkat(folder, &*name, AtFlags::REMOVEDIR);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes what was written durable: a stick may be pulled out as soon as success is reported.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn sync(&self) -> Result<(), SiteError> {
        #[cfg(target_os = "linux")]
        let done = rustix::fs::syncfs(&self.root);
        #[cfg(not(target_os = "linux"))]
        let done = rustix::fs::fsync(&self.root);
        done.map_err(failed("."))
    }

    /// The folder of a file that may be there.
    fn existing<'a>(&self, path: &'a str) -> Option<(OwnedFd, &'a str)> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = self.root.as_fd().try_clone_to_owned().ok()?;
        for segment in folders.split('/').filter(|segment| !segment.is_empty()) {
            folder = openat(&folder, segment, FOLDER, Mode::empty()).ok()?;
        }
        Some((folder, name))
    }

    /// The folder of a file, made where it is not there.
    fn made<'a>(&self, path: &'a str) -> Result<(OwnedFd, &'a str), SiteError> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let io = |e: std::io::Error| SiteError::write(path, e);
        let mut folder = self.root.as_fd().try_clone_to_owned().map_err(io)?;
        for segment in folders.split('/').filter(|segment| !segment.is_empty()) {
            let open = |folder: &OwnedFd| openat(folder, segment, FOLDER, Mode::empty());
            folder = match open(&folder) {
                Err(Errno::NOENT) => {
                    match mkdirat(&folder, segment, Mode::from_raw_mode(0o755)) {
                        // Another worker was faster.
                        Ok(()) | Err(Errno::EXIST) => open(&folder),
                        Err(e) => Err(e),
                    }
                }
                other => other,
            }
            .map_err(|e| match e {
                Errno::NOTDIR | Errno::LOOP => SiteError::InTheWay(segment.to_owned()),
                e => SiteError::write(path, e.into()),
            })?;
        }
        Ok((folder, name))
    }
}

fn short(path: &str) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&Hash::of(path.as_bytes()).0[..16]);
    out
}

/// What a name has in the folder.
enum There {
    Nothing,
    /// The bytes that are to be written.
    Same,
    /// An older file of ours, or one that a power cut left empty.
    Ours,
    /// Somebody else's, or no file.
    Foreign,
}

fn there(folder: &OwnedFd, name: &str, path: &str, bytes: &[u8]) -> There {
    let mut file = match openat(folder, name, READ, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return There::Nothing,
        Err(_) => return There::Foreign,
    };
    let Some(meta) = file.metadata().ok().filter(|meta| meta.is_file()) else {
        return There::Foreign;
    };
    let mut head = vec![0; HEAD_BYTES];
    let mut length = 0;
    while let Ok(n @ 1..) = file.read(&mut head[length..]) {
        length += n;
    }
    head.truncate(length);
    if meta.len() == bytes.len() as u64 && bytes.starts_with(&head) {
        let mut rest = Vec::new();
        let most = bytes.len() as u64;
        if file.take(most).read_to_end(&mut rest).is_ok() && rest == bytes[length..] {
            return There::Same;
        }
    }
    if is_ours(path, &head) { There::Ours } else { There::Foreign }
}

/// True for a beginning that only a file of ours has, by what its name says that it is.
fn is_ours(path: &str, head: &[u8]) -> bool {
    // After a power cut a file can have its length and no content.
    if head.iter().all(|b| *b == 0) {
        return true;
    }
    match names::parse(path) {
        Some((Kind::Page, _)) => {
            let text = String::from_utf8_lossy(head);
            let title = |lang| text.contains(&format!("<title>{}</title>", TITLE.get(lang)));
            text.starts_with("<!DOCTYPE html>") && (title(Lang::Fa) || title(Lang::En))
        }
        // A CBOR map of seven, whose first key is `head`: proof.md.
        Some((Kind::Proof, _)) => head.starts_with(b"\xa7\x64head"),
        Some((Kind::Picture, _)) => raster(head).is_some(),
        Some((Kind::Other, _)) => true,
        None => false,
    }
}

fn read(folder: &OwnedFd, name: &str, most: usize) -> Option<Vec<u8>> {
    let file = File::from(openat(folder, name, READ, Mode::empty()).ok()?);
    let fits = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= most as u64);
    let mut out = Vec::new();
    (fits && file.take(most as u64).read_to_end(&mut out).is_ok()).then_some(out)
}
