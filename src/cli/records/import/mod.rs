//! `yadgar records import`: a maintainer's table becomes records.

mod advice;
mod say;

pub(super) use say::failed;

use super::{folder, revise};
use crate::cli::{CliError, Exit, Ui};
use crate::clock;
use crate::records::import::{self, Options, Report};
use clap::Args;
use std::path::PathBuf;
use std::time::SystemTime;
use yadgar_protocol::record::{ChangeCode, dates};

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The table (.csv, .tsv), JSON (.json, .jsonl), or a folder of JSON files or records
    file: PathBuf,
    /// The folder that is published
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take suspected duplicates for errors
    #[arg(long)]
    strict: bool,
    /// List every problem, however many
    #[arg(long)]
    all: bool,
    /// The file that remembers which row is which record (default: FOLDER.keys.json, beside the folder)
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Why records that are there already change
    #[arg(long, default_value = "corrected", value_name = "CODE")]
    #[arg(value_parser = revise::code)]
    code: ChangeCode,
    /// Day of the versions (default: today, UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

pub fn run(ui: &Ui, args: &ImportArgs) -> Result<(), CliError> {
    folder(&args.into)?;
    let today = args.date.clone().unwrap_or_else(|| clock::utc_day(SystemTime::now()));
    let exists = dates::parse(&today, dates::System::Gregorian).is_some();
    if !exists || today.len() != "YYYY-MM-DD".len() {
        return Err(CliError::new(Exit::Usage, format!("'{today}' is no day"))
            .advice("write it as YYYY-MM-DD"));
    }
    let options = Options {
        into: &args.into,
        keys: args.keys.as_deref(),
        today: &today,
        code: args.code,
        strict: args.strict,
        dry_run: args.dry_run,
    };
    let mut unlucky = None;
    let mut random = || {
        let mut id = [0; 16];
        if let Err(error) = getrandom::fill(&mut id) {
            unlucky.get_or_insert(error);
        }
        id
    };
    // Without random numbers there are no ids: that is found out before anything is written.
    random();
    let bar = ui.count_bar("importing", "وارد کردن");
    let done = import::import(&args.file, &options, &mut random, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    if let Some(error) = unlucky {
        return Err(CliError::failed("no random numbers", error));
    }
    let report = done.map_err(|e| failed(&e))?;
    say::report(ui, &report, args.all);
    finish(&report, args)
}

fn finish(report: &Report, args: &ImportArgs) -> Result<(), CliError> {
    let errors = report.errors();
    let suspects = if args.strict { report.suspects.len() } else { 0 };
    if errors == 0 && suspects == 0 {
        return Ok(());
    }
    let what = match (errors, suspects) {
        (0, n) => format!("{n} suspected duplicates; nothing was written"),
        (n, 0) => format!("{n} problems; nothing was written"),
        (n, m) => format!("{n} problems and {m} suspected duplicates; nothing was written"),
    };
    Err(CliError::new(Exit::Damaged, what)
        .advice("mend them in the table and import it again; docs/records.md explains each"))
}
