//! A mirror from outside: what it needs, what it tells, what it can be asked.

use super::follow::Follow;
use super::mend::Mended;
use super::peers::Acquaintances;
use super::reached::{LineTold, ReachTold};
use crate::net::{DhtState, Multiaddr, NetConfig, NetHandle, NetLoad};
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, WebHost};
use crate::sync::{FetchSummary, ServeLoad, Timing, WireCount};
use crate::web::Fault;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use yadgar_protocol::{ArchiveId, Hash};

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
    /// See [`super::mirror::HOSTS_EVERY`].
    pub hosts_every: Duration,
    /// Announce it on the LAN by beacons, and find others there (beacon.md). Not on a node that
    /// listens on loopback only.
    pub beacon: bool,
    /// Where addresses of others are remembered; without it, for this run only.
    pub peers: Option<PathBuf>,
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
    /// A web host that is followed cannot be asked, or a file of it is of no use.
    Host {
        /// The archive.
        archive: ArchiveId,
        /// Where it is.
        url: String,
        /// The file, below that.
        file: Option<String>,
        /// What is wrong, for people.
        why: String,
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
    /// How it is reached from outside.
    pub reach: ReachTold,
    /// Its connections, and how many there may be.
    pub connections: NetLoad,
    /// What of the line it uses, and may.
    pub line: LineTold,
    /// Other nodes whose addresses are remembered.
    pub remembered: Vec<RememberedStatus>,
    /// Archives followed.
    pub archives: Vec<FollowStatus>,
    /// Web hosts that are asked.
    pub hosts: Vec<HostStatus>,
    /// What serving takes, and may take.
    pub serving: ServeLoad,
    /// How it stands with the DHT.
    pub dht: DhtState,
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
    /// It began at a relay and goes without one.
    pub punched: bool,
}

/// A node that is remembered.
#[derive(Debug, Clone, Serialize)]
pub struct RememberedStatus {
    /// Its id.
    pub peer: String,
    /// Where it listens, by its own word.
    pub addresses: Vec<String>,
    /// True when these addresses mean something where we are now.
    pub here: bool,
    /// It was reached there and had an archive that is followed.
    pub proved: bool,
    /// Dials since it last was of use.
    pub fails: u32,
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

/// A web host that is asked.
#[derive(Debug, Clone, Serialize)]
pub struct HostStatus {
    /// The archive.
    pub archive: String,
    /// Where it is.
    pub url: String,
    /// It is a gateway (gateway.md) and no static mirror.
    pub gateway: bool,
    /// It is reached through a proxy only.
    pub proxied: bool,
    /// It is looked at again and again; otherwise it was asked once.
    pub followed: bool,
    /// How long ago the last look at it ended, in seconds.
    pub looked_seconds_ago: Option<u64>,
    /// It is being looked at, or is to be at once.
    pub looking: bool,
    /// When the next one is due.
    pub next_in_seconds: u64,
    /// The newest release that it showed and the rules accepted or knew.
    pub release: Option<u64>,
    /// What was wrong at the last look.
    pub error: Option<String>,
    /// What came from it since the node was started, in bytes.
    pub received_bytes: u64,
    /// Its files that are of no use.
    pub faults: Vec<Fault>,
}

/// What is asked of the actor.
pub(super) enum Command {
    ForgetPeers(oneshot::Sender<()>),
    Status(oneshot::Sender<NodeStatus>),
    Changed(ArchiveId),
    AskHosts(ArchiveId, Vec<WebHost>, oneshot::Sender<bool>),
    LookAgain,
    Mend(Vec<Hash>, oneshot::Sender<Mended>),
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

    /// Forgets the addresses of others, on the disk too; returns when that is done. From a thread outside the runtime.
    pub fn forget_peers_blocking(&self) {
        let (answer, wait) = oneshot::channel();
        if self.commands.blocking_send(Command::ForgetPeers(answer)).is_ok() {
            let _ = wait.blocking_recv();
        }
    }

    /// The state or settings of an archive were changed by somebody else in this process: read
    /// them again, follow it, tell others. From a thread outside the runtime.
    pub fn changed_blocking(&self, archive: ArchiveId) {
        let _ = self.commands.blocking_send(Command::Changed(archive));
    }

    /// Asks web hosts for the newest release now, beside all other sources; those that the settings do not name are
    /// forgotten after that. False when there are too many. From a thread outside the runtime.
    pub fn ask_hosts_blocking(&self, archive: ArchiveId, hosts: Vec<WebHost>) -> bool {
        let (answer, wait) = oneshot::channel();
        let asked = self.commands.blocking_send(Command::AskHosts(archive, hosts, answer));
        asked.is_ok() && wait.blocking_recv().unwrap_or(false)
    }

    /// The store has lost blocks: what is missing is fetched again, also of what was complete.
    pub async fn look_again(&self) {
        let _ = self.commands.send(Command::LookAgain).await;
    }

    /// These blocks turned out damaged, and no fetch brings them: peers are asked for them, whichever release they are
    /// of, unless nothing needs them any more. The answer comes when that has ended.
    pub(super) async fn mend(&self, lost: Vec<Hash>) -> oneshot::Receiver<Mended> {
        let (answer, wait) = oneshot::channel();
        let _ = self.commands.send(Command::Mend(lost, answer)).await;
        wait
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
    known: Option<&Acquaintances>,
    hosts: Vec<HostStatus>,
    serving: ServeLoad,
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
        punched: info.punched,
    });
    let remembered = known.map(Acquaintances::remembered).unwrap_or_default();
    let (peers, reach) = (peers.collect(), net.reach().await.into());
    let (connections, line) = (net.load().await, LineTold::default());
    NodeStatus {
        listening,
        peers,
        reach,
        connections,
        line,
        remembered,
        archives,
        hosts,
        serving,
        dht: net.dht(),
    }
}
