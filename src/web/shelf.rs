//! The packs of a static mirror, by its catalogs, and where blocks are in them. Indexes are read as they are
//! needed.

use super::desk::At;
use super::error::WebError;
use super::host::HostSource;
use super::limits::{INDEXES, MAX_BAD_MEMBERS, MAX_INDEX_BYTES, PLACE_BYTES};
use super::listed::Listed;
use super::order::{Kinds, Order, holds};
use super::room::Room;
use crate::store::pack::inflate;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use yadgar_protocol::pack::{
    Catalog, FileRef, Holds, PackIndex, StaticHead, index_name, pack_name,
};
use yadgar_protocol::sync::Received;
use yadgar_protocol::{BlockId, Reject};

/// Said of an index for which there is no memory.
const NO_ROOM: &str =
    "with it, what its indexes list would take more memory than this program has for one host";

/// See the module.
pub(super) struct Shelf {
    /// The catalogs that it was read from.
    catalogs: Vec<FileRef>,
    packs: Vec<Entry>,
    order: Order,
    known: RwLock<Known>,
}

/// What is kept of a pack in a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    pack: FileRef,
    index: FileRef,
}

#[derive(Default)]
struct Known {
    /// As many as there are packs.
    indexes: Vec<Slot>,
    places: HashMap<BlockId, At>,
    /// Where structure and content were found last.
    near: (Option<u32>, Option<u32>),
    bad: BTreeSet<At>,
    bad_packs: BTreeSet<u32>,
    /// Bytes of indexes asked for so far, and whether more are read.
    index_bytes: u64,
    full: bool,
}

#[derive(Default)]
enum Slot {
    #[default]
    Unread,
    /// With the room that the places of its blocks take.
    Read(Arc<Listed>, #[expect(dead_code, reason = "held until the slot is dropped")] Room),
    /// It did not come or is damaged.
    Useless,
}

/// Blocks, and where those are that are found.
type Places = Vec<(BlockId, Option<At>)>;

impl Known {
    fn near(&mut self, of: Holds) -> &mut Option<u32> {
        match of {
            Holds::Structure => &mut self.near.0,
            Holds::Content => &mut self.near.1,
        }
    }

    /// Where these are, and which indexes are to be read for the others. Structure first: it says what else is wanted.
    fn look(&mut self, order: &Order, ids: &[BlockId]) -> (Places, Vec<u32>) {
        let places = ids.iter().map(|id| (*id, self.places.get(id).copied()));
        let places: Places = places.collect();
        for (id, at) in &places {
            if let Some(at) = at {
                *self.near(holds(id)) = Some(at.pack);
            }
        }
        let lacking = places.iter().filter(|(_, at)| at.is_none()).map(|(id, _)| holds(id)).min();
        let Some(wanted) = lacking.filter(|_| !self.full) else { return (places, Vec::new()) };
        let near = *self.near(wanted);
        let unread = |pack| matches!(self.indexes.get(pack as usize), Some(Slot::Unread));
        let next = order.next(wanted, near, unread, INDEXES);
        (places, next)
    }

    fn is_read(&self, pack: u32) -> Option<&Arc<Listed>> {
        match self.indexes.get(pack as usize) {
            Some(Slot::Read(listed, _)) => Some(listed),
            _ => None,
        }
    }
}

impl Shelf {
    /// Reads the catalogs that a head names. What is known of indexes from `before` is not read again: they never change.
    pub(super) async fn read(
        host: &HostSource,
        head: &StaticHead,
        before: Option<&Self>,
    ) -> Result<Self, WebError> {
        let (mut packs, mut kinds) = (Vec::new(), Kinds::default());
        for file in &head.catalogs {
            let bytes = host.file(&index_name(&file.hash), file.bytes).await?;
            let wrong = |e: Reject| WebError::Wrong(format!("its catalog: {e}"));
            file.check(&bytes).map_err(wrong)?;
            for entry in Catalog::decode(&bytes).map_err(wrong)?.packs {
                kinds.add(&entry);
                packs.push(Entry { pack: entry.pack, index: entry.index });
            }
        }
        let indexes = packs.iter().map(|_| Slot::Unread).collect();
        let known = RwLock::new(Known { indexes, ..Known::default() });
        let (catalogs, order) = (head.catalogs.clone(), kinds.order());
        let this = Self { catalogs, packs, order, known };
        if let Some(before) = before {
            this.take_over(host, before);
        }
        Ok(this)
    }

