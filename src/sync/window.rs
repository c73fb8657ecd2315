//! How much is asked of one source at a time, in bytes.
//!
//! About a bandwidth-delay product must be in flight to use a long line, and no more than some
//! seconds of a slow one, or a page that someone waits for comes last.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use yadgar_protocol::BlockId;

/// Bytes in flight to begin with.
const START: u64 = 1024 * 1024;
/// Never fewer.
const LEAST: u64 = 128 * 1024;
/// Never more.
const MOST: u64 = 8 * 1024 * 1024;
/// What somebody waits for may go beyond the window by so many bytes.
const HURRIED: u64 = 1024 * 1024;
/// A window that takes longer than this to be answered is halved.
const LONG: Duration = Duration::from_secs(10);
/// The same where somebody waits for pages, and the bytes in flight to begin with there: what they wait for
/// comes behind a window.
const BRIEF: Duration = Duration::from_secs(2);
const BRIEF_START: u64 = 256 * 1024;

/// A line that brings no more than this, in bytes of the wire a second, is worth the work of bundles (SYNC-12):
/// something over 100 Mbit/s.
const NARROW: u64 = 16 * 1024 * 1024;
/// A narrow line is one until so many windows in a row came faster: what waited behind a busy disk comes at once, and is no
/// wider line.
const FAST_WINDOWS: u32 = 3;

/// The window of one source.
#[derive(Debug)]
pub struct Window {
    size: u64,
    long: Duration,
    asked: BTreeMap<BlockId, u64>,
    bytes: u64,
    /// Bytes answered since `since`, and what they were on the wire.
    answered: u64,
    wire: u64,
    since: Instant,
    /// Best bytes a second of a whole window so far.
    best: u64,
    /// Bytes a second of the last one; 0 before the first.
    rate: u64,
    /// Windows that may still come faster than [`NARROW`] before the line is no longer a narrow one; 0: it is none.
    narrow: u32,
}

impl Window {
    /// An empty window.
    pub fn new(now: Instant) -> Self {
        Self {
            size: START,
            long: LONG,
            asked: BTreeMap::new(),
            bytes: 0,
            answered: 0,
            wire: 0,
            since: now,
            best: 0,
            rate: 0,
            // A window of bundles more costs little; one of single blocks would cost a narrow line much.
            narrow: 1,
        }
    }

    /// The same, of a source that somebody who waits for pages is to be answered by.
    pub fn brief(now: Instant) -> Self {
        Self { size: BRIEF_START, long: BRIEF, ..Self::new(now) }
    }

    /// Bytes that may be asked for now. 0 until a quarter of the window is free, so that questions
    /// go out in batches.
    pub fn room(&self) -> u64 {
        let free = self.size.saturating_sub(self.bytes);
        if free * 4 >= self.size { free } else { 0 }
    }

    /// Bytes that may be asked for now when somebody waits for them.
    pub fn hurried_room(&self) -> u64 {
        (self.size + HURRIED).saturating_sub(self.bytes)
    }

    /// When what is in flight will have come, about, in milliseconds.
    pub fn drained_in(&self) -> u64 {
        // Of a source that is not measured something like a slow line is assumed.
        self.bytes.saturating_mul(1000) / if self.rate == 0 { LEAST } else { self.rate }
    }

    /// Bytes in flight.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes a second that the source brought lately; 0 while that is not known.
    pub fn rate(&self) -> u64 {
        self.rate
    }

    /// True for a source whose line is the limit, as far as is known.
    pub fn is_narrow(&self) -> bool {
        self.narrow > 0
    }

    /// Blocks in flight.
    pub fn blocks(&self) -> usize {
        self.asked.len()
    }

    /// Notes a question.
    pub fn ask(&mut self, id: BlockId, bytes: u64, now: Instant) {
        if self.asked.is_empty() {
            // Time with nothing to do says nothing about the line.
            (self.since, self.answered, self.wire) = (now, 0, 0);
        }
        if let Some(before) = self.asked.insert(id, bytes) {
            self.bytes -= before;
        }
        self.bytes += bytes;
    }

