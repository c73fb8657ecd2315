//! What to ask of whom: the crate's own planner, or a flat one for runs that it would make too long.

use super::bits::Bits;
use super::catalog::{Catalog, Local};
use std::collections::BTreeMap;
use yadgar_protocol::sync::{Budget, Planner, SourceId, Status};

/// Guess of the planner for a block whose length it does not know.
const GUESS: u64 = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `yadgar_protocol::sync::Planner`.
    Real,
    /// The same policy on bits.
    Flat,
    /// The same, but each mirror begins somewhere else among what is open: what another order would give.
    Shifted,
}

pub enum Plan {
    Real(Box<Planner>),
    Flat(Box<Flat>),
}

/// Length of a block as the window counts it.
pub fn guess(catalog: &Catalog, id: u32) -> u64 {
    let block = &catalog.blocks[id as usize];
    if block.node.is_some() { GUESS } else { block.bytes }
}

impl Plan {
    pub fn new(kind: Kind, catalog: &Catalog, edition: usize, held: &Bits, shift: u64) -> Self {
        let it = &catalog.editions[edition];
        match kind {
            Kind::Real => {
                let local = Local { catalog, held };
                let names: Vec<_> = it.release.parts.iter().map(|p| p.name.clone()).collect();
                let plan = Planner::new(&it.release, &names, &local).unwrap();
                let mut plan = plan.without(it.denied.clone());
                while plan.look(&local, 1_024).unwrap() {}
                Self::Real(Box::new(plan))
            }
            Kind::Flat => Self::Flat(Box::new(Flat::new(catalog, edition, held, 0))),
            Kind::Shifted => Self::Flat(Box::new(Flat::new(catalog, edition, held, shift))),
        }
    }

    pub fn add_source(&mut self, source: u32) {
        match self {
            Self::Real(plan) => plan.add_source(SourceId(source.into())),
            Self::Flat(plan) => plan.add_source(source),
        }
    }

    pub fn remove_source(&mut self, source: u32) {
        match self {
            Self::Real(plan) => plan.remove_source(SourceId(source.into())),
            Self::Flat(plan) => plan.remove_source(source),
        }
    }

    pub fn next_wants(
        &mut self,
        source: u32,
        budget: Budget,
        catalog: &Catalog,
        held: &Bits,
    ) -> Vec<u32> {
        match self {
            Self::Real(plan) => {
                let local = Local { catalog, held };
                let source = SourceId(source.into());
                let mut wants = plan.next_wants(source, budget, &local).unwrap();
                // It looks at so many blocks in a call, and says when to call again at once.
                let idle = |plan: &Planner| {
                    plan.status() == Status::Working && plan.progress().in_flight == 0
                };
                let mut more = true;
                while wants.is_empty() && more && idle(plan) {
                    more = plan.look(&local, 1_024).unwrap();
                    wants = plan.next_wants(source, budget, &local).unwrap();
                }
                wants.iter().map(|want| catalog.index[&want.id]).collect()
            }
            Self::Flat(plan) => plan.next_wants(source, budget, catalog),
        }
    }

    pub fn on_block(&mut self, source: u32, id: u32, catalog: &Catalog, held: &Bits) {
        match self {
            Self::Real(plan) => {
                let block = &catalog.blocks[id as usize];
                // A planner looks only at the length of contents.
                static EMPTY: [u8; 262_144] = [0; 262_144];
                let plain = block.node.as_deref().unwrap_or(&EMPTY[..block.bytes as usize]);
                let local = Local { catalog, held };
                plan.on_block(SourceId(source.into()), &block.id, plain, &local).unwrap();
            }
            Self::Flat(plan) => plan.on_block(id, catalog),
        }
    }

    pub fn on_missing(&mut self, source: u32, ids: &[u32], catalog: &Catalog) {
        match self {
            Self::Real(plan) => {
                let ids: Vec<_> = ids.iter().map(|id| catalog.blocks[*id as usize].id).collect();
                plan.on_missing(SourceId(source.into()), &ids);
            }
            Self::Flat(plan) => plan.on_missing(source, ids, catalog),
        }
    }

