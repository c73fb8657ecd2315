//! Wants that go before all others, because someone waits.

use super::{Budget, Call, Owner, PlanError, Planner, SourceId, Want};
use crate::blocks::ReadBlocks;
use crate::ids::BlockId;
use crate::sync::plan::step::Step;

/// Wants of [`Planner::hurry`] that wait at the same time; more are left to their turn.
const URGENT: usize = 256;

impl Planner {
    /// Wants a block before all others, because someone waits for it: structure on the way to a
    /// page, or the page. It is still checked in its place when the plan comes there. Saying it again
    /// while it waits changes nothing, and what is denied is not asked for. True when it is new here.
    pub fn hurry(&mut self, id: BlockId, bytes: u64) -> bool {
        let has_room = self.urgent.missing() < URGENT as u64;
        let is_new = has_room && self.denied.covers(&id).is_none() && !self.urgent.waits_for(&id);
        if is_new {
            self.urgent.push(Step::Loose { id, bytes });
        }
        is_new
    }

    /// Who was asked for a block and has not answered.
    pub fn asked_of(&self, id: &BlockId) -> Option<SourceId> {
        self.flights.open.get(id).map(|flight| flight.source)
    }

    /// True when a hurried block waits to be asked.
    pub fn is_hurried(&self) -> bool {
        self.urgent.has_queue()
    }

    /// The same as [`Planner::next_wants`], but nothing besides what is hurried: for a source that is
    /// asked as much as it should be already.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn next_hurried(
        &mut self,
        source: SourceId,
        budget: Budget,
        local: &dyn ReadBlocks,
    ) -> Result<Vec<Want>, PlanError> {
        if !self.sources.has(source) || !self.is_hurried() {
            return Ok(Vec::new());
        }
        let mut call = Call {
            source,
            sources: &self.sources,
            flights: &mut self.flights,
            local,
            denied: &self.denied,
            budget,
            looks: super::LOOKS,
            wants: Vec::new(),
        };
        let result = self.urgent.run(&mut call, Owner::Urgent, true);
        let wants = call.wants;
        self.urgent.forget_parked();
        match result {
            Err(error) if wants.is_empty() => Err(error),
            _ => Ok(wants),
        }
    }
}
