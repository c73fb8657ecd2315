//! How often one peer is told heads and bulletins where the bytes of a day are bounded. They go on when content has ended:
//! nobody is to use up what is left for all of them by asking again and again.

use crate::net::limits::MAX_GOSSIP_TOPICS;
use crate::net::rate::PeerBuckets;
use libp2p::PeerId;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Heads and bulletins that one peer is told at once: those of as many archives as have gossip (SYNC-8) ...
const NEWS_BURST: u32 = 2 * MAX_GOSSIP_TOPICS as u32;
/// ... and then one in this time.
const NEWS_REFILL: Duration = Duration::from_secs(1);
/// Peers that are counted; then whoever asked longest ago is forgotten.
const NEWS_PEERS: usize = 1_024;

/// Who asked how often of late.
pub struct News(Mutex<PeerBuckets>);

impl Default for News {
    fn default() -> Self {
        Self(Mutex::new(PeerBuckets::new(NEWS_PEERS, NEWS_BURST, NEWS_REFILL)))
    }
}

impl News {
    /// True when a peer may be told one more now; it is counted then.
    pub fn may(&self, peer: PeerId, now: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(peer, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_and_few_are_remembered() {
        let (news, now, one) = (News::default(), Instant::now(), PeerId::random());
        let told = |peer, now| (0..1_000).filter(|_| news.may(peer, now)).count();
        assert_eq!(told(one, now), NEWS_BURST as usize);
        assert_eq!(told(one, now + NEWS_REFILL * 3), 3);
        let later = now + NEWS_REFILL * 4;
        for _ in 0..2 * NEWS_PEERS {
            assert!(news.may(PeerId::random(), later), "others are told");
        }
        assert_eq!(news.0.lock().unwrap().len(), NEWS_PEERS);
    }
}
