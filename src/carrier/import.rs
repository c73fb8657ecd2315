//! Taking what belongs to accepted releases out of carriers into a store (CAR-3 to CAR-7, CAR-14).

use super::damage::Damages;
use super::index::Index;
use super::input::Input;
use super::rounds::Rounds;
use super::sets::SetFound;
use super::staged::{Staged, Use};
use super::taking::Taking;
use super::{ReadSeek, archive_of};
use crate::store::{BlockStore, StoreError};
use crate::survey::{Fault, PartFound};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::carrier::Volume;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId};

/// Why an import failed. What was put into the store before stays there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file or the stick cannot be read.
    #[error("the carrier cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The store cannot take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the acceptance rules say to a head from a carrier.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Keep the blocks of this release: it is the trusted one now, or was already.
    Keep(Box<Accepted>),
    /// Not this head; why, for people. Its blocks are kept only where they belong to a known one.
    Drop(String),
}

/// Tells what must not be taken of an archive.
pub type AskDenied<'a> = &'a dyn Fn(&ArchiveId) -> Result<Arc<Denied>, StoreError>;
/// Judges a bulletin.
pub type TakeBulletin<'a> = &'a dyn Fn(&ArchiveId, &[u8]) -> Result<(), StoreError>;

/// What an import knows beforehand.
#[derive(Default, Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Heads that are trusted here: their gaps are filled, also from a carrier of an older release
    /// or without a usable head (CAR-6).
    pub known: &'a [Accepted],
    /// Names of the parts that are wanted; all without.
    pub parts: Option<&'a [String]>,
    /// What must not be taken of an archive (WD-7). Asked after head and bulletin were judged.
    pub denied: Option<AskDenied<'a>>,
    /// Judges a bulletin of the carrier, for each archive that the carrier has a head of; called before any
    /// content is taken (CAR-7).
    pub bulletin: Option<TakeBulletin<'a>>,
}

/// How far an import is. The carrier is read once to find what is in it (`scanned`), then its
/// useful blocks again (`taken`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes of the carrier looked at.
    pub scanned: u64,
    /// Blocks put into the store.
    pub taken: u64,
    /// Bytes of these.
    pub taken_bytes: u64,
}

/// A head in a carrier and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadFound {
    /// The archive that it says it is of.
    pub archive: Option<ArchiveId>,
    /// Sequence of its release when it was accepted, else why not.
    pub outcome: Result<u64, String>,
}

/// How much of a release is here after an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFound {
    /// The archive.
    pub archive: ArchiveId,
    /// Number of the release.
    pub sequence: u64,
    /// Store and carrier together.
    pub parts: Vec<PartFound>,
    /// Up to 100 files that are not whole.
    pub faults: Vec<Fault>,
}

impl ReleaseFound {
    /// True when nothing of the wanted parts is missing.
    pub fn is_whole(&self) -> bool {
        self.parts.iter().all(PartFound::is_whole)
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Heads of the carriers, at most 17 of each; those that headers name are judged first.
    pub heads: Vec<HeadFound>,
    /// Blocks put into the store.
    pub new_blocks: u64,
    /// Bytes of these.
    pub new_bytes: u64,
    /// Blocks of the carrier that belong to an accepted release and were here already.
    pub present_blocks: u64,
    /// Blocks of the carrier that were not kept: of no accepted release, or of no wanted part.
    pub useless_blocks: u64,
    /// Ranges of all carriers that could not be used.
    pub damages: Damages,
    /// Each carrier, in the order in which they were given.
    pub files: Vec<FileFound>,
    /// Sets of volumes that some of them are of.
    pub sets: Vec<SetFound>,
    /// The releases that were accepted, and known ones that the carrier has something of.
    pub releases: Vec<ReleaseFound>,
}

/// What one of several carriers is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFound {
    /// Its length.
    pub bytes: u64,
    /// Blocks of it whose hash is right; none: it is no carrier.
    pub blocks: u64,
    /// Ranges of it that could not be used.
    pub damages: Damages,
    /// Which volume of a set it is.
    pub volume: Option<Volume>,
    /// Why it could not be read to its end.
    pub unreadable: Option<String>,
    /// Sectors (4 kiB) that the medium did not give.
    pub bad_sectors: u32,
}

impl FileFound {
    /// True when the medium did not give all of it: another try, or the same stick plugged in again, may do better.
    pub fn may_do_better(&self) -> bool {
        self.unreadable.is_some() || self.bad_sectors > 0
    }
}

/// Judges a head, given its bytes and the blocks at hand: the carrier's, then the store's.
pub type Judge<'a> = &'a mut dyn FnMut(&[u8], &dyn ReadBlocks) -> Decision;

