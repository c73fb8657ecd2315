//! One pass over a carrier: what is in it, where, and what is damaged.

use super::ReadSeek;
use std::cell::RefCell;
use std::io::{self, SeekFrom};
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{CarReader, Event};
use yadgar_protocol::head::Head;
use yadgar_protocol::{BlockId, Codec};

/// Bytes read at a time.
const PIECE: usize = 1 << 20;
/// Blocks that are indexed, at 32 bytes each. A stick made of nothing but tiny blocks would fill
/// the memory otherwise; in an archive this many are hundreds of gigabytes.
const MAX_BLOCKS: usize = 8_000_000;
/// Heads that are looked at.
const MAX_HEADS: usize = 16;
/// Bulletins that are looked at.
const MAX_BULLETINS: usize = 16;
/// What is given up at a time where a medium cannot be read.
const SECTOR: u64 = 4096;
/// So many of them, and the medium counts as gone, for example pulled out.
const MAX_BAD_SECTORS: u32 = 10_000;
/// Damaged ranges that are named one by one.
const MAX_RANGES: usize = 1_000;

/// A range of a carrier that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Damage {
    /// First byte.
    pub from: u64,
    /// First byte after it.
    pub to: u64,
    /// What was wrong there, for people, with the clause of the spec.
    pub why: String,
}

/// All damage of a carrier.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Damages {
    /// How many ranges.
    pub count: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The first 1000 ranges.
    pub ranges: Vec<Damage>,
}

/// Where a block is. 32 bytes. Half of the hash is enough to find it, the whole is checked when it
/// is read.
#[derive(Clone, Copy)]
struct Slot {
    key: [u8; 16],
    offset: u64,
    /// Length, and in the highest bit whether it is structure.
    length: u32,
}

const STRUCTURE: u32 = 1 << 31;

impl Slot {
    fn new(id: &BlockId, offset: u64, length: usize) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&id.hash.0[..16]);
        // At most 262144 by CAR-3.
        let mut length = length as u32;
        if id.codec == Codec::DagCbor {
            length |= STRUCTURE;
        }
        Self { key, offset, length }
    }

    fn order(&self) -> ([u8; 16], bool) {
        (self.key, self.length & STRUCTURE != 0)
    }
}

/// Why a carrier could not be indexed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file or the stick cannot be read.
    #[error("the carrier cannot be read: {0}")]
    Read(#[from] io::Error),
    /// More blocks than this program indexes.
    #[error("more than {MAX_BLOCKS} blocks in one carrier")]
    TooMany,
}

/// A file on a medium that may be worn.
struct Source<'a> {
    input: &'a mut dyn ReadSeek,
    length: u64,
    /// Sectors that could not be read.
    bad: u32,
}

impl Source<'_> {
    /// Reads on at `at`, where the input stands. A sector that cannot be read becomes zeros, which
    /// are found damaged later: the rest of the medium must not be lost by it (CAR-6).
    fn read(&mut self, at: u64, piece: &mut [u8]) -> io::Result<usize> {
        loop {
            let error = match self.input.read(piece) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            let sector = (SECTOR - at % SECTOR).min(self.length.saturating_sub(at)) as usize;
            if sector == 0 || self.bad == MAX_BAD_SECTORS {
                return Err(error);
            }
            // The error may be anywhere in the piece: come closer to it first.
            self.input.seek(SeekFrom::Start(at))?;
            let small = &mut piece[..sector];
            if let Ok(count) = self.input.read(small)
                && count > 0
            {
                return Ok(count);
            }
            self.bad += 1;
            small.fill(0);
            self.input.seek(SeekFrom::Start(at + sector as u64))?;
            return Ok(sector);
        }
    }
}

/// What is in a carrier.
pub(super) struct Index {
    /// Sorted, each block once.
    slots: Vec<Slot>,
    /// What the header names; `None` when the header is damaged.
    pub root: Option<BlockId>,
    /// Blocks that have the form of a head; the one the header names comes first.
    pub heads: Vec<BlockId>,
    /// Blocks that have the form of a bulletin.
    pub bulletins: Vec<BlockId>,
    /// Length of the carrier.
    pub bytes: u64,
    /// Sections beyond the first of a block.
    pub repeated: u64,
    pub damages: Damages,
}

