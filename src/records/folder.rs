//! The record files of a folder.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Record, check};
use yadgar_protocol::release::RECORDS_PREFIX;

/// Something that is wrong with a record file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The file, below the folder.
    pub file: String,
    /// The field, where it is one field's fault.
    pub field: Option<String>,
    /// The clause of the specification (record.md, encoding.md).
    pub clause: &'static str,
    /// What is wrong.
    pub why: &'static str,
}

/// Reads a file of at most the size of a record; of a longer one so much that it is seen to be too long.
pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_RECORD_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every record of a folder in order of its path, and every fault of every file.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn read_all(folder: &Path) -> io::Result<(Vec<Record>, Vec<FileFault>)> {
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for prefix in [RECORDS_PREFIX, INCIDENTS_PREFIX] {
        for path in files(&folder.join(prefix))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = format!("{prefix}{name}");
            let record = read_file(&path, &file, &mut faults)?;
            records.extend(record);
        }
    }
    Ok((records, faults))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let items = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        items => items?,
    };
    let mut paths = Vec::new();
    for item in items {
        let item = item?;
        if item.file_type()?.is_file() {
            paths.push(item.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path, file: &str, faults: &mut Vec<FileFault>) -> io::Result<Option<Record>> {
    let bytes = read_bounded(path)?;
    let mut fault = |field, clause, why| {
        faults.push(FileFault { file: file.to_owned(), field, clause, why });
    };
    let record = match Record::decode_form(&bytes) {
        Ok(record) => record,
        Err(reject) => {
            fault(None, reject.clause, reject.why);
            return Ok(None);
        }
    };
    if record.path() != file {
        fault(None, "REC-3", "a record's path is its id");
    }
    for found in check(&record) {
        fault(Some(found.field), found.clause, found.why);
    }
    Ok(Some(record))
}

/// The record of an id in a folder, with the bytes of its file; `None` when there is none.
///
/// # Errors
/// When it cannot be read; `InvalidData` when it is no record.
pub fn read_one(folder: &Path, id: &str) -> io::Result<Option<(Record, Vec<u8>)>> {
    for prefix in [RECORDS_PREFIX, INCIDENTS_PREFIX] {
        match read_bounded(&folder.join(format!("{prefix}{id}.cbor"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(bytes) => {
                let record = Record::decode_form(&bytes)
                    .map_err(|reject| io::Error::new(io::ErrorKind::InvalidData, reject))?;
                return Ok(Some((record, bytes)));
            }
        }
    }
    Ok(None)
}
