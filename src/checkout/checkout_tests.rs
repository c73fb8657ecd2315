use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::store::{MemoryStore, StoreStats};
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::tree::{Expect, Node, decode_node};
use yadgar_protocol::{ArchiveId, Codec, Hash};

/// A store of which one block has rotten bytes; a checked read forgets it, or finds it good after all.
struct Rotten<'a> {
    store: &'a MemoryStore,
    block: BlockId,
    is_lost: bool,
}

impl ReadBlocks for Rotten<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.store.block(id)
    }
}

impl BlockStore for Rotten<'_> {
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        if self.is_lost && *id == self.block { Ok(None) } else { self.store.get(id) }
    }
    fn get_unchecked(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut plain = self.store.get(id)?;
        if *id == self.block
            && let Some(byte) = plain.as_mut().and_then(|plain| plain.last_mut())
        {
            *byte ^= 1;
        }
        Ok(plain)
    }
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.store.has(id)
    }
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.store.get_packed(id)
    }
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.store.put(blocks)
    }
    fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }
    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats()
    }
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.store.erase(ids)
    }
    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.store.ids_after(after, most)
    }
}

fn write(store: &dyn BlockStore, release: &Release, target: &Path) -> Result<u64, CheckoutError> {
    let denied = Denied::none(ArchiveId(Hash([0; 32])));
    let work = work(release, &denied, target);
    work.run(store, &|_| (), &AtomicBool::new(false)).map(|done| done.written)
}

fn work<'a>(release: &'a Release, denied: &'a Denied, target: &'a Path) -> Checkout<'a> {
    Checkout { release, parts: None, denied, target, by_part: true, past_damage: false }
}

/// A block of a file and a tree node are gone: all other files are written, and what is not is named.
#[test]
fn what_is_sound_is_written_and_the_rest_is_named() {
    let mut lab = Lab::new(3);
    let names: Vec<String> = (0..900).map(|n| format!("texts/{n:03}.txt")).collect();
    let texts = names.iter().map(|name| (name.as_str(), name.repeat(9).into_bytes()));
    let film = ("film.mp4", noise(600_000, 1));
    lab.publish(&[
        ("core", &texts.chain([film]).collect::<Vec<_>>()),
        ("more", &[("z", b"z".to_vec())]),
    ]);
    let (head, store) = (lab.head().clone(), &lab.store);
    let mut leaves = Vec::new();
    let mut stack = vec![(head.release.parts[0].root, Expect::of_part(&head.release.parts[0]))];
    while let Some((id, expect)) = stack.pop() {
        match decode_node(&store.get(&id).unwrap().unwrap(), &expect).unwrap() {
            Node::Leaf(entries) => leaves.push((id, entries)),
            node => stack.extend(expect.children(&node)),
        }
    }
    assert!(leaves.len() >= 3, "{}", leaves.len());
    let (node, below) = leaves.iter().find(|(_, e)| e[0].path.as_str() != "film.mp4").unwrap();
    let ids = store.ids_after(None, 10_000).unwrap();
    let is_chunk = |id: &&BlockId| {
        id.codec == Codec::Raw && store.get(id).unwrap().is_some_and(|plain| plain.len() > 30_000)
    };
    let chunk = *ids.iter().find(is_chunk).unwrap();
    store.erase(&[*node, chunk]).unwrap();

    let dir = tempfile::tempdir().unwrap();
    let denied = Denied::none(ArchiveId(Hash([0; 32])));
    let all =
        Checkout { by_part: false, past_damage: true, ..work(&head.release, &denied, dir.path()) };
    let done = all.run(store, &|_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!(done.written, 902 - 1 - below.len() as u64);
    let named: Vec<&str> = done.broken.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].starts_with("core: files") && named[1] == "film.mp4", "{named:?}");
    assert!(!dir.path().join("film.mp4").exists() && dir.path().join("z").exists());
    // The same again writes nothing, and says the same.
    let again = all.run(store, &|_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!((again.written, again.unchanged, again.broken), (0, done.written, done.broken));
}

#[test]
fn f_4_rotten_bytes_never_become_a_file() {
    let film = noise(600_000, 1);
    let mut lab = Lab::new(3);
    lab.publish(&[("core", &[("film.mp4", film.clone()), ("a.txt", b"a".to_vec())])]);
    let (head, whole) = (lab.head(), &lab.store);
    let ids = whole.ids_after(None, 1000).unwrap();
    let is_chunk = |id: &&BlockId| {
        id.codec == Codec::Raw && whole.get(id).unwrap().is_some_and(|plain| plain.len() > 1000)
    };
    let block = *ids.iter().find(is_chunk).unwrap();
    // The disk read it wrong once.
    let dir = tempfile::tempdir().unwrap();
    let rotten = Rotten { store: whole, block, is_lost: false };
    assert_eq!(write(&rotten, &head.release, dir.path()).unwrap(), 2);
    assert_eq!(std::fs::read(dir.path().join("film.mp4")).unwrap(), film);
    // It is gone for good.
    let dir = tempfile::tempdir().unwrap();
    let rotten = Rotten { is_lost: true, ..rotten };
    let error = write(&rotten, &head.release, dir.path()).unwrap_err();
    assert!(matches!(error, CheckoutError::Missing(_, id) if id == block), "{error}");
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name == "a.txt"), "{names:?}");
}
