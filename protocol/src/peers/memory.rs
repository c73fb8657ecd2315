//! What a node remembers of others (PEER-6 to PEER-10).

use super::address::{Network, NetworkTag, PeerAddress, Scope, public_network, scope_of};
use super::dials::{Dial, Dials, is_within};
use super::record::{Peer, Unsigned};
use super::table::{Class, Entry, Name, Place, Table};
use crate::beacon::Dice;
use crate::ids::PublicKey;
use crate::limits::{
    MAX_PEER_LANS, MAX_PEER_LIST, MAX_PEER_TRIES, PEER_DIAL_FEW_MS, PEER_DIAL_MS,
    PEER_FEW_LASTS_MS, PEER_LONGEST_MS, PEER_PAUSE_MS, PEER_PROBE_MS, PEERS_FEW, PEERS_WANTED,
};
use core::net::IpAddr;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// Who told a list, or asks for one.
#[derive(Debug, Clone, Copy)]
pub struct Teller {
    /// Its key: the connection showed that it has it.
    pub key: PublicKey,
    /// Where the connection comes from or leads to.
    pub ip: IpAddr,
}

/// The memory of one node. Time is monotonic, from any start.
pub struct Memory {
    pub(super) own: PublicKey,
    pub(super) home: [u8; 32],
    /// The number of the newest record of our own.
    pub(super) seq: u64,
    pub(super) table: Table,
    /// LANs, the one used last first.
    pub(super) lans: Vec<NetworkTag>,
    pub(super) changed: bool,
    pub(super) dice: Dice,
    networks: Vec<Network>,
    loopback: bool,
    listening: Vec<PeerAddress>,
    pub(super) records: BTreeMap<Place, Peer>,
    /// When a record was dialled last.
    dialled: Option<Duration>,
    /// When a guest was.
    checked_at: Option<Duration>,
    /// Since when it has few, and tries the others sooner.
    few: Option<Duration>,
    /// The last one of [`Memory::due`], and when.
    probed: Option<(Name, Duration)>,
    pub(super) dials: Dials,
}

impl Memory {
    /// An empty memory of the node with this key. `home` is a random key that stays with the
    /// memory, `seed` a random one of this run.
    pub fn new(own: PublicKey, home: [u8; 32], seed: [u8; 32]) -> Self {
        Self {
            own,
            home,
            seq: 0,
            table: Table::default(),
            lans: Vec::new(),
            changed: false,
            dice: Dice::new(seed),
            networks: Vec::new(),
            loopback: false,
            listening: Vec::new(),
            records: BTreeMap::new(),
            dialled: None,
            checked_at: None,
            few: None,
            probed: None,
            dials: Dials::default(),
        }
    }

    /// The key under which networks get their tags.
    pub fn home(&self) -> &[u8; 32] {
        &self.home
    }

    /// Where this node is: the LANs that it is on, where it listens, and whether records of loopback addresses count
    /// (for tests of many nodes on one machine only: who comes by Tor comes from loopback, too).
    pub fn situated(&mut self, networks: Vec<Network>, listening: Vec<PeerAddress>, here: bool) {
        for network in networks.iter().rev() {
            if self.lans.first() != Some(&network.tag) {
                self.lans.retain(|tag| *tag != network.tag);
                self.lans.insert(0, network.tag);
            }
        }
        self.lans.truncate(MAX_PEER_LANS);
        let lans = self.lans.clone();
        self.table.retain(|place| match place {
            Place::Lan(tag) => lans.contains(tag),
            Place::Global | Place::Loopback => true,
        });
        (self.networks, self.listening, self.loopback) = (networks, listening, here);
    }

