//! Import of records from a maintainer's table (docs/records.md).
//!
//! Everything is read and judged first; with any problem nothing is written. What is written is written as a whole,
//! also when something ends it half-way.

mod blend;
mod build;
pub mod columns;
mod existing;
mod input;
mod journal;
pub mod limits;
pub mod lists;
mod merge;
mod near;
mod plan;
mod problem;
mod row_keys;
mod suspects;
mod work;

pub use merge::{Merged, merge};
pub use plan::{Done, Outcome};
pub use problem::{Code, Problem, clip};
pub use row_keys::Keys;
pub use suspects::{Reason, Suspect, Who};

use build::Files;
use existing::Existing;
use input::Item;
use journal::{Places, Planned};
use plan::Plan;
use rayon::prelude::*;
use std::io;
use std::path::{Path, PathBuf};
use work::Context;
use yadgar_protocol::record::ChangeCode;

/// Items that are worked on at once.
const CHUNK: usize = 1_024;

/// Why an import could not be tried at all. What is wrong with a table is no error but a [`Problem`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file of keys cannot be read.
    #[error("{path} is no file of keys: {why}")]
    Keys {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The journal of an earlier import is damaged.
    #[error("{path}: the rest of an earlier import is damaged")]
    Journal {
        /// The journal.
        path: PathBuf,
    },
    /// An earlier import ended half-way, and this one must not write.
    #[error("an earlier import ended half-way")]
    Unfinished,
    /// Another import works on the folder.
    #[error("another import is at work on this folder")]
    Busy,
    /// A merge that makes no sense.
    #[error("{0}")]
    Merge(&'static str),
}

impl ImportError {
    fn io(path: impl Into<PathBuf>, error: io::Error) -> Self {
        Self::Io { path: path.into(), error }
    }
}

/// How to import.
#[derive(Debug)]
pub struct Options<'a> {
    /// The folder that is published.
    pub into: &'a Path,
    /// The file of keys; none: beside the folder.
    pub keys: Option<&'a Path>,
    /// Day of new versions, `YYYY-MM-DD`.
    pub today: &'a str,
    /// Why records change.
    pub code: ChangeCode,
    /// Suspected duplicates stop the import.
    pub strict: bool,
    /// Nothing is written.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Problems and warnings, by file and row.
    pub problems: Vec<Problem>,
    /// What becomes, or would become, of each item that is in order.
    pub done: Vec<Done>,
    /// Pairs that may be one person.
    pub suspects: Vec<Suspect>,
    /// There were more suspects than are looked at.
    pub suspects_cut: bool,
    /// Whether the folder now has it all.
    pub written: bool,
    /// Files of an earlier import, ended half-way, that were written first.
    pub completed: Option<u64>,
    /// Where keys are kept.
    pub keys: PathBuf,
}

impl Report {
    /// Problems that stop the import.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| !problem.warning).count()
    }
}

/// Imports a table, a JSON file or a folder. `random` makes ids, `progress` hears how many of how many items are done.
///
/// # Errors
/// When it could not be tried, or not be written. Then either nothing has happened, or the next import completes it.
pub fn import(
    source: &Path,
    options: &Options<'_>,
    random: &mut dyn FnMut() -> [u8; 16],
    progress: &dyn Fn(u64, u64),
) -> Result<Report, ImportError> {
    let places = Places::new(options.into, options.keys)?;
    let mut report = Report { keys: places.keys.clone(), ..Report::default() };
    let _lock = if options.dry_run { None } else { Some(places.lock()?) };
    if options.dry_run && places.journal().exists() {
        return Err(ImportError::Unfinished);
    }
    if !options.dry_run {
        report.completed = journal::apply(&places)?;
    }
    let mut problems = Vec::new();
    let existing = Existing::scan(&places.folder, &mut problems)?;
    let keys = Keys::load(&places.keys)?;
    let mut input = input::read(source);
    problems.append(&mut input.problems);
    let plan = {
        let context = Context {
            folder: &places.folder,
            existing: &existing,
            keys: &keys,
            files: Files::new(&places.folder),
            today: options.today,
            code: options.code,
        };
        run(input.items, &context, problems, random, progress)
    };
    find_suspects(&plan, &existing, &mut report);
    report.problems = plan.problems;
    report.problems.sort_by(|a, b| {
        (&a.file, a.row, &a.column, a.code).cmp(&(&b.file, b.row, &b.column, b.code))
    });
    report.done = plan.done;
    let stopped = report.errors() > 0 || (options.strict && !report.suspects.is_empty());
    if !stopped && !options.dry_run {
        write(&places, plan.writes, &plan.keys, plan.keys != keys)?;
        report.written = true;
    }
    Ok(report)
}

fn run<'a>(
    items: Vec<Item>,
    context: &Context<'a>,
    problems: Vec<Problem>,
    random: &mut dyn FnMut() -> [u8; 16],
    progress: &dyn Fn(u64, u64),
) -> Plan<'a> {
    let mut plan = Plan::new(context.existing, context.keys.clone(), problems);
    let total = items.len() as u64;
    let mut items = items.into_iter();
    loop {
        let chunk: Vec<_> = items.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        let worked: Vec<_> = chunk.par_iter().map(|item| work::work(item, context)).collect();
        for worked in worked {
            plan.take(worked, random);
        }
        progress(total - items.len() as u64, total);
    }
    plan.finish();
    plan
}

fn find_suspects(plan: &Plan<'_>, existing: &Existing, report: &mut Report) {
    let imported: std::collections::BTreeSet<_> = plan.people.iter().map(|who| who.id).collect();
    let others = existing.people.iter().filter(|(id, _)| !imported.contains(id));
    let others = others.map(|(id, person)| Who { id: *id, row: None, person: person.clone() });
    let people: Vec<_> = plan.people.iter().cloned().chain(others).collect();
    let (found, cut) = suspects::find(&people, |a, b| plan.keys.are_distinct(a, b));
    (report.suspects, report.suspects_cut) = (found, cut);
}

fn write(
    places: &Places,
    mut writes: Vec<Planned>,
    keys: &Keys,
    keys_changed: bool,
) -> Result<(), ImportError> {
    if keys_changed {
        writes.push(Planned { path: None, bytes: keys.to_bytes() });
    }
    // What changes nothing writes nothing.
    if writes.is_empty() {
        return Ok(());
    }
    journal::prepare(places, &writes)?;
    journal::apply(places)?;
    Ok(())
}
