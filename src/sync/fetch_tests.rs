use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::net::NetConfig;
use crate::store::acts::{NoticeVerdict, denied, take_notice};
use crate::store::adopt::adopt;
use crate::store::complete::mark_complete;
use crate::store::heads::ArchiveStates;
use crate::store::{MemoryStore, StoreStats};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as std_mpsc;
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::{BlockId, Hash};

/// A store whose next put says that it began, and waits until it may go on.
struct Gate {
    inner: MemoryStore,
    shut: AtomicBool,
    begun: std_mpsc::SyncSender<()>,
    go: Mutex<std_mpsc::Receiver<()>>,
}

impl ReadBlocks for Gate {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.block(id)
    }
}

impl BlockStore for Gate {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.inner.has(id)
    }
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(id)
    }
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.inner.get_packed(id)
    }
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        if self.shut.swap(false, Ordering::SeqCst) {
            self.begun.send(()).unwrap();
            self.go.lock().unwrap().recv().unwrap();
        }
        self.inner.put(blocks)
    }
    fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush()
    }
    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.inner.stats()
    }
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.inner.erase(ids)
    }
    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.inner.ids_after(after, most)
    }
}

/// The one who waits for a fetch gives up, while its thread still puts what it asked for.
#[tokio::test]
async fn wd_7_a_fetch_that_was_given_up_brings_nothing_back() {
    let names: Vec<String> = (0..40).map(|n| format!("records/{n:03}.json")).collect();
    let files: Vec<_> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), noise(50, n as u64))).collect();
    let mut lab = Lab::new(1);
    lab.publish(&[("core", &files)]);
    let dir = tempfile::tempdir().unwrap();
    let states = Arc::new(ArchiveStates::open(dir.path()).unwrap());
    let (begun, has_begun) = std_mpsc::sync_channel(1);
    let (open, go) = std_mpsc::sync_channel(1);
    let (inner, shut) = (MemoryStore::new(), AtomicBool::new(false));
    let store = Arc::new(Gate { inner, shut, begun, go: Mutex::new(go) });
    lab.store
        .all_ids(&mut |id| {
            store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let (archive, head) = (lab.archive, lab.head());
    adopt(&states, &*store, &archive, &head.bytes, &*store).unwrap();
    mark_complete(&states, &*store, &archive, &head.bytes).unwrap();
    let (_sources, queue) = mpsc::channel(1);
    let job = FetchJob {
        release: head.clone(),
        parts: vec!["core".into()],
        writer: Some(Writer::new(&states, archive)),
        denied: denied(&states, &archive).unwrap(),
        store: store.clone(),
        net: crate::net::start(NetConfig::reader()).await.unwrap().0,
        sources: queue,
        progress: watch::channel(FetchProgress::default()).0,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: Timing::default(),
        give_up: None,
        hurry: None,
    };
    store.shut.store(true, Ordering::SeqCst);
    let waiting = tokio::spawn(fetch_release(job));
    while has_begun.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    let gone = lab.link("records/003.json");
    let verdict = take_notice(&states, &*store, &archive, &lab.notice(&[gone])).unwrap();
    assert_eq!(verdict, NoticeVerdict::Taken);
    assert!(!store.has(&gone).unwrap());
    // It was on its way.
    store.put(vec![lab.store.get_packed(&gone).unwrap().unwrap()]).unwrap();
    open.send(()).unwrap();
    for _ in 0..6000 {
        if !store.has(&gone).unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is still here");
}
