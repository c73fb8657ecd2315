//! The actor's part in being reached: what peers see of us, places at relays, connections that no longer need one.

use super::{Actor, Connection};
use crate::net::NetConfig;
use crate::net::addr::{
    circuit_to, direct_ip, ip_of, is_door, is_quic, is_relayed, may_be_ours, network_of, of_tcp,
    tcp_port,
};
use crate::net::handle::NetEvent;
use crate::net::limits::RELAY_GRACE;
use crate::net::reaching::ReachingEvent;
use libp2p::core::ConnectedPoint;
use libp2p::core::transport::{ListenerId, PortUse};
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId, StreamProtocol, identify, relay};
use rand::RngExt as _;
use std::collections::BTreeSet;
use std::time::Instant;
use tokio::sync::watch;

/// What a peer that dials back says it speaks (AutoNAT v2).
const ASKED_TO_DIAL_BACK: StreamProtocol = StreamProtocol::new("/libp2p/autonat/2/dial-request");

impl Actor {
    /// The same actor with what the configuration says of being reached.
    pub(in crate::net) fn with(mut self, config: &NetConfig) -> Self {
        self.reaches = config.may_be_reached();
        self.relays = (self.reaches && config.relay).then(|| config.limits.reservations());
        self
    }

    /// Whether others reach us, as it changes.
    pub(in crate::net) fn verdict(&self) -> watch::Receiver<Option<bool>> {
        self.reach.verdict()
    }

    /// True for a dial that is to come from the port where we listen. Who is behind a router has, seen from outside,
    /// one address for all connections from one port: peers then see the address at which holes are punched. On a LAN it
    /// would only make two nodes that dial each other at the same time meet in the middle.
    pub(super) fn dials_from_port(&self, addr: &Multiaddr, check: bool) -> bool {
        self.reaches && !check && may_be_ours(addr)
    }

    /// A peer said who it is, and where it sees us.
    pub(super) fn identified(&mut self, id: ConnectionId, peer: PeerId, info: identify::Info) {
        let Some(connection) = self.connections.get(&id) else { return };
        let addr = connection.info.addr.clone();
        let own_port = connection.own_port;
        let dialled = connection.info.outbound && !is_relayed(&addr);
        let network = network_of(&addr);
        let offers = info.protocols.contains(&relay::HOP_PROTOCOL_NAME);
        let at = addr.with_p2p(peer).ok().filter(|_| dialled && self.reaches);
        self.reach.identified(peer, at, offers);
        // Only of those whom we chose: whoever dials us could name anything.
        if dialled && self.reaches {
            let answers = info.protocols.contains(&ASKED_TO_DIAL_BACK);
            let mut seen = self.seen_at(&info.observed_addr, own_port);
            if self.reach.said() == Some(false) {
                // The library asks about an address once; with our id it is another to it. So a no that came by chance
                // is not the last word.
                seen = seen.into_iter().map(|addr| self.with_id(addr)).collect();
            }
            let (sieve, mut offered) = (&mut self.swarm.behaviour_mut().identify, false);
            for addr in seen {
                offered |= sieve.offer(addr, network);
            }
            if answers {
                self.reach.answers(peer, network, offered, Instant::now());
            }
        }
    }

    /// Addresses that may be ours when a peer sees us at this one: that, if we dialled it from our own port, and the ports
    /// where we listen, which a router may lead to us whatever port it gives to what we send.
    fn seen_at(&self, observed: &Multiaddr, own_port: bool) -> Vec<Multiaddr> {
        let plain: Multiaddr =
            observed.iter().take(if is_quic(observed) { 3 } else { 2 }).collect();
        let Some(ip) = ip_of(&plain).filter(|_| !is_relayed(observed)) else { return Vec::new() };
        let listening = self.listening.borrow();
        let doors = listening.iter().filter(|at| is_door(at));
        let same = doors.filter(|at| ip_of(at).is_some_and(|a| a.is_ipv4() == ip.is_ipv4()));
        let ports: BTreeSet<u16> = same.filter(|at| !is_quic(at)).filter_map(tcp_port).collect();
        let ports = ports.into_iter().map(|port| of_tcp((ip, port).into()));
        let mut all: Vec<_> = own_port.then_some(plain).into_iter().chain(ports).collect();
        all.dedup();
        all
    }

    pub(super) fn reaching_event(&mut self, event: ReachingEvent) {
        match event {
            ReachingEvent::Probe(event) if event.result.is_err() => {
                tracing::debug!("not reached at an address that may be ours");
                if !self.reach.not_reached(&event.server) {
                    // As above: so that another peer may be asked.
                    let again = self.with_id(event.tested_addr);
                    self.swarm.behaviour_mut().identify.offer(again, None);
                }
            }
            ReachingEvent::Relay(event) => match event {
                relay::Event::ReservationReqAccepted { src_peer_id, .. } => {
                    self.reach.guest(src_peer_id, true);
                }
                relay::Event::ReservationClosed { src_peer_id }
                | relay::Event::ReservationTimedOut { src_peer_id } => {
                    self.reach.guest(src_peer_id, false);
                }
                relay::Event::CircuitReqAccepted { .. } => self.reach.passes(true),
                relay::Event::CircuitClosed { .. } => self.reach.passes(false),
                _ => {}
            },
            ReachingEvent::Router(event) => tracing::debug!("the router: {event:?}"),
            ReachingEvent::Punch(event) => {
                tracing::debug!("hole punching: {:?}", event.result.map(|_| "done"));
            }
            // Whether a place was given is seen by the address that it confirms.
            ReachingEvent::Probe(_) | ReachingEvent::Answer(_) | ReachingEvent::Circuits(_) => {}
        }
        self.follow_verdict();
    }

