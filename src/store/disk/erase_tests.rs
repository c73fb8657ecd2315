//! After an erasing no file of the store holds a byte of what was erased.

use super::*;
use crate::store::disk::copies::{SPARES, SPARES_KNOWN};
use crate::store::disk::{ScanEvent, StoreOptions, open, verify_dir};
use crate::store::{BlockStore, DiskStore};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;

const SMALL: StoreOptions = StoreOptions { quota: None, compress: true, segment_bytes: 20_000 };

/// Block `n`: every second one compresses. Each is unlike every other.
fn block(n: u32) -> Packed {
    let mut data = vec![0; 1000 + (n as usize * 997) % 9000];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    if !n.is_multiple_of(2) {
        let piece = data[..300].to_vec();
        for part in data.chunks_mut(300) {
            part.copy_from_slice(&piece[..part.len()]);
        }
    }
    Packed::plain(Codec::Raw, data)
}

fn ids(range: impl IntoIterator<Item = u32>) -> Vec<BlockId> {
    range.into_iter().map(|n| block(n).id).collect()
}

fn fill(store: &DiskStore, range: std::ops::Range<u32>) {
    store.put(range.map(block).collect()).unwrap();
}

/// Every byte of every file under `dir`.
fn raw(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(raw(&path));
        } else {
            all.extend(std::fs::read(&path).unwrap());
        }
    }
    all
}

fn contains(all: &[u8], bytes: &[u8]) -> bool {
    // Windows that start with the right byte only: a plain search is too slow in a debug build.
    let mut rest = all;
    while let Some(at) = rest.iter().position(|byte| *byte == bytes[0]) {
        rest = &rest[at..];
        if rest.starts_with(bytes) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// The block as it is kept, and windows of it.
fn traces(n: u32, compress: bool) -> Vec<Vec<u8>> {
    let plain = block(n).data;
    let packed = crate::store::pack::Deflater::default().deflate(&plain);
    let stored = packed.filter(|_| compress).unwrap_or(plain);
    let middle = stored.len() / 2;
    vec![stored[..64].to_vec(), stored[middle..middle + 64].to_vec(), stored]
}

fn check(store: &DiskStore, range: impl IntoIterator<Item = u32>) {
    for n in range {
        assert_eq!(store.get(&block(n).id).unwrap(), Some(block(n).data), "block {n}");
    }
}

fn gone(store: &DiskStore, dir: &Path, range: impl IntoIterator<Item = u32>) {
    let all = raw(dir);
    for n in range {
        let id = block(n).id;
        assert!(!store.has(&id).unwrap() && store.get(&id).unwrap().is_none());
        assert!(store.get_packed(&id).unwrap().is_none());
        for trace in traces(n, true).into_iter().chain(traces(n, false)) {
            assert!(!contains(&all, &trace), "bytes of block {n} are still there");
        }
    }
}

#[test]
fn the_bytes_are_in_no_file_and_the_rest_is_whole() {
    for compress in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions { compress, ..SMALL };
        let store = DiskStore::open(dir.path(), options).unwrap();
        fill(&store, 0..24);
        store.flush().unwrap();
        // Some are not flushed: in the tail, unknown to the index.
        fill(&store, 24..30);
        let all = raw(dir.path());
        for n in 0..30 {
            for trace in traces(n, compress) {
                assert!(contains(&all, &trace), "block {n}");
            }
        }
        let before = store.stats().unwrap();
        let out: Vec<u32> = (0..30).filter(|n| n % 3 != 0).collect();
        assert_eq!(store.erase(&ids(out.clone())).unwrap(), 20);
        assert_eq!(store.erase(&ids(out.clone())).unwrap(), 0);
        let stats = store.stats().unwrap();
        assert_eq!(stats.blocks, 10);
        assert!(stats.stored_bytes < before.stored_bytes);
        assert!(stats.plain_bytes < before.plain_bytes);
        gone(&store, dir.path(), out.clone());
        check(&store, (0..30).step_by(3));
        let report = store.scan(&mut |_| {}).unwrap();
        assert!(report.is_clean() && report.erased == 20 && report.spare == 0, "{report:?}");
    }
}

#[test]
fn reopened_and_with_a_new_index_it_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    fill(&store, 0..30);
    let out: Vec<u32> = (0..30).filter(|n| n % 3 != 0).collect();
    store.erase(&ids(out.clone())).unwrap();
    let (stats, bytes) = (store.stats().unwrap(), locked(&store.writer).segment_bytes);
    drop(store);
    for round in 0..3 {
        if round == 1 {
            std::fs::remove_file(dir.path().join("index.redb")).unwrap();
        }
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        assert_eq!(store.stats().unwrap(), stats);
        assert_eq!(locked(&store.writer).segment_bytes, bytes, "round {round}");
        gone(&store, dir.path(), out.clone());
        check(&store, (0..30).step_by(3));
        let report = store.scan(&mut |_| {}).unwrap();
        assert!(report.is_clean() && report.erased == 20, "{report:?}");
        assert!(verify_dir(dir.path(), &mut |_| {}).unwrap().is_clean());
    }
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    // It is a store like any other: what is put again is held again.
    fill(&store, 0..30);
    check(&store, 0..30);
}

