//! Files and folders by their kind.

use super::super::limits::{MAX_FILE_BYTES, MAX_FILES};
use super::super::problem::{Code, Problem, clip};
use super::{Full, Input, Item, json, table, text};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Record};
use yadgar_protocol::release::RECORDS_PREFIX;

/// Reads a table, a JSON file, or a folder: all its `.json` and `.jsonl` files, and the records in its `records/`
/// and `incidents/`. What cannot be read is a problem among the others.
pub fn read(path: &Path) -> Input {
    let mut input = Input::default();
    let name = path.display().to_string();
    match path.is_dir() {
        true => match files_of(path) {
            Ok(files) if files.len() > MAX_FILES => {
                input.problems.push(Problem::new(&clip(&name), Code::TooMany));
            }
            Ok(files) if files.is_empty() => {
                input.problems.push(Problem::new(&clip(&name), Code::FileKind));
            }
            Ok(files) => {
                for (shown, file) in files {
                    one(&file, &shown, &mut input);
                }
            }
            Err(error) => input.problems.push(unreadable(&clip(&name), &error)),
        },
        false => one(path, &name, &mut input),
    }
    input
}

fn unreadable(file: &str, error: &io::Error) -> Problem {
    Problem::new(file, Code::Unreadable).hint(error.to_string())
}

/// The files of a folder that are imported, by the name that reports give them.
fn files_of(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let mut add = |below: &str, kinds: &[&str]| -> io::Result<()> {
        let items = match fs::read_dir(folder.join(below)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            items => items?,
        };
        for item in items {
            let item = item?;
            let path = item.path();
            let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if item.file_type()?.is_file() && kinds.contains(&kind) && files.len() <= MAX_FILES {
                files.push((format!("{below}{}", item.file_name().to_string_lossy()), path));
            }
        }
        Ok(())
    };
    add("", &["json", "jsonl"])?;
    add(RECORDS_PREFIX, &["cbor"])?;
    add(INCIDENTS_PREFIX, &["cbor"])?;
    files.sort();
    Ok(files)
}

fn one(path: &Path, shown: &str, input: &mut Input) {
    let file: Arc<str> = escaped(shown).into();
    let bytes = match bounded(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return input.problems.push(Problem::new(&file, Code::TooLarge)),
        Err(error) => return input.problems.push(unreadable(&file, &error)),
    };
    let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if kind == "cbor" {
        return cbor(&file, &bytes, input);
    }
    let text = match text::utf8(&file, &bytes) {
        Ok(text) => text,
        Err(problem) => return input.problems.push(problem),
    };
    match kind.as_str() {
        "json" => json::read(&file, text, input),
        "jsonl" | "ndjson" => json::read_lines(&file, text, input),
        "csv" | "tsv" | "txt" => table::read(&file, text, input),
        other => input.problems.push(Problem::new(&file, Code::FileKind).value(other)),
    }
}

/// A path is shown in full, unless it could act on a terminal.
fn escaped(path: &str) -> String {
    let plain = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    path.chars().map(plain).collect()
}

/// The bytes of a file; `None` when it is larger than allowed.
fn bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_FILE_BYTES).then_some(bytes))
}

fn cbor(file: &Arc<str>, bytes: &[u8], input: &mut Input) {
    let problem = |why: String| Problem::new(file, Code::Format).hint(why);
    if bytes.len() > MAX_RECORD_BYTES {
        return input.problems.push(Problem::new(file, Code::TooLarge));
    }
    match Record::decode_form(bytes) {
        Ok(record) => match serde_json::to_value(&record) {
            Ok(value) => {
                input.items.push(Item::Full(Full { file: file.clone(), row: None, value }));
            }
            Err(error) => input.problems.push(problem(error.to_string())),
        },
        Err(reject) => {
            input.problems.push(problem(format!("{} ({})", reject.why, reject.clause)));
        }
    }
}
