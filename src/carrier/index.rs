//! One pass over carriers: what is in them, where, and what is damaged.

use super::damage::{Damage, Damages, MAX_RANGES};
use super::input::{Input, ReadAt};
use super::slot::Slot;
use std::collections::HashMap;
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
/// Heads that are looked at in one carrier, beside the one that its header names. All these bounds are of one carrier: what a
/// stranger puts into his takes no place from those of others.
const MAX_HEADS: usize = 16;
/// Bulletins that are looked at in one carrier; that of the archive stands right behind the head (CAR-2).
const MAX_BULLETINS: usize = 16;
/// Marks of volumes that are looked at in one carrier.
const MAX_MARKS: usize = 4;
/// Parity sets that are looked at in one carrier.
const MAX_SETS: usize = 4;
/// Carriers that can be told apart, made ones included.
pub(super) const MAX_SOURCES: usize = 1 << 12;
/// What is given up at a time where a medium cannot be read.
const SECTOR: u64 = 4096;
/// So many of them, and the medium counts as gone, for example pulled out.
const MAX_BAD_SECTORS: u32 = 10_000;

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
    /// More carriers than are told apart.
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
    /// Sectors that the medium did not give: zeros stand for them.
    pub bad_sectors: u32,
    /// Heads, bulletins and parity sets that were noted of it.
    noted: [usize; 3],
}

/// A parity set as it was met.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetSeen {
    pub id: BlockId,
    /// How many others of its carrier stand before it.
    place: usize,
    /// Carriers that have it.
    seen: usize,
    source: usize,
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
pub(super) struct Index {
    /// Sorted, each block once.
    slots: Vec<Slot>,
    /// The same blocks elsewhere, sorted.
    copies: Vec<Slot>,
    /// Blocks that have the form of a head and are named by a header; and others. With their carriers.
    named: Vec<(BlockId, usize)>,
    heads: Vec<(BlockId, usize)>,
    /// Blocks that have the form of a bulletin.
    bulletins: Vec<(BlockId, usize)>,
    sets: Vec<SetSeen>,
    /// Blocks that are marks of volumes.
    marks: Vec<(BlockId, usize)>,
    /// What was noted as a head, a bulletin or a set, and for sets where.
    known: HashMap<BlockId, usize>,
    /// The carriers, in the order in which they were read.
    pub sources: Vec<SourceFound>,
    /// Most blocks that are indexed.
    most: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self::of_at_most(MAX_BLOCKS)
    }
}

impl Index {
    /// Nothing yet, and room for so many blocks.
    pub fn of_at_most(most: usize) -> Self {
        Self {
            slots: Vec::new(),
            copies: Vec::new(),
            named: Vec::new(),
            heads: Vec::new(),
            bulletins: Vec::new(),
            sets: Vec::new(),
            marks: Vec::new(),
            known: HashMap::new(),
            sources: Vec::new(),
            most: most.min(MAX_BLOCKS),
        }
    }

    /// Blocks that have the form of a head; those that a header names come first.
    pub fn heads(&self) -> impl Iterator<Item = &BlockId> {
        self.named.iter().chain(&self.heads).map(|(id, _)| id)
    }

    /// Blocks that have the form of a bulletin.
    pub fn bulletins(&self) -> impl Iterator<Item = &BlockId> {
        self.bulletins.iter().map(|(id, _)| id)
    }

    /// Blocks that are marks of volumes.
    pub fn marks(&self) -> impl Iterator<Item = &BlockId> {
        self.marks.iter().map(|(id, _)| id)
    }

