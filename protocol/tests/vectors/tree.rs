//! tree.md.

use crate::case::{Case, Outcome, bytes, number, settle, text};
use crate::chunking::{fault, store};
use crate::formula::{files, nodes};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use yadgar_protocol::path::Collisions;
use yadgar_protocol::release::Part;
use yadgar_protocol::tree::Expect;
use yadgar_protocol::tree::{Entry, Node, build, decode_node, for_each, get, prove, verify_proof};
use yadgar_protocol::{BlockId, Path, Reject};

/// A tree to be built, checked or proven.
pub fn run(case: &Case) -> Outcome {
    match case.kind {
        "tree" => made(case),
        "tree-check" => check(case),
        "proof" => settle(proof(case)),
        other => panic!("unknown kind {other}"),
    }
}

fn entry((path, data): &(String, Vec<u8>)) -> Entry {
    Entry::new(Path::new(path).unwrap(), data.len() as u64, store(data).content)
}

fn made(case: &Case) -> Outcome {
    let mut entries: Vec<Entry> = files(case.input).iter().map(entry).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let built = build(&entries).unwrap();
    let part = part(built.root, built.files, built.bytes);
    let held: BTreeMap<_, _> = built.nodes.iter().cloned().collect();
    assert_eq!(read(&held, &part).unwrap(), entries);
    for entry in entries.iter().step_by(entries.len() / 20 + 1) {
        assert_eq!(get(&held, &part, &entry.path).unwrap().as_ref(), Some(entry));
        let nodes = prove(&held, &part, &entry.path).unwrap();
        assert_eq!(verify_proof(&part, &entry.path, &nodes).unwrap().as_ref(), Some(entry));
    }
    let top = decode_node(&held[&built.root], &Expect::of_part(&part)).unwrap();
    let level = match top {
        Node::Leaf(_) => 0,
        Node::Branch { level, .. } => level,
    };
    Outcome::good()
        .with("root", hex::encode(built.root.to_bytes()))
        .with("nodes", held.len())
        .with("level", level)
        .with("files", built.files)
        .with("bytes", built.bytes)
}

fn part(root: BlockId, files: u64, bytes: u64) -> Part {
    Part { name: "core".into(), root, bytes, files }
}

fn read(
    held: &BTreeMap<BlockId, Vec<u8>>,
    part: &Part,
) -> Result<Vec<Entry>, yadgar_protocol::blocks::ReadFault> {
    let mut entries = Vec::new();
    for_each(held, part, None, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    })?;
    Ok(entries)
}

fn check(case: &Case) -> Outcome {
    let root = BlockId::from_bytes(&bytes(case.input, "root")).unwrap();
    let part = part(root, number(case.input, "files"), number(case.input, "bytes"));
    let held = nodes(case.input).into_iter().map(|n| (BlockId::dag_cbor(&n), n)).collect();
    let entries = match read(&held, &part) {
        Ok(entries) => entries,
        Err(other) => return fault::<()>(Err(other)).unwrap(),
    };
    let mut seen = Collisions::new();
    if let Err((_, reject)) = entries.iter().try_for_each(|e| seen.add(&e.path)) {
        return reject.into();
    }
    let paths: Vec<&str> = entries.iter().map(|e| e.path.as_str()).collect();
    Outcome::good().with("paths", paths)
}

/// The case has no totals of the part, which a proof is read with: they are those of its root.
fn proof(case: &Case) -> Result<Outcome, Reject> {
    let path = Path::new(text(case.input, "path"))?;
    let nodes = nodes(case.input);
    let root = BlockId::from_bytes(&bytes(case.input, "root")).unwrap();
    let (files, size) = nodes.first().and_then(|n| totals(n)).unwrap_or_default();
    let found = verify_proof(&part(root, files, size), &path, &nodes)?;
    let link = found.map(|e| hex::encode(e.link().to_bytes()));
    Ok(Outcome::good().with("link", link))
}

fn totals(node: &[u8]) -> Option<(u64, u64)> {
    let value: ciborium::Value = ciborium::from_reader(node).ok()?;
    let [level, items] = &value.as_array()?[..] else { return None };
    let leaf = level.as_integer()? == 0.into();
    let number = |v: &ciborium::Value| u64::try_from(v.as_integer()?).ok();
    items.as_array()?.iter().try_fold((0, 0), |(files, bytes), item| {
        let item = item.as_array()?;
        let (f, b) =
            if leaf { (1, number(&item[2])?) } else { (number(&item[2])?, number(&item[3])?) };
        Some((files + f, bytes + b))
    })
}
