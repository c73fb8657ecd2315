//! A simulated node: its store, its plan, whom it trusts for how long.

use crate::lab::{Blocks, Store, names};
use std::collections::BTreeMap;
use yadgar_protocol::BlockId;
use yadgar_protocol::release::Release;
use yadgar_protocol::sync::{Budget, Came, Planner, SourceId, Status};

/// How long a peer is left alone after its first violation; doubled with each further one.
const FIRST_BAN: u64 = 400;
/// How often a source is asked again for what it lacked.
const RETRY: u64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Publisher,
    Honest,
    /// Answers now and then with something wrong.
    Liar,
    /// Takes questions and says nothing.
    Silent,
    /// Says of every block that it lacks it.
    Denier,
    /// Closes in the middle of a frame.
    Cutter,
}

pub struct Node {
    pub kind: Kind,
    pub store: Store,
    pub peers: Vec<usize>,
    /// Encoded release, the head of the simulation.
    pub head: Option<Vec<u8>>,
    pub away_until: u64,
    /// Verified blocks that came in.
    pub received: u64,
    /// Violations by peer.
    pub lies: BTreeMap<usize, u64>,
    pub plan: Option<Planner>,
    /// Source of each open stream, and when it was added.
    sources: BTreeMap<SourceId, u64>,
    faults: BTreeMap<usize, u64>,
    banned_until: BTreeMap<usize, u64>,
    dialed_at: BTreeMap<usize, u64>,
}

impl Node {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            store: Store::default(),
            peers: Vec::new(),
            head: None,
            away_until: 0,
            received: 0,
            lies: BTreeMap::new(),
            plan: None,
            sources: BTreeMap::new(),
            faults: BTreeMap::new(),
            banned_until: BTreeMap::new(),
            dialed_at: BTreeMap::new(),
        }
    }

    pub fn publisher(head: Vec<u8>, blocks: &Blocks) -> Self {
        Self::stranger(Kind::Publisher, head, blocks)
    }

    pub fn stranger(kind: Kind, head: Vec<u8>, blocks: &Blocks) -> Self {
        let mut node = Self::new(kind);
        node.adopt(head, blocks);
        node
    }

    pub fn adopt(&mut self, head: Vec<u8>, blocks: &Blocks) {
        self.head = Some(head);
        self.store.blocks.borrow_mut().extend(blocks.clone());
    }

    /// Killed: what is stored is all that remains.
    pub fn kill(&mut self) {
        self.plan = None;
        self.sources.clear();
        self.dialed_at.clear();
        self.restart_plan();
    }

    fn restart_plan(&mut self) {
        let Some(head) = &self.head else { return };
        let release = Release::decode(head).unwrap();
        let mut plan = Planner::new(&release, &names(&release), &self.store).unwrap();
        for source in self.sources.keys() {
            plan.add_source(*source);
        }
        self.plan = Some(plan);
    }

    pub fn is_away(&self, now: u64) -> bool {
        now < self.away_until
    }

    pub fn may_dial(&mut self, peer: usize, now: u64) -> bool {
        let banned = self.banned_until.get(&peer).is_some_and(|until| now < *until);
        let just_now = self.dialed_at.get(&peer).is_some_and(|at| now < at + 100);
        if banned || just_now {
            return false;
        }
        self.dialed_at.insert(peer, now);
        true
    }

    /// A peer broke the rules.
    pub fn blame(&mut self, peer: usize, now: u64) {
        *self.lies.entry(peer).or_default() += 1;
        self.leave_alone(peer, now);
    }

    /// A peer lied or fell silent: the next connection comes later each time.
    pub fn leave_alone(&mut self, peer: usize, now: u64) {
        let times = self.faults.entry(peer).or_default();
        *times += 1;
        self.banned_until.insert(peer, now + (FIRST_BAN << (*times).min(10)));
    }

    /// A head was heard of. A newer one starts a new plan; what is stored serves it too.
    pub fn on_head(&mut self, head: &[u8], published: &BTreeMap<Vec<u8>, Release>) -> bool {
        let Some(release) = published.get(head) else { return false };
        let known = self.head.as_ref().map(|bytes| published[bytes].sequence);
        let is_newer = known.is_none_or(|sequence| release.sequence > sequence);
        if is_newer {
            self.head = Some(head.to_vec());
            self.restart_plan();
        }
        is_newer
    }

    pub fn under_way(&mut self, source: SourceId, ids: impl Iterator<Item = BlockId>) {
        if let Some(plan) = &mut self.plan {
            plan.under_way(source, ids);
        }
    }

    pub fn add_source(&mut self, source: SourceId, now: u64) {
        self.sources.insert(source, now);
        if let Some(plan) = &mut self.plan {
            plan.add_source(source);
        }
    }

    pub fn remove_source(&mut self, source: SourceId) {
        self.sources.remove(&source);
        if let Some(plan) = &mut self.plan {
            plan.remove_source(source);
        }
    }

    pub fn wants(&mut self, source: SourceId, budget: Budget) -> Vec<BlockId> {
        let Some(plan) = &mut self.plan else { return Vec::new() };
        let wants = plan.next_wants(source, budget, &self.store).unwrap();
        wants.into_iter().map(|want| want.id).collect()
    }

    /// A verified block of `source`.
    pub fn on_block(&mut self, source: SourceId, id: BlockId, plain: &[u8]) {
        self.received += 1;
        self.store.put(id, plain);
        if let Some(plan) = &mut self.plan {
            plan.on_block(source, &id, Came::Plain(plain), &self.store).unwrap();
        }
    }

    pub fn on_missing(&mut self, source: SourceId, ids: &[BlockId]) {
        if let Some(plan) = &mut self.plan {
            plan.on_missing(source, ids);
        }
    }

    /// A partial source gets more with time: it is asked anew for what it lacked.
    pub fn tick(&mut self, now: u64) {
        let Some(plan) = &mut self.plan else { return };
        for (source, since) in &mut self.sources {
            if now >= *since + RETRY {
                *since = now;
                plan.add_source(*source);
            }
        }
    }

    pub fn is_done(&self, newest: &[u8]) -> bool {
        let done = self.plan.as_ref().is_some_and(|plan| plan.status() == Status::Done);
        done && self.head.as_deref() == Some(newest)
    }

    pub fn describe(&self) -> String {
        let plan = self.plan.as_ref().map(|plan| (plan.status(), plan.progress()));
        format!("{plan:?}, sources {:?}, peers {:?}", self.sources, self.peers)
    }
}
