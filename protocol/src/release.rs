//! The signed state of an archive (spec: trust.md, "Structures").

use crate::ids::{ArchiveId, BlockId, Hash};
use crate::limits::{MAX_PARTS, MAX_PAYLOAD_BYTES, MAX_WITHDRAWN};
use crate::reject::Reject;
use crate::withdraw::{self, Withdrawal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Prefix of the paths that are records.
pub const RECORDS_PREFIX: &str = "records/";
/// Name of the first part, which is a complete memorial alone.
pub const CORE: &str = "core";

/// Path of the file that says what the maintainers let pass the privacy gate (spec: notes.md).
pub const GATE_NOTE: &str = "release-notes/gate.json";

/// A named tier of a release, with a tree of its own. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// 1 to 32 of `a-z 0-9 -`.
    pub name: String,
    /// Root node of the part's tree.
    pub root: BlockId,
    /// Sum of the sizes of its files.
    pub bytes: u64,
    /// Number of its files.
    pub files: u64,
}

/// What is signed: one numbered state of the archive. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// UTC day, `YYYY-MM-DD`. Shown, never compared with a clock.
    pub date: String,
    /// Always `release`.
    pub kind: String,
    /// Hash of the payload of the release before; absent in sequence 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Hash>,
    /// In the order in which nodes fetch them; the first is `core`.
    pub parts: Vec<Part>,
    /// Version of the format.
    pub format: u64,
    /// The archive this is a release of.
    pub archive: ArchiveId,
    /// Number of entries under `records/`.
    pub records: u64,
    /// 1 for the first release, then one more each.
    pub sequence: u64,
    /// All that was ever withdrawn, as far as the signers know (WD-4); ascending, each item once.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "some_withdrawn")]
    pub withdrawn: Vec<Withdrawal>,
    /// Version of the trust root whose release role signs this.
    #[serde(rename = "root-version")]
    pub root_version: u64,
}

impl Release {
    /// Decodes and checks a release payload by itself (not its signatures).
    ///
    /// # Errors
    /// Encoding clauses, `TRUST-9` for sequence and `prev`, `TRUST-6` for the rest of its form.
    pub fn decode(payload: &[u8]) -> Result<Self, Reject> {
        let release: Self = crate::cbor::decode(payload, MAX_PAYLOAD_BYTES)?;
        release.check()?;
        Ok(release)
    }

    /// Checks the form.
    ///
    /// # Errors
    /// See [`Release::decode`].
    pub fn check(&self) -> Result<(), Reject> {
        crate::cbor::check_format(self.format, "TRUST-6")?;
        if self.sequence == 0 || (self.sequence == 1) != self.prev.is_none() {
            return Err(Reject::new("TRUST-9", "sequence and predecessor do not fit"));
        }
        if self.kind != "release" {
            return Err(Reject::new("TRUST-6", "not a release"));
        }
        if !is_date(&self.date) {
            return Err(Reject::new("TRUST-6", "a date is YYYY-MM-DD"));
        }
        let names: BTreeSet<_> = self.parts.iter().map(|p| p.name.as_str()).collect();
        if names.len() != self.parts.len() || self.parts.len() > MAX_PARTS {
            return Err(Reject::new("TRUST-6", "too many parts or a part twice"));
        }
        if self.parts.first().is_none_or(|p| p.name != CORE) {
            return Err(Reject::new("TRUST-6", "the first part is core"));
        }
        if !names.iter().all(|n| is_part_name(n)) {
            return Err(Reject::new("TRUST-6", "a part name is 1 to 32 of a-z 0-9 -"));
        }
        withdraw::check_list(&self.withdrawn, MAX_WITHDRAWN)?;
        if self.withdrawn.iter().any(|w| w.sequence > self.sequence) {
            return Err(Reject::new("WD-2", "a withdrawal of a later release"));
        }
        if self.parts.iter().any(|p| p.root.codec != crate::Codec::DagCbor) {
            return Err(Reject::new("TRUST-6", "the root of a part is structure"));
        }
        Ok(())
    }

    /// The encoded payload.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }

    /// The part called `name`.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|p| p.name == name)
    }
}

/// True for an allowed part name.
pub fn is_part_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A list that is there has something in it (ENC-6).
fn some_withdrawn<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<Withdrawal>, D::Error> {
    let list = Vec::<Withdrawal>::deserialize(d)?;
    if list.is_empty() { Err(serde::de::Error::custom("an empty list")) } else { Ok(list) }
}

/// True for a day `YYYY-MM-DD` by its form.
pub(crate) fn is_date(text: &str) -> bool {
    let b = text.as_bytes();
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(0);
    b.len() == 10
        && b.iter().enumerate().all(|(i, c)| match i {
            4 | 7 => *c == b'-',
            _ => c.is_ascii_digit(),
        })
        && (1..=12).contains(&number(5, 7))
        && (1..=31).contains(&number(8, 10))
}
