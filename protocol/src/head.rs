//! The head: the newest release with the chain of trust roots (spec: trust.md, "Structures").

use crate::envelope::Envelope;
use crate::ids::BlockId;
use crate::limits::MAX_HEAD_BYTES;
use crate::reject::Reject;
use serde::{Deserialize, Serialize};

/// All that is needed to check the newest release. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Block id of the release payload, so that generic IPLD tools can walk the archive.
    pub link: BlockId,
    /// Trust roots from version 1 on.
    pub roots: Vec<Envelope>,
    /// Version of the format.
    pub format: u64,
    /// The signed release.
    pub release: Envelope,
}

impl Head {
    /// A head of signed parts.
    pub fn new(roots: Vec<Envelope>, release: Envelope) -> Self {
        let link = BlockId::dag_cbor(&release.payload);
        Self { link, roots, format: crate::cbor::FORMAT, release }
    }

    /// Decodes a head; its signatures and contents are checked by [`crate::trust::check_head`].
    ///
    /// # Errors
    /// Encoding clauses (TRUST-1).
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let head: Self = crate::cbor::decode(bytes, MAX_HEAD_BYTES)?;
        crate::cbor::check_format(head.format, "TRUST-1")?;
        Ok(head)
    }

    /// The encoded head.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }

    /// Block id of the encoded head.
    pub fn id(&self) -> BlockId {
        BlockId::dag_cbor(&self.encode())
    }
}