/// Imports a carrier. Sections may stand in any order and be damaged or missing.
///
/// `judge` gets each head and applies the acceptance rules; when it says `Keep`, the head should
/// be durable by then (TRUST-17), or be made so by the caller afterwards: payloads of releases in
/// between are in the store when this returns. Everything put is flushed.
///
/// # Errors
/// See [`ImportError`]. Running it again goes on where it stopped.
pub fn import(
    store: &dyn BlockStore,
    input: &mut dyn ReadSeek,
    options: ImportOptions<'_>,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<ImportSummary, ImportError> {
    let inputs: [Input<'_>; 1] = [Rc::new(RefCell::new(input))];
    let done = import_all(store, &inputs, options, judge, progress)?;
    match done.files.first().and_then(|file| file.unreadable.clone()) {
        Some(why) => Err(ImportError::Read(io::Error::other(why))),
        None => Ok(done),
    }
}

/// Imports several carriers at once, as if they were one: their order does not matter, and some may be missing
/// or unreadable. More than can be indexed at a time are worked through in rounds.
///
/// # Errors
/// See [`import`]; a carrier that cannot be read is told in the summary instead.
pub fn import_all(
    store: &dyn BlockStore,
    inputs: &[Input<'_>],
    options: ImportOptions<'_>,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<ImportSummary, ImportError> {
    Rounds::of(inputs, options.known).run(store, options, judge, progress)
}

/// What a look at some carriers came to.
pub(super) struct Taken {
    /// Heads that were accepted.
    pub kept: Vec<Accepted>,
    /// Carriers of which a block could not be read any more, and why.
    pub failed: BTreeMap<usize, String>,
}

/// Judges what is in indexed carriers and takes what belongs to accepted releases.
pub(super) fn take(
    store: &dyn BlockStore,
    index: &Index,
    inputs: &[Input<'_>],
    options: ImportOptions<'_>,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(ImportProgress),
    summary: &mut ImportSummary,
) -> Result<Taken, ImportError> {
    let staged = Staged::new(index, inputs);
    staged.mark_sets();
    let kept = judge_heads(store, &staged, judge, summary)?;
    judge_bulletins(&staged, &kept, &options)?;
    let mut taking = Taking::new(store, &staged, progress);
    let walked = taking.releases(&kept, &options);
    // Also when the stick was pulled out in the middle: what was read is kept.
    taking.put()?;
    store.flush()?;
    summary.releases = walked?;
    summary.new_blocks += taking.at.taken;
    summary.new_bytes += taking.at.taken_bytes;
    summary.present_blocks = staged.count(Use::Present);
    summary.useless_blocks = staged.count(Use::None);
    Ok(Taken { kept, failed: staged.failed() })
}

/// The heads of the carrier that are accepted, one for an archive.
fn judge_heads(
    store: &dyn BlockStore,
    staged: &Staged<'_, '_>,
    judge: Judge<'_>,
    summary: &mut ImportSummary,
) -> Result<Vec<Accepted>, ImportError> {
    let at_hand = AtHand { staged, store };
    let mut kept: Vec<Accepted> = Vec::new();
    for id in staged.index.heads() {
        let Some(bytes) = staged.read(id) else { continue };
        let outcome = match judge(&bytes, &at_hand) {
            Decision::Drop(why) => Err(why),
            Decision::Keep(head) => {
                staged.mark(id, Use::Present);
                let sequence = head.release.sequence;
                kept.retain(|other| other.release.archive != head.release.archive);
                kept.push(*head);
                Ok(sequence)
            }
        };
        summary.heads.push(HeadFound { archive: archive_of(&bytes), outcome });
    }
    Ok(kept)
}

/// Shows every bulletin of the carrier for every archive that is concerned: it does not name its own.
fn judge_bulletins(
    staged: &Staged<'_, '_>,
    kept: &[Accepted],
    options: &ImportOptions<'_>,
) -> Result<(), ImportError> {
    let Some(judge) = options.bulletin else { return Ok(()) };
    let archives: BTreeSet<ArchiveId> =
        kept.iter().chain(options.known).map(|head| head.release.archive).collect();
    for id in staged.index.bulletins() {
        let Some(bytes) = staged.read(id) else { continue };
        staged.mark(id, Use::Present);
        for archive in &archives {
            judge(archive, &bytes)?;
        }
    }
    Ok(())
}

/// Blocks of the carrier, then those of the store.
struct AtHand<'a, 'b, 'i> {
    staged: &'a Staged<'b, 'i>,
    store: &'a dyn BlockStore,
}

impl ReadBlocks for AtHand<'_, '_, '_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        match self.staged.read(id) {
            Some(bytes) => Ok(Some(bytes)),
            None => self.store.block(id),
        }
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
