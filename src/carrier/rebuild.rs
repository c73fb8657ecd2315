//! Volumes that are lost or damaged, made again from parity (CAR-14).
//!
//! Nothing is written anywhere: a rebuilt volume is something that can be read ([`ReadAt`]), and its rows are made
//! when they are asked for. Every region is checked against the table of its set, and every block by its own hash, as
//! if it came from a stick. What a stranger's numbers claim is worth no more than the bytes that are there:
//! rows that cannot be made are not tried, and no more is made than was read.

use super::index::{Index, Position};
use super::input::{Input, ReadAt};
use super::staged::read_exact_at;
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateDecoder, RateDecoder};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;
use yadgar_protocol::carrier::ParitySet;
use yadgar_protocol::{BlockId, Codec, Hash};

/// Bytes that were made and are kept, so that rows are not made again for each lost volume.
const KEPT_BYTES: usize = 64 << 20;
/// Carriers that are looked at as one volume of a set.
const MAX_COPIES: usize = 4;
/// Rows at which a file without a mark is compared with the volumes of a set.
const PROBES: u64 = 4;

/// One set with what there is of it.
pub(super) struct Rebuilder<'a> {
    set: ParitySet,
    inputs: Vec<Input<'a>>,
    /// Carriers that may be each data volume.
    files: Vec<Vec<usize>>,
    /// The blocks of the table; one that is named often is held once.
    table: Vec<Option<Rc<Vec<u8>>>>,
    /// Which of `positions` the shards of parity are, row by row, from 1; 0 where there is none.
    shards: Vec<u32>,
    /// Where shards are, each place once.
    positions: Vec<Position>,
    /// Rows that were made, and their regions as far as they had to be made: the first ones, as many as are kept, and
    /// the last one.
    rows_made: BTreeMap<u64, Vec<Option<Vec<u8>>>>,
    /// Bytes of these.
    kept: usize,
    /// The row that is not kept, but was made last.
    last: Option<u64>,
    /// Data volumes of which something was made, from 0.
    pub made: BTreeSet<usize>,
}

/// A rebuilder that several segments read from.
pub(super) type Shared<'a> = Rc<RefCell<Rebuilder<'a>>>;

/// Some rows of a volume that is made again.
pub(super) struct Segment<'a> {
    from: Shared<'a>,
    volume: usize,
    /// First byte and the one after the last.
    start: u64,
    end: u64,
}

/// The rebuilder of a set, and what can be read of volumes that are not here undamaged: together at most as
/// many bytes as the carriers have, and at most `most` pieces.
pub(super) fn rebuild<'a>(
    set: ParitySet,
    index: &Index,
    inputs: &[Input<'a>],
    most: usize,
) -> (Shared<'a>, Vec<Segment<'a>>) {
    let mut room: u64 = index.sources.iter().map(|source| source.bytes).sum();
    let mut segments = Vec::new();
    let rebuilder = Rebuilder::new(set.clone(), index, inputs);
    let rows = rebuilder.rows();
    let lost: Vec<_> = (0..set.lengths.len()).filter(|n| !rebuilder.is_clean(index, *n)).collect();
    let rebuilder = Rc::new(RefCell::new(rebuilder));
    for volume in lost {
        for (start, end) in runs(&rows, &set, volume) {
            if end - start > room || segments.len() >= most {
                break;
            }
            room -= end - start;
            segments.push(Segment { from: rebuilder.clone(), volume, start, end });
        }
    }
    (rebuilder, segments)
}

/// Ranges of bytes of a volume that lie in rows which can be made.
fn runs(rows: &[bool], set: &ParitySet, volume: usize) -> Vec<(u64, u64)> {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for (row, _) in rows.iter().enumerate().filter(|(_, good)| **good) {
        let (at, length) = set.region(volume, row as u64);
        match out.last_mut() {
            _ if length == 0 => {}
            Some((_, end)) if *end == at => *end += length,
            _ => out.push((at, at + length)),
        }
    }
    out
}

