//! What to ask of whom: the crate's own planner, or a flat one for runs that it would make too long.

use super::bits::Bits;
use super::catalog::{Catalog, Local};
use super::lab::Rng;
use std::collections::{BTreeMap, VecDeque};
use yadgar_protocol::sync::{Budget, Came, Planner, SourceId, Status};

/// Queues of a flat plan: for each of two parts its tree, then all else.
const CLASSES: usize = 4;
/// Guess of the planner for a block whose length it does not know.
const GUESS: u64 = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `yadgar_protocol::sync::Planner`.
    Real,
    /// The same policy without its walks.
    Flat,
    /// The same, but each mirror asks in an order of its own: what that would give.
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
            Kind::Flat => Self::Flat(Box::new(Flat::new(catalog, edition, held, None))),
            Kind::Shifted => Self::Flat(Box::new(Flat::new(catalog, edition, held, Some(shift)))),
        }
    }

    pub fn add_source(&mut self, source: u32, catalog: &Catalog) {
        match self {
            Self::Real(plan) => plan.add_source(SourceId(source.into())),
            Self::Flat(plan) => plan.add_source(source, catalog),
        }
    }

    pub fn remove_source(&mut self, source: u32, catalog: &Catalog) {
        match self {
            Self::Real(plan) => plan.remove_source(SourceId(source.into())),
            Self::Flat(plan) => plan.remove_source(source, catalog),
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
                plan.on_block(SourceId(source.into()), &block.id, Came::Plain(plain), &local)
                    .unwrap();
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

    /// Whether a source that had nothing to give may give one of these, which came back.
    pub fn may_give(&self, source: u32, ids: &[u32], catalog: &Catalog) -> bool {
        let Self::Flat(plan) = self else { return true };
        let place = &catalog.editions[plan.edition].place;
        let lacks = plan.lacks.get(&source);
        lacks.is_some_and(|l| ids.iter().filter_map(|id| place[*id as usize]).any(|at| !l.has(at)))
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

/// The policy of the planner without its walks: queues of what is missing and known, in the order of
/// the planner; each block asked of one source at a time, of none that said it lacks it; what all lack
/// waits at the end of its queue until a source comes anew; what comes back is asked next.
pub struct Flat {
    edition: usize,
    shifted: bool,
    /// By class of the edition: places, the next in front.
    queues: [VecDeque<u32>; CLASSES],
    parked: Vec<u32>,
    done: Bits,
    asked: Vec<u32>,
    lacks: BTreeMap<u32, Bits>,
    /// By place: sources that lack it.
    lacking: Vec<u8>,
    left: u64,
    rng: Rng,
}

impl Flat {
    fn new(catalog: &Catalog, edition: usize, held: &Bits, shift: Option<u64>) -> Self {
        let it = &catalog.editions[edition];
        let len = it.order.len();
        let mut plan = Self {
            edition,
            shifted: shift.is_some(),
            queues: Default::default(),
            parked: Vec::new(),
            done: Bits::new(len),
            asked: vec![NOBODY; len],
            lacks: BTreeMap::new(),
            lacking: vec![0; len],
            left: 0,
            rng: Rng(shift.unwrap_or(0)),
        };
        for (id, at) in it.order.iter().zip(0..) {
            match held.has(*id) {
                true => drop(plan.done.insert(at)),
                false => plan.left += 1,
            }
        }
        for at in 0..len as u32 {
            let ready = it.parent[at as usize].is_none_or(|parent| plan.done.has(parent));
            if ready && !plan.done.has(at) {
                plan.put(at, it.class[at as usize]);
            }
        }
        plan
    }

    /// At the end of its queue; anywhere in it when mirrors are to differ.
    fn put(&mut self, at: u32, class: u8) {
        let queue = &mut self.queues[usize::from(class)];
        queue.push_back(at);
        if self.shifted {
            let (last, other) = (queue.len() - 1, self.rng.range(0, queue.len() as u64));
            queue.swap(last, other as usize);
        }
    }

    fn add_source(&mut self, source: u32, catalog: &Catalog) {
        let before = self.lacks.insert(source, Bits::new(self.asked.len()));
        self.had(before);
        let class = &catalog.editions[self.edition].class;
        for at in std::mem::take(&mut self.parked) {
            self.put(at, class[at as usize]);
        }
    }

    fn had(&mut self, lacks: Option<Bits>) {
        for place in lacks.iter().flat_map(Bits::iter) {
            self.lacking[place as usize] -= 1;
        }
    }

    fn remove_source(&mut self, source: u32, catalog: &Catalog) {
        let before = self.lacks.remove(&source);
        self.had(before);
        for at in (0..self.asked.len()).rev() {
            if self.asked[at] == source {
                self.put_back(at as u32, catalog);
            }
        }
    }

    fn put_back(&mut self, at: u32, catalog: &Catalog) {
        self.asked[at as usize] = NOBODY;
        if !self.done.has(at) {
            let class = catalog.editions[self.edition].class[at as usize];
            self.queues[usize::from(class)].push_front(at);
        }
    }

    fn next_wants(&mut self, source: u32, budget: Budget, catalog: &Catalog) -> Vec<u32> {
        let it = &catalog.editions[self.edition];
        let (mut wants, mut bytes) = (Vec::new(), budget.bytes);
        let Some(lacks) = self.lacks.get(&source) else { return wants };
        for queue in &mut self.queues {
            let mut at = 0;
            while bytes > 0 && wants.len() < budget.ids && at < queue.len() {
                let place = queue[at];
                if self.done.has(place) {
                    queue.remove(at);
                } else if !lacks.has(place) {
                    queue.remove(at);
                    let id = it.order[place as usize];
                    self.asked[place as usize] = source;
                    bytes = bytes.saturating_sub(guess(catalog, id));
                    wants.push(id);
                } else if usize::from(self.lacking[place as usize]) >= self.lacks.len() {
                    queue.remove(at);
                    self.parked.push(place);
                } else {
                    at += 1;
                }
            }
        }
        wants
    }

    fn on_block(&mut self, id: u32, catalog: &Catalog) {
        let it = &catalog.editions[self.edition];
        let Some(at) = it.place[id as usize] else { return };
        self.asked[at as usize] = NOBODY;
        if !self.done.insert(at) {
            return;
        }
        self.left -= 1;
        for below in &it.below[at as usize] {
            if !self.done.has(*below) {
                self.put(*below, it.class[*below as usize]);
            }
        }
    }

    fn on_missing(&mut self, source: u32, ids: &[u32], catalog: &Catalog) {
        let it = &catalog.editions[self.edition];
        for id in ids.iter().rev() {
            let Some(at) = it.place[*id as usize] else { continue };
            if self.asked[at as usize] == source {
                self.put_back(at, catalog);
                let lacks = self.lacks.get_mut(&source);
                if lacks.is_some_and(|lacks| lacks.insert(at)) {
                    self.lacking[at as usize] += 1;
                }
            }
        }
    }
}
