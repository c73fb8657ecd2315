//! Forks over real connections: what nodes show, take and settle (TRUST-24, TRUST-27).

use crate::nets::{PATIENCE, TIMING, config, memory, packed};
use crate::quiet;
use crate::sample::Sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yadgar::node::fetcher::{FetchOnceError, FetchOptions, FetchReport, fetch_once};
use yadgar::node::mirror::{self, MirrorConfig, MirrorHandle};
use yadgar::store::adopt::adopt;
use yadgar::store::complete::{Completed, mark_complete};
use yadgar::store::{ArchiveStates, BlockStore, MemoryStore};
use yadgar::sync::FetchProgress;
use yadgar_protocol::trust::{Accepted, Verdict};
use yadgar_protocol::{ArchiveId, Hash};

fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let many = (0..40).map(|n| (format!("page{n}.html"), format!("page {n}").into_bytes()));
    many.chain([("index.html".into(), name.as_bytes().to_vec())]).collect()
}

fn after(before: &Sample, name: &str) -> Sample {
    Sample::after(&before.accepted, &[("core", files(name))])
}

/// Release 1, two releases 2 that contradict each other, and what settles them.
struct Story {
    one: Sample,
    left: Sample,
    right: Sample,
    settled: Sample,
}

impl Story {
    fn new() -> Self {
        let one = Sample::new("Dispute (fictional)", 1, &[("core", files("one"))]);
        let (left, right) = (after(&one, "left"), after(&one, "right"));
        let settled = Sample::settling(&one.accepted, &[("core", files("settled"))]);
        Self { one, left, right, settled }
    }

    fn id(&self) -> ArchiveId {
        self.one.accepted.release.archive
    }
}

struct Home {
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    _dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        Self { store: memory(Vec::new()), states, _dir: dir }
    }

    /// The release comes with all its blocks, by the rules.
    fn takes(&self, sample: &Sample) -> Verdict {
        self.store.put(packed(sample)).unwrap();
        self.judges(&sample.accepted)
    }

    fn judges(&self, head: &Accepted) -> Verdict {
        let id = head.release.archive;
        adopt(&self.states, &*self.store, &id, &head.bytes, &*self.store).unwrap()
    }

    fn shows(&self, sample: &Sample) {
        self.takes(sample);
        assert_eq!(self.marks(sample), Ok(Completed::Shown));
    }

    fn marks(&self, sample: &Sample) -> Result<Completed, String> {
        let id = sample.accepted.release.archive;
        mark_complete(&self.states, &*self.store, &id, &sample.accepted.bytes)
            .map_err(|e| e.to_string())
    }

    fn shown(&self, story: &Story) -> Option<Hash> {
        let bytes = self.states.complete(&story.id()).unwrap()?;
        let head = yadgar_protocol::trust::check_head(&story.id(), &bytes).unwrap();
        Some(head.release_hash())
    }

    fn has_fork(&self, story: &Story) -> bool {
        self.states.state(&story.id()).unwrap().is_some_and(|state| state.fork.is_some())
    }

    /// A mirror that asks often, beside the others.
    async fn mirror(&self, peers: &[&MirrorHandle], id: &ArchiveId) -> MirrorHandle {
        let mut settings = self.states.settings(id).unwrap();
        for peer in peers {
            settings.addresses.push(address(peer).await);
        }
        self.states.set_settings(id, &settings).unwrap();
        let (store, states) = (self.store.clone(), self.states.clone());
        let heads_every = Duration::from_millis(300);
        let config = MirrorConfig { heads_every, ..quiet(store, states, config(false)) };
        mirror::start(config).await.unwrap().0
    }
}

