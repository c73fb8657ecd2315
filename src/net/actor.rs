//! The task that owns the swarm.

use super::addr::peer_of;
use super::behaviour::{Node, NodeEvent};
use super::candidates::Candidates;
use super::error::{DialError, NetError};
use super::handle::{Answer, Command, NetEvent, PeerInfo};
use super::limits::{GOSSIP_BURST, GOSSIP_REFILL, PING_TIMEOUT};
use super::mdns;
use super::rate::Bucket;
use super::streams::{OpenError, Opened};
use futures::StreamExt as _;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, PublishError};
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, ping};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// How often connections are looked at for signs of life.
const TICK: Duration = Duration::from_secs(5);

/// What is known of one connection.
struct Connection {
    info: PeerInfo,
    /// Counter of the sync streams when it last changed, and when that was.
    moved: u64,
    alive: Instant,
    /// A ping failed since the last that did not.
    suspect: bool,
}

/// A dial under way.
struct Dialling {
    answer: Answer<Result<PeerId, DialError>>,
    /// Only to see who is there: a connection that there is already is no answer, and stays the only one.
    check: bool,
}

pub(super) struct Actor {
    swarm: Swarm<Node>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<NetEvent>,
    dials: HashMap<ConnectionId, Dialling>,
    connections: HashMap<ConnectionId, Connection>,
    /// One bucket for a connected peer that gossips.
    gossip_rate: HashMap<PeerId, Bucket>,
    listening: watch::Sender<BTreeSet<Multiaddr>>,
    heard: mpsc::Receiver<mdns::Heard>,
    candidates: Candidates,
    /// Disconnections that found the queue full. Every one of them was announced as connected
    /// before, and nobody new is let in meanwhile, so they are no more than there are connections.
    gone: VecDeque<PeerId>,
    /// Peers whose connection was announced.
    announced: HashSet<PeerId>,
}

impl Actor {
    /// The actor of a swarm, with the other ends of its queues.
    pub(super) fn new(
        swarm: Swarm<Node>,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<NetEvent>,
        listening: watch::Sender<BTreeSet<Multiaddr>>,
        heard: mpsc::Receiver<mdns::Heard>,
    ) -> Self {
        Self {
            swarm,
            commands,
            events,
            dials: HashMap::new(),
            connections: HashMap::new(),
            gossip_rate: HashMap::new(),
            listening,
            heard,
            candidates: Candidates::default(),
            gone: VecDeque::new(),
            announced: HashSet::new(),
        }
    }

    /// The swarm, while it is being set up.
    pub(super) fn swarm(&mut self) -> &mut Swarm<Node> {
        &mut self.swarm
    }

