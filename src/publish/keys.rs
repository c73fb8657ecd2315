//! Maintainers' key files: an Ed25519 seed under a passphrase (age, scrypt), with the public key in clear
//! so that it can be shown and put into a trust root without the passphrase.

use super::sign::{SignError, Signer};
use age::secrecy::{ExposeSecret, SecretString};
use ed25519_dalek::{Signer as _, SigningKey};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::envelope::{Context, to_be_signed};
use yadgar_protocol::ids::{PublicKey, base32, from_base32};
use zeroize::Zeroizing;

const MAGIC: &str = "yadgar key file, version 1";
/// A key file is a few hundred bytes; a larger one is not ours.
const MAX_KEY_FILE_BYTES: u64 = 16 * 1024;

/// Why a key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file system said no.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// A file of that name is there already; keys are never overwritten.
    #[error("{0} exists already")]
    Exists(String),
    /// The file is not a key file, or damaged.
    #[error("{0} is not a yadgar key file, or it is damaged")]
    Malformed(String),
    /// The passphrase does not open the file.
    #[error("wrong passphrase for {0}")]
    Passphrase(String),
    /// The passphrase protects nothing; says why.
    #[error("the passphrase is too weak: {0}")]
    Weak(&'static str),
    /// Others on this machine may read the file; mode bits.
    #[error("others may read the key file {0} (mode {1:o})")]
    Exposed(String, u32),
}

/// Shortest passphrase that a new key takes, in characters.
pub const MIN_PASSPHRASE: usize = 8;
/// Fewest different characters in it.
const MIN_DIFFERENT: usize = 5;
/// Shortest passphrase of digits alone: fewer are tried out in a day.
const MIN_DIGITS: usize = 16;

/// A passphrase as keys are sealed under it: Unicode form NFKC, so that another keyboard gives the same bytes.
pub fn passphrase(text: &str) -> SecretString {
    // Of exactly the right size: a string that grows or shrinks leaves copies of itself behind.
    let length = text.nfkc().map(char::len_utf8).sum();
    let mut exact = String::with_capacity(length);
    exact.extend(text.nfkc());
    SecretString::from(exact)
}

/// Refuses passphrases that protect nothing. Not a measure of strength: only what is surely bad.
///
/// # Errors
/// [`KeyError::Weak`], with the reason.
pub fn check_passphrase(passphrase: &SecretString) -> Result<(), KeyError> {
    let text = passphrase.expose_secret();
    let count = text.chars().count();
    let different = {
        // At most five are kept, in an array that is wiped.
        let mut seen = Zeroizing::new([None; MIN_DIFFERENT]);
        for c in text.chars() {
            if !seen.contains(&Some(c))
                && let Some(free) = seen.iter_mut().find(|s| s.is_none())
            {
                *free = Some(c);
            }
        }
        seen.iter().flatten().count()
    };
    let step = |by: i64| {
        text.chars()
            .zip(text.chars().skip(1))
            .all(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)) == by)
    };
    let why = if count < MIN_PASSPHRASE {
        "it is shorter than 8 characters"
    } else if different == 1 {
        "it is one character again and again"
    } else if different < MIN_DIFFERENT {
        "it has fewer than 5 different characters"
    } else if step(1) || step(-1) {
        "its characters follow one another, like 12345678"
    } else if count < MIN_DIGITS && text.chars().all(char::is_numeric) {
        "it is a number of fewer than 16 digits"
    } else if repeats(text) {
        "it is a short text again and again"
    } else {
        return Ok(());
    };
    Err(KeyError::Weak(why))
}

/// True when the text is a piece of fewer than eight characters, repeated.
fn repeats(text: &str) -> bool {
    (1..MIN_PASSPHRASE).any(|length| {
        text.chars().count() >= 2 * length
            && text.chars().zip(text.chars().skip(length)).all(|(a, b)| a == b)
    })
}

/// A maintainer's signing key, in memory. Wiped when dropped.
pub struct Key {
    signing: SigningKey,
    public: PublicKey,
}