    /// Takes over what is known of the packs that are listed here, too, as far as there is room.
    fn take_over(&self, host: &HostSource, before: &Self) {
        let read: BTreeMap<Entry, Arc<Listed>> = {
            let known = before.known();
            let all = before.packs.iter().zip(0..);
            let read = all.filter_map(|(entry, n)| Some((*entry, known.is_read(n)?.clone())));
            read.collect()
        };
        for (entry, pack) in self.packs.iter().zip(0..) {
            if let Some(listed) = read.get(entry)
                && !self.learn(host, pack, listed.clone())
            {
                return;
            }
        }
    }

    /// True when this is what `head` names.
    pub(super) fn is_of(&self, head: &StaticHead) -> bool {
        self.catalogs == head.catalogs
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.catalogs == other.catalogs
    }

    /// True when nothing is noted that may be otherwise later: nothing was of no use, and all had room.
    pub(super) fn is_clean(&self) -> bool {
        let known = self.known();
        let useless = known.indexes.iter().any(|slot| matches!(slot, Slot::Useless));
        !useless && !known.full && known.bad.is_empty() && known.bad_packs.is_empty()
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where these blocks are; `None` for those that are in no pack. Reads indexes until all are found, in an order in
    /// which that is mostly soon.
    ///
    /// # Errors
    /// When an index does not come for now.
    pub(super) async fn find(
        &self,
        host: &HostSource,
        ids: &[BlockId],
    ) -> Result<Places, WebError> {
        loop {
            let (places, next) = self.change().look(&self.order, ids);
            if next.is_empty() {
                return Ok(places);
            }
            if !self.may_read(host, &next) {
                continue;
            }
            let reading = next.iter().map(|pack| self.read_index(host, *pack));
            for (pack, index) in next.iter().zip(futures::future::join_all(reading).await) {
                let room = match index {
                    Err(error) if error.may_pass() => return Err(error),
                    Err(error) => {
                        self.useless(host, *pack, &error.to_string());
                        true
                    }
                    Ok(listed) => listed.is_some_and(|listed| self.learn(host, *pack, listed)),
                };
                if !room && !std::mem::replace(&mut self.change().full, true) {
                    host.fault(self.index_name(*pack), NO_ROOM.into());
                }
            }
        }
    }

    /// Counts these indexes; when they are too much, no more are read.
    fn may_read(&self, host: &HostSource, packs: &[u32]) -> bool {
        let entries = packs.iter().filter_map(|pack| self.packs.get(*pack as usize));
        let bytes: u64 = entries.map(|entry| entry.index.bytes).sum();
        let mut known = self.change();
        known.index_bytes = known.index_bytes.saturating_add(bytes);
        known.full |= known.index_bytes > MAX_INDEX_BYTES;
        let full = known.full;
        drop(known);
        if full && let Some(pack) = packs.first() {
            host.fault(
                self.index_name(*pack),
                "there is more to look up than this program can".into(),
            );
        }
        !full
    }

    fn index_name(&self, pack: u32) -> String {
        let entry = self.packs.get(pack as usize);
        entry.map(|entry| index_name(&entry.index.hash)).unwrap_or_default()
    }

    /// What an index says; `None` when there is no room for it.
    async fn read_index(
        &self,
        host: &HostSource,
        pack: u32,
    ) -> Result<Option<Arc<Listed>>, WebError> {
        let Some(entry) = self.packs.get(pack as usize) else { return Err(WebError::Short) };
        let bytes = host.file(&self.index_name(pack), entry.index.bytes).await?;
        let wrong = |e: Reject| WebError::Wrong(e.to_string());
        entry.index.check(&bytes).map_err(wrong)?;
        let index = PackIndex::decode(&bytes).map_err(wrong)?;
        if index.pack != entry.pack {
            return Err(WebError::Wrong("it is the index of another pack".into()));
        }
        Ok(Listed::new(&index, host.share()).map(Arc::new))
    }

    fn useless(&self, host: &HostSource, pack: u32, why: &str) {
        host.fault(self.index_name(pack), why.into());
        if let Some(slot) = self.change().indexes.get_mut(pack as usize) {
            *slot = Slot::Useless;
        }
    }

    /// Notes where the blocks of a pack are; false when there is no room for that.
    fn learn(&self, host: &HostSource, pack: u32, listed: Arc<Listed>) -> bool {
        let Some(mut room) = host.share().take(listed.blocks().saturating_mul(PLACE_BYTES)) else {
            return false;
        };
        let mut known = self.change();
        if known.is_read(pack).is_some() {
            // Somebody else read it meanwhile, and the room of its places is held already.
            return true;
        }
        let before = known.places.len();
        for member in 0..listed.members() {
            for id in listed.ids(member) {
                known.places.entry(id).or_insert(At { pack, member });
            }
        }
        // What is known from another pack has its place.
        room.shrink_to((known.places.len() - before).saturating_mul(PLACE_BYTES));
        if let Some(slot) = known.indexes.get_mut(pack as usize) {
            *slot = Slot::Read(listed, room);
        }
        true
    }

    /// Where a pack is, and how long it is.
    pub(super) fn pack(&self, host: &HostSource, pack: u32) -> (url::Url, u64) {
        let entry = self.packs.get(pack as usize);
        let name = entry.map(|entry| pack_name(&entry.pack.hash)).unwrap_or_default();
        (host.file_url(&name), entry.map_or(0, |entry| entry.pack.bytes))
    }

    /// How many members a pack has.
    pub(super) fn members(&self, pack: u32) -> u32 {
        self.known().is_read(pack).map_or(0, |listed| listed.members())
    }

    fn of<T>(&self, at: At, get: impl FnOnce(&Listed) -> Option<T>) -> Option<T> {
        self.known().is_read(at.pack).and_then(|listed| get(listed))
    }

    /// The bytes of a member as it is stored.
    pub(super) fn length(&self, at: At) -> u64 {
        self.of(at, |listed| listed.place(at.member)).map_or(0, |(_, length)| length)
    }

    /// Where it begins in its pack.
    pub(super) fn start(&self, at: At) -> u64 {
        self.of(at, |listed| listed.place(at.member)).map_or(0, |(start, _)| start)
    }

    /// The blocks in it.
    pub(super) fn ids(&self, at: At) -> Vec<BlockId> {
        self.of(at, |listed| Some(listed.ids(at.member).collect())).unwrap_or_default()
    }

    /// The blocks of a member, each checked against its hash.
    ///
    /// # Errors
    /// When it is not what the index says.
    pub(super) fn open(&self, at: At, stored: &[u8]) -> Result<Vec<Received>, Reject> {
        let member = self.of(at, |listed| listed.member(at.member));
        let member = member.ok_or(Reject::new("STATIC-5", "no such member"))?;
        let blocks = member.open(stored, &inflate)?;
        let (share, bundled) = (stored.len() / blocks.len().max(1), blocks.len() > 1);
        let received = |packed| {
            let mut received = Received::check(packed, &inflate)?;
            (received.wire, received.bundled) = (share, bundled);
            Ok(received)
        };
        blocks.into_iter().map(received).collect()
    }

    /// Notes a damaged member; with some of them the pack is given up.
    pub(super) fn damaged(&self, host: &HostSource, at: At) {
        self.name_pack(host, at.pack, "what is in it is not what it should be");
        let mut known = self.change();
        known.bad.insert(at);
        let of_pack = known.bad.iter().filter(|bad| bad.pack == at.pack).count();
        if of_pack >= MAX_BAD_MEMBERS {
            known.bad_packs.insert(at.pack);
        }
    }

    /// Notes a pack that is of no use.
    pub(super) fn bad_pack(&self, host: &HostSource, pack: u32, error: &WebError) {
        self.name_pack(host, pack, &error.to_string());
        self.change().bad_packs.insert(pack);
    }

    fn name_pack(&self, host: &HostSource, pack: u32, why: &str) {
        if let Some(entry) = self.packs.get(pack as usize) {
            host.fault(pack_name(&entry.pack.hash), why.into());
        }
    }

    /// True when this is not to be asked for any more.
    pub(super) fn is_bad(&self, at: At) -> bool {
        let known = self.known();
        known.bad.contains(&at) || known.bad_packs.contains(&at.pack)
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
