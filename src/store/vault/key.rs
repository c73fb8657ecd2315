//! The key file of an encrypted home: a random key, wrapped under a passphrase.
//!
//! ```text
//! version u32 | Argon2id: KiB u32, passes u32, lanes u32 | salt 16 | nonce 24
//! | wrapped key 32 + 16 | check 8 | random bytes up to 4096
//! ```
//! Numbers are little-endian. The passphrase gives a key by Argon2id (RFC 9106), under which the random key is
//! sealed by XChaCha20-Poly1305 with everything before it as associated data. The check (the start of BLAKE3
//! over what stands before it) tells a damaged file from a wrong passphrase. There is no magic word: the file
//! looks random, and whoever overwrites it overwrites a whole page of the disk.

use super::seal::{KEY_BYTES, Keys, NONCE_BYTES, TAG_BYTES, random};
use crate::durable::{self, Mode};
use crate::store::StoreError;
use crate::store::files::read_own;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Its name in the home.
const FILE: &str = "key";
const VERSION: u32 = 1;
/// Length of the file.
const FILE_BYTES: usize = 4096;
const SALT: usize = 16;
const NONCE: usize = SALT + 16;
const WRAPPED: usize = NONCE + NONCE_BYTES;
const CHECK: usize = WRAPPED + KEY_BYTES + TAG_BYTES;
const END: usize = CHECK + 8;

/// What a guess at the passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The second choice of RFC 9106, for machines with little memory: 64 MiB, three passes, four lanes.
    pub const STANDARD: Self = Self { kib: 64 << 10, passes: 3, lanes: 4 };
    /// The most that a file may ask for: a changed file must not exhaust the machine.
    const MOST: Self = Self { kib: 1 << 20, passes: 64, lanes: 16 };

    fn fits(self) -> bool {
        let (most, lanes) = (Self::MOST, self.lanes);
        self.kib <= most.kib && self.passes <= most.passes && lanes <= most.lanes
    }
}

/// Where the key file of a home is.
pub fn path(home: &Path) -> PathBuf {
    home.join(FILE)
}

/// True when a home has a key file: it is an encrypted one.
pub fn exists(home: &Path) -> bool {
    std::fs::symlink_metadata(path(home)).is_ok()
}

/// True when the key file is one, and whole: no passphrase is needed for that.
pub fn is_right(home: &Path) -> bool {
    read(home).is_ok_and(|file| is_whole(&file))
}

fn is_whole(file: &[u8]) -> bool {
    file.len() == FILE_BYTES
        && file[CHECK..END] == blake3::hash(&file[..CHECK]).as_bytes()[..END - CHECK]
}

/// Makes a new random key under a passphrase. Durable when it returns.
///
/// # Errors
/// When there is a key file already, or the file system or the source of random numbers refuses.
pub fn create(home: &Path, passphrase: &[u8], cost: Cost) -> Result<Keys, StoreError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    random(&mut *key)?;
    let file = wrap(&key, passphrase, cost)?;
    let path = path(home);
    durable::write_new(&path, &file, Mode::Private)
        .map_err(|error| StoreError::io(format!("write {}", path.display()), error))?;
    Ok(Keys::derive(&key))
}

/// Opens the key of a home.
///
/// # Errors
/// [`StoreError::WrongPassphrase`], which says no more than that; [`StoreError::Damaged`] for a file that is
/// no key file (any more); otherwise when it cannot be read.
pub fn open(home: &Path, passphrase: &[u8]) -> Result<Keys, StoreError> {
    Ok(Keys::derive(&*unwrap(&read(home)?, passphrase)?))
}

/// Puts the same key under another passphrase. The file before is overwritten.
///
/// # Errors
/// As [`open`] and [`create`]. The old passphrase is then still the right one, unless only the overwriting
/// failed.
pub fn change(home: &Path, old: &[u8], new: &[u8], cost: Cost) -> Result<(), StoreError> {
    let path = path(home);
    let failed = |error| StoreError::io(format!("replace {}", path.display()), error);
    let key = unwrap(&read(home)?, old)?;
    let file = wrap(&key, new, cost)?;
    // Opened before its name goes to the new one.
    let mut before = OpenOptions::new().write(true).open(&path).map_err(failed)?;
    durable::write_atomic(&path, &file, Mode::Private).map_err(failed)?;
    overwrite(&mut before).map_err(failed)
}

