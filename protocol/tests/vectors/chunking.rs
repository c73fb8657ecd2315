//! chunking.md.

use crate::case::{Case, Outcome, bytes, number};
use crate::formula::{chunks, data, nodes};
use std::collections::BTreeMap;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::chunk::{Built, Chunk, build_list, is_small, next_cut, read_list};
use yadgar_protocol::tree::Content;
use yadgar_protocol::{BlockId, Codec, Hash};

/// A file as blocks.
pub struct Stored {
    pub content: Content,
    pub chunks: Vec<Chunk>,
    pub nodes: Vec<(BlockId, Vec<u8>)>,
}

/// A file, a list without a file, or a list from a stranger.
pub fn run(case: &Case) -> Outcome {
    match case.kind {
        "file" => file(&data(&case.input["data"])),
        "list" => list(&chunks(case.input)),
        "list-check" => check(case),
        other => panic!("unknown kind {other}"),
    }
}

/// Cuts a file and builds its list.
pub fn store(data: &[u8]) -> Stored {
    let mut chunks = Vec::new();
    let mut rest = data;
    if is_small(data.len() as u64) {
        chunks.push(Chunk { id: BlockId::raw(data), bytes: data.len() as u64 });
        rest = &[];
    }
    while let Some(length) = next_cut(rest, true) {
        let (chunk, behind) = rest.split_at(length);
        chunks.push(Chunk { id: BlockId::raw(chunk), bytes: length as u64 });
        rest = behind;
    }
    if let [one] = chunks[..] {
        return Stored { content: Content::Block(one.id), chunks, nodes: Vec::new() };
    }
    let Built { root, nodes, .. } = build_list(&chunks);
    Stored { content: Content::List { root, hash: Hash::of(data) }, chunks, nodes }
}

fn file(data: &[u8]) -> Outcome {
    let Stored { content, chunks, nodes } = store(data);
    let (link, is_list) = match content {
        Content::Block(id) => (id, false),
        Content::List { root, .. } => (root, true),
    };
    let lengths: Vec<u64> = chunks.iter().map(|c| c.bytes).collect();
    let mut distinct: Vec<String> = Vec::new();
    for chunk in &chunks {
        let id = hex::encode(chunk.id.to_bytes());
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    distinct.truncate(4);
    let nodes: BTreeMap<_, _> = nodes.into_iter().collect();
    Outcome::good()
        .with("lengths", lengths)
        .with("link", hex::encode(link.to_bytes()))
        .with("hash", Hash::of(data).to_hex())
        .with("list", is_list)
        .with("nodes", nodes.len())
        .with("blocks", distinct)
}

fn list(chunks: &[Chunk]) -> Outcome {
    let built = build_list(chunks);
    built.check().unwrap();
    let bytes: u64 = chunks.iter().map(|c| c.bytes).sum();
    let nodes: BTreeMap<_, _> = built.nodes.into_iter().collect();
    let mut read = Vec::new();
    read_list(&nodes, &built.root, bytes, &mut |chunk| {
        read.push(chunk);
        true
    })
    .unwrap();
    assert_eq!(read, chunks);
    Outcome::good()
        .with("root", hex::encode(built.root.to_bytes()))
        .with("nodes", nodes.len())
        .with("level", built.level)
        .with("bytes", bytes)
}

fn check(case: &Case) -> Outcome {
    let root = BlockId::from_bytes(&bytes(case.input, "root")).unwrap();
    let held: BTreeMap<_, _> =
        nodes(case.input).into_iter().map(|n| (BlockId::dag_cbor(&n), n)).collect();
    assert_eq!(root.codec, Codec::DagCbor);
    let mut count = 0;
    let result = read_list(&held, &root, number(case.input, "bytes"), &mut |_| {
        count += 1;
        true
    });
    fault(result).unwrap_or_else(|| Outcome::good().with("blocks", count))
}

/// The refusal in a fault of reading; a block that is not there counts as one.
pub fn fault<T>(result: Result<T, ReadFault>) -> Option<Outcome> {
    match result {
        Ok(_) => None,
        Err(ReadFault::Damaged(reject)) => Some(reject.into()),
        Err(ReadFault::Missing(_)) => Some(Outcome::refused("TREE-8")),
        Err(ReadFault::Source(error)) => panic!("{error}"),
    }
}
