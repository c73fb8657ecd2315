//! Opening a store: the lock, the check of the index, and what a crash left behind.

use super::copies::{Span, UNKNOWN};
use super::dropped;
use super::erase::{give_back, resume, wipe};
use super::index::{Batch, Broken, Index, Place};
use super::record::{FILE_HEADER, FileHeader, RECORD_HEADER};
use super::segments::{Found, Segments, header_of};
use super::walk::{Step, Walker};
use super::write::Writer;
use super::{Damage, DiskStore, Lost, StoreOptions};
use crate::durable;
use crate::store::StoreError;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, RwLock};

/// Index entries written at once while segments are taken over.
const ENTRIES_AT_ONCE: usize = 16_384;

/// A segment at open.
struct Segment {
    number: u32,
    len: u64,
    /// Not to be appended to: its header or its end cannot be relied on.
    closed: bool,
}

/// See [`DiskStore::open`].
pub fn open(dir: &Path, options: StoreOptions) -> Result<DiskStore, StoreError> {
    let segments_dir = dir.join("segments");
    let io = |error| StoreError::io(format!("open the store {}", dir.display()), error);
    durable::create_dir_durable(&segments_dir).map_err(io)?;
    let lock = lock(dir)?;
    durable::clean_temps(dir).map_err(io)?;
    let segments = Segments::new(segments_dir);
    let mut found = survey(&segments)?;
    let index = open_index(&dir.join("index.redb"), &found)?;
    let gone = dropped::resume(&segments, &index)?;
    found.retain(|segment| !gone.contains(&segment.number));
    // First: what is to go must not be taken for held again.
    resume(&segments, &index)?;
    take_over(&segments, &index, &mut found)?;
    let (totals, _) = index.state()?;
    let tail = match found.last() {
        Some(last) if !last.closed && last.len < options.segment_bytes => {
            Some((last.number, segments.open(last.number)?, last.len))
        }
        _ => None,
    };
    let next = found.last().map_or(1, |last| last.number.saturating_add(1));
    let bytes: u64 = found.iter().map(|segment| segment.len).sum();
    let segment_bytes = bytes.saturating_sub(index.erase_state()?.1);
    Ok(DiskStore {
        dir: dir.to_owned(),
        options,
        segments,
        index,
        pending: RwLock::new(HashMap::new()),
        writer: Mutex::new(Writer::new(tail, next, segment_bytes)),
        committing: Mutex::new(()),
        putting: RwLock::new(()),
        erasing: Mutex::new(()),
        compacting: Mutex::new(()),
        rotten: Mutex::default(),
        strays: Mutex::new(Vec::new()),
        totals: Mutex::new(totals),
        damage: Mutex::new(Damage::default()),
        lost: Mutex::new(Lost::default()),
        _lock: lock,
    })
}

/// The lock on a store, held until dropped.
pub(super) struct Lock(pub(super) File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Said, not left to the closing: a child that is just being started shares the handle for a
        // moment, and the lock would live as long.
        let _ = self.0.unlock();
    }
}

