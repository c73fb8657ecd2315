//! What Kademlia tells, and what of it goes on.

use super::Dht;
use crate::net::addr::{network_of, peer_address};
use crate::net::limits::MAX_DHT_TOLD;
use libp2p::core::Endpoint;
use libp2p::kad::{Event, GetProvidersOk, InboundRequest, ProviderRecord, QueryId, QueryResult};
use libp2p::swarm::{ConnectionId, NetworkBehaviour as _};
use libp2p::{Multiaddr, PeerId};
use yadgar_protocol::dht::{DhtKey, Refused, counts};
use yadgar_protocol::peers::Scope;
use yadgar_protocol::score::Fault;

/// What the actor learns.
#[derive(Debug)]
pub enum DhtEvent {
    /// A search wants to ask this peer.
    Dial(PeerId),
    /// Nodes that are said to have an archive, with the addresses that were told; nothing of it is checked.
    Found(DhtKey, Vec<(PeerId, Vec<Multiaddr>)>),
    /// What was begun for a key has ended.
    Ended(DhtKey),
    /// A peer broke the rules.
    Blame(PeerId, Fault),
}

/// How it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct DhtState {
    /// Nodes in the table.
    pub others: usize,
    /// Others can reach us, so we answer searches.
    pub reachable: bool,
    /// Records kept for others, and our own.
    pub records: usize,
}

impl Dht {
    /// One request over the rate.
    pub(super) fn blame_flood(&mut self, peer: PeerId) {
        self.blame(peer, Fault::Flood);
    }

    /// Beyond the room nothing more needs to be said.
    fn blame(&mut self, peer: PeerId, fault: Fault) {
        if self.out.len() < MAX_DHT_TOLD {
            self.out.push_back(DhtEvent::Blame(peer, fault));
        }
    }

    pub(super) fn told(&mut self, event: Event) {
        match event {
            // It answers searches: over a connection that we opened, or that it did.
            Event::RoutablePeer { peer, .. } | Event::UnroutablePeer { peer } => {
                self.answering.insert(peer);
                self.meet(peer);
            }
            Event::InboundRequest { request } => self.asked(request),
            Event::OutboundQueryProgressed { id, result, step, .. } => {
                self.progressed(id, result, step.last);
            }
            Event::RoutingUpdated { .. }
            | Event::PendingRoutablePeer { .. }
            | Event::ModeChanged { .. } => {}
        }
    }

    fn asked(&mut self, request: InboundRequest) {
        match request {
            InboundRequest::AddProvider { record: Some(record) } => self.announced(record),
            // Values are no part of this network.
            InboundRequest::PutRecord { source, .. } => self.blame(source, Fault::DhtGarbage),
            _ => {}
        }
    }

    /// A node says that it has an archive (DHT-3, DHT-4). Kademlia has seen to it that it speaks of itself.
    fn announced(&mut self, record: ProviderRecord) {
        let ProviderRecord { key, provider, addresses, .. } = record;
        let link = self.links.values().find(|link| link.peer == provider);
        let Some(ip) = link.map(|link| link.ip) else { return };
        let addresses: Vec<_> = addresses.into_iter().filter(|addr| self.counts(addr)).collect();
        let Some(key) = DhtKey::from_bytes(key.as_ref()).filter(|_| !addresses.is_empty()) else {
            return self.blame(provider, Fault::DhtGarbage);
        };
        let network = ip.and_then(|ip| network_of(&Multiaddr::from(ip)));
        let kept = self.inner.store_mut().keep(key, provider, network, addresses);
        if kept == Err(Refused::TooMany) {
            self.blame(provider, Fault::Flood);
        }
    }

    fn progressed(&mut self, id: QueryId, result: QueryResult, last: bool) {
        if let QueryResult::GetProviders(Ok(GetProvidersOk::FoundProviders { key, providers })) =
            result
            && let Some(key) = DhtKey::from_bytes(key.as_ref())
        {
            let found = providers.into_iter().map(|peer| (peer, self.addresses_of(&key, &peer)));
            let found = found.filter(|(_, addrs)| !addrs.is_empty()).take(MAX_DHT_TOLD).collect();
            self.out.push_back(DhtEvent::Found(key, found));
        }
        if last && let Some(key) = self.queries.remove(&id) {
            self.out.push_back(DhtEvent::Ended(key));
        }
    }

    /// Where a node is said to be: by the search under way, by the table, or by what it told us itself.
    fn addresses_of(&mut self, key: &DhtKey, peer: &PeerId) -> Vec<Multiaddr> {
        // Asked like this, Kademlia tells all addresses that it would dial, and does nothing else.
        let nobody = ConnectionId::new_unchecked(0);
        let asked = self.inner.handle_pending_outbound_connection(
            nobody,
            Some(*peer),
            &[],
            Endpoint::Dialer,
        );
        let told = self.inner.store_mut().addresses(key, peer);
        let all = asked.unwrap_or_default().into_iter().chain(told);
        let mut good: Vec<Multiaddr> = Vec::new();
        let here = self.here;
        // Those of a LAN are looked at where it is known which LANs we are in (DHT-9).
        let may = |addr: &Multiaddr| {
            let address = peer_address(addr);
            address.is_some_and(|at| at.scope() == Some(Scope::Lan) || counts(&at, here))
        };
        for addr in all.filter(may).take(MAX_DHT_TOLD) {
            if !good.contains(&addr) {
                good.push(addr);
            }
        }
        good
    }
}
