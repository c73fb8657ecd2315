//! The bulletin as bytes: what must be known of an archive before its content is fetched (withdraw.md).

use serde::{Deserialize, Serialize};
use yadgar_protocol::cbor;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::limits::{MAX_BETWEEN, MAX_BULLETIN_BYTES, MAX_NOTICES, MAX_ROOTS};
use yadgar_protocol::{Hash, Reject};

/// See the module. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulletin {
    /// The proof of a fork that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<Fork>,
    kind: String,
    format: u64,
    /// Notices that are passed on, at most 64.
    pub notices: Vec<Envelope>,
}

/// A fork proof (trust.md, "Fork"), by its form only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    kind: String,
    roots: Vec<Envelope>,
    format: u64,
    archive: Hash,
    branches: [Branch; 2],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Branch {
    between: Vec<serde_bytes::ByteBuf>,
    release: Envelope,
}

impl Bulletin {
    /// A bulletin with these notices, as many as there is room for.
    pub fn new(notices: impl IntoIterator<Item = Envelope>) -> Self {
        let format = cbor::FORMAT;
        let mut new = Self { fork: None, kind: "bulletin".into(), format, notices: Vec::new() };
        let mut room = MAX_BULLETIN_BYTES.saturating_sub(cbor::encode(&new).len() + 8);
        for notice in notices {
            let bytes = cbor::encode(&notice).len();
            if bytes <= room && new.notices.len() < MAX_NOTICES {
                room -= bytes;
                new.notices.push(notice);
            }
        }
        new
    }

    /// The encoded bulletin.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Decodes a bulletin. What is in it is not checked.
    ///
    /// # Errors
    /// Encoding clauses; `WD-9` for one that is over a bound.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let bulletin: Self = cbor::decode(bytes, MAX_BULLETIN_BYTES)?;
        cbor::check_format(bulletin.format, "WD-9")?;
        let forks = bulletin.fork.iter();
        let bounded = |fork: &Fork| {
            fork.roots.len() <= MAX_ROOTS
                && fork.branches.iter().all(|b| b.between.len() <= MAX_BETWEEN)
        };
        let few = bulletin.notices.len() <= MAX_NOTICES && forks.into_iter().all(bounded);
        if bulletin.kind != "bulletin" || !few {
            return Err(Reject::new("WD-9", "not a bulletin"));
        }
        Ok(bulletin)
    }
}