impl<'a> Rebuilder<'a> {
    fn new(set: ParitySet, index: &Index, inputs: &[Input<'a>]) -> Self {
        let mut new = Self {
            inputs: inputs.to_vec(),
            files: vec![Vec::new(); set.lengths.len()],
            table: Vec::new(),
            shards: Vec::new(),
            positions: Vec::new(),
            rows_made: BTreeMap::new(),
            kept: 0,
            last: None,
            made: BTreeSet::new(),
            set,
        };
        let mut read: BTreeMap<BlockId, Option<Rc<Vec<u8>>>> = BTreeMap::new();
        for (block, id) in new.set.table.clone().iter().enumerate() {
            let bytes = read.entry(*id).or_insert_with(|| {
                let bytes = index.find(id).and_then(|(_, at)| new.at(&at));
                bytes.filter(|b| id.matches(b)).map(Rc::new)
            });
            let right = |b: &Rc<Vec<u8>>| b.len() == new.set.table_length(block);
            new.table.push(bytes.clone().filter(right));
        }
        let mut places: BTreeMap<(usize, u64), u32> = BTreeMap::new();
        let (data, volumes) = (new.set.lengths.len() as u64, new.set.volumes());
        for row in 0..new.set.rows() {
            for volume in data..volumes {
                let id = new.hash(volume, row).map(|hash| BlockId { codec: Codec::Raw, hash });
                let width = new.set.width(row);
                let at = id.and_then(|id| index.find(&id)).map(|(_, at)| at);
                let place = at.filter(|at| at.length as u64 == width).map(|at| {
                    *places.entry((at.source, at.offset)).or_insert_with(|| {
                        new.positions.push(at);
                        new.positions.len() as u32
                    })
                });
                new.shards.push(place.unwrap_or(0));
            }
        }
        new.find_files(index);
        new
    }

    /// Which carriers are data volumes: by their marks, or, without one, by what is in them.
    fn find_files(&mut self, index: &Index) {
        for (n, source) in index.sources.iter().enumerate().take(self.inputs.len()) {
            for mark in source.marks.iter().filter(|mark| mark.set == self.set.set) {
                let files = self.files.get_mut((mark.number - 1) as usize);
                if let Some(files) = files.filter(|f| f.len() < MAX_COPIES && !f.contains(&n)) {
                    files.push(n);
                }
            }
            if source.marks.is_empty() && source.blocks > 0 {
                self.probe(n);
            }
        }
    }

    fn probe(&mut self, source: usize) {
        for row in 0..self.set.rows().min(PROBES) {
            // Regions of a row begin at one place and are equally long, but where a volume ends: so few are read.
            let mut seen: BTreeMap<u64, Option<Hash>> = BTreeMap::new();
            for volume in 0..self.files.len() {
                let (at, length) = self.set.region(volume, row);
                if seen.len() >= PROBES as usize && !seen.contains_key(&length) {
                    continue;
                }
                let read = || self.read(source, at, length).map(|bytes| Hash::of(&bytes));
                let found = *seen.entry(length).or_insert_with(read);
                if length > 0 && found.is_some() && found == self.hash(volume as u64, row) {
                    self.files[volume].push(source);
                    return;
                }
            }
        }
    }

    fn is_clean(&self, index: &Index, volume: usize) -> bool {
        let length = self.set.lengths[volume];
        let clean = |n: &usize| {
            let source = &index.sources[*n];
            source.bytes == length && source.damages.count == 0
        };
        self.files[volume].iter().any(clean)
    }

    /// Which rows can be made, if what is there has no damage.
    fn rows(&self) -> Vec<bool> {
        let lengths: Vec<u64> =
            self.inputs.iter().map(|i| i.borrow_mut().length().unwrap_or(0)).collect();
        let data = self.files.len();
        let covered = |volume: usize, row| {
            let (at, length) = self.set.region(volume, row);
            length == 0 || self.files[volume].iter().any(|n| lengths[*n] >= at + length)
        };
        let possible = |row: u64| {
            let known = (0..data).all(|volume| self.hash(volume as u64, row).is_some());
            let shards = (0..self.set.parity).filter(|n| self.shard_at(*n, row).is_some()).count();
            known && (0..data).filter(|n| covered(*n, row)).count() + shards >= data
        };
        (0..self.set.rows()).map(possible).collect()
    }

    fn shard_at(&self, parity: u64, row: u64) -> Option<Position> {
        let place = (row * self.set.parity + parity) as usize;
        let number = self.shards.get(place)?.checked_sub(1)?;
        self.positions.get(number as usize).copied()
    }

    fn hash(&self, volume: u64, row: u64) -> Option<Hash> {
        let (block, at) = self.set.place(volume, row);
        ParitySet::hash_in(self.table.get(block)?.as_ref()?, at)
    }

    fn at(&self, at: &Position) -> Option<Vec<u8>> {
        self.read(at.source, at.offset, at.length as u64)
    }

    fn read(&self, source: usize, at: u64, length: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        let mut input = self.inputs.get(source)?.borrow_mut();
        read_exact_at(&mut *input, at, &mut bytes).ok().map(|()| bytes)
    }

    /// A region as some carrier has it, if its hash is right.
    fn own(&self, volume: usize, row: u64) -> Option<Vec<u8>> {
        let (at, length) = self.set.region(volume, row);
        if length == 0 {
            return Some(Vec::new());
        }
        let hash = self.hash(volume as u64, row)?;
        let mut copies = self.files[volume].iter();
        copies.find_map(|n| self.read(*n, at, length).filter(|bytes| Hash::of(bytes) == hash))
    }

    /// A region, from a carrier or made from the others; `None` when that is not possible.
    fn region(&mut self, volume: usize, row: u64) -> Option<Vec<u8>> {
        if !self.rows_made.contains_key(&row) {
            if let Some(own) = self.own(volume, row) {
                return Some(own);
            }
            let made = self.make(row).unwrap_or_default();
            self.keep(row, made);
        }
        let made = self.rows_made.get(&row).and_then(|made| made.get(volume)?.clone());
        if made.is_some() {
            self.made.insert(volume);
            return made;
        }
        self.own(volume, row)
    }

    /// Keeps a row that was made, for good while there is room, else until the next one.
    fn keep(&mut self, row: u64, made: Vec<Option<Vec<u8>>>) {
        if let Some(last) = self.last.take() {
            self.rows_made.remove(&last);
        }
        let bytes: usize = made.iter().flatten().map(Vec::len).sum();
        if self.kept.saturating_add(bytes) <= KEPT_BYTES && bytes > 0 {
            self.kept += bytes;
        } else {
            self.last = Some(row);
        }
        self.rows_made.insert(row, made);
    }

    /// Makes the regions of a row that no carrier has.
    fn make(&self, row: u64) -> Option<Vec<Option<Vec<u8>>>> {
        let (data, parity) = (self.files.len(), self.set.parity as usize);
        let width = self.set.width(row) as usize;
        let engine = DefaultEngine::new();
        let mut coder = HighRateDecoder::new(data, parity, width, engine, None).ok()?;
        let mut lost = Vec::new();
        for volume in 0..data {
            match self.own(volume, row) {
                Some(mut region) => {
                    region.resize(width, 0);
                    coder.add_original_shard(volume, region).ok()?;
                }
                None => lost.push(volume),
            }
        }
        let mut needed = lost.len();
        for n in 0..self.set.parity {
            if needed == 0 {
                break;
            }
            let (at, hash) = (self.shard_at(n, row), self.hash(data as u64 + n, row)?);
            let shard = at.and_then(|at| self.at(&at)).filter(|bytes| Hash::of(bytes) == hash);
            if let Some(shard) = shard {
                coder.add_recovery_shard(n as usize, shard).ok()?;
                needed -= 1;
            }
        }
        if needed > 0 {
            return None;
        }
        let restored = coder.decode().ok()?;
        let mut made = vec![None; data];
        for volume in lost {
            let length = self.set.region(volume, row).1 as usize;
            let region = restored.restored_original(volume)?.get(..length)?.to_vec();
            let right = self.hash(volume as u64, row) == Some(Hash::of(&region));
            made[volume] = right.then_some(region);
        }
        Some(made)
    }

    /// The set that this is about.
    pub fn set(&self) -> Hash {
        self.set.set
    }
}

impl ReadAt for Segment<'_> {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.end - self.start)
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut from = self.from.borrow_mut();
        let position = self.start.saturating_add(at);
        let shard = from.set.shard;
        let (row, within) = (position / shard, position % shard);
        let length = from.set.region(self.volume, row).1.saturating_sub(within);
        let length =
            length.min(self.end.saturating_sub(position)).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..length];
        match from.region(self.volume, row) {
            Some(region) => {
                let within = within as usize;
                buffer.copy_from_slice(&region[within..within + length]);
            }
            // Found damaged by whoever reads on.
            None if length > 0 => buffer.fill(0),
            None => {}
        }
        Ok(length)
    }
}

#[cfg(test)]
#[path = "rebuild_tests.rs"]
mod tests;
