//! `yadgar release`: an act of several maintainers, from draft to head. `rotate` and `archive create`
//! use the same steps.

pub mod adopt;
pub mod build;
pub mod facts;
pub mod file;
pub mod json;
mod merge;
mod show;
pub mod sign;
pub mod text;
mod warn;

use super::{CliError, Ui};
use clap::Subcommand;
use std::path::Path;

#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// Build a release from a folder, unsigned, as a draft file
    Build(build::BuildArgs),
    /// Show what a draft changes, and who has signed
    Show(show::ShowArgs),
    /// Sign a draft
    Sign(sign::SignArgs),
    /// Join the signatures of two copies of a draft, or show how two drafts differ
    Merge(merge::MergeArgs),
    /// Make a draft with enough signatures take effect in this home
    Adopt(adopt::AdoptArgs),
    /// Write the newest head of an archive into a file, for a signer whose machine is offline
    Head(file::HeadArgs),
}

/// The steps that all drafts have in common; `yadgar rotate` offers them too.
#[derive(Debug, Subcommand)]
pub enum DraftCommand {
    /// Show what a draft changes, and who has signed
    Show(show::ShowArgs),
    /// Sign a draft
    Sign(sign::SignArgs),
    /// Join the signatures of two copies of a draft, or show how two drafts differ
    Merge(merge::MergeArgs),
    /// Make a draft with enough signatures take effect in this home
    Adopt(adopt::AdoptArgs),
}

pub fn run(ui: &Ui, home: &Path, command: &ReleaseCommand) -> Result<(), CliError> {
    match command {
        ReleaseCommand::Build(args) => build::run(ui, home, args),
        ReleaseCommand::Show(args) => show::run(ui, home, args),
        ReleaseCommand::Sign(args) => sign::run(ui, home, args),
        ReleaseCommand::Merge(args) => merge::run(ui, home, args),
        ReleaseCommand::Adopt(args) => adopt::run(ui, home, args),
        ReleaseCommand::Head(args) => file::head(ui, home, args),
    }
}

pub fn step(ui: &Ui, home: &Path, command: &DraftCommand) -> Result<(), CliError> {
    match command {
        DraftCommand::Show(args) => show::run(ui, home, args),
        DraftCommand::Sign(args) => sign::run(ui, home, args),
        DraftCommand::Merge(args) => merge::run(ui, home, args),
        DraftCommand::Adopt(args) => adopt::run(ui, home, args),
    }
}
