use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::store::MemoryStore;
use crate::store::adopt::adopt;
use crate::store::complete::{Completed, complete_head, mark_complete};
use std::sync::atomic::{AtomicBool, Ordering};
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::trust::Accepted;

/// A home, with a store whose erasing can be made to fail.
struct Node {
    dir: tempfile::TempDir,
    states: ArchiveStates,
    store: Store,
}

#[derive(Default)]
struct Store {
    inner: MemoryStore,
    broken: AtomicBool,
}

impl ReadBlocks for Store {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.block(id)
    }
}

impl BlockStore for Store {
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
        self.inner.put(blocks)
    }
    fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush()
    }
    fn stats(&self) -> Result<crate::store::StoreStats, StoreError> {
        self.inner.stats()
    }
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::DiskFull("erasing".into()));
        }
        self.inner.erase(ids)
    }
    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.inner.ids_after(after, most)
    }
}

impl Node {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = ArchiveStates::open(dir.path()).unwrap();
        Self { dir, states, store: Store::default() }
    }

    /// Puts what the lab has and is not denied, as a fetch would.
    fn fetch(&self, lab: &Lab) {
        let denied = denied(&self.states, &lab.archive).unwrap();
        lab.store
            .all_ids(&mut |id| {
                if denied.covers(id).is_none() {
                    self.store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
                }
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
    }

    fn adopt(&self, head: &Accepted) {
        let archive = head.release.archive;
        adopt(&self.states, &self.store, &archive, &head.bytes, &self.store).unwrap();
        let trusted = trusted_head(&self.states, &archive).unwrap().unwrap();
        assert_eq!(trusted.release_hash(), head.release_hash());
    }

    fn complete(&self, head: &Accepted) -> Completed {
        mark_complete(&self.states, &self.store, &head.release.archive, &head.bytes).unwrap()
    }

    fn take(&self, lab: &Lab) -> Completed {
        self.fetch(lab);
        self.adopt(lab.head());
        self.complete(lab.head())
    }

    fn has(&self, id: &BlockId) -> bool {
        self.store.has(id).unwrap()
    }

    fn shown(&self, lab: &Lab) -> u64 {
        complete_head(&self.states, &lab.archive).unwrap().unwrap().release.sequence
    }

    fn notice(&self, lab: &Lab, gone: &[BlockId]) -> NoticeVerdict {
        take_notice(&self.states, &self.store, &lab.archive, &lab.notice(gone)).unwrap()
    }

    fn held(&self, lab: &Lab) -> Vec<HeldAct> {
        held(&self.states, &lab.archive).unwrap()
    }

    fn approve(&self, lab: &Lab) {
        assert_eq!(self.try_approve(lab).unwrap(), Approved::Done);
    }

    /// The yes to the oldest act.
    fn try_approve(&self, lab: &Lab) -> Result<Approved, StoreError> {
        let act = Hash::from_hex(&self.held(lab)[0].id).unwrap();
        approve(&self.states, &self.store, &lab.archive, &act)
    }

    fn restart(self) -> Self {
        let Self { dir, states, store } = self;
        drop(states);
        store.broken.store(false, Ordering::SeqCst);
        let states = ArchiveStates::open(dir.path()).unwrap();
        resume(&states, &store).unwrap();
        Self { dir, states, store }
    }
}

fn record(n: usize) -> String {
    format!("records/r{n:03}.json")
}

/// So many records, and a film.
fn files(count: usize) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = (0..count).map(|n| (record(n), noise(50, n as u64))).collect();
    all.push(("film.webm".into(), noise(400_000, 5000)));
    all
}

fn publish(lab: &mut Lab, files: &[(String, Vec<u8>)], gone: &[BlockId]) {
    let files: Vec<_> = files.iter().map(|(p, d)| (p.as_str(), d.clone())).collect();
    lab.publish_without(&[("core", &files)], gone);
}

fn lab(seed: u8, count: usize) -> Lab {
    let mut lab = Lab::new(seed);
    publish(&mut lab, &files(count), &[]);
    lab
}

