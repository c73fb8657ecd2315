//! What a node may be, clause by clause.

use super::lab::*;
use super::node::is_boundary;
use super::*;
use crate::cbor;
use crate::ids::{BlockId, Hash};
use crate::limits::{MAX_BLOCK_BYTES, MAX_NODE_ENTRIES};

/// Entries whose paths are, or are not, boundaries at level 0.
fn chosen(count: usize, boundary: bool) -> Vec<Entry> {
    (0..)
        .map(|n| entry(&format!("x/{n:06}.txt"), 1))
        .filter(|e| is_boundary(0, &e.path) == boundary)
        .take(count)
        .collect()
}

fn leaf(entries: &[Entry]) -> Vec<u8> {
    cbor::encode(&(0u64, entries))
}

fn expect(entries: &[Entry]) -> Expect {
    Expect::root(entries.len() as u64, entries.iter().map(|e| e.size).sum())
}

/// The same node, but not the last of its level.
fn inner(entries: &[Entry]) -> Expect {
    Expect { level: Some(0), is_root: false, is_last: false, ..expect(entries) }
}

fn clause(bytes: &[u8], expect: &Expect) -> &'static str {
    decode_node(bytes, expect).unwrap_err().clause
}

#[test]
fn tree_1_order() {
    let mut list = chosen(3, false);
    let after = Expect { after: Some(list[0].path.clone()), ..expect(&list) };
    assert_eq!(clause(&leaf(&list), &after), "TREE-1");
    list.swap(0, 1);
    assert_eq!(build(&list).unwrap_err().clause, "TREE-1");
    assert_eq!(clause(&leaf(&list), &expect(&list)), "TREE-1");
    list[1] = list[0].clone();
    assert_eq!(build(&list).unwrap_err().clause, "TREE-1");
    assert_eq!(clause(&leaf(&list), &expect(&list)), "TREE-1");
}

#[test]
fn tree_2_boundaries_are_one_in_32() {
    for level in 0..3 {
        let all = (0..32_000).map(|n| path(&format!("records/{n}.json")));
        let found = all.filter(|p| is_boundary(level, p)).count();
        assert!((850..1150).contains(&found), "{found} at level {level}");
    }
    let hash = Hash::of(b"\x01a/b").0;
    let expected = u32::from_le_bytes(hash[..4].try_into().unwrap()) % 32 == 0;
    assert_eq!(is_boundary(1, &path("a/b")), expected);
}

#[test]
fn tree_3_boundary_inside() {
    let mut list = chosen(1, true);
    let first = list[0].path.clone();
    list.extend(chosen(400, false).into_iter().filter(|e| e.path > first).take(2));
    assert_eq!(list.len(), 3);
    assert_eq!(clause(&leaf(&list), &expect(&list)), "TREE-3");
    assert_eq!(build(&list).unwrap().nodes.len(), 3);
}

#[test]
fn tree_3_ends_at_boundary_or_full_or_last() {
    let plain = chosen(MAX_NODE_ENTRIES + 1, false);
    let (full, rest) = plain.split_at(MAX_NODE_ENTRIES);
    assert!(decode_node(&leaf(full), &inner(full)).is_ok());
    assert!(decode_node(&leaf(rest), &expect(rest)).is_ok());
    assert_eq!(clause(&leaf(rest), &inner(rest)), "TREE-3");
    assert_eq!(clause(&leaf(&plain), &expect(&plain)), "TREE-3");
    let end = chosen(1, true);
    assert!(decode_node(&leaf(&end), &inner(&end)).is_ok());
    assert_eq!(build(&plain).unwrap().nodes.len(), 3);
}

#[test]
fn tree_3_two_items_above_level_0() {
    // All are boundaries at level 0, so each is a leaf; those at level 1 count from the second on.
    let tree = build(&chosen(200, true)).unwrap();
    let mut above = 0;
    walk(&tree, &mut |node, expect| {
        if let Node::Branch { children, .. } = node {
            above += 1;
            assert!(children.len() >= 2 || expect.is_last);
        }
    });
    assert!(above > 3);
    // A single child ends a node only at the end of its level.
    let child = Child { last: path("a"), id: BlockId::dag_cbor(b""), files: 1, bytes: 0 };
    let bytes = cbor::encode(&(1u64, [child]));
    let place = |is_last| Expect {
        level: Some(1),
        is_root: false,
        is_last,
        last: Some(path("a")),
        ..Expect::root(1, 0)
    };
    assert!(decode_node(&bytes, &place(true)).is_ok());
    assert_eq!(clause(&bytes, &place(false)), "TREE-3");
}

fn walk(tree: &BuiltTree, visit: &mut dyn FnMut(&Node, &Expect)) {
    let mut ahead = vec![(tree.root, Expect::root(tree.files, tree.bytes))];
    while let Some((id, expect)) = ahead.pop() {
        let (_, bytes) = tree.nodes.iter().find(|n| n.0 == id).unwrap();
        let node = decode_node(bytes, &expect).unwrap();
        visit(&node, &expect);
        ahead.extend(expect.children(&node));
    }
}

