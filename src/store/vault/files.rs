//! Files of archives, sealed, under names that tell nothing.
//!
//! ```text
//! file   nonce 24 | length u32, archive 32, length of the name u8, name, content, zeros: sealed | tag 16
//! ```
//! The name of the file on the disk is bound to it. Lengths are padded, so that they tell little.

use super::seal::{Keys, NONCE_BYTES, Sealed, TAG_BYTES, random};
use crate::durable::{self, Mode};
use crate::store::StoreError;
use crate::store::files::{StateFiles, read_own};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use yadgar_protocol::{ArchiveId, Hash};

/// Length in front of the name and the content.
const PREFIX: usize = 4 + 32 + 1;
/// Lengths are multiples of this, those of long files of the other.
const PAD: (usize, usize) = (4 << 10, 64 << 10);
/// The longest file that is looked at when a home is opened.
const MAX_BYTES: usize = 128 << 20;

/// Files in a folder of an encrypted home.
#[derive(Debug)]
pub struct SealedFiles {
    dir: PathBuf,
    keys: Arc<Keys>,
    /// The files that are here, by what they are.
    known: Mutex<BTreeSet<(ArchiveId, String)>>,
}

impl SealedFiles {
    /// Opens the folder, creating it when there is none, and removes what killed writes left.
    ///
    /// # Errors
    /// When the file system refuses. A damaged file is told when it is asked for.
    pub fn open(dir: &Path, keys: Arc<Keys>) -> Result<Self, StoreError> {
        let io = |error| StoreError::io(format!("open {}", dir.display()), error);
        durable::create_dir_durable(dir).map_err(io)?;
        durable::clean_temps(dir).map_err(io)?;
        let mut known = BTreeSet::new();
        for entry in std::fs::read_dir(dir).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            let Some(name) = name.to_str().filter(|name| is_name(name)) else { continue };
            let found = read_own(&dir.join(name), MAX_BYTES).ok().flatten();
            match found.and_then(|bytes| unseal(&keys, name, bytes)) {
                Some((id, of, _)) => drop(known.insert((id, of))),
                None => tracing::warn!(name, "a file of the home is damaged"),
            }
        }
        Ok(Self { dir: dir.to_owned(), keys, known: Mutex::new(known) })
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<(ArchiveId, String)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, id: &ArchiveId, name: &str) -> String {
        self.keys.name(&[&id.0.0, name.as_bytes()])
    }
}

/// True for a name that files of these folders have.
pub fn is_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// True for the name and the length of such a file.
pub fn may_be(name: &str, len: u64) -> bool {
    let padded = len.checked_sub((NONCE_BYTES + TAG_BYTES) as u64);
    is_name(name) && padded.is_some_and(|len| len > 0 && len.is_multiple_of(PAD.0 as u64))
}

impl StateFiles for SealedFiles {
    fn list(&self) -> Result<Vec<ArchiveId>, StoreError> {
        let mut ids: Vec<_> = self.known().iter().map(|(id, _)| *id).collect();
        ids.dedup();
        Ok(ids)
    }

    fn read(&self, id: &ArchiveId, name: &str, max: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let (file, path) = (self.name(id, name), self.path(id, name));
        let damaged = || StoreError::Damaged(path.display().to_string());
        let most = NONCE_BYTES + padded(PREFIX + name.len() + max) + TAG_BYTES;
        let Some(bytes) = read_own(&path, most)? else { return Ok(None) };
        match unseal(&self.keys, &file, bytes) {
            Some((of, called, content)) if of == *id && called == name && content.len() <= max => {
                Ok(Some(content))
            }
            _ => Err(damaged()),
        }
    }

    fn write(&self, id: &ArchiveId, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(id, name);
        let sealed = seal(&self.keys, &self.name(id, name), id, name, bytes)?;
        durable::write_atomic(&path, &sealed, Mode::Private)
            .map_err(|error| StoreError::io(format!("write {}", path.display()), error))?;
        self.known().insert((*id, name.to_owned()));
        Ok(())
    }

    fn remove(&self, id: &ArchiveId, name: &str) -> Result<(), StoreError> {
        let path = self.path(id, name);
        durable::remove_durable(&path)
            .map_err(|error| StoreError::io(format!("remove {}", path.display()), error))?;
        self.known().remove(&(*id, name.to_owned()));
        Ok(())
    }

    fn path(&self, id: &ArchiveId, name: &str) -> PathBuf {
        self.dir.join(self.name(id, name))
    }
}

fn padded(len: usize) -> usize {
    len.next_multiple_of(if len < PAD.1 { PAD.0 } else { PAD.1 })
}

