//! A node that runs on: follows archives, fetches what is new, serves whoever asks.

use super::Keep;
use super::actor::{Actor, Command};
use super::archive::load;
use super::status::NodeStatus;
use crate::net::{self, NetConfig, NetError, NetHandle};
use crate::store::StoreError;
use crate::sync::{ServeLimits, Timing};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;

/// Time between two head exchanges with one peer (SYNC-8).
const HEAD_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// First pause before an address is dialled again.
const REDIAL_FIRST: Duration = Duration::from_secs(3);
/// Longest pause.
const REDIAL_MOST: Duration = Duration::from_secs(5 * 60);
/// Commands that wait.
const COMMANDS: usize = 16;

/// How a mirror is to run.
#[derive(Clone)]
pub struct NodeConfig {
    /// What it keeps.
    pub keep: Keep,
    /// Its network.
    pub net: NetConfig,
    /// Times of sync.
    pub timing: Timing,
    /// How much it serves.
    pub serve: ServeLimits,
    /// Time between two head exchanges with one peer.
    pub head_interval: Duration,
    /// First and longest pause before an address is dialled again.
    pub redial: (Duration, Duration),
}

impl NodeConfig {
    /// The usual times and limits.
    pub fn new(keep: Keep, net: NetConfig) -> Self {
        Self {
            keep,
            net,
            timing: Timing::default(),
            serve: ServeLimits::default(),
            head_interval: HEAD_INTERVAL,
            redial: (REDIAL_FIRST, REDIAL_MOST),
        }
    }
}

/// A node could not be started, or has stopped.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The store, or the state of an archive.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It does not run any more.
    #[error("the node has stopped")]
    Stopped,
}

/// Starts mirrors.
pub struct Mirror;

impl Mirror {
    /// Starts a node that follows every archive it has a state of.
    ///
    /// # Errors
    /// When it cannot listen, or a state cannot be read.
    pub async fn start(config: NodeConfig) -> Result<MirrorHandle, NodeError> {
        let archives = config.keep.blocking(|keep| keep.states.list()).await?;
        let mut loaded = Vec::new();
        for archive in archives {
            loaded.push(load(&config.keep, archive).await?);
        }
        let (net, events) = net::start(config.net.clone()).await?;
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let first = NodeStatus { peer: net.local_peer().to_string(), ..NodeStatus::default() };
        let (report, status) = watch::channel(first);
        let mut actor = Actor::new(config, net.clone(), report);
        for one in loaded {
            actor.follow(one).await;
        }
        actor.report().await;
        tokio::spawn(actor.run(events, inbox));
        Ok(MirrorHandle { commands, status, net })
    }
}

/// A running mirror, from outside. It stops when the last handle is gone.
#[derive(Clone)]
pub struct MirrorHandle {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<NodeStatus>,
    net: NetHandle,
}

impl MirrorHandle {
    /// What it says of itself now.
    pub fn status(&self) -> NodeStatus {
        self.status.borrow().clone()
    }

    /// The same as a stream of changes.
    pub fn watch(&self) -> watch::Receiver<NodeStatus> {
        self.status.clone()
    }

    /// Its network.
    pub fn net(&self) -> &NetHandle {
        &self.net
    }

    /// Reads the state of an archive again after it was changed from elsewhere (published, imported,
    /// settings), fetches what is lacking, and tells the peers.
    ///
    /// # Errors
    /// When the state cannot be read, or the node has stopped.
    pub async fn announce(&self, archive: ArchiveId) -> Result<(), NodeError> {
        self.ask(|answer| Command::Announce(archive, answer)).await
    }

    /// Follows the archive of an invite from now on, and remembers its addresses.
    ///
    /// # Errors
    /// When the state cannot be written, or the node has stopped.
    pub async fn follow(&self, invite: Invite) -> Result<(), NodeError> {
        self.ask(|answer| Command::Follow(invite, answer)).await
    }

    /// Stops fetching (what came is made durable) and then the network.
    pub async fn shutdown(&self) {
        let (answer, done) = oneshot::channel();
        if self.commands.send(Command::Shutdown(answer)).await.is_ok() {
            let _ = done.await;
        }
    }

    async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), NodeError>>) -> Command,
    ) -> Result<(), NodeError> {
        let (answer, done) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| NodeError::Stopped)?;
        done.await.unwrap_or(Err(NodeError::Stopped))
    }
}
