//! A carrier as a file that is there whole or not at all.

use super::export::{ExportError, ExportOptions, ExportProgress, ExportSummary, export_with};
use crate::store::BlockStore;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use yadgar_protocol::carrier::{CarReader, Event};
use yadgar_protocol::trust::Accepted;

/// Bytes written or read at a time.
const PIECE: usize = 1 << 20;

/// How the file is written.
#[derive(Default, Clone, Copy)]
pub struct FileOptions<'a> {
    /// What to write.
    pub export: ExportOptions<'a>,
    /// Replace a file that is there.
    pub force: bool,
    /// Read everything back from the disk and check it before the file gets its name.
    pub read_back: bool,
}

/// Writes the carrier of `head` to the file `path`. It appears under that name only when it is
/// complete and on the disk; until then it is a hidden file beside it, which any error removes.
///
/// # Errors
/// See [`ExportError`]; `Exists` when there is such a file and `force` is not set.
pub fn export_file(
    path: &Path,
    store: &dyn BlockStore,
    head: &Accepted,
    options: FileOptions<'_>,
    progress: &mut dyn FnMut(ExportProgress),
) -> Result<ExportSummary, ExportError> {
    check_free(path, options.force)?;
    remove_left(folder_of(path));
    let (temp, file) = Temp::create(path)?;
    let (summary, file) = write(&temp, file, store, head, options.export, progress)?;
    if options.read_back {
        read_back(&temp.0, file, &summary)?;
    } else {
        drop(file);
    }
    temp.become_file(path, options.force)?;
    Ok(summary)
}

/// Writes a small file of ours in one step, under no other name on the way than one that says nothing. Replaces none unless
/// `force`.
///
/// # Errors
/// See [`ExportError`]; nothing of it is left then.
pub fn write_small(path: &Path, bytes: &[u8], force: bool) -> Result<(), ExportError> {
    check_free(path, force)?;
    let (temp, mut file) = Temp::create(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| ExportError::io(format!("writing {}", path.display()), e))?;
    drop(file);
    temp.become_file(path, force)
}

fn write(
    temp: &Temp,
    file: File,
    store: &dyn BlockStore,
    head: &Accepted,
    options: ExportOptions<'_>,
    progress: &mut dyn FnMut(ExportProgress),
) -> Result<(ExportSummary, File), ExportError> {
    let failed = |source| ExportError::io(format!("writing {}", temp.0.display()), source);
    let mut out = BufWriter::with_capacity(PIECE, file);
    let summary = export_with(store, head, options, &mut out, progress)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok((summary, file))
}

pub(super) fn check_free(path: &Path, force: bool) -> Result<(), ExportError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() || !force => Err(ExportError::Exists(path.to_path_buf())),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ExportError::io(format!("looking for {}", path.display()), error)),
    }
}

/// Makes the next read ask the disk, where the system does that.
pub(super) fn forget_pages(file: &File) {
    // Only advice: where it is not taken, the check is weaker, but not wrong.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// Reads the file as an importer will. Its pages are dropped from memory first, where the system
/// does that: otherwise a dying stick would not be noticed.
fn read_back(path: &Path, written: File, summary: &ExportSummary) -> Result<(), ExportError> {
    forget_pages(&written);
    drop(written);
    let failed = |source| ExportError::io(format!("reading back {}", path.display()), source);
    let mut file = File::open(path).map_err(failed)?;
    let (mut reader, mut piece) = (CarReader::new(), vec![0; PIECE]);
    let (mut blocks, mut bytes) = (0, 0);
    loop {
        let count = match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count.map_err(failed)?,
        };
        bytes += count as u64;
        reader.feed(&piece[..count]);
        while let Some(event) = reader.next(count == 0) {
            match event {
                Event::Block { .. } => blocks += 1,
                Event::Header { root: Some(_) } => {}
                Event::Header { root: None } => {
                    return Err(ExportError::ReadBack("its first bytes are wrong".into()));
                }
                Event::Skipped { from, to, why } => {
                    let text = format!("bytes {from} to {to}: {why}");
                    return Err(ExportError::ReadBack(text));
                }
            }
        }
        if count == 0 {
            break;
        }
    }
    if (blocks, bytes) != (summary.blocks, summary.bytes) {
        return Err(ExportError::ReadBack(format!(
            "{bytes} bytes of {}, {blocks} blocks of {}",
            summary.bytes, summary.blocks
        )));
    }
    Ok(())
}

/// Most entries of a folder that are looked at for what was left.
const MAX_LOOKED: usize = 10_000;

/// Removes unfinished carriers that a stick which was pulled out kept: they take its room, and say what it was used
/// for. Only files that have a name and a beginning as [`Temp`] and a carrier have, of processes that are gone.
fn remove_left(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(MAX_LOOKED).flatten() {
        let ours = entry.file_name().to_str().and_then(maker).is_some_and(is_gone);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) && begins(&entry.path()) {
            // One that stays is in nobody's way but the room's.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The process that a [`Temp`] of this name was made by.
fn maker(name: &str) -> Option<i32> {
    let (process, number) = name.strip_prefix('.')?.strip_suffix(".part")?.split_once('-')?;
    number.parse::<u32>().ok()?;
    process.parse().ok()
}

fn is_gone(process: i32) -> bool {
    let process = rustix::process::Pid::from_raw(process);
    // Of another user, or in another namespace of ours: not known, so it is left alone.
    process.is_some_and(|process| {
        rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
    })
}

/// True when a file begins as a carrier of ours does, or has no byte yet.
fn begins(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let (mut reader, mut first) = (CarReader::new(), Vec::new());
    if file.take(PIECE as u64).read_to_end(&mut first).is_err() {
        return false;
    }
    reader.feed(&first);
    first.is_empty() || matches!(reader.next(true), Some(Event::Header { root: Some(_) }))
}

/// A hidden file that is removed when it goes out of scope.
pub(super) struct Temp(pub PathBuf);

impl Temp {
    /// Beside `path`, so that a rename stays on one file system. A short name of its own: that of
    /// `path` may already be as long as the file system allows.
    pub fn create(path: &Path) -> Result<(Self, File), ExportError> {
        let failed =
            |source| ExportError::io(format!("making a file beside {}", path.display()), source);
        for number in 0..u32::MAX {
            // It may stay on a stick that is pulled out, so it says nothing.
            let name = format!(".{}-{number}.part", std::process::id());
            let temp = folder_of(path).join(name);
            match OpenOptions::new().write(true).create_new(true).open(&temp) {
                Ok(file) => return Ok((Self(temp), file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::ErrorKind::AlreadyExists.into()))
    }

    pub fn become_file(self, path: &Path, force: bool) -> Result<(), ExportError> {
        give_name(&self.0, path, force)
    }
}

/// Gives a file that is written its name, durably.
pub(super) fn give_name(temp: &Path, path: &Path, force: bool) -> Result<(), ExportError> {
    let failed = |source| ExportError::io(format!("naming {}", path.display()), source);
    if force {
        fs::rename(temp, path).map_err(failed)?;
    } else {
        // A link never replaces a file that somebody made in the meantime. FAT has no links.
        match fs::hard_link(temp, path) {
            Ok(()) => fs::remove_file(temp).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(ExportError::Exists(path.to_path_buf()));
            }
            Err(_) => {
                check_free(path, false)?;
                fs::rename(temp, path).map_err(failed)?;
            }
        }
    }
    File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

impl Drop for Temp {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.0);
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
