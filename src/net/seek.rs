//! What the swarm actor does about scores, topics and the DHT.

use super::actor::{Actor, Connection};
use super::addr::{is_relayed, public_ip};
use super::dht::{DhtEvent, DhtState};
use super::gossip::Topics;
use super::handle::NetEvent;
use super::limits::GUEST_IDLE;
use libp2p::PeerId;
use libp2p::swarm::dial_opts::DialOpts;
use rand::RngExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use tokio::sync::watch;
use yadgar_protocol::dht::Act;
use yadgar_protocol::peers::Learnt;
use yadgar_protocol::score::{Fault, Scores, Standing, crowded};

/// The state of it.
pub(super) struct Seeks {
    scores: Scores<PeerId>,
    start: Instant,
    /// Peers whose score in gossip is not zero by us.
    scored: BTreeSet<PeerId>,
    pub(super) topics: Topics,
    state: watch::Sender<DhtState>,
}

impl Default for Seeks {
    fn default() -> Self {
        Self {
            scores: Scores::default(),
            start: Instant::now(),
            scored: BTreeSet::new(),
            topics: Topics::default(),
            state: watch::channel(DhtState::default()).0,
        }
    }
}

impl Seeks {
    /// What follows from the faults of a peer.
    pub(super) fn standing(&self, peer: &PeerId) -> Standing {
        self.scores.standing(peer, self.start.elapsed())
    }
}

/// One of these at random, of the first kind that has any.
fn take_one(
    idle: &mut [Vec<PeerId>; 2],
    of: impl Fn(&PeerId) -> bool,
    dice: impl Fn(usize) -> usize,
) -> Option<PeerId> {
    idle.iter_mut().find_map(|kind| {
        let ones: Vec<_> = (0..kind.len()).filter(|at| of(&kind[*at])).collect();
        (!ones.is_empty()).then(|| kind.swap_remove(ones[dice(ones.len())]))
    })
}

impl Actor {
    /// The topics that gossip shares with us, and where to tell how it stands.
    pub(super) fn seeks(&mut self, topics: Topics, state: watch::Sender<DhtState>) {
        (self.seeks.topics, self.seeks.state) = (topics, state);
    }

    /// Notes a fault of a peer (SCORE-1); one too many ends all connections with it.
    pub(super) fn blame(&mut self, peer: PeerId, fault: Fault) {
        let now = self.seeks.start.elapsed();
        let gate = &mut self.swarm.behaviour_mut().gate;
        if gate.is_banned(&peer) || self.seeks.scores.note(peer, fault, now) != Standing::Banned {
            return;
        }
        let addr = self.connections.values().find(|c| c.info.peer == peer);
        let addr = addr.map(|c| c.info.addr.clone());
        // A relay has not broken the rules: of who is behind one only the peer is refused.
        gate.ban(peer, addr.as_ref().filter(|addr| !is_relayed(addr)));
        if let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() {
            dht.forget(&peer);
        }
        self.candidates.remove(&peer);
        let _ = self.swarm.disconnect_peer_id(peer);
    }

