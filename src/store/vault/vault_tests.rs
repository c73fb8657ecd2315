//! Crashes, damage and erasing.

use super::open::name;
use super::record::{HEAD, UNIT};
use super::*;
use yadgar_protocol::Codec;

const OPTIONS: VaultOptions = VaultOptions { quota: None, container_bytes: 20_000 };

fn keys() -> Arc<Keys> {
    Arc::new(Keys::derive(&[7; 32]))
}

fn open(dir: &Path) -> Vault {
    Vault::open(dir, keys(), OPTIONS).unwrap()
}

/// Block `n`: some compress, some do not.
fn block(n: u32) -> Packed {
    let mut data = vec![n as u8; 10 + (n as usize * 37) % 3000];
    if n.is_multiple_of(2) {
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    }
    Packed::plain(Codec::Raw, data)
}

fn put(store: &Vault, range: std::ops::Range<u32>) {
    store.put(range.map(block).collect()).unwrap();
}

/// The containers as they are now, as after a kill at this moment.
fn copy(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// Every block that is held reads right; returns which are.
fn held(store: &Vault, range: std::ops::Range<u32>) -> Vec<u32> {
    let has = |n: &u32| store.has(&block(*n).id).unwrap();
    let held: Vec<u32> = range.filter(has).collect();
    for n in &held {
        assert_eq!(store.get(&block(*n).id).unwrap(), Some(block(*n).data), "block {n}");
    }
    held
}

#[test]
fn what_was_put_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..80);
    let stats = store.stats().unwrap();
    assert!(matches!(Vault::open(dir.path(), keys(), OPTIONS), Err(StoreError::InUse(_))));
    drop(store);
    assert!(std::fs::read_dir(dir.path()).unwrap().count() > 1, "several containers");
    let store = open(dir.path());
    assert_eq!(held(&store, 0..90), (0..80).collect::<Vec<_>>());
    assert_eq!(store.stats().unwrap(), stats);
    put(&store, 30..90);
    drop(store);
    let store = open(dir.path());
    assert_eq!(held(&store, 0..90).len(), 90);
    assert!(store.scan(&mut |_| ()).unwrap().is_clean());
}

#[test]
fn a_file_cut_anywhere_keeps_what_was_promised_before_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let options = VaultOptions { container_bytes: 1 << 20, ..OPTIONS };
    let store = Vault::open(dir.path(), keys(), options).unwrap();
    let file = dir.path().join("00000001");
    let len = || std::fs::metadata(&file).unwrap().len();
    put(&store, 0..4);
    store.flush().unwrap();
    let first = len();
    put(&store, 4..8);
    store.flush().unwrap();
    put(&store, 8..12);
    let (promised, last) = (0..8, len());
    for cut in (first..=last).step_by(61).chain([last]) {
        let dead = copy(dir.path());
        let copy = std::fs::OpenOptions::new().write(true).open(dead.path().join("00000001"));
        copy.unwrap().set_len(cut).unwrap();
        let again = Vault::open(dead.path(), keys(), options).unwrap();
        let here = held(&again, 0..12);
        assert!(here.len() >= 4, "cut at {cut}: {here:?}");
        if cut == last {
            assert!(promised.clone().all(|n| here.contains(&n)));
            assert_eq!(here.len(), 12);
        }
        assert!(again.scan(&mut |_| ()).unwrap().is_clean());
        // It can be gone on with.
        put(&again, 0..12);
        drop(again);
        assert_eq!(held(&Vault::open(dead.path(), keys(), options).unwrap(), 0..12).len(), 12);
    }
}

/// What a killed process had written and not promised is held after that, and marked by the next flush.
#[test]
fn what_was_taken_after_a_kill_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..4);
    let dead = copy(dir.path());
    let length = || std::fs::metadata(dead.path().join("00000001")).unwrap().len();
    let before = length();
    let again = open(dead.path());
    assert_eq!(held(&again, 0..4).len(), 4);
    again.flush().unwrap();
    assert_eq!(length(), before + UNIT as u64);
    drop(again);
    drop(open(dead.path()));
    assert_eq!(length(), before + UNIT as u64, "once");
}

