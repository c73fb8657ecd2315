//! Addresses that a mirror keeps trying: those from invites and from before for ever, those heard on
//! the LAN until they fail a few times (they are announced again if they live), those in the list of mirrors of a
//! release as long as it is the newest here (MIR-7).

use crate::net::addr::peer_of;
use crate::net::{Multiaddr, PeerId};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::limits::{PEERS_FEW, PEERS_WANTED};
use yadgar_protocol::peers::Learnt;

/// First pause after a failed dial.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause between two dials of an address.
const LONGEST: Duration = Duration::from_secs(300);
/// The same of an address that the user named, while there are few others: whoever knows one address, and found that
/// mirror full, has no other way in.
const LONGEST_FEW: Duration = Duration::from_secs(60);
/// Least pause of an address, not of the LAN, whose connection was lost, while there are some others. While there are enough
/// it is that, too, after a connection that lasted long, and [`LONGEST`] after a short one: a crowded mirror lets go those who
/// know others (SLOT-3), and its place is for somebody who does not. That it was let go cannot be told from a line that broke.
const SOME: Duration = Duration::from_secs(60);
/// A connection that lasted this long was of use: the next pause is the first again. None is let go before 20 s, by the clock
/// of the other side, which may have begun to count earlier.
const LASTED: Duration = Duration::from_secs(15);
/// Who stayed so long was not in anybody's way.
const SETTLED: Duration = Duration::from_secs(600);
/// Addresses kept; more are not taken.
const MAX_ADDRESSES: usize = 256;

/// Addresses kept that only lists of mirrors have: they take no place of those that a person gave.
const MAX_LISTED: usize = 256;
/// LAN addresses kept.
const MAX_LAN: usize = 64;
/// Failures in a row after which a LAN address is forgotten.
const LAN_TRIES: u32 = 4;

struct Line {
    lan: bool,
    /// Not empty: in the lists of these archives, and known from nowhere else.
    listed: BTreeSet<ArchiveId>,
    fails: u32,
    address: Multiaddr,
    peer: Option<PeerId>,
    pause: Duration,
    /// When it is dialled, for each [`Company`] that we have then.
    next: [Instant; 3],
    /// Its connection lasted and was lost: its least pause since then while there are enough others.
    left: Option<Duration>,
    dialling: bool,
    /// When the last dial succeeded, until that connection is lost.
    up: Option<Instant>,
}

/// How many of those that we dialled, and that have what we follow, are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    /// Fewer than [`PEERS_FEW`].
    Few,
    /// Fewer than [`PEERS_WANTED`].
    Some,
    /// Enough.
    Enough,
}

impl Line {
    fn is_named(&self) -> bool {
        !self.lan && self.listed.is_empty()
    }

    /// It is not dialled before its pause is over, which depends on who is there then.
    fn wait(&mut self, now: Instant, jitter: f64) {
        // Lists of others are long: what they name is not dialled more often for that.
        let few = if self.is_named() { self.pause.min(LONGEST_FEW) } else { self.pause };
        let pauses = match self.left.filter(|_| !self.lan) {
            Some(enough) => [few, self.pause.max(SOME), self.pause.max(enough)],
            None => [few, self.pause, self.pause],
        };
        self.next = pauses.map(|pause| now + pause.mul_f64(0.5 + jitter));
    }
}

/// The list. Time and jitter are arguments.
#[derive(Default)]
pub struct Redial {
    lines: Vec<Line>,
}

