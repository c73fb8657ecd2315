//! Mirrors and fetchers, with real networks and real states.

use crate::nets;
use crate::nets::{Evil, PATIENCE, TIMING, config, evil, files, honest, memory, packed};
use crate::quiet;
use crate::sample::Sample;
use libp2p::multiaddr::Protocol;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use yadgar::net::{Multiaddr, NetConfig};
use yadgar::node::fetcher::{FetchOnceError, FetchOptions, FetchReport, fetch_once};
use yadgar::node::mirror::{self, FollowStatus, MirrorConfig, MirrorHandle, News, NodeStatus};
use yadgar::store::{ArchiveStates, BlockStore, MemoryStore};
use yadgar::sync::FetchProgress;
use yadgar_protocol::ArchiveId;

/// A node's memory, and the folder of its states.
struct Home {
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    _dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        Self { store: Arc::new(MemoryStore::new()), states, _dir: dir }
    }

    /// Puts a release here, as publishing does.
    fn publish(&self, sample: &Sample) {
        let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
        self.store.put(packed(sample)).unwrap();
        self.states.set_trusted(&id, head).unwrap();
        self.states.set_complete(&id, head).unwrap();
    }

    fn want(&self, id: &ArchiveId, parts: Option<&[&str]>) {
        let mut settings = self.states.settings(id).unwrap();
        settings.parts = parts.map(|names| names.iter().map(|n| (*n).into()).collect());
        self.states.set_settings(id, &settings).unwrap();
    }

    fn complete(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        self.states.complete(id).unwrap()
    }

    /// Follows an archive that may be found at these addresses.
    async fn follow(&self, node: &MirrorHandle, id: ArchiveId, addrs: Vec<String>) {
        let mut settings = self.states.settings(&id).unwrap();
        settings.addresses.extend(addrs);
        self.states.set_settings(&id, &settings).unwrap();
        node.changed(id).await;
    }

    /// A mirror that asks for heads on connecting and then never again.
    async fn mirror(&self) -> MirrorHandle {
        self.mirror_with(config(false), Duration::from_secs(36_000)).await
    }

    async fn mirror_with(&self, net: NetConfig, heads_every: Duration) -> MirrorHandle {
        let (store, states) = (self.store.clone(), self.states.clone());
        let config = MirrorConfig { heads_every, ..quiet(store, states, net) };
        mirror::start(config).await.unwrap().0
    }
}

async fn status(node: &MirrorHandle) -> NodeStatus {
    node.status().await.unwrap()
}

async fn addr(node: &MirrorHandle) -> String {
    status(node).await.listening[0].clone()
}

