//! What is shown while a fork stands, and how often the store is looked through for it.
use super::*;
use crate::carrier::lab::Lab;
use crate::store::adopt::adopt;
use crate::store::{MemoryStore, StoreStats};
use std::sync::atomic::{AtomicUsize, Ordering};
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::trust::Verdict;

/// Counts what is read.
#[derive(Default)]
struct Counting {
    inner: MemoryStore,
    reads: AtomicUsize,
}

impl Counting {
    fn counted(&self) -> &MemoryStore {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &self.inner
    }

    /// Reads since it was asked last.
    fn reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    fn put_all(&self, lab: &Lab) {
        let mut put = |id: &BlockId| {
            self.inner.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
            std::ops::ControlFlow::Continue(())
        };
        lab.store.all_ids(&mut put).unwrap();
    }
}

impl ReadBlocks for Counting {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.counted().block(id)
    }
}

impl BlockStore for Counting {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.counted().has(id)
    }
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.counted().get(id)
    }
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.counted().get_packed(id)
    }
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
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

/// Release 1 of 40 records and two releases 2, of which one adds ten records.
fn forked() -> (Lab, Lab) {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    let names: Vec<String> = (0..50).map(|n| format!("records/{n:03}.json")).collect();
    let files = |count: usize| -> Vec<(&str, Vec<u8>)> {
        names[..count].iter().map(|name| (name.as_str(), name.clone().into_bytes())).collect()
    };
    one.publish(&[("core", &files(40))]);
    two.publish(&[("core", &files(40))]);
    one.publish(&[("core", &files(50))]);
    two.publish(&[("core", &files(41))]);
    (one, two)
}

/// A home that shows release 2 of `one` and lacks a block of release 1.
fn home(dir: &std::path::Path, one: &Lab, lost: &BlockId) -> (ArchiveStates, Counting) {
    let (states, store) = (ArchiveStates::open(dir).unwrap(), Counting::default());
    store.put_all(one);
    for head in &one.heads {
        adopt(&states, &store, &one.archive, &head.bytes, &store).unwrap();
        mark_complete(&states, &store, &one.archive, &head.bytes).unwrap();
    }
    store.inner.erase(&[*lost]).unwrap();
    (states, store)
}

fn shown(states: &ArchiveStates, lab: &Lab) -> u64 {
    complete_head(states, &lab.archive).unwrap().unwrap().release.sequence
}

#[test]
fn trust_24_the_agreed_release_is_looked_through_once() {
    let (one, two) = forked();
    let lost = one.link("records/007.json");
    let dir = tempfile::tempdir().unwrap();
    let (states, store) = home(dir.path(), &one, &lost);
    let fork = adopt(&states, &store, &one.archive, &two.head().bytes, &store).unwrap();
    assert!(matches!(fork, Verdict::Fork(_)));
    assert_eq!(shown(&states, &one), 2, "release 1 is not whole");
    assert!(store.reads() > 0);
    drop(states);
    let states = ArchiveStates::open(dir.path()).unwrap();
    resume(&states, &store).unwrap();
    assert_eq!(store.reads(), 0, "the store is not looked through at every start");
    // A note of other parts does not count, nor a damaged one.
    let settings = states.settings(&one.archive).unwrap();
    let other =
        super::super::heads::ArchiveSettings { parts: Some(vec!["core".into()]), ..settings };
    states.set_settings(&one.archive, &other).unwrap();
    resume(&states, &store).unwrap();
    assert!(store.reads() > 0);
    std::fs::write(states.proof_path(&one.archive).with_file_name(LOOKED), b"damaged").unwrap();
    store.put_all(&one);
    resume(&states, &store).unwrap();
    assert_eq!(shown(&states, &one), 1);
    store.reads();
    resume(&states, &store).unwrap();
    assert_eq!(store.reads(), 0);
}

#[test]
fn trust_24_the_agreed_release_is_shown_when_its_blocks_come_whatever_a_side_added() {
    let (one, two) = forked();
    let lost = one.link("records/007.json");
    let dir = tempfile::tempdir().unwrap();
    let (states, store) = home(dir.path(), &one, &lost);
    adopt(&states, &store, &one.archive, &two.head().bytes, &store).unwrap();
    store.put_all(&one);
    let done = mark_complete(&states, &store, &one.archive, &one.heads[0].bytes).unwrap();
    assert_eq!(done, Completed::Shown, "the ten records of one side are no loss");
    assert_eq!(shown(&states, &one), 1);
    assert!(acts::held(&states, &one.archive).unwrap().is_empty());
}
