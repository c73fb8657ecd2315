//! The blocks of indexed carriers, and what became of each.

use super::index::{Index, Position};
use super::input::{Input, ReadAt};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::io;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::carrier::ParitySet;
use yadgar_protocol::{BlockId, Codec, Hash};

/// The blocks of indexed carriers.
pub(super) struct Staged<'a, 'i> {
    pub index: &'a Index,
    inputs: &'a [Input<'i>],
    /// What became of each block, in the order of the index.
    uses: RefCell<Vec<Use>>,
    failed: RefCell<BTreeMap<usize, String>>,
}

/// What became of a block of the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Nobody asked for it.
    None,
    /// Somebody asked for it, and it was there already.
    Present,
    /// It was taken into the store.
    Taken,
}

impl<'a, 'i> Staged<'a, 'i> {
    /// The blocks of `index`, whose sources are `inputs`.
    pub fn new(index: &'a Index, inputs: &'a [Input<'i>]) -> Self {
        let uses = RefCell::new(vec![Use::None; index.len()]);
        Self { index, inputs, uses, failed: RefCell::default() }
    }

    /// Length of a block, `None` when it is not in the carrier.
    pub fn length(&self, id: &BlockId) -> Option<u64> {
        self.index.find(id).map(|(_, at)| at.length as u64)
    }

    /// Notes what became of a block. What was taken stays taken.
    pub fn mark(&self, id: &BlockId, what: Use) {
        if let Some((at, _)) = self.index.find(id)
            && let Some(known) = self.uses.borrow_mut().get_mut(at)
            && *known != Use::Taken
        {
            *known = what;
        }
    }

    /// True when the block was taken.
    pub fn is_taken(&self, id: &BlockId) -> bool {
        let known = self.index.find(id).and_then(|(at, _)| self.uses.borrow().get(at).copied());
        known == Some(Use::Taken)
    }

    /// How many blocks have come to this.
    pub fn count(&self, what: Use) -> u64 {
        self.uses.borrow().iter().filter(|known| **known == what).count() as u64
    }

    /// Notes the marks of volumes and what belongs to parity as used: no release names them.
    pub fn mark_sets(&self) {
        self.index.marks().for_each(|id| self.mark(id, Use::Present));
        let mut seen = HashSet::new();
        for id in self.index.sets() {
            self.mark(&id, Use::Present);
            let Some(set) = self.set(&id) else { continue };
            // A stranger can name one block any number of times.
            for table in set.table.iter().filter(|id| seen.insert(**id)) {
                let Some(bytes) = self.read(table) else { continue };
                self.mark(table, Use::Present);
                for hash in bytes.as_chunks::<32>().0 {
                    self.mark(&BlockId { codec: Codec::Raw, hash: Hash(*hash) }, Use::Present);
                }
            }
        }
    }

    /// A parity set, if it can be read still.
    pub fn set(&self, id: &BlockId) -> Option<ParitySet> {
        self.read(id).and_then(|bytes| ParitySet::decode(&bytes).ok())
    }

    /// The bytes of a block, hashed again: a worn stick does not read the same twice. When the medium does not give it,
    /// each other place is tried where it is; what failed is told by [`Staged::failed`].
    pub fn read(&self, id: &BlockId) -> Option<Vec<u8>> {
        let (_, first) = self.index.find(id)?;
        std::iter::once(first).chain(self.index.copies(id)).find_map(|at| self.read_at(id, &at))
    }

    fn read_at(&self, id: &BlockId, at: &Position) -> Option<Vec<u8>> {
        let input = self.inputs.get(at.source)?;
        let mut data = vec![0; at.length];
        match read_exact_at(&mut *input.borrow_mut(), at.offset, &mut data) {
            Ok(()) => id.matches(&data).then_some(data),
            Err(error) => {
                let why = || error.to_string();
                self.failed.borrow_mut().entry(at.source).or_insert_with(why);
                None
            }
        }
    }

    /// Carriers of which a block could not be read that was there a moment ago, and why.
    pub fn failed(&self) -> BTreeMap<usize, String> {
        self.failed.borrow().clone()
    }
}

/// Fills `buffer` from `at` on.
pub(super) fn read_exact_at(
    input: &mut dyn ReadAt,
    mut at: u64,
    mut buffer: &mut [u8],
) -> io::Result<()> {
    while !buffer.is_empty() {
        match input.read_at(at, buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                at += count as u64;
                buffer = &mut buffer[count..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl ReadBlocks for Staged<'_, '_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.read(id))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        Ok(self.index.find(id).is_some())
    }
}
