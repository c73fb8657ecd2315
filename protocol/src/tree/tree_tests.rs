//! Whole trees: the same everywhere, cheap to change, compare, search and prove.

use super::lab::*;
use super::*;
use crate::blocks::ReadFault;
use crate::cbor;
use crate::ids::BlockId;
use crate::release::Part;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

fn listed(blocks: &Blocks, part: &Part, prefix: Option<&str>) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut keep = |e| {
        found.push(e);
        ControlFlow::Continue(())
    };
    for_each(blocks, part, prefix, &mut keep).unwrap();
    found
}

fn changes(blocks: &Blocks, old: Option<&Part>, new: &Part) -> Vec<Change> {
    let mut found = Vec::new();
    diff(blocks, old, new, &mut |c| found.push(c)).unwrap();
    found
}

fn naive_changes(old: &Files, new: &Files) -> Vec<Change> {
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let change = |p: &String| match (old.get(p), new.get(p)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(a), Some(b)) => Some(Change::Changed { old: entry(p, *a), new: entry(p, *b) }),
        (Some(a), None) => Some(Change::Removed(entry(p, *a))),
        (None, b) => b.map(|b| Change::Added(entry(p, *b))),
    };
    paths.into_iter().filter_map(change).collect()
}

/// Levels of the tree: nodes on the way to its first path.
fn height(blocks: &Blocks, part: &Part) -> usize {
    prove(blocks, part, &path("!")).unwrap().len()
}

#[test]
fn tree_3_same_tree_on_every_machine() {
    let (part, _) = built(&site(1000));
    assert_eq!((part.files, part.bytes), (1000, 200 * 70_000 + 800 * 8));
    assert_eq!(
        part.root.to_string(),
        "bafyr4ihcq2e3igerlrbirtwuhtvd3bc3f4lmgfuludttmya3c4m7b5komm"
    );
}

#[test]
fn tree_3_a_changed_file_rewrites_one_node_a_level() {
    let mut files = site(5000);
    let (old, old_blocks) = built(&files);
    let high = height(&old_blocks, &old);
    assert!(high >= 3);
    files.insert("records/r02502.json".into(), 77);
    let (_, blocks) = built(&files);
    assert_eq!(blocks.keys().filter(|id| !old_blocks.contains_key(id)).count(), high);
}

#[test]
fn tree_3_a_new_file_rewrites_few_nodes() {
    let mut files = site(5000);
    let (old, old_blocks) = built(&files);
    for n in 0..50 {
        files.insert(format!("records/r{:05}a.json", n * 99), 1);
        let (_, blocks) = built(&files);
        let fresh = blocks.keys().filter(|id| !old_blocks.contains_key(id)).count();
        // Each may split a node at every level.
        assert!(fresh <= 2 * height(&old_blocks, &old), "{fresh}");
        files.remove(&format!("records/r{:05}a.json", n * 99));
    }
}

#[test]
fn diff_reads_only_what_changed() {
    let mut files = site(5000);
    let (old, mut blocks) = built(&files);
    files.insert("fa/people/p02500x.html".into(), 3);
    files.remove("records/r00300.json");
    let (new, new_blocks) = built(&files);
    blocks.extend(new_blocks);
    let counting = Counting::new(&blocks);
    let mut found = Vec::new();
    diff(&counting, Some(&old), &new, &mut |c| found.push(c)).unwrap();
    assert_eq!(found.len(), 2);
    assert!(counting.count() <= 2 * 2 * 2 * height(&blocks, &new), "{}", counting.count());
    // Equal trees are not read at all.
    let counting = Counting::new(&blocks);
    diff(&counting, Some(&new), &new, &mut |_| panic!("no change")).unwrap();
    assert_eq!(counting.count(), 0);
}

#[test]
fn for_each_reads_only_the_prefix() {
    let (part, blocks) = built(&site(5000));
    let counting = Counting::new(&blocks);
    let mut seen = 0;
    let mut count = |e: Entry| {
        assert!(e.path.as_str().starts_with("records/r0030"));
        seen += 1;
        ControlFlow::Continue(())
    };
    for_each(&counting, &part, Some("records/r0030"), &mut count).unwrap();
    assert_eq!(seen, 4);
    assert!(counting.distinct().len() <= 2 * height(&blocks, &part));
}

