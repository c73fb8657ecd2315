//! `yadgar records show`: a record as JSON.

use super::folder;
use crate::cli::{CliError, Exit};
use crate::records::read_one;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The folder that is published
    dir: PathBuf,
    /// Id of the record, 26 characters
    id: String,
}

/// The JSON is the result, also without `--json`: it is what `revise` reads.
pub fn run(args: &ShowArgs) -> Result<(), CliError> {
    folder(&args.dir)?;
    let found = read_one(&args.dir, &args.id)
        .map_err(|e| CliError::new(Exit::Damaged, format!("record {}: {e}", args.id)))?;
    let Some((record, _)) = found else {
        let what = format!("{} has no record '{}'", args.dir.display(), args.id);
        return Err(CliError::new(Exit::Usage, what)
            .advice("the id is the name of the file in records/ or incidents/, without .cbor"));
    };
    let text =
        serde_json::to_string_pretty(&record).map_err(|e| CliError::failed("the record", e))?;
    writeln!(std::io::stdout().lock(), "{text}").map_err(|e| CliError::failed("standard output", e))
}
