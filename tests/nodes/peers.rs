//! Mirrors that remember each other, with real networks: protocol/spec/peers.md.

use crate::nets::{PATIENCE, config, files, packed};
use crate::quiet;
use crate::sample::Sample;
use ed25519_dalek::{Signer, SigningKey};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use yadgar::net::{self, Keypair, Multiaddr, NetConfig, NetHandle, PeerId};
use yadgar::node::mirror::{self, MirrorConfig, MirrorHandle, NodeStatus};
use yadgar::store::{ArchiveStates, BlockStore as _, MemoryStore};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::peers::{Peer, PeerAddress, Unsigned, decode_list, encode_list};

/// What a mirror keeps from one run to the next.
struct Home {
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    key: Keypair,
    listen: Multiaddr,
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        let (store, key) = (Arc::new(MemoryStore::new()), Keypair::generate_ed25519());
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
        Self { store, states, key, listen, dir }
    }

    /// A home that has a release, and may find its archive at these addresses.
    fn with(sample: &Sample, addresses: &[String]) -> Self {
        let home = Self::new();
        let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
        home.store.put(packed(sample)).unwrap();
        home.states.set_trusted(&id, head).unwrap();
        home.states.set_complete(&id, head).unwrap();
        home.addresses(&id, addresses);
        home
    }

    fn addresses(&self, id: &ArchiveId, addresses: &[String]) {
        let mut settings = self.states.settings(id).unwrap();
        settings.addresses = addresses.to_vec();
        self.states.set_settings(id, &settings).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("peers")
    }

    fn id(&self) -> PeerId {
        self.key.public().to_peer_id()
    }

    fn address(&self) -> String {
        self.listen.clone().with_p2p(self.id()).unwrap().to_string()
    }

    async fn start(&self) -> MirrorHandle {
        let net = NetConfig {
            keypair: Some(self.key.clone()),
            listen: vec![self.listen.clone()],
            ..config(false)
        };
        let (store, states) = (self.store.clone(), self.states.clone());
        let peers = Some(self.file());
        let config = MirrorConfig { peers, ..quiet(store, states, net) };
        mirror::start(config).await.unwrap().0
    }
}

