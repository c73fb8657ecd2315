//! What a node sends, believes and forgets.

use super::budget::{Budget, Classes};
use super::datagram::{BeaconKey, Body, DATAGRAM_BYTES, Datagram, Echo, Kind, NO_ECHO, Ports};
use super::dice::Dice;
use super::near::{Place, is_near, plain};
use super::schedule::Schedule;
use super::table::{Standing, Table};
use crate::ids::ArchiveId;
use crate::limits::{
    BEACON_SLOTS, MAX_BEACON_ADDRESSES, MAX_BEACON_ANSWERS, MAX_BEACON_ARCHIVES, MAX_BEACON_CHECKS,
    MAX_BEACON_CLASS_ANSWER_BURST, MAX_BEACON_CLASS_ANSWERS, MAX_BEACON_CLASS_BURST,
    MAX_BEACON_CLASS_LOOKS, MAX_BEACON_GATEWAYS, MAX_BEACON_LOOKS, MAX_BEACON_SALTS,
};
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeSet, VecDeque};

/// Acts that wait to be done. What is asked for beyond that is dropped; all of it comes again.
const MAX_ACTS: usize = 2 * MAX_BEACON_ADDRESSES + 2 * MAX_BEACON_GATEWAYS + 32;

/// Whether a node may say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It sends nothing, whatever it receives (BEA-9).
    Listen,
    /// It announces what it serves, and asks for what it looks for.
    Talk,
}

/// Somebody who has an archive, or says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where its datagrams come from.
    pub source: SocketAddr,
    /// What it serves of what we know.
    pub archives: BTreeSet<ArchiveId>,
    /// Where, at the address of the source.
    pub ports: Ports,
    /// True when it answered what was sent to it alone. False only for who listens.
    pub answered: bool,
}

impl Candidate {
    /// Where its node can be dialled, if it has one.
    pub fn node(&self) -> Option<SocketAddr> {
        let mut at = self.source;
        at.set_port(self.ports.node);
        (self.ports.node != 0).then_some(at)
    }

    /// Where its page for browsers is, if it has one.
    pub fn page(&self) -> Option<SocketAddr> {
        let mut at = self.source;
        at.set_port(self.ports.page);
        (self.ports.page != 0).then_some(at)
    }
}

/// Something for the driver to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Send a datagram from an address of ours: to one, or (`None`) to everybody on its link.
    Send {
        /// The address of ours.
        from: Place,
        /// To whom.
        to: Option<SocketAddr>,
        /// What.
        datagram: Datagram,
    },
    /// Somebody was found.
    Found(Candidate),
}

/// An archive that a node knows.
struct Known {
    archive: ArchiveId,
    key: BeaconKey,
    serves: bool,
}

/// What we said to one, or heard, lately.
struct Ring<T>(VecDeque<T>);

impl<T: PartialEq> Ring<T> {
    /// Remembers; the oldest goes.
    fn push(&mut self, item: T) {
        if self.0.len() >= MAX_BEACON_SALTS {
            self.0.pop_front();
        }
        self.0.push_back(item);
    }

    /// True once for what is remembered.
    fn take(&mut self, item: &T) -> bool {
        let at = self.0.iter().position(|one| one == item);
        at.is_some_and(|at| self.0.remove(at).is_some())
    }
}

/// The state of a node's beacon. Times are since any fixed moment, by a clock that does not go back.
pub struct Beacon {
    mode: Mode,
    known: Vec<Known>,
    ports: Ports,
    places: Vec<Place>,
    gateways: Vec<SocketAddr>,
    looks: Budget,
    look_classes: Classes,
    answers: Budget,
    answer_classes: Classes,
    checks: Budget,
    schedule: Schedule,
    table: Table,
    /// Asks sent to one alone, and not answered yet.
    asked: Ring<(SocketAddr, Echo)>,
    sent: Ring<Echo>,
    seen: Ring<Echo>,
    acts: VecDeque<Act>,
    dice: Dice,
}

impl Beacon {
    /// A beacon that knows no archive and has no address yet. `seed` must be unpredictable and new.
    pub fn new(mode: Mode, seed: [u8; 32]) -> Self {
        let mut dice = Dice::new(seed);
        let (looks, answers) = (dice.key(), dice.key());
        Self {
            mode,
            known: Vec::new(),
            ports: Ports::default(),
            places: Vec::new(),
            gateways: Vec::new(),
            looks: Budget::new(MAX_BEACON_LOOKS, MAX_BEACON_LOOKS),
            look_classes: Classes::new(looks, MAX_BEACON_CLASS_BURST, MAX_BEACON_CLASS_LOOKS),
            answers: Budget::new(MAX_BEACON_ANSWERS, MAX_BEACON_ANSWERS),
            answer_classes: Classes::new(
                answers,
                MAX_BEACON_CLASS_ANSWER_BURST,
                MAX_BEACON_CLASS_ANSWERS,
            ),
            checks: Budget::new(MAX_BEACON_CHECKS, MAX_BEACON_CHECKS),
            schedule: Schedule::default(),
            table: Table::default(),
            asked: Ring(VecDeque::new()),
            sent: Ring(VecDeque::new()),
            seen: Ring(VecDeque::new()),
            acts: VecDeque::new(),
            dice,
        }
    }

