//! The asking side of a WebSocket, through the dialler of the node.
//!
//! What is sent is what a WebSocket needs, and `Origin`, which every browser sends and some web servers want; it
//! says no more than `Host`. There is no `User-Agent`: the name of a browser would be a lie that the handshake of
//! TLS gives away, and our own would name us. All of it is inside TLS, where the address has it.

use super::addr::Target;
use super::stream::{Line, WsStream, bounds};
use crate::dial::Dialler;
use crate::net::outward;
use hyper::Request;
use hyper::header::{CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use std::io;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

/// The only protocol that is offered in TLS: what browsers offer for WebSockets.
const ALPN: &[&[u8]] = &[b"http/1.1"];

/// Opens a WebSocket.
///
/// # Errors
/// Why the host was not reached, or that it has no node on this path.
pub async fn dial(dialler: Dialler, target: Target) -> io::Result<WsStream> {
    let stream =
        dialler.tcp_of(&target.host, target.port, target.family).await.map_err(outward::refused)?;
    let line: Box<dyn Line> = match &target.tls {
        Some(name) => Box::new(dialler.tls(name, ALPN, stream).await.map_err(outward::refused)?),
        None => Box::new(stream),
    };
    let request = Request::get(format!("ws://{}{}", target.authority(), target.path))
        .header(HOST, target.authority())
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, generate_key())
        .header(ORIGIN, target.origin())
        .body(())
        .map_err(io::Error::other)?;
    let opened = client_async_with_config(request, line, Some(bounds())).await;
    Ok(WsStream::over(opened.map_err(refused)?.0))
}

fn refused(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::Http(answer) => io::Error::other(NoNode(answer.status().as_u16())),
        other => io::Error::other(other),
    }
}

/// A web server answered, and not as one with a node behind it.
#[derive(Debug, thiserror::Error)]
#[error("a web server is there that knows no node at this address (it answers {0})")]
struct NoNode(u16);
