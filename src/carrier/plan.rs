//! Which block goes into which volume of a split carrier (CAR-8).
//!
//! No content is read for it. The same release, options and store give the same plan, so that an export that was
//! cut off goes on where it stopped.

use super::export::{ExportError, ExportOptions, chosen, earlier};
use crate::store::BlockStore;
use crate::survey::{PartFound, Visit, Walk};
use std::collections::HashSet;
use yadgar_protocol::carrier::{HEADER_BYTES, Volume, section_length};
use yadgar_protocol::limits::MAX_VOLUMES;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{BlockId, Hash};

/// Earlier release payloads take at most this share of a volume.
const EARLIER_SHARE: u64 = 64;

/// A block and its length.
pub(super) type Item = (BlockId, u32);

/// What stands first in every volume, behind the header and the head's mark (CAR-8).
pub(super) struct Front {
    pub head: (BlockId, Vec<u8>),
    /// Bulletin and release payload.
    pub first: Vec<(BlockId, Vec<u8>)>,
    /// Release payloads before that.
    pub earlier: Vec<(BlockId, Vec<u8>)>,
}

impl Front {
    pub fn new(
        store: &dyn BlockStore,
        head: &Accepted,
        options: &ExportOptions<'_>,
        size: u64,
    ) -> Result<Self, ExportError> {
        let bulletin = options.bulletin.map(|b| (BlockId::dag_cbor(b), b.to_vec()));
        let payload = (head.head.link, head.head.release.payload.clone());
        let (mut room, mut kept) = (size / EARLIER_SHARE, Vec::new());
        for (id, payload) in earlier(store, &head.release, options.after)? {
            let Some(less) = room.checked_sub(section_length(payload.len())) else { break };
            room = less;
            kept.push((id, payload));
        }
        let head = (BlockId::dag_cbor(&head.bytes), head.bytes.clone());
        let first = bulletin.into_iter().chain([payload]).collect();
        Ok(Self { head, first, earlier: kept })
    }

    /// Bytes of it with a header and a mark.
    pub fn length(&self, mark: &Volume, with_earlier: bool) -> u64 {
        let mark = mark.encode().len();
        let earlier = self.earlier.iter().filter(|_| with_earlier);
        let blocks = self.first.iter().chain(earlier).chain([&self.head]);
        let blocks = blocks.map(|(_, bytes)| section_length(bytes.len()));
        HEADER_BYTES as u64 + section_length(mark) + blocks.sum::<u64>()
    }
}

/// A mark as long as one can be.
pub(super) fn longest_mark() -> Volume {
    Volume::new(Hash([0; 32]), MAX_VOLUMES as u64, MAX_VOLUMES as u64, MAX_VOLUMES as u64)
}

/// The blocks of each volume, without the front.
#[derive(Default)]
pub(super) struct Plan {
    pub volumes: Vec<Vec<Item>>,
    pub left_out: u64,
    pub parts: Vec<PartFound>,
}

impl Plan {
    /// Cuts a release into volumes of at most `cap` bytes each.
    pub fn new(
        store: &dyn BlockStore,
        head: &Accepted,
        options: &ExportOptions<'_>,
        front: &Front,
        cap: u64,
    ) -> Result<Self, ExportError> {
        let parts = chosen(&head.release, options.parts)?;
        let mut planner = Planner {
            store,
            except: options.except,
            room: cap
                .checked_sub(front.length(&longest_mark(), true))
                .ok_or(ExportError::TooSmall(cap))?,
            cap,
            used: 0,
            last: None,
            path: Vec::new(),
            done: front.first.iter().chain(&front.earlier).map(|(id, _)| *id).collect(),
            here: HashSet::new(),
            volumes: vec![Vec::new()],
            left_out: 0,
        };
        let mut found = Vec::new();
        let mut walk = Walk::new(&mut planner).without(options.denied);
        for part in parts {
            let nodes = walk.part(part, false)?;
            let mut files = walk.part(part, true)?;
            files.missing_blocks += nodes.missing_blocks;
            found.push(files);
        }
        Ok(Self { volumes: planner.volumes, left_out: planner.left_out, parts: found })
    }

    /// A name for the set: another plan has another one (CAR-9).
    pub fn set(&self, head: &BlockId, parity: u64) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&head.to_bytes()).update(&parity.to_le_bytes());
        for volume in &self.volumes {
            hasher.update(&(volume.len() as u64).to_le_bytes());
            for (id, _) in volume {
                hasher.update(&id.to_bytes());
            }
        }
        Hash(*hasher.finalize().as_bytes())
    }
}

struct Planner<'a> {
    store: &'a dyn BlockStore,
    except: Option<&'a HashSet<BlockId>>,
    /// Bytes for blocks in a volume, without its front.
    room: u64,
    cap: u64,
    /// Of these, how many are taken in the last volume.
    used: u64,
    /// Structure that was given last.
    last: Option<Item>,
    /// Structure above what is looked at, from the root of the part on.
    path: Vec<Item>,
    /// Structure that is in some volume.
    done: HashSet<BlockId>,
    /// Structure that is in the last volume.
    here: HashSet<BlockId>,
    volumes: Vec<Vec<Item>>,
    left_out: u64,
}

impl Planner<'_> {
    fn is_left_out(&self, id: &BlockId) -> bool {
        self.except.is_some_and(|ids| ids.contains(id))
    }

    /// Puts a block into the last volume, or a new one, with all that leads to it.
    fn place(&mut self, item: Item) -> Result<(), ExportError> {
        let mut needed = self.needed(item);
        if self.used + length(&needed) > self.room {
            if self.used > 0 {
                self.volumes.push(Vec::new());
                self.used = 0;
                self.here.clear();
                needed = self.needed(item);
            }
            if length(&needed) > self.room {
                return Err(ExportError::TooSmall(self.cap));
            }
            if self.volumes.len() > MAX_VOLUMES {
                return Err(ExportError::TooManyVolumes(MAX_VOLUMES));
            }
        }
        self.used += length(&needed);
        self.here.extend(needed.iter().map(|(id, _)| *id));
        // There is a last volume from the start.
        if let Some(volume) = self.volumes.last_mut() {
            volume.extend(needed);
        }
        Ok(())
    }

    fn needed(&self, item: Item) -> Vec<Item> {
        let above = self
            .path
            .iter()
            .filter(|(id, _)| *id != item.0 && !self.here.contains(id) && !self.is_left_out(id));
        above.copied().chain([item]).collect()
    }
}

fn length(items: &[Item]) -> u64 {
    items.iter().map(|(_, bytes)| section_length(*bytes as usize)).sum()
}

impl Visit for Planner<'_> {
    type Error = ExportError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ExportError> {
        let bytes = self.store.get(id)?;
        // A store holds no block that is longer than 262144 bytes.
        self.last = bytes.as_ref().map(|bytes| (*id, bytes.len() as u32));
        if let Some(item) = self.last
            && self.done.insert(*id)
        {
            match self.is_left_out(id) {
                true => self.left_out += 1,
                false => self.place(item)?,
            }
        }
        Ok(bytes)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ExportError> {
        if self.is_left_out(id) {
            self.left_out += 1;
        } else if !self.store.has(id)? {
            return Ok(None);
        } else if let Ok(bytes) = u32::try_from(bytes) {
            self.place((*id, bytes))?;
        }
        Ok(Some(bytes))
    }

    fn enter(&mut self) {
        self.path.extend(self.last);
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}