impl Key {
    /// A key from 32 random bytes.
    ///
    /// # Errors
    /// When the bytes give a weak key or are all zero, which random ones never are.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, yadgar_protocol::Reject> {
        if seed == &[0; 32] {
            return Err(yadgar_protocol::Reject::new("ID-4", "a seed of zeros, not random"));
        }
        let signing = SigningKey::from_bytes(seed);
        let public = PublicKey::from_bytes(signing.verifying_key().to_bytes())?;
        Ok(Self { signing, public })
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// The seed, for the paper backup.
    pub(super) fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signing.to_bytes())
    }

    /// Writes the key to a new file, encrypted.
    ///
    /// # Errors
    /// A file that exists, a weak passphrase, the file system.
    pub fn write(&self, path: &Path, passphrase: &SecretString) -> Result<(), KeyError> {
        let name = path.display().to_string();
        check_passphrase(passphrase)?;
        if path.exists() {
            return Err(KeyError::Exists(name));
        }
        let io = |e| KeyError::Io(name.clone(), e);
        let sealed = seal(&self.seed(), passphrase).map_err(io)?;
        let public = base32(self.public.as_bytes());
        let text = format!("{MAGIC}\npublic {public}\n{sealed}");
        // Another one may have been made since the look above.
        crate::durable::write_new(path, text.as_bytes(), crate::durable::Mode::Private).map_err(
            |e| match e.kind() {
                std::io::ErrorKind::AlreadyExists => KeyError::Exists(name.clone()),
                _ => io(e),
            },
        )
    }

    /// Opens a key file, unless others may read it.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read(path: &Path, passphrase: &SecretString) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let KeyFile { public, sealed, mode } = parse(path)?;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed(name, mode));
        }
        let seed = unseal(&sealed, passphrase).map_err(|e| match e {
            Unseal::Passphrase => KeyError::Passphrase(name.clone()),
            Unseal::Damaged => KeyError::Malformed(name.clone()),
        })?;
        let key = Self::from_seed(&seed).map_err(|_| KeyError::Malformed(name.clone()))?;
        // The public key in clear is only a label until the secret one confirms it.
        if key.public != public {
            return Err(KeyError::Malformed(name));
        }
        Ok(key)
    }
}

/// Keys in this process. For the signing process, and for tests.
pub struct KeyRing {
    keys: Vec<Key>,
    public: Vec<PublicKey>,
}

impl KeyRing {
    /// All of these sign.
    pub fn new(keys: Vec<Key>) -> Self {
        let public = keys.iter().map(Key::public).collect();
        Self { keys, public }
    }
}

impl Signer for KeyRing {
    fn public(&self) -> &[PublicKey] {
        &self.public
    }

    fn sign(
        &self,
        context: Context,
        archive: &ArchiveId,
        payload: &[u8],
    ) -> Result<Vec<(PublicKey, [u8; 64])>, SignError> {
        let message = to_be_signed(context, archive, payload);
        Ok(self.keys.iter().map(|key| (key.public(), key.sign(&message))).collect())
    }
}

/// The public key that a key file names. Works without a passphrase.
///
/// # Errors
/// See [`KeyError`].
pub fn read_public(path: &Path) -> Result<PublicKey, KeyError> {
    Ok(parse(path)?.public)
}

/// Refuses a key file that others on this machine may read or write.
///
/// # Errors
/// [`KeyError::Exposed`]; see [`KeyError`].
pub fn check_private(path: &Path) -> Result<(), KeyError> {
    match parse(path)?.mode {
        mode if mode & 0o077 != 0 => Err(KeyError::Exposed(path.display().to_string(), mode)),
        _ => Ok(()),
    }
}

struct KeyFile {
    public: PublicKey,
    sealed: String,
    mode: u32,
}

fn parse(path: &Path) -> Result<KeyFile, KeyError> {
    let name = path.display().to_string();
    let io = |e| KeyError::Io(name.clone(), e);
    let bad = || KeyError::Malformed(name.clone());
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(io)?;
    let mode = file.metadata().map_err(io)?.mode() & 0o777;
    file.take(MAX_KEY_FILE_BYTES).read_to_string(&mut text).map_err(|_| bad())?;
    let mut lines = text.splitn(3, '\n');
    if lines.next() != Some(MAGIC) {
        return Err(bad());
    }
    let public = lines.next().and_then(|l| l.strip_prefix("public ")).ok_or_else(bad)?;
    let bytes = from_base32(public).ok_or_else(bad)?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| bad())?;
    let public = PublicKey::from_bytes(bytes).map_err(|_| bad())?;
    Ok(KeyFile { public, sealed: lines.next().ok_or_else(bad)?.to_owned(), mode })
}

fn seal(seed: &[u8; 32], passphrase: &SecretString) -> std::io::Result<String> {
    let encryptor = age::Encryptor::with_user_passphrase(passphrase.clone());
    let armor = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor)?;
    let mut writer = encryptor.wrap_output(armor)?;
    writer.write_all(seed)?;
    let bytes = writer.finish()?.finish()?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

enum Unseal {
    Passphrase,
    Damaged,
}

fn unseal(sealed: &str, passphrase: &SecretString) -> Result<Zeroizing<[u8; 32]>, Unseal> {
    let armor = age::armor::ArmoredReader::new(sealed.as_bytes());
    let decryptor = age::Decryptor::new(armor).map_err(|_| Unseal::Damaged)?;
    let mut identity = age::scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let mut reader = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(
        |e| match e {
            age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
                Unseal::Passphrase
            }
            _ => Unseal::Damaged,
        },
    )?;
    let mut seed = Zeroizing::new([0; 32]);
    reader.read_exact(&mut *seed).map_err(|_| Unseal::Damaged)?;
    match reader.read(&mut [0; 1]) {
        Ok(0) => Ok(seed),
        _ => Err(Unseal::Damaged),
    }
}

/// Largest scrypt work factor (log2 N) that is tried: 1 GiB of memory, minutes on a weak machine.
const MAX_WORK_FACTOR: u8 = 20;

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
