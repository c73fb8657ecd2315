//! Looking up and reading blocks.

use super::append::read_record;
use super::index::Place;
use super::record::{RECORD_HEADER, RecordHeader};
use super::{Change, DiskStore, locked};
use crate::store::{StoreError, StoreStats};
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::PoisonError;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::{BlockId, Codec, Hash};

/// A record as read, its hash checked.
struct Loaded {
    encoding: Encoding,
    plain: Vec<u8>,
    /// The stored bytes, where they are not the plain ones and were asked for.
    stored: Option<Vec<u8>>,
}

impl DiskStore {
    /// Where a block lies.
    pub(super) fn place(&self, hash: &Hash) -> Result<Option<Place>, StoreError> {
        Ok(self.places(&[*hash])?.pop().flatten())
    }

    /// Where each of `hashes` lies. What is pending is asked first: an entry leaves it only after
    /// the index has it.
    pub(super) fn places(&self, hashes: &[Hash]) -> Result<Vec<Option<Place>>, StoreError> {
        let mut found = vec![None; hashes.len()];
        let mut ask = Vec::new();
        let mut ask_at = Vec::new();
        {
            let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
            for (at, hash) in hashes.iter().enumerate() {
                match pending.get(hash) {
                    Some(change) => found[at] = change.now,
                    None => {
                        ask.push(*hash);
                        ask_at.push(at);
                    }
                }
            }
        }
        if !ask.is_empty() {
            for (at, place) in ask_at.into_iter().zip(self.index.places(&ask)?) {
                found[at] = place;
            }
        }
        Ok(found)
    }

