//! The task that owns the swarm.

mod dial;
mod gossip;
mod reach;

use super::addr::is_relayed;
use super::behaviour::{Node, NodeEvent};
use super::candidates::Candidates;
use super::handle::{Command, NetEvent, PeerInfo};
use super::limits::PING_TIMEOUT;
use super::mdns;
use super::rate::Bucket;
use super::reach::Reach;
use super::seek::Seeks;
use super::streams::{OpenError, Opened};
use dial::Dialling;
use futures::StreamExt as _;
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, gossipsub, identify, ping};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use yadgar_protocol::peers::Learnt;

/// How often connections are looked at for signs of life.
const TICK: Duration = Duration::from_secs(5);

/// What is known of one connection.
pub(super) struct Connection {
    pub(super) info: PeerInfo,
    /// Counter of the sync streams when it last changed, and when that was.
    moved: u64,
    pub(super) alive: Instant,
    /// A ping failed since the last that did not.
    suspect: bool,
    since: Instant,
    /// We dialled from the port where we listen.
    own_port: bool,
}

pub(super) struct Actor {
    pub(super) swarm: Swarm<Node>,
    commands: mpsc::Receiver<Command>,
    pub(super) events: mpsc::Sender<NetEvent>,
    dials: HashMap<ConnectionId, Dialling>,
    pub(super) connections: HashMap<ConnectionId, Connection>,
    /// One bucket for a connected peer that gossips.
    gossip_rate: HashMap<PeerId, Bucket>,
    listening: watch::Sender<BTreeSet<Multiaddr>>,
    heard: mpsc::Receiver<mdns::Heard>,
    pub(super) candidates: Candidates,
    /// Scores, topics, the DHT.
    pub(super) seeks: Seeks,
    /// Disconnections that found the queue full. Every one of them was announced as connected
    /// before, and nobody new is let in meanwhile, so they are no more than there are connections.
    gone: VecDeque<PeerId>,
    /// Peers whose connection was announced.
    announced: HashSet<PeerId>,
    pub(super) reach: Reach,
    /// What the profile and the operator allow of it.
    reaches: bool,
    /// Places that it offers as a relay, if it is to be one.
    relays: Option<usize>,
    /// What the DHT was told of whether others reach us.
    judged: Option<bool>,
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
        let reach = Reach::new(*swarm.local_peer_id());
        Self {
            reach,
            reaches: false,
            relays: None,
            judged: None,
            swarm,
            commands,
            events,
            dials: HashMap::new(),
            connections: HashMap::new(),
            gossip_rate: HashMap::new(),
            listening,
            heard,
            candidates: Candidates::default(),
            seeks: Seeks::default(),
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
            Command::Dial(addr, learnt, answer) => self.dial(addr, learnt, answer),
            Command::Check(addr, answer) => self.dial(addr, Learnt::Check, answer),
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
                let mut all: Vec<_> = self.connections.values().map(|c| c.info.clone()).collect();
                // The connection without a relay is the one that is used.
                all.sort_by_key(|info| (info.peer, is_relayed(&info.addr)));
                all.dedup_by_key(|info| info.peer);
                drop(answer.send(all));
            }
            Command::Settled(peer, answer) => self.reach.wait(peer, answer),
            Command::Load(answer) => drop(answer.send(self.swarm.behaviour().gate.load())),
            Command::Reach(answer) => {
                drop(answer.send(self.reach.status(self.reaches, self.relays)))
            }
            Command::Candidates(answer) => drop(answer.send(self.candidates.list(Instant::now()))),
            Command::Blame(peer, fault) => self.blame(peer, fault),
            Command::Keep(peer) => self.swarm.behaviour_mut().gate.keep(&peer),
            Command::LetGo(guests, crowded) => self.let_go(&guests, crowded),
            Command::Seek(act) => self.seek(act),
            Command::Reachable(reachable) => self.set_reachable(reachable),
            Command::Disconnect(peer) => drop(self.swarm.disconnect_peer_id(peer)),
            Command::Shutdown(_) => {}
        }
    }

    pub(super) fn swarm_event(&mut self, event: SwarmEvent<NodeEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.behaviour_event(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let outbound = endpoint.is_dialer();
                let addr = reach::address_of(&endpoint, peer_id);
                let punched = !is_relayed(&addr) && self.is_relayed(&peer_id);
                let own_port = reach::is_from_own_port(&endpoint);
                let info = PeerInfo { peer: peer_id, addr, outbound, punched };
                self.connected(connection_id, info, own_port);
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
            SwarmEvent::ExternalAddrConfirmed { address } => self.confirmed(&address),
            SwarmEvent::ExternalAddrExpired { address } => self.expired(&address),
            SwarmEvent::ListenerClosed { listener_id, .. } => self.listener_closed(listener_id),
            // What a relay says of itself: we know where we dialled it.
            SwarmEvent::NewListenAddr { address, .. } if is_relayed(&address) => {}
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

    fn connected(&mut self, id: ConnectionId, info: PeerInfo, own_port: bool) {
        let PeerInfo { peer, addr, outbound, punched } = info.clone();
        let alive = Instant::now();
        let (moved, suspect, since) = (0, false, alive);
        let connection = Connection { info, moved, alive, suspect, since, own_port };
        self.connections.insert(id, connection);
        if let Some(Dialling { answer, check }) = self.dials.remove(&id) {
            let _ = answer.send(Ok(peer));
            if check && self.announced.contains(&peer) {
                self.swarm.close_connection(id);
                return;
            }
        }
        if self.announced.contains(&peer) {
            if punched {
                self.reach.punched += 1;
                let _ = self.events.try_send(NetEvent::Punched { peer, addr });
            }
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
        self.reach.gone(&peer);
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
            NodeEvent::Dht(event) => self.dht_event(event),
            NodeEvent::Identify(
                identify::Event::Received { connection_id, peer_id, info }
                | identify::Event::Pushed { connection_id, peer_id, info },
            ) => self.identified(connection_id, peer_id, info),
            NodeEvent::Reaching(event) => self.reaching_event(event),
            NodeEvent::Gossip(_) | NodeEvent::Identify(_) => {}
            NodeEvent::Gate(never) => match never {},
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
        self.reach_tick(now);
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
        self.look_after();
    }
}
