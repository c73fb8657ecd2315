//! The share as a libp2p peer, beside its page.

use super::super::Ui;
use super::Home;
use crate::net::lan::LanAddress;
use crate::net::{Multiaddr, NetError};
use crate::node::head_to_tell;
use crate::node::share::{SharePeer, start as start_peer};
use crate::sync::Tell;
use std::net::IpAddr;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;

/// Starts the peer on the addresses that a multiaddr can say (not those of IPv6 link-local, which need an interface).
/// Without it the page is still there, so a failure is only told.
pub async fn start(ui: &Ui, home: &Arc<Home>, addresses: &[LanAddress]) -> Option<SharePeer> {
    let listen: Vec<Multiaddr> = addresses.iter().filter_map(|at| multiaddr(*at)).collect();
    if listen.is_empty() || only_some(ui, home) {
        return None;
    }
    match begin(home, listen).await {
        Ok(peer) => Some(peer),
        Err(e) => {
            ui.warn(
                format!("other yadgars cannot connect, browsers can: {e}"),
                format!("یادگارهای دیگر نمی‌توانند وصل شوند، مرورگرها می‌توانند: {e}"),
            );
            None
        }
    }
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

async fn begin(home: &Arc<Home>, listen: Vec<Multiaddr>) -> Result<SharePeer, NetError> {
    start_peer(home.access.store.clone(), home.clone(), listen).await
}

fn multiaddr(at: LanAddress) -> Option<Multiaddr> {
    if !at.is_for_browsers() {
        return None;
    }
    let text = match at.ip {
        IpAddr::V4(ip) => format!("/ip4/{ip}/tcp/0"),
        IpAddr::V6(ip) => format!("/ip6/{ip}/tcp/0"),
    };
    text.parse().ok()
}

/// Where it listens.
pub async fn addresses(peer: Option<&SharePeer>) -> Vec<String> {
    match peer {
        Some(peer) => peer.addresses().await.iter().map(ToString::to_string).collect(),
        None => Vec::new(),
    }
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
