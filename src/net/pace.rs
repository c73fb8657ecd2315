//! Bytes a second: what the operator of a node gives away of a line.
//!
//! Streams take their turns: each moves a small piece and then waits until that piece is paid, behind
//! whoever moved one before. So those who wait share a rate evenly, and what a slow peer does not take is
//! there for the others.

use super::limits::PACED_PIECE_BYTES;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far a stream may be ahead of the rate: a short answer does not wait.
const BURST: Duration = Duration::from_millis(100);
/// How often the hour is asked.
const LOOK: Duration = Duration::from_secs(30);

/// Hours of the day, local time, from the first until before the second; over midnight when the second is
/// not greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// First hour, 0 to 23.
    pub from: u8,
    /// The hour that is no longer one of them, 0 to 24.
    pub until: u8,
}

impl Hours {
    /// True when `hour` is one of them.
    pub fn contains(self, hour: u8) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&hour)
        } else {
            hour >= self.from || hour < self.until
        }
    }
}

/// Most bytes a second of the sync streams of a node. `None`: as fast as it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Sent, all peers together.
    pub up: Option<u64>,
    /// Received, all peers together.
    pub down: Option<u64>,
    /// Sent to one connection.
    pub up_per_peer: Option<u64>,
    /// Received from one connection.
    pub down_per_peer: Option<u64>,
    /// Hours in which none of this holds.
    pub free: Option<Hours>,
}

impl Rates {
    /// The paces of one direction and the bytes that may move at once: none when nothing is limited.
    fn pace(rate: Option<u64>, free: Option<Hours>) -> Option<Arc<Pace>> {
        rate.map(|rate| Arc::new(Pace::new(rate, free, crate::clock::local_hour)))
    }

    /// What all connections share.
    pub fn shared(&self) -> Paces {
        Paces { up: Self::pace(self.up, self.free), down: Self::pace(self.down, self.free) }
    }

    /// What one connection has for itself.
    pub fn own(&self) -> Paces {
        let up = Self::pace(self.up_per_peer, self.free);
        Paces { up, down: Self::pace(self.down_per_peer, self.free) }
    }
}

/// The limits of both directions.
#[derive(Debug, Clone, Default)]
pub struct Paces {
    /// Of what is sent.
    pub up: Option<Arc<Pace>>,
    /// Of what is received.
    pub down: Option<Arc<Pace>>,
}

/// One limit.
#[derive(Debug)]
pub struct Pace {
    rate: u64,
    free: Option<Hours>,
    hour: fn() -> u8,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When everything that moved is paid.
    paid: Option<Instant>,
    /// Whether it is one of the free hours, as of when.
    is_free: Option<(bool, Instant)>,
}

impl Pace {
    /// `rate` bytes a second (at least one), but in the hours `free`. `hour` gives the hour of the day.
    pub fn new(rate: u64, free: Option<Hours>, hour: fn() -> u8) -> Self {
        Self { rate: rate.max(1), free, hour, state: Mutex::default() }
    }

    /// Notes that `bytes` moved at `now`. Gives when the mover may go on.
    pub fn moved(&self, bytes: usize, now: Instant) -> Instant {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_free(&mut state, now) {
            state.paid = None;
            return now;
        }
        let micros = u128::from(bytes as u64) * 1_000_000 / u128::from(self.rate);
        let cost = Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX / 4));
        let from = state.paid.map_or(now, |paid| paid.max(now));
        let paid = from.checked_add(cost).unwrap_or(from);
        state.paid = Some(paid);
        paid.checked_sub(BURST).map_or(now, |early| early.max(now))
    }

    fn is_free(&self, state: &mut State, now: Instant) -> bool {
        let Some(hours) = self.free else { return false };
        match state.is_free {
            Some((free, at)) if now.saturating_duration_since(at) < LOOK => free,
            _ => {
                let free = hours.contains((self.hour)());
                state.is_free = Some((free, now));
                free
            }
        }
    }
}

/// Where one stream stands in one direction.
#[derive(Debug, Default)]
pub struct Turn {
    paces: Vec<Arc<Pace>>,
    wait: Option<std::pin::Pin<Box<tokio::time::Sleep>>>,
}

impl Turn {
    /// A stream that is bound by all of these.
    pub fn new(paces: impl IntoIterator<Item = Arc<Pace>>) -> Self {
        Self { paces: paces.into_iter().collect(), wait: None }
    }

    /// Ready when the stream may move something.
    pub fn poll(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if let Some(wait) = &mut self.wait {
            std::task::ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        std::task::Poll::Ready(())
    }

    /// How much of `bytes` may move in one turn.
    pub fn piece(&self, bytes: usize) -> usize {
        if self.paces.is_empty() { bytes } else { bytes.min(PACED_PIECE_BYTES) }
    }

    /// Notes what moved.
    pub fn moved(&mut self, bytes: usize) {
        let now = Instant::now();
        let until = self.paces.iter().map(|pace| pace.moved(bytes, now)).max();
        if let Some(until) = until.filter(|until| *until > now) {
            self.wait = Some(Box::pin(tokio::time::sleep_until(until.into())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_rate_is_kept_and_time_without_use_is_not_saved_up() {
        let (pace, start) = (Pace::new(1000, None, || 0), Instant::now());
        let mut now = start;
        for _ in 0..100 {
            now = pace.moved(500, now);
        }
        let ideal = start + SECOND * 50;
        assert!(now <= ideal && now + BURST >= ideal);
        // An hour of silence does not let an hour's bytes through.
        let later = now + SECOND * 3600;
        let next = pace.moved(10_000, later);
        assert_eq!(next, later + SECOND * 10 - BURST);
        assert_eq!(Pace::new(0, None, || 0).moved(0, start), start);
    }

    #[test]
    fn those_who_wait_are_served_in_turn() {
        let (pace, now) = (Pace::new(1000, None, || 0), Instant::now());
        let turns: Vec<_> = (0..4).map(|_| pace.moved(1000, now)).collect();
        let expected: Vec<_> = (1..=4).map(|n| now + SECOND * n - BURST).collect();
        assert_eq!(turns, expected);
    }

    #[test]
    fn free_hours() {
        let night = Hours { from: 22, until: 6 };
        assert!((0..24).all(|h| night.contains(h) != (6..22).contains(&h)));
        let noon = Hours { from: 11, until: 14 };
        assert!((0..24).all(|h| noon.contains(h) == (11..14).contains(&h)));
        assert!((0..24).all(|h| Hours { from: 0, until: 24 }.contains(h)));
        let (free, now) = (Pace::new(1, Some(night), || 23), Instant::now());
        assert_eq!(free.moved(1_000_000, now), now);
        let bound = Pace::new(1, Some(night), || 12);
        assert!(bound.moved(1_000_000, now) > now + SECOND * 1000);
    }
}
