//! CAR-8 to CAR-10: volumes on a stick.
use super::super::lab::{Lab, big_lab as lab, is_whole, noise};
use super::super::{Decision, ImportOptions, import, verify_carrier};
use super::*;
use crate::store::{BlockStore, MemoryStore};
use std::collections::BTreeSet;
use std::io::Cursor;
use yadgar_protocol::blocks::ReadBlocks;

const SIZE: u64 = 400_000;

fn options(size: u64) -> SplitOptions<'static> {
    SplitOptions {
        export: ExportOptions::default(),
        size,
        base: "data",
        parity: None,
        force: false,
    }
}

fn write(lab: &Lab, dir: &Path, size: u64) -> SplitSummary {
    split(dir, &lab.store, lab.head(), options(size), &mut |_, _| ()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

fn take(store: &MemoryStore, head: &Accepted, carrier: &[u8]) -> u64 {
    let mut judge = |_: &[u8], _: &dyn ReadBlocks| Decision::Keep(Box::new(head.clone()));
    let mut input = Cursor::new(carrier);
    let done = import(store, &mut input, ImportOptions::default(), &mut judge, &mut |_| ());
    done.unwrap().useless_blocks
}

#[test]
fn car_8_each_volume_alone_is_of_use_in_any_order() {
    let (lab, dir) = (lab(), tempfile::tempdir().unwrap());
    let done = write(&lab, dir.path(), SIZE);
    let count = done.volumes.len();
    assert!(count >= 4, "{count} volumes");
    let listed: Vec<_> = done.volumes.iter().map(|volume| volume.name.clone()).collect();
    assert_eq!(names(dir.path()), listed);
    assert_eq!(listed[0], format!("data-001-of-{count:03}.car"));
    let files: Vec<_> = listed.iter().map(|n| fs::read(dir.path().join(n)).unwrap()).collect();
    for (file, volume) in files.iter().zip(&done.volumes) {
        assert_eq!((file.len() as u64, volume.kept), (volume.bytes, false));
        assert!(volume.bytes <= SIZE);
        let report = verify_carrier(Cursor::new(file), Some(&lab.archive)).unwrap();
        assert!(report.is_intact(), "{report:?}");
        assert_eq!(report.sequence, Some(2));
    }
    for order in 0..count {
        let store = MemoryStore::new();
        for n in 0..count {
            // Nothing of a volume is lost, whichever comes first.
            let volume = &files[(n * 3 + order * 5) % count];
            assert_eq!(take(&store, lab.head(), volume), 0);
        }
        let met: BTreeSet<_> = (0..count).map(|n| (n * 3 + order * 5) % count).collect();
        assert_eq!(is_whole(&store, lab.head()), met.len() == count);
    }
    // What is repeated is little: the front, and the nodes that lead to the blocks.
    let all: u64 = done.volumes.iter().map(|volume| volume.bytes).sum();
    let one = lab.carrier().len() as u64;
    assert!(all < one + one / 20, "{all} of {one}");
}

#[test]
fn car_8_the_chain_of_releases_is_in_every_volume() {
    let mut lab = Lab::new(5);
    for n in 0..20 {
        lab.publish(&[("core", &[("a.bin", noise(200_000, n)), ("b.bin", noise(200_000, 99))])]);
    }
    let dir = tempfile::tempdir().unwrap();
    let done = write(&lab, dir.path(), 250_000);
    assert!(done.volumes.len() > 1);
    for volume in &done.volumes {
        let store = MemoryStore::new();
        take(&store, lab.head(), &fs::read(dir.path().join(&volume.name)).unwrap());
        let payloads = lab.heads.iter().filter(|head| store.has(&head.head.link).unwrap());
        // A share of 1/64 of the volume: some of them, the newest first.
        assert!((8..20).contains(&payloads.count()));
        assert!(store.has(&lab.heads[18].head.link).unwrap());
    }
}

#[test]
fn car_10_what_is_there_is_kept_and_what_was_cut_off_goes_on() {
    let (lab, dir) = (lab(), tempfile::tempdir().unwrap());
    let first = write(&lab, dir.path(), SIZE);
    let bytes = |name: &str| fs::read(dir.path().join(name)).unwrap();
    let good: Vec<_> = first.volumes.iter().map(|v| bytes(&v.name)).collect();
    let modified = |name: &str| fs::metadata(dir.path().join(name)).unwrap().modified().unwrap();
    let times: Vec<_> = first.volumes.iter().map(|v| modified(&v.name)).collect();
    let again = write(&lab, dir.path(), SIZE);
    assert!(again.volumes.iter().all(|v| v.kept));
    assert_eq!(times, first.volumes.iter().map(|v| modified(&v.name)).collect::<Vec<_>>());
    // Pulled out while the third was written, at any place.
    let (third, full) = (&first.volumes[2].name, good[2].clone());
    let part = dir.path().join(format!("{third}.part"));
    for cut in [0, 30, 59, 100, full.len() / 2, full.len() - 1, full.len()] {
        fs::remove_file(dir.path().join(third)).unwrap();
        let mut torn = full[..cut].to_vec();
        if cut > 200_000 {
            // The last sector was never written.
            let end = torn.len();
            torn[end - 500..].fill(0);
        }
        fs::write(&part, &torn).unwrap();
        let done = write(&lab, dir.path(), SIZE);
        assert_eq!(done.volumes.iter().filter(|v| !v.kept).count(), 1, "cut at {cut}");
        assert_eq!(bytes(third), full, "cut at {cut}");
        assert_eq!(names(dir.path()).len(), good.len());
    }
    // A damaged volume is somebody's until it is said otherwise.
    let mut bad = full.clone();
    bad[5000] ^= 1;
    fs::write(dir.path().join(third), &bad).unwrap();
    let run = |force| {
        let options = SplitOptions { force, ..options(SIZE) };
        split(dir.path(), &lab.store, lab.head(), options, &mut |_, _| ())
    };
    assert!(matches!(run(false), Err(ExportError::Exists(path)) if path.ends_with(third)));
    assert_eq!(bytes(third), bad);
    run(true).unwrap();
    assert_eq!(bytes(third), full);
}

#[test]
fn car_10_other_peoples_files_are_never_touched() {
    let (lab, dir) = (lab(), tempfile::tempdir().unwrap());
    let count = write(&lab, tempfile::tempdir().unwrap().path(), SIZE).volumes.len();
    let first = volume_name("data", 1, count as u64);
    let theirs = [first.clone(), format!("{first}.part"), "notes.txt".to_owned()];
    for name in &theirs[..2] {
        let file = dir.path().join(name);
        fs::write(&file, b"my exam results").unwrap();
        let done = split(dir.path(), &lab.store, lab.head(), options(SIZE), &mut |_, _| ());
        assert!(matches!(done, Err(ExportError::Exists(path)) if path == file));
        assert_eq!(fs::read(&file).unwrap(), b"my exam results");
        fs::remove_file(&file).unwrap();
    }
    // A link that would lead somewhere else is not followed, even by force.
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    fs::write(&victim, b"").unwrap();
    for name in &theirs[..2] {
        let link = dir.path().join(name);
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        let by_force = SplitOptions { force: true, ..options(SIZE) };
        let done = split(dir.path(), &lab.store, lab.head(), by_force, &mut |_, _| ());
        assert!(matches!(done, Err(ExportError::Exists(_))), "{name}");
        assert_eq!(fs::read(&victim).unwrap(), b"");
        fs::remove_file(&link).unwrap();
    }
    fs::write(dir.path().join(&theirs[2]), b"x").unwrap();
    write(&lab, dir.path(), SIZE);
    assert_eq!(fs::read(dir.path().join(&theirs[2])).unwrap(), b"x");
}

#[test]
fn car_8_sizes_that_are_too_small_and_names() {
    let (lab, dir) = (lab(), tempfile::tempdir().unwrap());
    for size in [0, 100, 5_000, 60_000] {
        let done = split(dir.path(), &lab.store, lab.head(), options(size), &mut |_, _| ());
        assert!(matches!(done, Err(ExportError::TooSmall(n)) if n == size), "{size}");
    }
    assert!(names(dir.path()).is_empty());
    assert_eq!(write(&lab, dir.path(), u64::MAX).volumes.len(), 1);
    for good in ["data", "A-1_b", &"x".repeat(32)] {
        assert!(is_base(good));
    }
    for bad in ["", "a.b", "a b", "CON", "nul", "../x", "a/b", "-x", "د", &"x".repeat(33)] {
        assert!(!is_base(bad), "{bad}");
    }
}

#[test]
fn car_9_several_at_once_and_what_is_missing_is_named() {
    use super::super::{FileInput, import_all};
    let (lab, dir) = (lab(), tempfile::tempdir().unwrap());
    let done = write(&lab, dir.path(), SIZE);
    let paths: Vec<_> = done.volumes.iter().rev().map(|v| dir.path().join(&v.name)).collect();
    let run = |store: &MemoryStore, paths: &[PathBuf]| {
        let mut judge = |_: &[u8], _: &dyn ReadBlocks| Decision::Keep(Box::new(lab.head().clone()));
        let inputs = FileInput::all(paths);
        import_all(store, &inputs, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap()
    };
    let store = MemoryStore::new();
    let all = run(&store, &paths);
    assert!(is_whole(&store, lab.head()) && all.releases[0].is_whole());
    assert_eq!((all.useless_blocks, all.sets.len()), (0, 1));
    assert!(all.sets[0].missing().is_empty() && all.sets[0].needed() == 0);
    // One is not there, one is damaged, one is somebody's letter, one cannot be opened.
    let bad = dir.path().join(&done.volumes[1].name);
    let mut bytes = fs::read(&bad).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&bad, bytes).unwrap();
    let letter = dir.path().join("letter.car");
    fs::write(&letter, b"dear friend").unwrap();
    let mut some = paths[1..].to_vec();
    some.extend([letter, dir.path().join("gone.car")]);
    let store = MemoryStore::new();
    let found = run(&store, &some);
    assert!(!found.releases[0].is_whole());
    let count = paths.len() as u64;
    assert_eq!((found.sets[0].missing(), &found.sets[0].damaged), (vec![count], &vec![2]));
    assert_eq!(found.sets[0].needed(), 2);
    let letter = &found.files[some.len() - 2];
    assert_eq!((letter.blocks, letter.damages.count), (0, 1));
    assert!(found.files[some.len() - 1].unreadable.is_some());
    assert_eq!(super::super::ranges(&[1, 2, 3, 5, 7, 8]), "1-3, 5, 7-8");
}