    /// An address is ours: AutoNAT confirmed it, or a relay gave us a place.
    pub(super) fn confirmed(&mut self, addr: &Multiaddr) {
        if self.reach.confirmed(addr) && is_relayed(addr) {
            let _ = self.events.try_send(NetEvent::Listening(addr.clone()));
        }
        self.offer_relay();
        self.follow_verdict();
    }

    /// An address is ours no more.
    pub(super) fn expired(&mut self, addr: &Multiaddr) {
        self.reach.expired(addr);
        self.offer_relay();
        self.follow_verdict();
    }

    /// What was found out about being reached decides whether we answer in the DHT.
    fn follow_verdict(&mut self) {
        let verdict = self.reach.said();
        if std::mem::replace(&mut self.judged, verdict) != verdict {
            self.set_reachable(verdict);
        }
    }

    /// A relay that nobody reaches would be of no use.
    fn offer_relay(&mut self) {
        let reachable = self.reach.reachable();
        if let Some(relay) = self.swarm.behaviour_mut().reaching.relay.as_mut() {
            let status = if reachable { relay::Status::Enable } else { relay::Status::Disable };
            relay.set_status(Some(status));
        }
    }

    /// A listener ended.
    pub(super) fn listener_closed(&mut self, id: ListenerId) {
        self.reach.closed(id, Instant::now());
    }

    /// True when a peer is connected through a relay.
    pub(super) fn is_relayed(&self, peer: &PeerId) -> bool {
        self.connections.values().any(|c| c.info.peer == *peer && is_relayed(&c.info.addr))
    }

    /// Asks for places at relays, gives them up, and closes connections that are needed no more: through a relay beside
    /// one without; and those that we made beside an older one and that carry nothing, as when we were asked to dial back.
    pub(super) fn reach_tick(&mut self, now: Instant) {
        self.reach.look(now);
        self.follow_verdict();
        for id in self.reach.unwanted(now) {
            self.swarm.remove_listener(id);
        }
        for (peer, relay) in self.reach.wanted(now, |end| rand::rng().random_range(0..end)) {
            match self.swarm.listen_on(self.reach.circuit_at(&relay)) {
                Ok(id) => {
                    self.reach.asked(id, peer, &relay, now);
                    // Who was met by a search would be let go.
                    self.swarm.behaviour_mut().gate.keep(&peer);
                }
                Err(e) => {
                    tracing::debug!("no place can be asked for at a relay: {e}");
                    self.reach.refused(peer, now);
                }
            }
        }
        let settled = |c: &&Connection| {
            direct_ip(&c.info.addr).is_some()
                && now.saturating_duration_since(c.since) > RELAY_GRACE
        };
        let direct: BTreeSet<_> =
            self.connections.values().filter(settled).map(|c| c.info.peer).collect();
        let streams = &self.swarm.behaviour().streams;
        let older = |c: &Connection| {
            let older = |o: &Connection| o.info.peer == c.info.peer && o.since < c.since;
            self.connections.values().any(|o| older(o) && direct_ip(&o.info.addr).is_some())
        };
        let spare = |id: ConnectionId, c: &Connection| match is_relayed(&c.info.addr) {
            true => direct.contains(&c.info.peer),
            false => settled(&c) && c.info.outbound && streams.moved(id) == 0 && older(c),
        };
        let spare = self.connections.iter().filter(|(id, c)| spare(**id, c)).map(|(id, _)| *id);
        for id in spare.collect::<Vec<_>>() {
            self.swarm.close_connection(id);
        }
    }
}

/// True when we dialled from the port where we listen, so that the port that the other side sees may lead to us.
pub(super) fn is_from_own_port(endpoint: &ConnectedPoint) -> bool {
    matches!(endpoint, ConnectedPoint::Dialer { port_use: PortUse::Reuse, .. })
}

/// Where the other end is. Of who came through a relay only the relay's address is known.
pub(super) fn address_of(endpoint: &ConnectedPoint, peer: PeerId) -> Multiaddr {
    match endpoint {
        ConnectedPoint::Listener { local_addr, .. } if endpoint.is_relayed() => {
            let relay = local_addr
                .iter()
                .take_while(|part| !matches!(part, libp2p::multiaddr::Protocol::P2pCircuit));
            circuit_to(&relay.collect(), peer)
        }
        _ => endpoint.get_remote_address().clone(),
    }
}
