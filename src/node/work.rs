//! Work that the mirror actor hands to tasks, and what they tell it.

use super::Ground;
use super::follow::Fetched;
use super::learn::learn;
use crate::net::{MessageAcceptance, MessageId, Multiaddr, OpenError, PeerId};
use crate::store::StoreError;
use crate::sync::{End, ask_heads};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Verdict;

/// Streams opened to ask a peer for its heads, before the next exchange.
const TRIES: u32 = 4;

/// What a task tells the actor.
pub enum Done {
    /// A peer was asked for heads.
    Asked {
        /// Who.
        peer: PeerId,
        /// Archives of which it has a head, and what became of it.
        heads: Vec<(ArchiveId, Result<Verdict, StoreError>)>,
    },
    /// A gossip message was judged.
    Gossiped {
        /// Who passed it on.
        peer: PeerId,
        /// The archive of its topic.
        archive: ArchiveId,
        /// What became of it.
        verdict: Result<Verdict, StoreError>,
    },
    /// An address was dialled.
    Dialled {
        /// Where.
        address: Multiaddr,
        /// Who answered.
        peer: Option<PeerId>,
    },
    /// A fetch ended.
    Fetched(Box<Fetched>),
}

/// Longest time that a head exchange with a peer may take; a head is a few kB.
const EXCHANGE: Duration = Duration::from_secs(60);
/// Longest time for the releases in between.
const CHAIN: Duration = Duration::from_secs(300);

/// Asks a peer for the heads of `archives` and judges them.
pub async fn ask(ground: Ground, peer: PeerId, archives: Vec<ArchiveId>, tell: mpsc::Sender<Done>) {
    let asked = tokio::time::timeout(EXCHANGE, ask_again(&ground, peer, &archives)).await;
    let asked = asked.unwrap_or(Ok(BTreeMap::new()));
    // A peer that could not be asked is asked again at the next exchange.
    for (archive, head) in asked.unwrap_or_default() {
        let Some(head) = head else { continue };
        // A peer that is slow with releases in between must not hold a place for hours.
        let judged = tokio::time::timeout(CHAIN, learn(&ground, archive, head, peer)).await;
        let Ok(verdict) = judged else { continue };
        // The actor is gone when the node stops: then nobody needs to know.
        let _ = tell.send(Done::Asked { peer, heads: vec![(archive, verdict)] }).await;
    }
}

/// Asks for heads; a stream that was lost (which is normal while connections come up) is opened
/// again. A peer that breaks the rules is banned (SYNC-6).
async fn ask_again(
    ground: &Ground,
    peer: PeerId,
    archives: &[ArchiveId],
) -> Result<BTreeMap<ArchiveId, Option<Vec<u8>>>, End> {
    let mut pause = ground.timing.reopen;
    for _ in 1..TRIES {
        match ask_heads(&ground.net, peer, archives, ground.timing.stall).await {
            Err(End::Lost(_) | End::NotOpened(OpenError::Io(_) | OpenError::TooMany)) => {}
            Err(end @ End::Lied(_)) => {
                ground.net.ban(peer).await;
                return Err(end);
            }
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    ask_heads(&ground.net, peer, archives, ground.timing.stall).await
}

/// A gossip message to judge.
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who passed it on.
    pub peer: PeerId,
    /// The archive of its topic.
    pub archive: ArchiveId,
    /// The head.
    pub data: Vec<u8>,
}

/// Judges a gossip message and says whether it may go on (SYNC-9).
pub async fn gossip(ground: Ground, message: Message, tell: mpsc::Sender<Done>) {
    let Message { id, peer, archive, data } = message;
    let verdict = learn(&ground, archive, data, peer).await;
    let acceptance = match &verdict {
        Ok(Verdict::Accept(_) | Verdict::Known(_)) => MessageAcceptance::Accept,
        Ok(Verdict::Older | Verdict::NeedsAncestor(_)) | Err(_) => MessageAcceptance::Ignore,
        Ok(_) => MessageAcceptance::Reject,
    };
    ground.net.report(id, peer, acceptance).await;
    let _ = tell.send(Done::Gossiped { peer, archive, verdict }).await;
}

/// Dials an address.
pub async fn dial(ground: Ground, address: Multiaddr, tell: mpsc::Sender<Done>) {
    let peer = ground.net.dial(address.clone()).await.ok();
    let _ = tell.send(Done::Dialled { address, peer }).await;
}
