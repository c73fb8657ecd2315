//! Compaction: segments of which most is dead are written again without that.
//!
//! The live records of such a segment, each checked once more, go to the end of a new one; that is synced; then the index
//! names the new places; then the old file goes ([`super::dropped`]). A reader that comes with an old place finds no file
//! and asks the index again. A crash at any point leaves every block at one of its places, and copies that the next open
//! notes, as of any record.
//!
//! What was erased is not copied, and nothing is erased while a segment is rewritten, so no erased byte comes back.

use super::append::{read_record, write_records};
use super::dropped::{drop_segment, resume};
use super::erase::inner_pages;
use super::index::{Batch, Place};
use super::record::{FILE_HEADER, RECORD_HEADER, RecordHeader};
use super::walk::{Step, Walker};
use super::write::index_growth;
use super::{DiskStore, locked};
use crate::store::{Compacted, StoreError};
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, PoisonError};
use yadgar_protocol::{BlockId, Codec, Hash};

/// Records written to the new segment at once, in bytes.
const WRITE_BYTES: u64 = 1 << 20;
/// Records moved in one commit: bounds memory.
const MOVES_AT_ONCE: usize = 16_384;
/// A segment that wastes less is left alone, unless nothing in it is alive.
const LEAST_WASTE: u64 = 4096;

/// A segment that is to be rewritten.
#[derive(Debug, Clone, Copy)]
struct Victim {
    number: u32,
    len: u64,
    /// Bytes of records that the index names.
    live: u64,
    /// How many these are.
    count: u64,
}

/// What became of the records of a segment.
#[derive(Default)]
struct Emptied {
    /// Records that were moved.
    moved: u64,
    /// Bytes that erased ones had given back before.
    given_back: u64,
}

/// A record on its way.
struct Moving {
    header: RecordHeader,
    data: Vec<u8>,
    from: Place,
}

/// Where live records go.
struct Output {
    number: u32,
    file: Arc<File>,
    /// End of what the index covers.
    kept: u64,
    /// End of what is written.
    end: u64,
    /// Not written yet.
    waiting: Vec<Moving>,
    waiting_bytes: u64,
    /// Written, and not in the index yet.
    moved: Vec<(Hash, Place, Place)>,
}

