//! Records as JSON, in the form of `records show`.

use super::{Written, shown};
use std::io::{self, Write};
use yadgar_protocol::record::Record;
use yadgar_protocol::record::class::Class;

/// One array, one record a line.
pub fn array(records: &[Record], most: Class, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    for (n, record) in records.iter().enumerate() {
        out.write_all(if n == 0 { b"[\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &shown(record, most))?;
        written.count(record);
    }
    out.write_all(if records.is_empty() { b"[]\n" } else { b"\n]\n" })?;
    Ok(written)
}

/// One record a line and nothing else.
pub fn lines(records: &[Record], most: Class, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    for record in records {
        serde_json::to_writer(&mut *out, &shown(record, most))?;
        out.write_all(b"\n")?;
        written.count(record);
    }
    Ok(written)
}
