//! Two records of one person: one stays, the other points to it (record.md, REC-4).

use super::ImportError;
use super::journal::{self, Places, Planned};
use super::row_keys::Keys;
use crate::records::{Revised, read_one, revise};
use std::path::Path;
use yadgar_protocol::record::{ChangeCode, Record, RecordId, Status, StatusReason, Victim};

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The record that stays.
    pub keep: RecordId,
    /// The one that points to it.
    pub drop: RecordId,
    /// The version of that one.
    pub version: u64,
    /// Keys of rows that were about it and are about nothing now.
    pub keys: Vec<String>,
}

/// Makes `drop` point to `keep`. What `drop` said is no longer in the folder; both ids stay resolvable.
///
/// # Errors
/// When one of the two is not there, not a person, or gone already; when nothing can be written.
pub fn merge(
    folder: &Path,
    keys: Option<&Path>,
    [keep, drop]: [&str; 2],
    today: &str,
) -> Result<Merged, ImportError> {
    let places = Places::new(folder, keys)?;
    let _lock = places.lock()?;
    journal::apply(&places)?;
    let (kept, _) = person(&places, keep)?;
    let (old, bytes) = person(&places, drop)?;
    if kept.id == old.id {
        return Err(ImportError::Merge("a record cannot be merged into itself"));
    }
    let gone = Victim {
        status: Status::Merged,
        status_reason: Some(StatusReason::Duplicate),
        merged_into: Some(kept.id),
        fictional: old.fictional,
        ..Victim::new(old.id, today)
    };
    let before = Record::Victim(Box::new(old));
    let new = Record::Victim(Box::new(gone));
    let Revised::Next(next, _) = revise(&before, &bytes, new, today, ChangeCode::Merged) else {
        return Err(ImportError::Merge("the merged record would not be well formed"));
    };
    let known = Keys::load(&places.keys)?;
    let of = known.keys.iter().filter(|(_, id)| **id == next.id());
    let rows: Vec<_> = of.map(|(key, _)| key.clone()).collect();
    journal::prepare(&places, &[Planned { path: Some(next.path()), bytes: next.encode() }])?;
    journal::apply(&places)?;
    let Record::Victim(tombstone) = &*next else {
        return Err(ImportError::Merge("the merged record would not be well formed"));
    };
    Ok(Merged { keep: kept.id, drop: tombstone.id, version: tombstone.version, keys: rows })
}

/// A person's record that is not gone.
fn person(places: &Places, id: &str) -> Result<(Victim, Vec<u8>), ImportError> {
    let id = RecordId::from_text(&id.to_ascii_lowercase())
        .ok_or(ImportError::Merge("an id is 26 letters and digits"))?;
    let found = read_one(&places.folder, &id.to_string());
    let found = found.map_err(|e| ImportError::io(places.folder.join(id.to_string()), e))?;
    match found {
        Some((Record::Victim(victim), _)) if victim.is_tombstone() => {
            Err(ImportError::Merge("one of the two is withdrawn, retracted or merged already"))
        }
        Some((Record::Victim(victim), bytes)) => Ok((*victim, bytes)),
        Some(_) => Err(ImportError::Merge("only people's records can be merged")),
        None => Err(ImportError::Merge("one of the two is not in the folder")),
    }
}
