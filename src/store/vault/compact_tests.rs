//! Containers shrink, nothing is lost, and what was erased is in no file.

use super::super::seal::Keys;
use super::super::{Vault, VaultOptions};
use crate::store::{BlockStore, Compacted, StoreError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{BlockId, Codec};

const OPTIONS: VaultOptions = VaultOptions { quota: None, container_bytes: 40_000 };
const ALL: u32 = 120;

fn open(dir: &Path, options: VaultOptions) -> Vault {
    Vault::open(dir, Arc::new(Keys::derive(&[7; 32])), options).unwrap()
}

/// Noise, so that it is as long on the disk.
fn block(n: u32) -> Packed {
    let mut data = vec![0; 300 + (n as usize * 311) % 2500];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    Packed::plain(Codec::Raw, data)
}

fn is_kept(n: &u32) -> bool {
    n.is_multiple_of(4)
}

/// Three of four blocks were erased.
fn filled(dir: &Path, options: VaultOptions) -> Vault {
    let store = open(dir, options);
    store.put((0..ALL).map(block).collect()).unwrap();
    store.flush().unwrap();
    let gone: Vec<BlockId> = (0..ALL).filter(|n| !is_kept(n)).map(|n| block(n).id).collect();
    assert_eq!(store.erase(&gone).unwrap(), gone.len() as u64);
    store
}

fn length(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

fn holds_what_is_kept(store: &Vault) {
    for n in 0..ALL {
        let data = store.get(&block(n).id).unwrap();
        assert_eq!(data, is_kept(&n).then(|| block(n).data), "block {n}");
    }
    assert!(store.scan(&mut |_| ()).unwrap().is_clean());
}

fn compact(store: &Vault) -> Compacted {
    store.compact(10, &|| true).unwrap()
}

#[test]
fn what_is_dead_is_given_back_and_all_else_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    let before = length(dir.path());
    let done = compact(&store);
    let after = length(dir.path());
    assert!(done.segments >= 3 && !done.lacks_room, "{done:?}");
    assert!(after * 3 < before, "{before} {after}");
    assert!(before - after <= done.freed_bytes && done.freed_bytes <= before, "{done:?}");
    holds_what_is_kept(&store);
    let stats = store.stats().unwrap();
    assert_eq!(stats.blocks, (0..ALL).filter(is_kept).count() as u64);
    assert!(after - stats.stored_bytes < 4096, "{after} {stats:?}");
    // Nothing to do a second time, and it goes on being a store.
    assert_eq!(compact(&store).segments, 0);
    drop(store);
    let store = open(dir.path(), OPTIONS);
    holds_what_is_kept(&store);
    assert_eq!(store.stats().unwrap(), stats);
    store.put(vec![block(1)]).unwrap();
    store.erase(&(0..ALL).map(|n| block(n).id).collect::<Vec<_>>()).unwrap();
    compact(&store);
    assert_eq!(length(dir.path()), 0);
    store.put(vec![block(2)]).unwrap();
    drop(store);
    let store = open(dir.path(), OPTIONS);
    assert_eq!(store.get(&block(2).id).unwrap(), Some(block(2).data));
}

#[test]
fn a_block_that_is_damaged_is_told_and_one_that_has_no_room_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    let now = length(dir.path());
    drop(store);
    let store = open(dir.path(), VaultOptions { quota: Some(now), ..OPTIONS });
    let done = compact(&store);
    assert!(done.lacks_room, "{done:?}");
    holds_what_is_kept(&store);
    assert!(length(dir.path()) <= now);
    assert!(matches!(store.put((1000..1100).map(block).collect()), Err(StoreError::Quota(_))));
    drop(store);

    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    let mut place = None;
    let mut find = |event| {
        if let crate::store::disk::ScanEvent::Good { id, segment, offset, .. } = event
            && id == block(8).id
        {
            place = Some((segment, offset));
        }
    };
    store.scan(&mut find).unwrap();
    let (number, offset) = place.unwrap();
    let file = dir.path().join(format!("{number:08}"));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[offset as usize + 150] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    compact(&store);
    assert_eq!((store.damage_seen().count, store.get(&block(8).id).unwrap()), (1, None));
    store.put(vec![block(8)]).unwrap();
    holds_what_is_kept(&store);
}