    /// Parity sets: the first of each carrier before the second of any, and of these the ones that most carriers have.
    pub fn sets(&self) -> Vec<BlockId> {
        let mut sets = self.sets.clone();
        sets.sort_by_key(|set| (set.place, std::cmp::Reverse(set.seen)));
        sets.iter().map(|set| set.id).collect()
    }

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
            let read = source.read(at, &mut piece);
            self.last().bad_sectors = source.bad;
            let count = read?;
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
                if self.slots.len() + self.copies.len() >= self.most {
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

    /// True when this carrier may have one more of a kind noted.
    fn has_room(&mut self, kind: usize, most: usize) -> bool {
        self.last().noted[kind] < most
    }

    fn note(&mut self, kind: usize, id: BlockId, place: usize) -> (BlockId, usize) {
        self.last().noted[kind] += 1;
        self.known.insert(id, place);
        (id, self.sources.len() - 1)
    }

    /// A tree node or a payload is told from a head by its first bytes already.
    fn note_head(&mut self, id: BlockId, data: &[u8]) {
        let named = self.last().root == Some(id);
        let room = named || self.has_room(0, MAX_HEADS);
        if room && !self.known.contains_key(&id) && Head::decode(data).is_ok() {
            let head = self.note(0, id, 0);
            if named { self.named.push(head) } else { self.heads.push(head) }
        }
    }

    fn note_bulletin(&mut self, id: BlockId, data: &[u8]) {
        let room = self.has_room(1, MAX_BULLETINS) && !self.known.contains_key(&id);
        if room && Bulletin::decode(data).is_ok() {
            let bulletin = self.note(1, id, 0);
            self.bulletins.push(bulletin);
        }
    }

    fn note_volume(&mut self, id: BlockId, data: &[u8]) {
        let source = self.sources.len().saturating_sub(1);
        if self.last().marks.len() < MAX_MARKS
            && let Ok(mark) = Volume::decode(data)
        {
            self.last().marks.push(mark);
            self.marks.push((id, source));
        }
        if let Some(known) = self.known.get(&id) {
            if let Some(set) = self.sets.get_mut(*known).filter(|set| set.id == id) {
                set.seen += usize::from(set.source != source);
                set.source = source;
            }
        } else if self.has_room(2, MAX_SETS) && ParitySet::decode(data).is_ok() {
            let place = self.last().noted[2];
            self.note(2, id, self.sets.len());
            self.sets.push(SetSeen { id, place, seen: 1, source });
        }
    }

    /// Sorts what was read. Of a block that is there more than once the first copy counts, while it can be read.
    pub fn finish(&mut self) {
        let mut all = std::mem::take(&mut self.slots);
        all.append(&mut self.copies);
        all.sort_by_key(|slot| (slot.order(), slot.source(), slot.offset));
        for slot in all {
            match self.slots.last().is_some_and(|last| last.order() == slot.order()) {
                true => self.copies.push(slot),
                false => self.slots.push(slot),
            }
        }
    }

    /// Forgets all carriers but the first `count`.
    pub fn forget_from(&mut self, count: usize) {
        self.slots.retain(|slot| slot.source() < count);
        self.copies.retain(|slot| slot.source() < count);
        let known = &mut self.known;
        for list in [&mut self.named, &mut self.heads, &mut self.bulletins, &mut self.marks] {
            list.retain(|(id, source)| {
                let keep = *source < count;
                if !keep {
                    known.remove(id);
                }
                keep
            });
        }
        // Where it was met last says nothing of where it was met first, but one that was met before has its place.
        let kept = self.sets.iter().position(|set| set.seen == 1 && set.source >= count);
        for set in self.sets.drain(kept.unwrap_or(self.sets.len())..) {
            known.remove(&set.id);
        }
        self.sources.truncate(count);
    }

    /// Sections beyond the first of a block.
    pub fn repeated(&self) -> u64 {
        self.copies.len() as u64
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

    /// Where else it is.
    pub fn copies(&self, id: &BlockId) -> impl Iterator<Item = Position> {
        let order = Slot::new(id, 0, 0, 0).order();
        let from = self.copies.partition_point(|slot| slot.order() < order);
        let same = self.copies[from..].iter().take_while(move |slot| slot.order() == order);
        same.map(|s| Position { source: s.source(), offset: s.offset, length: s.length() })
    }
}
