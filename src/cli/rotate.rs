//! `yadgar rotate`: the next version of an archive's trust root.

use super::release::facts::Facts;
use super::release::{DraftCommand, build, file, json, text};
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::publish::draft::{Act, Draft};
use crate::publish::roots;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, Base, Role, TrustRoot, check_chain};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

#[derive(Debug, Subcommand)]
pub enum RotateCommand {
    /// Make a draft of a new trust root: other keys, other thresholds
    Build(RotateArgs),
    #[command(flatten)]
    Step(DraftCommand),
}

#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Public key to add to those that may change the keys, or a file that has it
    #[arg(long = "add-root-key", value_name = "PUBLIC")]
    add_root: Vec<String>,
    /// Key to take away from them: its id, public key, or a file that has it
    #[arg(long = "remove-root-key", value_name = "KEY")]
    remove_root: Vec<String>,
    /// How many of them must sign a change of the keys
    #[arg(long, value_name = "N")]
    root_threshold: Option<u64>,
    /// Public key to add to those that may sign releases, or a file that has it
    #[arg(long = "add-release-key", value_name = "PUBLIC")]
    add_release: Vec<String>,
    /// Key to take away from them: its id, public key, or a file that has it
    #[arg(long = "remove-release-key", value_name = "KEY")]
    remove_release: Vec<String>,
    /// How many of them must sign a release
    #[arg(long, value_name = "N")]
    release_threshold: Option<u64>,
    /// The release from which the archive goes on: its number on the trusted chain, NUMBER:HASH, or
    /// "agreed", the last one before a fork (default: the newest trusted one)
    #[arg(long, value_name = "RELEASE")]
    base: Option<String>,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Where the draft goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(ui: &Ui, home: &Path, command: &RotateCommand) -> Result<(), CliError> {
    match command {
        RotateCommand::Build(args) => new(ui, home, args),
        RotateCommand::Step(step) => super::release::step(ui, home, step),
    }
}

fn new(ui: &Ui, home: &Path, args: &RotateArgs) -> Result<(), CliError> {
    let access = Access::open(home, "rotate build")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let trusted = access.trusted(&archive)?;
    let roots = super::publish::prepare::signing_roots(home, &archive, trusted.as_ref())?;
    let last = last_of(&archive, &roots)?;
    let base = base(&access, trusted.as_ref(), args.base.as_deref())?;
    let next = TrustRoot {
        base,
        prev: roots.last().map(Envelope::payload_hash),
        nonce: None,
        archive: Some(archive),
        root: role(&last.root, &args.add_root, &args.remove_root, args.root_threshold)?,
        release: role(
            &last.release,
            &args.add_release,
            &args.remove_release,
            args.release_threshold,
        )?,
        version: last.version.saturating_add(1),
        ..last.clone()
    };
    let same = next.root == last.root && next.release == last.release;
    if same && args.base.is_none() {
        return Err(CliError::new(Exit::Usage, "this would change nothing")
            .advice("say what changes, for example --remove-release-key and --add-release-key"));
    }
    let of_base = |t: &&Accepted| base.is_some_and(|b| b.1 == t.release_hash());
    let prev = trusted.as_ref().filter(of_base).map(|t| t.bytes.clone());
    let draft = Draft::new(Act::TrustRoot, next.encode(), roots, prev, Vec::new());
    let facts = Facts::new(build::finish(ui, &args.out, draft)?, None);
    text::say(ui, &facts, false);
    let mut value = json::describe(&facts);
    value["file"] = args.out.display().to_string().into();
    ui.json(&value);
    Ok(())
}

fn last_of(archive: &ArchiveId, roots: &[Envelope]) -> Result<TrustRoot, CliError> {
    let chain = check_chain(archive, roots).map_err(|e| CliError::failed("the trust root", e))?;
    chain.last().cloned().ok_or_else(|| {
        CliError::new(Exit::Damaged, "the archive has no trust root")
            .advice("restore the home from its backup")
    })
}

fn role(
    old: &Role,
    add: &[String],
    remove: &[String],
    threshold: Option<u64>,
) -> Result<Role, CliError> {
    let mut keys = old.keys.clone();
    for text in remove {
        let key = member(old, text)?;
        keys.retain(|k| *k != key);
    }
    for key in file::public_keys(add)? {
        if keys.contains(&key) {
            let what = format!("key {} is in that role already", key.key_id());
            return Err(CliError::new(Exit::Usage, what).advice("leave it out of the command"));
        }
        keys.push(key);
    }
    let threshold = threshold.unwrap_or(old.threshold);
    let count = keys.len() as u64;
    if threshold == 0 || threshold > count {
        let what = format!("{threshold} of {count} keys cannot sign");
        return Err(CliError::new(Exit::Usage, what).advice("add keys, or give another threshold"));
    }
    Ok(Role::new(keys, threshold))
}

