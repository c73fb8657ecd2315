//! What a home has of an archive, so that another can leave it out (spec: have.md).
//!
//! A have file says what is **lacking**, never what is held, so that its one inexact part can only make a
//! sender write too much. Nothing in it is signed, and nothing is trusted because of it.

use crate::ids::{ArchiveId, BlockId, Codec, Hash};
use crate::limits::{MAX_HAVE_BLOCKS, MAX_HAVE_BYTES, MAX_HAVE_NODES, MAX_HAVE_STATES, MAX_PARTS};
use crate::reject::Reject;
use crate::release::is_part_name;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::BTreeSet;

/// Bytes of a hash by which structure is named (HAVE-3).
const NODE_BYTES: usize = 8;
/// Rice parameter: one in 2^8 blocks that are held seems to lack (HAVE-4).
const RICE: u32 = 8;

/// A have file. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Have {
    /// Always `have`.
    pub kind: String,
    /// The parts that are wanted; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want: Option<Vec<String>>,
    /// Version of the format.
    pub format: u64,
    /// What is here of which release: none, the trusted one, and the one that is shown if it is another.
    pub states: Vec<HaveState>,
    /// The archive.
    pub archive: ArchiveId,
}

/// What is here of one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HaveState {
    /// Parts of which something is known, ascending by name. Of others nothing is said.
    pub parts: Vec<HavePart>,
    /// Hash of the release payload.
    pub release: Hash,
    /// Its number.
    pub sequence: u64,
}

/// What is here of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HavePart {
    /// Name of the part.
    pub name: String,
    /// What is known to lack; absent when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Lacks>,
}

/// The blocks that are lacking, of those that are known by name (HAVE-3, HAVE-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacks(
    /// First 8 bytes of the hash of each lacking structure block, ascending.
    ByteBuf,
    /// Number of lacking content blocks.
    u64,
    /// Their Golomb-Rice coded set.
    ByteBuf,
);

impl Lacks {
    /// The set of `lacking` blocks; `None` when there are more than a have file holds (HAVE-5).
    pub fn of<'a>(lacking: impl IntoIterator<Item = &'a BlockId>) -> Option<Self> {
        let (mut nodes, mut blocks) = (BTreeSet::new(), Vec::new());
        for id in lacking {
            match id.codec {
                Codec::DagCbor => drop(nodes.insert(short(&id.hash))),
                Codec::Raw => blocks.push(id.hash),
            }
            if nodes.len() > MAX_HAVE_NODES || blocks.len() > MAX_HAVE_BLOCKS {
                return None;
            }
        }
        blocks.sort();
        blocks.dedup();
        let count = blocks.len() as u64;
        let mut places: Vec<u64> = blocks.iter().map(|hash| place(hash, count)).collect();
        places.sort_unstable();
        let nodes: Vec<u8> = nodes.into_iter().flatten().collect();
        Some(Self(ByteBuf::from(nodes), count, ByteBuf::from(write_rice(&places))))
    }

    /// Reads the set.
    ///
    /// # Errors
    /// `HAVE-3` and `HAVE-4` for what [`Lacks::of`] would not write.
    pub fn open(&self) -> Result<LackSet, Reject> {
        let bad = Reject::new("HAVE-3", "not a list of structure blocks");
        let (nodes, rest) = self.0.as_chunks::<NODE_BYTES>();
        if !rest.is_empty() || nodes.len() > MAX_HAVE_NODES || !nodes.is_sorted_by(|a, b| a < b) {
            return Err(bad);
        }
        if self.1 > MAX_HAVE_BLOCKS as u64 || (nodes.is_empty() && self.1 == 0) {
            return Err(Reject::new("HAVE-4", "too many blocks, or none at all"));
        }
        let places = read_rice(&self.2, self.1)?;
        Ok(LackSet { nodes: nodes.to_vec(), places, count: self.1 })
    }

    /// Length when encoded, about.
    pub fn len(&self) -> usize {
        self.0.len() + self.2.len() + 3 * 9
    }

    /// True when nothing is lacking.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty() && self.1 == 0
    }
}

/// What is lacking, to be asked.
#[derive(Debug, Clone)]
pub struct LackSet {
    nodes: Vec<[u8; NODE_BYTES]>,
    places: Vec<u64>,
    count: u64,
}

impl LackSet {
    /// True for every block that is lacking; for one of content that is not, true in 1 of 256 cases
    /// (HAVE-4), for one of structure as good as never.
    pub fn contains(&self, id: &BlockId) -> bool {
        match id.codec {
            Codec::DagCbor => self.nodes.binary_search(&short(&id.hash)).is_ok(),
            Codec::Raw => {
                self.count > 0 && self.places.binary_search(&place(&id.hash, self.count)).is_ok()
            }
        }
    }
}

