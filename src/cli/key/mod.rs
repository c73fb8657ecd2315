//! `yadgar key`: maintainer keys.

mod paper;
pub(super) mod passphrase;

use super::{CliError, Exit, Ui};
use crate::publish::apart::Apart;
use crate::publish::keys::{Key, KeyError, check_private, read_public};
use crate::publish::sign::SignError;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::Command;
use yadgar_protocol::words::key_words;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key, encrypted under a passphrase
    New(NewArgs),
    /// Show the public half of a key file
    Show(ShowArgs),
    /// Write a key on paper: encrypted, as words and QR code
    Backup(paper::BackupArgs),
    /// Make the key file again from a sheet of paper
    Restore(paper::RestoreArgs),
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

/// The public key that a key file names; reads nothing secret.
pub fn public_of(file: &Path) -> Result<yadgar_protocol::ids::PublicKey, KeyError> {
    read_public(file)
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

    /// Starts the process that will sign with these keys. This process reads neither key file nor passphrase.
    pub fn signer(&self, ui: &Ui, home: &Path) -> Result<Apart, CliError> {
        let program = std::env::current_exe().map_err(|e| CliError::failed("this program", e))?;
        let mut command = Command::new(program);
        command.arg("--home").arg(home).args(ui.options()).arg("sign-apart");
        let fallback = [default_file(home)];
        let files = if self.keys.is_empty() { &fallback[..] } else { &self.keys };
        for file in files {
            command.arg("--key").arg(file);
        }
        if let Some(file) = &self.passphrase_file {
            command.arg("--passphrase-file").arg(file);
        }
        Ok(Apart::start(command)?)
    }
}

fn default_file(home: &Path) -> PathBuf {
    home.join("keys").join("maintainer.key")
}

pub fn run(ui: &Ui, home: &Path, command: &KeyCommand) -> Result<(), CliError> {
    super::no_sockets::forbid();
    match command {
        KeyCommand::Backup(args) => paper::backup(ui, args),
        KeyCommand::Restore(args) => paper::restore(ui, home, args),
        KeyCommand::New(args) => new(ui, home, args),
        KeyCommand::Show(args) => show(ui, &args.file.clone().unwrap_or(default_file(home))),
    }
}

fn new(ui: &Ui, home: &Path, args: &NewArgs) -> Result<(), CliError> {
    let file = args.out.clone().unwrap_or(default_file(home));
    if file.exists() {
        return Err(KeyError::Exists(file.display().to_string()).into());
    }
    let passphrase = passphrase::new(args.passphrase_file.as_deref())?;
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|e| CliError::failed("no random numbers", e))?;
    let key = Key::from_seed(&seed).map_err(|e| CliError::failed("the new key", e))?;
    create_folder(&file)?;
    key.write(&file, &passphrase)?;
    ui.note(
        format!(
            "Wrote {}. Keep a copy elsewhere: without file and passphrase the key is lost.",
            file.display()
        ),
        format!(
            "{} نوشته شد. نسخه‌ای جای دیگر نگه دارید: بدون فایل و گذرواژه، کلید از دست می‌رود.",
            file.display()
        ),
    );
    show(ui, &file)
}

fn create_folder(file: &Path) -> Result<(), CliError> {
    match file.parent().filter(|f| !f.as_os_str().is_empty()) {
        Some(folder) => crate::durable::create_dir_durable(folder)
            .map_err(|e| CliError::failed(folder.display(), e)),
        None => Ok(()),
    }
}

fn show(ui: &Ui, file: &Path) -> Result<(), CliError> {
    let public = read_public(file)?;
    if let Err(e @ KeyError::Exposed(..)) = check_private(file) {
        let name = file.display();
        ui.warn(
            format!("{e}: it signs nothing until 'chmod 600 {name}'"),
            format!("دیگران می‌توانند {name} را بخوانند: تا chmod 600 نشود امضا نمی‌کند"),
        );
    }
    let text = yadgar_protocol::ids::base32(public.as_bytes());
    let words = key_words(&public);
    let (fa, en) = (words.map(|w| w.fa), words.map(|w| w.en));
    let (fa_line, en_line) = (fa.join(" "), en.join(" "));
    let id = public.key_id();
    ui.say(
        format!("key {id}\npublic key {text}\nwords   {en_line}\n        {fa_line}"),
        format!("کلید {id}\nکلید عمومی {text}\nواژه‌ها  {fa_line}\n        {en_line}"),
    );
    ui.json(&serde_json::json!({
        "key_id": id, "public_key": text, "file": file.display().to_string(),
        "words": { "fa": fa, "en": en },
    }));
    Ok(())
}

/// The failure of a key file, for the command that named it.
pub(super) fn key_file_error(e: KeyError) -> CliError {
    e.into()
}

impl From<SignError> for CliError {
    fn from(e: SignError) -> Self {
        let what = e.to_string();
        match e {
            SignError::Failed { advice, exit, .. } => {
                let exit = match exit {
                    2 => Exit::Usage,
                    3 => Exit::Damaged,
                    4 => Exit::Refused,
                    _ => Exit::Failed,
                };
                Self { exit, what, advice, persian: Default::default() }
            }
            SignError::Invalid(_) => Self::new(Exit::Usage, format!("not signed: {what}")),
            SignError::Process(_) => {
                Self::new(Exit::Failed, what).advice("nothing was signed; try again")
            }
        }
    }
}

impl From<KeyError> for CliError {
    fn from(e: KeyError) -> Self {
        let what = e.to_string();
        let (exit, advice) = match e {
            KeyError::Exists(_) => (Exit::Failed, "choose another name with --out"),
            KeyError::Passphrase(_) => (Exit::Failed, "try again; nothing was changed"),
            KeyError::Weak(_) => (Exit::Usage, "several unrelated words make a good one"),
            KeyError::Exposed(..) => (
                Exit::Refused,
                "chmod 600 it, or copy it to a disk that keeps modes; whoever may have read it needs only the passphrase",
            ),
            KeyError::Malformed(_) => (Exit::Damaged, "use the copy you keep elsewhere"),
            KeyError::Io(..) => {
                (Exit::Failed, "make a key with 'yadgar key new', or name one with --key")
            }
        };
        Self::new(exit, what).advice(advice)
    }
}
