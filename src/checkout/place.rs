//! One file of a release in the target folder.

use super::{CheckoutError, FOLDER, reading};
use crate::store::{BlockStore, StoreError};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use yadgar_protocol::tree::{Content, Entry};
use yadgar_protocol::{BlockId, Hash, chunk};

/// Where a worker is in the target: entries come in order, so the folder is mostly the same.
pub(super) struct Place<'a> {
    pub(super) root: &'a OwnedFd,
    /// Every path of the parts: no temporary file may take one.
    pub(super) paths: &'a HashSet<&'a str>,
    /// The folder of the last file.
    pub(super) prefix: Option<(String, OwnedFd)>,
}

impl Place<'_> {
    /// Writes one file; false when it was there already.
    pub(super) fn write(
        &mut self,
        store: &dyn BlockStore,
        entry: &Entry,
    ) -> Result<bool, CheckoutError> {
        let path = entry.path.as_str();
        let failed = |e: Errno| CheckoutError::Write(path.into(), e.into());
        let paths = self.paths;
        let (prefix, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.folder(prefix).map_err(failed)?;
        if is_there(folder, name, entry) {
            return Ok(false);
        }
        let (temporary, file) = temporary(folder, prefix, paths).map_err(failed)?;
        let done = fill(store, entry, file)
            .and_then(|()| renameat(folder, &*temporary, folder, name).map_err(failed));
        if done.is_err() {
            // The reason it failed is what matters; a left-over temporary file is harmless.
            let _ = unlinkat(folder, &*temporary, AtFlags::empty());
        }
        done.map(|()| true)
    }

    fn folder(&mut self, prefix: &str) -> Result<&OwnedFd, Errno> {
        if prefix.is_empty() {
            return Ok(self.root);
        }
        if self.prefix.as_ref().is_none_or(|(held, _)| held != prefix) {
            let mut fd: Option<OwnedFd> = None;
            for segment in prefix.split('/') {
                let parent = fd.as_ref().unwrap_or(self.root);
                match mkdirat(parent, segment, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(e) => return Err(e),
                }
                fd = Some(openat(parent, segment, FOLDER, Mode::empty())?);
            }
            self.prefix = fd.map(|fd| (prefix.to_owned(), fd));
        }
        Ok(self.prefix.as_ref().map_or(self.root, |(_, fd)| fd))
    }
}

/// A new file in `folder`. Never one that is there: it may be a pipe, or another name of a file
/// that is somebody's.
fn temporary(
    folder: &OwnedFd,
    prefix: &str,
    paths: &HashSet<&str>,
) -> Result<(String, File), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let name = format!(".yadgar-{:016x}", rand::random::<u64>());
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if paths.contains(path.as_str()) {
            continue;
        }
        match openat(folder, &*name, flags, Mode::from_raw_mode(0o644)) {
            Ok(fd) => {
                let file = File::from(fd);
                // Says that it is in use; where the file system has no locks nothing is swept.
                let _ = file.try_lock();
                return Ok((name, file));
            }
            Err(Errno::EXIST) => {}
            Err(e) => return Err(e),
        }
    }
}

/// Removes the temporary files that a killed checkout has left in the folders of `paths`. One that
/// is being written belongs to a checkout that runs, which holds a lock on it.
pub(super) fn sweep(root: &OwnedFd, paths: &HashSet<&str>) {
    let mut prefixes: Vec<&str> =
        paths.iter().filter_map(|p| Some(p.rsplit_once('/')?.0)).collect();
    prefixes.push("");
    prefixes.sort_unstable();
    prefixes.dedup();
    for prefix in prefixes {
        // A folder that is not there has no leftovers; one that cannot be read is left as it is.
        let Some(folder) = existing(root, prefix) else { continue };
        let Ok(entries) = Dir::read_from(&folder) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let Ok(name) = entry.file_name().to_str() else { continue };
            let path = if prefix.is_empty() { name.into() } else { format!("{prefix}/{name}") };
            if is_temporary(name) && !paths.contains(path.as_str()) && is_left_over(&folder, name) {
                // Harmless when it stays.
                let _ = unlinkat(&folder, name, AtFlags::empty());
            }
        }
    }
}

/// A folder under `root`, no symbolic link followed.
fn existing(root: &OwnedFd, prefix: &str) -> Option<OwnedFd> {
    let mut folder = root.try_clone().ok()?;
    for segment in prefix.split('/').filter(|segment| !segment.is_empty()) {
        folder = openat(&folder, segment, FOLDER, Mode::empty()).ok()?;
    }
    Some(folder)
}

/// True for the names that [`temporary`] gives.
fn is_temporary(name: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    name.strip_prefix(".yadgar-").is_some_and(|tag| tag.len() == 16 && tag.bytes().all(hex))
}

/// True for a regular file of one name that no checkout holds.
fn is_left_over(folder: &OwnedFd, name: &str) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let Ok(fd) = openat(folder, name, flags, Mode::empty()) else { return false };
    let file = File::from(fd);
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.nlink() == 1) && file.try_lock().is_ok()
}

fn is_there(folder: &OwnedFd, name: &str, entry: &Entry) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let Ok(fd) = openat(folder, name, flags, Mode::empty()) else { return false };
    let mut file = File::from(fd);
    let fits = file.metadata().is_ok_and(|m| m.is_file() && m.len() == entry.size);
    if !fits {
        return false;
    }
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Hash(*hasher.finalize().as_bytes()) == entry.file_hash(),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(_) => return false,
        };
    }
}

fn fill(store: &dyn BlockStore, entry: &Entry, mut file: File) -> Result<(), CheckoutError> {
    let path = entry.path.as_str();
    let failed = |e| CheckoutError::Write(path.into(), e);
    match &entry.content {
        Content::Block(id) => {
            let block = store.get(id)?.ok_or_else(|| CheckoutError::Missing(path.into(), *id))?;
            if block.len() as u64 != entry.size {
                return Err(CheckoutError::Damaged(path.into(), "another size".into()));
            }
            file.write_all(&block).map_err(failed)
        }
        Content::List { root, hash } => {
            // One hash over all of it says as much as one of each block. When it is wrong, the blocks are
            // asked one by one: the store then knows which of them is damaged.
            if fill_list(store, entry, root, &mut file, &|id| store.get_unchecked(id))? == *hash {
                return Ok(());
            }
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            if fill_list(store, entry, root, &mut file, &|id| store.get(id))? == *hash {
                return Ok(());
            }
            Err(CheckoutError::Damaged(path.into(), "another whole-file hash".into()))
        }
    }
}

/// How blocks are read.
type Get<'a> = dyn Fn(&BlockId) -> Result<Option<Vec<u8>>, StoreError> + 'a;

/// Writes the blocks of a list as `get` gives them, and hashes what was written.
fn fill_list(
    store: &dyn BlockStore,
    entry: &Entry,
    root: &BlockId,
    file: &mut File,
    get: &Get<'_>,
) -> Result<Hash, CheckoutError> {
    let path = entry.path.as_str();
    let mut whole = blake3::Hasher::new();
    let mut result = Ok(());
    chunk::read_list(store, root, entry.size, &mut |chunk| {
        let block = get(&chunk.id).map_err(CheckoutError::from);
        let block = block.and_then(|b| b.ok_or(CheckoutError::Missing(path.into(), chunk.id)));
        result = block.and_then(|data| {
            whole.update(&data);
            file.write_all(&data).map_err(|e| CheckoutError::Write(path.into(), e))
        });
        result.is_ok()
    })
    .map_err(|fault| reading(path, fault))?;
    result?;
    Ok(Hash(*whole.finalize().as_bytes()))
}
