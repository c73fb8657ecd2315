//! Writing the parity volumes of a set (CAR-11 to CAR-13).
//!
//! Row by row: the regions of all data volumes are read back from the disk, and one shard of each parity volume is
//! made of them. What is in memory is one row, whatever the size of the set.

use super::export::ExportError;
use super::file::{forget_pages, give_name};
use super::input::open_plain;
use super::plan::{Front, longest_mark};
use super::split::{VolumeWritten, begins_as, ours, part_of, reading};
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateEncoder, RateEncoder};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use yadgar_protocol::carrier::{
    CarReader, Event, ParitySet, Volume, header, section, section_length,
};
use yadgar_protocol::{BlockId, Hash};

/// Bytes read at a time when a volume is looked through.
const PIECE: usize = 1 << 20;

/// How much parity is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// So many volumes.
    Volumes(u64),
    /// So many for each hundred volumes of data, rounded up.
    Percent(u64),
}

impl Parity {
    /// Parity volumes for so many volumes of data.
    pub fn of(self, data: u64) -> u64 {
        match self {
            Self::Volumes(n) => n,
            Self::Percent(n) => data.saturating_mul(n).div_ceil(100),
        }
    }
}

impl std::str::FromStr for Parity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<u64>().ok().filter(|n| *n > 0);
        let parsed = match text.trim().strip_suffix('%') {
            Some(percent) => number(percent).map(Self::Percent),
            None => number(text).map(Self::Volumes),
        };
        parsed.ok_or_else(|| "a number of volumes, or a share, for example 3 or 20%".into())
    }
}

/// Length of a parity volume with this front, at most.
pub(super) fn length(front: &Front, set: &ParitySet) -> u64 {
    let shards = (0..set.rows()).map(|row| section_length(set.width(row) as usize)).sum::<u64>();
    front.length(&longest_mark(), false) + 2 * know_how(set) + shards
}

/// Length of the sections that say what the shards are of.
fn know_how(set: &ParitySet) -> u64 {
    let tables = (0..set.table.len()).map(|n| section_length(set.table_length(n)));
    section_length(set.encode().len()) + tables.sum::<u64>()
}

/// The parity volumes of a set whose data volumes are written.
pub(super) struct Making<'a> {
    pub front: &'a Front,
    pub set: ParitySet,
    /// The data volumes.
    pub data: Vec<PathBuf>,
    /// The parity volumes.
    pub paths: Vec<PathBuf>,
    pub force: bool,
}

/// One parity volume on its way.
struct Output {
    number: usize,
    out: BufWriter<File>,
    /// Where the first copy of set and table goes.
    reserved: u64,
}

