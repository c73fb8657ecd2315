//! A changed record becomes the next version of itself (protocol: REC-2, REC-12).

use serde_json::Value;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{Change, ChangeCode, Digest, Fault, Record, check};

/// Fields that belong to the versions themselves and are no correction.
const OWN: [&str; 4] = ["version", "prev", "changes", "issued_on"];

/// What came of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revised {
    /// Nothing but the fields of the versions differs: the old file stays.
    Same,
    /// The next version, and the names of the fields that changed.
    Next(Box<Record>, Vec<String>),
    /// It would not be well formed.
    Faulty(Vec<Fault>),
    /// The two are not versions of one record.
    Other,
}

/// The next version of the record in `old` (with the bytes of its file), saying what `new` says. Version, hash
/// of the version before, day and history are filled in here, whatever `new` has in them.
pub fn revise(old: &Record, bytes: &[u8], new: Record, today: &str, code: ChangeCode) -> Revised {
    let same_kind = std::mem::discriminant(old) == std::mem::discriminant(&new);
    if !same_kind || old.id() != new.id() {
        return Revised::Other;
    }
    let fields = changed(old, &new);
    if fields.is_empty() {
        return Revised::Same;
    }
    let prev = Digest(Hash::of(bytes));
    let mut next = new;
    match (&mut next, old) {
        (Record::Victim(next), Record::Victim(old)) => {
            next.version = old.version.saturating_add(1);
            next.issued_on = today.to_owned();
            let gone = next.is_tombstone();
            next.prev = (!gone).then_some(prev);
            next.changes = if gone { Vec::new() } else { old.changes.clone() };
            next.changes.extend((!gone).then(|| change(next.version, &fields, today, code)));
        }
        (Record::Incident(next), Record::Incident(old)) => {
            next.version = old.version.saturating_add(1);
            next.issued_on = today.to_owned();
            let gone = next.status_reason.is_some();
            next.prev = (!gone).then_some(prev);
            next.changes = if gone { Vec::new() } else { old.changes.clone() };
            next.changes.extend((!gone).then(|| change(next.version, &fields, today, code)));
        }
        _ => return Revised::Other,
    }
    let faults = check(&next);
    match faults.is_empty() {
        true => Revised::Next(Box::new(next), fields),
        false => Revised::Faulty(faults),
    }
}

fn change(version: u64, fields: &[String], today: &str, code: ChangeCode) -> Change {
    Change { on: today.to_owned(), code, fields: fields.to_vec(), version }
}

/// Names of the fields that differ, sorted.
fn changed(old: &Record, new: &Record) -> Vec<String> {
    let fields = |record: &Record| match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (fields(old), fields(new));
    let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let differs =
        |name: &&&String| !OWN.contains(&name.as_str()) && old.get(**name) != new.get(**name);
    names.iter().filter(differs).map(|name| (*name).clone()).collect()
}
