//! `yadgar site check`: what `site import` would change; nothing is written.

use super::import::error;
use super::say;
use crate::cli::{CliError, Exit, Ui};
use crate::site::{Dry, Gathered, Options, convert, gather};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The folder
    folder: PathBuf,
}

pub fn run(ui: &Ui, args: &CheckArgs) -> Result<(), CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    crate::cli::stop_on_ctrl_c(&stop);
    if !args.folder.is_dir() {
        return Err(CliError::new(Exit::Usage, format!("{} is no folder", args.folder.display())));
    }
    let mut found = Gathered::default();
    gather(&args.folder, &mut found).map_err(error)?;
    let report = convert(found, &Options::default(), &Dry, &stop).map_err(error)?;
    say::checked(ui, &report);
    if report.is_safe() {
        return Ok(());
    }
    Err(CliError::new(Exit::Gate, format!("{} is not in the safe subset", args.folder.display()))
        .advice("'yadgar site import FOLDER NEW' makes a clean copy"))
}
