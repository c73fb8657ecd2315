//! Finds the files of a folder that are to be published.
//!
//! Every folder is opened relative to its parent's handle and no symbolic link is followed, so a link
//! swapped in while we walk cannot lead outside. Links, devices, pipes and sockets are skipped
//! and reported; a name that is not allowed stops the walk with all such names at once.

use super::stamp::{Stamp, keeps_times};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use std::os::fd::OwnedFd;
use std::path::Path as FsPath;
use std::sync::Arc;
use yadgar_protocol::Path;
use yadgar_protocol::limits::MAX_PATH_DEPTH;
use yadgar_protocol::path::Collisions;

/// Most problems that are listed one by one.
const MAX_PROBLEMS: usize = 50;

/// A file to publish: its folder's handle, its name there, and its path in the release.
#[derive(Clone)]
pub struct Found {
    folder: Arc<OwnedFd>,
    name: std::ffi::CString,
    /// Path in the release.
    pub path: Path,
    /// Size when it was found, in bytes.
    pub size: u64,
    /// By what it is known when it has not changed; `None` where times say nothing.
    pub stamp: Option<Stamp>,
}

impl Found {
    /// Opens the file for reading; a link in its place is refused.
    ///
    /// # Errors
    /// When it is gone, unreadable or no longer a regular file.
    pub fn open(&self) -> std::io::Result<std::fs::File> {
        Ok(self.opened()?.0)
    }

    /// As [`Found::open`], with its stamp.
    ///
    /// # Errors
    /// As there.
    pub fn opened(&self) -> std::io::Result<(std::fs::File, Stamp)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = openat(&*self.folder, self.name.as_c_str(), flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(std::io::Error::other("no longer a regular file"));
        }
        Ok((fd.into(), Stamp::of(&stat)))
    }
}

/// What a walk found.
#[derive(Default)]
pub struct Walk {
    /// Files, ascending by path.
    pub files: Vec<Found>,
    /// Names of links, devices and the like that were left out.
    pub skipped: Vec<String>,
    /// Hidden files and folders (`/` at the end) and backups that were left out.
    pub hidden: Vec<String>,
}

/// Why a folder cannot be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalkError {
    /// A folder could not be read.
    #[error("cannot read {0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// Names that are not allowed in an archive, each with the reason.
    #[error("{} name(s) cannot be published", .0.len())]
    Names(Vec<(String, String)>),
    /// Files that look like keys or passwords.
    #[error("{} file(s) look like keys or passwords", .0.len())]
    Secrets(Vec<String>),
}

/// Walks `root`. Hidden files and backups are left out and files that look like keys or passwords
/// refused, unless `hidden_too`.
///
/// # Errors
/// See [`WalkError`].
pub fn walk(root: &FsPath, hidden_too: bool) -> Result<Walk, WalkError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(root, flags, Mode::empty())
        .map_err(|e| WalkError::Io(root.display().to_string(), e.into()))?;
    let mut walker = Walker { hidden_too, ..Walker::default() };
    walker.folder(Arc::new(fd), "", 0)?;
    let Walker { mut walk, mut problems, mut secrets, .. } = walker;
    secrets.sort();
    if !secrets.is_empty() {
        return Err(WalkError::Secrets(secrets));
    }
    walk.hidden.sort();
    walk.files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut collisions = Collisions::new();
    for file in &walk.files {
        if let Err((other, reject)) = collisions.add(&file.path) {
            note(&mut problems, file.path.as_str(), &format!("{reject}: {}", shown(&other)));
        }
    }
    if problems.is_empty() { Ok(walk) } else { Err(WalkError::Names(problems)) }
}

#[derive(Default)]
struct Walker {
    walk: Walk,
    problems: Vec<(String, String)>,
    secrets: Vec<String>,
    hidden_too: bool,
}

impl Walker {
    /// Whether this name is not to be published; notes it down then.
    fn leaves_out(&mut self, name: &str, path: &str, kind: FileType) -> bool {
        if self.hidden_too {
            return false;
        }
        let file = kind == FileType::RegularFile;
        if file && is_secret(name) {
            if self.secrets.len() < MAX_PROBLEMS {
                self.secrets.push(shown(path));
            }
            return true;
        }
        let leave = (file || kind == FileType::Directory) && is_leftover(name);
        if leave {
            let end = if file { "" } else { "/" };
            self.walk.hidden.push(shown(path) + end);
        }
        leave
    }

