//! The answering side of one sync stream (spec: sync.md, SYNC-2 to SYNC-6, SYNC-11).

use super::MAX_OUTSTANDING_HEADS;
use super::bundle::Bundled;
use super::frame::Frame;
use crate::blocks::Packed;
use crate::ids::{ArchiveId, BlockId};
use crate::limits::{
    MAX_BULLETIN_BYTES, MAX_HEAD_BYTES, MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME,
};
use crate::reject::Reject;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the driver is to do next for the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Look up the bulletin, then [`Responder::answer_bulletin`].
    Bulletin(ArchiveId),
    /// Look up the newest head, then [`Responder::answer_head`].
    Head(ArchiveId),
    /// Look up a block, then [`Responder::answer_block`].
    Block(BlockId),
    /// Send [`Frame::Bye`] and close: everything is answered.
    Bye,
}

/// Most memory that one owed id takes, in bytes: an entry of a map whose nodes may be less than half full, its place in the
/// queue, which doubles as it grows, and its share of those that are missing.
const OWED_ID_BYTES: usize = 192;
/// Most memory that a [`Responder`] takes for what it owes, in bytes: [`MAX_OUTSTANDING_WANTS`] ids. Heads and bulletins
/// are few beside that.
pub const OWED_BYTES: usize = MAX_OUTSTANDING_WANTS * OWED_ID_BYTES;

/// One id that is owed.
#[derive(Debug, Clone, Copy)]
struct Owed {
    /// Given to the driver and not answered by it.
    asked: bool,
    /// It may come in a bundle.
    bundled: bool,
}

/// Remembers what is owed on a stream: at most 2048 ids, and 64 heads and bulletins.
///
/// The driver reads no further frames while it does not get rid of its answers; so the other side
/// waits, and nothing grows.
#[derive(Debug, Default)]
pub struct Responder {
    bulletins: VecDeque<ArchiveId>,
    bulletins_owed: BTreeSet<ArchiveId>,
    heads: VecDeque<ArchiveId>,
    heads_owed: BTreeSet<ArchiveId>,
    queue: VecDeque<BlockId>,
    /// Every unanswered id: in `queue`, with the driver, or in `missing`.
    owed: BTreeMap<BlockId, Owed>,
    missing: Vec<BlockId>,
    asker_said_bye: bool,
    said_bye: bool,
}

impl Responder {
    /// A stream on which nothing was asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame of the asker.
    ///
    /// # Errors
    /// `SYNC-3` for too many questions at once, `SYNC-2` for the same question twice, `SYNC-5`
    /// for a question after the end, `SYNC-6` for a frame that only an answerer sends.
    pub fn on_frame(&mut self, frame: Frame) -> Result<(), Reject> {
        if self.asker_said_bye {
            return Err(Reject::new("SYNC-5", "something after the end of a stream"));
        }
        match frame {
            Frame::GetHead(archive) => self.on_get_head(archive),
            Frame::GetBulletin(archive) => self.on_get_bulletin(archive),
            Frame::Want(ids) => self.on_want(&ids, false),
            Frame::WantBundled(ids) => self.on_want(&ids, true),
            Frame::Bye => {
                self.asker_said_bye = true;
                Ok(())
            }
            Frame::Head(..)
            | Frame::Bulletin(..)
            | Frame::Block(_)
            | Frame::Bundle(_)
            | Frame::Missing(_) => Err(Reject::new("SYNC-6", "an answer on the asking side")),
        }
    }

    fn on_get_head(&mut self, archive: ArchiveId) -> Result<(), Reject> {
        self.check_room()?;
        if !self.heads_owed.insert(archive) {
            return Err(Reject::new("SYNC-2", "a head asked for twice"));
        }
        self.heads.push_back(archive);
        Ok(())
    }

    fn on_get_bulletin(&mut self, archive: ArchiveId) -> Result<(), Reject> {
        self.check_room()?;
        if !self.bulletins_owed.insert(archive) {
            return Err(Reject::new("SYNC-2", "a bulletin asked for twice"));
        }
        self.bulletins.push_back(archive);
        Ok(())
    }

    fn check_room(&self) -> Result<(), Reject> {
        if self.heads_owed.len() + self.bulletins_owed.len() >= MAX_OUTSTANDING_HEADS {
            return Err(Reject::new("SYNC-3", "too many heads and bulletins asked for at once"));
        }
        Ok(())
    }

