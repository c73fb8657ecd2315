//! The file: `MAGIC`, BLAKE3 of what follows, the rules of the gate, then line by line.

use super::Line;
use crate::publish::stamp::Stamp;
use yadgar_protocol::tree::Content;
use yadgar_protocol::{BlockId, Codec, Hash};

/// Another form has another number. So has another way of cutting files, which would give them other content.
const MAGIC: &[u8; 16] = b"yadgar files 1\n\0";
/// Stands for what the gate did not see.
const UNSEEN: u32 = u32::MAX;

/// The bytes of the file. A path longer than any can be is left out.
pub fn encode(rules: Option<Hash>, lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + lines.len() * 192);
    out.extend(MAGIC);
    out.extend([0; 32]);
    out.push(u8::from(rules.is_some()));
    out.extend(rules.map_or([0; 32], |hash| hash.0));
    for line in lines {
        let Ok(length) = u16::try_from(line.path.len()) else { continue };
        out.extend(length.to_le_bytes());
        out.extend(line.path.as_bytes());
        line.stamp.encode(&mut out);
        match line.content {
            Content::Block(id) => {
                out.push(0);
                out.extend(id.hash.0);
            }
            Content::List { root, hash } => {
                out.push(1);
                out.extend(root.hash.0);
                out.extend(hash.0);
            }
        }
        let seen = line.seen.as_deref().filter(|_| rules.is_some());
        let length = seen.and_then(|seen| u32::try_from(seen.len()).ok()).unwrap_or(UNSEEN);
        out.extend(length.to_le_bytes());
        if length != UNSEEN {
            out.extend(seen.unwrap_or_default());
        }
    }
    let start = MAGIC.len() + 32;
    let sum = Hash::of(&out[start..]);
    out[MAGIC.len()..start].copy_from_slice(&sum.0);
    out
}

/// What [`encode`] wrote; `None` for anything else.
pub fn decode(bytes: &[u8]) -> Option<(Option<Hash>, Vec<Line>)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (sum, body) = rest.split_first_chunk::<32>()?;
    if Hash::of(body).0 != *sum {
        return None;
    }
    let mut left = Left(body);
    let has_rules = left.number::<1>()? == [1];
    let rules = left.hash()?;
    let mut lines: Vec<Line> = Vec::new();
    while !left.0.is_empty() {
        let line = left.line()?;
        if lines.last().is_some_and(|last| last.path >= line.path) {
            return None;
        }
        lines.push(line);
    }
    Some((has_rules.then_some(rules), lines))
}

/// What is not decoded yet.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn hash(&mut self) -> Option<Hash> {
        self.number().map(Hash)
    }

    fn line(&mut self) -> Option<Line> {
        let length = u16::from_le_bytes(self.number()?);
        let path = std::str::from_utf8(self.take(length.into())?).ok()?.to_owned();
        let stamp = Stamp::decode(&self.number()?);
        let content = match self.number::<1>()? {
            [0] => Content::Block(BlockId { codec: Codec::Raw, hash: self.hash()? }),
            [1] => {
                let root = BlockId { codec: Codec::DagCbor, hash: self.hash()? };
                Content::List { root, hash: self.hash()? }
            }
            _ => return None,
        };
        let seen = match u32::from_le_bytes(self.number()?) {
            UNSEEN => None,
            length => Some(self.take(usize::try_from(length).ok()?)?.to_vec()),
        };
        Some(Line { path, stamp, content, seen })
    }
}
