//! A token bucket, and one for each peer.

use libp2p::PeerId;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Lets through a burst, then one in a while.
#[derive(Debug, Clone)]
pub struct Bucket {
    most: u32,
    every: Duration,
    left: u32,
    since: Instant,
}

impl Bucket {
    /// A full bucket of `most`, refilled by one in the time `every`.
    pub fn new(most: u32, every: Duration, now: Instant) -> Self {
        Self { most, every, left: most, since: now }
    }

    /// Takes one if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since);
        let new = passed.as_millis() / self.every.as_millis().max(1);
        if new > 0 {
            let new = u32::try_from(new).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(new).min(self.most);
            self.since = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

/// A bucket for each peer.
#[derive(Debug)]
pub struct PeerBuckets {
    peers: HashMap<PeerId, (Bucket, Instant)>,
    remembered: usize,
    burst: u32,
    every: Duration,
}

impl PeerBuckets {
    /// Each peer may take `burst` at once, then one in the time `every`. So many are remembered; then whoever took last
    /// longest ago is forgotten.
    pub fn new(remembered: usize, burst: u32, every: Duration) -> Self {
        Self { peers: HashMap::new(), remembered, burst, every }
    }

    /// Takes one of a peer's, if there is one.
    pub fn take(&mut self, peer: PeerId, now: Instant) -> bool {
        if self.peers.len() >= self.remembered && !self.peers.contains_key(&peer) {
            let oldest = self.peers.iter().min_by_key(|(_, (_, at))| *at).map(|(peer, _)| *peer);
            if let Some(oldest) = oldest {
                self.peers.remove(&oldest);
            }
        }
        let fresh = Bucket::new(self.burst, self.every, now);
        let (own, at) = self.peers.entry(peer).or_insert((fresh, now));
        *at = now;
        own.take(now)
    }

    /// How many peers are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.peers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_then_one_in_a_while() {
        let now = Instant::now();
        let every = Duration::from_secs(2);
        let mut bucket = Bucket::new(3, every, now);
        assert_eq!((0..10).filter(|_| bucket.take(now)).count(), 3);
        assert!(!bucket.take(now + every / 2));
        assert!(bucket.take(now + every));
        assert!(!bucket.take(now + every));
        assert_eq!((0..10).filter(|_| bucket.take(now + every * 1000)).count(), 3);
    }
}
