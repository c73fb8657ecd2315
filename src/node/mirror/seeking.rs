//! A mirror looks for others in the DHT, and announces what it serves (protocol/spec/dht.md).

use super::Mirror;
use crate::net::{Multiaddr, PeerId};
use std::time::Instant;
use yadgar_protocol::dht::{DhtKey, Search};
use yadgar_protocol::limits::PEERS_WANTED;
use yadgar_protocol::peers::Learnt;

/// When is looked and told.
#[derive(Default)]
pub(super) struct Seeker(Option<(Search, Instant)>);

impl Seeker {
    /// What was begun for a key has ended.
    pub(super) fn ended(&mut self, key: &DhtKey) {
        if let Some((search, _)) = &mut self.0 {
            search.ended(key);
        }
    }

    /// The searches, once there is randomness.
    fn running(&mut self) -> Option<&mut (Search, Instant)> {
        if self.0.is_none() {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).ok()?;
            self.0 = Some((Search::new(seed), Instant::now()));
        }
        self.0.as_mut()
    }
}

impl Mirror {
    /// What is to be done now and then.
    pub(super) async fn seek(&mut self) {
        let state = self.ground.net.dht();
        let Some((search, start)) = self.seeker.running() else { return };
        let (now, connected) = (start.elapsed(), self.connected.len());
        for follow in self.follows.values() {
            search.follow(follow.archive, follow.complete.is_some(), now);
        }
        while let Some(act) = search.due(state.others, connected, state.reachable, now) {
            self.ground.net.seek(act).await;
        }
    }

    /// A search found these. Whoever answers at its address is asked like any other peer.
    pub(super) fn found(&mut self, nodes: Vec<(PeerId, Vec<Multiaddr>)>) {
        let Some(known) = &self.friends.known else { return };
        for address in known.found(nodes, &self.connected) {
            self.dial(address, Learnt::Found);
        }
    }

    /// A peer went; with few left, others are looked for soon.
    pub(super) fn lonely(&mut self) {
        if self.connected.len() < PEERS_WANTED
            && let Some((search, start)) = &mut self.seeker.0
        {
            search.hurry(start.elapsed());
        }
    }
}
