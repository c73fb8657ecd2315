//! `yadgar publish`: a folder becomes the archive's next release.

pub mod errors;
mod folder;
mod mirrors;
pub mod prepare;
mod report;

use super::key::KeyArgs;
use super::{CliError, Exit, Ui};
use crate::access::{Access, Adopted, Writing};
use crate::publish::apart::Apart;
use crate::publish::pending;
use crate::publish::sign::{Signer, head_blocks, sign_release};
use crate::store::complete::Completed;
use clap::Args;
use prepare::{FolderArgs, Start, Unsigned, remember};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::{ArchiveId, Hash};

#[derive(Debug, Args)]
pub struct PublishArgs {
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    keys: KeyArgs,
    /// Show what would change, and publish nothing; no key is needed
    #[arg(long)]
    dry_run: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &PublishArgs) -> Result<(), CliError> {
    let access = Access::open(home, "publish")?;
    let start = args.folder.start(ui, &access)?;
    let archive = start.archive;
    let signer = if args.dry_run { None } else { Some(signer(ui, home, args, &start)?) };
    let writing = Writing::begin(&access.archives, archive)?;
    let built = build_while_opening(ui, &access, args, &start, signer.as_ref())?;
    let Some(new) = built else {
        writing.finish()?;
        return unchanged(ui, &access, &start, args.dry_run, args.folder.allows_removals());
    };
    let Some(signer) = signer else {
        return report::dry_run(ui, &new.release, &new.diff);
    };
    let head = sign_release(start.roots.clone(), &new.release, &signer)?;
    adopt(ui, &access, &archive, &head, args.folder.allows_removals())?;
    // After the head: what was withdrawn since is found through the release's own trees too.
    writing.finish()?;
    remember(ui, home, &start);
    let settled = pending::settle(home, &archive, &new.release);
    settled.map_err(|e| CliError::failed("the withdrawals that waited", e))?;
    let Some(now) = access.trusted(&archive)? else {
        return Err(CliError::new(Exit::Damaged, "the new release cannot be read back")
            .advice("run 'yadgar verify', then publish again"));
    };
    report::published(ui, &now, &new.diff);
    Ok(())
}

/// The folder is what the last release is.
fn unchanged(
    ui: &Ui,
    access: &Access,
    start: &Start,
    dry_run: bool,
    allowed: bool,
) -> Result<(), CliError> {
    let Some(trusted) = &start.trusted else {
        return Err(CliError::new(Exit::Damaged, "the release before is not the trusted one")
            .advice("import or fetch the newest release first"));
    };
    if !dry_run {
        access.store.flush()?;
        // A publish killed after its release was taken left it without this mark.
        mark(ui, access, &start.archive, &trusted.bytes, allowed)?;
        remember(ui, &access.home, start);
    }
    report::unchanged(ui, trusted)
}

/// The process that will sign, its keys open. Keys that may not sign are noticed before a passphrase is typed.
fn signer(ui: &Ui, home: &Path, args: &PublishArgs, start: &Start) -> Result<Apart, CliError> {
    let signer = args.keys.signer(ui, home)?;
    check_keys(start, signer.public())?;
    signer.begin_open()?;
    Ok(signer)
}

/// Builds the release while the keys are being opened, which takes about as long. When they do not open (a wrong
/// passphrase), the work ends and that is the error. When nothing is to be signed, they are not waited for.
fn build_while_opening(
    ui: &Ui,
    access: &Access,
    args: &PublishArgs,
    start: &Start,
    signer: Option<&Apart>,
) -> Result<Option<Unsigned>, CliError> {
    let (stop, refused) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(false));
    let Some(signer) = signer else { return args.folder.build(ui, access, start, &stop) };
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            let opened = signer.opened();
            if opened.is_err() {
                // First why, so that whoever sees the work stopped sees that too.
                refused.store(true, Ordering::SeqCst);
                stop.store(true, Ordering::SeqCst);
            }
            opened
        });
        let built = args.folder.build(ui, access, start, &stop);
        if !matches!(built, Ok(Some(_))) && !refused.load(Ordering::SeqCst) {
            signer.give_up();
            return built;
        }
        match opening.join() {
            Ok(opened) => opened?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        built
    })
}

/// Finds out before the work begins whether these keys may sign.
fn check_keys(start: &Start, keys: &[PublicKey]) -> Result<(), CliError> {
    let role = &start.root.release;
    if let Some(key) = keys.iter().find(|k| !role.keys.contains(k)) {
        let what = format!("key {} may not sign releases of this archive", key.key_id());
        return Err(CliError::new(Exit::Refused, what).advice("use --key with a release key"));
    }
    let given = keys.iter().copied().collect();
    if !role.agrees(&given) {
        let what =
            format!("a release needs {} different keys, {} given", role.threshold, keys.len());
        return Err(CliError::new(Exit::Refused, what).advice(
            "add more --key FILE, or let others sign on their machines: yadgar release build",
        ));
    }
    Ok(())
}

/// Puts a signed release into the home: its blocks are there already.
pub fn adopt(
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
