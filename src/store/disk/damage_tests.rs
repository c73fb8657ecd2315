//! Every byte of a store may rot: it is reported, and never served.

use super::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use yadgar_protocol::Codec;

const OPTIONS: StoreOptions = StoreOptions { quota: None, compress: true, segment_bytes: 1500 };

/// A store of a few blocks in a few segments, closed.
fn small_store(dir: &Path) -> BTreeMap<BlockId, Vec<u8>> {
    let mut blocks = BTreeMap::new();
    for n in 0..12_u8 {
        let mut data = vec![n; 20 + usize::from(n) * 90];
        if n.is_multiple_of(3) {
            blake3::Hasher::new().update(&[n]).finalize_xof().fill(&mut data);
        }
        blocks.insert(BlockId::raw(&data), data);
    }
    blocks.insert(BlockId::raw(&[]), vec![]);
    let store = DiskStore::open(dir, OPTIONS).unwrap();
    let put = blocks.values().map(|data| Packed::plain(Codec::Raw, data.clone()));
    store.put(put.collect()).unwrap();
    store.flush().unwrap();
    drop(store);
    blocks
}

fn flip(path: &Path, at: u64, mask: u8) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ mask], at).unwrap();
}

fn segment_files(dir: &Path) -> Vec<PathBuf> {
    let found = segments::list(&dir.join("segments")).unwrap();
    found.iter().map(|s| dir.join(format!("segments/{:08}.seg", s.number))).collect()
}

/// Reads all blocks: right bytes or none. Returns how many are held.
fn nothing_wrong(store: &DiskStore, blocks: &BTreeMap<BlockId, Vec<u8>>) -> usize {
    let mut held = 0;
    for (id, data) in blocks {
        let packed = store.get_packed(id).unwrap();
        if let Some(packed) = packed {
            assert_eq!(&packed.unpack(&crate::store::pack::inflate).unwrap(), data);
        }
        match store.get(id).unwrap() {
            Some(bytes) => assert_eq!(&bytes, data),
            None => assert!(!store.has(id).unwrap(), "a damaged block is forgotten"),
        }
        held += usize::from(store.has(id).unwrap());
    }
    assert_eq!(store.stats().unwrap().blocks, held as u64);
    held
}

#[test]
fn a_flip_anywhere_in_a_segment_is_reported_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = small_store(dir.path());
    let store = DiskStore::open(dir.path(), OPTIONS).unwrap();
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
    for file in segment_files(dir.path()) {
        let number: u32 = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        for at in 0..file.metadata().unwrap().len() {
            flip(&file, at, 1 << (at % 8));
            let mut seen = false;
            let report = verify_dir(dir.path(), &mut |event| {
                if let ScanEvent::Damaged { segment, offset, len, .. } = event {
                    assert!(segment == number && (offset..offset + len).contains(&at));
                    seen = true;
                }
            });
            assert!(seen && !report.unwrap().is_clean(), "byte {at} of segment {number}");
            flip(&file, at, 1 << (at % 8));
        }
    }
    assert!(verify_dir(dir.path(), &mut |_| {}).unwrap().is_clean());
    assert_eq!(nothing_wrong(&store, &blocks), blocks.len());
}

#[test]
fn a_damaged_block_is_never_served_and_can_be_put_again() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = small_store(dir.path());
    let all = blocks.len();
    let files = segment_files(dir.path());
    let places: Vec<(PathBuf, u64)> = files
        .iter()
        .flat_map(|file| (0..file.metadata().unwrap().len()).map(|at| (file.clone(), at)))
        .step_by(149)
        .collect();
    for (round, (file, at)) in places.iter().enumerate() {
        let store = DiskStore::open(dir.path(), OPTIONS).unwrap();
        flip(file, *at, 0x10);
        let in_header = *at < 24;
        let report = if round % 2 == 0 { Some(store.scan(&mut |_| {}).unwrap()) } else { None };
        let held = nothing_wrong(&store, &blocks);
        assert!(held + 1 >= all && (held == all || !in_header));
        if let Some(report) = report {
            assert!(report.damaged >= 1 && report.dangling == (all - held) as u64);
        }
        assert_eq!(store.damage().count, (all - held) as u64);
        if round % 3 == 0 {
            store.flush().unwrap();
        }
        let put = blocks.values().map(|data| Packed::plain(Codec::Raw, data.clone()));
        store.put(put.collect()).unwrap();
        store.flush().unwrap();
        assert_eq!(nothing_wrong(&store, &blocks), all);
        let mut lost = 0;
        let report = store.scan(&mut |event| {
            lost +=
                u64::from(matches!(event, ScanEvent::Damaged { id: Some(_), spare: false, .. }));
        });
        assert_eq!((report.unwrap().dangling, lost), (0, 0), "byte {at} of {}", file.display());
    }
}

