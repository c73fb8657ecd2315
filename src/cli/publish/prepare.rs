//! From a folder to an unsigned release: what `publish` and `release build` have in common.

use super::folder;
use crate::access::Access;
use crate::cli::gate::GateArgs;
use crate::cli::{CliError, Exit, Ui, pick};
use crate::publish::changes::{self, Changes};
use crate::publish::parts::{self, PartRules};
use crate::publish::sign::next_release;
use crate::publish::{pending, roots};
use crate::store::acts::{cumulative, newest_of};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::release::{CORE, Release};
use yadgar_protocol::trust::{Accepted, TrustRoot, check_chain};
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// The folder, and how it becomes a release.
#[derive(Debug, Args)]
pub struct FolderArgs {
    /// The folder to publish
    pub(super) dir: PathBuf,
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
    /// Date of the release, YYYY-MM-DD (default: today, UTC)
    #[arg(long)]
    date: Option<String>,
    /// Publish although the folder is empty or more than half of the files are gone
    #[arg(long)]
    pub(super) allow_removals: bool,
    /// Publish hidden files, backups and files that look like keys too
    #[arg(long)]
    pub(super) allow_hidden: bool,
    /// Leave files out that were withdrawn, instead of refusing the folder
    #[arg(long)]
    pub(super) leave_out_withdrawn: bool,
    /// Read every file and look at it again, also those that have not changed since the last time
    #[arg(long)]
    pub(super) recheck: bool,
    /// Put the list of mirrors in this file into the release, one address or https:// URL a line (without it: mirrors.txt
    /// of the folder, if it is there)
    #[arg(long, value_name = "FILE")]
    pub(super) mirrors: Option<PathBuf>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
}

/// What is known before the folder is read.
pub struct Start {
    /// The archive.
    pub archive: ArchiveId,
    /// The trust roots to sign under.
    pub roots: Vec<Envelope>,
    /// The last of them.
    pub root: TrustRoot,
    /// The trusted head.
    pub trusted: Option<Accepted>,
    /// The release that the new one follows.
    pub before: Option<Release>,
    /// Hash of its payload.
    pub before_hash: Option<Hash>,
    pub(super) rules: PartRules,
}

/// A release that nobody has signed.
pub struct Unsigned {
    /// The release.
    pub release: Release,
    /// What it changes.
    pub diff: Changes,
}

impl FolderArgs {
    /// True when the user has said that much may be gone.
    pub fn allows_removals(&self) -> bool {
        self.allow_removals
    }

    /// Finds the archive, its keys and the release before.
    pub fn start(&self, ui: &Ui, access: &Access) -> Result<Start, CliError> {
        let archive = pick::archive(access, self.archive.as_deref())?;
        let trusted = access.trusted(&archive)?;
        let rules = rules(ui, &access.home, &archive, trusted.as_ref(), self)?;
        let roots = signing_roots(&access.home, &archive, trusted.as_ref())?;
        let chain =
            check_chain(&archive, &roots).map_err(|e| CliError::failed("the trust root", e))?;
        let Some(root) = chain.last().cloned() else {
            return Err(CliError::new(Exit::Damaged, "the archive has no trust root")
                .advice("restore the home from its backup"));
        };
        let forked = roots::fork(&access.home, &archive)
            .map_err(|e| CliError::failed("the fork", e))?
            .is_some();
        if forked && trusted.as_ref().is_some_and(|t| t.head.roots.len() == roots.len()) {
            let what = "two releases of one number were signed, and nothing newer is taken before root keys settle it";
            return Err(CliError::new(Exit::Refused, what)
                .advice("make a rotation with 'yadgar rotate build --base agreed', and build the release after it was adopted"));
        }
        let before = predecessor(access, &root, trusted.as_ref(), forked)?;
        let before_hash = before.as_ref().map(|b| Hash::of(&b.encode()));
        Ok(Start { archive, roots, root, trusted, before, before_hash, rules })
    }

