//! `yadgar courier`: what is newest and what was withdrawn, as a text for any messenger, or as QR codes.

mod codes;
mod read;
mod write;

pub(super) use read::remember;
pub use read::{ReadArgs, take_texts};
pub(super) use write::MESSAGE;
pub use write::WriteArgs;

use super::{CliError, Ui};
use clap::Subcommand;
use std::path::Path;

#[derive(Debug, Subcommand)]
pub enum CourierCommand {
    /// Write the newest head and what was withdrawn as text: to copy into a message, to print, to scan
    Write(WriteArgs),
    /// Learn from such a text what is newest and what was withdrawn, before the files can be had
    Read(ReadArgs),
}

pub fn run(ui: &Ui, home: &Path, command: &CourierCommand) -> Result<(), CliError> {
    match command {
        CourierCommand::Write(args) => write::run(ui, home, args),
        CourierCommand::Read(args) => read::run(ui, home, args),
    }
}
