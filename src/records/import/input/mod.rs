//! What is imported: tables and JSON in files, or a folder of records, as rows and full records.

mod cells;
mod files;
mod json;
mod table;
mod text;

pub use files::read;

use super::columns::Column;
use super::problem::Problem;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Everything that was found, in order.
#[derive(Debug, Default)]
pub struct Input {
    /// Rows and records.
    pub items: Vec<Item>,
    /// What is wrong with them so far.
    pub problems: Vec<Problem>,
}

/// One thing to import.
#[derive(Debug)]
pub enum Item {
    /// A row of a table, or a flat JSON object.
    Row(Row),
    /// A record in full, as `records show` prints it.
    Full(Full),
}

/// A full record and where it stands.
#[derive(Debug)]
pub struct Full {
    /// The file.
    pub file: Arc<str>,
    /// Line, item, or nothing when the file holds one record.
    pub row: Option<u64>,
    /// The record.
    pub value: Value,
}

/// The headings of a table.
#[derive(Debug, Default)]
pub struct Header {
    /// Column and number to the place in a row, and the heading as it was written.
    places: HashMap<(&'static str, u32), (usize, String)>,
    /// Fields that the table speaks about.
    fields: HashSet<&'static str>,
    /// These fields and what they stand in.
    above: HashSet<&'static str>,
}

impl Header {
    /// Takes in a column; false when it is there already.
    pub fn add(
        &mut self,
        column: &'static Column,
        number: Option<u32>,
        at: usize,
        text: &str,
    ) -> bool {
        let key = (column.name, number.unwrap_or(0));
        if self.places.contains_key(&key) {
            return false;
        }
        self.places.insert(key, (at, text.to_owned()));
        // What is never published fills no field.
        if !column.field.is_empty() {
            self.fields.insert(column.field);
            self.above.extend(above(column.field));
        }
        true
    }

    /// Whether there is any column.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The numbers that columns of a kind have, ascending: `source` for `source#_kind`.
    pub fn numbers(&self, kind: &str) -> BTreeSet<u32> {
        let of = |name: &str| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('#'));
        self.places.keys().filter(|(name, _)| of(name)).map(|(_, number)| *number).collect()
    }

    /// The heading of a column as it was written, else its English name.
    pub fn title(&self, name: &'static str, number: u32) -> String {
        match self.places.get(&(name, number)) {
            Some((_, text)) => text.clone(),
            None => name.replace('#', &number.to_string()),
        }
    }

    /// Whether a column is there.
    pub fn has(&self, name: &'static str, number: u32) -> bool {
        self.places.contains_key(&(name, number))
    }

    /// Whether the table has a column for a field, a part of it, or what it stands in.
    pub fn covers(&self, field: &str) -> bool {
        self.above.contains(field) || above(field).any(|of| self.fields.contains(of))
    }
}

/// A field and what it stands in: `sources[].kind`, `sources[]`, `sources`.
fn above(field: &str) -> impl Iterator<Item = &str> {
    let ends = field.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    ends.chain([field.len()]).map(|end| &field[..end])
}

/// The cells of a row, in one piece of memory: a long table has millions.
#[derive(Debug, Default)]
pub struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    /// Adds a cell. Its length is bounded by what a cell may hold.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> Option<&str> {
        let to = *self.ends.get(at)? as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(from..to)
    }
}

/// A row of a table. Its cells are cleaned: trimmed, in normal form C.
#[derive(Debug)]
pub struct Row {
    /// The file.
    pub file: Arc<str>,
    /// As a spreadsheet counts, from 1.
    pub number: u64,
    /// Its headings.
    pub header: Arc<Header>,
    /// Its cells in the order of the headings.
    pub cells: Cells,
    /// Fields of cells that were wrong and have been emptied.
    pub spoiled: Vec<&'static str>,
    /// Places of these cells.
    pub spoiled_at: Vec<usize>,
}

impl Row {
    /// What a cell says; `None` when it is empty or there is no such column.
    pub fn cell(&self, name: &'static str, number: u32) -> Option<&str> {
        let (at, _) = self.header.places.get(&(name, number))?;
        self.cells.get(*at).filter(|text| !text.is_empty())
    }

    /// Whether the cell was wrong and has been emptied: it is not missing besides.
    pub fn was_spoiled(&self, name: &'static str, number: u32) -> bool {
        let place = self.header.places.get(&(name, number));
        place.is_some_and(|(at, _)| self.spoiled_at.contains(at))
    }
}
