//! Places for streams that are served.
//!
//! Streams cost their opener nothing, so whoever opens many and asks nothing must not keep others out:
//! when there is no place left, the stream that has been idle longest goes for the newcomer. A stream
//! that is owed an answer is never ended; the stall time bounds it.

use super::io::READ_QUESTIONS;
use super::memory::{BY_RIGHT_BYTES, HANDED_OVER_BYTES, POOL_BYTES};
use libp2p::PeerId;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::sync::OWED_BYTES;

/// A stream on which nothing is asked for this long is closed. A peer that has questions again opens
/// another.
const IDLE: Duration = Duration::from_secs(60);

/// How much is served at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeLimits {
    /// Streams of one peer.
    pub per_peer: usize,
    /// Streams of one public network (IPv4 /24, IPv6 /48); private ranges are exempt.
    pub per_network: usize,
    /// Streams together. What they take is in [`ServeLimits::memory`].
    pub total: usize,
    /// A stream on which nothing is asked for this long is closed.
    pub idle: Duration,
}

/// What a stream should get at least of a rate that is limited, in bytes a second: with less, its peer
/// would take us for stalled.
const LEAST_SHARE: u64 = 8 * 1024;

impl ServeLimits {
    /// As the default, with no more streams than `up` bytes a second are enough for.
    pub fn under(up: Option<u64>) -> Self {
        let all = Self::default();
        let most =
            up.map_or(usize::MAX, |up| usize::try_from(up / LEAST_SHARE).unwrap_or(usize::MAX));
        Self { total: all.total.min(most.max(1)), ..all }
    }

    /// Most memory that answers take, in bytes, when every stream is owed the longest blocks and no peer takes any
    /// (94 MiB by default): for each stream what it has by right, what was handed over, the buffer of its
    /// questions, and the ids that it is owed; and the pool that all share.
    pub fn memory(&self) -> usize {
        let each = BY_RIGHT_BYTES + HANDED_OVER_BYTES + READ_QUESTIONS + OWED_BYTES;
        self.total.saturating_mul(each).saturating_add(POOL_BYTES)
    }
}

/// What serving takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ServeLoad {
    /// Streams open.
    pub streams: usize,
    /// Most streams at once.
    pub streams_most: usize,
    /// Peers that take so little that others do not wait for them.
    pub left_behind: usize,
    /// Bytes of blocks in memory that are being sent.
    pub answer_bytes: usize,
    /// The same when it was most.
    pub answer_bytes_peak: usize,
    /// Most memory that answers take, in bytes ([`ServeLimits::memory`]).
    pub memory_most: usize,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self { per_peer: 4, per_network: 24, total: 96, idle: IDLE }
    }
}

/// One stream.
#[derive(Debug)]
struct Stream {
    peer: PeerId,
    network: Option<IpAddr>,
    /// Since when nothing is owed; `None` while something is.
    idle: Option<Instant>,
    end: CancellationToken,
}

#[derive(Debug, Default)]
struct Taken {
    streams: BTreeMap<u64, Stream>,
    next: u64,
}

impl Taken {
    /// Makes room among the streams that `of` names: true when there are fewer than `most`, if need be
    /// after the longest idle of them is ended.
    fn room(&mut self, most: usize, of: impl Fn(&Stream) -> bool) -> bool {
        let group = || self.streams.iter().filter(|(_, stream)| of(stream));
        if group().count() < most {
            return true;
        }
        let idle = group().filter_map(|(number, stream)| Some((stream.idle?, *number)));
        let longest = idle.min().map(|(_, number)| number);
        let ended = longest.and_then(|number| self.streams.remove(&number));
        ended.inspect(|stream| stream.end.cancel()).is_some()
    }
}

/// All places.
#[derive(Debug)]
pub struct Places {
    limits: ServeLimits,
    taken: Mutex<Taken>,
}

