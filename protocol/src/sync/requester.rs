//! The asking side of one sync stream (spec: sync.md, SYNC-1, SYNC-2, SYNC-3, SYNC-5, SYNC-6,
//! SYNC-11, SYNC-12).

use super::MAX_OUTSTANDING_HEADS;
use super::bundle;
use super::frame::Frame;
use crate::blocks::{Encoding, Inflate, Packed};
use crate::ids::{ArchiveId, BlockId};
use crate::limits::{MAX_BLOCK_BYTES, MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME};
use crate::reject::Reject;
use std::collections::BTreeSet;

/// A block that was wanted and whose hash is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// As it came: what is kept and passed on without compressing again.
    pub packed: Packed,
    /// The plain bytes when they are not `packed.data` itself.
    plain: Option<Vec<u8>>,
    /// Its bytes on the wire; of a bundle its share.
    pub wire: usize,
    /// It came in a bundle: nobody has tried whether it shrinks alone.
    pub bundled: bool,
}

impl Received {
    /// Checks a block against its id.
    ///
    /// # Errors
    /// As [`Packed::unpack`].
    pub fn check(packed: Packed, inflate: Inflate<'_>) -> Result<Self, Reject> {
        let plain = match packed.encoding {
            Encoding::Plain if packed.data.len() > MAX_BLOCK_BYTES => {
                return Err(Reject::new("SYNC-1", "a block that is too long"));
            }
            Encoding::Plain if packed.id.matches(&packed.data) => None,
            Encoding::Plain => return Err(Reject::new("SYNC-6", "a block with the wrong hash")),
            Encoding::Zstd => Some(packed.unpack(inflate)?),
        };
        let wire = packed.data.len();
        Ok(Self { packed, plain, wire, bundled: false })
    }

    /// The plain bytes.
    pub fn plain(&self) -> &[u8] {
        self.plain.as_deref().unwrap_or(&self.packed.data)
    }

    /// The block as it came, and its plain bytes if it came compressed.
    pub fn into_parts(self) -> (Packed, Option<Vec<u8>>) {
        (self.packed, self.plain)
    }
}

/// What the other side said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The newest head it has of an archive. Not judged yet.
    Head(ArchiveId, Option<Vec<u8>>),
    /// What it says must be known of an archive before anything else. Not judged yet.
    Bulletin(ArchiveId, Option<Vec<u8>>),
    /// A wanted block, its hash checked.
    Block(Received),
    /// Small wanted blocks that came together, their hashes checked.
    Bundle(Vec<Received>),
    /// Wanted blocks that it does not give.
    Missing(Vec<BlockId>),
    /// The end that was asked for: everything is answered.
    Bye,
}

/// Knows what was asked on a stream, and takes nothing else.
///
/// After an error the stream is of no use: the connection ends (SYNC-6), and
/// [`Requester::outstanding`] says what must be asked elsewhere.
#[derive(Debug, Default)]
pub struct Requester {
    wanted: BTreeSet<BlockId>,
    heads: BTreeSet<ArchiveId>,
    bulletins: BTreeSet<ArchiveId>,
    /// Bundles were asked for on this stream.
    bundles: bool,
    said_bye: bool,
    over: bool,
}

impl Requester {
    /// A stream on which nothing was asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a head. Asking again for one that is not answered yet, or for more than
    /// [`Requester::head_room`] archives, is for the caller to avoid: the answerer may refuse it.
    pub fn get_head(&mut self, archive: ArchiveId) -> Frame {
        self.heads.insert(archive);
        Frame::GetHead(archive)
    }

    /// True while the head of `archive` is asked for and not answered.
    pub fn is_asking_head(&self, archive: &ArchiveId) -> bool {
        self.heads.contains(archive)
    }

    /// Asks for a bulletin. The same holds as for [`Requester::get_head`], whose room it shares.
    pub fn get_bulletin(&mut self, archive: ArchiveId) -> Frame {
        self.bulletins.insert(archive);
        Frame::GetBulletin(archive)
    }

    /// True while the bulletin of `archive` is asked for and not answered.
    pub fn is_asking_bulletin(&self, archive: &ArchiveId) -> bool {
        self.bulletins.contains(archive)
    }

    /// How many more heads and bulletins, counted together, may be asked for now (SYNC-3).
    pub fn head_room(&self) -> usize {
        let asked = self.heads.len() + self.bulletins.len();
        if self.said_bye { 0 } else { MAX_OUTSTANDING_HEADS.saturating_sub(asked) }
    }

    /// Asks for blocks, in frames of at most 512 ids. Ids that are wanted already are left out, and
    /// so is what goes beyond [`Requester::room`] (SYNC-3).
    pub fn want(&mut self, ids: &[BlockId]) -> Vec<Frame> {
        self.ask(ids, Frame::Want)
    }

    /// The same, and small blocks may come together (SYNC-12): fewer bytes, more work on both sides.
    pub fn want_bundled(&mut self, ids: &[BlockId]) -> Vec<Frame> {
        self.bundles = true;
        self.ask(ids, Frame::WantBundled)
    }

