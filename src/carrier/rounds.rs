//! An import of any number of carriers: as many at a time as can be indexed, and parity where something is missing.

use super::import::{
    FileFound, ImportError, ImportOptions, ImportProgress, ImportSummary, Judge, ReleaseFound, take,
};
use super::index::{Index, IndexError, MAX_SOURCES};
use super::input::Input;
use super::rebuild::{Shared, rebuild};
use super::sets::sets;
use super::staged::Staged;
use crate::store::BlockStore;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use yadgar_protocol::Hash;
use yadgar_protocol::trust::Accepted;

/// Carriers of a round; the other places are for pieces that are made from parity.
const ROUND_SOURCES: usize = MAX_SOURCES / 4 * 3;
/// Parity sets that are tried in a round, whoever made them. Each costs at most about the bytes that were read.
const MAX_TRIED: usize = 32;
/// Sets whose pieces are kept while others are tried: what keeps rows in memory.
const MAX_LIVE: usize = 4;

/// All carriers of an import.
pub(super) struct Rounds<'r, 'i> {
    inputs: &'r [Input<'i>],
    /// Carriers, and blocks, of a round.
    sources: usize,
    blocks: usize,
    /// Heads that are trusted by now.
    known: Vec<Accepted>,
    summary: ImportSummary,
    scanned: u64,
    /// Blocks that were here, and useless ones, of the rounds before this one.
    before: (u64, u64),
    /// Volumes that were made from parity, by set.
    made: BTreeMap<Hash, BTreeSet<u64>>,
}

/// What an import is given for each round.
struct Asked<'a, 'p> {
    store: &'a dyn BlockStore,
    options: ImportOptions<'a>,
    judge: Judge<'p>,
    progress: &'p mut dyn FnMut(ImportProgress),
}