fn flip(dir: &Path, segment: u32, at: u64) {
    let path = dir.join(format!("segments/{segment:08}.seg"));
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

/// Damaged copies, in the header and in the data, forgotten before or after the index had them.
#[test]
fn no_copy_stays_behind() {
    for (in_header, flushed, rebuilt) in
        (0..8_u8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0))
    {
        let dir = tempfile::tempdir().unwrap();
        let mut store = DiskStore::open(dir.path(), SMALL).unwrap();
        fill(&store, 0..5);
        for _ in 0..3 {
            if flushed {
                store.flush().unwrap();
            }
            let place = store.place(&block(2).id.hash).unwrap().unwrap();
            let last = place.offset + place.record_len() - 1;
            flip(dir.path(), place.segment, if in_header { place.offset + 20 } else { last });
            assert_eq!(store.get(&block(2).id).unwrap(), None);
            fill(&store, 2..3);
            fill(&store, 5..7);
        }
        check(&store, 0..7);
        if rebuilt {
            drop(store);
            std::fs::remove_file(dir.path().join("index.redb")).unwrap();
            store = DiskStore::open(dir.path(), SMALL).unwrap();
        }
        let windows = traces(2, true);
        assert!(contains(&raw(dir.path()), &windows[0]));
        assert_eq!(store.erase(&ids([2])).unwrap(), 1);
        gone(&store, dir.path(), [2]);
        check(&store, [0, 1, 3, 4, 5, 6]);
        assert!(store.scan(&mut |_| {}).unwrap().is_clean());
    }
}

/// Forgotten, and not put again: the index knows nothing, a segment still holds it.
#[test]
fn what_the_index_does_not_know_is_erased_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    fill(&store, 0..3);
    store.flush().unwrap();
    let place = store.place(&block(0).id.hash).unwrap().unwrap();
    flip(dir.path(), place.segment, place.offset + place.record_len() - 1);
    assert_eq!(store.get(&block(0).id).unwrap(), None);
    // What a failed sync does: the segment is given up, its bytes stay beyond the index.
    fill(&store, 3..5);
    store.retire(1);
    assert!(!store.has(&block(4).id).unwrap());
    assert!(contains(&raw(dir.path()), &traces(4, true)[0]));
    assert_eq!(store.erase(&ids([0, 4])).unwrap(), 2);
    gone(&store, dir.path(), [0, 4]);
    check(&store, 1..3);
    drop(store);
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    gone(&store, dir.path(), [0, 4]);
    check(&store, 1..4);
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}

/// A store of an older program has no list of copies.
#[test]
fn an_older_store_is_read_for_copies_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    fill(&store, 0..5);
    store.flush().unwrap();
    let place = store.place(&block(2).id.hash).unwrap().unwrap();
    flip(dir.path(), place.segment, place.offset + place.record_len() - 1);
    assert_eq!(store.get(&block(2).id).unwrap(), None);
    fill(&store, 2..3);
    store.flush().unwrap();
    let forget = |db: &redb::Database| {
        let txn = db.begin_write()?;
        txn.delete_multimap_table(SPARES)?;
        txn.open_multimap_table(SPARES)?;
        let state = redb::TableDefinition::<&str, u64>::new("state-1");
        txn.open_table(state)?.remove(SPARES_KNOWN)?;
        Ok(txn.commit()?)
    };
    store.index.with("write", forget).unwrap();
    assert!(!store.index.erase_state().unwrap().0);
    assert_eq!(store.erase(&ids([2])).unwrap(), 1);
    gone(&store, dir.path(), [2]);
    assert!(store.index.erase_state().unwrap().0);
    check(&store, [0, 1, 3, 4]);
}

