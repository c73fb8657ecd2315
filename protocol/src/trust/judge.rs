//! The acceptance rules as one pure function (TRUST-10 to TRUST-28).

use super::accepted::{Accepted, check_head, lesser};
use super::follow::{Cursor, Overlay, Stop};
use super::fork::{CheckedFork, Fork};
use super::part::{leaf, part};
use super::state::{Seen, State, join_roots, newest};
use crate::blocks::ReadBlocks;
use crate::envelope::Envelope;
use crate::ids::{ArchiveId, BlockId, Hash};
use crate::limits::MAX_ANCESTORS;
use crate::reject::Reject;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What root keys set aside by going on from elsewhere (TRUST-20, TRUST-22): to be told to the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aside {
    /// The head that was trusted, when its release is not on the chain of the new one.
    pub release: Option<Box<Accepted>>,
    /// The fork that stood.
    pub fork: Option<Box<CheckedFork>>,
}

/// What became of a candidate.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Newer, on the chain of what was trusted, or the first.
    Accept(Box<Accepted>),
    /// Accepted because root keys said from where to go on (TRUST-20, TRUST-22).
    Settled {
        /// The head that is trusted now.
        head: Box<Accepted>,
        /// What is no longer.
        aside: Aside,
    },
    /// The release is the trusted one (TRUST-11).
    Known,
    /// A release further back (TRUST-13), or of a trust root that was replaced.
    Older,
    /// A fork that is new, or of which more is known now (TRUST-12, TRUST-13, TRUST-21, TRUST-25).
    Fork(Box<CheckedFork>),
    /// A fork stands and this adds nothing to it (TRUST-24).
    Forked,
    /// Different trust roots of one version (TRUST-10).
    RootFork,
    /// Newer, but signed under a trust root that has been replaced (TRUST-14).
    SupersededRoot,
    /// The payload of a release in between is needed (TRUST-15): fetch this block and judge again.
    NeedsAncestor(BlockId),
    /// Not a valid head of this archive.
    Refuse(Reject),
}

/// A verdict, and the state that follows.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What became of the candidate.
    pub verdict: Verdict,
    /// The state from now on; `None` when it stays as it is. To be written durably before anything is
    /// shown or announced on the ground of it (TRUST-17).
    pub next: Option<State>,
}

impl Judged {
    pub(super) const fn same(verdict: Verdict) -> Self {
        Self { verdict, next: None }
    }

    pub(super) fn to(verdict: Verdict, next: State) -> Self {
        Self { verdict, next: Some(next) }
    }
}

