//! Kademlia among mirrors (protocol/spec/dht.md): libp2p's, inside bounds of our own.
//!
//! libp2p-kad dials whatever address an answer names, tells all of our listening addresses, keeps what anybody announces,
//! and answers as often as it is asked. This behaviour stands around it: dials are handed to the actor, which counts them
//! like others, and only to addresses that count; only such addresses are told; records and the table are kept by the
//! rules of `yadgar_protocol::dht`; who asks too often is not answered.

mod shelf;
mod table;
mod told;

pub use told::{DhtEvent, DhtState};

use super::addr::{ip_of, is_relayed, peer_address};
use super::limits::{
    DHT_DIAL_BURST, DHT_DIAL_REFILL, DHT_QUERY_TIMEOUT, DHT_REFRESH, DHT_REQUEST_BURST,
    DHT_REQUEST_REFILL, MAX_DHT_PACKET_BYTES,
};
use super::rate::Bucket;
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::kad::{self, Mode, QueryId};
use libp2p::swarm::behaviour::{ExternalAddrConfirmed, ExternalAddrExpired};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, StreamProtocol};
use shelf::Shelf;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::Instant;
use yadgar_protocol::dht::{Act, DhtKey, PROTOCOL, counts};
use yadgar_protocol::peers::Dials;

/// Why a search did not dial somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDialled {
    /// No address that may be dialled, or it was dialled often of late.
    #[error("no address that a search may dial now")]
    NoAddress,
    /// Searches dialled much already.
    #[error("searches dialled much of late")]
    TooMany,
}

/// A connection.
struct Link {
    peer: PeerId,
    ip: Option<IpAddr>,
    requests: Bucket,
}

/// The behaviour.
pub struct Dht {
    inner: kad::Behaviour<Shelf>,
    start: Instant,
    /// Where we listen, and what others confirmed as our address.
    listening: BTreeSet<Multiaddr>,
    confirmed: BTreeSet<Multiaddr>,
    /// Those of them that others are told.
    own: BTreeSet<Multiaddr>,
    /// Addresses of loopback count, see [`super::NetConfig::loopback_dht`].
    here: bool,
    /// What was found out about being reachable; without it an own address is taken for it.
    reachable: Option<bool>,
    links: HashMap<ConnectionId, Link>,
    /// Where a connected peer answered when we dialled it, and connected peers that answer searches.
    reached: HashMap<PeerId, Multiaddr>,
    answering: HashSet<PeerId>,
    /// Dials of searches under way, at most as many as the gate lets through.
    dialling: HashSet<ConnectionId>,
    dials: Dials,
    pace: Bucket,
    /// Dials in vain of nodes in the table.
    fails: HashMap<PeerId, u32>,
    queries: HashMap<QueryId, DhtKey>,
    out: VecDeque<DhtEvent>,
}

impl Dht {
    /// For the node with this id. It answers nobody before it has an address. `here`: those of loopback count.
    pub fn new(local: PeerId, here: bool) -> Self {
        let mut config = kad::Config::new(StreamProtocol::new(PROTOCOL));
        config
            .set_query_timeout(DHT_QUERY_TIMEOUT)
            .disjoint_query_paths(true)
            .set_record_filtering(kad::StoreInserts::FilterBoth)
            .set_kbucket_inserts(kad::BucketInserts::Manual)
            .set_caching(kad::Caching::Disabled)
            .set_record_ttl(None)
            .set_replication_interval(None)
            .set_publication_interval(None)
            // When to announce is decided by `yadgar_protocol::dht::Search`.
            .set_provider_publication_interval(None)
            .set_periodic_bootstrap_interval(Some(DHT_REFRESH))
            .set_max_packet_size(MAX_DHT_PACKET_BYTES);
        let mut inner = kad::Behaviour::with_config(local, Shelf::new(local), config);
        inner.set_mode(Some(Mode::Client));
        let now = Instant::now();
        Self {
            inner,
            start: now,
            listening: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            own: BTreeSet::new(),
            here,
            reachable: None,
            links: HashMap::new(),
            reached: HashMap::new(),
            answering: HashSet::new(),
            dialling: HashSet::new(),
            dials: Dials::default(),
            pace: Bucket::new(DHT_DIAL_BURST, DHT_DIAL_REFILL, now),
            fails: HashMap::new(),
            queries: HashMap::new(),
            out: VecDeque::new(),
        }
    }

    /// Begins a search or an announcement; [`DhtEvent::Ended`] follows.
    pub fn begin(&mut self, act: Act) {
        let key = kad::RecordKey::new(act.key().as_bytes());
        let query = match act {
            Act::Look(_) => Some(self.inner.get_providers(key)),
            Act::Tell(_) => self.inner.start_providing(key).ok(),
            Act::Hush(_) => return self.inner.stop_providing(&key),
        };
        match query {
            Some(query) => drop(self.queries.insert(query, act.key())),
            None => self.out.push_back(DhtEvent::Ended(act.key())),
        }
    }

    /// Others were found to reach us or not; `None`: not known, then an address of our own counts as it.
    pub fn set_reachable(&mut self, reachable: Option<bool>) {
        self.reachable = reachable;
        self.choose_mode();
    }

