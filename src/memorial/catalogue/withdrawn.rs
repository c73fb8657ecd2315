//! Records that a signed statement withdrew while the release still names their files (WD-7). Nothing of them is read.

use super::item::{is_id, sure_id};
use std::collections::BTreeMap;
use yadgar_protocol::Path;
use yadgar_protocol::record::{INCIDENTS_PREFIX, RecordId};
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::withdraw::Withdrawal;

/// What was withdrawn of a release's records, by path.
#[derive(Debug, Default)]
pub struct Withdrawn(BTreeMap<Path, Withdrawal>);

impl Withdrawn {
    pub(super) fn put(&mut self, path: Path, withdrawal: &Withdrawal) {
        self.0.insert(path, withdrawal.clone());
    }

    /// The withdrawal of the person's record that an address names by its id.
    pub fn person(&self, key: &str) -> Option<&Withdrawal> {
        self.get(RECORDS_PREFIX, key)
    }

    /// The same of an incident.
    pub fn incident(&self, id: &str) -> Option<&Withdrawal> {
        self.get(INCIDENTS_PREFIX, id)
    }

    fn get(&self, prefix: &str, id: &str) -> Option<&Withdrawal> {
        let path = is_id(id).then(|| Path::new(&format!("{prefix}{id}.cbor")).ok())??;
        self.0.get(&path)
    }

    /// Every person's record that was withdrawn. Its id only where the path is surely one: another may be a name.
    pub fn people(&self) -> impl Iterator<Item = (Option<RecordId>, &Withdrawal)> {
        self.below(RECORDS_PREFIX)
    }

    /// The same of incidents.
    pub fn incidents(&self) -> impl Iterator<Item = (Option<RecordId>, &Withdrawal)> {
        self.below(INCIDENTS_PREFIX)
    }

    fn below(&self, prefix: &'static str) -> impl Iterator<Item = (Option<RecordId>, &Withdrawal)> {
        let all = self.0.iter().filter(move |(path, _)| path.as_str().starts_with(prefix));
        all.map(move |(path, withdrawal)| {
            (sure_id(path, prefix).and_then(RecordId::from_text), withdrawal)
        })
    }
}
