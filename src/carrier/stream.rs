//! A carrier that is never written: what is in it is settled first, so that its length is known and any piece of it
//! can be given at any time, straight from the store. Byte by byte it is what [`super::export()`] writes.

use super::export::{ExportError, ExportOptions, chosen, earlier};
use crate::store::BlockStore;
use crate::survey::{Visit, Walk};
use std::collections::HashSet;
use std::sync::Arc;
use yadgar_protocol::carrier::{HEADER_BYTES, header, section, section_length};
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{BlockId, Hash};

/// Bytes of an ETag made from a plan, in hex digits.
const TAG_DIGITS: usize = 32;

/// What a section of a plan holds.
#[derive(Debug, Clone)]
enum Source {
    /// Bytes that are in no store: head and bulletin.
    Here(Arc<Vec<u8>>),
    /// A block of the store.
    Block,
}

/// One section, and where it begins.
#[derive(Debug, Clone)]
struct Planned {
    at: u64,
    id: BlockId,
    source: Source,
}

/// Why a piece cannot be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PieceError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// A block that was here when the plan was made is gone, was damaged, or has another length than was signed.
    #[error("block {0} is no longer here")]
    Gone(BlockId),
}

/// What a carrier holds, in order. Some 100 bytes of memory for each block.
#[derive(Debug, Clone)]
pub struct Plan {
    header: Vec<u8>,
    sections: Vec<Planned>,
    length: u64,
    missing: u64,
    /// Sections before the first block of a part.
    front: usize,
    tag: String,
}

impl Plan {
    /// Settles what the carrier of `head` holds now (`options` as for an export). Reads structure, of content
    /// only whether it is here.
    ///
    /// # Errors
    /// When the store cannot be read, or a part does not exist.
    pub fn new(
        store: &dyn BlockStore,
        head: &Accepted,
        options: ExportOptions<'_>,
    ) -> Result<Self, ExportError> {
        let id = BlockId::dag_cbor(&head.bytes);
        let mut planner = Planner {
            store,
            except: options.except,
            structure: HashSet::new(),
            sections: Vec::new(),
            at: HEADER_BYTES as u64,
        };
        planner.front(head, id, &options)?;
        let front = planner.sections.len();
        let mut missing = 0;
        let mut walk = Walk::new(&mut planner).without(options.denied);
        for part in chosen(&head.release, options.parts)? {
            // Two walks, as an export does.
            missing += walk.part(part, false)?.missing_blocks;
            missing += walk.part(part, true)?.missing_blocks;
        }
        Ok(Self { front, ..Self::of(&id, planner.sections, planner.at, missing) })
    }

