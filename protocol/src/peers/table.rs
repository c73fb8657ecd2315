//! The records that are remembered, and who gives way (PEER-8).

use super::address::{NetworkTag, PeerAddress, Scope, public_network};
use super::record::Peer;
use crate::beacon::Dice;
use crate::limits::{
    MAX_PEER_TRIES, MAX_PEERS_GLOBAL, MAX_PEERS_LAN, MAX_PEERS_PER_ADDRESS, MAX_PEERS_PER_NETWORK,
    MAX_PEERS_PER_TELLER,
};
use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeMap;

/// Where a record means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Everywhere.
    Global,
    /// On one LAN.
    Lan(NetworkTag),
    /// On this machine (tests).
    Loopback,
}

impl Place {
    fn room(self) -> usize {
        match self {
            Self::Global => MAX_PEERS_GLOBAL,
            Self::Lan(_) | Self::Loopback => MAX_PEERS_LAN,
        }
    }
}

/// Whom tellers and the addresses that they come from are counted as.
pub type Class = [u8; 8];

/// A record that is remembered.
#[derive(Debug, Clone)]
pub struct Entry {
    pub peer: Peer,
    /// It was dialled and had an archive that is followed here.
    pub proved: bool,
    /// Its own node told it.
    pub direct: bool,
    /// The address of the record from which its own node told it in this run, if there is one: it was there.
    pub shown: Option<IpAddr>,
    /// Who told it first.
    pub class: Class,
    /// Dials since it last was of use.
    pub fails: u32,
    /// Not dialled before.
    pub next: Duration,
    pub dialling: bool,
}

impl Entry {
    /// Its own node told a record from there, if from anywhere.
    pub fn show(&mut self, from: Option<IpAddr>) {
        let names = |ip: &IpAddr| self.peer.names(*ip);
        self.shown = from.filter(names).or(self.shown.filter(names));
    }

    /// Which of its addresses is to be dialled next: each in its turn.
    pub fn address(&self) -> Option<&PeerAddress> {
        let addrs = self.peer.addresses();
        addrs.get(self.fails as usize % addrs.len().max(1))
    }
}

/// A place and a node's key: a node has one record for each place.
pub type Name = (Place, [u8; 32]);

#[derive(Default)]
pub struct Table(BTreeMap<Name, Entry>);

impl Table {
    pub fn get_mut(&mut self, name: &Name) -> Option<&mut Entry> {
        self.0.get_mut(name)
    }

    pub fn get(&self, name: &Name) -> Option<&Entry> {
        self.0.get(name)
    }

