//! Sync streams: opens them, takes them in, and counts what moves on them.
//!
//! A behaviour of our own: it bounds the streams of a connection, never dials by itself, forgets
//! everything about a connection that is closed, and can tell a slow connection from a dead one.

mod upgrade;

use super::addr::{is_relayed, network_of};
use super::limits::{MAX_SYNC_STREAMS_IN, MAX_SYNC_STREAMS_OUT, STREAM_TIMEOUT};
use super::pace::{Pace, Paces, Rates, Turn};
use super::volume::{ALL_QUESTIONS_RATE, QUESTIONS_RATE, Volume};
use futures::{AsyncRead, AsyncWrite, ready};
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedOutbound};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, StreamUpgradeError, SubstreamProtocol, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use upgrade::Upgrade;

/// Why a stream did not come up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no connection with the peer (any more).
    #[error("not connected")]
    NotConnected,
    /// The peer does not answer sync: a reader, or some other program.
    #[error("the peer does not serve archives")]
    Unsupported,
    /// We have many streams to this peer already.
    #[error("too many streams to this peer")]
    TooMany,
    /// The peer took too long.
    #[error("the peer did not answer in time")]
    Timeout,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(String),
}

/// What one connection carries.
#[derive(Debug, Default)]
struct Load {
    /// Counts reads and writes that moved something.
    moved: AtomicU64,
    inbound: AtomicUsize,
    outbound: AtomicUsize,
    /// Who is at the other end, once that is known.
    peer: Option<PeerId>,
    /// Through a relay.
    relayed: bool,
    /// The public network of the other side, or of the relay.
    network: Option<IpAddr>,
    /// Rate limits of the node, and of this connection.
    paces: [Paces; 2],
    /// Of what is asked on streams of the other side, beside those.
    questions: Option<[Arc<Pace>; 2]>,
    /// Where bytes are counted.
    volume: Arc<Volume>,
}

impl Load {
    fn side(&self, inbound: bool) -> &AtomicUsize {
        if inbound { &self.inbound } else { &self.outbound }
    }

    /// Takes a place for a stream, if there is one.
    fn enter(&self, inbound: bool) -> bool {
        let most = if inbound { MAX_SYNC_STREAMS_IN } else { MAX_SYNC_STREAMS_OUT };
        let next = |now: usize| (now < most).then_some(now + 1);
        self.side(inbound).fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

/// A place for a stream on a connection; given back when dropped.
#[derive(Debug)]
pub struct Place {
    load: Arc<Load>,
    inbound: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.load.side(self.inbound).fetch_sub(1, Relaxed);
    }
}

/// A sync stream (SYNC, `/yadgar/sync/1`). Reads and writes bytes; dropping it resets the stream.
#[derive(Debug)]
pub struct SyncStream {
    stream: Stream,
    place: Place,
    reading: Turn,
    writing: Turn,
}

impl SyncStream {
    fn new(stream: Stream, place: Place) -> Self {
        let paces = &place.load.paces;
        let questions = place.load.questions.clone().filter(|_| place.inbound);
        let down = paces.iter().filter_map(|paces| paces.down.clone());
        let reading = Turn::new(down.chain(questions.into_iter().flatten()));
        let writing = Turn::new(paces.iter().filter_map(|paces| paces.up.clone()));
        Self { stream, place, reading, writing }
    }

    /// The public network (IPv4 /24, IPv6 /48) that the other side is connected from; `None` for
    /// private ranges.
    pub fn network(&self) -> Option<IpAddr> {
        self.place.load.network
    }

    fn note<T>(&self, moved: &Poll<io::Result<T>>) {
        if matches!(moved, Poll::Ready(Ok(_))) {
            self.place.load.moved.fetch_add(1, Relaxed);
        }
    }
}

impl AsyncRead for SyncStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.reading.poll(cx));
        let piece = self.reading.piece(buf.len());
        let moved = Pin::new(&mut self.stream).poll_read(cx, &mut buf[..piece]);
        self.note(&moved);
        if let Poll::Ready(Ok(bytes)) = &moved {
            self.reading.moved(*bytes);
            // What others ask is theirs to decide, and must not end what we fetch.
            if !self.place.inbound {
                self.place.load.volume.received(*bytes);
            }
        }
        moved
    }
}

impl AsyncWrite for SyncStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.writing.poll(cx));
        let piece = self.writing.piece(buf.len());
        let moved = Pin::new(&mut self.stream).poll_write(cx, &buf[..piece]);
        self.note(&moved);
        if let Poll::Ready(Ok(bytes)) = &moved {
            self.writing.moved(*bytes);
            self.place.load.volume.sent(*bytes);
        }
        moved
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

type Reply = oneshot::Sender<Result<SyncStream, OpenError>>;

/// Asks a connection's handler to open a stream. Dropped with the connection, which the waiting
/// side sees as [`OpenError::NotConnected`].
#[derive(Debug)]
pub struct Open(Reply);

/// A peer opened a stream.
#[derive(Debug)]
pub struct Opened {
    /// Who.
    pub peer: PeerId,
    /// The stream.
    pub stream: SyncStream,
}

/// The behaviour.
pub struct Streams {
    protocol: StreamProtocol,
    accept: bool,
    rates: Rates,
    shared: Paces,
    volume: Arc<Volume>,
    /// What is taken of the questions of all others together, where the bytes of a day are bounded.
    questions: Option<Arc<Pace>>,
    loads: HashMap<ConnectionId, Arc<Load>>,
    events: VecDeque<ToSwarm<Opened, Open>>,
}

