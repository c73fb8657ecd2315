//! CAR-11 to CAR-14: any k of n volumes are enough, and damage costs what it hits.
use super::super::lab::{Lab, big_lab, is_whole, noise};
use super::super::staged::Staged;
use super::super::{
    Decision, ExportOptions, FileInput, ImportOptions, ImportSummary, Parity, SplitOptions,
    SplitSummary, import_all, split, verify_carrier,
};
use super::*;
use crate::store::MemoryStore;
use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::carrier::section;

fn write(lab: &Lab, dir: &Path, size: u64, parity: Parity) -> SplitSummary {
    let export = ExportOptions::default();
    let options = SplitOptions { export, size, base: "data", parity: Some(parity), force: false };
    split(dir, &lab.store, lab.head(), options, &mut |_, _| ()).unwrap()
}

fn run(lab: &Lab, store: &MemoryStore, inputs: &[Input<'_>]) -> ImportSummary {
    let mut judge = |_: &[u8], _: &dyn ReadBlocks| Decision::Keep(Box::new(lab.head().clone()));
    import_all(store, inputs, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap()
}

fn held(files: &[Vec<u8>]) -> Vec<Input<'static>> {
    let input = |bytes: &Vec<u8>| Rc::new(RefCell::new(Cursor::new(bytes.clone()))) as Input<'_>;
    files.iter().map(input).collect()
}

/// A set on disk: 5 volumes and 3 of parity, and their bytes.
struct Set {
    lab: Lab,
    files: Vec<Vec<u8>>,
    count: usize,
}

fn set() -> Set {
    let (lab, dir) = (big_lab(), tempfile::tempdir().unwrap());
    let done = write(&lab, dir.path(), 520_000, Parity::Volumes(3));
    let files: Vec<_> =
        done.volumes.iter().map(|v| fs::read(dir.path().join(&v.name)).unwrap()).collect();
    let count = files.len() - 3;
    assert!(count >= 4, "{count} volumes of data");
    assert!(files.iter().all(|file| file.len() <= 520_000));
    Set { lab, files, count }
}

/// All bytes of a data volume as they are made from what is there; `None` when there are too few.
fn rebuilt(inputs: &[Input<'_>], volume: usize) -> Option<Vec<u8>> {
    let mut index = Index::default();
    inputs.iter().for_each(|input| index.add(input, &mut |_| ()).unwrap());
    index.finish();
    let staged = Staged::new(&index, inputs);
    let set = staged.set(index.sets().first()?)?;
    let mut from = Rebuilder::new(set.clone(), &index, inputs);
    let rows: Option<Vec<_>> = (0..set.rows()).map(|row| from.region(volume, row)).collect();
    rows.map(|rows| rows.concat())
}

#[test]
fn car_13_parity_volumes_are_carriers_too() {
    let set = set();
    for (n, file) in set.files.iter().enumerate() {
        let report = verify_carrier(Cursor::new(file), Some(&set.lab.archive)).unwrap();
        assert!(report.is_intact(), "{n}: {report:?}");
        assert_eq!(report.volume, Some((n as u64 + 1, set.files.len() as u64)));
    }
    // The head travels in each, also where nothing else can be had.
    let store = MemoryStore::new();
    let done = run(&set.lab, &store, &held(&set.files[set.count..set.count + 1]));
    assert_eq!((done.heads.len(), done.releases[0].sequence), (1, 2));
    assert_eq!((done.useless_blocks, done.sets[0].needed()), (0, set.count as u64 - 1));
}

#[test]
fn car_14_any_k_of_n_give_the_exact_bytes() {
    let set = set();
    let total = set.files.len();
    for start in 0..total {
        // Three in a row are gone, and then three that are not.
        for lost in [[0, 1, 2], [0, 2, 5]] {
            let lost = lost.map(|n| (start + n) % total);
            let left: Vec<_> = (0..total).filter(|n| !lost.contains(n)).collect();
            let files: Vec<_> = left.iter().rev().map(|n| set.files[*n].clone()).collect();
            let inputs = held(&files);
            for volume in lost.into_iter().filter(|n| *n < set.count) {
                assert!(rebuilt(&inputs, volume).unwrap() == set.files[volume], "{lost:?}");
            }
            let store = MemoryStore::new();
            let done = run(&set.lab, &store, &inputs);
            assert!(is_whole(&store, set.lab.head()), "{lost:?}");
            assert!(done.releases[0].is_whole());
            let made: Vec<u64> =
                (0..set.count).filter(|n| lost.contains(n)).map(|n| n as u64 + 1).collect();
            assert!(done.sets[0].rebuilt.iter().all(|n| made.contains(n)), "{lost:?}");
        }
        // One more is too many.
        let lost = [0, 1, 2, 3].map(|n| (start + n) % total);
        let left = (0..total).filter(|n| !lost.contains(n)).map(|n| set.files[n].clone());
        let store = MemoryStore::new();
        let done = run(&set.lab, &store, &held(&left.collect::<Vec<_>>()));
        let data_lost = lost.iter().any(|n| *n < set.count);
        assert_eq!(is_whole(&store, set.lab.head()), !data_lost);
        assert_eq!((done.sets[0].missing().len(), done.sets[0].needed()), (4, 1));
    }
}

#[test]
fn car_12_damage_costs_only_the_regions_that_it_hits() {
    let mut set = set();
    // Every volume is damaged, each in another row; nothing is lost.
    for (n, file) in set.files.iter_mut().enumerate().take(5) {
        let at = if n % 2 == 0 { 100 + n * 977 } else { file.len() - 5000 - n * 977 };
        file[at..at + 700].fill(0x55);
    }
    let store = MemoryStore::new();
    let done = run(&set.lab, &store, &held(&set.files));
    assert!(is_whole(&store, set.lab.head()), "{:?}", done.sets);
    assert!(!done.sets[0].rebuilt.is_empty());
    assert!(done.damages.count >= 5);
}

#[test]
fn car_14_without_marks_and_under_other_names() {
    let set = set();
    // The first bytes of all data volumes are gone: no header, no head, no mark.
    let mut files = set.files.clone();
    files[..set.count].iter_mut().for_each(|file| file[..2_000].fill(0));
    let store = MemoryStore::new();
    files.remove(1);
    let done = run(&set.lab, &store, &held(&files));
    // Row 0 lacks all data volumes, so it cannot be made; but its blocks are all others still.
    assert!(done.new_blocks > 0);
    // With the head of one volume only the first row is short of it.
    let mut files = set.files.clone();
    files[0][..2_000].fill(0);
    let store = MemoryStore::new();
    run(&set.lab, &store, &held(&files));
    assert!(is_whole(&store, set.lab.head()));
}

#[test]
fn car_11_a_hostile_set_costs_no_more_than_its_bytes() {
    let set = set();
    let base = &set.files[set.count];
    // One shard and one table, said to be 200 GiB.
    let shard = noise(262_144, 1);
    let hash = Hash::of(&shard);
    let mut hostile = ParitySet::new(Hash::of(b"h"), 262_144, 1, vec![262_144 * 800_000]).unwrap();
    let table = hash.0.repeat(hostile.rows_per_block() as usize * 2);
    let blocks = hostile.table.len();
    hostile.table = vec![BlockId::raw(&table); blocks];
    let mut file = base.clone();
    let bytes = hostile.encode();
    section(&BlockId::dag_cbor(&bytes), &bytes, &mut file);
    section(&BlockId::raw(&table), &table, &mut file);
    section(&BlockId::raw(&shard), &shard, &mut file);
    let store = MemoryStore::new();
    let done = run(&set.lab, &store, &held(&[file]));
    assert!(!done.releases[0].is_whole() && done.sets[0].rebuilt.is_empty());
    // Shards that are good blocks, but not those of the table, are not used.
    let mut index = Index::default();
    let inputs = held(&set.files);
    inputs.iter().for_each(|input| index.add(input, &mut |_| ()).unwrap());
    index.finish();
    let mut lying = Staged::new(&index, &inputs).set(&index.sets()[0]).unwrap();
    lying.table.iter_mut().for_each(|id| *id = BlockId::raw(b"no such table"));
    let mut from = Rebuilder::new(lying, &index, &inputs);
    assert!(from.region(0, 0).is_none() && !from.rows().contains(&true));
}

#[test]
fn car_13_parity_is_kept_or_written_again() {
    let (lab, dir) = (big_lab(), tempfile::tempdir().unwrap());
    let first = write(&lab, dir.path(), 520_000, Parity::Percent(30));
    assert_eq!(first.parity, (first.volumes.len() as u64 - first.parity) * 30 / 100 + 1);
    let path = |n: usize| -> PathBuf { dir.path().join(&first.volumes[n].name) };
    let last = first.volumes.len() - 1;
    let good: Vec<_> = (0..=last).map(|n| fs::read(path(n)).unwrap()).collect();
    let again = write(&lab, dir.path(), 520_000, Parity::Percent(30));
    assert!(again.volumes.iter().all(|volume| volume.kept));
    // Pulled out while the last was written.
    fs::write(dir.path().join(format!("{}.part", first.volumes[last].name)), &good[last][..999])
        .unwrap();
    fs::remove_file(path(last)).unwrap();
    let again = write(&lab, dir.path(), 520_000, Parity::Percent(30));
    assert_eq!(again.volumes.iter().filter(|volume| !volume.kept).count(), 1);
    for (n, bytes) in good.iter().enumerate() {
        assert!(fs::read(path(n)).unwrap() == *bytes, "volume {n}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), good.len());
    // A damaged one is in the way until it is said that it may go.
    fs::write(path(last), &good[last][..5_000]).unwrap();
    let export = ExportOptions::default();
    let parity = Some(Parity::Percent(30));
    let options = SplitOptions { export, size: 520_000, base: "data", parity, force: false };
    assert!(split(dir.path(), &lab.store, lab.head(), options, &mut |_, _| ()).is_err());
    assert_eq!(fs::read(path(last)).unwrap().len(), 5_000);
    let options = SplitOptions { force: true, ..options };
    split(dir.path(), &lab.store, lab.head(), options, &mut |_, _| ()).unwrap();
    assert!(fs::read(path(last)).unwrap() == good[last]);
    // From the disk, the files in any order.
    let names: Vec<_> = (1..=last).rev().map(path).collect();
    let store = MemoryStore::new();
    run(&lab, &store, &FileInput::all(&names));
    assert!(is_whole(&store, lab.head()));
    for text in ["3", "1", "20%", " 5 % "] {
        assert!(text.parse::<Parity>().is_ok());
    }
    for text in ["0", "", "%", "-1", "x", "0%"] {
        assert!(text.parse::<Parity>().is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any subset and order of volumes, with damage, either gives the exact bytes or names what is missing.
    #[test]
    fn car_14_any_subset_and_order_with_damage(
        order in any::<u64>(),
        keep in prop::collection::vec(any::<bool>(), 16),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1usize..3000), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let set = set();
        let mut numbers: Vec<usize> = (0..set.files.len()).filter(|n| keep[*n]).collect();
        numbers.sort_by_key(|n| Hash::of(&[&order.to_le_bytes()[..], &[*n as u8]].concat()).0);
        let mut files: Vec<_> = numbers.iter().map(|n| set.files[*n].clone()).collect();
        if !files.is_empty() {
            for (file, at, length) in &hits {
                let file = file.get(&numbers).to_owned();
                let file = &mut files[numbers.iter().position(|n| *n == file).unwrap()];
                let at = at.index(file.len());
                let end = (at + length).min(file.len());
                file[at..end].iter_mut().for_each(|byte| *byte ^= 0x2b);
            }
            if let Some(cut) = cut {
                let at = cut.index(files[0].len());
                files[0].truncate(at);
            }
        }
        let inputs = held(&files);
        let store = MemoryStore::new();
        let done = run(&set.lab, &store, &inputs);
        let untouched = hits.is_empty() && cut.is_none();
        let whole = is_whole(&store, set.lab.head());
        if untouched {
            let data_lost = (0..set.count).any(|n| !keep[n]);
            let enough = numbers.len() >= set.count || !data_lost;
            prop_assert_eq!(whole, enough && !numbers.is_empty());
            for (volume, kept) in keep.iter().enumerate().take(set.count) {
                let exact = rebuilt(&inputs, volume).is_some_and(|b| b == set.files[volume]);
                let parity = numbers.iter().any(|n| *n >= set.count);
                prop_assert_eq!(exact, parity && (*kept || numbers.len() >= set.count));
            }
        }
        if let Some(release) = done.releases.first() {
            prop_assert_eq!(release.is_whole(), whole);
            // What is not whole is named, file by file, and so are the volumes.
            let named = !release.faults.is_empty();
            prop_assert_eq!(named, !whole);
            let told = done.sets.iter().any(|s| s.needed() > 0 || !s.damaged.is_empty());
            prop_assert!(whole || told || done.sets.is_empty());
        } else {
            // No head can be read: nothing is known, and nothing is kept.
            prop_assert_eq!(done.new_blocks, 0);
        }
    }
}
