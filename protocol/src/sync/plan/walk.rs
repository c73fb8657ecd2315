//! A walk over the blocks of a part: finds what is here, queues what is not.
//!
//! Depth first and lazily: children are read from the local store when their turn comes, so memory
//! is a few nodes and bounded queues, however many files the release has.

use super::queue::{Queue, Scan};
use super::source::{SourceId, Sources};
use super::step::Step;
use crate::blocks::{ReadBlocks, ReadError};
use crate::ids::BlockId;
use crate::reject::Reject;
use crate::sync::planner::{Budget, Came, PlanError, Want};
use crate::withdraw::Denied;
use std::collections::{BTreeMap, VecDeque};

/// Missing blocks that a walk keeps ready to be asked; it goes no further while there are so many.
const QUEUE: usize = 2_048;
/// Blocks that no source has and that are remembered one by one; what goes beyond is found again
/// by another walk.
const PARKED: usize = 4_096;

/// To whom an answer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The wants of [`Planner::hurry`](crate::sync::Planner::hurry).
    Urgent,
    /// The walk over tree nodes of the part of this index.
    Nodes(usize),
    /// The walk over everything of the part of this index.
    All(usize),
    /// Asked under an earlier plan.
    Nobody,
}

/// A want that is not answered yet.
#[derive(Debug)]
pub struct Flight {
    /// Who was asked.
    pub source: SourceId,
    /// Who wants it.
    pub owner: Owner,
    /// Order of asking.
    pub number: u64,
    /// What is wanted.
    pub step: Step,
}

/// What is asked and not answered, by block: a block is never asked of two sources at once.
#[derive(Debug, Default)]
pub struct Flights {
    /// The wants.
    pub open: BTreeMap<BlockId, Flight>,
    count: u64,
}

impl Flights {
    /// Notes a want that was sent to `source`.
    pub fn open(&mut self, source: SourceId, owner: Owner, step: Step) {
        let number = self.count;
        self.count += 1;
        self.open.insert(*step.id(), Flight { source, owner, number, step });
    }
}

/// One call of `next_wants`: for whom, how much, and what was found so far.
pub struct Call<'a> {
    /// Who can be asked.
    pub source: SourceId,
    /// All sources.
    pub sources: &'a Sources,
    /// All unanswered wants.
    pub flights: &'a mut Flights,
    /// What is here.
    pub local: &'a dyn ReadBlocks,
    /// What is not wanted.
    pub denied: &'a Denied,
    /// What may still be asked.
    pub budget: Budget,
    /// Looks into the store that are left.
    pub looks: usize,
    /// The result.
    pub wants: Vec<Want>,
}