async fn wait(node: &MirrorHandle, what: &str, is: impl Fn(&NodeStatus) -> bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while !is(&status(node).await) {
        assert!(tokio::time::Instant::now() < until, "{what}: {:?}", status(node).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn of<'a>(status: &'a NodeStatus, id: &ArchiveId) -> Option<&'a FollowStatus> {
    status.archives.iter().find(|a| a.archive == id.to_string())
}

async fn complete(node: &MirrorHandle, id: ArchiveId, sequence: u64) {
    let is = |s: &NodeStatus| of(s, &id).is_some_and(|a| a.complete == Some(sequence));
    wait(node, &format!("release {sequence} complete"), is).await;
}

async fn problem(news: &mut broadcast::Receiver<News>) -> String {
    loop {
        if let News::Problem { what, .. } =
            tokio::time::timeout(PATIENCE, news.recv()).await.unwrap().unwrap()
        {
            return what;
        }
    }
}

fn assert_has(home: &Home, sample: &Sample) {
    for (id, bytes) in &sample.blocks {
        assert_eq!(home.store.get(id).unwrap().as_ref(), Some(bytes));
    }
}

fn first() -> Sample {
    Sample::new("Test", 1, &[("core", files(1, 200_000)), ("media", files(2, 900_000))])
}

fn next(before: &Sample, seed: u64) -> Sample {
    let mut core = files(1, 200_000);
    core[3].1 = nets::noise(seed, 700);
    Sample::after(&before.accepted, &[("core", core), ("media", files(2, 900_000))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mirrors_follow_and_outlive_the_publisher() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b, c) = (Home::new(), Home::new(), Home::new());
    a.publish(&one);
    let (na, nb, nc) = (a.mirror().await, b.mirror().await, c.mirror().await);
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 1).await;
    assert_has(&b, &one);
    assert_eq!(b.complete(&id).unwrap(), one.accepted.bytes);
    // A new release is told by gossip: heads are asked for once an hour here.
    let two = next(&one, 77);
    a.publish(&two);
    let before = b.store.stats().unwrap().blocks;
    na.changed(id).await;
    complete(&nb, id, 2).await;
    assert_has(&b, &two);
    let new = two.blocks.keys().filter(|block| !one.blocks.contains_key(block)).count() as u64;
    assert!(new < 20, "the second release differs little");
    // And its payload and head.
    assert_eq!(b.store.stats().unwrap().blocks, before + new + 2);
    // The publisher goes; the mirror carries on.
    na.shutdown().await;
    c.follow(&nc, id, vec![addr(&nb).await]).await;
    complete(&nc, id, 2).await;
    assert_has(&c, &two);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sync_10_without_gossip_by_asking() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    let quiet = NetConfig { gossip: false, ..config(false) };
    let often = Duration::from_millis(200);
    let (na, nb) = (a.mirror_with(quiet.clone(), often).await, b.mirror_with(quiet, often).await);
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 1).await;
    let mut last = first();
    for seed in 50..54 {
        last = next(&last, seed);
        a.publish(&last);
    }
    na.changed(id).await;
    complete(&nb, id, 5).await;
    assert_has(&b, &last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_15_releases_in_between_are_asked_for_and_kept() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    b.publish(&one);
    let mut last = one;
    for seed in 50..54 {
        last = next(&last, seed);
        a.publish(&last);
    }
    let (na, nb) = (a.mirror().await, b.mirror().await);
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 5).await;
    assert_has(&b, &last);
    let prev = last.accepted.release.prev.unwrap();
    let before = yadgar_protocol::BlockId { codec: yadgar_protocol::Codec::DagCbor, hash: prev };
    assert!(b.store.has(&before).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_are_wanted() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    b.want(&id, Some(&["core"]));
    let (na, nb) = (a.mirror().await, b.mirror().await);
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 1).await;
    let media = one.accepted.release.part("media").unwrap().root;
    assert!(!b.store.has(&media).unwrap());
    b.want(&id, None);
    nb.changed(id).await;
    let total = one.blocks.len() as u64 + 2;
    while b.store.stats().unwrap().blocks < total {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_has(&b, &one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_26_a_fork_is_the_same_on_both_sides() {
    let one = first();
    let id = one.accepted.release.archive;
    let (good, bad) = (next(&one, 5), next(&one, 6));
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    a.publish(&good);
    b.publish(&one);
    b.publish(&bad);
    let (na, nb) = (a.mirror().await, b.mirror().await);
    let (mut seen_by_a, mut seen_by_b) = (na.news(), nb.news());
    b.follow(&nb, id, vec![addr(&na).await]).await;
    assert!(problem(&mut seen_by_a).await.contains("different release"));
    assert!(problem(&mut seen_by_b).await.contains("different release"));
    // Neither is chosen: both keep the proof, and what both releases build on is agreed.
    let [a, b] = [&a, &b].map(|home| home.states.state(&id).unwrap().unwrap());
    assert_eq!(a.shown_rule().hash, Some(one.accepted.release_hash()));
    assert!(a.fork.is_some() && a == b);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_mirror_is_dialled_again() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    let na = a.mirror().await;
    let nb = b.mirror().await;
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 1).await;
    let mut bare: Multiaddr = addr(&na).await.parse().unwrap();
    bare.pop();
    na.shutdown().await;
    wait(&nb, "alone", |s| s.peers.is_empty()).await;
    let two = next(&one, 9);
    a.publish(&two);
    // The same port under another identity: then it is not who was invited.
    let listen = NetConfig { listen: vec![bare.clone()], ..config(false) };
    let other = a.mirror_with(listen, Duration::from_secs(36_000)).await;
    b.follow(&nb, id, vec![bare.to_string()]).await;
    complete(&nb, id, 2).await;
    other.shutdown().await;
}

async fn fetch(home: &Home, addrs: &[&str]) -> Result<FetchReport, FetchOnceError> {
    fetch_for(home, addrs, Duration::from_millis(600)).await
}

async fn fetch_for(
    home: &Home,
    addrs: &[&str],
    give_up: Duration,
) -> Result<FetchReport, FetchOnceError> {
    let options = FetchOptions {
        archive: first().accepted.release.archive,
        hosts: Vec::new(),
        addresses: addrs.iter().map(|text| text.parse().unwrap()).collect(),
        lan: None,
        parts: None,
        quic: true,
        dialler: Default::default(),
        timing: TIMING,
        give_up,
        rates: Default::default(),
        began: None,
        demand: None,
    };
    let (report, _) = watch::channel(FetchProgress::default());
    let (store, states) = (home.store.clone(), home.states.clone());
    let fetch = fetch_once(store, states, options, report, CancellationToken::new());
    tokio::time::timeout(PATIENCE, fetch).await.unwrap()
}

const DEAD: &str = "/ip4/127.0.0.1/tcp/1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetching_once() {
    let one = first();
    let two = next(&one, 3);
    let id = one.accepted.release.archive;
    let (_a, old) = honest(false, memory(packed(&one)), &one.accepted).await;
    let (_b, new) = honest(true, memory(packed(&two)), &two.accepted).await;
    let (old, new) = (old.to_string(), new.to_string());
    let home = Home::new();
    let report = fetch(&home, &[&old, &new, DEAD]).await.unwrap();
    assert_eq!((report.head.release.sequence, report.reached), (2, 2));
    assert!(report.unreached[0].1.contains("refused"), "{:?}", report.unreached);
    assert_has(&home, &two);
    assert_eq!(home.complete(&id).unwrap(), two.accepted.bytes);
    // Again: nothing to do. TRUST-13: an older source changes nothing.
    for addr in [&new, &old] {
        let report = fetch(&home, &[addr.as_str()]).await.unwrap();
        assert_eq!((report.head.release.sequence, report.summary.blocks), (2, 0));
    }
}

/// Leads to a node, and cuts each of the first connections when so many bytes came from it.
async fn cutting(to: SocketAddr, cuts: &'static [u64]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for n in 0.. {
            let (mut here, _) = listener.accept().await.unwrap();
            let mut there = TcpStream::connect(to).await.unwrap();
            let most = cuts.get(n).copied().unwrap_or(u64::MAX);
            tokio::spawn(async move {
                let ((mut asked, mut told), (from, mut into)) = (here.split(), there.split());
                let mut from = from.take(most);
                let up = tokio::io::copy(&mut asked, &mut into);
                let down = tokio::io::copy(&mut from, &mut told);
                tokio::select! { _ = up => {} _ = down => {} }
            });
        }
    });
    port
}