    /// Which archives there are, and whether each is served (else it is looked for), and where.
    /// Beyond 64 archives, those chosen at random. With none nothing is sent (BEA-9): who serves others is forgotten.
    pub fn set_archives(&mut self, archives: &[(ArchiveId, bool)], ports: Ports, now: Duration) {
        let chosen = self.dice.some(archives.to_vec(), MAX_BEACON_ARCHIVES);
        let known = |(archive, serves): (ArchiveId, bool)| Known {
            archive,
            key: BeaconKey::of(&archive),
            serves: serves && ports.any(),
        };
        self.known = chosen.into_iter().map(known).collect();
        self.table.keep(&self.known.iter().map(|known| known.archive).collect());
        self.ports = ports;
        self.schedule.restart(now, &mut self.dice);
    }

    /// Our own addresses and the default gateways. Those that are not near are left out. A change
    /// makes everybody hear of us soon.
    pub fn set_places(&mut self, places: &[Place], gateways: &[SocketAddr], now: Duration) {
        let mut near: Vec<_> = places.iter().copied().filter(|p| is_near(p.address)).collect();
        near.sort_unstable();
        near.truncate(MAX_BEACON_ADDRESSES);
        let mut gates: Vec<_> = gateways.iter().copied().map(plain).collect();
        gates.retain(|gate| is_near(gate.ip()) && near.iter().any(|place| place.reaches(gate)));
        gates.sort_unstable();
        gates.truncate(MAX_BEACON_GATEWAYS);
        if (&near, &gates) != (&self.places, &self.gateways) {
            (self.places, self.gateways) = (near, gates);
            self.schedule.restart(now, &mut self.dice);
        }
    }

    /// What became of an address that was found: dialled, with the archive, or not.
    pub fn judged(&mut self, at: &SocketAddr, good: bool, now: Duration) {
        self.table.judged(at, good, now);
    }

    /// Takes a datagram from the network. True when it was looked at.
    pub fn received(&mut self, bytes: &[u8], source: SocketAddr, now: Duration) -> bool {
        let source = plain(source);
        if bytes.len() != DATAGRAM_BYTES || source.port() == 0 || !is_near(source.ip()) {
            return false;
        }
        if !self.places.iter().any(|place| place.reaches(&source))
            || !self.look_classes.take(&source, now)
            || !self.looks.take(now)
        {
            return false;
        }
        if let Ok(datagram) = Datagram::from_bytes(bytes) {
            self.read(&datagram, source, now);
        }
        true
    }

    /// The next thing to do. To be called until there is none, after everything else.
    pub fn next(&mut self, now: Duration) -> Option<Act> {
        self.table.forget(now);
        if self.acts.is_empty() && self.may_talk() {
            if self.schedule.due(now, &mut self.dice) {
                self.spread();
            }
            self.check(now);
        }
        self.acts.pop_front()
    }

    /// When [`Beacon::next`] will have something to do again, if nothing happens before.
    pub fn wake(&mut self, now: Duration) -> Option<Duration> {
        let check = self.table.next_check().map(|at| at.max(self.checks.next(now)));
        let times = [self.schedule.next(), check];
        times.into_iter().flatten().min().filter(|_| self.may_talk())
    }

