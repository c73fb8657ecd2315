//! Heads, by exchange (SYNC-8) and by gossip (SYNC-9), and what a mirror does with them
//! (`src/node/mirror/heard.rs`).

use super::catalog::Ruling;
use super::setting::{SECOND, jittered};
use super::world::{Event, HEADS_EVERY, JUDGE, World};

/// A get-head or get-bulletin, and an answer without its body.
const ARCHIVE_FRAME: u64 = 4 + 1 + 32;
/// A gossipsub message beside its data: topic and framing. An IHAVE or IWANT with one id.
const GOSSIP_FRAME: u64 = 48;
const GOSSIP_CONTROL: u64 = 80;
/// A message is not taken again within this time, nor published again (`src/net/behaviour.rs`).
const REMEMBERED: u64 = 120 * SECOND;
/// Time between two heartbeats of gossipsub, at which IHAVE goes out, and to how many.
const HEARTBEAT: u64 = SECOND;
const LAZY: usize = 6;
/// Peers of a mesh: grafted below `MESH_LOW` up to `MESH`; asked by others, never above `MESH_HIGH`.
const MESH_LOW: usize = 5;
const MESH: usize = 6;
const MESH_HIGH: usize = 12;

impl World {
    pub fn ask_all(&mut self, n: u32, life: u32) {
        let node = &self.nodes[n as usize];
        if node.life != life || !node.up {
            return;
        }
        for link in node.links.clone() {
            self.ask_head(link, n);
        }
        if self.nodes[n as usize].liar {
            self.tell(n, self.catalog.editions.len());
        }
        let next = jittered(HEADS_EVERY, &mut self.rng);
        self.after(next, Event::Heads { node: n, life });
    }

    /// Asks for bulletin and head, in one message.
    pub fn ask_head(&mut self, link: u32, n: u32) {
        let side = self.side_of(link, n);
        self.send(link, side, 2 * ARCHIVE_FRAME, Event::AskHead { link, side: 1 - side });
    }

    /// Shows the newest head that is held whole, else the trusted one.
    pub fn on_ask_head(&mut self, link: u32, side: u8) {
        let node = &self.nodes[self.links[link as usize].sides[side as usize].node as usize];
        let head = node.complete.or(node.trusted);
        let length = head.map_or(0, |at| self.catalog.editions[at].head.len() as u64);
        let head = head.map(|at| at as u8);
        self.send(
            link,
            side,
            2 * ARCHIVE_FRAME + length,
            Event::Head { link, side: 1 - side, head },
        );
    }

    pub fn on_head(&mut self, link: u32, side: u8, head: Option<u8>) {
        let n = self.links[link as usize].sides[side as usize].node;
        if let Some(head) = head.filter(|_| !self.nodes[n as usize].liar) {
            self.judge(link, side, head.into(), true);
        }
    }

    /// What the rules say, and what follows. True when a message may go on.
    fn judge(&mut self, link: u32, side: u8, head: usize, asked: bool) -> bool {
        let n = self.links[link as usize].sides[side as usize].node;
        let (ruling, state) = self.catalog.judge(self.nodes[n as usize].state, head);
        match ruling {
            Ruling::Refuse => return false,
            Ruling::Accept => {
                self.trust(n, head, state);
                if asked {
                    self.tell(n, head);
                }
                for other in self.nodes[n as usize].links.clone() {
                    if !asked || other != link {
                        self.ask_head(other, n);
                    }
                }
            }
            Ruling::Known | Ruling::Older => {}
        }
        self.links[link as usize].sides[side as usize].holder = true;
        if ruling == Ruling::Accept {
            self.start(n);
        } else {
            self.add_source(link, n);
            self.pump(n);
        }
        matches!(ruling, Ruling::Accept | Ruling::Known)
    }

    /// A head is the trusted one: what it withdraws goes at once.
    pub fn trust(&mut self, n: u32, edition: usize, state: Option<usize>) {
        let catalog = self.catalog.clone();
        let node = &mut self.nodes[n as usize];
        let before = node.trusted;
        (node.state, node.trusted) = (state, Some(edition));
        node.held.take_away(&catalog.editions[edition].gone);
        if !node.liar {
            for passed in before.map_or(0, |at| at + 1)..=edition {
                self.heads[passed].gain(self.now);
            }
            self.look();
        }
    }

