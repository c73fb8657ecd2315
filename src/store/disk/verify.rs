//! Reading everything again: every byte of every segment, and the index against it.

use super::index::{Place, Snapshot};
use super::record::{FILE_HEADER, FileHeader, RecordHeader};
use super::segments::{header_of, list};
use super::walk::{Step, Walker};
use super::{DiskStore, locked};
use crate::store::StoreError;
use std::fs::File;
use std::path::Path;
use yadgar_protocol::{BlockId, Codec, Hash};

/// What the index says of a good record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// The block is here.
    Here,
    /// The block is at another place: this record is a spare.
    Elsewhere,
    /// Nothing: the block was forgotten.
    Nowhere,
    /// It was not asked ([`verify_dir`]).
    NotAsked,
}

/// What a scan meets, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanEvent {
    /// A segment begins.
    Segment {
        /// Its number.
        number: u32,
        /// Bytes that will be read.
        bytes: u64,
    },
    /// A record whose header, data and hash are right.
    Good {
        /// The block.
        id: BlockId,
        /// The segment's number.
        segment: u32,
        /// Where the record starts.
        offset: u64,
        /// Length of header and data.
        len: u64,
        /// Whether the index agrees.
        index: Indexed,
    },
    /// Bytes that are not what was written.
    Damaged {
        /// The segment's number.
        segment: u32,
        /// Where they start.
        offset: u64,
        /// How many.
        len: u64,
        /// The block, where the header could be read.
        id: Option<BlockId>,
        /// The index has that block at another place: nothing is lost.
        spare: bool,
        /// They reach to the end of what was read. In [`verify_dir`] beside a running node this can
        /// be a record that is being written.
        at_end: bool,
    },
    /// A block that the index has, but no good record is where it says.
    Dangling {
        /// Its hash.
        hash: Hash,
    },
}

/// The sums of a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScanReport {
    /// Segment files read.
    pub segments: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Good records.
    pub good: u64,
    /// Good records that the index does not name.
    pub spare: u64,
    /// Records that were erased, all of their data zero.
    #[serde(default)]
    pub erased: u64,
    /// Damaged ranges.
    pub damaged: u64,
    /// Bytes in them.
    pub damaged_bytes: u64,
    /// Blocks that the index has without a good record.
    pub dangling: u64,
}

impl ScanReport {
    /// True when every byte is as it was written and the index agrees.
    pub fn is_clean(&self) -> bool {
        self.damaged == 0 && self.dangling == 0
    }
}

/// A scan under way.
struct Scan<'a> {
    visit: &'a mut dyn FnMut(ScanEvent),
    index: Option<&'a Snapshot>,
    report: ScanReport,
    /// Good records that the index names: each entry of the index names one.
    agreed: u64,
}

impl DiskStore {
    /// Reads every committed record again and compares the index with what is there. Blocks that
    /// the index has but no good record are forgotten, so that they are fetched again. Other
    /// threads may go on reading and writing; what they add is not looked at.
    ///
    /// # Errors
    /// When a file or the index cannot be read at all. Damage is no error but an event.
    pub fn scan(&self, visit: &mut dyn FnMut(ScanEvent)) -> Result<ScanReport, StoreError> {
        let _no_compaction = locked(&self.compacting);
        self.commit()?;
        let snapshot = self.index.snapshot()?;
        let mut scan =
            Scan { visit, index: Some(&snapshot), report: ScanReport::default(), agreed: 0 };
        let mut missing = snapshot.covered.clone();
        for found in self.segments.list()? {
            let covered = missing.remove(&found.number);
            let covered = covered.unwrap_or(FILE_HEADER as u64);
            scan.segment(&*self.segments.open(found.number)?, found.number, covered, found.len)?;
        }
        for (number, covered) in missing {
            scan.damaged(number, 0, covered, None, true)?;
        }
        if scan.agreed != snapshot.len()? {
            self.find_dangling(&snapshot, &mut scan)?;
        }
        Ok(scan.report)
    }

