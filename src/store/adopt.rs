//! The one way by which a head becomes the trusted one.

use super::heads::ArchiveStates;
use super::{BlockStore, StoreError, acts};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::trust::{Accepted, Verdict, check_head, judge};

/// Judges `candidate` and, when it is accepted, writes it durably before returning (TRUST-17).
///
/// What the release withdraws is erased from `store` first (WD-6), or held (HOLD-2). `ancestors` is
/// where the payloads of releases in between are looked up. Calls for one home are
/// serialised, so two sources cannot overtake each other.
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
    let trusted = trusted_head(states, archive)?;
    let verdict = judge(archive, trusted.as_ref(), candidate, ancestors);
    if let Verdict::Accept(head) | Verdict::Known(Some(head)) = &verdict {
        // WD-6: denied durably, then erased, only then the head.
        acts::take_release(states, store, head)?;
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

pub(super) fn checked(
    archive: &ArchiveId,
    which: &str,
    bytes: &[u8],
) -> Result<Accepted, StoreError> {
    check_head(archive, bytes).map_err(|reject| {
        StoreError::Damaged(format!("the {which} head of archive {archive} is damaged: {reject}"))
    })
}
