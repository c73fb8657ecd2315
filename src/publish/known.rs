//! Files that were read before and have not changed since: what they became need not be found out again.
//!
//! Kept for each archive in the home, in one file that is replaced in one step. It is worth no more than the time it saves:
//! whatever is odd about it, there is none, and everything is read. A line counts for the file whose [`Stamp`] it has,
//! and for its content only while the store holds every block of that ([`is_held`]). What the gate saw of a file is
//! kept beside it as bytes that only the gate understands, under its `rules`: other rules, and the gate looks again.

mod codec;

use super::stamp::Stamp;
use super::walk::Found;
use crate::durable::{Mode, create_dir_durable, write_atomic};
use crate::store::{BlockStore, StoreError};
use std::fs::File;
use std::io::Read;
use std::path::{Path as FsPath, PathBuf};
use yadgar_protocol::chunk::{ListExpect, ListNode, decode_list};
use yadgar_protocol::tree::Content;
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// The file, beside the other files of an archive.
const FILE: &str = "unchanged";
/// Longest such file, in bytes: about two million files. More is not kept.
const MAX_BYTES: usize = 512 << 20;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Below the folder.
    pub path: String,
    /// By which it is known.
    pub stamp: Stamp,
    /// Its content in a release.
    pub content: Content,
    /// What the gate saw, in its own words.
    pub seen: Option<Vec<u8>>,
}

/// The lines of an archive.
#[derive(Debug, Default)]
pub struct Known {
    /// Ascending by path.
    lines: Vec<Line>,
    /// What the gate saw holds under these rules; `None`: nothing of it does.
    rules: Option<Hash>,
    /// Of the file that was read.
    read: Option<Hash>,
}

impl Known {
    /// What was kept of an archive. `rules` names those of the gate that is to look now. Nothing is known when there is no
    /// file, or none that this program wrote whole.
    pub fn read(home: &FsPath, archive: &ArchiveId, rules: Option<Hash>) -> Self {
        let Some(bytes) = bytes_of(&file(home, archive)) else { return Self::empty(rules) };
        let Some((kept_under, lines)) = codec::decode(&bytes) else { return Self::empty(rules) };
        let mut known = Self { lines, rules, read: Some(Hash::of(&bytes)) };
        if rules.is_none() || kept_under != rules {
            known.lines.iter_mut().for_each(|line| line.seen = None);
        }
        known
    }

    /// Nothing is known.
    pub fn empty(rules: Option<Hash>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The line of a file that has not changed since.
    pub fn find(&self, found: &Found) -> Option<&Line> {
        let stamp = found.stamp?;
        let at = self.lines.binary_search_by(|line| line.path.as_str().cmp(found.path.as_str()));
        self.lines.get(at.ok()?).filter(|line| line.stamp == stamp)
    }

    /// Keeps `lines` (ascending by path) for the next time, unless they are what was read.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn keep(&self, home: &FsPath, archive: &ArchiveId, lines: &[Line]) -> std::io::Result<()> {
        let bytes = codec::encode(self.rules, lines);
        if self.read == Some(Hash::of(&bytes)) || bytes.len() > MAX_BYTES {
            return Ok(());
        }
        let file = file(home, archive);
        if let Some(folder) = file.parent() {
            create_dir_durable(folder)?;
        }
        write_atomic(&file, &bytes, Mode::Private)
    }
}

fn file(home: &FsPath, archive: &ArchiveId) -> PathBuf {
    home.join("archives").join(archive.to_string()).join(FILE)
}

/// The bytes of a file that may be one of ours.
fn bytes_of(path: &FsPath) -> Option<Vec<u8>> {
    // A pipe would keep us waiting.
    if !std::fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

/// True when the store has every block of a file of `size` bytes: what was erased since, or turned out damaged, is read
/// from the folder again.
///
/// # Errors
/// When the store fails.
pub fn is_held(store: &dyn BlockStore, content: &Content, size: u64) -> Result<bool, StoreError> {
    let root = match content {
        Content::Block(id) => return store.has(id),
        Content::List { root, .. } => *root,
    };
    let mut todo: Vec<(BlockId, ListExpect)> = vec![(root, ListExpect::root(size))];
    while let Some((id, expect)) = todo.pop() {
        let Some(bytes) = store.get(&id)? else { return Ok(false) };
        let Ok(node) = decode_list(&bytes, &expect) else { return Ok(false) };
        todo.extend(expect.children(&node));
        if let ListNode::Leaf(chunks) = &node {
            let ids: Vec<BlockId> = chunks.iter().map(|chunk| chunk.id).collect();
            if !store.has_all(&ids)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
