//! `yadgar records`: the records of a folder that is to be published.

mod check;
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
    /// Write a corrected record as its next version
    Revise(revise::ReviseArgs),
}

pub fn run(ui: &Ui, command: &RecordsCommand) -> Result<(), CliError> {
    match command {
        RecordsCommand::Template(args) => template::run(ui, args),
        RecordsCommand::Check(args) => check::run(ui, args),
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
