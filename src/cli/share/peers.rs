//! The share as a libp2p peer, beside its page.

use super::super::Ui;
use super::Home;
use crate::net::NetError;
use crate::net::addr::zone_of;
use crate::net::lan::LanAddress;
use crate::node::head_to_tell;
use crate::node::share::{Announcer, SharePeer, start as start_peer};
use crate::sync::Tell;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;

/// The peer, if there is one, and the beacon that says where peer and page are.
pub struct Peers {
    peer: Option<SharePeer>,
    beacon: Option<Announcer>,
    page: u16,
}

impl Peers {
    /// Nothing yet; on the interfaces of these names, or all that are of a LAN.
    pub fn new(page: u16, interfaces: &[String]) -> Self {
        Self { peer: None, beacon: Announcer::start(interfaces.to_vec()), page }
    }

    /// Begins on these addresses, as somebody new. Without the peer the page is still there, so a failure is only told.
    pub async fn begin(&mut self, ui: &Ui, home: &Arc<Home>, addresses: &[LanAddress]) {
        self.end().await;
        if !addresses.is_empty() && !only_some(ui, home) {
            let begun = start_peer(home.access.store.clone(), home.clone(), addresses).await;
            self.peer = begun.inspect_err(|e| unreachable_for_peers(ui, e)).ok();
        }
        if let Some(beacon) = &self.beacon {
            let node = self.peer.as_ref().map_or(0, SharePeer::port);
            beacon.say(&home.archives, node, self.page).await;
        }
    }

    /// Addresses came or went that nobody types: the same peer is there, too.
    pub async fn follow(&mut self, addresses: &[LanAddress]) {
        if let Some(peer) = &mut self.peer {
            peer.follow(addresses).await;
        }
    }

    /// Ends the peer.
    pub async fn end(&mut self) {
        if let Some(peer) = self.peer.take() {
            peer.shutdown().await;
        }
    }

    /// Where it listens, as an invite can say it: not on addresses of IPv6 link-local, whose zone is everybody's own.
    pub async fn addresses(&self) -> Vec<String> {
        let Some(peer) = &self.peer else { return Vec::new() };
        let all = peer.addresses().await;
        all.iter().filter(|at| zone_of(at).is_none()).map(ToString::to_string).collect()
    }
}

fn unreachable_for_peers(ui: &Ui, e: &NetError) {
    ui.warn(
        format!("other yadgars cannot connect, browsers can: {e}"),
        format!("یادگارهای دیگر نمی‌توانند وصل شوند، مرورگرها می‌توانند: {e}"),
    );
}

/// A peer asks for blocks by their hashes, whatever archive they are of, so it could find out which others are here.
fn only_some(ui: &Ui, home: &Home) -> bool {
    let others = home.access.archives.list().map(|all| all.len() > home.archives.len());
    let some = others.unwrap_or(true);
    if some {
        ui.note(
            "Browsers can connect, other yadgars cannot: not every archive of this home is shared.",
            "مرورگرها می‌توانند وصل شوند، یادگارهای دیگر نه: همه‌ی بایگانی‌های این خانه به اشتراک نیستند.",
        );
    }
    some
}

impl Tell for Home {
    fn head(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        if !self.archives.contains(archive) {
            return None;
        }
        let states = &self.access.archives;
        head_to_tell(states.trusted(archive).ok()?, states.complete(archive).ok()?)
    }

    fn bulletin(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        let ours = self.archives.contains(archive);
        self.access.archives.bulletin(archive).ok().flatten().filter(|_| ours)
    }
}
