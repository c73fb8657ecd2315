//! What is signed cannot empty a node: without its operator's yes nothing goes that is much.

use crate::common::{Home, small_site};
use crate::nets::{PATIENCE, TIMING, config, memory, noise, packed};
use crate::quiet;
use crate::sample::Sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yadgar::node::fetcher::{FetchOptions, FetchReport, fetch_once};
use yadgar::node::mirror::{self, MirrorHandle};
use yadgar::store::acts::{self, Approved};
use yadgar::store::{ArchiveStates, BlockStore, MemoryStore};
use yadgar::sync::FetchProgress;
use yadgar_protocol::{ArchiveId, BlockId, Hash};

struct Node {
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    _dir: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        Self { store: memory(vec![]), states, _dir: dir }
    }

    /// As a home of the maintainers, who decided already.
    fn publish(&self, sample: &Sample) {
        let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
        self.store.put(packed(sample)).unwrap();
        self.states.set_trusted(&id, head).unwrap();
        self.states.set_complete(&id, head).unwrap();
    }

    async fn mirror(&self) -> (MirrorHandle, String) {
        let config = quiet(self.store.clone(), self.states.clone(), config(false));
        let (mirror, _) = mirror::start(config).await.unwrap();
        let address = mirror.status().await.unwrap().listening[0].clone();
        (mirror, address)
    }

    async fn fetch(&self, id: ArchiveId, address: &str) -> FetchReport {
        let options = FetchOptions {
            archive: id,
            hosts: Vec::new(),
            addresses: vec![address.parse().unwrap()],
            lan: None,
            parts: None,
            quic: false,
            dialler: Default::default(),
            timing: TIMING,
            give_up: PATIENCE,
            rates: Default::default(),
            began: None,
            demand: None,
        };
        let (progress, _) = watch::channel(FetchProgress::default());
        let (store, states) = (self.store.clone(), self.states.clone());
        fetch_once(store, states, options, progress, CancellationToken::new()).await.unwrap()
    }

    fn shown(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        self.states.complete(id).unwrap()
    }

    fn has_all(&self, ids: &[BlockId]) -> bool {
        ids.iter().all(|id| self.store.has(id).unwrap())
    }

    fn approve(&self, id: &ArchiveId) {
        let held = acts::held(&self.states, id).unwrap();
        assert_eq!(held.len(), 1, "{held:?}");
        let act = Hash::from_hex(&held[0].id).unwrap();
        let done = acts::approve(&self.states, &*self.store, id, &act).unwrap();
        assert_eq!(done, Approved::Done);
    }
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !is() {
        assert!(tokio::time::Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn records() -> Vec<(String, Vec<u8>)> {
    (0..40).map(|n| (format!("records/{n:02}.json"), noise(n, 300))).collect()
}

fn half(sample: &Sample) -> Vec<BlockId> {
    (0..20).map(|n| sample.link(&format!("records/{n:02}.json"))).collect()
}

/// A second release comes to a mirror and to a fetch that had the first: neither lets go of anything.
async fn nothing_goes(one: &Sample, two: &Sample, withdrawn: &[BlockId]) {
    let id = one.accepted.release.archive;
    let all: Vec<_> = one.blocks.keys().copied().collect();
    let (publisher, follower, visitor) = (Node::new(), Node::new(), Node::new());
    publisher.publish(one);
    let (source, address) = publisher.mirror().await;
    let (mirror, _) = follower.mirror().await;
    let mut settings = follower.states.settings(&id).unwrap();
    settings.addresses = vec![address.clone()];
    follower.states.set_settings(&id, &settings).unwrap();
    mirror.changed(id).await;
    until("release 1", || follower.shown(&id).is_some()).await;
    assert_eq!(visitor.fetch(id, &address).await.held, None);

    publisher.publish(two);
    source.changed(id).await;
    let drops = || acts::held(&follower.states, &id).unwrap().iter().any(|act| act.drops);
    until("release 2 is held", drops).await;
    let report = visitor.fetch(id, &address).await;
    assert_eq!(report.head.release.sequence, 2);
    assert!(report.held.is_some());
    for node in [&follower, &visitor] {
        assert_eq!(node.shown(&id).as_ref(), Some(&one.accepted.bytes), "release 1 stays shown");
        assert!(node.has_all(&all), "and all of it stays here");
        assert!(acts::denied(&node.states, &id).unwrap().is_empty());
    }
    for node in [&follower, &visitor] {
        node.approve(&id);
        assert_eq!(node.shown(&id).as_ref(), Some(&two.accepted.bytes));
        assert!(withdrawn.iter().all(|id| !node.store.has(id).unwrap()));
        // HOLD-5: what is only dropped stays.
        let dropped: Vec<_> = all.iter().filter(|id| !withdrawn.contains(id)).copied().collect();
        assert!(node.has_all(&dropped));
    }
    mirror.changed(id).await;
    source.shutdown().await;
    mirror.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_empty_release_removes_nothing_without_a_yes() {
    let one = Sample::new("Empty", 1, &[("core", records())]);
    let two = Sample::after(&one.accepted, &[("core", vec![])]);
    nothing_goes(&one, &two, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_that_withdraws_half_removes_nothing_without_a_yes() {
    let one = Sample::new("Half", 1, &[("core", records())]);
    let gone = half(&one);
    let two = Sample::withdrawing(&one.accepted, &[("core", records()[20..].to_vec())], &gone);
    nothing_goes(&one, &two, &gone).await;
}

/// A notice that withdraws half waits on the node that hears it, which still passes it on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_withdraws_half_waits_and_travels() {
    let one = Sample::new("Notice", 1, &[("core", records())]);
    let (id, gone) = (one.accepted.release.archive, half(&one));
    let nodes = [Node::new(), Node::new(), Node::new()];
    nodes[0].publish(&one);
    let mut mirrors = Vec::new();
    for node in &nodes {
        mirrors.push(node.mirror().await);
    }
    for n in 1..nodes.len() {
        let mut settings = nodes[n].states.settings(&id).unwrap();
        settings.addresses = vec![mirrors[n - 1].1.clone()];
        nodes[n].states.set_settings(&id, &settings).unwrap();
        mirrors[n].0.changed(id).await;
        until("release 1", || nodes[n].shown(&id).is_some()).await;
    }
    acts::take_notice(&nodes[0].states, &*nodes[0].store, &id, &one.notice(&gone)).unwrap();
    mirrors[0].0.changed(id).await;
    for node in &nodes {
        until("held", || acts::held(&node.states, &id).unwrap().len() == 1).await;
        assert!(node.has_all(&gone));
    }
    // One that comes later hears of it by exchange; it shows nothing yet, so it takes it.
    let late = Node::new();
    late.fetch(id, &mirrors[2].1).await;
    let known = acts::held(&late.states, &id).unwrap().len();
    assert_eq!(known + usize::from(!late.has_all(&gone)), 1);
    nodes[1].approve(&id);
    assert!(gone.iter().all(|id| !nodes[1].store.has(id).unwrap()));
    assert!(nodes[2].has_all(&gone), "a yes is never sent");
    for (mirror, _) in mirrors {
        mirror.shutdown().await;
    }
}

/// The real program: a release that drops a quarter waits on the node and in an importing home, and the
/// operator decides through the running node and without one.
#[test]
fn the_operator_decides_with_the_command_line() {
    let publisher = Home::publisher("Held");
    let folder = std::path::PathBuf::from(publisher.beside("site"));
    small_site(&folder);
    publisher.publish(&folder);
    let carrier = publisher.beside("one.car");
    publisher.ok(&["export", &carrier]);
    let source = publisher.mirror(&[], &[]);
    let invite = publisher.invite(&[&source.address]);
    let (keeper, reader) = (Home::new(), Home::new());
    let node = keeper.mirror(&[&invite], &[]);
    node.wait_complete(1);
    reader.ok(&["import", &carrier]);

    for n in 0..10 {
        std::fs::remove_file(folder.join(format!("records/r{n:02}.json"))).unwrap();
    }
    let (folder, pass) = (folder.to_str().unwrap(), publisher.pass());
    publisher.ok(&["publish", folder, "--passphrase-file", &pass, "--allow-removals"]);
    assert_eq!(publisher.ok(&["status"])["archives"][0]["complete"], 2, "the maintainer said yes");
    let act = node.wait(|e| e["event"] == "held")["act"].as_str().unwrap().to_owned();
    let held = keeper.ok(&["node", "held"]);
    assert_eq!(held["held"][0]["act"]["id"], act.as_str());
    assert_eq!(held["held"][0]["act"]["records"], 10);
    assert_eq!(keeper.ok(&["status"])["archives"][0]["complete"], 1);
    keeper.ok(&["node", "approve", &act[..12]]);
    assert_eq!(keeper.ok(&["status"])["archives"][0]["complete"], 2);
    assert_eq!(keeper.ok(&["node", "held"])["held"].as_array().unwrap().len(), 0);
    keeper.fails(&["node", "approve", &act], 2);

    let second = publisher.beside("two.car");
    publisher.ok(&["export", &second]);
    reader.ok(&["import", &second]);
    let status = reader.ok(&["status"]);
    assert_eq!(status["archives"][0]["complete"], 1);
    assert_eq!(status["archives"][0]["held"][0]["drops"], true);
    reader.ok(&["node", "approve", &act]);
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 2);
}
