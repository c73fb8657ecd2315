//! What an archive costs as it grows: its tree, a first sync and an update of ten files, by the crate's
//! own tree, difference and planner, with one source that has everything.

use crate::figures::Run;
use crate::sim::trustlab::Lab;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks, ReadError};
use yadgar_protocol::limits::{MAX_WANTS_PER_FRAME, MAX_WITHDRAWN};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::sync::{Budget, Came, Frame, Gossip, Planner, SourceId, Status};
use yadgar_protocol::tree::{BuiltTree, Content, Entry, build, diff};
use yadgar_protocol::withdraw::{Reason, Withdrawal};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash, Path};

pub const FILES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Files that an update changes.
const CHANGED: u64 = 10;
/// Length of a record, which is one block.
const RECORD: u64 = 1_200;
const SOURCE: SourceId = SourceId(1);

/// Trees as they are, contents by name; counts what is read.
#[derive(Default)]
struct Store {
    nodes: BTreeMap<BlockId, Vec<u8>>,
    contents: BTreeSet<BlockId>,
    reads: Cell<u64>,
    looks: Cell<u64>,
}

impl ReadBlocks for Store {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.nodes.get(id).cloned())
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.looks.set(self.looks.get() + 1);
        Ok(self.contents.contains(id) || self.nodes.contains_key(id))
    }
}

fn content(number: u64, version: u64) -> BlockId {
    BlockId::raw(&[number.to_be_bytes(), version.to_be_bytes()].concat())
}

fn tree(files: u64, version: u64) -> BuiltTree {
    let step = files / CHANGED;
    let entry = |n: u64| {
        let path = Path::new(&format!("records/{:03}/r{n:07}.cbor", n / 1_000)).unwrap();
        let version = if n.is_multiple_of(step) { version } else { 0 };
        Entry::new(path, RECORD, Content::Block(content(n, version)))
    };
    build(&(0..files).map(entry).collect::<Vec<_>>()).unwrap()
}

fn part(tree: &BuiltTree) -> Part {
    Part { name: "core".into(), root: tree.root, bytes: tree.bytes, files: tree.files }
}

fn release(part: Part) -> Release {
    Release {
        date: "2026-01-01".into(),
        kind: "release".into(),
        prev: None,
        parts: vec![part],
        format: 1,
        archive: ArchiveId(Hash::of(b"archive")),
        records: 0,
        sequence: 1,
        withdrawn: vec![],
        root_version: 1,
    }
}

/// Bytes of a frame.
fn frame(frame: &Frame) -> u64 {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    bytes.len() as u64
}

/// What a fetch took.
#[derive(Default)]
struct Sync {
    nodes: u64,
    node_bytes: u64,
    content_bytes: u64,
    asked_bytes: u64,
    held: usize,
    calls: u64,
}

/// Fetches a release with the planner, window of 512 blocks, from a source that has everything.
fn fetch(part: Part, local: &mut Store, remote: &BTreeMap<BlockId, Vec<u8>>) -> Sync {
    let mut plan = Planner::new(&release(part), &["core".to_owned()], local).unwrap();
    plan.add_source(SOURCE);
    let mut sync = Sync::default();
    let plain = vec![0; RECORD as usize];
    let budget = Budget { ids: MAX_WANTS_PER_FRAME, bytes: 1 << 20 };
    while plan.status() != Status::Done {
        let wants = plan.next_wants(SOURCE, budget, local).unwrap();
        sync.calls += 1;
        sync.held = sync.held.max(plan.held());
        if wants.is_empty() {
            continue;
        }
        let ids: Vec<BlockId> = wants.iter().map(|want| want.id).collect();
        sync.asked_bytes += frame(&Frame::Want(ids.clone()));
        for id in ids {
            let data = if id.codec == Codec::Raw { &plain } else { &remote[&id] };
            let empty = Packed { id, encoding: Encoding::Plain, data: Vec::new() };
            let bytes = frame(&Frame::Block(empty)) + data.len() as u64;
            if id.codec == Codec::Raw {
                local.contents.insert(id);
                sync.content_bytes += bytes;
            } else {
                local.nodes.insert(id, data.clone());
                sync.nodes += 1;
                sync.node_bytes += bytes;
            }
            plan.on_block(SOURCE, &id, Came::Plain(data), local).unwrap();
            sync.held = sync.held.max(plan.held());
        }
    }
    sync
}

fn note(run: &mut Run, name: &str, sync: &Sync) {
    let wire = sync.node_bytes + sync.content_bytes + sync.asked_bytes;
    run.note(&format!("{name} nodes"), sync.nodes as f64);
    run.note(&format!("{name} node bytes"), sync.node_bytes as f64);
    run.note(&format!("{name} asked bytes"), sync.asked_bytes as f64);
    run.note(&format!("{name} wire"), wire as f64);
    run.note(&format!("{name} held"), sync.held as f64);
    run.note(&format!("{name} calls"), sync.calls as f64);
}

pub fn grow(files: u64) -> Run {
    let mut run = Run::default();
    let (old, new) = (tree(files, 1), tree(files, 2));
    run.note("tree nodes", old.nodes.len() as f64);
    run.note("tree bytes", old.nodes.iter().map(|(_, bytes)| bytes.len() as f64).sum());
    let mut depth = BTreeMap::new();
    for (_, bytes) in &old.nodes {
        // An array of two whose first item is the level, below 24.
        *depth.entry(bytes[1]).or_insert(0u64) += 1;
    }
    run.note("tree levels", depth.len() as f64);
    let (first, second) = (part(&old), part(&new));
    let remote: BTreeMap<_, _> = old.nodes.into_iter().collect();
    let mut local = Store::default();
    let sync = fetch(first.clone(), &mut local, &remote);
    note(&mut run, "first", &sync);
    let remote: BTreeMap<_, _> = new.nodes.into_iter().collect();
    let (reads, looks) = (local.reads.take(), local.looks.take());
    run.note("first reads", reads as f64);
    run.note("first looks", looks as f64);
    let sync = fetch(second.clone(), &mut local, &remote);
    note(&mut run, "update", &sync);
    run.note("update reads", local.reads.take() as f64);
    run.note("update looks", local.looks.take() as f64);
    let mut changes = 0;
    diff(&local, Some(&first), &second, &mut |_| changes += 1).unwrap();
    assert_eq!(changes, CHANGED, "the update is there, and nothing else changed");
    run.note("diff reads", local.reads.take() as f64);
    run
}

/// From how many withdrawals on a head is too long for gossip, and how long the longest one is.
pub fn gossip() -> Run {
    let (lab, mut run) = (Lab::new(), Run::default());
    let head = |withdrawn: u64| {
        let mut release = lab.unsigned(None, 1);
        let hashes = (0..withdrawn).map(|n| Hash::of(&n.to_be_bytes()));
        let items: BTreeSet<_> = hashes.collect();
        let line = |item| Withdrawal {
            item,
            date: "2026-01-02".into(),
            reason: Reason::Withheld,
            sequence: 1,
        };
        release.withdrawn = items.into_iter().map(line).collect();
        lab.signed(release, &lab.keys[..2]).head
    };
    let fits = |withdrawn: &u64| Gossip::Head(&head(*withdrawn)).encode().is_some();
    let most = (0..MAX_WITHDRAWN as u64).take_while(fits).last().unwrap_or(0);
    run.note("withdrawn", most as f64);
    run.note("bytes", head(MAX_WITHDRAWN as u64).len() as f64);
    run.note("bytes without", head(0).len() as f64);
    run
}
