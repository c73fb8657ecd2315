//! What the folder takes back of the release that it follows (protocol: REC-18): a folder that lay on another machine
//! may be older than what was published since, and nothing in it alone tells.
//!
//! The cost is that of what changed: of records with the same bytes only the entries are looked at.

use super::code::Code;
use super::finding::{Finding, Level};
use super::inspect::{GateError, Inspected};
use crate::publish::succession::{Outcome, compare, is_record};
use crate::publish::walk::{Found, shown};
use rayon::prelude::*;
use std::io::Read;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::path::Path;
use yadgar_protocol::record::INCIDENTS_PREFIX;
use yadgar_protocol::release::{RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{Content, Entry, Expect, Node, decode_node};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{BlockId, Hash};

/// The release that a folder follows.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// The release.
    pub release: &'a Release,
    /// What was withdrawn, also since.
    pub denied: &'a Denied,
    /// Where its blocks are.
    pub blocks: &'a (dyn ReadBlocks + Sync),
}

/// What was compared, for `--explain`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Number of the release.
    pub sequence: u64,
    /// Its records.
    pub records: usize,
    /// Those of them that the folder lacks or has with other content.
    pub changed: usize,
    /// Tree nodes of it that are not here. Below them nothing was compared.
    pub missing: usize,
}

/// Compares the records of a release with those of the folder that was looked at, and adds what is found.
///
/// # Errors
/// [`GateError::Before`] when blocks cannot be read, [`GateError::Read`] and [`GateError::Changed`] for files.
pub fn succession(
    base: &Base<'_>,
    files: &[Found],
    inspected: &mut Inspected,
) -> Result<Compared, GateError> {
    let mut walk = Walk { base, inspected, out: Compared::default(), changed: Vec::new() };
    for part in &base.release.parts {
        walk.tree(part.root, Expect::of_part(part))?;
    }
    let Walk { mut out, changed, .. } = walk;
    (out.sequence, out.changed) = (base.release.sequence, changed.len());
    let one = |entry: &Entry| judge(base, files, inspected, entry);
    let found: Vec<Vec<Finding>> = changed.par_iter().map(one).collect::<Result<_, _>>()?;
    for Entry { path, content, .. } in &changed {
        if inspected.hash(path.as_str()).is_none() {
            inspected.add_gone(path.as_str(), whole(content));
        }
    }
    inspected.add(found.into_iter().flatten());
    Ok(out)
}

/// Hash of the whole file of an entry.
const fn whole(content: &Content) -> Hash {
    match content {
        Content::Block(id) => id.hash,
        Content::List { hash, .. } => *hash,
    }
}

/// Looks for records that differ.
struct Walk<'a> {
    base: &'a Base<'a>,
    inspected: &'a Inspected,
    out: Compared,
    changed: Vec<Entry>,
}

impl Walk<'_> {
    /// Visits the nodes as far as they are here. One that is not may still be a node of the new release as well, when
    /// nothing changed below it; whether so, is found out when that is built.
    fn tree(&mut self, root: BlockId, expect: Expect) -> Result<(), ReadError> {
        let mut todo = vec![(root, expect)];
        while let Some((id, expect)) = todo.pop() {
            if ![RECORDS_PREFIX, INCIDENTS_PREFIX].iter().any(|prefix| may_hold(&expect, prefix)) {
                continue;
            }
            let node = self.base.blocks.block(&id)?;
            let Some(node) = node.and_then(|bytes| decode_node(&bytes, &expect).ok()) else {
                self.out.missing += 1;
                continue;
            };
            todo.extend(expect.children(&node));
            if let Node::Leaf(entries) = node {
                entries.into_iter().for_each(|entry| self.entry(entry));
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: Entry) {
        if !is_record(entry.path.as_str()) {
            return;
        }
        self.out.records += 1;
        if !self.inspected.saw(entry.path.as_str(), &whole(&entry.content)) {
            self.changed.push(entry);
        }
    }
}

/// True when a path with this prefix can be below: such paths are neighbours.
fn may_hold(expect: &Expect, prefix: &str) -> bool {
    let late = |path: &Path| path.as_str() > prefix && !path.as_str().starts_with(prefix);
    let early = |path: &Path| path.as_str() < prefix;
    !expect.after.as_ref().is_some_and(late) && !expect.last.as_ref().is_some_and(early)
}

fn judge(
    base: &Base<'_>,
    files: &[Found],
    inspected: &Inspected,
    entry: &Entry,
) -> Result<Vec<Finding>, GateError> {
    let path = entry.path.as_str();
    let old = base.blocks.block(&entry.link())?;
    let at = files.binary_search_by(|file| file.path.cmp(&entry.path)).ok();
    let new = match at.and_then(|at| files.get(at)) {
        Some(file) => Some(read(file, inspected)?),
        None => None,
    };
    let withdrawn = base.denied.covers(&entry.link()).is_some();
    let outcome = compare(&whole(&entry.content), old.as_deref(), new.as_deref(), withdrawn);
    let code = Code::RecordWentBack;
    Ok(match outcome {
        Outcome::Kept => Vec::new(),
        Outcome::Taken(faults, before, after) => {
            let versions = match after {
                Some(after) => format!("version {after} after {before}"),
                None => format!("version {before}"),
            };
            let one = |fault: yadgar_protocol::record::Fault| Finding {
                field: Some(fault.field).filter(|field| !field.is_empty()),
                ..stop(path, format!("{} ({versions}; {})", fault.why, fault.clause))
            };
            faults.into_iter().map(one).collect()
        }
        Outcome::Unknown(why) => vec![stop(
            path,
            format!(
                "what the last release has here {why}: nothing tells whether this is older (REC-18)"
            ),
        )],
        Outcome::NoRecord => vec![Finding::of_file(
            Level::Note,
            code,
            path,
            "not compared: it, or what the last release has here, is no record",
        )],
    })
}

fn stop(path: &str, what: String) -> Finding {
    Finding::of_file(Level::Stop, Code::RecordWentBack, path, what)
}

/// The bytes that were looked at. A file that is longer than any record was refused already, and its beginning is none.
fn read(file: &Found, inspected: &Inspected) -> Result<Vec<u8>, GateError> {
    let name = || shown(file.path.as_str());
    let mut bytes = Vec::new();
    let limit = MAX_RECORD_BYTES as u64 + 1;
    let got = file.open().and_then(|opened| opened.take(limit).read_to_end(&mut bytes));
    got.map_err(|e| GateError::Read(name(), e))?;
    let long = bytes.len() > MAX_RECORD_BYTES;
    match long || inspected.saw(file.path.as_str(), &Hash::of(&bytes)) {
        true => Ok(bytes),
        false => Err(GateError::Changed(name())),
    }
}

#[cfg(test)]
#[path = "succession_tests.rs"]
mod tests;
