//! The gate before a release: what every command that builds one goes through.

use super::say;
use crate::cli::{CliError, Exit, Ui};
use crate::gate::{
    Base, GateError, Inspected, Judged, Override, OverrideError, inspect, judge, read_overrides,
    succession,
};
use crate::publish::ingest::Taken;
use crate::publish::known::Known;
use crate::publish::notes;
use crate::publish::reading::Reading;
use crate::publish::walk::Walk;
use crate::store::BlockStore;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::release::GATE_NOTE;
use yadgar_protocol::tree::{Content, Entry};

/// File of overrides that is taken when it lies beside the folder.
const OVERRIDES: &str = "gate-overrides.json";

/// What the gate is told.
#[derive(Debug, Args)]
pub struct GateArgs {
    /// Let a finding of the privacy gate pass, or so many of one kind in one place, with a reason in --why; all of it is published
    #[arg(long, value_name = "CODE:PATH[#FIELD][=COUNT]", requires = "why")]
    allow: Vec<String>,
    /// The reason of an --allow, in general words: everybody will read it. One for each, or one for all
    #[arg(long, value_name = "TEXT", requires = "allow")]
    why: Vec<String>,
    /// File of overrides (default: gate-overrides.json beside the folder, if it is there)
    #[arg(long, value_name = "FILE")]
    overrides: Option<PathBuf>,
    /// Say of every field and file whether it is published, and why
    #[arg(long)]
    explain: bool,
}

impl GateArgs {
    /// All overrides, of the file and of the command line.
    fn read(&self, dir: &Path) -> Result<Vec<Override>, CliError> {
        let beside = || {
            let folder = dir.canonicalize().ok()?;
            Some(folder.parent()?.join(OVERRIDES)).filter(|file| file.is_file())
        };
        let file = self.overrides.clone().or_else(beside);
        let mut out = file.map_or_else(|| Ok(Vec::new()), |file| read_overrides(&file))?;
        let (allows, whys) = (self.allow.len(), self.why.len());
        if whys > 1 && whys != allows {
            return Err(CliError::new(Exit::Usage, format!("{allows} --allow and {whys} --why"))
                .advice("give a --why for each --allow, in the same order, or one for all"));
        }
        for (n, target) in self.allow.iter().enumerate() {
            let why = self.why.get(n).or(self.why.first()).map_or("", String::as_str);
            out.push(Override::parse(target, why)?);
        }
        Ok(out)
    }
}

impl From<OverrideError> for CliError {
    fn from(e: OverrideError) -> Self {
        Self::new(Exit::Usage, e.to_string())
            .advice("docs/gate.md tells the words of findings and the form of overrides")
    }
}

impl From<GateError> for CliError {
    fn from(e: GateError) -> Self {
        Self::new(Exit::Failed, e.to_string())
            .advice("nothing was published; let other programs finish, then try again")
    }
}

/// A folder that passed.
pub struct Cleared {
    inspected: Inspected,
    note: Option<Vec<u8>>,
}

/// Looks at what was found in the folder, says everything, and stops with all findings at once.
///
/// A release note in the folder is one of an earlier release: this release gets its own. `base` is the release that
/// the new one follows; what is `known` and has not changed is not looked at again.
pub fn pass(
    ui: &Ui,
    args: &GateArgs,
    dir: &Path,
    found: &mut Walk,
    base: Option<&Base<'_>>,
    known: &Known,
    stop: &AtomicBool,
) -> Result<Cleared, CliError> {
    found.files.retain(|file| file.path.as_str() != GATE_NOTE);
    let overrides = args.read(dir)?;
    let (inspected, judged) = look(ui, args, found, &overrides, base, known, stop)?;
    if !judged.may_pass() {
        return Err(stopped(ui, &inspected, &judged));
    }
    say::allowed(ui, &judged);
    let note = match judged.passed.is_empty() {
        true => None,
        false => Some(notes::encode(judged.passed).ok_or_else(|| {
            CliError::new(Exit::Usage, "too many overrides for one release")
                .advice("mend what was found instead of letting it pass")
        })?),
    };
    Ok(Cleared { inspected, note })
}

/// Looks, and says what stops nothing.
pub fn look(
    ui: &Ui,
    args: &GateArgs,
    found: &Walk,
    overrides: &[Override],
    base: Option<&Base<'_>>,
    known: &Known,
    stop: &AtomicBool,
) -> Result<(Inspected, Judged), CliError> {
    let total = found.files.iter().map(|f| f.size).sum();
    let bar = ui.bytes_bar(total, "privacy gate", "دروازه‌ی حریم");
    let mut inspected = inspect(&found.files, known, args.explain, &|bytes| bar.inc(bytes), stop)?;
    bar.finish_and_clear();
    let compared = base.map(|base| succession(base, &found.files, &mut inspected)).transpose()?;
    let judged = judge(&inspected, overrides);
    say::decisions(ui, &inspected.decisions);
    if args.explain {
        say::compared(ui, compared.as_ref());
    }
    say::notes(ui, &judged, args.explain);
    Ok((inspected, judged))
}

/// What `gate check` is told.
pub fn overrides(args: &GateArgs, dir: &Path) -> Result<Vec<Override>, CliError> {
    args.read(dir)
}

/// Lists everything that stops the build.
pub fn stopped(ui: &Ui, inspected: &Inspected, judged: &Judged) -> CliError {
    say::stops(ui, judged);
    ui.json(&say::describe(inspected, judged));
    CliError::new(Exit::Gate, say::count(judged).to_string()).advice(
        "nothing was stored or signed; mend what is listed. Where the gate is wrong: --allow CODE:PATH#FIELD, or CODE:PATH#FIELD=COUNT for more than one, with --why, which everybody will be able to read (docs/gate.md)",
    )
}

impl Cleared {
    /// Makes sure that what was stored is what was looked at.
    pub fn verify(&self, taken: &[Taken]) -> Result<(), CliError> {
        for Taken { entry, .. } in taken {
            let hash = match entry.content {
                Content::Block(id) => id.hash,
                Content::List { hash, .. } => hash,
            };
            if !self.inspected.saw(entry.path.as_str(), &hash) {
                return Err(GateError::Changed(entry.path.to_string()).into());
            }
        }
        Ok(())
    }

    /// The bytes of a small file, as they were looked at.
    pub fn reading(&self, path: &str) -> Option<&Reading> {
        self.inspected.reading(path)
    }

    /// What the gate saw of a file, for the next time.
    pub fn kept(&self, path: &str) -> Option<&[u8]> {
        self.inspected.kept(path)
    }

    /// Adds the release note, when something was let pass.
    pub fn with_note(
        self,
        store: &dyn BlockStore,
        mut entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, CliError> {
        let Some(note) = self.note else { return Ok(entries) };
        let path = yadgar_protocol::Path::new(GATE_NOTE)
            .map_err(|e| CliError::failed("the release note", e))?;
        let size = note.len() as u64;
        let block = Packed::plain(Codec::Raw, note);
        let entry = Entry::new(path, size, Content::Block(block.id));
        store.put(vec![block])?;
        let at = entries.partition_point(|e| e.path < entry.path);
        entries.insert(at, entry);
        Ok(entries)
    }
}
