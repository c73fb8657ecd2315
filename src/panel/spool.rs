//! A file on its way from the browser: kept until it is taken in, in memory, or in a file that has no name and whose
//! bytes are sealed under a key that is only in this process.

use super::limits::{DISK_RESERVE, MAX_SPOOL_DISK, MAX_SPOOL_MEMORY, SPOOL_PIECE};
use crate::carrier::ReadAt;
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// Bytes that the seal of a piece takes.
const TAG: usize = 16;

/// Where spools are kept.
#[derive(Clone)]
pub struct Place {
    folder: Option<Arc<Path>>,
    /// Bytes of all spools of this place that are in memory.
    used: Arc<AtomicU64>,
}

impl Place {
    /// In memory; all of them together take at most [`MAX_SPOOL_MEMORY`].
    pub fn memory() -> Self {
        Self { folder: None, used: Arc::default() }
    }

    /// In this folder, as files without a name.
    pub fn folder(path: &Path) -> Self {
        Self { folder: Some(path.into()), used: Arc::default() }
    }

    /// Whether nothing is written to the disk.
    pub fn is_memory(&self) -> bool {
        self.folder.is_none()
    }

    /// Bytes for which there is room now, beside what is left free of a disk.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn room(&self) -> io::Result<u64> {
        let Some(folder) = &self.folder else {
            return Ok(MAX_SPOOL_MEMORY.saturating_sub(self.used.load(Ordering::SeqCst)));
        };
        let disk = rustix::fs::statvfs(&**folder)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Ok(free.saturating_sub(DISK_RESERVE).min(MAX_SPOOL_DISK))
    }

    /// An empty spool.
    ///
    /// # Errors
    /// When the file cannot be made, or there is no randomness.
    pub fn spool(&self) -> io::Result<Spool> {
        let kept = match &self.folder {
            None => Kept::Memory { pieces: Vec::new(), used: self.used.clone() },
            Some(folder) => {
                let mut key = Zeroizing::new([0; 32]);
                getrandom::fill(&mut *key).map_err(io::Error::other)?;
                let cipher = Box::new(XChaCha20Poly1305::new((&*key).into()));
                Kept::Sealed { file: tempfile::tempfile_in(folder)?, cipher, pieces: 0 }
            }
        };
        let open = Vec::with_capacity(SPOOL_PIECE);
        Ok(Spool { kept, open, length: 0, last: None })
    }
}

enum Kept {
    Memory { pieces: Vec<Vec<u8>>, used: Arc<AtomicU64> },
    Sealed { file: File, cipher: Box<XChaCha20Poly1305>, pieces: u64 },
}

/// Bytes that were written once, one after another, and are read anywhere.
pub struct Spool {
    kept: Kept,
    /// What is not a whole piece yet.
    open: Vec<u8>,
    length: u64,
    /// The piece that was read last.
    last: Option<(u64, Vec<u8>)>,
}

impl Spool {
    /// Bytes in it.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes at its end.
    ///
    /// # Errors
    /// `StorageFull` when it would be larger than is kept; otherwise what the system says.
    pub fn add(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.room(bytes.len() as u64)?;
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(SPOOL_PIECE - self.open.len()));
            self.open.extend_from_slice(now);
            self.length += now.len() as u64;
            if self.open.len() == SPOOL_PIECE {
                self.seal()?;
            }
            bytes = rest;
        }
        Ok(())
    }

    fn room(&self, more: u64) -> io::Result<()> {
        let fits = match &self.kept {
            Kept::Memory { used, .. } => {
                used.fetch_add(more, Ordering::SeqCst) + more <= MAX_SPOOL_MEMORY || {
                    used.fetch_sub(more, Ordering::SeqCst);
                    false
                }
            }
            Kept::Sealed { .. } => self.length + more <= MAX_SPOOL_DISK,
        };
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn seal(&mut self) -> io::Result<()> {
        let mut piece = std::mem::replace(&mut self.open, Vec::with_capacity(SPOOL_PIECE));
        match &mut self.kept {
            Kept::Memory { pieces, .. } => pieces.push(piece),
            Kept::Sealed { file, cipher, pieces } => {
                let at = *pieces * (SPOOL_PIECE + TAG) as u64;
                piece.reserve_exact(TAG);
                let sealed = cipher.encrypt_in_place(&nonce(*pieces), b"", &mut piece);
                sealed.map_err(|_| io::Error::other("a piece could not be sealed"))?;
                file.write_all_at(&piece, at)?;
                *pieces += 1;
            }
        }
        Ok(())
    }

    fn whole(&self) -> u64 {
        match &self.kept {
            Kept::Memory { pieces, .. } => pieces.len() as u64,
            Kept::Sealed { pieces, .. } => *pieces,
        }
    }

    /// Reads a sealed piece into `last`.
    fn unseal(&mut self, number: u64) -> io::Result<()> {
        let Kept::Sealed { file, cipher, .. } = &self.kept else { return Ok(()) };
        if self.last.as_ref().is_some_and(|(known, _)| *known == number) {
            return Ok(());
        }
        let mut piece = vec![0; SPOOL_PIECE + TAG];
        file.read_exact_at(&mut piece, number * (SPOOL_PIECE + TAG) as u64)?;
        let opened = cipher.decrypt_in_place(&nonce(number), b"", &mut piece);
        opened.map_err(|_| io::Error::other("a piece does not read back"))?;
        self.last = Some((number, piece));
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Kept::Memory { used, .. } = &self.kept {
            used.fetch_sub(self.length, Ordering::SeqCst);
        }
    }
}

