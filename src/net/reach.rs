//! Whether we can be reached, and through which relays when we cannot.
//!
//! State only; what it wants done, the actor does. Time is an argument.

mod asked;

use super::addr::{circuit_to, is_relayed, network_of, relay_of};
use super::limits::{RELAY_PAUSE, RELAYS_WANTED};
use asked::Asked;
use libp2p::core::transport::ListenerId;
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// What a node says of how it is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReachStatus {
    /// Whether it finds out if others reach it: not behind a website or a proxy, nor on this machine only.
    pub sought: bool,
    /// Whether others reach it from outside; `None` while nobody could say.
    pub reachable: Option<bool>,
    /// Addresses on the open internet at which others reached it, without its id.
    pub external: Vec<Multiaddr>,
    /// Addresses through relays at which it can be dialled, with its id.
    pub circuits: Vec<Multiaddr>,
    /// Connections that began at a relay and go without one now, since the start.
    pub punched: u64,
    /// Whether it was asked to be a relay, and how much of one it is.
    pub relaying: Option<Relaying>,
}

/// What a relay does at present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Relaying {
    /// It can be reached, and so offers places.
    pub offered: bool,
    /// Peers that have a place.
    pub places: usize,
    /// Most of them.
    pub places_most: usize,
    /// Circuits that go through it.
    pub circuits: usize,
}

/// A place at a relay, or the question for one.
#[derive(Debug)]
struct Reservation {
    relay: PeerId,
    network: Option<IpAddr>,
    since: Instant,
}

/// See the module.
pub struct Reach {
    local: PeerId,
    verdict: watch::Sender<Option<bool>>,
    /// Confirmed by AutoNAT.
    external: BTreeSet<Multiaddr>,
    circuits: BTreeSet<Multiaddr>,
    failed: bool,
    /// Who is asked whether an address that may be ours reaches us.
    asked: Asked,
    /// Connected peers that offer to be relays, and where we dialled them.
    offers: BTreeMap<PeerId, Multiaddr>,
    reservations: HashMap<ListenerId, Reservation>,
    /// Relays that are left alone, and until when.
    rest: BTreeMap<PeerId, Instant>,
    /// Connected peers that told us who they are and where they see us.
    settled: BTreeSet<PeerId>,
    waiting: Vec<(PeerId, oneshot::Sender<()>)>,
    /// Connections that began at a relay.
    pub punched: u64,
    guests: BTreeSet<PeerId>,
    passing: usize,
}

/// A place that is asked for but not given within this time is given up.
const ASKING: Duration = Duration::from_secs(60);

impl Reach {
    /// Nothing is known yet.
    pub fn new(local: PeerId) -> Self {
        Self {
            local,
            verdict: watch::Sender::new(None),
            external: BTreeSet::new(),
            circuits: BTreeSet::new(),
            failed: false,
            asked: Asked::default(),
            offers: BTreeMap::new(),
            reservations: HashMap::new(),
            rest: BTreeMap::new(),
            settled: BTreeSet::new(),
            waiting: Vec::new(),
            punched: 0,
            guests: BTreeSet::new(),
            passing: 0,
        }
    }

    /// Whether others reach us, as it changes.
    pub fn verdict(&self) -> watch::Receiver<Option<bool>> {
        self.verdict.subscribe()
    }

    /// An address was confirmed: by AutoNAT, or a circuit by its relay. True when that is new.
    pub fn confirmed(&mut self, addr: &Multiaddr) -> bool {
        // AutoNAT tests an address with or without our id.
        let bare: Multiaddr = addr.iter().take(2).collect();
        let quic = super::addr::is_quic(addr);
        let direct = if quic { addr.iter().take(3).collect() } else { bare };
        let new = match is_relayed(addr) {
            true => self.circuits.insert(addr.clone()),
            false => self.external.insert(direct),
        };
        self.judge();
        new
    }

    /// It is ours no more.
    pub fn expired(&mut self, addr: &Multiaddr) {
        self.circuits.remove(addr);
        self.external.remove(addr);
        self.judge();
    }

    /// A peer did not reach us at an address that may be ours. False when another is to be asked, too.
    pub fn not_reached(&mut self, peer: &PeerId) -> bool {
        self.failed |= self.asked.no(peer);
        self.judge();
        self.failed
    }

    /// A peer that we dialled, of this public network, answers such questions. `offered`: there is an address to ask about.
    pub fn answers(&mut self, peer: PeerId, network: Option<IpAddr>, offered: bool, now: Instant) {
        self.asked.answers(peer, network);
        if offered {
            self.asked.asking(now);
        }
    }

    /// A router that says nothing to strangers keeps who dials us back waiting for longer than anybody waits for the
    /// answer: silence, too, means that nobody reaches us.
    pub fn look(&mut self, now: Instant) {
        if self.verdict.borrow().is_none() && self.asked.silent(now) {
            self.failed = true;
            self.judge();
        }
    }

    fn judge(&mut self) {
        let verdict = match (self.external.is_empty(), self.failed) {
            (false, _) => Some(true),
            (true, true) => Some(false),
            (true, false) => None,
        };
        self.verdict.send_if_modified(|now| std::mem::replace(now, verdict) != verdict);
    }

    /// Whether others reach us now; `None` while nobody could say.
    pub fn said(&self) -> Option<bool> {
        *self.verdict.borrow()
    }

