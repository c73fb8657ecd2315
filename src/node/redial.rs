//! Which addresses to dial, and when.
//!
//! Connections break and nothing in libp2p brings them back, so a node keeps its own list: addresses
//! of invites for ever, those heard on the LAN until they fail a few times.

use crate::net::addr::peer_of;
use crate::net::{DialError, Multiaddr, PeerId};
use rand::RngExt as _;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// LAN addresses in the list.
const MAX_LAN: usize = 64;
/// A LAN address that failed so often is forgotten; it will be announced again if it lives.
const LAN_TRIES: u32 = 4;
/// Dials at the same time.
const MAX_DIALS: usize = 8;

struct Entry {
    lan: bool,
    /// Who is there, once known.
    peer: Option<PeerId>,
    fails: u32,
    next: Instant,
    dialing: bool,
}

/// The list.
pub struct Redial {
    first: Duration,
    most: Duration,
    entries: BTreeMap<Multiaddr, Entry>,
}

impl Redial {
    /// An empty list. After a failure an address waits for about `first`, then twice that, up to
    /// `most`.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, entries: BTreeMap::new() }
    }

    /// Adds an address that the operator gave; to be dialled at once.
    pub fn add(&mut self, addr: Multiaddr, now: Instant) {
        let peer = peer_of(&addr);
        let entry = self.entries.entry(addr).or_insert(Entry {
            lan: false,
            peer,
            fails: 0,
            next: now,
            dialing: false,
        });
        entry.lan = false;
    }

    /// Adds an address heard on the LAN; to be dialled at once.
    pub fn add_lan(&mut self, addr: Multiaddr, now: Instant) {
        if self.entries.values().filter(|e| e.lan).count() < MAX_LAN {
            let peer = peer_of(&addr);
            let new = Entry { lan: true, peer, fails: 0, next: now, dialing: false };
            self.entries.entry(addr).or_insert(new);
        }
    }

    /// What to dial at `now`, among those whose peer is not connected.
    pub fn due(&mut self, now: Instant, connected: impl Fn(&PeerId) -> bool) -> Vec<Multiaddr> {
        let dialing = self.entries.values().filter(|e| e.dialing).count();
        let due = self.entries.iter_mut().filter(|(_, e)| {
            !e.dialing && e.next <= now && !e.peer.as_ref().is_some_and(&connected)
        });
        due.take(MAX_DIALS.saturating_sub(dialing))
            .map(|(addr, entry)| {
                entry.dialing = true;
                addr.clone()
            })
            .collect()
    }

    /// Notes how a dial ended.
    pub fn dialled(&mut self, addr: &Multiaddr, result: &Result<PeerId, DialError>, now: Instant) {
        let Some(entry) = self.entries.get_mut(addr) else { return };
        entry.dialing = false;
        match result {
            Ok(peer) => {
                entry.peer = Some(*peer);
                entry.fails = 0;
                entry.next = now + jitter(self.first);
            }
            // Nobody else is there.
            Err(DialError::Ourselves) => drop(self.entries.remove(addr)),
            Err(_) => {
                let pause = self.first.saturating_mul(1 << entry.fails.min(16)).min(self.most);
                entry.fails += 1;
                entry.next = now + jitter(pause);
                if entry.lan && entry.fails >= LAN_TRIES {
                    self.entries.remove(addr);
                }
            }
        }
    }
}

/// Between three and five quarters of `time`, so that nodes do not all act at once.
pub fn jitter(time: Duration) -> Duration {
    time.mul_f64(rand::rng().random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(4);
    const MOST: Duration = Duration::from_secs(60);

    fn addr(n: u16) -> Multiaddr {
        format!("/ip4/192.168.1.7/tcp/{n}").parse().unwrap()
    }

    fn nobody(_: &PeerId) -> bool {
        false
    }

    #[test]
    fn backs_off_and_comes_back() {
        let (mut list, mut now) = (Redial::new(FIRST, MOST), Instant::now());
        list.add(addr(1), now);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert_eq!(list.due(now, nobody), [addr(1)]);
            assert!(list.due(now, nobody).is_empty(), "once at a time");
            list.dialled(&addr(1), &Err(DialError::Refused), now);
            let before = now;
            while list.entries[&addr(1)].next > now {
                now += Duration::from_millis(100);
            }
            pauses.push(now - before);
        }
        assert!(pauses[0] >= FIRST / 2 && pauses[0] <= FIRST * 3 / 2);
        assert!(pauses[7] >= MOST / 2 && pauses[7] <= MOST * 3 / 2);
        let peer = PeerId::random();
        list.due(now, nobody);
        list.dialled(&addr(1), &Ok(peer), now);
        now += MOST;
        assert!(list.due(now, |p| *p == peer).is_empty(), "connected");
        assert_eq!(list.due(now, nobody), [addr(1)], "lost again");
    }

    #[test]
    fn lan_addresses_are_few_and_forgotten() {
        let (mut list, mut now) = (Redial::new(FIRST, MOST), Instant::now());
        for n in 0..1000 {
            list.add_lan(addr(n), now);
        }
        assert_eq!(list.entries.len(), MAX_LAN);
        assert_eq!(list.due(now, nobody).len(), MAX_DIALS);
        for _ in 0..1000 {
            for gone in list.due(now, nobody) {
                list.dialled(&gone, &Err(DialError::Timeout), now);
            }
            list.entries.values_mut().for_each(|e| e.dialing = false);
            now += MOST;
        }
        assert!(list.entries.is_empty());
        list.add(addr(1), now);
        list.due(now, nobody);
        list.dialled(&addr(1), &Err(DialError::Ourselves), now);
        assert!(list.entries.is_empty());
    }
}
