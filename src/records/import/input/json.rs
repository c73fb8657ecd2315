//! JSON and JSON lines: full records as `records show` prints them, or flat objects with the names of columns.

use super::super::columns::{self, Heading};
use super::super::limits::{MAX_CELL_BYTES, MAX_ROWS};
use super::super::problem::{Code, Problem, clip};
use super::table::{refused, take};
use super::{Cells, Full, Header, Input, Item, Row};
use serde_json::{Map, Value};
use std::sync::Arc;
use yadgar_protocol::record::class::{Class, class_of};

/// Reads one JSON value: an object, or a list of them.
pub fn read(file: &Arc<str>, text: &str, input: &mut Input) {
    match serde_json::from_str(text) {
        Ok(Value::Array(items)) => {
            for (at, item) in items.into_iter().enumerate() {
                object(file, Some(at as u64 + 1), item, input);
            }
        }
        Ok(value) => object(file, None, value, input),
        Err(error) => input.problems.push(bad(file, &error)),
    }
}

/// Reads one object a line.
pub fn read_lines(file: &Arc<str>, text: &str, input: &mut Input) {
    for (at, line) in text.lines().enumerate() {
        let number = at as u64 + 1;
        if line.trim().is_empty() {
            continue;
        }
        if at >= MAX_ROWS {
            input.problems.push(Problem::new(file, Code::TooMany).row(number));
            return;
        }
        match serde_json::from_str(line) {
            Ok(value) => object(file, Some(number), value, input),
            Err(error) => input.problems.push(bad(file, &error).row(number)),
        }
    }
}

fn bad(file: &str, error: &serde_json::Error) -> Problem {
    Problem::new(file, Code::BadJson).row(error.line() as u64).hint(error.to_string())
}

fn object(file: &Arc<str>, row: Option<u64>, value: Value, input: &mut Input) {
    let Value::Object(fields) = &value else {
        let problem = Problem::new(file, Code::BadJson).hint("an object");
        input.problems.push(Problem { row, ..problem });
        return;
    };
    if !fields.contains_key("schema") {
        return flat(file, row.unwrap_or(1), fields, input);
    }
    let before = input.problems.len();
    restricted(&value, &mut |name, class| {
        let problem = Problem::new(file, Code::RestrictedColumn).column(clip(name));
        input.problems.push(Problem { row, ..problem.hint(class.word()) });
    });
    // What holds restricted fields is told so, and not besides that the format does not know them.
    if input.problems.len() == before {
        input.items.push(Item::Full(Full { file: file.clone(), row, value }));
    }
}

/// Fields of classes P2 and P3 at any depth.
fn restricted(value: &Value, found: &mut dyn FnMut(&str, Class)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let class = class_of(name);
            if matches!(class, Class::P2 | Class::P3) {
                found(name, class);
            }
            restricted(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| restricted(item, found)),
        _ => {}
    }
}

fn flat(file: &Arc<str>, number: u64, fields: &Map<String, Value>, input: &mut Input) {
    let problem = |code| Problem::new(file, code).row(number);
    let mut header = Header::default();
    let mut cells = Vec::new();
    for (name, value) in fields {
        let shown = clip(name);
        let (column, n) = match columns::heading(name) {
            Heading::Known(column, n) => (column, n),
            other => {
                input.problems.push(refused(&other, |code| problem(code).column(shown.as_str())));
                continue;
            }
        };
        let Some(text) = plain(value) else {
            input.problems.push(problem(Code::BadJson).column(shown).hint("text"));
            continue;
        };
        if !header.add(column, n, cells.len(), name) {
            input.problems.push(problem(Code::DuplicateColumn).column(shown));
            continue;
        }
        cells.push((column, shown, text));
    }
    if header.is_empty() {
        input.problems.push(problem(Code::NoHeader));
        return;
    }
    let header = Arc::new(header);
    let mut row = Row {
        file: file.clone(),
        number,
        header,
        cells: Cells::default(),
        spoiled: Vec::new(),
        spoiled_at: Vec::new(),
    };
    for (column, title, text) in cells {
        take(&mut row, input, &text, column, &title);
    }
    input.items.push(Item::Row(row));
}

/// What a value would be in a cell; `None` for objects and lists of anything but texts.
fn plain(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
            // A list too long for a cell is cut by the cell's own limit, not by joining it without end.
            texts.filter(|texts| texts.len() <= MAX_CELL_BYTES)?.join(";")
        }
        Value::Object(_) => return None,
    })
}