#[test]
fn with_room_for_half_a_container_nothing_grows() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    let half = store.victims(10)[0].live / 2;
    drop(store);
    let now = length(dir.path());
    let store = open(dir.path(), VaultOptions { quota: Some(now + half), ..OPTIONS });
    for _ in 0..2 {
        let done = compact(&store);
        assert!(done.lacks_room && done.segments == 0 && done.moved_bytes == 0, "{done:?}");
        assert_eq!(length(dir.path()), now);
    }
    assert_eq!(store.scan(&mut |_| ()).unwrap().spare, 0);
    store.put(vec![block(1)]).unwrap();
    store.flush().unwrap();
    assert_eq!(store.get(&block(1).id).unwrap(), Some(block(1).data));
    store.erase(&[block(1).id]).unwrap();
    holds_what_is_kept(&store);
    drop(store);
    // With room for one, all go one after the other.
    let quota = Some(length(dir.path()) + 15_000);
    let store = open(dir.path(), VaultOptions { quota, ..OPTIONS });
    let done = compact(&store);
    assert!(done.segments >= 5 && !done.lacks_room, "{done:?}");
    holds_what_is_kept(&store);
}

#[test]
fn no_block_is_moved_twice_and_what_is_left_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), OPTIONS);
    store.put((0..ALL).map(block).collect()).unwrap();
    store.flush().unwrap();
    let last = *store.read().containers.last_key_value().unwrap().0;
    let is_in_last = |n: &u32| store.read().blocks[&block(*n).id.hash].container == last;
    // The last one has room, and the most to move: it is emptied after the others.
    let gone = (0..ALL).filter(|n| n % if is_in_last(n) { 2 } else { 20 } != 0);
    store.erase(&gone.map(|n| block(n).id).collect::<Vec<_>>()).unwrap();
    let victims = store.victims(10);
    assert!(victims.len() >= 3 && victims[victims.len() - 1].number == last);
    let stats = store.stats().unwrap();
    let done = compact(&store);
    assert_eq!((done.segments, done.moved_bytes), (victims.len() as u64, stats.stored_bytes));
    assert_eq!(store.writer().bytes(), length(dir.path()));
    assert_eq!(store.stats().unwrap(), stats);
    assert!(store.scan(&mut |_| ()).unwrap().is_clean());
}

/// As when the folder could not be synced after the file was removed.
#[test]
fn a_container_that_is_gone_already_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    std::fs::remove_file(dir.path().join("00000001")).unwrap();
    compact(&store);
    assert_eq!(store.writer().bytes(), length(dir.path()));
    holds_what_is_kept(&store);
}

#[test]
fn what_could_not_be_read_stays() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), OPTIONS));
    let files = || {
        let names = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        names.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let before = files();
    let other = Vault::open(dir.path(), Arc::new(Keys::derive(&[8; 32])), OPTIONS).unwrap();
    assert_eq!(compact(&other).segments, 0);
    drop(other);
    assert_eq!(files(), before);

    let store = open(dir.path(), OPTIONS);
    // As an open leaves a block that it could not read, behind the last mark or before.
    let hash = block(8).id.hash;
    let place = store.write().remove(&hash).unwrap();
    store.write().unknown.push(place.span(hash));
    let file = dir.path().join(format!("{:08}", place.container));
    assert!(compact(&store).segments >= 3);
    assert_eq!(std::fs::read(&file).unwrap(), before[&file]);
    drop(store);
    let store = open(dir.path(), OPTIONS);
    holds_what_is_kept(&store);
    // Read again, it is emptied as any; somebody else's file never is.
    let letter = dir.path().join("00000900");
    std::fs::write(&letter, vec![b'm'; 100_000]).unwrap();
    drop(store);
    let store = open(dir.path(), OPTIONS);
    assert!(compact(&store).segments > 0 && !file.exists());
    assert_eq!(std::fs::read(&letter).unwrap(), vec![b'm'; 100_000]);
}

/// Blocks are put, read and erased while containers are written again.
#[test]
fn others_work_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), OPTIONS);
    let more = || (ALL..ALL + 40).map(block);
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            for one in more() {
                store.put(vec![one]).unwrap();
            }
            store.erase(&[block(0).id]).unwrap();
            (0..ALL).filter(is_kept).skip(1).for_each(|n| {
                assert_eq!(store.get(&block(n).id).unwrap(), Some(block(n).data));
            });
        });
        while !work.is_finished() {
            compact(&store);
        }
        work.join().unwrap();
    });
    compact(&store);
    drop(store);
    let store = open(dir.path(), OPTIONS);
    assert!(more().all(|one| store.get(&one.id).unwrap() == Some(one.data)));
    store.put(vec![block(0)]).unwrap();
    holds_what_is_kept(&store);
}
