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
mod bans;
mod behaviour;
mod candidates;
mod error;
mod gate;
mod handle;
pub mod lan;
pub mod limits;
mod mdns;
pub mod muxer;
pub mod pace;
pub mod profile;
mod rate;
mod room;
mod start;
mod streams;
mod transport;
mod zoned;

pub use behaviour::{PEERS_PROTOCOL, SYNC_PROTOCOL};
pub use error::{DialError, NetError};
pub use handle::{NetEvent, NetHandle, PeerInfo};
pub use libp2p::gossipsub::{MessageAcceptance, MessageId};
pub use libp2p::identity::Keypair;
pub use libp2p::{Multiaddr, PeerId};
pub use limits::NetLimits;
pub use pace::{Hours, Rates};
pub use profile::NetProfile;
pub use streams::{OpenError, SyncStream};

use tokio::sync::mpsc;

/// How a node is to behave on the network.
#[derive(Debug, Clone)]
pub struct NetConfig {
    /// The profile. What it does not allow has no effect here: `listen`, `keypair`, `mdns` and `gossip`.
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
    /// Use QUIC as well as TCP.
    pub quic: bool,
    /// Rate limits.
    pub rates: Rates,
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
            quic: true,
            rates: Rates::default(),
        }
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
            quic: false,
            rates: Rates::default(),
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
            quic: true,
            rates: Rates::default(),
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
