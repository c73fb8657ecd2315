//! Passphrases, from a file or the terminal; wiped from memory after use.

use crate::cli::{CliError, Exit};
use crate::publish::keys;
use age::secrecy::{ExposeSecret, SecretString};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Longest passphrase file that is read.
const MAX_FILE_BYTES: usize = 4096;

/// A passphrase from a file (its first line) or, without one, from the terminal.
pub fn ask(file: Option<&Path>, prompt: &str) -> Result<SecretString, CliError> {
    let Some(file) = file else {
        let typed = rpassword::prompt_password(format!("{prompt}: ")).map_err(|e| {
            CliError::failed("no passphrase", e).advice("in a script use --passphrase-file FILE")
        })?;
        return Ok(keys::passphrase(&Zeroizing::new(typed)));
    };
    // Of full size from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; MAX_FILE_BYTES]);
    let mut length = 0;
    let mut from = std::fs::File::open(file).map_err(|e| CliError::file(file, e))?;
    while length < MAX_FILE_BYTES {
        match from.read(&mut bytes[length..]).map_err(|e| CliError::file(file, e))? {
            0 => break,
            count => length += count,
        }
    }
    let text = std::str::from_utf8(&bytes[..length]).map_err(|e| CliError::file(file, e))?;
    Ok(keys::passphrase(text.lines().next().unwrap_or_default()))
}

/// A new passphrase: strong enough, and typed twice on a terminal.
pub fn new(file: Option<&Path>) -> Result<SecretString, CliError> {
    let passphrase = ask(file, "New passphrase")?;
    keys::check_passphrase(&passphrase)?;
    if file.is_none() && ask(None, "The same again")?.expose_secret() != passphrase.expose_secret()
    {
        return Err(CliError::new(Exit::Usage, "the two passphrases differ"));
    }
    Ok(passphrase)
}

/// Whether a new passphrase is strong enough.
pub fn is_strong(text: &str) -> bool {
    keys::check_passphrase(&keys::passphrase(text)).is_ok()
}

/// The bytes of [`ask`], for what is not a signing key.
pub fn ask_bytes(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    Ok(bytes(&ask(file, prompt)?))
}

/// The bytes of [`new`], for what is not a signing key.
pub fn new_bytes(file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, CliError> {
    Ok(bytes(&new(file)?))
}

fn bytes(passphrase: &SecretString) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(passphrase.expose_secret().as_bytes().to_vec())
}