/// The commit that forgets is done, the bytes are not overwritten yet, or only some of them.
#[test]
fn an_erasing_that_was_cut_short_is_finished_at_the_next_open() {
    for torn in [0_usize, 10, 68, 500] {
        let dir = tempfile::tempdir().unwrap();
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        fill(&store, 0..10);
        store.flush().unwrap();
        let span = store.place(&block(4).id.hash).unwrap().unwrap().span();
        let places = [(block(4).id.hash, None)].into();
        let erase = Some(Erase::Begin(vec![span]));
        store.index.commit(&Batch { places, erase, ..Batch::default() }).unwrap();
        let mut bytes = vec![0; span.len as usize];
        bytes[..RECORD_HEADER]
            .copy_from_slice(&erased_header(span.len as u32 - RECORD_HEADER as u32));
        let file = store.segments.open(span.segment).unwrap();
        file.write_all_at(&bytes[..torn], span.offset).unwrap();
        drop(store);
        let store = DiskStore::open(dir.path(), SMALL).unwrap();
        gone(&store, dir.path(), [4]);
        check(&store, (0..10).filter(|n| *n != 4));
        let report = store.scan(&mut |_| {}).unwrap();
        assert!(report.is_clean() && report.erased == 1, "{report:?}");
        assert!(store.index.erasing().unwrap().is_empty());
    }
}

#[test]
fn the_quota_has_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let noise = |n: u32| {
        let mut data = vec![0; 100_000];
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
        Packed::plain(Codec::Raw, data)
    };
    let options = StoreOptions { quota: Some(6 << 20), compress: true, segment_bytes: 1 << 20 };
    let store = DiskStore::open(dir.path(), options).unwrap();
    let held = (0..).take_while(|n| store.put(vec![noise(*n)]).is_ok()).count() as u32;
    assert!(held > 10);
    let before = store.disk_bytes();
    let out: Vec<BlockId> = (0..held).map(|n| noise(n).id).collect();
    if store.erase(&out).unwrap() == u64::from(held) && give_back_works(dir.path()) {
        assert!(store.disk_bytes() < before / 2, "{} of {before}", store.disk_bytes());
        for n in 0..held / 2 {
            store.put(vec![noise(1000 + n)]).unwrap();
        }
    }
    assert!(store.disk_bytes() <= 6 << 20);
}

fn give_back_works(dir: &Path) -> bool {
    let file = File::create(dir.join("probe")).unwrap();
    file.write_all_at(&[0; 8192], 0).unwrap();
    give_back(&file, 0, 8192) == 8192
}

#[test]
fn puts_beside_an_erasing_end_before_or_come_after() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path(), SMALL).unwrap();
    fill(&store, 0..10);
    std::thread::scope(|scope| {
        for thread in 1..3 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..40 {
                    fill(store, thread * 100 + n..thread * 100 + n + 1);
                    check(store, [thread * 100 + n]);
                }
            });
        }
        for n in 0..10 {
            assert_eq!(store.erase(&ids([n])).unwrap(), 1);
        }
    });
    gone(&store, dir.path(), 0..10);
    check(&store, (100..140).chain(200..240));
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}

#[test]
fn pieces_leave_no_rest_without_a_header() {
    for rest in (1..200).chain(LONGEST - 100..LONGEST + 100).chain([LONGEST * 3 + 5]) {
        let mut left = rest;
        while left > 0 {
            let piece = piece(left);
            assert!(piece > 0 && piece <= LONGEST);
            assert!(piece >= RECORD_HEADER as u64 || piece == rest);
            left -= piece;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Any order of calls agrees with a map, and what is erased last is in no file.
    #[test]
    fn like_a_map(calls in proptest::collection::vec((0..6_u8, 0..12_u32), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = DiskStore::open(dir.path(), SMALL).unwrap();
        let mut model: BTreeMap<u32, bool> = BTreeMap::new();
        for (call, n) in calls {
            match call {
                0 | 1 => {
                    fill(&store, n..n + 2);
                    model.extend([(n, true), (n + 1, true)]);
                }
                2 => {
                    let held = [n, n + 3].iter().filter(|n| model.get(n) == Some(&true)).count();
                    assert_eq!(store.erase(&ids([n, n + 3])).unwrap(), held as u64);
                    for n in [n, n + 3] {
                        model.entry(n).and_modify(|held| *held = false);
                    }
                }
                3 => store.flush().unwrap(),
                4 => {
                    drop(store);
                    store = open::open(dir.path(), SMALL).unwrap();
                }
                _ => {
                    drop(store);
                    std::fs::remove_file(dir.path().join("index.redb")).unwrap();
                    store = DiskStore::open(dir.path(), SMALL).unwrap();
                }
            }
            let held = model.values().filter(|held| **held).count();
            assert_eq!(store.stats().unwrap().blocks, held as u64);
        }
        check(&store, model.iter().filter(|(_, held)| **held).map(|(n, _)| *n));
        gone(&store, dir.path(), model.iter().filter(|(_, held)| !**held).map(|(n, _)| *n));
        let report = store.scan(&mut |event| {
            assert!(!matches!(event, ScanEvent::Damaged { .. }), "{event:?}");
        });
        assert!(report.unwrap().is_clean());
    }
}
