//! What to ask of whom to get one release (design: tree nodes first and widely, then blocks, part
//! by part in the order of the release).
//!
//! The driver reports sources, blocks and denials, and asks [`Planner::next_wants`] for each source
//! that has room. What is here already is found on the way by looking into the local store, so
//! nothing that was verified is fetched again, whatever was killed in between; and because nodes
//! are read again from there when their turn comes, memory is bounded whatever the release holds.

mod hurry;

use super::plan::part::PartPlan;
pub use super::plan::source::SourceId;
use super::plan::source::Sources;
use super::plan::step::Step;
use super::plan::walk::{Call, Flight, Flights, Owner, Walk};
use crate::blocks::{ReadBlocks, ReadError};
use crate::ids::{BlockId, Codec};
use crate::reject::Reject;
use crate::release::Release;
use crate::withdraw::Denied;

/// Looks into the local store in one call of [`Planner::next_wants`]: some milliseconds.
const LOOKS: usize = 1_024;

/// How much may be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Blocks.
    pub ids: usize,
    /// Bytes by estimate. The last block may go beyond.
    pub bytes: u64,
}

/// A block to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The block.
    pub id: BlockId,
    /// Its plain length; a guess of 8 KiB for structure.
    pub bytes: u64,
}

/// A block that came, as far as the plan has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came<'a> {
    /// Its plain bytes. Structure (nodes of trees and lists) always comes so.
    Plain(&'a [u8]),
    /// Content of this plain length in bytes: what it says does not matter here.
    Content(u64),
}

impl Came<'_> {
    /// Plain length in bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Plain(plain) => plain.len() as u64,
            Self::Content(bytes) => *bytes,
        }
    }
}

/// Why the plan cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A block with the right hash breaks the rules of tree or list: what was signed is wrong,
    /// and nobody who passes it on is to blame. Its part is left alone from then on (TREE-8).
    #[error("the release is damaged at {id}: {reject}")]
    Damaged {
        /// The block.
        id: BlockId,
        /// The clause it breaks.
        reject: Reject,
    },
    /// The local store failed. The plan is where it was, and the call may be tried again.
    #[error("the local store failed: {0}")]
    Local(#[from] ReadError),
}

/// How far the plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every block of every wanted part is here.
    Done,
    /// Answers are awaited, or there is more to ask. When nothing is in flight,
    /// [`Planner::next_wants`] is to be called again for every source at once, without waiting.
    Working,
    /// Nothing is in flight and no source has what is missing. A new source may, or an old one
    /// later: [`Planner::add_source`].
    Stuck {
        /// Blocks known to be missing; what lies below missing structure is not known.
        missing: u64,
    },
}

/// Numbers for people. Bytes are those of files, a block that occurs twice counts twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Content blocks that are here.
    pub blocks_done: u64,
    /// Bytes of files that are here.
    pub bytes_done: u64,
    /// Bytes of all files of the wanted parts.
    pub bytes_total: u64,
    /// Files of the wanted parts.
    pub files_total: u64,
    /// Blocks asked for and not answered.
    pub in_flight: u64,
    /// Bytes of `bytes_done` that this plan did not have to fetch.
    pub bytes_present_before: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Planner {
    parts: Vec<PartPlan>,
    urgent: Walk,
    sources: Sources,
    flights: Flights,
    bytes_fetched: u64,
    /// Files that are not asked for (WD-7).
    denied: Denied,
}

impl Planner {
    /// A plan for those parts of `release` whose names are in `parts`. Looks for the roots, so
    /// that a store that cannot be read is noticed before anyone is asked.
    ///
    /// # Errors
    /// When the local store fails.
    pub fn new(
        release: &Release,
        parts: &[String],
        local: &dyn ReadBlocks,
    ) -> Result<Self, ReadError> {
        let wanted = release.parts.iter().filter(|p| parts.contains(&p.name));
        let parts: Vec<_> = wanted.cloned().map(PartPlan::new).collect();
        for plan in &parts {
            local.has_block(&plan.part.root)?;
        }
        Ok(Self {
            parts,
            urgent: Walk::default(),
            sources: Sources::default(),
            flights: Flights::default(),
            bytes_fetched: 0,
            denied: Denied::none(release.archive),
        })
    }

