//! What a release makes of one record of the release before (protocol: REC-18).

use yadgar_protocol::Hash;
use yadgar_protocol::record::{Fault, INCIDENTS_PREFIX, Record, succession};
use yadgar_protocol::release::RECORDS_PREFIX;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The release goes on from it.
    Kept,
    /// The release takes it back: what is wrong, and both versions, of which the second is `None` where the release
    /// has no record.
    Taken(Vec<Fault>, u64, Option<u64>),
    /// Nothing here tells whether it does: why the old record cannot be read.
    Unknown(&'static str),
    /// One of the two is no record. Of the new one the gate says so.
    NoRecord,
}

/// True where records stand: other files below their folders are compared with nothing.
pub fn is_record(path: &str) -> bool {
    let inside = path.starts_with(RECORDS_PREFIX) || path.starts_with(INCIDENTS_PREFIX);
    inside && path.ends_with(".cbor")
}

/// Compares two different contents of one path: of the release before (its hash, and its bytes as far as they are
/// here) and of the new one (`None` where it has none). `withdrawn`: the old content was (WD-1), so it may be absent.
pub fn compare(hash: &Hash, old: Option<&[u8]>, new: Option<&[u8]>, withdrawn: bool) -> Outcome {
    if new.is_none() && withdrawn {
        return Outcome::Kept;
    }
    let Ok(new) = new.map(Record::decode_form).transpose() else { return Outcome::NoRecord };
    // Who names the old one has had it; what is gone says nothing that could be older.
    let sure = new.as_ref().is_some_and(|new| new.is_gone() || new.prev() == Some(*hash));
    let unknown = |why| if sure { Outcome::Kept } else { Outcome::Unknown(why) };
    let Some(old) = old else {
        return unknown(if withdrawn { "was withdrawn" } else { "is not here" });
    };
    let after = new.as_ref().map(Record::version);
    match Record::decode_form(old) {
        Ok(old) => match succession(&old, new.as_ref()) {
            faults if faults.is_empty() => Outcome::Kept,
            faults => Outcome::Taken(faults, old.version(), after),
        },
        Err(reject) if reject.clause == "ENC-9" => unknown("is of a later form"),
        Err(_) => Outcome::NoRecord,
    }
}
