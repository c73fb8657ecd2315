//! Files into an open folder that others may read meanwhile: written beside, then renamed. No symbolic link is followed.

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Write;
use std::os::fd::BorrowedFd;

/// How a folder is opened.
pub const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// How a file that is there is opened: what is no file must not hold us up.
pub const READ: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
/// Start of the names of temporary files; 16 hexadecimal digits follow.
const TEMPORARY: &str = ".yadgar-";

/// When the bytes of a file are made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before it has its name.
    First,
    /// By the caller, for all files together.
    Later,
}

/// True for names of temporary files of ours.
pub fn is_temporary(name: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    name.strip_prefix(TEMPORARY).is_some_and(|tag| tag.len() == 16 && tag.bytes().all(hex))
}

/// The names in a folder that are text, without `.` and `..`; a list, which what is removed meanwhile does not disturb.
///
/// # Errors
/// When it cannot be read.
pub fn names(folder: BorrowedFd<'_>) -> Result<Vec<String>, Errno> {
    let mut out = Vec::new();
    for item in Dir::read_from(folder)? {
        let name = item?.file_name().to_str().ok().map(str::to_owned);
        out.extend(name.filter(|name| !matches!(name.as_str(), "." | "..")));
    }
    Ok(out)
}

/// True for a regular file.
pub fn is_file(folder: BorrowedFd<'_>, name: &str) -> bool {
    statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

/// Removes what killed writers left half written. The lock on the folder must say that nobody writes.
pub fn remove_leftovers(folder: BorrowedFd<'_>) {
    for name in names(folder).unwrap_or_default().iter().filter(|name| is_temporary(name)) {
        // Harmless when it stays.
        if is_file(folder, name) && unlinkat(folder, &**name, AtFlags::empty()).is_err() {
            tracing::debug!("a temporary file stays");
        }
    }
}

/// Writes beside and renames: never into a file that is there, which somebody may be reading, or which may be another
/// name of somebody's.
///
/// # Errors
/// When the file system refuses; then the name has what it had.
pub fn replace(
    folder: BorrowedFd<'_>,
    name: &str,
    bytes: &[u8],
    sync: Sync,
) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let (temporary, mut file) = loop {
        let temporary = format!("{TEMPORARY}{:016x}", rand::random::<u64>());
        match openat(folder, &*temporary, flags, Mode::from_raw_mode(0o644)) {
            Ok(fd) => break (temporary, File::from(fd)),
            Err(Errno::EXIST) => {}
            Err(e) => return Err(e.into()),
        }
    };
    let durable = |file: &File| match sync {
        Sync::First => file.sync_all(),
        Sync::Later => Ok(()),
    };
    let done = file.write_all(bytes).and_then(|()| durable(&file)).and_then(|()| {
        drop(file);
        Ok(renameat(folder, &*temporary, folder, name)?)
    });
    if done.is_err() {
        // Why it failed is what matters; one that stays is removed by the next writer.
        let _ = unlinkat(folder, &*temporary, AtFlags::empty());
    }
    done
}
