//! Drafts: acts of the maintainers on their way from signer to signer (spec: draft.md).
//!
//! A draft is a small file: what is to be signed, the signatures so far, and as many blocks as it takes
//! to tell what the act changes on a machine that has only the release before, or nothing.
//! `check` reads one, `review` says what it changes, `back` what it takes back, `names` what it withdraws, `pack` chooses its blocks, `merge` joins two.

mod back;
mod check;
mod merge;
mod names;
mod pack;
mod review;

pub use back::{Back, back};
pub use check::{Body, Checked, Quorum};
pub use merge::{Difference, Unlike, differences, merge};
pub use names::{Names, names};
pub use pack::{Packing, pack};
pub use review::{FileChange, Kind, Review, Side, review};

use serde::{Deserialize, Serialize};
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::cbor;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::{BlockId, Hash, Reject};

/// A draft, in bytes (DRAFT-1).
pub const MAX_DRAFT_BYTES: usize = 64 << 20;
/// The content of one changed record that a draft carries, in bytes (DRAFT-7).
pub const MAX_RECORD_BYTES: u64 = 64 << 10;
/// The content of all changed records that a draft carries, in bytes (DRAFT-7).
pub const MAX_RECORDS_BYTES: usize = 16 << 20;

/// What a draft is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A release.
    Release,
    /// A version of the trust root.
    TrustRoot,
    /// An urgent notice.
    Notice,
}

impl Act {
    /// The word of the format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::TrustRoot => "trust-root",
            Self::Notice => "notice",
        }
    }
}

/// A block with its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block(pub BlockId, #[serde(with = "serde_bytes")] pub Vec<u8>);

/// A draft as it is written. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What it is to become.
    pub act: Act,
    /// Always `draft`.
    pub kind: String,
    /// The head whose release the act follows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    pub prev: Option<Vec<u8>>,
    /// The trust roots in force; none for the first trust root.
    pub roots: Vec<Envelope>,
    /// Ascending by id, each once.
    pub blocks: Vec<Block>,
    /// Version of the format.
    pub format: u64,
    /// What is signed, and the signatures so far.
    pub signed: Envelope,
}

impl Draft {
    /// A draft that nobody has signed yet.
    pub fn new(
        act: Act,
        payload: Vec<u8>,
        roots: Vec<Envelope>,
        prev: Option<Vec<u8>>,
        blocks: Vec<Block>,
    ) -> Self {
        let signed = Envelope::unsigned(payload);
        Self { act, kind: "draft".into(), prev, roots, blocks, format: cbor::FORMAT, signed }
    }

    /// Decodes a draft; [`Checked::read`] also checks it.
    ///
    /// # Errors
    /// Encoding clauses, `DRAFT-1`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let draft: Self = cbor::decode(bytes, MAX_DRAFT_BYTES)?;
        cbor::check_format(draft.format, "DRAFT-1")?;
        if draft.kind != "draft" {
            return Err(Reject::new("DRAFT-1", "not a draft"));
        }
        Ok(draft)
    }

    /// The encoded draft.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

/// What people compare by voice: 16 characters of the hash of the bytes to sign (DRAFT-11).
pub fn sign_chars(payload: &[u8]) -> String {
    yadgar_protocol::ids::base32(&Hash::of(payload).0[..10])
}

/// Blocks of a draft first, then those of a store.
pub struct Over<'a>(pub &'a dyn ReadBlocks, pub Option<&'a dyn ReadBlocks>);

impl ReadBlocks for Over<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        match (self.0.block(id)?, self.1) {
            (None, Some(store)) => store.block(id),
            (found, _) => Ok(found),
        }
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
