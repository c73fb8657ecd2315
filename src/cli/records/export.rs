//! `yadgar records export`: records for other programs.

use super::folder;
use crate::access::Access;
use crate::cli::{CliError, Exit, Ui, pick};
use crate::durable::Mode;
use crate::reader::{ArchiveView, ViewInfo};
use crate::records::export::{Format, Written, write};
use crate::records::read_all;
use clap::Args;
use serde_json::json;
use std::fs::Permissions;
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::class::Class;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Record};
use yadgar_protocol::release::RECORDS_PREFIX;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The folder that is published (not with --archive), then the file to write: its ending says the form, .csv, .json,
    /// .jsonl or .jsonld
    #[arg(required = true, num_args = 1..=2, value_names = ["FOLDER", "FILE"])]
    paths: Vec<PathBuf>,
    /// Instead of a folder, the release of an archive that is here: id, start of the id, or name
    #[arg(long)]
    archive: Option<String>,
    /// Also what was published because consent and safety allow it (class P1); not in tables
    #[arg(long)]
    published: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &ExportArgs) -> Result<(), CliError> {
    let (from, file) = match (args.paths.as_slice(), &args.archive) {
        ([folder, file], None) => (Some(folder), file),
        ([file], Some(_)) => (None, file),
        ([_], None) => {
            return Err(usage(
                "name the folder, or an archive with --archive, and the file to write",
            ));
        }
        _ => return Err(usage("a folder and --archive exclude each other")),
    };
    let format = format(file, args.published)?;
    let records = match from {
        Some(dir) => of_folder(dir)?,
        None => of_archive(ui, home, args.archive.as_deref())?,
    };
    let most = if args.published { Class::P1 } else { Class::P0 };
    let written = save(file, |out| write(format, &records, most, out))?;
    say(ui, file, format, &written);
    Ok(())
}

fn usage(what: &str) -> CliError {
    CliError::new(Exit::Usage, what).advice(
        "yadgar records export FOLDER FILE.csv, or yadgar records export --archive NAME FILE.csv",
    )
}

fn format(file: &Path, published: bool) -> Result<Format, CliError> {
    let ending = file.extension().unwrap_or_default().to_string_lossy();
    let format = Format::of_ending(&ending).ok_or_else(|| {
        CliError::new(Exit::Usage, format!("{}: no form that is known", file.display()))
            .advice("let the name end with .csv, .json, .jsonl or .jsonld")
    })?;
    if published && format == Format::Csv {
        return Err(CliError::new(Exit::Usage, "a table has class P0 only")
            .advice("leave --published out, or write .json, .jsonl or .jsonld"));
    }
    Ok(format)
}

fn of_folder(dir: &Path) -> Result<Vec<Record>, CliError> {
    folder(dir)?;
    let (records, faults) = read_all(dir).map_err(|e| CliError::failed(dir.display(), e))?;
    match faults.len() {
        0 => Ok(records),
        n => Err(CliError::new(
            Exit::Damaged,
            format!("{n} faults in the records; nothing was written"),
        )
        .advice(format!("'yadgar records check {}' lists them", dir.display()))),
    }
}

/// The records of the release that is shown. What was withdrawn since is left out; what cannot be read is an error: a
/// table that lacks people would not say so.
fn of_archive(ui: &Ui, home: &Path, name: Option<&str>) -> Result<Vec<Record>, CliError> {
    let access = Access::open(home, "records export")?;
    let archive = pick::archive(&access, name)?;
    crate::cli::dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    let denied = Some((*access.archives.denied(&archive)?).clone());
    let parts = head.release.parts.len();
    let view =
        ArchiveView::new(access.store.clone(), head, ViewInfo { denied, ..ViewInfo::default() });
    let damaged = |what: String| {
        CliError::new(Exit::Damaged, what).advice("run 'yadgar verify', or fetch the archive again")
    };
    let (mut records, mut other) = (Vec::new(), 0_u64);
    for (part, prefix) in (0..parts).flat_map(|n| [(n, RECORDS_PREFIX), (n, INCIDENTS_PREFIX)]) {
        let entries =
            view.list(part, Some(prefix), usize::MAX).map_err(|e| damaged(e.to_string()))?;
        for entry in entries.into_iter().filter(|entry| view.withdrawn(entry).is_none()) {
            if entry.size > MAX_RECORD_BYTES as u64 {
                other += 1;
                continue;
            }
            let bytes = view
                .read(&entry, 0, entry.size)
                .map_err(|e| damaged(format!("{}: {e}", entry.path)))?;
            match Record::decode(&bytes) {
                Ok(record) if record.check_path(&entry.path).is_ok() => records.push(record),
                _ => other += 1,
            }
        }
    }
    if other > 0 {
        ui.warn(
            format!("{other} files among the records are not understood and were left out"),
            format!("{other} فایل در میان پرونده‌ها خوانا نیست و کنار گذاشته شد"),
        );
    }
    Ok(records)
}

/// Writes a new file, whole or not at all.
fn save(
    file: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<Written>,
) -> Result<Written, CliError> {
    let failed = |e: std::io::Error| CliError::file(file, e);
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = Permissions::from_mode(Mode::Shared.bits());
    let mut temporary =
        tempfile::Builder::new().permissions(mode).tempfile_in(dir).map_err(failed)?;
    let mut out = BufWriter::new(temporary.as_file_mut());
    let written =
        fill(&mut out).and_then(|written| out.flush().map(|()| written)).map_err(failed)?;
    drop(out);
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist_noclobber(file).map_err(|e| match e.error.kind() {
        ErrorKind::AlreadyExists => CliError::failed(file.display(), "is there already")
            .advice("an export never replaces a file: name another one"),
        _ => failed(e.error),
    })?;
    Ok(written)
}

fn say(ui: &Ui, file: &Path, format: Format, written: &Written) {
    let (name, people) = (file.display(), written.people);
    ui.say(format!("{name}: {people} people"), format!("{name}: {people} نفر"));
    if format == Format::Csv && written.left_out > 0 {
        let n = written.left_out;
        ui.say(
            format!("{n} incidents and records that are gone have no place in a table; the JSON forms have them"),
            format!("{n} رویداد و پروندهٔ پس‌گرفته در جدول جا ندارد؛ در شکل‌های JSON هست"),
        );
    }
    ui.json(&json!({
        "file": name.to_string(), "people": people, "incidents": written.incidents,
        "gone": written.gone, "left_out": written.left_out,
    }));
}