    /// Records of our own that are to be signed, because there is none yet of these addresses.
    pub fn unsigned(&mut self) -> Vec<(Place, Unsigned)> {
        let lans = self.networks.iter().map(|n| Place::Lan(n.tag));
        let here = self.loopback.then_some(Place::Loopback);
        let places: BTreeSet<_> = lans.chain([Place::Global]).chain(here).collect();
        self.records.retain(|place, _| places.contains(place));
        let mut wanted = Vec::new();
        for place in places {
            let addrs: Vec<_> =
                self.listening.iter().copied().filter(|a| self.is_of(place, a)).collect();
            let Ok(unsigned) = Unsigned::new(self.own, self.seq.saturating_add(1), addrs) else {
                self.records.remove(&place);
                continue;
            };
            if !self.records.get(&place).is_some_and(|peer| unsigned.is_old(peer)) {
                self.seq = self.seq.saturating_add(1);
                self.changed = true;
                wanted.push((place, unsigned));
            }
        }
        wanted
    }

    fn is_of(&self, place: Place, addr: &PeerAddress) -> bool {
        match (place, addr.scope()) {
            (Place::Global, Some(Scope::Global)) | (Place::Loopback, Some(Scope::Loopback)) => true,
            (Place::Lan(tag), Some(Scope::Lan)) => {
                self.networks.iter().any(|n| n.tag == tag && n.contains(addr.ip))
            }
            _ => false,
        }
    }

    /// A record of [`Memory::unsigned`] was signed.
    pub fn signed(&mut self, place: Place, peer: Peer) {
        if peer.key() == self.own {
            self.records.insert(place, peer);
        }
    }

    /// Where somebody is who comes from this address.
    pub(super) fn places_of(&self, ip: IpAddr) -> Vec<Place> {
        let near = self.near(ip).map(|network| Place::Lan(network.tag));
        let here = self.is_here(ip).then_some(Place::Loopback);
        near.into_iter().chain(here).chain([Place::Global]).collect()
    }

    /// Takes a list. Gives how many records were new.
    pub fn hear(&mut self, teller: &Teller, list: &[Peer], now: Duration) -> usize {
        list.iter().filter(|peer| self.hear_one(teller, peer, now)).count()
    }

    fn hear_one(&mut self, teller: &Teller, peer: &Peer, now: Duration) -> bool {
        if peer.key() == self.own {
            self.hear_own(peer);
            return false;
        }
        let Some(place) = self.place_of(teller.ip, peer) else { return false };
        let name = (place, *peer.key().as_bytes());
        let direct = peer.key() == teller.key;
        let shown = Some(teller.ip).filter(|ip| direct && peer.names(*ip));
        shown.iter().for_each(|ip| self.table.give_way(&name, peer, *ip));
        let fits = self.table.fits(&name, peer);
        if let Some(entry) = self.table.get_mut(&name) {
            entry.direct |= direct;
            let new = fits && entry.peer.sequence() < peer.sequence();
            if new {
                // Who moved has to show that somebody is there.
                let known = entry.peer.addresses();
                entry.proved &= peer.addresses().iter().any(|a| known.contains(a));
                entry.peer = peer.clone();
                self.changed = true;
            }
            entry.show(shown);
            return new;
        }
        let class = self.class(teller);
        let (peer, proved, fails) = (peer.clone(), false, 0);
        let entry = Entry { peer, proved, direct, shown, class, fails, next: now, dialling: false };
        let added = self.table.add(name, entry, &mut self.dice);
        self.changed |= added;
        added
    }

    /// Our own record with a number that is ahead of ours: the memory of it was lost (PEER-4).
    fn hear_own(&mut self, peer: &Peer) {
        if self.records.values().any(|own| own == peer) || peer.sequence() < self.seq {
            return;
        }
        self.seq = peer.sequence();
        self.changed = true;
        self.records.clear();
    }

    /// Where a record counts that came from this address; `None`: nowhere.
    fn place_of(&self, ip: IpAddr, peer: &Peer) -> Option<Place> {
        let place = match peer.scope() {
            Scope::Global => Place::Global,
            Scope::Loopback => Place::Loopback,
            Scope::Lan => Place::Lan(self.near(ip)?.tag),
        };
        let near = place != Place::Loopback || self.is_here(ip);
        (near && peer.addresses().iter().all(|a| self.is_of(place, a))).then_some(place)
    }

    pub(super) fn near(&self, ip: IpAddr) -> Option<&Network> {
        let lan = scope_of(ip) == Some(Scope::Lan);
        self.networks.iter().find(|network| lan && network.contains(ip))
    }

