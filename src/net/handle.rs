//! How the rest of the program talks to the swarm.

use super::addr::{peer_of, relay_of};
use super::dht::DhtState;
use super::error::{DialError, NetError};
use super::limits::{RELAY_SETTLES, STREAM_TIMEOUT};
use super::load::NetLoad;
use super::reach::ReachStatus;
use super::streams::{OpenError, SyncStream};
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{mpsc, oneshot, watch};
use yadgar_protocol::dht::{Act, DhtKey};
use yadgar_protocol::peers::Learnt;
use yadgar_protocol::score::Fault;

/// A connected peer. For the control socket and the screen; never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its id.
    pub peer: PeerId,
    /// Where it is.
    pub addr: Multiaddr,
    /// True when we dialled it.
    pub outbound: bool,
    /// It began at a relay and goes without one.
    pub punched: bool,
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
    /// A peer that was connected through a relay is connected without one as well.
    Punched {
        /// Who.
        peer: PeerId,
        /// Where.
        addr: Multiaddr,
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
    /// Nodes that are said in the DHT to have the archive of a key. Nothing of it is checked.
    Found {
        /// Which archive.
        key: DhtKey,
        /// Who, and where.
        nodes: Vec<(PeerId, Vec<Multiaddr>)>,
    },
    /// What [`NetHandle::seek`] began for a key has ended.
    Sought(DhtKey),
}

pub(super) type Answer<T> = oneshot::Sender<T>;

/// A request to the swarm actor.
pub(super) enum Command {
    Dial(Multiaddr, Learnt, Answer<Result<PeerId, DialError>>),
    Check(Multiaddr, Answer<Result<PeerId, DialError>>),
    Open(PeerId, Answer<Result<SyncStream, OpenError>>),
    OpenPeers(PeerId, Answer<Result<SyncStream, OpenError>>),
    Publish(String, Vec<u8>, Answer<Result<usize, NetError>>),
    Subscribe(String, bool),
    Report(MessageId, PeerId, MessageAcceptance),
    Listen(Multiaddr),
    Listeners(Answer<Vec<Multiaddr>>),
    Connected(Answer<Vec<PeerInfo>>),
    Settled(PeerId, Answer<()>),
    Reach(Answer<ReachStatus>),
    Load(Answer<NetLoad>),
    Candidates(Answer<Vec<(PeerId, Vec<Multiaddr>)>>),
    Blame(PeerId, Fault),
    Keep(PeerId),
    LetGo([Vec<PeerId>; 2], bool),
    Seek(Act),
    Reachable(Option<bool>),
    Disconnect(PeerId),
    Shutdown(Answer<()>),
}

/// The swarm, from outside. Cheap to clone; the swarm stops when the last handle is gone.
#[derive(Clone)]
pub struct NetHandle {
    pub(super) local: PeerId,
    pub(super) key: Keypair,
    pub(super) commands: mpsc::Sender<Command>,
    /// May dial through relays.
    pub(super) circuits: bool,
    pub(super) loopback_peers: bool,
    pub(super) reachable: watch::Receiver<Option<bool>>,
    pub(super) dht: watch::Receiver<DhtState>,
}

impl NetHandle {
    /// A handle without a network behind it: no socket, and every request fails at once. For who asks only
    /// hosts that are reached otherwise.
    pub fn silent() -> Self {
        let key = Keypair::generate_ed25519();
        let (local, reachable) = (key.public().to_peer_id(), watch::channel(None).1);
        let (commands, dht) = (mpsc::channel(1).0, watch::channel(DhtState::default()).1);
        Self { local, key, commands, circuits: false, loopback_peers: false, reachable, dht }
    }

    /// Our own id.
    pub fn local_peer(&self) -> PeerId {
        self.local
    }

