//! Tables: CSV with comma, semicolon or tab.

use super::super::columns::{self, Column, Heading};
use super::super::limits::{MAX_COLUMNS, MAX_ROWS};
use super::super::problem::{Code, Problem};
use super::cells::clean;
use super::{Cells, Header, Input, Item, Row};
use std::sync::Arc;

/// Reads a table.
pub fn read(file: &Arc<str>, text: &str, input: &mut Input) {
    let text = skip_hint(text);
    let Some(delimiter) = delimiter(text) else {
        input.problems.push(Problem::new(file, Code::NoHeader));
        return;
    };
    let mut table = Table { file: file.clone(), head: Head::default(), input, named: false };
    let mut reader = reader(text, delimiter);
    let mut record = csv::StringRecord::new();
    let (mut number, mut last) = (0_u64, 0);
    loop {
        let from = reader.position().byte() as usize;
        // The text is UTF-8 and the reader flexible: nothing can fail here.
        if !reader.read_record(&mut record).unwrap_or(false) {
            break;
        }
        last = from;
        let blank = text.as_bytes()[from..].iter().take_while(|b| matches!(b, b'\n' | b'\r'));
        number += 1 + blank.filter(|b| **b == b'\n').count() as u64;
        // The end of the line before belongs to no blank line.
        let halved = from > 0 && text.as_bytes()[from - 1..].starts_with(b"\r\n");
        number -= u64::from(halved);
        if number as usize > MAX_ROWS {
            table.input.problems.push(Problem::new(file, Code::TooMany).row(number));
            break;
        }
        table.row(number, &record);
    }
    if text[last..].bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        input.problems.push(Problem::new(file, Code::OpenQuote).row(number));
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// Excel's own first line that names the delimiter.
fn skip_hint(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let hint = line.trim_matches('"').trim().to_lowercase();
    if hint.starts_with("sep=") && hint.len() == 5 { &text[line.len()..] } else { text }
}

/// The delimiter by which the headings make most columns that are known; `None` when none makes any.
fn delimiter(text: &str) -> Option<u8> {
    let known = |delimiter: u8| {
        let first = reader(text, delimiter).into_records().filter_map(Result::ok).find(is_head);
        let is_known = |cell: &&str| !matches!(columns::heading(cell), Heading::Unknown(_));
        first.map_or(0, |row| row.iter().take(MAX_COLUMNS).filter(is_known).count())
    };
    let best = [b',', b';', b'\t'].into_iter().map(|d| (known(d), d)).max_by_key(|(n, _)| *n);
    best.filter(|(n, _)| *n > 0).map(|(_, delimiter)| delimiter)
}

fn is_head(row: &csv::StringRecord) -> bool {
    !is_blank(row) && !is_comment(row)
}

fn is_blank(row: &csv::StringRecord) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

fn is_comment(row: &csv::StringRecord) -> bool {
    row.get(0).is_some_and(|cell| cell.trim_start().starts_with('#') && !cell.ends_with(['!', '?']))
}

/// The headings of a table in their order.
#[derive(Default)]
struct Head {
    columns: Vec<Option<(&'static Column, u32, String)>>,
    header: Arc<Header>,
    /// Cells that a row needs at least.
    due: usize,
    /// Places without a heading whose cells have not been told of yet.
    unnamed: Vec<usize>,
}

struct Table<'a> {
    file: Arc<str>,
    head: Head,
    input: &'a mut Input,
    named: bool,
}

impl Table<'_> {
    fn row(&mut self, number: u64, record: &csv::StringRecord) {
        if is_blank(record) || is_comment(record) {
            return;
        }
        if !self.named {
            self.named = true;
            self.headings(number, record);
            return;
        }
        let (is, due) = (record.len(), self.head.due);
        let surplus =
            record.iter().skip(self.head.columns.len()).any(|cell| !cell.trim().is_empty());
        if is < due || surplus {
            let problem = Problem::new(&self.file, Code::Ragged).row(number);
            self.input.problems.push(problem.hint(format!("{is} / {due}")));
        }
        self.cells(number, record);
    }

    fn headings(&mut self, number: u64, record: &csv::StringRecord) {
        let mut header = Header::default();
        if record.len() > MAX_COLUMNS {
            self.input.problems.push(Problem::new(&self.file, Code::TooMany).row(number));
        }
        for (at, text) in record.iter().take(MAX_COLUMNS).enumerate() {
            let text = text.trim();
            let found = match text.is_empty() {
                true => {
                    self.head.unnamed.push(at);
                    None
                }
                false => self.heading(number, at, text, &mut header),
            };
            self.head.columns.push(found);
        }
        // Spreadsheets often save empty columns at the end, and leave them out of some rows.
        let named = (0..self.head.columns.len())
            .rfind(|at| record.get(*at).is_some_and(|t| !t.trim().is_empty()));
        self.head.due = named.map_or(0, |at| at + 1);
        self.head.header = Arc::new(header);
    }

    fn heading(
        &mut self,
        number: u64,
        at: usize,
        text: &str,
        header: &mut Header,
    ) -> Option<(&'static Column, u32, String)> {
        let problem = |code| {
            let shown = super::super::problem::clip(text);
            Problem::new(&self.file, code).row(number).column(shown)
        };
        let (column, n) = match columns::heading(text) {
            Heading::Known(column, n) => (column, n),
            other => {
                self.input.problems.push(refused(&other, problem));
                return None;
            }
        };
        if !header.add(column, n, at, text) {
            self.input.problems.push(problem(Code::DuplicateColumn).hint(column.titled(n, false)));
            return None;
        }
        Some((column, n.unwrap_or(0), text.to_owned()))
    }

    fn cells(&mut self, number: u64, record: &csv::StringRecord) {
        let mut row = Row {
            file: self.file.clone(),
            number,
            header: self.head.header.clone(),
            cells: Cells::default(),
            spoiled: Vec::new(),
            spoiled_at: Vec::new(),
        };
        for (at, place) in self.head.columns.iter().enumerate() {
            let raw = record.get(at).unwrap_or_default();
            let Some((column, _, title)) = place else {
                row.cells.push("");
                let spoken = !raw.trim().is_empty() && self.head.unnamed.contains(&at);
                if spoken {
                    self.head.unnamed.retain(|place| *place != at);
                    let problem = Problem::new(&self.file, Code::NamelessColumn).row(number);
                    self.input.problems.push(problem.column((at + 1).to_string()).value(raw));
                }
                continue;
            };
            take(&mut row, self.input, raw, column, title);
        }
        self.input.items.push(Item::Row(row));
    }
}

/// What is wrong with a heading that is not used.
pub fn refused(heading: &Heading, problem: impl Fn(Code) -> Problem) -> Problem {
    match heading {
        Heading::Restricted(class) => problem(Code::RestrictedColumn).hint(class.word()),
        Heading::Number => problem(Code::ColumnNumber),
        Heading::Unknown(Some(near)) => {
            problem(Code::UnknownColumn).hint(near.titled(near.is_numbered().then_some(1), false))
        }
        Heading::Unknown(None) | Heading::Known(..) => problem(Code::UnknownColumn),
    }
}

/// Cleans a cell into a row, and tells what is wrong with it.
pub fn take(row: &mut Row, input: &mut Input, raw: &str, column: &'static Column, title: &str) {
    let cell = clean(raw, column);
    let problem = |code| Problem::new(&row.file, code).row(row.number).column(title).value(raw);
    if let Some(code) = cell.problem {
        input.problems.push(problem(code));
        row.spoiled.push(column.field);
        row.spoiled_at.push(row.cells.len());
    }
    if cell.marks {
        input.problems.push(problem(Code::DirectionMark).warning());
    }
    row.cells.push(&cell.text);
}
