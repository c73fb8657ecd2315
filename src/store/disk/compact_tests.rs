//! Compaction frees what is dead, loses nothing that is alive, and may be cut off anywhere.

use super::*;
use crate::store::disk::dropped::Drop;
use crate::store::{BlockStore, StoreOptions};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use yadgar_protocol::blocks::Packed;

const SMALL: StoreOptions = StoreOptions { quota: None, compress: false, segment_bytes: 40_000 };

/// Block `n`: too short for a whole page, so that erasing alone gives nothing back.
fn block(n: u32) -> Packed {
    let mut data = vec![0; 900 + (n as usize * 37) % 600];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    Packed::plain(Codec::Raw, data)
}

fn ids(range: impl IntoIterator<Item = u32>) -> Vec<BlockId> {
    range.into_iter().map(|n| block(n).id).collect()
}

/// 400 blocks, of which `keep` out of each ten are left.
fn thinned(dir: &Path, options: StoreOptions, keep: u32) -> DiskStore {
    let store = DiskStore::open(dir, options).unwrap();
    store.put((0..400).map(block).collect()).unwrap();
    store.flush().unwrap();
    store.erase(&ids((0..400).filter(|n| n % 10 >= keep))).unwrap();
    store
}

fn check(store: &DiskStore, keep: u32) {
    for n in 0..400 {
        let held = store.get(&block(n).id).unwrap();
        assert_eq!(held, (n % 10 < keep).then(|| block(n).data), "block {n}");
    }
    let report = store.scan(&mut |_| {}).unwrap();
    assert!(report.is_clean(), "{report:?}");
}

fn files(dir: &Path) -> u64 {
    let segments = std::fs::read_dir(dir.join("segments")).unwrap();
    segments.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

fn all(store: &DiskStore) -> Compacted {
    store.compact(50, &|| true).unwrap()
}

#[test]
fn dead_bytes_go_and_live_ones_stay() {
    let dir = tempfile::tempdir().unwrap();
    let store = thinned(dir.path(), SMALL, 2);
    let (before, stats) = (files(dir.path()), store.stats().unwrap());
    let done = all(&store);
    assert!(done.segments > 5 && !done.lacks_room, "{done:?}");
    let after = files(dir.path());
    assert!(after < stats.stored_bytes + 4 * SMALL.segment_bytes / 2, "{before} {after}");
    // All but the headers of the new files.
    assert!(before - after + 10 * FILE_HEADER as u64 > done.freed_bytes, "{before} {after}");
    assert!(done.freed_bytes > 300_000);
    assert_eq!(locked(&store.writer).segment_bytes, after);
    assert_eq!(store.stats().unwrap(), stats);
    check(&store, 2);
    assert_eq!(all(&store).segments, 0);
    // Puts and erasings go on as ever.
    store.put(vec![block(999)]).unwrap();
    store.flush().unwrap();
    drop(store);
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    assert_eq!(locked(&store.writer).segment_bytes, files(dir.path()));
    assert!(store.has(&block(999).id).unwrap());
    check(&store, 2);
    assert_eq!(store.erase(&ids((0..400).filter(|n| n % 10 < 2))).unwrap(), 80);
    all(&store);
    let report = store.scan(&mut |_| {}).unwrap();
    assert_eq!((report.good, report.spare), (1, 0));
}

#[test]
fn what_gave_its_pages_back_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { segment_bytes: 400_000, ..SMALL };
    let big = |n: u8| Packed::plain(Codec::Raw, vec![n; 60_000]);
    let store = DiskStore::open(dir.path(), options).unwrap();
    store.put((0..20).map(big).collect()).unwrap();
    store.put((0..50).map(block).collect()).unwrap();
    store.flush().unwrap();
    let mut gone: Vec<BlockId> = (0..20).map(|n| big(n).id).collect();
    gone.extend(ids(0..45));
    store.erase(&gone).unwrap();
    assert!(all(&store).segments > 0);
    let bytes = locked(&store.writer).segment_bytes;
    assert_eq!(bytes, files(dir.path()));
    drop(store);
    let store = DiskStore::open(dir.path(), options).unwrap();
    assert_eq!(locked(&store.writer).segment_bytes, bytes);
    assert!(store.has_all(&ids(45..50)).unwrap());
}

