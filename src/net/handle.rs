//! How the rest of the program talks to the swarm.

use super::error::{DialError, NetError};
use super::limits::STREAM_TIMEOUT;
use super::streams::{OpenError, SyncStream};
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{mpsc, oneshot};

/// A connected peer. For the control socket and the screen; never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its id.
    pub peer: PeerId,
    /// Where it is.
    pub addr: Multiaddr,
    /// True when we dialled it.
    pub outbound: bool,
}

/// Something happened on the network.
#[derive(Debug)]
pub enum NetEvent {
    /// The first connection with a peer is up.
    Connected {
        /// Who.
        peer: PeerId,
        /// Where.
        addr: Multiaddr,
        /// True when we dialled.
        outbound: bool,
    },
    /// The last connection with a peer is gone.
    Disconnected {
        /// Who.
        peer: PeerId,
    },
    /// A peer wants to ask us (mirrors only).
    SyncStream {
        /// Who.
        peer: PeerId,
        /// The stream to answer on.
        stream: SyncStream,
    },
    /// A peer wants to exchange addresses of nodes (mirrors and shares only).
    PeersStream {
        /// Who.
        peer: PeerId,
        /// The stream to answer on.
        stream: SyncStream,
    },
    /// A gossip message. It is forwarded only after [`NetHandle::report`].
    Gossip {
        /// BLAKE3 of the data.
        id: MessageId,
        /// Who passed it on; not who wrote it.
        source: PeerId,
        /// The topic.
        topic: String,
        /// The message as received.
        data: Vec<u8>,
    },
    /// A peer that is not connected announced itself on the LAN. Comes again while it lives.
    Discovered {
        /// Who it says it is.
        peer: PeerId,
        /// Where.
        addrs: Vec<Multiaddr>,
    },
    /// We are reachable at an address (with our peer id).
    Listening(Multiaddr),
}

pub(super) type Answer<T> = oneshot::Sender<T>;

/// A request to the swarm actor.
pub(super) enum Command {
    Dial(Multiaddr, Answer<Result<PeerId, DialError>>),
    Check(Multiaddr, Answer<Result<PeerId, DialError>>),
    Open(PeerId, Answer<Result<SyncStream, OpenError>>),
    OpenPeers(PeerId, Answer<Result<SyncStream, OpenError>>),
    Publish(String, Vec<u8>, Answer<Result<usize, NetError>>),
    Subscribe(String, bool),
    Report(MessageId, PeerId, MessageAcceptance),
    Listen(Multiaddr),
    Listeners(Answer<Vec<Multiaddr>>),
    Connected(Answer<Vec<PeerInfo>>),
    Candidates(Answer<Vec<(PeerId, Vec<Multiaddr>)>>),
    Ban(PeerId),
    Disconnect(PeerId),
    Shutdown(Answer<()>),
}

/// The swarm, from outside. Cheap to clone; the swarm stops when the last handle is gone.
#[derive(Clone)]
pub struct NetHandle {
    pub(super) local: PeerId,
    pub(super) key: Keypair,
    pub(super) commands: mpsc::Sender<Command>,
}

impl NetHandle {
    /// A handle without a network behind it: no socket, and every request fails at once. For who asks only
    /// hosts that are reached otherwise.
    pub fn silent() -> Self {
        let key = Keypair::generate_ed25519();
        Self { local: key.public().to_peer_id(), key, commands: mpsc::channel(1).0 }
    }

    /// Our own id.
    pub fn local_peer(&self) -> PeerId {
        self.local
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.commands.send(command(answer)).await.ok()?;
        wait.await.ok()
    }

    /// Connects and waits for the outcome. An address may end in `/p2p/<id>`; then no other peer is
    /// accepted there, and being connected to it already is success. For addresses that the user
    /// gave; those of strangers go through [`super::addr::dialable_from_stranger`] first.
    ///
    /// # Errors
    /// Why the address was not reached.
    pub async fn dial(&self, addr: Multiaddr) -> Result<PeerId, DialError> {
        self.ask(|answer| Command::Dial(addr, answer)).await.unwrap_or(Err(DialError::Stopped))
    }

