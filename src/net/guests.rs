//! Which guests make room for those that found no place (SLOT-3).

use super::actor::{Actor, Connection};
use super::limits::GUEST_IDLE;
use libp2p::PeerId;
use rand::RngExt as _;
use std::collections::BTreeSet;

/// Guests of two kinds: those that only hold a place, and those that took part in something.
type Kinds = [Vec<PeerId>; 2];

/// Who may go, and for whom.
struct Choice {
    /// Guests with which no stream moved of late. Others stay: a reader in the middle of an archive is not to be cut off.
    idle: Kinds,
    /// The guests of each network of which somebody found it full.
    crowds: Vec<BTreeSet<PeerId>>,
    /// How many found no place at all.
    knocked: usize,
}

impl Choice {
    /// One of each network that was full, and one for each that found no place, at random. When it is `crowded` one goes
    /// before anybody knocks.
    fn make(mut self, crowded: bool, dice: impl Fn(usize) -> usize + Copy) -> Vec<PeerId> {
        let mut gone = Vec::new();
        for crowd in &self.crowds {
            gone.extend(take_one(&mut self.idle, |peer| crowd.contains(peer), dice));
        }
        for _ in 0..if crowded { self.knocked.max(1) } else { self.knocked } {
            gone.extend(take_one(&mut self.idle, |_| true, dice));
        }
        gone
    }
}

/// Takes one of these at random out of the first kind that has any.
fn take_one(
    kinds: &mut Kinds,
    of: impl Fn(&PeerId) -> bool,
    dice: impl Fn(usize) -> usize,
) -> Option<PeerId> {
    kinds.iter_mut().find_map(|kind| {
        let ones: Vec<_> = (0..kind.len()).filter(|at| of(&kind[*at])).collect();
        (!ones.is_empty()).then(|| kind.swap_remove(ones[dice(ones.len())]))
    })
}

impl Actor {
    /// Makes room among these guests (SLOT-3), see [`Choice::make`]. A peer with several connections gives up all of them.
    pub(super) fn let_go(&mut self, guests: &Kinds, crowded: bool) {
        let (knocked, crowds) = self.swarm.behaviour_mut().gate.turned_away();
        if !crowded && knocked == 0 && crowds.is_empty() {
            return;
        }
        let busy = |c: &&Connection| c.alive.elapsed() < GUEST_IDLE;
        let busy: BTreeSet<PeerId> =
            self.connections.values().filter(busy).map(|c| c.info.peer).collect();
        let may_go = |peer: &&PeerId| {
            self.swarm.is_connected(peer) && !busy.contains(peer) && !self.reach.has_place(peer)
        };
        let idle = guests.each_ref().map(|kind| kind.iter().filter(may_go).copied().collect());
        let gone =
            Choice { idle, crowds, knocked }.make(crowded, |end| rand::rng().random_range(0..end));
        for peer in gone {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(end: usize) -> usize {
        end - 1
    }

    fn peers(count: usize) -> Vec<PeerId> {
        (0..count).map(|_| PeerId::random()).collect()
    }

    fn choice(idle: Kinds) -> Choice {
        Choice { idle, crowds: Vec::new(), knocked: 0 }
    }

    #[test]
    fn slot_3_of_a_full_network_one_of_it_goes() {
        let peers = peers(6);
        let idle = [peers[..2].to_vec(), peers[2..].to_vec()];
        let crowds = vec![BTreeSet::from([peers[4], peers[5]])];
        let gone = Choice { crowds, knocked: 3, ..choice(idle) }.make(false, last);
        assert!(gone[0] == peers[4] || gone[0] == peers[5]);
        // Else the silent ones first.
        assert_eq!(gone[1..3], [peers[1], peers[0]]);
        assert!(peers[2..].contains(&gone[3]) && gone[3] != gone[0]);
        assert_eq!(gone.len(), 4);
    }

    #[test]
    fn slot_3_who_knocks_is_heard_however_few_hold_the_places() {
        let idle = || [peers(2), Vec::new()];
        assert_eq!(choice(idle()).make(false, last), [], "nobody knocked, and it is not crowded");
        let knocked = Choice { knocked: 1, ..choice(idle()) };
        assert_eq!(knocked.make(false, last).len(), 1);
        assert_eq!(choice(idle()).make(true, last).len(), 1);
        let none = Choice { knocked: 4, ..choice(Kinds::default()) };
        assert_eq!(none.make(true, last), [], "who is at something stays");
    }
}
