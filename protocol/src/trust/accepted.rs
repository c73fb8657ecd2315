//! A head by itself: everything that can be checked without knowing what is trusted (TRUST-1 to TRUST-9,
//! TRUST-18, TRUST-19).

use super::root::{TrustRoot, check_chain};
use crate::envelope::{Context, Envelope};
use crate::head::Head;
use crate::ids::{ArchiveId, BlockId, Hash, PublicKey};
use crate::reject::Reject;
use crate::release::Release;
use std::collections::BTreeSet;

/// A head whose every signature was checked, with its parts decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The encoded head.
    pub bytes: Vec<u8>,
    /// The head.
    pub head: Head,
    /// Its trust roots.
    pub roots: Vec<TrustRoot>,
    /// Its release.
    pub release: Release,
    /// The release keys that signed it.
    pub signers: BTreeSet<PublicKey>,
}

impl Accepted {
    /// Hash of the release payload.
    pub fn release_hash(&self) -> Hash {
        self.head.release.payload_hash()
    }

    /// The trust root in force.
    pub fn trust_root(&self) -> &TrustRoot {
        &self.roots[self.roots.len() - 1]
    }

    /// Name of the archive.
    pub fn name(&self) -> &str {
        &self.trust_root().name
    }

    /// Sequence and hash of the base; 0 and `None` where the trust root names none.
    pub(super) fn base(&self) -> (u64, Option<Hash>) {
        self.trust_root().base.map_or((0, None), |base| (base.0, Some(base.1)))
    }

    /// Another release under the same trust roots. Its signatures were checked before.
    pub(super) fn sibling(&self, release: Envelope) -> Result<Self, Reject> {
        Self::of_parts(self.head.roots.clone(), self.roots.clone(), release)
    }

    /// The same head with other signatures on its trust roots, which were checked before.
    pub(super) fn with_roots(&self, roots: Vec<Envelope>) -> Result<Self, Reject> {
        Self::of_parts(roots, self.roots.clone(), self.head.release.clone())
    }

    fn of_parts(
        envelopes: Vec<Envelope>,
        roots: Vec<TrustRoot>,
        release: Envelope,
    ) -> Result<Self, Reject> {
        let decoded = Release::decode(&release.payload)?;
        let signers = release.signatures.iter().map(|signature| signature.0).collect();
        let head = Head::new(envelopes, release);
        Ok(Self { bytes: head.encode(), head, roots, release: decoded, signers })
    }
}

/// Checks a head by itself, as if nothing were trusted yet (TRUST-1 to TRUST-9, TRUST-18, TRUST-19).
///
/// # Errors
/// The clause that is broken.
pub fn check_head(archive: &ArchiveId, bytes: &[u8]) -> Result<Accepted, Reject> {
    let head = Head::decode(bytes)?;
    let roots = check_chain(archive, &head.roots)?;
    let (release, signers) = check_release(archive, &roots[roots.len() - 1], &head.release)?;
    if head.link != BlockId::dag_cbor(&head.release.payload) {
        return Err(Reject::new("TRUST-8", "the head points to another release"));
    }
    Ok(Accepted { bytes: bytes.to_vec(), head, roots, release, signers })
}

/// Checks a signed release under the trust root in force (TRUST-6, TRUST-7, TRUST-9, TRUST-19).
pub(super) fn check_release(
    archive: &ArchiveId,
    root: &TrustRoot,
    envelope: &Envelope,
) -> Result<(Release, BTreeSet<PublicKey>), Reject> {
    let release = Release::decode(&envelope.payload)?;
    if release.archive != *archive || release.root_version != root.version {
        return Err(Reject::new("TRUST-6", "a release of another archive or trust root"));
    }
    let signers = envelope.signers(Context::Release, archive, &root.release.key_set())?;
    if !root.release.agrees(&signers) {
        return Err(Reject::new("TRUST-7", "too few signatures on the release"));
    }
    if let Some(base) = root.base {
        let next = base.0.checked_add(1) == Some(release.sequence);
        if release.sequence <= base.0 || (next && release.prev != Some(base.1)) {
            return Err(Reject::new("TRUST-19", "a release that does not come after the base"));
        }
    }
    Ok((release, signers))
}

/// Decodes the payload of the release before `later` (TRUST-15).
pub(super) fn check_ancestor(payload: &[u8], later: &Release) -> Result<Release, Reject> {
    if later.prev != Some(Hash::of(payload)) {
        return Err(Reject::new("TRUST-15", "an ancestor with another hash"));
    }
    let release = Release::decode(payload)?;
    // Checked: an ancestor may say 2^64-1.
    let follows = release.sequence.checked_add(1) == Some(later.sequence);
    if release.archive != later.archive || !follows {
        return Err(Reject::new("TRUST-15", "an ancestor out of sequence"));
    }
    if release.root_version > later.root_version {
        return Err(Reject::new("TRUST-15", "an ancestor under a later trust root"));
    }
    Ok(release)
}

/// The one of two envelopes of one payload that is kept: the shorter, then the lower. So what is kept
/// does not depend on which came first (TRUST-26), and never grows.
pub(super) fn lesser<'a>(a: &'a Envelope, b: &'a Envelope) -> &'a Envelope {
    let size = |e: &Envelope| e.signatures.len();
    let bytes = |e: &Envelope| crate::cbor::encode(&e.signatures);
    if a.signatures == b.signatures || (size(a), bytes(a)) <= (size(b), bytes(b)) { a } else { b }
}
