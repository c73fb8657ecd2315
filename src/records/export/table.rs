//! Rows as CSV.

use super::row::{Cells, cells};
use super::{Written, people, public};
use crate::records::import::columns;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::OnceLock;
use yadgar_protocol::record::Record;
use yadgar_protocol::record::class::Class;

/// Columns of single cells that a table of researchers always has, used or not, are those of class P0; these are
/// left out: they belong to a maintainer's own table, say what two other columns say, or name a file of which the
/// record has the hash alone.
const NEVER: [&str; 4] = ["key", "distinct_from", "age", "methodology"];

/// Writes the people as a table with class P0 only. It begins with a byte order mark, without which Excel does not take
/// it for UTF-8.
///
/// # Errors
/// When it cannot be written.
pub fn csv(records: &[Record], out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    records.iter().for_each(|record| written.count(record));
    written.left_out = written.gone + written.incidents;
    let fixed = columns::all().filter(|column| {
        let class = column.class().is_some_and(|class| class == Class::P0);
        class && !column.is_numbered() && !NEVER.contains(&column.name)
    });
    let fixed: Vec<_> = fixed.map(|column| (column.name, 0)).collect();
    write_rows(fixed, &mut || people(records).map(|victim| cells(&public(victim))), out)?;
    Ok(written)
}

/// Writes rows with the columns `fixed` and all others that any row has, in the order of the columns. The rows are
/// asked for twice, so that none need be held.
///
/// # Errors
/// When it cannot be written.
pub fn write_rows<R: Iterator<Item = Cells>>(
    fixed: Vec<(&'static str, u32)>,
    rows: &mut dyn FnMut() -> R,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut used: BTreeMap<Order, (&'static str, u32)> = BTreeMap::new();
    used.extend(fixed.into_iter().map(|key| (order(key), key)));
    for row in rows() {
        used.extend(row.into_keys().map(|key| (order(key), key)));
    }
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(out);
    let title = |(name, number): &(&str, u32)| name.replace('#', &number.to_string());
    writer.write_record(used.values().map(title))?;
    for row in rows() {
        writer.write_record(
            used.values().map(|key| row.get(key).map_or("", |cell| cell)).map(safe),
        )?;
    }
    writer.flush()
}

/// Where a column stands: numbered ones of one kind together, item by item.
type Order = (usize, u32, usize);

fn order((name, number): (&'static str, u32)) -> Order {
    static PLACES: OnceLock<HashMap<&'static str, (usize, usize)>> = OnceLock::new();
    let places = PLACES.get_or_init(|| {
        let family = |name: &str| name.split_once('#').map(|(before, _)| before.to_owned());
        let (mut places, mut run) = (HashMap::new(), (0, None));
        for (at, column) in columns::all().enumerate() {
            let own = family(column.name);
            if own.is_none() || own != run.1 {
                run = (at, own);
            }
            places.insert(column.name, (run.0, at));
        }
        places
    });
    // Every name comes from the list of columns; another one would stand at the end.
    let (family, at) = places.get(name).copied().unwrap_or((usize::MAX, 0));
    (family, number, at)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one. Numbers begin
/// with a sign too, and stay.
fn safe(cell: &str) -> String {
    const SIGNS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    let number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    match cell.starts_with(SIGNS) && !number {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}
