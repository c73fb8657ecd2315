//! Addresses that a mirror keeps trying: from invites and from before.

use crate::net::{Multiaddr, PeerId};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// First pause after a failed dial.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause between two dials of an address.
const LONGEST: Duration = Duration::from_secs(300);
/// Addresses kept; more are not taken.
const MAX_ADDRESSES: usize = 256;

struct Line {
    address: Multiaddr,
    peer: Option<PeerId>,
    pause: Duration,
    next: Instant,
    dialling: bool,
}

/// The list. Time and jitter are arguments.
#[derive(Default)]
pub struct Redial {
    lines: Vec<Line>,
}

impl Redial {
    /// Adds an address, to be dialled at once.
    pub fn add(&mut self, address: Multiaddr, now: Instant) {
        let known = self.lines.iter().any(|line| line.address == address);
        if !known && self.lines.len() < MAX_ADDRESSES {
            self.lines.push(Line { address, peer: None, pause: FIRST, next: now, dialling: false });
        }
    }

    /// Addresses whose time has come and whose peer is not connected. They count as being dialled
    /// until [`Redial::done`].
    pub fn due(&mut self, now: Instant, connected: &BTreeSet<PeerId>) -> Vec<Multiaddr> {
        let ready = |line: &&mut Line| {
            let up = line.peer.is_some_and(|peer| connected.contains(&peer));
            !line.dialling && !up && line.next <= now
        };
        let due = self.lines.iter_mut().filter(ready);
        due.map(|line| {
            line.dialling = true;
            line.address.clone()
        })
        .collect()
    }

    /// A dial ended. `jitter` is between 0 and 1.
    pub fn done(&mut self, address: &Multiaddr, peer: Option<PeerId>, now: Instant, jitter: f64) {
        let Some(line) = self.lines.iter_mut().find(|line| line.address == *address) else {
            return;
        };
        line.dialling = false;
        if let Some(peer) = peer {
            line.peer = Some(peer);
            line.pause = FIRST;
        } else {
            line.pause = (line.pause * 2).min(LONGEST);
        }
        line.next = now + line.pause.mul_f64(0.5 + jitter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_and_stops_while_connected() {
        let mut list = Redial::default();
        let start = Instant::now();
        let address: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
        let nobody = BTreeSet::new();
        list.add(address.clone(), start);
        list.add(address.clone(), start);
        assert_eq!(list.due(start, &nobody).len(), 1);
        assert!(list.due(start, &nobody).is_empty(), "it is being dialled");
        let mut now = start;
        for _ in 0..20 {
            list.done(&address, None, now, 0.5);
            now += LONGEST.mul_f64(1.5);
            assert_eq!(list.due(now, &nobody).len(), 1, "never later than the longest pause");
        }
        let peer = PeerId::random();
        list.done(&address, Some(peer), now, 0.5);
        now += LONGEST;
        assert!(list.due(now, &BTreeSet::from([peer])).is_empty(), "connected");
        assert_eq!(list.due(now, &nobody).len(), 1, "lost again");
    }
}
