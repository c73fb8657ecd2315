//! Builds the swarm and brings its listeners up.

use super::actor::Actor;
use super::addr::{ip_of, tcp_port};
use super::behaviour::Node;
use super::dht::DhtState;
use super::error::{NetError, kind_of};
use super::gossip::Topics;
use super::handle::{NetEvent, NetHandle};
use super::limits::{
    COMMAND_QUEUE, EVENT_QUEUE, HANDSHAKE_TIMEOUT, MAX_NEGOTIATING_STREAMS, MIRROR_IDLE,
    READER_IDLE,
};
use super::outward::is_loopback;
use super::profile::Reach;
use super::ws::Place;
use super::{NetConfig, lan, mdns, transport};
use crate::interfaces::is_lan;
use futures::StreamExt as _;
use libp2p::core::transport::{ListenerId, TransportError};
use libp2p::identity::Keypair;
use libp2p::swarm::{self, SwarmEvent};
use libp2p::{Multiaddr, Swarm, relay};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use tokio::sync::{mpsc, watch};

/// See [`super::start`].
pub(super) async fn start(
    config: NetConfig,
) -> Result<(NetHandle, mpsc::Receiver<NetEvent>), NetError> {
    let powers = config.profile.powers();
    let key = config.keypair.clone().filter(|_| powers.keeps_identity);
    let key = key.unwrap_or_else(Keypair::generate_ed25519);
    let local = key.public().to_peer_id();
    let topics = Topics::default();
    let idle = if powers.gossips { MIRROR_IDLE } else { READER_IDLE };
    // Who stays on a LAN has no use for relays; a reader, only when its user gave an address that leads through one.
    let circuits = config.uses_relays();
    let (through, client) = circuits.then(|| relay::client::new(local)).unzip();
    let swarm = Swarm::new(
        match powers.reach {
            Reach::Lan => transport::within_a_room(&key),
            Reach::All => transport::build(&key, config.quic, &config.dialler, through),
        }
        .map_err(NetError::Setup)?,
        Node::new(&config, &key, &topics, client).map_err(NetError::Setup)?,
        local,
        swarm::Config::with_tokio_executor()
            .with_idle_connection_timeout(idle)
            .with_max_negotiating_inbound_streams(MAX_NEGOTIATING_STREAMS),
    );
    let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
    let (events, outbox) = mpsc::channel(EVENT_QUEUE);
    let (listening, announce) = watch::channel(BTreeSet::new());
    let (hear, heard) = mpsc::channel(EVENT_QUEUE);
    let (state, dht) = watch::channel(DhtState::default());
    let announces = powers.announces && config.mdns && !config.is_proxied();
    let mut actor = Actor::new(swarm, inbox, events, listening, heard).with(&config);
    actor.seeks(topics, state);
    let reachable = actor.verdict();
    let loopback_peers = config.loopback_peers;
    if powers.serves {
        refuse_public(powers.reach, &config.listen)?;
        if !config.open_ws {
            refuse_open_ws(&config.listen)?;
        }
        refuse_past_proxy(&config)?;
        actor.listen(config.listen).await?;
    }
    if announces && mdns::spawn(local, announce, hear).is_err() {
        tracing::warn!("LAN discovery could not be started");
    }
    tokio::spawn(actor.run());
    Ok((NetHandle { local, key, commands, circuits, loopback_peers, reachable, dht }, outbox))
}

impl Actor {
    async fn listen(&mut self, addrs: Vec<Multiaddr>) -> Result<(), NetError> {
        let mut waiting: HashMap<ListenerId, Multiaddr> = HashMap::new();
        for addr in addrs {
            refuse_taken(&addr)?;
            let id = self.swarm().listen_on(addr.clone()).map_err(|e| listen_error(&addr, e))?;
            waiting.insert(id, addr);
        }
        let deadline = tokio::time::Instant::now() + HANDSHAKE_TIMEOUT;
        while let Some(addr) = waiting.values().next().cloned() {
            let next = tokio::time::timeout_at(deadline, self.swarm().select_next_some()).await;
            let Ok(event) = next else {
                return Err(NetError::Listen { addr, why: "no answer from the system".into() });
            };
            match &event {
                SwarmEvent::NewListenAddr { listener_id, .. } => {
                    waiting.remove(listener_id);
                }
                SwarmEvent::ListenerClosed { reason: Err(e), .. } => {
                    return Err(NetError::Listen { addr, why: e.to_string() });
                }
                _ => {}
            }
            self.swarm_event(event);
        }
        Ok(())
    }
}

/// A profile that is for a LAN listens on no other address, not even on "all of them".
fn refuse_public(reach: Reach, listen: &[Multiaddr]) -> Result<(), NetError> {
    match listen.iter().find(|addr| reach == Reach::Lan && !lan::is_lan_addr(addr)) {
        Some(addr) => Err(NetError::NotLan(addr.clone())),
        None => Ok(()),
    }
}

/// WebSockets are listened for behind a web server, which brings TLS: on this machine or in a private network.
fn refuse_open_ws(listen: &[Multiaddr]) -> Result<(), NetError> {
    // What a provider gives to its customers (100.64/10) is not private.
    let is_near = |ip: IpAddr| ip.is_loopback() || is_lan(ip);
    let open = |addr: &&Multiaddr| Place::of(addr).is_some_and(|at| !is_near(at.at.ip()));
    match listen.iter().find(open) {
        Some(addr) => Err(NetError::OpenWs(addr.clone())),
        None => Ok(()),
    }
}

/// True for an address to listen on that only programs of this machine reach.
fn is_own(addr: &Multiaddr) -> bool {
    is_loopback(addr) || Place::of(addr).is_some_and(|place| place.at.ip().is_loopback())
}

/// Behind a proxy nobody is to come in by another way.
fn refuse_past_proxy(config: &NetConfig) -> Result<(), NetError> {
    match config.listen.iter().find(|addr| config.is_proxied() && !is_own(addr)) {
        Some(addr) => Err(NetError::PastProxy(addr.clone())),
        None => Ok(()),
    }
}

/// libp2p shares TCP ports between programs (`SO_REUSEPORT`), so that a second node would take a
/// part of the first one's connections without either noticing. A plain bind tells.
fn refuse_taken(addr: &Multiaddr) -> Result<(), NetError> {
    let Some((ip, port)) = ip_of(addr).zip(tcp_port(addr)).filter(|(_, port)| *port != 0) else {
        return Ok(());
    };
    match plain_bind((ip, port).into()) {
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            Err(NetError::AddressInUse(addr.clone()))
        }
        // Anything else is for the real attempt to say.
        _ => Ok(()),
    }
}

/// As libp2p binds, but without sharing: IPv6 by itself, or it would meet our own IPv4 socket.
fn plain_bind(at: SocketAddr) -> std::io::Result<()> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Elsewhere this would let us take a port that is in use.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&at.into())?;
    socket.listen(1)
}

fn listen_error(addr: &Multiaddr, error: TransportError<std::io::Error>) -> NetError {
    match error {
        TransportError::Other(e) if kind_of(&e) == std::io::ErrorKind::AddrInUse => {
            NetError::AddressInUse(addr.clone())
        }
        TransportError::Other(e) => NetError::Listen { addr: addr.clone(), why: e.to_string() },
        TransportError::MultiaddrNotSupported(_) => NetError::Listen {
            addr: addr.clone(),
            why: "this kind of address is not supported".into(),
        },
    }
}
