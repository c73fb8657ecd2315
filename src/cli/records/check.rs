//! `yadgar records check`: every fault of every record.

use super::folder;
use crate::cli::{CliError, Exit, Ui};
use crate::records::{FileFault, read_all};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The folder that is published
    dir: PathBuf,
}

pub fn run(ui: &Ui, args: &CheckArgs) -> Result<(), CliError> {
    folder(&args.dir)?;
    let (records, faults) =
        read_all(&args.dir).map_err(|e| CliError::failed(args.dir.display(), e))?;
    for fault in &faults {
        let line = line(fault);
        ui.say(&line, &line);
    }
    ui.json(&json!({
        "records": records.len(),
        "faults": faults.iter().map(|f| json!({
            "file": f.file, "field": f.field, "clause": f.clause, "why": f.why,
        })).collect::<Vec<_>>(),
    }));
    if faults.is_empty() {
        let n = records.len();
        ui.say(format!("{n} records, all well formed."), format!("{n} پرونده، همه درست."));
        return Ok(());
    }
    let (faults, files) = (faults.len(), faulty_files(&faults));
    Err(CliError::new(Exit::Damaged, format!("{faults} faults in {files} files")).advice(
        "'yadgar records show' prints a record as JSON; 'yadgar records revise' writes it back",
    ))
}

fn line(fault: &FileFault) -> String {
    let field = fault.field.as_ref().map_or_else(String::new, |field| format!(" {field}:"));
    format!("{}:{field} {} ({})", shown(&fault.file), fault.why, fault.clause)
}

/// A name of a file cannot change the terminal or the line's order.
fn shown(name: &str) -> String {
    name.chars().flat_map(char::escape_debug).collect()
}

fn faulty_files(faults: &[FileFault]) -> usize {
    faults.iter().map(|f| &f.file).collect::<std::collections::BTreeSet<_>>().len()
}
