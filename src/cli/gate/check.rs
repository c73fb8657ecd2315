//! `yadgar gate check`: what `publish` would say, without an archive or a key.

use super::pass::{GateArgs, look, overrides, stopped};
use super::say;
use crate::cli::publish::errors::walk_error;
use crate::cli::{CliError, Ui};
use crate::gate::Code;
use crate::publish::known::Known;
use crate::publish::walk::walk;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::release::GATE_NOTE;

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The folder that is published
    dir: PathBuf,
    #[command(flatten)]
    gate: GateArgs,
    /// Look at hidden files, backups and files that look like keys too
    #[arg(long)]
    allow_hidden: bool,
}

pub fn run(ui: &Ui, args: &CheckArgs) -> Result<(), CliError> {
    let mut overrides = overrides(&args.gate, &args.dir)?;
    // No release is known here to compare with, so of these nobody can say that they are for nothing.
    overrides.retain(|over| over.code != Code::RecordWentBack);
    let mut found = walk(&args.dir, args.allow_hidden).map_err(walk_error)?;
    found.files.retain(|file| file.path.as_str() != GATE_NOTE);
    let stop = Arc::new(AtomicBool::new(false));
    crate::cli::stop_on_ctrl_c(&stop);
    let (inspected, judged) =
        look(ui, &args.gate, &found, &overrides, None, &Known::default(), &stop)?;
    if !judged.may_pass() {
        return Err(stopped(ui, &inspected, &judged));
    }
    say::allowed(ui, &judged);
    let (files, passed) = (inspected.files, judged.passed.iter().map(|p| p.count).sum::<u64>());
    ui.say(
        format!("{files} files, nothing stands against publishing them; {passed} let pass."),
        format!("{files} فایل؛ چیزی جلوی انتشار را نمی‌گیرد؛ {passed} مورد روا داشته شده."),
    );
    ui.json(&say::describe(&inspected, &judged));
    Ok(())
}
