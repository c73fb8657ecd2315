//! The segment files of a store: names, creation, open handles.

use super::record::{FILE_HEADER, FileHeader, file_header, read_file_header};
use crate::durable;
use crate::store::StoreError;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Open segment files at once: a store of a terabyte has thousands, a process 1024 handles.
const MAX_OPEN: usize = 32;

/// A segment file as found on the disk.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Its number, by its name.
    pub number: u32,
    /// Its length in bytes.
    pub len: u64,
}

/// The directory of segment files.
pub struct Segments {
    dir: PathBuf,
    open: Mutex<Handles>,
}

#[derive(Default)]
struct Handles {
    clock: u64,
    files: BTreeMap<u32, (u64, Arc<File>)>,
}

impl Segments {
    /// The segment files in `dir`. Nothing is read yet.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, open: Mutex::default() }
    }

    /// The path of segment `number`.
    pub fn path(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:08}.seg"))
    }

    /// All segments, by number. Other files are left alone.
    pub fn list(&self) -> Result<Vec<Found>, StoreError> {
        list(&self.dir)
            .map_err(|error| StoreError::io(format!("list {}", self.dir.display()), error))
    }

    /// An open handle of a segment.
    pub fn open(&self, number: u32) -> Result<Arc<File>, StoreError> {
        let mut handles = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        handles.clock += 1;
        let now = handles.clock;
        if let Some((used, file)) = handles.files.get_mut(&number) {
            *used = now;
            return Ok(Arc::clone(file));
        }
        let path = self.path(number);
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let file =
            file.map_err(|error| StoreError::io(format!("open {}", path.display()), error))?;
        let file = Arc::new(file);
        handles.keep(number, Arc::clone(&file));
        Ok(file)
    }

    /// Lets go of the handle of a segment whose file is gone.
    pub fn forget(&self, number: u32) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).files.remove(&number);
    }

    /// Creates an empty segment, durably: its header and its name are on the disk.
    pub fn create(&self, number: u32) -> Result<Arc<File>, StoreError> {
        let path = self.path(number);
        let made = self.try_create(number, &path);
        let file = made.map_err(|error| {
            // One that was there is not ours to remove. One that stays is dealt with at the next
            // open; its number is not used again.
            if error.kind() != io::ErrorKind::AlreadyExists {
                let _ = std::fs::remove_file(&path);
            }
            StoreError::io(format!("create {}", path.display()), error)
        })?;
        let file = Arc::new(file);
        let mut handles = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        handles.clock += 1;
        handles.keep(number, Arc::clone(&file));
        Ok(file)
    }

    fn try_create(&self, number: u32, path: &Path) -> io::Result<File> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all_at(&file_header(number), 0)?;
        file.sync_all()?;
        durable::sync_dir(&self.dir)?;
        Ok(file)
    }
}

impl Handles {
    /// Remembers a handle, and lets go of the one that was not used for longest.
    fn keep(&mut self, number: u32, file: Arc<File>) {
        self.files.insert(number, (self.clock, file));
        if self.files.len() > MAX_OPEN
            && let Some(oldest) = self.files.iter().min_by_key(|(_, (used, _))| *used)
        {
            let oldest = *oldest.0;
            self.files.remove(&oldest);
        }
    }
}

/// The segment files in `dir`, by number.
pub fn list(dir: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(number_of) else { continue };
        found.push(Found { number, len: entry.metadata()?.len() });
    }
    found.sort_by_key(|found| found.number);
    Ok(found)
}

/// The number in the name of a segment file, in its one form.
fn number_of(name: &str) -> Option<u32> {
    let number: u32 = name.strip_suffix(".seg")?.parse().ok()?;
    (format!("{number:08}.seg") == name).then_some(number)
}

/// What the header of an open segment file says. The number must be the name's.
pub fn header_of(file: &File, number: u32) -> io::Result<FileHeader> {
    let mut bytes = [0; FILE_HEADER];
    match file.read_exact_at(&mut bytes, 0) {
        Err(error) if error.raw_os_error() == Some(super::walk::EIO) => {
            return Ok(FileHeader::Damaged);
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Ok(FileHeader::Damaged);
        }
        other => other?,
    }
    Ok(match read_file_header(&bytes) {
        FileHeader::Good(named) if named != number => FileHeader::Damaged,
        other => other,
    })
}