#[test]
fn tree_4_roots_and_empty_nodes() {
    let none = build(&[]).unwrap();
    assert_eq!(none.nodes, [(none.root, vec![0x82, 0x00, 0x80])]);
    assert_eq!(decode_node(&none.nodes[0].1, &Expect::root(0, 0)), Ok(Node::Leaf(vec![])));
    assert_eq!(clause(&none.nodes[0].1, &Expect::root(1, 0)), "TREE-5");
    assert_eq!(clause(&none.nodes[0].1, &inner(&[])), "TREE-4");
    assert_eq!(clause(&[0x82, 0x01, 0x80], &Expect::root(0, 0)), "TREE-4");
    let child = |files, id| Child { last: path("a"), id, files, bytes: 0 };
    let id = BlockId::dag_cbor(b"");
    let single = cbor::encode(&(1u64, [child(1, id)]));
    assert_eq!(clause(&single, &Expect::root(1, 0)), "TREE-4");
    for bad in [child(0, id), child(1, BlockId::raw(b""))] {
        let last = Child { last: path("b"), ..child(1, id) };
        let bytes = cbor::encode(&(1u64, [bad.clone(), last]));
        assert_eq!(clause(&bytes, &Expect::root(bad.files + 1, 0)), "TREE-4");
    }
}

#[test]
fn tree_5_totals() {
    let list = chosen(3, false);
    for (files, bytes) in [(2, 24), (3, 25), (4, 24)] {
        assert_eq!(clause(&leaf(&list), &Expect::root(files, bytes)), "TREE-5");
    }
    let child = |last| Child { last: path(last), id: BlockId::dag_cbor(b""), files: 1, bytes: 1 };
    let huge = [child("a"), Child { bytes: u64::MAX, ..child("b") }];
    assert_eq!(clause(&cbor::encode(&(1u64, huge)), &Expect::root(2, 0)), "TREE-5");
}

#[test]
fn tree_6_sizes_and_kinds() {
    let refused = |size, content| {
        let list = [Entry::new(path("a"), size, content)];
        assert_eq!(build(&list).unwrap_err().clause, clause(&leaf(&list), &expect(&list)));
        clause(&leaf(&list), &expect(&list))
    };
    let block = Content::Block(BlockId::raw(b""));
    let list = Content::List { root: BlockId::dag_cbor(b""), hash: Hash::of(b"") };
    assert_eq!(refused(262_145, block), "TREE-6");
    assert_eq!(refused((1 << 40) + 1, list), "TREE-6");
    assert_eq!(refused(65_536, list), "CHUNK-1");
    // A link of the other codec is not even the form of an entry.
    for content in [
        Content::Block(BlockId::dag_cbor(b"")),
        Content::List { root: BlockId::raw(b""), hash: Hash::of(b"") },
    ] {
        let bad = [Entry::new(path("a"), 70_000, content)];
        assert_eq!(build(&bad).unwrap_err().clause, "TREE-6");
        assert_eq!(clause(&leaf(&bad), &expect(&bad)), "ENC-8");
    }
}

#[test]
fn tree_7_media_type() {
    let mut list = [entry("a.html", 1)];
    assert_eq!(list[0].media, "text/html; charset=utf-8");
    list[0].media = "application/x-msdownload".into();
    assert_eq!(build(&list).unwrap_err().clause, "TREE-7");
    assert_eq!(clause(&leaf(&list), &expect(&list)), "TREE-7");
}

#[test]
fn tree_8_level_and_last_path() {
    let list = chosen(2, false);
    let wrong_level = Expect { level: Some(1), ..expect(&list) };
    assert_eq!(clause(&leaf(&list), &wrong_level), "TREE-8");
    let wrong_last = Expect { last: Some(list[0].path.clone()), ..expect(&list) };
    assert_eq!(clause(&leaf(&list), &wrong_last), "TREE-8");
    let child = |last| Child { last: path(last), id: BlockId::dag_cbor(b""), files: 1, bytes: 0 };
    let high = cbor::encode(&(13u64, [child("a"), child("b")]));
    assert_eq!(clause(&high, &Expect::root(2, 0)), "TREE-8");
}

#[test]
fn path_rules_hold_inside_a_node() {
    let id = BlockId::raw(b"");
    let bytes = cbor::encode(&(0u64, [("../a", "application/octet-stream", 0u64, id)]));
    assert_eq!(clause(&bytes, &Expect::root(1, 0)), "ENC-8");
}

#[test]
fn the_largest_node_fits_a_block() {
    let long = |n: u64| format!("{0}/{0}/{1:025}.html", "a".repeat(240), n);
    let content = Content::List { root: BlockId::dag_cbor(b""), hash: Hash::of(b"") };
    let list: Vec<_> = (0..)
        .map(|n| Entry::new(path(&long(n)), 1 << 40, content))
        .filter(|e| !is_boundary(0, &e.path))
        .take(MAX_NODE_ENTRIES)
        .collect();
    assert_eq!(list[0].path.as_str().len(), 512);
    assert!(leaf(&list).len() < MAX_BLOCK_BYTES);
    assert!(decode_node(&leaf(&list), &expect(&list)).is_ok());
}

#[test]
fn encodings_other_than_the_one_are_refused() {
    let list = chosen(2, false);
    let good = leaf(&list);
    let mut three_items = good.clone();
    three_items[0] = 0x83;
    three_items.push(0x00);
    let mut long_level = good.clone();
    long_level.splice(1..2, [0x18, 0x00]);
    let tagged = [&[0xc1][..], &good].concat();
    let six = cbor::encode(&(0u64, [(path("a"), OCTETS, 0u64, BlockId::raw(b""), 0u8, 0u8)]));
    let five = cbor::encode(&(0u64, [(path("a"), OCTETS, 0u64, BlockId::raw(b""), Hash([0; 32]))]));
    for bad in [three_items, long_level, tagged, six, five] {
        assert_eq!(clause(&bad, &expect(&list)), "ENC-8");
    }
}

const OCTETS: &str = "application/octet-stream";
