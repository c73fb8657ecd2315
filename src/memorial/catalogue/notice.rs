//! What was corrected or taken back, as a list of the whole release shows it.

use super::withdrawn::Withdrawn;
use yadgar_protocol::record::{ChangeCode, RecordId, Status, StatusReason, Victim};
use yadgar_protocol::withdraw::{Reason, Withdrawal};

/// One line: a correction, or a record that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Of what record.
    pub about: About,
    /// The UTC day, `YYYY-MM-DD`.
    pub on: String,
    /// The version that brought it; 0 for what was withdrawn without one.
    pub version: u64,
    /// What happened.
    pub kind: Kind,
}

/// Of what record a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The person at this place in the catalogue.
    Listed(u32),
    /// A person whose record was withdrawn; without the id where the path may be a name.
    Person(Option<RecordId>),
    /// An incident whose record was withdrawn.
    Incident(Option<RecordId>),
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Fields changed.
    Changed(ChangeCode, Vec<String>),
    /// Nothing but the status is left; nothing else is told.
    Gone(Status, Option<StatusReason>),
    /// A signed statement withdrew its file.
    Withdrawn(Reason),
}

/// The notices that a record gives.
pub fn of(place: u32, victim: &Victim) -> Vec<Notice> {
    if victim.is_tombstone() {
        let kind = Kind::Gone(victim.status, victim.status_reason);
        let (about, on) = (About::Listed(place), victim.issued_on.clone());
        return vec![Notice { about, on, version: victim.version, kind }];
    }
    let line = |change: &yadgar_protocol::record::Change| Notice {
        about: About::Listed(place),
        on: change.on.clone(),
        version: change.version,
        kind: Kind::Changed(change.code, change.fields.clone()),
    };
    victim.changes.iter().map(line).collect()
}

/// The notices of what was withdrawn without a record that says so.
pub fn of_withdrawn(withdrawn: &Withdrawn) -> impl Iterator<Item = Notice> {
    let people = withdrawn.people().map(|(id, w)| (About::Person(id), w));
    let incidents = withdrawn.incidents().map(|(id, w)| (About::Incident(id), w));
    let notice = |(about, withdrawal): (About, &Withdrawal)| Notice {
        about,
        on: withdrawal.date.clone(),
        version: 0,
        kind: Kind::Withdrawn(withdrawal.reason),
    };
    people.chain(incidents).map(notice)
}

/// Newest first; days are of one form, so that they sort as texts.
pub fn sort(notices: &mut [Notice]) {
    notices.sort_by(|a, b| (&b.on, b.version, a.about).cmp(&(&a.on, a.version, b.about)));
}
