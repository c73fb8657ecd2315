//! What makes a record well formed: every fault at once, each with its field (spec: record.md).

mod age;
mod consent;
mod parts;
mod victim;

use super::fields::INCIDENT_FIELDS;
use super::types::*;
use super::{INCIDENT, Incident, Record, VICTIM, Victim};
use crate::limits::{
    MAX_RECORD_ITEMS, MAX_RECORD_LONG_BYTES, MAX_RECORD_NAME_BYTES, MAX_RECORD_TEXT_BYTES,
    MAX_RECORD_URL_BYTES,
};
use crate::release::is_date;
use std::collections::BTreeSet;
use unicode_normalization::is_nfc;

/// Something of a record that a clause does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The clause.
    pub clause: &'static str,
    /// The field, with dots and places in lists (`names[1].text`).
    pub field: String,
    /// What is wrong, in a few words, without content.
    pub why: &'static str,
}

/// Every fault of a record; none when it is well formed.
pub fn check(record: &Record) -> Vec<Fault> {
    match record {
        Record::Victim(victim) => check_victim(victim),
        Record::Incident(incident) => check_incident(incident),
    }
}

/// Every fault of a person's record.
pub fn check_victim(victim: &Victim) -> Vec<Fault> {
    let mut checker = Checker::default();
    checker.schema(&victim.schema, VICTIM);
    checker.life(victim.version, victim.prev.is_some(), &victim.issued_on, victim.is_tombstone());
    if victim.is_tombstone() {
        checker.victim_tombstone(victim);
    } else {
        checker.victim(victim);
    }
    checker.faults
}

/// Every fault of an incident.
pub fn check_incident(incident: &Incident) -> Vec<Fault> {
    use super::Status::{Active, Disputed};
    let mut c = Checker::default();
    let gone = !matches!(incident.status, Active | Disputed);
    c.schema(&incident.schema, INCIDENT);
    c.life(incident.version, incident.prev.is_some(), &incident.issued_on, gone);
    c.status(
        gone,
        incident.status,
        incident.status_reason.is_some(),
        incident.merged_into.is_some(),
    );
    if gone {
        let blank = Incident {
            dates: None,
            place: None,
            title: None,
            summary: None,
            tolls: Vec::new(),
            sources: Vec::new(),
            changes: Vec::new(),
            ..incident.clone()
        };
        c.require(blank == *incident, "REC-4", "status", "says more than that it is gone");
        c.not_itself(incident.id, incident.merged_into);
        return c.faults;
    }
    c.sources(&incident.sources);
    let known = sids(&incident.sources);
    match &incident.title {
        Some(title) => c.texts("title", title, MAX_RECORD_TEXT_BYTES),
        None => c.fault("REC-14", "title", "is missing"),
    }
    if let Some(summary) = &incident.summary {
        c.texts("summary", summary, MAX_RECORD_LONG_BYTES);
    }
    c.date("dates", incident.dates.as_ref());
    c.place("place", incident.place.as_ref());
    c.changes(&incident.changes, incident.version, &INCIDENT_FIELDS);
    c.list("tolls", incident.tolls.len());
    for (n, toll) in incident.tolls.iter().enumerate() {
        let field = format!("tolls[{n}]");
        c.count("REC-13", &field, toll.max);
        c.require(toll.min <= toll.max, "REC-13", &field, "the least is above the most");
        c.src(&format!("{field}.src"), &toll.src, &known, true);
    }
    c.faults
}

fn sids(sources: &[Source]) -> BTreeSet<&str> {
    sources.iter().map(|source| source.sid.as_str()).collect()
}

#[derive(Default)]
struct Checker {
    faults: Vec<Fault>,
}

impl Checker {
    fn fault(&mut self, clause: &'static str, field: &str, why: &'static str) {
        self.faults.push(Fault { clause, field: field.to_owned(), why });
    }

    fn require(&mut self, good: bool, clause: &'static str, field: &str, why: &'static str) {
        if !good {
            self.fault(clause, field, why);
        }
    }

