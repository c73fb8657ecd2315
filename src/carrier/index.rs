//! One pass over carriers: what is in them, where, and what is damaged.

use super::input::{Input, ReadAt};
use std::io;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{CarReader, Event, ParitySet, Volume};
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
/// Marks of volumes that are looked at in one carrier.
const MAX_MARKS: usize = 4;
/// Parity sets that are looked at.
const MAX_SETS: usize = 4;
/// Carriers that are read together.
pub(super) const MAX_SOURCES: usize = 1 << 12;
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

impl Damages {
    /// Counts other damage too.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.bytes += other.bytes;
        let room = MAX_RANGES.saturating_sub(self.ranges.len());
        self.ranges.extend(other.ranges.iter().take(room).cloned());
    }
}

/// Where a block is. 32 bytes. Half of the hash is enough to find it, the whole is checked when it
/// is read.
#[derive(Clone, Copy)]
struct Slot {
    key: [u8; 16],
    offset: u64,
    /// Length in the low bits, then the number of the carrier, and in the highest bit whether it is structure.
    length: u32,
}

const STRUCTURE: u32 = 1 << 31;
/// Bits of a length, which is at most 262144 by CAR-3.
const LENGTH_BITS: u32 = 19;

impl Slot {
    fn new(id: &BlockId, source: usize, offset: u64, length: usize) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&id.hash.0[..16]);
        let mut length = length as u32 | (source as u32) << LENGTH_BITS;
        if id.codec == Codec::DagCbor {
            length |= STRUCTURE;
        }
        Self { key, offset, length }
    }

    fn order(&self) -> ([u8; 16], bool) {
        (self.key, self.length & STRUCTURE != 0)
    }

    fn length(&self) -> usize {
        (self.length & ((1 << LENGTH_BITS) - 1)) as usize
    }

    fn source(&self) -> usize {
        ((self.length & !STRUCTURE) >> LENGTH_BITS) as usize
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
    #[error("more than {MAX_BLOCKS} blocks at a time")]
    TooMany,
    /// More carriers than are read together.
    #[error("more than {MAX_SOURCES} carriers at a time")]
    TooManySources,
}

/// A file on a medium that may be worn.
struct Source<'a> {
    input: &'a mut dyn ReadAt,
    length: u64,
    /// Sectors that could not be read.
    bad: u32,
}

impl Source<'_> {
    /// Reads on at `at`. A sector that cannot be read becomes zeros, which
    /// are found damaged later: the rest of the medium must not be lost by it (CAR-6).
    fn read(&mut self, at: u64, piece: &mut [u8]) -> io::Result<usize> {
        loop {
            let error = match self.input.read_at(at, piece) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            let sector = (SECTOR - at % SECTOR).min(self.length.saturating_sub(at)) as usize;
            if sector == 0 || self.bad == MAX_BAD_SECTORS {
                return Err(error);
            }
            // The error may be anywhere in the piece: come closer to it first.
            let small = &mut piece[..sector];
            if let Ok(count) = self.input.read_at(at, small)
                && count > 0
            {
                return Ok(count);
            }
            self.bad += 1;
            small.fill(0);
            return Ok(sector);
        }
    }
}

/// What one carrier is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SourceFound {
    /// What the header names; `None` when the header is damaged.
    pub root: Option<BlockId>,
    /// Length.
    pub bytes: u64,
    pub damages: Damages,
    /// Blocks whose hash is right.
    pub blocks: u64,
    /// Marks of volumes in it; a volume has one.
    pub marks: Vec<Volume>,
}

/// Where a block is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// Number of the carrier.
    pub source: usize,
    pub offset: u64,
    pub length: usize,
}

/// What is in some carriers.
#[derive(Default)]
pub(super) struct Index {
    /// Sorted, each block once.
    slots: Vec<Slot>,
    /// Blocks that have the form of a head; those that a header names come first.
    pub heads: Vec<BlockId>,
    /// Blocks that have the form of a bulletin.
    pub bulletins: Vec<BlockId>,
    /// Parity sets, with their ids.
    pub sets: Vec<(BlockId, ParitySet)>,
    /// Blocks that are marks of volumes.
    pub marks: Vec<BlockId>,
    /// The carriers, in the order in which they were read.
    pub sources: Vec<SourceFound>,
    /// Sections beyond the first of a block.
    pub repeated: u64,
}

