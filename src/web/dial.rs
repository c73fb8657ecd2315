//! Connections: straight to the host or through the proxy, never one for the other.

use super::address::host_of;
use super::error::WebError;
use super::limits::{CONNECT, MAX_HEADER_BYTES, MAX_HEADERS};
use super::proxy::{Kind, Proxy};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tower_service::Service;
use url::Url;

/// Asks on one connection; the connection ends when it is dropped.
pub(super) type Ask = SendRequest<Empty<Bytes>>;

/// Makes connections.
pub(super) struct Dialer {
    proxy: Option<Proxy>,
    tls: TlsConnector,
}

impl Dialer {
    pub(super) fn new(proxy: Option<Proxy>, tls: Arc<ClientConfig>) -> Self {
        Self { proxy, tls: TlsConnector::from(tls) }
    }

    /// A connection on which files of `url`'s host can be asked for.
    pub(super) async fn connect(&self, url: &Url) -> Result<Ask, WebError> {
        let connecting = async {
            let stream = self.tcp(url).await?;
            if url.scheme() == "http" {
                return speak(stream).await;
            }
            let name = ServerName::try_from(host_of(url))
                .map_err(|_| WebError::Tls("the name of the host is none".into()))?;
            let stream = self.tls.connect(name, stream).await.map_err(tls_error)?;
            speak(stream).await
        };
        let connected = tokio::time::timeout(CONNECT, connecting).await;
        connected.map_err(|_| match self.proxy {
            Some(_) => WebError::Proxy("no answer in time".into()),
            None => WebError::Connect("no answer in time".into()),
        })?
    }

    async fn tcp(&self, url: &Url) -> Result<TcpStream, WebError> {
        let mut straight = HttpConnector::new();
        straight.enforce_http(false);
        straight.set_nodelay(true);
        let wrong = |e: &dyn std::fmt::Display| WebError::Connect(e.to_string());
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
        let to = format!("{}://{host}:{}", url.scheme(), port.unwrap_or(443));
        let to: Uri = to.parse().map_err(|e| wrong(&e))?;
        let Some(proxy) = &self.proxy else {
            return Ok(straight.call(to).await.map_err(|e| wrong(&told(&e)))?.into_inner());
        };
        let stream = match proxy.kind.clone() {
            Kind::Socks(auth) => {
                let mut socks = SocksV5::new(proxy.at.clone(), straight).local_dns(false);
                if let Some((name, word)) = auth {
                    socks = socks.with_auth(name, word);
                }
                socks.call(to).await.map_err(|e| WebError::Proxy(told(&e)))?
            }
            Kind::Connect(auth) => {
                let mut tunnel = Tunnel::new(proxy.at.clone(), straight);
                if let Some(auth) = auth {
                    tunnel = tunnel.with_auth(auth);
                }
                tunnel.call(to).await.map_err(|e| WebError::Proxy(told(&e)))?
            }
        };
        Ok(stream.into_inner())
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

fn tls_error(error: std::io::Error) -> WebError {
    // Without a reason of TLS it is the line that was cut, perhaps by somebody on the way.
    match error.get_ref().and_then(|inner| inner.downcast_ref::<tokio_rustls::rustls::Error>()) {
        Some(reason) => WebError::Tls(reason.to_string()),
        None => WebError::Connect(format!("cut off during the handshake of TLS: {error}")),
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
) -> Result<Ask, WebError> {
    let mut builder = Builder::new();
    builder.max_headers(MAX_HEADERS).max_buf_size(MAX_HEADER_BYTES);
    let (ask, connection) = builder
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|e| WebError::Broken(e.to_string()))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to a web host ended");
        }
    });
    Ok(ask)
}