    /// A mirror holds an edition whole: those who ask get it from now on.
    pub fn completed(&mut self, n: u32, edition: usize) {
        let before = self.nodes[n as usize].complete.replace(edition);
        for passed in before.map_or(0, |at| at + 1)..=edition {
            self.wholes[passed].gain(self.now);
        }
        self.look();
        self.next_edition();
        self.tell(n, edition);
    }

    /// Publishes a head to everybody connected, unless it was heard or told lately.
    fn tell(&mut self, n: u32, head: usize) {
        if self.hear(n, head) {
            for link in self.nodes[n as usize].links.clone() {
                let side = self.side_of(link, n);
                self.send_gossip(link, side, head as u8);
            }
        }
    }

    /// Notes a message; false when it is remembered.
    fn hear(&mut self, n: u32, head: usize) -> bool {
        let now = self.now;
        let heard = &mut self.nodes[n as usize].heard[head];
        let new = heard.is_none_or(|at| now - at >= REMEMBERED);
        if new {
            *heard = Some(now);
        }
        new
    }

    /// Sends a message from `side`. One that is too long for gossip travels by exchange.
    pub fn send_gossip(&mut self, link: u32, side: u8, head: u8) {
        let edition = self.catalog.editions.get(usize::from(head));
        let bytes = match edition {
            Some(edition) => edition.gossip.filter(|_| self.set.gossip),
            None => Some(self.catalog.forged.len() as u64),
        };
        if let Some(bytes) = bytes {
            let event = Event::Gossip { link, side: 1 - side, head };
            self.send(link, side, bytes + GOSSIP_FRAME, event);
        }
    }

    pub fn on_gossip(&mut self, link: u32, side: u8, head: u8) {
        let n = self.links[link as usize].sides[side as usize].node;
        let node = &mut self.nodes[n as usize];
        node.traffic.gossip_in += 1;
        if !node.liar && self.hear(n, head.into()) {
            self.after(JUDGE, Event::Judged { link, side, head });
        }
    }

    pub fn on_judged(&mut self, link: u32, side: u8, head: u8) {
        let n = self.links[link as usize].sides[side as usize].node;
        if !self.nodes[n as usize].up || !self.judge(link, side, head.into(), false) {
            return;
        }
        self.graft(n);
        for other in self.nodes[n as usize].links.clone() {
            let side = self.side_of(other, n);
            if other != link && self.links[other as usize].sides[side as usize].in_mesh {
                self.send_gossip(other, side, head);
            }
        }
        let beat = self.rng.range(0, HEARTBEAT);
        self.after(beat, Event::Lazy { node: n, head });
    }

    fn mesh(&self, n: u32) -> usize {
        let in_mesh = |link: &&u32| {
            self.links[**link as usize].sides[self.side_of(**link, n) as usize].in_mesh
        };
        self.nodes[n as usize].links.iter().filter(in_mesh).count()
    }

    /// Keeps the mesh of a node at its size. Both sides of a link are in it, or none.
    fn graft(&mut self, n: u32) {
        let mut size = self.mesh(n);
        if size >= MESH_LOW {
            return;
        }
        let links = self.shuffled(n);
        for link in links {
            let side = self.side_of(link, n) as usize;
            let it = &self.links[link as usize];
            let other = it.sides[1 - side].node;
            if size < MESH && it.open && !it.sides[side].in_mesh && self.mesh(other) < MESH_HIGH {
                let it = &mut self.links[link as usize];
                it.sides.iter_mut().for_each(|side| side.in_mesh = true);
                size += 1;
            }
        }
    }

    fn shuffled(&mut self, n: u32) -> Vec<u32> {
        let mut links = self.nodes[n as usize].links.clone();
        for at in (1..links.len()).rev() {
            links.swap(at, self.rng.range(0, at as u64 + 1) as usize);
        }
        links
    }

    pub fn tell_lazily(&mut self, n: u32, head: u8) {
        let mut left = LAZY;
        for link in self.shuffled(n) {
            let side = self.side_of(link, n);
            if left > 0 && !self.links[link as usize].sides[side as usize].in_mesh {
                left -= 1;
                self.send(link, side, GOSSIP_CONTROL, Event::Have { link, side: 1 - side, head });
            }
        }
    }

    pub fn on_have(&mut self, link: u32, side: u8, head: u8) {
        let n = self.links[link as usize].sides[side as usize].node;
        let node = &self.nodes[n as usize];
        let heard = node.heard[usize::from(head)];
        if !node.liar && heard.is_none_or(|at| self.now - at >= REMEMBERED) {
            self.send(link, side, GOSSIP_CONTROL, Event::Want { link, side: 1 - side, head });
        }
    }
}
