//! The one way by which a head becomes the trusted one.

use super::heads::ArchiveStates;
use super::{BlockStore, StoreError};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::trust::{Accepted, Verdict, check_head, judge};

/// Judges `candidate` and, when it is accepted, writes it durably before returning (TRUST-17).
///
/// `ancestors` is where the payloads of releases in between are looked up. Calls for one home are
/// serialised, so two sources cannot overtake each other.
///
/// # Errors
/// When the state on disk cannot be read or written, or is damaged. Then nothing is accepted: to
/// treat a damaged state as "nothing trusted yet" would allow rollback.
pub fn adopt(
    states: &ArchiveStates,
    _store: &dyn BlockStore,
    archive: &ArchiveId,
    candidate: &[u8],
    ancestors: &dyn ReadBlocks,
) -> Result<Verdict, StoreError> {
    let _one_at_a_time = states.lock_heads();
    let trusted = trusted_head(states, archive)?;
    let verdict = judge(archive, trusted.as_ref(), candidate, ancestors);
    if let Verdict::Accept(head) | Verdict::Known(Some(head)) = &verdict {
        states.set_trusted(archive, &head.bytes)?;
    }
    Ok(verdict)
}

/// The trusted head of an archive, checked again.
///
/// # Errors
/// When it cannot be read, or is no longer valid.
pub fn trusted_head(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Option<Accepted>, StoreError> {
    let bytes = states.trusted(archive)?;
    bytes.map(|bytes| checked(archive, "trusted", &bytes)).transpose()
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
