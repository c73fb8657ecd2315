//! What a hostile source can do: cost a bounded amount of time, and nothing else.

use crate::nets::{Evil, PATIENCE, TIMING, evil, honest, memory, packed, reader, sample as make};
use crate::sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar::net::{DialError, NetHandle};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar::sync::{Asked, FetchError, FetchJob, FetchProgress, FetchSummary, fetch_release};
use yadgar_protocol::withdraw::Denied;

async fn fetch(
    sample: &sample::Sample,
    net: &NetHandle,
    store: &Arc<MemoryStore>,
    sources: mpsc::Receiver<Asked>,
    give_up: Option<Duration>,
) -> Result<FetchSummary, FetchError> {
    let job = FetchJob {
        release: sample.accepted.clone(),
        parts: vec!["core".into(), "media".into()],
        denied: Arc::new(Denied::none(sample.accepted.release.archive)),
        writer: None,
        store: store.clone(),
        net: net.clone(),
        sources,
        progress: watch::channel(FetchProgress::default()).0,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: TIMING,
        give_up,
        hurry: None,
    };
    tokio::time::timeout(PATIENCE, fetch_release(job)).await.unwrap()
}

/// The hostile one comes first and alone; the honest one when it has done its worst.
async fn survives(kind: Evil, banned: bool) {
    let sample = make();
    let (_bad, bad_addr) = evil(kind, &sample).await;
    let (_good, good_addr) = honest(false, memory(packed(&sample)), &sample.accepted).await;
    let (net, store) = (reader().await, Arc::new(MemoryStore::new()));
    let bad = net.dial(bad_addr.clone()).await.unwrap();
    let good = net.dial(good_addr).await.unwrap();
    let (more, peers) = mpsc::channel(4);
    more.send(bad.into()).await.unwrap();
    let late = async {
        // Long enough for the first answers, too short to matter otherwise.
        tokio::time::sleep(Duration::from_millis(200)).await;
        more.send(good.into()).await.unwrap();
        std::future::pending::<()>().await
    };
    let summary = tokio::select! {
        summary = fetch(&sample, &net, &store, peers, None) => summary.unwrap(),
        () = late => unreachable!(),
    };
    for (id, bytes) in &sample.blocks {
        assert_eq!(store.get(id).unwrap().as_ref(), Some(bytes), "{kind:?}");
    }
    // Nothing but the release was stored.
    assert_eq!(store.stats().unwrap().blocks, sample.blocks.len() as u64 + 1, "{kind:?}");
    let by_bad = summary.sources.iter().find(|(giver, _)| *giver == bad.into());
    assert!(by_bad.is_none_or(|(_, count)| count.blocks <= 2), "{kind:?}");
    let again = net.dial(bad_addr).await;
    match banned {
        true => assert!(matches!(again, Err(DialError::Denied(_))), "{kind:?}: {again:?}"),
        false => assert_eq!(again, Ok(bad), "{kind:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn liars_are_banned_and_others_asked() {
    for kind in [
        Evil::WrongBytes,
        Evil::OneMoreByte,
        Evil::Unwanted,
        Evil::UnknownFrame,
        Evil::HugeLength,
        Evil::EarlyBye,
        Evil::GoodThenBad,
    ] {
        survives(kind, true).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_silent_and_the_broken_are_left() {
    for kind in [Evil::Silent, Evil::Trickle, Evil::Truncated, Evil::LacksAll] {
        survives(kind, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_hostile_sources_end_in_an_error() {
    let sample = make();
    let net = reader().await;
    for kind in [Evil::WrongBytes, Evil::LacksAll, Evil::Silent] {
        let (_bad, addr) = evil(kind, &sample).await;
        let store = Arc::new(MemoryStore::new());
        let (more, peers) = mpsc::channel(4);
        more.send(net.dial(addr).await.unwrap().into()).await.unwrap();
        drop(more);
        let result = fetch(&sample, &net, &store, peers, Some(Duration::from_millis(500))).await;
        assert!(
            matches!(result, Err(FetchError::NoSources | FetchError::Stuck { .. })),
            "{kind:?}: {result:?}"
        );
        assert_eq!(store.stats().unwrap().blocks, 1, "{kind:?}");
    }
}
