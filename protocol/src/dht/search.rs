//! When a node looks for others and announces what it serves (DHT-7, DHT-8).

use super::key::DhtKey;
use crate::beacon::Dice;
use crate::ids::ArchiveId;
use crate::limits::{
    DHT_LONELY_MS, DHT_LOOK_MS, DHT_PATIENCE_MS, DHT_TELL_MS, DHT_TOLD_FIRST_MS, MAX_DHT_ARCHIVES,
    MAX_DHT_FOUND, MAX_DHT_LOOKUPS, PEERS_WANTED,
};
use core::time::Duration;
use std::collections::BTreeMap;

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Look who has the archive of this key.
    Look(DhtKey),
    /// Announce that we have it.
    Tell(DhtKey),
    /// Say no more that we have it; nothing ends.
    Hush(DhtKey),
}

impl Act {
    /// Which key.
    pub fn key(&self) -> DhtKey {
        match self {
            Self::Look(key) | Self::Tell(key) | Self::Hush(key) => *key,
        }
    }
}

/// One archive.
#[derive(Debug)]
struct Want {
    archive: ArchiveId,
    /// We serve it.
    serves: bool,
    look: Duration,
    tell: Duration,
    /// Times that it was announced.
    told: u32,
    /// It was announced, and is served no more.
    hush: bool,
    /// How many of those that the last search finds may still be dialled (DHT-9).
    found: usize,
    /// What is under way, and since when.
    busy: Option<(Act, Duration)>,
}

/// The searches of one node. Time is monotonic, from any start.
pub struct Search {
    wants: BTreeMap<DhtKey, Want>,
    dice: Dice,
}

/// So many milliseconds, a quarter more or less at random.
fn about(dice: &mut Dice, pause: u64) -> Duration {
    Duration::from_millis(pause - pause / 4 + dice.below(pause / 2 + 1))
}

impl Search {
    /// No searches. `seed` is a random one of this run.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { wants: BTreeMap::new(), dice: Dice::new(seed) }
    }

    /// An archive is followed, and perhaps served; when that is new, it is told soon. False when there are too many.
    pub fn follow(&mut self, archive: ArchiveId, serves: bool, now: Duration) -> bool {
        let key = DhtKey::of(&archive);
        if let Some(want) = self.wants.get_mut(&key) {
            if serves && !want.serves {
                (want.tell, want.told) = (now, 0);
            }
            want.hush = !serves && (want.hush || want.told > 0);
            want.serves = serves;
            return true;
        }
        if self.wants.len() >= MAX_DHT_ARCHIVES {
            return false;
        }
        let (look, tell, told, hush, found, busy) = (now, now, 0, false, 0, None);
        let want = Want { archive, serves, look, tell, told, hush, found, busy };
        self.wants.insert(key, want);
        true
    }

    /// What to do now, if anything. `others` is how many nodes are in the table: without any there is nobody to ask;
    /// `connected` how many peers there are; `reachable` whether others can reach us.
    pub fn due(
        &mut self,
        others: usize,
        connected: usize,
        reachable: bool,
        now: Duration,
    ) -> Option<Act> {
        if let Some((key, want)) = self.wants.iter_mut().find(|(_, want)| want.hush) {
            (want.hush, want.told) = (false, 0);
            return Some(Act::Hush(*key));
        }
        if others == 0 {
            return None;
        }
        let patience = Duration::from_millis(DHT_PATIENCE_MS);
        for want in self.wants.values_mut() {
            want.busy = want.busy.filter(|(_, since)| now.saturating_sub(*since) < patience);
        }
        if self.wants.values().filter(|want| want.busy.is_some()).count() >= MAX_DHT_LOOKUPS {
            return None;
        }
        let pause = if connected < PEERS_WANTED { DHT_LONELY_MS } else { DHT_LOOK_MS };
        let dice = &mut self.dice;
        let tells = |want: &Want| want.serves && reachable && want.tell <= now;
        let ready = |want: &Want| want.busy.is_none() && (want.look <= now || tells(want));
        let (key, want) = self.wants.iter_mut().find(|(_, want)| ready(want))?;
        // Announcing comes first: others wait for it.
        let act = if tells(want) { Act::Tell(*key) } else { Act::Look(*key) };
        want.busy = Some((act, now));
        match act {
            Act::Look(_) => {
                want.look = now + about(dice, pause);
                want.found = MAX_DHT_FOUND;
            }
            Act::Hush(_) => {}
            Act::Tell(_) => {
                let doubled = DHT_TOLD_FIRST_MS.saturating_mul(1 << (2 * want.told.min(10)));
                want.told = want.told.saturating_add(1);
                let pause = doubled.min(DHT_TELL_MS);
                want.tell = now + about(dice, pause);
            }
        }
        Some(act)
    }

    /// What was under way for a key has ended.
    pub fn ended(&mut self, key: &DhtKey) {
        if let Some(want) = self.wants.get_mut(key) {
            want.busy = None;
        }
    }

    /// How many of those that this search finds may still be dialled (DHT-9): its answers come one by one, and anybody can
    /// give some.
    pub fn left(&self, key: &DhtKey) -> usize {
        self.wants.get(key).map_or(0, |want| want.found)
    }

    /// So many of them are dialled.
    pub fn spent(&mut self, key: &DhtKey, count: usize) {
        if let Some(want) = self.wants.get_mut(key) {
            want.found = want.found.saturating_sub(count);
        }
    }

    /// Whose key it is, when it was asked for.
    pub fn archive(&self, key: &DhtKey) -> Option<ArchiveId> {
        self.wants.get(key).map(|want| want.archive)
    }

    /// There are few connections, or the network changed: look for all again soon.
    pub fn hurry(&mut self, now: Duration) {
        let soon = now + Duration::from_millis(DHT_LONELY_MS / 4);
        self.wants.values_mut().for_each(|want| want.look = want.look.min(soon));
    }
}
