//! `yadgar publish`: a folder becomes the archive's next release.

use super::key::KeyArgs;
use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::{Access, Adopted};
use crate::publish::ingest::{IngestError, ingest};
use crate::publish::keys::Key;
use crate::publish::parts::{PartRules, RuleError};
use crate::publish::sign::{
    BuildError, BuiltParts, build_parts, head_blocks, next_release, sign_release,
};
use crate::publish::walk::{WalkError, walk};
use crate::publish::{changes, roots};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::head::Head;
use yadgar_protocol::trust::{Accepted, check_chain};

#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The folder to publish
    dir: PathBuf,
    /// Which files go into which part, first match wins, for example portraits=portraits/**;
    /// what no rule matches goes into core
    #[arg(long = "part", value_name = "NAME=PATTERN")]
    parts: Vec<String>,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Date of the release, YYYY-MM-DD (default: today, UTC)
    #[arg(long)]
    date: Option<String>,
}

pub fn run(ui: &Ui, home: &Path, args: &PublishArgs) -> Result<(), CliError> {
    let rules = PartRules::parse(&args.parts)?;
    let access = Access::open(home, "publish")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let trusted = access.trusted(&archive)?;
    let roots = signing_roots(home, &archive, trusted.as_ref())?;
    let keys = args.keys.open(home)?;
    check_keys(&archive, &roots, &keys)?;
    let built = build(ui, &access, &args.dir, &rules)?;
    if let Some(trusted) = trusted.as_ref().filter(|t| t.release.parts == built.parts) {
        access.store.flush()?;
        // A publish killed after its release was taken left it without this mark.
        access.archives.mark_complete(&archive, &trusted.bytes)?;
        return unchanged(ui, trusted);
    }
    let date = args.date.clone().unwrap_or_else(pick::today);
    let release = next_release(archive, roots.len() as u64, trusted.as_ref(), built, date);
    release.check().map_err(|e| CliError::new(Exit::Usage, format!("this release: {e}")))?;
    let head = sign_release(roots, &release, &keys);
    adopt(&access, &archive, &head)?;
    report(ui, &access, &archive, trusted.as_ref())
}

/// The trust roots to sign under: of the newest head, or those made with the archive.
fn signing_roots(
    home: &Path,
    archive: &ArchiveId,
    trusted: Option<&Accepted>,
) -> Result<Vec<Envelope>, CliError> {
    if let Some(trusted) = trusted {
        return Ok(trusted.head.roots.clone());
    }
    let roots = roots::load(home, archive).map_err(|e| CliError::failed("the archive", e))?;
    roots.ok_or_else(|| {
        CliError::new(Exit::Usage, "this home knows the archive only from outside")
            .advice("fetch it first, then publish with one of its release keys")
    })
}

/// Finds out before the work begins whether these keys may sign.
fn check_keys(archive: &ArchiveId, roots: &[Envelope], keys: &[Key]) -> Result<(), CliError> {
    let chain = check_chain(archive, roots).map_err(|e| CliError::failed("the trust root", e))?;
    let Some(role) = chain.last().map(|root| &root.release) else {
        return Err(CliError::new(Exit::Damaged, "the archive has no trust root"));
    };
    if let Some(key) = keys.iter().find(|k| !role.keys.contains(&k.public())) {
        let what = format!("key {} may not sign releases of this archive", key.public().key_id());
        return Err(CliError::new(Exit::Refused, what).advice("use --key with a release key"));
    }
    let given = keys.iter().map(Key::public).collect();
    if !role.agrees(&given) {
        let what =
            format!("a release needs {} different keys, {} given", role.threshold, keys.len());
        return Err(CliError::new(Exit::Refused, what).advice("add more --key FILE"));
    }
    Ok(())
}

fn build(ui: &Ui, access: &Access, dir: &Path, rules: &PartRules) -> Result<BuiltParts, CliError> {
    let found = walk(dir).map_err(walk_error)?;
    for name in &found.skipped {
        ui.warn(
            format!("left out {name}: not a regular file (links are never followed)"),
            format!("کنار گذاشته شد {name}: پرونده‌ی معمولی نیست (پیوندها دنبال نمی‌شوند)"),
        );
    }
    let total = found.files.iter().map(|f| f.size).sum();
    let bar = ui.bytes_bar(total, "publishing", "انتشار");
    let stop = Arc::new(AtomicBool::new(false));
    super::stop_on_ctrl_c(&stop);
    let entries = ingest(&*access.store, &found.files, &|bytes| bar.inc(bytes), &stop)?;
    bar.finish_and_clear();
    Ok(build_parts(&*access.store, entries, rules)?)
}