/// Takes the lock before anything is touched: an open cuts off torn ends, which must never be those
/// of a process that is writing.
fn lock(dir: &Path) -> Result<Lock, StoreError> {
    let path = dir.join("lock");
    let what = || format!("lock {}", path.display());
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| StoreError::io(what(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
        Err(TryLockError::Error(error)) => Err(StoreError::io(what(), error)),
    }
}

/// Looks at every segment file. One that was cut short while being created is removed.
fn survey(segments: &Segments) -> Result<Vec<Segment>, StoreError> {
    let mut out = Vec::new();
    for Found { number, len } in segments.list()? {
        let path = segments.path(number);
        let io = |error| StoreError::io(format!("open {}", path.display()), error);
        if len < FILE_HEADER as u64 {
            durable::remove_durable(&path).map_err(io)?;
            continue;
        }
        let closed = match header_of(segments.open(number)?.as_ref(), number).map_err(io)? {
            FileHeader::Good(_) => false,
            FileHeader::Newer(version) => return Err(StoreError::Newer(version.into())),
            FileHeader::Damaged => {
                tracing::warn!(segment = number, "the header of a segment is damaged");
                true
            }
        };
        out.push(Segment { number, len, closed });
    }
    Ok(out)
}

/// Opens the index, or begins a new one when it is damaged or does not fit the segments.
fn open_index(path: &Path, found: &[Segment]) -> Result<Index, StoreError> {
    let opened = match Index::open(path) {
        Ok(index) => match index.snapshot() {
            Ok(snapshot) if is_consistent(&snapshot.covered, found) => Some(index),
            Ok(_) | Err(StoreError::Index(_)) => None,
            Err(error) => return Err(error),
        },
        Err(Broken::Damaged) => None,
        Err(Broken::Failed(error)) => return Err(error),
    };
    let index = match opened {
        Some(index) => index,
        None => {
            tracing::warn!("the index is damaged and is built again from the segments");
            let io = |error| StoreError::io(format!("remove {}", path.display()), error);
            durable::remove_durable(path).map_err(io)?;
            fresh_index(path)?
        }
    };
    // The mark keeps a build that is cut short from passing for a crash while appending. Where the copies are known the
    // index has had it: it covers nothing because there was no commit yet.
    if index.snapshot()?.covered.is_empty() && !index.erase_state()?.0 {
        // Its name must outlive a power cut: without it a torn write would pass for rot.
        let io = |error| StoreError::io(format!("create {}", path.display()), error);
        path.parent().map_or(Ok(()), durable::sync_dir).map_err(io)?;
        let building = (!found.is_empty()).then_some(true);
        index.commit(&Batch { building, spares_known: true, ..Batch::default() })?;
    }
    Ok(index)
}

fn fresh_index(path: &Path) -> Result<Index, StoreError> {
    Index::open(path).map_err(|broken| match broken {
        Broken::Failed(error) => error,
        Broken::Damaged => StoreError::Index(format!("create {}", path.display())),
    })
}

/// True when all that the index covers is there.
fn is_consistent(covered: &BTreeMap<u32, u64>, found: &[Segment]) -> bool {
    covered.iter().all(|(number, end)| {
        found.iter().any(|segment| segment.number == *number && segment.len >= *end)
    })
}

/// Brings into the index what the segments hold beyond it.
fn take_over(segments: &Segments, index: &Index, found: &mut [Segment]) -> Result<(), StoreError> {
    let building = index.state()?.1;
    let covered = index.snapshot()?.covered;
    let last = found.last().map(|segment| segment.number);
    for segment in found.iter_mut() {
        let from = covered.get(&segment.number).copied().unwrap_or(FILE_HEADER as u64);
        if segment.len > from {
            // While building, damage at the end of an older segment is rot, not a torn write.
            let is_last = Some(segment.number) == last;
            let torn = Torn { at_end: !building || is_last, between: !building };
            take_over_segment(segments, index, segment, from, torn)?;
        }
    }
    if building {
        index.commit(&Batch { building: Some(false), ..Batch::default() })?;
    }
    Ok(())
}

/// Where bytes that are no record are what a crash left of writes that were never promised.
#[derive(Clone, Copy)]
struct Torn {
    at_end: bool,
    /// Before a good record: a power cut kept the later write.
    between: bool,
}

/// Takes the good records from `from` on and cuts off the torn end. A gap between them is overwritten: it would be
/// told as damage for ever. A later record of a block wins:
/// it was written because the earlier one was damaged.
fn take_over_segment(
    segments: &Segments,
    index: &Index,
    segment: &mut Segment,
    from: u64,
    torn: Torn,
) -> Result<(), StoreError> {
    let number = segment.number;
    let file = segments.open(number)?;
    let io = |error| StoreError::io(format!("recover {}", segments.path(number).display()), error);
    // What the index will say is there must be on the disk first.
    file.sync_data().map_err(io)?;
    let mut walker = Walker::new(&file, from, segment.len);
    let mut batch = Batch::default();
    let mut good_end = from;
    // Noted only when it is not cut off: other records may come to lie there.
    let mut bad = Vec::new();
    while let Some(step) = walker.step().map_err(io)? {
        match step {
            Step::Bad { offset, len, header } => {
                let hash = header.map_or(UNKNOWN, |header| header.id.hash);
                bad.push((hash, Span { segment: number, offset, len }));
                continue;
            }
            Step::Erased { offset, len, whole } => {
                good_end = offset + len;
                batch.freed += erased(&file, number, offset, len, whole).map_err(io)?;
            }
            Step::Good { offset, header } => {
                good_end = offset + header.record_len();
                let place = Place::new(number, offset, &header);
                let earlier = batch.places.insert(header.id.hash, Some(place)).flatten();
                batch.spares.extend(earlier.map(|place| (header.id.hash, place.span())));
            }
        }
        if torn.between && !walker.is_lossy() {
            batch.freed += fill(&file, bad.drain(..).map(|(_, span)| span)).map_err(io)?;
        }
        batch.spares.append(&mut bad);
        if batch.places.len() + batch.spares.len() >= ENTRIES_AT_ONCE {
            batch.covered.insert(number, good_end);
            index.commit(&std::mem::take(&mut batch))?;
        }
    }
    if good_end < segment.len {
        if torn.at_end && !walker.is_lossy() {
            let bytes = segment.len - good_end;
            tracing::info!(segment = number, bytes, "a torn end is cut off");
            file.set_len(good_end).and_then(|()| file.sync_all()).map_err(io)?;
            segment.len = good_end;
        } else {
            segment.closed = true;
            batch.spares.append(&mut bad);
        }
    }
    batch.covered.insert(number, segment.len);
    index.commit(&batch)?;
    Ok(())
}

/// An erased record that is met: finishes it where that was cut short. Returns what it gives back.
fn erased(file: &File, segment: u32, offset: u64, len: u64, whole: bool) -> std::io::Result<u64> {
    if whole {
        let header = RECORD_HEADER as u64;
        return Ok(give_back(file, offset + header, len - header));
    }
    fill(file, [Span { segment, offset, len }])
}

/// Makes erased records of gaps, durably. Returns what they give back.
fn fill(file: &File, gaps: impl IntoIterator<Item = Span>) -> std::io::Result<u64> {
    let gaps: Vec<Span> = gaps.into_iter().collect();
    if gaps.is_empty() {
        return Ok(0);
    }
    Ok(wipe(file, &gaps)?.iter().map(|(_, freed)| freed).sum())
}
