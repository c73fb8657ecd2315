//! The same people as a maintainer's table and as flat JSON, in the columns that import reads.

use crate::people::{Options, People};
use serde_json::{Map, Value};
use std::io::{self, Write};
use yadgar::records::export::{Cells, cells, write_rows};

/// Rows of people. A table's rows have no ids yet, but keys of the maintainer's own, and what a later version has
/// changed is in them already.
fn rows(options: Options, people: usize) -> impl Iterator<Item = Cells> {
    People::new(options).take(people).enumerate().map(|(number, person)| {
        let mut row = cells(&person.victim);
        row.remove(&("id", 0));
        row.remove(&("incident", 0));
        row.insert(("key", 0), format!("row-{:06}", number + 1));
        row
    })
}

/// Writes the table. The people are made twice: once to see which columns they need.
pub fn csv(options: Options, people: usize, out: &mut dyn Write) -> io::Result<()> {
    write_rows(vec![("key", 0)], &mut || rows(options, people), out)
}

/// Writes one object a line, with the columns as keys.
pub fn json_lines(options: Options, people: usize, out: &mut dyn Write) -> io::Result<()> {
    for row in rows(options, people) {
        let named = row.into_iter().map(|((name, number), cell)| {
            (name.replace('#', &number.to_string()), Value::from(cell))
        });
        serde_json::to_writer(&mut *out, &named.collect::<Map<_, _>>())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