#[test]
fn wd_6_what_is_withdrawn_is_denied_and_erased_with_the_head() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let gone = lab.link(&record(7));
    publish(&mut lab, &files(40)[1..], &[gone]);
    assert!(node.has(&gone));
    node.fetch(&lab);
    node.adopt(lab.head());
    assert!(!node.has(&gone));
    assert!(node.has(&lab.link(&record(8))));
    let denied = denied(&node.states, &lab.archive).unwrap();
    assert_eq!(denied.covers(&gone).unwrap().sequence, 2);
    assert!(node.held(&lab).is_empty());
}

#[test]
fn wd_6_a_large_file_goes_with_its_list_but_not_what_another_file_uses() {
    let mut lab = Lab::new(1);
    let film = noise(600_000, 1);
    let longer = [film.clone(), noise(200_000, 2)].concat();
    let files = [("a.webm".to_owned(), film), ("b.webm".to_owned(), longer)];
    publish(&mut lab, &files, &[]);
    let node = Node::new();
    node.take(&lab);
    let before = node.store.stats().unwrap().blocks;
    let gone = lab.link("b.webm");
    assert_eq!(node.notice(&lab, &[gone]), NoticeVerdict::Taken);
    assert!(!node.has(&gone));
    assert!(node.store.stats().unwrap().blocks < before - 1, "its own chunks are gone");
    // What is left is whole without it.
    let denied = denied(&node.states, &lab.archive).unwrap();
    let release = &lab.head().release;
    let found = crate::survey::survey(&node.store, release, None, &denied, &mut |_| ()).unwrap();
    assert!(found.is_whole(), "{found:?}");
    assert_eq!((found.parts[0].whole_files, found.parts[0].withdrawn), (1, 1));
}

#[test]
fn wd_6_a_cut_off_erasing_is_finished_at_the_next_start() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let (gone, film) = (lab.link(&record(7)), lab.link("film.webm"));
    publish(&mut lab, &files(40)[..40], &[gone, film]);
    node.store.broken.store(true, Ordering::SeqCst);
    let head = lab.head();
    adopt(&node.states, &node.store, &lab.archive, &head.bytes, &node.store).unwrap_err();
    // Denied durably, not erased, and the head was not written.
    assert!(node.has(&gone));
    assert!(denied(&node.states, &lab.archive).unwrap().covers(&gone).is_some());
    assert_eq!(trusted_head(&node.states, &lab.archive).unwrap().unwrap().release.sequence, 1);
    let node = node.restart();
    assert!(!node.has(&gone) && !node.has(&film));
    node.adopt(head);
    assert!(!node.has(&gone));
}

#[test]
fn wd_7_blocks_that_a_fetch_brings_back_go_again() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let Node { dir, states, store } = node;
    let states = std::sync::Arc::new(states);
    let gone = lab.link("film.webm");
    let writer = Writer::new(&states, lab.archive);
    let packed = store.get_packed(&gone).unwrap().unwrap();
    let notice = lab.notice(&[gone]);
    assert_eq!(take_notice(&states, &store, &lab.archive, &notice).unwrap(), NoticeVerdict::Taken);
    assert!(!store.has(&gone).unwrap());
    store.put(vec![packed]).unwrap();
    sweep_if_due(&states, &store, &lab.archive).unwrap();
    assert!(store.has(&gone).unwrap(), "not while the fetch goes on");
    drop(writer);
    // Also when the process ends before.
    drop(states);
    let states = ArchiveStates::open(dir.path()).unwrap();
    resume(&states, &store).unwrap();
    assert!(!store.has(&gone).unwrap());
}

#[test]
fn wd_7_an_item_that_names_structure_takes_nothing() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let blocks = node.store.stats().unwrap().blocks;
    let release = &lab.head().release;
    let (root, payload) = (release.parts[0].root, lab.head().head.link);
    assert_eq!(node.notice(&lab, &[root, payload]), NoticeVerdict::Taken);
    assert_eq!(node.store.stats().unwrap().blocks, blocks);
}

