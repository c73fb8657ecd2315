//! Who may connect: limits on connections and the list of banned peers.
//!
//! A libp2p behaviour of our own, because the ready-made one keeps an entry for every peer that
//! was ever connected and knows neither networks nor bans. It comes first in the list of
//! behaviours, so that nothing else is set up for a connection that is refused.

use super::addr::network_of;
use super::bans::Bans;
use super::limits::NetLimits;
use super::profile::{Powers, Reach};
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::Instant;

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
}

struct Established {
    peer: PeerId,
    inbound: bool,
    network: Option<IpAddr>,
}

/// Counts connections and refuses what is too much.
pub struct Gate {
    limits: NetLimits,
    reach: Reach,
    dials: bool,
    pending_inbound: HashSet<ConnectionId>,
    pending_outbound: HashSet<ConnectionId>,
    established: HashMap<ConnectionId, Established>,
    bans: Bans,
}

impl Gate {
    /// A gate with these limits.
    pub fn new(limits: NetLimits) -> Self {
        Self {
            limits,
            reach: Reach::All,
            dials: true,
            pending_inbound: HashSet::new(),
            pending_outbound: HashSet::new(),
            established: HashMap::new(),
            bans: Bans::default(),
        }
    }

    /// The same gate with what a profile may: in which direction, and with whom.
    pub fn within(mut self, powers: Powers) -> Self {
        if !powers.serves {
            self.limits.inbound = 0;
        }
        (self.reach, self.dials) = (powers.reach, powers.dials);
        self
    }

    /// Refuses a peer for a time, see [`Bans::ban`].
    pub fn ban(&mut self, peer: PeerId, addr: Option<&Multiaddr>) {
        self.bans.ban(peer, addr, Instant::now());
    }

    /// True while a peer is banned.
    pub fn is_banned(&self, peer: &PeerId) -> bool {
        self.bans.is_banned(peer, Instant::now())
    }

    fn count(&self, which: impl Fn(&Established) -> bool) -> usize {
        self.established.values().filter(|e| which(e)).count()
    }

    fn admit(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        inbound: bool,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        if self.is_banned(&peer) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        let network = network_of(remote);
        let same_network = |e: &Established| e.inbound && e.network == network;
        let (direction, most) = match inbound {
            true => ("inbound", self.limits.inbound),
            false => ("outbound", self.limits.outbound),
        };
        for (name, most, now) in [
            ("in all", self.limits.total, self.established.len()),
            (direction, most, self.count(|e| e.inbound == inbound)),
            ("with this peer", self.limits.per_peer, self.count(|e| e.peer == peer)),
        ] {
            limit(name, most, now)?;
        }
        if inbound && network.is_some() {
            limit("from this network", self.limits.per_network, self.count(same_network))?;
        }
        // Counted from here on, not from the later event: several may come up in between.
        self.established.insert(id, Established { peer, inbound, network });
        Ok(())
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
        if self.bans.is_address_banned(remote, Instant::now()) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        limit("in their handshake", self.limits.pending_inbound, self.pending_inbound.len())?;
        self.pending_inbound.insert(id);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending_inbound.remove(&id);
        self.admit(id, peer, true, remote)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if !self.dials {
            return Err(ConnectionDenied::new(GateError::NoDialling));
        }
        if peer.is_some_and(|peer| self.is_banned(&peer)) {
            return Err(ConnectionDenied::new(GateError::Banned));
        }
        limit("being dialled", self.limits.pending_outbound, self.pending_outbound.len())?;
        self.pending_outbound.insert(id);
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
        self.pending_outbound.remove(&id);
        self.admit(id, peer, false, remote)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(e) => {
                self.established.remove(&e.connection_id);
            }
            // A behaviour after us may have refused a connection that we admitted.
            FromSwarm::DialFailure(e) => {
                self.pending_outbound.remove(&e.connection_id);
                self.established.remove(&e.connection_id);
            }
            FromSwarm::ListenFailure(e) => {
                self.pending_inbound.remove(&e.connection_id);
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