impl<'r, 'i> Rounds<'r, 'i> {
    /// In rounds as large as this program makes them.
    pub fn of(inputs: &'r [Input<'i>], known: &[Accepted]) -> Self {
        Self {
            inputs,
            sources: ROUND_SOURCES,
            blocks: usize::MAX,
            known: known.to_vec(),
            summary: ImportSummary::default(),
            scanned: 0,
            before: (0, 0),
            made: BTreeMap::new(),
        }
    }

    /// In smaller rounds.
    #[cfg(test)]
    pub fn at_most(self, sources: usize, blocks: usize) -> Self {
        Self { sources, blocks, ..self }
    }

    /// Reads, judges and takes.
    ///
    /// # Errors
    /// When the store fails; a carrier that does is told in the summary.
    pub fn run(
        mut self,
        store: &dyn BlockStore,
        options: ImportOptions<'_>,
        judge: Judge<'_>,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<ImportSummary, ImportError> {
        let mut asked = Asked { store, options, judge, progress };
        let mut rounds = Vec::new();
        while rounds.len() < self.inputs.len() {
            let number = rounds.last().map_or(0, |last: &usize| last + 1);
            let inputs = &self.inputs[rounds.len()..];
            let (index, files) = self.scan(inputs, &mut asked)?;
            let count = files.len();
            rounds.extend(std::iter::repeat_n(number, count));
            let files = self.round(index, &inputs[..count], files, &mut asked)?;
            self.summary.files.extend(files);
        }
        let files = std::mem::take(&mut self.summary.files);
        // A set has fewer volumes than a round has places.
        self.sources = ROUND_SOURCES;
        for together in self.apart(&files, &rounds) {
            let inputs: Vec<_> = together.iter().map(|n| self.inputs[*n].clone()).collect();
            let (index, found) = self.scan(&inputs, &mut asked)?;
            let count = found.len();
            self.round(index, &inputs[..count], found, &mut asked)?;
        }
        files.iter().for_each(|file| self.summary.damages.add(&file.damages));
        self.summary.sets = sets(&files);
        for set in &mut self.summary.sets {
            set.rebuilt.extend(self.made.get(&set.set).into_iter().flatten());
        }
        self.summary.files = files;
        Ok(self.summary)
    }

    fn is_whole(&self) -> bool {
        let releases = &self.summary.releases;
        !releases.is_empty() && releases.iter().all(ReleaseFound::is_whole)
    }

    /// Volumes that belong together and were read in different rounds, when something is missing still.
    fn apart(&self, files: &[FileFound], rounds: &[usize]) -> Vec<Vec<usize>> {
        let mut found: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
        for (n, file) in files.iter().enumerate().filter(|_| !self.is_whole()) {
            if let Some(mark) = file.volume.as_ref().filter(|mark| mark.parity.is_some()) {
                found.entry(mark.set).or_default().push(n);
            }
        }
        let several = |files: &Vec<usize>| {
            let rounds: BTreeSet<_> = files.iter().filter_map(|n| rounds.get(*n)).collect();
            rounds.len() > 1
        };
        found.into_values().filter(several).collect()
    }

    /// Reads as many carriers as fit, at least one.
    fn scan(
        &mut self,
        inputs: &[Input<'i>],
        asked: &mut Asked<'_, '_>,
    ) -> Result<(Index, Vec<FileFound>), ImportError> {
        let (mut index, mut files) = (Index::of_at_most(self.blocks), Vec::new());
        for (n, input) in inputs.iter().enumerate().take(self.sources) {
            let before = self.scanned;
            let read = index.add(input, &mut |bytes| {
                let scanned = before + bytes;
                (asked.progress)(ImportProgress { scanned, ..ImportProgress::default() });
            });
            if n > 0 && matches!(read, Err(IndexError::TooMany)) {
                // It has a round of its own.
                index.forget_from(n);
                break;
            }
            let source = index.sources.last().cloned().unwrap_or_default();
            self.scanned += source.bytes;
            files.push(FileFound {
                bytes: source.bytes,
                blocks: source.blocks,
                damages: source.damages,
                volume: source.marks.first().cloned(),
                unreadable: read.err().map(|error| error.to_string()),
                bad_sectors: source.bad_sectors,
            });
        }
        index.finish();
        Ok((index, files))
    }

    /// Takes what is in the carriers of a round, and makes what is missing from parity.
    fn round(
        &mut self,
        mut index: Index,
        inputs: &[Input<'i>],
        mut files: Vec<FileFound>,
        asked: &mut Asked<'_, '_>,
    ) -> Result<Vec<FileFound>, ImportError> {
        self.before = (self.summary.present_blocks, self.summary.useless_blocks);
        self.take(&index, inputs, asked, &mut files)?;
        let mut all = inputs.to_vec();
        let mut live: Vec<Shared<'i>> = Vec::new();
        let sets = index.sets();
        for id in sets.iter().take(MAX_TRIED) {
            if self.is_whole() || live.len() == MAX_LIVE {
                break;
            }
            let set = Staged::new(&index, &all).set(id);
            let Some(set) = set else { continue };
            let room = MAX_SOURCES - all.len();
            let (rebuilder, segments) = rebuild(set, &index, &all, room);
            let (before, new) = (all.len(), self.summary.new_blocks);
            for segment in segments {
                let input: Input<'i> = Rc::new(RefCell::new(segment));
                if index.add(&input, &mut |_| ()).is_err() {
                    index.forget_from(all.len());
                    break;
                }
                all.push(input);
            }
            if all.len() == before {
                continue;
            }
            index.finish();
            // The same heads again, now with more blocks: the files, and what was made from parity.
            self.take(&index, &all, asked, &mut files)?;
            let made = rebuilder.borrow().made.iter().map(|n| *n as u64 + 1).collect::<Vec<_>>();
            self.made.entry(rebuilder.borrow().set()).or_default().extend(made);
            if self.summary.new_blocks > new {
                live.push(rebuilder);
            } else {
                index.forget_from(before);
                all.truncate(before);
            }
        }
        Ok(files)
    }

    /// One look at indexed carriers.
    fn take(
        &mut self,
        index: &Index,
        inputs: &[Input<'i>],
        asked: &mut Asked<'_, '_>,
        files: &mut [FileFound],
    ) -> Result<(), ImportError> {
        let known = self.known.clone();
        let options = ImportOptions { known: &known, ..asked.options };
        let mut summary = ImportSummary::default();
        let scanned = self.scanned;
        let progress = &mut |p| (asked.progress)(ImportProgress { scanned, ..p });
        let taken = take(asked.store, index, inputs, options, asked.judge, progress, &mut summary)?;
        for (source, why) in taken.failed {
            if let Some(file) = files.get_mut(source) {
                file.unreadable.get_or_insert(why);
            }
        }
        for head in taken.kept {
            self.known.retain(|other| other.release.archive != head.release.archive);
            self.known.push(head);
        }
        self.add(summary);
        Ok(())
    }

    fn add(&mut self, round: ImportSummary) {
        let total = &mut self.summary;
        for head in round.heads {
            if !total.heads.contains(&head) {
                total.heads.push(head);
            }
        }
        total.new_blocks += round.new_blocks;
        total.new_bytes += round.new_bytes;
        total.present_blocks = self.before.0 + round.present_blocks;
        total.useless_blocks = self.before.1 + round.useless_blocks;
        for release in round.releases {
            total.releases.retain(|known| known.archive != release.archive);
            total.releases.push(release);
        }
    }
}

#[cfg(test)]
#[path = "rounds_tests.rs"]
mod tests;
