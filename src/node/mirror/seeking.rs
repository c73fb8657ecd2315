//! A mirror looks for others in the DHT, and announces what it serves (protocol/spec/dht.md).

use super::Mirror;
use crate::net::{Multiaddr, PeerId};
use crate::node::work;
use std::time::Instant;
use yadgar_protocol::dht::{DhtKey, Search};
use yadgar_protocol::limits::{MAX_DHT_ARCHIVES, PEERS_WANTED};
use yadgar_protocol::peers::Learnt;

/// When is looked and told.
#[derive(Default)]
pub(super) struct Seeker {
    running: Option<(Search, Instant)>,
    /// It was said that there are more archives than the DHT is asked about.
    said: bool,
}

impl Seeker {
    /// What was begun for a key has ended.
    pub(super) fn ended(&mut self, key: &DhtKey) {
        if let Some((search, _)) = &mut self.running {
            search.ended(key);
        }
    }

    /// The searches, once there is randomness.
    fn running(&mut self) -> Option<&mut (Search, Instant)> {
        if self.running.is_none() {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).ok()?;
            self.running = Some((Search::new(seed), Instant::now()));
        }
        self.running.as_mut()
    }
}

impl Mirror {
    /// What is to be done now and then.
    pub(super) async fn seek(&mut self) {
        let state = self.ground.net.dht();
        let Some((search, start)) = self.seeker.running() else { return };
        let (now, connected) = (start.elapsed(), self.connected.len());
        let mut left_out = 0;
        for follow in self.follows.values() {
            let taken = search.follow(follow.archive, follow.complete.is_some(), now);
            left_out += usize::from(!taken);
        }
        while let Some(act) = search.due(state.others, connected, state.reachable, now) {
            self.ground.net.seek(act).await;
        }
        if left_out > 0 && !std::mem::replace(&mut self.seeker.said, true) {
            tracing::warn!(
                "{left_out} archives are neither looked for nor announced in the DHT, which takes {MAX_DHT_ARCHIVES}"
            );
        }
    }

    /// A search found these. Whoever answers at its address is asked like any other peer. What finds no place is not
    /// dialled: it is found again at the next search.
    pub(super) fn found(&mut self, key: &DhtKey, nodes: Vec<(PeerId, Vec<Multiaddr>)>) {
        let Some(known) = &self.friends.known else { return };
        let Some((search, _)) = &mut self.seeker.running else { return };
        let left = search.left(key).min(self.means.places.found.available_permits());
        let addresses = known.found(nodes, &self.connected, left);
        search.spent(key, addresses.len());
        for address in addresses {
            let Ok(place) = self.means.places.found.clone().try_acquire_owned() else { return };
            let (ground, tell) = (self.ground.clone(), self.tell.clone());
            self.tasks.spawn(async move {
                let _place = place;
                work::dial(ground, address, Learnt::Found, tell).await;
            });
        }
    }

    /// A peer went; with few left, others are looked for soon, and with none, if it had stayed, those that are remembered
    /// are dialled: who comes and goes makes us dial nobody.
    pub(super) fn lonely(&mut self, stayed: bool) {
        if stayed
            && self.connected.is_empty()
            && let Some(known) = &self.friends.known
        {
            known.alone();
        }
        if self.connected.len() < PEERS_WANTED
            && let Some((search, start)) = &mut self.seeker.running
        {
            search.hurry(start.elapsed());
        }
    }
}
