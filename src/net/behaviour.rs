//! What a node does on its connections.

use super::NetConfig;
use super::gate::Gate;
use super::limits::{GOSSIP_OVERHEAD_BYTES, MAX_GOSSIP_TOPICS, PING_INTERVAL, PING_TIMEOUT};
use super::pace::Rates;
use super::streams::Streams;
use libp2p::gossipsub::{self, AllowAllSubscriptionFilter, MaxCountSubscriptionFilter};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{identify, ping};
use std::time::Duration;
use yadgar_protocol::limits::MAX_GOSSIP_BYTES;

/// What we say we are: nothing that tells this program from others.
const AGENT: &str = "libp2p";
/// Protocol family in identify, as most libp2p programs say it.
const FAMILY: &str = "ipfs/0.1.0";
/// Name of the stream protocol (sync.md).
pub const SYNC_PROTOCOL: &str = "/yadgar/sync/1";
/// Name of the exchange of addresses (peers.md).
pub const PEERS_PROTOCOL: &str = "/yadgar/peers/1";

/// Gossip with a bound on the topics of a peer.
pub type Gossip = gossipsub::Behaviour<
    gossipsub::IdentityTransform,
    MaxCountSubscriptionFilter<AllowAllSubscriptionFilter>,
>;

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
    pub identify: identify::Behaviour,
    /// Finds dead connections.
    pub ping: ping::Behaviour,
    /// New heads (mirrors only).
    pub gossip: Toggle<Gossip>,
}

impl Node {
    /// The behaviours for a configuration.
    ///
    /// # Errors
    /// When gossip refuses its settings.
    pub fn new(config: &NetConfig, key: &Keypair) -> Result<Self, String> {
        let powers = config.profile.powers();
        let identify = identify::Config::new(FAMILY.into(), key.public())
            .with_agent_version(AGENT.into())
            .with_hide_listen_addrs(true)
            // Addresses that peers claim are not remembered: they are not asked for.
            .with_cache_size(0);
        let ping = ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT);
        let peers = powers.exchanges.then(|| Streams::new(PEERS_PROTOCOL, true, Rates::default()));
        let gossip = (powers.gossips && config.gossip).then(gossip).transpose()?;
        Ok(Self {
            gate: Gate::new(config.limits).within(powers),
            streams: Streams::new(SYNC_PROTOCOL, powers.serves, config.rates),
            peers: peers.into(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping),
            gossip: gossip.into(),
        })
    }
}

/// Gossip as SYNC-9 wants it: anonymous, named by content, forwarded only after our verdict.
fn gossip() -> Result<Gossip, String> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(gossipsub::ValidationMode::Anonymous)
        .message_id_fn(|m| gossipsub::MessageId::new(blake3::hash(&m.data).as_bytes()))
        .max_transmit_size(MAX_GOSSIP_BYTES + GOSSIP_OVERHEAD_BYTES)
        .validate_messages()
        .flood_publish(true)
        .duplicate_cache_time(Duration::from_secs(120))
        .connection_handler_queue_len(64)
        .max_publish_messages(32)
        .build()
        .map_err(|e| e.to_string())?;
    let filter = MaxCountSubscriptionFilter {
        filter: AllowAllSubscriptionFilter {},
        max_subscribed_topics: MAX_GOSSIP_TOPICS,
        max_subscriptions_per_request: MAX_GOSSIP_TOPICS,
    };
    let anonymous = gossipsub::MessageAuthenticity::Anonymous;
    Gossip::new_with_subscription_filter(anonymous, config, filter).map_err(Into::into)
}