    /// The same plan without what is denied: a release is whole without it (WD-7).
    #[must_use]
    pub fn without(mut self, denied: Denied) -> Self {
        self.denied = denied;
        self
    }

    /// Adds a source. For a known one, forgets what it lacked and keeps what it is asked: a source
    /// that is itself still fetching is to be refreshed so now and then.
    pub fn add_source(&mut self, source: SourceId) {
        self.sources.add(source);
        for part in &mut self.parts {
            part.on_source();
        }
    }

    /// Wants that `source` has not answered since an earlier plan (for the release before, say): they
    /// are on their way, so they are not asked of others meanwhile. An answer of either kind ends
    /// that; report it like any other.
    pub fn under_way(&mut self, source: SourceId, ids: impl IntoIterator<Item = BlockId>) {
        for id in ids {
            if self.sources.has(source) && !self.flights.open.contains_key(&id) {
                self.flights.open(source, Owner::Nobody, Step::Loose { id, bytes: 0 });
            }
        }
    }

    /// Removes a source. What it did not answer is asked of others next.
    pub fn remove_source(&mut self, source: SourceId) {
        self.sources.remove(source);
        self.urgent.forget(source);
        self.parts.iter_mut().for_each(|part| part.forget(source));
        let mut back: Vec<(u64, BlockId)> = self
            .flights
            .open
            .iter()
            .filter(|(_, flight)| flight.source == source)
            .map(|(id, flight)| (flight.number, *id))
            .collect();
        back.sort_unstable();
        for (_, id) in back.iter().rev() {
            self.put_back(id);
        }
    }

    /// What to ask of `source` now: nothing that is here, in flight, or that it said it lacks.
    ///
    /// Looks at 1024 blocks at most, so an empty answer does not mean that there is nothing: see
    /// [`Status::Working`].
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn next_wants(
        &mut self,
        source: SourceId,
        budget: Budget,
        local: &dyn ReadBlocks,
    ) -> Result<Vec<Want>, PlanError> {
        if !self.sources.has(source) {
            return Ok(Vec::new());
        }
        let mut call = Call {
            source,
            sources: &self.sources,
            flights: &mut self.flights,
            local,
            denied: &self.denied,
            budget,
            looks: LOOKS,
            wants: Vec::new(),
        };
        let result = gather(&mut self.urgent, &mut self.parts, &mut call);
        let wants = call.wants;
        match result {
            // With wants, they come first: they are on record as asked. The error comes again.
            Err(error) if wants.is_empty() => Err(self.fail(error)),
            _ => Ok(wants),
        }
    }

    /// Leaves a part alone whose structure is wrong.
    fn fail(&mut self, (index, error): (usize, PlanError)) -> PlanError {
        if let (PlanError::Damaged { .. }, Some(part)) = (&error, self.parts.get_mut(index)) {
            part.is_damaged = true;
        }
        error
    }

