//! Durable file writes: what these functions return from survives a power cut.
//!
//! A file is replaced by writing a temporary file beside it, syncing it, renaming it over the old
//! one and syncing the directory. A reader sees the old bytes or the new ones, never a mix.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Start and end of the names of temporary files. [`clean_temps`] removes exactly these.
const TEMP_PREFIX: &str = ".yadgar-";
const TEMP_SUFFIX: &str = ".tmp";

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner alone (0600): keys, state, everything below the home directory.
    Private,
    /// Everyone (0644, less the umask): what the user exports.
    Shared,
}

impl Mode {
    /// The Unix permission bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Shared => 0o644,
        }
    }
}

/// Replaces the file at `path` by `bytes`, durably and in one step.
///
/// # Errors
/// When the file system refuses. The old file is then as it was and the temporary file is removed;
/// one that a crash left behind is removed by [`clean_temps`]. If only the last step failed (sync
/// of the directory), the new bytes are there, but a power cut may still bring the old ones back.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let dir = parent(path)?;
    let (temp, mut file) = create_temp(dir, mode)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = written.and_then(|()| fs::rename(&temp, path)) {
        // The first error is the one to tell; a temp file that stays is found at the next start.
        let _ = fs::remove_file(&temp);
        return Err(error);
    }
    sync_dir(dir)
}

/// Writes a file that must not be there yet, durably. Who else makes one of that name meanwhile keeps it.
///
/// # Errors
/// `AlreadyExists`, or when the file system refuses; nothing of ours is left then.
pub fn write_new(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let dir = parent(path)?;
    let (temp, mut file) = create_temp(dir, mode)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    let done = written.and_then(|()| match fs::hard_link(&temp, path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // A stick's file system has no links: not in one step, but never over another file.
        Err(_) => create_whole(path, bytes, mode),
        Ok(()) => Ok(()),
    });
    // A temp file that stays is found at the next start.
    let _ = fs::remove_file(&temp);
    done.and_then(|()| sync_dir(dir))
}

fn create_whole(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode.bits()).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
    })
}

/// Creates a directory (0700) and the missing ones above it, each durable in its parent. One that
/// is there already is fine.
///
/// # Errors
/// When the file system refuses, or when something that is no directory is in the way.
pub fn create_dir_durable(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent(dir)?;
    create_dir_durable(parent)?;
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => {}
        // Another thread was faster: its entry is synced below as well.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
        Err(error) => return Err(error),
    }
    sync_dir(parent)
}

/// Makes the entries of a directory durable (created, renamed and removed names).
///
/// # Errors
/// When the directory cannot be opened or synced.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes a file durably. One that is not there is fine.
///
/// # Errors
/// When the file system refuses.
pub fn remove_durable(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_dir(parent(path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes the temporary files that a killed [`write_atomic`] left in `dir`, and says how many. Only
/// for a directory that no one else writes to at this moment (whoever calls holds its lock).
///
/// # Errors
/// When the directory cannot be read or a file not removed.
pub fn clean_temps(dir: &Path) -> io::Result<usize> {
    let temps = temps(dir)?;
    temps.iter().try_for_each(fs::remove_file)?;
    Ok(temps.len())
}

/// The temporary files that a killed [`write_atomic`] left in `dir`.
///
/// # Errors
/// When the directory cannot be read.
pub fn temps(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if name.starts_with(TEMP_PREFIX) && name.ends_with(TEMP_SUFFIX) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// A new temporary file in `dir`. Short name: the final one may already be as long as allowed.
fn create_temp(dir: &Path, mode: Mode) -> io::Result<(PathBuf, File)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{TEMP_PREFIX}{}-{number}{TEMP_SUFFIX}", std::process::id());
        let path = dir.join(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(mode.bits()).open(&path);
        match made {
            Ok(file) => return Ok((path, file)),
            // Left by an earlier process with our number: take the next name.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// The directory that holds `path`.
fn parent(path: &Path) -> io::Result<&Path> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(parent) => Ok(parent),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "a path without a parent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn writes_and_replaces_with_the_mode_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        write_atomic(&file, b"one", Mode::Private).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        write_atomic(&file, b"two", Mode::Shared).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0o044);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_temp() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("d");
        fs::create_dir_all(target.join("full")).unwrap();
        write_atomic(&target, b"x", Mode::Private).unwrap_err();
        assert!(target.join("full").is_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write_atomic(Path::new("/"), b"x", Mode::Private).unwrap_err();
    }

    #[test]
    fn a_new_file_never_replaces_another() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        write_new(&file, b"one", Mode::Private).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        for write in [write_new, create_whole] {
            let error = write(&file, b"two", Mode::Private).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&file).unwrap(), b"one");
        create_whole(&dir.path().join("g"), b"two", Mode::Private).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn only_own_leftovers_are_cleaned() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".yadgar-12-0.tmp", ".yadgar-12-0.tmp.txt", "a.tmp", ".tmp"] {
            fs::write(dir.path().join(name), b"x").unwrap();
        }
        assert_eq!(clean_temps(dir.path()).unwrap(), 1);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn directories_and_removal() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        create_dir_durable(&deep).unwrap();
        create_dir_durable(&deep).unwrap();
        assert_eq!(fs::metadata(&deep).unwrap().permissions().mode() & 0o777, 0o700);
        let file = deep.join("f");
        fs::write(&file, b"x").unwrap();
        remove_durable(&file).unwrap();
        remove_durable(&file).unwrap();
        create_dir_durable(&dir.path().join("g")).unwrap();
        fs::write(dir.path().join("h"), b"").unwrap();
        create_dir_durable(&dir.path().join("h/i")).unwrap_err();
    }
}
