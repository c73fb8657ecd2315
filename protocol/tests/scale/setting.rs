//! What a run is made of. Times in microseconds.

use super::catalog::Shape;
use super::lab::Rng;
use super::plan::Kind;

pub const MILLI: u64 = 1_000;
pub const SECOND: u64 = 1_000_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// `yadgar_protocol::peers::Memory` in every mirror, from one invite each.
    Memory,
    /// Each knows so many others, drawn at random, one of them before it.
    Drawn(usize),
}

#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub seed: u64,
    /// Mirrors, the publisher's own included.
    pub mirrors: usize,
    pub shape: Shape,
    pub plan: Kind,
    pub acquaintance: Acquaintance,
    /// Time before the second edition, in which mirrors get to know each other.
    pub warm: u64,
    /// Of a hundred mirrors, how many come and go, and how long they stay and are away on average.
    pub restless: u64,
    pub stay: u64,
    pub away: u64,
    /// After this nobody leaves any more.
    pub calm: u64,
    /// Of a hundred mirrors, how many are cut off, from when until when.
    pub island: u64,
    pub cut: (u64, u64),
    /// Of a hundred mirrors, how many send wrong blocks and forged heads.
    pub liars: u64,
    /// Sources are asked again for what they lacked after this, then after twice as long, up to 20 s.
    pub ask_again: u64,
    /// Heads are short enough for gossip.
    pub gossip: bool,
    /// Bytes a second of the publisher, up.
    pub publisher_up: u64,
    /// The third edition comes when the second has reached all, or at this time.
    pub third_at: u64,
    pub end: u64,
}

/// Bytes a second, down and up, and how many of a hundred mirrors have them.
pub const LINES: [(u64, u64, u64); 5] = [
    (10, 250_000, 62_500),          // 2 / 0.5 Mbit/s
    (25, 1_000_000, 125_000),       // 8 / 1
    (35, 6_250_000, 1_250_000),     // 50 / 10
    (20, 12_500_000, 12_500_000),   // 100 / 100
    (10, 125_000_000, 125_000_000), // 1,000 / 1,000
];

pub fn line(rng: &mut Rng) -> (u64, u64) {
    let mut dice = rng.range(0, 100);
    for (share, down, up) in LINES {
        if dice < share {
            return (down, up);
        }
        dice -= share;
    }
    (LINES[4].1, LINES[4].2)
}

/// One way between two mirrors: 10 to 160 ms for most, up to 600 ms for one in ten.
pub fn latency(rng: &mut Rng) -> u64 {
    let top = if rng.one_in(10) { 600 } else { 160 };
    rng.range(10, top) * MILLI
}

/// Exponentially distributed.
pub fn around(mean: u64, rng: &mut Rng) -> u64 {
    let unit = (rng.next() >> 11) as f64 / (1u64 << 53) as f64;
    (-(1.0 - unit).ln() * mean as f64) as u64 + 1
}

/// Half to one and a half times this.
pub fn jittered(time: u64, rng: &mut Rng) -> u64 {
    rng.range(time / 2, time + time / 2)
}
