//! `yadgar gate`: the privacy gate alone, and pictures made clean for it.

mod advice;
mod check;
mod clean;
mod pass;
mod say;

pub use pass::{Cleared, GateArgs, pass};

use super::{CliError, Ui};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum GateCommand {
    /// Look for what must not be published, as 'publish' does, and list all of it
    Check(check::CheckArgs),
    /// Take hidden data (place, time, device, thumbnails) out of all pictures of a folder
    Clean(clean::CleanArgs),
}

pub fn run(ui: &Ui, command: &GateCommand) -> Result<(), CliError> {
    match command {
        GateCommand::Check(args) => check::run(ui, args),
        GateCommand::Clean(args) => clean::run(ui, args),
    }
}
