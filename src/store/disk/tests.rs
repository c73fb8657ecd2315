//! A disk store across opens: recovery, rebuilding, quota, segments.

use super::*;
use crate::store::StoreStats;
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use yadgar_protocol::Codec;

const SMALL: StoreOptions = StoreOptions { quota: None, compress: true, segment_bytes: 20_000 };

/// Block `n`: every second one compresses.
fn block(n: u32) -> Packed {
    let mut data = vec![0; 1000 + n as usize * 10];
    if n.is_multiple_of(2) {
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    } else {
        data.fill(n as u8);
    }
    Packed::plain(Codec::Raw, data)
}

fn fill(store: &DiskStore, range: std::ops::Range<u32>) {
    store.put(range.map(block).collect()).unwrap();
    store.flush().unwrap();
}

fn check(store: &DiskStore, range: std::ops::Range<u32>) {
    for n in range {
        let block = block(n);
        assert_eq!(store.get(&block.id).unwrap().as_ref(), Some(&block.data), "block {n}");
    }
}

fn segment_files(dir: &Path) -> Vec<PathBuf> {
    let found = segments::list(&dir.join("segments")).unwrap();
    found.iter().map(|s| dir.join(format!("segments/{:08}.seg", s.number))).collect()
}

fn is_clean(store: &DiskStore) -> ScanReport {
    let report = store.scan(&mut |event| match event {
        ScanEvent::Segment { .. } | ScanEvent::Good { index: Indexed::Here, .. } => {}
        other => panic!("{other:?}"),
    });
    let report = report.unwrap();
    assert!(report.is_clean());
    report
}

/// As when another thread has just forked and its child has not begun its program yet.
#[test]
fn a_handle_that_was_copied_keeps_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    let copy = store._lock.0.try_clone().unwrap();
    assert!(matches!(DiskStore::open(dir.path(), SMALL), Err(StoreError::InUse(_))));
    drop(store);
    DiskStore::open(dir.path(), SMALL).unwrap();
    drop(copy);
}

#[test]
fn reopening_finds_everything_and_goes_on_in_the_same_segment() {
    let dir = tempfile::tempdir().unwrap();
    let mut stats = StoreStats::default();
    for round in 0..5 {
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        assert_eq!(store.stats().unwrap(), stats);
        check(&store, 0..round * 10);
        fill(&store, round * 10..round * 10 + 10);
        stats = store.stats().unwrap();
        assert_eq!(is_clean(&store).good, u64::from(round) * 10 + 10);
    }
    let files = segment_files(dir.path());
    let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
    assert_eq!(bytes, stats.stored_bytes + files.len() as u64 * 24);
    assert!(files.len() as u64 <= bytes / 18_000 + 2, "{} segments", files.len());
    assert!(files.iter().all(|file| file.metadata().unwrap().len() <= SMALL.segment_bytes));
}

#[test]
fn a_second_opening_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    store.put(vec![block(1)]).unwrap();
    let error = DiskStore::open(dir.path(), SMALL).err().unwrap();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    check(&store, 1..2);
    drop(store);
    check(&DiskStore::open(dir.path(), SMALL).unwrap(), 1..2);
}

#[test]
fn a_lost_or_damaged_index_is_built_again() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("index.redb");
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    fill(&store, 0..60);
    let stats = store.stats().unwrap();
    drop(store);
    let good = std::fs::read(&index).unwrap();
    let older = {
        let other = tempfile::tempdir().unwrap();
        fill(&DiskStore::open(other.path(), SMALL).unwrap(), 0..3);
        std::fs::read(other.path().join("index.redb")).unwrap()
    };
    let halves = good[..good.len() / 2].to_vec();
    for bytes in [vec![], b"not an index".to_vec(), halves, vec![0; good.len()], older] {
        std::fs::write(&index, bytes).unwrap();
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        assert_eq!(store.stats().unwrap(), stats);
        check(&store, 0..60);
        is_clean(&store);
    }
    std::fs::remove_file(&index).unwrap();
    check(&DiskStore::open(dir.path(), SMALL).unwrap(), 0..60);
}