    pub fn is_done(&self) -> bool {
        match self {
            Self::Real(plan) => plan.status() == Status::Done,
            Self::Flat(plan) => plan.left == 0,
        }
    }

    /// Blocks that it remembers. A flat one has a bit for each block of the release instead.
    pub fn held(&self) -> usize {
        match self {
            Self::Real(plan) => plan.held(),
            Self::Flat(_) => 0,
        }
    }
}

const NOBODY: u32 = u32::MAX;

/// The policy of the planner on bits: the blocks of an edition in the planner's order, each asked of
/// one source at a time, of none that said it lacks it, and only once what it is below is here.
pub struct Flat {
    edition: usize,
    shift: usize,
    /// By place: may be asked now.
    open: Bits,
    done: Bits,
    asked: Vec<u32>,
    lacks: BTreeMap<u32, Bits>,
    left: u64,
}

impl Flat {
    fn new(catalog: &Catalog, edition: usize, held: &Bits, shift: u64) -> Self {
        let it = &catalog.editions[edition];
        let len = it.order.len();
        let mut plan = Self {
            edition,
            shift: shift as usize % len.div_ceil(64),
            open: Bits::new(len),
            done: Bits::new(len),
            asked: vec![NOBODY; len],
            lacks: BTreeMap::new(),
            left: 0,
        };
        for (id, at) in it.order.iter().zip(0..) {
            if held.has(*id) {
                plan.done.insert(at);
            } else {
                plan.left += 1;
            }
        }
        for at in 0..len as u32 {
            let ready = it.parent[at as usize].is_none_or(|parent| plan.done.has(parent));
            if ready && !plan.done.has(at) {
                plan.open.insert(at);
            }
        }
        plan
    }

    fn add_source(&mut self, source: u32) {
        self.lacks.insert(source, Bits::new(self.asked.len()));
    }

    fn remove_source(&mut self, source: u32) {
        self.lacks.remove(&source);
        for at in 0..self.asked.len() {
            if self.asked[at] == source {
                self.put_back(at as u32);
            }
        }
    }

    fn put_back(&mut self, at: u32) {
        self.asked[at as usize] = NOBODY;
        if !self.done.has(at) {
            self.open.insert(at);
        }
    }

    fn next_wants(&mut self, source: u32, budget: Budget, catalog: &Catalog) -> Vec<u32> {
        let it = &catalog.editions[self.edition];
        let (mut wants, mut bytes) = (Vec::new(), budget.bytes);
        let Some(lacks) = self.lacks.get(&source) else { return wants };
        let words = self.open.0.len();
        for step in 0..words {
            let word = (self.shift + step) % words;
            let mut ready = self.open.0[word] & !lacks.0[word];
            while ready != 0 {
                if bytes == 0 || wants.len() >= budget.ids {
                    return wants;
                }
                let at = word as u32 * 64 + ready.trailing_zeros();
                ready &= ready - 1;
                let id = it.order[at as usize];
                self.open.remove(at);
                self.asked[at as usize] = source;
                bytes = bytes.saturating_sub(guess(catalog, id));
                wants.push(id);
            }
        }
        wants
    }

    fn on_block(&mut self, id: u32, catalog: &Catalog) {
        let it = &catalog.editions[self.edition];
        let Some(at) = it.place.get(&id).copied() else { return };
        self.asked[at as usize] = NOBODY;
        self.open.remove(at);
        if !self.done.insert(at) {
            return;
        }
        self.left -= 1;
        for below in &it.below[at as usize] {
            if !self.done.has(*below) && self.asked[*below as usize] == NOBODY {
                self.open.insert(*below);
            }
        }
    }

    fn on_missing(&mut self, source: u32, ids: &[u32], catalog: &Catalog) {
        let it = &catalog.editions[self.edition];
        for id in ids {
            let Some(at) = it.place.get(id).copied() else { continue };
            if self.asked[at as usize] == source {
                self.put_back(at);
                if let Some(lacks) = self.lacks.get_mut(&source) {
                    lacks.insert(at);
                }
            }
        }
    }
}
