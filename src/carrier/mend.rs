//! Sets of volumes, looked at without a store, and made whole again: what is lost or damaged of those that hold blocks is
//! written anew from parity (CAR-14).
//!
//! What is written are bytes whose hashes stand in the table of the set. That proves that they are the set's, not
//! that the set is to be trusted: a volume is a carrier, and whoever takes it in judges it as any other.

use super::export::ExportError;
use super::file::{Temp, check_free, forget_pages};
use super::import::FileFound;
use super::index::{Index, IndexError};
use super::input::{Input, ReadAt, open_plain};
use super::rebuild::Rebuilder;
use super::sets::{SetFound, sets};
use super::split::{FAT32_FILE, VolumeWritten, reading, volume_name};
use super::staged::{Staged, read_exact_at};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use yadgar_protocol::Hash;
use yadgar_protocol::carrier::ParitySet;

/// What was found, and done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MendReport {
    /// Each carrier, in the order in which they were given.
    pub files: Vec<FileFound>,
    /// Sets of volumes that some of them are of. `rebuilt` names those that were written.
    pub sets: Vec<SetFound>,
    /// Volumes that were written, or were in the folder already.
    pub written: Vec<VolumeWritten>,
}

impl MendReport {
    /// True when nothing is damaged, and of no set a volume is missing.
    pub fn is_whole(&self) -> bool {
        let good = |file: &FileFound| file.damages.count == 0 && file.unreadable.is_none();
        let whole = |set: &SetFound| set.missing().is_empty() && set.damaged.is_empty();
        self.files.iter().all(good) && self.sets.iter().all(whole)
    }

    /// True when of every set all volumes with blocks are at hand, those that were written among them.
    pub fn has_all_blocks(&self) -> bool {
        let here = |set: &SetFound, n: &u64| set.good.contains(n) || set.rebuilt.contains(n);
        self.sets.iter().all(|set| (1..=set.count).all(|n| here(set, &n)))
    }
}

