//! Reads every file that is to be published, once, and asks the rules.

use super::code::Code;
use super::files::{HEAD_BYTES, Kind, boxes, pdf, sniff, svg};
use super::finding::{Decision, Finding, Level, Why};
use super::picture::{Format, MAX_PICTURE_BYTES, looked_into};
use super::{names, pages, record, series, table, text};
use crate::publish::walk::{Found, shown};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use yadgar_protocol::Hash;
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::Media;
use yadgar_protocol::record::class::Class;

/// Longest text that is looked through: 8 MiB.
const MAX_TEXT_BYTES: u64 = 8 << 20;
/// Longest drawing or PDF that is looked through: 64 MiB.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;
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
struct Seen {
    path: String,
    size: u64,
    hash: Hash,
    mime: Option<&'static str>,
    findings: Vec<Finding>,
    media: Vec<(String, Media)>,
    decisions: Vec<Decision>,
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
    hashes: BTreeMap<String, Hash>,
    gone: BTreeMap<String, Hash>,
}

impl Inspected {
    /// Takes findings of another checker in.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        sort(&mut self.findings);
    }

    /// True when this is the content that was looked at.
    pub fn saw(&self, path: &str, hash: &Hash) -> bool {
        self.hashes.get(path) == Some(hash)
    }

    /// Hash of a file that was looked at, or of what is not there any more ([`Inspected::add_gone`]).
    pub fn hash(&self, path: &str) -> Option<Hash> {
        self.hashes.get(path).or_else(|| self.gone.get(path)).copied()
    }

    /// A file of the last release that the folder lacks, with its hash there: an override of what is found about it
    /// is bound to that.
    pub fn add_gone(&mut self, path: &str, hash: Hash) {
        self.gone.insert(path.to_owned(), hash);
    }
}

/// By path, field, code; the same thing once.
fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (&a.path, &a.field, a.code, a.level, &a.what)
            .cmp(&(&b.path, &b.field, b.code, b.level, &b.what))
    });
    findings.dedup();
}