fn adopt(access: &Access, archive: &ArchiveId, head: &Head) -> Result<(), CliError> {
    access.store.put(head_blocks(head))?;
    // Content first, then the head: a head is never trusted before its blocks are durable.
    access.store.flush()?;
    let bytes = head.encode();
    match access.archives.adopt(archive, &bytes)? {
        Adopted::Accepted | Adopted::Known => {}
        other => {
            return Err(CliError::new(
                Exit::Refused,
                format!("the release was not taken: {other:?}"),
            )
            .advice("another release was made meanwhile; publish again on top of it"));
        }
    }
    Ok(access.archives.mark_complete(archive, &bytes)?)
}

fn unchanged(ui: &Ui, trusted: &Accepted) -> Result<(), CliError> {
    let sequence = trusted.release.sequence;
    ui.say(
        format!("Nothing changed since release {sequence}: no new release was made."),
        format!("از انتشار {sequence} چیزی تغییر نکرده است: انتشار تازه‌ای ساخته نشد."),
    );
    ui.json(&serde_json::json!({ "changed": false, "sequence": sequence }));
    Ok(())
}

fn report(
    ui: &Ui,
    access: &Access,
    archive: &ArchiveId,
    before: Option<&Accepted>,
) -> Result<(), CliError> {
    let Some(now) = access.trusted(archive)? else {
        return Err(CliError::new(Exit::Damaged, "the new release cannot be read back"));
    };
    let release = &now.release;
    let diff = changes::between(&*access.store, before.map(|b| &b.release), release)
        .map_err(|e| CliError::new(Exit::Damaged, e.to_string()))?;
    ui.say(
        format!("release {} of {}\ncid     {}", release.sequence, now.name(), now.head.link),
        format!("انتشار {} از {}\ncid     {}", release.sequence, now.name(), now.head.link),
    );
    for part in &release.parts {
        let line = format!("{:8} {} files, {}", part.name, part.files, size(part.bytes));
        ui.say(&line, &line);
    }
    ui.say(
        format!(
            "since the last release: {} added, {} changed, {} removed",
            diff.added, diff.changed, diff.removed
        ),
        format!(
            "از انتشار پیش: {} افزوده، {} تغییرکرده، {} برداشته",
            diff.added, diff.changed, diff.removed
        ),
    );
    for name in &diff.examples {
        ui.note(format!("  {name}"), format!("  {name}"));
    }
    ui.json(&serde_json::json!({
        "changed": true, "archive": archive.to_string(), "sequence": release.sequence,
        "cid": now.head.link.to_string(), "parts": release.parts.iter().map(|p|
            serde_json::json!({ "name": p.name, "root": p.root.to_string(), "files": p.files, "bytes": p.bytes })
        ).collect::<Vec<_>>(),
        "records": release.records, "added": diff.added, "changed_files": diff.changed, "removed": diff.removed,
    }));
    Ok(())
}

fn walk_error(e: WalkError) -> CliError {
    let what = e.to_string();
    match e {
        WalkError::Names(names) => {
            let lines = names.iter().map(|(name, why)| format!("\n  {name}: {why}"));
            CliError::new(Exit::Usage, what + &lines.collect::<String>())
                .advice("rename them so that they are safe names on every system")
        }
        WalkError::Io(..) => {
            CliError::new(Exit::Failed, what).advice("nothing was published; mend it and try again")
        }
    }
}

impl From<RuleError> for CliError {
    fn from(e: RuleError) -> Self {
        Self::new(Exit::Usage, e.to_string())
    }
}

impl From<IngestError> for CliError {
    fn from(e: IngestError) -> Self {
        let what = e.to_string();
        match e {
            IngestError::Store(e) => e.into(),
            IngestError::Changed(_) => Self::new(Exit::Failed, what)
                .advice("nothing was published; let the other program finish, then publish again"),
            IngestError::Stopped => Self::new(Exit::Failed, what)
                .advice("nothing was published; what was read need not be stored again"),
            _ => Self::new(Exit::Failed, what)
                .advice("nothing was published; mend it and publish again"),
        }
    }
}

impl From<BuildError> for CliError {
    fn from(e: BuildError) -> Self {
        let what = e.to_string();
        match e {
            BuildError::Store(e) => e.into(),
            BuildError::NoPart(_) => Self::new(Exit::Usage, what)
                .advice("add a rule for it, or give core no rule so that it takes the rest"),
            BuildError::Invalid(_) => Self::new(Exit::Usage, what),
        }
    }
}