    /// The plain bytes of a block.
    pub(super) fn read_plain(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.load(id, false)?.map(|loaded| loaded.plain))
    }

    /// See [`crate::store::BlockStore::get_unchecked`].
    pub(super) fn read_unchecked(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(place) = self.place(&id.hash)? else { return Ok(None) };
        let file = self.segments.open(place.segment)?;
        let plain = read_record(&file, place.offset, place.stored_len as usize)
            .ok()
            .and_then(|(header, bytes)| RecordHeader::decode(&header)?.unpack(bytes));
        match plain {
            Some(plain) => Ok(Some(plain)),
            // What is wrong is found out, and dealt with, there.
            None => self.read_plain(id),
        }
    }

    /// The block as stored. It is unpacked as well: only the hash of the plain bytes is trusted.
    pub(super) fn read_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        Ok(self.load(id, true)?.map(|loaded| Packed {
            id: *id,
            encoding: loaded.encoding,
            data: loaded.stored.unwrap_or(loaded.plain),
        }))
    }

    fn load(&self, id: &BlockId, keep_stored: bool) -> Result<Option<Loaded>, StoreError> {
        let read = |place: &Place| self.read_record(&id.hash, place, keep_stored);
        let Some((place, loaded)) = self.at_place(&id.hash, read)? else { return Ok(None) };
        if loaded.is_none() {
            self.forget_damaged(id, &place)?;
        }
        Ok(loaded)
    }

    /// The record at a place, `None` when it is not the good record of that block.
    fn read_record(
        &self,
        hash: &Hash,
        place: &Place,
        keep_stored: bool,
    ) -> Result<Option<Loaded>, StoreError> {
        let file = self.segments.open(place.segment)?;
        let (header, bytes) = match read_record(&file, place.offset, place.stored_len as usize) {
            Ok(record) => record,
            // Bytes that are not there are lost. Those that the disk could not read just now may
            // be read the next time: only a failed check of what was read says damaged.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => {
                let what = format!("read {}", self.segments.path(place.segment).display());
                return Err(StoreError::io(what, error));
            }
        };
        let Some(header) = RecordHeader::decode(&header) else { return Ok(None) };
        if header.id.hash != *hash || header.stored_len != place.stored_len {
            return Ok(None);
        }
        let stored = (keep_stored && header.encoding != Encoding::Plain).then(|| bytes.clone());
        let encoding = header.encoding;
        Ok(header.open(bytes).map(|plain| Loaded { encoding, plain, stored }))
    }

    /// True when the good record of `hash` lies at `place`.
    pub(super) fn is_good(&self, hash: &Hash, place: &Place) -> Result<bool, StoreError> {
        Ok(self.read_record(hash, place, false)?.is_some())
    }

    /// Forgets a block that is damaged at `place`, unless it has a new place by now.
    pub(super) fn forget_damaged(&self, id: &BlockId, place: &Place) -> Result<(), StoreError> {
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        let forgotten = match pending.entry(id.hash) {
            Entry::Occupied(mut entry) => {
                let change = entry.get_mut();
                let same = change.now == Some(*place);
                if same {
                    change.now = None;
                    locked(&self.strays).push((id.hash, place.span()));
                }
                same
            }
            Entry::Vacant(entry) => {
                let same = self.index.places(&[id.hash])? == [Some(*place)];
                if same {
                    entry.insert(Change { now: None, committed: Some(*place) });
                }
                same
            }
        };
        drop(pending);
        if forgotten {
            tracing::warn!(block = ?id, segment = place.segment, "a damaged block was forgotten");
            locked(&self.damage).note(*id);
        }
        Ok(())
    }

    /// See [`crate::store::BlockStore::ids_after`].
    pub(super) fn list(
        &self,
        after: Option<&Hash>,
        most: usize,
    ) -> Result<Vec<BlockId>, StoreError> {
        // First: an entry leaves it only after the index has it.
        let changed: BTreeMap<Hash, Option<Place>> = {
            let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
            let later = pending.iter().filter(|(hash, _)| after.is_none_or(|after| *hash > after));
            later.map(|(hash, change)| (*hash, change.now)).collect()
        };
        let most = most.max(1);
        let mut rows: BTreeMap<Hash, Place> = BTreeMap::new();
        let mut from = after.copied();
        loop {
            let page = self.index.page(from.as_ref(), most)?;
            let last = page.len() < most;
            from = page.last().map(|(hash, _)| *hash);
            rows.extend(page.into_iter().filter(|(hash, _)| !changed.contains_key(hash)));
            if last || rows.len() >= most {
                break;
            }
        }
        rows.extend(changed.into_iter().filter_map(|(hash, now)| Some((hash, now?))));
        rows.into_keys().take(most).map(|hash| self.named(hash)).collect()
    }

    /// The id by which a block was put; only its record says that.
    fn named(&self, hash: Hash) -> Result<BlockId, StoreError> {
        let header = self.at_place(&hash, |place| {
            let mut bytes = [0; RECORD_HEADER];
            let read = self.segments.open(place.segment)?.read_exact_at(&mut bytes, place.offset);
            Ok(read.ok().and_then(|()| RecordHeader::decode(&bytes)))
        })?;
        let header = header.and_then(|(_, header)| header);
        let id = header.map(|header| header.id).filter(|id| id.hash == hash);
        Ok(id.unwrap_or(BlockId { codec: Codec::Raw, hash }))
    }

    /// What is held: what the index counts, with what is pending.
    pub(super) fn count(&self) -> StoreStats {
        // Both at once: a commit moves from one to the other while it holds `pending`.
        let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
        let mut totals = *locked(&self.totals);
        for change in pending.values() {
            if let Some(place) = change.now {
                totals.blocks += 1;
                totals.stored_bytes += place.record_len();
                totals.plain_bytes += u64::from(place.plain_len);
            }
            if let Some(place) = change.committed {
                totals.blocks = totals.blocks.saturating_sub(1);
                totals.stored_bytes = totals.stored_bytes.saturating_sub(place.record_len());
                totals.plain_bytes = totals.plain_bytes.saturating_sub(u64::from(place.plain_len));
            }
        }
        totals
    }
}
