//! Mirrors, links between them, and the events of a run in order of time.

use super::agenda::Agenda;
use super::bits::Bits;
use super::catalog::Catalog;
pub use super::event::Event;
use super::lab::Rng;
use super::plan::Plan;
use super::setting::{MINUTE, SECOND, Setting, jittered, line};
use super::tally::{Spread, Traffic};
use super::window::Window;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::peers::Memory;

/// A message takes this long to be judged, the head being written durably first.
pub const JUDGE: u64 = 20_000;
/// Heads are asked of everybody this often (`src/node/mirror.rs`, SYNC-8).
pub const HEADS_EVERY: u64 = 300 * SECOND;

/// One side of a link.
pub struct Side {
    pub node: u32,
    /// Blocks that this side owes the other, and under which job of the other.
    pub owed: VecDeque<u32>,
    pub job: u32,
    pub in_turn: bool,
    /// The other side showed a head.
    pub holder: bool,
    /// The other side as a source of ours.
    pub source: Option<Source>,
    pub in_mesh: bool,
    pub attached: bool,
}

pub struct Source {
    pub window: Window,
    pub delivered: u64,
    pub robbed: bool,
    /// The last question to the plan gave nothing for it.
    pub dry: bool,
}

pub struct Link {
    pub sides: [Side; 2],
    pub latency: u64,
    /// Something passes.
    pub open: bool,
}

pub struct Fetch {
    pub edition: usize,
    pub plan: Plan,
    pub sources: Vec<u32>,
    pub asked_again: u64,
    pub ask_again: u64,
}

pub struct Node {
    pub up: bool,
    pub life: u32,
    pub liar: bool,
    pub restless: bool,
    pub island: bool,
    pub reachable: bool,
    pub down_rate: u64,
    pub up_rate: u64,
    pub down_free: u64,
    pub links: Vec<u32>,
    pub dialled: usize,
    /// What it trusts, by number, and the newest edition that it holds whole.
    pub state: Option<usize>,
    pub trusted: Option<usize>,
    pub complete: Option<usize>,
    pub held: Bits,
    pub fetch: Option<Fetch>,
    pub job: u32,
    /// Links whose blocks wait to be sent, each in its turn; the block being sent: link, side, job, block.
    pub turns: VecDeque<(u32, u8)>,
    pub sending: Option<(u32, u8, u32, u32)>,
    pub turn: u32,
    /// When each head was last heard by gossip.
    pub heard: Vec<Option<u64>>,
    pub known: Vec<u32>,
    pub banned: BTreeSet<u32>,
    pub traffic: Traffic,
    pub most_held: usize,
}

pub struct World {
    pub set: Setting,
    pub now: u64,
    pub rng: Rng,
    pub catalog: Rc<Catalog>,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub memories: Vec<Memory>,
    pub keys: Vec<PublicKey>,
    pub numbers: BTreeMap<[u8; 32], u32>,
    pub split: bool,
    pub up: usize,
    /// By edition: its head is trusted; it is held whole.
    pub heads: Vec<Spread>,
    pub wholes: Vec<Spread>,
    pub lies: u64,
    pub events: u64,
    agenda: Agenda,
}

impl World {
    pub fn new(set: Setting, catalog: Rc<Catalog>) -> Self {
        let mut rng = Rng(set.seed ^ 0x5ca1_e000);
        let nodes: Vec<_> = (0..set.mirrors).map(|n| node(n, &set, &catalog, &mut rng)).collect();
        let up = nodes.iter().filter(|node| !node.liar).count();
        let mut spreads = vec![Spread::default(); catalog.editions.len()];
        spreads[0].has = up;
        let mut world = Self {
            set,
            now: 0,
            rng,
            catalog,
            up,
            nodes,
            links: Vec::new(),
            memories: Vec::new(),
            keys: Vec::new(),
            numbers: BTreeMap::new(),
            split: false,
            heads: spreads.clone(),
            wholes: spreads,
            lies: 0,
            events: 0,
            agenda: Agenda::default(),
        };
        world.acquaint();
        for node in 0..set.mirrors as u32 {
            world.begin(node);
        }
        world.at(set.warm, Event::Publish { edition: 1 });
        world.at(set.third_at, Event::Publish { edition: 2 });
        if set.island > 0 {
            world.at(set.cut.0, Event::Split);
            world.at(set.cut.1, Event::Heal);
        }
        world
    }

    /// What a mirror does from its start on, by itself.
    pub fn begin(&mut self, node: u32) {
        let life = self.nodes[node as usize].life;
        let (first, heads) = (self.rng.range(0, 2 * SECOND), jittered(HEADS_EVERY, &mut self.rng));
        self.after(first, Event::Dial { node, life });
        self.after(heads, Event::Heads { node, life });
        let it = &self.nodes[node as usize];
        if it.restless {
            let stay = super::setting::around(self.set.stay, &mut self.rng);
            self.after(stay, Event::Leave { node });
        }
    }

    pub fn at(&mut self, time: u64, event: Event) {
        self.events += 1;
        self.agenda.push(time, self.events, event);
    }

    pub fn after(&mut self, time: u64, event: Event) {
        self.at(self.now + time, event);
    }

    /// Runs until the third edition is everywhere, in calm, or until the end.
    pub fn run(&mut self) {
        self.run_until(Self::is_over);
    }