impl Index {
    /// Reads the carrier to its end. `progress` gets the number of bytes read so far.
    pub fn scan(
        input: &mut dyn ReadSeek,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, IndexError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut index = Self {
            slots: Vec::new(),
            root: None,
            heads: Vec::new(),
            bulletins: Vec::new(),
            bytes: 0,
            repeated: 0,
            damages: Damages::default(),
        };
        let mut source = Source { length, input, bad: 0 };
        let (mut reader, mut piece) = (CarReader::new(), vec![0; PIECE]);
        loop {
            let count = source.read(index.bytes, &mut piece)?;
            reader.feed(&piece[..count]);
            while let Some(event) = reader.next(count == 0) {
                index.take(event)?;
            }
            if count == 0 {
                break;
            }
            index.bytes += count as u64;
            progress(index.bytes);
        }
        index.finish();
        Ok(index)
    }

    fn take(&mut self, event: Event) -> Result<(), IndexError> {
        match event {
            Event::Header { root } => self.root = root,
            Event::Skipped { from, to, why } => {
                self.damages.count += 1;
                self.damages.bytes += to - from;
                if self.damages.ranges.len() < MAX_RANGES {
                    self.damages.ranges.push(Damage { from, to, why: why.to_string() });
                }
            }
            Event::Block { id, data, offset } => {
                if self.slots.len() >= MAX_BLOCKS {
                    return Err(IndexError::TooMany);
                }
                self.slots.push(Slot::new(&id, offset, data.len()));
                self.note_head(id, &data);
                self.note_bulletin(id, &data);
            }
        }
        Ok(())
    }

    /// A tree node or a payload is told from a head by its first bytes already.
    fn note_head(&mut self, id: BlockId, data: &[u8]) {
        let named = self.root == Some(id);
        let room = named || self.heads.len() < MAX_HEADS;
        let is_new = room && id.codec == Codec::DagCbor && !self.heads.contains(&id);
        if is_new && Head::decode(data).is_ok() {
            let at = if named { 0 } else { self.heads.len() };
            self.heads.insert(at, id);
        }
    }

    fn note_bulletin(&mut self, id: BlockId, data: &[u8]) {
        let room = self.bulletins.len() < MAX_BULLETINS && !self.bulletins.contains(&id);
        if room && id.codec == Codec::DagCbor && Bulletin::decode(data).is_ok() {
            self.bulletins.push(id);
        }
    }

    fn finish(&mut self) {
        let all = self.slots.len();
        self.slots.sort_by_key(Slot::order);
        self.slots.dedup_by_key(|slot| slot.order());
        self.repeated = (all - self.slots.len()) as u64;
    }

    /// Number of different blocks.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    fn find(&self, id: &BlockId) -> Option<(usize, Slot)> {
        let order = Slot::new(id, 0, 0).order();
        let at = self.slots.binary_search_by_key(&order, Slot::order).ok()?;
        self.slots.get(at).map(|slot| (at, *slot))
    }
}

/// The blocks of an indexed carrier.
pub(super) struct Staged<'a> {
    pub index: &'a Index,
    input: RefCell<&'a mut dyn ReadSeek>,
    /// What became of each block, in the order of the index.
    uses: RefCell<Vec<Use>>,
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

impl<'a> Staged<'a> {
    pub fn new(index: &'a Index, input: &'a mut dyn ReadSeek) -> Self {
        let uses = RefCell::new(vec![Use::None; index.len()]);
        Self { index, input: RefCell::new(input), uses }
    }

    /// Length of a block, `None` when it is not in the carrier.
    pub fn length(&self, id: &BlockId) -> Option<u64> {
        self.index.find(id).map(|(_, slot)| u64::from(slot.length & !STRUCTURE))
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

    /// The bytes of a block, hashed again: a worn stick does not read the same twice.
    pub fn read(&self, id: &BlockId) -> io::Result<Option<Vec<u8>>> {
        let Some((_, slot)) = self.index.find(id) else {
            return Ok(None);
        };
        let mut data = vec![0; (slot.length & !STRUCTURE) as usize];
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(slot.offset))?;
        input.read_exact(&mut data)?;
        Ok(id.matches(&data).then_some(data))
    }
}

impl ReadBlocks for Staged<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.read(id).map_err(|error| ReadError(error.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        Ok(self.index.find(id).is_some())
    }
}