    /// As a relay: true for a peer that has a place with us.
    pub fn has_place(&self, peer: &PeerId) -> bool {
        self.guests.contains(peer)
    }

    /// True when others reach us.
    pub fn reachable(&self) -> bool {
        self.said() == Some(true)
    }

    /// A connected peer said who it is. `at` is where we dialled it, if we did; `offers` whether it is a relay.
    pub fn identified(&mut self, peer: PeerId, at: Option<Multiaddr>, offers: bool) {
        self.settled.insert(peer);
        let (told, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|w| w.0 == peer);
        self.waiting = rest;
        for (_, answer) in told {
            let _ = answer.send(());
        }
        // A relay in our own network leads nobody outside to us.
        match at.filter(|at| offers && network_of(at).is_some()) {
            Some(at) => drop(self.offers.insert(peer, at)),
            None if !offers => drop(self.offers.remove(&peer)),
            None => {}
        }
    }

    /// Answers when a peer has said who it is. Who is never connected gets no answer.
    pub fn wait(&mut self, peer: PeerId, answer: oneshot::Sender<()>) {
        self.waiting.retain(|(_, answer)| !answer.is_closed());
        match self.settled.contains(&peer) {
            true => drop(answer.send(())),
            false => self.waiting.push((peer, answer)),
        }
    }

    /// The last connection with a peer is gone.
    pub fn gone(&mut self, peer: &PeerId) {
        self.offers.remove(peer);
        self.settled.remove(peer);
        self.asked.gone(peer);
        self.guests.remove(peer);
    }

    /// Relays to ask for a place now, at random: the addresses to listen on. Each is to be told to [`Self::asked`].
    /// `below` gives a random number below another.
    pub fn wanted(
        &mut self,
        now: Instant,
        mut below: impl FnMut(usize) -> usize,
    ) -> Vec<(PeerId, Multiaddr)> {
        self.rest.retain(|_, until| *until > now);
        if *self.verdict.borrow() != Some(false) {
            return Vec::new();
        }
        let mut networks: BTreeSet<_> = self.reservations.values().map(|r| r.network).collect();
        let mut left = RELAYS_WANTED.saturating_sub(self.reservations.len());
        let mut wanted = Vec::new();
        let mut offers: Vec<_> = self.offers.iter().collect();
        while !offers.is_empty() && left > 0 {
            let (peer, at) = offers.swap_remove(below(offers.len()) % offers.len());
            if !self.rest.contains_key(peer) && networks.insert(network_of(at)) {
                left -= 1;
                wanted.push((*peer, at.clone()));
            }
        }
        wanted
    }

    /// A place was asked for.
    pub fn asked(&mut self, listener: ListenerId, relay: PeerId, at: &Multiaddr, now: Instant) {
        let reservation = Reservation { relay, network: network_of(at), since: now };
        self.reservations.insert(listener, reservation);
    }

    /// A relay is not to be asked for a while.
    pub fn refused(&mut self, relay: PeerId, now: Instant) {
        self.rest.insert(relay, now + RELAY_PAUSE);
    }

    /// A listener ended: perhaps a place was refused or lost.
    pub fn closed(&mut self, listener: ListenerId, now: Instant) {
        if let Some(reservation) = self.reservations.remove(&listener) {
            self.refused(reservation.relay, now);
            self.circuits.retain(|circuit| !leads_through(circuit, &reservation.relay));
        }
    }

    /// Places to give up: all when we are reached without, else those that were never given.
    pub fn unwanted(&self, now: Instant) -> Vec<ListenerId> {
        let reachable = self.reachable();
        let given =
            |relay: &PeerId| self.circuits.iter().any(|circuit| leads_through(circuit, relay));
        let late = |r: &Reservation| now.saturating_duration_since(r.since) > ASKING;
        let unwanted = |r: &Reservation| reachable || (late(r) && !given(&r.relay));
        self.reservations.iter().filter(|(_, r)| unwanted(r)).map(|(id, _)| *id).collect()
    }

    /// The address to listen on for a place at this relay.
    pub fn circuit_at(&self, relay: &Multiaddr) -> Multiaddr {
        circuit_to(relay, self.local)
    }

    /// As a relay: a peer has a place, or has it no more.
    pub fn guest(&mut self, peer: PeerId, there: bool) {
        match there {
            true => self.guests.insert(peer),
            false => self.guests.remove(&peer),
        };
    }

    /// As a relay: a circuit came up or ended.
    pub fn passes(&mut self, more: bool) {
        let next = if more { self.passing.checked_add(1) } else { self.passing.checked_sub(1) };
        self.passing = next.unwrap_or(self.passing);
    }

    /// What to say of all that. `sought`: it is found out; `relay`: to be a relay was asked for, with so many places.
    pub fn status(&self, sought: bool, relay: Option<usize>) -> ReachStatus {
        ReachStatus {
            sought,
            reachable: *self.verdict.borrow(),
            external: self.external.iter().cloned().collect(),
            circuits: self.circuits.iter().cloned().collect(),
            punched: self.punched,
            relaying: relay.map(|places_most| Relaying {
                offered: self.reachable(),
                places: self.guests.len(),
                places_most,
                circuits: self.passing,
            }),
        }
    }
}

fn leads_through(circuit: &Multiaddr, relay: &PeerId) -> bool {
    relay_of(circuit).and_then(|addr| super::addr::peer_of(&addr)).as_ref() == Some(relay)
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
