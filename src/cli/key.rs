//! `yadgar key`: maintainer keys.

use super::{CliError, Exit, Ui, pick};
use crate::publish::keys::{Key, KeyError, read_public};
use age::secrecy::{ExposeSecret, SecretString};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key, encrypted under a passphrase
    New(NewArgs),
    /// Show the public half of a key file
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Where the key file goes (default: keys/maintainer.key in the home)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Read the passphrase from the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The key file (default: keys/maintainer.key in the home)
    file: Option<PathBuf>,
}

/// How commands are told of a key.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// Key file; may be given several times (default: keys/maintainer.key in the home)
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Read the passphrase of all keys from the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    /// The key files: those that were named, or the one in the home when there is one.
    pub fn files(&self, home: &Path) -> Vec<PathBuf> {
        let fallback = default_file(home);
        match self.keys.is_empty() {
            true if fallback.exists() => vec![fallback],
            _ => self.keys.clone(),
        }
    }

    /// True when keys were named.
    pub fn named(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Opens the keys; asks for a passphrase for each unless a file has it.
    pub fn open(&self, home: &Path) -> Result<Vec<Key>, CliError> {
        let fallback = [default_file(home)];
        let files = if self.keys.is_empty() { &fallback[..] } else { &self.keys };
        let mut keys = Vec::new();
        for file in files {
            read_public(file)?; // A wrong file is noticed before anybody types a passphrase.
            let prompt = format!("Passphrase of {}", file.display());
            let passphrase = pick::passphrase(self.passphrase_file.as_deref(), &prompt)?;
            keys.push(Key::read(file, &passphrase)?);
        }
        Ok(keys)
    }
}

fn default_file(home: &Path) -> PathBuf {
    home.join("keys").join("maintainer.key")
}

pub fn run(ui: &Ui, home: &Path, command: &KeyCommand) -> Result<(), CliError> {
    match command {
        KeyCommand::New(args) => new(ui, home, args),
        KeyCommand::Show(args) => show(ui, &args.file.clone().unwrap_or(default_file(home))),
    }
}

fn new(ui: &Ui, home: &Path, args: &NewArgs) -> Result<(), CliError> {
    let file = args.out.clone().unwrap_or(default_file(home));
    if file.exists() {
        return Err(KeyError::Exists(file.display().to_string()).into());
    }
    let passphrase = new_passphrase(args.passphrase_file.as_deref())?;
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|e| CliError::failed("no random numbers", e))?;
    let key = Key::from_seed(&seed).map_err(|e| CliError::failed("the new key", e))?;
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        crate::durable::create_dir_durable(folder)
            .map_err(|e| CliError::failed(folder.display(), e))?;
    }
    key.write(&file, &passphrase)?;
    ui.note(
        format!(
            "Wrote {}. Keep a copy elsewhere: without file and passphrase the key is lost.",
            file.display()
        ),
        format!(
            "{} نوشته شد. نسخه‌ای جای دیگر نگه دارید: بدون پرونده و گذرواژه، کلید از دست می‌رود.",
            file.display()
        ),
    );
    show(ui, &file)
}

fn new_passphrase(file: Option<&Path>) -> Result<SecretString, CliError> {
    let passphrase = pick::passphrase(file, "New passphrase")?;
    if file.is_none() {
        let again = pick::passphrase(None, "The same again")?;
        if again.expose_secret() != passphrase.expose_secret() {
            return Err(CliError::new(Exit::Usage, "the two passphrases differ"));
        }
    }
    Ok(passphrase)
}

fn show(ui: &Ui, file: &Path) -> Result<(), CliError> {
    let public = read_public(file)?;
    let text = yadgar_protocol::ids::base32(public.as_bytes());
    ui.say(
        format!("key {}\npublic key {text}", public.key_id()),
        format!("کلید {}\nکلید عمومی {text}", public.key_id()),
    );
    let file = file.display().to_string();
    ui.json(&serde_json::json!({ "key_id": public.key_id(), "public_key": text, "file": file }));
    Ok(())
}

impl From<KeyError> for CliError {
    fn from(e: KeyError) -> Self {
        let what = e.to_string();
        let (exit, advice) = match e {
            KeyError::Exists(_) => (Exit::Failed, "choose another name with --out"),
            KeyError::Passphrase(_) => (Exit::Failed, "try again; nothing was changed"),
            KeyError::TooShort => (Exit::Usage, "several unrelated words make a good one"),
            KeyError::Malformed(_) => (Exit::Damaged, "use the copy you keep elsewhere"),
            KeyError::Io(..) => {
                (Exit::Failed, "make a key with 'yadgar key new', or name one with --key")
            }
        };
        Self::new(exit, what).advice(advice)
    }
}
