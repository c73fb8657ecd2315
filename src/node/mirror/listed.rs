//! The addresses that an archive itself lists (spec: mirrors.md, MIR-7).

use super::Mirror;
use crate::net::Multiaddr;
use crate::node::urgent;
use crate::store::complete::complete_head;
use crate::store::mirrors::listed;
use std::time::Instant;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::place::Place;

impl Mirror {
    /// Keeps dialling what the newest release that is whole here lists. What cannot be read now is as good as before.
    pub(super) async fn follow_list(&mut self, archive: ArchiveId) {
        let (states, store) = (self.ground.states.clone(), self.ground.store.clone());
        let work = move || {
            let head = complete_head(&states, &archive)?;
            Ok(head.and_then(|head| listed(&*store, &head.release).ok()))
        };
        let Ok(Some(places)) = urgent::blocking(work).await else { return };
        let address = |place| match place {
            Place::Peer(text) => text.parse().ok(),
            Place::Web(_) => None,
        };
        let addresses: Vec<Multiaddr> = places.into_iter().filter_map(address).collect();
        self.redial.listed(archive, addresses, Instant::now());
        self.dial_due();
    }
}