fn seal(
    keys: &Keys,
    file: &str,
    id: &ArchiveId,
    name: &str,
    content: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let too_long = |_| StoreError::NotABlock("a file of an archive that is too long");
    let len = u32::try_from(content.len()).map_err(too_long)?;
    let name_len = u8::try_from(name.len()).map_err(too_long)?;
    let mut out = vec![0; NONCE_BYTES];
    random(&mut out)?;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&id.0.0);
    out.push(name_len);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(content);
    out.resize(NONCE_BYTES + padded(out.len() - NONCE_BYTES), 0);
    let (nonce, plain) = out.split_at_mut(NONCE_BYTES);
    let nonce = nonce.first_chunk().unwrap_or(&[0; NONCE_BYTES]);
    let tag = keys.seal(Sealed::File, nonce, file.as_bytes(), plain)?;
    out.extend_from_slice(&tag);
    Ok(out)
}

/// The archive, the name and the content; `None` when not every bit is right.
fn unseal(keys: &Keys, file: &str, mut bytes: Vec<u8>) -> Option<(ArchiveId, String, Vec<u8>)> {
    let nonce: [u8; NONCE_BYTES] = *bytes.first_chunk()?;
    let tag: [u8; TAG_BYTES] = *bytes.last_chunk()?;
    let end = bytes.len().checked_sub(TAG_BYTES)?;
    let plain = bytes.get_mut(NONCE_BYTES..end)?;
    if !keys.open(Sealed::File, &nonce, file.as_bytes(), plain, &tag) {
        return None;
    }
    let (len, rest) = plain.split_first_chunk::<4>()?;
    let (id, rest) = rest.split_first_chunk::<32>()?;
    let (name_len, rest) = rest.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*name_len))?;
    let content = rest.get(..u32::from_le_bytes(*len) as usize)?;
    let name = std::str::from_utf8(name).ok()?;
    Some((ArchiveId(Hash(*id)), name.to_owned(), content.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flip_is_damage_and_no_length_tells_much() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Arc::new(Keys::derive(&[5; 32]));
        let files = SealedFiles::open(dir.path(), keys.clone()).unwrap();
        let id = ArchiveId(Hash([1; 32]));
        files.write(&id, "state", b"what is trusted").unwrap();
        files.write(&id, "settings.json", &[b'x'; 3000]).unwrap();
        files.write(&id, "acts", &[b'x'; 4090]).unwrap();
        let len = |name| std::fs::metadata(files.path(&id, name)).unwrap().len();
        assert_eq!(len("state"), len("settings.json"));
        assert_eq!(len("acts"), len("state") + 4096);
        let path = files.path(&id, "state");
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len() * 8).step_by(7) {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            std::fs::write(&path, bad).unwrap();
            let error = files.read(&id, "state", 100).unwrap_err();
            assert!(matches!(error, StoreError::Damaged(_)));
        }
        // One file in the place of another, and one of another home.
        std::fs::copy(files.path(&id, "acts"), &path).unwrap();
        assert!(matches!(files.read(&id, "state", 5000), Err(StoreError::Damaged(_))));
        std::fs::write(&path, &good).unwrap();
        assert_eq!(files.read(&id, "state", 100).unwrap().unwrap(), b"what is trusted");
        let other = SealedFiles::open(dir.path(), Arc::new(Keys::derive(&[6; 32]))).unwrap();
        assert_eq!(other.list().unwrap(), []);
        let again = SealedFiles::open(dir.path(), keys).unwrap();
        assert_eq!(again.list().unwrap(), [id]);
        assert_eq!(again.read(&id, "state", 100).unwrap().unwrap(), b"what is trusted");
    }

    /// A link would lead out of the home, a pipe would never end.
    #[test]
    fn what_is_no_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Arc::new(Keys::derive(&[5; 32]));
        let files = SealedFiles::open(dir.path(), keys.clone()).unwrap();
        let id = ArchiveId(Hash([1; 32]));
        files.write(&id, "state", b"what is trusted").unwrap();
        let (path, away) = (files.path(&id, "state"), dir.path().join("elsewhere"));
        std::fs::rename(&path, &away).unwrap();
        std::os::unix::fs::symlink(&away, &path).unwrap();
        assert!(matches!(files.read(&id, "state", 100), Err(StoreError::Damaged(_))));
        assert_eq!(SealedFiles::open(dir.path(), keys.clone()).unwrap().list().unwrap(), []);
        std::fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(matches!(files.read(&id, "state", 100), Err(StoreError::Damaged(_))));
        assert_eq!(SealedFiles::open(dir.path(), keys).unwrap().list().unwrap(), []);
    }

    #[test]
    fn names_tell_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let files = SealedFiles::open(dir.path(), Arc::new(Keys::derive(&[5; 32]))).unwrap();
        let id = ArchiveId(Hash([1; 32]));
        files.write(&id, "state", b"x").unwrap();
        let name = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().file_name();
        let name = name.to_str().unwrap();
        assert!(is_name(name) && !id.0.to_hex().contains(&name[..8]), "{name}");
    }
}
