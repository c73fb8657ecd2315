//! libp2p: the swarm actor.
//!
//! One task owns the swarm; everything else talks to it through a [`NetHandle`] and a bounded
//! queue of [`NetEvent`]s. The actor never waits for whoever reads the events: when the queue is
//! full it drops what will come again (gossip, discoveries) and closes what will not (streams, new
//! connections). It knows nothing of archives and blocks.
//!
//! What a node may do depends on its profile ([`profile`]): a reader only dials, with a fresh identity and nothing
//! to offer; a share listens on a LAN; a mirror listens.

mod actor;
pub mod addr;
mod behaviour;
mod candidates;
mod dht;
mod error;
mod gate;
mod gossip;
mod guests;
mod handle;
mod handshakes;
mod knocks;
pub mod lan;
pub mod limits;
mod load;
pub mod machine;
mod mdns;
pub mod muxer;
mod outward;
pub mod pace;
pub mod profile;
pub(crate) mod rate;
mod reach;
mod reaching;
mod room;
mod seek;
mod sifted;
mod start;
pub mod steady;
mod strangers;
mod streams;
mod transport;
mod unaddressed;
pub mod volume;
pub mod ws;
mod zoned;

pub use behaviour::{PEERS_PROTOCOL, SYNC_PROTOCOL};
pub use dht::DhtState;
pub use error::{DialError, NetError};
pub use handle::{NetEvent, NetHandle, PeerInfo};
pub use libp2p::gossipsub::{MessageAcceptance, MessageId};
pub use libp2p::identity::Keypair;
pub use libp2p::{Multiaddr, PeerId};
pub use limits::NetLimits;
pub use load::NetLoad;
pub use pace::{Hours, Rates};
pub use profile::NetProfile;
pub use reach::{ReachStatus, Relaying};
pub use streams::{OpenError, SyncStream};
pub use volume::Volume;

use crate::dial::Dialler;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How a node is to behave on the network.
#[derive(Debug, Clone)]
pub struct NetConfig {
    /// The profile. What it does not allow has no effect here: `listen`, `keypair`, `mdns`, `gossip`
    /// and `dht`.
    pub profile: NetProfile,
    /// Addresses to listen on; port 0 takes a free one.
    pub listen: Vec<Multiaddr>,
    /// The identity to keep; without one, a fresh one.
    pub keypair: Option<Keypair>,
    /// Connection limits.
    pub limits: NetLimits,
    /// Look for other mirrors on the LAN, and be found there.
    pub mdns: bool,
    /// Take part in gossip.
    pub gossip: bool,
    /// Look for other mirrors in the DHT, and answer there when others can reach us.
    pub dht: bool,
    /// Use QUIC as well as TCP.
    pub quic: bool,
    /// Listen for WebSockets on public addresses, too, where everybody on the way sees that they are none of a browser.
    pub open_ws: bool,
    /// Rate limits.
    pub rates: Rates,
    /// The limits of all connections together, where something beside the swarm shares them: made of `rates`.
    pub paces: Option<pace::Paces>,
    /// The way out. With a proxy in it the node only dials, all through the proxy: it has no QUIC, no mDNS, and
    /// listens on nothing but loopback.
    pub dialler: Dialler,
    /// Counts what moves on sync streams.
    pub volume: Arc<Volume>,
    /// Dial through relays when an address says so. Nothing listens for it. A mirror always may.
    pub circuits: bool,
    /// Be a relay for others while it can be reached itself (mirrors only).
    pub relay: bool,
    /// Ask the router for a port by UPnP (mirrors only).
    pub upnp: bool,
    /// It stands behind a website, and nobody may be told that it does: it asks nobody whether it is reached, has nothing
    /// to do with relays, and exchanges no addresses, since who is told of by strangers would be dialled from there.
    pub fronted: bool,
    /// In the DHT, addresses of loopback count like public ones. For tests: else strangers could make a node dial what
    /// is on its own machine.
    pub loopback_dht: bool,
    /// Records of loopback addresses are told, believed and dialled (PEER-6). For tests: a mirror that listens on loopback
    /// because Tor or a web server leads to it meets strangers there.
    pub loopback_peers: bool,
}

impl NetConfig {
    /// A reader: TCP and QUIC, outbound only.
    pub fn reader() -> Self {
        Self {
            profile: NetProfile::Reader,
            listen: Vec::new(),
            keypair: None,
            limits: NetLimits::READER,
            mdns: false,
            gossip: false,
            dht: false,
            quic: true,
            open_ws: false,
            rates: Rates::default(),
            paces: None,
            dialler: Dialler::default(),
            volume: Arc::default(),
            circuits: false,
            relay: false,
            upnp: false,
            fronted: false,
            loopback_dht: false,
            loopback_peers: false,
        }
    }

    /// True when all that is dialled goes through the user's proxy: then nothing may be sent by another way, and no
    /// part of the node may send a datagram.
    pub fn is_proxied(&self) -> bool {
        self.dialler.proxy().is_some()
    }

    /// True when the node may find out whether others reach it, and be helped in that by others: mirrors that listen where
    /// others could come, unless they stand behind a website, or all goes through a proxy, which hides where they are.
    pub fn may_be_reached(&self) -> bool {
        self.profile.powers().reaches
            && !self.is_proxied()
            && !self.fronted
            && self.listen.iter().any(addr::is_door)
    }

    /// True when the node asks peers for addresses of others, and answers when they ask.
    pub fn exchanges(&self) -> bool {
        self.profile.powers().exchanges && !self.fronted
    }

    /// True when the node has to do with relays: it may dial through them, or is helped by them.
    fn uses_relays(&self) -> bool {
        let may = self.may_be_reached() || self.circuits;
        self.profile.powers().dials && !self.is_proxied() && !self.fronted && may
    }

    /// A share on these addresses: TCP only, without mDNS (docs/decisions/0017-no-mdns-in-a-share.md).
    pub fn share(listen: Vec<Multiaddr>) -> Self {
        Self {
            profile: NetProfile::Share,
            listen,
            keypair: None,
            limits: NetLimits::SHARE,
            mdns: false,
            gossip: false,
            dht: false,
            quic: false,
            open_ws: false,
            rates: Rates::default(),
            paces: None,
            dialler: Dialler::default(),
            volume: Arc::default(),
            circuits: false,
            relay: false,
            upnp: false,
            fronted: false,
            loopback_dht: false,
            loopback_peers: false,
        }
    }

    /// A mirror on these addresses, with LAN discovery and gossip.
    pub fn mirror(listen: Vec<Multiaddr>) -> Self {
        Self {
            profile: NetProfile::Mirror,
            listen,
            keypair: None,
            limits: NetLimits::MIRROR,
            mdns: true,
            gossip: true,
            dht: true,
            quic: true,
            open_ws: false,
            rates: Rates::default(),
            paces: None,
            dialler: Dialler::default(),
            volume: Arc::default(),
            circuits: true,
            relay: false,
            upnp: false,
            fronted: false,
            loopback_dht: false,
            loopback_peers: false,
        }
    }
}

/// Starts a node's network. Returns when every listening address is up.
///
/// # Errors
/// When an address cannot be listened on (a port in use, for example), or the setup fails.
pub async fn start(config: NetConfig) -> Result<(NetHandle, mpsc::Receiver<NetEvent>), NetError> {
    start::start(config).await
}
#[cfg(test)]
#[path = "net_tests.rs"]
mod tests;
