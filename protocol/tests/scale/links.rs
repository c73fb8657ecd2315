//! Who is connected with whom: acquaintance, dials, churn, partitions, and small messages.

use super::setting::{Acquaintance, SECOND, around, latency};
use super::world::{Event, Link, Side, World};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::limits::PEERS_WANTED;
use yadgar_protocol::peers::{Memory, PeerAddress, Teller};

/// Bounds of connections (`src/net/limits.rs`).
const INBOUND: usize = 48;
const OUTBOUND: usize = 32;
const TOTAL: usize = 64;
/// A dead connection is noticed by pings after this.
const NOTICED: u64 = 30 * SECOND;
/// How often a mirror looks whom to dial, with few connections and with enough.
const LOOK: u64 = 2 * SECOND;
const LOOK_SELDOM: u64 = 60 * SECOND;
/// Addresses in the invite of a mirror.
const INVITE: usize = 3;
/// A record in a list, beside its bytes.
const RECORD_FRAME: u64 = 3;

pub fn ip(n: u32) -> IpAddr {
    IpAddr::from([9, (n / 250) as u8, (n % 250) as u8, 7])
}

fn secret(n: u32) -> SigningKey {
    SigningKey::from_bytes(blake3::hash(&n.to_le_bytes()).as_bytes())
}

impl World {
    /// What each knows at the start.
    pub fn acquaint(&mut self) {
        let count = self.set.mirrors as u32;
        for n in 1..count {
            // An invite names a few addresses that can be reached.
            let mut known = Vec::new();
            for _ in 0..INVITE {
                let first = self.rng.range(0, n.into()) as u32;
                known.push(if self.nodes[first as usize].reachable { first } else { first - 1 });
            }
            if let Acquaintance::Drawn(many) = self.set.acquaintance {
                known.extend((INVITE..many).map(|_| self.rng.range(0, count.into()) as u32));
                known.retain(|other| *other != n && self.nodes[*other as usize].reachable);
            }
            self.nodes[n as usize].known = known;
        }
        if self.set.acquaintance == Acquaintance::Memory {
            (0..count).for_each(|n| self.remember(n));
        }
    }

    fn remember(&mut self, n: u32) {
        let key = PublicKey::from_bytes(secret(n).verifying_key().to_bytes()).unwrap();
        let seed =
            *blake3::hash(&[self.set.seed.to_le_bytes(), u64::from(n).to_le_bytes()].concat())
                .as_bytes();
        let mut memory = Memory::new(key, seed, seed);
        let address = PeerAddress { quic: false, ip: ip(n), port: 4774 };
        let reachable = self.nodes[n as usize].reachable;
        memory.situated(Vec::new(), reachable.then_some(address).into_iter().collect(), false);
        for (place, unsigned) in memory.unsigned() {
            let signature = secret(n).sign(&unsigned.to_be_signed()).to_bytes();
            memory.signed(place, unsigned.with(signature).unwrap());
        }
        self.memories.push(memory);
        self.keys.push(key);
        self.numbers.insert(*key.as_bytes(), n);
    }

    pub fn side_of(&self, link: u32, n: u32) -> u8 {
        u8::from(self.links[link as usize].sides[0].node != n)
    }

    /// Sends a small message from `side`: it waits for no block, as a stream of its own would not.
    pub fn send(&mut self, link: u32, side: u8, bytes: u64, event: Event) {
        self.send_later(link, side, bytes, 0, event);
    }

    pub fn send_later(&mut self, link: u32, side: u8, bytes: u64, wait: u64, event: Event) {
        let it = &self.links[link as usize];
        if !it.open {
            return;
        }
        let (from, to) = (it.sides[side as usize].node, it.sides[1 - side as usize].node);
        let latency = it.latency;
        let from = &mut self.nodes[from as usize];
        from.traffic.control_out += bytes;
        from.traffic.messages += 1;
        let takes = bytes * SECOND / from.up_rate;
        let to = &mut self.nodes[to as usize];
        to.traffic.control_in += bytes;
        to.traffic.messages += 1;
        self.after(wait + takes + latency, event);
    }

    /// Dials somebody, if it is time.
    pub fn dial(&mut self, n: u32, life: u32) {
        let node = &self.nodes[n as usize];
        if node.life != life || !node.up {
            return;
        }
        let enough = node.links.len() >= PEERS_WANTED;
        self.dial_known(n);
        if self.set.acquaintance == Acquaintance::Memory {
            self.dial_remembered(n);
        }
        self.after(if enough { LOOK_SELDOM } else { LOOK }, Event::Dial { node: n, life });
    }

    /// An address from an invite is dialled for ever (`src/node/redial.rs`).
    fn dial_known(&mut self, n: u32) {
        let others: Vec<_> = self.others(n);
        let known = &self.nodes[n as usize].known;
        let free: Vec<_> = known.iter().filter(|other| !others.contains(other)).copied().collect();
        if !free.is_empty() {
            let other = free[self.rng.range(0, free.len() as u64) as usize];
            self.connect(n, other);
        }
    }

    fn dial_remembered(&mut self, n: u32) {
        let now = Duration::from_micros(self.now);
        let connected: BTreeSet<_> =
            self.others(n).iter().map(|other| *self.keys[*other as usize].as_bytes()).collect();
        let inbound = self.inbound(n);
        let chosen = connected.difference(&inbound).count();
        let memory = &mut self.memories[n as usize];
        let due = memory.due(now, &connected, chosen).or_else(|| memory.due_check(now, &inbound));
        let Some(dial) = due else { return };
        let to = self.numbers[dial.key.as_bytes()];
        let reached = self.may_connect(n, to);
        self.memories[n as usize].dialled(&dial, reached, now);
        if reached {
            if !self.others(n).contains(&to) {
                self.connect(n, to);
            }
            self.memories[n as usize].proved(&dial.key, ip(to), now);
        }
    }

