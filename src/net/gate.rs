//! Who may connect: limits on connections and the list of banned peers.
//!
//! A libp2p behaviour of our own, because the ready-made one keeps an entry for every peer that
//! was ever connected and knows neither networks nor bans. It comes first in the list of
//! behaviours, so that nothing else is set up for a connection that is refused.

use super::addr::{around, is_relayed, network_of, public_ip};
use super::handshakes::Handshakes;
use super::knocks::{Crowd, Knocks};
use super::limits::{LET_GO_SHARE, MAX_LET_GO, NetLimits, SEARCH_LINGER};
use super::load::NetLoad;
use super::profile::{Powers, Reach};
use super::strangers::StrangerDials;
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use yadgar_protocol::peers::{Learnt, Slot, Slots};
use yadgar_protocol::score::Bans;

/// Why a connection was not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// Too many connections of a kind.
    #[error("too many connections ({0})")]
    Full(&'static str),
    /// The peer broke the rules not long ago.
    #[error("this peer is refused for a time because it broke the rules")]
    Banned,
    /// Not from or to a LAN, and the profile stays there.
    #[error("not an address of a local network")]
    NotLan,
    /// The profile dials nobody.
    #[error("this node does not dial")]
    NoDialling,
    /// A stranger wants us to dial what is not its own for sure, or too often.
    #[error("not dialled for a stranger")]
    Stranger,
}

/// Bounds by their names: connections in all, those that others open, and those that leave the user's own their places.
pub(super) const IN_ALL: &str = "in all";
/// See [`IN_ALL`].
pub(super) const INBOUND: &str = "inbound";
/// See [`IN_ALL`].
pub(super) const BESIDE_NAMED: &str = "beside the user's own";
/// Guests of one network, and of the larger one around it.
pub(super) const OF_NETWORK: &str = "from this network";
/// See [`OF_NETWORK`].
pub(super) const OF_RANGE: &str = "from this range of addresses";

struct Established {
    peer: PeerId,
    inbound: bool,
    /// The public network of the other side; of whom a relay stands before nothing is known.
    network: Option<IpAddr>,
    relayed: bool,
    /// How its address was learnt, when we dialled.
    learnt: Learnt,
    since: Instant,
}

/// Counts connections and refuses what is too much.
pub struct Gate {
    limits: NetLimits,
    reach: Reach,
    dials: bool,
    pending_inbound: Handshakes,
    /// Dials that the node itself is about to begin, and why: all others are those of strangers.
    expected: HashMap<ConnectionId, Learnt>,
    pending_outbound: HashMap<ConnectionId, Slot>,
    established: HashMap<ConnectionId, Established>,
    start: Instant,
    bans: Bans<PeerId>,
    strangers: StrangerDials,
    knocks: Knocks,
}

impl Gate {
    /// A gate with these limits.
    pub fn new(limits: NetLimits) -> Self {
        Self {
            limits,
            reach: Reach::All,
            dials: true,
            pending_inbound: Handshakes::default(),
            expected: HashMap::new(),
            pending_outbound: HashMap::new(),
            established: HashMap::new(),
            start: Instant::now(),
            bans: Bans::default(),
            strangers: StrangerDials::default(),
            knocks: Knocks::default(),
        }
    }

    /// How many guests found no place since this was asked last, of at most as many as may go for them now; and for each
    /// network that was full the guests that are of it.
    pub fn turned_away(&mut self) -> (usize, Vec<BTreeSet<PeerId>>) {
        let (guests, crowds) = self.knocks.take();
        let of = |crowd: &Crowd| {
            let inside = |e: &&Established| e.inbound && e.network.is_some_and(|n| crowd.has(n));
            self.established.values().filter(inside).map(|e| e.peer).collect()
        };
        // Of few places few at once.
        let most = (self.limits.inbound / LET_GO_SHARE).clamp(1, MAX_LET_GO);
        (guests.min(most), crowds.iter().map(of).collect())
    }

