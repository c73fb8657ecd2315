//! `yadgar gate clean`: hidden data out of pictures, and the records that name them brought up to date.

use crate::cli::publish::errors::walk_error;
use crate::cli::{CliError, Exit, Ui};
use crate::clock;
use crate::durable::{self, Mode};
use crate::gate::{Kind, MAX_PICTURE_BYTES, clean, looked_into, sniff};
use crate::publish::walk::{Found, shown, walk};
use crate::records::{Revised, read_all, read_one, revise};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{ChangeCode, Digest, Edit, Record, Victim};

#[derive(Debug, Args)]
pub struct CleanArgs {
    /// The folder
    dir: PathBuf,
    /// Copy the folder there and clean the copy; the originals stay as evidence
    #[arg(long, value_name = "DIR", required_unless_present = "in_place")]
    out: Option<PathBuf>,
    /// Clean the folder itself: what is taken out is gone, unless you keep the originals elsewhere
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
    /// Day of the new versions of records (default: today, UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

/// A picture that was cleaned: its hash before, and what it is now.
struct Cleaned {
    was: Hash,
    hash: Hash,
    bytes: u64,
    redrawn: bool,
}

#[derive(Default)]
struct Work {
    cleaned: BTreeMap<String, Cleaned>,
    records: Vec<String>,
    problems: Vec<String>,
}

pub fn run(ui: &Ui, args: &CleanArgs) -> Result<(), CliError> {
    let dir = match &args.out {
        Some(out) => {
            copy(&args.dir, out)?;
            out
        }
        None => &args.dir,
    };
    let found = walk(dir, false).map_err(walk_error)?;
    let today = args.date.clone().unwrap_or_else(|| clock::utc_day(SystemTime::now()));
    let mut work = Work::default();
    let (records, _) = read_all(dir).map_err(|e| CliError::failed(dir.display(), e))?;
    let by_path: BTreeMap<&str, &Found> =
        found.files.iter().map(|f| (f.path.as_str(), f)).collect();
    // A record follows its pictures at once, so that whoever stops this leaves little behind that does not fit.
    for record in records {
        let Record::Victim(victim) = record else { continue };
        for media in &victim.media {
            if let Some(file) = by_path.get(media.path.as_str()) {
                work.picture(ui, dir, file)?;
            }
        }
        work.record(dir, &victim, &today)?;
    }
    for file in &found.files {
        work.picture(ui, dir, file)?;
    }
    work.say(ui)
}

impl Work {
    /// Cleans a picture, once.
    fn picture(&mut self, ui: &Ui, dir: &Path, file: &Found) -> Result<(), CliError> {
        let path = file.path.as_str();
        if self.cleaned.contains_key(path) {
            return Ok(());
        }
        let failed = |e: std::io::Error| CliError::failed(shown(path), e);
        let mut bytes = Vec::new();
        let mut source = file.open().map_err(failed)?;
        (&mut source).take(512).read_to_end(&mut bytes).map_err(failed)?;
        let format = match sniff(path, &bytes) {
            Kind::Picture(format) => format,
            Kind::OtherPicture(what) => {
                self.problem(path, what);
                return Ok(());
            }
            _ => return Ok(()),
        };
        source.take(MAX_PICTURE_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_PICTURE_BYTES {
            self.problem(path, "too large to be cleaned");
            return Ok(());
        }
        match looked_into(format, &bytes) {
            Ok(extra) if extra.is_empty() => return Ok(()),
            Ok(extra) => {
                let (name, extra) = (shown(path), extra.join(", "));
                ui.note(format!("{name}: {extra}"), format!("{name}: {extra}"));
            }
            Err(_) => {} // A decoder may read what our walk does not; it says so otherwise.
        }
        match clean(format, &bytes) {
            Ok((new, redrawn)) => {
                durable::write_atomic(&dir.join(path), &new, Mode::Shared).map_err(failed)?;
                let (was, hash) = (Hash::of(&bytes), Hash::of(&new));
                let cleaned = Cleaned { was, hash, bytes: new.len() as u64, redrawn };
                self.cleaned.insert(path.to_owned(), cleaned);
            }
            Err(why) => self.problem(path, &why.to_string()),
        }
        Ok(())
    }

    fn problem(&mut self, path: &str, why: &str) {
        let line = format!("{}: {why}", shown(path));
        if !self.problems.contains(&line) {
            self.problems.push(line);
        }
    }

    /// Writes the next version of a record whose files changed. A hash that was wrong before stays wrong: the gate
    /// tells it.
    fn record(&mut self, dir: &Path, victim: &Victim, today: &str) -> Result<(), CliError> {
        let mut next = victim.clone();
        for media in &mut next.media {
            let Some(cleaned) = self.cleaned.get(&media.path) else { continue };
            if media.hash != Digest(cleaned.was) {
                continue;
            }
            media.hash = Digest(cleaned.hash);
            media.bytes = cleaned.bytes;
            if cleaned.redrawn && !media.edits.contains(&Edit::Reencoded) {
                media.edits.push(Edit::Reencoded);
            }
        }
        if next == *victim {
            return Ok(());
        }
        let id = victim.id.to_string();
        let failed = |e: std::io::Error| CliError::failed(format!("record {id}"), e);
        let Some((old, bytes)) = read_one(dir, &id).map_err(failed)? else { return Ok(()) };
        let next = Record::Victim(Box::new(next));
        match revise(&old, &bytes, next, today, ChangeCode::Corrected) {
            Revised::Next(next, _) => {
                let path = dir.join(next.path());
                durable::write_atomic(&path, &next.encode(), Mode::Shared).map_err(failed)?;
                self.records.push(id);
            }
            Revised::Faulty(faults) => {
                let why: Vec<_> =
                    faults.iter().map(|f| format!("{}: {}", f.field, f.why)).collect();
                self.problem(&old.path(), &format!("its pictures changed, but {}", why.join("; ")));
            }
            Revised::Same | Revised::Other => {}
        }
        Ok(())
    }

    fn say(self, ui: &Ui) -> Result<(), CliError> {
        let (pictures, records) = (self.cleaned.len(), self.records.len());
        ui.say(
            format!("{pictures} picture(s) cleaned, {records} record(s) brought up to date."),
            format!("{pictures} عکس پاک شد، {records} پرونده به‌روز شد."),
        );
        for line in &self.problems {
            ui.say(line, line);
        }
        ui.json(&json!({
            "cleaned": self.cleaned.keys().collect::<Vec<_>>(), "records": self.records,
            "problems": self.problems,
        }));
        if self.problems.is_empty() {
            return Ok(());
        }
        let what = format!("{} file(s) could not be cleaned", self.problems.len());
        Err(CliError::new(Exit::Gate, what)
            .advice("save them anew as JPEG or PNG with another program, or leave them out"))
    }
}

/// Copies what would be published into an empty folder that is not inside it.
fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |e: std::io::Error| CliError::failed(to.display(), e);
    let found = walk(from, false).map_err(walk_error)?;
    durable::create_dir_durable(to).map_err(failed)?;
    let mut inside = std::fs::read_dir(to).map_err(failed)?;
    let nested =
        to.canonicalize().map_err(failed)?.starts_with(from.canonicalize().map_err(failed)?);
    if inside.next().is_some() || nested {
        return Err(CliError::new(
            Exit::Usage,
            format!("{} is not empty, or lies in the folder itself", to.display()),
        )
        .advice("name a new folder beside it"));
    }
    for file in &found.files {
        let target = to.join(file.path.as_str());
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let copied = file.open().and_then(|mut source| {
            let mut sink = std::fs::File::create_new(&target)?;
            std::io::copy(&mut source, &mut sink)?;
            sink.sync_all()
        });
        copied.map_err(|e| CliError::failed(shown(file.path.as_str()), e))?;
    }
    Ok(())
}
