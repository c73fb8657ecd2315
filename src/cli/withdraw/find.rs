//! Finds the content behind records and paths: in the newest release, and in earlier ones that are here.

use crate::access::Access;
use crate::cli::{CliError, Exit};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::path::Path;
use yadgar_protocol::release::{RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{Content, Entry, for_each, get};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{BlockId, Codec};

/// What was found.
#[derive(Default)]
pub struct Found {
    /// What entries link to, with a path.
    pub content: BTreeMap<BlockId, Path>,
    /// Paths whose content another path of the newest release has too, with that one.
    pub in_use: Vec<(Path, Path)>,
    /// Other text files of the newest release that name a record or path.
    pub mentions: Vec<Path>,
    /// Text files that were not looked through.
    pub not_read: u64,
}

/// Finds all that belongs to these records (by id) and paths.
pub fn find(access: &Access, trusted: &Accepted, what: &[String]) -> Result<Found, CliError> {
    let blocks: &dyn ReadBlocks = &*access.store;
    let newest = entries(blocks, &trusted.release).map_err(|e| {
        CliError::new(Exit::Damaged, format!("the newest release cannot be read: {e}"))
            .advice("get all of it with 'yadgar fetch' or 'yadgar import', then try again")
    })?;
    let mut found = Found::default();
    let mut paths = BTreeSet::new();
    for text in what {
        let named = paths_of(text, &newest);
        if named.is_empty() {
            // It may be in earlier releases only.
            paths.extend(Path::new(text).ok());
            paths.extend(Path::new(&format!("{RECORDS_PREFIX}{text}.cbor")).ok());
        }
        paths.extend(named);
    }
    // Two paths may have the same content.
    let mut seen = BTreeSet::new();
    for entry in newest.iter().filter(|e| paths.contains(&e.path)) {
        found.content.insert(entry.link(), entry.path.clone());
        seen.insert(entry.path.clone());
    }
    earlier(blocks, &trusted.release, &paths, &mut found.content);
    seen.extend(found.content.values().cloned());
    for text in what {
        let known = |p: &Path| p.as_str() == text || is_record(p, text);
        if !seen.iter().any(known) {
            return Err(CliError::new(Exit::Usage, format!("nothing here is called '{text}'"))
                .advice("give the id of a record, or a path as the release has it"));
        }
    }
    for entry in newest.iter().filter(|e| !paths.contains(&e.path)) {
        if let Some(path) = found.content.remove(&entry.link()) {
            found.in_use.push((path, entry.path.clone()));
        }
    }
    mentions(blocks, &newest, &paths, what, &mut found);
    Ok(found)
}

fn entries(blocks: &dyn ReadBlocks, release: &Release) -> Result<Vec<Entry>, ReadFault> {
    let mut out = Vec::new();
    for part in &release.parts {
        for_each(blocks, part, None, &mut |e| {
            out.push(e);
            ControlFlow::Continue(())
        })?;
    }
    Ok(out)
}

/// A path as it stands, or the files of the record of that id.
fn paths_of(text: &str, newest: &[Entry]) -> Vec<Path> {
    let fits = |e: &&Entry| e.path.as_str() == text || is_record(&e.path, text);
    newest.iter().filter(fits).map(|e| e.path.clone()).collect()
}

/// True for `records/ID`, `records/ID.x` and `records/ID/x`.
fn is_record(path: &Path, id: &str) -> bool {
    let rest = path.as_str().strip_prefix(RECORDS_PREFIX).and_then(|p| p.strip_prefix(id));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

/// The same paths in earlier releases, as far as these are here.
fn earlier(
    blocks: &dyn ReadBlocks,
    newest: &Release,
    paths: &BTreeSet<Path>,
    out: &mut BTreeMap<BlockId, Path>,
) {
    let mut prev = newest.prev;
    for _ in 0..MAX_ANCESTORS {
        let Some(hash) = prev else { return };
        let id = BlockId { codec: Codec::DagCbor, hash };
        let Ok(Some(payload)) = blocks.block(&id) else { return };
        let Ok(release) = Release::decode(&payload) else { return };
        for (part, path) in release.parts.iter().flat_map(|p| paths.iter().map(move |q| (p, q))) {
            // What is not here cannot be named; whoever has it can withdraw it.
            if let Ok(Some(entry)) = get(blocks, part, path) {
                out.entry(entry.link()).or_insert(entry.path);
            }
        }
        prev = release.prev;
    }
}

fn mentions(
    blocks: &dyn ReadBlocks,
    newest: &[Entry],
    paths: &BTreeSet<Path>,
    what: &[String],
    found: &mut Found,
) {
    let mut names: BTreeSet<String> = what.iter().cloned().collect();
    names.extend(paths.iter().map(|p| p.as_str().to_owned()));
    names.extend(paths.iter().filter_map(stem));
    for entry in newest.iter().filter(|e| !paths.contains(&e.path)) {
        let in_path = names.iter().any(|n| entry.path.as_str().contains(n.as_str()));
        let text = match (in_path, is_text(&entry.media), entry.content) {
            (true, ..) => Some(Vec::new()),
            (_, false, _) => continue,
            (_, _, Content::Block(id)) => blocks.block(&id).ok().flatten(),
            _ => None,
        };
        let Some(text) = text else {
            found.not_read += 1;
            continue;
        };
        let has = |n: &String| text.windows(n.len()).any(|w| w == n.as_bytes());
        if in_path || names.iter().any(has) {
            found.mentions.push(entry.path.clone());
        }
    }
}

/// The id in `records/ID.cbor`.
fn stem(path: &Path) -> Option<String> {
    let name = path.as_str().strip_prefix(RECORDS_PREFIX)?;
    let id = name.split(['.', '/']).next()?;
    // A short one would be found in every text.
    (id.len() >= 8).then(|| id.to_owned())
}

fn is_text(media: &str) -> bool {
    media.starts_with("text/") || ["json", "xml", "javascript"].iter().any(|t| media.contains(t))
}
