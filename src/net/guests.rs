//! Which guests make room for those that found no place (SLOT-3).

use super::actor::{Actor, Connection};
use super::limits::{GUEST_IDLE, GUEST_TURN, TURN_EVERY};
use libp2p::PeerId;
use rand::RngExt as _;
use std::collections::BTreeSet;
use std::time::Instant;

/// Guests of two kinds: those that only hold a place, and those that took part in something.
type Kinds = [Vec<PeerId>; 2];

/// Who may go, and for whom.
struct Choice {
    /// Guests with which no stream moved of late.
    idle: Kinds,
    /// All others, when one of those that had their turn may go.
    served: Kinds,
    /// The guests of each network of which somebody found it full.
    crowds: Vec<BTreeSet<PeerId>>,
    /// How many found no place at all.
    knocked: usize,
}

impl Choice {
    /// One of each network that was full, and one for each that found no place, at random: idle ones, and if there are none
    /// one that had its turn. When it is `crowded` an idle one goes before anybody knocks. True with those if a turn ended.
    fn make(mut self, crowded: bool, dice: impl Fn(usize) -> usize + Copy) -> (Vec<PeerId>, bool) {
        let (mut gone, mut ended) = (Vec::new(), false);
        let anybody = std::iter::repeat_n(None, self.knocked);
        for crowd in self.crowds.iter().map(Some).chain(anybody) {
            let of = |peer: &PeerId| crowd.is_none_or(|crowd| crowd.contains(peer));
            if let Some(peer) = take_one(&mut self.idle, of, dice) {
                gone.push(peer);
            } else if !ended && let Some(peer) = take_one(&mut self.served, of, dice) {
                gone.push(peer);
                ended = true;
            }
        }
        if crowded && self.knocked == 0 {
            gone.extend(take_one(&mut self.idle, |_| true, dice));
        }
        (gone, ended)
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
        let now = Instant::now();
        let since = |at: Instant| now.saturating_duration_since(at);
        let busy = self.peers(|c| since(c.alive) < GUEST_IDLE);
        let served = self.peers(|c| since(c.since) >= GUEST_TURN);
        let turn = self.seeks.turned.is_none_or(|last| since(last) >= TURN_EVERY);
        let of = |may: &dyn Fn(&PeerId) -> bool| {
            let here = |peer: &&PeerId| self.swarm.is_connected(peer) && may(peer);
            guests.each_ref().map(|kind| kind.iter().filter(here).copied().collect())
        };
        // Who has a place with us as its relay is not idle, whatever moves.
        let idle = of(&|peer| !busy.contains(peer) && !self.reach.has_place(peer));
        let served = of(&|peer| turn && served.contains(peer));
        let choice = Choice { idle, served, crowds, knocked };
        let (gone, ended) = choice.make(crowded, |end| rand::rng().random_range(0..end));
        if ended {
            self.seeks.turned = Some(now);
        }
        for peer in gone {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    fn peers(&self, which: impl Fn(&Connection) -> bool) -> BTreeSet<PeerId> {
        self.connections.values().filter(|c| which(c)).map(|c| c.info.peer).collect()
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

    fn choice(idle: Kinds, served: Kinds) -> Choice {
        Choice { idle, served, crowds: Vec::new(), knocked: 0 }
    }

    #[test]
    fn slot_3_of_a_full_network_one_of_it_goes() {
        let peers = peers(6);
        let idle = [peers[..2].to_vec(), peers[2..].to_vec()];
        let crowds = vec![BTreeSet::from([peers[4], peers[5]])];
        let all = Choice { crowds, knocked: 3, ..choice(idle, Kinds::default()) };
        let (gone, ended) = all.make(false, last);
        assert!(gone[0] == peers[4] || gone[0] == peers[5]);
        // Else the silent ones first.
        assert_eq!(gone[1..3], [peers[1], peers[0]]);
        assert!(peers[2..].contains(&gone[3]) && gone[3] != gone[0]);
        assert!(!ended && gone.len() == 4);
    }

    #[test]
    fn slot_3_who_knocks_is_heard_however_few_hold_the_places() {
        let idle = || [peers(2), Vec::new()];
        let calm = choice(idle(), Kinds::default());
        assert_eq!(calm.make(false, last).0.len(), 0, "nobody knocked, and it is not crowded");
        let knocked = Choice { knocked: 1, ..choice(idle(), Kinds::default()) };
        assert_eq!(knocked.make(false, last).0.len(), 1);
        assert_eq!(choice(idle(), Kinds::default()).make(true, last).0.len(), 1);
    }

    #[test]
    fn slot_3_where_nobody_is_idle_one_goes_that_had_its_turn() {
        let served = peers(3);
        let all = || [Vec::new(), served.clone()];
        let knocked = Choice { knocked: 2, ..choice(Kinds::default(), all()) };
        let (gone, ended) = knocked.make(true, last);
        assert!(ended && gone == [served[2]], "one at a time");
        // Before anybody knocks nobody is cut off who is at it.
        assert_eq!(choice(Kinds::default(), all()).make(true, last), (Vec::new(), false));
        let full = vec![BTreeSet::from([served[0]])];
        let crowd = Choice { crowds: full, ..choice(Kinds::default(), all()) };
        assert_eq!(crowd.make(false, last), (vec![served[0]], true));
    }
}
