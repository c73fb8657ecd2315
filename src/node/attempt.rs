//! One address of a fetch: tried once.

use super::Ground;
use super::learn::{learn, learn_fork};
use super::urgent::bulletin_of;
use super::work::fork_in;
use crate::net::{Multiaddr, PeerId};
use crate::store::StoreError;
use crate::sync::{End, ask_shown};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Verdict;

/// What came of one address.
pub enum Tried {
    /// Not reached, and why.
    Unreached(String),
    /// Reached, but not to be asked or without the archive.
    Useless(PeerId),
    /// Reached; its head and what was made of it.
    Head(PeerId, Verdict, Vec<u8>),
    /// The store failed.
    Store(StoreError),
}

/// Connects, asks for the head, has it judged.
pub async fn attempt(ground: &Ground, archive: ArchiveId, address: Multiaddr) -> Tried {
    let peer = match ground.net.dial(address).await {
        Ok(peer) => peer,
        Err(error) => return Tried::Unreached(error.to_string()),
    };
    let shown = ask_shown(&ground.net, peer, archive, ground.timing.stall).await;
    let bulletin = shown.as_ref().ok().and_then(|shown| shown.bulletin.clone());
    if let Some(fork) = fork_in(bulletin.as_deref())
        && let Err(error) = learn_fork(ground, archive, fork.encode(), peer).await
    {
        return Tried::Store(error);
    }
    // Before the head, and again after it: some can only be judged under it (SYNC-11).
    let urgent = bulletin_of(ground, archive, bulletin.as_deref()).await;
    match shown.map(|shown| shown.head) {
        Ok(Some(head)) => match learn(ground, archive, head.clone(), peer).await {
            Ok(verdict) => {
                if urgent.later {
                    bulletin_of(ground, archive, bulletin.as_deref()).await;
                }
                Tried::Head(peer, verdict, head)
            }
            Err(error) => Tried::Store(error),
        },
        Ok(None) => Tried::Useless(peer),
        Err(end) => {
            if matches!(end, End::Lied(_)) {
                ground.net.ban(peer).await;
            }
            tracing::debug!(%end, "a source was not asked");
            Tried::Useless(peer)
        }
    }
}
