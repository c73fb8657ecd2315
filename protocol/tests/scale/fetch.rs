//! Wants and blocks: the driver of `src/sync/engine.rs` in simulated time.

use super::plan::{Plan, guess};
use super::setting::{MILLI, SECOND};
use super::window::Window;
use super::world::{Event, Fetch, Source, World};
use yadgar_protocol::limits::{MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME};
use yadgar_protocol::sync::Budget;

/// Sources of a fetch (`src/sync/fetch.rs`).
const MAX_SOURCES: usize = 16;
/// Sources are asked again for what they lacked after this at most (`src/sync/mod.rs`, where it is always so).
pub const ASK_AGAIN: u64 = 20 * SECOND;
/// A source that delivers nothing for so long loses its wants to one that has nothing to do.
const SLOW: u64 = 5 * SECOND;
const TICK: u64 = SECOND;
/// A look into the store and the writing of an answer.
const LOOK: u64 = MILLI;
/// Length field and kind of a frame, and an id in it.
const FRAME: u64 = 5;
const ID: u64 = 36;

impl World {
    /// Starts what the mirror needs, in place of what it fetched before.
    pub fn start(&mut self, n: u32) {
        let catalog = self.catalog.clone();
        let node = &mut self.nodes[n as usize];
        let Some(edition) = node.trusted.filter(|at| node.complete != Some(*at) && node.up) else {
            return;
        };
        if node.liar || node.fetch.as_ref().is_some_and(|fetch| fetch.edition == edition) {
            return;
        }
        self.stop(n);
        let shift = self.rng.next();
        let node = &mut self.nodes[n as usize];
        let plan = Plan::new(self.set.plan, &catalog, edition, &node.held, shift);
        node.fetch = Some(Fetch {
            edition,
            plan,
            sources: Vec::new(),
            asked_again: self.now,
            ask_again: self.set.ask_again,
        });
        let job = node.job;
        for link in node.links.clone() {
            self.add_source(link, n);
        }
        self.after(TICK, Event::Timer { node: n, job });
        self.pump(n);
    }

    /// Gives up what is under way.
    pub fn stop(&mut self, n: u32) {
        let node = &mut self.nodes[n as usize];
        node.job += 1;
        let Some(fetch) = node.fetch.take() else { return };
        for link in fetch.sources {
            let side = self.side_of(link, n);
            self.links[link as usize].sides[side as usize].source = None;
            self.links[link as usize].sides[1 - side as usize].owed.clear();
        }
    }

    /// The other side of a link may be asked.
    pub fn add_source(&mut self, link: u32, n: u32) {
        let (side, catalog) = (self.side_of(link, n) as usize, self.catalog.clone());
        let mine = &mut self.links[link as usize].sides[side];
        let Some(fetch) = &mut self.nodes[n as usize].fetch else { return };
        let full = fetch.sources.len() >= MAX_SOURCES;
        if !mine.holder || !mine.attached || mine.source.is_some() || full {
            return;
        }
        let window = Window::new(self.now);
        mine.source = Some(Source { window, delivered: self.now, robbed: false, dry: false });
        fetch.sources.push(link);
        fetch.plan.add_source(link, &catalog);
    }

    fn source(&mut self, link: u32, n: u32) -> Option<&mut Source> {
        let side = self.side_of(link, n) as usize;
        self.links[link as usize].sides[side].source.as_mut()
    }

    /// Asks every source that has room.
    pub fn pump(&mut self, n: u32) {
        let Some(fetch) = &self.nodes[n as usize].fetch else { return };
        if fetch.plan.is_done() {
            let edition = fetch.edition;
            self.stop(n);
            return self.completed(n, edition);
        }
        for link in fetch.sources.clone() {
            self.ask(n, link);
        }
    }

    fn ask(&mut self, n: u32, link: u32) {
        let (catalog, now, side) = (self.catalog.clone(), self.now, self.side_of(link, n));
        let it = &mut self.links[link as usize];
        let Some(source) = &mut it.sides[side as usize].source else { return };
        let room = source.window.room();
        let ids =
            MAX_OUTSTANDING_WANTS - (source.window.blocks as usize).min(MAX_OUTSTANDING_WANTS);
        if source.robbed || source.dry || room == 0 || ids == 0 {
            return;
        }
        let budget = Budget { ids: ids.min(MAX_WANTS_PER_FRAME), bytes: room };
        let node = &mut self.nodes[n as usize];
        let Some(fetch) = &mut node.fetch else { return };
        let ids = fetch.plan.next_wants(link, budget, &catalog, &node.held);
        node.most_held = node.most_held.max(fetch.plan.held());
        if ids.is_empty() {
            source.dry = true;
            return;
        }
        if source.window.blocks == 0 {
            source.delivered = now;
        }
        ids.iter().for_each(|id| source.window.ask(guess(&catalog, *id), now));
        let (job, bytes) = (node.job, FRAME + ID * ids.len() as u64);
        self.send(link, side, bytes, Event::Wants { link, side: 1 - side, job, ids });
    }

