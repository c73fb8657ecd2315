//! Many nodes with nothing but their memories.
use super::record_tests::{key, sign};
use super::*;
use crate::beacon::Dice;
use crate::ids::PublicKey;
use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeSet;

struct Node {
    memory: Memory,
    kept: Vec<u8>,
    up: bool,
    links: BTreeSet<usize>,
    /// Those of them that it dialled.
    chosen: BTreeSet<usize>,
}

struct World {
    nodes: Vec<Node>,
    keys: Vec<PublicKey>,
    dice: Dice,
    /// Time of this run of each node: they start at different times and agree on none.
    now: Duration,
}

/// Where a node listens; every sixth can be reached by nobody.
fn ip(n: usize) -> IpAddr {
    IpAddr::from([9, (n / 250) as u8, (n % 250) as u8, 7])
}

fn reachable(n: usize) -> bool {
    n % 6 != 5
}

impl World {
    fn new(count: usize, seed: u8) -> Self {
        let node = |n: usize| Node {
            memory: Memory::new(key(n as u32), [n as u8; 32], [n as u8; 32]),
            kept: Vec::new(),
            up: false,
            links: BTreeSet::new(),
            chosen: BTreeSet::new(),
        };
        let nodes = (0..count).map(node).collect();
        let keys = (0..count).map(|n| key(n as u32)).collect();
        Self { nodes, keys, dice: Dice::new([seed; 32]), now: Duration::ZERO }
    }

    fn start(&mut self, n: usize) {
        let mut seed = [0; 32];
        self.dice.fill(&mut seed);
        let node = &mut self.nodes[n];
        if !node.kept.is_empty() {
            node.memory = Memory::from_kept(&node.kept, self.keys[n], seed).unwrap();
        }
        let address = PeerAddress { quic: false, ip: ip(n), port: 4774 };
        node.memory.situated(
            Vec::new(),
            reachable(n).then_some(address).into_iter().collect(),
            false,
        );
        for (place, unsigned) in node.memory.unsigned() {
            node.memory.signed(place, sign(n as u32, unsigned));
        }
        node.up = true;
    }

    fn stop(&mut self, n: usize) {
        self.nodes[n].chosen.clear();
        for other in std::mem::take(&mut self.nodes[n].links) {
            self.nodes[other].links.remove(&n);
            self.nodes[other].chosen.remove(&n);
        }
        let node = &mut self.nodes[n];
        node.kept = node.memory.to_keep().unwrap_or_else(|| node.kept.clone());
        node.up = false;
    }

    fn connect(&mut self, from: usize, to: usize) {
        self.nodes[from].links.insert(to);
        self.nodes[from].chosen.insert(to);
        self.nodes[to].links.insert(from);
        self.exchange(from, to);
        let key = self.keys[to];
        self.nodes[from].memory.proved(&key, ip(to), self.now);
    }

    fn exchange(&mut self, from: usize, to: usize) {
        let (asker, answerer) = (self.teller(from), self.teller(to));
        let asked = self.nodes[from].memory.answer(&answerer);
        let answer = self.nodes[to].memory.answer(&asker);
        let now = self.now;
        self.nodes[to].memory.hear(&asker, &asked, now);
        self.nodes[from].memory.hear(&answerer, &answer, now);
    }

    fn teller(&self, n: usize) -> Teller {
        Teller { key: self.keys[n], ip: ip(n) }
    }

    /// Lets so many seconds pass.
    fn run(&mut self, seconds: u64) {
        for second in 0..seconds {
            self.now += Duration::from_secs(1);
            for n in 0..self.nodes.len() {
                if !self.nodes[n].up {
                    continue;
                }
                let links = &self.nodes[n].links;
                let connected: BTreeSet<_> =
                    links.iter().map(|n| *self.keys[*n].as_bytes()).collect();
                let chosen = self.nodes[n].chosen.len();
                let memory = &mut self.nodes[n].memory;
                let Some(dial) = memory.due(self.now, &connected, chosen) else { continue };
                let to = self.keys.iter().position(|key| *key == dial.key).unwrap();
                let up = self.nodes[to].up;
                self.nodes[n].memory.dialled(&dial, up, self.now);
                if up {
                    self.connect(n, to);
                }
            }
            if second % 300 == 299 {
                self.exchange_all();
            }
        }
    }

    fn exchange_all(&mut self) {
        for n in 0..self.nodes.len() {
            self.nodes[n].links.clone().into_iter().for_each(|to| self.exchange(n, to));
        }
    }

    /// How many nodes that are up the first of them is connected with, others between.
    fn component(&self) -> (usize, usize) {
        let up = |n: &usize| self.nodes[*n].up;
        let all: Vec<_> = (0..self.nodes.len()).filter(up).collect();
        let (mut seen, mut next) = (BTreeSet::new(), vec![all[0]]);
        while let Some(n) = next.pop() {
            if seen.insert(n) {
                next.extend(&self.nodes[n].links);
            }
        }
        (seen.len(), all.len())
    }
}

/// A line or a star by invites; then everything stops, the bootstrap server stays gone, and all come back one by one in
/// random order, with nothing but what they remember.
#[test]
fn a_partition_re_forms_by_itself() {
    for (seed, count, star) in [(1, 12, true), (2, 24, true), (3, 16, false), (4, 24, false)] {
        let mut world = World::new(count, seed);
        (0..count).for_each(|n| world.start(n));
        for n in 1..count {
            let to = if star { 0 } else { n - 1 };
            world.connect(n, if reachable(to) { to } else { to - 1 });
        }
        world.run(1_200);
        assert_eq!(world.component(), (count, count), "seed {seed}: never connected");
        for round in 0..3 {
            (0..count).for_each(|n| world.stop(n));
            let order = world.dice.some((1..count).collect(), count);
            for n in order {
                world.start(n);
                world.run(5);
            }
            world.run(1_200);
            let (seen, up) = world.component();
            assert_eq!((seen, up), (count - 1, count - 1), "seed {seed}, round {round}");
        }
    }
}

/// Two halves that never met are joined by one connection and stay so when it is gone.
#[test]
fn two_islands_become_one() {
    let count = 20;
    let mut world = World::new(count, 9);
    (0..count).for_each(|n| world.start(n));
    for n in 1..count {
        let first = if n < 10 { 0 } else { 10 };
        if n != first {
            world.connect(n, first);
        }
    }
    world.run(1_200);
    assert_eq!(world.component().0, 10);
    world.connect(1, 12);
    world.run(1_200);
    world.stop(1);
    world.stop(12);
    let (seen, up) = world.component();
    assert_eq!((seen, up), (count - 2, count - 2));
}
