//! This very program as a file that guests can take.

use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use yadgar_protocol::Hash;

/// Bytes read at a time while hashing.
const PIECE: usize = 1 << 20;

/// The running program's file. It is held open, so that what is sent is what was hashed also when the file is
/// replaced meanwhile.
#[derive(Debug)]
pub struct Program {
    file: File,
    /// Its length in bytes.
    pub length: u64,
    /// BLAKE3, as `b3sum` prints it.
    pub blake3: Hash,
    /// SHA-256 in hex, as `sha256sum` prints it.
    pub sha256: String,
}

impl Program {
    /// Opens and hashes the file of the running program. Reads all of it.
    ///
    /// # Errors
    /// When the system does not tell or allow it.
    pub fn running() -> io::Result<Self> {
        // The link leads to the very file that runs, also when it was replaced under its name.
        let link = std::path::Path::new("/proc/self/exe");
        let file = match link.exists() {
            true => File::open(link)?,
            false => File::open(std::env::current_exe()?)?,
        };
        Self::of(file)
    }

    fn of(mut file: File) -> io::Result<Self> {
        let (mut blake3, mut sha256) = (blake3::Hasher::new(), Sha256::new());
        let (mut length, mut piece) = (0, vec![0; PIECE]);
        loop {
            let count = match file.read(&mut piece) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                count => count?,
            };
            if count == 0 {
                break;
            }
            blake3.update(&piece[..count]);
            sha256.update(&piece[..count]);
            length += count as u64;
        }
        let sha256 = sha256.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Ok(Self { file, length, blake3: Hash(*blake3.finalize().as_bytes()), sha256 })
    }

    /// Which computers it runs on, in the words of their makers.
    pub fn system() -> String {
        let system = match std::env::consts::OS {
            "linux" => "Linux",
            "macos" => "macOS",
            other => other,
        };
        let more = match () {
            () if cfg!(target_env = "gnu") => ", glibc",
            () if cfg!(target_env = "musl") => ", static",
            () => "",
        };
        format!("{system} ({}{more})", std::env::consts::ARCH)
    }

    /// The name under which it is saved: what it is for, not what it is.
    pub fn name() -> String {
        format!("program-{}-{}", std::env::consts::OS, std::env::consts::ARCH)
    }

    /// Bytes from `at` on, at most `most`.
    ///
    /// # Errors
    /// When the file cannot be read, or is shorter than it was.
    pub fn piece(&self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut out = vec![0; most.min(left)];
        self.file.read_exact_at(&mut out, at)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn hashes_are_those_of_the_usual_tools() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        let program = Program::of(file).unwrap();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((program.length, program.sha256.as_str()), (3, sha256));
        assert_eq!(program.blake3, Hash::of(b"abc"));
        assert_eq!(program.piece(1, 100).unwrap(), b"bc");
        assert!(program.piece(3, 100).unwrap().is_empty());
    }
}
