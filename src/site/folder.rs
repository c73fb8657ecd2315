//! A folder as a source. Links are not followed, also not when they are put there meanwhile; names may be anything.

use super::bounds::{MAX_FOLDERS, MAX_ITEM_BYTES, MAX_ITEMS, MAX_SITE_BYTES};
use super::item::{Bytes, Gathered, Item, SiteError};
use super::report::{LeftOut, Why};
use crate::publish::walk::shown;
use crate::safe::{FOLDER_HOST, folder_url};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

/// Takes all files of a folder in.
pub fn gather(root: &Path, found: &mut Gathered) -> Result<(), SiteError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(root, flags, Mode::empty())
        .map_err(|e| SiteError::Io(root.display().to_string(), e.into()))?;
    let from = found.items.len();
    let mut walk = Walk { found, bytes: 0 };
    walk.folder(Arc::new(fd), "", 0)?;
    found.items.get_mut(from..).unwrap_or_default().sort_by(|a, b| a.path.cmp(&b.path));
    if !found.hosts.iter().any(|h| h == FOLDER_HOST) {
        found.hosts.push(FOLDER_HOST.to_owned());
    }
    Ok(())
}

struct Walk<'a> {
    found: &'a mut Gathered,
    bytes: u64,
}

impl Walk<'_> {
    fn left_out(&mut self, path: &str, why: Why, detail: &str) {
        let source = shown(path);
        self.found.left_out.push(LeftOut { source, why, detail: detail.to_owned() });
    }

    fn folder(&mut self, fd: Arc<OwnedFd>, prefix: &str, depth: usize) -> Result<(), SiteError> {
        let failed = |e: rustix::io::Errno| SiteError::Io(shown(prefix), e.into());
        for item in Dir::read_from(&*fd).map_err(failed)? {
            let item = item.map_err(failed)?;
            let raw = item.file_name();
            if matches!(raw.to_bytes(), b"." | b"..") {
                continue;
            }
            // A name in another encoding is read as well as it can be; its links are broken then, and told.
            let name = raw.to_string_lossy();
            let path =
                if prefix.is_empty() { name.to_string() } else { format!("{prefix}/{name}") };
            let stat = statat(&*fd, raw, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
            let kind = FileType::from_raw_mode(stat.st_mode);
            if let Some(why) = unwanted(&name, kind) {
                self.left_out(&path, why, "not published");
                continue;
            }
            match kind {
                FileType::Directory if depth < MAX_FOLDERS => {
                    let flags =
                        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                    let sub = openat(&*fd, raw, flags, Mode::empty()).map_err(failed)?;
                    self.folder(Arc::new(sub), &path, depth + 1)?;
                }
                FileType::Directory => self.left_out(&path, Why::Bound, "nested too deep"),
                FileType::RegularFile => {
                    let size = u64::try_from(stat.st_size).unwrap_or(0);
                    self.file(path, size, Bytes::File(fd.clone(), raw.to_owned()));
                }
                _ => self.left_out(&path, Why::Special, "a link, device, pipe or socket"),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: String, size: u64, bytes: Bytes) {
        self.bytes = self.bytes.saturating_add(size);
        if size > MAX_ITEM_BYTES
            || self.bytes > MAX_SITE_BYTES
            || self.found.items.len() >= MAX_ITEMS
        {
            return self.left_out(&path, Why::Bound, "too large, or too many files");
        }
        let Ok(url) = folder_url(&path) else {
            return self.left_out(&path, Why::Unknown, "its name makes no address");
        };
        let item = Item { url, path: Some(path), mime: None, charset: None, size, bytes };
        self.found.items.push(item);
    }
}

/// Hidden files, what editors leave, and keys: as `publish` sees them.
fn unwanted(name: &str, kind: FileType) -> Option<Why> {
    let lower = name.to_lowercase();
    let file = kind == FileType::RegularFile;
    let secret = [".env.", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"]
        .iter()
        .any(|s| lower.starts_with(s));
    let ends = [".key", ".pem"].iter().any(|e| lower.ends_with(e));
    if file && (secret || ends || matches!(lower.as_str(), ".env" | ".htpasswd")) {
        return Some(Why::Secret);
    }
    let hidden = name.starts_with('.') && name != ".well-known";
    let left = name.ends_with('~') || lower.ends_with(".swp") || lower == "thumbs.db";
    (hidden || left).then_some(Why::Hidden)
}
