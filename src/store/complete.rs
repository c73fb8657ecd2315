//! The one way by which a release becomes the one that is shown and offered.

use super::adopt::{checked, state_of};
use super::heads::ArchiveStates;
use super::{BlockStore, StoreError, acts};
use crate::survey::survey;
use serde::{Deserialize, Serialize};
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, check_head};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Notes which agreed release of a fork, with which parts, was looked through and is not whole here.
const LOOKED: &str = "looked";

/// What became of a release that is here whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completed {
    /// It is shown and offered now.
    Shown,
    /// It drops too much: the one before stays (HOLD-3). The id of the act that waits for the operator.
    Held(String),
}

/// The head of the newest release of which all wanted parts are here, and which is shown, checked again.
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

/// Keeps `head` as the one whose wanted parts are all here, unless it drops too much (HOLD-3): the trusted
/// release, or an older one, but no side of a fork, and none older than what was complete before, if that is still on the
/// trusted chain.
///
/// # Errors
/// [`StoreError::Refused`] for any other head; otherwise when a state or the store cannot be read or
/// written.
pub fn mark_complete(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    head: &[u8],
) -> Result<Completed, StoreError> {
    let _one_at_a_time = states.lock_heads();
    let head = check_head(archive, head).map_err(|e| StoreError::Refused(e.to_string()))?;
    let shown = before_showing(states, store, archive, &head)?;
    let shown = shown.filter(|shown| shown.release_hash() != head.release_hash());
    if let Some(shown) = shown {
        let back = shown.release.sequence > head.release.sequence;
        if back && is_agreed(states, archive, &head)? {
            // What one side of a dispute added is no loss (TRUST-24).
            states.set_complete(archive, &head.bytes)?;
            return Ok(Completed::Shown);
        }
        let lost = acts::lost_between(states, store, &shown.release, &head.release)?;
        if !acts::may_show(states, store, &shown.release, &lost)? {
            return Ok(Completed::Held(acts::hold_release(states, &head, &lost)?.to_hex()));
        }
        acts::shown(states, store, &head, lost.records, Some(&shown.release))?;
    } else {
        acts::shown(states, store, &head, 0, None)?;
    }
    states.set_complete(archive, &head.bytes)?;
    Ok(Completed::Shown)
}

/// Whether a head may become the one that is shown, whatever it drops: what [`mark_complete`] asks first.
/// Gives the one that is shown now. The caller has the right to judge heads.
///
/// # Errors
/// As [`mark_complete`].
pub(super) fn before_showing(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    head: &Accepted,
) -> Result<Option<Accepted>, StoreError> {
    let refuse = |why: &str| Err(StoreError::Refused(why.to_owned()));
    let sequence = head.release.sequence;
    let Some(state) = state_of(states, archive)? else {
        return refuse("nothing is trusted of this archive");
    };
    if state.fork.as_ref().is_some_and(|fork| sequence > fork.agreed.sequence) {
        // Neither side of a dispute is taken as newest (TRUST-24).
        return refuse("it is one side of a dispute");
    }
    let trusted = state.trusted;
    let same = head.release_hash() == trusted.release_hash();
    if !same && sequence >= trusted.release.sequence {
        return refuse("it is not the trusted release, nor an older one");
    }
    if !same && !is_behind(store, &trusted, &head.release)? {
        return refuse("it is not on the trusted chain");
    }
    match complete_head(states, archive) {
        Ok(Some(before)) if sequence < before.release.sequence => {
            // The root keys may have set it aside (TRUST-20).
            if is_behind(store, &trusted, &before.release)? {
                return refuse("a newer release is complete");
            }
            Ok(Some(before))
        }
        // A damaged one is what this replaces.
        Err(StoreError::Damaged(_)) => Ok(None),
        other => other,
    }
}

/// True when a fork stands and `head` is what both of its sides build on.
fn is_agreed(
    states: &ArchiveStates,
    archive: &ArchiveId,
    head: &Accepted,
) -> Result<bool, StoreError> {
    let fork = state_of(states, archive)?.and_then(|state| state.fork);
    Ok(fork.is_some_and(|fork| fork.agreed.hash == Some(head.release_hash())))
}

/// Does again for all archives what a crash may have kept from happening after a fork was written.
///
/// # Errors
/// When the archives cannot be listed.
pub fn resume(states: &ArchiveStates, store: &dyn BlockStore) -> Result<(), StoreError> {
    let _one_at_a_time = states.lock_heads();
    for archive in states.list()? {
        if let Err(error) = show_agreed(states, store, &archive) {
            // One damaged archive must not keep the others from being read.
            tracing::warn!(%archive, %error, "whether a dispute stands could not be told");
        }
    }
    Ok(())
}

/// While a fork stands, the agreed release is the one that is shown, if it is wholly here (TRUST-24).
/// Otherwise the one that was shown before stays, with the same warning. The caller has the right to
/// judge heads.
///
/// # Errors
/// When the state or the store cannot be read or written.
pub(super) fn show_agreed(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
) -> Result<(), StoreError> {
    let Some(state) = states.state(archive)? else { return Ok(()) };
    let Some(fork) = &state.fork else { return Ok(()) };
    let Some(shown) = complete_head(states, archive)? else { return Ok(()) };
    let agreed = &state.trusted;
    let seen = fork.agreed.hash == Some(agreed.release_hash());
    if !seen || shown.release.sequence <= fork.agreed.sequence {
        return Ok(());
    }
    let parts = states.settings(archive)?.parts;
    // It is looked through once, not at every start: who makes it whole later marks it complete.
    let wanted = (agreed.trust_root().version, agreed.release_hash(), &parts);
    let wanted = Hash::of(&yadgar_protocol::cbor::encode(&wanted)).0;
    // A damaged note is none.
    let looked = states.sealed(archive, LOOKED, wanted.len()).unwrap_or_default();
    if looked.is_some_and(|looked| looked == wanted) {
        return Ok(());
    }
    let denied = acts::denied(states, archive)?;
    let found = survey(store, &agreed.release, parts.as_deref(), &denied, &mut |_| ());
    let found = found.map_err(|e| StoreError::Damaged(e.to_string()))?;
    if found.is_whole() {
        states.set_complete(archive, &agreed.bytes)
    } else {
        states.set_sealed(archive, LOOKED, &wanted, wanted.len())
    }
}

/// True when the trusted release, followed back over what is here, has `release`; also when that cannot
/// be told, because the payloads in between are not here.
fn is_behind(
    store: &dyn BlockStore,
    trusted: &Accepted,
    release: &Release,
) -> Result<bool, StoreError> {
    Ok(on_chain(store, &trusted.release, release)?.unwrap_or(true))
}

/// Whether the chain that ends with `newest`, followed back over what is here, has `release`; `None` when
/// that cannot be told.
pub(super) fn on_chain(
    store: &dyn BlockStore,
    newest: &Release,
    release: &Release,
) -> Result<Option<bool>, StoreError> {
    let mut at = newest.clone();
    for _ in 0..=MAX_ANCESTORS {
        if at.sequence <= release.sequence {
            return Ok(Some(at == *release));
        }
        let Some(hash) = at.prev else { return Ok(Some(false)) };
        let payload = store.get(&BlockId { codec: Codec::DagCbor, hash })?;
        let Some(before) = payload.and_then(|bytes| Release::decode(&bytes).ok()) else {
            return Ok(None);
        };
        at = before;
    }
    Ok(None)
}

#[cfg(test)]
#[path = "complete_tests.rs"]
mod tests;
