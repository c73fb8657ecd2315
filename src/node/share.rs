//! The share as a peer: answers other yadgars of the LAN and does nothing else. It asks nobody for anything, dials
//! nobody, gossips nothing, and has another identity each time (profile `share`). By the beacon it says where it is.

use super::peers::{self, Acquaintances, ExchangeError};
use crate::lan::{self, LanHandle, Mode, Ports};
use crate::net::addr::ip_of;
use crate::net::lan::{LanAddress, MAX_LAN_ADDRESSES};
use crate::net::{self, Multiaddr, NetConfig, NetError, NetEvent, NetHandle, PeerId, SyncStream};
use crate::store::BlockStore;
use crate::sync::{ServeError, ServeLimits, Server, Tell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use yadgar_protocol::ArchiveId;

/// Ports that are tried until one is free on every address.
const PORT_TRIES: usize = 16;

/// A running peer.
pub struct SharePeer {
    net: NetHandle,
    task: JoinHandle<()>,
    port: u16,
    on: BTreeSet<LanAddress>,
}

/// Starts a peer on these addresses, with one port on all of them, that tells and serves what it is given.
///
/// # Errors
/// When there is no such port, or an address is not of a LAN or cannot be listened on.
pub async fn start(
    store: Arc<dyn BlockStore>,
    tell: Arc<dyn Tell>,
    addresses: &[LanAddress],
) -> Result<SharePeer, NetError> {
    let port = free_port(addresses).map_err(|e| NetError::Setup(e.to_string()))?;
    let listen = addresses.iter().map(|at| at.multiaddr(port)).collect();
    let (net, events) = net::start(NetConfig::share(listen)).await?;
    let server = Server::new(store, tell, ServeLimits::default());
    let known = Acquaintances::silent(net.clone());
    let task = tokio::spawn(answer(server, net.clone(), events, known));
    Ok(SharePeer { net, task, port, on: addresses.iter().copied().collect() })
}

/// A port that is free on all of these addresses: a beacon names one only.
fn free_port(addresses: &[LanAddress]) -> io::Result<u16> {
    let first = addresses.first().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..PORT_TRIES {
        let held = first.listen(0)?;
        let port = held.local_addr()?.port();
        match addresses[1..].iter().try_for_each(|at| at.listen(port).map(drop)) {
            Ok(()) => return Ok(port),
            Err(e) => last = e,
        }
    }
    Err(last)
}

async fn answer(
    server: Arc<Server>,
    net: NetHandle,
    mut events: mpsc::Receiver<NetEvent>,
    known: Option<Acquaintances>,
) {
    let mut met = BTreeMap::new();
    // The network bounds connections and their streams, the server what is served of them at once.
    let mut streams = JoinSet::new();
    while let Some(event) = events.recv().await {
        while streams.try_join_next().is_some() {}
        let (server, net) = (server.clone(), net.clone());
        let (peer, stream) = match event {
            NetEvent::SyncStream { peer, stream } => (peer, stream),
            NetEvent::Connected { peer, addr, .. } => {
                met.extend(ip_of(&addr).map(|ip| (peer, ip)));
                continue;
            }
            NetEvent::Disconnected { peer } => {
                met.remove(&peer);
                continue;
            }
            NetEvent::PeersStream { peer, stream } => {
                let known = known.clone().zip(met.get(&peer).copied());
                let Some((known, ip)) = known else { continue };
                streams.spawn(exchange(known, net, (peer, ip), stream));
                continue;
            }
            _ => continue,
        };
        streams.spawn(async move {
            let served = server.serve(peer, stream.network(), stream).await;
            if let Err(ServeError::Violation(_)) = served {
                net.ban(peer).await;
            }
        });
    }
    streams.shutdown().await;
}

/// Answers a mirror that exchanges addresses. What it tells is remembered for this run only.
async fn exchange(
    known: Acquaintances,
    net: NetHandle,
    (peer, ip): (PeerId, IpAddr),
    stream: SyncStream,
) {
    peers::look(Some(&known), &net).await;
    if let Err(ExchangeError::Violation(_)) = known.answer(peer, ip, stream).await {
        net.ban(peer).await;
    }
}

impl SharePeer {
    /// Its port, the same on every address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Listens on those of these addresses that are new. Those that are gone are not missed: nobody comes there.
    pub async fn follow(&mut self, addresses: &[LanAddress]) {
        for at in addresses {
            if self.on.len() < 2 * MAX_LAN_ADDRESSES && self.on.insert(*at) {
                self.net.listen_too(at.multiaddr(self.port)).await;
            }
        }
    }

    /// Where it listens, with its identity of this time.
    pub async fn addresses(&self) -> Vec<Multiaddr> {
        self.net.listeners().await
    }

    /// Stops; returns when nothing listens and no connection is open any more.
    pub async fn shutdown(self) {
        self.net.shutdown().await;
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Says by the beacon where a share is, until it is dropped.
pub struct Announcer {
    handle: LanHandle,
}

impl Announcer {
    /// Says nothing yet. On the interfaces of these names, or all that are of a LAN. `None` when that is not possible
    /// here; then the share is found by its address only.
    pub fn start(interfaces: Vec<String>) -> Option<Self> {
        let started = lan::start_on(Mode::Talk, true, interfaces);
        let failed = |e: &lan::LanError| tracing::warn!("no beacon on the LAN: {e}");
        let (handle, mut found) = started.inspect_err(failed).ok()?;
        // A share dials nobody, whoever else is there.
        tokio::spawn(async move { while found.recv().await.is_some() {} });
        Some(Self { handle })
    }

    /// These archives are served here: by a node at this port (0: none), and by a page.
    pub async fn say(&self, archives: &[ArchiveId], node: u16, page: u16) {
        let archives = archives.iter().map(|archive| (*archive, true)).collect();
        self.handle.archives(archives, Ports { node, page }.heard()).await;
    }
}
