//! Who was heard: few, and forgotten soon (BEA-14).

use super::datagram::Ports;
use super::dice::Dice;
use crate::ids::ArchiveId;
use crate::limits::{
    BEACON_AGAIN_MS, BEACON_FIRST_MS, BEACON_FORGET_MS, MAX_BEACON_CANDIDATES, MAX_BEACON_HEARD,
    MAX_BEACON_PER_ADDRESS, MAX_BEACON_PROVED, MAX_BEACON_TRIES,
};
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

const AGAIN: Duration = Duration::from_millis(BEACON_AGAIN_MS);
const FORGET: Duration = Duration::from_millis(BEACON_FORGET_MS);

/// How far somebody is trusted to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Announced itself, or somebody did so in its name.
    Heard,
    /// Answered what was sent to it alone.
    Candidate,
    /// Was dialled, and has the archive.
    Proved,
}

/// One announcer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it serves of what we look for.
    pub archives: BTreeSet<ArchiveId>,
    /// Where, at its address.
    pub ports: Ports,
    /// See [`Standing`].
    pub standing: Standing,
    /// It answered something that we sent to everybody: no proof, but more than others have.
    echoed: bool,
    heard: Duration,
    /// When it is to be asked next, and how often it was since it answered.
    check: Option<Duration>,
    tries: u32,
    told: Option<Duration>,
    fails: u32,
    quiet: Duration,
}

/// All announcers, by the address and port that they send from.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<SocketAddr, Entry>);

impl Table {
    /// Notes an announcement; `echoed` when it answers what we sent to everybody. Asking it back is due, unless that was done lately. False when there
    /// is no room for it.
    pub fn heard(
        &mut self,
        source: SocketAddr,
        said: (&BTreeSet<ArchiveId>, Ports),
        echoed: bool,
        now: Duration,
        dice: &mut Dice,
    ) -> bool {
        let (archives, ports) = said;
        if !self.0.contains_key(&source) {
            if !self.room(&source, dice) {
                return false;
            }
            let entry = Entry {
                archives: BTreeSet::new(),
                ports,
                standing: Standing::Heard,
                echoed,
                heard: now,
                check: Some(now),
                tries: 0,
                told: None,
                fails: 0,
                quiet: Duration::ZERO,
            };
            self.0.insert(source, entry);
        }
        let Some(entry) = self.0.get_mut(&source) else { return false };
        (entry.heard, entry.ports) = (now, ports);
        entry.archives.extend(archives);
        entry.echoed |= echoed;
        if entry.check.is_none() && entry.told.is_none_or(|told| now >= told + AGAIN) {
            (entry.check, entry.tries) = (Some(now), 0);
        }
        true
    }

    /// Notes that somebody answered what was sent to it alone; to be called after [`Table::heard`].
    pub fn answered(&mut self, source: &SocketAddr, dice: &mut Dice) {
        let Some(entry) = self.0.get_mut(source) else { return };
        (entry.check, entry.tries) = (None, 0);
        if entry.standing == Standing::Heard {
            self.room_in(Standing::Candidate, dice);
            self.0.entry(*source).and_modify(|entry| entry.standing = Standing::Candidate);
        }
    }

    /// What is to be told of an announcer now: nothing when it was told lately, or failed lately.
    pub fn tell(&mut self, source: &SocketAddr, now: Duration) -> Option<&Entry> {
        let entry = self.0.get_mut(source)?;
        let lately = entry.told.is_some_and(|told| now < told + AGAIN);
        if lately || now < entry.quiet {
            return None;
        }
        entry.told = Some(now);
        Some(entry)
    }

    /// The dialler's verdict on who is at an address, port and all.
    pub fn judged(&mut self, at: &SocketAddr, good: bool, now: Duration) {
        let proved = self.count(Standing::Proved);
        let there = |source: &SocketAddr, entry: &Entry| {
            let mut address = *source;
            address.set_port(at.port());
            address == *at && [entry.ports.node, entry.ports.page].contains(&at.port())
        };
        for (_, entry) in self.0.iter_mut().filter(|(source, entry)| there(source, entry)) {
            if good {
                entry.fails = 0;
                let room = proved < MAX_BEACON_PROVED;
                if room && entry.standing == Standing::Candidate {
                    entry.standing = Standing::Proved;
                }
                continue;
            }
            let wait = AGAIN.saturating_mul(1 << entry.fails.min(8)).min(FORGET);
            entry.fails += 1;
            (entry.standing, entry.told) = (Standing::Heard, None);
            (entry.quiet, entry.check, entry.tries) = (now + wait, Some(now + wait), 0);
        }
        // Those that fell back may be too many now.
        while self.count(Standing::Heard) > MAX_BEACON_HEARD {
            let oldest = self.0.iter().filter(|(_, e)| e.standing == Standing::Heard);
            let Some(oldest) = oldest.min_by_key(|(_, e)| e.heard).map(|(at, _)| *at) else {
                break;
            };
            self.0.remove(&oldest);
        }
    }

