use super::*;
use crate::publish::ingest::{Ingest, IngestError, Taken};
use crate::publish::walk::walk;
use crate::store::MemoryStore;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
use yadgar_protocol::{Codec, chunk};

/// A folder with a small and a large file, taken once, with the clock far enough ahead for everything to be settled.
struct Folder {
    dir: tempfile::TempDir,
    store: MemoryStore,
    lines: Vec<Line>,
}

fn archive() -> ArchiveId {
    ArchiveId(Hash::of(b"archive"))
}

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

fn large(seed: u32) -> Vec<u8> {
    (seed..seed + 300_000).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect()
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("small.txt"), b"small").unwrap();
        std::fs::write(dir.path().join("large.bin"), large(0)).unwrap();
        let mut folder = Self { dir, store: MemoryStore::new(), lines: Vec::new() };
        folder.lines = folder.take(&Known::default(), &later).into_iter().map(line).collect();
        folder
    }

    fn ingest(
        &self,
        known: &Known,
        denied: &Denied,
        now: &(dyn Fn() -> SystemTime + Sync),
    ) -> Result<Vec<Taken>, IngestError> {
        let stop = AtomicBool::new(false);
        let (progress, store) = (&|_: u64| (), &self.store);
        let found = walk(self.dir.path(), false).unwrap();
        let readings = &|_: &str| None;
        Ingest { store, denied, known, readings, progress, stop: &stop, now }.files(&found.files)
    }

    fn take(&self, known: &Known, now: &(dyn Fn() -> SystemTime + Sync)) -> Vec<Taken> {
        self.ingest(known, &Denied::none(archive()), now).unwrap()
    }

    /// Its lines, with another content of the small file, which the store has: who does not read it takes that.
    fn marked(&self) -> (Known, Content) {
        let block = Packed::plain(Codec::Raw, b"other".to_vec());
        let content = Content::Block(block.id);
        self.store.put(vec![block]).unwrap();
        let mut known = Known { lines: self.lines.clone(), ..Known::default() };
        known.lines[1].content = content;
        (known, content)
    }

    /// The content that is taken of the small file when this is known.
    fn small(&self, known: &Known) -> Content {
        self.take(known, &later).pop().unwrap().entry.content
    }
}

fn line(taken: Taken) -> Line {
    Line {
        path: taken.entry.path.to_string(),
        stamp: taken.stamp.unwrap(),
        content: taken.entry.content,
        seen: Some(b"seen".to_vec()),
    }
}

#[test]
fn a_file_with_the_same_stamp_is_not_read() {
    let folder = Folder::new();
    let (known, content) = folder.marked();
    assert_eq!(folder.small(&known), content);
    let again = folder.take(&known, &SystemTime::now);
    assert_eq!(again[1].stamp, Some(folder.lines[1].stamp), "and is known the next time as well");
    assert_eq!(again[0].entry.content, folder.lines[0].content);
}

#[test]
fn every_part_of_the_stamp_counts() {
    let folder = Folder::new();
    let change: [fn(&mut Stamp); 7] = [
        |s| s.size += 1,
        |s| s.mtime.0 -= 1,
        |s| s.mtime.1 ^= 1,
        |s| s.ctime.0 -= 1,
        |s| s.ctime.1 ^= 1,
        |s| s.inode += 1,
        |s| s.device += 1,
    ];
    for (n, change) in change.iter().enumerate() {
        let (mut known, _) = folder.marked();
        change(&mut known.lines[1].stamp);
        assert_eq!(folder.small(&known), folder.lines[1].content, "{n}");
    }
}

#[test]
fn what_is_changed_is_read_however_it_hides() {
    let folder = Folder::new();
    let path = folder.dir.path().join("small.txt");
    let kept = std::fs::metadata(&path).unwrap();
    // The same size, and the time of the change set back: what only its owner can do.
    std::fs::write(&path, b"SMALL").unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(kept.modified().unwrap()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().mtime_nsec(), kept.mtime_nsec());
    let (known, _) = folder.marked();
    assert_eq!(folder.small(&known), Content::Block(BlockId::raw(b"SMALL")));
    // Another file in its place.
    let other = folder.dir.path().join("other");
    std::fs::write(&other, b"sMALL").unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(folder.small(&known), Content::Block(BlockId::raw(b"sMALL")));
}

#[test]
fn what_was_just_changed_is_not_known_the_next_time() {
    let folder = Folder::new();
    std::fs::write(folder.dir.path().join("small.txt"), b"new").unwrap();
    let taken = folder.take(&Known::default(), &SystemTime::now);
    assert_eq!(taken[1].stamp, None);
    assert!(folder.take(&Known::default(), &later)[1].stamp.is_some());
}

