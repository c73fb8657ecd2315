//! All or nothing: what is to be written goes into one file first, and from there to its places.
//!
//! The journal lies beside the folder. It gets its name only when it is whole and durable; from then on the import
//! has happened, and whoever comes next writes the rest if something ended it half-way.

use super::ImportError;
use super::limits::MAX_JOURNAL_LINE;
use crate::durable;
use crate::folder_lock::FolderLock;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use yadgar_protocol::record::INCIDENTS_PREFIX;
use yadgar_protocol::release::RECORDS_PREFIX;

const MAGIC: &str = "yadgar-import-journal/1\n";

/// A file to be written: a path below the folder, or none for the file of keys.
#[derive(Debug)]
pub struct Planned {
    /// Path of a record.
    pub path: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: Option<String>,
    bytes: u64,
    /// How many came before; only in the last line.
    end: Option<u64>,
}

/// The places that one import writes to.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder that is published.
    pub folder: PathBuf,
    /// The file of keys.
    pub keys: PathBuf,
}

impl Places {
    /// Of a folder, with the file of keys beside it unless another is named.
    ///
    /// # Errors
    /// When the folder is not there.
    pub fn new(folder: &Path, keys: Option<&Path>) -> Result<Self, ImportError> {
        let whole = folder.canonicalize().map_err(|e| ImportError::io(folder, e))?;
        let beside = beside(&whole, ".keys.json");
        Ok(Self { keys: keys.map_or(beside, Path::to_owned), folder: whole })
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        beside(&self.folder, ".import-journal")
    }

    /// Keeps every other import out of the folder until the lock is dropped.
    ///
    /// # Errors
    /// [`ImportError::Busy`] when another one is at work.
    pub fn lock(&self) -> Result<FolderLock, ImportError> {
        let folder = File::open(&self.folder).map_err(|e| ImportError::io(&self.folder, e))?;
        FolderLock::take(folder.into()).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => ImportError::Busy,
            error => ImportError::io(&self.folder, error.into()),
        })
    }
}

fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    folder.with_file_name(name)
}

/// Writes the journal, whole and durable.
///
/// # Errors
/// When the file system refuses; then nothing has happened.
pub fn prepare(places: &Places, writes: &[Planned]) -> Result<(), ImportError> {
    let path = places.journal();
    let temp = beside(&places.folder, ".import-journal.tmp");
    let written = write_all(&temp, writes).and_then(|()| fs::rename(&temp, &path));
    if let Err(error) = written {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temp);
        return Err(ImportError::io(&temp, error));
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    durable::sync_dir(folder).map_err(|e| ImportError::io(folder, e))
}

fn write_all(temp: &Path, writes: &[Planned]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(temp)?;
    let mut out = BufWriter::new(file);
    out.write_all(MAGIC.as_bytes())?;
    let line = |out: &mut BufWriter<File>, line: &Line| {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")
    };
    for write in writes {
        let bytes = write.bytes.len() as u64;
        line(&mut out, &Line { path: write.path.clone(), bytes, end: None })?;
        out.write_all(&write.bytes)?;
    }
    line(&mut out, &Line { path: None, bytes: 0, end: Some(writes.len() as u64) })?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Writes what a journal holds, if there is one, and removes it. Says how many files that were.
///
/// # Errors
/// When the file system refuses, or the journal is damaged. It stays then, for another try.
pub fn apply(places: &Places) -> Result<Option<u64>, ImportError> {
    let path = places.journal();
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|e| ImportError::io(&path, e))?,
    };
    let done = write_files(places, &mut BufReader::new(file))?;
    durable::remove_durable(&path).map_err(|e| ImportError::io(&path, e))?;
    Ok(Some(done))
}

fn write_files(places: &Places, journal: &mut impl BufRead) -> Result<u64, ImportError> {
    let damaged = || ImportError::Journal { path: places.journal() };
    let mut magic = vec![0; MAGIC.len()];
    journal.read_exact(&mut magic).map_err(|_| damaged())?;
    if magic != MAGIC.as_bytes() {
        return Err(damaged());
    }
    for prefix in [RECORDS_PREFIX, INCIDENTS_PREFIX] {
        let dir = places.folder.join(prefix);
        if dir.is_dir() {
            durable::clean_temps(&dir).map_err(|e| ImportError::io(&dir, e))?;
        }
    }
    let mut count = 0;
    loop {
        let line = read_line(journal).ok_or_else(damaged)?;
        if let Some(end) = line.end {
            if end != count {
                return Err(damaged());
            }
            break;
        }
        let mut bytes = Vec::new();
        journal.take(line.bytes).read_to_end(&mut bytes).map_err(|_| damaged())?;
        if bytes.len() as u64 != line.bytes {
            return Err(damaged());
        }
        match line.path {
            Some(path) => {
                put(&places.folder, &path, &bytes).map_err(|e| ImportError::io(path, e))?
            }
            None => durable::write_atomic(&places.keys, &bytes, durable::Mode::Private)
                .map_err(|e| ImportError::io(&places.keys, e))?,
        }
        count += 1;
    }
    sync_all(&places.folder).map_err(|e| ImportError::io(&places.folder, e))?;
    Ok(count)
}