impl Making<'_> {
    /// Writes those that are not there. `progress` hears of the bytes of each row that is done.
    pub fn write(
        mut self,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<VolumeWritten>, ExportError> {
        let mut done = Vec::new();
        let mut outputs = Vec::new();
        for (number, path) in self.paths.iter().enumerate() {
            let whole = match ours(path, self.force)? {
                Some(file) => self.is_whole(file, number).map_err(|e| reading(path, e))?,
                None => false,
            };
            if !whole {
                super::file::check_free(path, self.force)?;
                outputs.push(self.begin(number)?);
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            done.push(VolumeWritten { name, bytes: 0, kept: whole });
        }
        if !outputs.is_empty() {
            let tables = self.rows(&mut outputs, progress)?;
            self.set.table = tables.iter().map(|table| BlockId::raw(table)).collect();
            for output in outputs {
                self.end(output, &tables)?;
            }
        }
        for (volume, path) in done.iter_mut().zip(&self.paths) {
            volume.bytes = fs::metadata(path).map_err(|e| reading(path, e))?.len();
        }
        Ok(done)
    }

    fn mark(&self, number: usize) -> Vec<u8> {
        let data = self.data.len() as u64;
        Volume::new(self.set.set, data + number as u64 + 1, data, self.set.parity).encode()
    }

    fn begin(&self, number: usize) -> Result<Output, ExportError> {
        let part = part_of(&self.paths[number]);
        let failed = |e| ExportError::io(format!("writing {}", part.display()), e);
        let mut options = OpenOptions::new();
        let file = match ours(&part, self.force)? {
            None => options.write(true).create_new(true).open(&part).map_err(failed)?,
            Some(mut before) => {
                let same = begins_as(&mut before, &self.front.head.0).map_err(failed)?;
                if !same && !self.force {
                    return Err(ExportError::Exists(part));
                }
                // Rows are made anew, so nothing of it is of use.
                options.write(true).truncate(true).open(&part).map_err(failed)?
            }
        };
        let mut out = BufWriter::new(file);
        let mut bytes = header(&self.front.head.0);
        let mark = self.mark(number);
        section(&self.front.head.0, &self.front.head.1, &mut bytes);
        section(&BlockId::dag_cbor(&mark), &mark, &mut bytes);
        self.front.first.iter().for_each(|(id, data)| section(id, data, &mut bytes));
        out.write_all(&bytes).map_err(failed)?;
        let reserved = bytes.len() as u64;
        io::copy(&mut io::repeat(0).take(know_how(&self.set)), &mut out).map_err(failed)?;
        Ok(Output { number, out, reserved })
    }

    /// Writes the shards of all rows, and gives the tables of hashes.
    fn rows(
        &self,
        outputs: &mut [Output],
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<Vec<u8>>, ExportError> {
        let set = &self.set;
        let mut tables: Vec<Vec<u8>> =
            (0..set.table.len()).map(|n| vec![0; set.table_length(n)]).collect();
        let mut note = |volume: usize, row, hash: &Hash| {
            let (block, at) = set.place(volume as u64, row);
            if let Some(place) = tables.get_mut(block).and_then(|t| t.get_mut(at..at + 32)) {
                place.copy_from_slice(&hash.0);
            }
        };
        let open = |path: &PathBuf| open_plain(path).map_err(|e| reading(path, e));
        let mut inputs: Vec<File> = self.data.iter().map(open).collect::<Result<_, _>>()?;
        let (data, parity) = (self.data.len(), set.parity as usize);
        let first = set.width(0) as usize;
        let engine = DefaultEngine::new();
        let mut coder = HighRateEncoder::new(data, parity, first, engine, None).map_err(coding)?;
        let (mut shard, mut bytes) = (Vec::new(), Vec::new());
        for row in 0..set.rows() {
            let width = set.width(row) as usize;
            coder.reset(data, parity, width).map_err(coding)?;
            for (n, input) in inputs.iter_mut().enumerate() {
                let (_, length) = set.region(n, row);
                shard.clear();
                shard.resize(width, 0);
                let region = &mut shard[..length as usize];
                input.read_exact(region).map_err(|e| reading(&self.data[n], e))?;
                note(n, row, &Hash::of(region));
                coder.add_original_shard(&shard).map_err(coding)?;
                progress(length);
            }
            let made = coder.encode().map_err(coding)?;
            for (n, shard) in made.recovery_iter().enumerate() {
                let id = BlockId::raw(shard);
                note(data + n, row, &id.hash);
                if let Some(output) = outputs.iter_mut().find(|output| output.number == n) {
                    bytes.clear();
                    section(&id, shard, &mut bytes);
                    output.out.write_all(&bytes).map_err(|e| writing(&self.paths[n], e))?;
                }
            }
        }
        Ok(tables)
    }

    /// Writes set and table at both ends, and gives the volume its name.
    fn end(&self, output: Output, tables: &[Vec<u8>]) -> Result<(), ExportError> {
        let path = &self.paths[output.number];
        let part = part_of(path);
        let mut bytes = Vec::new();
        let set = self.set.encode();
        section(&BlockId::dag_cbor(&set), &set, &mut bytes);
        tables.iter().for_each(|table| section(&BlockId::raw(table), table, &mut bytes));
        let failed = |e| writing(path, e);
        let mut out = output.out;
        out.write_all(&bytes).map_err(failed)?;
        out.seek(SeekFrom::Start(output.reserved)).map_err(failed)?;
        out.write_all(&bytes).map_err(failed)?;
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        forget_pages(&file);
        drop(file);
        let again = open_plain(&part).and_then(|file| self.is_whole(file, output.number));
        if !again.map_err(|e| reading(&part, e))? {
            return Err(ExportError::ReadBack(part.display().to_string()));
        }
        give_name(&part, path, self.force)
    }

    /// True for a volume without damage that says to be this one of this set.
    fn is_whole(&self, mut file: File, number: usize) -> io::Result<bool> {
        let (mut reader, mut piece) = (CarReader::new(), vec![0; PIECE]);
        let mark = BlockId::dag_cbor(&self.mark(number));
        let (mut marked, mut told, mut blocks) = (false, false, 0);
        loop {
            let count = file.read(&mut piece)?;
            reader.feed(&piece[..count]);
            while let Some(event) = reader.next(count == 0) {
                match event {
                    Event::Header { root } if root != Some(self.front.head.0) => return Ok(false),
                    Event::Header { .. } => {}
                    Event::Skipped { .. } => return Ok(false),
                    Event::Block { id, data, .. } => {
                        blocks += 1;
                        marked |= id == mark;
                        told |= ParitySet::decode(&data).is_ok_and(|set| {
                            ParitySet { table: vec![], ..set }
                                == ParitySet { table: vec![], ..self.set.clone() }
                        });
                    }
                }
            }
            if count == 0 {
                break;
            }
        }
        let front = 2 + self.front.first.len() as u64;
        let wanted = front + 2 * (1 + self.set.table.len() as u64) + self.set.rows();
        Ok(marked && told && blocks == wanted)
    }
}

fn writing(path: &Path, error: io::Error) -> ExportError {
    ExportError::io(format!("writing {}", path.display()), error)
}

/// The coder refuses only numbers that [`ParitySet::new`] has let pass: that would be a fault of ours.
fn coding(error: reed_solomon_simd::Error) -> ExportError {
    ExportError::TooLargeForParity(error.to_string())
}
