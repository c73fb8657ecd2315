//! What is damaged or missing in a carrier, without a store.

use super::damage::Damages;
use super::index::{Index, IndexError};
use super::input::Input;
use super::staged::{Staged, Use};
use super::{archive_of, before};
use crate::survey::{Fault, PartFound, Visit, Walk};
use std::cell::RefCell;
use std::io::{self, Read, Seek};
use std::rc::Rc;
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, check_head};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, BlockId};

/// What is in a carrier.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CarrierReport {
    /// Length of the file.
    pub bytes: u64,
    /// Different blocks whose hash is right.
    pub blocks: u64,
    /// Sections that repeat a block.
    pub repeated: u64,
    /// Blocks that belong neither to the head's release nor to its history.
    pub useless: u64,
    /// Ranges that are neither header nor good block.
    pub damages: Damages,
    /// Why there is no head to check the rest by, or why the header is wrong.
    pub head_problem: Option<String>,
    /// Number of the volume, and of how many, when it is one of a set.
    pub volume: Option<(u64, u64)>,
    /// Id of the archive, when a valid head is there.
    pub archive: Option<String>,
    /// Name of the archive. Anybody can call an archive so: compare the id.
    pub name: Option<String>,
    /// Number of the release.
    pub sequence: Option<u64>,
    /// The release before the oldest one whose payload is in it: who has that one can follow the chain. `None` when the chain goes
    /// back to the first.
    pub base: Option<u64>,
    /// Day of the release, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Each part of the release.
    pub parts: Vec<PartFound>,
    /// Up to 100 files that are not whole.
    pub faults: Vec<Fault>,
}

impl CarrierReport {
    /// True when every byte is what a writer wrote. It need not be all of the release: a part or
    /// an increment is a valid carrier.
    pub fn is_intact(&self) -> bool {
        self.damages.count == 0 && self.head_problem.is_none() && self.useless == 0
    }

    /// True when it is intact and holds the whole release.
    pub fn is_complete(&self) -> bool {
        self.is_intact() && self.parts.iter().all(PartFound::is_whole)
    }
}

/// Checks every byte of a carrier, and which files of its release are in it. With `archive`, the
/// head must be of that archive.
///
/// # Errors
/// When the carrier cannot be read, or has more blocks than are indexed.
pub fn verify_carrier(
    input: impl Read + Seek,
    archive: Option<&ArchiveId>,
) -> io::Result<CarrierReport> {
    verify_carrier_with(input, archive, &mut |_| ())
}

/// [`verify_carrier`], with the number of bytes looked at so far for `progress`.
///
/// # Errors
/// See [`verify_carrier`].
pub fn verify_carrier_with(
    input: impl Read + Seek,
    archive: Option<&ArchiveId>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<CarrierReport> {
    let inputs: [Input<'_>; 1] = [Rc::new(RefCell::new(input))];
    let index = Index::scan(&inputs[0], progress).map_err(|error| match error {
        IndexError::Read(error) => error,
        other => io::Error::other(other),
    })?;
    let source = index.sources.first().cloned().unwrap_or_default();
    let mut report = CarrierReport {
        bytes: source.bytes,
        blocks: index.len() as u64,
        repeated: index.repeated(),
        damages: source.damages,
        volume: source.marks.first().map(|mark| (mark.number, mark.total())),
        ..CarrierReport::default()
    };
    let staged = Staged::new(&index, &inputs);
    staged.mark_sets();
    match find_head(&staged, archive)? {
        Ok(head) => {
            report.head_problem = header_problem(&staged, &head);
            describe(&staged, &head, &mut report)?;
        }
        Err(why) => report.head_problem = Some(why),
    }
    report.useless = staged.count(Use::None);
    Ok(report)
}

/// The first valid head, or why there is none.
fn find_head(
    staged: &Staged<'_, '_>,
    archive: Option<&ArchiveId>,
) -> io::Result<Result<Accepted, String>> {
    let mut why = None;
    for id in staged.index.heads() {
        let Some(bytes) = staged.read(id) else { continue };
        let Some(archive) = archive.copied().or_else(|| archive_of(&bytes)) else { continue };
        match check_head(&archive, &bytes) {
            Ok(head) => return Ok(Ok(head)),
            Err(reject) => why = why.or(Some(format!("the head is not valid: {reject}"))),
        }
    }
    Ok(Err(why.unwrap_or_else(|| "there is no readable head in it".into())))
}

fn header_problem(staged: &Staged<'_, '_>, head: &Accepted) -> Option<String> {
    match staged.index.sources.first().and_then(|source| source.root) {
        None => Some("the header is damaged".into()),
        Some(root) if root != BlockId::dag_cbor(&head.bytes) => {
            Some("the header names another head".into())
        }
        Some(_) => None,
    }
}

fn describe(
    staged: &Staged<'_, '_>,
    head: &Accepted,
    report: &mut CarrierReport,
) -> io::Result<()> {
    report.archive = Some(head.release.archive.to_string());
    report.name = Some(head.name().to_owned());
    report.sequence = Some(head.release.sequence);
    report.date = Some(head.release.date.clone());
    staged.mark(&BlockId::dag_cbor(&head.bytes), Use::Present);
    staged.mark(&head.head.link, Use::Present);
    for id in staged.index.bulletins() {
        staged.mark(id, Use::Present);
    }
    let mut next = before(&head.release);
    let mut oldest = head.release.sequence;
    for _ in 0..MAX_ANCESTORS {
        let Some(id) = next else { break };
        let Some(payload) = staged.read(&id) else { break };
        staged.mark(&id, Use::Present);
        let release = Release::decode(&payload).ok();
        oldest = release.as_ref().map_or(oldest, |release| release.sequence);
        next = release.as_ref().and_then(before);
    }
    report.base = oldest.checked_sub(1).filter(|base| *base > 0);
    // What the release itself lists as withdrawn is not expected in it.
    let mut denied = Denied::none(head.release.archive);
    denied.add(&head.release.withdrawn);
    let mut look = Look(staged);
    let mut walk = Walk::new(&mut look).without(Some(&denied));
    for part in &head.release.parts {
        report.parts.push(walk.part(part, true)?);
    }
    report.faults = walk.faults;
    Ok(())
}

/// Reads structure; of content it is known since the scan that its hash is right.
struct Look<'a, 'b, 'i>(&'a Staged<'b, 'i>);

impl Visit for Look<'_, '_, '_> {
    type Error = io::Error;

    fn node(&mut self, id: &BlockId) -> io::Result<Option<Vec<u8>>> {
        self.0.mark(id, Use::Present);
        Ok(self.0.read(id))
    }

    fn list(&mut self, id: &BlockId) -> io::Result<Option<Vec<u8>>> {
        self.node(id)
    }

    fn content(&mut self, id: &BlockId, _bytes: u64) -> io::Result<Option<u64>> {
        self.0.mark(id, Use::Present);
        Ok(self.0.length(id))
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