    /// How many are heard, candidates, proved: for tests and for people.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |standing| self.table.count(standing);
        (count(Standing::Heard), count(Standing::Candidate), count(Standing::Proved))
    }

    fn may_talk(&self) -> bool {
        self.mode == Mode::Talk
    }

    fn read(&mut self, datagram: &Datagram, source: SocketAddr, now: Duration) {
        // What does not open is not for us: another archive's, or not its sender's own.
        let open = |known: &Known| match datagram.open(&known.key, source.ip()) {
            Ok(Some(body)) => Some((known.archive, known.serves, body)),
            Ok(None) | Err(_) => None,
        };
        let slots: Vec<_> = self.known.iter().filter_map(open).collect();
        let Some(body) = slots.first().map(|(_, _, body)| *body) else { return };
        let echo = datagram.echo();
        if self.sent.0.contains(&echo) || self.seen.0.contains(&echo) {
            return;
        }
        self.seen.push(echo);
        // BEA-4: all slots say the same.
        let slots = || slots.iter().filter(|(_, _, other)| *other == body);
        let archives: BTreeSet<_> = slots().map(|(archive, ..)| *archive).collect();
        if body.kind == Kind::Ask {
            let served = slots().filter(|(_, serves, _)| *serves).map(|(archive, ..)| *archive);
            self.answer(served.collect(), echo, source, now);
        }
        if !body.ports.any() {
            return;
        }
        let echoed = self.sent.0.contains(&body.echo);
        let Self { table, dice, .. } = self;
        if !table.heard(source, (&archives, body.ports), echoed, now, dice) {
            return;
        }
        let answered = body.kind == Kind::Announce && self.asked.take(&(source, body.echo));
        if answered {
            self.table.answered(&source, &mut self.dice);
        }
        if answered || self.mode == Mode::Listen {
            self.tell(&source, answered, now);
        }
    }

    fn tell(&mut self, source: &SocketAddr, answered: bool, now: Duration) {
        let Some(entry) = self.table.tell(source, now) else { return };
        let (archives, ports) = (entry.archives.clone(), entry.ports);
        self.act(Act::Found(Candidate { source: *source, archives, ports, answered }));
    }

    fn answer(&mut self, archives: Vec<ArchiveId>, echo: Echo, to: SocketAddr, now: Duration) {
        if !self.may_talk() || archives.is_empty() {
            return;
        }
        if self.answer_classes.take(&to, now) && self.answers.take(now) {
            let body = Body { kind: Kind::Announce, ports: self.ports, echo };
            self.send(Some(to), &archives.into_iter().collect(), &body);
        }
    }

    /// Asks some of those who are due.
    fn check(&mut self, now: Duration) {
        while self.table.next_check().is_some_and(|at| at <= now) && self.checks.take(now) {
            let Some((to, archives)) = self.table.due_check(now, &mut self.dice) else { return };
            self.ask(to, &archives);
        }
    }

    fn ask(&mut self, to: SocketAddr, archives: &BTreeSet<ArchiveId>) {
        let body = Body { kind: Kind::Ask, ports: self.ports, echo: NO_ECHO };
        match self.send(Some(to), archives, &body) {
            Some(echo) => self.asked.push((to, echo)),
            // Its network is gone.
            None => self.table.remove(&to),
        }
    }

    /// Says to everybody, and to the gateways, what there is to say (BEA-8).
    fn spread(&mut self) {
        let of = |known: &[Known], serves: bool| -> BTreeSet<ArchiveId> {
            known.iter().filter(|k| k.serves == serves).map(|k| k.archive).collect()
        };
        let (served, wanted) = (of(&self.known, true), of(&self.known, false));
        if !served.is_empty() {
            let body = Body { kind: Kind::Announce, ports: self.ports, echo: NO_ECHO };
            self.send(None, &served, &body);
            for gate in self.gateways.clone() {
                self.send(Some(gate), &served, &body);
            }
        }
        if !wanted.is_empty() {
            let body = Body { kind: Kind::Ask, ports: self.ports, echo: NO_ECHO };
            self.send(None, &wanted, &body);
            for gate in self.gateways.clone() {
                self.ask(gate, &wanted);
            }
        }
    }

    /// Sends a datagram to one, or from each of our addresses to everybody. The echo of the last
    /// one; `None` when there is no way.
    fn send(
        &mut self,
        to: Option<SocketAddr>,
        archives: &BTreeSet<ArchiveId>,
        body: &Body,
    ) -> Option<Echo> {
        let mut echo = None;
        let first = to.and_then(|to| self.places.iter().find(|place| place.reaches(&to)));
        let from = match (to, first) {
            (Some(_), first) => first.into_iter().copied().collect(),
            (None, _) => self.places.clone(),
        };
        for from in from {
            let datagram = self.seal(archives, body, &from);
            self.sent.push(datagram.echo());
            echo = Some(datagram.echo());
            self.act(Act::Send { from, to, datagram });
        }
        echo
    }

    fn seal(&mut self, archives: &BTreeSet<ArchiveId>, body: &Body, from: &Place) -> Datagram {
        let known = self.known.iter().filter(|known| archives.contains(&known.archive));
        let keys: Vec<_> = known.map(|known| Some(known.key)).collect();
        let mut keys = self.dice.some(keys, BEACON_SLOTS);
        keys.resize(BEACON_SLOTS, None);
        let mut slots = [None; BEACON_SLOTS];
        slots.copy_from_slice(&self.dice.some(keys, BEACON_SLOTS));
        let mut random = [0; DATAGRAM_BYTES];
        self.dice.fill(&mut random);
        Datagram::seal(random, &slots, body, from.address)
    }

    fn act(&mut self, act: Act) {
        if self.acts.len() < MAX_ACTS {
            self.acts.push_back(act);
        }
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
