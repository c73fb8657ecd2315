//! The share as a peer: answers other yadgars of the LAN and does nothing else. It asks nobody for anything, dials
//! nobody, gossips nothing, and has another identity each time (profile `share`).

use crate::net::{self, Multiaddr, NetConfig, NetError, NetEvent, NetHandle};
use crate::store::BlockStore;
use crate::sync::{ServeError, ServeLimits, Server, Tell};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// A running peer.
pub struct SharePeer {
    net: NetHandle,
    task: JoinHandle<()>,
}

/// Starts a peer on these addresses, all of a LAN, that tells and serves what it is given.
///
/// # Errors
/// When an address is not of a LAN or cannot be listened on.
pub async fn start(
    store: Arc<dyn BlockStore>,
    tell: Arc<dyn Tell>,
    listen: Vec<Multiaddr>,
) -> Result<SharePeer, NetError> {
    let (net, events) = net::start(NetConfig::share(listen)).await?;
    let server = Server::new(store, tell, ServeLimits::default());
    let task = tokio::spawn(answer(server, net.clone(), events));
    Ok(SharePeer { net, task })
}

async fn answer(server: Arc<Server>, net: NetHandle, mut events: mpsc::Receiver<NetEvent>) {
    // The network bounds connections and their streams, the server what is served of them at once.
    let mut streams = JoinSet::new();
    while let Some(event) = events.recv().await {
        while streams.try_join_next().is_some() {}
        let NetEvent::SyncStream { peer, stream } = event else { continue };
        let (server, net) = (server.clone(), net.clone());
        streams.spawn(async move {
            let served = server.serve(peer, stream.network(), stream).await;
            if let Err(ServeError::Violation(_)) = served {
                net.ban(peer).await;
            }
        });
    }
    streams.shutdown().await;
}

impl SharePeer {
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