    fn others(&self, n: u32) -> Vec<u32> {
        let other =
            |link: &u32| self.links[*link as usize].sides[1 - self.side_of(*link, n) as usize].node;
        self.nodes[n as usize].links.iter().map(other).collect()
    }

    /// Keys of those who dialled this one.
    fn inbound(&self, n: u32) -> BTreeSet<[u8; 32]> {
        let links = self.nodes[n as usize].links.iter();
        let dialler = links.map(|link| self.links[*link as usize].sides[0].node);
        dialler.filter(|d| *d != n).map(|d| *self.keys[d as usize].as_bytes()).collect()
    }

    fn may_connect(&self, from: u32, to: u32) -> bool {
        let (a, b) = (&self.nodes[from as usize], &self.nodes[to as usize]);
        let inbound = b.links.len().saturating_sub(b.dialled);
        let room = a.links.len() < TOTAL && b.links.len() < TOTAL;
        let sides = a.dialled < OUTBOUND && inbound < INBOUND;
        let banned = a.banned.contains(&to) || b.banned.contains(&from);
        let apart = self.split && a.island != b.island;
        b.up && b.reachable && room && sides && !banned && !apart && from != to
    }

    pub fn connect(&mut self, from: u32, to: u32) {
        if !self.may_connect(from, to) {
            return;
        }
        let number = self.links.len() as u32;
        let side = |node| Side {
            node,
            owed: VecDeque::new(),
            job: 0,
            in_turn: false,
            holder: false,
            source: None,
            in_mesh: false,
            attached: true,
        };
        let latency = latency(&mut self.rng);
        self.links.push(Link { sides: [side(from), side(to)], latency, open: true });
        self.nodes[from as usize].dialled += 1;
        for n in [from, to] {
            self.nodes[n as usize].links.push(number);
        }
        if self.set.acquaintance == Acquaintance::Memory {
            self.exchange(number, from, to);
        }
        self.ask_head(number, from);
        self.ask_head(number, to);
    }

    /// Both tell whom they know.
    fn exchange(&mut self, link: u32, from: u32, to: u32) {
        let now = Duration::from_micros(self.now);
        let teller = |n: u32| Teller { key: self.keys[n as usize], ip: ip(n) };
        let (asker, answerer) = (teller(from), teller(to));
        let asked = self.memories[from as usize].answer(&answerer);
        let answer = self.memories[to as usize].answer(&asker);
        self.memories[to as usize].hear(&asker, &asked, now);
        self.memories[from as usize].hear(&answerer, &answer, now);
        for (side, list) in [(0, asked), (1, answer)] {
            let bytes = list.iter().map(|p| p.bytes().len() as u64 + RECORD_FRAME).sum::<u64>();
            let it = &self.links[link as usize];
            let (n, other) = (it.sides[side].node as usize, it.sides[1 - side].node as usize);
            self.nodes[n].traffic.control_out += bytes;
            self.nodes[n].traffic.messages += 1;
            self.nodes[other].traffic.control_in += bytes;
            self.nodes[other].traffic.messages += 1;
        }
        let known = self.keys[to as usize];
        self.memories[from as usize].proved(&known, ip(to), now);
    }

    /// Nothing passes any more; both sides notice after a time.
    pub fn close(&mut self, link: u32, after: u64) {
        self.links[link as usize].open = false;
        for side in 0..2 {
            let it = &mut self.links[link as usize].sides[side as usize];
            it.owed.clear();
            it.in_mesh = false;
            match after {
                0 => self.detach(link, side),
                after => self.after(after, Event::Lost { link, side }),
            }
        }
    }

    /// One side forgets the link.
    pub fn detach(&mut self, link: u32, side: u8) {
        let mine = &mut self.links[link as usize].sides[side as usize];
        if !std::mem::take(&mut mine.attached) {
            return;
        }
        let n = mine.node;
        let node = &mut self.nodes[n as usize];
        node.links.retain(|other| *other != link);
        if side == 0 {
            node.dialled -= 1;
        }
        self.lose_source(link, n);
    }

    /// A mirror goes away, in order or without a word.
    pub fn leave(&mut self, n: u32) {
        let back = around(self.set.away, &mut self.rng);
        if self.now >= self.set.calm {
            return;
        }
        let silent = self.rng.one_in(2);
        let node = &mut self.nodes[n as usize];
        (node.up, node.life) = (false, node.life + 1);
        node.sending = None;
        node.turn += 1;
        node.turns.clear();
        self.stop(n);
        self.count_up(n, false);
        for link in self.nodes[n as usize].links.clone() {
            let side = self.side_of(link, n);
            self.links[link as usize].sides[side as usize].in_turn = false;
            self.detach(link, side);
            self.close(link, if silent { NOTICED } else { 0 });
        }
        self.after(back, Event::Return { node: n });
    }

    /// It comes back with what it stored.
    pub fn come_back(&mut self, n: u32) {
        let node = &mut self.nodes[n as usize];
        node.up = true;
        node.heard.iter_mut().for_each(|heard| *heard = None);
        self.count_up(n, true);
        self.start(n);
        self.begin(n);
    }

    /// The island is cut off.
    pub fn cut(&mut self) {
        self.split = true;
        for link in 0..self.links.len() as u32 {
            let it = &self.links[link as usize];
            let [a, b] = [0, 1].map(|side| self.nodes[it.sides[side].node as usize].island);
            if it.open && a != b {
                self.close(link, NOTICED);
            }
        }
    }
}
