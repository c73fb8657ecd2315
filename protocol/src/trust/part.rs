//! Where chains part: the fork state, and how more evidence changes it (TRUST-22 to TRUST-25, TRUST-28).

use super::accepted::{Accepted, lesser};
use super::follow::{Cursor, Stop, branch, payload};
use super::fork::{Agreed, Branch, CheckedFork};
use super::judge::{Judged, Verdict, order, set_aside, too_far};
use super::state::{Seen, State};
use crate::blocks::ReadBlocks;
use crate::envelope::Envelope;
use crate::ids::Hash;
use crate::limits::MAX_ANCESTORS;
use crate::reject::Reject;
use crate::release::Release;
use std::collections::BTreeMap;

/// A head whose chain differs from ours at the place of both cursors: finds where they part.
pub(super) fn part(
    state: &State,
    candidate: &Accepted,
    mut ours: Cursor<'_>,
    mut theirs: Cursor<'_>,
) -> Result<Judged, Stop> {
    let (base, base_hash) = candidate.base();
    let farthest = candidate.release.sequence.max(state.top().0);
    let points = state.points();
    while ours.hash != theirs.hash {
        if ours.at <= base {
            return beside_base(state, candidate, theirs.hash == base_hash, ours.hash == base_hash);
        }
        if farthest - ours.at >= MAX_ANCESTORS {
            return Err(too_far());
        }
        theirs.step()?;
        ours.down_to(theirs.at, &points)?;
    }
    let agreed = Agreed { sequence: ours.at, hash: ours.hash };
    if agreed.sequence == base && agreed.hash != base_hash {
        return Err(Reject::new("TRUST-22", "a chain that does not pass the base").into());
    }
    // Of our side, the lowest signed release above the place where the chains part.
    let blocks = theirs.blocks();
    let own = match points.range(agreed.sequence + 1..).next() {
        Some((_, seen)) => envelope_of(seen, blocks)?,
        None => match &state.fork {
            Some(fork) => fork.fork.branches[0].release.clone(),
            None => state.trusted.head.release.clone(),
        },
    };
    let branches = vec![
        branch(blocks, own, agreed.sequence)?,
        branch(blocks, candidate.head.release.clone(), agreed.sequence)?,
    ];
    forked(state, points, agreed, branches, blocks)
}

/// TRUST-22: at the sequence of the base the chains differ, so at most one passes it.
fn beside_base(
    state: &State,
    candidate: &Accepted,
    theirs: bool,
    ours: bool,
) -> Result<Judged, Stop> {
    if !theirs || ours {
        return Err(Reject::new("TRUST-22", "a chain that does not pass the base").into());
    }
    let head = Box::new(candidate.clone());
    let aside = set_aside(state, false);
    Ok(Judged::to(Verdict::Settled { head, aside }, State::of(candidate.clone())))
}

/// A head above the agreed release of a fork; `first` is its first release after that (TRUST-25).
pub(super) fn leaf(
    state: &State,
    fork: &CheckedFork,
    candidate: &Accepted,
    first: Hash,
    blocks: &dyn ReadBlocks,
) -> Result<Judged, Stop> {
    let envelope = &candidate.head.release;
    let own = order(candidate.release.sequence, envelope);
    let key = |at: usize| order(fork.releases[at].sequence, &fork.fork.branches[at].release);
    let mut branches = fork.fork.branches.to_vec();
    match fork.firsts.iter().position(|known| *known == first) {
        Some(at) if own > key(at) => return Ok(Judged::same(Verdict::Forked)),
        Some(at) if own == key(at) => {
            let kept = lesser(&branches[at].release, envelope).clone();
            if kept == branches[at].release {
                return Ok(Judged::same(Verdict::Forked));
            }
            branches[at].release = kept;
        }
        Some(at) => branches[at] = branch(blocks, envelope.clone(), fork.agreed.sequence)?,
        None if own > key(1) => return Ok(Judged::same(Verdict::Forked)),
        None => branches.push(branch(blocks, envelope.clone(), fork.agreed.sequence)?),
    }
    forked(state, state.points(), fork.agreed, branches, blocks)
}

/// The state of a fork: of the branches the two lowest, and the agreed head where it was seen.
fn forked(
    state: &State,
    mut points: BTreeMap<u64, Seen>,
    agreed: Agreed,
    branches: Vec<Branch>,
    blocks: &dyn ReadBlocks,
) -> Result<Judged, Stop> {
    let mut ordered = Vec::new();
    for branch in branches {
        let release = Release::decode(&branch.release.payload)?;
        ordered.push((order(release.sequence, &branch.release), branch));
    }
    ordered.sort_by_key(|item| item.0);
    let mut lowest = ordered.into_iter().map(|(_, branch)| branch);
    let (Some(one), Some(two)) = (lowest.next(), lowest.next()) else {
        return Err(Reject::new("TRUST-23", "a fork has two branches").into());
    };
    let first = one.release.clone();
    let head = &state.trusted;
    let archive = &head.release.archive;
    let fork = CheckedFork::of_parts(archive, head.head.roots.clone(), [one, two], agreed)?;
    let trusted = match points.get(&agreed.sequence) {
        Some(seen) => head.sibling(envelope_of(seen, blocks)?)?,
        None => head.sibling(first)?,
    };
    points.split_off(&agreed.sequence);
    let next = State { trusted, seen: points, fork: Some(fork.clone()) };
    Ok(Judged::to(Verdict::Fork(Box::new(fork)), next))
}

fn envelope_of(seen: &Seen, blocks: &dyn ReadBlocks) -> Result<Envelope, Stop> {
    Ok(Envelope { payload: payload(blocks, seen.hash)?, signatures: seen.signatures.clone() })
}
