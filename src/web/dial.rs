//! Connections on which files are asked for.

use super::address::host_of;
use super::error::WebError;
use super::limits::{MAX_HEADER_BYTES, MAX_HEADERS};
use crate::dial::{ConnectError, Dialler};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

/// Asks on one connection; the connection ends when it is dropped.
pub(super) type Ask = SendRequest<Empty<Bytes>>;

/// A connection on which files of `url`'s host can be asked for.
pub(super) async fn connect(dialler: &Dialler, url: &Url) -> Result<Ask, WebError> {
    let Some(host) = url.host() else {
        return Err(WebError::Connect("the name of the host is none".into()));
    };
    let port = url.port_or_known_default().unwrap_or(443);
    let stream = dialler.tcp(&host.to_owned(), port).await?;
    if url.scheme() == "http" {
        return speak(stream).await;
    }
    speak(dialler.tls(&host_of(url), &[b"http/1.1"], stream).await?).await
}

impl From<ConnectError> for WebError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::NoProxy(why) | ConnectError::Proxy(why) => Self::Proxy(why),
            ConnectError::Tls(why) => Self::Tls(why),
            ConnectError::Private | ConnectError::Onion | ConnectError::NoTcp => {
                Self::Forbidden(error.to_string())
            }
            ConnectError::Connect { text, .. } => Self::Connect(text),
            other => Self::Connect(other.to_string()),
        }
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
