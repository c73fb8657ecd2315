//! Catalogs: which packs there are (STATIC-4).

use super::FileRef;
use crate::limits::{
    MAX_CATALOG_BYTES, MAX_CATALOG_PACKS, MAX_PACK_BLOCKS, MAX_PACK_BYTES, MAX_PACK_INDEX_BYTES,
    MAX_PARTS,
};
use crate::reject::Reject;
use crate::release::is_part_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Bytes of a catalog besides its packs, at most.
const FRAME_BYTES: usize = 64;

/// What a pack holds; a hint by which a reader chooses what to ask for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Release payloads, tree nodes, block lists.
    Structure,
    /// Blocks of files.
    Content,
}

/// A pack in a catalog. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRef {
    /// The pack.
    pub pack: FileRef,
    /// What it holds.
    pub holds: Holds,
    /// Its index.
    pub index: FileRef,
    /// Parts whose blocks it holds, ascending by name.
    pub parts: Vec<String>,
    /// How many blocks it holds.
    pub blocks: u64,
}

impl PackRef {
    fn is_good(&self) -> bool {
        self.pack.fits(MAX_PACK_BYTES)
            && self.index.fits(MAX_PACK_INDEX_BYTES)
            && (1..=MAX_PACK_BLOCKS as u64).contains(&self.blocks)
            && self.parts.len() <= MAX_PARTS
            && self.parts.is_sorted_by(|a, b| a < b)
            && self.parts.iter().all(|name| is_part_name(name))
    }
}

/// A list of packs. Not signed, and nothing is believed because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Always `static-catalog`.
    pub kind: String,
    /// The packs, in the order in which a reader that wants all of them asks for them.
    pub packs: Vec<PackRef>,
    /// Version of the format.
    pub format: u64,
}

impl Catalog {
    fn new(packs: Vec<PackRef>) -> Self {
        Self { kind: "static-catalog".into(), packs, format: crate::cbor::FORMAT }
    }

    /// The catalogs of these packs, in order, each of which is within the bounds.
    pub fn split(packs: Vec<PackRef>) -> Vec<Self> {
        let (mut out, mut open, mut bytes) = (Vec::new(), Vec::new(), FRAME_BYTES);
        for pack in packs {
            let length = crate::cbor::encode(&pack).len();
            if open.len() >= MAX_CATALOG_PACKS || bytes + length > MAX_CATALOG_BYTES {
                out.push(Self::new(std::mem::take(&mut open)));
                bytes = FRAME_BYTES;
            }
            bytes += length;
            open.push(pack);
        }
        if !open.is_empty() {
            out.push(Self::new(open));
        }
        out
    }

    /// Decodes a catalog and checks its form.
    ///
    /// # Errors
    /// Encoding clauses, `STATIC-4`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let this: Self = crate::cbor::decode(bytes, MAX_CATALOG_BYTES)?;
        crate::cbor::check_format(this.format, "STATIC-4")?;
        let mut names = BTreeSet::new();
        let good = this.kind == "static-catalog"
            && (1..=MAX_CATALOG_PACKS).contains(&this.packs.len())
            && this.packs.iter().all(|pack| pack.is_good() && names.insert(pack.pack.hash));
        if good { Ok(this) } else { Err(Reject::new("STATIC-4", "not a catalog")) }
    }

    /// The encoded catalog.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}
