//! The binary messages of a WebSocket as one stream of bytes.

use crate::net::limits::{WS_BUFFER_BYTES, WS_MESSAGE_BYTES, WS_PIECE_BYTES};
use bytes::{Buf as _, Bytes};
use futures::io::{AsyncRead, AsyncWrite};
use futures::{Sink as _, Stream as _};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// What a WebSocket runs on: TCP, TLS, or what HTTP left of it.
pub trait Line: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Line for T {}

/// Bounds of both sides, see [`crate::net::limits`].
pub fn bounds() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(WS_BUFFER_BYTES)
        .write_buffer_size(WS_BUFFER_BYTES)
        // What is written goes out before more is taken: never more than a buffer and a piece with its frame.
        .max_write_buffer_size(WS_BUFFER_BYTES + 2 * WS_PIECE_BYTES)
        .max_message_size(Some(WS_MESSAGE_BYTES))
        .max_frame_size(Some(WS_MESSAGE_BYTES))
}

/// A stream of bytes over a WebSocket. The borders of messages mean nothing.
pub struct WsStream {
    socket: WebSocketStream<Box<dyn Line>>,
    /// What came and was not read yet.
    left: Bytes,
}

impl WsStream {
    /// Over a WebSocket whose handshake is done.
    pub(super) fn over(socket: WebSocketStream<Box<dyn Line>>) -> Self {
        Self { socket, left: Bytes::new() }
    }

    /// The side that was asked, after it has said yes.
    pub(super) async fn serve(line: Box<dyn Line>) -> Self {
        Self::over(WebSocketStream::from_raw_socket(line, Role::Server, Some(bounds())).await)
    }
}

fn broken(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}

/// Nothing can be written any more.
fn unwritable(error: Error) -> io::Error {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::BrokenPipe.into(),
        other => broken(other),
    }
}

impl AsyncRead for WsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        while self.left.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                None => return Poll::Ready(Ok(0)),
                Some(Ok(Message::Binary(bytes))) => self.left = bytes,
                Some(Ok(Message::Text(_))) => {
                    let why = "a text message, where only bytes are sent";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
                }
                // Answered by the library; the end follows by itself.
                Some(Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_),
                )) => {}
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
            }
        }
        let taken = out.len().min(self.left.len());
        self.left.copy_to_slice(&mut out[..taken]);
        Poll::Ready(Ok(taken))
    }
}

impl AsyncWrite for WsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(unwritable)?;
        let piece = &bytes[..bytes.len().min(WS_PIECE_BYTES)];
        let message = Message::Binary(Bytes::copy_from_slice(piece));
        Pin::new(&mut self.socket).start_send(message).map_err(unwritable)?;
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx).map_err(unwritable)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.socket).poll_close(cx)) {
            // The other side was faster.
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(broken(error))),
        }
    }
}