    /// Builds the release; `None` when it would be the one before again. The caller holds a
    /// [`crate::access::Writing`]: blocks of files that were withdrawn may be put on the way. `stop` ends it early.
    pub fn build(
        &self,
        ui: &Ui,
        access: &Access,
        start: &Start,
        stop: &Arc<AtomicBool>,
    ) -> Result<Option<Unsigned>, CliError> {
        let date = self.date.clone().unwrap_or_else(pick::today);
        let sequence = start.before.as_ref().map_or(1, |b| b.sequence.saturating_add(1));
        let withdrawn = pending::withdrawn(
            &access.home,
            &start.archive,
            start.before.as_ref(),
            &date,
            sequence,
        )
        .map_err(|e| CliError::failed("the withdrawals that wait in this home", e))?;
        // WD-4: also what urgent notices withdrew since, whoever brought them.
        let known = access.archives.denied(&start.archive)?;
        let all = cumulative(&withdrawn, &known, sequence);
        let mut denied = Denied::none(start.archive);
        denied.add(&all);
        let withdrawn = newest(ui, all);
        let built = folder::build(ui, access, self, start, &denied, stop)?;
        let same = |b: &&Release| {
            b.parts == built.parts
                && b.withdrawn == withdrawn
                && b.root_version == start.root.version
        };
        if start.before.as_ref().filter(same).is_some() {
            return Ok(None);
        }
        let version = start.root.version;
        let mut release = next_release(start.archive, version, start.trusted.as_ref(), built, date);
        release.prev = start.before_hash;
        release.sequence = sequence;
        release.withdrawn = withdrawn;
        release.check().map_err(|e| {
            CliError::new(Exit::Usage, format!("this release: {e}"))
                .advice("nothing was published; mend it and publish again")
        })?;
        warn_date(ui, start.before.as_ref(), &release);
        let before = start.before.as_ref();
        let diff = compare(ui, access, before, &release, self.allow_removals)?;
        check_removals(before, &diff, self.allow_removals)?;
        Ok(Some(Unsigned { release, diff }))
    }
}

/// The release that the next one follows. Mostly the trusted one; when root keys have named another base
/// to settle a fork, and the trusted one does not come from there, that base (TRUST-19, TRUST-27).
pub fn predecessor(
    access: &Access,
    root: &TrustRoot,
    trusted: Option<&Accepted>,
    forked: bool,
) -> Result<Option<Release>, CliError> {
    let Some(base) = root.base else {
        return Ok(trusted.filter(|_| !forked).map(|t| t.release.clone()));
    };
    if let Some(trusted) = trusted.filter(|t| !forked || t.release_hash() == base.1)
        && reaches(access, &trusted.release, trusted.release_hash(), base.0, base.1)?
    {
        return Ok(Some(trusted.release.clone()));
    }
    let id = BlockId { codec: Codec::DagCbor, hash: base.1 };
    let payload = access.store.get(&id)?;
    let release = payload.and_then(|bytes| Release::decode(&bytes).ok());
    release.map(Some).ok_or_else(|| {
        let what = format!("release {}, from which the archive goes on, is not here", base.0);
        CliError::new(Exit::Damaged, what).advice("import a carrier that has it, then build again")
    })
}

/// True when the chain of a release passes this one. Payloads that are not here end the search.
fn reaches(
    access: &Access,
    from: &Release,
    hash: Hash,
    sequence: u64,
    goal: Hash,
) -> Result<bool, CliError> {
    let (mut release, mut hash) = (from.clone(), hash);
    while release.sequence > sequence {
        let Some(prev) = release.prev else { return Ok(false) };
        if release.sequence == sequence + 1 {
            return Ok(prev == goal);
        }
        let bytes = access.store.get(&BlockId { codec: Codec::DagCbor, hash: prev })?;
        let Some(before) = bytes.and_then(|b| Release::decode(&b).ok()) else { return Ok(false) };
        (release, hash) = (before, prev);
    }
    Ok(release.sequence == sequence && hash == goal)
}

