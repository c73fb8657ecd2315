//! Dials that strangers cause: AutoNAT's dial-backs and hole punching.
//!
//! A peer names an address as its own and we dial it. So that nobody makes us knock at the doors of others, only
//! addresses on the open internet are dialled for strangers, at ports where a node may be, and only so many in a while.

use super::addr::{may_be_ours, peer_address};
use super::limits::{
    MAX_STRANGER_ADDRESSES, MAX_STRANGERS, STRANGER_DIALS, STRANGER_DIALS_OF_PEER,
    STRANGER_DIALS_OF_PEER_REFILL, STRANGER_DIALS_REFILL,
};
use super::rate::{Bucket, PeerBuckets};
use libp2p::{Multiaddr, PeerId};
use std::time::Instant;
use yadgar_protocol::peers::Dials;

/// How many of them there were.
#[derive(Debug)]
pub struct StrangerDials {
    all: Bucket,
    peers: PeerBuckets,
    /// How often each address was dialled, whoever asked for it (PEER-10).
    dials: Dials,
    start: Instant,
}

impl Default for StrangerDials {
    fn default() -> Self {
        let start = Instant::now();
        let all = Bucket::new(STRANGER_DIALS, STRANGER_DIALS_REFILL, start);
        let (burst, every) = (STRANGER_DIALS_OF_PEER, STRANGER_DIALS_OF_PEER_REFILL);
        let peers = PeerBuckets::new(MAX_STRANGERS, burst, every);
        Self { all, peers, dials: Dials::default(), start }
    }
}

impl StrangerDials {
    /// True when these addresses may be dialled for a peer now; it is counted then.
    pub fn allows(&mut self, peer: PeerId, addresses: &[Multiaddr], now: Instant) -> bool {
        if addresses.len() > MAX_STRANGER_ADDRESSES || !addresses.iter().all(may_be_ours) {
            return false;
        }
        let own = self.peers.take(peer, now);
        own && self.spares(addresses, now) && self.all.take(now)
    }

    /// True when none of these was dialled often of late; they count as dialled then.
    fn spares(&mut self, addresses: &[Multiaddr], now: Instant) -> bool {
        let now = now.saturating_duration_since(self.start);
        self.dials.forget(now);
        for address in addresses.iter().filter_map(peer_address) {
            if !self.dials.allow(&address) {
                return false;
            }
            self.dials.note(&address, now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use yadgar_protocol::limits::MAX_PEER_DIALS;

    fn addr(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_open_internet_and_only_so_often() {
        let (mut dials, now) = (StrangerDials::default(), Instant::now());
        let good = [addr("/ip4/8.8.8.8/tcp/4774"), addr("/ip6/2a00::1/udp/4774/quic-v1")];
        let peer = PeerId::random();
        for bad in [
            "/ip4/10.0.0.1/tcp/4774",
            "/ip4/127.0.0.1/tcp/4774",
            "/ip4/100.64.0.1/tcp/4774",
            "/ip4/8.8.8.8/tcp/25",
            "/dns4/example.org/tcp/4774",
            "/ip6/fd00::1/tcp/4774",
        ] {
            assert!(!dials.allows(peer, &[good[0].clone(), addr(bad)], now), "{bad}");
        }
        assert!(!dials.allows(peer, &vec![good[0].clone(); MAX_STRANGER_ADDRESSES + 1], now));
        let at = |n: u32| vec![addr(&format!("/ip4/8.{}.{}.8/tcp/4774", n >> 8 & 255, n & 255))];
        let count = |dials: &mut StrangerDials, peer: PeerId, first: u32| {
            (first..first + 100).filter(|n| dials.allows(peer, &at(*n), now)).count()
        };
        assert_eq!(count(&mut dials, peer, 0), STRANGER_DIALS_OF_PEER as usize);
        let others: usize = (1..300).map(|n| count(&mut dials, PeerId::random(), 100 * n)).sum();
        assert_eq!(others, (STRANGER_DIALS - STRANGER_DIALS_OF_PEER) as usize);
        assert!(dials.peers.len() <= MAX_STRANGERS);
        assert!(dials.allows(PeerId::random(), &good, now + STRANGER_DIALS_REFILL));
    }

    #[test]
    fn peer_10_many_strangers_hit_one_address_seldom() {
        let (mut dials, start) = (StrangerDials::default(), Instant::now());
        let victim = |n: u64| [addr(&format!("/ip4/8.8.8.8/tcp/{}", 2_000 + n))];
        let dialled = (0..500u64).filter(|n| {
            let now = start + STRANGER_DIALS_REFILL * (*n as u32);
            now < start + Duration::from_secs(600)
                && dials.allows(PeerId::random(), &victim(*n), now)
        });
        assert_eq!(dialled.count(), MAX_PEER_DIALS);
    }
}