    /// True when records of loopback addresses count ([`super::NetConfig::loopback_peers`]).
    pub fn loopback_peers(&self) -> bool {
        self.loopback_peers
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Option<T> {
        let (answer, wait) = oneshot::channel();
        self.commands.send(command(answer)).await.ok()?;
        wait.await.ok()
    }

    /// Connects and waits for the outcome. An address may end in `/p2p/<id>`; then no other peer is
    /// accepted there, and being connected to it already is success. For addresses that the user
    /// gave; those of strangers go through [`super::addr::dialable_from_stranger`] first.
    /// For an address that leads through a relay the relay is connected to first.
    ///
    /// # Errors
    /// Why the address was not reached.
    pub async fn dial(&self, addr: Multiaddr) -> Result<PeerId, DialError> {
        self.dial_as(addr, Learnt::Named).await
    }

    /// The same for an address that was learnt otherwise: of each kind only some are connected (SLOT-1). A relay on the
    /// way there counts as learnt like the address.
    ///
    /// # Errors
    /// Why the address was not reached.
    pub async fn dial_as(&self, addr: Multiaddr, learnt: Learnt) -> Result<PeerId, DialError> {
        if let Some(relay) = relay_of(&addr) {
            self.meet(relay, learnt).await?;
        }
        self.dial_straight(addr, learnt).await
    }

    async fn dial_straight(&self, addr: Multiaddr, learnt: Learnt) -> Result<PeerId, DialError> {
        let dialled = self.ask(|answer| Command::Dial(addr, learnt, answer)).await;
        dialled.unwrap_or(Err(DialError::Stopped))
    }

    /// Connects to a relay, and gives it the time to say where it sees us: hole punching begins with that.
    async fn meet(&self, relay: Multiaddr, learnt: Learnt) -> Result<(), DialError> {
        let Some(peer) = peer_of(&relay).filter(|_| self.circuits) else {
            return Err(DialError::Unsupported);
        };
        self.dial_straight(relay, learnt).await?;
        let settled = self.ask(|answer| Command::Settled(peer, answer));
        // Without it the circuit may do all the same.
        let _ = tokio::time::timeout(RELAY_SETTLES, settled).await;
        Ok(())
    }

    /// How we are reached.
    pub async fn reach(&self) -> ReachStatus {
        self.ask(Command::Reach).await.unwrap_or_default()
    }

    /// How many connections there are, and may be.
    pub async fn load(&self) -> NetLoad {
        self.ask(Command::Load).await.unwrap_or_default()
    }

    /// Whether others reach us (`None`: nobody could say yet), as it changes.
    pub fn reachable(&self) -> watch::Receiver<Option<bool>> {
        self.reachable.clone()
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
        let _ = self.commands.send(Command::Blame(peer, Fault::Lie)).await;
    }

    /// Notes something against a peer (SCORE-1). When the actor is busy it is forgotten.
    pub fn blame(&self, peer: PeerId, fault: Fault) {
        let _ = self.commands.try_send(Command::Blame(peer, fault));
    }

    /// A peer is of use: if only a search connected it, it may stay.
    pub fn keep(&self, peer: PeerId) {
        let _ = self.commands.try_send(Command::Keep(peer));
    }

    /// Makes room for guests that found no place (SLOT-3): closes the connections with some of these, chosen at random, on
    /// which no stream moved of late: of the first, or, when there is none among them, of the second. When it is `crowded`,
    /// also before somebody found none.
    pub fn let_go(&self, guests: [Vec<PeerId>; 2], crowded: bool) {
        let _ = self.commands.try_send(Command::LetGo(guests, crowded));
    }

    /// Begins a search or an announcement in the DHT. [`NetEvent::Sought`] follows, and [`NetEvent::Found`] before it.
    pub async fn seek(&self, act: Act) {
        let _ = self.commands.send(Command::Seek(act)).await;
    }

    /// Whether others can reach us, if that was found out; `None`: as far as our own addresses tell.
    pub async fn set_reachable(&self, reachable: Option<bool>) {
        let _ = self.commands.send(Command::Reachable(reachable)).await;
    }

    /// How it stands with the DHT.
    pub fn dht(&self) -> DhtState {
        *self.dht.borrow()
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