#[test]
fn an_index_that_knows_more_than_the_segments_is_built_again() {
    let dir = tempfile::tempdir().unwrap();
    fill(&DiskStore::open(dir.path(), SMALL).unwrap(), 0..60);
    let files = segment_files(dir.path());
    std::fs::remove_file(&files[0]).unwrap();
    let last = File::options().write(true).open(files.last().unwrap()).unwrap();
    last.set_len(last.metadata().unwrap().len() - 1).unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    let held: Vec<bool> = (0..60).map(|n| store.has(&block(n).id).unwrap()).collect();
    assert!(!held[0] && !held[59] && held[58]);
    assert_eq!(is_clean(&store).good, store.stats().unwrap().blocks);
    fill(&store, 0..60);
    check(&store, 0..60);
    is_clean(&store);
}

#[test]
fn what_lies_beyond_the_index_is_taken_and_a_torn_end_cut_off() {
    let source = tempfile::tempdir().unwrap();
    let store = DiskStore::open(source.path(), StoreOptions::default()).unwrap();
    fill(&store, 0..3);
    let index = std::fs::read(source.path().join("index.redb")).unwrap();
    let known = segment_files(source.path())[0].metadata().unwrap().len();
    fill(&store, 3..6);
    drop(store);
    let whole = std::fs::read(&segment_files(source.path())[0]).unwrap();
    for end in (known as usize..=whole.len()).step_by(97).chain([whole.len()]) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("segments")).unwrap();
        // Copied while it was open: redb sees an unclean stop.
        std::fs::write(dir.path().join("index.redb"), &index).unwrap();
        let file = dir.path().join("segments/00000001.seg");
        std::fs::write(&file, &whole[..end]).unwrap();
        let store = DiskStore::open(dir.path(), StoreOptions::default()).unwrap();
        check(&store, 0..3);
        let stats = store.stats().unwrap();
        let is_whole = end == whole.len();
        assert_eq!(stats.blocks == 6, is_whole);
        assert_eq!(file.metadata().unwrap().len(), stats.stored_bytes + 24);
        is_clean(&store);
        fill(&store, 0..8);
        check(&store, 0..8);
        is_clean(&store);
    }
}

#[test]
fn good_records_behind_a_hole_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    fill(&DiskStore::open(dir.path(), StoreOptions::default()).unwrap(), 0..10);
    let file = File::options().write(true).open(&segment_files(dir.path())[0]).unwrap();
    file.write_all_at(&[0; 1500], 2500).unwrap();
    std::fs::remove_file(dir.path().join("index.redb")).unwrap();
    let store = DiskStore::open(dir.path(), StoreOptions::default()).unwrap();
    let held: Vec<u32> = (0..10).filter(|n| store.has(&block(*n).id).unwrap()).collect();
    assert!(held.len() >= 6 && held.contains(&0) && held.contains(&9), "{held:?}");
    let report = store.scan(&mut |_| {}).unwrap();
    assert!(report.damaged >= 1 && report.dangling == 0);
}

#[test]
fn a_build_that_was_cut_short_starts_over() {
    let dir = tempfile::tempdir().unwrap();
    fill(&DiskStore::open(dir.path(), SMALL).unwrap(), 0..60);
    let first = segment_files(dir.path())[0].clone();
    let len = first.metadata().unwrap().len();
    // Rot at the end of an old segment, and an index in which only the mark was written.
    File::options().write(true).open(&first).unwrap().write_all_at(b"x", len - 1).unwrap();
    let index = dir.path().join("index.redb");
    std::fs::remove_file(&index).unwrap();
    let half = Index::open(&index).ok().unwrap();
    half.commit(&index::Batch { building: Some(true), ..Default::default() }).unwrap();
    drop(half);
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    assert_eq!(store.stats().unwrap().blocks, 59);
    assert_eq!(first.metadata().unwrap().len(), len, "evidence is not cut off");
    assert!(!store.index.state().unwrap().1);
}