#[test]
fn what_the_store_lacks_is_read_again() {
    let folder = Folder::new();
    let (known, content) = folder.marked();
    let Content::Block(id) = content else { panic!() };
    folder.store.erase(&[id]).unwrap();
    assert_eq!(folder.small(&known), folder.lines[1].content);
    // One chunk of the large file, and then its list.
    let Content::List { root, .. } = folder.lines[0].content else { panic!("one block") };
    let size = folder.lines[0].stamp.size;
    let mut chunks = Vec::new();
    let visit = &mut |chunk: chunk::Chunk| {
        chunks.push(chunk);
        true
    };
    chunk::read_list(&folder.store, &root, size, visit).unwrap();
    for id in [chunks[3].id, root] {
        folder.store.erase(&[id]).unwrap();
        assert!(!is_held(&folder.store, &folder.lines[0].content, size).unwrap());
        let known = Known { lines: folder.lines.clone(), ..Known::default() };
        assert_eq!(folder.take(&known, &later)[0].entry.content, folder.lines[0].content);
        assert!(folder.store.has_block(&id).unwrap());
        assert!(is_held(&folder.store, &folder.lines[0].content, size).unwrap());
    }
    assert!(!is_held(&folder.store, &folder.lines[0].content, size + 1).unwrap(), "another size");
}

#[test]
fn wd_4_what_was_withdrawn_is_refused_though_it_is_known() {
    let folder = Folder::new();
    let (known, _) = folder.marked();
    for taken in folder.take(&known, &later) {
        let mut denied = Denied::none(archive());
        denied.add(&[Withdrawal {
            item: item(&archive(), &taken.entry.link()),
            date: "2026-01-01".into(),
            reason: Reason::Error,
            sequence: 1,
        }]);
        let refused = folder.ingest(&known, &denied, &later);
        let Err(IngestError::Withdrawn(name)) = refused else { panic!("taken") };
        assert_eq!(name, taken.entry.path.as_str());
    }
}

/// A home with the lines of the folder, under rules.
fn kept() -> (Folder, tempfile::TempDir, PathBuf) {
    let (folder, home) = (Folder::new(), tempfile::tempdir().unwrap());
    let known = Known::read(home.path(), &archive(), rules(1));
    assert!(known.lines.is_empty());
    known.keep(home.path(), &archive(), &folder.lines).unwrap();
    let file = file(home.path(), &archive());
    (folder, home, file)
}

fn rules(n: u8) -> Option<Hash> {
    Some(Hash([n; 32]))
}

#[test]
fn what_is_kept_is_read_and_other_rules_look_again() {
    let (folder, home, file) = kept();
    let known = Known::read(home.path(), &archive(), rules(1));
    assert_eq!(known.lines, folder.lines);
    assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let inode = || std::fs::metadata(&file).unwrap().ino();
    let before = inode();
    known.keep(home.path(), &archive(), &folder.lines).unwrap();
    assert_eq!(inode(), before, "nothing is new");
    for other in [rules(2), None] {
        let known = Known::read(home.path(), &archive(), other);
        assert!(known.lines.iter().all(|line| line.seen.is_none()));
        assert_eq!(known.lines[1].content, folder.lines[1].content);
    }
    let other = ArchiveId(Hash::of(b"other"));
    assert!(Known::read(home.path(), &other, rules(1)).lines.is_empty());
    known.keep(home.path(), &archive(), &folder.lines[1..]).unwrap();
    assert_ne!(inode(), before);
    assert_eq!(Known::read(home.path(), &archive(), rules(1)).lines, folder.lines[1..]);
}

#[test]
fn a_damaged_file_is_none() {
    let (_, home, file) = kept();
    let good = std::fs::read(&file).unwrap();
    let known = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        Known::read(home.path(), &archive(), rules(1)).lines.len()
    };
    assert_eq!(known(&good), 2);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(known(&bad), 0, "{at}");
    }
    for length in 0..good.len() {
        assert_eq!(known(&good[..length]), 0, "{length}");
    }
    assert_eq!(known(&[&good[..], b"x"].concat()), 0);
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(Known::read(home.path(), &archive(), rules(1)).lines.is_empty());
}

/// With a sum that is right: what a program of another version, or nobody, would write.
#[test]
fn a_file_of_another_form_is_none() {
    let (folder, home, file) = kept();
    let good = std::fs::read(&file).unwrap();
    let known = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let sum = Hash::of(&bytes[48..]);
        bytes[16..48].copy_from_slice(&sum.0);
        std::fs::write(&file, bytes).unwrap();
        Known::read(home.path(), &archive(), rules(1)).lines.len()
    };
    assert_eq!(known(&good), 2);
    let mut newer = good.clone();
    newer[13] = b'2';
    assert_eq!(known(&newer), 0);
    assert_eq!(known(&good[..good.len() - 1]), 0);
    let mut kind = good.clone();
    let at = 81 + 2 + folder.lines[0].path.len() + Stamp::BYTES;
    assert_eq!(std::mem::replace(&mut kind[at], 2), 1, "a list");
    assert_eq!(known(&kind), 0);
    let backwards: Vec<Line> = folder.lines.iter().rev().cloned().collect();
    assert_eq!(known(&codec::encode(rules(1), &backwards)), 0);
    let twice = [folder.lines[0].clone(), folder.lines[0].clone()];
    assert_eq!(known(&codec::encode(rules(1), &twice)), 0);
    assert_eq!(known(&codec::encode(rules(1), &[])), 0);
}