async fn wait(node: &MirrorHandle, what: &str, is: impl Fn(&NodeStatus) -> bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let status = node.status().await.unwrap();
        if is(&status) {
            return;
        }
        assert!(tokio::time::Instant::now() < until, "{what}: {status:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn linked(node: &MirrorHandle, with: &Home, what: &str) {
    let id = with.id().to_string();
    wait(node, what, |s| s.peers.iter().any(|p| p.peer == id)).await;
}

async fn proved(node: &MirrorHandle, of: &Home, what: &str) {
    let id = of.id().to_string();
    wait(node, what, |s| s.remembered.iter().any(|r| r.peer == id && r.proved)).await;
}

fn sample() -> Sample {
    Sample::new("Test", 1, &[("core", files(1, 20_000))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_met_through_a_third_find_each_other_without_it() {
    let one = sample();
    let id = one.accepted.release.archive;
    let a = Home::with(&one, &[]);
    let b = Home::with(&one, &[a.address()]);
    let c = Home::with(&one, &[b.address()]);
    let (na, nb, nc) = (a.start().await, b.start().await, c.start().await);
    linked(&nb, &a, "b dials a").await;
    linked(&nc, &b, "c dials b").await;
    linked(&nc, &a, "c learns of a by b").await;
    proved(&nc, &a, "c finds the archive at a").await;
    for node in [na, nb, nc] {
        node.shutdown().await;
    }
    // No invite helps any more, and b is gone for good.
    c.addresses(&id, &[]);
    for first in [&a, &c, &a] {
        let second = if std::ptr::eq(first, &a) { &c } else { &a };
        let one = first.start().await;
        let two = second.start().await;
        linked(&one, second, "the first finds the second").await;
        linked(&two, first, "and the other way").await;
        one.shutdown().await;
        two.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_that_is_damaged_begins_anew() {
    let one = sample();
    let a = Home::with(&one, &[]);
    let b = Home::with(&one, &[a.address()]);
    std::fs::write(b.file(), b"\xa5 this is no memory").unwrap();
    let (na, nb) = (a.start().await, b.start().await);
    proved(&nb, &a, "b goes on without it").await;
    na.shutdown().await;
    nb.shutdown().await;
    let mode = std::os::unix::fs::PermissionsExt::mode(&b.file().metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let nb = b.start().await;
    wait(&nb, "kept", |s| s.remembered.iter().any(|r| r.proved)).await;
    nb.shutdown().await;
}

fn record(n: u8, at: &str) -> Peer {
    let key = SigningKey::from_bytes(&[n; 32]);
    let at: std::net::SocketAddr = at.parse().unwrap();
    let addrs = vec![PeerAddress { quic: false, ip: at.ip(), port: at.port() }];
    let own = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
    let unsigned = Unsigned::new(own, 1, addrs).unwrap();
    let signature = key.sign(&unsigned.to_be_signed()).to_bytes();
    unsigned.with(signature).unwrap()
}

/// Sends bytes as a list; what came back.
async fn send(net: &NetHandle, to: PeerId, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = net.open_peers(to).await.ok()?;
    stream.write_all(bytes).await.ok()?;
    stream.close().await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    Some(answer)
}

async fn stranger() -> NetHandle {
    let (net, mut events) = net::start(config(false)).await.unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    net
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lies_are_refused() {
    let a = Home::with(&sample(), &[]);
    let node = a.start().await;
    let address: Multiaddr = a.address().parse().unwrap();
    // Private addresses of no LAN that both are on are not taken; the rest of the list is.
    let good = record(1, "9.9.9.9:4774");
    let list = [good.clone(), record(2, "192.168.77.7:4774"), record(3, "[fd77::7]:4774")];
    let net = stranger().await;
    net.dial(address.clone()).await.unwrap();
    let answer = send(&net, a.id(), &encode_list(&list)).await.unwrap();
    let told = decode_list(&answer, |_| None).unwrap();
    assert_eq!(told.len(), 1, "his own, and none that only others told");
    assert_eq!(told[0].addresses()[0].ip, std::net::Ipv4Addr::LOCALHOST);
    let remembered = node.status().await.unwrap().remembered;
    assert_eq!(remembered.len(), 1);
    assert!(remembered[0].addresses[0].starts_with("/ip4/9.9.9.9/tcp/4774/p2p/"), "{remembered:?}");
    assert!(send(&net, a.id(), &encode_list(&list)).await.is_none_or(|b| b.is_empty()), "so soon");
    // Whoever sends what is no list is shut out.
    let mut forged = encode_list(&[good]);
    let last = forged.len() - 20;
    forged[last] ^= 1;
    for bad in [forged, vec![0; 1_000_000], b"GET / HTTP/1.1".to_vec()] {
        let net = stranger().await;
        net.dial(address.clone()).await.unwrap();
        let answer = send(&net, a.id(), &bad).await;
        assert!(answer.is_none_or(|bytes| bytes.is_empty()));
        let until = tokio::time::Instant::now() + PATIENCE;
        while !net.connected().await.is_empty() {
            assert!(tokio::time::Instant::now() < until, "not shut out");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_takes_no_part() {
    let a = Home::with(&sample(), &[]);
    let node = a.start().await;
    let (reader, mut events) = net::start(NetConfig::reader()).await.unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    reader.dial(a.address().parse().unwrap()).await.unwrap();
    assert!(reader.open_peers(a.id()).await.is_err(), "it cannot ask");
    // Nor is it asked with success, or remembered.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(node.status().await.unwrap().remembered.is_empty());
    assert_eq!(reader.connected().await.len(), 1, "and nobody minds");
    node.shutdown().await;
}