/// Overwrites and removes the key file, and what a killed writing left of one: without it nothing that was
/// sealed can be read, whoever knows the passphrase. Returns whether there was one. Flash memory may keep the old
/// bytes in places that no program reaches.
///
/// # Errors
/// When the file system refuses; what could be destroyed is destroyed all the same.
pub fn destroy(home: &Path) -> io::Result<bool> {
    // The key itself first, and nothing that goes wrong keeps the rest from going.
    let key = destroy_file(&path(home));
    let rest = left_overs(home).map(|all| all.iter().map(|path| destroy_file(path)).collect());
    let rest: Vec<io::Result<bool>> = rest.unwrap_or_else(|error| vec![Err(error)]);
    let mut found = false;
    for one in std::iter::once(key).chain(rest) {
        found |= one?;
    }
    Ok(found)
}

/// Overwrites a file and takes its name away: the name also when it cannot be overwritten (a full disk, a file that
/// is not writable), which is then the error.
fn destroy_file(path: &Path) -> io::Result<bool> {
    let overwritten = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
        // Made by nobody of ours; it holds no key.
        Ok(meta) if meta.is_dir() => return Ok(false),
        // What a link leads to is not ours.
        Ok(meta) if !meta.is_file() => Ok(()),
        Ok(_) => {
            OpenOptions::new().write(true).open(path).and_then(|mut file| overwrite(&mut file))
        }
    };
    durable::remove_durable(path)?;
    overwritten.map(|()| true)
}

fn left_overs(home: &Path) -> io::Result<Vec<PathBuf>> {
    match durable::temps(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

fn overwrite(file: &mut std::fs::File) -> io::Result<()> {
    let mut noise = vec![0; FILE_BYTES];
    getrandom::fill(&mut noise).map_err(io::Error::other)?;
    file.write_all(&noise)?;
    file.sync_all()
}

fn read(home: &Path) -> Result<Vec<u8>, StoreError> {
    let path = path(home);
    let bytes = read_own(&path, FILE_BYTES)?;
    bytes.ok_or_else(|| StoreError::Damaged(format!("{} is not there", path.display())))
}

/// The key of the passphrase.
fn stretch(
    passphrase: &[u8],
    salt: &[u8],
    cost: Cost,
) -> Result<Zeroizing<[u8; KEY_BYTES]>, StoreError> {
    let odd = |_| StoreError::Damaged("the key file asks for what cannot be".into());
    let params = Params::new(cost.kib, cost.passes, cost.lanes, Some(KEY_BYTES)).map_err(odd)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, &mut *key)
        .map_err(odd)?;
    Ok(key)
}

fn wrap(key: &[u8; KEY_BYTES], passphrase: &[u8], cost: Cost) -> Result<Vec<u8>, StoreError> {
    let mut file = vec![0; FILE_BYTES];
    random(&mut file)?;
    let numbers = [VERSION, cost.kib, cost.passes, cost.lanes];
    for (place, number) in file.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    let under = stretch(passphrase, &file[SALT..NONCE], cost)?;
    let cipher = XChaCha20Poly1305::new((&*under).into());
    let (head, rest) = file.split_at_mut(WRAPPED);
    rest[..KEY_BYTES].copy_from_slice(key);
    let nonce = chacha20poly1305::XNonce::from_slice(&head[NONCE..]);
    let tag = cipher
        .encrypt_in_place_detached(nonce, head, &mut rest[..KEY_BYTES])
        .map_err(|_| StoreError::Damaged("the key could not be wrapped".into()))?;
    rest[KEY_BYTES..KEY_BYTES + TAG_BYTES].copy_from_slice(&tag);
    let check = blake3::hash(&file[..CHECK]);
    file[CHECK..END].copy_from_slice(&check.as_bytes()[..END - CHECK]);
    Ok(file)
}

fn unwrap(file: &[u8], passphrase: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, StoreError> {
    let damaged = || StoreError::Damaged("the key file of this home".into());
    if !is_whole(file) {
        return Err(damaged());
    }
    let number = |at: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&file[at * 4..at * 4 + 4]);
        u32::from_le_bytes(bytes)
    };
    if number(0) != VERSION {
        return Err(StoreError::Newer(number(0).into()));
    }
    let cost = Cost { kib: number(1), passes: number(2), lanes: number(3) };
    if !cost.fits() {
        return Err(damaged());
    }
    let under = stretch(passphrase, &file[SALT..NONCE], cost)?;
    let cipher = XChaCha20Poly1305::new((&*under).into());
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    key.copy_from_slice(&file[WRAPPED..WRAPPED + KEY_BYTES]);
    let tag = chacha20poly1305::Tag::from_slice(&file[WRAPPED + KEY_BYTES..CHECK]);
    let nonce = chacha20poly1305::XNonce::from_slice(&file[NONCE..WRAPPED]);
    cipher
        .decrypt_in_place_detached(nonce, &file[..WRAPPED], &mut *key, tag)
        .map_err(|_| StoreError::WrongPassphrase)?;
    Ok(key)
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
