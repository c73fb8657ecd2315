//! Places for connections that a node opens: shared out by how an address was learnt, and by network (SLOT-1, SLOT-2).
//!
//! Whoever can make a node dial (by records, lists, announcements, the DHT) must not fill all of its places: the others
//! are how it would notice.

use crate::limits::{MAX_SLOTS_CHECK, MAX_SLOTS_NAMED, MAX_SLOTS_PER_NETWORK, MAX_SLOTS_SEARCH};
use core::net::IpAddr;

/// How an address was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Learnt {
    /// The user named it, or an invite did.
    Named,
    /// In the list of mirrors of a release (MIR-7).
    Listed,
    /// Announced on the LAN.
    Lan,
    /// A signed record, remembered or told.
    Remembered,
    /// Found in the DHT as who has an archive.
    Found,
    /// Only asked on the way of a search in the DHT; ends soon.
    Search,
    /// Only to see that somebody who is connected can be reached there; ends at once.
    Check,
    /// A peer asked to be dialled: to see whether it can be reached, or to meet it without the relay between.
    Asked,
}

/// The places of a node.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    outbound: usize,
}

/// A connection that we opened: how its address was learnt, and its public network if it has one.
pub type Slot = (Learnt, Option<IpAddr>);

impl Slots {
    /// So many places in all.
    pub const fn new(outbound: usize) -> Self {
        Self { outbound }
    }

    /// True when there is a place for one more beside those that are `held`. For those that the user named it is only a
    /// matter of all places.
    pub fn admits(&self, new: Slot, held: impl Iterator<Item = Slot> + Clone) -> bool {
        let count = |is: &dyn Fn(&Slot) -> bool| held.clone().filter(|slot| is(slot)).count();
        if count(&|_| true) >= self.outbound {
            return false;
        }
        let (way, network) = new;
        if way == Learnt::Named {
            return true;
        }
        let strangers = count(&|(way, _)| *way != Learnt::Named);
        let near = count(&|(way, other)| {
            let counts = !matches!(way, Learnt::Named | Learnt::Check | Learnt::Asked);
            network.is_some() && *other == network && counts
        });
        strangers < self.outbound - self.named()
            && count(&|(other, _)| *other == way) < self.share(way)
            && (matches!(way, Learnt::Check | Learnt::Asked) || near < MAX_SLOTS_PER_NETWORK)
    }

    /// How many are kept for those that the user named.
    pub fn named(&self) -> usize {
        MAX_SLOTS_NAMED.min(self.outbound / 4)
    }

    /// How many places of one way of learning there are.
    fn share(&self, way: Learnt) -> usize {
        match way {
            Learnt::Named => self.outbound,
            Learnt::Listed | Learnt::Lan | Learnt::Remembered | Learnt::Asked => self.outbound / 2,
            Learnt::Found => self.outbound / 4,
            Learnt::Search => MAX_SLOTS_SEARCH.min(self.outbound / 2),
            Learnt::Check => MAX_SLOTS_CHECK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WAYS: [Learnt; 8] = [
        Learnt::Named,
        Learnt::Listed,
        Learnt::Lan,
        Learnt::Remembered,
        Learnt::Found,
        Learnt::Search,
        Learnt::Check,
        Learnt::Asked,
    ];

    fn network(n: u8) -> Option<IpAddr> {
        (n > 0).then(|| IpAddr::from([9, 9, n, 0]))
    }

    /// Fills up with what an attacker offers; the slots that are taken.
    fn fill(slots: Slots, offered: impl Iterator<Item = Slot>) -> Vec<Slot> {
        let mut held: Vec<Slot> = Vec::new();
        for slot in offered {
            if slots.admits(slot, held.iter().copied()) {
                held.push(slot);
            }
        }
        held
    }

    #[test]
    fn slot_1_no_way_takes_all_places() {
        let slots = Slots::new(32);
        for way in WAYS.into_iter().skip(1) {
            let held = fill(slots, (0..200).map(|n| (way, network(1 + n % 200))));
            assert!(held.len() <= 16, "{way:?}");
            for other in WAYS.into_iter().filter(|other| *other != way) {
                assert!(slots.admits((other, None), held.iter().copied()), "{way:?}, {other:?}");
            }
        }
        // All of them together leave room for what the user named.
        let all =
            (0..200u8).flat_map(|n| WAYS.into_iter().skip(1).map(move |way| (way, network(n))));
        let held = fill(slots, all);
        assert_eq!(held.len(), 32 - MAX_SLOTS_NAMED);
        let named =
            fill(slots, held.iter().copied().chain((0..99).map(|_| (Learnt::Named, network(1)))));
        assert_eq!(named.len(), 32);
    }

    #[test]
    fn slot_2_no_network_takes_all_places() {
        let slots = Slots::new(32);
        let held = fill(slots, (0..99).map(|n| (WAYS[1 + n % 5], network(7))));
        assert_eq!(held.len(), MAX_SLOTS_PER_NETWORK);
        assert!(slots.admits((Learnt::Named, network(7)), held.iter().copied()));
        assert!(slots.admits((Learnt::Check, network(7)), held.iter().copied()));
        assert!(slots.admits((Learnt::Asked, network(7)), held.iter().copied()));
        // Those of one building or machine have no public network.
        assert_eq!(fill(slots, (0..99).map(|_| (Learnt::Lan, None))).len(), 16);
    }

    proptest! {
        #[test]
        fn slot_1_and_2_always(
            outbound in 0usize..64,
            offered in prop::collection::vec((0usize..8, 0u8..20), 0..300)
        ) {
            let slots = Slots::new(outbound);
            let held = fill(slots, offered.into_iter().map(|(way, n)| (WAYS[way], network(n))));
            prop_assert!(held.len() <= outbound);
            let count = |is: &dyn Fn(&Slot) -> bool| held.iter().filter(|slot| is(slot)).count();
            prop_assert!(count(&|s| s.0 != Learnt::Named) <= outbound - (outbound / 4).min(MAX_SLOTS_NAMED));
            prop_assert!(count(&|s| s.0 == Learnt::Search) <= MAX_SLOTS_SEARCH);
            for n in 1..20 {
                let near = count(&|s| {
                    let counts = !matches!(s.0, Learnt::Named | Learnt::Check | Learnt::Asked);
                    s.1 == network(n) && counts
                });
                prop_assert!(near <= MAX_SLOTS_PER_NETWORK);
            }
        }
    }
}
