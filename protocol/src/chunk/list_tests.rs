//! Block lists, clause by clause, and reading them.

use super::*;
use crate::blocks::{ReadBlocks, ReadError, ReadFault};
use crate::cbor;
use crate::limits::{MAX_BLOCK_BYTES, MAX_LIST_ENTRIES};
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;

fn chunk(n: u64) -> Chunk {
    Chunk { id: BlockId::raw(&n.to_le_bytes()), bytes: 1 + n * 7919 % CHUNK_MAX as u64 }
}

fn chunks(count: u64) -> Vec<Chunk> {
    (0..count).map(chunk).collect()
}

fn size(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(|c| c.bytes).sum()
}

fn boundary(chunk: &Chunk) -> bool {
    let digest: [u8; 4] = chunk.id.hash.0[..4].try_into().unwrap();
    u32::from_le_bytes(digest).is_multiple_of(64)
}

fn chosen(count: usize, is_boundary: bool) -> Vec<Chunk> {
    (0..).map(chunk).filter(|c| boundary(c) == is_boundary).take(count).collect()
}

fn leaf(chunks: &[Chunk]) -> Vec<u8> {
    cbor::encode(&(0u64, chunks))
}

fn inner(chunks: &[Chunk]) -> ListExpect {
    let (level, blocks) = (Some(0), Some(chunks.len() as u64));
    ListExpect { level, bytes: size(chunks), blocks, is_root: false, is_last: false }
}

fn clause(bytes: &[u8], expect: &ListExpect) -> &'static str {
    decode_list(bytes, expect).unwrap_err().clause
}

/// Blocks in memory that count how often they are read.
struct Store(BTreeMap<BlockId, Vec<u8>>, Cell<usize>);

impl ReadBlocks for Store {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.1.set(self.1.get() + 1);
        self.0.block(id)
    }
}

fn stored(chunks: &[Chunk]) -> (BlockId, Store) {
    let list = build_list(chunks);
    assert_eq!(list.root, list.nodes[0].0);
    assert_eq!(list.check(), Ok(()));
    (list.root, Store(list.nodes.into_iter().collect(), Cell::new(0)))
}

fn read(store: &Store, root: &BlockId, size: u64) -> Result<Vec<Chunk>, ReadFault> {
    let mut found = Vec::new();
    let mut keep = |c| {
        found.push(c);
        true
    };
    read_list(store, root, size, &mut keep)?;
    Ok(found)
}

#[test]
fn chunk_3_pinned_list() {
    let list = chunks(500);
    assert_eq!(
        build_list(&list).root.to_string(),
        "bafyr4ifs3rodeo6lkbmzh6r47k3tx7gtffloabifqbfpgej2y4nmia6oda"
    );
}

#[test]
fn chunk_3_forms() {
    let one = chosen(1, false);
    assert_eq!(clause(&leaf(&one), &ListExpect::root(size(&one))), "CHUNK-3");
    let mut wrong_codec = chosen(2, false);
    wrong_codec[1].id = BlockId::dag_cbor(b"");
    let list = chosen(2, false);
    assert!(decode_list(&leaf(&list), &ListExpect::root(size(&list))).is_ok());
    assert_eq!(clause(&leaf(&wrong_codec), &ListExpect::root(size(&list))), "CHUNK-3");
    let child = ListChild { id: BlockId::raw(b""), bytes: 1, blocks: 1 };
    let branch = cbor::encode(&(1u64, [child, child]));
    assert_eq!(clause(&branch, &ListExpect::root(2)), "CHUNK-3");
}

#[test]
fn chunk_4_grouping() {
    let plain = chosen(MAX_LIST_ENTRIES + 1, false);
    let (full, rest) = plain.split_at(MAX_LIST_ENTRIES);
    assert!(decode_list(&leaf(full), &inner(full)).is_ok());
    assert_eq!(clause(&leaf(rest), &inner(rest)), "CHUNK-4");
    assert!(decode_list(&leaf(rest), &ListExpect { is_last: true, ..inner(rest) }).is_ok());
    assert_eq!(clause(&leaf(&plain), &inner(&plain)), "CHUNK-4");
    let end = chosen(1, true);
    assert!(decode_list(&leaf(&end), &inner(&end)).is_ok());
    let inside = [end[0], plain[0]];
    assert_eq!(clause(&leaf(&inside), &ListExpect::root(size(&inside))), "CHUNK-4");
}

#[test]
fn chunk_4_two_items_above_level_0() {
    // Every chunk ends its node, so there are as many leaves as chunks.
    let list = build_list(&chosen(300, true));
    let above = list.nodes.len() - 300;
    assert!((1..300).contains(&above), "{above}");
    let child = ListChild { id: BlockId::dag_cbor(b""), bytes: 1, blocks: 1 };
    let single = cbor::encode(&(1u64, [child]));
    let expect = ListExpect { level: Some(1), bytes: 1, ..inner(&chosen(1, false)) };
    assert_eq!(clause(&single, &expect), "CHUNK-4");
    assert!(decode_list(&single, &ListExpect { is_last: true, ..expect }).is_ok());
}