/// Writes that were not synced can reach the disk in any order: holes of zeros behind the last mark.
#[test]
fn holes_behind_the_last_mark_are_no_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..3);
    store.flush().unwrap();
    let file = dir.path().join("00000001");
    let from = std::fs::metadata(&file).unwrap().len() as usize;
    put(&store, 3..9);
    let bytes = std::fs::read(&file).unwrap();
    for hole in (from..bytes.len()).step_by(UNIT) {
        let dead = copy(dir.path());
        let mut torn = bytes.clone();
        let end = (hole + 2 * UNIT).min(bytes.len());
        torn[hole..end].fill(0);
        std::fs::write(dead.path().join("00000001"), torn).unwrap();
        let again = open(dead.path());
        let here = held(&again, 0..9);
        assert!((0..3).all(|n| here.contains(&n)) && here.len() < 9, "{hole}: {here:?}");
        put(&again, 0..9);
        again.flush().unwrap();
        assert_eq!(held(&again, 0..9).len(), 9);
    }
}

#[test]
fn a_flip_anywhere_is_noticed_and_costs_one_block() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..9);
    drop(store);
    let file = dir.path().join("00000001");
    let good = std::fs::read(&file).unwrap();
    let mut lost = 0;
    for at in (0..good.len()).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 4;
        std::fs::write(&file, bad).unwrap();
        let store = open(dir.path());
        let mut damaged = 0;
        let report = store.scan(&mut |event| {
            damaged += u64::from(matches!(event, ScanEvent::Damaged { .. }));
        });
        // Noise behind a mark is nothing.
        assert_eq!(report.unwrap().damaged, damaged);
        assert!(damaged <= 1, "byte {at}");
        let found = (0..9).filter(|n| store.get(&block(*n).id).unwrap() == Some(block(*n).data));
        assert_eq!(found.count() as u64, 9 - damaged, "byte {at}");
        lost += damaged;
        drop(store);
    }
    assert!(lost > 20);
}

#[test]
fn under_another_key_nothing_is_read_and_nothing_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let options = VaultOptions { container_bytes: 1 << 20, ..OPTIONS };
    let store = Vault::open(dir.path(), keys(), options).unwrap();
    let big: Vec<Packed> = (0..2)
        .map(|n| {
            let mut data = vec![0; 250_000];
            blake3::Hasher::new().update(&[n]).finalize_xof().fill(&mut data);
            Packed::plain(Codec::Raw, data)
        })
        .collect();
    store.put(big.clone()).unwrap();
    drop(store);
    let before = std::fs::read(dir.path().join("00000001")).unwrap();
    let other = Vault::open(dir.path(), Arc::new(Keys::derive(&[8; 32])), options).unwrap();
    assert_eq!(other.stats().unwrap(), StoreStats::default());
    other.put(vec![block(1)]).unwrap();
    drop(other);
    assert_eq!(std::fs::read(dir.path().join("00000001")).unwrap(), before);
    let store = Vault::open(dir.path(), keys(), options).unwrap();
    assert_eq!(store.get(&big[1].id).unwrap().as_ref(), Some(&big[1].data));
}

/// What is no container of this home is neither cut nor followed, however short it is.
#[test]
fn what_does_not_open_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let letter = outside.path().join("letter");
    let lengths = [1, UNIT - 1, UNIT, 3 * UNIT + 7, 100_000];
    for (n, len) in (1..).zip(lengths) {
        std::fs::write(dir.path().join(name(n)), vec![b'm'; len]).unwrap();
    }
    std::fs::write(&letter, b"mine").unwrap();
    std::os::unix::fs::symlink(&letter, dir.path().join("00000006")).unwrap();
    std::fs::create_dir(dir.path().join("00000008")).unwrap();
    for _ in 0..2 {
        let store = open(dir.path());
        put(&store, 0..9);
        store.flush().unwrap();
        drop(store);
        assert_eq!(held(&open(dir.path()), 0..9).len(), 9);
    }
    for (n, len) in (1..).zip(lengths) {
        let bytes = std::fs::read(dir.path().join(name(n))).unwrap();
        assert_eq!(bytes, vec![b'm'; len]);
    }
    assert_eq!(std::fs::read(&letter).unwrap(), b"mine");
    assert!(dir.path().join("00000009").is_file());
}

/// The sealed data of the record at a place.
fn data_of(dir: &Path, span: &Span) -> Vec<u8> {
    let bytes = std::fs::read(dir.join(format!("{:08}", span.container))).unwrap();
    let at = span.offset() as usize;
    bytes[at + HEAD..at + span.bytes() as usize].to_vec()
}

