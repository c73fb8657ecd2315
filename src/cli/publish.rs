//! `yadgar publish`: a folder becomes the archive's next release.

mod report;

use super::key::KeyArgs;
use super::{CliError, Exit, Ui, pick};
use crate::access::{Access, Adopted};
use crate::publish::apart::Apart;
use crate::publish::changes::Changes;
use crate::publish::ingest::{IngestError, ingest};
use crate::publish::parts::{PartRules, RuleError};
use crate::publish::sign::{
    BuildError, BuiltParts, Signer, build_parts, head_blocks, next_release, sign_release,
};
use crate::publish::walk::{WalkError, walk};
use crate::publish::{changes, parts, roots};
use crate::store::acts::cumulative;
use crate::store::complete::Completed;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::release::{CORE, Release};
use yadgar_protocol::trust::{Accepted, check_chain};
use yadgar_protocol::{ArchiveId, Hash};

#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The folder to publish
    dir: PathBuf,
    /// Which files go into which part, first match wins, for example portraits=portraits/**;
    /// what no rule matches goes into core. Without any, the rules of the last publish are used
    #[arg(long = "part", value_name = "NAME=PATTERN")]
    parts: Vec<String>,
    /// Put everything into core, whatever the rules of the last publish were
    #[arg(long, conflicts_with = "parts")]
    no_parts: bool,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Date of the release, YYYY-MM-DD (default: today, UTC)
    #[arg(long)]
    date: Option<String>,
    /// Show what would change, and publish nothing; no key is needed
    #[arg(long)]
    dry_run: bool,
    /// Publish although the folder is empty or more than half of the files are gone
    #[arg(long)]
    allow_removals: bool,
    /// Publish hidden files, backups and files that look like keys too
    #[arg(long)]
    allow_hidden: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &PublishArgs) -> Result<(), CliError> {
    let access = Access::open(home, "publish")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let trusted = access.trusted(&archive)?;
    let rules = rules(ui, home, &archive, trusted.as_ref(), args)?;
    let roots = signing_roots(home, &archive, trusted.as_ref())?;
    let signer = if args.dry_run { None } else { Some(signer(ui, home, args, &archive, &roots)?) };
    let built = build(ui, &access, &archive, args, &rules)?;
    if let Some(trusted) = trusted.as_ref().filter(|t| t.release.parts == built.parts) {
        if !args.dry_run {
            access.store.flush()?;
            // A publish killed after its release was taken left it without this mark.
            mark(ui, &access, &archive, &trusted.bytes, args.allow_removals)?;
            remember(ui, home, &archive, &rules);
        }
        return report::unchanged(ui, trusted);
    }
    let date = args.date.clone().unwrap_or_else(pick::today);
    let mut release = next_release(archive, roots.len() as u64, trusted.as_ref(), built, date);
    // WD-4: also what urgent notices withdrew since.
    release.withdrawn = cumulative(&release.withdrawn, &*access.archives.denied(&archive)?);
    release.check().map_err(|e| {
        CliError::new(Exit::Usage, format!("this release: {e}"))
            .advice("nothing was published; mend it and publish again")
    })?;
    warn_date(ui, trusted.as_ref(), &release);
    let diff = compare(ui, &access, trusted.as_ref(), &release, args.allow_removals)?;
    check_removals(trusted.as_ref(), &diff, args.allow_removals)?;
    let Some(signer) = signer else {
        return report::dry_run(ui, &release, &diff);
    };
    let head = sign_release(roots, &release, &signer)?;
    adopt(ui, &access, &archive, &head, args.allow_removals)?;
    remember(ui, home, &archive, &rules);
    let Some(now) = access.trusted(&archive)? else {
        return Err(CliError::new(Exit::Damaged, "the new release cannot be read back")
            .advice("run 'yadgar verify', then publish again"));
    };
    report::published(ui, &now, &diff);
    Ok(())
}

