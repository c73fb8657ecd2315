//! A mirror's gateway: blocks by their CIDs over plain HTTP, for IPFS clients and for our own (spec: gateway.md).
//!
//! It knows no archives and lists nothing: who has the name of a block gets the block, if it is here, verified anew.
//! `answer` says what is sent, `guard` what is refused before, `flow` makes the bodies, `doors` takes connections within
//! limits, `line` writes to them at the operator's rate and counts what was written.

mod answer;
mod doors;
mod flow;
mod guard;
pub mod limits;
mod line;

use crate::net::Volume;
use crate::net::pace::Pace;
use crate::store::BlockStore;
use crate::sync::Tell;
use serde::Serialize;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a gateway needs.
pub struct GatewayConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its blocks. What is withdrawn is erased from it.
    pub store: Arc<dyn BlockStore>,
    /// What is told of archives.
    pub tell: Arc<dyn Tell>,
    /// The operator's limit on what is sent to everybody together, shared with the peers.
    pub up: Option<Arc<Pace>>,
    /// What counts the bytes of a day; when they are used up no content is sent, and soon no structure.
    pub volume: Arc<Volume>,
    /// How much is taken from others at the same time.
    pub bounds: limits::Bounds,
}

/// How much is asked of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GatewayLoad {
    /// Connections at present.
    pub connections: usize,
    /// The most there may be.
    pub connections_most: usize,
    /// Requests since it was started.
    pub requests: u64,
    /// Blocks that were sent, or begun to be.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What all its connections share.
struct Shared {
    store: Arc<dyn BlockStore>,
    tell: Arc<dyn Tell>,
    up: Option<Arc<Pace>>,
    volume: Arc<Volume>,
    readers: Semaphore,
    cars: Arc<doors::Places>,
    places: Arc<doors::Places>,
    /// Only programs of this machine come in: browsers that are on it, or a web server in front.
    on_loopback: bool,
    requests: AtomicU64,
    blocks: AtomicU64,
    bytes: AtomicU64,
}

/// A running gateway.
pub struct Gateway {
    at: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Gateway {
    /// Starts one. It listens when this returns.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(config: GatewayConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let (at, bounds) = (listener.local_addr()?, config.bounds);
        let shared = Arc::new(Shared {
            store: config.store,
            tell: config.tell,
            up: config.up,
            volume: config.volume,
            readers: Semaphore::new(limits::READERS),
            cars: doors::Places::new(bounds.cars, bounds.cars_per_network),
            places: doors::Places::new(bounds.connections, bounds.per_network),
            on_loopback: at.ip().is_loopback(),
            requests: AtomicU64::new(0),
            blocks: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(doors::accept(shared.clone(), listener, stop.clone()));
        Ok(Self { at, shared, stop, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.at
    }

    /// What tells how much is asked of it, also while it is stopped.
    pub fn load(&self) -> impl Fn() -> GatewayLoad + Send + Sync + use<> {
        let shared = self.shared.clone();
        move || GatewayLoad {
            connections: shared.places.taken(),
            connections_most: shared.places.most(),
            requests: shared.requests.load(Relaxed),
            blocks: shared.blocks.load(Relaxed),
            bytes: shared.bytes.load(Relaxed),
        }
    }

    /// Stops it; what is being sent is cut off.
    pub async fn stop(self) {
        self.stop.cancel();
        // One that panicked is over too.
        let _ = self.task.await;
    }
}

#[cfg(test)]
mod gateway_tests;
