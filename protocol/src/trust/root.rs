//! The trust root: keys and thresholds of two roles, versioned (TRUST-2 to TRUST-5).

use crate::envelope::{Context, Envelope};
use crate::ids::{ArchiveId, Hash, PublicKey};
use crate::limits::{MAX_NAME_BYTES, MAX_PAYLOAD_BYTES, MAX_ROLE_KEYS, MAX_ROOTS};
use crate::path::is_plain_text;
use crate::reject::Reject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Keys that may act, and how many of them must agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Ascending, each once.
    pub keys: Vec<PublicKey>,
    /// How many different keys must sign, 1 to `keys.len()`.
    pub threshold: u64,
}

impl Role {
    /// A role of `keys`, sorted.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>, threshold: u64) -> Self {
        let keys: BTreeSet<_> = keys.into_iter().collect();
        Self { keys: keys.into_iter().collect(), threshold }
    }

    fn check(&self) -> Result<(), Reject> {
        let count = self.keys.len();
        let ordered = self.keys.is_sorted_by(|a, b| a < b);
        if !(1..=MAX_ROLE_KEYS).contains(&count) || !ordered {
            return Err(Reject::new("TRUST-3", "a role has 1 to 16 keys, ascending, each once"));
        }
        if self.threshold == 0 || self.threshold > count as u64 {
            return Err(Reject::new("TRUST-3", "a threshold is 1 to the number of keys"));
        }
        Ok(())
    }

    /// The keys as a set.
    pub fn key_set(&self) -> BTreeSet<PublicKey> {
        self.keys.iter().copied().collect()
    }

    /// True when enough of the role's keys are among `signers` (ENV-6).
    pub fn agrees(&self, signers: &BTreeSet<PublicKey>) -> bool {
        self.keys.iter().filter(|k| signers.contains(k)).count() as u64 >= self.threshold
    }
}

/// The release from which an archive goes on: its sequence and the hash of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base(pub u64, pub Hash);

/// Who may sign for an archive. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustRoot {
    /// The release from which the archive goes on under this trust root; absent in version 1, and
    /// when there was no release yet (TRUST-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Always `trust-root`.
    pub kind: String,
    /// Name of the archive, for people.
    pub name: String,
    /// Hash of the payload of the version before; absent in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Hash>,
    /// Who may change the trust root.
    pub root: Role,
    /// 16 random bytes, in version 1 only: two archives of the same keys differ.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nonce")]
    pub nonce: Option<[u8; 16]>,
    /// Version of the format.
    pub format: u64,
    /// The archive; absent in version 1, whose hash it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveId>,
    /// Who may sign releases.
    pub release: Role,
    /// 1, then one more each time.
    pub version: u64,
}

mod nonce {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(v: &Option<[u8; 16]>, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(v.as_ref().map_or(&[], |b| b))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<[u8; 16]>, D::Error> {
        crate::cbor::bytes_array::deserialize(d).map(Some)
    }
}

impl TrustRoot {
    /// Version 1 of a new archive's trust root.
    pub fn first(name: &str, root: Role, release: Role, nonce: [u8; 16]) -> Self {
        Self {
            base: None,
            kind: "trust-root".into(),
            name: name.into(),
            prev: None,
            root,
            nonce: Some(nonce),
            format: crate::cbor::FORMAT,
            archive: None,
            release,
            version: 1,
        }
    }

    /// Decodes and checks a trust root payload by itself (not its signatures).
    ///
    /// # Errors
    /// Encoding clauses; `TRUST-2`, `TRUST-3`, `TRUST-5`.
    pub fn decode(payload: &[u8]) -> Result<Self, Reject> {
        let root: Self = crate::cbor::decode(payload, MAX_PAYLOAD_BYTES)?;
        root.check()?;
        Ok(root)
    }

    /// Checks the form.
    ///
    /// # Errors
    /// See [`TrustRoot::decode`].
    pub fn check(&self) -> Result<(), Reject> {
        crate::cbor::check_format(self.format, "TRUST-2")?;
        if self.kind != "trust-root" {
            return Err(Reject::new("TRUST-2", "not a trust root"));
        }
        let first = self.version == 1;
        let fits = self.prev.is_none() == first
            && self.archive.is_none() == first
            && self.nonce.is_some() == first;
        if self.version == 0 || !fits {
            return Err(Reject::new("TRUST-5", "version and fields of a trust root do not fit"));
        }
        if self.base.is_some_and(|base| first || base.0 == 0) {
            return Err(Reject::new("TRUST-18", "a base where there can be no release"));
        }
        let name = &self.name;
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !is_plain_text(name) {
            return Err(Reject::new("TRUST-2", "an archive name is 1 to 200 bytes of plain text"));
        }
        self.root.check()?;
        self.release.check()
    }

    /// The encoded payload.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}

/// Checks a list of signed trust roots from version 1 on, and gives them decoded.
///
/// # Errors
/// `TRUST-2` to `TRUST-5` and the envelope clauses.
pub fn check_chain(archive: &ArchiveId, roots: &[Envelope]) -> Result<Vec<TrustRoot>, Reject> {
    if roots.is_empty() || roots.len() > MAX_ROOTS {
        return Err(Reject::new("TRUST-1", "a head has 1 to 256 trust roots"));
    }
    let mut chain: Vec<TrustRoot> = Vec::new();
    for envelope in roots {
        let root = match chain.last() {
            None => check_first(archive, envelope)?,
            Some(before) => {
                let prev = roots[chain.len() - 1].payload_hash();
                check_next(archive, before, prev, envelope)?
            }
        };
        chain.push(root);
    }
    Ok(chain)
}

fn check_first(archive: &ArchiveId, envelope: &Envelope) -> Result<TrustRoot, Reject> {
    if envelope.payload_hash() != archive.0 {
        return Err(Reject::new("TRUST-2", "the trust root of another archive"));
    }
    let root = TrustRoot::decode(&envelope.payload)?;
    if root.version != 1 {
        return Err(Reject::new("TRUST-2", "the first trust root has version 1"));
    }
    let signers = envelope.signers(Context::TrustRoot, archive, &root.root.key_set())?;
    if !root.root.agrees(&signers) {
        return Err(Reject::new("TRUST-4", "too few signatures on the first trust root"));
    }
    Ok(root)
}

fn check_next(
    archive: &ArchiveId,
    before: &TrustRoot,
    prev: Hash,
    envelope: &Envelope,
) -> Result<TrustRoot, Reject> {
    let root = TrustRoot::decode(&envelope.payload)?;
    let follows = root.version == before.version + 1
        && root.prev == Some(prev)
        && root.archive.as_ref() == Some(archive);
    if !follows {
        return Err(Reject::new("TRUST-5", "a trust root that does not follow the one before"));
    }
    let settled = |root: &TrustRoot| root.base.map_or(0, |base| base.0);
    let same = settled(&root) == settled(before);
    if settled(&root) < settled(before) || (same && root.base != before.base) {
        return Err(Reject::new("TRUST-18", "a base that goes back"));
    }
    let allowed = before.root.key_set().union(&root.root.key_set()).copied().collect();
    let signers = envelope.signers(Context::TrustRoot, archive, &allowed)?;
    if !before.root.agrees(&signers) || !root.root.agrees(&signers) {
        return Err(Reject::new("TRUST-5", "too few signatures for a change of the trust root"));
    }
    Ok(root)
}