impl Call<'_> {
    /// True when the call is to end.
    pub fn is_over(&self) -> bool {
        self.looks == 0 || self.budget.ids == 0 || self.budget.bytes == 0
    }

    fn ask(&mut self, owner: Owner, step: Step) {
        let (id, bytes) = (*step.id(), step.bytes());
        self.budget.ids -= 1;
        self.budget.bytes = self.budget.bytes.saturating_sub(bytes);
        self.wants.push(Want { id, bytes });
        self.flights.open(self.source, owner, step);
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Walk {
    /// Stops above the content of the leaves.
    nodes_only: bool,
    /// What is still to be looked at, next one last.
    main: Vec<Step>,
    /// The same, below a node that arrived.
    side: Vec<Step>,
    /// Structure that arrived and was not opened yet. At most what was in flight.
    arrived: VecDeque<Step>,
    /// Not here, to be asked.
    queue: Queue,
    /// Not here, and no source has it.
    parked: Vec<Step>,
    /// What was dropped for want of a source.
    pub lost: u64,
    /// Asked and not answered.
    pub flying: usize,
    /// Waits for a tree node that the other walk is fetching.
    pub is_blocked: bool,
    /// Content blocks that are here, each place counted.
    pub blocks_done: u64,
    /// Their bytes.
    pub bytes_done: u64,
}

impl Walk {
    /// A walk from `root` on.
    pub fn new(root: Step, nodes_only: bool) -> Self {
        Self { nodes_only, main: vec![root], ..Self::default() }
    }

    /// True when nothing is left to look at, to ask or to wait for. Parked and lost blocks may
    /// remain.
    pub fn is_finished(&self) -> bool {
        let idle = self.main.is_empty() && self.side.is_empty() && self.arrived.is_empty();
        idle && self.queue.is_empty() && self.flying == 0
    }

    /// True when everything is here.
    pub fn is_complete(&self) -> bool {
        self.is_finished() && self.parked.is_empty() && self.lost == 0
    }

    /// True when [`Walk::step`] can do something.
    pub fn can_step(&self) -> bool {
        let idle = self.main.is_empty() && self.side.is_empty() && self.arrived.is_empty();
        !idle && !self.is_blocked && self.queue.len() < QUEUE
    }

    /// True when something waits to be asked.
    pub fn has_queue(&self) -> bool {
        !self.queue.is_empty()
    }

    /// True when this block waits to be asked. Looks at all that do.
    pub fn waits_for(&self, id: &BlockId) -> bool {
        self.queue.contains(id)
    }

    /// Blocks known to be missing and not under way.
    pub fn missing(&self) -> u64 {
        (self.queue.len() + self.parked.len()) as u64 + self.lost
    }

    /// Blocks remembered here.
    pub fn held(&self) -> usize {
        let ahead = self.main.len() + self.side.len() + self.arrived.len();
        ahead + self.queue.len() + self.parked.len()
    }

    /// Asks again for what no source had.
    pub fn unpark(&mut self) {
        self.parked.drain(..).for_each(|step| self.queue.push_back(step));
    }

    /// Gives up what no source had.
    pub fn forget_parked(&mut self) {
        self.parked.clear();
        self.lost = 0;
    }

    /// Forgets what was looked through for a source.
    pub fn forget(&mut self, source: SourceId) {
        self.queue.forget(source);
    }

    /// Puts a want at the end of the queue.
    pub fn push(&mut self, step: Step) {
        self.queue.push_back(step);
    }

    /// Puts an unanswered want back in front.
    pub fn put_back(&mut self, step: Step) {
        self.queue.push_front(step);
        self.flying = self.flying.saturating_sub(1);
    }

    /// Looks at the next block. Unless `nodes_done`, a missing tree node is waited for: the walk
    /// over tree nodes is about to fetch it.
    ///
    /// # Errors
    /// When the store fails or structure is wrong. The walk is where it was then.
    pub fn step(
        &mut self,
        local: &dyn ReadBlocks,
        denied: &Denied,
        nodes_done: bool,
    ) -> Result<(), PlanError> {
        if self.side.is_empty() {
            self.side.extend(self.arrived.pop_front());
        }
        let stack = if self.side.is_empty() { &mut self.main } else { &mut self.side };
        let Some(step) = stack.pop() else { return Ok(()) };
        match look(&step, local, denied, self.nodes_only) {
            Err(error) => {
                stack.push(step);
                return Err(error);
            }
            Ok(Some(below)) => {
                stack.extend(below.into_iter().rev());
                self.count(&step);
            }
            Ok(None) if matches!(step, Step::Tree { .. }) && !nodes_done => {
                stack.push(step);
                self.is_blocked = true;
            }
            Ok(None) => self.queue.push_back(step),
        }
        Ok(())
    }

    /// Asks for what is queued, and walks on while there is room to ask for more.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn run(
        &mut self,
        call: &mut Call<'_>,
        owner: Owner,
        nodes_done: bool,
    ) -> Result<(), PlanError> {
        let mut scan = self.queue.scan(call.source, call.sources);
        loop {
            self.ask(call, owner, &mut scan)?;
            if call.is_over() || !self.can_step() {
                self.queue.note(&scan);
                return Ok(());
            }
            call.looks -= 1;
            self.step(call.local, call.denied, nodes_done)?;
        }
    }

    /// Asks for what is queued, from where `scan` is on.
    fn ask(&mut self, call: &mut Call<'_>, owner: Owner, scan: &mut Scan) -> Result<(), PlanError> {
        while !call.is_over() {
            let Some(step) = self.queue.next(scan) else { break };
            let id = *step.id();
            if call.sources.lacks(call.source, &id) {
                if !call.sources.all_lack(&id) {
                    self.queue.pass_lacked(scan);
                } else if call.flights.open.contains_key(&id) {
                    self.queue.pass(scan);
                } else {
                    self.park(scan);
                }
                continue;
            }
            if call.flights.open.contains_key(&id) {
                self.queue.pass(scan);
                continue;
            }
            call.looks -= 1;
            let is_here = is_here(step, call.local)?;
            let Some(step) = self.queue.remove(scan) else { break };
            if is_here {
                self.found(step);
            } else {
                self.flying += 1;
                call.ask(owner, step);
            }
        }
        Ok(())
    }

    /// The answer to a want: the block is in the store.
    ///
    /// # Errors
    /// When the block is not what its place demands.
    pub fn on_block(&mut self, step: Step, came: Came<'_>, denied: &Denied) -> Result<(), Reject> {
        self.flying = self.flying.saturating_sub(1);
        let below = step.open(came, denied, self.nodes_only)?;
        if below.is_empty() {
            self.count(&step);
        } else if self.side.is_empty() {
            self.side.extend(below.into_iter().rev());
        } else {
            // Read again when its turn comes, so that its children need no memory until then.
            self.arrived.push_back(step);
        }
        Ok(())
    }

    /// A queued block turned out to be here: another place of it was fetched, or another program
    /// brought it.
    fn found(&mut self, step: Step) {
        match step {
            Step::Tree { .. } | Step::List { .. } => self.arrived.push_back(step),
            Step::Block { .. } | Step::Loose { .. } => self.count(&step),
        }
    }

    fn count(&mut self, step: &Step) {
        if let Step::Block { bytes, .. } = step {
            self.blocks_done += 1;
            self.bytes_done += bytes;
        }
    }

    fn park(&mut self, scan: &Scan) {
        let Some(step) = self.queue.remove(scan) else { return };
        // What the walk over nodes lacks, the walk over everything meets again.
        if self.nodes_only || self.parked.len() >= PARKED {
            self.lost += 1;
        } else {
            self.parked.push(step);
        }
    }
}

/// What lies below a block that is here, `None` when it is not.
fn look(
    step: &Step,
    local: &dyn ReadBlocks,
    denied: &Denied,
    nodes_only: bool,
) -> Result<Option<Vec<Step>>, PlanError> {
    if matches!(step, Step::Block { .. } | Step::Loose { .. })
        || matches!(step, Step::Tree { is_leaf: true, .. } if nodes_only)
    {
        return Ok(local.has_block(step.id())?.then(Vec::new));
    }
    let Some(plain) = local.block(step.id())? else { return Ok(None) };
    let damaged = |reject| PlanError::Damaged { id: *step.id(), reject };
    step.open(Came::Plain(&plain), denied, nodes_only).map(Some).map_err(damaged)
}

/// Whether a block is here. Structure must be readable, not only listed: it is about to be read.
fn is_here(step: &Step, local: &dyn ReadBlocks) -> Result<bool, ReadError> {
    match step {
        Step::Tree { id, .. } | Step::List { id, .. } => Ok(local.block(id)?.is_some()),
        Step::Block { id, .. } | Step::Loose { id, .. } => local.has_block(id),
    }
}
