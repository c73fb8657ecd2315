//! CAR-1, CAR-2: what a writer writes.
use super::super::lab::{lab, noise};
use super::*;
use crate::store::{MemoryStore, StoreStats};
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::carrier::{CarReader, Event};

pub fn ids(carrier: &[u8]) -> Vec<BlockId> {
    let (mut reader, mut ids) = (CarReader::new(), Vec::new());
    reader.feed(carrier);
    while let Some(event) = reader.next(true) {
        match event {
            Event::Block { id, .. } => ids.push(id),
            Event::Header { root } => assert!(root.is_some()),
            Event::Skipped { .. } => panic!("damage in what was just written"),
        }
    }
    ids
}

/// A store that lacks some blocks.
struct Holes(MemoryStore, Vec<BlockId>);

impl ReadBlocks for Holes {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        if self.1.contains(id) { Ok(None) } else { self.0.block(id) }
    }
}

impl BlockStore for Holes {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        Ok(!self.1.contains(id) && self.0.has(id)?)
    }
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        if self.1.contains(id) { Ok(None) } else { self.0.get(id) }
    }
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        if self.1.contains(id) { Ok(None) } else { self.0.get_packed(id) }
    }
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.0.put(blocks)
    }
    fn flush(&self) -> Result<(), StoreError> {
        self.0.flush()
    }
    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.0.stats()
    }
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.0.erase(ids)
    }
    fn ids_after(
        &self,
        after: Option<&yadgar_protocol::Hash>,
        most: usize,
    ) -> Result<Vec<BlockId>, StoreError> {
        let mut ids = self.0.ids_after(after, most)?;
        ids.retain(|id| !self.1.contains(id));
        Ok(ids)
    }
}

#[test]
fn car_2_order_and_each_block_once() {
    let lab = lab();
    let mut carrier = Vec::new();
    let mut last = ExportProgress::default();
    let summary = export(&lab.store, lab.head(), None, &mut carrier, &mut |at| last = at).unwrap();
    let ids = ids(&carrier);
    assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len());
    let expected = [
        BlockId::dag_cbor(&lab.head().bytes),
        lab.head().head.link,
        lab.heads[0].head.link,
        lab.head().release.parts[0].root,
    ];
    assert_eq!(ids[..4], expected);
    // Of each part all nodes come before all files, and the first part before the second.
    let media = ids.iter().position(|id| *id == lab.head().release.parts[1].root).unwrap();
    let raw = |id: &BlockId| id.codec == Codec::Raw;
    let first_file = ids.iter().position(raw).unwrap();
    assert!(ids[first_file..media].iter().all(raw));
    assert_eq!(ids[media - 1].codec, Codec::Raw);
    assert_eq!((summary.blocks, summary.bytes), (ids.len() as u64, carrier.len() as u64));
    assert_eq!((last.blocks, last.bytes), (summary.blocks, summary.bytes));
    assert_eq!((summary.missing, summary.earlier_releases), (0, 1));
    assert!(summary.parts.iter().all(PartFound::is_whole));
    // Everything of both releases but the tree of the first one and the old head is in it.
    let all = blocks_of(&lab.store, &lab.head().release, None).unwrap();
    assert_eq!(ids.len(), all.len() + 3);
    // The same again, byte by byte.
    assert_eq!(lab.carrier(), carrier);
}

#[test]
fn car_2_chosen_parts_and_increments() {
    let lab = lab();
    let core = ["core".to_owned()];
    let mut out = Vec::new();
    let summary = export(&lab.store, lab.head(), Some(&core), &mut out, &mut |_| ()).unwrap();
    assert_eq!(summary.parts.len(), 1);
    assert!(out.len() < 200_000);
    let none = ["films".to_owned()];
    let failed = export(&lab.store, lab.head(), Some(&none), &mut out, &mut |_| ());
    assert!(matches!(failed, Err(ExportError::NoSuchPart(name)) if name == "films"));
    // What is new since the first release.
    let old = blocks_of(&lab.store, &lab.heads[0].release, None).unwrap();
    let options = ExportOptions { parts: None, except: Some(&old), ..Default::default() };
    let mut out = Vec::new();
    let summary = export_with(&lab.store, lab.head(), options, &mut out, &mut |_| ()).unwrap();
    let ids = ids(&out);
    assert!(!ids.iter().any(|id| old.contains(id)));
    assert!(summary.left_out >= 99, "{}", summary.left_out);
    assert_eq!(summary.blocks + summary.left_out, lab_blocks(&lab.carrier()));
}

fn lab_blocks(carrier: &[u8]) -> u64 {
    ids(carrier).len() as u64
}

#[test]
fn car_3_missing_blocks_are_counted_and_the_rest_is_written() {
    let lab = lab();
    let all = ids(&lab.carrier());
    let (head, release) = (lab.head().clone(), lab.head().release.clone());
    // The first list node of the media part, a small file, and a whole tree.
    let list = *all.iter().rev().find(|id| id.codec == Codec::DagCbor).unwrap();
    let small = BlockId::raw(&noise(30, 10));
    let root = release.parts[0].root;
    for (hole, lost) in [(list, None), (small, Some(1)), (root, None)] {
        let store = Holes(MemoryStore::new(), vec![hole]);
        let blocks = all.iter().map(|id| lab.store.get_packed(id));
        store.put(blocks.filter_map(Result::unwrap).collect()).unwrap();
        let mut out = Vec::new();
        let summary = export(&store, &head, None, &mut out, &mut |_| ()).unwrap();
        assert_eq!(summary.missing, 1);
        let here = ids(&out);
        assert!(!here.contains(&hole) && here.len() < all.len());
        if let Some(lost) = lost {
            assert_eq!(here.len() + lost, all.len());
        }
        assert_eq!(summary.parts.iter().filter(|part| !part.is_whole()).count(), 1);
    }
}

#[test]
fn write_errors_have_words() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let lab = lab();
    let failed = export(&lab.store, lab.head(), None, &mut Full(50_000), &mut |_| ());
    assert!(matches!(failed, Err(ExportError::DiskFull(_))));
}