    /// The same gate with what a profile may: in which direction, and with whom.
    pub fn within(mut self, powers: Powers) -> Self {
        if !powers.serves {
            self.limits.inbound = 0;
        }
        (self.reach, self.dials) = (powers.reach, powers.dials);
        self
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Refuses a peer for a time, see [`Bans::ban`].
    pub fn ban(&mut self, peer: PeerId, addr: Option<&Multiaddr>) {
        let now = self.now();
        self.bans.ban(peer, addr.and_then(public_ip), now);
    }

    /// True while a peer is banned.
    pub fn is_banned(&self, peer: &PeerId) -> bool {
        self.bans.is_banned(peer, self.now())
    }

    /// The dial with this id, which is about to begin, is the node's own wish; its address was learnt like this. Whatever
    /// is dialled without that, strangers asked for: AutoNAT's dial-backs, hole punching.
    pub fn expect(&mut self, id: ConnectionId, learnt: Learnt) {
        self.expected.insert(id, learnt);
    }

    /// A peer that a search met is of use: its connection stays, if there is a place for what the DHT found.
    pub fn keep(&mut self, peer: &PeerId) {
        let met = |e: &&Established| e.peer == *peer && !e.inbound && e.learnt == Learnt::Search;
        let Some(network) = self.established.values().find(met).map(|e| e.network) else { return };
        let others =
            self.opened().filter(|(other, slot)| *other != peer || slot.0 != Learnt::Search);
        if self.slots().admits((Learnt::Found, network), others.map(|(_, slot)| slot)) {
            let all = self.established.values_mut();
            all.filter(|e| met(&&**e)).for_each(|e| e.learnt = Learnt::Found);
        }
    }

    /// Connections that searches opened a while ago.
    pub fn stale(&self) -> Vec<ConnectionId> {
        let old = |e: &Established| {
            !e.inbound && e.learnt == Learnt::Search && e.since.elapsed() >= SEARCH_LINGER
        };
        self.established.iter().filter(|(_, e)| old(e)).map(|(id, _)| *id).collect()
    }

    fn slots(&self) -> Slots {
        Slots::new(self.limits.outbound)
    }

    /// The connections that we opened.
    fn opened(&self) -> impl Iterator<Item = (&PeerId, Slot)> + Clone {
        let opened = self.established.values().filter(|e| !e.inbound);
        opened.map(|e| (&e.peer, (e.learnt, e.network)))
    }

    /// What there is of connections.
    pub fn load(&self) -> NetLoad {
        NetLoad {
            inbound: self.count(|e| e.inbound),
            outbound: self.count(|e| !e.inbound),
            relayed: self.count(|e| e.relayed),
            pending_inbound: self.pending_inbound.len(),
            pending_outbound: self.pending_outbound.len(),
            ..NetLoad::within(self.limits)
        }
    }

    fn count(&self, which: impl Fn(&Established) -> bool) -> usize {
        self.established.values().filter(|e| which(e)).count()
    }

    fn admit(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        learnt: Option<Learnt>,
        remote: &Multiaddr,
        relayed: bool,
    ) -> Result<(), ConnectionDenied> {
        let inbound = learnt.is_none();
        if self.is_banned(&peer) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        let network = network_of(remote).filter(|_| !relayed);
        let (direction, most) = match inbound {
            true => (INBOUND, self.limits.inbound),
            false => ("outbound", self.limits.outbound),
        };
        for (name, most, now) in [
            (IN_ALL, self.limits.total, self.established.len()),
            (direction, most, self.count(|e| e.inbound == inbound)),
            ("with this peer", self.limits.per_peer, self.count(|e| e.peer == peer)),
        ] {
            limit(name, most, now)?;
        }
        if relayed {
            limit("through relays", self.limits.relayed, self.count(|e| e.relayed))?;
        }
        if let Some(network) = network.filter(|_| inbound) {
            self.spares(network)?;
        }
        let learnt = learnt.unwrap_or(Learnt::Named);
        if inbound || learnt != Learnt::Named {
            self.may_stay()?;
        }
        if !inbound {
            self.place((learnt, network), self.opened().map(|(_, slot)| slot))?;
        }
        // Counted from here on, not from the later event: several may come up in between.
        let since = Instant::now();
        let new = Established { peer, inbound, network, relayed, learnt, since };
        self.established.insert(id, new);
        Ok(())
    }
}

impl Gate {
    /// Places kept for those that the user named (SLOT-1): of all connections, and of dials under way.
    fn kept(&self) -> usize {
        self.slots().named().min(self.limits.total)
    }