    fn of(head: &BlockId, sections: Vec<Planned>, length: u64, missing: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&length.to_le_bytes());
        for section in &sections {
            hasher.update(&section.id.to_bytes());
        }
        let tag = Hash(*hasher.finalize().as_bytes()).to_hex()[..TAG_DIGITS].to_owned();
        Self { header: header(head), sections, length, missing, front: 0, tag }
    }

    /// A carrier of these blocks, the first of them from memory (a volume of a split one).
    pub(super) fn of_blocks(
        head: &BlockId,
        front: &[(BlockId, Arc<Vec<u8>>)],
        rest: &[(BlockId, u32)],
    ) -> Self {
        let (mut at, mut sections) = (HEADER_BYTES as u64, Vec::new());
        for (id, bytes) in front {
            sections.push(Planned { at, id: *id, source: Source::Here(bytes.clone()) });
            at += section_length(bytes.len());
        }
        for (id, length) in rest {
            sections.push(Planned { at, id: *id, source: Source::Block });
            at += section_length(*length as usize);
        }
        Self { front: front.len(), ..Self::of(head, sections, at, 0) }
    }

    /// Length of the carrier in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Blocks of the parts that are not here and so not in it.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Blocks in it.
    pub fn blocks(&self) -> u64 {
        self.sections.len() as u64
    }

    /// Blocks of the parts in it: without head, bulletin and release payloads.
    pub fn content(&self) -> u64 {
        (self.sections.len() - self.front) as u64
    }

    /// The same for the same bytes, on whatever machine; of 32 hex digits.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Bytes from `at` on, at least one and at most `most` and the rest of a section; none at the end.
    ///
    /// # Errors
    /// [`PieceError`] when what was promised is not here any more.
    pub fn piece(
        &self,
        store: &dyn BlockStore,
        at: u64,
        most: usize,
    ) -> Result<Vec<u8>, PieceError> {
        let mut out = Vec::new();
        if at >= self.length {
            return Ok(out);
        }
        let mut from = at;
        if at < HEADER_BYTES as u64 {
            out.extend_from_slice(&self.header[at as usize..]);
            from = HEADER_BYTES as u64;
        }
        let next = self.sections.partition_point(|s| s.at <= from);
        for planned in &self.sections[next.saturating_sub(1)..] {
            if out.len() >= most {
                break;
            }
            let bytes = self.section(store, planned)?;
            // Only the first is begun in its middle.
            let skip = from.saturating_sub(planned.at) as usize;
            out.extend_from_slice(bytes.get(skip..).unwrap_or_default());
            from = planned.at + bytes.len() as u64;
        }
        Ok(out)
    }

    /// A section as it stands in the carrier, of the length that was planned.
    fn section(&self, store: &dyn BlockStore, planned: &Planned) -> Result<Vec<u8>, PieceError> {
        let mut out = Vec::new();
        match &planned.source {
            Source::Here(bytes) => section(&planned.id, bytes, &mut out),
            Source::Block => {
                let bytes = store.get(&planned.id)?.ok_or(PieceError::Gone(planned.id))?;
                section(&planned.id, &bytes, &mut out);
            }
        }
        let next = self.sections.partition_point(|s| s.at <= planned.at);
        let end = self.sections.get(next).map_or(self.length, |s| s.at);
        match planned.at + out.len() as u64 == end {
            true => Ok(out),
            false => Err(PieceError::Gone(planned.id)),
        }
    }
}

/// The same steps as those of an export, without bytes.
struct Planner<'a> {
    store: &'a dyn BlockStore,
    except: Option<&'a HashSet<BlockId>>,
    structure: HashSet<BlockId>,
    sections: Vec<Planned>,
    at: u64,
}

impl Planner<'_> {
    fn front(
        &mut self,
        head: &Accepted,
        id: BlockId,
        options: &ExportOptions<'_>,
    ) -> Result<(), ExportError> {
        self.here(id, head.bytes.clone());
        if let Some(bulletin) = options.bulletin {
            self.here(BlockId::dag_cbor(bulletin), bulletin.to_vec());
        }
        self.here(head.head.link, head.head.release.payload.clone());
        self.structure.extend([id, head.head.link]);
        for (id, payload) in earlier(self.store, &head.release, options.after)? {
            self.structure.insert(id);
            self.block(id, payload.len());
        }
        Ok(())
    }

    fn here(&mut self, id: BlockId, bytes: Vec<u8>) {
        let length = bytes.len();
        self.push(id, length, Source::Here(Arc::new(bytes)));
    }

    fn block(&mut self, id: BlockId, length: usize) {
        self.push(id, length, Source::Block);
    }

    fn push(&mut self, id: BlockId, length: usize, source: Source) {
        self.sections.push(Planned { at: self.at, id, source });
        self.at += section_length(length);
    }

    fn is_left_out(&self, id: &BlockId) -> bool {
        self.except.is_some_and(|ids| ids.contains(id))
    }
}

impl Visit for Planner<'_> {
    type Error = ExportError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ExportError> {
        let bytes = self.store.get(id)?;
        if let Some(bytes) = &bytes
            && self.structure.insert(*id)
            && !self.is_left_out(id)
        {
            self.block(*id, bytes.len());
        }
        Ok(bytes)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ExportError> {
        if self.is_left_out(id) {
            return Ok(Some(bytes));
        }
        if !self.store.has(id)? {
            return Ok(None);
        }
        // What is signed says how long it is; whether it is, is seen when it is read.
        let length = usize::try_from(bytes).unwrap_or(usize::MAX).min(MAX_BLOCK_BYTES);
        self.block(*id, length);
        Ok(Some(bytes))
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
