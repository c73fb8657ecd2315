//! Bulletins and notices that come from peers, and those that are passed on (WD-9).

use super::Ground;
use crate::net::MessageAcceptance;
use crate::store::StoreError;
use crate::store::acts::{self, BulletinTaken, NoticeVerdict};
use std::collections::BTreeSet;
use yadgar_protocol::sync::Gossip;
use yadgar_protocol::{ArchiveId, Hash};

/// Judges a bulletin. When our own store fails, what is wrong is in the answer; the peer shows it again.
pub async fn bulletin_of(
    ground: &Ground,
    archive: ArchiveId,
    bytes: Option<&[u8]>,
) -> BulletinTaken {
    let Some(bytes) = bytes.map(<[u8]>::to_vec) else { return BulletinTaken::default() };
    let (states, store) = (ground.states.clone(), ground.store.clone());
    let taken = blocking(move || acts::take_bulletin(&states, &*store, &archive, &bytes)).await;
    taken.unwrap_or_else(|why| BulletinTaken { failed: Some(why), ..BulletinTaken::default() })
}

/// Judges a notice from gossip, and says whether it may go on.
pub async fn notice(
    ground: &Ground,
    archive: ArchiveId,
    body: &[u8],
) -> (MessageAcceptance, BulletinTaken) {
    let (states, store, body) = (ground.states.clone(), ground.store.clone(), body.to_vec());
    let mut urgent = BulletinTaken::default();
    let work = move || acts::take_notice(&states, &*store, &archive, &body);
    let acceptance = match blocking(work).await {
        Ok(NoticeVerdict::Taken) => {
            urgent.taken = 1;
            MessageAcceptance::Accept
        }
        Ok(NoticeVerdict::Held(act)) => {
            urgent.held.push(act);
            MessageAcceptance::Accept
        }
        Ok(NoticeVerdict::Known) => MessageAcceptance::Accept,
        Ok(NoticeVerdict::Later) => MessageAcceptance::Ignore,
        Ok(NoticeVerdict::Refused(_)) => MessageAcceptance::Reject,
        Err(why) => {
            urgent.failed = Some(why);
            MessageAcceptance::Ignore
        }
    };
    (acceptance, urgent)
}

/// The notices of an archive that were not told by gossip yet, as messages. Too long ones are told by
/// exchange only.
pub fn untold(ground: &Ground, archive: &ArchiveId, told: &mut BTreeSet<Hash>) -> Vec<Vec<u8>> {
    let kept = match acts::kept_notices(&ground.states, archive) {
        Ok(kept) => kept,
        Err(error) => {
            tracing::warn!(%error, "the notices cannot be read");
            return Vec::new();
        }
    };
    // Bounded like the notices themselves.
    told.retain(|id| kept.iter().any(|(kept, _)| kept == id));
    let new = kept.into_iter().filter(|(id, _)| told.insert(*id));
    new.filter_map(|(_, envelope)| Gossip::Notice(&envelope).encode()).collect()
}

/// Work on state and store, off the runtime's threads; the reason when it failed.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|e| e.to_string()),
        Err(e) => Err(e.to_string()),
    }
}