#[test]
fn readers_and_writers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = thinned(dir.path(), SMALL, 3);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    for n in (0..400).filter(|n| n % 10 < 3) {
                        assert!(store.get(&block(n).id).unwrap().is_some(), "block {n}");
                    }
                    assert!(store.ids_after(None, 1000).unwrap().len() >= 120);
                }
            });
        }
        for n in 400..410 {
            store.put(vec![block(n)]).unwrap();
            assert!(all(&store).segments > 0 || n > 400);
        }
        stop.store(true, Ordering::SeqCst);
    });
    check(&store, 3);
    assert!(store.has_all(&ids(400..410)).unwrap());
    assert_eq!(store.damage().count, 0);
}

#[test]
fn one_that_was_cut_off_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = thinned(dir.path(), SMALL, 2);
    drop(store);
    // The index as before, the old files and the new ones: as if it was killed before it committed.
    let old = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        std::fs::create_dir_all(to.join("segments")).unwrap();
        for entry in std::fs::read_dir(from.join("segments")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join("segments").join(entry.file_name())).unwrap();
        }
    };
    copy(dir.path(), old.path());
    std::fs::copy(dir.path().join("index.redb"), old.path().join("index.redb")).unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    all(&store);
    drop(store);
    copy(dir.path(), old.path());
    let store = DiskStore::open(old.path(), SMALL).unwrap();
    check(&store, 2);
    assert!(all(&store).segments > 0);
    check(&store, 2);
    // Killed between the note and the removal of the file.
    let last = *store.index.snapshot().unwrap().covered.keys().next_back().unwrap();
    store.put(vec![block(1)]).unwrap();
    store.flush().unwrap();
    let path = store.segments.path(last);
    let kept = std::fs::read(&path).unwrap();
    let theirs: Vec<_> = (0..400)
        .filter(|n| store.place(&block(*n).id.hash).unwrap().is_some_and(|p| p.segment == last))
        .collect();
    store.erase(&ids(theirs)).unwrap();
    let begin = Some(Drop::Begin(last, 0));
    store.index.commit(&Batch { drop: begin, ..Batch::default() }).unwrap();
    drop(store);
    std::fs::write(&path, kept).unwrap();
    let store = DiskStore::open(old.path(), SMALL).unwrap();
    assert!(!path.exists());
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}

#[test]
fn a_damaged_record_is_forgotten_and_the_rest_moves() {
    let dir = tempfile::tempdir().unwrap();
    let store = thinned(dir.path(), SMALL, 2);
    let hurt = store.place(&block(10).id.hash).unwrap().unwrap();
    let file = std::fs::File::options().write(true).open(store.segments.path(hurt.segment));
    std::os::unix::fs::FileExt::write_all_at(&file.unwrap(), b"flip", hurt.offset + 100).unwrap();
    assert!(all(&store).segments > 0);
    assert_eq!(store.damage().ids, [block(10).id]);
    assert!(!store.has(&block(10).id).unwrap());
    assert!(store.has_all(&ids([0, 1, 11, 20, 21])).unwrap());
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}

#[test]
fn a_full_store_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(thinned(dir.path(), SMALL, 2));
    let bytes = {
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        store.disk_bytes()
    };
    let options = StoreOptions { quota: Some(bytes), ..SMALL };
    let store = DiskStore::open(dir.path(), options).unwrap();
    let done = all(&store);
    assert!(done.lacks_room, "{done:?}");
    assert!(store.disk_bytes() <= bytes);
    check(&store, 2);
}
