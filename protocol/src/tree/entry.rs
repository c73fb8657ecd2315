//! One file of a tree (TREE-6, TREE-7).

use crate::chunk::is_small;
use crate::ids::{BlockId, Codec, Hash};
use crate::limits::{MAX_BLOCK_BYTES, MAX_FILE_BYTES};
use crate::path::Path;
use crate::reject::Reject;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Where the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One block of codec raw, which is the whole file.
    Block(BlockId),
    /// A block list (chunking.md).
    List {
        /// Its root node, codec dag-cbor.
        root: BlockId,
        /// BLAKE3 of the whole file.
        hash: Hash,
    },
}

/// A file: `[path, media, size, link]`, with `hash` behind it when it has a block list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the release.
    pub path: Path,
    /// Media type, always that of the path (TREE-7).
    pub media: String,
    /// Length of the file in bytes.
    pub size: u64,
    /// Its blocks.
    pub content: Content,
}

impl Entry {
    /// An entry with the media type of its path.
    pub fn new(path: Path, size: u64, content: Content) -> Self {
        Self { media: path.media_type().to_owned(), path, size, content }
    }

    /// BLAKE3 of the whole file, as `b3sum` prints it.
    pub fn file_hash(&self) -> Hash {
        match self.content {
            Content::Block(id) => id.hash,
            Content::List { hash, .. } => hash,
        }
    }

    /// The one block of the file, or the root of its block list.
    pub fn link(&self) -> BlockId {
        match self.content {
            Content::Block(id) => id,
            Content::List { root, .. } => root,
        }
    }

    /// Checks what can be said without the file's blocks.
    ///
    /// # Errors
    /// `TREE-6`, `TREE-7`, `CHUNK-1`.
    pub fn check(&self) -> Result<(), Reject> {
        let (codec, max) = match self.content {
            Content::Block(_) => (Codec::Raw, MAX_BLOCK_BYTES as u64),
            Content::List { .. } => (Codec::DagCbor, MAX_FILE_BYTES),
        };
        if self.link().codec != codec {
            return Err(Reject::new("TREE-6", "an entry whose block is of the wrong kind"));
        }
        if self.size > max {
            return Err(Reject::new("TREE-6", "an entry that is too large"));
        }
        if codec == Codec::DagCbor && is_small(self.size) {
            return Err(Reject::new("CHUNK-1", "a block list for a small file"));
        }
        if self.media != self.path.media_type() {
            return Err(Reject::new("TREE-7", "a media type that is not that of the path"));
        }
        Ok(())
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Self { path, media, size, content } = self;
        match content {
            Content::Block(id) => (path, media, size, id).serialize(s),
            Content::List { root, hash } => (path, media, size, root, hash).serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_seq(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entry, A::Error> {
        let short = || A::Error::custom("an entry has four or five items");
        let path = seq.next_element()?.ok_or_else(short)?;
        let media = seq.next_element()?.ok_or_else(short)?;
        let size = seq.next_element()?.ok_or_else(short)?;
        let link: BlockId = seq.next_element()?.ok_or_else(short)?;
        let content = match (link.codec, seq.next_element()?) {
            (Codec::Raw, None) => Content::Block(link),
            (Codec::DagCbor, Some(hash)) => Content::List { root: link, hash },
            _ => return Err(A::Error::custom("a link and a form that do not fit")),
        };
        Ok(Entry { path, media, size, content })
    }
}