    /// Works until a shutdown is asked for or the last handle is gone.
    pub(super) async fn run(mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let events = self.events.clone();
        let mut discovery = true;
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    None => return,
                    Some(Command::Shutdown(answer)) => {
                        self.close_all().await;
                        drop(self);
                        let _ = answer.send(());
                        return;
                    }
                    Some(command) => self.command(command),
                },
                event = self.swarm.select_next_some() => self.swarm_event(event),
                heard = self.heard.recv(), if discovery => match heard {
                    Some((peer, addr)) => self.heard(peer, addr),
                    None => discovery = false,
                },
                permit = events.reserve(), if !self.gone.is_empty() => match (permit, self.gone.pop_front()) {
                    (Ok(permit), Some(peer)) => permit.send(NetEvent::Disconnected { peer }),
                    _ => self.gone.clear(),
                },
                _ = tick.tick() => self.tick(),
            }
        }
    }

    /// Tells the peers that we go; those that do not take it in a second learn it by silence.
    async fn close_all(&mut self) {
        for id in self.connections.keys() {
            self.swarm.close_connection(*id);
        }
        let closed = async {
            while !self.connections.is_empty() {
                if let SwarmEvent::ConnectionClosed { connection_id, .. } =
                    self.swarm.select_next_some().await
                {
                    self.connections.remove(&connection_id);
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), closed).await;
    }

    fn command(&mut self, command: Command) {
        // An answer that cannot be sent: the asker is gone.
        match command {
            Command::Dial(addr, answer) => self.dial(addr, answer, false),
            Command::Check(addr, answer) => self.dial(addr, answer, true),
            Command::Open(peer, answer) => self.swarm.behaviour_mut().streams.open(peer, answer),
            Command::OpenPeers(peer, answer) => match self.swarm.behaviour_mut().peers.as_mut() {
                Some(peers) => peers.open(peer, answer),
                None => drop(answer.send(Err(OpenError::Unsupported))),
            },
            Command::Publish(topic, data, answer) => drop(answer.send(self.publish(&topic, data))),
            Command::Subscribe(topic, on) => self.subscribe(&topic, on),
            Command::Report(id, source, acceptance) => self.report(&id, &source, acceptance),
            // Never on what a share may not: its transport takes addresses of LANs only.
            Command::Listen(addr) => drop(self.swarm.listen_on(addr)),
            Command::Listeners(answer) => {
                drop(answer.send(self.listening.borrow().iter().cloned().collect()));
            }
            Command::Connected(answer) => {
                let mut seen = HashSet::new();
                let all = self.connections.values().map(|c| c.info.clone());
                drop(answer.send(all.filter(|info| seen.insert(info.peer)).collect()));
            }
            Command::Candidates(answer) => drop(answer.send(self.candidates.list(Instant::now()))),
            Command::Ban(peer) => {
                let addr = self.connections.values().find(|c| c.info.peer == peer);
                let addr = addr.map(|c| c.info.addr.clone());
                self.swarm.behaviour_mut().gate.ban(peer, addr.as_ref());
                self.candidates.remove(&peer);
                let _ = self.swarm.disconnect_peer_id(peer);
            }
            Command::Disconnect(peer) => drop(self.swarm.disconnect_peer_id(peer)),
            Command::Shutdown(_) => {}
        }
    }

    fn dial(&mut self, addr: Multiaddr, answer: Answer<Result<PeerId, DialError>>, check: bool) {
        let peer = peer_of(&addr);
        if let Some(peer) = peer.filter(|peer| !check && self.swarm.is_connected(peer)) {
            return drop(answer.send(Ok(peer)));
        }
        if peer == Some(*self.swarm.local_peer_id()) {
            return drop(answer.send(Err(DialError::Ourselves)));
        }
        let opts = match peer {
            Some(peer) => DialOpts::peer_id(peer)
                .condition(PeerCondition::Always)
                .addresses(vec![addr])
                .allocate_new_port()
                .build(),
            None => DialOpts::unknown_peer_id().address(addr).allocate_new_port().build(),
        };
        let id = opts.connection_id();
        match self.swarm.dial(opts) {
            Ok(()) => drop(self.dials.insert(id, Dialling { answer, check })),
            Err(error) => drop(answer.send(Err(error.into()))),
        }
    }

    fn publish(&mut self, topic: &str, data: Vec<u8>) -> Result<usize, NetError> {
        let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() else {
            return Ok(0);
        };
        let topic = IdentTopic::new(topic).hash();
        let peers = gossip.all_peers().filter(|(_, topics)| topics.contains(&&topic)).count();
        match gossip.publish(topic, data) {
            Ok(_) | Err(PublishError::Duplicate) => Ok(peers),
            Err(PublishError::NoPeersSubscribedToTopic | PublishError::AllQueuesFull(_)) => Ok(0),
            Err(error) => Err(NetError::NotPublished(error.to_string())),
        }
    }

    fn subscribe(&mut self, topic: &str, on: bool) {
        if let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() {
            let topic = IdentTopic::new(topic);
            if on {
                let _ = gossip.subscribe(&topic);
            } else {
                gossip.unsubscribe(&topic);
            }
        }
    }

    fn report(&mut self, id: &gossipsub::MessageId, source: &PeerId, verdict: MessageAcceptance) {
        if let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() {
            gossip.report_message_validation_result(id, source, verdict);
        }
    }

    pub(super) fn swarm_event(&mut self, event: SwarmEvent<NodeEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.behaviour_event(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let outbound = endpoint.is_dialer();
                let addr = endpoint.get_remote_address().clone();
                self.connected(connection_id, PeerInfo { peer: peer_id, addr, outbound });
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.connections.remove(&connection_id);
                if num_established == 0 {
                    self.disconnected(peer_id);
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, peer_id, error } => {
                if let Some(Dialling { answer, check }) = self.dials.remove(&connection_id) {
                    // Refused for being one connection too many with a peer: then it is reached.
                    let reached = peer_id.filter(|peer| !check && self.swarm.is_connected(peer));
                    let _ = answer.send(reached.ok_or_else(|| error.into()));
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                let full = self.with_id(address);
                self.listening.send_modify(|all| {
                    all.insert(full.clone());
                });
                let _ = self.events.try_send(NetEvent::Listening(full));
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                let full = self.with_id(address);
                self.listening.send_modify(|all| {
                    all.remove(&full);
                });
            }
            _ => {}
        }
    }

    fn with_id(&self, addr: Multiaddr) -> Multiaddr {
        let local = *self.swarm.local_peer_id();
        addr.clone().with_p2p(local).unwrap_or(addr)
    }

    fn connected(&mut self, id: ConnectionId, info: PeerInfo) {
        let PeerInfo { peer, addr, outbound } = info.clone();
        let alive = Instant::now();
        self.connections.insert(id, Connection { info, moved: 0, alive, suspect: false });
        if let Some(Dialling { answer, check }) = self.dials.remove(&id) {
            let _ = answer.send(Ok(peer));
            if check && self.announced.contains(&peer) {
                self.swarm.close_connection(id);
            }
        }
        if self.announced.contains(&peer) {
            return;
        }
        let full = !self.gone.is_empty()
            || matches!(
                self.events.try_send(NetEvent::Connected { peer, addr, outbound }),
                Err(mpsc::error::TrySendError::Full(_))
            );
        if full {
            // Nobody would learn of this peer; it may come again when there is room.
            let _ = self.swarm.disconnect_peer_id(peer);
        } else {
            self.announced.insert(peer);
        }
    }

    fn disconnected(&mut self, peer: PeerId) {
        self.gossip_rate.remove(&peer);
        if !self.announced.remove(&peer) {
            return;
        }
        let sent = match self.gone.is_empty() {
            true => self.events.try_send(NetEvent::Disconnected { peer }),
            false => Err(mpsc::error::TrySendError::Full(NetEvent::Disconnected { peer })),
        };
        if matches!(sent, Err(mpsc::error::TrySendError::Full(_))) {
            self.gone.push_back(peer);
        }
    }

    fn behaviour_event(&mut self, event: NodeEvent) {
        match event {
            // Without room the stream is dropped, which resets it; the peer will try again.
            NodeEvent::Streams(Opened { peer, stream }) => {
                let _ = self.events.try_send(NetEvent::SyncStream { peer, stream });
            }
            NodeEvent::Peers(Opened { peer, stream }) => {
                let _ = self.events.try_send(NetEvent::PeersStream { peer, stream });
            }
            NodeEvent::Ping(ping::Event { connection, result, .. }) => {
                if let Some(c) = self.connections.get_mut(&connection) {
                    c.suspect = !matches!(result, Ok(_) | Err(ping::Failure::Unsupported));
                }
            }
            NodeEvent::Gossip(gossipsub::Event::Message {
                propagation_source: source,
                message_id: id,
                message,
            }) => self.gossip(source, id, message),
            NodeEvent::Gossip(_) | NodeEvent::Identify(_) => {}
            NodeEvent::Gate(never) => match never {},
        }
    }

    fn gossip(&mut self, source: PeerId, id: gossipsub::MessageId, message: gossipsub::Message) {
        let now = Instant::now();
        let fresh = || Bucket::new(GOSSIP_BURST, GOSSIP_REFILL, now);
        let allowed = self.gossip_rate.entry(source).or_insert_with(fresh).take(now);
        let topic = message.topic.into_string();
        let event = NetEvent::Gossip { id: id.clone(), source, topic, data: message.data };
        if !allowed || self.events.try_send(event).is_err() {
            self.report(&id, &source, MessageAcceptance::Ignore);
        }
    }

    fn heard(&mut self, peer: PeerId, addr: Multiaddr) {
        if self.swarm.behaviour().gate.is_banned(&peer) {
            return;
        }
        let may_dial = self.candidates.note(peer, addr.clone(), Instant::now());
        if may_dial && !self.swarm.is_connected(&peer) {
            let _ = self.events.try_send(NetEvent::Discovered { peer, addrs: vec![addr] });
        }
    }

    /// Closes connections on which pings fail and no sync stream moves. Pings alone do not tell:
    /// on a slow line they wait behind megabytes of blocks.
    fn tick(&mut self) {
        let now = Instant::now();
        let mut dead = Vec::new();
        for (id, connection) in &mut self.connections {
            let moved = self.swarm.behaviour().streams.moved(*id);
            if moved != connection.moved {
                (connection.moved, connection.alive) = (moved, now);
            }
            let silent = now.saturating_duration_since(connection.alive) > PING_TIMEOUT;
            if connection.suspect && silent {
                dead.push(*id);
            }
        }
        for id in dead {
            self.swarm.close_connection(id);
        }
    }
}
