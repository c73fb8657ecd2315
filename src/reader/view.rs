//! One archive as it can be read: a signed release and the store that holds its blocks.

use crate::memorial::source::Source;
use crate::memorial::standing::ViewInfo;
use crate::store::BlockStore;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use yadgar_protocol::blocks::{ReadBlocks, ReadError, ReadFault, require};
use yadgar_protocol::chunk::chunks_in_range;
use yadgar_protocol::proof::{self, BuildFault};
use yadgar_protocol::reject::Reject;
use yadgar_protocol::tree::{self, Content, Entry};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Withdrawal;
use yadgar_protocol::words::{Word, six_words};
use yadgar_protocol::{ArchiveId, Path};

/// Of an archive that is still arriving, the blocks of so many bytes behind those that are read are asked for
/// with them: a film is watched from there on.
const AHEAD: u64 = 1024 * 1024;

/// A readable archive.
pub struct ArchiveView {
    store: Arc<dyn BlockStore>,
    accepted: Accepted,
    info: ViewInfo,
    words: OnceLock<[Word; 6]>,
}

impl ArchiveView {
    /// A view of the release that `accepted` holds, which was checked before; its blocks are read
    /// from `store`.
    pub fn new(store: Arc<dyn BlockStore>, accepted: Accepted, info: ViewInfo) -> Self {
        Self { store, accepted, info, words: OnceLock::new() }
    }

    /// Identity of the archive.
    pub fn archive(&self) -> ArchiveId {
        self.accepted.release.archive
    }

    /// The checked head.
    pub fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    /// What is known besides.
    pub fn info(&self) -> &ViewInfo {
        &self.info
    }

    /// The six words of the archive. Made once: they cost some hundredths of a second.
    pub fn words(&self) -> &[Word; 6] {
        self.words.get_or_init(|| six_words(&self.archive()))
    }

    /// The blocks, each checked as it is read.
    pub(crate) fn blocks(&self) -> &dyn ReadBlocks {
        &*self.store
    }

    /// The file called `path`, looked up in the parts in their order. Blocks on the disk: call it
    /// from a blocking thread.
    ///
    /// # Errors
    /// [`ReadFault`] when a tree node on the way is missing or damaged and no part that can be
    /// read has the path: whether there is such a file is then not known.
    pub fn find(&self, path: &Path) -> Result<Option<Entry>, ReadFault> {
        let mut fault = None;
        for part in &self.accepted.release.parts {
            match tree::get(self.blocks(), part, path) {
                Ok(Some(entry)) => return Ok(Some(entry)),
                Ok(None) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    /// The proof that a file is in the release, to be checked anywhere without the archive (proof.md).
    ///
    /// # Errors
    /// [`BuildFault`] when a block on the way is not here, or the file is too large.
    pub fn proof(&self, path: &Path) -> Result<Vec<u8>, BuildFault> {
        proof::build(self.blocks(), &self.accepted, path)
    }

    /// The withdrawal that covers this file, if it was withdrawn: then nothing of it may be shown.
    pub fn withdrawn(&self, entry: &Entry) -> Option<&Withdrawal> {
        let content = match &entry.content {
            Content::Block(id) => id,
            Content::List { root, .. } => root,
        };
        self.info.denied.as_ref()?.covers(content)
    }

    /// How many withdrawals are known of this archive.
    pub fn withdrawn_items(&self) -> usize {
        self.info.denied.as_ref().map_or(0, |denied| denied.list().count())
    }

    /// Bytes `start` to `end` (exclusive) of a file, cut to its size. Reads only the blocks that
    /// hold them, each checked against its hash. The result is in memory: ask for what fits.
    ///
    /// # Errors
    /// [`ReadFault`] of the first block that is missing or damaged.
    pub fn read(&self, entry: &Entry, start: u64, end: u64) -> Result<Vec<u8>, ReadFault> {
        let end = end.min(entry.size);
        let mut out = Vec::new();
        match entry.content {
            Content::Block(id) => {
                let block = require(self.blocks(), &id)?;
                if block.len() as u64 != entry.size {
                    return Err(Reject::new("TREE-6", "a block that is not as long as said").into());
                }
                copy(&mut out, &block, 0, start, end);
            }
            Content::List { root, .. } => {
                let ahead = if self.info.arriving.is_some() { AHEAD } else { 0 };
                let to = end.saturating_add(ahead).min(entry.size);
                let chunks = chunks_in_range(self.blocks(), &root, entry.size, start, to)?;
                if ahead > 0 {
                    let soon: Vec<_> = chunks.iter().map(|(_, c)| (c.id, c.bytes)).collect();
                    self.store.soon(&soon).map_err(|e| ReadError(e.to_string()))?;
                }
                for (at, chunk) in chunks.into_iter().take_while(|(at, _)| *at < end) {
                    let block = require(self.blocks(), &chunk.id)?;
                    if block.len() as u64 != chunk.bytes {
                        return Err(Reject::new("CHUNK-6", "a chunk of another length").into());
                    }
                    copy(&mut out, &block, at, start, end);
                }
            }
        }
        Ok(out)
    }

    /// At most `limit` files of the part at `index` in the release, in order of path, those that
    /// begin with `prefix` when one is given.
    ///
    /// # Errors
    /// [`ReadFault`] of the first tree node that cannot be read.
    pub fn list(
        &self,
        index: usize,
        prefix: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, ReadFault> {
        let mut found = Vec::new();
        let Some(part) = self.accepted.release.parts.get(index) else { return Ok(found) };
        tree::for_each(self.blocks(), part, prefix, &mut |entry| {
            if found.len() == limit {
                return ControlFlow::Break(());
            }
            found.push(entry);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

impl Source for ArchiveView {
    fn listed(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault> {
        self.list(0, Some(prefix), usize::MAX)
    }

    fn find(&self, path: &Path) -> Result<Option<Entry>, ReadFault> {
        Self::find(self, path)
    }

    fn read(&self, entry: &Entry) -> Result<Vec<u8>, ReadFault> {
        Self::read(self, entry, 0, entry.size)
    }

    fn start(&self, entry: &Entry, most: u64) -> Result<Vec<u8>, ReadFault> {
        if let Content::List { root, .. } = entry.content {
            for (_, chunk) in chunks_in_range(self.blocks(), &root, entry.size, 0, entry.size)? {
                if !self.blocks().has_block(&chunk.id)? {
                    return Err(ReadFault::Missing(chunk.id));
                }
            }
        }
        Self::read(self, entry, 0, most)
    }

    fn withdrawn(&self, entry: &Entry) -> Option<&Withdrawal> {
        Self::withdrawn(self, entry)
    }
}

/// Adds what `block`, which lies at `at` in the file, has of the range.
fn copy(out: &mut Vec<u8>, block: &[u8], at: u64, start: u64, end: u64) {
    let cut = |edge: u64| usize::try_from(edge.saturating_sub(at)).unwrap_or(usize::MAX);
    let (from, to) = (cut(start).min(block.len()), cut(end).min(block.len()));
    if from < to {
        out.extend_from_slice(&block[from..to]);
    }
}
