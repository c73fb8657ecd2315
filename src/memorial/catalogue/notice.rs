//! What was corrected or taken back, as a list of the whole release shows it.

use yadgar_protocol::record::{ChangeCode, Status, StatusReason, Victim};

/// One line: a correction, or a record that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Place of the record in the catalogue.
    pub place: u32,
    /// The UTC day, `YYYY-MM-DD`.
    pub on: String,
    /// The version that brought it.
    pub version: u64,
    /// What happened.
    pub kind: Kind,
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Fields changed.
    Changed(ChangeCode, Vec<String>),
    /// Nothing but the status is left; nothing else is told.
    Gone(Status, Option<StatusReason>),
}

/// The notices that a record gives.
pub fn of(place: u32, victim: &Victim) -> Vec<Notice> {
    if victim.is_tombstone() {
        let kind = Kind::Gone(victim.status, victim.status_reason);
        return vec![Notice { place, on: victim.issued_on.clone(), version: victim.version, kind }];
    }
    let line = |change: &yadgar_protocol::record::Change| Notice {
        place,
        on: change.on.clone(),
        version: change.version,
        kind: Kind::Changed(change.code, change.fields.clone()),
    };
    victim.changes.iter().map(line).collect()
}

/// Newest first; days are of one form, so that they sort as texts.
pub fn sort(notices: &mut [Notice]) {
    notices.sort_by(|a, b| (&b.on, b.version, a.place).cmp(&(&a.on, a.version, b.place)));
}