fn is_anywhere(dir: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        memchr::memmem::find(&file, bytes).is_some()
    })
}

#[test]
fn wd_6_erased_bytes_are_in_no_file_also_of_copies() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..20);
    let id = block(8).id;
    let first = store.read().blocks[&id.hash].span(id.hash);
    // It rots, is forgotten, and comes again.
    let path = dir.path().join(format!("{:08}", first.container));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[first.offset() as usize + HEAD + 3] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(store.get(&id).unwrap(), None);
    assert_eq!((store.damage().count, store.damage().ids[0]), (1, id));
    put(&store, 8..9);
    // Opened again: the copy is still known.
    drop(store);
    let store = open(dir.path());
    let second = store.read().blocks[&id.hash].span(id.hash);
    assert_ne!(first, second);
    let gone = [data_of(dir.path(), &first), data_of(dir.path(), &second)];
    let kept = data_of(dir.path(), &store.read().blocks[&block(9).id.hash].span(block(9).id.hash));
    assert_eq!(store.erase(&[id]).unwrap(), 1);
    assert!(gone.iter().all(|data| !is_anywhere(dir.path(), &data[..32])));
    assert!(is_anywhere(dir.path(), &kept[..32]));
    drop(store);
    let store = open(dir.path());
    assert_eq!(held(&store, 0..20).len(), 19);
    assert_eq!(store.scan(&mut |_| ()).unwrap().erased, 2);
    assert_eq!(store.erase(&[id]).unwrap(), 0);
}

#[test]
fn wd_6_an_erasing_that_was_cut_off_is_finished_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..6);
    let id = block(4).id;
    let span = store.read().blocks[&id.hash].span(id.hash);
    store.flush().unwrap();
    store.overwrite(&[span].into(), true).unwrap();
    let dead = copy(dir.path());
    let again = open(dead.path());
    assert_eq!(again.get(&id).unwrap(), None);
    assert_eq!(again.erase(&[id]).unwrap(), 1);
    assert_eq!(again.scan(&mut |_| ()).unwrap().erased, 1);
    assert_eq!(held(&again, 0..6).len(), 5);
}

/// A head that rotted hides which block it was: its bytes go with the next erasing.
#[test]
fn wd_6_bytes_of_which_nobody_knows_go_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 0..6);
    let id = block(4).id;
    let span = store.read().blocks[&id.hash].span(id.hash);
    drop(store);
    let path = dir.path().join("00000001");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[span.offset() as usize] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let data = data_of(dir.path(), &span);
    let store = open(dir.path());
    assert!(!store.has(&id).unwrap());
    assert_eq!(store.erase(&[block(5).id]).unwrap(), 1);
    assert!(!is_anywhere(dir.path(), &data[..32]));
    drop(store);
    assert!(open(dir.path()).scan(&mut |_| ()).unwrap().is_clean());
}

/// A power cut kept a later write and not the one before it.
#[test]
fn a_gap_that_was_never_promised_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("00000001");
    let len = || std::fs::metadata(&file).unwrap().len() as usize;
    let store = open(dir.path());
    put(&store, 0..4);
    store.flush().unwrap();
    let promised = len();
    put(&store, 5..6);
    let gap = len();
    put(&store, 6..8);
    let mut bytes = std::fs::read(&file).unwrap();
    drop(store);
    bytes[promised..gap].fill(0);
    std::fs::write(&file, bytes).unwrap();
    for _ in 0..2 {
        let store = open(dir.path());
        assert_eq!(held(&store, 0..9), [0, 1, 2, 3, 6, 7]);
        assert!(store.scan(&mut |_| ()).unwrap().is_clean());
    }
}

#[test]
fn the_quota_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let options = VaultOptions { quota: Some(30_000), ..OPTIONS };
    let store = Vault::open(dir.path(), keys(), options).unwrap();
    let full = (0..100).find(|n| {
        let result = store.put(vec![block(*n)]).and_then(|()| store.flush());
        matches!(result, Err(StoreError::Quota(30_000)))
    });
    assert!(full.unwrap() > 5);
    let bytes: u64 =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes <= 30_000 && bytes > 20_000, "{bytes}");
    drop(store);
    let store = Vault::open(dir.path(), keys(), options).unwrap();
    assert!(matches!(store.put(vec![block(full.unwrap())]), Err(StoreError::Quota(_))));
}
