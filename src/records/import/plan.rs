//! What an import does as a whole: ids, what is there twice, what is to be written.

use super::existing::{Existing, print};
use super::journal::Planned;
use super::problem::{Code, Problem};
use super::row_keys::Keys;
use super::suspects::{Person, Who};
use super::work::{Action, Worked};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::{Record, RecordId, Victim};

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A new record.
    New,
    /// The next version, with the fields that change.
    Changed(u64, Vec<String>),
    /// Nothing differs.
    Unchanged,
}

/// An item and what becomes of it.
#[derive(Debug, Clone)]
pub struct Done {
    /// The file.
    pub file: Arc<str>,
    /// The row.
    pub row: Option<u64>,
    /// The record.
    pub id: RecordId,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// The plan, while it is made.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What is in the folder.
    pub existing: &'a Existing,
    /// Keys and pairs, as they will be.
    pub keys: Keys,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What becomes of each item.
    pub done: Vec<Done>,
    /// Files to write.
    pub writes: Vec<Planned>,
    /// People that were imported, by record.
    pub people: Vec<Who>,
    ids: BTreeMap<RecordId, Option<u64>>,
    rows_of_keys: HashMap<String, Option<u64>>,
    apart: Vec<(Place, RecordId, Vec<String>)>,
    incidents: Vec<(Place, RecordId)>,
    imported_incidents: Vec<RecordId>,
}

type Place = (Arc<str>, Option<u64>);

fn at(place: &Place, code: Code) -> Problem {
    Problem { row: place.1, ..Problem::new(&place.0, code) }
}

impl<'a> Plan<'a> {
    /// An empty one.
    pub fn new(existing: &'a Existing, keys: Keys, problems: Vec<Problem>) -> Self {
        Self {
            existing,
            keys,
            problems,
            done: Vec::new(),
            writes: Vec::new(),
            people: Vec::new(),
            ids: BTreeMap::new(),
            rows_of_keys: HashMap::new(),
            apart: Vec::new(),
            incidents: Vec::new(),
            imported_incidents: Vec::new(),
        }
    }

    /// Takes in an item. `random` makes the id of a new record.
    pub fn take(&mut self, mut worked: Worked, random: &mut dyn FnMut() -> [u8; 16]) {
        let place = (worked.file.clone(), worked.row);
        self.problems.append(&mut worked.problems);
        if let Some(key) = &worked.key
            && let Some(first) = self.rows_of_keys.insert(key.clone(), worked.row)
        {
            let hint = first.map(|row| row.to_string()).unwrap_or_default();
            self.problems.push(at(&place, Code::TwiceKey).column("key").value(key).hint(hint));
            return;
        }
        if let Some(id) = worked.id
            && let Some(first) = self.ids.insert(id, worked.row)
        {
            let hint = first.map(|row| row.to_string()).unwrap_or_default();
            let problem = at(&place, Code::TwiceId).column("id").value(&id.to_string());
            self.problems.push(problem.hint(hint));
            return;
        }
        let (record, outcome) = match worked.action {
            Action::New(victim) => self.fresh(*victim, random),
            Action::Keep(record) => (*record, Outcome::New),
            Action::Next(record, fields) => {
                let version = version(&record);
                (*record, Outcome::Changed(version, fields))
            }
            Action::Same(record) => (*record, Outcome::Unchanged),
            Action::Bad(victim) => {
                // Who may be there twice is told at once, not after the rest is mended.
                if let Some(mut victim) = victim {
                    victim.id = worked.id.unwrap_or_else(|| RecordId(random()));
                    self.person(&place, &victim);
                }
                return;
            }
        };
        if let Some(key) = worked.key {
            self.keys.keys.insert(key, record.id());
        }
        self.apart.push((place.clone(), record.id(), worked.distinct));
        self.about(&place, &record);
        self.write(&place, &record, outcome);
    }

    /// A record without an id: one of the folder that says the same, else a new one.
    fn fresh(
        &mut self,
        mut victim: Victim,
        random: &mut dyn FnMut() -> [u8; 16],
    ) -> (Record, Outcome) {
        let same = self.existing.prints.get(&print(&victim)).into_iter().flatten();
        let free = |id: &&RecordId| !self.ids.contains_key(id);
        if let Some(id) = same.copied().find(|id| free(&id)) {
            self.ids.insert(id, None);
            victim.id = id;
            return (Record::Victim(Box::new(victim)), Outcome::Unchanged);
        }
        victim.id = RecordId(random());
        self.ids.insert(victim.id, None);
        (Record::Victim(Box::new(victim)), Outcome::New)
    }

    fn about(&mut self, place: &Place, record: &Record) {
        match record {
            Record::Victim(victim) if !victim.is_tombstone() => {
                self.person(place, victim);
                self.incidents.extend(victim.incident.map(|id| (place.clone(), id)));
            }
            Record::Victim(_) => {}
            Record::Incident(incident) => self.imported_incidents.push(incident.id),
        }
    }

    fn person(&mut self, place: &Place, victim: &Victim) {
        let row = Some(place.clone());
        self.people.push(Who { id: victim.id, row, person: Person::of(victim) });
    }

    fn write(&mut self, place: &Place, record: &Record, outcome: Outcome) {
        if outcome != Outcome::Unchanged {
            let bytes = record.encode();
            if bytes.len() > MAX_RECORD_BYTES {
                self.problems.push(at(place, Code::TooLarge).hint("REC-1"));
                return;
            }
            self.writes.push(Planned { path: Some(record.path()), bytes });
        }
        let (file, row) = place.clone();
        self.done.push(Done { file, row, id: record.id(), outcome });
    }

    /// What can be judged only when all items are known: incidents, and who is not the same person.
    pub fn finish(&mut self) {
        for (place, id) in std::mem::take(&mut self.incidents) {
            let known = self.existing.known.get(&id).is_some_and(|k| k.incident && !k.gone);
            if !known && !self.imported_incidents.contains(&id) {
                let problem = at(&place, Code::UnknownIncident).column("incident");
                self.problems.push(problem.value(&id.to_string()));
            }
        }
        for (place, id, others) in std::mem::take(&mut self.apart) {
            for other in others {
                match self.resolve(&other) {
                    Some(found) => self.keys.tell_apart(id, found),
                    None => {
                        let problem = at(&place, Code::UnknownId).column("distinct_from");
                        self.problems.push(problem.value(&other));
                    }
                }
            }
        }
    }

    fn resolve(&self, text: &str) -> Option<RecordId> {
        let key = self.keys.keys.get(text).copied();
        // The key of a row that is itself wrong is no unknown one.
        let waiting = || self.rows_of_keys.contains_key(text).then_some(RecordId([0; 16]));
        let id = || RecordId::from_text(&text.to_ascii_lowercase());
        let there =
            |id: &RecordId| self.existing.known.contains_key(id) || self.ids.contains_key(id);
        key.or_else(|| id().filter(there)).or_else(waiting)
    }
}

fn version(record: &Record) -> u64 {
    match record {
        Record::Victim(victim) => victim.version,
        Record::Incident(incident) => incident.version,
    }
}
