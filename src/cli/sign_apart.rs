//! The hidden subcommand that signs: it alone reads key files and passphrases for other commands, and has no socket.

use super::key::{key_file_error, passphrase};
use super::{CliError, Exit, Ui};
use crate::publish::apart::{Answer, Request, read, write};
use crate::publish::keys::{Key, KeyRing, check_private, read_public};
use crate::publish::sign::{SignError, Signer};
use age::secrecy::SecretString;
use clap::Args;
use std::path::PathBuf;
use yadgar_protocol::envelope::Context;
use yadgar_protocol::ids::{base32, from_base32};
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::TrustRoot;
use yadgar_protocol::{ArchiveId, Hash};

#[derive(Debug, Args)]
pub struct SignApartArgs {
    /// Key file; may be given several times
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    /// Read the passphrase of all keys from the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Answers on stdout until stdin ends. Failures are told there too, and the parent tells the user.
pub fn run(ui: &Ui, args: &SignApartArgs, tell: bool) -> Result<(), CliError> {
    // Who wanted signatures may be killed while a passphrase is being worked on: keys do not outlive it. Elsewhere
    // the end of stdin ends this a little later.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    super::no_sockets::forbid();
    let mut out = std::io::stdout().lock();
    if let Err(e) = serve(ui, args, tell, &mut out) {
        let failed = Answer::Failed { what: e.what, advice: e.advice, exit: e.exit as u8 };
        // A parent that is gone needs no answer.
        let _ = write(&mut out, &failed);
    }
    Ok(())
}

fn serve(
    ui: &Ui,
    args: &SignApartArgs,
    tell: bool,
    out: &mut impl std::io::Write,
) -> Result<(), CliError> {
    let pipe = |e| CliError::failed("the command that wants signatures", e);
    // A wrong file is noticed before anybody types a passphrase.
    let mut public = Vec::new();
    for file in &args.keys {
        check_private(file).map_err(key_file_error)?;
        public.push(base32(read_public(file).map_err(key_file_error)?.as_bytes()));
    }
    write(out, &Answer::Public(public)).map_err(pipe)?;
    let mut ring = None;
    let mut input = std::io::stdin().lock();
    while let Some(request) = read(&mut input).map_err(pipe)? {
        let answer = match (request, &ring) {
            (Request::Open, _) => {
                let passphrases = ask(args)?;
                write(out, &Answer::Asked).map_err(pipe)?;
                ring = Some(open(args, &passphrases)?);
                Answer::Opened
            }
            (Request::Sign { context, archive, payload }, Some(ring)) => {
                sign(ui, ring, tell, &context, &archive, &payload)?
            }
            (Request::Sign { .. }, None) => return Err(senseless("no key is open")),
        };
        write(out, &answer).map_err(pipe)?;
    }
    Ok(())
}

/// A passphrase for each key file.
fn ask(args: &SignApartArgs) -> Result<Vec<SecretString>, CliError> {
    let one = |file: &PathBuf| {
        let prompt = format!("Passphrase of {}", file.display());
        passphrase::ask(args.passphrase_file.as_deref(), &prompt)
    };
    args.keys.iter().map(one).collect()
}

fn open(args: &SignApartArgs, passphrases: &[SecretString]) -> Result<KeyRing, CliError> {
    let files = args.keys.iter().zip(passphrases);
    let keys = files.map(|(file, passphrase)| Key::read(file, passphrase));
    Ok(KeyRing::new(keys.collect::<Result<_, _>>()?))
}

fn sign(
    ui: &Ui,
    ring: &KeyRing,
    tell: bool,
    context: &str,
    archive: &str,
    payload: &str,
) -> Result<Answer, CliError> {
    let context = Context::from_text(context).ok_or_else(|| senseless("an unknown context"))?;
    let archive: ArchiveId = archive.parse().map_err(|_| senseless("no archive id"))?;
    let payload = from_base32(payload).ok_or_else(|| senseless("no payload"))?;
    let (en, fa) = meaning(context, &archive, &payload)?;
    if tell {
        ui.note(format!("signing {en}"), format!("امضای {fa}"));
    }
    let signed = ring.sign(context, &archive, &payload).map_err(CliError::from)?;
    Ok(Answer::Signed(signed.iter().map(|(_, signature)| base32(signature)).collect()))
}

/// What a payload is, in words; nothing is signed that is not what its context says.
fn meaning(
    context: Context,
    archive: &ArchiveId,
    payload: &[u8],
) -> Result<(String, String), CliError> {
    let invalid = |e| CliError::from(SignError::Invalid(e));
    match context {
        Context::TrustRoot => {
            let root = TrustRoot::decode(payload).map_err(invalid)?;
            if root.archive.unwrap_or(ArchiveId(Hash::of(payload))) != *archive {
                return Err(senseless("a trust root of another archive"));
            }
            let (version, name) = (root.version, root.name);
            Ok((
                format!("trust root {version} of archive {archive}, '{name}'"),
                format!("ریشه‌ی اعتماد {version} بایگانی {archive}، «{name}»"),
            ))
        }
        Context::Release => {
            let release = Release::decode(payload).map_err(invalid)?;
            if release.archive != *archive {
                return Err(senseless("a release of another archive"));
            }
            let (sequence, date) = (release.sequence, release.date);
            Ok((
                format!("release {sequence} ({date}) of archive {archive}"),
                format!("نسخه‌ی {sequence} ({date}) بایگانی {archive}"),
            ))
        }
        Context::Notice => {
            let notice = Notice::decode(payload).map_err(invalid)?;
            if notice.archive != *archive {
                return Err(senseless("a notice of another archive"));
            }
            let count = notice.withdrawn.len();
            Ok((
                format!("notice: {count} withdrawals from archive {archive}"),
                format!("اعلان: پس گرفتن {count} مورد از بایگانی {archive}"),
            ))
        }
    }
}

fn senseless(why: &str) -> CliError {
    CliError::new(Exit::Refused, format!("not signed: {why}"))
        .advice("this is a fault of the program; please report it")
}
