//! Nodes that do all that the DHT and gossip let them do, as fast as they can, under ever new names.

#[path = "control.rs"]
mod control;

use futures::StreamExt as _;
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity, ValidationMode};
use libp2p::kad::store::MemoryStore;
use libp2p::kad::{self, Mode, Quorum, Record, RecordKey};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Where the target is, and the topic of its archive.
pub const TARGET: &str = "YADGAR_FLOOD_TARGET";
/// See [`TARGET`].
pub const TOPIC: &str = "YADGAR_FLOOD_TOPIC";
/// The name of a message of gossip, in hexadecimal digits, that the target will have.
pub const MESSAGE: &str = "YADGAR_FLOOD_MESSAGE";
/// Begins the lines that count: acts, control messages of gossip beside them, bytes that were read of those, and that came.
pub const COUNT: &str = "hostile acts:";
/// Nodes that send nothing but control messages of gossip.
const CONTROLLERS: u64 = 2;
/// Nodes at the same time.
const NODES: u64 = 6;
/// Lifetime of a name.
const LIFE: Duration = Duration::from_secs(4);

static ACTS: AtomicU64 = AtomicU64::new(0);

#[derive(NetworkBehaviour)]
struct Hostile {
    kad: kad::Behaviour<MemoryStore>,
    gossip: gossipsub::Behaviour,
}

fn swarm() -> Swarm<Hostile> {
    let build = |key: &libp2p::identity::Keypair| {
        let local = key.public().to_peer_id();
        let config = kad::Config::new(StreamProtocol::new("/yadgar/kad/1"));
        let mut kad = kad::Behaviour::with_config(local, MemoryStore::new(local), config);
        kad.set_mode(Some(Mode::Server));
        let config = gossipsub::ConfigBuilder::default()
            .validation_mode(ValidationMode::Anonymous)
            .message_id_fn(|m| gossipsub::MessageId::new(blake3::hash(&m.data).as_bytes()))
            .build()
            .unwrap();
        let gossip = gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap();
        Hostile { kad, gossip }
    };
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(build)
        .unwrap()
        .build()
}

fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// One of everything.
fn act(swarm: &mut Swarm<Hostile>, topic: &IdentTopic, seed: u64) {
    let node = swarm.behaviour_mut();
    let key = |n: u64| RecordKey::new(&[&[0x1e, 0x20][..], &bytes(n, 32)].concat());
    node.kad.get_closest_peers(PeerId::random());
    node.kad.get_providers(key(seed));
    let _ = node.kad.start_providing(key(seed));
    let _ = node.kad.start_providing(RecordKey::new(&bytes(seed, 60)));
    if seed.is_multiple_of(50) {
        let value = Record::new(key(seed), bytes(seed, 8_000));
        let _ = node.kad.put_record(value, Quorum::One);
    }
    // Looks like a head, and is none.
    if seed.is_multiple_of(5) {
        let _ = node.gossip.publish(topic.clone(), [vec![1], bytes(seed, 4_000)].concat());
    }
    let _ = node.gossip.subscribe(&IdentTopic::new(format!("yadgar/1/{seed}")));
    ACTS.fetch_add(6, Relaxed);
}

/// One name's life.
async fn live(target: &Multiaddr, victim: PeerId, topic: &IdentTopic, seed: &mut u64) {
    let mut swarm = swarm();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
    for n in 0..4 {
        // Addresses of others, and those that nobody may dial.
        let ports = [22, 80, 4774, 9_000 + n];
        for ip in ["127.0.0.1", "10.0.0.1", "9.9.9.9"] {
            let addr = format!("/ip4/{ip}/tcp/{}", ports[n as usize]);
            swarm.add_external_address(addr.parse().unwrap());
        }
    }
    swarm.behaviour_mut().kad.add_address(&victim, target.clone());
    swarm.behaviour_mut().gossip.subscribe(topic).unwrap();
    let _ = swarm.dial(target.clone());
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let end = tokio::time::sleep(LIFE);
    tokio::pin!(end);
    let mut there = false;
    loop {
        tokio::select! {
            () = &mut end => return,
            _ = tick.tick(), if there => {
                *seed += 1;
                act(&mut swarm, topic, *seed);
            }
            event = swarm.select_next_some() => match event {
                SwarmEvent::ConnectionEstablished { .. } => there = true,
                // Refused: under a new name, then.
                SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } => {
                    return tokio::time::sleep(Duration::from_millis(50)).await;
                }
                _ => {}
            },
        }
    }
}

/// Floods until it is ended.
pub async fn run(target: &str, topic: &str, message: &str) {
    let message = hex::decode(message).unwrap();
    let target: Multiaddr = target.parse().unwrap();
    let Some(libp2p::multiaddr::Protocol::P2p(victim)) = target.iter().last() else {
        panic!("a target has a name");
    };
    for node in 0..NODES {
        let (target, topic) = (target.clone(), IdentTopic::new(topic));
        tokio::spawn(async move {
            let mut seed = node << 40;
            loop {
                live(&target, victim, &topic, &mut seed).await;
            }
        });
    }
    for node in 0..CONTROLLERS {
        let (target, topic, message) = (target.clone(), topic.to_owned(), message.clone());
        let aim = control::Aim { target, victim, topic, message, long: node == 0 };
        tokio::spawn(control::run(aim, node << 40));
    }
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let counts = [&ACTS, &control::SENT, &control::READ, &control::CAME];
        let counts = counts.map(|count| count.load(Relaxed).to_string());
        println!("{COUNT} {}", counts.join(" "));
    }
}
