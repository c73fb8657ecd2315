//! Who is in the table, and at which addresses a search dials (DHT-5, DHT-6, DHT-10).

use super::{Dht, NotDialled};
use crate::net::addr::{bare, ip_of, peer_address};
use crate::net::limits::{DHT_FAILS, DHT_FAILS_KEPT};
use libp2p::core::Endpoint;
use libp2p::swarm::{ConnectionId, DialError, NetworkBehaviour as _};
use libp2p::{Multiaddr, PeerId};
use std::collections::HashSet;
use std::time::Instant;
use yadgar_protocol::dht::{Crowd, counts};
use yadgar_protocol::limits::MAX_DHT_ADDRESSES;

impl Dht {
    /// Takes a peer into the table that answers searches, and answered where we dialled it (DHT-6).
    pub(super) fn meet(&mut self, peer: PeerId) {
        let Some(addr) = self.reached.get(&peer).filter(|_| self.answering.contains(&peer)) else {
            return;
        };
        if !self.counts(addr) {
            return;
        }
        let addr = addr.clone();
        if self.in_table(&peer) || self.has_room(&peer, &addr) {
            self.inner.add_address(&peer, addr);
        }
    }

    fn in_table(&mut self, peer: &PeerId) -> bool {
        let bucket = self.inner.kbucket(*peer);
        bucket.is_some_and(|all| all.iter().any(|entry| entry.node.key.preimage() == peer))
    }

    fn has_room(&mut self, peer: &PeerId, addr: &Multiaddr) -> bool {
        let Some(ip) = ip_of(addr) else { return false };
        let inside: HashSet<PeerId> = self.inner.kbucket(*peer).map_or_else(HashSet::new, |all| {
            all.iter().map(|entry| *entry.node.key.preimage()).collect()
        });
        let mut others = Vec::new();
        for bucket in self.inner.kbuckets() {
            for entry in bucket.iter() {
                let near = inside.contains(entry.node.key.preimage());
                others.extend(ip_of(entry.node.value.first()).map(|ip| (ip, near)));
            }
        }
        Crowd::around(ip, others.into_iter()).is_none_or(Crowd::has_room)
    }

    /// Where a node of the table was reached when we dialled it, without its id; none for others.
    fn reached_at(&mut self, peer: &PeerId) -> Vec<Multiaddr> {
        let bucket = self.inner.kbucket(*peer);
        let entry = bucket
            .as_ref()
            .and_then(|all| all.iter().find(|entry| entry.node.key.preimage() == peer));
        entry.map(|entry| entry.node.value.iter().map(bare).collect()).unwrap_or_default()
    }

    /// The addresses at which a search may dial a peer (DHT-5). Kademlia names those of the table first, then those that
    /// answers told. Where a node of the table was reached it is dialled, and nowhere else: who claims that it is
    /// somewhere else too would decide whether it is reached.
    pub(super) fn dialled(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
    ) -> Result<Vec<Multiaddr>, NotDialled> {
        let known = self.inner.handle_pending_outbound_connection(id, peer, &[], Endpoint::Dialer);
        let reached = peer.map(|peer| self.reached_at(&peer)).unwrap_or_default();
        self.dials.forget(self.start.elapsed());
        let may = |addr: &Multiaddr| {
            let address = peer_address(addr).filter(|address| counts(address, self.here))?;
            let good = reached.is_empty() || reached.contains(&bare(addr));
            Some(address).filter(|address| good && self.dials.allow(address))
        };
        let mut good: Vec<(_, Multiaddr)> = Vec::new();
        for addr in known.unwrap_or_default() {
            let known = good.iter().any(|(_, other)| bare(other) == bare(&addr));
            if good.len() < MAX_DHT_ADDRESSES
                && let Some(address) = may(&addr).filter(|_| !known)
            {
                good.push((address, addr));
            }
        }
        if good.is_empty() {
            return Err(NotDialled::NoAddress);
        }
        if !self.pace.take(Instant::now()) {
            return Err(NotDialled::TooMany);
        }
        let now = self.start.elapsed();
        good.iter().for_each(|(address, _)| self.dials.note(address, now));
        Ok(good.into_iter().map(|(_, addr)| addr).collect())
    }

    /// A dial failed: a node of the table that is gone for good leaves it. What happens at addresses that others told says
    /// nothing of it.
    pub(super) fn failed(&mut self, peer: &PeerId, error: &DialError) {
        let reached = self.reached_at(peer);
        let failed = match error {
            DialError::WrongPeerId { address, .. } => reached.contains(&bare(address)),
            DialError::Transport(all) => all.iter().any(|(addr, _)| reached.contains(&bare(addr))),
            _ => false,
        };
        if !failed {
            return;
        }
        let fails = self.fails.entry(*peer).or_default();
        *fails += 1;
        if *fails >= DHT_FAILS {
            self.fails.remove(peer);
            self.inner.remove_peer(peer);
        }
        // Others may have pushed some of them out of the table since.
        if self.fails.len() > DHT_FAILS_KEPT {
            self.fails.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::core::transport::TransportError;

    fn addr(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn silent(at: &Multiaddr) -> DialError {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        DialError::Transport(vec![(at.clone(), TransportError::Other(refused))])
    }

    fn wrong(at: &Multiaddr) -> DialError {
        DialError::WrongPeerId { obtained: PeerId::random(), address: at.clone() }
    }

    fn dht(known: PeerId, at: &Multiaddr) -> Dht {
        let mut dht = Dht::new(PeerId::random(), false);
        dht.inner.add_address(&known, at.clone());
        dht
    }

    #[test]
    fn dht_6_what_others_told_pushes_nobody_out_of_the_table() {
        let (peer, own, told) =
            (PeerId::random(), addr("/ip4/9.9.9.9/tcp/4774"), addr("/ip4/8.8.8.8/tcp/4774"));
        let mut dht = dht(peer, &own);
        for _ in 0..100 {
            dht.failed(&peer, &wrong(&told));
            dht.failed(&peer, &silent(&told));
            dht.failed(&peer, &DialError::NoAddresses);
        }
        assert!(dht.in_table(&peer) && dht.fails.is_empty());
        // Three times in vain where it was reached: it is gone.
        let with_id = own.clone().with_p2p(peer).unwrap();
        dht.failed(&peer, &wrong(&own));
        dht.failed(&peer, &silent(&with_id));
        assert!(dht.in_table(&peer));
        dht.failed(&peer, &wrong(&with_id));
        assert!(!dht.in_table(&peer) && dht.fails.is_empty());
    }

    #[test]
    fn a_node_of_the_table_is_dialled_where_it_was_reached() {
        let (peer, own) = (PeerId::random(), addr("/ip4/9.9.9.9/tcp/4774"));
        let mut dht = dht(peer, &own);
        let id = ConnectionId::new_unchecked(1);
        assert_eq!(dht.dialled(id, Some(peer)).unwrap(), [own.with_p2p(peer).unwrap()]);
        assert!(matches!(dht.dialled(id, Some(PeerId::random())), Err(NotDialled::NoAddress)));
    }

    #[test]
    fn dht_5_loopback_counts_only_where_the_configuration_says_so() {
        let here = addr("/ip4/127.0.0.1/tcp/4774");
        let (strict, loose) = (Dht::new(PeerId::random(), false), Dht::new(PeerId::random(), true));
        assert!(!strict.counts(&here) && loose.counts(&here));
    }
}