/// The rules of the command line, or else those of the last publish.
fn rules(
    ui: &Ui,
    home: &Path,
    archive: &ArchiveId,
    trusted: Option<&Accepted>,
    args: &PublishArgs,
) -> Result<PartRules, CliError> {
    if args.no_parts || !args.parts.is_empty() {
        return Ok(PartRules::parse(&args.parts)?);
    }
    let kept = parts::remembered(home, archive).map_err(|e| {
        CliError::failed("the --part rules of the last publish", e)
            .advice("give the --part rules again, or --no-parts to put everything into core")
    })?;
    let Some(texts) = kept else {
        let others =
            trusted.map_or(0, |t| t.release.parts.iter().filter(|p| p.name != CORE).count());
        if others == 0 {
            return Ok(PartRules::parse(&[])?);
        }
        let what = "the last release has other parts than core, and this home does not know by which rules";
        return Err(CliError::new(Exit::Usage, what)
            .advice("give the --part rules again, or --no-parts to put everything into core"));
    };
    if !texts.is_empty() {
        let list = texts.join(" ");
        ui.note(
            format!("parts as in the last publish: {list} (--no-parts: everything into core)"),
            format!("بخش‌ها مانند انتشار پیش: {list} (با --no-parts همه در core)"),
        );
    }
    Ok(PartRules::parse(&texts)?)
}

/// The release stands already: rules that cannot be kept are no failure.
fn remember(ui: &Ui, home: &Path, archive: &ArchiveId, rules: &PartRules) {
    if let Err(e) = parts::remember(home, archive, rules.texts()) {
        ui.warn(
            format!("the --part rules could not be kept for the next time: {e}"),
            format!("قاعده‌های --part برای بار بعد نگه داشته نشد: {e}"),
        );
    }
}

fn warn_date(ui: &Ui, trusted: Option<&Accepted>, release: &Release) {
    let Some(last) = trusted.map(|t| &t.release.date).filter(|last| release.date < **last) else {
        return;
    };
    let date = &release.date;
    ui.warn(
        format!("the date {date} is earlier than that of the last release, {last}"),
        format!("تاریخ {date} پیش از تاریخ انتشار پیشین ({last}) است"),
    );
}

/// What the release changes. The last release may lie here without all its trees (fetched in part).
fn compare(
    ui: &Ui,
    access: &Access,
    before: Option<&Accepted>,
    release: &Release,
    forced: bool,
) -> Result<Changes, CliError> {
    match changes::between(&*access.store, before.map(|b| &b.release), release) {
        Ok(diff) => Ok(diff),
        Err(e @ ReadFault::Missing(_)) if forced => {
            ui.warn(
                format!("what changes since the last release cannot be told: {e}"),
                format!("تغییرها از انتشار پیش را نمی‌شود گفت: {e}"),
            );
            Ok(Changes::default())
        }
        Err(e) => {
            Err(CliError::new(Exit::Damaged, format!("cannot compare with the last release: {e}"))
                .advice("nothing was published; get the last release with all its parts ('yadgar fetch'), or go without the comparison with --allow-removals"))
        }
    }
}

