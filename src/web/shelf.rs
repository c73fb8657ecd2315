//! The packs of a static mirror, by its catalogs, and where blocks are in them. Indexes are read as they are
//! needed.

use super::desk::At;
use super::error::WebError;
use super::host::HostSource;
use super::limits::{INDEXES, MAX_BAD_MEMBERS, MAX_INDEX_BYTES, MAX_KNOWN_BLOCKS};
use crate::store::pack::inflate;
use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use yadgar_protocol::pack::{
    Catalog, FileRef, Member, PackIndex, PackRef, StaticHead, index_name, pack_name,
};
use yadgar_protocol::sync::Received;
use yadgar_protocol::{BlockId, Reject};

/// See the module.
pub(super) struct Shelf {
    /// The catalogs that it was read from.
    catalogs: Vec<FileRef>,
    packs: Vec<PackRef>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// As many as there are packs.
    indexes: Vec<Slot>,
    places: HashMap<BlockId, At>,
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
    Read(PackIndex, Vec<u64>),
    /// It did not come or is damaged.
    Useless,
}

impl Shelf {
    /// Reads the catalogs that a head names.
    pub(super) async fn read(host: &HostSource, head: &StaticHead) -> Result<Self, WebError> {
        let mut packs = Vec::new();
        for file in &head.catalogs {
            let bytes = host.file(&index_name(&file.hash), file.bytes).await?;
            let wrong = |e: Reject| WebError::Wrong(format!("its catalog: {e}"));
            file.check(&bytes).map_err(wrong)?;
            packs.extend(Catalog::decode(&bytes).map_err(wrong)?.packs);
        }
        let indexes = packs.iter().map(|_| Slot::Unread).collect();
        let known = RwLock::new(Known { indexes, ..Known::default() });
        Ok(Self { catalogs: head.catalogs.clone(), packs, known })
    }

    /// True when this is what `head` names.
    pub(super) fn is_of(&self, head: &StaticHead) -> bool {
        self.catalogs == head.catalogs
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.catalogs == other.catalogs
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where these blocks are; `None` for those that are in no pack. Reads indexes, in the order of the catalog,
    /// until all are found.
    ///
    /// # Errors
    /// When an index does not come for now.
    pub(super) async fn find(
        &self,
        host: &HostSource,
        ids: &[BlockId],
    ) -> Result<Vec<(BlockId, Option<At>)>, WebError> {
        loop {
            let next: Vec<usize> = {
                let known = self.known();
                let places = ids.iter().map(|id| (*id, known.places.get(id).copied()));
                let places: Vec<_> = places.collect();
                let unread = |(n, slot): (usize, &Slot)| matches!(slot, Slot::Unread).then_some(n);
                let unread = known.indexes.iter().enumerate().filter_map(unread);
                let next: Vec<_> = unread.take(INDEXES).collect();
                let found = places.iter().all(|(_, at)| at.is_some());
                if next.is_empty() || known.full || found {
                    return Ok(places);
                }
                next
            };
            if !self.may_read(host, &next) {
                continue;
            }
            let reading = next.iter().map(|pack| self.read_index(host, *pack));
            for (pack, index) in next.iter().zip(futures::future::join_all(reading).await) {
                match index {
                    Err(error) if error.may_pass() => return Err(error),
                    Err(error) => self.useless(host, *pack, &error.to_string()),
                    Ok(index) => self.learn(host, *pack, index),
                }
            }
        }
    }

    /// Counts these indexes; when they are too much, no more are read.
    fn may_read(&self, host: &HostSource, packs: &[usize]) -> bool {
        let entries = packs.iter().filter_map(|pack| self.packs.get(*pack));
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

    fn index_name(&self, pack: usize) -> String {
        self.packs.get(pack).map(|pack| index_name(&pack.index.hash)).unwrap_or_default()
    }

    async fn read_index(&self, host: &HostSource, pack: usize) -> Result<PackIndex, WebError> {
        let Some(entry) = self.packs.get(pack) else { return Err(WebError::Short) };
        let bytes = host.file(&self.index_name(pack), entry.index.bytes).await?;
        let wrong = |e: Reject| WebError::Wrong(e.to_string());
        entry.index.check(&bytes).map_err(wrong)?;
        let index = PackIndex::decode(&bytes).map_err(wrong)?;
        if index.pack != entry.pack {
            return Err(WebError::Wrong("it is the index of another pack".into()));
        }
        Ok(index)
    }

    fn useless(&self, host: &HostSource, pack: usize, why: &str) {
        host.fault(self.index_name(pack), why.into());
        if let Some(slot) = self.change().indexes.get_mut(pack) {
            *slot = Slot::Useless;
        }
    }

    fn learn(&self, host: &HostSource, pack: usize, index: PackIndex) {
        let blocks: usize = index.members.iter().map(|member| member.blocks.len()).sum();
        if self.known().places.len().saturating_add(blocks) > MAX_KNOWN_BLOCKS {
            self.change().full = true;
            return self.useless(host, pack, "there are more blocks than this program can look up");
        }
        let Ok(number) = u32::try_from(pack) else { return };
        let mut known = self.change();
        let (mut start, mut starts) = (0u64, Vec::with_capacity(index.members.len()));
        for (member, entry) in (0..).zip(&index.members) {
            starts.push(start);
            start += entry.stored;
            for (id, _) in &entry.blocks {
                known.places.entry(*id).or_insert(At { pack: number, member });
            }
        }
        if let Some(slot) = known.indexes.get_mut(pack) {
            *slot = Slot::Read(index, starts);
        }
    }

    /// Where a pack is, and how long it is.
    pub(super) fn pack(&self, host: &HostSource, pack: u32) -> (url::Url, u64) {
        let entry = self.packs.get(pack as usize);
        let name = entry.map(|entry| pack_name(&entry.pack.hash)).unwrap_or_default();
        (host.file_url(&name), entry.map_or(0, |entry| entry.pack.bytes))
    }

    /// How many members a pack has.
    pub(super) fn members(&self, pack: u32) -> u32 {
        match self.known().indexes.get(pack as usize) {
            Some(Slot::Read(index, _)) => u32::try_from(index.members.len()).unwrap_or(u32::MAX),
            _ => 0,
        }
    }

    fn of<T>(&self, at: At, get: impl FnOnce(&Member, u64) -> T) -> Option<T> {
        let known = self.known();
        let Some(Slot::Read(index, starts)) = known.indexes.get(at.pack as usize) else {
            return None;
        };
        let member = at.member as usize;
        Some(get(index.members.get(member)?, *starts.get(member)?))
    }

    /// The bytes of a member as it is stored.
    pub(super) fn length(&self, at: At) -> u64 {
        self.of(at, |member, _| member.stored).unwrap_or(0)
    }

    /// Where it begins in its pack.
    pub(super) fn start(&self, at: At) -> u64 {
        self.of(at, |_, start| start).unwrap_or(0)
    }

    /// The blocks in it.
    pub(super) fn ids(&self, at: At) -> Vec<BlockId> {
        let ids = |member: &Member| member.blocks.iter().map(|(id, _)| *id).collect();
        self.of(at, |member, _| ids(member)).unwrap_or_default()
    }

    /// The blocks of a member, each checked against its hash.
    ///
    /// # Errors
    /// When it is not what the index says.
    pub(super) fn open(&self, at: At, stored: &[u8]) -> Result<Vec<Received>, Reject> {
        let member = self.of(at, |member, _| member.clone());
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
