//! What was signed in this home, so that nobody signs two releases, or two trust roots, of one number by
//! mistake: that would be a fork.
//!
//! ```text
//! archives/ID/signed   numbers and hashes of the drafts that were signed here
//! ```

use crate::durable::{Mode, create_dir_durable, write_atomic};
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use yadgar_protocol::{ArchiveId, Hash, cbor};

/// More than a home signs in a lifetime; the oldest are forgotten first.
const MAX_KEPT: usize = 4096;
const MAX_BYTES: usize = 1 << 20;

/// A draft that was signed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// `release` or `trust-root`.
    pub act: String,
    /// Hash of the payload.
    pub payload: Hash,
    /// Sequence of the release, or version of the trust root.
    pub number: u64,
    /// Version of the trust root under which it was signed.
    pub root_version: u64,
}

fn file(home: &Path, archive: &ArchiveId) -> PathBuf {
    home.join("archives").join(archive.to_string()).join("signed")
}

fn load(home: &Path, archive: &ArchiveId) -> Result<Vec<Signed>> {
    match std::fs::read(file(home, archive)) {
        Ok(bytes) => cbor::decode(&bytes, MAX_BYTES)
            .map_err(|e| Error::new(ErrorKind::InvalidData, format!("what was signed here: {e}"))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// Another draft of the same kind and number that was signed here under the same trust root.
///
/// # Errors
/// When the file cannot be read or is not what [`note`] writes.
pub fn other(home: &Path, archive: &ArchiveId, new: &Signed) -> Result<Option<Hash>> {
    let same = |s: &&Signed| {
        s.act == new.act && s.number == new.number && s.root_version == new.root_version
    };
    let list = load(home, archive)?;
    // The last one counts: it may have been signed in place of the one before.
    let last = list.iter().rev().find(same);
    Ok(last.filter(|s| s.payload != new.payload).map(|s| s.payload))
}

/// Notes that a draft is about to be signed. Durable when it returns.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note(home: &Path, archive: &ArchiveId, new: Signed) -> Result<()> {
    let mut list = load(home, archive)?;
    list.retain(|s| *s != new);
    list.push(new);
    let surplus = list.len().saturating_sub(MAX_KEPT);
    list.drain(..surplus);
    let file = file(home, archive);
    if let Some(folder) = file.parent() {
        create_dir_durable(folder)?;
    }
    write_atomic(&file, &cbor::encode(&list), Mode::Private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_release_of_one_number_is_noticed() {
        let home = tempfile::tempdir().unwrap();
        let archive = ArchiveId(Hash::of(b"a"));
        let signed = |act: &str, number, root_version, payload: &[u8]| Signed {
            act: act.into(),
            payload: Hash::of(payload),
            number,
            root_version,
        };
        let first = signed("release", 7, 1, b"7");
        assert_eq!(other(home.path(), &archive, &first).unwrap(), None);
        note(home.path(), &archive, first.clone()).unwrap();
        assert_eq!(other(home.path(), &archive, &first).unwrap(), None, "the same again");
        let second = signed("release", 7, 1, b"7b");
        assert_eq!(other(home.path(), &archive, &second).unwrap(), Some(first.payload));
        // Another number, kind, trust root or archive is another matter.
        for fine in [
            signed("release", 8, 1, b"x"),
            signed("trust-root", 7, 1, b"x"),
            signed("release", 7, 2, b"x"),
        ] {
            assert_eq!(other(home.path(), &archive, &fine).unwrap(), None);
        }
        assert_eq!(other(home.path(), &ArchiveId(Hash::of(b"b")), &second).unwrap(), None);
        // Signed in its place on purpose: from then on that is the one.
        note(home.path(), &archive, second.clone()).unwrap();
        assert_eq!(other(home.path(), &archive, &second).unwrap(), None);
        assert_eq!(other(home.path(), &archive, &first).unwrap(), Some(second.payload));
    }
}
