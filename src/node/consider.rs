//! Judges a head that somebody offers, and fetches the releases in between when they are needed.

use super::Keep;
use crate::store::StoreError;
use crate::store::adopt::{adopt, trusted_head};
use crate::sync::{End, Session};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::limits::MAX_ANCESTORS;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, Verdict};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Reject};

/// What became of a head.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is the trusted head now, durably.
    Accepted(Box<Accepted>),
    /// Its release was trusted already. With `Some`, this head tells of newer trust roots and is kept.
    Known(Option<Box<Accepted>>),
    /// Older than what is trusted.
    Older,
    /// Another release stands where the trusted one does: both are signed. Nothing is replaced.
    Fork,
    /// Another trust root stands where the trusted one does.
    RootFork,
    /// Signed under a trust root that has been replaced.
    SupersededRoot,
    /// A release in between could not be had.
    NeedsAncestor(BlockId),
    /// Not a head of this archive.
    Refused(Reject),
}

impl Outcome {
    /// True when its giver has the release that is trusted now.
    pub fn has_trusted(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Known(_))
    }

    /// Words for the operator, for what he should know.
    pub fn warning(&self) -> Option<&'static str> {
        match self {
            Self::Fork => Some("two signed releases with one number exist: the newer is not taken"),
            Self::RootFork => {
                Some("two trust roots with one version exist: the newer is not taken")
            }
            _ => None,
        }
    }
}

/// Why a head could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum ConsiderError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stream with the releases in between ended.
    #[error(transparent)]
    End(#[from] End),
}

/// Judges `candidate` and takes it when it is accepted, durably (TRUST-17). With a session, releases
/// in between that are not here are asked of its peer.
///
/// # Errors
/// See [`ConsiderError`]; nothing is trusted then.
pub async fn consider(
    keep: &Keep,
    archive: ArchiveId,
    candidate: Vec<u8>,
    mut session: Option<&mut Session>,
) -> Result<Outcome, ConsiderError> {
    let mut asked = None;
    loop {
        let head = candidate.clone();
        let judged = keep.blocking(move |k| adopt(&k.states, &archive, &head, &*k.store)).await?;
        let id = match judged {
            Verdict::Accept(head) => return Ok(Outcome::Accepted(head)),
            Verdict::Known(head) => return Ok(Outcome::Known(head)),
            Verdict::Older => return Ok(Outcome::Older),
            Verdict::Fork(_) => return Ok(Outcome::Fork),
            Verdict::RootFork => return Ok(Outcome::RootFork),
            Verdict::SupersededRoot => return Ok(Outcome::SupersededRoot),
            Verdict::Refuse(reject) => return Ok(Outcome::Refused(reject)),
            Verdict::NeedsAncestor(id) => id,
        };
        let Some(session) = session.as_deref_mut().filter(|_| asked != Some(id)) else {
            return Ok(Outcome::NeedsAncestor(id));
        };
        fetch_chain(keep, archive, id, session).await?;
        asked = Some(id);
    }
}

/// Fetches the payload `id` and those before it, down to what is here or trusted. The signers of
/// the candidate commit to every one of them by hash, so they may be kept.
async fn fetch_chain(
    keep: &Keep,
    archive: ArchiveId,
    mut id: BlockId,
    session: &mut Session,
) -> Result<(), ConsiderError> {
    let trusted = keep.blocking(move |k| trusted_head(&k.states, &archive)).await?;
    let goal = trusted.map_or(0, |head| head.release.sequence);
    for _ in 0..MAX_ANCESTORS {
        let Some(payload) = session.blocks(&[id]).await?.remove(&id) else { return Ok(()) };
        let Ok(release) = Release::decode(&payload) else { return Ok(()) };
        let Some(prev) = release.prev else { return Ok(()) };
        let before = BlockId { codec: Codec::DagCbor, hash: prev };
        let is_here = keep
            .blocking(move |k| {
                k.store.put(vec![Packed::plain(Codec::DagCbor, payload)])?;
                k.store.has(&before)
            })
            .await?;
        if is_here || release.sequence <= goal + 1 {
            return Ok(());
        }
        id = before;
    }
    Ok(())
}
