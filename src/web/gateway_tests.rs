//! A gateway that lacks a block and searches for it until it fails, as public ones do.

use super::super::lab::{Lab, Send, answer};
use super::*;
use crate::dial::Dialler;
use crate::net::NetHandle;
use crate::store::{BlockStore, MemoryStore, WebForm};
use crate::sync::{Asked, FetchError, FetchJob, FetchProgress, Timing, fetch_release};
use crate::web::{BaseUrl, ClientConfig};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::withdraw::Denied;

#[allow(clippy::duplicate_mod)] // other tests use it too, and neither module knows the other
#[path = "../../tests/common/sample.rs"]
mod sample;
use sample::Sample;

const PATIENCE: Duration = Duration::from_secs(120);
const TIMING: Timing = Timing {
    stall: Duration::from_secs(60),
    reopen: Duration::from_millis(10),
    ask_again: Duration::from_secs(60),
    slow: Duration::from_secs(60),
};

fn sample() -> Sample {
    let record = |n: u32| (format!("records/{n:03}.json"), vec![n as u8; 3000 + n as usize]);
    Sample::new("Test", 1, &[("core", (0..100).map(record).collect())])
}

/// A gateway with the blocks of the sample, but for `lost`, for which it answers 504.
async fn gateway(number: u32, sample: &Sample, lost: Option<BlockId>) -> (Lab, Arc<HostSource>) {
    gateway_that(number, sample, lost, |_| None).await
}

/// The same, which sends what `other` says instead, by the number of the question.
async fn gateway_that(
    number: u32,
    sample: &Sample,
    lost: Option<BlockId>,
    other: impl Fn(usize) -> Option<Vec<Send>> + std::marker::Send + Sync + 'static,
) -> (Lab, Arc<HostSource>) {
    let asked = AtomicUsize::new(0);
    let named = sample.blocks.iter().map(|(id, bytes)| (id.to_string(), bytes.clone()));
    let (blocks, lost): (BTreeMap<_, _>, _) = (named.collect(), lost.map(|id| id.to_string()));
    let lab = Lab::start(move |head: &str| -> Vec<Send> {
        let name = head.split(' ').nth(1).unwrap().trim_start_matches("/ipfs/");
        let name = name.split('?').next().unwrap();
        if let Some(other) = other(asked.fetch_add(1, Relaxed)) {
            return other;
        }
        vec![match blocks.get(name) {
            _ if lost.as_deref() == Some(name) => answer("504 Gateway Timeout", &[], b""),
            Some(bytes) => answer("200 OK", &["Content-Type: application/vnd.ipld.raw"], bytes),
            None => answer("404 Not Found", &[], b""),
        }]
    })
    .await;
    let url = BaseUrl::parse(&format!("http://{}/", lab.at), false).unwrap();
    let config = ClientConfig {
        dialler: Dialler::default(),
        other_hosts: false,
        plain: false,
        stall: PATIENCE,
        paces: vec![],
        volume: Arc::default(),
    };
    (lab, Arc::new(HostSource::new(number, url, WebForm::Gateway, config)))
}

async fn fetch(
    sample: &Sample,
    store: &Arc<MemoryStore>,
    hosts: &[Arc<HostSource>],
) -> Result<(), FetchError> {
    let (more, sources) = mpsc::channel(4);
    for host in hosts {
        more.send(Asked::Host(host.clone())).await.unwrap();
    }
    drop(more);
    let job = FetchJob {
        release: sample.accepted.clone(),
        parts: vec!["core".into()],
        denied: Arc::new(Denied::none(sample.accepted.release.archive)),
        writer: None,
        store: store.clone(),
        net: NetHandle::silent(),
        sources,
        progress: watch::channel(FetchProgress::default()).0,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: TIMING,
        give_up: Some(Duration::from_secs(3)),
        hurry: None,
    };
    tokio::time::timeout(PATIENCE, fetch_release(job)).await.unwrap().map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gw_10_a_block_for_which_a_gateway_fails_is_asked_elsewhere_and_the_rest_comes() {
    let sample = sample();
    let lost = sample.blocks.keys().find(|id| id.codec == yadgar_protocol::Codec::Raw).copied();
    let store = Arc::new(MemoryStore::new());
    let (lab, host) = gateway(0, &sample, lost).await;
    let error = fetch(&sample, &store, std::slice::from_ref(&host)).await.unwrap_err();
    assert!(matches!(error, FetchError::Stuck { .. }), "{error}");
    assert!(host.error().is_none() && host.faults().is_empty(), "it is a source as before");
    for (id, bytes) in &sample.blocks {
        assert_eq!(store.get(id).unwrap().is_some(), Some(*id) != lost, "{id} {}", bytes.len());
    }
    let name = lost.unwrap().to_string();
    let asked = lab.seen().iter().filter(|head| head.contains(&name)).count();
    assert_eq!(asked, BLOCK_TRIES as usize);
    // Another one has it.
    let (_lab, other) = gateway(1, &sample, None).await;
    fetch(&sample, &store, &[host, other]).await.unwrap();
    assert!(store.get(&lost.unwrap()).unwrap().is_some());
}

/// What is sent of an answer before the connection ends.
fn cut_off() -> Send {
    Send::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\nabc".to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hiccup_that_ends_all_questions_at_once_is_one_failure() {
    let (sample, store) = (sample(), Arc::new(MemoryStore::new()));
    let all = Arc::new(tokio::sync::Barrier::new(GATEWAY_PARALLEL));
    let middle = 30..30 + GATEWAY_PARALLEL;
    let hiccup =
        move |n| middle.contains(&n).then(|| vec![cut_off(), Send::Meet(all.clone()), Send::Close]);
    let (_lab, host) = gateway_that(0, &sample, None, hiccup).await;
    fetch(&sample, &store, std::slice::from_ref(&host)).await.unwrap();
    assert!(host.error().is_none() && host.faults().is_empty());
    for id in sample.blocks.keys() {
        assert!(store.get(id).unwrap().is_some(), "{id}");
    }
}
