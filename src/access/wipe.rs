//! Taking a home away: its key first, then its files.
//!
//! Only what this program makes is removed, by name and place; what somebody else put there stays. Everything can be
//! done again after a crash: the lock goes last, so that what is left is still known as a home.
//! How the process that holds a home is ended: `holder`.

mod holder;

pub use holder::{stop_holder, take_lock};

use super::IDENTITIES;
use super::server::socket_path;
use crate::durable;
use crate::store::lock::HomeLock;
use crate::store::vault;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;

/// Files that are left and told one by one.
const MAX_LEFT: usize = 20;
/// More than a lock file has.
const MAX_LOCK_BYTES: u64 = 16_384;

/// How the key files of maintainers begin.
const KEY_START: [u8; 11] = *b"yadgar key ";
/// The folders of a home.
const FOLDERS: [&str; 5] = ["archives", "store", "keys", vault::DATA, vault::FILES];
/// What an archive's folder may have.
const ARCHIVE_FILES: [&str; 12] = [
    "state",
    "fork-proof",
    "complete",
    "looked",
    "acts",
    "settings.json",
    "roots",
    "pending",
    "notices",
    "parts.json",
    "unchanged",
    "signed",
];

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is not ours, or could not be removed; the first 20.
    pub left: Vec<PathBuf>,
    /// How much more of that there is.
    pub more_left: u64,
}

/// Whether there is a home in this folder, or what a wipe that was cut short left of one.
pub fn is_home(home: &Path) -> bool {
    is_store(home)
        || archives(home).next().is_some()
        || vault::key::is_right(home)
        || is_signing_key(&home.join("keys/maintainer.key"))
        || is_lock(home)
        || is_without_key(home)
}

/// What is in a folder that is no home (any more); the first 20 are named.
pub fn others(home: &Path) -> Removed {
    let mut found = Removed::default();
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        found.keep(&entry.path());
    }
    found
}

/// A maintainer's key file.
fn is_signing_key(path: &Path) -> bool {
    let mut start = [0; KEY_START.len()];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == KEY_START
}

fn is_store(home: &Path) -> bool {
    home.join("store/segments").is_dir() && home.join("store/lock").is_file()
}

/// The folders of archives.
fn archives(home: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let all = inside(home, "archives").and_then(|folder| fs::read_dir(folder).ok());
    let entries = all.into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| is_real_dir(path)).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.parse::<ArchiveId>().is_ok())
    })
}

/// A lock as [`HomeLock`] leaves it: with who holds it (a wipe that was killed, perhaps); or empty, when nothing
/// else is here than what a home has.
fn is_lock(home: &Path) -> bool {
    let path = home.join("lock");
    let Ok(meta) = fs::symlink_metadata(&path) else { return false };
    if !meta.is_file() || meta.permissions().mode() & 0o777 != 0o600 || meta.len() > MAX_LOCK_BYTES
    {
        return false;
    }
    let holder =
        |text: Vec<u8>| serde_json::from_slice::<crate::store::lock::Holder>(&text).is_ok();
    match meta.len() {
        0 => fs::read_dir(home).is_ok_and(|mut all| {
            all.all(|entry| entry.is_ok_and(|e| e.file_name().to_str().is_some_and(is_of_home)))
        }),
        _ => fs::read(path).is_ok_and(holder),
    }
}

/// What is left of an encrypted home whose key is gone: nothing in it has a mark, but who made it is told by names,
/// lengths and rights together, beside a lock of ours.
fn is_without_key(home: &Path) -> bool {
    let private = |path: &Path| {
        fs::symlink_metadata(path).ok().filter(|m| m.is_file() && m.mode() & 0o777 == 0o600)
    };
    let has = |name: &str, is_ours: fn(&str, u64) -> bool| {
        let folder = inside(home, name).and_then(|folder| fs::read_dir(folder).ok());
        folder.into_iter().flatten().flatten().any(|entry| {
            let meta = private(&entry.path());
            let name = entry.file_name();
            name.to_str().zip(meta).is_some_and(|(name, meta)| is_ours(name, meta.len()))
        })
    };
    private(&home.join("lock")).is_some_and(|meta| meta.len() <= MAX_LOCK_BYTES)
        && (has(vault::DATA, vault::may_be_container) || has(vault::FILES, vault::may_be_file))
}

/// Names that a home has at its top.
fn is_of_home(name: &str) -> bool {
    FOLDERS.contains(&name) || is_beside(name) || matches!(name, "lock" | "key")
}