    /// Questions came.
    pub fn on_wants(&mut self, link: u32, side: u8, job: u32, ids: &[u32]) {
        let n = self.links[link as usize].sides[side as usize].node;
        let node = &mut self.nodes[n as usize];
        let mine = &mut self.links[link as usize].sides[side as usize];
        if mine.job != job {
            mine.owed.clear();
            mine.job = job;
        }
        let (here, missing): (Vec<u32>, Vec<u32>) = ids.iter().partition(|id| node.held.has(**id));
        mine.owed.extend(&here);
        if !mine.owed.is_empty() && !mine.in_turn {
            mine.in_turn = true;
            node.turns.push_back((link, side));
        }
        if !missing.is_empty() {
            self.deny(link, side, job, missing);
        }
        self.send_next(n);
    }

    fn deny(&mut self, link: u32, side: u8, job: u32, ids: Vec<u32>) {
        let bytes = FRAME + ID * ids.len() as u64;
        self.send_later(link, side, bytes, LOOK, Event::Missing { link, side: 1 - side, job, ids });
    }

    /// The next block of whoever's turn it is goes onto the line.
    fn send_next(&mut self, n: u32) {
        let catalog = self.catalog.clone();
        while self.nodes[n as usize].sending.is_none() {
            let Some((link, side)) = self.nodes[n as usize].turns.pop_front() else { return };
            let open = self.links[link as usize].open;
            let mine = &mut self.links[link as usize].sides[side as usize];
            mine.in_turn = false;
            let Some(id) = mine.owed.pop_front().filter(|_| open) else { continue };
            let job = mine.job;
            let more = !mine.owed.is_empty();
            mine.in_turn = more;
            let node = &mut self.nodes[n as usize];
            if more {
                node.turns.push_back((link, side));
            }
            if !node.held.has(id) {
                self.deny(link, side, job, vec![id]);
                continue;
            }
            node.sending = Some((link, side, job, id));
            node.turn += 1;
            let (turn, bytes) = (node.turn, catalog.blocks[id as usize].frame);
            let takes = bytes * SECOND / node.up_rate;
            self.after(takes, Event::Sent { node: n, turn });
        }
    }

    /// A block is on its way: it comes when the line is through and the other side has taken what came before.
    pub fn on_sent(&mut self, n: u32, turn: u32) {
        let catalog = self.catalog.clone();
        let node = &mut self.nodes[n as usize];
        if node.turn != turn {
            return;
        }
        let Some((link, side, job, id)) = node.sending.take() else { return };
        let (bytes, liar) = (catalog.blocks[id as usize].frame, node.liar);
        let it = &self.links[link as usize];
        if it.open {
            node.traffic.content_out += bytes;
            node.traffic.messages += 1;
            let (to, latency) = (it.sides[1 - side as usize].node, it.latency);
            let bad = liar && self.rng.one_in(8);
            let to = &mut self.nodes[to as usize];
            let arrives = to.down_free.max(self.now + latency) + bytes * SECOND / to.down_rate;
            to.down_free = arrives;
            self.at(arrives, Event::Block { link, side: 1 - side, job, id, bad });
        }
        self.send_next(n);
    }