/// Most files gone at once is nearly always a wrong or half-copied folder.
fn check_removals(
    before: Option<&Accepted>,
    diff: &Changes,
    allowed: bool,
) -> Result<(), CliError> {
    let files: u64 = before.into_iter().flat_map(|b| &b.release.parts).map(|p| p.files).sum();
    let removed = diff.removed.len() as u64;
    if allowed || removed <= files / 2 {
        return Ok(());
    }
    let what = format!("{removed} of the {files} files of the last release are not in this folder");
    Err(CliError::new(Exit::Usage, what).advice(
        "nothing was published; check the folder, or give --allow-removals if this is meant",
    ))
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

/// The process that will sign, its keys open. Keys that may not sign are noticed before a passphrase is typed.
fn signer(
    ui: &Ui,
    home: &Path,
    args: &PublishArgs,
    archive: &ArchiveId,
    roots: &[Envelope],
) -> Result<Apart, CliError> {
    let signer = args.keys.signer(ui, home)?;
    check_keys(archive, roots, signer.public())?;
    signer.open()?;
    Ok(signer)
}

/// Finds out before the work begins whether these keys may sign.
fn check_keys(archive: &ArchiveId, roots: &[Envelope], keys: &[PublicKey]) -> Result<(), CliError> {
    let chain = check_chain(archive, roots).map_err(|e| CliError::failed("the trust root", e))?;
    let Some(role) = chain.last().map(|root| &root.release) else {
        return Err(CliError::new(Exit::Damaged, "the archive has no trust root")
            .advice("restore the home from its backup"));
    };
    if let Some(key) = keys.iter().find(|k| !role.keys.contains(k)) {
        let what = format!("key {} may not sign releases of this archive", key.key_id());
        return Err(CliError::new(Exit::Refused, what).advice("use --key with a release key"));
    }
    let given = keys.iter().copied().collect();
    if !role.agrees(&given) {
        let what =
            format!("a release needs {} different keys, {} given", role.threshold, keys.len());
        return Err(CliError::new(Exit::Refused, what).advice("add more --key FILE"));
    }
    Ok(())
}

fn build(
    ui: &Ui,
    access: &Access,
    archive: &ArchiveId,
    args: &PublishArgs,
    rules: &PartRules,
) -> Result<BuiltParts, CliError> {
    let found = walk(&args.dir, args.allow_hidden).map_err(walk_error)?;
    report::left_out(ui, &found);
    if found.files.is_empty() && !args.allow_removals {
        return Err(CliError::new(Exit::Usage, "the folder has no files to publish").advice(
            "nothing was published; check the folder, or give --allow-removals if this is meant",
        ));
    }
    for rule in rules.idle(found.files.iter().map(|f| &f.path)) {
        ui.warn(
            format!("the rule --part {rule} takes no file"),
            format!("قاعده‌ی --part {rule} هیچ پرونده‌ای را نمی‌گیرد"),
        );
    }
    let total = found.files.iter().map(|f| f.size).sum();
    let bar = ui.bytes_bar(total, "publishing", "انتشار");
    let stop = Arc::new(AtomicBool::new(false));
    super::stop_on_ctrl_c(&stop);
    let denied = access.archives.denied(archive)?;
    let entries = ingest(&*access.store, &found.files, &denied, &|bytes| bar.inc(bytes), &stop);
    if matches!(entries, Err(IngestError::Withdrawn(_))) {
        // Blocks of a large one were stored before it was recognised.
        access.archives.sweep(archive)?;
    }
    let entries = entries?;
    bar.finish_and_clear();
    Ok(build_parts(&*access.store, entries, rules)?)
}

fn adopt(
    ui: &Ui,
    access: &Access,
    archive: &ArchiveId,
    head: &Head,
    allowed: bool,
) -> Result<(), CliError> {
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
    mark(ui, access, archive, &bytes, allowed)
}

/// Shows the new release. One that drops much waits for a yes here as everywhere (HOLD-3);
/// `--allow-removals` is that yes, for this home only (HOLD-7).
fn mark(
    ui: &Ui,
    access: &Access,
    archive: &ArchiveId,
    head: &[u8],
    allowed: bool,
) -> Result<(), CliError> {
    let Completed::Held(act) = access.archives.mark_complete(archive, head)? else { return Ok(()) };
    match Hash::from_hex(&act).filter(|_| allowed) {
        Some(act) => drop(access.archives.approve(archive, &act)?),
        None => super::node::say_held(ui, &act),
    }
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
        WalkError::Secrets(names) => {
            let lines = names.iter().map(|name| format!("\n  {name}"));
            CliError::new(Exit::Usage, what + &lines.collect::<String>()).advice(
                "nothing was published; move them out of the folder, or give --allow-hidden if everybody may see them",
            )
        }
        WalkError::Io(..) => {
            CliError::new(Exit::Failed, what).advice("nothing was published; mend it and try again")
        }
    }
}

impl From<RuleError> for CliError {
    fn from(e: RuleError) -> Self {
        Self::new(Exit::Usage, e.to_string())
            .advice("write it like --part 'portraits=portraits/**'")
    }
}

impl From<IngestError> for CliError {
    fn from(e: IngestError) -> Self {
        let what = e.to_string();
        match e {
            IngestError::Store(e) => e.into(),
            IngestError::Changed(_) => Self::new(Exit::Failed, what)
                .advice("nothing was published; let the other program finish, then publish again"),
            IngestError::Withdrawn(_) => Self::new(Exit::Refused, what).advice(
                "nothing was published; a withdrawal has no end: remove the file, or publish it with other bytes",
            ),
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
            BuildError::Invalid(_) => Self::new(Exit::Usage, what)
                .advice("nothing was published; mend it and publish again"),
        }
    }
}