/// What fits into a release of what is withdrawn.
fn newest(ui: &Ui, all: Vec<Withdrawal>) -> Vec<Withdrawal> {
    let count = all.len();
    let list = newest_of(all);
    let (listed, old) = (list.len(), count - list.len());
    if old > 0 {
        ui.warn(
            format!("a release lists at most {listed} withdrawals: the {old} oldest are left out; homes that know them keep to them, new ones do not learn of them"),
            format!("هر نسخه حداکثر {listed} پس‌گرفتن را فهرست می‌کند: {old} مورد از کهنه‌ترین‌ها کنار گذاشته شد؛ خانه‌هایی که آن‌ها را می‌شناسند به آن‌ها پایبند می‌مانند، ولی خانه‌های تازه از آن‌ها باخبر نمی‌شوند"),
        );
    }
    list
}

/// The rules of the command line, or else those of the last publish.
fn rules(
    ui: &Ui,
    home: &Path,
    archive: &ArchiveId,
    trusted: Option<&Accepted>,
    args: &FolderArgs,
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
            format!("بخش‌ها مانند نسخه‌ی پیش: {list} (با --no-parts همه در core)"),
        );
    }
    Ok(PartRules::parse(&texts)?)
}

/// The release stands already: rules that cannot be kept are no failure.
pub fn remember(ui: &Ui, home: &Path, start: &Start) {
    if let Err(e) = parts::remember(home, &start.archive, start.rules.texts()) {
        ui.warn(
            format!("the --part rules could not be kept for the next time: {e}"),
            format!("قاعده‌های --part برای بار بعد نگه داشته نشد: {e}"),
        );
    }
}

/// The trust roots to sign under: those of the newest head, or newer ones adopted in this home.
pub fn signing_roots(
    home: &Path,
    archive: &ArchiveId,
    trusted: Option<&Accepted>,
) -> Result<Vec<Envelope>, CliError> {
    let roots = roots::in_force(home, archive, trusted).map_err(|e| {
        CliError::failed("the archive", e)
            .advice("ask the other maintainers which trust root stands; 'yadgar release show' shows a draft's")
    })?;
    roots.ok_or_else(|| {
        CliError::new(Exit::Usage, "this home knows the archive only from outside")
            .advice("fetch it first, then publish with one of its release keys")
    })
}

/// What the release changes. The last release may lie here without all its trees (fetched in part).
fn compare(
    ui: &Ui,
    access: &Access,
    before: Option<&Release>,
    release: &Release,
    forced: bool,
) -> Result<Changes, CliError> {
    match changes::between(&*access.store, before, release) {
        Ok(diff) => Ok(diff),
        Err(e @ ReadFault::Missing(_)) if forced => {
            ui.warn(
                format!("what changes since the last release cannot be told: {e}"),
                format!("تغییرها از نسخه‌ی پیش را نمی‌شود گفت: {e}"),
            );
            Ok(Changes::default())
        }
        Err(e) => {
            Err(CliError::new(Exit::Damaged, format!("cannot compare with the last release: {e}"))
                .advice("nothing was published; get the last release with all its parts ('yadgar fetch'), or go without the comparison with --allow-removals"))
        }
    }
}

fn warn_date(ui: &Ui, before: Option<&Release>, release: &Release) {
    let Some(last) = before.map(|b| &b.date).filter(|last| release.date < **last) else {
        return;
    };
    let date = &release.date;
    ui.warn(
        format!("the date {date} is earlier than that of the last release, {last}"),
        format!("تاریخ {date} پیش از تاریخ نسخه‌ی پیشین ({last}) است"),
    );
}

/// Most files gone at once is nearly always a wrong or half-copied folder.
fn check_removals(before: Option<&Release>, diff: &Changes, allowed: bool) -> Result<(), CliError> {
    let files: u64 = before.into_iter().flat_map(|b| &b.parts).map(|p| p.files).sum();
    let removed = diff.removed.len() as u64;
    if allowed || removed <= files / 2 {
        return Ok(());
    }
    let what = format!("{removed} of the {files} files of the last release are not in this folder");
    Err(CliError::new(Exit::Usage, what).advice(
        "nothing was published; check the folder, or give --allow-removals if this is meant",
    ))
}
