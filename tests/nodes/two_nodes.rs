//! A release travels between real nodes.

use crate::nets::{
    Evil, PATIENCE, TIMING, config, evil, honest, memory, packed, reader, sample as make, sources,
};
use crate::sample::Sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar::net::{self, NetConfig, NetHandle, Rates};
use yadgar::store::pack::deflate;
use yadgar::store::{BlockStore, MemoryStore};
use yadgar::sync::{Asked, FetchError, FetchJob, FetchProgress, FetchSummary, fetch_release};
use yadgar_protocol::withdraw::Denied;

fn job(
    sample: &Sample,
    net: &NetHandle,
    store: &Arc<MemoryStore>,
    sources: mpsc::Receiver<Asked>,
) -> (FetchJob, watch::Receiver<FetchProgress>) {
    let (progress, watch) = watch::channel(FetchProgress::default());
    let parts = sample.accepted.release.parts.iter().map(|p| p.name.clone()).collect();
    let job = FetchJob {
        release: sample.accepted.clone(),
        parts,
        denied: Arc::new(Denied::none(sample.accepted.release.archive)),
        writer: None,
        store: store.clone(),
        net: net.clone(),
        sources,
        progress,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: TIMING,
        give_up: None,
        hurry: None,
    };
    (job, watch)
}

async fn run(job: FetchJob) -> Result<FetchSummary, FetchError> {
    tokio::time::timeout(PATIENCE, fetch_release(job)).await.unwrap()
}

fn assert_complete(sample: &Sample, store: &MemoryStore) {
    for (id, bytes) in &sample.blocks {
        assert_eq!(store.get(id).unwrap().as_ref(), Some(bytes));
    }
}