    pub fn remove(&mut self, name: &Name) {
        self.0.remove(name);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Entry)> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Entry)> {
        self.0.iter_mut()
    }

    /// Forgets places.
    pub fn retain(&mut self, keep: impl Fn(&Place) -> bool) {
        self.0.retain(|(place, _), _| keep(place));
    }

    pub fn of(&self, place: Place) -> impl Iterator<Item = (&Name, &Entry)> {
        self.0.range((place, [0; 32])..=(place, [0xff; 32]))
    }

    /// True when the addresses of a record leave room for others of the same address and network.
    /// Records of the same node do not count.
    pub fn fits(&self, name: &Name, peer: &Peer) -> bool {
        if peer.scope() == Scope::Loopback {
            return true;
        }
        let others = || self.of(name.0).filter(|(other, _)| *other != name);
        let naming = |is: &dyn Fn(IpAddr) -> bool| {
            others().filter(|(_, e)| e.peer.addresses().iter().any(|a| is(a.ip))).count()
        };
        peer.addresses().iter().all(|addr| {
            let network = public_network(addr.ip);
            let crowd = peer.scope() == Scope::Global
                && naming(&|ip| public_network(ip) == network) >= MAX_PEERS_PER_NETWORK;
            !crowd && naming(&|ip| ip == addr.ip) < MAX_PEERS_PER_ADDRESS
        })
    }

    /// A node told its record from `ip`, which the record names. When there is no room for it, one of that address gives
    /// way that has not answered for long (else who comes after others at an address that was given away again and
    /// again would never be known), or that is neither proved nor was told from there; then one of its network that is
    /// neither proved nor was told from there: else anybody's word about an address would keep its owner out.
    pub fn give_way(&mut self, name: &Name, peer: &Peer, ip: IpAddr) {
        let near = |at: IpAddr| public_network(at) == public_network(ip);
        if !self.fits(name, peer) {
            self.remove_one(name, &|at| at == ip, true);
        }
        if !self.fits(name, peer) && peer.scope() == Scope::Global {
            self.remove_one(name, &near, false);
        }
    }

    /// Removes one of another node that names an address like these and did not show that it is at one of them; or,
    /// with `gone`, that was dialled there in vain. The one that failed most.
    fn remove_one(&mut self, name: &Name, like: &dyn Fn(IpAddr) -> bool, gone: bool) {
        let may_go = |(other, e): &(&Name, &Entry)| {
            let there = e.peer.addresses().iter().any(|a| like(a.ip));
            let hearsay = !e.proved && !e.shown.is_some_and(like);
            let failed = gone && e.fails >= MAX_PEER_TRIES;
            *other != name && there && !e.dialling && (failed || hearsay)
        };
        let most = self.of(name.0).filter(may_go).max_by_key(|(_, e)| e.fails);
        most.map(|(other, _)| *other).map(|other| self.0.remove(&other));
    }

    /// Adds an entry that is not proved. False when there is no room for its teller: nobody gives
    /// way but the unproved of a teller who has more of them, chosen at random.
    pub fn add(&mut self, name: Name, entry: Entry, dice: &mut Dice) -> bool {
        let counts = self.unproved(name.0);
        let own = counts.get(&entry.class).copied().unwrap_or(0);
        if own >= MAX_PEERS_PER_TELLER || !self.fits(&name, &entry.peer) {
            return false;
        }
        if self.of(name.0).count() >= name.0.room() {
            let most = counts.iter().max_by_key(|(_, count)| **count);
            let Some((class, _)) = most.filter(|(_, count)| **count > own + 1) else {
                return false;
            };
            let theirs = self.of(name.0).filter(|(_, e)| !e.proved && e.class == *class);
            let theirs: Vec<Name> = theirs.map(|(name, _)| *name).collect();
            let victim = theirs.get(dice.below(theirs.len() as u64) as usize).copied();
            victim.map(|name| self.0.remove(&name));
        }
        self.0.insert(name, entry);
        true
    }

    fn unproved(&self, place: Place) -> BTreeMap<Class, usize> {
        let mut counts = BTreeMap::new();
        for (_, entry) in self.of(place).filter(|(_, e)| !e.proved) {
            *counts.entry(entry.class).or_insert(0) += 1;
        }
        counts
    }

    /// An entry was of use. A quarter of the room stays for those that are new: beyond that, the
    /// proved one that failed most is as if it were not.
    pub fn prove(&mut self, name: &Name) {
        let Some(entry) = self.0.get_mut(name) else { return };
        (entry.proved, entry.fails) = (true, 0);
        let proved = self.of(name.0).filter(|(_, e)| e.proved);
        if proved.count() <= name.0.room() / 4 * 3 {
            return;
        }
        let others = self.of(name.0).filter(|(other, e)| *other != name && e.proved);
        let worst = others.max_by_key(|(_, e)| e.fails).map(|(name, _)| *name);
        if let Some(entry) = worst.and_then(|name| self.0.get_mut(&name)) {
            (entry.proved, entry.fails) = (false, 0);
        }
    }

    /// Puts back what was on the disk; false when it is more than there is room for.
    pub fn restore(&mut self, name: Name, entry: Entry) -> bool {
        self.of(name.0).count() < name.0.room() && self.0.insert(name, entry).is_none()
    }
}
