//! The static head (STATIC-3).

use super::FileRef;
use crate::ids::{ArchiveId, Hash};
use crate::limits::{
    MAX_BULLETIN_BYTES, MAX_CATALOG_BYTES, MAX_CATALOGS, MAX_HEAD_BYTES, MAX_STATIC_HEAD_BYTES,
};
use crate::reject::Reject;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// What a static mirror tells first. Not signed: the head in it is judged by the trust rules, the bulletin by its
/// own, and what the catalogs lead to by hashes. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticHead {
    /// The encoded head of the release that the mirror has.
    #[serde(with = "serde_bytes")]
    pub head: Vec<u8>,
    /// Always `static-head`.
    pub kind: String,
    /// The writer's note of what was left out as withdrawn (STATIC-9); nothing to readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Hash>,
    /// Version of the format.
    pub format: u64,
    /// The archive.
    pub archive: ArchiveId,
    /// The encoded bulletin, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulletin: Option<ByteBuf>,
    /// The catalogs, 1 to 16.
    pub catalogs: Vec<FileRef>,
}

impl StaticHead {
    /// A static head of these parts.
    pub fn new(
        archive: ArchiveId,
        head: Vec<u8>,
        bulletin: Option<Vec<u8>>,
        denied: Option<Hash>,
        catalogs: Vec<FileRef>,
    ) -> Self {
        let bulletin = bulletin.map(ByteBuf::from);
        let (kind, format) = ("static-head".into(), crate::cbor::FORMAT);
        Self { head, kind, denied, format, archive, bulletin, catalogs }
    }

    /// Decodes a static head and checks its form; head and bulletin are only bytes here.
    ///
    /// # Errors
    /// Encoding clauses, `STATIC-3`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let this: Self = crate::cbor::decode(bytes, MAX_STATIC_HEAD_BYTES)?;
        crate::cbor::check_format(this.format, "STATIC-3")?;
        let bulletin = this.bulletin.as_ref().map_or(1, |bulletin| bulletin.len());
        let good = this.kind == "static-head"
            && (1..=MAX_HEAD_BYTES).contains(&this.head.len())
            && (1..=MAX_BULLETIN_BYTES).contains(&bulletin)
            && (1..=MAX_CATALOGS).contains(&this.catalogs.len())
            && this.catalogs.iter().all(|catalog| catalog.fits(MAX_CATALOG_BYTES));
        if good { Ok(this) } else { Err(Reject::new("STATIC-3", "not a static head")) }
    }

    /// The encoded static head.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}