#[test]
fn chunk_5_levels() {
    let child = ListChild { id: BlockId::dag_cbor(b""), bytes: 1, blocks: 1 };
    let node = |level: u64, count: usize| cbor::encode(&(level, vec![child; count]));
    assert_eq!(clause(&node(1, 1), &ListExpect::root(1)), "CHUNK-5");
    assert_eq!(clause(&node(1, 0), &ListExpect::root(0)), "CHUNK-5");
    assert_eq!(clause(&node(13, 2), &ListExpect::root(2)), "CHUNK-5");
    let expect = ListExpect { level: Some(2), ..ListExpect::root(2) };
    assert_eq!(clause(&node(1, 2), &expect), "CHUNK-5");
    let deep = Built { level: 13, ..build_list(&chunks(2)) };
    assert_eq!(deep.check().unwrap_err().clause, "CHUNK-5");
}

#[test]
fn chunk_6_totals() {
    let list = chosen(3, false);
    assert_eq!(clause(&leaf(&list), &ListExpect::root(size(&list) + 1)), "CHUNK-6");
    let blocks = ListExpect { blocks: Some(4), ..ListExpect::root(size(&list)) };
    assert_eq!(clause(&leaf(&list), &blocks), "CHUNK-6");
    for bytes in [0, CHUNK_MAX as u64 + 1, u64::MAX] {
        let bad = [list[0], Chunk { bytes, ..list[1] }];
        let total = list[0].bytes.wrapping_add(bytes);
        assert_eq!(clause(&leaf(&bad), &ListExpect::root(total)), "CHUNK-6");
    }
    let child = ListChild { id: BlockId::dag_cbor(b""), bytes: u64::MAX, blocks: 1 };
    for bad in [child, ListChild { blocks: 0, ..child }, ListChild { blocks: 2, bytes: 1, ..child }]
    {
        let bytes = cbor::encode(&(1u64, [bad, child]));
        assert_eq!(clause(&bytes, &ListExpect::root(2)), "CHUNK-6");
    }
}

#[test]
fn the_largest_list_node_fits_a_block() {
    let id = BlockId::dag_cbor(b"");
    let child = ListChild { id, bytes: u64::MAX, blocks: u64::MAX };
    assert!(cbor::encode(&(12u64, vec![child; MAX_LIST_ENTRIES])).len() < MAX_BLOCK_BYTES);
}

#[test]
fn a_range_reads_only_the_nodes_it_needs() {
    let list = chunks(20_000);
    let (root, store) = stored(&list);
    let start = size(&list[..12_345]);
    let found = chunks_in_range(&store, &root, size(&list), start, start + 1).unwrap();
    assert_eq!(found, [(start, list[12_345])]);
    assert!((3..=4).contains(&store.1.get()), "{} of {}", store.1.get(), store.0.len());
    assert_eq!(chunks_in_range(&store, &root, size(&list), 5, 5).unwrap(), []);
    assert_eq!(chunks_in_range(&store, &root, size(&list), u64::MAX, u64::MAX).unwrap(), []);
}

#[test]
fn an_insertion_rewrites_few_nodes() {
    let mut list = chunks(20_000);
    let before = stored(&list).1.0;
    list.insert(10_000, chunk(99_999));
    let after = stored(&list).1.0;
    let fresh = after.keys().filter(|id| !before.contains_key(id)).count();
    assert!(fresh <= 8, "{fresh} of {}", after.len());
}

#[test]
fn reading_stops_when_told_and_names_what_is_missing() {
    let list = chunks(1000);
    let (root, mut store) = stored(&list);
    let mut seen = 0;
    let mut five = |_| {
        seen += 1;
        seen < 5
    };
    read_list(&store, &root, size(&list), &mut five).unwrap();
    assert_eq!(seen, 5);
    let wrong = read(&store, &root, size(&list) + 1).unwrap_err();
    assert!(matches!(wrong, ReadFault::Damaged(r) if r.clause == "CHUNK-6"));
    store.0.remove(&root);
    assert_eq!(read(&store, &root, size(&list)), Err(ReadFault::Missing(root)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn reading_gives_what_was_built(count in 2u64..3000, a in 0.0..1.0f64, b in 0.0..1.0f64) {
        let list = chunks(count);
        let total = size(&list);
        let (root, store) = stored(&list);
        prop_assert_eq!(&read(&store, &root, total).unwrap(), &list);
        prop_assert_eq!(store.1.get(), store.0.len());
        let at = |part: f64| (total as f64 * part) as u64;
        let (start, end) = (at(a.min(b)), at(a.max(b)));
        let mut offset = 0;
        let mut expected = Vec::new();
        for c in &list {
            if start < end && offset < end && offset + c.bytes > start {
                expected.push((offset, *c));
            }
            offset += c.bytes;
        }
        prop_assert_eq!(chunks_in_range(&store, &root, total, start, end).unwrap(), expected);
    }
}
