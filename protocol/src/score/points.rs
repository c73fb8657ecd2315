//! Points for faults (SCORE-1 to SCORE-4).

use crate::limits::{
    MAX_SCORE_NEIGHBOURS, MAX_SCORES, SCORE_BAN, SCORE_HALF_MS, SCORE_IGNORE, SCORE_STALLS,
};
use core::time::Duration;
use std::collections::BTreeMap;

/// What a peer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What no node sends: a wrong block, a broken frame, a list with a false signature (SYNC-6, PEER-5).
    Lie,
    /// Offered a head that the trust rules refuse.
    RefusedHead,
    /// Passed on by gossip what is not valid (SYNC-9): every node judges before it passes on.
    InvalidGossip,
    /// Announced in the DHT what is no record (DHT-3).
    DhtGarbage,
    /// Promised blocks and did not send them in time.
    Stall,
    /// One message or request over its rate.
    Flood,
}

impl Fault {
    /// Points, see [`SCORE_IGNORE`] and [`SCORE_BAN`].
    pub const fn points(self) -> u32 {
        match self {
            Self::Lie => SCORE_BAN,
            Self::RefusedHead => 25,
            Self::InvalidGossip => 20,
            Self::DhtGarbage => 10,
            Self::Stall => 5,
            Self::Flood => 1,
        }
    }
}

/// What follows from the points of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing.
    Good,
    /// Its gossip is ignored, and it gets none.
    Ignored,
    /// It is refused for a time.
    Banned,
}

/// A thousandth of a point is the unit, so that halving loses nothing that matters.
const UNIT: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
struct Score {
    points: u64,
    at: Duration,
}

impl Score {
    fn at(&self, now: Duration) -> u64 {
        let passed = u64::try_from(now.saturating_sub(self.at).as_millis()).unwrap_or(u64::MAX);
        let halves = u32::try_from(passed / SCORE_HALF_MS).unwrap_or(u32::MAX);
        let halved = self.points.checked_shr(halves).unwrap_or(0);
        // A straight line between two halves.
        halved - halved * (passed % SCORE_HALF_MS) / (2 * SCORE_HALF_MS)
    }
}

/// The points of peers. `P` names peers.
#[derive(Debug)]
pub struct Scores<P>(BTreeMap<P, Score>);

impl<P> Default for Scores<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<P: Copy + Ord> Scores<P> {
    /// Notes a fault. Who is [`Standing::Banned`] by it begins anew: the ban is remembered elsewhere.
    pub fn note(&mut self, peer: P, fault: Fault, now: Duration) -> Standing {
        let had = self.exact(&peer, now);
        let points = had + u64::from(fault.points()) * UNIT;
        // Slow lines are normal: nobody is refused or ignored for them alone.
        let most = if fault == Fault::Stall { u64::from(SCORE_STALLS) * UNIT } else { u64::MAX };
        let points = points.min(most.max(had));
        if points >= u64::from(SCORE_BAN) * UNIT {
            self.0.remove(&peer);
            return Standing::Banned;
        }
        if !self.0.contains_key(&peer) && self.0.len() >= MAX_SCORES {
            self.make_room(now);
        }
        self.0.insert(peer, Score { points, at: now });
        standing(points)
    }

    /// Whoever has the fewest points goes.
    fn make_room(&mut self, now: Duration) {
        self.0.retain(|_, score| score.at(now) >= UNIT);
        if self.0.len() >= MAX_SCORES {
            let least = self.0.iter().min_by_key(|(_, score)| score.at(now));
            least.map(|(peer, _)| *peer).map(|peer| self.0.remove(&peer));
        }
    }

    fn exact(&self, peer: &P, now: Duration) -> u64 {
        self.0.get(peer).map_or(0, |score| score.at(now))
    }

    /// The points of a peer now.
    pub fn points(&self, peer: &P, now: Duration) -> u32 {
        u32::try_from(self.exact(peer, now) / UNIT).unwrap_or(u32::MAX)
    }

    /// What follows from them.
    pub fn standing(&self, peer: &P, now: Duration) -> Standing {
        standing(self.exact(peer, now))
    }

    /// Those with points, and forgets who has none any more.
    pub fn all(&mut self, now: Duration) -> Vec<(P, u32)> {
        self.0.retain(|_, score| score.at(now) >= UNIT);
        self.0.keys().map(|peer| (*peer, self.points(peer, now))).collect()
    }

    /// Peers that are remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Points in gossip for each of so many peers of one public address (SCORE-7). Private addresses are not counted: a building
/// or hotspot looks like one.
pub fn crowded(peers: usize) -> u32 {
    let over = u32::try_from(peers.saturating_sub(MAX_SCORE_NEIGHBOURS)).unwrap_or(u32::MAX);
    over.saturating_mul(over).min(SCORE_BAN)
}

fn standing(points: u64) -> Standing {
    match points {
        points if points >= u64::from(SCORE_BAN) * UNIT => Standing::Banned,
        points if points >= u64::from(SCORE_IGNORE) * UNIT => Standing::Ignored,
        _ => Standing::Good,
    }
}