    fn folder(&mut self, fd: Arc<OwnedFd>, prefix: &str, depth: usize) -> Result<(), WalkError> {
        let failed = |e: rustix::io::Errno| WalkError::Io(shown(prefix), e.into());
        let device = rustix::fs::fstat(&*fd).map_err(failed)?.st_dev;
        let timed = keeps_times(&*fd);
        for item in Dir::read_from(&*fd).map_err(failed)? {
            let item = item.map_err(failed)?;
            let raw = item.file_name();
            if matches!(raw.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(name) = raw.to_str() else {
                note(&mut self.problems, &raw.to_string_lossy(), "the name is not UTF-8");
                continue;
            };
            // A file system may hand names out decomposed; paths of a release are NFC.
            let name: String = unicode_normalization::UnicodeNormalization::nfc(name).collect();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let stat = statat(&*fd, raw, AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|e| WalkError::Io(shown(&path), e.into()))?;
            let kind = FileType::from_raw_mode(stat.st_mode);
            if self.leaves_out(&name, &path, kind) {
                continue;
            }
            match kind {
                FileType::Directory if depth + 1 < MAX_PATH_DEPTH => {
                    let flags =
                        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                    let sub = openat(&*fd, raw, flags, Mode::empty())
                        .map_err(|e| WalkError::Io(shown(&path), e.into()))?;
                    self.folder(Arc::new(sub), &path, depth + 1)?;
                }
                FileType::Directory => note(&mut self.problems, &path, "nested too deep"),
                FileType::RegularFile => match Path::new(&path) {
                    Ok(path) => self.walk.files.push(Found {
                        folder: fd.clone(),
                        name: raw.to_owned(),
                        path,
                        size: u64::try_from(stat.st_size).unwrap_or(0),
                        // Another file system may be mounted on a single file.
                        stamp: (timed && stat.st_dev == device).then(|| Stamp::of(&stat)),
                    }),
                    Err(reject) => note(&mut self.problems, &path, &reject.to_string()),
                },
                _ => self.walk.skipped.push(shown(&path)),
            }
        }
        Ok(())
    }
}

/// Names under which keys and passwords lie. Published, they are lost for ever.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let starts = [".env.", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"];
    let ends = [".key", ".pem"];
    matches!(name.as_str(), ".env" | ".htpasswd")
        || starts.iter().any(|s| name.starts_with(s))
        || ends.iter().any(|e| name.ends_with(e))
}

/// Hidden names, and what editors and file managers leave behind.
fn is_leftover(name: &str) -> bool {
    let hidden = name.starts_with('.') && name != ".well-known";
    let lower = name.to_lowercase();
    hidden || name.ends_with('~') || lower.ends_with(".swp") || lower == "thumbs.db"
}

fn note(problems: &mut Vec<(String, String)>, path: &str, why: &str) {
    if problems.len() < MAX_PROBLEMS {
        problems.push((shown(path), why.to_owned()));
    }
}

/// A name as it can be printed: control and bidi characters escaped.
pub fn shown(text: &str) -> String {
    if text.is_empty() {
        return ".".into();
    }
    if yadgar_protocol::path::is_plain_text(text) {
        return text.into();
    }
    text.chars()
        .flat_map(|c| {
            let odd = !c.is_alphanumeric() && !c.is_ascii_graphic() && c != ' ';
            if odd { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn finds_sorted_and_skips_links() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("b/c")).unwrap();
        for name in ["z.txt", "b/c/1.html", "a"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", dir.path().join("b/dir")).unwrap();
        let walk = walk(dir.path(), false).unwrap();
        let paths: Vec<_> = walk.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a", "b/c/1.html", "z.txt"]);
        assert_eq!(walk.skipped.len(), 2);
    }

    #[test]
    fn leftovers_are_left_out_and_secrets_refused() {
        let dir = tempfile::tempdir().unwrap();
        for folder in [".git", ".well-known", "a"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        for name in [".git/config", ".well-known/x", "a/b~", "a/.b.swp", "Thumbs.db", "ok"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let found = walk(dir.path(), false).unwrap();
        let paths: Vec<_> = found.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, [".well-known/x", "ok"]);
        assert_eq!(found.hidden, [".git/", "Thumbs.db", "a/.b.swp", "a/b~"]);
        for name in ["a/.env", "a/Server.KEY", "id_rsa", "monkey"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let Err(WalkError::Secrets(names)) = walk(dir.path(), false) else { panic!("accepted") };
        assert_eq!(names, ["a/.env", "a/Server.KEY", "id_rsa"]);
        let all = walk(dir.path(), true).unwrap();
        assert_eq!((all.files.len(), all.hidden.len()), (10, 0));
    }

    #[test]
    fn all_bad_names_are_reported_at_once() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["aux.txt", "x\u{202e}gpj", "ok", "A", "a", "line\nbreak"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let Err(WalkError::Names(problems)) = walk(dir.path(), false) else { panic!("accepted") };
        assert_eq!(problems.len(), 4);
        assert!(problems.iter().all(|(p, _)| !p.contains(['\n', '\u{202e}'])));
    }
}
