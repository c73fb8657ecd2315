//! The fork proof: two signed releases of which neither is on the other's chain (TRUST-23).

use super::accepted::{check_ancestor, check_release};
use super::root::{TrustRoot, check_chain};
use crate::envelope::Envelope;
use crate::head::Head;
use crate::ids::{ArchiveId, Hash};
use crate::limits::{MAX_BETWEEN, MAX_FORK_BYTES};
use crate::reject::Reject;
use crate::release::Release;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// One side of a fork. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Payloads from the predecessor of `release` back to the first one after the agreed release,
    /// newest first.
    pub between: Vec<ByteBuf>,
    /// The signed release.
    pub release: Envelope,
}

impl Branch {
    /// Payload of the first release after the agreed one.
    pub fn first(&self) -> &[u8] {
        self.between.last().map_or(&self.release.payload, |payload| payload.as_slice())
    }
}

/// A proof that stands by itself, as it is kept and passed on. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// Always `fork`.
    pub kind: String,
    /// Trust roots from version 1 on.
    pub roots: Vec<Envelope>,
    /// Version of the format.
    pub format: u64,
    /// The archive.
    pub archive: ArchiveId,
    /// In ascending order of (sequence, payload hash) of their signed releases.
    pub branches: [Branch; 2],
}

/// The last release on the chains of both branches; sequence 0 and no hash when they differ from the
/// first release on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Its sequence.
    pub sequence: u64,
    /// Hash of its payload.
    pub hash: Option<Hash>,
}

/// A fork proof whose every signature and link was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedFork {
    /// The proof.
    pub fork: Fork,
    /// The proof, encoded: what is kept as a file and passed on.
    pub bytes: Vec<u8>,
    /// The last release that both branches have.
    pub agreed: Agreed,
    /// The signed releases of the branches.
    pub releases: [Release; 2],
    /// Hashes of the first releases after the agreed one.
    pub firsts: [Hash; 2],
}

impl Fork {
    /// Decodes a proof; [`Fork::check`] checks it.
    ///
    /// # Errors
    /// Encoding clauses, `TRUST-23` for what is no proof by its form.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let fork: Self = crate::cbor::decode(bytes, MAX_FORK_BYTES)?;
        fork.form()?;
        Ok(fork)
    }

    /// The encoded proof.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }

    /// Checks the form, not what is signed.
    ///
    /// # Errors
    /// `ENC-9`, `TRUST-23`.
    pub fn form(&self) -> Result<(), Reject> {
        crate::cbor::check_format(self.format, "TRUST-23")?;
        if self.kind != "fork" || self.branches.iter().any(|b| b.between.len() > MAX_BETWEEN) {
            return Err(Reject::new("TRUST-23", "not a fork proof"));
        }
        Ok(())
    }

    /// Checks the proof by itself (TRUST-23).
    ///
    /// # Errors
    /// The clause that is broken.
    pub fn check(&self, archive: &ArchiveId) -> Result<CheckedFork, Reject> {
        self.form()?;
        if self.archive != *archive {
            return Err(Reject::new("TRUST-23", "a fork of another archive"));
        }
        let bytes = self.encode();
        if bytes.len() > MAX_FORK_BYTES {
            return Err(Reject::new("ENC-1", "longer than allowed"));
        }
        let roots = check_chain(archive, &self.roots)?;
        let root = &roots[roots.len() - 1];
        let [a, b] = &self.branches;
        let (one, first_one) = check_branch(archive, root, a)?;
        let (two, first_two) = check_branch(archive, root, b)?;
        let key =
            |release: &Release, branch: &Branch| (release.sequence, branch.release.payload_hash());
        if key(&one, a) >= key(&two, b) {
            return Err(Reject::new("TRUST-23", "branches out of order"));
        }
        let firsts = [Hash::of(a.first()), Hash::of(b.first())];
        let same = first_one.sequence == first_two.sequence && first_one.prev == first_two.prev;
        if !same || firsts[0] == firsts[1] {
            return Err(Reject::new("TRUST-23", "branches that do not part here"));
        }
        let agreed = Agreed { sequence: first_one.sequence - 1, hash: first_one.prev };
        if let Some(base) = root.base
            && (agreed.sequence < base.0
                || (agreed.sequence == base.0 && agreed.hash != Some(base.1)))
        {
            return Err(Reject::new("TRUST-23", "a fork below the base"));
        }
        Ok(CheckedFork { fork: self.clone(), bytes, agreed, releases: [one, two], firsts })
    }
}

impl CheckedFork {
    /// A proof of two branches whose signatures and links were checked before, in order.
    ///
    /// # Errors
    /// `TRUST-28` when it is over the bounds.
    pub(super) fn of_parts(
        archive: &ArchiveId,
        roots: Vec<Envelope>,
        branches: [Branch; 2],
        agreed: Agreed,
    ) -> Result<Self, Reject> {
        let out = Reject::new("TRUST-28", "a fork that cannot be proven within the bounds");
        let releases = [
            Release::decode(&branches[0].release.payload)?,
            Release::decode(&branches[1].release.payload)?,
        ];
        let firsts = [Hash::of(branches[0].first()), Hash::of(branches[1].first())];
        let kind = "fork".to_owned();
        let fork = Fork { kind, roots, format: crate::cbor::FORMAT, archive: *archive, branches };
        let bytes = fork.encode();
        if fork.form().is_err() || bytes.len() > MAX_FORK_BYTES {
            return Err(out);
        }
        Ok(Self { fork, bytes, agreed, releases, firsts })
    }

    /// The two encoded heads that the proof stands for (TRUST-26).
    pub fn heads(&self) -> [Vec<u8>; 2] {
        let head = |at: usize| {
            Head::new(self.fork.roots.clone(), self.fork.branches[at].release.clone()).encode()
        };
        [head(0), head(1)]
    }

    /// The release payloads of both branches, as blocks (codec dag-cbor) to keep and to judge with.
    pub fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.fork.branches.iter().flat_map(payloads_of)
    }
}

fn payloads_of(branch: &Branch) -> Vec<&[u8]> {
    let between = branch.between.iter().map(|payload| payload.as_slice());
    std::iter::once(branch.release.payload.as_slice()).chain(between).collect()
}

/// The signed release of a branch, and the first one after the agreed release.
fn check_branch(
    archive: &ArchiveId,
    root: &TrustRoot,
    branch: &Branch,
) -> Result<(Release, Release), Reject> {
    let (signed, _) = check_release(archive, root, &branch.release)?;
    let mut first = signed.clone();
    for payload in &branch.between {
        first = check_ancestor(payload, &first)?;
    }
    Ok((signed, first))
}