    pub(super) fn is_here(&self, ip: IpAddr) -> bool {
        self.loopback && scope_of(ip) == Some(Scope::Loopback)
    }

    fn class(&self, teller: &Teller) -> Class {
        let mut hasher = blake3::Hasher::new_keyed(&self.home);
        hasher.update(b"teller");
        match teller.ip {
            ip if self.is_here(ip) => hasher.update(teller.key.as_bytes()),
            ip if self.near(ip).is_some() => hasher.update(ip.to_string().as_bytes()),
            ip => hasher.update(public_network(ip).to_string().as_bytes()),
        };
        let mut class = [0; 8];
        hasher.finalize_xof().fill(&mut class);
        class
    }

    /// What this asker gets: our own records, then those that proved good or that their own nodes
    /// told, of the places where he is (PEER-6).
    pub fn answer(&mut self, asker: &Teller) -> Vec<Peer> {
        let places = self.places_of(asker.ip);
        let own: Vec<_> = places.iter().filter_map(|p| self.records.get(p).cloned()).collect();
        let mut ranks = [Vec::new(), Vec::new()];
        for place in &places {
            for (name, entry) in self.table.of(*place) {
                let his = name.1 == *asker.key.as_bytes();
                if !his && (entry.proved || entry.direct) {
                    ranks[usize::from(!entry.proved)].push(entry.peer.clone());
                }
            }
        }
        let room = MAX_PEER_LIST.saturating_sub(own.len());
        let [proved, told] = ranks.map(|rank| self.dice.some(rank, room));
        // Those that are new have a quarter, or how would they get known.
        let new = told.len().min((room / 4).max(room.saturating_sub(proved.len())));
        let some = proved.into_iter().take(room - new).chain(told.into_iter().take(new));
        own.into_iter().chain(some).collect()
    }

    /// An address to dial now, if any. It counts as being dialled until [`Memory::dialled`]. `chosen`: how many of the
    /// `connected` it dialled itself and have what it follows. The others do not count for how soon, or strangers could slow it down.
    pub fn due(
        &mut self,
        now: Duration,
        connected: &BTreeSet<[u8; 32]>,
        chosen: usize,
    ) -> Option<Dial> {
        let few = chosen < PEERS_FEW;
        let since = if few { *self.few.get_or_insert(now) } else { now };
        self.few = few.then_some(since);
        let soon = few && is_within(Some(since), PEER_FEW_LASTS_MS, now);
        let pace = if soon { PEER_DIAL_FEW_MS } else { PEER_DIAL_MS };
        let probed = self.probed.map(|(_, at)| at);
        let waits =
            !few && connected.len() >= PEERS_WANTED && is_within(probed, PEER_PROBE_MS, now);
        if waits || is_within(self.dialled, pace, now) {
            return None;
        }
        self.dials.forget(now);
        let ready = |(name, e): &(&Name, &Entry)| {
            let idle = !e.dialling && e.next <= now && !connected.contains(&name.1);
            let allowed = || e.address().is_some_and(|address| self.dials.allow(address));
            idle && self.is_reachable(name.0) && allowed()
        };
        let mut ranks = [Vec::new(), Vec::new()];
        for (name, entry) in self.table.iter().filter(ready) {
            ranks[usize::from(!entry.proved)].push(*name);
        }
        let [proved, new] = ranks;
        let try_new = proved.is_empty() || (!new.is_empty() && self.dice.below(4) == 0);
        let dial = self.begin(if try_new { &new } else { &proved }, now)?;
        self.dialled = Some(now);
        self.probed = Some((dial.name(), now));
        Some(dial)
    }