impl Redial {
    /// Adds an address, to be dialled at once.
    pub fn add(&mut self, address: Multiaddr, now: Instant) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.address == address) {
            line.lan = false;
            line.listed.clear();
        } else if self.count(|line| !line.lan && line.listed.is_empty()) < MAX_ADDRESSES {
            self.push(address, (false, BTreeSet::new()), now);
        }
    }

    /// Replaces the list of mirrors of an archive. What is new is dialled at once; what is in it no more is forgotten,
    /// unless it is known from elsewhere.
    pub fn listed(&mut self, archive: ArchiveId, addresses: Vec<Multiaddr>, now: Instant) {
        self.lines.retain_mut(|line| {
            let dropped = !addresses.contains(&line.address) && line.listed.remove(&archive);
            !dropped || !line.listed.is_empty()
        });
        for address in addresses {
            if let Some(line) = self.lines.iter_mut().find(|line| line.address == address) {
                // One that is known from elsewhere does not hang on lists.
                if !line.listed.is_empty() {
                    line.listed.insert(archive);
                }
            } else if self.count(|line| !line.listed.is_empty()) < MAX_LISTED {
                self.push(address, (false, BTreeSet::from([archive])), now);
            }
        }
    }

    /// Adds an address heard on the LAN, to be dialled at once.
    pub fn add_lan(&mut self, address: Multiaddr, now: Instant) {
        let known = self.lines.iter().any(|line| line.address == address);
        if !known && self.count(|line| line.lan) < MAX_LAN {
            self.push(address, (true, BTreeSet::new()), now);
        }
    }

    fn count(&self, which: impl Fn(&Line) -> bool) -> usize {
        self.lines.iter().filter(|line| which(line)).count()
    }

    fn push(
        &mut self,
        address: Multiaddr,
        (lan, listed): (bool, BTreeSet<ArchiveId>),
        now: Instant,
    ) {
        let peer = peer_of(&address);
        let (fails, dialling, up) = (0, false, None);
        let (pause, next, left) = (FIRST, [now; 3], None);
        let line = Line { lan, listed, fails, address, peer, pause, next, left, dialling, up };
        self.lines.push(line);
    }

    /// Addresses whose time has come and whose peer is not connected, those that the user named first. They count as
    /// being dialled until [`Redial::done`]. `others`: how many are connected that we dialled and that have what we follow.
    pub fn due(
        &mut self,
        now: Instant,
        connected: &BTreeSet<PeerId>,
        others: usize,
    ) -> Vec<Multiaddr> {
        let is_up = |line: &Line| line.peer.is_some_and(|peer| connected.contains(&peer));
        let company = match others {
            ..PEERS_FEW => Company::Few,
            PEERS_FEW..PEERS_WANTED => Company::Some,
            PEERS_WANTED.. => Company::Enough,
        };
        let ready =
            |line: &&mut Line| !line.dialling && !is_up(line) && line.next[company as usize] <= now;
        let mut due: Vec<_> = self.lines.iter_mut().filter(ready).collect();
        due.sort_by_key(|line| !line.is_named());
        due.into_iter()
            .map(|line| {
                line.dialling = true;
                line.address.clone()
            })
            .collect()
    }

    /// How an address of the list was learnt.
    pub fn learnt(&self, address: &Multiaddr) -> Learnt {
        match self.lines.iter().find(|line| line.address == *address) {
            Some(line) if line.lan => Learnt::Lan,
            Some(line) if !line.listed.is_empty() => Learnt::Listed,
            _ => Learnt::Named,
        }
    }

    /// The LAN addresses at which a peer answered.
    pub fn lan_of(&self, peer: &PeerId) -> impl Iterator<Item = &Multiaddr> {
        let there = move |line: &&Line| line.lan && line.peer.as_ref() == Some(peer);
        self.lines.iter().filter(there).map(|line| &line.address)
    }

    /// A dial ended. `jitter` is between 0 and 1. The pause grows either way: a peer that takes every
    /// connection and closes it at once is no better than one that takes none. See [`Redial::lost`].
    pub fn done(&mut self, address: &Multiaddr, peer: Option<PeerId>, now: Instant, jitter: f64) {
        let Some(at) = self.lines.iter().position(|line| line.address == *address) else { return };
        let line = &mut self.lines[at];
        line.dialling = false;
        line.pause = (line.pause * 2).min(LONGEST);
        line.wait(now, jitter);
        line.fails += 1;
        line.up = peer.map(|_| now);
        line.peer = peer.or(line.peer);
        if line.lan && line.up.is_none() && line.fails >= LAN_TRIES {
            self.lines.remove(at);
        }
    }

    /// The last connection with a peer is gone. If it lasted, its pause begins anew.
    pub fn lost(&mut self, peer: &PeerId, now: Instant, jitter: f64) {
        for line in self.lines.iter_mut().filter(|line| line.peer.as_ref() == Some(peer)) {
            let up = line.up.take();
            let Some(stay) = up.map(|since| now.saturating_duration_since(since)) else { continue };
            if stay >= LASTED {
                line.left = Some(if stay < SETTLED { LONGEST } else { SOME });
                (line.pause, line.fails) = (FIRST, 0);
                line.wait(now, jitter);
            }
        }
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
        let (nobody, others) = (BTreeSet::new(), BTreeSet::from([PeerId::random()]));
        list.add(address.clone(), start);
        list.add(address.clone(), start);
        assert_eq!(list.due(start, &nobody, 0).len(), 1);
        assert!(list.due(start, &nobody, 0).is_empty(), "it is being dialled");
        let mut now = start;
        for _ in 0..20 {
            list.done(&address, None, now, 0.5);
            now += LONGEST;
            assert_eq!(
                list.due(now, &others, PEERS_FEW).len(),
                1,
                "never later than the longest pause"
            );
        }
        list.done(&address, None, now, 0.5);
        assert!(list.due(now + LONGEST_FEW, &others, PEERS_FEW).is_empty());
        now += LONGEST_FEW;
        assert_eq!(
            list.due(now, &others, 0).len(),
            1,
            "sooner by who dialled nobody, whoever came"
        );
        list.done(&address, None, now, 1.0);
        assert!(list.due(now + LONGEST_FEW, &nobody, 0).is_empty(), "at most half as long again");
        assert_eq!(list.due(now + LONGEST_FEW * 3 / 2, &nobody, 0).len(), 1);
        let peer = PeerId::random();
        list.done(&address, Some(peer), now, 0.5);
        now += LONGEST;
        assert!(list.due(now, &BTreeSet::from([peer]), PEERS_FEW).is_empty(), "connected");
        assert_eq!(list.due(now, &nobody, 0).len(), 1, "lost again");
    }

    #[test]
    fn only_a_connection_that_lasted_shortens_the_pause() {
        let (mut list, mut now, nobody) = (Redial::default(), Instant::now(), BTreeSet::new());
        let address: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
        let peer = PeerId::random();
        list.add(address.clone(), now);
        // Taken and closed at once, again and again.
        for _ in 0..20 {
            now = list.lines[0].next[0];
            assert_eq!(list.due(now, &nobody, 0).len(), 1);
            list.done(&address, Some(peer), now, 0.5);
            list.lost(&peer, now + LASTED - Duration::from_millis(1), 0.5);
        }
        assert_eq!(list.lines[0].pause, LONGEST);
        assert!(list.due(now + LONGEST_FEW - FIRST, &nobody, 0).is_empty());
        now += LONGEST_FEW;
        list.due(now, &nobody, 0);
        list.done(&address, Some(peer), now, 0.5);
        list.lost(&PeerId::random(), now + LASTED, 0.5);
        now += LASTED;
        list.lost(&peer, now, 0.5);
        assert_eq!(list.due(now + FIRST, &nobody, 0).len(), 1, "it lasted");
        // A loss that is told twice, or of a connection that the other side made, changes nothing.
        list.done(&address, None, now, 0.5);
        list.lost(&peer, now + LASTED, 0.5);
        assert_eq!(list.lines[0].pause, FIRST * 2);
    }

    #[test]
    fn slot_4_only_what_the_user_named_is_dialled_more_often_by_who_is_alone() {
        let (mut list, mut now, nobody) = (Redial::default(), Instant::now(), BTreeSet::new());
        let addr = |n: u16| -> Multiaddr { format!("/ip4/8.8.8.8/tcp/{n}").parse().unwrap() };
        let archive = ArchiveId(yadgar_protocol::Hash([1; 32]));
        list.listed(archive, (2..66).map(addr).collect(), now);
        list.add(addr(1), now);
        for _ in 0..12 {
            let due = list.due(now, &nobody, 0);
            assert_eq!((due.len(), &due[0]), (65, &addr(1)), "first of all");
            due.iter().for_each(|address| list.done(address, None, now, 0.5));
            now += LONGEST;
        }
        list.due(now, &nobody, 0).iter().for_each(|address| list.done(address, None, now, 0.5));
        assert_eq!(list.due(now + LONGEST_FEW, &nobody, 0), [addr(1)]);
    }

    #[test]
    fn slot_4_who_has_others_leaves_the_place_to_somebody_else() {
        let (mut list, mut now) = (Redial::default(), Instant::now());
        let address: Multiaddr = "/ip4/8.8.8.8/tcp/1".parse().unwrap();
        let (peer, others) = (PeerId::random(), BTreeSet::from([PeerId::random()]));
        list.add(address.clone(), now);
        // What becomes of it when it is looked at after this pause, with so many others, and nobody answers.
        let tried = |list: &mut Redial, now: Instant, many: usize, after: Duration| {
            let due = list.due(now + after, &others, many);
            due.iter().for_each(|address| list.done(address, None, now, 0.5));
            !due.is_empty()
        };
        let mut lost_after = |list: &mut Redial, stay: Duration| {
            list.due(now, &BTreeSet::new(), 0);
            list.done(&address, Some(peer), now, 0.5);
            now += stay;
            list.lost(&peer, now, 0.5);
            let place = now;
            now += LONGEST;
            place
        };
        let little = Duration::from_millis(1);
        let at = lost_after(&mut list, LASTED);
        // Who is there is looked at when it is dialled, not when it was lost.
        assert!(!tried(&mut list, at, PEERS_WANTED, SOME - little));
        assert!(!tried(&mut list, at, PEERS_FEW, SOME - little));
        assert!(tried(&mut list, at, PEERS_FEW - 1, FIRST), "they are lost, too");
        // It was full. The next try is no sooner for that.
        assert!(!tried(&mut list, at, PEERS_FEW, SOME - little));
        assert!(tried(&mut list, at, PEERS_FEW, SOME));
        // Let go soon.
        let at = lost_after(&mut list, LASTED);
        assert!(!tried(&mut list, at, PEERS_WANTED, LONGEST - little));
        assert!(tried(&mut list, at, PEERS_WANTED, LONGEST));
        let at = lost_after(&mut list, LASTED);
        assert!(tried(&mut list, at, PEERS_FEW, SOME));
        // Nobody wanted its place for long.
        let at = lost_after(&mut list, SETTLED);
        assert!(tried(&mut list, at, PEERS_WANTED, SOME));
    }

    #[test]
    fn a_list_of_mirrors_is_followed() {
        let (mut list, now, nobody) = (Redial::default(), Instant::now(), BTreeSet::new());
        let addr = |n: u16| -> Multiaddr { format!("/ip4/8.8.8.8/tcp/{n}").parse().unwrap() };
        let [one, two] = [1, 2].map(|n| ArchiveId(yadgar_protocol::Hash([n; 32])));
        list.add(addr(1), now);
        list.listed(one, vec![addr(1), addr(2), addr(3)], now);
        list.listed(two, vec![addr(3), addr(4)], now);
        assert_eq!(list.due(now, &nobody, 0), [addr(1), addr(2), addr(3), addr(4)]);
        // The next release lists others; what an invite gave stays.
        list.listed(one, vec![addr(5)], now);
        assert_eq!(list.due(now, &nobody, 0), [addr(5)], "none is dialled twice");
        assert!(list.lines.iter().any(|line| line.address == addr(3)), "the other list has it");
        list.listed(two, vec![], now);
        let left: Vec<_> = list.lines.iter().map(|line| line.address.clone()).collect();
        assert_eq!(left, [addr(1), addr(5)]);
        // Named by the user later, it is no longer the list's alone.
        list.add(addr(5), now);
        list.listed(one, vec![], now);
        assert_eq!(list.lines.len(), 2);
    }

    #[test]
    fn lan_addresses_are_few_and_forgotten() {
        let (mut list, mut now, nobody) = (Redial::default(), Instant::now(), BTreeSet::new());
        let addr = |n: u16| -> Multiaddr { format!("/ip4/192.168.1.7/tcp/{n}").parse().unwrap() };
        list.add(addr(1), now);
        (1..1000).for_each(|n| list.add_lan(addr(n), now));
        assert_eq!(list.lines.len(), MAX_LAN + 1);
        for _ in 0..LAN_TRIES {
            for address in list.due(now, &nobody, 0) {
                list.done(&address, None, now, 0.5);
            }
            now += LONGEST * 2;
        }
        assert_eq!(list.due(now, &nobody, 0), [addr(1)], "what the user gave stays");
    }
}