    /// Notes that this will not come: it says nothing about the line.
    pub fn denied(&mut self, id: &BlockId) {
        self.bytes -= self.asked.remove(id).unwrap_or(0);
    }

    /// Notes an answer that took so many bytes of the wire, and grows while that helps.
    pub fn answer(&mut self, id: &BlockId, wire: u64, now: Instant) {
        let Some(bytes) = self.asked.remove(id) else { return };
        self.bytes -= bytes;
        self.answered += bytes;
        self.wire += wire;
        if self.answered < self.size {
            return;
        }
        let took = now.saturating_duration_since(self.since);
        let rate = (u128::from(self.answered) * 1000 / took.as_millis().max(1)) as u64;
        if took > self.long {
            self.size = (self.size / 2).max(LEAST);
        } else if rate > self.best.saturating_add(self.best / 4) {
            self.size = (self.size * 2).min(MOST);
        }
        self.best = self.best.max(rate);
        self.rate = rate.max(1);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let is_slow = self.wire / millis <= NARROW / 1000;
        self.narrow = if is_slow { FAST_WINDOWS } else { self.narrow.saturating_sub(1) };
        (self.since, self.answered, self.wire) = (now, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u64 = 64 * 1024;

    /// Answers blocks, each after `each`, while the window is kept full.
    fn run(window: &mut Window, mut now: Instant, blocks: u32, each: impl Fn(u64) -> Duration) {
        let (mut next, mut first) = (0u32, 0u32);
        let id = |n: u32| BlockId::raw(&n.to_be_bytes());
        while first < blocks {
            while window.room() >= BLOCK {
                window.ask(id(next), BLOCK, now);
                next += 1;
            }
            now += each(window.bytes);
            window.answer(&id(first), BLOCK, now);
            first += 1;
        }
    }

    #[test]
    fn grows_on_a_long_line() {
        let mut window = Window::new(Instant::now());
        // Every answer takes a share of a round trip: more in flight, more a second.
        run(&mut window, Instant::now(), 1000, |flight| {
            Duration::from_millis(500) * BLOCK as u32 / flight.max(BLOCK) as u32
        });
        assert_eq!(window.size, MOST);
    }

    #[test]
    fn stays_where_more_does_not_help_and_shrinks_on_a_slow_line() {
        let mut window = Window::new(Instant::now());
        run(&mut window, Instant::now(), 1000, |_| Duration::from_millis(5));
        assert!(window.size <= 2 * START);
        let mut window = Window::new(Instant::now());
        run(&mut window, Instant::now(), 1000, |_| Duration::from_secs(8));
        assert_eq!(window.size, LEAST);
    }

    #[test]
    fn a_narrow_line_is_not_taken_for_a_wide_one_by_a_window_that_came_at_once() {
        let mut window = Window::new(Instant::now());
        let mut answered = |seconds: u64| {
            let (now, id, size) = (Instant::now(), BlockId::raw(b"x"), window.size);
            window.ask(id, size, now);
            window.answer(&id, size, now + Duration::from_secs(seconds));
            window.is_narrow()
        };
        assert!(!answered(0) && answered(2));
        assert!((1..FAST_WINDOWS).all(|_| answered(0)));
        // And counted anew from there on.
        assert!(answered(2) && (1..FAST_WINDOWS).all(|_| answered(0)));
        assert!(!answered(0) && !answered(0));
    }

    #[test]
    fn counts_what_is_in_flight() {
        let now = Instant::now();
        let (mut window, id) = (Window::new(now), BlockId::raw(b"x"));
        window.ask(id, START, now);
        assert_eq!((window.room(), window.blocks()), (0, 1));
        window.ask(id, START, now);
        window.answer(&id, START, now);
        window.answer(&id, START, now);
        assert_eq!((window.bytes, window.blocks()), (0, 0));
    }
}