/// Names of the files that a node has at the top of a home.
fn is_beside(name: &str) -> bool {
    IDENTITIES.contains(&name) || matches!(name, "peers" | "front" | "volume" | "control.sock")
}

/// A folder of the home, unless it is a link: what that leads to is not ours.
fn inside(home: &Path, name: &str) -> Option<PathBuf> {
    Some(home.join(name)).filter(|path| is_real_dir(path))
}

/// A folder, and no link to one.
fn is_real_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// Removes the files of a home, and its folders where nothing else is in them. The lock is given up at the end. A key
/// file that was written meanwhile (a change of the passphrase) is destroyed first.
///
/// # Errors
/// When the folder cannot be read. What cannot be removed is told in what is returned.
pub fn remove(home: &Path, lock: HomeLock) -> io::Result<Removed> {
    let mut done = Removed::default();
    vault::key::destroy(home)?;
    for (folder, is_ours) in folders(home) {
        done.folder(&folder, is_ours);
    }
    let keys = inside(home, "keys").and_then(|folder| fs::read_dir(folder).ok());
    let keys = keys.into_iter().flatten().flatten();
    for key in keys.map(|entry| entry.path()).filter(|path| is_signing_key(path)) {
        done.file(&key);
    }
    for name in FOLDERS {
        done.rest(&home.join(name));
    }
    done.folder(home, is_beside);
    let socket = socket_path(home);
    if socket.parent().is_some_and(|folder| folder != home) {
        done.file(&socket);
        done.rest(socket.parent().unwrap_or(home));
    }
    done.file(&home.join("lock"));
    drop(lock);
    durable::sync_dir(home)?;
    done.rest(home);
    if let Some(parent) = home.parent() {
        durable::sync_dir(parent)?;
    }
    Ok(done)
}

/// Names of files that are ours.
type IsOurs = fn(&str) -> bool;

/// The folders that have files of ours, the inner ones first.
fn folders(home: &Path) -> Vec<(PathBuf, IsOurs)> {
    let in_archive: IsOurs = |name| ARCHIVE_FILES.contains(&name);
    let mut all: Vec<(PathBuf, IsOurs)> =
        archives(home).map(|folder| (folder, in_archive)).collect();
    let within: [(&str, &str, IsOurs); 5] = [
        ("store", "segments", is_segment),
        ("store", "", |name| matches!(name, "lock" | "index.redb" | "scrub")),
        ("keys", "", |_| false),
        (vault::DATA, "", vault::is_container),
        (vault::FILES, "", vault::is_file),
    ];
    for (folder, below, is_ours) in within {
        all.extend(inside(home, folder).map(|folder| (folder.join(below), is_ours)));
    }
    all
}

fn is_segment(name: &str) -> bool {
    name.strip_suffix(".seg").is_some_and(|n| n.len() >= 8 && n.bytes().all(|b| b.is_ascii_digit()))
}

impl Removed {
    /// Removes the files of a folder that are ours, and the folder when nothing is left in it.
    fn folder(&mut self, folder: &Path, is_ours: IsOurs) {
        if !is_real_dir(folder) {
            return;
        }
        let temps = durable::temps(folder).unwrap_or_default();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let ours = entry.file_name().to_str().is_some_and(is_ours) || temps.contains(&path);
            if ours && !is_real_dir(&path) {
                self.file(&path);
            }
        }
        // Not durable by itself: the last sync of the home stands behind it.
        let _ = durable::sync_dir(folder);
        let _ = fs::remove_dir(folder);
    }

    fn file(&mut self, path: &Path) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        match fs::remove_file(path) {
            Ok(()) => {
                self.files += 1;
                // A hard link elsewhere keeps the bytes; so does nothing else.
                self.bytes += if meta.is_file() && meta.nlink() == 1 { meta.len() } else { 0 };
            }
            Err(_) => self.keep(path),
        }
    }

    fn keep(&mut self, path: &Path) {
        if self.left.len() < MAX_LEFT {
            self.left.push(path.to_owned());
        } else {
            self.more_left += 1;
        }
    }

    /// Removes a folder that is empty by now; what else is in it is told.
    fn rest(&mut self, folder: &Path) {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(()) => {}
            Err(_) if !is_real_dir(folder) => self.keep(folder),
            Err(_) => {
                for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                    self.keep(&entry.path());
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "wipe_tests.rs"]
mod tests;
