//! Reads files, cuts and hashes them on all cores, and puts their blocks into a store.

use super::known::{Known, is_held};
use super::reading::{Reading, bytes_of, is_sure, read_small};
use super::stamp::Stamp;
use super::walk::{Found, shown};
use crate::store::{BlockStore, StoreError};
use rayon::prelude::*;
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::chunk::{self, Chunk};
use yadgar_protocol::limits::{CHUNK_MAX, MAX_FILE_BYTES};
use yadgar_protocol::tree::{Content, Entry};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{BlockId, Codec, Hash};

/// Bytes gathered before they go to the store, for each worker.
const BATCH_BYTES: usize = 4 << 20;
/// Files handled by one worker before it hands over what it gathered.
const FILES_PER_TASK: usize = 64;
/// Read buffer of a worker; several of the largest chunks.
const READ_BYTES: usize = 4 * CHUNK_MAX;

/// Why a file could not be published. Nothing that was published before is touched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// It could not be opened or read, or has vanished.
    #[error("cannot read {0}: {1}")]
    Read(String, #[source] std::io::Error),
    /// It was written to while it was read.
    #[error("{0} changed while it was being read")]
    Changed(String),
    /// Larger than 1 TiB.
    #[error("{0} is larger than 1 TiB")]
    TooLarge(String),
    /// It was withdrawn from this archive (WD-4).
    #[error("{0} was withdrawn from this archive and must not come back with the same bytes")]
    Withdrawn(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

/// What [`Ingest::files`] works with.
pub struct Ingest<'a> {
    /// Where blocks go.
    pub store: &'a dyn BlockStore,
    /// What was withdrawn.
    pub denied: &'a Denied,
    /// Files that need not be read again.
    pub known: &'a Known,
    /// Small files that somebody has read a moment ago, by path.
    pub readings: &'a (dyn Fn(&str) -> Option<&'a Reading> + Sync),
    /// Called with the bytes of each piece that was read, and of each file that was not.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Ends the work early.
    pub stop: &'a AtomicBool,
    /// The clock by which the file system stamps changes.
    pub now: &'a (dyn Fn() -> SystemTime + Sync),
}

/// A file that is in the store.
#[derive(Debug)]
pub struct Taken {
    /// Its entry.
    pub entry: Entry,
    /// By which it will be known, unless it was changed too short a time before.
    pub stamp: Option<Stamp>,
}

impl Ingest<'_> {
    /// Puts all files into the store and gives their entries in the order of `files`. What is known and whose blocks are all
    /// held is not opened.
    ///
    /// # Errors
    /// The first failure. Blocks stored so far stay: they cost nothing the next time.
    pub fn files(&self, files: &[Found]) -> Result<Vec<Taken>, IngestError> {
        let groups: Result<Vec<Vec<Taken>>, IngestError> = files
            .par_chunks(FILES_PER_TASK)
            .map(|group| {
                let held = self.known_and_held(group)?;
                let mut worker = Worker { work: self, batch: Vec::new(), bytes: 0 };
                let mut taken = Vec::with_capacity(group.len());
                for (found, held) in group.iter().zip(held) {
                    taken.push(worker.file(found, held)?);
                }
                worker.hand_over()?;
                Ok(taken)
            })
            .collect();
        Ok(groups?.into_iter().flatten().collect())
    }

    /// The content of each file that has not changed, as far as the store has all of it.
    fn known_and_held(&self, group: &[Found]) -> Result<Vec<Option<Content>>, IngestError> {
        let mut known: Vec<Option<Content>> =
            group.iter().map(|found| Some(self.known.find(found)?.content)).collect();
        let small = |content: &Content| match content {
            Content::Block(id) => Some(*id),
            Content::List { .. } => None,
        };
        let ids: Vec<BlockId> = known.iter().flatten().filter_map(small).collect();
        let all = self.store.has_all(&ids)?;
        for (content, found) in known.iter_mut().zip(group) {
            let sure = |content: &Content| all && small(content).is_some();
            if let Some(at) = content
                && !sure(at)
                && !is_held(self.store, at, found.size)?
            {
                *content = None;
            }
        }
        Ok(known)
    }
}

struct Worker<'w, 'a> {
    work: &'w Ingest<'a>,
    batch: Vec<Packed>,
    bytes: usize,
}

impl Worker<'_, '_> {
    fn file(&mut self, found: &Found, held: Option<Content>) -> Result<Taken, IngestError> {
        let (entry, stamp) = match held {
            Some(content) => {
                (self.work.progress)(found.size);
                (Entry::new(found.path.clone(), found.size, content), found.stamp)
            }
            None => self.read(found)?,
        };
        self.hand_over_if_full()?;
        if self.work.denied.covers(&entry.link()).is_some() {
            self.hand_over()?;
            return Err(IngestError::Withdrawn(shown(found.path.as_str())));
        }
        Ok(Taken { entry, stamp })
    }