#[test]
fn for_each_stops_when_told() {
    let (part, blocks) = built(&site(500));
    let mut seen = 0;
    let mut three = |_| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    for_each(&blocks, &part, None, &mut three).unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn missing_and_damaged_nodes_are_told_apart() {
    let (part, mut blocks) = built(&site(500));
    let proof = prove(&blocks, &part, &path("records/r00300.json")).unwrap();
    let leaf = BlockId::dag_cbor(proof.last().unwrap());
    blocks.remove(&leaf);
    let got = get(&blocks, &part, &path("records/r00300.json"));
    assert_eq!(got, Err(ReadFault::Missing(leaf)));
    let lying = Part { files: 499, ..part };
    let got = get(&blocks, &lying, &path("a"));
    assert!(matches!(got, Err(ReadFault::Damaged(r)) if r.clause == "TREE-5"));
}

#[test]
fn proof_of_presence_and_absence() {
    let (part, blocks) = built(&site(3000));
    for present in ["fa/people/p00001.html", "records/r02997.json"] {
        let nodes = prove(&blocks, &part, &path(present)).unwrap();
        let entry = verify_proof(&part, &path(present), &nodes).unwrap().unwrap();
        assert_eq!(entry.path.as_str(), present);
    }
    for absent in ["!", "media/x", "zzz"] {
        let nodes = prove(&blocks, &part, &path(absent)).unwrap();
        assert_eq!(nodes.len(), height(&blocks, &part));
        assert_eq!(verify_proof(&part, &path(absent), &nodes), Ok(None));
    }
}

#[test]
fn proof_of_another_path_shows_nothing() {
    let (part, blocks) = built(&site(3000));
    let nodes = prove(&blocks, &part, &path("fa/people/p00001.html")).unwrap();
    let other = path("records/r02997.json");
    assert_eq!(verify_proof(&part, &other, &nodes).unwrap_err().clause, "TREE-8");
    let wanted = path("fa/people/p00001.html");
    let mut long = nodes.clone();
    long.push(nodes[0].clone());
    for bad in [&nodes[..1], &nodes[1..], &long, &[]] {
        assert_eq!(verify_proof(&part, &wanted, bad).unwrap_err().clause, "TREE-8");
    }
}

#[test]
fn proof_with_any_byte_changed_is_refused() {
    let (part, blocks) = built(&site(300));
    let wanted = path("records/r00123.json");
    let nodes = prove(&blocks, &part, &wanted).unwrap();
    for (at, node) in nodes.iter().enumerate() {
        for byte in 0..node.len() {
            let mut changed = nodes.clone();
            changed[at][byte] ^= 1;
            assert!(verify_proof(&part, &wanted, &changed).is_err(), "{at} {byte}");
        }
    }
}

#[test]
fn tree_8_a_changed_byte_is_refused_or_gives_another_entry() {
    // Without the hash: what the decoder lets through still keeps every promise of the parent, and
    // never reads as what was there before.
    let (part, blocks) = built(&site(40));
    let (bytes, expect) = (&blocks[&part.root], Expect::of_part(&part));
    let node = decode_node(bytes, &expect).unwrap();
    let mut refused = 0;
    for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut changed = bytes.clone();
        changed[byte] ^= 1 << bit;
        match decode_node(&changed, &expect) {
            Ok(other) => assert_ne!(other, node),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > bytes.len(), "{refused}");
}

/// A tree of two levels, of just these leaves.
fn by_hand(leaves: &[&[Entry]]) -> (BlockId, Blocks) {
    let mut blocks = Blocks::new();
    let mut put = |bytes: Vec<u8>| {
        let id = BlockId::dag_cbor(&bytes);
        blocks.insert(id, bytes);
        id
    };
    let child = |entries: &&[Entry]| Child {
        last: entries.last().unwrap().path.clone(),
        id: put(cbor::encode(&(0u64, *entries))),
        files: entries.len() as u64,
        bytes: entries.iter().map(|e| e.size).sum(),
    };
    let children: Vec<_> = leaves.iter().map(child).collect();
    let root = put(cbor::encode(&(1u64, children)));
    (root, blocks)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tree_3_history_independent(files in any_files(300), seed in any::<prop::sample::Index>()) {
        let mut list = entries(&files);
        let tree = build(&list).unwrap();
        if !list.is_empty() {
            let middle = seed.index(list.len());
            list.rotate_left(middle);
            list.sort_by(|a, b| a.path.cmp(&b.path));
        }
        prop_assert_eq!(build(&list).unwrap(), tree);
    }

    #[test]
    fn tree_3_no_other_grouping_is_taken(
        files in any_files(60), cut in any::<prop::sample::Index>(),
    ) {
        prop_assume!(files.len() >= 2);
        let list = entries(&files);
        let split = 1 + cut.index(list.len() - 1);
        let (root, blocks) = by_hand(&[&list[..split], &list[split..]]);
        let canonical = build(&list).unwrap();
        let part = Part { root, ..part(&canonical) };
        let mut count = 0;
        let read = for_each(&blocks, &part, None, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        prop_assert_eq!(read == Ok(()), root == canonical.root);
        prop_assert!(read.is_err() || count == list.len());
    }

    #[test]
    fn every_node_passes_its_check(files in any_files(400)) {
        let tree = build(&entries(&files)).unwrap();
        let blocks: Blocks = tree.nodes.iter().cloned().collect();
        let counting = Counting::new(&blocks);
        let mut seen = Vec::new();
        let mut keep = |e| { seen.push(e); ControlFlow::Continue(()) };
        for_each(&counting, &part(&tree), None, &mut keep).unwrap();
        prop_assert_eq!(seen, entries(&files));
        prop_assert_eq!(counting.distinct().len(), tree.nodes.len());
        prop_assert_eq!(tree.nodes[0].0, tree.root);
    }

    #[test]
    fn get_and_proof_agree_with_the_list(files in any_files(300), ask in "[a-d]{1,2}/q[a-f0-9]{1,2}") {
        let (part, blocks) = built(&files);
        for p in files.keys().step_by(17).chain([&ask]) {
            let expected = files.get(p).map(|content| entry(p, *content));
            prop_assert_eq!(&get(&blocks, &part, &path(p)).unwrap(), &expected);
            let nodes = prove(&blocks, &part, &path(p)).unwrap();
            prop_assert_eq!(verify_proof(&part, &path(p), &nodes).unwrap(), expected);
        }
    }

    #[test]
    fn for_each_agrees_with_the_list(files in any_files(300), prefix in "[a-d]{0,2}/?q?[a-f]?") {
        let (part, blocks) = built(&files);
        let expected: Vec<_> =
            entries(&files).into_iter().filter(|e| e.path.as_str().starts_with(&prefix)).collect();
        prop_assert_eq!(listed(&blocks, &part, Some(&prefix)), expected);
    }

    #[test]
    fn diff_agrees_with_comparing_sets(a in any_files(300), edits in any_files(12), keep in 0u8..=4) {
        // From hardly anything in common (0) to a small change (4).
        let kept = a.iter().enumerate().filter(|(n, _)| n % 4 < usize::from(keep));
        let mut b: Files = kept.map(|(_, (p, c))| (p.clone(), *c)).collect();
        b.extend(edits);
        let (old, mut blocks) = built(&a);
        let (new, new_blocks) = built(&b);
        blocks.extend(new_blocks);
        prop_assert_eq!(changes(&blocks, Some(&old), &new), naive_changes(&a, &b));
        prop_assert_eq!(changes(&blocks, Some(&new), &old), naive_changes(&b, &a));
        prop_assert_eq!(changes(&blocks, None, &new), naive_changes(&Files::new(), &b));
    }
}