#[test]
fn stubs_strangers_and_newer_segments() {
    let dir = tempfile::tempdir().unwrap();
    fill(&DiskStore::open(dir.path(), SMALL).unwrap(), 0..5);
    let segments = dir.path().join("segments");
    std::fs::write(segments.join("00000002.seg"), &record::file_header(2)[..10]).unwrap();
    std::fs::write(segments.join("notes.txt"), b"mine").unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    assert!(!segments.join("00000002.seg").exists() && segments.join("notes.txt").exists());
    fill(&store, 5..60);
    check(&store, 0..60);
    drop(store);
    let mut newer = [0; 24];
    newer.copy_from_slice(&record::file_header(90));
    newer[8] = 2;
    let check = blake3::hash(&newer[..16]);
    newer[16..].copy_from_slice(&check.as_bytes()[..8]);
    std::fs::write(segments.join("00000090.seg"), newer).unwrap();
    let error = DiskStore::open(dir.path(), SMALL).err().unwrap();
    assert!(matches!(error, StoreError::Newer(2)), "{error}");
}

#[test]
fn the_quota_is_kept_by_all_files_together() {
    for (quota, len) in [(1 << 20, 200), (3 << 20, 9000), (8 << 20, 60_000)] {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions { quota: Some(quota), compress: false, segment_bytes: 1 << 20 };
        let mut store = DiskStore::open(dir.path(), options).unwrap();
        let mut held = Vec::new();
        let error = loop {
            let at = held.len() as u64;
            let blocks: Vec<Packed> = (at..at + 10)
                .map(|n| Packed::plain(Codec::Raw, n.to_le_bytes().repeat(len / 8)))
                .collect();
            let ids: Vec<BlockId> = blocks.iter().map(|block| block.id).collect();
            if let Err(error) = store.put(blocks) {
                assert!(!store.has(&ids[0]).unwrap(), "refused before writing");
                break error;
            }
            held.extend(ids);
            if held.len().is_multiple_of(70) {
                store.flush().unwrap();
            }
            if held.len().is_multiple_of(1000) {
                drop(store);
                store = DiskStore::open(dir.path(), options).unwrap();
            }
            assert!(store.disk_bytes() <= quota);
        };
        assert!(matches!(error, StoreError::Quota(q) if q == quota), "{error}");
        store.flush().unwrap();
        assert!(store.disk_bytes() <= quota);
        drop(store);
        let store = DiskStore::open(dir.path(), options).unwrap();
        assert!(store.disk_bytes() <= quota);
        let stats = store.stats().unwrap();
        assert_eq!(stats.blocks, held.len() as u64);
        assert!(stats.stored_bytes > quota / 4, "{} of {quota} used", stats.stored_bytes);
        // What is held already is still fine.
        store.put(vec![Packed::plain(Codec::Raw, 0_u64.to_le_bytes().repeat(len / 8))]).unwrap();
    }
}

#[test]
fn a_thousand_segments_need_few_handles() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { segment_bytes: 100, ..SMALL };
    let store = DiskStore::open(dir.path(), options).unwrap();
    fill(&store, 0..100);
    let here = std::fs::canonicalize(dir.path()).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok);
    let open = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let open: BTreeSet<_> = open.filter(|path| path.starts_with(&here)).collect();
    assert!(open.len() <= 36, "{} handles", open.len());
    assert_eq!(segment_files(dir.path()).len(), 100);
    check(&store, 0..100);
    is_clean(&store);
}

#[test]
fn a_large_put_commits_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { compress: false, ..StoreOptions::default() };
    let store = DiskStore::open(dir.path(), options).unwrap();
    let blocks = (0..1100_u32).map(|n| Packed::plain(Codec::Raw, n.to_le_bytes().repeat(16_000)));
    store.put(blocks.collect()).unwrap();
    assert!(store.pending.read().unwrap().is_empty());
    assert_eq!(store.index.state().unwrap().0.blocks, 1100);
}

#[test]
fn blocks_that_a_failed_commit_dropped_fail_every_flush_until_they_are_put_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), StoreOptions::default()).unwrap();
    store.put(vec![block(1), block(2)]).unwrap();
    // What a failed sync in somebody else's flush does.
    store.retire(1);
    for _ in 0..2 {
        store.flush().unwrap_err();
    }
    fill_only(&store, 3);
    store.flush().unwrap_err();
    fill_only(&store, 1);
    store.flush().unwrap_err();
    fill_only(&store, 2);
    store.flush().unwrap();
    check(&store, 1..4);
}

fn fill_only(store: &DiskStore, n: u32) {
    store.put(vec![block(n)]).unwrap();
}