#[test]
fn wd_8_a_block_that_another_archive_uses_stays() {
    let (one, other) = (lab(1, 40), lab(2, 40));
    let node = Node::new();
    node.take(&one);
    node.take(&other);
    let (shared, film) = (one.link(&record(7)), one.link("film.webm"));
    assert_eq!(shared, other.link(&record(7)));
    assert_eq!(node.notice(&one, &[shared, film]), NoticeVerdict::Taken);
    assert!(node.has(&shared) && node.has(&film));
    assert!(denied(&node.states, &other.archive).unwrap().is_empty());
    // Only when the last one lets go of it.
    assert_eq!(node.notice(&other, &[shared, film]), NoticeVerdict::Taken);
    assert!(!node.has(&shared) && !node.has(&film));
}

#[test]
fn wd_5_wd_9_notices_are_judged_kept_and_pruned() {
    let mut lab = lab(1, 40);
    let stranger = self::lab(2, 3);
    let node = Node::new();
    let gone = lab.link(&record(1));
    assert_eq!(node.notice(&lab, &[gone]), NoticeVerdict::Later, "no head yet");
    node.take(&lab);
    let other = take_notice(&node.states, &node.store, &lab.archive, &stranger.notice(&[gone]));
    assert!(matches!(other.unwrap(), NoticeVerdict::Refused(why) if why.contains("WD-5")));
    let mut forged = lab.notice(&[gone]);
    let at = forged.len() - 5;
    forged[at] ^= 1;
    let verdict = take_notice(&node.states, &node.store, &lab.archive, &forged).unwrap();
    assert!(matches!(verdict, NoticeVerdict::Refused(_)), "{verdict:?}");
    assert!(node.has(&gone));
    assert_eq!(bulletin(&node.states, &lab.archive).unwrap(), None);

    assert_eq!(node.notice(&lab, &[gone]), NoticeVerdict::Taken);
    assert_eq!(node.notice(&lab, &[gone]), NoticeVerdict::Known);
    let told = bulletin(&node.states, &lab.archive).unwrap().unwrap();
    let second = Node::new();
    second.take(&lab);
    let taken = take_bulletin(&second.states, &second.store, &lab.archive, &told).unwrap();
    assert_eq!((taken.taken, taken.new.len()), (1, 1));
    assert!(!second.has(&gone));
    // The next release lists it: nobody needs the notice any more.
    publish(&mut lab, &files(40)[2..], &[gone]);
    node.take(&lab);
    assert_eq!(bulletin(&node.states, &lab.archive).unwrap(), None);
    assert!(denied(&node.states, &lab.archive).unwrap().covers(&gone).is_some());
}

#[test]
fn hold_2_too_much_in_one_statement_is_held_as_a_whole() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let half: Vec<_> = (0..20).map(|n| lab.link(&record(n))).collect();
    let verdict = node.notice(&lab, &half);
    let NoticeVerdict::Held(act) = verdict.clone() else { panic!("{verdict:?}") };
    assert!(half.iter().all(|id| node.has(id)));
    assert!(denied(&node.states, &lab.archive).unwrap().is_empty());
    let waiting = node.held(&lab);
    assert_eq!((waiting[0].id.as_str(), waiting[0].records), (act.as_str(), 20));
    assert_eq!(waiting[0].reasons, ["withheld"]);
    assert_eq!(node.notice(&lab, &half), verdict, "asked again, it still waits");
    let node = node.restart();
    assert_eq!(node.held(&lab), waiting);
    assert!(bulletin(&node.states, &lab.archive).unwrap().is_some(), "others hear of it too");
    // HOLD-7.
    node.approve(&lab);
    assert!(!half.iter().any(|id| node.has(id)));
    assert!(node.held(&lab).is_empty());
    // A new ledger: again three.
    let next: Vec<_> = (20..23).map(|n| lab.link(&record(n))).collect();
    assert_eq!(node.notice(&lab, &next), NoticeVerdict::Taken);
}

