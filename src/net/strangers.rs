//! Dials that strangers cause: AutoNAT's dial-backs and hole punching.
//!
//! A peer names an address as its own and we dial it. So that nobody makes us knock at the doors of others, only
//! addresses on the open internet are dialled for strangers, at ports where a node may be, and only so many in a while.

use super::addr::may_be_ours;
use super::limits::{
    MAX_STRANGER_ADDRESSES, MAX_STRANGERS, STRANGER_DIALS, STRANGER_DIALS_OF_PEER,
    STRANGER_DIALS_OF_PEER_REFILL, STRANGER_DIALS_REFILL,
};
use super::rate::Bucket;
use libp2p::{Multiaddr, PeerId};
use std::collections::HashMap;
use std::time::Instant;

/// How many of them there were.
#[derive(Debug)]
pub struct StrangerDials {
    all: Bucket,
    peers: HashMap<PeerId, (Bucket, Instant)>,
}

impl Default for StrangerDials {
    fn default() -> Self {
        let all = Bucket::new(STRANGER_DIALS, STRANGER_DIALS_REFILL, Instant::now());
        Self { all, peers: HashMap::new() }
    }
}

impl StrangerDials {
    /// True when these addresses may be dialled for a peer now; it is counted then.
    pub fn allows(&mut self, peer: PeerId, addresses: &[Multiaddr], now: Instant) -> bool {
        if addresses.len() > MAX_STRANGER_ADDRESSES || !addresses.iter().all(may_be_ours) {
            return false;
        }
        if self.peers.len() >= MAX_STRANGERS && !self.peers.contains_key(&peer) {
            let oldest = self.peers.iter().min_by_key(|(_, (_, at))| *at).map(|(peer, _)| *peer);
            if let Some(peer) = oldest {
                self.peers.remove(&peer);
            }
        }
        let fresh = Bucket::new(STRANGER_DIALS_OF_PEER, STRANGER_DIALS_OF_PEER_REFILL, now);
        let (own, at) = self.peers.entry(peer).or_insert((fresh, now));
        *at = now;
        own.take(now) && self.all.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let count = |dials: &mut StrangerDials, peer: PeerId| {
            (0..100).filter(|_| dials.allows(peer, &good, now)).count()
        };
        assert_eq!(count(&mut dials, peer), STRANGER_DIALS_OF_PEER as usize);
        let others: usize = (0..1000).map(|_| count(&mut dials, PeerId::random())).sum();
        assert_eq!(others, (STRANGER_DIALS - STRANGER_DIALS_OF_PEER) as usize);
        assert!(dials.peers.len() <= MAX_STRANGERS);
        assert!(dials.allows(PeerId::random(), &good, now + STRANGER_DIALS_REFILL));
    }
}
