//! `yadgar archive`: a new archive.

use super::key::KeyArgs;
use super::{CliError, Exit, Ui};
use crate::access::Access;
use crate::publish::roots;
use crate::publish::sign::{SignError, Signer, create_archive};
use crate::store::heads::ArchiveSettings;
use clap::{Args, Subcommand};
use std::path::Path;
use yadgar_protocol::trust::Role;
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
    /// How many of the keys must sign a release
    #[arg(long, default_value_t = 1, value_name = "N")]
    release_threshold: u64,
    /// How many of the keys must sign a change of the keys themselves
    #[arg(long, default_value_t = 1, value_name = "N")]
    root_threshold: u64,
}

pub fn run(ui: &Ui, home: &Path, command: &ArchiveCommand) -> Result<(), CliError> {
    let ArchiveCommand::Create(args) = command;
    let access = Access::open(home, "archive create")?;
    let signer = args.keys.signer(ui, home)?;
    signer.open()?;
    let public = signer.public().to_vec();
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|e| CliError::failed("no random numbers", e))?;
    let root = Role::new(public.clone(), args.root_threshold);
    let release = Role::new(public, args.release_threshold);
    let (archive, envelope) =
        create_archive(&args.name, root, release, nonce, &signer).map_err(|e| match e {
            SignError::Invalid(e) => {
                CliError::new(Exit::Usage, format!("this archive cannot be made: {e}"))
            }
            other => other.into(),
        })?;
    warn_same_name(ui, &access, &args.name)?;
    roots::save(home, &archive, &[envelope]).map_err(|e| CliError::failed("the new archive", e))?;
    let settings = ArchiveSettings { source: "published".into(), ..ArchiveSettings::default() };
    access.archives.set_settings(&archive, &settings)?;
    ui.say(
        format!("archive {archive}\nname    {}", args.name),
        format!("بایگانی {archive}\nنام {}", args.name),
    );
    super::invite::say_words(ui, &archive);
    let words = six_words(&archive);
    ui.json(&serde_json::json!({
        "archive": archive.to_string(), "name": args.name,
        "words": { "fa": words.iter().map(|w| w.fa).collect::<Vec<_>>(),
                   "en": words.iter().map(|w| w.en).collect::<Vec<_>>() },
    }));
    Ok(())
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
