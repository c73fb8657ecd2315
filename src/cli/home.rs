//! `yadgar home`: an encrypted home.

use super::key::passphrase;
use super::{CliError, Exit, Global, Ui, no_dump};
use crate::access::{self, Kind, unlock};
use crate::store::lock::HomeLock;
use crate::store::vault::key::{self, Cost};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Make a new home, encrypted under a passphrase
    Encrypt(EncryptArgs),
    /// Give an encrypted home another passphrase
    Passphrase(PassphraseArgs),
}

#[derive(Debug, Args)]
pub struct EncryptArgs {}

#[derive(Debug, Args)]
pub struct PassphraseArgs {
    /// Read the new passphrase from the first line of this file
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

pub fn run(ui: &Ui, home: &Path, global: &Global, command: &HomeCommand) -> Result<(), CliError> {
    no_dump::forbid();
    let file = global.home_passphrase_file.as_deref();
    match command {
        HomeCommand::Encrypt(_) => encrypt(ui, home, file),
        HomeCommand::Passphrase(args) => change(ui, home, file, args),
    }
}

/// Sets who is asked for the passphrase of an encrypted home.
pub fn ask_when_needed(global: &Global) {
    let file = global.home_passphrase_file.clone();
    unlock::set(move |home| {
        no_dump::forbid();
        let prompt = format!("Passphrase of {}", home.display());
        passphrase::ask_bytes(file.as_deref(), &prompt).map_err(|e| e.what)
    });
}

/// Refuses what would write into an encrypted home in clear.
pub fn refuse_encrypted(home: &Path, what: &str) -> Result<(), CliError> {
    if access::kind(home) == Kind::Plain {
        return Ok(());
    }
    let what = format!("this home is encrypted: it is for reading, {what}");
    Err(CliError::new(Exit::Usage, what).advice("use another home for that: --home DIR"))
}

fn encrypt(ui: &Ui, home: &Path, file: Option<&Path>) -> Result<(), CliError> {
    let failed = |e| CliError::failed(home.display(), e);
    match access::kind(home) {
        Kind::Encrypted => {
            return Err(CliError::new(Exit::Usage, "this home is encrypted already")
                .advice("another passphrase: yadgar home passphrase"));
        }
        Kind::KeyGone => return Err(access::AccessError::KeyGone.into()),
        Kind::Plain => {}
    }
    let used = ["store", "archives", "keys", "identity"];
    if used.iter().any(|name| home.join(name).exists()) {
        return Err(CliError::new(Exit::Usage, "there is a home here already, which is not encrypted")
            .advice("make an encrypted one in another folder (--home DIR), import into it, then 'yadgar wipe' this one"));
    }
    let passphrase = passphrase::new_bytes(file)?;
    crate::durable::create_dir_durable(home).map_err(failed)?;
    let _lock = HomeLock::acquire(home, "home encrypt", None).map_err(access::AccessError::from)?;
    key::create(home, &passphrase, Cost::STANDARD)?;
    ui.json(&json!({ "home": home.display().to_string(), "encrypted": true }));
    ui.say(
        "The home is encrypted. Whoever forgets the passphrase has lost what is in it: there is no other way in.",
        "خانه رمزشده است. هر که گذرواژه را فراموش کند آن‌چه در آن است را از دست داده: راه دیگری به آن نیست.",
    );
    Ok(())
}

fn change(
    ui: &Ui,
    home: &Path,
    file: Option<&Path>,
    args: &PassphraseArgs,
) -> Result<(), CliError> {
    if access::kind(home) != Kind::Encrypted {
        return Err(CliError::new(Exit::Usage, "this home is not encrypted")
            .advice("make an encrypted one with 'yadgar --home DIR home encrypt'"));
    }
    let old = passphrase::ask_bytes(file, &format!("Passphrase of {}", home.display()))?;
    let new = passphrase::new_bytes(args.new_passphrase_file.as_deref())?;
    // Against a second change at the same time, and against a wipe: a destroyed key must not come back.
    let _lock =
        HomeLock::acquire(home, "home passphrase", None).map_err(access::AccessError::from)?;
    key::change(home, &old, &new, Cost::STANDARD)?;
    ui.json(&json!({ "home": home.display().to_string(), "changed": true }));
    ui.say(
        "The home has the new passphrase. Flash memory may keep the old key file for a while: whoever knows \
         the old passphrase and has the device could use that.",
        "گذرواژه‌ی خانه عوض شد. حافظه‌ی فلش شاید فایل کلید پیشین را تا مدتی نگه دارد: کسی که گذرواژه‌ی پیشین \
         را می‌داند و دستگاه را دارد شاید از آن سود ببرد.",
    );
    Ok(())
}
