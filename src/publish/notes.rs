//! The release note of the privacy gate: what its maintainers let pass, and why (spec: notes.md).

use serde::{Deserialize, Serialize};
use yadgar_protocol::Path;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::chunk;
use yadgar_protocol::path::is_plain_text;
use yadgar_protocol::release::{CORE, GATE_NOTE, Release};
use yadgar_protocol::tree::{self, Content, Entry};

/// Something that was let pass. Field order is that of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// The file.
    pub path: String,
    /// The field of a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The word of the finding (docs/gate.md).
    pub code: String,
    /// How many such findings there were.
    pub count: u64,
    /// Why it was let pass, in the maintainers' words.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    overrides: Vec<Passed>,
}

/// Longest reason, in bytes.
pub const MAX_WHY_BYTES: usize = 500;

/// The note as a file (NOTE-2): the same for the same list, whoever builds it. `None` when it would be too long (NOTE-3).
pub fn encode(mut passed: Vec<Passed>) -> Option<Vec<u8>> {
    passed.sort();
    passed.dedup();
    let mut text = serde_json::to_string_pretty(&File { format: 1, overrides: passed }).ok()?;
    text.push('\n');
    chunk::is_small(text.len() as u64).then(|| text.into_bytes())
}

/// Reads a note. `None` when it is not what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Option<Vec<Passed>> {
    if !chunk::is_small(bytes.len() as u64) {
        return None;
    }
    let file: File = serde_json::from_slice(bytes).ok()?;
    let plain = |p: &Passed| {
        let texts = [&p.path, &p.code, &p.why].into_iter().chain(&p.field);
        p.count > 0
            && p.why.len() <= MAX_WHY_BYTES
            && texts.into_iter().all(|text| is_plain_text(text))
    };
    (file.format == 1 && file.overrides.iter().all(plain)).then_some(file.overrides)
}

/// What a release says that was let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It has no note.
    None,
    /// What was let pass.
    Read(Vec<Passed>),
    /// There is a note, and it is not here or not readable.
    Unreadable,
}

/// Looks for the note of a release.
///
/// # Errors
/// When a tree node that is needed is missing or damaged.
pub fn of_release(blocks: &dyn ReadBlocks, release: &Release) -> Result<Note, ReadFault> {
    let Some(entry) = entry(blocks, release)? else { return Ok(Note::None) };
    let Content::Block(id) = entry.content else { return Ok(Note::Unreadable) };
    let bytes = blocks.block(&id).ok().flatten();
    Ok(bytes.and_then(|bytes| decode(&bytes)).map_or(Note::Unreadable, Note::Read))
}

/// Its entry; it stands in the core (NOTE-1).
///
/// # Errors
/// See [`of_release`].
pub fn entry(blocks: &dyn ReadBlocks, release: &Release) -> Result<Option<Entry>, ReadFault> {
    let (Ok(path), Some(core)) = (Path::new(GATE_NOTE), release.part(CORE)) else {
        return Ok(None);
    };
    tree::get(blocks, core, &path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(path: &str, why: &str) -> Passed {
        Passed { path: path.into(), field: None, code: "phone".into(), count: 1, why: why.into() }
    }

    #[test]
    fn the_same_list_gives_the_same_bytes() {
        let (a, b) = (passed("a", "one"), passed("b", "two"));
        let one = encode(vec![a.clone(), b.clone(), a.clone()]).unwrap();
        assert_eq!(one, encode(vec![b.clone(), a.clone()]).unwrap());
        assert_eq!(decode(&one).unwrap(), [a, b]);
    }

    #[test]
    fn what_is_not_a_note_is_not_read() {
        for text in [
            "{}",
            r#"{"format":2,"overrides":[]}"#,
            r#"{"format":1,"overrides":[{"path":"a","code":"x","count":1,"why":"w","more":1}]}"#,
            r#"{"format":1,"overrides":[{"path":"a","code":"x","why":"w"}]}"#,
            r#"{"format":1,"overrides":[{"path":"a","code":"x","count":0,"why":"w"}]}"#,
            r#"{"format":1,"overrides":[{"path":"a\u202eb","code":"x","count":1,"why":"w"}]}"#,
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(encode(vec![passed("a", &"x".repeat(70_000))]), None);
    }
}