    /// Only when the numbers differ: asks for each entry whether its record is good.
    fn find_dangling(&self, index: &Snapshot, scan: &mut Scan<'_>) -> Result<(), StoreError> {
        index.each(&mut |hash, place| {
            let good = match &place {
                Some(place) => match self.is_good(&hash, place) {
                    // Its segment is gone.
                    Err(StoreError::Io { source, .. })
                        if source.kind() == std::io::ErrorKind::NotFound =>
                    {
                        false
                    }
                    // The disk could not read it this time: reported, not forgotten.
                    Err(StoreError::Io { source, .. })
                        if source.raw_os_error() == Some(super::walk::EIO) =>
                    {
                        scan.report.dangling += 1;
                        (scan.visit)(ScanEvent::Dangling { hash });
                        return Ok(());
                    }
                    other => other?,
                },
                None => false,
            };
            if !good {
                scan.report.dangling += 1;
                (scan.visit)(ScanEvent::Dangling { hash });
                if let Some(place) = &place {
                    // The codec is not part of the index; which one is named changes nothing.
                    self.forget_damaged(&BlockId { codec: Codec::Raw, hash }, place)?;
                }
            }
            Ok(())
        })
    }
}

/// Reads the segment files in the store `dir` again without the index and without the lock: also
/// while a node has the store open. Changes nothing.
///
/// # Errors
/// When a file cannot be read at all, or [`StoreError::Newer`]. Damage is no error but an event.
pub fn verify_dir(dir: &Path, visit: &mut dyn FnMut(ScanEvent)) -> Result<ScanReport, StoreError> {
    let dir = dir.join("segments");
    let io = |error| StoreError::io(format!("verify {}", dir.display()), error);
    let mut scan = Scan { visit, index: None, report: ScanReport::default(), agreed: 0 };
    for found in list(&dir).map_err(io)? {
        let path = dir.join(format!("{:08}.seg", found.number));
        let file = match File::open(path) {
            // A node has compacted it meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other.map_err(io)?,
        };
        scan.segment(&file, found.number, found.len, found.len)?;
    }
    Ok(scan.report)
}

impl Scan<'_> {
    /// Reads a segment up to `expected`, of which `len` bytes are there.
    fn segment(
        &mut self,
        file: &File,
        number: u32,
        expected: u64,
        len: u64,
    ) -> Result<(), StoreError> {
        let io = |error| StoreError::io(format!("read segment {number}"), error);
        let end = expected.min(len);
        self.report.segments += 1;
        self.report.bytes += end;
        (self.visit)(ScanEvent::Segment { number, bytes: end });
        match header_of(file, number).map_err(io)? {
            FileHeader::Good(_) => {}
            FileHeader::Newer(version) => return Err(StoreError::Newer(version.into())),
            FileHeader::Damaged => {
                let bytes = end.min(FILE_HEADER as u64);
                self.damaged(number, 0, bytes, None, bytes == end)?;
            }
        }
        let mut walker = Walker::new(file, FILE_HEADER as u64, end);
        while let Some(step) = walker.step().map_err(io)? {
            match step {
                Step::Good { offset, header } => self.good(number, offset, &header)?,
                Step::Erased { whole: true, .. } => self.report.erased += 1,
                Step::Erased { offset, len, .. } => {
                    self.damaged(number, offset, len, None, offset + len == end)?;
                }
                Step::Bad { offset, len, header } => {
                    self.damaged(number, offset, len, header, offset + len == end)?;
                }
            }
        }
        if expected > end {
            self.damaged(number, end, expected - end, None, true)?;
        }
        Ok(())
    }

    fn good(&mut self, segment: u32, offset: u64, header: &RecordHeader) -> Result<(), StoreError> {
        let index = match self.index {
            None => Indexed::NotAsked,
            Some(index) => match index.place(&header.id.hash)? {
                None => Indexed::Nowhere,
                Some(place) if place == Place::new(segment, offset, header) => Indexed::Here,
                Some(_) => Indexed::Elsewhere,
            },
        };
        self.report.good += 1;
        match index {
            Indexed::Here => self.agreed += 1,
            Indexed::Elsewhere | Indexed::Nowhere => self.report.spare += 1,
            Indexed::NotAsked => {}
        }
        let (id, len) = (header.id, header.record_len());
        (self.visit)(ScanEvent::Good { id, segment, offset, len, index });
        Ok(())
    }

    fn damaged(
        &mut self,
        segment: u32,
        offset: u64,
        len: u64,
        header: Option<RecordHeader>,
        at_end: bool,
    ) -> Result<(), StoreError> {
        let spare = match (self.index, &header) {
            (Some(index), Some(header)) => index
                .place(&header.id.hash)?
                .is_some_and(|place| place != Place::new(segment, offset, header)),
            _ => false,
        };
        self.report.damaged += 1;
        self.report.damaged_bytes += len;
        let id = header.map(|header| header.id);
        (self.visit)(ScanEvent::Damaged { segment, offset, len, id, spare, at_end });
        Ok(())
    }
}