    /// Makes room among these guests (SLOT-3): when it is `crowded`, one goes for each that found no place since the last
    /// time, at least one; and one of each network that was full. At random, of those with which no stream moved of late, and
    /// of the first kind if there is one. Who has a place with us as its relay stays.
    pub(super) fn let_go(&mut self, guests: &[Vec<PeerId>; 2], crowded: bool) {
        let (knocked, crowds) = self.swarm.behaviour_mut().gate.turned_away();
        if !crowded && crowds.is_empty() {
            return;
        }
        let busy = |c: &&Connection| c.alive.elapsed() < GUEST_IDLE;
        let busy: BTreeSet<PeerId> =
            self.connections.values().filter(busy).map(|c| c.info.peer).collect();
        let may_go = |peer: &PeerId| {
            self.swarm.is_connected(peer) && !busy.contains(peer) && !self.reach.has_place(peer)
        };
        let mut idle: [Vec<PeerId>; 2] =
            guests.each_ref().map(|kind| kind.iter().copied().filter(may_go).collect());
        let dice = |end| rand::rng().random_range(0..end);
        let mut gone: Vec<_> = crowds
            .iter()
            .filter_map(|crowd| take_one(&mut idle, |peer| crowd.contains(peer), dice))
            .collect();
        for _ in 0..if crowded { knocked.max(1) } else { 0 } {
            gone.extend(take_one(&mut idle, |_| true, dice));
        }
        for peer in gone {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    /// Begins a search or an announcement.
    pub(super) fn seek(&mut self, act: Act) {
        if let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() {
            dht.begin(act);
        }
    }

    /// Whether others can reach us.
    pub(super) fn set_reachable(&mut self, reachable: Option<bool>) {
        if let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() {
            dht.set_reachable(reachable);
        }
    }

    pub(super) fn dht_event(&mut self, event: DhtEvent) {
        match event {
            DhtEvent::Dial(peer) => self.search_dial(peer),
            // What finds no room is found again at the next search.
            DhtEvent::Found(key, nodes) => {
                let _ = self.events.try_send(NetEvent::Found { key, nodes });
            }
            DhtEvent::Ended(key) => drop(self.events.try_send(NetEvent::Sought(key))),
            DhtEvent::Blame(peer, fault) => self.blame(peer, fault),
        }
        self.tell_state();
    }

    fn search_dial(&mut self, peer: PeerId) {
        let opts = DialOpts::peer_id(peer).allocate_new_port().build();
        let (id, node) = (opts.connection_id(), self.swarm.behaviour_mut());
        node.gate.expect(id, Learnt::Search);
        if let Some(dht) = node.dht.as_mut() {
            dht.dialling(id);
        }
        // The search learns by the swarm that it was refused.
        let _ = self.swarm.dial(opts);
    }

    /// What is to be done now and then.
    pub(super) fn look_after(&mut self) {
        for id in self.swarm.behaviour().gate.stale() {
            self.swarm.close_connection(id);
        }
        self.score_gossip();
        self.tell_state();
    }

    fn tell_state(&mut self) {
        let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() else { return };
        let state = dht.state();
        self.seeks.state.send_if_modified(|last| std::mem::replace(last, state) != state);
    }

    /// Tells gossip what we hold against peers, and how many come from one public address (SCORE-7), which is
    /// not known of who is behind a relay.
    fn score_gossip(&mut self) {
        let mut points: BTreeMap<PeerId, u32> =
            self.seeks.scores.all(self.seeks.start.elapsed()).into_iter().collect();
        let mut lines: BTreeMap<_, BTreeSet<PeerId>> = BTreeMap::new();
        for info in self.connections.values().map(|c| &c.info) {
            if let Some(ip) = public_ip(&info.addr).filter(|_| !is_relayed(&info.addr)) {
                lines.entry(ip).or_default().insert(info.peer);
            }
        }
        for peers in lines.values() {
            for peer in peers {
                *points.entry(*peer).or_default() += crowded(peers.len());
            }
        }
        let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() else { return };
        for peer in self.seeks.scored.iter().filter(|peer| !points.contains_key(peer)) {
            gossip.set_application_score(peer, 0.0);
        }
        points.retain(|_, points| *points > 0);
        for (peer, points) in &points {
            gossip.set_application_score(peer, -f64::from(*points));
        }
        self.seeks.scored = points.into_keys().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_3_of_a_full_network_one_of_it_goes() {
        let peers: Vec<_> = (0..6).map(|_| PeerId::random()).collect();
        let mut idle = [peers[..2].to_vec(), peers[2..].to_vec()];
        let crowd = BTreeSet::from([peers[4], peers[5]]);
        let last = |end: usize| end - 1;
        let gone = take_one(&mut idle, |peer| crowd.contains(peer), last);
        assert!(gone.is_some_and(|peer| crowd.contains(&peer)));
        // Else the silent ones first.
        assert_eq!(take_one(&mut idle, |_| true, last), Some(peers[1]));
        assert_eq!(take_one(&mut idle, |_| true, last), Some(peers[0]));
        assert!(take_one(&mut idle, |_| true, last).is_some_and(|peer| peers[2..].contains(&peer)));
        assert_eq!(idle.iter().map(Vec::len).sum::<usize>(), 2);
        assert_eq!(take_one(&mut idle, |peer| *peer == peers[0], last), None);
    }
}