/// Who filters cuts connections that carry much; then the reader comes again by itself, and gets what is missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_goes_on_when_its_connection_is_cut() {
    let one = first();
    let (_a, at) = honest(false, memory(packed(&one)), &one.accepted).await;
    let port = at.iter().find_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    });
    let to = SocketAddr::from(([127, 0, 0, 1], port.unwrap()));
    let port = cutting(to, &[300_000, 200_000, 250_000]).await;
    let home = Home::new();
    let through = format!("/ip4/127.0.0.1/tcp/{port}");
    let report = fetch_for(&home, &[&through], PATIENCE).await.unwrap();
    assert_eq!((report.head.release.sequence, report.reached), (1, 1));
    assert_has(&home, &one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sync_8_a_release_that_nobody_has_hides_nothing() {
    let one = first();
    let two = next(&one, 3);
    let id = one.accepted.release.archive;
    let a = Home::new();
    a.publish(&one);
    // The mirror heard of a second release, whose blocks nobody has.
    a.states.set_trusted(&id, &two.accepted.bytes).unwrap();
    let na = a.mirror().await;
    let addr = addr(&na).await;
    let new = Home::new();
    let report = fetch(&new, &[&addr]).await.unwrap();
    assert_eq!(report.head.release.sequence, 1);
    assert_has(&new, &one);
    // Who trusts the second already gets the first to read, and goes on trusting the second.
    let knows = Home::new();
    knows.states.set_trusted(&id, &two.accepted.bytes).unwrap();
    let report = fetch(&knows, &[&addr]).await.unwrap();
    assert_eq!(report.head.release.sequence, 1);
    assert_eq!(knows.complete(&id).unwrap(), one.accepted.bytes);
    assert_eq!(knows.states.trusted(&id).unwrap().unwrap(), two.accepted.bytes);
    // But no other release than one that it follows.
    let forked = Home::new();
    let fork = next(&next(&one, 8), 9);
    forked.states.set_trusted(&id, &fork.accepted.bytes).unwrap();
    assert!(fetch(&forked, &[&addr]).await.is_err());
    assert_eq!(forked.complete(&id), None);
    na.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_never_answers_holds_nobody_up() {
    // Accepts connections and says nothing: the handshake alone takes twenty seconds to fail.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("/ip4/127.0.0.1/tcp/{}", silent.local_addr().unwrap().port());
    let one = first();
    let (_a, addr) = honest(false, memory(packed(&one)), &one.accepted).await;
    let home = Home::new();
    let report = fetch(&home, &[&silent, &addr.to_string()]).await.unwrap();
    assert_has(&home, &one);
    assert_eq!(report.reached, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetching_says_why_not() {
    let one = first();
    let id = one.accepted.release.archive;
    let nowhere = fetch(&Home::new(), &[]).await;
    assert!(matches!(nowhere, Err(FetchOnceError::NoAddress)));
    match fetch(&Home::new(), &[DEAD]).await {
        Err(FetchOnceError::Unreachable(why)) => assert_eq!(why.len(), 1),
        other => panic!("{other:?}"),
    }
    let other = Sample::new("Other", 1, &[("core", files(9, 100))]);
    let (_a, knows_other) = honest(false, memory(packed(&other)), &other.accepted).await;
    let asked = fetch(&Home::new(), &[&knows_other.to_string()]).await;
    assert!(matches!(asked, Err(FetchOnceError::Unknown(1))), "{asked:?}");
    // A head of another archive under this one's name.
    let mut posing = other.accepted.clone();
    posing.release.archive = id;
    let (_b, poses) = honest(false, memory(Vec::new()), &posing).await;
    match fetch(&Home::new(), &[&poses.to_string()]).await {
        Err(FetchOnceError::Refused(why)) => assert!(why.contains("TRUST-2"), "{why}"),
        other => panic!("{other:?}"),
    }
    let (_c, lacks) = evil(Evil::LacksAll, &one).await;
    let home = Home::new();
    let asked = fetch(&home, &[&lacks.to_string()]).await;
    assert!(matches!(asked, Err(FetchOnceError::Fetch(_))), "{asked:?}");
    assert_eq!(home.complete(&id), None);
}

/// What the sources have that a mirror dialled is kept for people; those who dial it do not count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_keeps_what_its_sources_have() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    let na = a.mirror().await;
    let nb = b.mirror_with(config(false), Duration::from_millis(300)).await;
    b.follow(&nb, id, vec![addr(&na).await]).await;
    complete(&nb, id, 1).await;
    let same = || b.states.settings(&id).unwrap().agreement.map_or(0, |a| a.same);
    let end = tokio::time::Instant::now() + PATIENCE;
    while same() != 1 {
        assert!(tokio::time::Instant::now() < end, "{:?}", b.states.settings(&id));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let kept = b.states.settings(&id).unwrap();
    assert_eq!(kept.addresses.len(), 1, "nothing else was changed");
    assert!(!kept.agreement.unwrap().day.is_empty());
    assert_eq!(a.states.settings(&id).unwrap().agreement, None);
}
