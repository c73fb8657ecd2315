//! `yadgar site`: other people's sites as folders that can be published.

mod check;
mod import;
mod say;

use super::{CliError, Ui};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum SiteCommand {
    /// Make a clean folder of a site: a folder, or a crawl (.warc, .warc.gz, .arc, .wacz)
    Import(import::ImportArgs),
    /// Say what in a folder is not in the safe subset; change nothing
    Check(check::CheckArgs),
}

pub fn run(ui: &Ui, command: &SiteCommand) -> Result<(), CliError> {
    match command {
        SiteCommand::Import(args) => import::run(ui, args),
        SiteCommand::Check(args) => check::run(ui, args),
    }
}
