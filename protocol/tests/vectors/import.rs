//! A carrier from its bytes to the files in it: the parts of the crate one after the other.

use crate::carrier::{Contents, contents};
use crate::case::{Case, Outcome, bytes, settle};
use crate::chunking::fault;
use crate::formula::data;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use yadgar_protocol::blocks::{ReadFault, require};
use yadgar_protocol::chunk::{Chunk, read_list};
use yadgar_protocol::path::Collisions;
use yadgar_protocol::release::{Part, RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{Content, Entry, for_each};
use yadgar_protocol::trust::check_head;
use yadgar_protocol::{ArchiveId, BlockId, Hash, Reject};

type Blocks = BTreeMap<BlockId, Vec<u8>>;

/// Everything of the head's release that the carrier holds.
pub fn run(case: &Case) -> Outcome {
    assert_eq!(case.kind, "import");
    let archive = ArchiveId(Hash(bytes(case.input, "archive").try_into().unwrap()));
    let found = contents(&data(&case.input["data"]), 1 << 16);
    settle(import(&archive, found))
}

fn import(archive: &ArchiveId, found: Contents) -> Result<Outcome, Reject> {
    let damaged = !found.skipped.is_empty();
    let blocks: Blocks = found.blocks.into_iter().collect();
    let root = found.root.ok_or(Reject::new("CAR-1", "no header"))?;
    let head = blocks.get(&root).ok_or(Reject::new("CAR-6", "no head"))?;
    let release = check_head(archive, head)?.release;
    let Some(entries) = entries(&blocks, &release)? else {
        return Ok(Outcome::good()
            .with("files", files(&blocks, &held(&blocks, &release))?.0)
            .with("complete", false));
    };
    collide(&entries)?;
    let records = entries.iter().filter(|e| e.path.as_str().starts_with(RECORDS_PREFIX)).count();
    if records as u64 != release.records {
        return Err(Reject::new("RELEASE", "the number of records"));
    }
    let (files, complete) = files(&blocks, &entries)?;
    Ok(Outcome::good().with("files", files).with("complete", complete && !damaged))
}

fn collide(entries: &[Entry]) -> Result<(), Reject> {
    let mut seen = Collisions::new();
    entries.iter().try_for_each(|e| seen.add(&e.path)).map_err(|(_, reject)| reject)
}

/// All entries of all parts, `None` when a node is missing.
fn entries(blocks: &Blocks, release: &Release) -> Result<Option<Vec<Entry>>, Reject> {
    let mut all = Vec::new();
    for part in &release.parts {
        match of_part(blocks, part) {
            Ok(entries) => all.extend(entries),
            Err(ReadFault::Damaged(reject)) => return Err(reject),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// The entries of those parts that are whole.
fn held(blocks: &Blocks, release: &Release) -> Vec<Entry> {
    release.parts.iter().filter_map(|part| of_part(blocks, part).ok()).flatten().collect()
}

fn of_part(blocks: &Blocks, part: &Part) -> Result<Vec<Entry>, ReadFault> {
    let mut entries = Vec::new();
    for_each(blocks, part, None, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    })?;
    Ok(entries)
}

/// Hashes of the files that are there, and whether that is all of them.
fn files(blocks: &Blocks, entries: &[Entry]) -> Result<(Map<String, Value>, bool), Reject> {
    let (mut out, mut complete) = (Map::new(), true);
    for entry in entries {
        match file(blocks, entry) {
            Ok(hash) => {
                out.insert(entry.path.as_str().to_owned(), hash.to_hex().into());
            }
            Err(ReadFault::Missing(_)) => complete = false,
            other => return Err(Reject::new(clause(fault(other)), "a file that is wrong")),
        }
    }
    Ok((out, complete))
}

/// A clause is a constant in the crate; there are few that a file can break.
fn clause(outcome: Option<Outcome>) -> &'static str {
    match outcome.and_then(|o| o.error).as_deref() {
        Some("TREE-6") => "TREE-6",
        Some("CHUNK-6") => "CHUNK-6",
        other => panic!("another fault of a file: {other:?}"),
    }
}

fn file(blocks: &Blocks, entry: &Entry) -> Result<Hash, ReadFault> {
    let wrong = Reject::new("TREE-6", "a file that is not what its entry says");
    let data = match entry.content {
        Content::Block(id) => require(blocks, &id)?,
        Content::List { root, .. } => {
            let mut chunks: Vec<Chunk> = Vec::new();
            read_list(blocks, &root, entry.size, &mut |chunk| {
                chunks.push(chunk);
                true
            })?;
            let blocks = chunks.iter().map(|chunk| require(blocks, &chunk.id));
            blocks.collect::<Result<Vec<_>, _>>()?.concat()
        }
    };
    let hash = Hash::of(&data);
    if data.len() as u64 != entry.size || hash != entry.file_hash() {
        return Err(wrong.into());
    }
    Ok(hash)
}