/// The key is used for one spool, each number for one piece of it.
fn nonce(number: u64) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce.into()
}

impl ReadAt for Spool {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let (number, within) = (at / SPOOL_PIECE as u64, (at % SPOOL_PIECE as u64) as usize);
        if at >= self.length {
            return Ok(0);
        }
        if number < self.whole() {
            self.unseal(number)?;
        }
        let piece: &[u8] = match &self.kept {
            _ if number >= self.whole() => &self.open,
            Kept::Memory { pieces, .. } => {
                pieces.get(usize::try_from(number).unwrap_or(usize::MAX)).map_or(&[], Vec::as_slice)
            }
            Kept::Sealed { .. } => self.last.as_ref().map_or(&[], |(_, piece)| piece.as_slice()),
        };
        let rest = piece.get(within..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(spool: &mut Spool) -> Vec<u8> {
        let (mut out, mut buffer) = (Vec::new(), vec![0; 10_000]);
        loop {
            match spool.read_at(out.len() as u64, &mut buffer).unwrap() {
                0 => return out,
                count => out.extend_from_slice(&buffer[..count]),
            }
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let dir = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..SPOOL_PIECE * 3 + 77).map(|n| (n % 251) as u8).collect();
        for place in [Place::memory(), Place::folder(dir.path())] {
            let mut spool = place.spool().unwrap();
            for piece in bytes.chunks(7919) {
                spool.add(piece).unwrap();
            }
            assert_eq!(spool.length(), bytes.len() as u64);
            assert!(all(&mut spool) == bytes);
            assert_eq!(spool.read_at(SPOOL_PIECE as u64 * 2 - 1, &mut [0; 2]).unwrap(), 1);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "it has no name");
    }

    /// What is on the disk is read through the handle, where its name cannot be had.
    #[test]
    fn nothing_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Place::folder(dir.path()).spool().unwrap();
        let text = b"a name that must not be found ".repeat(5000);
        spool.add(&text).unwrap();
        let Kept::Sealed { file, .. } = &spool.kept else { panic!() };
        let mut disk = vec![0; file.metadata().unwrap().len() as usize];
        file.read_exact_at(&mut disk, 0).unwrap();
        assert!(disk.len() > SPOOL_PIECE);
        assert!(memchr::memmem::find(&disk, b"must not be found").is_none());
    }

    #[test]
    fn memory_is_bounded_over_all_of_them() {
        let place = Place::memory();
        let first = place.spool().unwrap();
        first.room(MAX_SPOOL_MEMORY).unwrap();
        let mut second = place.spool().unwrap();
        assert_eq!(second.add(b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(place.room().unwrap(), 0);
    }

    #[test]
    fn some_of_the_disk_is_left_free() {
        let dir = tempfile::tempdir().unwrap();
        let disk = rustix::fs::statvfs(dir.path()).unwrap();
        let room = Place::folder(dir.path()).room().unwrap();
        assert!(room <= MAX_SPOOL_DISK && room <= disk.f_blocks * disk.f_frsize - DISK_RESERVE);
        assert!(Place::folder(&dir.path().join("nothing")).room().is_err());
    }
}
