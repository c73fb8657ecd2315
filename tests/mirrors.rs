//! Mirrors and fetchers, with real networks and real states.

#[path = "common/nets.rs"]
mod nets;
#[path = "common/sample.rs"]
mod sample;

use nets::{Evil, PATIENCE, TIMING, config, evil, files, honest, memory, packed};
use sample::Sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use yadgar::net::{Multiaddr, NetConfig};
use yadgar::node::{
    FetchOnceError, FetchOptions, FetchReport, FetchStep, Keep, Mirror, MirrorHandle, NodeConfig,
    NodeStatus, fetch_once,
};
use yadgar::store::{ArchiveStates, MemoryStore};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;

/// A node's memory, and the folder of its states.
struct Home {
    keep: Keep,
    _dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        Self { keep: Keep { store: Arc::new(MemoryStore::new()), states }, _dir: dir }
    }

    /// Puts a release here, as publishing does.
    fn publish(&self, sample: &Sample) {
        let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
        self.keep.store.put(packed(sample)).unwrap();
        self.keep.states.set_trusted(&id, head).unwrap();
        self.keep.states.set_complete(&id, head).unwrap();
    }

    fn want(&self, id: &ArchiveId, parts: Option<&[&str]>) {
        let mut settings = self.keep.states.settings(id).unwrap();
        settings.parts = parts.map(|names| names.iter().map(|n| (*n).into()).collect());
        self.keep.states.set_settings(id, &settings).unwrap();
    }

    fn complete(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        self.keep.states.complete(id).unwrap()
    }

    async fn mirror(&self) -> MirrorHandle {
        self.mirror_with(config(false), Duration::from_secs(3600)).await
    }

    async fn mirror_with(&self, net: NetConfig, head_interval: Duration) -> MirrorHandle {
        let config = NodeConfig {
            timing: TIMING,
            head_interval,
            redial: (Duration::from_millis(50), Duration::from_millis(200)),
            ..NodeConfig::new(self.keep.clone(), net)
        };
        Mirror::start(config).await.unwrap()
    }
}

fn addr(mirror: &MirrorHandle) -> String {
    mirror.status().listening[0].clone()
}

fn invite(sample: &Sample, addrs: Vec<String>) -> Invite {
    Invite::new(sample.accepted.release.archive, addrs).unwrap()
}

async fn wait(mirror: &MirrorHandle, is: impl FnMut(&NodeStatus) -> bool) {
    let mut status = mirror.watch();
    if tokio::time::timeout(PATIENCE, status.wait_for(is)).await.is_err() {
        panic!("waited for in vain: {:?}", mirror.status());
    }
}

async fn complete(mirror: &MirrorHandle, id: ArchiveId, sequence: u64) {
    wait(mirror, |s| s.archive(&id).is_some_and(|a| a.complete == Some(sequence))).await;
}