    /// Forgets what was not heard for long, and who was asked and does not answer.
    pub fn forget(&mut self, now: Duration) {
        self.0.retain(|_, entry| {
            let silent = entry.tries >= MAX_BEACON_TRIES && entry.check.is_some_and(|at| at <= now);
            now < entry.heard + FORGET && !(silent && entry.standing == Standing::Heard)
        });
    }

    /// Forgets those who serve nothing of `archives`.
    pub fn keep(&mut self, archives: &BTreeSet<ArchiveId>) {
        self.0.retain(|_, entry| !entry.archives.is_disjoint(archives));
    }

    /// When somebody is to be asked next.
    pub fn next_check(&self) -> Option<Duration> {
        self.0.values().filter_map(|entry| entry.check).min()
    }

    /// Somebody who is to be asked now, chosen at random, first among those who answered us; with
    /// what it announced.
    pub fn due_check(
        &mut self,
        now: Duration,
        dice: &mut Dice,
    ) -> Option<(SocketAddr, BTreeSet<ArchiveId>)> {
        let due = self.0.iter().filter(|(_, e)| e.check.is_some_and(|at| at <= now));
        let due = those_first(due.collect(), |entry| entry.echoed && entry.tries == 0);
        let at = dice.below(due.len() as u64) as usize;
        let (source, archives) = due.get(at).map(|(at, entry)| (**at, entry.archives.clone()))?;
        let entry = self.0.get_mut(&source)?;
        let pause = Duration::from_millis(BEACON_FIRST_MS << entry.tries.min(8));
        entry.tries += 1;
        // A candidate that is silent stays until it is forgotten, and is asked when it is heard again.
        let over = entry.tries >= MAX_BEACON_TRIES && entry.standing != Standing::Heard;
        entry.check = (!over).then_some(now + pause);
        Some((source, archives))
    }

    /// Forgets an announcer.
    pub fn remove(&mut self, source: &SocketAddr) {
        self.0.remove(source);
    }

    /// How many stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.0.values().filter(|entry| entry.standing == standing).count()
    }

    /// Makes room for a new source. False when its address has taken its places for good.
    fn room(&mut self, source: &SocketAddr, dice: &mut Dice) -> bool {
        let same = |other: &SocketAddr| {
            let mut other = *other;
            other.set_port(source.port());
            other == *source
        };
        let own: Vec<_> = self.0.iter().filter(|(at, _)| same(at)).collect();
        if own.len() >= MAX_BEACON_PER_ADDRESS {
            let least = own.iter().min_by_key(|(_, entry)| (entry.standing, entry.heard));
            let Some(least) = least.filter(|(_, e)| e.standing == Standing::Heard) else {
                return false;
            };
            let least = *least.0;
            self.0.remove(&least);
        }
        self.room_in(Standing::Heard, dice);
        true
    }

    /// Makes room among those who stand so.
    fn room_in(&mut self, standing: Standing, dice: &mut Dice) {
        let all: Vec<_> = self.0.iter().filter(|(_, e)| e.standing == standing).collect();
        let most = match standing {
            Standing::Heard => MAX_BEACON_HEARD,
            Standing::Candidate => MAX_BEACON_CANDIDATES,
            Standing::Proved => MAX_BEACON_PROVED,
        };
        if all.len() >= most {
            let all = those_first(all, |entry| !entry.echoed);
            let victim = dice.below(all.len() as u64) as usize;
            let victim = all.get(victim).map(|(at, _)| **at);
            victim.and_then(|at| self.0.remove(&at));
        }
    }
}

/// Only those of whom it is true, if there are any.
fn those_first<'a>(
    all: Vec<(&'a SocketAddr, &'a Entry)>,
    is: impl Fn(&Entry) -> bool,
) -> Vec<(&'a SocketAddr, &'a Entry)> {
    let some: Vec<_> = all.iter().copied().filter(|(_, entry)| is(entry)).collect();
    if some.is_empty() { all } else { some }
}
