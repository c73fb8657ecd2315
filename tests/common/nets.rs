//! Real nodes on the loopback, honest and hostile, for the tests of sync.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use super::sample::Sample;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use yadgar::net::{self, Multiaddr, NetConfig, NetEvent, NetHandle, PeerId, SyncStream};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar::sync::{Asked, ServeLimits, Server, Tell, Timing};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::sync::FrameReader;
use yadgar_protocol::sync::frame::Frame;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, BlockId, Codec};

/// Nothing in a test depends on speed; this only ends a test that hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Short times, so that waiting for the worst does not take minutes.
pub const TIMING: Timing = Timing {
    stall: Duration::from_secs(1),
    reopen: Duration::from_millis(20),
    ask_again: Duration::from_millis(200),
    slow: Duration::from_millis(500),
};

/// Bytes that nothing compresses.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Some files, small ones and one of `large` bytes.
pub fn files(seed: u64, large: usize) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> =
        (0..60).map(|n| (format!("records/{n}.json"), noise(seed * 1000 + n, 900))).collect();
    files.push(("film/large.webm".into(), noise(seed * 1000 + 999, large)));
    files
}

/// A release of two parts.
pub fn sample() -> Sample {
    Sample::new("Test", 1, &[("core", files(1, 300_000)), ("media", files(2, 3_000_000))])
}

/// All blocks of a sample, with the payload of its release.
pub fn packed(sample: &Sample) -> Vec<Packed> {
    let payload = sample.accepted.head.release.payload.clone();
    let kept = sample.blocks.iter().map(|(id, bytes)| Packed::plain(id.codec, bytes.clone()));
    kept.chain([Packed::plain(Codec::DagCbor, payload)]).collect()
}

pub fn memory(blocks: Vec<Packed>) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    store.put(blocks).unwrap();
    store
}

pub fn config(quic: bool) -> NetConfig {
    let addr = if quic { "/ip4/127.0.0.1/udp/0/quic-v1" } else { "/ip4/127.0.0.1/tcp/0" };
    NetConfig {
        mdns: false,
        loopback_peers: true,
        ..NetConfig::mirror(vec![addr.parse().unwrap()])
    }
}

/// A node that does with every stream what `answer` says.
pub async fn node<F, T>(quic: bool, answer: F) -> (NetHandle, Multiaddr)
where
    F: Fn(PeerId, SyncStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let (net, mut events) = net::start(config(quic)).await.unwrap();
    let addr = net.listeners().await.remove(0);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let NetEvent::SyncStream { peer, stream } = event {
                tokio::spawn(answer(peer, stream));
            }
        }
    });
    (net, addr)
}

/// Tells the head of one archive.
struct OneHead {
    archive: ArchiveId,
    bytes: Vec<u8>,
}

impl Tell for OneHead {
    fn head(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        (*id == self.archive).then(|| self.bytes.clone())
    }

    fn bulletin(&self, _: &ArchiveId) -> Option<Vec<u8>> {
        None
    }
}

/// An honest node with these blocks and this head.
pub async fn honest(
    quic: bool,
    store: Arc<dyn BlockStore>,
    head: &Accepted,
) -> (NetHandle, Multiaddr) {
    let (archive, bytes) = (head.release.archive, head.bytes.clone());
    let told = OneHead { archive, bytes };
    let server = Server::new(store, Arc::new(told), ServeLimits::default());
    node(quic, move |peer, stream| {
        let server = server.clone();
        async move { drop(server.serve(peer, None, stream).await) }
    })
    .await
}

/// What a hostile node does with a want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evil {
    /// Other bytes under the right name.
    WrongBytes,
    /// The right bytes and one more.
    OneMoreByte,
    /// A good block that nobody wanted.
    Unwanted,
    /// A frame of no known kind.
    UnknownFrame,
    /// A length of 4 GiB.
    HugeLength,
    /// Half a frame, then the end.
    Truncated,
    /// Nothing, for ever.
    Silent,
    /// A byte now and then.
    Trickle,
    /// Says that everything is missing.
    LacksAll,
    /// The same, and ends the stream.
    LacksAndGoes,
    /// An end that nobody asked for.
    EarlyBye,
    /// One good answer, then other bytes.
    GoodThenBad,
}