fn assert_has(home: &Home, sample: &Sample) {
    for (id, bytes) in &sample.blocks {
        assert_eq!(home.keep.store.get(id).unwrap().as_ref(), Some(bytes));
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
    nb.follow(invite(&one, vec![addr(&na)])).await.unwrap();
    complete(&nb, id, 1).await;
    assert_has(&b, &one);
    assert_eq!(b.complete(&id).unwrap(), one.accepted.bytes);
    assert_eq!(nb.status().archive(&id).unwrap().name.as_deref(), Some("Test"));
    // A new release is told by gossip: heads are asked for once an hour here.
    let two = next(&one, 77);
    a.publish(&two);
    let before = b.keep.store.stats().unwrap().blocks;
    na.announce(id).await.unwrap();
    complete(&nb, id, 2).await;
    assert_has(&b, &two);
    let new = two.blocks.keys().filter(|block| !one.blocks.contains_key(block)).count() as u64;
    assert!(new < 20, "the second release differs little");
    assert_eq!(b.keep.store.stats().unwrap().blocks, before + new + 1);
    // The publisher goes; the mirror carries on.
    na.shutdown().await;
    nc.follow(invite(&two, vec![addr(&nb)])).await.unwrap();
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
    nb.follow(invite(&one, vec![addr(&na)])).await.unwrap();
    complete(&nb, id, 1).await;
    let mut last = first();
    for seed in 50..54 {
        last = next(&last, seed);
        a.publish(&last);
    }
    na.announce(id).await.unwrap();
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
    nb.follow(invite(&last, vec![addr(&na)])).await.unwrap();
    complete(&nb, id, 5).await;
    assert_has(&b, &last);
    let prev = last.accepted.release.prev.unwrap();
    let before = yadgar_protocol::BlockId { codec: yadgar_protocol::Codec::DagCbor, hash: prev };
    assert!(b.keep.store.has(&before).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_are_wanted() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    b.want(&id, Some(&["core"]));
    let (na, nb) = (a.mirror().await, b.mirror().await);
    nb.follow(invite(&one, vec![addr(&na)])).await.unwrap();
    complete(&nb, id, 1).await;
    let media = one.accepted.release.part("media").unwrap().root;
    assert!(!b.keep.store.has(&media).unwrap());
    b.want(&id, None);
    nb.announce(id).await.unwrap();
    let total = one.blocks.len() as u64 + 1;
    while b.keep.store.stats().unwrap().blocks < total {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_has(&b, &one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fork_is_seen_and_changes_nothing() {
    let one = first();
    let id = one.accepted.release.archive;
    let (good, bad) = (next(&one, 5), next(&one, 6));
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    a.publish(&good);
    b.publish(&one);
    b.publish(&bad);
    let (na, nb) = (a.mirror().await, b.mirror().await);
    nb.follow(invite(&one, vec![addr(&na)])).await.unwrap();
    for node in [&na, &nb] {
        wait(node, |s| s.archive(&id).is_some_and(|a| a.warning.is_some())).await;
    }
    assert_eq!(a.keep.states.trusted(&id).unwrap().unwrap(), good.accepted.bytes);
    assert_eq!(b.keep.states.trusted(&id).unwrap().unwrap(), bad.accepted.bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_mirror_is_dialled_again() {
    let one = first();
    let id = one.accepted.release.archive;
    let (a, b) = (Home::new(), Home::new());
    a.publish(&one);
    let na = a.mirror().await;
    let nb = b.mirror().await;
    nb.follow(invite(&one, vec![addr(&na)])).await.unwrap();
    complete(&nb, id, 1).await;
    let mut bare: Multiaddr = addr(&na).parse().unwrap();
    bare.pop();
    na.shutdown().await;
    wait(&nb, |s| s.peers.is_empty()).await;
    let two = next(&one, 9);
    a.publish(&two);
    // The same port under another identity: then it is not who was invited.
    let listen = NetConfig { listen: vec![bare.clone()], ..config(false) };
    let other = a.mirror_with(listen, Duration::from_secs(3600)).await;
    nb.follow(invite(&one, vec![bare.to_string()])).await.unwrap();
    complete(&nb, id, 2).await;
    other.shutdown().await;
}

async fn fetch(home: &Home, invite: &Invite) -> Result<FetchReport, FetchOnceError> {
    let options = FetchOptions {
        timing: TIMING,
        grace: Duration::from_millis(300),
        give_up: Duration::from_millis(600),
        ..FetchOptions::default()
    };
    let (step, _) = watch::channel(FetchStep::default());
    tokio::time::timeout(PATIENCE, fetch_once(home.keep.clone(), invite, options, step))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetching_once() {
    let one = first();
    let two = next(&one, 3);
    let id = one.accepted.release.archive;
    let (_a, old) = honest(false, memory(packed(&one)), &one.accepted).await;
    let (_b, new) = honest(true, memory(packed(&two)), &two.accepted).await;
    let dead = "/ip4/127.0.0.1/tcp/1".to_owned();
    let home = Home::new();
    let both = invite(&one, vec![old.to_string(), new.to_string(), dead.clone()]);
    let report = fetch(&home, &both).await.unwrap();
    assert_eq!((report.head.release.sequence, report.was_complete), (2, false));
    assert_eq!(report.parts, ["core", "media"]);
    assert!(report.failures.iter().any(|(at, why)| *at == dead && why.contains("refused")));
    assert_has(&home, &two);
    assert_eq!(home.complete(&id).unwrap(), two.accepted.bytes);
    // Again: nothing to do, and the addresses are remembered.
    let report = fetch(&home, &invite(&one, Vec::new())).await.unwrap();
    assert_eq!((report.was_complete, report.summary.blocks), (true, 0));
    // TRUST-13: an older source changes nothing.
    let report = fetch(&home, &invite(&one, vec![old.to_string()])).await.unwrap();
    assert_eq!(report.head.release.sequence, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetching_says_why_not() {
    let one = first();
    let id = one.accepted.release.archive;
    let nowhere = fetch(&Home::new(), &invite(&one, Vec::new())).await;
    assert!(matches!(nowhere, Err(FetchOnceError::NoAddress)));
    let dead = invite(&one, vec!["/ip4/127.0.0.1/tcp/1".into(), "/what/ever".into()]);
    match fetch(&Home::new(), &dead).await {
        Err(FetchOnceError::NoneReachable(why)) => assert_eq!(why.len(), 2),
        other => panic!("{other:?}"),
    }
    let other = Sample::new("Other", 1, &[("core", files(9, 100))]);
    let (_a, knows_other) = honest(false, memory(packed(&other)), &other.accepted).await;
    let asked = fetch(&Home::new(), &invite(&one, vec![knows_other.to_string()])).await;
    assert!(matches!(asked, Err(FetchOnceError::Unknown(_))), "{asked:?}");
    // A head of another archive under this one's name.
    let mut posing = other.accepted.clone();
    posing.release.archive = id;
    let (_b, poses) = honest(false, memory(Vec::new()), &posing).await;
    match fetch(&Home::new(), &invite(&one, vec![poses.to_string()])).await {
        Err(FetchOnceError::Refused(why)) => assert!(why.contains("TRUST-2"), "{why}"),
        other => panic!("{other:?}"),
    }
    let (_c, lacks) = evil(Evil::LacksAll, &one).await;
    let home = Home::new();
    let asked = fetch(&home, &invite(&one, vec![lacks.to_string()])).await;
    assert!(matches!(asked, Err(FetchOnceError::Fetch(_))), "{asked:?}");
    // It is trusted now and still lacking; who has only older ones does not help.
    let two = next(&one, 4);
    home.keep.states.set_trusted(&id, &two.accepted.bytes).unwrap();
    let (_d, old) = honest(false, memory(packed(&one)), &one.accepted).await;
    match fetch(&home, &invite(&one, vec![old.to_string()])).await {
        Err(FetchOnceError::OnlyOlder { trusted: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
}
