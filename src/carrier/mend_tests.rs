//! CAR-14: what is lost of a set is written anew, byte by byte.
use super::super::lab::{Lab, big_lab};
use super::super::{ExportOptions, FileInput, Parity, SplitOptions, split};
use super::*;
use std::cell::RefCell;
use std::fs;
use std::io::Cursor;
use std::rc::Rc;
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::{Volume, header, section};

/// A set of volumes, three of them of parity, in a folder of their own; their names and their bytes.
fn written(lab: &Lab, dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (export, parity) = (ExportOptions::default(), Some(Parity::Volumes(3)));
    let options = SplitOptions { export, size: 520_000, base: "a", parity, force: false };
    let done = split(dir, &lab.store, lab.head(), options, &mut |_, _| ()).unwrap();
    let one = |volume: &VolumeWritten| {
        let path = dir.join(&volume.name);
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    };
    done.volumes.iter().map(one).collect()
}

fn run(paths: &[PathBuf], dir: Option<&Path>) -> Result<MendReport, ExportError> {
    mend(&FileInput::all(paths), dir.map(|dir| (dir, "b")), &mut |_| ())
}

fn count(dir: &tempfile::TempDir) -> usize {
    fs::read_dir(dir.path()).unwrap().count()
}

#[test]
fn car_14_lost_and_damaged_volumes_are_written_again() {
    let (lab, from, to) = (big_lab(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let set = written(&lab, from.path());
    let all: Vec<_> = set.iter().map(|(path, _)| path.clone()).collect();
    let whole = run(&all, None).unwrap();
    assert!(whole.is_whole() && whole.has_all_blocks());
    // The second is lost, the third damaged, the fourth cut off.
    fs::remove_file(&all[1]).unwrap();
    let mut bytes = set[2].1.clone();
    bytes[100_000..101_000].fill(7);
    fs::write(&all[2], bytes).unwrap();
    fs::write(&all[3], &set[3].1[..set[3].1.len() / 2]).unwrap();
    let mut left = all.clone();
    left.remove(1);
    left.reverse();
    let told = run(&left, None).unwrap();
    assert!(!told.is_whole() && !told.has_all_blocks() && told.written.is_empty());
    let done = run(&left, Some(to.path())).unwrap();
    assert!(done.has_all_blocks() && !done.is_whole());
    assert_eq!(done.sets[0].rebuilt, [2, 3, 4]);
    let names: Vec<_> = done.written.iter().map(|volume| volume.name.clone()).collect();
    let total = set.len();
    assert_eq!(names, [2, 3, 4].map(|n| format!("b-{n:03}-of-{total:03}.car")));
    for (name, at) in names.iter().zip([1, 2, 3]) {
        assert!(fs::read(to.path().join(name)).unwrap() == set[at].1, "{name}");
    }
    assert_eq!(count(&to), 3, "nothing else is left there");
    // Again: all are there. A file of somebody else is never changed.
    let again = run(&left, Some(to.path())).unwrap();
    assert!(again.written.iter().all(|volume| volume.kept) && again.has_all_blocks());
    fs::write(to.path().join(&names[1]), b"a letter").unwrap();
    assert!(matches!(run(&left, Some(to.path())), Err(ExportError::Exists(_))));
    assert_eq!(fs::read(to.path().join(&names[1])).unwrap(), b"a letter");
    assert_eq!(count(&to), 3);
}

#[test]
fn car_9_a_stranger_who_counts_otherwise_is_not_of_the_set() {
    let (lab, from, to) = (big_lab(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let set = written(&lab, from.path());
    let mut paths: Vec<_> = set.iter().skip(1).map(|(path, _)| path.clone()).collect();
    let first = run(&paths, None).unwrap().sets[0].clone();
    let root = BlockId::dag_cbor(&lab.head().bytes);
    let mark = Volume::new(first.set, 1, 2, 1).encode();
    let mut strange = header(&root);
    section(&BlockId::dag_cbor(&mark), &mark, &mut strange);
    fs::write(from.path().join("0.car"), strange).unwrap();
    paths.insert(0, from.path().join("0.car"));
    let done = run(&paths, Some(to.path())).unwrap();
    assert_eq!((done.sets.len(), done.sets[0].count), (1, first.count));
    assert_eq!((done.sets[0].missing(), &done.sets[0].rebuilt), (vec![1], &vec![1]));
}

#[test]
fn car_14_too_few_write_nothing() {
    let (lab, from, to) = (big_lab(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let set = written(&lab, from.path());
    let left: Vec<_> = set[4..].iter().map(|(path, _)| path.clone()).collect();
    let done = run(&left, Some(to.path())).unwrap();
    assert!(done.written.is_empty() && !done.has_all_blocks());
    assert_eq!((done.sets[0].missing(), done.sets[0].needed()), (vec![1, 2, 3, 4], 1));
    // One volume alone knows nothing of parity; other files are no volumes.
    fs::write(from.path().join("letter.car"), b"dear friend").unwrap();
    let some = [set[0].0.clone(), from.path().join("letter.car"), from.path().join("none.car")];
    let done = run(&some, Some(to.path())).unwrap();
    assert!(done.written.is_empty() && done.files[1].blocks == 0);
    assert!(done.files[2].unreadable.is_some());
    assert_eq!(count(&to), 0);
}

#[test]
fn car_14_a_strangers_numbers_write_no_more_than_was_read() {
    // One shard that stands for all rows of a volume of 200 MB.
    let (name, root) = (Hash::of(b"s"), BlockId::dag_cbor(b"no head"));
    let shard = vec![0; 262_144];
    let mut set = ParitySet::new(name, 262_144, 1, vec![262_144 * 800]).unwrap();
    let hashes = Hash::of(&shard).0.repeat(set.rows_per_block() as usize * 2);
    let tables: Vec<_> =
        (0..set.table.len()).map(|n| hashes[..set.table_length(n)].to_vec()).collect();
    set.table = tables.iter().map(|table| BlockId::raw(table)).collect();
    let (bytes, mark) = (set.encode(), Volume::new(name, 2, 1, 1).encode());
    let mut file = header(&root);
    section(&BlockId::dag_cbor(&mark), &mark, &mut file);
    section(&BlockId::dag_cbor(&bytes), &bytes, &mut file);
    tables.iter().for_each(|table| section(&BlockId::raw(table), table, &mut file));
    section(&BlockId::raw(&shard), &shard, &mut file);
    let to = tempfile::tempdir().unwrap();
    let inputs: [Input<'_>; 1] = [Rc::new(RefCell::new(Cursor::new(file)))];
    let done = mend(&inputs, Some((to.path(), "b")), &mut |_| ()).unwrap();
    assert_eq!((done.sets.len(), done.written.len()), (1, 0));
    assert_eq!(count(&to), 0);
}