/// A hostile node. It has all blocks and answers for the head like an honest one.
pub async fn evil(kind: Evil, sample: &Sample) -> (NetHandle, Multiaddr) {
    let (head, blocks) = (sample.accepted.bytes.clone(), Arc::new(sample.blocks.clone()));
    node(false, move |_, mut stream| {
        let (head, blocks) = (head.clone(), blocks.clone());
        async move {
            let (mut reader, mut buffer) = (FrameReader::new(), vec![0; 65536]);
            let mut given = 0;
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                let mut rest = &buffer[..read];
                while !rest.is_empty() {
                    let taken = reader.feed(rest);
                    rest = &rest[taken..];
                    let frame = match reader.next().unwrap() {
                        Some(Frame::GetHead(id)) => Frame::Head(id, Some(head.clone())),
                        Some(Frame::GetBulletin(id)) => Frame::Bulletin(id, None),
                        Some(Frame::Want(ids) | Frame::WantBundled(ids)) => {
                            harm(kind, &mut stream, &ids, &blocks, &mut given).await;
                            continue;
                        }
                        Some(Frame::Bye) => Frame::Bye,
                        _ => continue,
                    };
                    send(&mut stream, &frame).await;
                }
            }
        }
    })
    .await
}

async fn send(stream: &mut SyncStream, frame: &Frame) {
    let mut out = Vec::new();
    frame.encode(&mut out);
    write(stream, &out).await;
}

/// The other side may have left already.
async fn write(stream: &mut SyncStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
    let _ = stream.flush().await;
}

async fn harm(
    kind: Evil,
    stream: &mut SyncStream,
    ids: &[BlockId],
    blocks: &std::collections::BTreeMap<BlockId, Vec<u8>>,
    given: &mut usize,
) {
    let good = |id: &BlockId| Packed::plain(id.codec, blocks[id].clone());
    for id in ids {
        *given += 1;
        let mut packed = good(id);
        match kind {
            Evil::GoodThenBad if *given == 1 => {}
            Evil::WrongBytes | Evil::GoodThenBad => packed.data = noise(7, packed.data.len()),
            Evil::OneMoreByte => packed.data.push(0),
            Evil::Unwanted => packed = Packed::plain(Codec::Raw, b"nobody asked".to_vec()),
            Evil::UnknownFrame => return write(stream, &[0, 0, 0, 2, 99, 0]).await,
            Evil::HugeLength => return write(stream, &[0xff; 64]).await,
            Evil::EarlyBye => return send(stream, &Frame::Bye).await,
            Evil::LacksAll => return send(stream, &Frame::Missing(ids.to_vec())).await,
            Evil::LacksAndGoes => {
                send(stream, &Frame::Missing(ids.to_vec())).await;
                let _ = stream.close().await;
                return;
            }
            Evil::Silent => return,
            Evil::Truncated => {
                let mut out = Vec::new();
                Frame::Block(packed).encode(&mut out);
                write(stream, &out[..out.len() / 2]).await;
                let _ = stream.close().await;
                return;
            }
            Evil::Trickle => {
                write(stream, &[0, 4, 0, 0, 4]).await;
                for _ in 0..1000 {
                    write(stream, &[0]).await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                return;
            }
        }
        send(stream, &Frame::Block(packed)).await;
    }
}

/// A reader's network whose events nobody needs.
pub async fn reader() -> NetHandle {
    let (net, events) = net::start(NetConfig::reader()).await.unwrap();
    drop(events);
    net
}

/// A channel of sources with these peers in it; they are dialled first.
pub async fn sources(
    net: &NetHandle,
    addrs: &[&Multiaddr],
) -> (mpsc::Sender<Asked>, mpsc::Receiver<Asked>) {
    let (send, receive) = mpsc::channel(64);
    for addr in addrs {
        send.send(net.dial((*addr).clone()).await.unwrap().into()).await.unwrap();
    }
    (send, receive)
}