    /// How it stands.
    pub fn state(&mut self) -> DhtState {
        let others = self.inner.kbuckets().map(|bucket| bucket.num_entries()).sum();
        let reachable = self.inner.mode() == Mode::Server;
        DhtState { others, reachable, records: self.inner.store_mut().len() }
    }

    /// A search dials on this connection.
    pub fn dialling(&mut self, id: ConnectionId) {
        self.dialling.insert(id);
    }

    /// Forgets what a peer told, and the peer: it is refused from now on.
    pub fn forget(&mut self, peer: &PeerId) {
        self.inner.remove_peer(peer);
        self.inner.store_mut().forget_peer(peer);
    }

    /// Our addresses may have changed.
    fn recount(&mut self) {
        let all = self.listening.union(&self.confirmed);
        let own = all.filter(|addr| self.counts(addr)).cloned().collect();
        let before = std::mem::replace(&mut self.own, own);
        for addr in before.difference(&self.own) {
            let gone = FromSwarm::ExternalAddrExpired(ExternalAddrExpired { addr });
            self.inner.on_swarm_event(gone);
        }
        for addr in self.own.difference(&before) {
            let new = FromSwarm::ExternalAddrConfirmed(ExternalAddrConfirmed { addr });
            self.inner.on_swarm_event(new);
        }
        self.choose_mode();
    }

    fn choose_mode(&mut self) {
        let serves = self.reachable.unwrap_or(true) && !self.own.is_empty();
        let mode = if serves { Mode::Server } else { Mode::Client };
        if mode != self.inner.mode() {
            self.inner.set_mode(Some(mode));
        }
    }

    fn counts(&self, addr: &Multiaddr) -> bool {
        peer_address(addr).is_some_and(|address| counts(&address, self.here))
    }

    fn link(&mut self, id: ConnectionId, peer: PeerId, remote: &Multiaddr) {
        let requests = Bucket::new(DHT_REQUEST_BURST, DHT_REQUEST_REFILL, Instant::now());
        self.links.insert(id, Link { peer, ip: ip_of(remote), requests });
    }
}

impl NetworkBehaviour for Dht {
    type ConnectionHandler = <kad::Behaviour<Shelf> as NetworkBehaviour>::ConnectionHandler;
    type ToSwarm = DhtEvent;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        // Those behind one relay count together, as those of one network do.
        self.link(id, peer, if is_relayed(local) { local } else { remote });
        self.inner.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        match self.dialling.contains(&id) {
            true => self.dialled(id, peer).map_err(ConnectionDenied::new),
            // What was told in the DHT is dialled for the DHT only.
            false => Ok(Vec::new()),
        }
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.link(id, peer, remote);
        self.inner.handle_established_outbound_connection(id, peer, remote, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match &event {
            FromSwarm::NewListenAddr(e) => {
                self.listening.insert(e.addr.clone());
                return self.recount();
            }
            FromSwarm::ExpiredListenAddr(e) => {
                self.listening.remove(e.addr);
                return self.recount();
            }
            FromSwarm::ExternalAddrConfirmed(e) => {
                self.confirmed.insert(e.addr.clone());
                return self.recount();
            }
            FromSwarm::ExternalAddrExpired(e) => {
                self.confirmed.remove(e.addr);
                return self.recount();
            }
            FromSwarm::ConnectionEstablished(e) => {
                self.dialling.remove(&e.connection_id);
                if e.endpoint.is_dialer() && !e.endpoint.is_relayed() {
                    self.fails.remove(&e.peer_id);
                    self.reached.insert(e.peer_id, e.endpoint.get_remote_address().clone());
                    self.meet(e.peer_id);
                }
            }
            FromSwarm::ConnectionClosed(e) => {
                self.links.remove(&e.connection_id);
                if e.remaining_established == 0 {
                    self.reached.remove(&e.peer_id);
                    self.answering.remove(&e.peer_id);
                }
            }
            FromSwarm::DialFailure(e) => {
                self.dialling.remove(&e.connection_id);
                self.links.remove(&e.connection_id);
                if let Some(peer) = &e.peer_id {
                    self.failed(peer, e.error);
                }
            }
            FromSwarm::ListenFailure(e) => {
                self.links.remove(&e.connection_id);
            }
            _ => {}
        }
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        let allowed = self.links.get_mut(&id).is_some_and(|l| l.requests.take(Instant::now()));
        match allowed {
            true => self.inner.on_connection_handler_event(peer, id, event),
            // Neither answered nor looked at.
            false => self.blame_flood(peer),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ToSwarm<DhtEvent, THandlerInEvent<Self>>> {
        loop {
            if let Some(event) = self.out.pop_front() {
                return Poll::Ready(ToSwarm::GenerateEvent(event));
            }
            match self.inner.poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(ToSwarm::GenerateEvent(event)) => self.told(event),
                Poll::Ready(ToSwarm::Dial { opts }) => {
                    self.out.extend(opts.get_peer_id().map(DhtEvent::Dial));
                }
                Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler, event }) => {
                    return Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler, event });
                }
                // It would tell other behaviours what strangers say of others.
                Poll::Ready(_) => {}
            }
        }
    }
}