impl Places {
    /// Free places.
    pub fn new(limits: ServeLimits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    /// The limits.
    pub fn limits(&self) -> ServeLimits {
        self.limits
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place at `now`; it counts as idle. `None` when there is none and nobody is idle.
    /// `network` is as [`crate::net::addr::network_of`] says it.
    pub fn enter(&self, peer: PeerId, network: Option<IpAddr>, now: Instant) -> Option<Place<'_>> {
        let (limits, mut taken) = (self.limits, self.lock());
        let allowed = taken.room(limits.per_peer, |stream| stream.peer == peer)
            && (network.is_none()
                || taken.room(limits.per_network, |stream| stream.network == network))
            && taken.room(limits.total, |_| true);
        if !allowed {
            return None;
        }
        let (number, end) = (taken.next, CancellationToken::new());
        taken.next += 1;
        let stream = Stream { peer, network, idle: Some(now), end: end.clone() };
        taken.streams.insert(number, stream);
        Some(Place { places: self, number, end })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.lock().streams.len()
    }
}

/// A place for a stream; given back when dropped.
#[derive(Debug)]
pub struct Place<'a> {
    places: &'a Places,
    number: u64,
    end: CancellationToken,
}

impl Place<'_> {
    /// Nothing is owed any more, from `now` on.
    pub fn idle(&self, now: Instant) {
        if let Some(stream) = self.places.lock().streams.get_mut(&self.number) {
            stream.idle.get_or_insert(now);
        }
    }

    /// Something is owed. False when the place is gone: then the stream ends.
    pub fn busy(&self) -> bool {
        let mut taken = self.places.lock();
        let stream = taken.streams.get_mut(&self.number);
        stream.map(|stream| stream.idle = None).is_some()
    }

    /// Waits until the place goes to another.
    pub async fn taken(&self) {
        self.end.cancelled().await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.places.lock().streams.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const LIMITS: ServeLimits = ServeLimits { per_peer: 2, per_network: 3, total: 5, idle: IDLE };

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn busy_streams_of_a_peer_a_network_and_all_are_bounded() {
        let (places, now) = (Places::new(LIMITS), Instant::now());
        let enter = |peer, network| {
            let place = places.enter(peer, network, now)?;
            assert!(place.busy());
            Some(place)
        };
        let (one, net) = (PeerId::random(), ip("203.0.113.0"));
        let mut held = vec![enter(one, net).unwrap(), enter(one, net).unwrap()];
        assert!(enter(one, net).is_none(), "per peer");
        held.push(enter(PeerId::random(), net).unwrap());
        assert!(enter(PeerId::random(), net).is_none(), "per network");
        held.push(enter(PeerId::random(), ip("198.51.100.0")).unwrap());
        held.push(enter(PeerId::random(), None).unwrap());
        assert!(enter(PeerId::random(), None).is_none(), "in all");
        held.remove(0);
        assert!(enter(PeerId::random(), None).is_some(), "a place was given back");
        drop(held);
        // A building looks like one network: it is not limited as one.
        let inside: Vec<_> = (0..5).map(|_| enter(PeerId::random(), None).unwrap()).collect();
        assert_eq!(places.taken(), inside.len());
    }

    #[test]
    fn a_small_rate_serves_few_at_a_time() {
        let total = |up| ServeLimits::under(up).total;
        assert_eq!(total(None), ServeLimits::default().total);
        assert_eq!(
            (total(Some(0)), total(Some(80 * 1024)), total(Some(u64::MAX))),
            (1, 10, total(None))
        );
    }

    #[test]
    fn the_longest_idle_goes_for_a_newcomer() {
        let (places, start) = (Places::new(LIMITS), Instant::now());
        let at = |n: u32| start + Duration::from_secs(1) * n;
        let held: Vec<_> =
            (0..5).map(|n| places.enter(PeerId::random(), None, at(n)).unwrap()).collect();
        assert!(held[0].busy(), "owed something since");
        held[1].busy();
        held[1].idle(at(9));
        // Being idle longer is counted from the first.
        held[2].idle(at(9));
        let new = places.enter(PeerId::random(), None, at(10)).unwrap();
        assert!(held[2].end.is_cancelled() && !held[2].busy(), "idle since 2");
        assert!([0, 1, 3, 4].iter().all(|n| !held[*n].end.is_cancelled()));
        assert_eq!(places.taken(), 5);
        assert!(new.busy());
    }

    #[test]
    fn a_peer_over_its_own_bound_costs_nobody_else_a_place() {
        let (places, now) = (Places::new(LIMITS), Instant::now());
        let (other, peer) = (PeerId::random(), PeerId::random());
        let old = places.enter(other, None, now).unwrap();
        let late = now + Duration::from_secs(1);
        let own: Vec<_> = (0..2).map(|_| places.enter(peer, None, late).unwrap()).collect();
        let _third = places.enter(peer, None, late).unwrap();
        assert!(own[0].end.is_cancelled() && !old.end.is_cancelled());
    }
}
