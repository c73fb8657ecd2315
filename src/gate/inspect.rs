//! Reads every file that is to be published, once, and asks the rules.

use super::code::Code;
use super::files::{HEAD_BYTES, Kind, sniff};
use super::finding::{Decision, Finding, Level, Why, merge};
use super::judge_file::{judge_bytes, judge_unread, whole};
use super::{keep, names};
use crate::publish::known::Known;
use crate::publish::walk::{Found, shown};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use yadgar_protocol::Hash;
use yadgar_protocol::record::Media;
use yadgar_protocol::record::class::Class;

/// Read buffer for files of which only the hash is needed.
const READ_BYTES: usize = 1 << 18;

/// Why the gate could not look at a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// It could not be opened or read.
    #[error("cannot read {0}: {1}")]
    Read(String, #[source] std::io::Error),
    /// It is not what was looked at any more.
    #[error("{0} changed after the privacy gate had looked at it")]
    Changed(String),
    /// The release before could not be read.
    #[error("cannot read the last release: {0}")]
    Before(#[from] yadgar_protocol::blocks::ReadError),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

/// What was seen of a file.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Below the folder.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Of what was judged.
    pub hash: Hash,
    /// Of a picture.
    pub mime: Option<&'static str>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Files that a record names.
    pub media: Vec<Named>,
    /// Of the fields of a record, when asked for.
    pub decisions: Vec<Decision>,
}

/// A file as a record names it.
#[derive(Debug, Clone)]
pub struct Named {
    /// The field of the record.
    pub field: String,
    /// Where the file is.
    pub path: String,
    /// Its hash.
    pub hash: Hash,
    /// Its size.
    pub bytes: u64,
    /// Its media type.
    pub mime: String,
}

impl Named {
    /// As `media` in `field` names it.
    pub fn of(field: String, media: &Media) -> Self {
        let (path, mime) = (media.path.clone(), media.mime.clone());
        Self { field, path, hash: media.hash.0, bytes: media.bytes, mime }
    }
}

impl Seen {
    /// Takes a finding about the whole file in.
    pub fn add(&mut self, level: Level, code: Code, what: impl Into<String>) {
        self.findings.push(Finding::of_file(level, code, &self.path, what));
    }
}

/// What the gate saw of a folder.
#[derive(Debug, Default)]
pub struct Inspected {
    /// Everything that was found, by path, then field.
    pub findings: Vec<Finding>,
    /// Every decision, by path, when asked for.
    pub decisions: Vec<Decision>,
    /// Files that were looked at.
    pub files: usize,
    looked: BTreeMap<String, Looked>,
    gone: BTreeMap<String, Hash>,
}

/// What is remembered of a file.
#[derive(Debug)]
struct Looked {
    hash: Hash,
    kept: Option<Vec<u8>>,
}

impl Inspected {
    /// Takes findings of another checker in.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        merge(&mut self.findings);
    }

    /// True when this is the content that was looked at.
    pub fn saw(&self, path: &str, hash: &Hash) -> bool {
        self.looked.get(path).is_some_and(|looked| looked.hash == *hash)
    }

    /// Hash of a file that was looked at, or of what is not there any more ([`Inspected::add_gone`]).
    pub fn hash(&self, path: &str) -> Option<Hash> {
        let looked = self.looked.get(path).map(|looked| looked.hash);
        looked.or_else(|| self.gone.get(path).copied())
    }

    /// What [`inspect`] needs in place of a file that will not have changed.
    pub fn kept(&self, path: &str) -> Option<&[u8]> {
        self.looked.get(path)?.kept.as_deref()
    }

    /// A file of the last release that the folder lacks, with its hash there: an override of what is found about it
    /// is bound to that.
    pub fn add_gone(&mut self, path: &str, hash: Hash) {
        self.gone.insert(path.to_owned(), hash);
    }
}