    fn on_want(&mut self, ids: &[BlockId], bundled: bool) -> Result<(), Reject> {
        if ids.is_empty() || ids.len() > MAX_WANTS_PER_FRAME {
            return Err(Reject::new("SYNC-6", "a list of ids of wrong length"));
        }
        if self.owed.len() + ids.len() > MAX_OUTSTANDING_WANTS {
            return Err(Reject::new("SYNC-3", "too many blocks wanted at once"));
        }
        for id in ids {
            if self.owed.insert(*id, Owed { asked: false, bundled }).is_some() {
                return Err(Reject::new("SYNC-2", "a block wanted twice"));
            }
            self.queue.push_back(*id);
        }
        Ok(())
    }

    /// What to look up next: bulletins before all else, then heads, which are small and urgent.
    ///
    /// On `None` the driver sends what [`Responder::flush`] gives, asks again when that was
    /// something, and else waits for frames.
    #[allow(clippy::should_implement_trait)] // not an iterator: it goes on after `None`
    pub fn next(&mut self) -> Option<Ask> {
        if let Some(archive) = self.bulletins.pop_front() {
            return Some(Ask::Bulletin(archive));
        }
        if let Some(archive) = self.heads.pop_front() {
            return Some(Ask::Head(archive));
        }
        if let Some(id) = self.queue.pop_front() {
            if let Some(owed) = self.owed.get_mut(&id) {
                owed.asked = true;
            }
            return Some(Ask::Block(id));
        }
        if self.asker_said_bye && !self.said_bye && !self.owes() {
            self.said_bye = true;
            return Some(Ask::Bye);
        }
        None
    }

    /// The answer to [`Ask::Head`]. A head that is too long for a frame counts as none.
    pub fn answer_head(&mut self, archive: ArchiveId, head: Option<Vec<u8>>) -> Frame {
        self.heads_owed.remove(&archive);
        let head = head.filter(|bytes| !bytes.is_empty() && bytes.len() <= MAX_HEAD_BYTES);
        Frame::Head(archive, head)
    }

    /// The answer to [`Ask::Bulletin`]. A bulletin that is too long for a frame counts as none.
    pub fn answer_bulletin(&mut self, archive: ArchiveId, bulletin: Option<Vec<u8>>) -> Frame {
        self.bulletins_owed.remove(&archive);
        let fits = |bytes: &Vec<u8>| !bytes.is_empty() && bytes.len() <= MAX_BULLETIN_BYTES;
        Frame::Bulletin(archive, bulletin.filter(fits))
    }

    /// The answer to [`Ask::Block`]: a frame to send, or `None` while missing ids are gathered.
    /// A block under another id than the one asked for counts as missing.
    pub fn answer_block(&mut self, id: BlockId, block: Option<Packed>) -> Option<Frame> {
        let owed = self.owed.get_mut(&id)?;
        if !std::mem::take(&mut owed.asked) {
            return None;
        }
        match block.filter(|packed| packed.id == id) {
            Some(packed) => {
                self.owed.remove(&id);
                Some(Frame::Block(packed))
            }
            None => {
                self.missing.push(id);
                (self.missing.len() >= MAX_WANTS_PER_FRAME).then(|| self.flush()).flatten()
            }
        }
    }

    /// True when this block may come with others (SYNC-12): put it into a [`Bundle`](super::Bundle) when it is small.
    pub fn may_bundle(&self, id: &BlockId) -> bool {
        self.owed.get(id).is_some_and(|owed| owed.bundled)
    }

    /// The answer to the [`Ask::Block`] of every block in a bundle; the blocks each for itself where
    /// they do not shrink together.
    pub fn answer_bundle(&mut self, bundle: Bundled) -> Vec<Frame> {
        match bundle {
            Bundled::Together { ids, frame } => {
                self.settle(&ids);
                vec![Frame::Bundle(frame)]
            }
            Bundled::Alone(blocks) => {
                let each = blocks.into_iter();
                each.filter_map(|packed| self.answer_block(packed.id, Some(packed))).collect()
            }
        }
    }

    /// Nothing is owed of these blocks any more.
    fn settle(&mut self, ids: &[BlockId]) {
        for id in ids {
            self.owed.remove(id);
        }
    }

    /// The gathered missing ids as a frame; `None` when there are none.
    pub fn flush(&mut self) -> Option<Frame> {
        let missing = std::mem::take(&mut self.missing);
        self.settle(&missing);
        (!missing.is_empty()).then_some(Frame::Missing(missing))
    }

    /// True while a question is not answered.
    pub fn owes(&self) -> bool {
        !(self.owed.is_empty() && self.heads_owed.is_empty() && self.bulletins_owed.is_empty())
    }
}

#[cfg(test)]
#[path = "responder_tests.rs"]
mod tests;
