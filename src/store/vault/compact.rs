//! Compaction: containers of which most is dead are written again without that.
//!
//! The live blocks of such a container, each opened and checked once more, are sealed anew (a head is bound to its place,
//! and no nonce is used twice) at the end of the last container; that is synced; then the old file goes. A crash at any
//! point leaves every block at one of its places, and copies that the next open notes as spares.
//!
//! A container of which the disk could not read all, or of which nothing opens, stays as it is: its blocks may be read the
//! next time.
//!
//! What was erased is not copied. Puts and erasings come between two batches: a block that was erased meanwhile is not
//! moved, and an erasing overwrites both copies.

use super::open::{Met, Walker, is_whole};
use super::record::{Ready, Span, UNIT, open_data, seal_data};
use super::write::{SYNC_BYTES, Writer};
use super::{Place, Vault, read_span};
use crate::durable;
use crate::store::{Compacted, StoreError};
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use yadgar_protocol::{BlockId, Hash};

/// Sealed bytes that are moved in one go: a put or an erasing waits no longer than for this.
const BATCH_BYTES: u64 = 4 << 20;
/// A container that wastes less is left alone, unless nothing in it is alive.
const LEAST_WASTE: u64 = 4096;

/// A container that is to be written again.
struct Victim {
    number: u32,
    file: Arc<File>,
    bytes: u64,
    /// Bytes of live records when it was chosen.
    live: u64,
}

/// Why a container is left as it is.
enum Left {
    /// There is no room to write it again.
    NoRoom,
    /// The disk could not read all of it just now.
    Unread,
}

