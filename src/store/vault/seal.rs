//! The keys of an open encrypted home, and what is sealed under them.
//!
//! Everything is XChaCha20-Poly1305 with a fresh random nonce, under keys that BLAKE3 derives from the one key of
//! the home: one for the heads of records, one for their data, one for the files of archives, one for names.

use crate::store::StoreError;
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use std::sync::Mutex;
use zeroize::Zeroizing;

/// Length of every key.
pub const KEY_BYTES: usize = 32;
/// Length of a nonce.
pub const NONCE_BYTES: usize = 24;
/// Length of a tag.
pub const TAG_BYTES: usize = 16;

/// Random bytes of the system.
pub fn random(out: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(out)
        .map_err(|error| StoreError::io("get random numbers", std::io::Error::other(error)))
}

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Head of a record.
    Head,
    /// Data of a record.
    Data,
    /// A file of an archive.
    File,
}

/// The keys. Wiped when dropped, and kept out of the swap file where the system allows that.
pub struct Keys {
    secrets: Box<Secrets>,
    /// Given up after the keys are wiped. In a mutex because it may be moved between threads, not shared.
    _in_memory: Mutex<Option<region::LockGuard>>,
}

struct Secrets {
    head: XChaCha20Poly1305,
    data: XChaCha20Poly1305,
    file: XChaCha20Poly1305,
    names: Zeroizing<[u8; KEY_BYTES]>,
}

impl Keys {
    /// The keys that follow from the key of a home.
    pub fn derive(key: &[u8; KEY_BYTES]) -> Self {
        let one = |context: &str| Zeroizing::new(blake3::derive_key(context, key));
        let cipher = |context: &str| XChaCha20Poly1305::new((&*one(context)).into());
        let secrets = Box::new(Secrets {
            head: cipher("yadgar 2026-11 encrypted home: heads of records"),
            data: cipher("yadgar 2026-11 encrypted home: data of records"),
            file: cipher("yadgar 2026-11 encrypted home: files of archives"),
            names: one("yadgar 2026-11 encrypted home: names of files"),
        });
        // A system that does not allow it still has no dump and no swap file to speak of.
        let locked = region::lock(&raw const *secrets, size_of::<Secrets>()).ok();
        Self { secrets, _in_memory: Mutex::new(locked) }
    }

    fn cipher(&self, what: Sealed) -> &XChaCha20Poly1305 {
        match what {
            Sealed::Head => &self.secrets.head,
            Sealed::Data => &self.secrets.data,
            Sealed::File => &self.secrets.file,
        }
    }

    /// Seals `bytes` in place; the tag is returned.
    pub fn seal(
        &self,
        what: Sealed,
        nonce: &[u8; NONCE_BYTES],
        bound: &[u8],
        bytes: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], StoreError> {
        let tag =
            self.cipher(what).encrypt_in_place_detached(XNonce::from_slice(nonce), bound, bytes);
        // Only for more bytes than any record has.
        Ok(tag.map_err(|_| StoreError::NotABlock("too long to be sealed"))?.into())
    }

    /// Opens `bytes` in place; false when not a bit of it can be relied on.
    pub fn open(
        &self,
        what: Sealed,
        nonce: &[u8; NONCE_BYTES],
        bound: &[u8],
        bytes: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> bool {
        let (nonce, tag) = (XNonce::from_slice(nonce), Tag::from_slice(tag));
        self.cipher(what).decrypt_in_place_detached(nonce, bound, bytes, tag).is_ok()
    }

    /// A name that tells nothing without the key.
    pub fn name(&self, parts: &[&[u8]]) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.secrets.names);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flip_and_every_other_use_is_noticed() {
        let (keys, other) = (Keys::derive(&[1; 32]), Keys::derive(&[2; 32]));
        let mut bytes = b"what is read".to_vec();
        let tag = keys.seal(Sealed::Data, &[3; 24], b"place", &mut bytes).unwrap();
        let open = |keys: &Keys, what, nonce, bound: &[u8], mut bytes: Vec<u8>, tag| {
            keys.open(what, &nonce, bound, &mut bytes, &tag).then_some(bytes)
        };
        let good = open(&keys, Sealed::Data, [3; 24], b"place", bytes.clone(), tag);
        assert_eq!(good.unwrap(), b"what is read");
        assert!(open(&other, Sealed::Data, [3; 24], b"place", bytes.clone(), tag).is_none());
        assert!(open(&keys, Sealed::File, [3; 24], b"place", bytes.clone(), tag).is_none());
        assert!(open(&keys, Sealed::Data, [4; 24], b"place", bytes.clone(), tag).is_none());
        assert!(open(&keys, Sealed::Data, [3; 24], b"plac3", bytes.clone(), tag).is_none());
        for at in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(open(&keys, Sealed::Data, [3; 24], b"place", bad, tag).is_none());
        }
    }

    #[test]
    fn names_depend_on_the_key_and_on_every_part() {
        let keys = Keys::derive(&[1; 32]);
        let name = keys.name(&[b"ab", b"c"]);
        assert_eq!(name.len(), 32);
        assert_eq!(name, keys.name(&[b"ab", b"c"]));
        assert_ne!(name, keys.name(&[b"a", b"bc"]));
        assert_ne!(name, Keys::derive(&[2; 32]).name(&[b"ab", b"c"]));
    }
}