/// Judges a candidate head against the state. `ancestors` gives the payloads of releases in
/// between, each checked against its hash here.
pub fn judge(
    archive: &ArchiveId,
    state: Option<&State>,
    candidate: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Judged {
    let candidate = match check_head(archive, candidate) {
        Ok(candidate) => candidate,
        Err(reject) => return Judged::same(Verdict::Refuse(reject)),
    };
    let Some(state) = state else {
        // TRUST-16
        return Judged::to(Verdict::Accept(Box::new(candidate.clone())), State::of(candidate));
    };
    if !same_roots(&state.trusted, &candidate) {
        return Judged::same(Verdict::RootFork);
    }
    match follow_rules(archive, state, candidate, ancestors) {
        Ok(judged) => judged,
        Err(Stop::Needs(id)) => Judged::same(Verdict::NeedsAncestor(id)),
        Err(Stop::Refuse(reject)) => Judged::same(Verdict::Refuse(reject)),
    }
}

/// Judges a fork proof: as its two heads, with the payloads that it brings (TRUST-26).
pub fn judge_fork(
    archive: &ArchiveId,
    state: Option<&State>,
    proof: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Judged {
    let proof = match Fork::decode(proof).and_then(|fork| fork.check(archive)) {
        Ok(proof) => proof,
        Err(reject) => return Judged::same(Verdict::Refuse(reject)),
    };
    let blocks = Overlay::new(proof.payloads(), ancestors);
    let mut verdict: Option<Verdict> = None;
    let mut next: Option<State> = None;
    for head in proof.heads() {
        let judged = judge(archive, next.as_ref().or(state), &head, &blocks);
        if matches!(judged.verdict, Verdict::NeedsAncestor(_)) {
            return Judged::same(judged.verdict);
        }
        next = judged.next.or(next);
        if verdict.as_ref().is_none_or(|before| weight(before) < weight(&judged.verdict)) {
            verdict = Some(judged.verdict);
        }
    }
    // There are two heads, so there is a verdict.
    Judged { verdict: verdict.unwrap_or(Verdict::Forked), next }
}

/// Which of two verdicts on the heads of one proof says more.
fn weight(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Refuse(_) | Verdict::NeedsAncestor(_) => 0,
        Verdict::SupersededRoot | Verdict::RootFork => 1,
        Verdict::Older => 2,
        Verdict::Known => 3,
        Verdict::Accept(_) => 4,
        Verdict::Forked => 5,
        Verdict::Settled { .. } => 6,
        Verdict::Fork(_) => 7,
    }
}

/// TRUST-10: one list of trust root payloads is a prefix of the other.
fn same_roots(a: &Accepted, b: &Accepted) -> bool {
    a.head.roots.iter().zip(&b.head.roots).all(|(x, y)| x.payload == y.payload)
}

fn follow_rules(
    archive: &ArchiveId,
    before: &State,
    mut candidate: Accepted,
    ancestors: &dyn ReadBlocks,
) -> Result<Judged, Stop> {
    // The same trust roots can come with other signatures: one of them is kept, whatever came first.
    let joined = join_roots(&before.trusted.head.roots, &candidate.head.roots);
    let ours = joined[..before.trusted.roots.len()].to_vec();
    let theirs = joined[..candidate.roots.len()].to_vec();
    let changed = ours != before.trusted.head.roots;
    let state = if changed { before.with_roots(archive, ours)? } else { before.clone() };
    if theirs != candidate.head.roots {
        candidate = candidate.with_roots(theirs)?;
    }
    let own = state.payloads().chain([candidate.head.release.payload.as_slice()]);
    let blocks = Overlay::new(own, ancestors);
    let mut judged = match candidate.roots.len().cmp(&state.trusted.roots.len()) {
        Ordering::Less => older_roots(&state, &candidate),
        Ordering::Greater => newer_roots(&state, &candidate, &blocks)?,
        Ordering::Equal => equal_roots(&state, &candidate, &blocks)?,
    };
    if changed {
        judged.next = judged.next.or(Some(state));
    }
    Ok(judged)
}

/// TRUST-14: keys that were replaced can do nothing any more.
fn older_roots(state: &State, candidate: &Accepted) -> Judged {
    let newer = candidate.release.sequence > state.trusted.release.sequence;
    Judged::same(if newer { Verdict::SupersededRoot } else { Verdict::Older })
}

/// TRUST-20: the chain goes on, or root keys said from where.
fn newer_roots(
    state: &State,
    candidate: &Accepted,
    blocks: &dyn ReadBlocks,
) -> Result<Judged, Stop> {
    let (none, sequence) = (BTreeMap::new(), candidate.release.sequence);
    let goal = state.trusted.release.sequence;
    let start = || Cursor::new(blocks, sequence, Some(candidate.release_hash()));
    let mut reaches = false;
    if sequence > goal && sequence - goal <= MAX_ANCESTORS {
        let mut cursor = start();
        cursor.down_to(goal, &none)?;
        reaches = cursor.hash == Some(state.trusted.release_hash());
    }
    if let (false, (base, Some(hash))) = (reaches, candidate.base()) {
        // TRUST-19: the sequence is greater.
        if sequence - base > MAX_ANCESTORS {
            return Err(too_far());
        }
        let mut cursor = start();
        cursor.down_to(base, &none)?;
        if cursor.hash != Some(hash) {
            return Err(Reject::new("TRUST-20", "a chain that does not pass the base").into());
        }
    }
    let next = State::of(candidate.clone());
    let head = Box::new(candidate.clone());
    if reaches && state.fork.is_none() {
        return Ok(Judged::to(Verdict::Accept(head), next));
    }
    Ok(Judged::to(Verdict::Settled { head, aside: set_aside(state, reaches) }, next))
}

/// What of a state is set aside by a head that does or does not have its release.
pub(super) fn set_aside(state: &State, reaches: bool) -> Aside {
    let release = (!reaches).then(|| Box::new(state.trusted.clone()));
    Aside { release, fork: state.fork.clone().map(Box::new) }
}

pub(super) fn too_far() -> Stop {
    Reject::new("TRUST-15", "too many releases in between").into()
}

/// TRUST-11, TRUST-12, TRUST-13, TRUST-21: under the same trust roots.
fn equal_roots(
    state: &State,
    candidate: &Accepted,
    blocks: &dyn ReadBlocks,
) -> Result<Judged, Stop> {
    let (top, hash) = state.top();
    let sequence = candidate.release.sequence;
    if sequence.abs_diff(top) > MAX_ANCESTORS {
        return Err(too_far());
    }
    let points = state.points();
    let mut theirs = Cursor::new(blocks, sequence, Some(candidate.release_hash()));
    let mut ours = Cursor::new(blocks, top, hash);
    theirs.down_to(top, &BTreeMap::new())?;
    ours.down_to(sequence, &points)?;
    if ours.hash != theirs.hash {
        return part(state, candidate, ours, theirs);
    }
    match sequence.cmp(&top) {
        Ordering::Less => Ok(older(state, candidate)),
        Ordering::Equal => top_again(state, candidate),
        Ordering::Greater => match (&state.fork, theirs.above) {
            (Some(fork), Some(first)) => leaf(state, fork, candidate, first, blocks),
            _ => {
                let next = State { seen: newest(points), ..State::of(candidate.clone()) };
                Ok(Judged::to(Verdict::Accept(Box::new(candidate.clone())), next))
            }
        },
    }
}

/// TRUST-13: a release of our own chain; it joins those seen.
fn older(state: &State, candidate: &Accepted) -> Judged {
    let (sequence, envelope) = (candidate.release.sequence, &candidate.head.release);
    let mut new = Seen::of(envelope);
    if let Some(known) = state.seen.get(&sequence) {
        let signatures = known.signatures.clone();
        let known = Envelope { payload: envelope.payload.clone(), signatures };
        new = Seen::of(lesser(&known, envelope));
    }
    let mut next = state.clone();
    next.seen.insert(sequence, new);
    next.seen = newest(next.seen);
    let changed = next.seen != state.seen;
    Judged { verdict: Verdict::Older, next: changed.then_some(next) }
}

/// TRUST-11, and the agreed release of a fork, seen at last (TRUST-25).
fn top_again(state: &State, candidate: &Accepted) -> Result<Judged, Stop> {
    let envelope = &candidate.head.release;
    if !state.holds_top() {
        let next = State { trusted: candidate.clone(), ..state.clone() };
        let verdict = next.fork.clone().map_or(Verdict::Known, |f| Verdict::Fork(Box::new(f)));
        return Ok(Judged::to(verdict, next));
    }
    let before = &state.trusted.head.release;
    let kept = lesser(before, envelope);
    if kept == before {
        return Ok(Judged::same(Verdict::Known));
    }
    let trusted = state.trusted.sibling(kept.clone())?;
    Ok(Judged::to(Verdict::Known, State { trusted, ..state.clone() }))
}

/// Order of signed releases in a fork: (sequence, payload hash).
pub(super) fn order(sequence: u64, envelope: &Envelope) -> (u64, Hash) {
    (sequence, envelope.payload_hash())
}
