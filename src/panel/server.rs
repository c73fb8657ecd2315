//! The socket on loopback, with limits.

use super::guard::{Tokens, is_own_user};
use super::limits::{
    ACCEPT_PAUSE, CONNECTION_LIFE, HEAD_TIMEOUT, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEADERS,
};
use super::routes::{Room, respond};
use super::{Desk, PanelConfig};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// The pages being served.
pub struct Panel {
    /// Where.
    pub at: SocketAddr,
    /// The ways in.
    pub tokens: Arc<Tokens>,
    /// Ends after the token was cancelled, when every connection is closed.
    pub task: JoinHandle<()>,
}

impl Panel {
    /// A new address by which a browser gets in, once.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn start(&self) -> Result<String, getrandom::Error> {
        start_address(self.at, &self.tokens)
    }
}

/// See [`Panel::start`].
///
/// # Errors
/// When the system gives no random bytes.
pub fn start_address(at: SocketAddr, tokens: &Tokens) -> Result<String, getrandom::Error> {
    Ok(format!("http://{at}/s/{}", tokens.start()?))
}

/// Serves the pages until `stop` is cancelled.
///
/// # Errors
/// When the system refuses the socket or gives no random bytes.
pub async fn serve(
    config: PanelConfig,
    desk: Arc<dyn Desk>,
    stop: CancellationToken,
) -> io::Result<Panel> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let at = listener.local_addr()?;
    let tokens = Arc::new(Tokens::new().map_err(io::Error::other)?);
    let room = Arc::new(Room {
        desk,
        tokens: tokens.clone(),
        lang: config.lang,
        port: at.port(),
        uploading: Semaphore::new(1),
    });
    let task = tokio::spawn(accept(room, listener, stop));
    Ok(Panel { at, tokens, task })
}

async fn accept(room: Arc<Room>, listener: TcpListener, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => break,
            next = listener.accept() => next,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = next else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = places.clone().acquire_owned() => place,
        };
        let room = room.clone();
        connections.spawn(async move {
            connection(room, stream).await;
            drop(place);
        });
    }
    connections.shutdown().await;
}

async fn connection(room: Arc<Room>, stream: TcpStream) {
    let (Ok(peer), Ok(ours)) = (stream.peer_addr(), stream.local_addr()) else { return };
    // Closed without a word: another user of this machine learns nothing.
    let own = tokio::task::spawn_blocking(move || is_own_user(peer, ours)).await;
    if !own.unwrap_or(false) {
        return;
    }
    let service = service_fn(move |request| {
        let room = room.clone();
        async move { Ok::<_, Infallible>(respond(&room, request).await) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection is the browser's affair.
    let _ = tokio::time::timeout(CONNECTION_LIFE, serving).await;
}