fn read_line(journal: &mut impl BufRead) -> Option<Line> {
    let mut line = Vec::new();
    journal.take(MAX_JOURNAL_LINE as u64).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// Replaces a file of the folder. Not durable by itself: that is done once for all of them.
fn put(folder: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    // The journal is ours, and yet nothing outside of the two folders is ever written.
    let inside = [RECORDS_PREFIX, INCIDENTS_PREFIX].iter().any(|prefix| path.starts_with(prefix));
    if !inside || yadgar_protocol::path::Path::new(path).is_err() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let place = folder.join(path);
    let dir = place.parent().unwrap_or(folder);
    if !dir.is_dir() {
        fs::create_dir(dir)?;
    }
    // The prefix and suffix of `durable::clean_temps`, which removes what a crash leaves.
    let temp = dir.join(format!(".yadgar-{}-import.tmp", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&temp)?;
    file.write_all(bytes)?;
    #[cfg(not(target_os = "linux"))]
    file.sync_all()?;
    fs::rename(&temp, &place)
}

/// Makes all files of the folder durable: one call for the file system instead of one for each of 100,000 files.
fn sync_all(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    for prefix in [RECORDS_PREFIX, INCIDENTS_PREFIX] {
        let dir = folder.join(prefix);
        if dir.is_dir() {
            durable::sync_dir(&dir)?;
        }
    }
    durable::sync_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> (tempfile::TempDir, Places) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("site")).unwrap();
        let places = Places::new(&dir.path().join("site"), None).unwrap();
        (dir, places)
    }

    fn writes() -> Vec<Planned> {
        let record =
            |n: u8| Planned { path: Some(format!("records/{n}.cbor")), bytes: vec![n; 70] };
        let keys = Planned { path: None, bytes: b"{}\n".to_vec() };
        (1..=9).map(record).chain([keys]).collect()
    }

    #[test]
    fn a_write_that_ended_half_way_is_completed() {
        for done in 0..=9_u8 {
            let (_dir, places) = places();
            prepare(&places, &writes()).unwrap();
            // What a crash leaves: some files, one of them cut short, a temporary one.
            let records = places.folder.join("records");
            fs::create_dir(&records).unwrap();
            for n in 1..=done {
                fs::write(
                    records.join(format!("{n}.cbor")),
                    vec![n; if n == done { 3 } else { 70 }],
                )
                .unwrap();
            }
            fs::write(records.join(".yadgar-1-import.tmp"), b"x").unwrap();
            assert_eq!(apply(&places).unwrap(), Some(10));
            for n in 1..=9 {
                assert_eq!(fs::read(records.join(format!("{n}.cbor"))).unwrap(), vec![n; 70]);
            }
            assert_eq!(fs::read_dir(&records).unwrap().count(), 9);
            assert_eq!(fs::read(&places.keys).unwrap(), b"{}\n");
            assert!(!places.journal().exists());
            assert_eq!(apply(&places).unwrap(), None);
        }
    }

    #[test]
    fn a_journal_that_is_cut_short_or_leads_elsewhere_is_refused_and_stays() {
        let (_dir, places) = places();
        prepare(&places, &writes()).unwrap();
        let whole = fs::read(places.journal()).unwrap();
        for cut in [0, 5, 30, 60, 200, whole.len() - 2] {
            fs::write(places.journal(), &whole[..cut]).unwrap();
            apply(&places).unwrap_err();
            assert!(places.journal().exists());
        }
        for path in ["../x", "index.html", "records/../../x", "/etc/x"] {
            prepare(&places, &[Planned { path: Some(path.into()), bytes: vec![1] }]).unwrap();
            apply(&places).unwrap_err();
        }
        let lock = places.lock().unwrap();
        assert!(matches!(places.lock(), Err(ImportError::Busy)));
        drop(lock);
        places.lock().unwrap();
    }
}