    pub fn run_until(&mut self, over: impl Fn(&Self) -> bool) {
        while let Some((time, event)) = self.agenda.pop() {
            self.now = time;
            if time > self.set.end {
                return;
            }
            self.step(event);
            if over(self) {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        let last = self.wholes.len() - 1;
        self.now >= self.set.calm
            && !self.split
            && self.heads[last].published > 0
            && self.wholes[last].has == self.set.mirrors - self.liars()
    }

    fn liars(&self) -> usize {
        self.nodes.iter().filter(|node| node.liar).count()
    }

    fn step(&mut self, event: Event) {
        if event.link().is_some_and(|link| !self.links[link as usize].open) {
            return;
        }
        match event {
            Event::Wants { link, side, job, ids } => self.on_wants(link, side, job, &ids),
            Event::Missing { link, side, job, ids } => self.on_missing(link, side, job, &ids),
            Event::Sent { node, turn } => self.on_sent(node, turn),
            Event::Block { link, side, job, id, bad } => self.on_block(link, side, job, id, bad),
            Event::AskHead { link, side } => self.on_ask_head(link, side),
            Event::Head { link, side, head } => self.on_head(link, side, head),
            Event::Gossip { link, side, head } => self.on_gossip(link, side, head),
            Event::Lazy { node, head } => self.tell_lazily(node, head),
            Event::Have { link, side, head } => self.on_have(link, side, head),
            Event::Want { link, side, head } => self.send_gossip(link, side, head),
            Event::Judged { link, side, head } => self.on_judged(link, side, head),
            Event::Timer { node, job } => self.on_timer(node, job),
            Event::Heads { node, life } => self.ask_all(node, life),
            Event::Dial { node, life } => self.dial(node, life),
            Event::Lost { link, side } => self.detach(link, side),
            Event::Leave { node } => self.leave(node),
            Event::Return { node } => self.come_back(node),
            Event::Publish { edition } => self.publish(edition.into()),
            Event::Split => self.cut(),
            Event::Heal => self.split = false,
        }
    }

    fn publish(&mut self, edition: usize) {
        if self.heads[edition].published > 0 {
            return;
        }
        self.heads[edition].published = self.now;
        self.wholes[edition].published = self.now;
        let catalog = self.catalog.clone();
        self.nodes[0].held.add(&catalog.editions[edition].whole);
        for liar in self.nodes.iter_mut().filter(|node| node.liar) {
            liar.held.add(&catalog.editions[edition].whole);
            liar.complete = Some(edition);
        }
        let (_, state) = catalog.judge(self.nodes[0].state, edition);
        self.trust(0, edition, state);
        self.completed(0, edition);
    }

    /// The second edition is everywhere: the third may come.
    pub fn next_edition(&mut self) {
        if self.wholes[1].all.is_some() && self.heads[2].published == 0 && self.now > MINUTE {
            self.after(SECOND, Event::Publish { edition: 2 });
        }
    }

    /// Who is up has changed.
    pub fn count_up(&mut self, node: u32, up: bool) {
        if self.nodes[node as usize].liar {
            return;
        }
        self.up = if up { self.up + 1 } else { self.up - 1 };
        let (trusted, complete) =
            (self.nodes[node as usize].trusted, self.nodes[node as usize].complete);
        let change =
            |spread: &mut Spread| spread.has = spread.has + usize::from(up) - usize::from(!up);
        let spreads = self.heads.iter_mut().zip(self.wholes.iter_mut()).enumerate();
        for (edition, (head, whole)) in spreads {
            if trusted.is_some_and(|at| at >= edition) {
                change(head);
            }
            if complete.is_some_and(|at| at >= edition) {
                change(whole);
            }
        }
        self.look();
    }

    pub fn look(&mut self) {
        let (up, now) = (self.up, self.now);
        for spread in self.heads.iter_mut().chain(&mut self.wholes) {
            if spread.published > 0 {
                spread.look(up, now);
            }
        }
    }

    /// The mirrors that are not liars, the publisher's own left out.
    pub fn honest(&self) -> impl Iterator<Item = &Node> + Clone {
        self.nodes.iter().skip(1).filter(|node| !node.liar)
    }
}

fn node(number: usize, set: &Setting, catalog: &Catalog, rng: &mut Rng) -> Node {
    let (down_rate, up_rate) = match number {
        0 => (set.publisher_up, set.publisher_up),
        _ => line(rng),
    };
    let (_, state) = catalog.judge(None, 0);
    let liar = number > 0 && rng.range(0, 100) < set.liars;
    Node {
        up: true,
        life: 0,
        liar,
        restless: number > 0 && !liar && rng.range(0, 100) < set.restless,
        island: number > 0 && rng.range(0, 100) < set.island,
        reachable: number % 6 != 5,
        down_rate,
        up_rate,
        down_free: 0,
        links: Vec::new(),
        dialled: 0,
        state,
        trusted: Some(0),
        complete: Some(0),
        held: catalog.editions[0].whole.clone(),
        fetch: None,
        job: 0,
        turns: VecDeque::new(),
        sending: None,
        turn: 0,
        heard: vec![None; catalog.editions.len() + 1],
        known: Vec::new(),
        banned: BTreeSet::new(),
        traffic: Traffic::default(),
        most_held: 0,
    }
}
