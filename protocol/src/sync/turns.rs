//! Whose turn it is to be sent something, among the peers that one node answers.
//!
//! TCP does not share a line evenly among its connections: who came first may have several times as much
//! as another for minutes. So the answering side counts what it hands out to each *peer*, however many
//! streams it has, and nobody gets further than [`LEAD_BYTES`] ahead of the one who got least: whoever is
//! ahead waits, and the line is there for the others. A peer alone never waits.
//!
//! Somebody with a slow line of his own must not hold the others up. Whether the line is shared or that
//! peer is slow cannot be seen from its rate; it shows in the sum. So now and then nobody waits for a moment, and the
//! sum is taken. While it stays the same afterwards, waiting costs nothing. When it falls, it is taken once more without
//! waiting, for it may have fallen by itself; and only if that is more again, those who got least are *left behind*: for a
//! time nobody waits for them. They are served as before, as fast as they take it.
//!
//! Time is an argument, in milliseconds from any start, and does not go back.

use std::collections::BTreeMap;

/// How far ahead of the one who got least a peer may get, in bytes.
pub const LEAD_BYTES: u64 = 256 * 1024;
/// How long something is counted before it is judged: as long as this many bytes take,
const TICK_BYTES: u64 = 512 * 1024;
/// not less than this, in ms,
pub const TICK_MS: u64 = 100;
/// and not more.
const LONG_TICK_MS: u64 = 1_000;
/// Ticks in which nobody waits; what is taken in the first of them fills buffers, and is not counted.
const FREE_TICKS: u32 = 4;
/// Ticks in which whoever is ahead waits, between them.
const FAIR_TICKS: u32 = 36;
/// While others wait, the sum may stay below so many hundredths of what it is when nobody does,
const ENOUGH: u64 = 90;
/// until so many bytes are lost for each peer. As much may lie in buffers on the way, which are emptied while
/// their peers wait: that is no loss.
const LOSS_BYTES: u64 = 384 * 1024;
/// For how long a peer is left behind the first time, in ms; doubles each time.
const LEFT_MS: u64 = 2_000;
/// How often that doubles.
const MOST_DOUBLINGS: u32 = 5;

/// One peer.
#[derive(Debug, Clone, Copy)]
struct Peer {
    /// Streams open.
    streams: usize,
    /// Those of them that are owed something.
    owed: usize,
    /// Bytes handed out, on a scale that all peers share: who is new begins at the level of the others.
    sent: u64,
    /// Nobody waits for it before then.
    left_until: Option<u64>,
    /// How often that happened in a row.
    times: u32,
}

impl Peer {
    fn is_waited_for(&self) -> bool {
        self.owed > 0 && self.left_until.is_none()
    }
}

/// See the module.
#[derive(Debug)]
pub struct Turns<P> {
    peers: BTreeMap<P, Peer>,
    /// What the one got who got least of those that are waited for. Never falls.
    level: u64,
    meter: Meter,
}

impl<P: Ord + Copy> Default for Turns<P> {
    fn default() -> Self {
        Self { peers: BTreeMap::new(), level: 0, meter: Meter::default() }
    }
}

impl<P: Ord + Copy> Turns<P> {
    /// Nobody is there.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stream of `peer` is there; nothing is owed on it yet.
    pub fn open(&mut self, peer: P) {
        let fresh = Peer { streams: 0, owed: 0, sent: self.level, left_until: None, times: 0 };
        self.peers.entry(peer).or_insert(fresh).streams += 1;
    }

    /// A stream of `peer` on which nothing is owed is gone.
    pub fn close(&mut self, peer: P) {
        if let Some(entry) = self.peers.get_mut(&peer) {
            entry.streams = entry.streams.saturating_sub(1);
            if entry.streams == 0 {
                self.peers.remove(&peer);
            }
        }
    }

    /// Something is owed on one more stream of `peer`. Time without questions is not saved up.
    pub fn begin(&mut self, peer: P) {
        if let Some(entry) = self.peers.get_mut(&peer) {
            // Who was left behind cannot change that by a moment of silence.
            if entry.owed == 0 && entry.left_until.is_none() {
                entry.sent = entry.sent.max(self.level);
            }
            entry.owed += 1;
        }
    }

    /// On one stream of `peer` nothing is owed any more. True when others may go on who waited.
    pub fn end(&mut self, peer: P) -> bool {
        if let Some(entry) = self.peers.get_mut(&peer) {
            entry.owed = entry.owed.saturating_sub(1);
        }
        self.rise()
    }

    /// True when `peer` may be sent the next piece now. Else it is to be asked again after [`TICK_MS`], or
    /// when another call told that the level rose.
    pub fn may(&mut self, peer: P, now: u64) -> bool {
        self.tick(now);
        let ahead = |peer: &Peer| peer.sent >= self.level.saturating_add(LEAD_BYTES);
        if self.meter.is_free() || !self.peers.get(&peer).is_some_and(ahead) {
            return true;
        }
        self.meter.held = true;
        false
    }

    /// `peer` took `bytes`. True when others may go on who waited.
    pub fn sent(&mut self, peer: P, bytes: u64, now: u64) -> bool {
        self.tick(now);
        self.meter.bytes = self.meter.bytes.saturating_add(bytes);
        if let Some(entry) = self.peers.get_mut(&peer) {
            entry.sent = entry.sent.saturating_add(bytes);
            if entry.left_until.is_some() && entry.sent >= self.level {
                // Not so slow after all.
                (entry.left_until, entry.times) = (None, 0);
            }
        }
        self.rise()
    }

