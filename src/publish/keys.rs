//! Maintainers' key files: an Ed25519 seed under a passphrase (age, scrypt), with the public key in clear
//! so that it can be shown and put into a trust root without the passphrase.

use age::secrecy::{ExposeSecret, SecretString};
use ed25519_dalek::{Signer, SigningKey};
use std::io::{Read, Write};
use std::path::Path;
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
    /// The passphrase is too short to protect anything.
    #[error("the passphrase is shorter than {MIN_PASSPHRASE} characters")]
    TooShort,
}

/// Shortest passphrase that `key new` takes, in characters.
pub const MIN_PASSPHRASE: usize = 8;

/// A maintainer's signing key, in memory. Wiped when dropped.
pub struct Key {
    signing: SigningKey,
    public: PublicKey,
}

impl Key {
    /// A key from 32 random bytes.
    ///
    /// # Errors
    /// When the bytes give a weak key, which random ones never do.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, yadgar_protocol::Reject> {
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

    /// Writes the key to a new file, encrypted.
    ///
    /// # Errors
    /// A file that exists, a short passphrase, the file system.
    pub fn write(&self, path: &Path, passphrase: &SecretString) -> Result<(), KeyError> {
        let name = path.display().to_string();
        if passphrase.expose_secret().chars().count() < MIN_PASSPHRASE {
            return Err(KeyError::TooShort);
        }
        if path.exists() {
            return Err(KeyError::Exists(name));
        }
        let io = |e| KeyError::Io(name.clone(), e);
        let sealed = seal(&self.signing.to_bytes(), passphrase).map_err(io)?;
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

    /// Opens a key file.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read(path: &Path, passphrase: &SecretString) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let (public, sealed) = parse(path)?;
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

/// The public key that a key file names.
///
/// # Errors
/// See [`KeyError`].
pub fn read_public(path: &Path) -> Result<PublicKey, KeyError> {
    Ok(parse(path)?.0)
}

fn parse(path: &Path) -> Result<(PublicKey, String), KeyError> {
    let name = path.display().to_string();
    let io = |e| KeyError::Io(name.clone(), e);
    let bad = || KeyError::Malformed(name.clone());
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(MAX_KEY_FILE_BYTES).read_to_string(&mut text).map_err(|_| bad())?;
    let mut lines = text.splitn(3, '\n');
    if lines.next() != Some(MAGIC) {
        return Err(bad());
    }
    let public = lines.next().and_then(|l| l.strip_prefix("public ")).ok_or_else(bad)?;
    let bytes = from_base32(public).ok_or_else(bad)?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| bad())?;
    let public = PublicKey::from_bytes(bytes).map_err(|_| bad())?;
    Ok((public, lines.next().ok_or_else(bad)?.to_owned()))
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
    let mut seed = Zeroizing::new(Vec::with_capacity(33));
    reader.by_ref().take(33).read_to_end(&mut seed).map_err(|_| Unseal::Damaged)?;
    let seed = <[u8; 32]>::try_from(seed.as_slice()).map_err(|_| Unseal::Damaged)?;
    Ok(Zeroizing::new(seed))
}

/// Largest scrypt work factor (log2 N) that is tried: 1 GiB of memory, minutes on a weak machine.
const MAX_WORK_FACTOR: u8 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_wrong_passphrase_and_damage() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.key");
        let key = Key::from_seed(&[5; 32]).unwrap();
        let pass = SecretString::from("correct horse".to_owned());
        assert!(matches!(
            key.write(&path, &SecretString::from("short".to_owned())),
            Err(KeyError::TooShort)
        ));
        key.write(&path, &pass).unwrap();
        assert!(matches!(key.write(&path, &pass), Err(KeyError::Exists(_))));
        assert_eq!(read_public(&path).unwrap(), key.public());
        assert_eq!(Key::read(&path, &pass).unwrap().sign(b"x"), key.sign(b"x"));
        let wrong = SecretString::from("wrong horse".to_owned());
        assert!(matches!(Key::read(&path, &wrong), Err(KeyError::Passphrase(_))));
        // Another public key in the label is noticed.
        let other = Key::from_seed(&[6; 32]).unwrap();
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace(&base32(key.public().as_bytes()), &base32(other.public().as_bytes()));
        std::fs::write(&path, text).unwrap();
        assert!(matches!(Key::read(&path, &pass), Err(KeyError::Malformed(_))));
    }
}
