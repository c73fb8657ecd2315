//! One part of a release: first its tree nodes, widely, then everything, in path order.

use super::source::SourceId;
use super::step::Step;
use super::walk::{Call, Owner, Walk};
use crate::blocks::ReadBlocks;
use crate::release::Part;
use crate::sync::planner::PlanError;
use crate::tree::Expect;
use crate::withdraw::Denied;

/// See the module.
///
/// The walk over nodes only makes the tree known early; the walk over everything alone decides
/// what is complete.
#[derive(Debug)]
pub struct PartPlan {
    /// What the release says.
    pub part: Part,
    /// Fetches tree nodes.
    pub nodes: Walk,
    /// Fetches everything.
    pub all: Walk,
    /// A source came since blocks were lost.
    retry: bool,
    /// Its structure breaks the rules: left alone.
    pub is_damaged: bool,
    /// What earlier walks found: a walk that starts again counts again.
    shown: (u64, u64),
}

impl PartPlan {
    /// A part of which nothing is known.
    pub fn new(part: Part) -> Self {
        let (nodes, all) = (Walk::new(root(&part), true), Walk::new(root(&part), false));
        Self { part, nodes, all, retry: false, is_damaged: false, shown: (0, 0) }
    }

    /// Adds to `call` what this part wants.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn run(&mut self, call: &mut Call<'_>, index: usize) -> Result<(), PlanError> {
        if self.is_damaged || call.is_over() {
            return Ok(());
        }
        self.start_again();
        self.nodes.run(call, Owner::Nodes(index), true)?;
        self.all.is_blocked = false;
        self.all.run(call, Owner::All(index), self.nodes.is_finished())
    }

    /// Walks on without asking anyone, `looks` blocks at most.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn look(
        &mut self,
        local: &dyn ReadBlocks,
        denied: &Denied,
        looks: &mut usize,
    ) -> Result<(), PlanError> {
        while *looks > 0 && self.can_walk() {
            *looks -= 1;
            self.start_again();
            if self.nodes.can_step() {
                self.nodes.step(local, denied, true)?;
                self.all.is_blocked = false;
            } else {
                self.all.step(local, denied, self.nodes.is_finished())?;
            }
        }
        Ok(())
    }

    /// True when there is something to look at without an answer from anyone.
    pub fn can_walk(&self) -> bool {
        let walks = self.nodes.can_step() || self.all.can_step();
        !self.is_damaged && (walks || self.nodes_again() || self.all_again())
    }

    /// A source went.
    pub fn forget(&mut self, source: SourceId) {
        self.nodes.forget(source);
        self.all.forget(source);
    }

    /// A source came: what was missing everywhere may be had now.
    pub fn on_source(&mut self) {
        self.all.unpark();
        self.retry = self.nodes.lost > 0 || self.all.lost > 0;
    }

    /// Content blocks and bytes that are here.
    pub fn done(&self) -> (u64, u64) {
        let (blocks, bytes) = self.shown;
        (blocks.max(self.all.blocks_done), bytes.max(self.all.bytes_done))
    }

    /// True when everything is here.
    pub fn is_complete(&self) -> bool {
        !self.is_damaged && self.all.is_complete()
    }

    fn nodes_again(&self) -> bool {
        self.retry && self.nodes.lost > 0 && self.nodes.is_finished()
    }

    fn all_again(&self) -> bool {
        self.retry && self.all.lost > 0 && self.all.is_finished()
    }

    fn start_again(&mut self) {
        if self.nodes_again() {
            self.nodes = Walk::new(root(&self.part), true);
        }
        if self.all_again() {
            self.shown = self.done();
            self.all = Walk::new(root(&self.part), false);
        }
        self.retry &= self.nodes.lost > 0 || self.all.lost > 0;
    }
}

fn root(part: &Part) -> Step {
    Step::Tree { id: part.root, expect: Box::new(Expect::of_part(part)), is_leaf: false }
}