    /// Peers that nobody waits for at present.
    pub fn left_behind(&self) -> usize {
        self.peers.values().filter(|peer| peer.owed > 0 && peer.left_until.is_some()).count()
    }

    /// Moves the level up. True when that lets somebody go on who waited.
    fn rise(&mut self) -> bool {
        let waited_for = self.peers.values().filter(|peer| peer.is_waited_for());
        // When nobody is waited for, whoever comes next begins where the last one was.
        let all = || self.peers.values().filter(|peer| peer.owed > 0);
        let least = waited_for.map(|peer| peer.sent).min();
        let least = least.or_else(|| all().map(|peer| peer.sent).max());
        let before = self.level;
        self.level = least.unwrap_or(before).max(before);
        let (old, new) = (before.saturating_add(LEAD_BYTES), self.level.saturating_add(LEAD_BYTES));
        all().any(|peer| peer.sent >= old && peer.sent < new)
    }

    fn tick(&mut self, now: u64) {
        let owed = self.peers.values().filter(|peer| peer.owed > 0).count() as u64;
        let Some(costs) = self.meter.tick(now, LOSS_BYTES.saturating_mul(owed)) else { return };
        let level = self.level;
        for peer in self.peers.values_mut().filter(|peer| peer.left_until.is_some_and(|t| t <= now))
        {
            (peer.left_until, peer.sent) = (None, peer.sent.max(level));
        }
        if costs {
            self.leave_behind(now);
        }
    }

    /// Those who got least are no longer waited for; all of them that are about there.
    fn leave_behind(&mut self, now: u64) {
        let about = self.level.saturating_add(LEAD_BYTES / 4);
        for peer in self.peers.values_mut().filter(|peer| peer.is_waited_for()) {
            if peer.sent <= about {
                peer.left_until = Some(now.saturating_add(LEFT_MS << peer.times));
                peer.times = (peer.times + 1).min(MOST_DOUBLINGS);
            }
        }
        self.rise();
    }
}

/// What all peers together took.
#[derive(Debug, Default)]
struct Meter {
    /// Begin of the tick that is being counted; `None` before the first.
    since: Option<u64>,
    bytes: u64,
    /// Somebody had to wait in it.
    held: bool,
    /// Ticks since nobody waited for the last time; the first are those in which nobody does.
    number: u32,
    /// Bytes a second when nobody waited: the least of the free ticks so far, and of all of the last time. Least, for
    /// whoever comes in one of them fills buffers first.
    least: u64,
    free: u64,
    /// Bytes that could have been sent if nobody had waited; how long they have been lost, and how many were sent
    /// in that time.
    lost: u64,
    losing_ms: u64,
    losing_sent: u64,
    /// Bytes a second while they were lost, to be compared at the end of the free ticks.
    suspect: Option<u64>,
}

impl Meter {
    fn is_free(&self) -> bool {
        self.number < FREE_TICKS
    }

    /// Ends a tick when its time is over. Then, whether waiting has turned out to cost something; suspected is it
    /// when more than `most` bytes are lost.
    fn tick(&mut self, now: u64, most: u64) -> Option<bool> {
        let took = now.saturating_sub(*self.since.get_or_insert(now));
        let whole = TICK_BYTES.saturating_mul(1000) / self.free.max(1);
        let whole = if self.free == 0 { TICK_MS } else { whole.clamp(TICK_MS, LONG_TICK_MS) };
        if took < whole {
            return None;
        }
        if took > 10 * LONG_TICK_MS {
            // Nobody was there: what was before says nothing.
            *self = Self { since: Some(now), ..Self::default() };
            return Some(false);
        }
        let (free, mut costs) = (self.is_free(), false);
        let could = enough(self.free).saturating_mul(took) / 1000;
        self.lost = self.lost.saturating_add(could).saturating_sub(self.bytes);
        self.number = (self.number + 1) % (FREE_TICKS + FAIR_TICKS);
        if free {
            costs = self.measure(self.bytes.saturating_mul(1000) / took);
        } else if self.lost == 0 {
            (self.losing_ms, self.losing_sent) = (0, 0);
        } else {
            self.losing_ms += took;
            self.losing_sent = self.losing_sent.saturating_add(self.bytes);
            if self.held && self.lost > most {
                self.suspect = Some(self.losing_sent.saturating_mul(1000) / self.losing_ms.max(1));
                self.number = 0;
            }
        }
        (self.since, self.bytes, self.held) = (Some(now), 0, false);
        Some(costs)
    }

    /// Takes in the rate of a tick in which nobody waited. True when it was the last, and they gave more
    /// than was sent while others waited.
    fn measure(&mut self, rate: u64) -> bool {
        // The one before was the first.
        self.least = if self.number == 1 { u64::MAX } else { self.least.min(rate) };
        if self.number != FREE_TICKS {
            return false;
        }
        self.free = self.least;
        let Some(suspect) = self.suspect.take() else { return false };
        (self.lost, self.losing_ms, self.losing_sent) = (0, 0, 0);
        suspect < enough(self.free)
    }
}

/// What is enough of a rate.
fn enough(rate: u64) -> u64 {
    rate / 100 * ENOUGH
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
