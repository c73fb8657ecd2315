//! A mirror's neighbours on the LAN, found by beacons.

use super::Mirror;
use crate::lan::{Mode, Ports};
use crate::net::addr::{direct_ip, tcp_port};
use crate::net::{Multiaddr, NetProfile, PeerId};
use crate::node::handle::News;
use crate::node::near::Near;
use std::time::Instant;

impl Mirror {
    /// We are reachable at an address. The first that others can reach, too, starts the beacon.
    pub(super) async fn listening(&mut self, address: Multiaddr) {
        if self.begun.remove(&address) {
            return;
        }
        let outside = direct_ip(&address).is_some_and(|ip| !ip.is_loopback());
        let port = tcp_port(&address).filter(|_| outside && self.beacon && self.near.is_none());
        self.say(News::Listening(address));
        if let Some(node) = port {
            self.near = Near::start(NetProfile::Mirror, Mode::Talk, Ports { node, page: 0 });
            self.tell_near().await;
        }
    }

    /// Tells the beacon what is served here, and what is looked for.
    pub(super) async fn tell_near(&mut self) {
        let follows = self.follows.values();
        let archives = follows.map(|follow| (follow.archive, follow.complete.is_some())).collect();
        if let Some(near) = &mut self.near {
            near.archives(archives).await;
        }
    }

    /// Somebody on the LAN has an archive that we follow.
    pub(super) fn neighbour(&mut self, address: Multiaddr) {
        self.redial.add_lan(address, Instant::now());
        self.dial_due();
    }

    /// What became of dialling an address.
    pub(super) fn judged(&mut self, address: &Multiaddr, good: bool) {
        if let Some(near) = &mut self.near {
            near.judged(address, good);
        }
    }

    /// A peer has what we follow. It may be gone since it said so.
    pub(super) fn proved(&mut self, peer: &PeerId) {
        if !self.connected.contains(peer) {
            return;
        }
        self.friends.served(peer);
        self.ground.net.keep(*peer);
        let Some(near) = &mut self.near else { return };
        self.redial.lan_of(peer).for_each(|address| near.judged(address, true));
    }
}
