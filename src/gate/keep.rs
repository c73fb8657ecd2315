//! What was seen of a file, as bytes that are kept for as long as the file does not change (`publish::known`).
//!
//! All of it is kept that depends on the file alone, findings too, so that files are compared with each other, with what is
//! let pass and with the last release as if each had been read. Every program has rules of its own: another build looks
//! at everything again, so nobody has to think of a number when a rule changes.

use super::code::Code;
use super::finding::{Finding, Level};
use super::inspect::{Named, Seen};
use super::picture::Format;
use crate::publish::known::{Known, Line};
use crate::publish::stamp::Stamp;
use crate::publish::walk::Found;
use serde::{Deserialize, Serialize};
use yadgar_protocol::Hash;
use yadgar_protocol::tree::Content;

/// Longest that is kept, in bytes; files of which there is more to say are looked at again.
const MAX_BYTES: usize = 64 << 10;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mime: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<KeptFinding>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media: Vec<KeptMedia>,
}

/// Level, field, code, words, how often.
#[derive(Serialize, Deserialize)]
struct KeptFinding(u8, Option<String>, String, String, usize);

/// Field, path, hash in hex, bytes, media type.
#[derive(Serialize, Deserialize)]
struct KeptMedia(String, String, String, u64, String);

const LEVELS: [Level; 3] = [Level::Final, Level::Stop, Level::Note];
const FORMATS: [Format; 5] = [Format::Jpeg, Format::Png, Format::Gif, Format::Webp, Format::Ico];

/// Names the rules of this program: those of no other program file. `None` where the system does not tell which file it is;
/// then nothing is kept.
pub fn rules() -> Option<Hash> {
    let mut bytes = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
    // Through this name it is the file that runs, also when another has taken its place.
    let stat = rustix::fs::stat("/proc/self/exe").ok()?;
    Stamp::of(&stat).encode(&mut bytes);
    Some(Hash::of(&bytes))
}

/// What is to be kept of a file.
pub(super) fn encode(seen: &Seen) -> Option<Vec<u8>> {
    if seen.mime.is_none() && seen.findings.is_empty() && seen.media.is_empty() {
        return Some(Vec::new());
    }
    let found = seen.findings.iter().map(|f| {
        let level = LEVELS.iter().position(|level| *level == f.level)? as u8;
        let own = f.path == seen.path;
        own.then(|| {
            KeptFinding(level, f.field.clone(), f.code.word().into(), f.what.clone(), f.times)
        })
    });
    let media = seen.media.iter().map(|m| {
        KeptMedia(m.field.clone(), m.path.clone(), m.hash.to_hex(), m.bytes, m.mime.clone())
    });
    let kept = Kept {
        mime: seen.mime.map(str::to_owned),
        found: found.collect::<Option<_>>()?,
        media: media.collect(),
    };
    serde_json::to_vec(&kept).ok().filter(|bytes| bytes.len() <= MAX_BYTES)
}

/// What was kept of a file that is still the same. `None`: it is to be looked at.
pub(super) fn seen(known: &Known, found: &Found) -> Option<Seen> {
    let line = known.find(found)?;
    decode(line, line.seen.as_deref()?)
}

fn decode(line: &Line, bytes: &[u8]) -> Option<Seen> {
    let mut seen = Seen {
        path: line.path.clone(),
        size: line.stamp.size,
        hash: match line.content {
            Content::Block(id) => id.hash,
            Content::List { hash, .. } => hash,
        },
        reading: None,
        mime: None,
        findings: Vec::new(),
        media: Vec::new(),
        decisions: Vec::new(),
    };
    if bytes.is_empty() {
        return Some(seen);
    }
    let kept: Kept = serde_json::from_slice(bytes).ok()?;
    if let Some(mime) = kept.mime {
        seen.mime = Some(FORMATS.iter().find(|format| format.mime() == mime)?.mime());
    }
    for KeptFinding(level, field, code, what, times) in kept.found {
        let (level, code) = (*LEVELS.get(usize::from(level))?, Code::from_word(&code)?);
        let path = seen.path.clone();
        seen.findings.push(Finding { level, path, field, code, what, times });
    }
    for KeptMedia(field, path, hash, bytes, mime) in kept.media {
        seen.media.push(Named { field, path, hash: Hash::from_hex(&hash)?, bytes, mime });
    }
    Some(seen)
}

#[cfg(test)]
#[path = "keep_tests.rs"]
mod tests;
