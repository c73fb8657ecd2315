//! What a mirror says to peers and hears from them: serving, head exchange, gossip.

use super::actor::{Actor, Note};
use super::consider::{Outcome, consider};
use super::exchange::exchange;
use super::redial::jitter;
use crate::net::{MessageAcceptance, MessageId, OpenError, PeerId, SyncStream};
use crate::sync::{End, ServeError};
use std::time::Instant;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::limits::MAX_GOSSIP_BYTES;

impl Actor {
    /// Answers a stream in a task of its own.
    pub(super) fn serve(&self, peer: PeerId, stream: SyncStream) {
        let (server, net) = (self.server.clone(), self.net.clone());
        tokio::spawn(async move {
            match server.serve(peer, stream).await {
                Err(ServeError::Violation(reject)) => {
                    tracing::info!(%reject, "a peer broke the rules");
                    net.ban(peer).await;
                }
                Err(error) => tracing::debug!(%error, "serving ended"),
                Ok(()) => {}
            }
        });
    }

    /// Judges a head that was gossiped and says whether it may go on (SYNC-9).
    pub(super) fn gossip(&self, id: MessageId, source: PeerId, topic: &str, data: Vec<u8>) {
        let archive = self.archives.iter().find(|(_, a)| a.topic == topic).map(|(id, _)| *id);
        let permit = self.judges.clone().try_acquire_owned();
        let (net, keep) = (self.net.clone(), self.config.keep.clone());
        self.task(async move {
            let (Some(archive), Ok(_permit)) = (archive, permit) else {
                net.report(id, source, MessageAcceptance::Ignore).await;
                return None;
            };
            let outcome = match data.len() {
                ..=MAX_GOSSIP_BYTES => consider(&keep, archive, data, None).await.ok(),
                _ => None,
            };
            let acceptance = match &outcome {
                Some(Outcome::Accepted(_) | Outcome::Known(_)) => MessageAcceptance::Accept,
                Some(Outcome::Older | Outcome::NeedsAncestor(_)) | None => {
                    MessageAcceptance::Ignore
                }
                Some(_) => MessageAcceptance::Reject,
            };
            net.report(id, source, acceptance).await;
            outcome.map(|outcome| Note::Gossiped(archive, source, outcome))
        });
    }

    /// Asks every peer for heads whose time has come.
    pub(super) fn exchange_due(&mut self) {
        let now = Instant::now();
        let archives: Vec<_> = self.archives.keys().copied().collect();
        let due: Vec<_> = self
            .peers
            .iter_mut()
            .filter(|(_, peer)| peer.due.is_some_and(|due| due <= now))
            .map(|(id, peer)| {
                peer.due = None;
                *id
            })
            .collect();
        for peer in due {
            let (net, keep) = (self.net.clone(), self.config.keep.clone());
            let (archives, stall) = (archives.clone(), self.config.timing.stall);
            self.task(async move {
                let result = exchange(&net, &keep, peer, &archives, stall).await;
                Some(Note::Exchanged(peer, result))
            });
        }
    }

    /// Asks a peer for its heads soon, unless it is being asked or serves nobody.
    pub(super) fn make_due(&mut self, peer: PeerId) {
        if let Some(due) = self.peers.get_mut(&peer).and_then(|p| p.due.as_mut()) {
            *due = (*due).min(Instant::now());
        }
    }

    /// Acts on what a head exchange brought.
    pub(super) async fn exchanged(
        &mut self,
        peer: PeerId,
        result: Result<Vec<(ArchiveId, Outcome)>, End>,
    ) {
        let again = Instant::now() + jitter(self.config.head_interval);
        let outcomes = match result {
            Ok(outcomes) => outcomes,
            Err(End::Lied(reject)) => {
                tracing::info!(%reject, "a peer broke the rules");
                return self.net.ban(peer).await;
            }
            // It asks and does not answer.
            Err(End::NotOpened(OpenError::Unsupported)) => return,
            Err(error) => {
                tracing::debug!(%error, "heads were not exchanged");
                let soon = Instant::now() + jitter(self.config.redial.0 * 4);
                self.peers.get_mut(&peer).map(|p| p.due.get_or_insert(soon));
                return;
            }
        };
        self.peers.get_mut(&peer).map(|p| p.due.get_or_insert(again));
        for (archive, outcome) in outcomes {
            self.outcome(archive, peer, outcome).await;
        }
    }

    /// Tells the peers of the trusted head, which is durable and complete here.
    pub(super) async fn gossip_head(&self, id: ArchiveId) {
        let Some(archive) = self.archives.get(&id).filter(|a| a.is_complete()) else { return };
        let Some(head) = &archive.trusted else { return };
        if head.bytes.len() <= MAX_GOSSIP_BYTES
            && let Err(error) = self.net.publish(archive.topic.clone(), head.bytes.clone()).await
        {
            tracing::debug!(%error, "a head was not gossiped");
        }
    }
}
