//! A whole fetch from hosts of any kind.

use super::super::lab::{Lab, Send, answer};
use super::*;
use crate::dial::Dialler;
use crate::net::NetHandle;
use crate::store::pack::deflate_together;
use crate::store::{BlockStore, MemoryStore, WebForm};
use crate::sync::{
    Asked, FetchError, FetchJob, FetchProgress, FetchSummary, Timing, fetch_release,
};
use crate::web::limits::TRIES;
use crate::web::{BaseUrl, ClientConfig, Fault};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::pack::{HEAD_NAME, StaticHead, index_name};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{Codec, Hash};

#[allow(clippy::duplicate_mod)] // other tests use it too, and neither module knows the other
#[path = "../../tests/common/sample.rs"]
mod sample;
#[path = "../../tests/common/static_files.rs"]
mod static_files;
use sample::Sample;
use static_files::Files;

/// Of a host that is silent; of all others a busy machine must not matter.
const STALL: Duration = Duration::from_millis(400);
/// Of a line that is dead for a while; whoever is asked on it waits a third longer.
const HANGS: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(60);
const TIMING: Timing = Timing {
    stall: LONG,
    reopen: Duration::from_millis(10),
    ask_again: Duration::from_millis(100),
    slow: Duration::from_millis(200),
};
const PATIENCE: Duration = Duration::from_secs(120);

fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut out);
    out
}

fn sample() -> Sample {
    let record =
        |n: u32| (format!("records/{n:03}.json"), format!("{{\"n\":{n}}}").repeat(40).into_bytes());
    let media = |n: u8| (format!("media/{n}.bin"), noise(700_000, n));
    let core = (0..200).map(record).collect();
    Sample::new("Test", 1, &[("core", core), ("media", (0..4).map(media).collect())])
}

/// The path, and the range that is asked for.
fn asked(head: &str) -> (String, Option<(usize, usize)>) {
    let path = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    let lower = head.to_lowercase();
    let range = lower.split("range: bytes=").nth(1).map(|rest| {
        let (from, to) = rest.split("\r\n").next().unwrap().split_once('-').unwrap();
        (from.parse().unwrap(), to.parse().unwrap())
    });
    (path, range)
}

/// As an ordinary host does.
fn honest(files: &Files, head: &str) -> Send {
    let (path, range) = asked(head);
    let Some(bytes) = files.get(&path) else { return answer("404 Not Found", &[], b"") };
    match range {
        None => answer("200 OK", &[], bytes),
        Some((from, to)) => {
            let told = format!("Content-Range: bytes {from}-{to}/{}", bytes.len());
            answer("206 Partial Content", &[&told], &bytes[from..=to])
        }
    }
}

/// A mirror of the sample, with all blocks that `keep` takes.
fn mirror(sample: &Sample, keep: impl Fn(&BlockId) -> bool) -> Files {
    let blocks = sample.blocks.iter().filter(|(id, _)| keep(id));
    let blocks = blocks.map(|(id, bytes)| (*id, bytes.clone())).collect();
    static_files::mirror(&sample.accepted, blocks, &mut deflate_together)
}

async fn host(
    number: u32,
    files: Files,
    stall: Duration,
    script: impl Fn(&Files, &str) -> Vec<Send> + std::marker::Send + Sync + 'static,
) -> (Lab, Arc<HostSource>) {
    let lab = Lab::start(move |head| script(&files, head)).await;
    let url = BaseUrl::parse(&format!("http://{}/", lab.at), false).unwrap();
    let config = ClientConfig {
        dialler: Dialler::default(),
        other_hosts: false,
        plain: false,
        stall,
        paces: vec![],
        volume: Arc::default(),
    };
    (lab, Arc::new(HostSource::new(number, url, WebForm::Static, config)))
}

async fn good(number: u32, sample: &Sample) -> (Lab, Arc<HostSource>) {
    host(number, mirror(sample, |_| true), LONG, |files, head| vec![honest(files, head)]).await
}

async fn fetch(
    sample: &Sample,
    store: &Arc<MemoryStore>,
    hosts: &[Arc<HostSource>],
) -> Result<FetchSummary, FetchError> {
    fetch_until(sample, store, hosts, Duration::from_secs(3)).await
}

async fn fetch_until(
    sample: &Sample,
    store: &Arc<MemoryStore>,
    hosts: &[Arc<HostSource>],
    give_up: Duration,
) -> Result<FetchSummary, FetchError> {
    let (more, sources) = mpsc::channel(4);
    for host in hosts {
        // One that shows nothing is not asked for blocks.
        if host.shown(sample.accepted.release.archive).await.is_ok() {
            more.send(Asked::Host(host.clone())).await.unwrap();
        }
    }
    drop(more);
    let job = FetchJob {
        release: sample.accepted.clone(),
        parts: vec!["core".into(), "media".into()],
        denied: Arc::new(Denied::none(sample.accepted.release.archive)),
        writer: None,
        store: store.clone(),
        net: NetHandle::silent(),
        sources,
        progress: watch::channel(FetchProgress::default()).0,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: TIMING,
        give_up: Some(give_up),
        hurry: None,
    };
    tokio::time::timeout(PATIENCE, fetch_release(job)).await.unwrap()
}

