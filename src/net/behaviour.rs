//! What a node does on its connections.

use super::NetConfig;
use super::dht::Dht;
use super::gate::Gate;
use super::gossip::{Gossip, Topics, gossip};
use super::limits::{PING_INTERVAL, PING_TIMEOUT};
use super::pace::Rates;
use super::reaching::Reaching;
use super::sifted::Sifted;
use super::streams::Streams;
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{identify, ping, relay};

/// What we say we are: nothing that tells this program from others.
const AGENT: &str = "libp2p";
/// Protocol family in identify, as most libp2p programs say it.
const FAMILY: &str = "ipfs/0.1.0";
/// Name of the stream protocol (sync.md).
pub const SYNC_PROTOCOL: &str = "/yadgar/sync/1";
/// Name of the exchange of addresses (peers.md).
pub const PEERS_PROTOCOL: &str = "/yadgar/peers/1";

/// All behaviours. The gate is first: it refuses before others set anything up.
#[derive(NetworkBehaviour)]
pub struct Node {
    /// Limits and bans.
    pub gate: Gate,
    /// Sync streams.
    pub streams: Streams,
    /// Exchange of addresses (mirrors and shares).
    pub peers: Toggle<Streams>,
    /// Tells the other side which protocols there are.
    pub identify: Sifted<identify::Behaviour>,
    /// Finds dead connections.
    pub ping: ping::Behaviour,
    /// New heads (mirrors only).
    pub gossip: Toggle<Gossip>,
    /// Who has an archive (mirrors only).
    pub dht: Toggle<Dht>,
    /// Being reached (mirrors only).
    pub reaching: Reaching,
}

impl Node {
    /// The behaviours for a configuration; `circuits` is the client of relays, for nodes that may.
    ///
    /// # Errors
    /// When gossip refuses its settings.
    pub fn new(
        config: &NetConfig,
        key: &Keypair,
        topics: &Topics,
        circuits: Option<relay::client::Behaviour>,
    ) -> Result<Self, String> {
        let powers = config.profile.powers();
        let identify = identify::Config::new(FAMILY.into(), key.public())
            .with_agent_version(AGENT.into())
            .with_hide_listen_addrs(true)
            // Addresses that peers claim are not remembered: they are not asked for.
            .with_cache_size(0);
        let ping = ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT);
        let peers = config.exchanges().then(|| {
            Streams::new(PEERS_PROTOCOL, true, Rates::default(), Rates::default().shared())
        });
        let gossips = powers.gossips && config.gossip;
        let gossip = gossips.then(|| gossip(topics.clone())).transpose()?;
        // Behind a proxy nobody reaches us, and a search would dial many through it.
        let dht = powers.searches && config.dht && !config.is_proxied();
        let dht = dht.then(|| Dht::new(key.public().to_peer_id(), config.loopback_dht));
        let shared = config.paces.clone().unwrap_or_else(|| config.rates.shared());
        Ok(Self {
            gate: Gate::new(config.limits).within(powers),
            streams: Streams::new(SYNC_PROTOCOL, powers.serves, config.rates, shared)
                .counted(config.volume.clone()),
            peers: peers.into(),
            identify: Sifted::deaf(identify::Behaviour::new(identify)),
            ping: ping::Behaviour::new(ping),
            gossip: gossip.into(),
            dht: dht.into(),
            reaching: Reaching::new(config, key.public().to_peer_id(), circuits),
        })
    }
}