fn slow(rate: u64) -> Arc<Pace> {
    Arc::new(Pace::new(rate, None, || 0))
}

impl Streams {
    /// Opens streams of `protocol`; with `accept` it also takes those of others. `shared` are the limits of `rates` that
    /// hold for all together.
    pub fn new(protocol: &'static str, accept: bool, rates: Rates, shared: Paces) -> Self {
        let protocol = StreamProtocol::new(protocol);
        let (loads, events) = (HashMap::new(), VecDeque::new());
        let (volume, questions) = (Arc::default(), None);
        Self { protocol, accept, rates, shared, volume, questions, loads, events }
    }

    /// The same, with its bytes counted there.
    pub fn counted(mut self, volume: Arc<Volume>) -> Self {
        self.questions = volume.is_bounded().then(|| slow(ALL_QUESTIONS_RATE));
        self.volume = volume;
        self
    }

    /// Opens a stream to a connected peer; not through a relay when there is a connection without one.
    pub fn open(&mut self, peer: PeerId, reply: Reply) {
        let direct = |load: &Load| load.peer == Some(peer) && !load.relayed;
        let found = self.loads.iter().find(|(_, load)| direct(load)).map(|(id, _)| *id);
        // Bounded: each waits in the queue only until the swarm is polled next.
        self.events.push_back(ToSwarm::NotifyHandler {
            peer_id: peer,
            handler: found.map_or(NotifyHandler::Any, NotifyHandler::One),
            event: Open(reply),
        });
    }

    /// A number that changes whenever bytes move on a sync stream of the connection.
    pub fn moved(&self, connection: ConnectionId) -> u64 {
        self.loads.get(&connection).map_or(0, |load| load.moved.load(Relaxed))
    }

    fn handler(&mut self, connection: ConnectionId, peer: PeerId, at: &Multiaddr) -> Handler {
        let load = Arc::new(Load {
            peer: Some(peer),
            relayed: is_relayed(at),
            network: network_of(at),
            paces: [self.shared.clone(), self.rates.own()],
            questions: self.questions.clone().map(|all| [all, slow(QUESTIONS_RATE)]),
            volume: self.volume.clone(),
            ..Load::default()
        });
        self.loads.insert(connection, load.clone());
        Handler {
            protocol: self.protocol.clone(),
            accept: self.accept,
            load,
            wanted: VecDeque::new(),
            opened: VecDeque::new(),
        }
    }
}

impl NetworkBehaviour for Streams {
    type ConnectionHandler = Handler;
    type ToSwarm = Opened;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        // Who comes through a relay has no address but the relay's.
        Ok(self.handler(connection, peer, if is_relayed(local) { local } else { remote }))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(connection, peer, remote))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        let connection = match event {
            FromSwarm::ConnectionClosed(e) => e.connection_id,
            FromSwarm::DialFailure(e) => e.connection_id,
            FromSwarm::ListenFailure(e) => e.connection_id,
            _ => return,
        };
        self.loads.remove(&connection);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        _: ConnectionId,
        stream: THandlerOutEvent<Self>,
    ) {
        self.events.push_back(ToSwarm::GenerateEvent(Opened { peer, stream }));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Opened, THandlerInEvent<Self>>> {
        self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// One connection's part of the behaviour.
pub struct Handler {
    protocol: StreamProtocol,
    accept: bool,
    load: Arc<Load>,
    wanted: VecDeque<(Reply, Place)>,
    opened: VecDeque<SyncStream>,
}

impl Handler {
    fn place(&self, inbound: bool) -> Option<Place> {
        self.load.enter(inbound).then(|| Place { load: self.load.clone(), inbound })
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = SyncStream;
    type InboundProtocol = Upgrade;
    type OutboundProtocol = Upgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = (Reply, Place);

    fn listen_protocol(&self) -> SubstreamProtocol<Upgrade> {
        let protocol = self.accept.then(|| self.protocol.clone());
        SubstreamProtocol::new(Upgrade(protocol), ()).with_timeout(STREAM_TIMEOUT)
    }

    fn on_behaviour_event(&mut self, Open(reply): Open) {
        match self.place(false) {
            Some(place) => self.wanted.push_back((reply, place)),
            // The asker is gone when this fails.
            None => drop(reply.send(Err(OpenError::TooMany))),
        }
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Upgrade, (Reply, Place), SyncStream>> {
        if let Some(stream) = self.opened.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(stream));
        }
        if let Some(wanted) = self.wanted.pop_front() {
            let upgrade = Upgrade(Some(self.protocol.clone()));
            let protocol = SubstreamProtocol::new(upgrade, wanted).with_timeout(STREAM_TIMEOUT);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, Upgrade, Upgrade, (), (Reply, Place)>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(inbound) => {
                // Without a place the stream is dropped, which resets it.
                if let Some(place) = self.place(true) {
                    self.opened.push_back(SyncStream::new(inbound.protocol, place));
                }
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: (reply, place),
            }) => {
                let _ = reply.send(Ok(SyncStream::new(stream, place)));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: (reply, _), error }) => {
                let _ = reply.send(Err(match error {
                    StreamUpgradeError::Timeout => OpenError::Timeout,
                    StreamUpgradeError::NegotiationFailed => OpenError::Unsupported,
                    StreamUpgradeError::Io(e) => OpenError::Io(e.to_string()),
                    StreamUpgradeError::Apply(never) => match never {},
                }));
            }
            _ => {}
        }
    }
}