#[test]
fn with_a_segment_gone_or_cut_while_open_its_blocks_are_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = small_store(dir.path());
    let store = DiskStore::open(dir.path(), OPTIONS).unwrap();
    let files = segment_files(dir.path());
    let cut = File::options().write(true).open(&files[1]).unwrap();
    cut.set_len(cut.metadata().unwrap().len() - 10).unwrap();
    let report = store.scan(&mut |_| {}).unwrap();
    assert!(report.damaged > 0 && report.dangling == 1);
    assert_eq!(nothing_wrong(&store, &blocks), blocks.len() - 1);
}

#[test]
fn a_flip_anywhere_in_the_index_is_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = small_store(dir.path());
    let index = dir.path().join("index.redb");
    let good = std::fs::read(&index).unwrap();
    // Pages that were never written are all zero; half of the flips go where something is.
    let used: Vec<usize> = (0..good.len()).filter(|at| good[*at] != 0).collect();
    let places = used.iter().copied().step_by(used.len() / 60 + 1);
    for at in places.chain((0..good.len()).step_by(good.len() / 20 + 1)) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        std::fs::write(&index, bad).unwrap();
        let store = DiskStore::open(dir.path(), OPTIONS).unwrap();
        assert_eq!(nothing_wrong(&store, &blocks), blocks.len(), "byte {at}");
        assert!(store.scan(&mut |_| {}).unwrap().is_clean());
    }
}

#[test]
fn an_index_that_lies_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = small_store(dir.path());
    let store = DiskStore::open(dir.path(), OPTIONS).unwrap();
    let ids: Vec<&BlockId> = blocks.keys().collect();
    let mut batch = index::Batch::default();
    let other = store.place(&ids[1].hash).unwrap();
    batch.places.insert(ids[0].hash, other);
    batch.places.insert(ids[2].hash, None);
    let far = Place { segment: 77, ..other.unwrap() };
    batch.places.insert(Hash([9; 32]), Some(far));
    store.index.commit(&batch).unwrap();
    let (mut dangling, mut spare) = (Vec::new(), Vec::new());
    let report = store.scan(&mut |event| match event {
        ScanEvent::Dangling { hash } => dangling.push(hash),
        ScanEvent::Good { id, index: Indexed::Nowhere | Indexed::Elsewhere, .. } => spare.push(id),
        _ => {}
    });
    let report = report.unwrap();
    assert!(!report.is_clean());
    dangling.sort();
    let mut lies = vec![ids[0].hash, Hash([9; 32])];
    lies.sort();
    assert_eq!(dangling, lies);
    spare.sort();
    assert_eq!(spare, [*ids[0], *ids[2]]);
    assert!(!store.has(ids[0]).unwrap());
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}

/// A power cut kept a later write and not the one before it: nothing that was promised.
#[test]
fn a_gap_beyond_the_index_is_no_damage_and_without_an_index_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { segment_bytes: 1 << 20, ..OPTIONS };
    let data = |n: u8| vec![n; 3000 + usize::from(n)];
    let put = |store: &DiskStore, n: u8| store.put(vec![Packed::plain(Codec::Raw, data(n))]);
    let (index, file) = (dir.path().join("index.redb"), dir.path().join("segments/00000001.seg"));
    let store = DiskStore::open(dir.path(), options).unwrap();
    put(&store, 1).unwrap();
    drop(store);
    let before = std::fs::read(&index).unwrap();
    let from = file.metadata().unwrap().len() as usize;
    let store = DiskStore::open(dir.path(), options).unwrap();
    put(&store, 2).unwrap();
    let to = file.metadata().unwrap().len() as usize;
    put(&store, 3).unwrap();
    drop(store);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[from..to].fill(0);
    for has_index in [false, true] {
        std::fs::write(&file, &bytes).unwrap();
        std::fs::remove_file(&index).unwrap();
        if has_index {
            std::fs::write(&index, &before).unwrap();
        }
        let store = DiskStore::open(dir.path(), options).unwrap();
        let held = [1, 2, 3].map(|n| store.has(&BlockId::raw(&data(n))).unwrap());
        assert_eq!(held, [true, false, true]);
        // Without an index it may be rot: nobody knows what was promised.
        assert_eq!(store.scan(&mut |_| {}).unwrap().is_clean(), has_index);
    }
}