    /// The same, but a peer that is connected is dialled too, to see that it can be reached there: that
    /// connection is closed at once.
    ///
    /// # Errors
    /// Why the address was not reached.
    pub async fn check(&self, addr: Multiaddr) -> Result<PeerId, DialError> {
        self.ask(|answer| Command::Check(addr, answer)).await.unwrap_or(Err(DialError::Stopped))
    }

    /// Opens a sync stream to a connected peer. It never dials.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_sync(&self, peer: PeerId) -> Result<SyncStream, OpenError> {
        let opened = self.ask(|answer| Command::Open(peer, answer));
        match tokio::time::timeout(STREAM_TIMEOUT, opened).await {
            Ok(Some(opened)) => opened,
            Ok(None) => Err(OpenError::NotConnected),
            Err(_) => Err(OpenError::Timeout),
        }
    }

    /// Opens a stream to exchange addresses of nodes with a connected peer. It never dials.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_peers(&self, peer: PeerId) -> Result<SyncStream, OpenError> {
        let opened = self.ask(|answer| Command::OpenPeers(peer, answer));
        match tokio::time::timeout(STREAM_TIMEOUT, opened).await {
            Ok(Some(opened)) => opened,
            Ok(None) => Err(OpenError::NotConnected),
            Err(_) => Err(OpenError::Timeout),
        }
    }

    /// The identity's signature over a message; `None` when it cannot sign.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<[u8; 64]> {
        self.key.sign(message).ok()?.try_into().ok()
    }

    /// Sends a message to the peers of a topic. Returns to how many at most; 0 when nobody
    /// listens there now or gossip is off, which is no error (SYNC-10).
    ///
    /// # Errors
    /// When the message is too long.
    pub async fn publish(&self, topic: String, data: Vec<u8>) -> Result<usize, NetError> {
        let sent = self.ask(|answer| Command::Publish(topic, data, answer));
        sent.await.unwrap_or(Err(NetError::Stopped))
    }

    /// Joins a topic.
    pub async fn subscribe(&self, topic: String) {
        let _ = self.commands.send(Command::Subscribe(topic, true)).await;
    }

    /// Leaves a topic.
    pub async fn unsubscribe(&self, topic: String) {
        let _ = self.commands.send(Command::Subscribe(topic, false)).await;
    }

    /// Says what became of a gossip message: only an accepted one is forwarded (SYNC-9).
    pub async fn report(&self, id: MessageId, source: PeerId, verdict: MessageAcceptance) {
        let _ = self.commands.send(Command::Report(id, source, verdict)).await;
    }

    /// Where we listen, each with our peer id.
    pub async fn listeners(&self) -> Vec<Multiaddr> {
        self.ask(Command::Listeners).await.unwrap_or_default()
    }

    /// Who is connected.
    pub async fn connected(&self) -> Vec<PeerInfo> {
        self.ask(Command::Connected).await.unwrap_or_default()
    }

    /// Who was heard on the LAN lately.
    pub async fn candidates(&self) -> Vec<(PeerId, Vec<Multiaddr>)> {
        self.ask(Command::Candidates).await.unwrap_or_default()
    }

    /// Closes all connections with a peer and refuses it for a time (SYNC-6).
    pub async fn ban(&self, peer: PeerId) {
        let _ = self.commands.send(Command::Ban(peer)).await;
    }

    /// Closes all connections with a peer.
    pub async fn disconnect(&self, peer: PeerId) {
        let _ = self.commands.send(Command::Disconnect(peer)).await;
    }

    /// Listens on one more address, for the same reach as before; what cannot be listened on is left out.
    pub(crate) async fn listen_too(&self, addr: Multiaddr) {
        let _ = self.commands.send(Command::Listen(addr)).await;
    }

    /// Stops the swarm; returns when it no longer listens.
    pub async fn shutdown(&self) {
        let _ = self.ask(Command::Shutdown).await;
    }
}
