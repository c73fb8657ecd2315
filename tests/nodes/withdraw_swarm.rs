//! A withdrawal reaches twenty real nodes on the loopback, and nothing of what it covers is left.

use crate::nets::{PATIENCE, TIMING, config, noise, packed, reader};
use crate::quiet;
use crate::sample::Sample;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use yadgar::carrier::{self, Decision, ImportOptions};
use yadgar::node::mirror::{self, MirrorHandle};
use yadgar::store::disk::{DiskStore, StoreOptions};
use yadgar::store::{ArchiveStates, BlockStore, acts};
use yadgar::sync::Session;
use yadgar_protocol::{ArchiveId, BlockId};

const NODES: usize = 20;

struct Node {
    dir: tempfile::TempDir,
    store: Arc<DiskStore>,
    states: Arc<ArchiveStates>,
    mirror: MirrorHandle,
    address: String,
}

impl Node {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions::default();
        let store = Arc::new(DiskStore::open(&dir.path().join("store"), options).unwrap());
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        // Heads and bulletins are asked for on connecting and then never again: gossip does the rest.
        let config = quiet(store.clone(), states.clone(), config(false));
        let (mirror, _) = mirror::start(config).await.unwrap();
        let address = mirror.status().await.unwrap().listening[0].clone();
        Self { dir, store, states, mirror, address }
    }

    async fn follow(&self, id: ArchiveId, addresses: Vec<String>) {
        let mut settings = self.states.settings(&id).unwrap();
        settings.addresses = addresses;
        self.states.set_settings(&id, &settings).unwrap();
        self.mirror.changed(id).await;
    }

    /// True when any file of the store has these bytes in it.
    fn holds_bytes(&self, needle: &[u8]) -> bool {
        files_below(&self.dir.path().join("store"))
            .iter()
            .any(|bytes| memchr::memmem::find(bytes, needle).is_some())
    }

    fn has_any(&self, ids: &[BlockId]) -> bool {
        ids.iter().any(|id| self.store.has(id).unwrap())
    }
}

fn files_below(dir: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for item in std::fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            all.extend(files_below(&path));
        } else {
            all.push(std::fs::read(path).unwrap());
        }
    }
    all
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !is() {
        assert!(tokio::time::Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Records that compress and some that do not, and a large file.
fn archive() -> Sample {
    let text = |n: u64| format!("{{\"n\":{n},\"story\":\"{}\"}}", "a b c d ".repeat(90));
    let mut core: Vec<(String, Vec<u8>)> =
        (0..40).map(|n| (format!("records/{n:02}.json"), text(n).into_bytes())).collect();
    core.push(("records/40.json".into(), noise(40, 900)));
    let media = vec![
        ("film/one.webm".to_owned(), noise(1, 400_000)),
        ("film/two.webm".to_owned(), noise(2, 200_000)),
    ];
    Sample::new("Swarm", 1, &[("core", core), ("media", media)])
}

/// All blocks of the withdrawn files.
fn blocks_of(sample: &Sample, gone: &[BlockId]) -> Vec<BlockId> {
    let mut all = gone.to_vec();
    let film = sample.link("film/one.webm");
    yadgar_protocol::chunk::read_list(&sample.blocks, &film, 400_000, &mut |chunk| {
        all.push(chunk.id);
        true
    })
    .unwrap();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_reaches_twenty_nodes_and_leaves_nothing() {
    let sample = archive();
    let (id, head) = (sample.accepted.release.archive, sample.accepted.clone());
    let paths = ["records/07.json", "records/40.json", "film/one.webm"];
    let gone = paths.map(|path| sample.link(path));
    let blocks = blocks_of(&sample, &gone);
    assert!(blocks.len() > 5);

    let mut nodes = Vec::new();
    for _ in 0..NODES {
        nodes.push(Node::start().await);
    }
    nodes[0].store.put(packed(&sample)).unwrap();
    nodes[0].store.flush().unwrap();
    nodes[0].states.set_trusted(&id, &head.bytes).unwrap();
    nodes[0].states.set_complete(&id, &head.bytes).unwrap();
    nodes[0].mirror.changed(id).await;
    for n in 1..NODES {
        let mut from = vec![nodes[(n - 1) / 2].address.clone()];
        from.push(nodes[n - 1].address.clone());
        nodes[n].follow(id, from).await;
    }
    for (n, node) in nodes.iter().enumerate() {
        until(&format!("node {n} complete"), || node.states.complete(&id).unwrap().is_some()).await;
        assert!(blocks.iter().all(|id| node.store.has(id).unwrap()));
    }
    // As they are stored: some compressed, some not.
    let stored: Vec<Vec<u8>> =
        blocks.iter().map(|id| nodes[5].store.get_packed(id).unwrap().unwrap().data).collect();
    assert!(stored.iter().all(|bytes| nodes[5].holds_bytes(bytes)), "the search finds them");
    let mut carrier = Vec::new();
    carrier::export(&*nodes[3].store, &head, None, &mut carrier, &mut |_| ()).unwrap();

    let notice = sample.notice(&gone);
    let (states, store) = (nodes[0].states.clone(), nodes[0].store.clone());
    let verdict = acts::take_notice(&states, &*store, &id, &notice).unwrap();
    assert_eq!(verdict, acts::NoticeVerdict::Taken);
    nodes[0].mirror.changed(id).await;

    for (n, node) in nodes.iter().enumerate() {
        let denies = || acts::denied(&node.states, &id).unwrap().covers(&gone[0]).is_some();
        until(&format!("node {n} hears of it"), denies).await;
        until(&format!("node {n} erases it"), || !node.has_any(&blocks)).await;
    }
    nobody_serves(&nodes, &blocks, sample.link("records/08.json")).await;
    for node in &nodes {
        assert!(!stored.iter().any(|bytes| node.holds_bytes(bytes)), "bytes are left in a file");
    }
    for node in &nodes {
        import_again(node, id, &carrier);
        assert!(!node.has_any(&blocks), "a carrier brought it back");
        assert!(!stored.iter().any(|bytes| node.holds_bytes(bytes)));
    }
    for node in &nodes {
        node.mirror.shutdown().await;
    }
}

/// Asks every node for the blocks, as anybody can.
async fn nobody_serves(nodes: &[Node], blocks: &[BlockId], other: BlockId) {
    for node in nodes {
        // A reader keeps few connections.
        let net = reader().await;
        let peer = net.dial(node.address.parse().unwrap()).await.unwrap();
        let mut session = Session::open(&net, peer, TIMING.stall).await.unwrap();
        assert!(session.blocks(blocks).await.unwrap().is_empty(), "a node serves it");
        assert_eq!(session.blocks(&[other]).await.unwrap().len(), 1, "and only it is gone");
        net.shutdown().await;
    }
}

fn import_again(node: &Node, id: ArchiveId, carrier: &[u8]) {
    let denied = |archive: &ArchiveId| acts::denied(&node.states, archive);
    let options = ImportOptions { denied: Some(&denied), ..ImportOptions::default() };
    let mut judge = |head: &[u8], _: &dyn yadgar_protocol::blocks::ReadBlocks| {
        let head = yadgar_protocol::trust::check_head(&id, head).unwrap();
        Decision::Keep(Box::new(head))
    };
    let mut input = std::io::Cursor::new(carrier);
    let done = carrier::import(&*node.store, &mut input, options, &mut judge, &mut |_| ()).unwrap();
    assert!(done.releases[0].is_whole(), "whole without what was withdrawn");
    assert_eq!(done.releases[0].parts.iter().map(|p| p.withdrawn).sum::<u64>(), 3);
}
