//! A row of a table to a record.

pub mod dates;
mod evidence;
mod faults;
mod files;
mod parts;
mod person;

pub use faults::problem_of;
pub use files::Files;

use super::input::Row;
use super::lists::{self, List};
use super::problem::{Code, Problem, clip};
use yadgar_protocol::persian::ascii_digit;
use yadgar_protocol::record::{Fault, RecordId, Texts, Victim};

/// What a row says.
#[derive(Debug)]
pub struct Draft {
    /// The record; its id, version and day are not yet right.
    pub victim: Victim,
    /// The id that the row gives.
    pub id: Option<RecordId>,
    /// The key that the row gives.
    pub key: Option<String>,
    /// Keys and ids of others that are not the same person.
    pub distinct: Vec<String>,
    /// Fields that could not be read.
    pub spoiled: Vec<&'static str>,
}

/// Reads a row into a record, and tells every cell that is wrong. Whether the record is well formed is known only when
/// it is joined with what is there. `today` is the day of the version.
pub fn draft(row: &Row, files: &Files, today: &str) -> (Draft, Vec<Problem>) {
    let mut builder = Builder { row, files, problems: Vec::new(), spoiled: row.spoiled.clone() };
    let victim = builder.victim(today);
    let draft = Draft {
        victim,
        id: builder.id("id"),
        key: builder.key(),
        distinct: builder.list("distinct_from", 0),
        spoiled: Vec::new(),
    };
    let Builder { problems, spoiled, .. } = builder;
    (Draft { spoiled, ..draft }, problems)
}

/// Faults of the record that a row makes, as problems of the row.
pub fn fault_problems(
    row: &Row,
    spoiled: &[&str],
    victim: &Victim,
    faults: &[Fault],
) -> Vec<Problem> {
    // One problem is enough for a field: what was not read is besides also missing.
    let first = |fault: &&Fault| !spoiled.iter().any(|field| faults::touches(fault, field));
    faults.iter().filter(first).map(|fault| faults::problem(row, victim, fault)).collect()
}

struct Builder<'a> {
    row: &'a Row,
    files: &'a Files,
    problems: Vec<Problem>,
    /// Fields that could not be read.
    spoiled: Vec<&'static str>,
}

impl Builder<'_> {
    fn cell(&self, name: &'static str, number: u32) -> Option<&str> {
        self.row.cell(name, number)
    }

    /// Tells that a cell is wrong.
    fn wrong(&mut self, name: &'static str, number: u32, code: Code, hint: Option<String>) {
        let value = self.row.cell(name, number).map(clip);
        let problem = Problem::new(&self.row.file, code).row(self.row.number);
        let problem = problem.column(self.row.header.title(name, number));
        self.problems.push(Problem { value, hint, ..problem });
        let column = super::columns::all().find(|column| column.name == name);
        self.spoiled.extend(column.map(|column| column.field));
    }

    fn text(&self, name: &'static str, number: u32) -> Option<String> {
        self.cell(name, number).map(str::to_owned)
    }

    fn texts(&self, en: &'static str, fa: &'static str, number: u32) -> Option<Texts> {
        let texts = Texts { en: self.text(en, number), fa: self.text(fa, number) };
        (texts.en.is_some() || texts.fa.is_some()).then_some(texts)
    }

    /// A cell read by `read`, which says what is wrong.
    fn read<T>(
        &mut self,
        name: &'static str,
        number: u32,
        read: impl FnOnce(&str) -> Result<T, (Code, Option<String>)>,
    ) -> Option<T> {
        match read(self.cell(name, number)?) {
            Ok(value) => Some(value),
            Err((code, hint)) => {
                self.wrong(name, number, code, hint);
                None
            }
        }
    }

    fn word<T>(
        &mut self,
        name: &'static str,
        number: u32,
        list: List,
        of: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(name, number, |cell| one_word(cell, list, &of))
    }

    fn words<T>(
        &mut self,
        name: &'static str,
        number: u32,
        list: List,
        of: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let words = self.read(name, number, |cell| {
            split(cell).map(|cell| one_word(cell, list, &of)).collect::<Result<Vec<_>, _>>()
        });
        words.unwrap_or_default()
    }

    fn number(&mut self, name: &'static str, number: u32) -> Option<u64> {
        self.read(name, number, |cell| {
            let digits: String = cell.chars().map(ascii_digit).collect();
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let value = plain.then(|| digits.parse().ok()).flatten();
            value.ok_or((Code::NotANumber, None))
        })
    }

    fn day(&mut self, name: &'static str, number: u32) -> Option<String> {
        self.read(name, number, |cell| dates::day(cell).map_err(|code| (code, None)))
    }

    fn id(&mut self, name: &'static str) -> Option<RecordId> {
        self.read(name, 0, |cell| {
            RecordId::from_text(&cell.to_ascii_lowercase()).ok_or((Code::BadId, None))
        })
    }

    fn key(&mut self) -> Option<String> {
        self.read("key", 0, |cell| {
            let fits = cell.len() <= super::limits::MAX_KEY_BYTES && !cell.contains([';', '\n']);
            if fits { Ok(cell.to_owned()) } else { Err((Code::BadKey, None)) }
        })
    }

    fn list(&self, name: &'static str, number: u32) -> Vec<String> {
        self.cell(name, number).into_iter().flat_map(split).map(str::to_owned).collect()
    }

    /// Columns of a group of which one is filled.
    fn filled(&self, names: &[&'static str], number: u32) -> bool {
        names.iter().any(|name| self.cell(name, number).is_some())
            || names.iter().any(|name| self.row.was_spoiled(name, number))
    }

    /// Tells that a cell of a group is needed and empty.
    fn missing(&mut self, name: &'static str, number: u32) {
        if !self.row.was_spoiled(name, number) {
            self.wrong(name, number, Code::Missing, None);
        }
    }
}

fn one_word<T>(
    cell: &str,
    list: List,
    of: impl Fn(&str) -> Option<T>,
) -> Result<T, (Code, Option<String>)> {
    let hint = || match list.nearest(cell) {
        Some(near) => near.to_owned(),
        None => list.shown(false).join(", "),
    };
    list.word(cell).and_then(of).ok_or_else(|| (Code::BadWord, Some(hint())))
}

/// The items of a cell: `;`, the Persian semicolon or a new line between them.
fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '؛', '\n', '|']).map(str::trim).filter(|item| !item.is_empty())
}

/// A flag in a cell.
fn flag(builder: &mut Builder<'_>, name: &'static str) -> Option<yadgar_protocol::record::Yes> {
    builder.word(name, 0, lists::FLAG, yadgar_protocol::record::Yes::from_word)
}