    /// A block came.
    pub fn on_block(&mut self, link: u32, side: u8, job: u32, id: u32, bad: bool) {
        let (catalog, now) = (self.catalog.clone(), self.now);
        let it = &self.links[link as usize];
        let (n, other) = (it.sides[side as usize].node, it.sides[1 - side as usize].node);
        if !it.open || !self.nodes[n as usize].up {
            return;
        }
        let (block, node) = (&catalog.blocks[id as usize], &mut self.nodes[n as usize]);
        node.traffic.messages += 1;
        match block.node {
            Some(_) => node.traffic.nodes_in += block.frame,
            None => node.traffic.content_in += block.frame,
        }
        if node.job != job || node.fetch.is_none() {
            node.traffic.late_bytes += block.frame;
            return;
        }
        if bad {
            // The hash is wrong: the connection ends, and the peer is refused (SYNC-6).
            self.lies += 1;
            node.banned.insert(other);
            return self.close(link, 0);
        }
        if !node.held.insert(id) {
            node.traffic.twice += 1;
            node.traffic.twice_bytes += block.frame;
        }
        let mine = &mut self.links[link as usize].sides[side as usize];
        if let Some(source) = &mut mine.source {
            source.window.answer(guess(&catalog, id), now);
            (source.delivered, source.robbed, source.dry) = (now, false, false);
        }
        let Some(fetch) = &mut node.fetch else { return };
        fetch.plan.on_block(link, id, &catalog, &node.held);
        if block.node.is_some() || fetch.plan.is_done() {
            self.wet(n);
            self.pump(n);
        } else {
            self.ask(n, link);
        }
    }

    /// The plan may have something for those that had nothing to do.
    fn wet(&mut self, n: u32) {
        let Some(fetch) = &self.nodes[n as usize].fetch else { return };
        for link in fetch.sources.clone() {
            self.source(link, n).into_iter().for_each(|source| source.dry = false);
        }
    }

    pub fn on_missing(&mut self, link: u32, side: u8, job: u32, ids: &[u32]) {
        let (catalog, now) = (self.catalog.clone(), self.now);
        let n = self.links[link as usize].sides[side as usize].node;
        let node = &mut self.nodes[n as usize];
        node.traffic.denials += ids.len() as u64;
        let Some(fetch) = node.fetch.as_mut().filter(|_| node.job == job) else { return };
        if let Some(source) = &mut self.links[link as usize].sides[side as usize].source {
            ids.iter().for_each(|id| source.window.answer(guess(&catalog, *id), now));
            (source.delivered, source.robbed) = (now, false);
        }
        fetch.plan.on_missing(link, ids, &catalog);
        for other in &fetch.sources {
            let side = usize::from(self.links[*other as usize].sides[0].node != n);
            let source = &mut self.links[*other as usize].sides[side].source;
            let may = *other == link || fetch.plan.may_give(*other, ids, &catalog);
            source.iter_mut().filter(|_| may).for_each(|source| source.dry = false);
        }
        self.pump(n);
    }

    /// Asks again those that lacked something, and frees what a slow one is asked for one who is idle.
    pub fn on_timer(&mut self, n: u32, job: u32) {
        let (now, catalog) = (self.now, self.catalog.clone());
        let node = &mut self.nodes[n as usize];
        let Some(fetch) = node.fetch.as_mut().filter(|_| node.job == job) else { return };
        let again = now - fetch.asked_again >= fetch.ask_again;
        let sources = fetch.sources.clone();
        if again {
            fetch.asked_again = now;
            fetch.ask_again = (fetch.ask_again * 2).min(ASK_AGAIN);
            sources.iter().for_each(|link| fetch.plan.add_source(*link, &catalog));
            self.wet(n);
            self.pump(n);
        }
        let idle = |source: &mut Source| source.dry && source.window.blocks == 0;
        if sources.iter().any(|link| self.source(*link, n).is_some_and(idle)) {
            sources.iter().for_each(|link| self.rob(*link, n));
            self.pump(n);
        }
        self.after(TICK, Event::Timer { node: n, job });
    }

    fn rob(&mut self, link: u32, n: u32) {
        let (now, catalog) = (self.now, self.catalog.clone());
        let slow = |source: &&mut Source| {
            source.window.blocks > 0 && !source.robbed && now - source.delivered >= SLOW
        };
        let Some(source) = self.source(link, n).filter(slow) else { return };
        source.robbed = true;
        if let Some(fetch) = &mut self.nodes[n as usize].fetch {
            fetch.plan.remove_source(link, &catalog);
            fetch.plan.add_source(link, &catalog);
        }
        self.wet(n);
    }

    /// A source is gone.
    pub fn lose_source(&mut self, link: u32, n: u32) {
        let (side, catalog) = (self.side_of(link, n) as usize, self.catalog.clone());
        let gone = self.links[link as usize].sides[side].source.take();
        let Some(fetch) = self.nodes[n as usize].fetch.as_mut().filter(|_| gone.is_some()) else {
            return;
        };
        fetch.sources.retain(|other| *other != link);
        fetch.plan.remove_source(link, &catalog);
        for link in self.nodes[n as usize].links.clone() {
            self.add_source(link, n);
        }
        self.wet(n);
        self.pump(n);
    }
}
