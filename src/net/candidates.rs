//! Peers that announced themselves on the LAN: hints, few, and forgotten soon.

use super::addr::dialable_from_stranger;
use super::limits::{CANDIDATE_TIME, MAX_CANDIDATE_ADDRESSES, MAX_CANDIDATES};
use libp2p::{Multiaddr, PeerId};
use rand::RngExt as _;
use std::collections::BTreeMap;
use std::time::Instant;

struct Candidate {
    addresses: Vec<Multiaddr>,
    heard: Instant,
}

/// The candidates of a node.
#[derive(Default)]
pub struct Candidates(BTreeMap<PeerId, Candidate>);

impl Candidates {
    /// Notes what was announced at `now`. False when it may not be dialled. When full, a random one
    /// goes: whoever floods cannot choose which.
    pub fn note(&mut self, peer: PeerId, addr: Multiaddr, now: Instant) -> bool {
        if !dialable_from_stranger(&addr) {
            return false;
        }
        self.forget_old(now);
        if !self.0.contains_key(&peer) && self.0.len() >= MAX_CANDIDATES {
            let at = rand::rng().random_range(0..self.0.len());
            let victim = self.0.keys().nth(at).copied();
            victim.and_then(|peer| self.0.remove(&peer));
        }
        let candidate =
            self.0.entry(peer).or_insert(Candidate { addresses: Vec::new(), heard: now });
        candidate.heard = now;
        if candidate.addresses.contains(&addr) {
            return true;
        }
        if candidate.addresses.len() >= MAX_CANDIDATE_ADDRESSES {
            candidate.addresses.remove(0);
        }
        candidate.addresses.push(addr);
        true
    }

    /// What is worth dialling at `now`.
    pub fn list(&mut self, now: Instant) -> Vec<(PeerId, Vec<Multiaddr>)> {
        self.forget_old(now);
        self.0.iter().map(|(peer, c)| (*peer, c.addresses.clone())).collect()
    }

    /// Forgets a peer.
    pub fn remove(&mut self, peer: &PeerId) {
        self.0.remove(peer);
    }

    fn forget_old(&mut self, now: Instant) {
        self.0.retain(|_, c| now.saturating_duration_since(c.heard) < CANDIDATE_TIME);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_bounded_and_old_ones_go() {
        let (mut all, now) = (Candidates::default(), Instant::now());
        let addr: Multiaddr = "/ip4/192.168.1.7/tcp/4001".parse().unwrap();
        for _ in 0..1000 {
            assert!(all.note(PeerId::random(), addr.clone(), now));
        }
        assert_eq!(all.list(now).len(), MAX_CANDIDATES);
        assert!(all.list(now + CANDIDATE_TIME).is_empty());
    }

    #[test]
    fn addresses_are_bounded_and_checked() {
        let (mut all, now, peer) = (Candidates::default(), Instant::now(), PeerId::random());
        assert!(!all.note(peer, "/ip4/127.0.0.1/tcp/4001".parse().unwrap(), now));
        for port in 4000..4100u16 {
            let addr = format!("/ip4/192.168.1.7/tcp/{port}").parse().unwrap();
            assert!(all.note(peer, addr, now));
        }
        assert!(all.note(peer, "/ip4/192.168.1.7/tcp/4099".parse().unwrap(), now));
        assert_eq!(all.list(now)[0].1.len(), MAX_CANDIDATE_ADDRESSES);
    }
}
