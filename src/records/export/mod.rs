//! Records for other programs: a table, JSON, and JSON-LD in the words of schema.org (docs/records-export.md).
//!
//! Only what is published can be exported, since records hold nothing else; of that, class P0 unless more is asked for.

mod json;
mod linked;
mod public;
mod row;
mod table;

pub use public::public;
pub use row::{Cells, cells};
pub use table::{csv, write_rows};

use std::io::{self, Write};
use yadgar_protocol::record::class::Class;
use yadgar_protocol::record::{Record, Victim};

/// A form to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table of people, for spreadsheets and statistics; always class P0 only.
    Csv,
    /// One array of records, each as `records show` prints it.
    Json,
    /// One such record a line.
    JsonLines,
    /// JSON-LD with the vocabulary of schema.org.
    JsonLd,
}

impl Format {
    /// By the ending of a file's name, without the dot.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" => Some(Self::JsonLines),
            "jsonld" => Some(Self::JsonLd),
            _ => None,
        }
    }
}

/// What was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// People.
    pub people: u64,
    /// Incidents.
    pub incidents: u64,
    /// Records of which nothing is left but their status.
    pub gone: u64,
    /// Incidents and records that are gone, which a table has no place for.
    pub left_out: u64,
}

/// Writes records in a form. `most` is the highest class that is written, P0 or P1; a table has P0 only.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    format: Format,
    records: &[Record],
    most: Class,
    out: &mut dyn Write,
) -> io::Result<Written> {
    match format {
        Format::Csv => table::csv(records, out),
        Format::Json => json::array(records, most, out),
        Format::JsonLines => json::lines(records, most, out),
        Format::JsonLd => linked::graph(records, most, out),
    }
}

impl Written {
    fn count(&mut self, record: &Record) {
        match record {
            Record::Victim(victim) if victim.is_tombstone() => self.gone += 1,
            Record::Victim(_) => self.people += 1,
            Record::Incident(incident) if incident.status_reason.is_some() => self.gone += 1,
            Record::Incident(_) => self.incidents += 1,
        }
    }
}

/// A record without what is above a class.
fn shown(record: &Record, most: Class) -> Record {
    match record {
        other if most >= Class::P1 => other.clone(),
        Record::Victim(victim) => Record::Victim(Box::new(public::public(victim))),
        Record::Incident(incident) => Record::Incident(Box::new(public::incident(incident))),
    }
}

/// The people who are not gone.
fn people(records: &[Record]) -> impl Iterator<Item = &Victim> {
    records.iter().filter_map(|record| match record {
        Record::Victim(victim) if !victim.is_tombstone() => Some(&**victim),
        _ => None,
    })
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