fn is_whole(sample: &Sample, store: &MemoryStore) {
    for (id, bytes) in &sample.blocks {
        assert_eq!(store.get(id).unwrap().as_ref(), Some(bytes));
    }
    assert_eq!(store.stats().unwrap().blocks, sample.blocks.len() as u64 + 1);
}

fn bytes_of_packs(lab: &Lab) -> usize {
    let seen = lab.seen();
    seen.iter().filter_map(|head| asked(head).1).map(|(from, to)| to + 1 - from).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_comes_once_in_few_questions() {
    let (sample, store) = (sample(), Arc::new(MemoryStore::new()));
    let (lab, host) = good(0, &sample).await;
    let summary = fetch(&sample, &store, &[host]).await.unwrap();
    is_whole(&sample, &store);
    assert_eq!((summary.bytes_twice, summary.sources.len()), (0, 1));
    let packs = mirror(&sample, |_| true).into_iter().filter(|(name, _)| name.starts_with("p/"));
    let total: usize = packs.map(|(_, bytes)| bytes.len()).sum();
    let came = bytes_of_packs(&lab);
    assert!(came <= total + 10_000, "{came} of {total}");
    assert!(lab.seen().len() < 60, "{}", lab.seen().len());
    assert!(lab.connections() <= 6, "{}", lab.connections());
    // What is here is not asked for again.
    let (lab, host) = good(0, &sample).await;
    fetch(&sample, &store, &[host]).await.unwrap();
    assert_eq!(bytes_of_packs(&lab), 0);
}

/// Only the rest comes after an end in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_here_is_not_asked_for() {
    let (sample, store) = (sample(), Arc::new(MemoryStore::new()));
    let media: Vec<_> = sample.blocks.iter().filter(|(_, b)| b.len() >= 2000).collect();
    let half: Vec<_> = media.iter().step_by(2).collect();
    let here =
        half.iter().map(|(_, b)| yadgar_protocol::blocks::Packed::plain(Codec::Raw, (*b).clone()));
    store.put(here.collect()).unwrap();
    let rest: usize = media.iter().skip(1).step_by(2).map(|(_, b)| b.len()).sum();
    let (lab, host) = good(0, &sample).await;
    fetch(&sample, &store, &[host]).await.unwrap();
    is_whole(&sample, &store);
    let came = bytes_of_packs(&lab);
    assert!((rest..rest + 60_000).contains(&came), "{came} of {rest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_without_ranges_gives_whole_packs() {
    let (sample, store) = (sample(), Arc::new(MemoryStore::new()));
    let whole = |files: &Files, head: &str| {
        let (path, _) = asked(head);
        vec![
            files
                .get(&path)
                .map_or(answer("404 Not Found", &[], b""), |b| answer("200 OK", &[], b)),
        ]
    };
    let (lab, host) = host(0, mirror(&sample, |_| true), LONG, whole).await;
    fetch(&sample, &store, std::slice::from_ref(&host)).await.unwrap();
    is_whole(&sample, &store);
    assert!(host.sends_whole() && host.faults().is_empty());
    let questions = lab.seen().iter().filter(|head| head.contains(" /p/")).count();
    assert!(questions <= 12, "{questions}");
}

type Script = fn(&Files, &str) -> Vec<Send>;

fn wrong(name: &'static str, is_named: bool, script: Script) -> (&'static str, bool, Script) {
    (name, is_named, script)
}

/// How long a host may be silent.
fn stall_of(name: &str) -> Duration {
    if name == "silent" { STALL } else { LONG }
}

/// What hosts do wrong, with the script that does it and whether a file is named for it.
fn wrongs() -> Vec<(&'static str, bool, Script)> {
    let flipped: Script = |files, head| match honest(files, head) {
        Send::Bytes(mut bytes) if head.contains(" /p/") => {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            vec![Send::Bytes(bytes)]
        }
        other => vec![other],
    };
    vec![
        wrong("flipped", true, flipped),
        wrong("cut", false, |files, head| match honest(files, head) {
            Send::Bytes(bytes) if head.contains(" /p/") => {
                vec![Send::Bytes(bytes[..bytes.len() - 2].to_vec()), Send::Close]
            }
            other => vec![other],
        }),
        wrong("silent", false, |files, head| {
            vec![if head.contains(" /p/") { Send::Silence } else { honest(files, head) }]
        }),
        wrong("gone", true, |files, head| {
            let gone = answer("404 Not Found", &[], b"");
            vec![if head.contains(" /p/") { gone } else { honest(files, head) }]
        }),
        wrong("elsewhere", true, |files, head| {
            let away = answer("302 Found", &["Location: http://localhost:1/"], b"");
            vec![if head.contains(" /p/") { away } else { honest(files, head) }]
        }),
        wrong("failing", false, |files, head| {
            let fails = answer("503 Service Unavailable", &[], b"");
            vec![if head.contains(" /p/") { fails } else { honest(files, head) }]
        }),
        wrong("false indexes", true, |files, head| {
            let (path, _) = asked(head);
            let catalog = StaticHead::decode(&files[HEAD_NAME]).unwrap().catalogs[0].hash;
            let is_index = path.starts_with("i/") && path != index_name(&catalog);
            vec![if is_index { answer("200 OK", &[], b"junk") } else { honest(files, head) }]
        }),
        wrong("false catalog", false, |files, head| {
            let (path, _) = asked(head);
            let catalog = StaticHead::decode(&files[HEAD_NAME]).unwrap().catalogs[0].hash;
            let is_catalog = path == index_name(&catalog);
            vec![if is_catalog { answer("200 OK", &[], b"junk") } else { honest(files, head) }]
        }),
        wrong("false head", false, |files, head| {
            let (path, _) = asked(head);
            vec![if path == HEAD_NAME {
                answer("200 OK", &[], b"junk")
            } else {
                honest(files, head)
            }]
        }),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_host_does_wrong_another_makes_good() {
    let sample = sample();
    for (name, _, script) in wrongs() {
        let store = Arc::new(MemoryStore::new());
        let (_bad, bad) = host(0, mirror(&sample, |_| true), stall_of(name), script).await;
        let (_good, good) = good(1, &sample).await;
        fetch(&sample, &store, &[bad.clone(), good.clone()]).await.expect(name);
        is_whole(&sample, &store);
        assert_eq!(good.faults(), Vec::<Fault>::new(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alone_such_a_host_ends_in_an_error_that_names_what_is_wrong() {
    let sample = sample();
    for (name, is_named, script) in wrongs() {
        let store = Arc::new(MemoryStore::new());
        let (_bad, bad) = host(0, mirror(&sample, |_| true), stall_of(name), script).await;
        let error = fetch(&sample, &store, std::slice::from_ref(&bad)).await.expect_err(name);
        assert!(error.is_unavailable(), "{name}: {error}");
        let named = !bad.faults().is_empty();
        assert_eq!((named, named || bad.error().is_some()), (is_named, true), "{name}");
    }
}

/// An old mirror lacks what is new; that is nobody's fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mirror_lacks_another_has() {
    let sample = sample();
    let keep = |id: &BlockId| id.codec == Codec::DagCbor;
    let script = |files: &Files, head: &str| vec![honest(files, head)];
    let (_old, old) = host(0, mirror(&sample, keep), LONG, script).await;
    let store = Arc::new(MemoryStore::new());
    let error = fetch(&sample, &store, std::slice::from_ref(&old)).await.unwrap_err();
    assert!(matches!(error, FetchError::Stuck { .. }), "{error}");
    assert!(old.faults().is_empty());
    let (_good, good) = good(1, &sample).await;
    fetch(&sample, &store, &[old, good]).await.unwrap();
    is_whole(&sample, &store);
}

/// Junk that nobody asked for does not get into the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_by_itself_is_checked() {
    let sample = sample();
    let (_lab, host) = good(0, &sample).await;
    host.shown(sample.accepted.release.archive).await.unwrap();
    let (id, bytes) = sample.blocks.iter().next_back().unwrap();
    assert_eq!(host.block(*id).await.as_ref(), Some(bytes));
    assert_eq!(host.block(BlockId::raw(b"nowhere")).await, None);
    let other = yadgar_protocol::ArchiveId(Hash::of(b"other"));
    assert!(matches!(host.shown(other).await, Err(WebError::Wrong(_))));
}

/// As after another Wi-Fi or a lost circuit: what is under way hangs, what is asked when that was noticed is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_that_hang_together_are_one_failure() {
    let (sample, store) = (sample(), Arc::new(MemoryStore::new()));
    let since = std::sync::OnceLock::new();
    let script = move |files: &Files, head: &str| {
        let long = asked(head).1.is_some_and(|(from, to)| to - from > 100_000);
        if long {
            since.get_or_init(Instant::now);
        }
        let hangs = since.get().is_some_and(|since| since.elapsed() < HANGS);
        vec![if hangs { Send::Silence } else { honest(files, head) }]
    };
    let (lab, host) = host(0, mirror(&sample, |_| true), HANGS * 4 / 3, script).await;
    fetch(&sample, &store, std::slice::from_ref(&host)).await.unwrap();
    is_whole(&sample, &store);
    assert!(host.error().is_none() && host.faults().is_empty(), "{}", lab.seen().len());
}

/// A mirror that is begun again takes longer than a host's patience.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_was_given_up_is_asked_again_when_nobody_else_is_there() {
    let (sample, store, failed) = (sample(), Arc::new(MemoryStore::new()), AtomicUsize::new(0));
    let script = move |files: &Files, head: &str| {
        let away = head.contains(" /p/") && failed.fetch_add(1, Relaxed) < 2 * TRIES as usize;
        let fails = answer("503 Service Unavailable", &[], b"");
        vec![if away { fails } else { honest(files, head) }]
    };
    let (_lab, host) = host(0, mirror(&sample, |_| true), LONG, script).await;
    fetch_until(&sample, &store, std::slice::from_ref(&host), PATIENCE).await.unwrap();
    is_whole(&sample, &store);
}
