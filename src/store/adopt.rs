//! The one way by which a head becomes the trusted one.

use super::complete::show_agreed;
use super::heads::{ArchiveStates, SetAside};
use super::{BlockStore, StoreError, acts};
use std::collections::BTreeMap;
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::head::Head;
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{
    Accepted, Aside, CheckedFork, Fork, Judged, State, Verdict, check_head, judge, judge_fork,
};
use yadgar_protocol::{ArchiveId, BlockId, Codec};

/// Judges a candidate head and, when the state changes, writes that durably before returning (TRUST-17).
///
/// What an accepted release withdraws is erased from `store` first (WD-6), or held (HOLD-2). `ancestors` is
/// where the payloads of releases in between are looked up; `store` keeps the payloads
/// that the state refers to. Calls for one home are serialised, so two sources cannot overtake each other.
///
/// # Errors
/// When the state on disk cannot be read or written, or is damaged. Then nothing is accepted: to
/// treat a damaged state as "nothing trusted yet" would allow rollback.
pub fn adopt(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    candidate: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Result<Verdict, StoreError> {
    let _one_at_a_time = states.lock_heads();
    let state = state_of(states, archive)?;
    let judged = judge(archive, state.as_ref(), candidate, ancestors);
    let own = Head::decode(candidate).ok().map(|head| head.release.payload);
    write(states, store, archive, state.as_ref(), judged, own)
}

/// Judges a fork proof, as its two heads (TRUST-26). Otherwise as [`adopt`].
///
/// # Errors
/// As [`adopt`].
pub fn adopt_fork(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    proof: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Result<Verdict, StoreError> {
    let _one_at_a_time = states.lock_heads();
    let state = state_of(states, archive)?;
    let judged = judge_fork(archive, state.as_ref(), proof, ancestors);
    let payloads = |fork: Fork| fork.branches.map(|branch| branch.release.payload);
    let own = Fork::decode(proof).ok().map(payloads);
    write(states, store, archive, state.as_ref(), judged, own.into_iter().flatten())
}

/// Writes the state that follows, and the payloads of `own` and of the fork as blocks.
fn write(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    before: Option<&State>,
    judged: Judged,
    own: impl IntoIterator<Item = Vec<u8>>,
) -> Result<Verdict, StoreError> {
    let before = before.and_then(State::followed).map(Accepted::release_hash);
    if let Some(next) = &judged.next {
        let fork = next.fork.iter().flat_map(CheckedFork::payloads).map(<[u8]>::to_vec);
        let blocks = own.into_iter().chain(fork).map(|bytes| Packed::plain(Codec::DagCbor, bytes));
        match store.put(blocks.collect()).and_then(|()| store.flush()) {
            // A full store must not keep a node from knowing what is newest. What it lacks can be had
            // from peers.
            Ok(()) | Err(StoreError::Quota(_)) => {}
            Err(error) => return Err(error),
        }
        let taken = matches!(judged.verdict, Verdict::Accept(_) | Verdict::Settled { .. });
        // A fork proof can bring an agreed release that is newer than what was trusted.
        let new = |head: &&Accepted| taken || before != Some(head.release_hash());
        if let Some(head) = next.followed().filter(new) {
            // WD-6: denied durably, then erased, only then the head.
            acts::take_release(states, store, head)?;
        }
        states.set_state(archive, next)?;
        match &judged.verdict {
            Verdict::Fork(_) => {
                // The fork is written: whatever fails now, it must be told (TRUST-24).
                if let Err(error) = show_agreed(states, store, archive) {
                    tracing::warn!(%archive, %error, "the agreed release could not be shown");
                }
            }
            Verdict::Settled { head, aside } => note_aside(states, archive, head, aside)?,
            _ => {}
        }
    }
    Ok(judged.verdict)
}

/// Keeps for the user what root keys set aside (TRUST-20).
fn note_aside(
    states: &ArchiveStates,
    archive: &ArchiveId,
    head: &Accepted,
    aside: &Aside,
) -> Result<(), StoreError> {
    let fork = aside.fork.as_ref().map(|fork| fork.releases[0].sequence);
    let release = aside.release.as_ref().map(|head| head.release.sequence);
    let Some(sequence) = fork.or(release) else { return Ok(()) };
    let aside = SetAside { sequence, root_version: head.release.root_version };
    states.change_settings(archive, |settings| settings.set_aside = Some(aside))
}

/// The payloads of `from` that judging `head` after `trusted` asks for: those in between, and for a fork those
/// before (TRUST-15, TRUST-23). Each run is read in one go, since judging goes over all of them each time.
pub fn payloads_needed(
    trusted: &Accepted,
    head: &[u8],
    from: &dyn ReadBlocks,
) -> BTreeMap<BlockId, Vec<u8>> {
    let state = State::of(trusted.clone());
    let mut found = BTreeMap::new();
    for above in [trusted.release.sequence, 0] {
        let judged = judge(&trusted.release.archive, Some(&state), head, &found);
        let Verdict::NeedsAncestor(id) = judged.verdict else { break };
        found.extend(payloads_back(from, id, above));
    }
    found
}

/// The payloads from `newest` back, as far as `from` has them, down to the release after `above`.
fn payloads_back(from: &dyn ReadBlocks, newest: BlockId, above: u64) -> BTreeMap<BlockId, Vec<u8>> {
    let (mut found, mut id) = (BTreeMap::new(), newest);
    while (found.len() as u64) < MAX_ANCESTORS {
        let Ok(Some(payload)) = from.block(&id) else { break };
        // What is no release is for the rules to refuse.
        let release = Release::decode(&payload).ok();
        found.insert(id, payload);
        let next = release.filter(|r| r.sequence > above.saturating_add(1)).and_then(|r| r.prev);
        let Some(hash) = next else { break };
        id = BlockId { codec: Codec::DagCbor, hash };
    }
    found
}

/// What is trusted of an archive, checked again.
///
/// # Errors
/// When it cannot be read, or is no longer valid.
pub fn state_of(states: &ArchiveStates, archive: &ArchiveId) -> Result<Option<State>, StoreError> {
    states.state(archive)
}

/// The trusted head of an archive, checked again.
///
/// # Errors
/// When it cannot be read, or is no longer valid.
pub fn trusted_head(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Option<Accepted>, StoreError> {
    Ok(state_of(states, archive)?.map(|state| state.trusted))
}

/// The head to fetch and to take as newest: the trusted one, unless it is one side of a fork (TRUST-24).
///
/// # Errors
/// When the state cannot be read, or is no longer valid.
pub fn followed_head(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Option<Accepted>, StoreError> {
    Ok(state_of(states, archive)?.and_then(|state| state.followed().cloned()))
}

pub(super) fn checked(
    archive: &ArchiveId,
    which: &str,
    bytes: &[u8],
) -> Result<Accepted, StoreError> {
    check_head(archive, bytes).map_err(|reject| {
        StoreError::Damaged(format!("the {which} head of archive {archive} is damaged: {reject}"))
    })
}

#[cfg(test)]
#[path = "adopt_tests.rs"]
mod tests;
