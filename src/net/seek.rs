//! What the swarm actor does about scores, topics and the DHT.

use super::actor::Actor;
use super::addr::{is_relayed, public_ip};
use super::dht::{DhtEvent, DhtState};
use super::gossip::Topics;
use super::handle::NetEvent;
use libp2p::PeerId;
use libp2p::swarm::dial_opts::DialOpts;
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