    /// An address of a peer that is connected because it dialled us, to see whether it can be reached
    /// there: only then it proves good. Of `inbound` one at random, one in [`PEER_DIAL_MS`], whatever else is dialled.
    pub fn due_check(&mut self, now: Duration, inbound: &BTreeSet<[u8; 32]>) -> Option<Dial> {
        if is_within(self.checked_at, PEER_DIAL_MS, now) {
            return None;
        }
        self.dials.forget(now);
        let ready = |(name, e): &(&Name, &Entry)| {
            let unsure = e.direct && !e.proved && !e.dialling && e.next <= now;
            let allowed = || e.address().is_some_and(|address| self.dials.allow(address));
            unsure && inbound.contains(&name.1) && self.is_reachable(name.0) && allowed()
        };
        let ready: Vec<Name> = self.table.iter().filter(ready).map(|(name, _)| *name).collect();
        let dial = self.begin(&ready, now)?;
        self.checked_at = Some(now);
        Some(dial)
    }

    /// One of these at random is dialled.
    fn begin(&mut self, names: &[Name], now: Duration) -> Option<Dial> {
        let name = *names.get(self.dice.below(names.len() as u64) as usize)?;
        let entry = self.table.get_mut(&name)?;
        entry.dialling = true;
        let address = *entry.address()?;
        self.dials.note(&address, now);
        Some(Dial { place: name.0, key: entry.peer.key(), address })
    }

    pub(super) fn is_reachable(&self, place: Place) -> bool {
        match place {
            Place::Global => true,
            Place::Lan(tag) => self.networks.iter().any(|network| network.tag == tag),
            Place::Loopback => self.loopback,
        }
    }

    /// A dial ended, with or without the peer. The pause grows either way, until it is of use.
    pub fn dialled(&mut self, dial: &Dial, reached: bool, now: Duration) {
        let name = dial.name();
        // The next is not made to wait for one that is gone.
        self.probed.take_if(|(probed, _)| !reached && *probed == name);
        let Some(entry) = self.table.get_mut(&name) else { return };
        let doubled = PEER_PAUSE_MS.saturating_mul(1 << entry.fails.min(10));
        let pause = doubled.min(PEER_LONGEST_MS);
        let jitter = self.dice.below(pause / 2 + 1);
        entry.dialling = false;
        entry.next = now + Duration::from_millis(pause - pause / 4 + jitter);
        entry.fails = entry.fails.saturating_add(1);
        if !entry.proved && entry.fails >= MAX_PEER_TRIES {
            self.table.remove(&name);
            self.changed = true;
        }
    }

    /// A dial was not begun, for want of a place of our own: that says nothing of whoever is there.
    pub fn put_off(&mut self, dial: &Dial, now: Duration) {
        self.probed.take_if(|(probed, _)| *probed == dial.name());
        self.dials.take_back(&dial.address);
        // Nobody was dialled: the next need not wait.
        self.dialled = None;
        if let Some(entry) = self.table.get_mut(&dial.name()) {
            entry.dialling = false;
            entry.next = now + Duration::from_millis(PEER_PAUSE_MS);
        }
    }

    /// A peer that was dialled at this address has an archive that is followed here.
    pub fn proved(&mut self, key: &PublicKey, ip: IpAddr, now: Duration) {
        let bytes = *key.as_bytes();
        let there = |(name, e): &(&Name, &Entry)| {
            let same = name.1 == bytes && self.is_reachable(name.0);
            same && e.peer.addresses().iter().any(|a| a.ip == ip)
        };
        let names: Vec<Name> = self.table.iter().filter(there).map(|(name, _)| *name).collect();
        for name in names {
            self.changed |= self.table.get(&name).is_some_and(|e| !e.proved);
            self.table.prove(&name);
            if let Some(entry) = self.table.get_mut(&name) {
                entry.next = now + Duration::from_millis(PEER_DIAL_MS);
            }
        }
    }

    /// The network is another, or the last connection ended: what could not be reached may be now, and has to be.
    pub fn moved(&mut self, now: Duration) {
        self.table.iter_mut().filter(|(_, e)| e.proved).for_each(|(_, e)| e.next = now);
        self.few = None;
    }

    /// Forgets all others and all LANs. `home` is a new key of the memory; our own numbers go on.
    pub fn forget(&mut self, home: [u8; 32]) {
        (self.home, self.table, self.changed) = (home, Table::default(), true);
        self.lans.clear();
        self.networks.clear();
        self.records.retain(|place, _| !matches!(place, Place::Lan(_)));
    }
}
