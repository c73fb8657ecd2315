//! Reads every file that is to be published, once, and asks the rules.

use super::code::Code;
use super::files::{HEAD_BYTES, Kind, sniff};
use super::finding::{Decision, Finding, Level, Why, merge};
use super::judge_file::{judge_bytes, judge_unread, whole};
use super::{keep, names};
use crate::publish::known::Known;
use crate::publish::reading::{Reading, Room, read_small};
use crate::publish::stamp::Stamp;
use crate::publish::walk::{Found, shown};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use yadgar_protocol::Hash;
use yadgar_protocol::chunk::is_small;
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
    /// A small file, for whoever needs its bytes next.
    pub reading: Option<Reading>,
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
    looked: HashMap<String, Looked>,
    gone: BTreeMap<String, Hash>,
}

/// What is remembered of a file.
#[derive(Debug)]
struct Looked {
    hash: Hash,
    kept: Option<Vec<u8>>,
    reading: Option<Reading>,
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

    /// The bytes of a small file, as they were looked at.
    pub fn reading(&self, path: &str) -> Option<&Reading> {
        self.looked.get(path)?.reading.as_ref()
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
    inspect_at(files, known, (explain, &SystemTime::now), progress, stop)
}

/// By the clock by which the file system stamps changes.
fn inspect_at(
    files: &[Found],
    known: &Known,
    (explain, now): (bool, &(dyn Fn() -> SystemTime + Sync)),
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Inspected, GateError> {
    let look = Look { explain, now, room: Room::default() };
    let one = |found: &Found| {
        if stop.load(Ordering::Relaxed) {
            return Err(GateError::Stopped);
        }
        let failed = |e| GateError::Read(shown(found.path.as_str()), e);
        let kept = if explain { None } else { keep::seen(known, found) };
        let seen = kept.map_or_else(|| look.at(found).map_err(failed), Ok)?;
        progress(found.size);
        Ok(seen)
    };
    let seen: Vec<Seen> = files.par_iter().map(one).collect::<Result<_, _>>()?;
    let mut out = Inspected { files: seen.len(), ..Inspected::default() };
    if seen.iter().any(|file| !file.media.is_empty()) {
        let by_path: HashMap<&str, &Seen> = seen.iter().map(|s| (s.path.as_str(), s)).collect();
        for file in &seen {
            for media in &file.media {
                out.findings.extend(compare(&file.path, media, by_path.get(media.path.as_str())));
            }
        }
    }
    for file in seen {
        let kept = keep::encode(&file);
        out.findings.extend(file.findings);
        out.decisions.extend(file.decisions);
        let (hash, reading) = (file.hash, file.reading);
        out.looked.insert(file.path, Looked { hash, kept, reading });
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

/// How files are looked at.
struct Look<'a> {
    explain: bool,
    now: &'a (dyn Fn() -> SystemTime + Sync),
    room: Room,
}

impl Look<'_> {
    fn at(&self, found: &Found) -> std::io::Result<Seen> {
        let path = found.path.as_str();
        let now = (self.now)();
        let (file, before) = found.opened()?;
        let mut open = Open { found, file, before, now };
        let mut seen = Seen {
            path: path.to_owned(),
            size: found.size,
            hash: Hash([0; 32]),
            reading: None,
            mime: None,
            findings: names::lint(path),
            media: Vec::new(),
            decisions: Vec::new(),
        };
        let kind = match is_small(before.size) {
            true => self.small(&mut open, &mut seen)?,
            false => self.large(&mut open, &mut seen)?,
        };
        merge(&mut seen.findings);
        if self.explain && kind != Kind::Record {
            let decision = of_file(&seen, kind);
            seen.decisions.push(decision);
        }
        Ok(seen)
    }

    /// Read at once, and kept for whoever stores it.
    fn small(&self, open: &mut Open<'_>, seen: &mut Seen) -> std::io::Result<Kind> {
        let bytes = read_small(&mut open.file, open.before.size as usize)?;
        let kind = kind_of(seen, bytes.get(..HEAD_BYTES).unwrap_or(&bytes));
        seen.hash = Hash::of(&bytes);
        if whole(kind) > 0 && seen.size <= whole(kind) {
            judge_bytes(seen, kind, &bytes, self.explain);
        } else {
            // These very bytes, not the file once more: it may be another by now.
            judge_unread(seen, kind, &mut Cursor::new(&bytes))?;
        }
        let read = (bytes, seen.hash);
        seen.reading = self.room.keep(open.found, (&open.file, &open.before), read, open.now)?;
        Ok(kind)
    }

    fn large(&self, open: &mut Open<'_>, seen: &mut Seen) -> std::io::Result<Kind> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        (&mut open.file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        open.file.seek(SeekFrom::Start(0))?;
        let kind = kind_of(seen, &head);
        if whole(kind) > 0 && seen.size <= whole(kind) {
            let mut bytes = Vec::with_capacity(usize::try_from(seen.size).unwrap_or(0));
            // One more than expected: what grows meanwhile is found out when it is stored.
            (&mut open.file).take(seen.size + 1).read_to_end(&mut bytes)?;
            seen.hash = Hash::of(&bytes);
            judge_bytes(seen, kind, &bytes, self.explain);
            return Ok(kind);
        }
        judge_unread(seen, kind, &mut open.file)?;
        // Read to its end although nothing looks into it: what is stored must be what was judged, and a stamp does not
        // tell that of a file which somebody has mapped and writes to.
        seen.hash = hash_of(&mut open.file)?;
        Ok(kind)
    }
}

/// A file that is being looked at.
struct Open<'a> {
    found: &'a Found,
    file: File,
    before: Stamp,
    now: SystemTime,
}

fn kind_of(seen: &mut Seen, head: &[u8]) -> Kind {
    let kind = sniff(&seen.path, head);
    if let Kind::Picture(format) = kind {
        seen.mime = Some(format.mime());
    }
    kind
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
