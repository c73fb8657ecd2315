//! `yadgar archive`: a new archive.

use super::key::KeyArgs;
use super::release::{adopt, file, sign};
use super::{CliError, Exit, Ui};
use crate::access::Access;
use crate::publish::draft::{Act, Checked, Draft};
use crate::publish::roots;
use crate::publish::sign::{SignError, Signer, create_archive};
use crate::store::heads::ArchiveSettings;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::{Role, TrustRoot};
use yadgar_protocol::words::six_words;

#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Make a new archive: its identity and who may sign for it
    Create(CreateArgs),
}

#[derive(Debug, Args)]
pub struct CreateArgs {
    /// Name of the archive, shown to every reader
    #[arg(long)]
    name: String,
    #[command(flatten)]
    keys: KeyArgs,
    /// Public key that may change the keys, or a file that has one; may be given several times
    /// (default: the keys that sign now)
    #[arg(long = "root-key", value_name = "PUBLIC", requires = "release_keys")]
    root_keys: Vec<String>,
    /// Public key that may sign releases, or a file that has one; may be given several times
    /// (default: the keys that sign now)
    #[arg(long = "release-key", value_name = "PUBLIC", requires = "root_keys")]
    release_keys: Vec<String>,
    /// How many of the keys must sign a release
    #[arg(long, default_value_t = 1, value_name = "N")]
    release_threshold: u64,
    /// How many of the keys must sign a change of the keys themselves
    #[arg(long, default_value_t = 1, value_name = "N")]
    root_threshold: u64,
    /// Where the draft of the trust root goes, for the others to sign
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(ui: &Ui, home: &Path, command: &ArchiveCommand) -> Result<(), CliError> {
    let ArchiveCommand::Create(args) = command;
    let access = Access::open(home, "archive create")?;
    if !args.root_keys.is_empty() {
        return together(ui, &access, args);
    }
    let signer = args.keys.signer(ui, home)?;
    signer.open()?;
    let public = signer.public().to_vec();
    let root = Role::new(public.clone(), args.root_threshold);
    let release = Role::new(public, args.release_threshold);
    let (archive, envelope) = create_archive(&args.name, root, release, nonce()?, &signer)
        .map_err(|e| match e {
            SignError::Invalid(e) => cannot(e),
            other => other.into(),
        })?;
    warn_same_name(ui, &access, &args.name)?;
    roots::save(home, &archive, &[envelope]).map_err(|e| CliError::failed("the new archive", e))?;
    let settings = ArchiveSettings { source: "published".into(), ..ArchiveSettings::default() };
    access.archives.set_settings(&archive, &settings)?;
    report(ui, &archive, &args.name);
    ui.json(&describe(&archive, &args.name));
    Ok(())
}

/// An archive of keys that are on several machines: a draft of its trust root, signed by the keys that are
/// here. When these suffice, the archive is there at once.
fn together(ui: &Ui, access: &Access, args: &CreateArgs) -> Result<(), CliError> {
    let root = Role::new(file::public_keys(&args.root_keys)?, args.root_threshold);
    let release = Role::new(file::public_keys(&args.release_keys)?, args.release_threshold);
    let first = TrustRoot::first(&args.name, root, release, nonce()?);
    first.check().map_err(cannot)?;
    let draft = Draft::new(Act::TrustRoot, first.encode(), Vec::new(), None, Vec::new());
    let mut checked = Checked::of(draft).map_err(cannot)?;
    if signs_here(access, args, &first)? {
        let mut draft = checked.draft.clone();
        sign::sign(ui, &access.home, &checked, &mut draft, &args.keys)?;
        checked = Checked::of(draft).map_err(cannot)?;
    }
    if !checked.is_signed() && args.out.is_none() {
        return Err(CliError::new(
            Exit::Usage,
            "the keys that are here do not suffice to make the archive",
        )
        .advice("give --out FILE, and let the others sign that draft with 'yadgar release sign'"));
    }
    warn_same_name(ui, access, &args.name)?;
    let archive = checked.archive;
    if checked.is_signed() {
        adopt::keep(access, &checked, &checked.new_roots())?;
    }
    report(ui, &archive, &args.name);
    let mut value = describe(&archive, &args.name);
    if let Some(out) = &args.out {
        file::save_draft(out, &checked.draft)?;
        let name = out.display();
        ui.note(
            format!("Wrote {name}. Holders of root keys: yadgar release sign {name} --key FILE"),
            format!("{name} نوشته شد. دارندگان کلید ریشه: yadgar release sign {name} --key FILE"),
        );
        value["file"] = name.to_string().into();
    }
    value["missing"] = checked.quorums().iter().map(|q| q.missing()).max().unwrap_or(0).into();
    value["chars"] = checked.chars().into();
    ui.json(&value);
    Ok(())
}

/// True when a key was named, or the home's own key is a root key of the new archive.
fn signs_here(access: &Access, args: &CreateArgs, first: &TrustRoot) -> Result<bool, CliError> {
    if args.keys.named() {
        return Ok(true);
    }
    let Some(own) = args.keys.files(&access.home).pop() else { return Ok(false) };
    Ok(first.root.keys.contains(&crate::cli::key::public_of(&own)?))
}

fn nonce() -> Result<[u8; 16], CliError> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|e| CliError::failed("no random numbers", e))?;
    Ok(nonce)
}

fn cannot(e: impl std::fmt::Display) -> CliError {
    CliError::new(Exit::Usage, format!("this archive cannot be made: {e}"))
        .advice("nothing was made; mend the name, the keys or the thresholds")
}

fn report(ui: &Ui, archive: &ArchiveId, name: &str) {
    ui.say(format!("archive {archive}\nname    {name}"), format!("بایگانی {archive}\nنام {name}"));
    super::invite::say_words(ui, archive);
}

fn describe(archive: &ArchiveId, name: &str) -> serde_json::Value {
    let words = six_words(archive);
    serde_json::json!({
        "archive": archive.to_string(), "name": name,
        "words": { "fa": words.iter().map(|w| w.fa).collect::<Vec<_>>(),
                   "en": words.iter().map(|w| w.en).collect::<Vec<_>>() },
    })
}

/// Two archives of one name are allowed, but `--archive NAME` then names neither.
fn warn_same_name(ui: &Ui, access: &Access, name: &str) -> Result<(), CliError> {
    for id in access.archives.list()? {
        let known = access.trusted(&id).ok().flatten().map(|h| h.name().to_owned());
        let known = known.or_else(|| roots::name_of(&access.home, &id));
        if known.is_some_and(|known| known == name) {
            ui.warn(
                format!("archive {id} in this home has the same name; use ids to tell them apart"),
                format!("بایگانی {id} در این خانه همین نام را دارد؛ با شناسه از هم جدایشان کنید"),
            );
        }
    }
    Ok(())
}