async fn address(node: &MirrorHandle) -> String {
    node.status().await.unwrap().listening[0].clone()
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !is() {
        assert!(tokio::time::Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn fetch(home: &Home, id: ArchiveId, from: &[String]) -> Result<FetchReport, FetchOnceError> {
    let options = FetchOptions {
        archive: id,
        hosts: Vec::new(),
        addresses: from.iter().map(|text| text.parse().unwrap()).collect(),
        lan: None,
        parts: None,
        quic: false,
        dialler: Default::default(),
        timing: TIMING,
        give_up: Duration::from_secs(20),
        rates: Default::default(),
        began: None,
        demand: None,
    };
    let (report, _) = watch::channel(FetchProgress::default());
    let (store, states) = (home.store.clone(), home.states.clone());
    let fetch = fetch_once(store, states, options, report, CancellationToken::new());
    tokio::time::timeout(PATIENCE, fetch).await.unwrap()
}

#[test]
fn trust_24_neither_side_is_taken_as_newest() {
    let story = Story::new();
    let home = Home::new();
    home.shows(&story.one);
    home.shows(&story.left);
    assert!(matches!(home.takes(&story.right), Verdict::Fork(_)));
    assert_eq!(home.shown(&story), Some(story.one.accepted.release_hash()), "shown again");
    for side in [&story.left, &story.right] {
        assert!(home.marks(side).unwrap_err().contains("one side of a dispute"));
    }
    // Who never saw what both sides build on follows nothing, in whichever order they come.
    for sides in [[&story.left, &story.right], [&story.right, &story.left]] {
        let new = Home::new();
        for side in sides {
            new.takes(side);
        }
        let state = new.states.state(&story.id()).unwrap().unwrap();
        assert!(state.fork.is_some() && state.followed().is_none());
        assert!(sides.iter().all(|side| new.marks(side).is_err()));
        assert_eq!(new.shown(&story), None);
        // The agreed release, when it comes, is shown.
        new.takes(&story.one);
        assert_eq!(new.marks(&story.one), Ok(Completed::Shown));
    }
}

#[test]
fn trust_27_the_settled_release_replaces_a_disputed_one_of_its_number() {
    let story = Story::new();
    let home = Home::new();
    home.shows(&story.one);
    home.shows(&story.left);
    let verdict = home.takes(&story.settled);
    assert!(matches!(verdict, Verdict::Settled { .. }), "{verdict:?}");
    assert_eq!(home.shown(&story), Some(story.left.accepted.release_hash()), "until it is whole");
    assert_eq!(home.marks(&story.settled), Ok(Completed::Shown));
    assert_eq!(home.shown(&story), Some(story.settled.accepted.release_hash()));
    assert!(home.marks(&story.left).is_err(), "what was set aside is not shown again");
    // Also from a higher number back to a lower one.
    let ahead = Home::new();
    ahead.shows(&story.one);
    ahead.shows(&story.left);
    ahead.shows(&after(&story.left, "further"));
    assert!(matches!(ahead.takes(&story.settled), Verdict::Settled { .. }));
    assert_eq!(ahead.marks(&story.settled), Ok(Completed::Shown));
    assert_eq!(ahead.shown(&story), Some(story.settled.accepted.release_hash()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_27_running_nodes_stop_and_go_on_when_it_is_settled() {
    let story = Story::new();
    let id = story.id();
    let (a, b, late) = (Home::new(), Home::new(), Home::new());
    for (home, side) in [(&a, &story.left), (&b, &story.right)] {
        home.shows(&story.one);
        home.shows(side);
    }
    let na = a.mirror(&[], &id).await;
    let nb = b.mirror(&[&na], &id).await;
    let nl = late.mirror(&[&na, &nb], &id).await;
    let one = Some(story.one.accepted.release_hash());
    for home in [&a, &b, &late] {
        until("the fork is known", || home.has_fork(&story)).await;
        until("the agreed release is shown", || home.shown(&story) == one).await;
    }
    // A newcomer who asks gets the same.
    let new = Home::new();
    let report = fetch(&new, id, &[address(&na).await, address(&nb).await]).await.unwrap();
    assert_eq!(Some(report.head.release_hash()), one);
    assert!(new.has_fork(&story));
    // One node hears of the settlement; the others follow while they run.
    a.shows(&story.settled);
    na.changed(id).await;
    let settled = Some(story.settled.accepted.release_hash());
    for home in [&a, &b, &late] {
        until("the settled release is shown", || home.shown(&story) == settled).await;
        assert!(!home.has_fork(&story));
    }
    let report = fetch(&new, id, &[address(&nl).await]).await.unwrap();
    assert_eq!(Some(report.head.release_hash()), settled);
    for node in [na, nb, nl] {
        node.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_24_a_newcomer_takes_no_side() {
    let story = Story::new();
    let id = story.id();
    let node = Home::new();
    node.shows(&story.one);
    node.shows(&story.left);
    let mirror = node.mirror(&[], &id).await;
    // It heard of one side, and the only source it finds has the other.
    let new = Home::new();
    new.judges(&story.right.accepted);
    let result = fetch(&new, id, &[address(&mirror).await]).await;
    assert!(matches!(result, Err(FetchOnceError::Disputed)), "{:?}", result.map(|r| r.summary));
    assert_eq!(new.shown(&story), None);
    mirror.shutdown().await;
}