#[test]
fn hold_2_a_release_that_withdraws_half_and_drops_it_needs_one_yes() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let half: Vec<_> = (0..20).map(|n| lab.link(&record(n))).collect();
    publish(&mut lab, &files(40)[20..], &half);
    let Completed::Held(act) = node.take(&lab) else { panic!() };
    assert!(half.iter().all(|id| node.has(id)));
    assert_eq!(node.shown(&lab), 1);
    let waiting = node.held(&lab);
    assert_eq!((waiting.len(), waiting[0].id.clone(), waiting[0].drops), (1, act, true));
    node.approve(&lab);
    assert!(!half.iter().any(|id| node.has(id)));
    assert_eq!(node.shown(&lab), 2);
}

#[test]
fn hold_2_a_later_release_can_take_a_held_withdrawal_back() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let half: Vec<_> = (0..20).map(|n| lab.link(&record(n))).collect();
    publish(&mut lab, &files(40)[20..], &half);
    node.take(&lab);
    // What the lab signs next does not repeat it.
    lab.heads.last_mut().unwrap().release.withdrawn.clear();
    publish(&mut lab, &files(40), &[]);
    assert_eq!(node.take(&lab), Completed::Shown);
    assert_eq!((node.shown(&lab), node.held(&lab)), (3, vec![]));
    assert!(half.iter().all(|id| node.has(id)));
}

#[test]
fn hold_3_an_empty_release_is_held_and_erases_nothing() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let blocks = node.store.stats().unwrap().blocks;
    publish(&mut lab, &[], &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    assert!(matches!(node.complete(lab.head()), Completed::Held(_)));
    assert_eq!((node.shown(&lab), node.held(&lab).len()), (1, 1));
    assert_eq!(node.held(&lab)[0].records, 40);
    node.approve(&lab);
    assert_eq!(node.shown(&lab), 2);
    // HOLD-5.
    assert!(node.store.stats().unwrap().blocks >= blocks);
}

#[test]
fn hold_3_a_record_that_moves_to_another_part_is_not_dropped() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let all = files(40);
    let files: Vec<_> = all.iter().map(|(p, d)| (p.as_str(), d.clone())).collect();
    lab.publish(&[("core", &files[30..]), ("people", &files[..30])]);
    assert_eq!(node.take(&lab), Completed::Shown);
}

#[test]
fn hold_4_small_acts_add_up_over_releases() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    for gone in 1..=3 {
        publish(&mut lab, &files(40)[gone..], &[]);
        assert_eq!(node.take(&lab), Completed::Shown, "{gone}");
    }
    publish(&mut lab, &files(40)[4..], &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    let one = lab.link(&record(30));
    assert!(matches!(node.notice(&lab, &[one]), NoticeVerdict::Held(_)));
    // Until a release passes.
    publish(&mut lab, &files(40)[3..], &[]);
    assert_eq!(node.take(&lab), Completed::Shown);
    assert!(node.held(&lab).iter().all(|act| !act.drops));
}

#[test]
fn hold_6_who_shows_nothing_takes_everything() {
    let mut lab = lab(1, 40);
    let half: Vec<_> = (0..20).map(|n| lab.link(&record(n))).collect();
    publish(&mut lab, &files(40)[20..], &half);
    let node = Node::new();
    node.adopt(lab.head());
    node.fetch(&lab);
    assert_eq!(node.complete(lab.head()), Completed::Shown);
    assert!(!half.iter().any(|id| node.has(id)));
}

#[test]
fn a_damaged_list_is_never_an_empty_one() {
    let lab = lab(1, 10);
    let node = Node::new();
    node.take(&lab);
    node.notice(&lab, &[lab.link(&record(1))]);
    let path = node.dir.path().join(lab.archive.to_string()).join("acts");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let states = ArchiveStates::open(node.dir.path()).unwrap();
    assert!(matches!(denied(&states, &lab.archive), Err(StoreError::Damaged(_))));
}

#[path = "attack_tests.rs"]
mod attacks;