    fn ask(&mut self, ids: &[BlockId], frame: fn(Vec<BlockId>) -> Frame) -> Vec<Frame> {
        let mut fresh = Vec::with_capacity(ids.len().min(self.room()));
        for id in ids {
            if self.room() == 0 {
                break;
            }
            if self.wanted.insert(*id) {
                fresh.push(*id);
            }
        }
        fresh.chunks(MAX_WANTS_PER_FRAME).map(|ids| frame(ids.to_vec())).collect()
    }

    /// How many more ids may be wanted now; none after [`Requester::bye`].
    pub fn room(&self) -> usize {
        if self.said_bye { 0 } else { MAX_OUTSTANDING_WANTS.saturating_sub(self.wanted.len()) }
    }

    /// Ends the asking: what is owed still comes, then [`Answer::Bye`] (SYNC-5).
    pub fn bye(&mut self) -> Frame {
        self.said_bye = true;
        Frame::Bye
    }

    /// True when the other side owes an answer, so that its silence counts (SYNC-7).
    pub fn is_owed(&self) -> bool {
        !self.over && (self.said_bye || !self.all_answered())
    }

    fn all_answered(&self) -> bool {
        self.wanted.is_empty() && self.heads.is_empty() && self.bulletins.is_empty()
    }

    /// Takes a frame of the other side.
    ///
    /// # Errors
    /// `SYNC-2` for what was not asked, `SYNC-1` and `SYNC-6` for a block that is wrong, `SYNC-5`
    /// for an end that is none, `SYNC-6` for a frame that only an asker sends.
    pub fn on_frame(&mut self, frame: Frame, inflate: Inflate<'_>) -> Result<Answer, Reject> {
        if self.over {
            return Err(Reject::new("SYNC-5", "something after the end of a stream"));
        }
        match frame {
            Frame::Head(archive, head) => {
                if !self.heads.remove(&archive) {
                    return Err(Reject::new("SYNC-2", "a head that was not asked for"));
                }
                Ok(Answer::Head(archive, head))
            }
            Frame::Bulletin(archive, bulletin) => {
                if !self.bulletins.remove(&archive) {
                    return Err(Reject::new("SYNC-2", "a bulletin that was not asked for"));
                }
                Ok(Answer::Bulletin(archive, bulletin))
            }
            Frame::Block(packed) => self.on_block(packed, inflate),
            Frame::Bundle(bundle) => self.on_bundle(&bundle, inflate),
            Frame::Missing(ids) => {
                let said: BTreeSet<_> = ids.iter().copied().collect();
                if said.len() != ids.len() || !said.is_subset(&self.wanted) {
                    return Err(Reject::new("SYNC-2", "missing, what was not wanted"));
                }
                self.wanted.retain(|id| !said.contains(id));
                Ok(Answer::Missing(ids))
            }
            Frame::Bye if self.said_bye && self.all_answered() => {
                self.over = true;
                Ok(Answer::Bye)
            }
            Frame::Bye => Err(Reject::new("SYNC-5", "an end before everything was answered")),
            Frame::GetHead(_) | Frame::GetBulletin(_) | Frame::Want(_) | Frame::WantBundled(_) => {
                Err(Reject::new("SYNC-6", "a question on the answering side"))
            }
        }
    }

    fn on_block(&mut self, packed: Packed, inflate: Inflate<'_>) -> Result<Answer, Reject> {
        // Looked up before it is hashed: what was not wanted costs nothing.
        if !self.wanted.contains(&packed.id) {
            return Err(Reject::new("SYNC-2", "a block that was not wanted"));
        }
        let received = Received::check(packed, inflate)?;
        self.wanted.remove(&received.packed.id);
        Ok(Answer::Block(received))
    }

    fn on_bundle(&mut self, bundle: &[u8], inflate: Inflate<'_>) -> Result<Answer, Reject> {
        if !self.bundles {
            return Err(Reject::new("SYNC-12", "a bundle that was not asked for"));
        }
        let blocks = bundle::open(bundle, inflate)?;
        // Each block has the hash by which it is named here: what is wanted is right.
        let came: BTreeSet<_> = blocks.iter().map(|packed| packed.id).collect();
        if came.len() != blocks.len() || !came.is_subset(&self.wanted) {
            return Err(Reject::new("SYNC-2", "a block that was not wanted, or twice"));
        }
        for id in &came {
            self.wanted.remove(id);
        }
        let wire = bundle.len().div_ceil(blocks.len());
        let received = |packed| Received { packed, plain: None, wire, bundled: true };
        Ok(Answer::Bundle(blocks.into_iter().map(received).collect()))
    }

    /// What is wanted and not answered.
    pub fn outstanding(&self) -> impl Iterator<Item = BlockId> + '_ {
        self.wanted.iter().copied()
    }
}

#[cfg(test)]
#[path = "requester_tests.rs"]
mod tests;
