//! Nodes of one attacker: each at an address of its own, all in each other's tables, all saying that they have the archive,
//! none ever gives anything. They stay connected as long as they are let.

use futures::StreamExt as _;
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity, ValidationMode};
use libp2p::kad::store::MemoryStore;
use libp2p::kad::{self, Mode, RecordKey};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, identify, identity, noise, tcp, yamux,
};
use std::time::Duration;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::dht::{DhtKey, PROTOCOL};
use yadgar_protocol::sync::gossip_topic;

/// Where the victim is.
pub const TARGET: &str = "YADGAR_ECLIPSE_TARGET";
/// The id of its archive.
pub const ARCHIVE: &str = "YADGAR_ECLIPSE_ARCHIVE";
/// The addresses of the attacker.
pub const ADDRESSES: &str = "YADGAR_ECLIPSE_ADDRESSES";
/// Connections that each of them wants to hold, so that few take all places.
const CONNECTIONS: u32 = 2;
/// Pause before the next try where one was refused, or ended.
const AGAIN: Duration = Duration::from_secs(2);

#[derive(NetworkBehaviour)]
struct Hostile {
    identify: identify::Behaviour,
    kad: kad::Behaviour<MemoryStore>,
    gossip: gossipsub::Behaviour,
}

fn swarm(key: identity::Keypair) -> Swarm<Hostile> {
    let build = |key: &identity::Keypair| {
        let local = key.public().to_peer_id();
        let config = kad::Config::new(StreamProtocol::new(PROTOCOL));
        let mut kad = kad::Behaviour::with_config(local, MemoryStore::new(local), config);
        kad.set_mode(Some(Mode::Server));
        let config = gossipsub::ConfigBuilder::default()
            .validation_mode(ValidationMode::Anonymous)
            .message_id_fn(|m| gossipsub::MessageId::new(blake3::hash(&m.data).as_bytes()))
            .build()
            .unwrap();
        let gossip = gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap();
        let identify = identify::Config::new("ipfs/0.1.0".into(), key.public());
        Hostile { identify: identify::Behaviour::new(identify), kad, gossip }
    };
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(build)
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(3_600)))
        .build()
}

/// A dial, connected or not.
fn once_more(target: &Multiaddr) -> DialOpts {
    let Some(Protocol::P2p(peer)) = target.iter().last() else { panic!("{target} has no id") };
    let addresses = vec![target.clone()];
    let dial = DialOpts::peer_id(peer).addresses(addresses).condition(PeerCondition::Always);
    dial.allocate_new_port().build()
}

/// One of them. It listens at its own address; from which of the attacker's addresses it comes is up to the attacker's router.
async fn besiege(
    key: identity::Keypair,
    own: Multiaddr,
    friends: Vec<(PeerId, Multiaddr)>,
    target: Multiaddr,
    archive: ArchiveId,
) {
    let mut swarm = swarm(key);
    swarm.listen_on(own.clone()).unwrap();
    swarm.add_external_address(own);
    let node = swarm.behaviour_mut();
    for (id, address) in friends {
        node.kad.add_address(&id, address);
    }
    let key = RecordKey::new(DhtKey::of(&archive).as_bytes());
    node.gossip.subscribe(&IdentTopic::new(gossip_topic(&archive))).unwrap();
    let mut again = tokio::time::interval(AGAIN);
    let mut there = 0;
    loop {
        tokio::select! {
            _ = again.tick() => {
                if there < CONNECTIONS {
                    drop(swarm.dial(once_more(&target)));
                }
                if there > 0 {
                    drop(swarm.behaviour_mut().kad.start_providing(key.clone()));
                }
            }
            event = swarm.select_next_some() => match event {
                SwarmEvent::ConnectionEstablished { num_established, .. } => {
                    there = num_established.get();
                }
                SwarmEvent::ConnectionClosed { num_established, .. } => there = num_established,
                _ => {}
            },
        }
    }
}

/// All of them, until the process is ended.
pub fn run() {
    let (Ok(target), Ok(archive), Ok(addresses)) =
        (std::env::var(TARGET), std::env::var(ARCHIVE), std::env::var(ADDRESSES))
    else {
        return;
    };
    let target: Multiaddr = target.parse().unwrap();
    let archive: ArchiveId = archive.parse().unwrap();
    let all: Vec<(identity::Keypair, Multiaddr)> = addresses
        .split(' ')
        .map(|ip| {
            let key = identity::Keypair::generate_ed25519();
            (key, format!("/ip4/{ip}/tcp/4774").parse().unwrap())
        })
        .collect();
    let friends: Vec<(PeerId, Multiaddr)> =
        all.iter().map(|(key, at)| (key.public().to_peer_id(), at.clone())).collect();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for (key, own) in all {
            tokio::spawn(besiege(key, own, friends.clone(), target.clone(), archive));
        }
        std::future::pending::<()>().await;
    });
}