    /// Looks at what is here without asking anyone, at most `looks` blocks, and says whether there
    /// is more to look at. Finds out without any source whether the release is complete.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn look(&mut self, local: &dyn ReadBlocks, looks: usize) -> Result<bool, PlanError> {
        let mut left = looks;
        for index in 0..self.parts.len() {
            if let Err(error) = self.parts[index].look(local, &self.denied, &mut left) {
                return Err(self.fail((index, error)));
            }
        }
        Ok(self.parts.iter().any(PartPlan::can_walk))
    }

    /// A block came from `source`, was checked against its id, and can be read from `local`. It
    /// counts whoever was asked last: a removed source may answer after all.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn on_block(
        &mut self,
        source: SourceId,
        id: &BlockId,
        came: Came<'_>,
        local: &dyn ReadBlocks,
    ) -> Result<(), PlanError> {
        if !self.flights.open.contains_key(id) {
            return Ok(());
        }
        if !local.has_block(id)? {
            // The store did not keep it after all: as good as missing, at most once a source.
            self.on_missing(source, &[*id]);
            return Ok(());
        }
        let Some(Flight { owner, step, .. }) = self.flights.open.remove(id) else { return Ok(()) };
        if id.codec == Codec::Raw {
            self.bytes_fetched += came.bytes();
        }
        let (index, result) = match owner {
            Owner::Nobody => return Ok(()),
            Owner::Urgent => (usize::MAX, self.urgent.on_block(step, came, &self.denied)),
            Owner::Nodes(index) => {
                let part = &mut self.parts[index];
                part.all.is_blocked = false;
                (index, part.nodes.on_block(step, came, &self.denied))
            }
            Owner::All(index) => (index, self.parts[index].all.on_block(step, came, &self.denied)),
        };
        result.map_err(|reject| self.fail((index, PlanError::Damaged { id: *id, reject })))
    }

    /// `source` said that it lacks these. Each is asked of the others; when all lack it, it waits
    /// for a new source.
    pub fn on_missing(&mut self, source: SourceId, ids: &[BlockId]) {
        for id in ids.iter().rev() {
            if self.flights.open.get(id).is_some_and(|flight| flight.source == source) {
                self.sources.note_lack(source, id);
                self.put_back(id);
            }
        }
    }

    fn put_back(&mut self, id: &BlockId) {
        let Some(Flight { owner, step, .. }) = self.flights.open.remove(id) else { return };
        match owner {
            // Whoever still needs it has it queued.
            Owner::Nobody => {}
            Owner::Urgent => self.urgent.put_back(step),
            Owner::Nodes(index) => self.parts[index].nodes.put_back(step),
            Owner::All(index) => self.parts[index].all.put_back(step),
        }
    }

    /// How far the plan is.
    pub fn status(&self) -> Status {
        if self.parts.iter().all(PartPlan::is_complete) {
            return Status::Done;
        }
        let sound = || self.parts.iter().filter(|part| !part.is_damaged);
        let is_queued = sound().any(|part| part.nodes.has_queue() || part.all.has_queue());
        if !self.flights.open.is_empty()
            || sound().any(PartPlan::can_walk)
            || (is_queued && !self.sources.is_empty())
        {
            return Status::Working;
        }
        let missing = sound().map(|part| part.nodes.missing().max(part.all.missing())).sum();
        Status::Stuck { missing }
    }

    /// Numbers for people.
    pub fn progress(&self) -> Progress {
        let mut progress =
            Progress { in_flight: self.flights.open.len() as u64, ..Progress::default() };
        for plan in &self.parts {
            let (blocks, bytes) = plan.done();
            progress.blocks_done += blocks;
            progress.bytes_done += bytes;
            // Saturating: the totals of a release nobody has checked yet may be anything.
            progress.bytes_total = progress.bytes_total.saturating_add(plan.part.bytes);
            progress.files_total = progress.files_total.saturating_add(plan.part.files);
        }
        progress.bytes_present_before = progress.bytes_done.saturating_sub(self.bytes_fetched);
        progress
    }

    /// Blocks that the plan remembers: this, times some hundred bytes, is its memory. It does not
    /// grow with the release; it grows with the number of parts and of unanswered wants.
    pub fn held(&self) -> usize {
        let parts: usize = self.parts.iter().map(|p| p.nodes.held() + p.all.held()).sum();
        parts + self.urgent.held() + self.flights.open.len()
    }

    /// True when every block of the part is here. False for a part that is not in the plan.
    pub fn part_done(&self, name: &str) -> bool {
        self.parts.iter().any(|plan| plan.part.name == name && plan.is_complete())
    }
}

/// Adds what is wanted; an error comes with the index of its part.
fn gather(
    urgent: &mut Walk,
    parts: &mut [PartPlan],
    call: &mut Call<'_>,
) -> Result<(), (usize, PlanError)> {
    urgent.run(call, Owner::Urgent, true).map_err(|error| (usize::MAX, error))?;
    urgent.forget_parked();
    for (index, part) in parts.iter_mut().enumerate() {
        part.run(call, index).map_err(|error| (index, error))?;
    }
    Ok(())
}