    fn read(&mut self, found: &Found) -> Result<(Entry, Option<Stamp>), IngestError> {
        if let Some(Reading { bytes, hash, stamp }) = (self.work.readings)(found.path.as_str()) {
            let id = BlockId { codec: Codec::Raw, hash: *hash };
            let block = Packed { id, encoding: Encoding::Plain, data: bytes.clone() };
            let (size, content) = self.small(block, &found.path)?;
            return Ok((Entry::new(found.path.clone(), size, content), *stamp));
        }
        let name = || shown(found.path.as_str());
        let failed = |e| IngestError::Read(name(), e);
        let now = (self.work.now)();
        let (mut file, before) = found.opened().map_err(failed)?;
        if before.size > MAX_FILE_BYTES {
            return Err(IngestError::TooLarge(name()));
        }
        let (size, content) = if chunk::is_small(before.size) {
            let bytes = read_small(&mut file, before.size as usize).map_err(failed)?;
            self.small(Packed::plain(Codec::Raw, bytes), &found.path)?
        } else {
            self.large(&mut file, found)?
        };
        let after = Stamp::of_open(&file).map_err(failed)?;
        // The walk's size is compared too: a file that grew since then belongs to a folder that
        // is being worked on.
        let same =
            size == before.size && size == found.size && bytes_of(&after) == bytes_of(&before);
        if !same {
            return Err(IngestError::Changed(name()));
        }
        let sure = after == before && is_sure(found, &before, now);
        Ok((Entry::new(found.path.clone(), size, content), sure.then_some(before)))
    }

    fn small(
        &mut self,
        block: Packed,
        path: &yadgar_protocol::Path,
    ) -> Result<(u64, Content), IngestError> {
        let size = block.data.len() as u64;
        (self.work.progress)(size);
        if self.work.denied.covers(&block.id).is_some() {
            return Err(IngestError::Withdrawn(shown(path.as_str())));
        }
        let id = self.keep(block);
        Ok((size, Content::Block(id)))
    }

    fn large(&mut self, file: &mut File, found: &Found) -> Result<(u64, Content), IngestError> {
        let failed = |e| IngestError::Read(shown(found.path.as_str()), e);
        let mut whole = blake3::Hasher::new();
        let (mut chunks, mut size) = (Vec::new(), 0u64);
        let mut buffer = Vec::with_capacity(READ_BYTES);
        let mut at_end = false;
        while !at_end || !buffer.is_empty() {
            if self.work.stop.load(Ordering::Relaxed) {
                return Err(IngestError::Stopped);
            }
            let want = (READ_BYTES - buffer.len()) as u64;
            let got = file.by_ref().take(want).read_to_end(&mut buffer).map_err(failed)?;
            at_end = (got as u64) < want;
            let fresh = buffer.len() - got;
            whole.update(&buffer[fresh..]);
            size += got as u64;
            (self.work.progress)(got as u64);
            let mut used = 0;
            while let Some(length) = chunk::next_cut(&buffer[used..], at_end) {
                let data = buffer[used..used + length].to_vec();
                used += length;
                let bytes = data.len() as u64;
                let id = self.keep(Packed::plain(Codec::Raw, data));
                chunks.push(Chunk { id, bytes });
                self.hand_over_if_full()?;
            }
            buffer.drain(..used);
        }
        let content = self.content_of(chunks, Hash(*whole.finalize().as_bytes()));
        Ok((size, content.map_err(|e| failed(std::io::Error::other(e)))?))
    }

    /// CHUNK-2, CHUNK-3: one chunk is a block, more make a block list.
    fn content_of(
        &mut self,
        chunks: Vec<Chunk>,
        hash: Hash,
    ) -> Result<Content, yadgar_protocol::Reject> {
        if let [only] = chunks.as_slice() {
            return Ok(Content::Block(only.id));
        }
        let list = chunk::build_list(&chunks);
        list.check()?;
        for (id, data) in list.nodes {
            self.keep(Packed { id, encoding: Encoding::Plain, data });
        }
        Ok(Content::List { root: list.root, hash })
    }

    fn keep(&mut self, block: Packed) -> BlockId {
        let id = block.id;
        self.bytes += block.data.len();
        self.batch.push(block);
        id
    }

    fn hand_over_if_full(&mut self) -> Result<(), IngestError> {
        if self.work.stop.load(Ordering::Relaxed) {
            return Err(IngestError::Stopped);
        }
        if self.bytes >= BATCH_BYTES { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), IngestError> {
        self.bytes = 0;
        Ok(self.work.store.put(std::mem::take(&mut self.batch))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::walk::walk;
    use crate::store::MemoryStore;
    use yadgar_protocol::ArchiveId;
    use yadgar_protocol::withdraw::{Reason, Withdrawal, item};

    #[test]
    fn wd_4_what_was_withdrawn_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let large: Vec<u8> =
            (0..300_000u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        std::fs::write(folder.path().join("small.txt"), b"small").unwrap();
        std::fs::write(folder.path().join("large.bin"), large).unwrap();
        let found = walk(folder.path(), false).unwrap();
        let archive = ArchiveId(Hash::of(b"archive"));
        let stop = AtomicBool::new(false);
        let take = |denied: &Denied| {
            let work = Ingest {
                store: &MemoryStore::new(),
                denied,
                known: &Known::default(),
                readings: &|_| None,
                progress: &|_| (),
                stop: &stop,
                now: &SystemTime::now,
            };
            work.files(&found.files)
                .map(|all| all.into_iter().map(|taken| taken.entry).collect::<Vec<_>>())
        };
        let all = take(&Denied::none(archive)).unwrap();
        assert!(all.iter().any(|entry| matches!(entry.content, Content::List { .. })));
        for entry in all {
            let mut denied = Denied::none(archive);
            denied.add(&[Withdrawal {
                item: item(&archive, &entry.link()),
                date: "2026-01-01".into(),
                reason: Reason::Error,
                sequence: 1,
            }]);
            let Err(IngestError::Withdrawn(name)) = take(&denied) else { panic!("taken") };
            assert_eq!(name, entry.path.as_str());
        }
    }
}
