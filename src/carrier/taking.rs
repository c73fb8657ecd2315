//! The walk of an import: what of accepted releases is in the carriers goes into the store.

use super::before;
use super::import::{ImportError, ImportOptions, ImportProgress, ReleaseFound};
use super::staged::{Staged, Use};
use crate::store::BlockStore;
use crate::survey::{Visit, Walk};
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::trust::Accepted;

/// Bytes that go into the store at a time.
const BATCH: usize = 4 << 20;

/// Walks releases and takes their blocks out of the carrier.
pub(super) struct Taking<'a, 'b, 'i> {
    pub store: &'a dyn BlockStore,
    pub staged: &'a Staged<'b, 'i>,
    batch: Vec<Packed>,
    batch_bytes: usize,
    pub at: ImportProgress,
    progress: &'a mut dyn FnMut(ImportProgress),
}

impl<'a, 'b, 'i> Taking<'a, 'b, 'i> {
    /// Nothing is taken yet.
    pub fn new(
        store: &'a dyn BlockStore,
        staged: &'a Staged<'b, 'i>,
        progress: &'a mut dyn FnMut(ImportProgress),
    ) -> Self {
        let at = ImportProgress::default();
        Self { store, staged, batch: Vec::new(), batch_bytes: 0, at, progress }
    }

    /// Walks what was accepted now, then what was known before. Of the latter only those count
    /// that the carrier has something of: a stick says nothing about archives it is not of.
    pub fn releases(
        &mut self,
        kept: &[Accepted],
        options: &ImportOptions<'_>,
    ) -> Result<Vec<ReleaseFound>, ImportError> {
        let mut found = Vec::new();
        for head in kept {
            self.payloads(head)?;
            found.push(self.release(head, options)?);
        }
        for head in options.known {
            if kept.iter().any(|other| other.release.archive == head.release.archive) {
                continue;
            }
            let before = self.staged.count(Use::None);
            self.payloads(head)?;
            let release = self.release(head, options)?;
            if self.staged.count(Use::None) < before {
                found.push(release);
            }
        }
        Ok(found)
    }

    /// The release's payload and those before it: others need them to follow the chain.
    fn payloads(&mut self, head: &Accepted) -> Result<(), ImportError> {
        let id = head.head.link;
        self.staged.mark(&id, Use::Present);
        if !self.store.has(&id)? {
            self.take(id, head.head.release.payload.clone())?;
        }
        let mut next = before(&head.release);
        for _ in 0..MAX_ANCESTORS {
            let Some(id) = next else { break };
            let Some(bytes) = self.structure(&id)? else { break };
            next = Release::decode(&bytes).ok().as_ref().and_then(before);
        }
        Ok(())
    }

    fn release(
        &mut self,
        head: &Accepted,
        options: &ImportOptions<'_>,
    ) -> Result<ReleaseFound, ImportError> {
        let names = options.parts;
        let denied = options.denied.map(|denied| denied(&head.release.archive)).transpose()?;
        let wanted = |part: &&Part| names.is_none_or(|names| names.contains(&part.name));
        let (archive, sequence) = (head.release.archive, head.release.sequence);
        let mut walk = Walk::new(self).without(denied.as_deref());
        let mut parts = Vec::new();
        for part in head.release.parts.iter().filter(wanted) {
            parts.push(walk.part(part, true)?);
        }
        let faults = walk.faults;
        Ok(ReleaseFound { archive, sequence, parts, faults })
    }

    /// A block of structure from the store or the carrier, `None` when neither has it.
    fn structure(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ImportError> {
        if self.staged.is_taken(id) {
            // It may still be in the batch, not in the store.
            return Ok(self.staged.read(id));
        }
        self.staged.mark(id, Use::Present);
        if let Some(bytes) = self.store.get(id)? {
            return Ok(Some(bytes));
        }
        let bytes = self.staged.read(id);
        if let Some(bytes) = &bytes {
            self.take(*id, bytes.clone())?;
        }
        Ok(bytes)
    }

    fn take(&mut self, id: BlockId, data: Vec<u8>) -> Result<(), ImportError> {
        self.staged.mark(&id, Use::Taken);
        self.at.taken += 1;
        self.at.taken_bytes += data.len() as u64;
        self.batch_bytes += data.len();
        self.batch.push(Packed { id, encoding: Encoding::Plain, data });
        (self.progress)(self.at);
        if self.batch_bytes >= BATCH { self.put() } else { Ok(()) }
    }

    /// Puts what is gathered into the store.
    pub fn put(&mut self) -> Result<(), ImportError> {
        self.batch_bytes = 0;
        Ok(self.store.put(std::mem::take(&mut self.batch))?)
    }
}

impl Visit for Taking<'_, '_, '_> {
    type Error = ImportError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ImportError> {
        self.structure(id)
    }

    fn list(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ImportError> {
        self.structure(id)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ImportError> {
        if self.staged.is_taken(id) {
            return Ok(self.staged.length(id));
        }
        self.staged.mark(id, Use::Present);
        if self.store.has(id)? {
            // Its hash was checked when it was put; its length is in the same signed tree.
            return Ok(Some(bytes));
        }
        let Some(data) = self.staged.read(id) else { return Ok(None) };
        let length = data.len() as u64;
        self.take(*id, data)?;
        Ok(Some(length))
    }
}
