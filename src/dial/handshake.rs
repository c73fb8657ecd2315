//! What is said to a proxy on a connection to it, before the connection is one to the host.

use super::error::ConnectError;
use super::proxy::{Kind, Proxy};
use hyper::http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::net::TcpStream;
use tower_service::Service;

/// Asks a proxy for `host:port`, on a connection to it. A host of libp2p may speak first, so that its first bytes
/// may come together with the answer of the proxy: not one of them is taken.
pub(super) async fn ask(
    proxy: &Proxy,
    stream: TcpStream,
    host: &url::Host,
    port: u16,
) -> Result<TcpStream, ConnectError> {
    let to: Uri = format!("http://{host}:{port}")
        .parse()
        .map_err(|_| ConnectError::Name(host.to_string()))?;
    let there = There(Some(Slowly(TokioIo::new(stream))));
    let asked = match proxy.kind.clone() {
        Kind::Socks(auth) => {
            let mut socks = SocksV5::new(proxy.at.clone(), there).local_dns(false);
            if let Some((name, word)) = auth {
                socks = socks.with_auth(name, word);
            }
            socks.call(to).await.map_err(|e| ConnectError::Proxy(told(&e)))?
        }
        Kind::Connect(auth) => {
            let mut tunnel = Tunnel::new(proxy.at.clone(), there);
            if let Some(auth) = auth {
                tunnel = tunnel.with_auth(auth);
            }
            tunnel.call(to).await.map_err(|e| ConnectError::Proxy(told(&e)))?
        }
    };
    Ok(asked.0.into_inner())
}

/// Hands over a connection that there is already.
#[derive(Debug)]
struct There(Option<Slowly>);

impl Service<Uri> for There {
    type Response = Slowly;
    type Error = io::Error;
    type Future = Ready<io::Result<Slowly>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::Error::other("asked twice")))
    }
}

/// Reads one byte at a time: whoever reads an answer from it cannot take more than the answer.
#[derive(Debug)]
struct Slowly(TokioIo<TcpStream>);

impl Read for Slowly {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut one = [0; 1];
        let mut short = tokio::io::ReadBuf::new(&mut one);
        let stream = Pin::new(self.0.inner_mut());
        ready!(tokio::io::AsyncRead::poll_read(stream, cx, &mut short))?;
        // At least one byte is asked for at a time.
        if buffer.remaining() > 0 {
            buffer.put_slice(short.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Slowly {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// An error with what caused it: the outer ones say little.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