    /// Whether one more may come from this network, and from the larger one around it.
    fn spares(&self, network: IpAddr) -> Result<(), ConnectionDenied> {
        let guests = || self.established.values().filter(|e| e.inbound).filter_map(|e| e.network);
        let (near, wide) = (self.limits.per_network, self.limits.per_range);
        limit(OF_NETWORK, near, guests().filter(|of| *of == network).count())?;
        let same = |of: &IpAddr| around(*of) == around(network);
        limit(OF_RANGE, wide, guests().filter(same).count())
    }

    /// Whether one more may be dialled now that the user did not name.
    fn may_begin(&self) -> Result<(), ConnectionDenied> {
        let others = self.pending_outbound.values().filter(|slot| slot.0 != Learnt::Named).count();
        limit("being dialled", self.limits.pending_outbound.saturating_sub(self.kept()), others)
    }

    /// Whether there is a place for one more that the user did not name (SLOT-1). Looked at before a dial, too: a handshake in
    /// vain is a knock at the other's door.
    fn may_stay(&self) -> Result<(), ConnectionDenied> {
        let others = self.count(|e| e.inbound || e.learnt != Learnt::Named);
        limit(BESIDE_NAMED, self.limits.total - self.kept(), others)
    }

    /// Whether there is a place for a connection that we open (SLOT-1, SLOT-2).
    fn place(
        &self,
        slot: Slot,
        held: impl Iterator<Item = Slot> + Clone,
    ) -> Result<(), ConnectionDenied> {
        match self.slots().admits(slot, held) {
            true => Ok(()),
            false => Err(ConnectionDenied::new(GateError::Full("learnt like this"))),
        }
    }
}

fn limit(name: &'static str, most: usize, now: usize) -> Result<(), ConnectionDenied> {
    if now >= most { Err(ConnectionDenied::new(GateError::Full(name))) } else { Ok(()) }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        if !self.reach.allows(local, remote) {
            return Err(ConnectionDenied::new(GateError::NotLan));
        }
        if self.bans.is_address_banned(public_ip(remote), self.now()) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        let network = network_of(remote).filter(|_| !is_relayed(local));
        let begun = self.pending_inbound.begin(id, network, self.limits.pending_inbound);
        begun.map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending_inbound.end(id);
        let relayed = is_relayed(local);
        let admitted = self.admit(id, peer, None, remote, relayed);
        if let Some(why) = admitted.as_ref().err().and_then(|denied| denied.downcast_ref()) {
            self.knocks.note(*why, network_of(remote).filter(|_| !relayed));
        }
        admitted.map(|()| dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        let learnt = self.expected.remove(&id);
        if !self.dials {
            return Err(ConnectionDenied::new(GateError::NoDialling));
        }
        if peer.is_some_and(|peer| self.is_banned(&peer)) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        // A behaviour that dials by a peer's id alone asks other behaviours for addresses: those are its own to check.
        let stranger = peer.filter(|_| learnt.is_none() && !addresses.is_empty());
        if stranger.is_some_and(|p| !self.strangers.allows(p, addresses, Instant::now())) {
            return Err(ConnectionDenied::new(GateError::Stranger));
        }
        limit("being dialled", self.limits.pending_outbound, self.pending_outbound.len())?;
        let learnt = learnt.unwrap_or(Learnt::Asked);
        let direct = addresses.first().filter(|addr| !is_relayed(addr));
        let slot = (learnt, direct.and_then(network_of));
        if learnt != Learnt::Named {
            self.may_begin()?;
            self.may_stay()?;
            let pending = self.pending_outbound.values().copied();
            self.place(slot, self.opened().map(|(_, slot)| slot).chain(pending))?;
        }
        self.pending_outbound.insert(id, slot);
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let learnt = self.pending_outbound.remove(&id).map_or(Learnt::Asked, |slot| slot.0);
        self.admit(id, peer, Some(learnt), remote, is_relayed(remote))?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(e) => {
                self.established.remove(&e.connection_id);
            }
            // A behaviour after us may have refused a connection that we admitted.
            FromSwarm::DialFailure(e) => {
                self.expected.remove(&e.connection_id);
                self.pending_outbound.remove(&e.connection_id);
                self.established.remove(&e.connection_id);
            }
            FromSwarm::ListenFailure(e) => {
                self.pending_inbound.end(e.connection_id);
                self.established.remove(&e.connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