/// Looks at `files`; at those that are `known` and have not changed it looked before. `progress` is called with the bytes
/// of each file; `explain` asks for every decision, for which every file is looked at.
///
/// # Errors
/// The first file that cannot be read; [`GateError::Stopped`].
pub fn inspect(
    files: &[Found],
    known: &Known,
    explain: bool,
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Inspected, GateError> {
    let one = |found: &Found| {
        if stop.load(Ordering::Relaxed) {
            return Err(GateError::Stopped);
        }
        let failed = |e| GateError::Read(shown(found.path.as_str()), e);
        let kept = if explain { None } else { keep::seen(known, found) };
        let seen = kept.map_or_else(|| look(found, explain).map_err(failed), Ok)?;
        progress(found.size);
        Ok(seen)
    };
    let seen: Vec<Seen> = files.par_iter().map(one).collect::<Result<_, _>>()?;
    let mut out = Inspected { files: seen.len(), ..Inspected::default() };
    let by_path: BTreeMap<&str, &Seen> = seen.iter().map(|s| (s.path.as_str(), s)).collect();
    for file in &seen {
        for media in &file.media {
            out.findings.extend(compare(&file.path, media, by_path.get(media.path.as_str())));
        }
    }
    for file in seen {
        let looked = Looked { hash: file.hash, kept: keep::encode(&file) };
        out.findings.extend(file.findings);
        out.decisions.extend(file.decisions);
        out.looked.insert(file.path, looked);
    }
    merge(&mut out.findings);
    Ok(out)
}

/// REC-16: what a record says of a file is true of the file.
fn compare(path: &str, media: &Named, file: Option<&&Seen>) -> Option<Finding> {
    let what = match file {
        None => format!("{} is not in the folder", shown(&media.path)),
        Some(file) if file.hash != media.hash || file.size != media.bytes => {
            format!("{} is not the file that the record names", shown(&media.path))
        }
        Some(file) if file.mime.is_some_and(|mime| mime != media.mime) => {
            format!("{} is no {}", shown(&media.path), media.mime)
        }
        Some(_) => return None,
    };
    let field = format!("{}.hash", media.field);
    Some(Finding::of_field(Level::Stop, Code::MediaMismatch, path, &field, what))
}

fn look(found: &Found, explain: bool) -> std::io::Result<Seen> {
    let path = found.path.as_str();
    let mut file = found.open()?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let kind = sniff(path, &head);
    let mut seen = Seen {
        path: path.to_owned(),
        size: found.size,
        hash: Hash([0; 32]),
        mime: match kind {
            Kind::Picture(format) => Some(format.mime()),
            _ => None,
        },
        findings: Vec::new(),
        media: Vec::new(),
        decisions: Vec::new(),
    };
    if whole(kind) > 0 && found.size <= whole(kind) {
        let mut bytes = Vec::with_capacity(usize::try_from(found.size).unwrap_or(0));
        // One more than expected: what grows meanwhile is found out when it is stored.
        file.take(found.size + 1).read_to_end(&mut bytes)?;
        seen.hash = Hash::of(&bytes);
        judge_bytes(&mut seen, kind, &bytes, explain);
    } else {
        judge_unread(&mut seen, kind, &mut file)?;
        seen.hash = hash_of(&mut file)?;
    }
    seen.findings.extend(names::lint(path));
    merge(&mut seen.findings);
    if explain && kind != Kind::Record {
        let decision = of_file(&seen, kind);
        seen.decisions.push(decision);
    }
    Ok(seen)
}

fn hash_of(file: &mut File) -> std::io::Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let got = file.read(&mut buffer)?;
        if got == 0 {
            return Ok(Hash(*hasher.finalize().as_bytes()));
        }
        hasher.update(buffer.get(..got).unwrap_or_default());
    }
}

fn of_file(seen: &Seen, kind: Kind) -> Decision {
    let stopped = seen.findings.iter().any(|f| f.level < Level::Note);
    let why = match kind {
        _ if stopped => Why::Found,
        Kind::Picture(_) | Kind::Svg | Kind::Boxes => Why::Clean,
        Kind::Text | Kind::Table | Kind::BesideRecords => Why::Text,
        _ => Why::Unknown,
    };
    Decision { path: seen.path.clone(), field: None, class: Class::P0, published: !stopped, why }
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
