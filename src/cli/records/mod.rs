//! `yadgar records`: the records of a folder that is to be published.

mod check;
mod export;
mod import;
mod merge;
mod revise;
mod show;
mod template;

use super::{CliError, Exit, Ui};
use clap::Subcommand;
use std::path::Path;

#[derive(Debug, Subcommand)]
pub enum RecordsCommand {
    /// Check all records of a folder, and list every fault
    Check(check::CheckArgs),
    /// Print a record as JSON, to read or to correct it
    Show(show::ShowArgs),
    /// Write an empty table with a comment for every column, to fill in a spreadsheet
    Template(template::TemplateArgs),
    /// Write the records as a table, JSON or JSON-LD, class P0 unless told otherwise
    Export(export::ExportArgs),
    /// Make records of a table, or of JSON; lists every problem, and writes all or nothing
    Import(import::ImportArgs),
    /// Make one record point to another of the same person
    Merge(merge::MergeArgs),
    /// Write a corrected record as its next version
    Revise(revise::ReviseArgs),
}

pub fn run(ui: &Ui, home: &Path, command: &RecordsCommand) -> Result<(), CliError> {
    match command {
        RecordsCommand::Template(args) => template::run(ui, args),
        RecordsCommand::Import(args) => import::run(ui, args),
        RecordsCommand::Merge(args) => merge::run(ui, args),
        RecordsCommand::Check(args) => check::run(ui, args),
        RecordsCommand::Export(args) => export::run(ui, home, args),
        RecordsCommand::Show(args) => show::run(args),
        RecordsCommand::Revise(args) => revise::run(ui, args),
    }
}

/// A folder that the user named must be there.
fn folder(path: &Path) -> Result<(), CliError> {
    if path.is_dir() {
        return Ok(());
    }
    Err(CliError::new(Exit::Usage, format!("{} is not a folder", path.display()))
        .advice("name the folder that you publish, the one that has records/ in it"))
}