impl DiskStore {
    /// See [`crate::store::BlockStore::compact`].
    pub(super) fn compact_segments(
        &self,
        dead: u64,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Compacted, StoreError> {
        let _one_at_a_time = locked(&self.compacting);
        self.commit()?;
        {
            let _no_erasing = locked(&self.erasing);
            resume(&self.segments, &self.index)?;
        }
        let (mut done, mut output) = (Compacted::default(), None);
        for victim in self.victims(dead)? {
            if !go_on() {
                break;
            }
            match self.rewrite(&victim, &mut output, &mut done) {
                Ok(()) => {}
                Err(error) => {
                    if let Some(output) = output.take() {
                        self.give_up(&output);
                    }
                    if !matches!(error, StoreError::Quota(_) | StoreError::DiskFull(_)) {
                        return Err(error);
                    }
                    done.lacks_room = true;
                    break;
                }
            }
        }
        Ok(done)
    }

    /// Segments of which more than `dead` percent is dead, those that need the least room first. What erased records gave back to
    /// the file system is not counted: to rewrite them would free nothing.
    fn victims(&self, dead: u64) -> Result<Vec<Victim>, StoreError> {
        let snapshot = self.index.snapshot()?;
        let mut alive: HashMap<u32, (u64, u64)> = HashMap::new();
        snapshot.each(&mut |_, place| {
            if let Some(place) = place {
                let (bytes, count) = alive.entry(place.segment).or_default();
                (*bytes, *count) = (*bytes + place.record_len(), *count + 1);
            }
            Ok(())
        })?;
        // One that cannot be rewritten now is met by the next scrub.
        let rotten = std::mem::take(&mut *locked(&self.rotten));
        let mut victims = Vec::new();
        for (number, end) in &snapshot.covered {
            let file = self.segments.open(*number)?;
            let what = || format!("look at {}", self.segments.path(*number).display());
            let meta = file.metadata().map_err(|error| StoreError::io(what(), error))?;
            let (live, count) = alive.get(number).copied().unwrap_or_default();
            let taken = meta.len().min(meta.blocks() * 512);
            let waste = taken.saturating_sub(live + FILE_HEADER as u64);
            let wasted = waste * 100 > taken * dead && waste >= LEAST_WASTE;
            let empty = live == 0 && meta.len() > FILE_HEADER as u64;
            // One that is longer than the index says is being written, or was given up.
            if (wasted || empty || rotten.contains(number))
                && meta.len() == *end
                && locked(&self.writer).close(*number, *end)
            {
                victims.push(Victim { number: *number, len: *end, live, count });
            }
        }
        victims.sort_by_key(|victim| victim.live);
        Ok(victims)
    }

    fn rewrite(
        &self,
        victim: &Victim,
        output: &mut Option<Output>,
        done: &mut Compacted,
    ) -> Result<(), StoreError> {
        let _no_erasing = locked(&self.erasing);
        if !self.index.erasing()?.is_empty() {
            // It failed before and is finished first.
            return Ok(());
        }
        self.check_room(victim)?;
        let Some(emptied) = self.move_records(victim, output)? else { return Ok(()) };
        if let Some(output) = output {
            self.keep(output)?;
        }
        if emptied.moved != victim.count {
            self.forget_rest(victim.number)?;
        }
        // Takes `committing` itself.
        self.commit()?;
        let _no_commits = locked(&self.committing);
        locked(&self.strays).retain(|(_, span)| span.segment != victim.number);
        drop_segment(&self.segments, &self.index, victim.number, emptied.given_back)?;
        let freed = victim.len.saturating_sub(emptied.given_back);
        let mut writer = locked(&self.writer);
        writer.segment_bytes = writer.segment_bytes.saturating_sub(freed);
        done.segments += 1;
        done.moved_bytes += victim.live;
        done.freed_bytes += freed.saturating_sub(victim.live);
        Ok(())
    }

    /// The old file stays until the new one is durable.
    fn check_room(&self, victim: &Victim) -> Result<(), StoreError> {
        let Some(quota) = self.options.quota else { return Ok(()) };
        let index = self.index.disk_bytes();
        let entries = (victim.live / RECORD_HEADER as u64).min(MOVES_AT_ONCE as u64);
        let more = if victim.live == 0 { 0 } else { victim.live + 2 * FILE_HEADER as u64 };
        let taken = locked(&self.writer).segment_bytes + index;
        if taken + more + index_growth(entries, index) > quota {
            return Err(StoreError::Quota(quota));
        }
        Ok(())
    }

    /// Moves what is alive. `None` when the disk could not read all of it just now: then the file stays.
    fn move_records(
        &self,
        victim: &Victim,
        output: &mut Option<Output>,
    ) -> Result<Option<Emptied>, StoreError> {
        let file = self.segments.open(victim.number)?;
        let what = || format!("read {}", self.segments.path(victim.number).display());
        let io = |error| StoreError::io(what(), error);
        let mut walker = Walker::new(&file, FILE_HEADER as u64, victim.len);
        let mut emptied = Emptied::default();
        while let Some(step) = walker.step().map_err(io)? {
            let (offset, header, good) = match step {
                Step::Erased { offset, len, .. } => {
                    let header = RECORD_HEADER as u64;
                    let (from, to) = inner_pages(offset + header, len - header);
                    emptied.given_back += to - from;
                    continue;
                }
                Step::Good { offset, header } => (offset, header, true),
                Step::Bad { offset, header: Some(header), .. } => (offset, header, false),
                Step::Bad { .. } => continue,
            };
            let from = Place::new(victim.number, offset, &header);
            if self.place(&header.id.hash)? != Some(from) {
                continue;
            }
            let data = if good {
                read_record(&file, offset, header.stored_len as usize).map_err(io)?.1
            } else {
                Vec::new()
            };
            if good && header.fits(&data) {
                self.move_one(output, Moving { header, data, from })?;
                emptied.moved += 1;
            } else if !walker.is_lossy() {
                self.forget_damaged(&header.id, &from)?;
            }
        }
        Ok((!walker.is_lossy()).then_some(emptied))
    }

    fn move_one(&self, output: &mut Option<Output>, moving: Moving) -> Result<(), StoreError> {
        let len = moving.header.record_len();
        if let Some(full) = output
            && full.end + full.waiting_bytes + len > self.options.segment_bytes
            && full.end + full.waiting_bytes > FILE_HEADER as u64
        {
            self.keep(full)?;
            *output = None;
        }
        let to = match output {
            Some(output) => output,
            None => output.insert(self.new_output()?),
        };
        to.waiting_bytes += len;
        to.waiting.push(moving);
        if to.waiting_bytes >= WRITE_BYTES {
            self.write_waiting(to)?;
        }
        if to.moved.len() + to.waiting.len() >= MOVES_AT_ONCE { self.keep(to) } else { Ok(()) }
    }

    fn new_output(&self) -> Result<Output, StoreError> {
        let number = locked(&self.writer).take_number();
        let file = self.segments.create(number)?;
        let start = FILE_HEADER as u64;
        locked(&self.writer).segment_bytes += start;
        let (waiting, moved) = (Vec::new(), Vec::new());
        Ok(Output { number, file, kept: start, end: start, waiting, waiting_bytes: 0, moved })
    }

    fn write_waiting(&self, output: &mut Output) -> Result<(), StoreError> {
        let records = output.waiting.iter().map(|one| (one.header.encode(), &*one.data));
        let what = || format!("write {}", self.segments.path(output.number).display());
        write_records(&output.file, output.end, records)
            .map_err(|error| StoreError::io(what(), error))?;
        for Moving { header, from, .. } in output.waiting.drain(..) {
            let to = Place::new(output.number, output.end, &header);
            output.end += header.record_len();
            output.moved.push((header.id.hash, from, to));
        }
        locked(&self.writer).segment_bytes += std::mem::take(&mut output.waiting_bytes);
        Ok(())
    }

    /// Makes what was moved durable, and then known.
    fn keep(&self, output: &mut Output) -> Result<(), StoreError> {
        self.write_waiting(output)?;
        if output.moved.is_empty() {
            return Ok(());
        }
        let what = || format!("sync {}", self.segments.path(output.number).display());
        output.file.sync_data().map_err(|error| StoreError::io(what(), error))?;
        let _no_commits = locked(&self.committing);
        let mut batch = Batch::default();
        {
            let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
            for (hash, _, to) in &output.moved {
                // Forgotten or put again meanwhile: that stands, and the new copy is a spare.
                if pending.contains_key(hash) {
                    batch.spares.push((*hash, to.span()));
                } else {
                    batch.places.insert(*hash, Some(*to));
                }
            }
        }
        batch.covered.insert(output.number, output.end);
        self.index.commit(&batch)?;
        output.kept = output.end;
        output.moved.clear();
        Ok(())
    }

    /// After a failure: what the index does not know goes. What does not go is found by the next open.
    fn give_up(&self, output: &Output) {
        let written = output.end - output.kept;
        if output.file.set_len(output.kept).and_then(|()| output.file.sync_all()).is_err() {
            return;
        }
        let mut writer = locked(&self.writer);
        writer.segment_bytes = writer.segment_bytes.saturating_sub(written);
    }

    /// Nothing may name the segment when it goes: what still does has no good record there.
    fn forget_rest(&self, number: u32) -> Result<(), StoreError> {
        self.index.snapshot()?.each(&mut |hash, place| match place {
            Some(place) if place.segment == number => {
                self.forget_damaged(&BlockId { codec: Codec::Raw, hash }, &place)
            }
            _ => Ok(()),
        })
    }

    /// Reads through `read` at the place of a block. A segment that is gone has moved: the index is asked again.
    pub(super) fn at_place<T>(
        &self,
        hash: &Hash,
        read: impl Fn(&Place) -> Result<T, StoreError>,
    ) -> Result<Option<(Place, T)>, StoreError> {
        let mut last: Option<Place> = None;
        loop {
            let Some(place) = self.place(hash)? else { return Ok(None) };
            match read(&place) {
                Err(StoreError::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound && last != Some(place) =>
                {
                    last = Some(place);
                }
                other => return Ok(Some((place, other?))),
            }
        }
    }
}

#[cfg(test)]
#[path = "compact_tests.rs"]
mod tests;
