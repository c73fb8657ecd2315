//! Reading the store again bit by bit, beside other work.

use super::index::Place;
use super::record::FILE_HEADER;
use super::walk::{EIO, Step, Walker};
use super::{DiskStore, locked};
use crate::store::{ScrubAt, Scrubbed, StoreError};
use std::collections::HashSet;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use yadgar_protocol::{BlockId, Codec, Hash};

/// What a mirror notes of its scrub, as far as it matters here.
#[derive(Default, serde::Deserialize)]
struct Noted {
    /// Hashes of damaged blocks that did not come again yet.
    #[serde(default)]
    lost: Vec<String>,
}

/// The lost blocks that are noted in this file; none when there is no such file, or an odd one.
pub(super) fn noted(file: &Path) -> HashSet<Hash> {
    let bytes = std::fs::read(file).ok();
    let noted: Noted =
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    noted.lost.iter().filter_map(|hash| Hash::from_hex(hash)).collect()
}

impl DiskStore {
    /// See [`crate::store::BlockStore::scrub`].
    pub(super) fn scrub_some(&self, from: ScrubAt, most: u64) -> Result<Scrubbed, StoreError> {
        let _no_compaction = locked(&self.compacting);
        let covered = self.index.snapshot()?.covered;
        let total = covered.values().sum();
        let next = covered
            .range(from.segment..)
            .find(|(number, end)| **number > from.segment || **end > from.offset);
        let Some((number, end)) = next.map(|(number, end)| (*number, *end)) else {
            return Ok(Scrubbed { next: None, bytes: 0, before: total, total });
        };
        let start = if number == from.segment { from.offset } else { 0 };
        let start = start.max(FILE_HEADER as u64).min(end);
        let before: u64 = covered.range(..number).map(|(_, end)| end).sum();
        let (at, bad) = self.read_again(number, start..end, most)?;
        if !bad.is_empty() {
            self.forget_in(number, &bad)?;
            locked(&self.rotten).insert(number);
        }
        let next = Some(ScrubAt { segment: number, offset: at });
        Ok(Scrubbed { next, bytes: at - start, before: before + at, total })
    }

    /// Reads about `most` bytes of a range of a segment. Gives where that ended, and what is no good record.
    fn read_again(
        &self,
        number: u32,
        range: Range<u64>,
        most: u64,
    ) -> Result<(u64, Vec<Range<u64>>), StoreError> {
        let what = || format!("read segment {number}");
        let io = |error| StoreError::io(what(), error);
        let file = match self.segments.open(number) {
            Err(StoreError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok((range.end, std::iter::once(0..range.end).collect()));
            }
            other => other?,
        };
        let len = file.metadata().map_err(io)?.len().min(range.end);
        from_the_medium(&file, range.start, most);
        let mut walker = Walker::new(&file, range.start, len);
        let (mut at, mut bad) = (range.start, Vec::new());
        while at - range.start < most
            && let Some(step) = walker.step().map_err(io)?
        {
            match step {
                Step::Good { offset, header } => at = offset + header.record_len(),
                Step::Erased { offset, len, .. } => at = offset + len,
                Step::Bad { offset, len, .. } => {
                    at = offset + len;
                    bad.push(offset..at);
                }
            }
        }
        if at >= len && len < range.end {
            bad.push(len..range.end);
            at = range.end;
        }
        Ok((at, bad))
    }

    /// Forgets the blocks that the index has in these ranges and that are damaged there.
    fn forget_in(&self, number: u32, bad: &[Range<u64>]) -> Result<(), StoreError> {
        let overlaps = |place: &Place| {
            let end = place.offset + place.record_len();
            place.segment == number && bad.iter().any(|b| place.offset < b.end && b.start < end)
        };
        self.index.snapshot()?.each(&mut |hash, place| {
            let Some(place) = place.filter(overlaps) else { return Ok(()) };
            let good = match self.is_good(&hash, &place) {
                // The disk could not read it this time: the next round tells.
                Err(StoreError::Io { source, .. }) if source.raw_os_error() == Some(EIO) => true,
                Err(StoreError::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    false
                }
                other => other?,
            };
            let id = BlockId { codec: Codec::Raw, hash };
            if good { Ok(()) } else { self.forget_damaged(&id, &place) }
        })
    }
}

/// Lets go of what the system has in memory of a range, so that what is read is what the medium has.
#[cfg(target_os = "linux")]
fn from_the_medium(file: &Arc<File>, offset: u64, len: u64) {
    use rustix::fs::{Advice, fadvise};
    // A system that does not do it reads what it has.
    let _ = fadvise(&**file, offset, std::num::NonZeroU64::new(len), Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn from_the_medium(_: &Arc<File>, _: u64, _: u64) {}