/// A key of a role, by its id, its text or a file.
fn member(role: &Role, text: &str) -> Result<PublicKey, CliError> {
    let by_id = role.keys.iter().find(|k| k.key_id() == text.trim());
    let key = by_id.copied().map_or_else(|| file::public_key(text), Ok)?;
    if role.keys.contains(&key) {
        return Ok(key);
    }
    let what = format!("key {} is not in that role", key.key_id());
    Err(CliError::new(Exit::Usage, what).advice("'yadgar release show' of a draft lists the keys"))
}

/// The base of the new trust root (TRUST-18, TRUST-27).
fn base(
    access: &Access,
    trusted: Option<&Accepted>,
    text: Option<&str>,
) -> Result<Option<Base>, CliError> {
    let newest = trusted.map(|t| Base(t.release.sequence, t.release_hash()));
    let Some(text) = text else {
        let fork = trusted.map(|t| roots::fork(&access.home, &t.release.archive)).transpose();
        if fork.map_err(|e| CliError::failed("the fork", e))?.flatten().is_some() {
            let what = "two releases of one number were signed: say from which the archive goes on";
            return Err(CliError::new(Exit::Usage, what).advice(
                "give --base agreed for the last one that both have, or --base NUMBER:HASH",
            ));
        }
        return Ok(newest);
    };
    let no = |what: String| {
        Err(CliError::new(Exit::Usage, what).advice(
            "give --base agreed, the number of a release, or NUMBER:HASH with all 64 characters",
        ))
    };
    if text == "agreed" {
        return agreed(access, trusted);
    }
    let (number, hash) = text.split_once(':').map_or((text, None), |(n, h)| (n, Some(h)));
    let Ok(number) = number.parse::<u64>() else {
        return no(format!("'{text}' names no release"));
    };
    if let Some(hash) = hash {
        return match file::hash(hash) {
            Some(hash) => Ok(Some(Base(number, hash))),
            None => no(format!("'{hash}' is no hash of a release")),
        };
    }
    match trusted.and_then(|t| on_chain(access, &t.release, t.release_hash(), number)) {
        Some(hash) => Ok(Some(Base(number, hash))),
        None => no(format!("release {number} is not known here")),
    }
}

/// The last release that both branches of a fork have (TRUST-23); without a fork, the trusted one.
fn agreed(access: &Access, trusted: Option<&Accepted>) -> Result<Option<Base>, CliError> {
    let Some(trusted) = trusted else { return Ok(None) };
    let fork = roots::fork(&access.home, &trusted.release.archive)
        .map_err(|e| CliError::failed("the fork", e))?;
    Ok(match fork {
        Some(fork) => fork.agreed.hash.map(|hash| Base(fork.agreed.sequence, hash)),
        None => Some(Base(trusted.release.sequence, trusted.release_hash())),
    })
}

fn on_chain(access: &Access, from: &Release, hash: Hash, number: u64) -> Option<Hash> {
    let (mut release, mut hash) = (from.clone(), hash);
    while release.sequence > number {
        hash = release.prev?;
        let id = BlockId { codec: Codec::DagCbor, hash };
        release = Release::decode(&access.store.get(&id).ok()??).ok()?;
    }
    (release.sequence == number).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> PublicKey {
        crate::publish::keys::Key::from_seed(&[seed; 32]).unwrap().public()
    }

    #[test]
    fn keys_are_added_removed_and_counted() {
        let text = |k: PublicKey| yadgar_protocol::ids::base32(k.as_bytes());
        let old = Role::new([key(1), key(2), key(3)], 2);
        let new = role(&old, &[text(key(4))], &[key(1).key_id()], None).unwrap();
        assert_eq!(new, Role::new([key(2), key(3), key(4)], 2));
        assert!(role(&old, &[text(key(1))], &[], None).is_err(), "there already");
        assert!(role(&old, &[], &[text(key(4))], None).is_err(), "not there");
        assert!(role(&old, &[], &[text(key(1))], Some(3)).is_err(), "too few are left");
        assert!(role(&old, &[], &[], Some(0)).is_err());
        assert!(role(&old, &[text(key(4)), text(key(4))], &[], None).is_err(), "twice");
    }
}
