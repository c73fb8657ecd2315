use super::*;
use crate::carrier::lab::Lab;
use crate::store::MemoryStore;
use crate::store::adopt::adopt;
use yadgar_protocol::BlockId;
use yadgar_protocol::withdraw::Reason;

fn withdrawal(n: u64, sequence: u64) -> Withdrawal {
    let item = Hash::of(&n.to_le_bytes());
    Withdrawal { item, date: "2026-02-03".into(), reason: Reason::Error, sequence }
}

fn all(list: &[Withdrawal], sequence: u64) -> Vec<Withdrawal> {
    let mut known = Denied::none(ArchiveId(Hash::of(b"archive")));
    known.add(list);
    cumulative(&[], &known, sequence)
}

/// As after a settlement: notices of releases that root keys have set aside.
#[test]
fn wd_4_a_later_sequence_becomes_the_release_s_own() {
    let list = all(&[withdrawal(1, 1), withdrawal(2, 2), withdrawal(3, 7)], 2);
    let mut release = Lab::new(1).publish(&[("core", &[])]).release.clone();
    (release.sequence, release.prev) = (2, Some(Hash::of(b"1")));
    release.withdrawn = list.clone();
    release.check().unwrap();
    let of = |n: u64| list.iter().find(|w| w.item == withdrawal(n, 0).item).unwrap().sequence;
    assert_eq!([of(1), of(2), of(3)], [1, 2, 2]);
}

#[test]
fn wd_4_of_a_full_list_the_newest_are_carried() {
    let many = MAX_WITHDRAWN as u64 + 76;
    let known: Vec<_> = (0..many).map(|n| withdrawal(n, 1 + n / 64)).collect();
    let list = newest_of(all(&known, 40));
    let mut release = Lab::new(1).publish(&[("core", &[])]).release.clone();
    (release.sequence, release.prev) = (40, Some(Hash::of(b"39")));
    release.withdrawn = list.clone();
    release.check().unwrap();
    assert_eq!(list.len(), MAX_WITHDRAWN);
    // All of the first release are gone, and some of the second.
    assert!(list.iter().all(|w| w.sequence >= 2));
    assert_eq!(list.iter().filter(|w| w.sequence == 2).count(), 64 - 12);
    assert!(known.iter().filter(|w| w.sequence > 2).all(|w| list.contains(w)));
    assert_eq!(newest_of(list.clone()), list);
}

#[test]
fn wd_5_a_notice_of_a_release_that_is_not_known_waits_for_its_head() {
    let mut lab = Lab::new(1);
    lab.publish(&[("core", &[("a.txt", b"a".to_vec())])]);
    lab.publish(&[("core", &[("b.txt", b"b".to_vec())])]);
    let dir = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(dir.path()).unwrap();
    let store = MemoryStore::new();
    adopt(&states, &store, &lab.archive, &lab.heads[0].bytes, &lab.store).unwrap();
    let notice = lab.notice(&[BlockId::raw(b"a")]);
    let take = || take_notice(&states, &store, &lab.archive, &notice).unwrap();
    assert_eq!(take(), NoticeVerdict::Later);
    adopt(&states, &store, &lab.archive, &lab.head().bytes, &lab.store).unwrap();
    assert_eq!(take(), NoticeVerdict::Taken);
}

/// A branch of a fork is signed too: the one who signed the notice may know no other.
#[test]
fn wd_5_while_a_fork_stands_its_branches_count() {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    for lab in [&mut one, &mut two] {
        lab.publish(&[("core", &[("a.txt", b"a".to_vec())])]);
    }
    one.publish(&[("core", &[("a.txt", b"one".to_vec())])]);
    two.publish(&[("core", &[("a.txt", b"two".to_vec())])]);
    let dir = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(dir.path()).unwrap();
    let store = MemoryStore::new();
    for head in one.heads.iter().chain([two.head()]) {
        adopt(&states, &store, &one.archive, &head.bytes, &one.store).unwrap();
    }
    let state = states.state(&one.archive).unwrap().unwrap();
    assert!(state.fork.is_some());
    assert_eq!(state.trusted.release.sequence, 1);
    let notice = one.notice(&[BlockId::raw(b"a")]);
    let verdict = take_notice(&states, &store, &one.archive, &notice).unwrap();
    assert_eq!(verdict, NoticeVerdict::Taken);
}
