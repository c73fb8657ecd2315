//! Which of the nodes that a search in the DHT found are dialled (DHT-9).

use super::address::{PeerAddress, Scope, group_of};
use super::dials::Dial;
use super::memory::Memory;
use super::table::Place;
use crate::ids::PublicKey;
use crate::limits::{MAX_DHT_ADDRESSES, MAX_DHT_FOUND, PEERS_WANTED};
use core::time::Duration;
use std::collections::BTreeSet;

/// A node that somebody said has an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its key.
    pub key: PublicKey,
    /// Where it is said to listen. Nobody signed that.
    pub addresses: Vec<PeerAddress>,
}

impl Memory {
    /// Which of them to dial now, one address each: at most as many as are `left` of the [`MAX_DHT_FOUND`] of this search,
    /// one in all while there are enough connections; in random order, one of each public network, none that is connected, none whose address was dialled often of
    /// late. What the answer is made of costs a liar nothing, so it is not remembered: only who answers, and tells its
    /// own record, is.
    pub fn found(
        &mut self,
        found: Vec<Found>,
        connected: &BTreeSet<[u8; 32]>,
        left: usize,
        now: Duration,
    ) -> Vec<Dial> {
        self.dials.forget(now);
        let most = match connected.len() < PEERS_WANTED {
            true => left.min(MAX_DHT_FOUND),
            false => (left + 1).saturating_sub(MAX_DHT_FOUND).min(1),
        };
        let count = found.len();
        let shuffled = self.dice.some(found, count);
        let (mut dials, mut networks, mut keys) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for Found { key, addresses } in shuffled {
            let known = connected.contains(key.as_bytes()) || key == self.own;
            if dials.len() >= most || known || !keys.insert(*key.as_bytes()) {
                continue;
            }
            let addresses = addresses.into_iter().take(MAX_DHT_ADDRESSES);
            let Some((place, address)) = addresses.filter_map(|a| self.may_be(a)).next() else {
                continue;
            };
            let network = group_of(address.ip);
            if network.is_some_and(|network| !networks.insert(network)) {
                continue;
            }
            self.dials.note(&address, now);
            dials.push(Dial { place, key, address });
        }
        dials
    }

    /// Where an address of the DHT means something here, if it may be dialled.
    fn may_be(&self, address: PeerAddress) -> Option<(Place, PeerAddress)> {
        let place = match address.scope()? {
            Scope::Global => Place::Global,
            Scope::Loopback => self.is_here(address.ip).then_some(Place::Loopback)?,
            Scope::Lan => Place::Lan(self.near(address.ip)?.tag),
        };
        self.dials.allow(&address).then_some((place, address))
    }
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;
