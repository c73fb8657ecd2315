//! What is in the folder already.

use super::ImportError;
use super::problem::{Code, Problem};
use super::suspects::Person;
use crate::records::folder::read_bounded;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Record, RecordId, Status, Victim};
use yadgar_protocol::release::RECORDS_PREFIX;

/// A record of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Withdrawn, merged or retracted.
    pub gone: bool,
    /// An incident, not a person.
    pub incident: bool,
}

/// The records of a folder, as far as import needs them at once.
#[derive(Debug, Default)]
pub struct Existing {
    /// Every record.
    pub known: BTreeMap<RecordId, Known>,
    /// People by what their record says, whatever its id and version.
    pub prints: HashMap<Hash, Vec<RecordId>>,
    /// People, for the search for duplicates.
    pub people: BTreeMap<RecordId, Person>,
}

/// What a record says, without what belongs to its versions.
pub fn print(victim: &Victim) -> Hash {
    let plain = Victim {
        id: RecordId([0; 16]),
        version: 1,
        prev: None,
        changes: Vec::new(),
        issued_on: String::new(),
        ..victim.clone()
    };
    Hash::of(&Record::Victim(Box::new(plain)).encode())
}

impl Existing {
    /// Reads all records of a folder. A damaged one is a problem: import could take it for absent.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn scan(folder: &Path, problems: &mut Vec<Problem>) -> Result<Self, ImportError> {
        let mut existing = Self::default();
        for prefix in [RECORDS_PREFIX, INCIDENTS_PREFIX] {
            let dir = folder.join(prefix);
            let items = match fs::read_dir(&dir) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                items => items.map_err(|e| ImportError::io(&dir, e))?,
            };
            for item in items {
                let path = item.map_err(|e| ImportError::io(&dir, e))?.path();
                if path.extension().is_some_and(|kind| kind == "cbor") {
                    existing.take(&path, prefix, problems)?;
                }
            }
        }
        Ok(existing)
    }

    fn take(
        &mut self,
        path: &Path,
        prefix: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), ImportError> {
        let bytes = read_bounded(path).map_err(|e| ImportError::io(path, e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match Record::decode_form(&bytes) {
            Ok(record) if record.path() == format!("{prefix}{name}") => self.add(&record),
            Ok(_) => problems
                .push(Problem::new(&format!("{prefix}{name}"), Code::FolderRecord).hint("REC-3")),
            Err(reject) => problems.push(
                Problem::new(&format!("{prefix}{name}"), Code::FolderRecord)
                    .hint(format!("{} ({})", reject.why, reject.clause)),
            ),
        }
        Ok(())
    }

    fn add(&mut self, record: &Record) {
        let id = record.id();
        match record {
            Record::Victim(victim) => {
                let gone = victim.is_tombstone();
                self.known.insert(id, Known { gone, incident: false });
                if !gone {
                    self.prints.entry(print(victim)).or_default().push(id);
                    self.people.insert(id, Person::of(victim));
                }
            }
            Record::Incident(incident) => {
                let gone = !matches!(incident.status, Status::Active | Status::Disputed);
                self.known.insert(id, Known { gone, incident: true });
            }
        }
    }
}
