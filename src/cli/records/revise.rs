//! `yadgar records revise`: a corrected record becomes the next version.

use super::folder;
use crate::cli::{CliError, Exit, Ui};
use crate::clock;
use crate::durable::{self, Mode};
use crate::records::{Revised, read_one, revise};
use clap::Args;
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;
use std::time::SystemTime;
use yadgar_protocol::record::{ChangeCode, Fault, Record};

/// Larger than any record as indented JSON.
const MAX_JSON_BYTES: u64 = 1 << 20;

#[derive(Debug, Args)]
pub struct ReviseArgs {
    /// The folder that is published
    dir: PathBuf,
    /// The corrected record as JSON, as 'yadgar records show' prints it
    file: PathBuf,
    /// Why it changes
    #[arg(long, default_value = "corrected", value_name = "CODE")]
    #[arg(value_parser = code)]
    code: ChangeCode,
    /// Day of the version (default: today, UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

pub(super) fn code(text: &str) -> Result<ChangeCode, String> {
    let known = || ChangeCode::ALL.iter().map(|c| c.word()).collect::<Vec<_>>().join(", ");
    ChangeCode::from_word(text).ok_or_else(|| format!("one of: {}", known()))
}

pub fn run(ui: &Ui, args: &ReviseArgs) -> Result<(), CliError> {
    folder(&args.dir)?;
    let new = read_json(args)?;
    let id = new.id().to_string();
    let found = read_one(&args.dir, &id)
        .map_err(|e| CliError::new(Exit::Damaged, format!("record {id}: {e}")))?;
    let Some((old, bytes)) = found else {
        return Err(CliError::new(
            Exit::Usage,
            format!("{} has no record '{id}'", args.dir.display()),
        )
        .advice("the id of a record never changes; check the folder and the JSON"));
    };
    let today = args.date.clone().unwrap_or_else(|| clock::utc_day(SystemTime::now()));
    match revise(&old, &bytes, new, &today, args.code) {
        Revised::Same => {
            ui.say(
                "Nothing differs; the file stays as it is.",
                "فرقی ندارد؛ فایل همان است که بود.",
            );
            ui.json(&json!({ "id": id, "changed": [] }));
            Ok(())
        }
        Revised::Next(next, fields) => write(ui, args, &next, &fields),
        Revised::Faulty(faults) => Err(faulty(ui, &faults)),
        Revised::Other => Err(CliError::new(Exit::Usage, "this is a record of another kind")),
    }
}

fn read_json(args: &ReviseArgs) -> Result<Record, CliError> {
    let mut text = String::new();
    let file = std::fs::File::open(&args.file).map_err(|e| CliError::file(&args.file, e))?;
    file.take(MAX_JSON_BYTES)
        .read_to_string(&mut text)
        .map_err(|e| CliError::file(&args.file, e))?;
    // The schema says which of the two is meant, so that the error is about the right one.
    let parsed = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) if value["schema"] == yadgar_protocol::record::INCIDENT => {
            serde_json::from_str(&text).map(|i| Record::Incident(Box::new(i)))
        }
        Ok(_) => serde_json::from_str(&text).map(|v| Record::Victim(Box::new(v))),
        Err(error) => Err(error),
    };
    parsed.map_err(|e| {
        CliError::new(Exit::Usage, format!("{}: {e}", args.file.display()))
            .advice("begin with what 'yadgar records show' prints; protocol/spec/record.md says what each field may hold")
    })
}

fn faulty(ui: &Ui, faults: &[Fault]) -> CliError {
    for fault in faults {
        let line = format!("{}: {} ({})", fault.field, fault.why, fault.clause);
        ui.say(&line, &line);
    }
    ui.json(&json!({ "faults": faults.iter().map(|f| json!({
        "field": f.field, "clause": f.clause, "why": f.why,
    })).collect::<Vec<_>>() }));
    CliError::new(Exit::Damaged, format!("{} faults; nothing was written", faults.len()))
        .advice("mend them in the JSON and try again")
}

fn write(ui: &Ui, args: &ReviseArgs, next: &Record, fields: &[String]) -> Result<(), CliError> {
    let bytes = next.encode();
    // What we write must be readable by what we are: this also keeps the limit of a record.
    Record::decode(&bytes).map_err(|e| CliError::failed("the record", e))?;
    let path = args.dir.join(next.path());
    durable::write_atomic(&path, &bytes, Mode::Shared)
        .map_err(|e| CliError::failed(path.display(), e))?;
    let version = match next {
        Record::Victim(victim) => victim.version,
        Record::Incident(incident) => incident.version,
    };
    let list = fields.join(", ");
    ui.say(
        format!("Version {version} of {}: {list}", next.id()),
        format!("ویرایش {version} از {}: {list}", next.id()),
    );
    ui.json(&json!({ "id": next.id().to_string(), "version": version, "changed": fields }));
    Ok(())
}
