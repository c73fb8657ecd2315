//! A signing key on paper (spec: key-paper.md): sealed under the passphrase, as words and as a QR code.

mod page;
mod words;

pub use page::{html, plain};
pub use words::{from_words, to_words};
pub use yadgar_protocol::words::WordsError;

use super::keys::Key;
use age::secrecy::{ExposeSecret, SecretString};
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use yadgar_protocol::ids::{PublicKey, base32, from_base32};
use zeroize::Zeroizing;

/// Length of a sealed key.
pub const SEALED_BYTES: usize = 72;
/// Bytes in front of the ciphertext: version, log2 N, key mark, salt.
const HEADER_BYTES: usize = 24;
const VERSION: u8 = 1;
/// log2 of scrypt's N in sheets made today: 128 MiB, about a second.
pub const LOG_N: u8 = 17;
/// What a sheet may ask for.
const ALLOWED_LOG_N: std::ops::RangeInclusive<u8> = 10..=20;
const QR_PREFIX: &str = "YADGAR-KEY-1:";
/// Longest text of a QR code that is looked at.
const MAX_QR_CHARS: usize = 1024;

/// Why a sheet gives no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaperError {
    /// The words are wrong.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The text is not that of a key's QR code, or damaged.
    #[error("this is not the text of a key's QR code, or it is damaged")]
    Qr,
    /// The sheet was made by a newer program.
    #[error("this sheet is of a newer format than this program knows")]
    Newer,
    /// Numbers that no sheet has.
    #[error("this sheet asks for an impossible amount of work")]
    Cost,
    /// The passphrase does not open it.
    #[error("wrong passphrase for this sheet")]
    Passphrase,
    /// The key inside is not the one that the sheet or the user named.
    #[error("the key on this sheet is not the key {0}")]
    OtherKey(String),
}

/// A key as it stands on paper: sealed, so that it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet(pub [u8; SEALED_BYTES]);

impl Sheet {
    /// Seals a key under a passphrase. `salt` must be random and used once; `log_n` is [`LOG_N`].
    ///
    /// # Errors
    /// `Cost` for a `log_n` that no reader takes.
    pub fn seal(
        key: &Key,
        passphrase: &SecretString,
        salt: [u8; 16],
        log_n: u8,
    ) -> Result<Self, PaperError> {
        let mut sealed = [0; SEALED_BYTES];
        sealed[0] = VERSION;
        sealed[1] = log_n;
        sealed[2..8].copy_from_slice(&mark(&key.public()));
        sealed[8..HEADER_BYTES].copy_from_slice(&salt);
        let cipher = cipher(&sealed, passphrase)?;
        let mut seed = key.seed();
        let tag = cipher
            .encrypt_in_place_detached(&Nonce::default(), &associated(&sealed), &mut *seed)
            .map_err(|_| PaperError::Cost)?;
        // Encrypted in its place: no longer a seed.
        sealed[HEADER_BYTES..56].copy_from_slice(&*seed);
        sealed[56..].copy_from_slice(&tag);
        Ok(Self(sealed))
    }

    /// Opens it, and checks that the key fits what the sheet names.
    ///
    /// # Errors
    /// See [`PaperError`].
    pub fn open(&self, passphrase: &SecretString) -> Result<Key, PaperError> {
        let cipher = cipher(&self.0, passphrase)?;
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(&self.0[HEADER_BYTES..56]);
        let tag = Tag::clone_from_slice(&self.0[56..]);
        cipher
            .decrypt_in_place_detached(&Nonce::default(), &associated(&self.0), &mut *seed, &tag)
            .map_err(|_| PaperError::Passphrase)?;
        let other = || PaperError::OtherKey(format!("{}...", self.key_mark()));
        let key = Key::from_seed(&seed).map_err(|_| other())?;
        if mark(&key.public()) != self.0[2..8] { Err(other()) } else { Ok(key) }
    }

    /// The beginning of the id of the key, 9 characters: known without the passphrase.
    pub fn key_mark(&self) -> String {
        base32(&self.0[2..8])[..9].to_owned()
    }

    /// Refuses sheets of newer programs and impossible ones, before anybody types a passphrase.
    ///
    /// # Errors
    /// `Newer`, `Cost`.
    pub fn check(&self) -> Result<(), PaperError> {
        match (self.0[0], self.0[1]) {
            (VERSION, log_n) if ALLOWED_LOG_N.contains(&log_n) => Ok(()),
            (VERSION, _) => Err(PaperError::Cost),
            _ => Err(PaperError::Newer),
        }
    }

    /// The text of the QR code (PAPER-8).
    pub fn qr_text(&self, public: &PublicKey) -> String {
        let text = format!("{QR_PREFIX}{}:{}", base32(public.as_bytes()), base32(&self.0));
        let text = text.to_uppercase();
        let check = check_text(&text);
        format!("{text}:{check}")
    }

    /// Reads the text of a QR code; gives the public key too.
    ///
    /// # Errors
    /// See [`PaperError`].
    pub fn from_qr_text(text: &str) -> Result<(Self, PublicKey), PaperError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).take(MAX_QR_CHARS).collect();
        let text = text.to_uppercase();
        let parse = || {
            let (front, check) = text.rsplit_once(':')?;
            let (public, sealed) = front.strip_prefix(QR_PREFIX)?.split_once(':')?;
            let bytes = |text: &str| from_base32(&text.to_lowercase());
            let public = PublicKey::from_bytes(bytes(public)?.try_into().ok()?).ok()?;
            let sheet = Self(bytes(sealed)?.try_into().ok()?);
            (check == check_text(front)).then_some((sheet, public))
        };
        let (sheet, public) = parse().ok_or(PaperError::Qr)?;
        sheet.check()?;
        if mark(&public) != sheet.0[2..8] {
            return Err(PaperError::OtherKey(public.key_id()));
        }
        Ok((sheet, public))
    }
}

fn check_text(front: &str) -> String {
    let hash = blake3::derive_key("yadgar 2026 key paper check", front.as_bytes());
    base32(&hash[..5]).to_uppercase()
}

/// First bytes of the hash of ID-5.
fn mark(public: &PublicKey) -> [u8; 6] {
    let hash = blake3::derive_key("yadgar 2026 key id", public.as_bytes());
    std::array::from_fn(|i| hash[i])
}

fn associated(sealed: &[u8; SEALED_BYTES]) -> Vec<u8> {
    [b"yadgar 2026 key paper", &sealed[..HEADER_BYTES]].concat()
}

fn cipher(
    sealed: &[u8; SEALED_BYTES],
    passphrase: &SecretString,
) -> Result<ChaCha20Poly1305, PaperError> {
    Sheet(*sealed).check()?;
    let params = scrypt::Params::new(sealed[1], 8, 1, 32).map_err(|_| PaperError::Cost)?;
    let mut key = Zeroizing::new([0; 32]);
    let text = passphrase.expose_secret().as_bytes();
    scrypt::scrypt(text, &sealed[8..HEADER_BYTES], &params, &mut *key)
        .map_err(|_| PaperError::Cost)?;
    ChaCha20Poly1305::new_from_slice(&*key).map_err(|_| PaperError::Cost)
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
