//! The acceptance rules as one pure function (TRUST-1 to TRUST-16).

use super::accepted::{Accepted, check_head};
use crate::blocks::ReadBlocks;
use crate::ids::{ArchiveId, BlockId, Codec, Hash};
use crate::limits::MAX_ANCESTORS;
use crate::reject::Reject;
use crate::release::Release;

/// What a node trusts so far.
pub type Trusted = Accepted;

/// What became of a candidate head.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Newer: take it (write it durably first, TRUST-17).
    Accept(Box<Accepted>),
    /// The release is the trusted one (TRUST-11). With `Some`, the candidate has more trust roots:
    /// keep it in place of the trusted head.
    Known(Option<Box<Accepted>>),
    /// Below the trusted sequence (TRUST-13).
    Older,
    /// A different release where the trusted one stands (TRUST-12, TRUST-15): nothing is replaced.
    Fork(Box<Accepted>),
    /// Different trust roots of one version (TRUST-10).
    RootFork,
    /// Newer, but signed under a trust root that has been replaced (TRUST-14).
    SupersededRoot,
    /// The payload of a release in between is needed (TRUST-15): fetch this block and judge again.
    NeedsAncestor(BlockId),
    /// Not a valid head of this archive.
    Refuse(Reject),
}

/// Judges a candidate head against what is trusted. `ancestors` gives the payloads of releases in
/// between, each checked against its hash here.
pub fn judge(
    archive: &ArchiveId,
    trusted: Option<&Trusted>,
    candidate: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Verdict {
    let candidate = match check_head(archive, candidate) {
        Ok(candidate) => Box::new(candidate),
        Err(reject) => return Verdict::Refuse(reject),
    };
    let Some(trusted) = trusted else {
        return Verdict::Accept(candidate); // TRUST-16
    };
    if !same_roots(trusted, &candidate) {
        return Verdict::RootFork;
    }
    let shorter = candidate.roots.len() < trusted.roots.len();
    let longer = candidate.roots.len() > trusted.roots.len();
    match candidate.release.sequence.cmp(&trusted.release.sequence) {
        std::cmp::Ordering::Less => Verdict::Older,
        std::cmp::Ordering::Equal if candidate.release_hash() != trusted.release_hash() => {
            Verdict::Fork(candidate)
        }
        std::cmp::Ordering::Equal => Verdict::Known(longer.then_some(candidate)),
        std::cmp::Ordering::Greater if shorter => Verdict::SupersededRoot,
        std::cmp::Ordering::Greater => follow_back(trusted, candidate, ancestors),
    }
}

/// TRUST-10: one list of trust root payloads is a prefix of the other.
fn same_roots(a: &Accepted, b: &Accepted) -> bool {
    a.head.roots.iter().zip(&b.head.roots).all(|(x, y)| x.payload == y.payload)
}

/// TRUST-15: the hash chain from the candidate must reach the trusted release.
fn follow_back(trusted: &Trusted, candidate: Box<Accepted>, ancestors: &dyn ReadBlocks) -> Verdict {
    let goal = trusted.release.sequence;
    let mut release = candidate.release.clone();
    if release.sequence - goal > MAX_ANCESTORS {
        return Verdict::Refuse(Reject::new("TRUST-15", "too many releases in between"));
    }
    loop {
        let Some(prev) = release.prev else {
            return Verdict::Refuse(Reject::new("TRUST-9", "a release without predecessor"));
        };
        if release.sequence == goal + 1 {
            let same = prev == trusted.release_hash();
            return if same { Verdict::Accept(candidate) } else { Verdict::Fork(candidate) };
        }
        let id = BlockId { codec: Codec::DagCbor, hash: prev };
        let Ok(Some(payload)) = ancestors.block(&id) else {
            return Verdict::NeedsAncestor(id);
        };
        release = match ancestor(&payload, prev, &release) {
            Ok(release) => release,
            Err(reject) => return Verdict::Refuse(reject),
        };
    }
}

fn ancestor(payload: &[u8], hash: Hash, later: &Release) -> Result<Release, Reject> {
    if Hash::of(payload) != hash {
        return Err(Reject::new("TRUST-15", "an ancestor with another hash"));
    }
    let release = Release::decode(payload)?;
    // Checked: an ancestor may say 2^64-1.
    if release.archive != later.archive || release.sequence.checked_add(1) != Some(later.sequence) {
        return Err(Reject::new("TRUST-15", "an ancestor out of sequence"));
    }
    Ok(release)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