/// Looks at carriers as volumes of sets. Into `dir`, when there is one, go those volumes with blocks that are lost or damaged
/// and can be made, under names that begin with `base`. `progress` hears of bytes looked at.
///
/// # Errors
/// When a volume cannot be written, or something else has its name. A carrier that cannot be read is told in the report.
pub fn mend(
    inputs: &[Input<'_>],
    dir: Option<(&Path, &str)>,
    progress: &mut dyn FnMut(u64),
) -> Result<MendReport, ExportError> {
    let (index, mut report) = look(inputs, progress);
    let Some((dir, base)) = dir else { return Ok(report) };
    let mut done: Vec<Hash> = Vec::new();
    for id in index.sets() {
        let Some(set) = Staged::new(&index, inputs).set(&id) else { continue };
        // Only sets that a volume here is of, each once.
        let found = report.sets.iter_mut().find(|found| found.set == set.set);
        let Some(found) = found.filter(|_| !done.contains(&set.set)) else { continue };
        if (found.count, found.parity) != (set.lengths.len() as u64, set.parity) {
            continue;
        }
        let written = Mending::new(set, &index, inputs).write(dir, base)?;
        if let Some(written) = written {
            done.push(found.set);
            found.rebuilt = written.iter().map(|(number, _)| *number).collect();
            report.written.extend(written.into_iter().map(|(_, volume)| volume));
        }
    }
    Ok(report)
}

/// Reads all of them. One that cannot be read, or of which there is no room, costs only itself.
fn look(inputs: &[Input<'_>], progress: &mut dyn FnMut(u64)) -> (Index, MendReport) {
    let (mut index, mut report, mut scanned) = (Index::default(), MendReport::default(), 0);
    for input in inputs {
        let read = index.add(input, &mut |bytes| progress(scanned + bytes));
        if matches!(read, Err(IndexError::TooManySources)) {
            let unreadable = read.err().map(|error| error.to_string());
            report.files.push(FileFound { unreadable, ..FileFound::default() });
            continue;
        }
        let source = index.sources.last().cloned().unwrap_or_default();
        scanned += source.bytes;
        report.files.push(FileFound::of(source, read.err()));
    }
    index.finish();
    report.sets = sets(&report.files);
    (index, report)
}

/// A set whose lost volumes are written.
struct Mending<'a> {
    set: ParitySet,
    from: Rebuilder<'a>,
    /// Volumes that are lost or damaged, from 0.
    lost: Vec<usize>,
}

/// One volume that is being written.
struct Output {
    volume: usize,
    path: PathBuf,
    temp: Temp,
    out: BufWriter<File>,
}

impl<'a> Mending<'a> {
    /// Those volumes that can be made; together no more bytes than the carriers have, whatever a stranger's numbers say.
    fn new(set: ParitySet, index: &Index, inputs: &[Input<'a>]) -> Self {
        let from = Rebuilder::new(set.clone(), index, inputs);
        let rows = from.rows();
        let mut room: u64 = index.sources.iter().map(|source| source.bytes).sum();
        let can_be_made = |volume: &usize| {
            let needed = |row: &usize| set.region(*volume, *row as u64).1 > 0;
            set.lengths[*volume] <= FAT32_FILE && (0..rows.len()).filter(needed).all(|n| rows[n])
        };
        let fits = |volume: &usize| match room.checked_sub(set.lengths[*volume]) {
            Some(less) => {
                room = less;
                true
            }
            None => false,
        };
        let lost = (0..set.lengths.len()).filter(|n| !from.is_clean(index, *n));
        let lost = lost.filter(can_be_made).filter(fits).collect();
        Self { set, from, lost }
    }

    /// Writes them row by row, so that each row is made once, and gives them with their numbers. `None` when there is nothing to be done, or something of it could
    /// not be read any more: then nothing is left behind.
    fn write(
        mut self,
        dir: &Path,
        base: &str,
    ) -> Result<Option<Vec<(u64, VolumeWritten)>>, ExportError> {
        let (mut outputs, mut done) = (Vec::new(), Vec::new());
        for volume in self.lost.clone() {
            let name = volume_name(base, volume as u64 + 1, self.set.volumes());
            let path = dir.join(&name);
            let kept = open_plain(&path).is_ok_and(|file| self.is_it(file, volume));
            let bytes = self.set.lengths[volume];
            done.push((volume as u64 + 1, VolumeWritten { name, bytes, kept }));
            if !kept {
                check_free(&path, false)?;
                let (temp, file) = Temp::create(&path)?;
                outputs.push(Output { volume, path, temp, out: BufWriter::new(file) });
            }
        }
        for row in 0..self.set.rows() {
            for Output { volume, path, out, .. } in &mut outputs {
                let Some(region) = self.from.region(*volume, row) else { return Ok(None) };
                let failed = |e| ExportError::io(format!("writing {}", path.display()), e);
                out.write_all(&region).map_err(failed)?;
            }
        }
        for output in outputs {
            self.end(output)?;
        }
        Ok((!done.is_empty()).then_some(done))
    }

    /// Reads a volume back from the disk, and gives it its name.
    fn end(&self, output: Output) -> Result<(), ExportError> {
        let Output { volume, path, temp, out } = output;
        let failed = |e| ExportError::io(format!("writing {}", path.display()), e);
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        forget_pages(&file);
        drop(file);
        let again = open_plain(&temp.0).map_err(|e| reading(&path, e))?;
        if !self.is_it(again, volume) {
            return Err(ExportError::ReadBack(path.display().to_string()));
        }
        temp.become_file(&path, false)
    }

    /// True when a file has exactly the bytes of a volume.
    fn is_it(&self, mut file: File, volume: usize) -> bool {
        let mut right = |row| {
            let (at, length) = self.set.region(volume, row);
            let mut bytes = vec![0; length as usize];
            let read = read_exact_at(&mut file, at, &mut bytes).is_ok();
            read && (length == 0 || self.from.hash(volume as u64, row) == Some(Hash::of(&bytes)))
        };
        let same = (0..self.set.rows()).all(&mut right);
        same && ReadAt::length(&mut file).is_ok_and(|length| length == self.set.lengths[volume])
    }
}

#[cfg(test)]
#[path = "mend_tests.rs"]
mod tests;