    fn list(&mut self, field: &str, len: usize) {
        self.require(len <= MAX_RECORD_ITEMS, "REC-5", field, "too many items");
    }

    fn schema(&mut self, schema: &str, expected: &str) {
        self.require(schema == expected, "REC-1", "schema", "an unknown schema");
    }

    fn life(&mut self, version: u64, prev: bool, issued_on: &str, tombstone: bool) {
        self.require(version > 0, "REC-2", "version", "versions begin with 1");
        let due = version > 1 && !tombstone;
        self.require(
            prev == due,
            "REC-2",
            "prev",
            "is the hash of the version before, where there is one",
        );
        self.day("issued_on", Some(issued_on));
    }

    fn status(&mut self, gone: bool, status: super::Status, reason: bool, merged_into: bool) {
        self.require(
            reason == gone,
            "REC-4",
            "status_reason",
            "is given exactly when the record is gone",
        );
        let merged = status == super::Status::Merged;
        self.require(
            merged_into == merged,
            "REC-4",
            "merged_into",
            "is given exactly when it was merged",
        );
    }

    fn not_itself(&mut self, id: RecordId, merged_into: Option<RecordId>) {
        self.require(merged_into != Some(id), "REC-4", "merged_into", "is itself");
    }

    fn day(&mut self, field: &str, day: Option<&str>) {
        let good = day.is_none_or(|day| {
            is_date(day) && super::dates::parse(day, super::dates::System::Gregorian).is_some()
        });
        self.require(good, "REC-6", field, "a day is YYYY-MM-DD and exists");
    }

    /// Text of people: NFC, without controls and marks of direction (REC-5).
    fn text(&mut self, field: &str, text: &str, max: usize) {
        let long = max == MAX_RECORD_LONG_BYTES;
        self.require(text.len() <= max, "REC-5", field, "too long");
        let blank = text.is_empty() || text.trim() != text;
        self.require(!blank, "REC-5", field, "empty, or spaces around it");
        self.require(is_nfc(text), "REC-5", field, "not in normal form C");
        let control = |c: char| c.is_control() && !(long && c == '\n');
        self.require(!text.chars().any(control), "REC-5", field, "a control character");
        self.require(!text.chars().any(is_bidi_control), "REC-5", field, "a mark of direction");
    }

    fn texts(&mut self, field: &str, texts: &Texts, max: usize) {
        let some = texts.en.is_some() || texts.fa.is_some();
        self.require(some, "REC-5", field, "in neither language");
        for (lang, text) in [("en", &texts.en), ("fa", &texts.fa)] {
            if let Some(text) = text {
                self.text(&format!("{field}.{lang}"), text, max);
            }
        }
    }

    fn short_texts(&mut self, field: &str, texts: Option<&Texts>) {
        if let Some(texts) = texts {
            self.texts(field, texts, MAX_RECORD_TEXT_BYTES);
        }
    }

    fn name_text(&mut self, field: &str, text: &str) {
        self.text(field, text, MAX_RECORD_NAME_BYTES);
        self.require(!text.contains('<'), "REC-5", field, "markup in a name");
    }

    fn url(&mut self, field: &str, url: Option<&str>) {
        let good = url.is_none_or(|url| {
            url.len() <= MAX_RECORD_URL_BYTES
                && (url.starts_with("https://") || url.starts_with("http://"))
                && url.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&b))
        });
        self.require(good, "REC-9", field, "an address is http(s):// and printable ASCII");
    }

    fn src(&mut self, field: &str, src: &[String], known: &BTreeSet<&str>, needed: bool) {
        self.list(field, src.len());
        self.require(!needed || !src.is_empty(), "REC-9", field, "names no source");
        let exist = src.iter().all(|sid| known.contains(sid.as_str()));
        self.require(exist, "REC-9", field, "names a source that is not listed");
    }
}

/// U+202A to U+202E and U+2066 to U+2069: they can make text read as what it is not.
pub(crate) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
