//! What a later version of a record may not take back (REC-18). Well-formedness is one record's matter; this is about two.

use super::{Change, Digest, Fault, Record, RecordId, Status};
use crate::ids::Hash;

/// What two versions are compared by.
struct Life<'a> {
    id: RecordId,
    version: u64,
    gone: bool,
    prev: Option<&'a Digest>,
    changes: &'a [Change],
}

impl<'a> Life<'a> {
    fn of(record: &'a Record) -> Self {
        let gone = |status| !matches!(status, Status::Active | Status::Disputed);
        match record {
            Record::Victim(v) => Self {
                id: v.id,
                version: v.version,
                gone: gone(v.status),
                prev: v.prev.as_ref(),
                changes: &v.changes,
            },
            Record::Incident(i) => Self {
                id: i.id,
                version: i.version,
                gone: gone(i.status),
                prev: i.prev.as_ref(),
                changes: &i.changes,
            },
        }
    }
}

impl Record {
    /// Its version.
    pub fn version(&self) -> u64 {
        Life::of(self).version
    }

    /// True when nothing but that it is gone is left in it (REC-4).
    pub fn is_gone(&self) -> bool {
        Life::of(self).gone
    }

    /// The hash of the version before, where it names one (REC-2).
    pub fn prev(&self) -> Option<Hash> {
        Life::of(self).prev.map(|prev| prev.0)
    }
}

/// What a release takes back when it has `new` (`None`: nothing) where the release before has `old` (REC-18); none
/// when it goes on from it. The fault of a record that is not there has no field: it is about all of it. A record
/// whose content was withdrawn (WD-1) may be absent: that is for the caller to know.
pub fn succession(old: &Record, new: Option<&Record>) -> Vec<Fault> {
    let fault = |field: &str, why| Fault { clause: "REC-18", field: field.to_owned(), why };
    let Some(new) = new else { return vec![fault("", "is not there any more")] };
    let (before, after) = (Life::of(old), Life::of(new));
    if std::mem::discriminant(old) != std::mem::discriminant(new) || before.id != after.id {
        return vec![fault("id", "is another record")];
    }
    if old == new {
        return Vec::new();
    }
    let mut out = Vec::new();
    if after.version < before.version {
        out.push(fault("version", "is lower than that of the last release"));
    } else if after.version == before.version {
        out.push(fault("version", "is that of the last release, and what it says is not"));
    }
    let next = before.version.checked_add(1) == Some(after.version);
    // Profile and types leave one encoding of a record, so these are the bytes that were read.
    let named = || after.prev.is_some_and(|prev| prev.0 == Hash::of(&old.encode()));
    if before.gone && !after.gone && !(next && named()) {
        out.push(fault("status", "was gone in the last release, and is not"));
    }
    if !before.gone && !after.gone && after.version > before.version {
        if next && !named() {
            out.push(fault("prev", "does not name the version of the last release"));
        }
        let rest = after.changes.strip_prefix(before.changes);
        let later = |rest: &[Change]| rest.iter().all(|c| c.version > before.version);
        if !rest.is_some_and(later) {
            out.push(fault("changes", "lacks or changes a correction of the last release"));
        }
    }
    out
}

#[cfg(test)]
#[path = "succession_tests.rs"]
mod tests;
