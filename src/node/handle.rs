//! A mirror from outside: what it needs, what it tells, what it can be asked.

use super::follow::Follow;
use crate::net::{Multiaddr, NetConfig, NetHandle};
use crate::store::BlockStore;
use crate::store::heads::ArchiveStates;
use crate::sync::{FetchSummary, Timing, WireCount};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use yadgar_protocol::ArchiveId;

/// What a mirror needs to start.
pub struct MirrorConfig {
    /// Its blocks.
    pub store: Arc<dyn BlockStore>,
    /// Its archives: it follows all that it finds there.
    pub states: Arc<ArchiveStates>,
    /// Its network.
    pub net: NetConfig,
    /// Times of the sync engine.
    pub timing: Timing,
    /// See [`super::mirror::HEADS_EVERY`].
    pub heads_every: Duration,
    /// Announce it on the LAN by beacons, and find others there (beacon.md). Not on a node that
    /// listens on loopback only.
    pub beacon: bool,
}

/// Something worth telling.
#[derive(Debug, Clone)]
pub enum News {
    /// Reachable at an address.
    Listening(Multiaddr),
    /// A newer release was accepted; its blocks are being fetched.
    Accepted {
        /// The archive.
        archive: ArchiveId,
        /// The release.
        sequence: u64,
    },
    /// All wanted parts of a release are here.
    Complete {
        /// The archive.
        archive: ArchiveId,
        /// The release.
        sequence: u64,
        /// How it came.
        summary: FetchSummary,
    },
    /// Files were withdrawn: they are no longer served, and were erased.
    Withdrawn {
        /// The archive.
        archive: ArchiveId,
    },
    /// A release or notice takes away much: nothing is done until the operator says yes.
    Held {
        /// The archive.
        archive: ArchiveId,
        /// The id of the act in hex.
        act: String,
    },
    /// Something went wrong that the keeper of the mirror should know.
    Problem {
        /// The archive.
        archive: ArchiveId,
        /// What, for people.
        what: String,
    },
}

/// What a mirror says of itself.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NodeStatus {
    /// Addresses with its peer id.
    pub listening: Vec<String>,
    /// Connected peers.
    pub peers: Vec<PeerStatus>,
    /// Archives followed.
    pub archives: Vec<FollowStatus>,
}

/// A connected peer.
#[derive(Debug, Clone, Serialize)]
pub struct PeerStatus {
    /// Its id.
    pub peer: String,
    /// Where it is.
    pub address: String,
    /// True when we dialled it.
    pub outbound: bool,
}

/// An archive that is followed.
#[derive(Debug, Clone, Serialize)]
pub struct FollowStatus {
    /// Its id.
    pub archive: String,
    /// Newest accepted release.
    pub trusted: Option<u64>,
    /// Release that is here complete.
    pub complete: Option<u64>,
    /// Connected peers that have it.
    pub holders: usize,
    /// Bytes of files here and in all, while a release is being fetched.
    pub fetching: Option<(u64, u64)>,
    /// What its fetches got over the wire since the node was started.
    pub received: WireCount,
}

/// What is asked of the actor.
pub(super) enum Command {
    Status(oneshot::Sender<NodeStatus>),
    Changed(ArchiveId),
    Shutdown(oneshot::Sender<()>),
}

/// A running mirror, from outside.
#[derive(Clone)]
pub struct MirrorHandle {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) news: broadcast::Sender<News>,
}

impl MirrorHandle {
    /// What happens from now on.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// What the mirror says of itself; `None` when it has stopped.
    pub async fn status(&self) -> Option<NodeStatus> {
        let (answer, wait) = oneshot::channel();
        self.commands.send(Command::Status(answer)).await.ok()?;
        wait.await.ok()
    }

    /// The same from a thread outside the runtime.
    pub fn status_blocking(&self) -> Option<NodeStatus> {
        let (answer, wait) = oneshot::channel();
        self.commands.blocking_send(Command::Status(answer)).ok()?;
        wait.blocking_recv().ok()
    }

    /// The state or settings of an archive were changed by somebody else in this process: read
    /// them again, follow it, tell others. From a thread outside the runtime.
    pub fn changed_blocking(&self, archive: ArchiveId) {
        let _ = self.commands.blocking_send(Command::Changed(archive));
    }

    /// The same from inside the runtime.
    pub async fn changed(&self, archive: ArchiveId) {
        let _ = self.commands.send(Command::Changed(archive)).await;
    }

    /// Stops; returns when nothing listens any more and what was fetched is durable.
    pub async fn shutdown(&self) {
        let (answer, wait) = oneshot::channel();
        if self.commands.send(Command::Shutdown(answer)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

/// What a mirror says of itself.
pub(super) async fn describe(
    net: &NetHandle,
    follows: impl Iterator<Item = &Follow>,
) -> NodeStatus {
    let archives = follows.map(|follow| {
        let (progress, mut received) = (follow.progress(), follow.wire);
        received += progress.as_ref().map(|p| p.wire).unwrap_or_default();
        FollowStatus {
            archive: follow.archive.to_string(),
            trusted: follow.trusted.as_ref().map(|t| t.release.sequence),
            complete: follow.complete.map(|shown| shown.sequence),
            holders: follow.holders.len(),
            fetching: progress.map(|p| (p.bytes_done, p.bytes_total)),
            received,
        }
    });
    let archives = archives.collect();
    let listening = net.listeners().await.iter().map(ToString::to_string).collect();
    let peers = net.connected().await.into_iter().map(|info| PeerStatus {
        peer: info.peer.to_string(),
        address: info.addr.to_string(),
        outbound: info.outbound,
    });
    NodeStatus { listening, peers: peers.collect(), archives }
}
