//! Where the small files of archives are kept: on the disk or in memory.

use super::StoreError;
use crate::durable::{self, Mode};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use yadgar_protocol::ArchiveId;

/// Small files of archives, each replaced in one step.
pub trait StateFiles: std::fmt::Debug + Send + Sync {
    /// The archives that are known here, in order of their ids.
    ///
    /// # Errors
    /// When the file system refuses.
    fn list(&self) -> Result<Vec<ArchiveId>, StoreError>;
    /// The bytes of a file, `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for a file that is longer than `max`, or is not what was written as far as
    /// that can be told; otherwise when the file system refuses.
    fn read(&self, id: &ArchiveId, name: &str, max: usize) -> Result<Option<Vec<u8>>, StoreError>;
    /// Replaces a file in one step. Durable, where anything is, when it returns.
    ///
    /// # Errors
    /// When the file system refuses. The file before then still stands.
    fn write(&self, id: &ArchiveId, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    /// Removes a file. One that is not there is fine.
    ///
    /// # Errors
    /// When the file system refuses.
    fn remove(&self, id: &ArchiveId, name: &str) -> Result<(), StoreError>;
    /// How a file is called in messages; where it lies, when it lies on the disk as it is.
    fn path(&self, id: &ArchiveId, name: &str) -> PathBuf;
}

/// Files on the disk as they are: `DIR/<archive id>/<name>`.
#[derive(Debug)]
pub struct PlainFiles {
    dir: PathBuf,
}

impl PlainFiles {
    /// Opens the directory, creating it when there is none, and removes what killed writes left.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let files = Self { dir: dir.to_owned() };
        let io = |error| StoreError::io(format!("open {}", dir.display()), error);
        durable::create_dir_durable(dir).map_err(io)?;
        for id in files.list()? {
            durable::clean_temps(&dir.join(id.to_string())).map_err(io)?;
        }
        Ok(files)
    }
}

impl StateFiles for PlainFiles {
    fn list(&self) -> Result<Vec<ArchiveId>, StoreError> {
        let io = |error| StoreError::io(format!("list {}", self.dir.display()), error);
        let mut out = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(io)? {
            let entry = entry.map_err(io)?;
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(id) = id
                && entry.file_type().map_err(io)?.is_dir()
            {
                out.push(id);
            }
        }
        out.sort_unstable();
        Ok(out)
    }

    fn read(&self, id: &ArchiveId, name: &str, max: usize) -> Result<Option<Vec<u8>>, StoreError> {
        read_bounded(&self.path(id, name), max)
    }

    fn write(&self, id: &ArchiveId, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(id, name);
        durable::create_dir_durable(&self.dir.join(id.to_string()))
            .and_then(|()| durable::write_atomic(&path, bytes, Mode::Private))
            .map_err(|error| StoreError::io(format!("write {}", path.display()), error))
    }

    fn remove(&self, id: &ArchiveId, name: &str) -> Result<(), StoreError> {
        let path = self.path(id, name);
        if !path.exists() {
            return Ok(());
        }
        durable::remove_durable(&path)
            .map_err(|error| StoreError::io(format!("remove {}", path.display()), error))
    }

    fn path(&self, id: &ArchiveId, name: &str) -> PathBuf {
        self.dir.join(id.to_string()).join(name)
    }
}

/// The bytes of a file, `None` when there is none. A longer one than allowed is damaged.
pub(super) fn read_bounded(path: &Path, max: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let io = |error| StoreError::io(format!("read {}", path.display()), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let mut bytes = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > max {
        return Err(StoreError::Damaged(path.display().to_string()));
    }
    Ok(Some(bytes))
}

/// The same for a file that only this program makes: what is no file of its folder (a link, which may lead anywhere, a
/// pipe, which never ends) is damaged.
pub(super) fn read_own(path: &Path, max: usize) -> Result<Option<Vec<u8>>, StoreError> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => Err(StoreError::Damaged(path.display().to_string())),
        _ => read_bounded(path, max),
    }
}

/// Files in memory, gone with the process.
#[derive(Debug, Default)]
pub struct MemoryFiles {
    files: Mutex<BTreeMap<(ArchiveId, String), Vec<u8>>>,
}

impl MemoryFiles {
    fn files(&self) -> MutexGuard<'_, BTreeMap<(ArchiveId, String), Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateFiles for MemoryFiles {
    fn list(&self) -> Result<Vec<ArchiveId>, StoreError> {
        let mut ids: Vec<_> = self.files().keys().map(|(id, _)| *id).collect();
        ids.dedup();
        Ok(ids)
    }

    fn read(&self, id: &ArchiveId, name: &str, max: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.files().get(&(*id, name.to_owned())) {
            Some(bytes) if bytes.len() > max => {
                Err(StoreError::Damaged(self.path(id, name).display().to_string()))
            }
            found => Ok(found.cloned()),
        }
    }

    fn write(&self, id: &ArchiveId, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.files().insert((*id, name.to_owned()), bytes.to_vec());
        Ok(())
    }

    fn remove(&self, id: &ArchiveId, name: &str) -> Result<(), StoreError> {
        self.files().remove(&(*id, name.to_owned()));
        Ok(())
    }

    fn path(&self, id: &ArchiveId, name: &str) -> PathBuf {
        PathBuf::from(format!("(in memory) {id} {name}"))
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
