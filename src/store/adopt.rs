//! The one way by which a head becomes the trusted one.

use super::heads::ArchiveStates;
use super::{BlockStore, StoreError};
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::head::Head;
use yadgar_protocol::trust::{
    Accepted, CheckedFork, Fork, Judged, State, Verdict, check_head, judge, judge_fork,
};
use yadgar_protocol::{ArchiveId, Codec};

/// Judges a candidate head and, when the state changes, writes that durably before returning (TRUST-17).
///
/// `ancestors` is where the payloads of releases in between are looked up; `store` keeps the payloads
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
    write(states, store, archive, judged, own)
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
    write(states, store, archive, judged, own.into_iter().flatten())
}

/// Writes the state that follows, and the payloads of `own` and of the fork as blocks.
fn write(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    judged: Judged,
    own: impl IntoIterator<Item = Vec<u8>>,
) -> Result<Verdict, StoreError> {
    if let Some(next) = &judged.next {
        let fork = next.fork.iter().flat_map(CheckedFork::payloads).map(<[u8]>::to_vec);
        let blocks = own.into_iter().chain(fork).map(|bytes| Packed::plain(Codec::DagCbor, bytes));
        match store.put(blocks.collect()).and_then(|()| store.flush()) {
            // A full store must not keep a node from knowing what is newest. What it lacks can be had
            // from peers.
            Ok(()) | Err(StoreError::Quota(_)) => {}
            Err(error) => return Err(error),
        }
        states.set_state(archive, next)?;
    }
    Ok(judged.verdict)
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

/// The head of the newest release of which all wanted parts are here, checked again.
///
/// # Errors
/// When it cannot be read, or is no longer valid.
pub fn complete_head(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Option<Accepted>, StoreError> {
    let bytes = states.complete(archive)?;
    bytes.map(|bytes| checked(archive, "complete", &bytes)).transpose()
}

/// Keeps `head` as the one whose wanted parts are all here: the trusted release, or an older one,
/// and none older than what was complete before.
///
/// # Errors
/// [`StoreError::Refused`] for any other head; otherwise when a state cannot be read or written.
pub fn mark_complete(
    states: &ArchiveStates,
    archive: &ArchiveId,
    head: &[u8],
) -> Result<(), StoreError> {
    let _one_at_a_time = states.lock_heads();
    let refuse = |why: &str| Err(StoreError::Refused(why.to_owned()));
    let head = check_head(archive, head).map_err(|e| StoreError::Refused(e.to_string()))?;
    let sequence = head.release.sequence;
    let Some(trusted) = trusted_head(states, archive)? else {
        return refuse("nothing is trusted of this archive");
    };
    let same = head.release_hash() == trusted.release_hash();
    if !same && sequence >= trusted.release.sequence {
        return refuse("it is not the trusted release, nor an older one");
    }
    match complete_head(states, archive) {
        Ok(Some(before)) if sequence < before.release.sequence => {
            return refuse("a newer release is complete");
        }
        // A damaged one is what this replaces.
        Ok(_) | Err(StoreError::Damaged(_)) => {}
        Err(error) => return Err(error),
    }
    states.set_complete(archive, &head.bytes)
}

fn checked(archive: &ArchiveId, which: &str, bytes: &[u8]) -> Result<Accepted, StoreError> {
    check_head(archive, bytes).map_err(|reject| {
        StoreError::Damaged(format!("the {which} head of archive {archive} is damaged: {reject}"))
    })
}

#[cfg(test)]
#[path = "adopt_tests.rs"]
mod tests;