impl Vault {
    /// See [`crate::store::BlockStore::compact`].
    pub(super) fn compact_containers(
        &self,
        dead: u64,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Compacted, StoreError> {
        let _one_at_a_time = self.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = Compacted::default();
        let victims = self.victims(dead);
        if victims.is_empty() {
            return Ok(done);
        }
        self.leave(&victims)?;
        for victim in victims {
            if !go_on() {
                break;
            }
            match self.empty(&victim, &mut done, go_on)? {
                None => done.segments += 1,
                Some(Left::NoRoom) => {
                    // The others need more.
                    done.lacks_room = true;
                    break;
                }
                Some(Left::Unread) => {}
            }
        }
        Ok(done)
    }

    /// Containers of which more than `dead` percent is dead, those with the least to move first.
    fn victims(&self, dead: u64) -> Vec<Victim> {
        let state = self.read();
        let mut all: Vec<Victim> = state
            .containers
            .iter()
            .map(|(number, container)| Victim {
                number: *number,
                file: container.file.clone(),
                bytes: u64::from(container.end) * UNIT as u64,
                live: 0,
            })
            .collect();
        for (hash, place) in &state.blocks {
            if let Ok(at) = all.binary_search_by_key(&place.container, |victim| victim.number) {
                all[at].live += place.span(*hash).bytes();
            }
        }
        all.retain(|Victim { bytes, live, .. }| {
            let waste = bytes.saturating_sub(*live);
            let is_empty = *live == 0 && *bytes > 0;
            is_empty || (waste >= LEAST_WASTE && waste * 100 > bytes * dead)
        });
        all.sort_by_key(|victim| victim.live);
        all
    }

    /// Moves what is alive out of a container and removes it. It stays when something is in the way, and what was
    /// moved is at its new place all the same.
    fn empty(
        &self,
        victim: &Victim,
        done: &mut Compacted,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Left>, StoreError> {
        if !self.is_read(victim) {
            return Ok(Some(Left::Unread));
        }
        let before = done.moved_bytes;
        let mut blocks: Vec<(Hash, Place)> = {
            let state = self.read();
            let ours = state.blocks.iter().filter(|(_, place)| place.container == victim.number);
            ours.map(|(hash, place)| (*hash, *place)).collect()
        };
        blocks.sort_by_key(|(_, place)| place.at);
        let more = blocks.iter().map(|(hash, place)| place.span(*hash).bytes()).sum();
        if !self.has_room_for_all(more) {
            return Ok(Some(Left::NoRoom));
        }
        let mut from = 0;
        while from < blocks.len() {
            if !go_on() {
                return Ok(Some(Left::Unread));
            }
            let mut bytes = 0;
            let more = blocks[from..].iter().take_while(|(hash, place)| {
                let fits = bytes < BATCH_BYTES;
                bytes += place.span(*hash).bytes();
                fits
            });
            let to = from + more.count();
            let mut ready = Vec::new();
            for (hash, place) in &blocks[from..to] {
                match self.sealed_anew(victim, hash, place)? {
                    Ok(Some(one)) => ready.push((one, *place)),
                    Ok(None) => {}
                    Err(left) => return Ok(Some(left)),
                }
            }
            if let Some(left) = self.move_to_end(ready, done)? {
                return Ok(Some(left));
            }
            from = to;
        }
        let Some(bytes) = self.remove(victim)? else { return Ok(Some(Left::Unread)) };
        done.freed_bytes += bytes.saturating_sub(done.moved_bytes - before);
        Ok(None)
    }

    /// True when all heads of a container can be read, and what is unknown there is damaged for good. Where no head opens at
    /// all it may be under another key, or somebody else's file.
    fn is_read(&self, victim: &Victim) -> bool {
        let (unknown, end) = {
            let state = self.read();
            let Some(container) = state.containers.get(&victim.number) else { return false };
            let ours = state.unknown.iter().filter(|span| span.container == victim.number);
            (ours.copied().collect::<Vec<Span>>(), container.end)
        };
        let read = || -> std::io::Result<bool> {
            let mut walker = Walker::new(&self.keys, &victim.file, victim.number, end);
            let mut any = false;
            while let Some(met) = walker.step()? {
                let Met::Record(_, span) = met else { continue };
                any = true;
                // What could not be read when the home was opened is taken by the next open.
                let was_unread = unknown.iter().any(|range| range.meets(&span));
                if was_unread && is_whole(&self.keys, &victim.file, &met)? != Some(false) {
                    return Ok(false);
                }
            }
            Ok(any && !walker.is_lossy())
        };
        let is_read = read().unwrap_or(false);
        if !is_read {
            tracing::warn!(container = victim.number, "a container that cannot be read is left");
        }
        is_read
    }

    /// Sees to it that nothing more is appended to these: of all before the first is emptied, or its blocks would go into
    /// one that is emptied after it.
    fn leave(&self, victims: &[Victim]) -> Result<(), StoreError> {
        let mut writer = self.writer();
        self.sync(&mut writer)?;
        let mut state = self.write();
        for victim in victims {
            if let Some(container) = state.containers.get_mut(&victim.number) {
                container.closed = true;
            }
        }
        Ok(())
    }

    /// A block as it is to be written again; `None` when it turned out damaged, which is noted.
    fn sealed_anew(
        &self,
        victim: &Victim,
        hash: &Hash,
        place: &Place,
    ) -> Result<Result<Option<Ready>, Left>, StoreError> {
        let block = place.block(*hash);
        let data = match read_span(&victim.file, &place.span(*hash)) {
            Ok(record) => open_data(&self.keys, &block, record),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            // It may be read the next time.
            Err(_) => return Ok(Err(Left::Unread)),
        };
        let Some(data) = data else {
            self.forget_damaged(&BlockId { codec: place.codec, hash: *hash }, place);
            return Ok(Ok(None));
        };
        Ok(Ok(Some(seal_data(&self.keys, block, &data)?)))
    }

    /// Appends blocks that still are where they were.
    fn move_to_end(
        &self,
        ready: Vec<(Ready, Place)>,
        done: &mut Compacted,
    ) -> Result<Option<Left>, StoreError> {
        let mut writer = self.writer();
        for (mut one, from) in ready {
            if self.read().blocks.get(&one.block.hash) != Some(&from) {
                continue;
            }
            if !self.has_room(&writer, one.len()) {
                return Ok(Some(Left::NoRoom));
            }
            match self.append_one(&mut writer, &mut one) {
                Ok(()) => done.moved_bytes += one.len(),
                Err(StoreError::DiskFull(_)) => return Ok(Some(Left::NoRoom)),
                Err(error) => return Err(error),
            }
        }
        self.sync_if_much(&mut writer)?;
        Ok(None)
    }

    /// Removes a container in which nothing is alive; its length, or `None` when something is. What was moved is durable
    /// before.
    fn remove(&self, victim: &Victim) -> Result<Option<u64>, StoreError> {
        let mut writer = self.writer();
        self.sync(&mut writer)?;
        if self.read().blocks.values().any(|place| place.container == victim.number) {
            return Ok(None);
        }
        let path = self.path(victim.number);
        let removed = match std::fs::remove_file(&path) {
            // By an earlier try, after which the folder could not be synced.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        };
        let removed = removed.and_then(|()| durable::sync_dir(&self.dir));
        removed.map_err(|error| StoreError::io(format!("remove {}", path.display()), error))?;
        let gone = |span: &Span| span.container == victim.number;
        let mut state = self.write();
        state.spares.retain(|(_, span)| !gone(span));
        state.unknown.retain(|span| !gone(span));
        // As long as it is now: a mark may have come since it was chosen.
        let container = state.containers.remove(&victim.number);
        let bytes = container.map_or(0, |container| u64::from(container.end) * UNIT as u64);
        writer.gone(bytes);
        Ok(Some(bytes))
    }

    /// True when the quota has room for so many bytes, with the marks.
    fn has_room(&self, writer: &Writer, more: u64) -> bool {
        let most = self.options.quota.unwrap_or(u64::MAX);
        writer.bytes().saturating_add(more + 2 * UNIT as u64) <= most
    }

    /// True when quota and disk have room for all blocks of a container, with the marks: the old file stays until they are
    /// written, and half of them would only take room.
    fn has_room_for_all(&self, more: u64) -> bool {
        if more == 0 {
            return true;
        }
        let marks = more / self.options.container_bytes + more / SYNC_BYTES + 2;
        let more = more + marks * UNIT as u64;
        self.has_room(&self.writer(), more) && free_bytes(&self.dir).is_none_or(|free| more <= free)
    }
}

/// Free bytes of the disk; `None` where the system does not tell.
fn free_bytes(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    (disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
#[path = "compact_tests.rs"]
mod tests;
