//! A small file that one stage has read is given to the next: what was looked at is what is published, and nothing is
//! read twice.

use super::stamp::Stamp;
use super::walk::Found;
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use yadgar_protocol::Hash;

/// Bytes of all readings of a folder that are kept at most: 64 MiB. The files beyond are read again.
const MAX_BYTES: usize = 64 << 20;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Of these bytes.
    pub hash: Hash,
    /// By which it will be known, unless it was changed too short a time before.
    pub stamp: Option<Stamp>,
}

/// What must be the same before and after a file was read. A new link to it or other rights change its `ctime` alone.
pub fn bytes_of(stamp: &Stamp) -> (u64, (i64, u32)) {
    (stamp.size, stamp.mtime)
}

/// True when an open file is the one that was found, and any change after `now` will show.
pub fn is_sure(found: &Found, before: &Stamp, now: SystemTime) -> bool {
    // The walk told that times can be relied on there; of a file in its place that is to be told again.
    found.stamp == Some(*before) && before.is_settled(now)
}

/// Reads a file of which `size` bytes are expected, and one more if there is one.
///
/// # Errors
/// When it cannot be read.
pub fn read_small(file: &mut File, size: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; size + 1];
    let mut filled = 0;
    // Whether it has grown is seen by its stamp, once it was read.
    while filled < size.max(1) {
        match file.read(bytes.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// How much is kept.
#[derive(Debug, Default)]
pub struct Room(AtomicUsize);

impl Room {
    /// Keeps what was read of an open file since it had the stamp `before`, if it has not changed meanwhile, is what was
    /// found, and there is room.
    ///
    /// # Errors
    /// When the system does not tell about the file.
    pub fn keep(
        &self,
        found: &Found,
        (file, before): (&File, &Stamp),
        (bytes, hash): (Vec<u8>, Hash),
        now: SystemTime,
    ) -> std::io::Result<Option<Reading>> {
        let after = Stamp::of_open(file)?;
        let size = bytes.len() as u64;
        let same =
            size == before.size && size == found.size && bytes_of(&after) == bytes_of(before);
        if !same || !self.takes(bytes.len()) {
            return Ok(None);
        }
        let sure = after == *before && is_sure(found, before, now);
        Ok(Some(Reading { bytes, hash, stamp: sure.then_some(*before) }))
    }

    fn takes(&self, bytes: usize) -> bool {
        let more = |held: usize| held.checked_add(bytes).filter(|held| *held <= MAX_BYTES);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::walk::walk;
    use std::time::Duration;

    #[test]
    fn only_what_did_not_change_and_has_room_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        std::fs::write(&path, b"four").unwrap();
        let found = walk(dir.path(), false).unwrap().files.remove(0);
        let later = SystemTime::now() + Duration::from_secs(60);
        let keep = |room: &Room, bytes: &[u8], now, change: &dyn Fn()| {
            let (file, before) = found.opened().unwrap();
            change();
            let read = (bytes.to_vec(), Hash::of(bytes));
            room.keep(&found, (&file, &before), read, now).unwrap()
        };
        let room = Room::default();
        let kept = keep(&room, b"four", later, &|| ()).unwrap();
        assert_eq!((kept.bytes.as_slice(), kept.stamp), (&b"four"[..], found.stamp));
        let soon = keep(&room, b"four", SystemTime::UNIX_EPOCH, &|| ()).unwrap();
        assert_eq!(soon.stamp, None, "it may change without being seen to");
        assert_eq!(keep(&room, b"fou", later, &|| ()), None);
        assert_eq!(keep(&Room(AtomicUsize::new(MAX_BYTES - 3)), b"four", later, &|| ()), None);
        let grown = keep(&room, b"four", later, &|| std::fs::write(&path, b"longer").unwrap());
        assert_eq!(grown, None);
        // Longer than it was found.
        assert_eq!(keep(&room, b"longer", later, &|| ()), None);
    }

    #[test]
    fn all_is_read_and_growth_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        for bytes in [&b""[..], b"a", b"four"] {
            std::fs::write(&path, bytes).unwrap();
            let read = |size| read_small(&mut File::open(&path).unwrap(), size).unwrap();
            assert_eq!(read(bytes.len()), bytes);
            assert_eq!(read(bytes.len() + 5), bytes, "shorter than expected");
            if bytes.len() > 1 {
                assert_eq!(read(bytes.len() - 1), bytes, "longer than expected");
            }
        }
    }
}