async fn replicate(quic: bool) {
    let sample = make();
    let (_a, addr) = honest(quic, memory(packed(&sample)), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (_more, peers) = sources(&net, &[&addr]).await;
    let (job, progress) = job(&sample, &net, &store, peers);
    let summary = run(job).await.unwrap();
    assert_complete(&sample, &store);
    // The payload of the release is kept too: it is the ancestor of what comes next.
    assert_eq!(store.stats().unwrap().blocks, sample.blocks.len() as u64 + 1);
    assert_eq!(summary.blocks, sample.blocks.len() as u64);
    assert_eq!((summary.bytes_twice, summary.sources.len()), (0, 1));
    let progress = progress.borrow().clone();
    assert_eq!(progress.bytes_done, progress.bytes_total);
    assert_eq!(progress.parts_done, ["core", "media"]);
    assert_eq!(progress.wire, summary.wire());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_over_tcp() {
    replicate(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_over_quic() {
    replicate(true).await;
}

/// A record as records are: much alike, a little different.
fn record(n: u64) -> (String, Vec<u8>) {
    let words = ["a record", "of nobody", "made for", "this test", "with words", "that return"];
    let pick = |at: u64| words[(n / words.len().pow(at as u32) as u64) as usize % words.len()];
    let text: String = (0..60).map(|at| format!("{} ", pick(at % 5))).collect();
    (format!("records/{n}.json"), format!("{{\"number\":{n},\"text\":\"{text}\"}}").into_bytes())
}

/// SYNC-12: over a slow line small blocks come together, and take less.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_take_less_of_a_slow_line_together() {
    let sample = Sample::new("Test", 1, &[("core", (0..6_000).map(record).collect())]);
    let (_a, addr) = honest(false, memory(packed(&sample)), &sample.accepted).await;
    let rates = Rates { down: Some(4 << 20), ..Rates::default() };
    let (net, events) = net::start(NetConfig { rates, ..NetConfig::reader() }).await.unwrap();
    drop(events);
    let store = Arc::new(MemoryStore::new());
    let (_more, peers) = sources(&net, &[&addr]).await;
    let (job, _progress) = job(&sample, &net, &store, peers);
    let summary = run(job).await.unwrap();
    assert_complete(&sample, &store);
    assert_eq!((summary.blocks, summary.bytes_twice), (sample.blocks.len() as u64, 0));
    let alone = |bytes: &Vec<u8>| deflate(bytes).map_or(bytes.len(), |packed| packed.len()) as u64;
    let alone: u64 = sample.blocks.values().map(alone).sum();
    // All but the first window, by which the line is measured.
    assert!(summary.bytes_wire < alone * 2 / 3, "{} of {alone}", summary.bytes_wire);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_here_is_not_fetched_again() {
    let sample = make();
    let all = packed(&sample);
    let (half, _) = all.split_at(all.len() / 2);
    let (_a, addr) = honest(false, memory(all.clone()), &sample.accepted).await;
    let (net, store) = (reader().await, memory(half.to_vec()));
    let (_more, peers) = sources(&net, &[&addr]).await;
    let summary = run(job(&sample, &net, &store, peers).0).await.unwrap();
    assert_complete(&sample, &store);
    let lacked = sample.blocks.keys().filter(|id| !half.iter().any(|b| b.id == **id)).count();
    assert_eq!(summary.blocks, lacked as u64);
    // With everything here, nobody is needed.
    let (_none, peers) = mpsc::channel(1);
    let summary = run(job(&sample, &net, &store, peers).0).await.unwrap();
    assert_eq!((summary.blocks, summary.bytes_wire), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_partial_copies_make_a_whole_one() {
    let sample = make();
    let all = packed(&sample);
    let even = all.iter().step_by(2).cloned().collect();
    let odd = all.iter().skip(1).step_by(2).cloned().collect();
    let (_a, first) = honest(false, memory(even), &sample.accepted).await;
    let (_b, second) = honest(false, memory(odd), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (_more, peers) = sources(&net, &[&first, &second]).await;
    let summary = run(job(&sample, &net, &store, peers).0).await.unwrap();
    assert_complete(&sample, &store);
    assert_eq!(summary.sources.len(), 2);
    assert!(summary.sources.iter().all(|(_, count)| count.blocks > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_fills_up_is_asked_again() {
    let sample = make();
    let all = packed(&sample);
    let (half, rest) = all.split_at(all.len() / 2);
    let filling = memory(half.to_vec());
    let (_a, addr) = honest(false, filling.clone(), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (_more, peers) = sources(&net, &[&addr]).await;
    let (job, mut progress) = job(&sample, &net, &store, peers);
    let fetch = tokio::spawn(run(job));
    progress.wait_for(|p| p.stuck.is_some_and(|missing| missing > 0)).await.unwrap();
    filling.put(rest.to_vec()).unwrap();
    fetch.await.unwrap().unwrap();
    assert_complete(&sample, &store);
}

/// SYNC-7: as many as are asked at once have nothing, half of them end the stream with that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_have_nothing_keep_out_nobody() {
    for last in [Evil::LacksAll, Evil::LacksAndGoes] {
        let sample = make();
        let mut others = Vec::new();
        for n in 0..20 {
            others.push(evil(if n % 2 == 0 { Evil::LacksAll } else { last }, &sample).await);
        }
        others.push(honest(false, memory(packed(&sample)), &sample.accepted).await);
        let addrs: Vec<_> = others.iter().map(|(_, addr)| addr).collect();
        // As a mirror: a reader has no more connections than are asked at once.
        let (net, events) = net::start(config(false)).await.unwrap();
        drop(events);
        let store = Arc::new(MemoryStore::new());
        let (more, peers) = sources(&net, &addrs).await;
        // Nobody else comes.
        drop(more);
        let (job, _progress) = job(&sample, &net, &store, peers);
        let summary = run(job).await.unwrap();
        assert_complete(&sample, &store);
        assert_eq!(summary.sources.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_comes_late_is_used() {
    let sample = make();
    let (_a, addr) = honest(false, memory(packed(&sample)), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (more, peers) = mpsc::channel(4);
    let (job, mut progress) = job(&sample, &net, &store, peers);
    let fetch = tokio::spawn(run(job));
    progress.wait_for(|p| p.stuck.is_some()).await.unwrap();
    more.send(net.dial(addr).await.unwrap().into()).await.unwrap();
    fetch.await.unwrap().unwrap();
    assert_complete(&sample, &store);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_keeps_what_came() {
    let sample = make();
    let (_a, addr) = honest(false, memory(packed(&sample)), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (_more, peers) = sources(&net, &[&addr]).await;
    let (mut job, mut progress) = job(&sample, &net, &store, peers);
    job.parts.push("no such part".into());
    let cancel = job.cancel.clone();
    let fetch = tokio::spawn(run(job));
    progress.wait_for(|p| p.blocks_done > 0).await.unwrap();
    cancel.cancel();
    // It may have been done before the cancelling was seen.
    assert!(matches!(fetch.await.unwrap(), Err(FetchError::Cancelled) | Ok(_)));
    let here = store.stats().unwrap().blocks;
    assert!(here > 1);
    let (_more, peers) = sources(&net, &[&addr]).await;
    let summary = run(self::job(&sample, &net, &store, peers).0).await.unwrap();
    assert_complete(&sample, &store);
    assert_eq!(summary.blocks + here, sample.blocks.len() as u64 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_what_is_needed_it_says_so() {
    let sample = make();
    let lacking = packed(&sample).into_iter().filter(|b| b.data.len() < 50_000).collect();
    let (_a, addr) = honest(false, memory(lacking), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let (_more, peers) = sources(&net, &[&addr]).await;
    let (mut stuck, _) = job(&sample, &net, &store, peers);
    stuck.give_up = Some(Duration::from_millis(500));
    match run(stuck).await {
        Err(FetchError::Stuck { missing }) => assert!(missing > 0),
        other => panic!("{other:?}"),
    }
    let (none, peers) = mpsc::channel(1);
    drop(none);
    let empty = Arc::new(MemoryStore::new());
    let result = run(job(&sample, &net, &empty, peers).0).await;
    assert!(matches!(result, Err(FetchError::NoSources)), "{result:?}");
    // A full store is no source's fault.
    let small = Arc::new(MemoryStore::with_quota(200_000));
    let (_b, addr) = honest(false, memory(packed(&sample)), &sample.accepted).await;
    let (_more, peers) = sources(&net, &[&addr]).await;
    let result = run(job(&sample, &net, &small, peers).0).await;
    assert!(matches!(result, Err(FetchError::Store(_))), "{result:?}");
}
