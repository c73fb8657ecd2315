//! Programs for other systems that an archive carries: the files below `software/` (protocol/spec/software.md).

use super::download::Content;
use super::limits::MAX_PROGRAMS;
use crate::reader::ArchiveView;
use std::io;
use std::sync::Arc;
use yadgar_protocol::Hash;
use yadgar_protocol::tree::Entry;

/// Where they are (SW-1).
const FOLDER: &str = "software/";
/// Digits of a hash that are an `ETag`.
const TAG_DIGITS: usize = 32;
/// Longest name that a file is saved under, in bytes.
const MAX_NAME: usize = 80;

/// A program that can be taken.
#[derive(Debug, Clone)]
pub struct Build {
    entry: Entry,
    /// What the publisher calls it: its path without the folder.
    pub name: String,
    /// Length in bytes.
    pub length: u64,
    /// BLAKE3, as `b3sum` prints it. It is signed with the release.
    pub blake3: Hash,
}

/// The programs of an archive, at most [`MAX_PROGRAMS`], of which the first bytes are here and nothing was withdrawn.
/// What cannot be read is left out. Reads the disk.
pub fn builds(view: &ArchiveView) -> Vec<Build> {
    let parts = 0..view.accepted().release.parts.len();
    let listed = parts.filter_map(|part| view.list(part, Some(FOLDER), MAX_PROGRAMS).ok());
    let here = |entry: &Entry| {
        view.withdrawn(entry).is_none() && entry.size > 0 && view.read(entry, 0, 1).is_ok()
    };
    let build = |entry: Entry| {
        let name = entry.path.as_str().strip_prefix(FOLDER).unwrap_or_default().to_owned();
        let (length, blake3) = (entry.size, entry.file_hash());
        Build { entry, name, length, blake3 }
    };
    listed.flatten().filter(here).take(MAX_PROGRAMS).map(build).collect()
}

impl Build {
    /// The file, to be sent.
    pub fn content(self, view: Arc<ArchiveView>) -> Content {
        let (length, tag) = (self.length, self.blake3.to_hex()[..TAG_DIGITS].to_owned());
        let name = saved_as(&self.name);
        let read = move |at: u64, most: usize| {
            let end = at.saturating_add(most as u64);
            view.read(&self.entry, at, end).map_err(|e| io::Error::other(e.to_string()))
        };
        Content { length, tag, name, read: Arc::new(read) }
    }
}

/// A name that every system takes, and no header is broken by.
fn saved_as(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(MAX_NAME).collect();
    match name.trim_start_matches(['.', '-']) {
        "" => "program".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(saved_as("windows/yadgar.exe"), "windows-yadgar.exe");
        assert_eq!(saved_as("../a\"b\r\n.apk"), "a-b--.apk");
        assert_eq!(saved_as("یادگار"), "program");
        assert_eq!(saved_as(&"x".repeat(500)).len(), MAX_NAME);
    }
}