/// Looks at `files`. `progress` is called with the bytes of each file; `explain` asks for every decision.
///
/// # Errors
/// The first file that cannot be read; [`GateError::Stopped`].
pub fn inspect(
    files: &[Found],
    explain: bool,
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Inspected, GateError> {
    let one = |found: &Found| {
        if stop.load(Ordering::Relaxed) {
            return Err(GateError::Stopped);
        }
        let failed = |e| GateError::Read(shown(found.path.as_str()), e);
        let seen = look(found, explain).map_err(failed)?;
        progress(found.size);
        Ok(seen)
    };
    let seen: Vec<Seen> = files.par_iter().map(one).collect::<Result<_, _>>()?;
    let mut out = Inspected { files: seen.len(), ..Inspected::default() };
    let by_path: BTreeMap<&str, &Seen> = seen.iter().map(|s| (s.path.as_str(), s)).collect();
    for file in &seen {
        for (field, media) in &file.media {
            out.findings.extend(compare(
                &file.path,
                field,
                media,
                by_path.get(media.path.as_str()),
            ));
        }
    }
    for file in seen {
        out.findings.extend(file.findings);
        out.decisions.extend(file.decisions);
        out.hashes.insert(file.path, file.hash);
    }
    sort(&mut out.findings);
    Ok(out)
}

/// REC-16: what a record says of a file is true of the file.
fn compare(path: &str, field: &str, media: &Media, file: Option<&&Seen>) -> Option<Finding> {
    let what = match file {
        None => format!("{} is not in the folder", shown(&media.path)),
        Some(file) if file.hash != media.hash.0 || file.size != media.bytes => {
            format!("{} is not the file that the record names", shown(&media.path))
        }
        Some(file) if file.mime.is_some_and(|mime| mime != media.mime) => {
            format!("{} is no {}", shown(&media.path), media.mime)
        }
        Some(_) => return None,
    };
    let (path, field) = (path.to_owned(), Some(format!("{field}.hash")));
    Some(Finding { level: Level::Stop, path, field, code: Code::MediaMismatch, what })
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
    if found.size <= whole(kind) {
        let mut bytes = Vec::with_capacity(usize::try_from(found.size).unwrap_or(0));
        // One more than expected: what grows meanwhile is found out when it is stored.
        file.take(found.size + 1).read_to_end(&mut bytes)?;
        seen.hash = Hash::of(&bytes);
        judge_bytes(&mut seen, kind, &bytes, explain);
    } else {
        judge_large(&mut seen, kind, &mut file)?;
        seen.hash = hash_of(&mut file)?;
    }
    seen.findings.extend(names::lint(path));
    if explain && kind != Kind::Record {
        let decision = of_file(&seen, kind);
        seen.decisions.push(decision);
    }
    Ok(seen)
}

/// Up to which size files of a kind are read into memory.
const fn whole(kind: Kind) -> u64 {
    match kind {
        Kind::Record => MAX_RECORD_BYTES as u64,
        Kind::Picture(_) => MAX_PICTURE_BYTES,
        Kind::Svg | Kind::Pdf => MAX_DOCUMENT_BYTES,
        Kind::BesideRecords | Kind::Text | Kind::Table => MAX_TEXT_BYTES,
        Kind::OtherPicture(_) | Kind::Boxes | Kind::Opaque(_) | Kind::Font | Kind::Unknown => 0,
    }
}

fn judge_bytes(seen: &mut Seen, kind: Kind, bytes: &[u8], explain: bool) {
    let path = seen.path.clone();
    let mut add = |level, code, what: String| {
        seen.findings.push(Finding::of_file(level, code, &path, what));
    };
    match kind {
        Kind::Record => {
            let found = record::look(&path, bytes, explain);
            seen.findings.extend(found.findings);
            seen.media = found.media;
            seen.decisions = found.decisions;
        }
        Kind::BesideRecords => match std::str::from_utf8(bytes) {
            Ok(text) => seen.findings.extend(record::look_other(&path, text)),
            Err(_) => add(Level::Stop, Code::FileUnclean, "no text, where records stand".into()),
        },
        Kind::Picture(format) => match looked_into(format, bytes) {
            Ok(extra) if extra.is_empty() => {}
            Ok(extra) if format == Format::Ico => {
                add(Level::Stop, Code::ImageUnclean, format!("an icon with {}", extra.join(", ")));
            }
            Ok(extra) => add(Level::Stop, Code::ImageMetadata, extra.join(", ")),
            Err(why) => add(Level::Stop, Code::ImageUnclean, why.to_owned()),
        },
        Kind::Svg => {
            let extra = svg(&String::from_utf8_lossy(bytes));
            if !extra.is_empty() {
                let what = format!("SVG: {}", extra.join(", "));
                add(Level::Stop, Code::ImageUnclean, what);
            }
            seen.findings.extend(pages::lint(&path, bytes));
        }
        Kind::Pdf => match pdf(bytes) {
            extra if extra.is_empty() => add(Level::Stop, Code::FileUnclean, "PDF".to_owned()),
            extra => add(Level::Stop, Code::FileMetadata, format!("PDF: {}", extra.join(", "))),
        },
        Kind::Table => {
            seen.findings.extend(series::lint(&path, bytes));
            seen.findings.extend(table::lint(&path, &String::from_utf8_lossy(bytes)));
        }
        Kind::Text => {
            seen.findings.extend(pages::lint(&path, bytes));
            let mut add = |level, code, what: String| {
                seen.findings.push(Finding::of_file(level, code, &path, what));
            };
            // A page is a publisher's own words: an organisation's address on it is meant to be there.
            for hit in text::lint(&String::from_utf8_lossy(bytes)) {
                if hit.sure && !matches!(hit.code, Code::ActiveContent | Code::HiddenText) {
                    add(Level::Note, hit.code, hit.shown);
                }
            }
        }
        _ => {}
    }
}

/// Files that are not read into memory.
fn judge_large(seen: &mut Seen, kind: Kind, file: &mut File) -> std::io::Result<()> {
    let found = match kind {
        Kind::Record => {
            Some((Level::Final, Code::BadRecord, "longer than allowed (ENC-1)".to_owned()))
        }
        Kind::Picture(_) | Kind::Svg => {
            Some((Level::Stop, Code::ImageUnclean, "too large to be looked into".to_owned()))
        }
        Kind::OtherPicture(what) => Some((Level::Stop, Code::ImageUnclean, what.to_owned())),
        Kind::Boxes => {
            let extra = boxes(file, seen.size);
            file.seek(SeekFrom::Start(0))?;
            match extra {
                Ok(extra) if extra.is_empty() => None,
                Ok(extra) => {
                    Some((Level::Stop, Code::FileMetadata, format!("film: {}", extra.join(", "))))
                }
                Err(why) => Some((Level::Stop, Code::FileUnclean, why.to_owned())),
            }
        }
        Kind::Pdf => {
            Some((Level::Stop, Code::FileUnclean, "PDF, too large to be looked into".to_owned()))
        }
        Kind::Opaque(what) => Some((Level::Stop, Code::FileUnclean, what.to_owned())),
        Kind::BesideRecords | Kind::Table => {
            Some((Level::Stop, Code::FileUnclean, "too large to be looked through".to_owned()))
        }
        Kind::Text => {
            let level = if pages::is_page(&seen.path) { Level::Stop } else { Level::Note };
            Some((level, Code::UnknownKind, "too large to be looked through".to_owned()))
        }
        Kind::Unknown if seen.size > 0 => Some((
            Level::Note,
            Code::UnknownKind,
            "nothing is known of this kind of file".to_owned(),
        )),
        Kind::Unknown | Kind::Font => None,
    };
    let found = found.map(|(level, code, what)| Finding::of_file(level, code, &seen.path, what));
    seen.findings.extend(found);
    Ok(())
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