impl Index {
    /// Reads one carrier.
    pub fn scan(input: &Input<'_>, progress: &mut dyn FnMut(u64)) -> Result<Self, IndexError> {
        let mut index = Self::default();
        index.add(input, progress)?;
        index.finish();
        Ok(index)
    }

    /// Reads one more carrier to its end. `progress` gets the number of bytes of it read so far. To be
    /// followed by [`Index::finish`].
    pub fn add(
        &mut self,
        input: &Input<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), IndexError> {
        if self.sources.len() == MAX_SOURCES {
            return Err(IndexError::TooManySources);
        }
        self.sources.push(SourceFound::default());
        let mut input = input.borrow_mut();
        let length = input.length()?;
        let mut source = Source { length, input: &mut *input, bad: 0 };
        let (mut reader, mut piece, mut at) = (CarReader::new(), vec![0; PIECE], 0);
        loop {
            let count = source.read(at, &mut piece)?;
            reader.feed(&piece[..count]);
            while let Some(event) = reader.next(count == 0) {
                self.take(event)?;
            }
            if count == 0 {
                break;
            }
            at += count as u64;
            progress(at);
        }
        self.last().bytes = at;
        Ok(())
    }

    fn last(&mut self) -> &mut SourceFound {
        // Every carrier that is read has its place before.
        if self.sources.is_empty() {
            self.sources.push(SourceFound::default());
        }
        let last = self.sources.len() - 1;
        &mut self.sources[last]
    }

    fn take(&mut self, event: Event) -> Result<(), IndexError> {
        match event {
            Event::Header { root } => self.last().root = root,
            Event::Skipped { from, to, why } => {
                let damages = &mut self.last().damages;
                damages.count += 1;
                damages.bytes += to - from;
                if damages.ranges.len() < MAX_RANGES {
                    damages.ranges.push(Damage { from, to, why: why.to_string() });
                }
            }
            Event::Block { id, data, offset } => {
                if self.slots.len() >= MAX_BLOCKS {
                    return Err(IndexError::TooMany);
                }
                self.last().blocks += 1;
                let source = self.sources.len() - 1;
                self.slots.push(Slot::new(&id, source, offset, data.len()));
                if id.codec == Codec::DagCbor {
                    self.note_head(id, &data);
                    self.note_bulletin(id, &data);
                    self.note_volume(id, &data);
                }
            }
        }
        Ok(())
    }

    /// A tree node or a payload is told from a head by its first bytes already.
    fn note_head(&mut self, id: BlockId, data: &[u8]) {
        let named = self.last().root == Some(id);
        let room = named || self.heads.len() < MAX_HEADS;
        let is_new = room && !self.heads.contains(&id);
        if is_new && Head::decode(data).is_ok() {
            let at = if named { 0 } else { self.heads.len() };
            self.heads.insert(at, id);
        }
    }

    fn note_bulletin(&mut self, id: BlockId, data: &[u8]) {
        let room = self.bulletins.len() < MAX_BULLETINS && !self.bulletins.contains(&id);
        if room && Bulletin::decode(data).is_ok() {
            self.bulletins.push(id);
        }
    }

    fn note_volume(&mut self, id: BlockId, data: &[u8]) {
        if self.last().marks.len() < MAX_MARKS
            && let Ok(mark) = Volume::decode(data)
        {
            self.last().marks.push(mark);
            self.marks.push(id);
        }
        let room = self.sets.len() < MAX_SETS && !self.sets.iter().any(|(known, _)| *known == id);
        if room && let Ok(set) = ParitySet::decode(data) {
            self.sets.push((id, set));
        }
    }

    /// Sorts what was read. Of a block that is there more than once the first copy counts.
    pub fn finish(&mut self) {
        let all = self.slots.len();
        self.slots.sort_by_key(Slot::order);
        self.slots.dedup_by_key(|slot| slot.order());
        self.repeated += (all - self.slots.len()) as u64;
    }

    /// Number of different blocks.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Where a block is, and its place in the order of all.
    pub fn find(&self, id: &BlockId) -> Option<(usize, Position)> {
        let order = Slot::new(id, 0, 0, 0).order();
        let at = self.slots.binary_search_by_key(&order, Slot::order).ok()?;
        let slot = self.slots.get(at)?;
        let (source, offset, length) = (slot.source(), slot.offset, slot.length());
        Some((at, Position { source, offset, length }))
    }
}