fn short(hash: &Hash) -> [u8; NODE_BYTES] {
    let mut out = [0; NODE_BYTES];
    out.copy_from_slice(&hash.0[..NODE_BYTES]);
    out
}

/// Where a hash falls among `count` times 256 places.
fn place(hash: &Hash, count: u64) -> u64 {
    let number = u64::from_be_bytes(short(hash));
    ((u128::from(number) * u128::from(count << RICE)) >> 64) as u64
}

fn write_rice(places: &[u64]) -> Vec<u8> {
    let (mut out, mut used, mut before) = (Vec::new(), 8, 0);
    let mut push = |bit: bool| {
        if used == 8 {
            out.push(0);
            used = 0;
        }
        if bit && let Some(last) = out.last_mut() {
            *last |= 0x80 >> used;
        }
        used += 1;
    };
    for place in places {
        let step = place - before;
        before = *place;
        (0..step >> RICE).for_each(|_| push(true));
        push(false);
        (0..RICE).rev().for_each(|bit| push(step >> bit & 1 == 1));
    }
    out
}

/// The places of `count` blocks. The bytes bound what is read: each place takes 9 bits at least.
fn read_rice(bytes: &[u8], count: u64) -> Result<Vec<u64>, Reject> {
    let bad = Reject::new("HAVE-4", "not the code of a set");
    let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1 == 1));
    let (mut places, mut at) = (Vec::new(), 0u64);
    for _ in 0..count {
        while bits.next().ok_or(bad.clone())? {
            at += 1 << RICE;
        }
        let mut low = 0;
        for _ in 0..RICE {
            low = low << 1 | u64::from(bits.next().ok_or(bad.clone())?);
        }
        at += low;
        places.push(at);
    }
    let rest: Vec<bool> = bits.take(8).collect();
    if rest.len() >= 8 || rest.contains(&true) || at >= (count << RICE).max(1) {
        return Err(bad);
    }
    Ok(places)
}

impl Have {
    /// A have file. States beyond the second are left out.
    pub fn new(archive: ArchiveId, want: Option<Vec<String>>, mut states: Vec<HaveState>) -> Self {
        states.truncate(MAX_HAVE_STATES);
        Self { kind: "have".into(), want, format: crate::cbor::FORMAT, states, archive }
    }

    /// Decodes a have file and checks all of it.
    ///
    /// # Errors
    /// Encoding clauses, `HAVE-1` to `HAVE-4`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let have: Self = crate::cbor::decode(bytes, MAX_HAVE_BYTES)?;
        crate::cbor::check_format(have.format, "HAVE-1")?;
        let bad = Err(Reject::new("HAVE-1", "not a have file"));
        if have.kind != "have" || have.states.len() > MAX_HAVE_STATES {
            return bad;
        }
        if have.want.as_ref().is_some_and(|want| !are_parts(want.iter())) {
            return bad;
        }
        if !have.states.is_sorted_by(|a, b| a.sequence > b.sequence) {
            return Err(Reject::new("HAVE-2", "releases out of order"));
        }
        for state in &have.states {
            if state.sequence == 0 || !are_parts(state.parts.iter().map(|part| &part.name)) {
                return Err(Reject::new("HAVE-2", "not the state of a release"));
            }
            for lacks in state.parts.iter().filter_map(|part| part.lacks.as_ref()) {
                lacks.open()?;
            }
        }
        Ok(have)
    }

    /// The encoded file.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }

    /// The same, with the parts forgotten that take most, until it is short enough (HAVE-5).
    pub fn encode_bounded(mut self) -> Vec<u8> {
        loop {
            let bytes = self.encode();
            let parts = self.states.iter().enumerate().flat_map(|(n, state)| {
                state.parts.iter().enumerate().map(move |(m, part)| (part, n, m))
            });
            let longest = parts.max_by_key(|(part, ..)| part.lacks.as_ref().map(Lacks::len));
            let Some((_, state, part)) = longest.filter(|_| bytes.len() > MAX_HAVE_BYTES) else {
                return bytes;
            };
            self.states[state].parts.remove(part);
        }
    }
}

/// True for names of parts, ascending, each once, not too many.
fn are_parts<'a>(names: impl Iterator<Item = &'a String>) -> bool {
    let names: Vec<_> = names.collect();
    names.len() <= MAX_PARTS
        && names.is_sorted_by(|a, b| a < b)
        && names.iter().all(|name| is_part_name(name))
}

#[cfg(test)]
#[path = "have_tests.rs"]
mod tests;
