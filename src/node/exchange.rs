//! Asks one peer for the heads of all archives (SYNC-8).

use super::Keep;
use super::consider::{ConsiderError, Outcome, consider};
use crate::net::{NetHandle, PeerId};
use crate::sync::{End, Session};
use std::time::Duration;
use yadgar_protocol::ArchiveId;

/// What a peer's head of each archive was worth, for those of which it has one.
///
/// # Errors
/// How the stream ended. Heads that were judged before that are judged.
pub async fn exchange(
    net: &NetHandle,
    keep: &Keep,
    peer: PeerId,
    archives: &[ArchiveId],
    stall: Duration,
) -> Result<Vec<(ArchiveId, Outcome)>, End> {
    let mut session = Session::open(net, peer, stall).await?;
    let mut outcomes = Vec::new();
    for (archive, head) in session.heads(archives).await? {
        let Some(head) = head else { continue };
        match consider(keep, archive, head, Some(&mut session)).await {
            Ok(outcome) => outcomes.push((archive, outcome)),
            Err(ConsiderError::End(end)) => return Err(end),
            Err(ConsiderError::Store(error)) => tracing::warn!(%error, "a head was not judged"),
        }
    }
    // Everything asked for is here.
    let _ = session.finish().await;
    Ok(outcomes)
}
