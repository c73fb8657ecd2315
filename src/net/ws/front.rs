//! The node's own front: to everybody who does not know the path a small web server with nothing on it.
//!
//! One request is answered on a connection. Only a correct upgrade to a WebSocket on exactly the secret path is
//! let in; whatever else is asked, also on that path, gets the answer of a page that is not there.

use super::stream::WsStream;
use crate::net::limits::{FRONT_BODY_BYTES, FRONT_HEAD_BYTES, FRONT_HEAD_TIME, FRONT_HEADERS};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::sync::{Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// What a page that is not there looks like.
const MISSING: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n\
    <h1>404 Not Found</h1>\r\n</body>\r\n</html>\r\n";

/// The path on which the node is, as its hash: hashes are compared in constant time, so that nobody finds the
/// path bit by bit.
#[derive(Debug, Clone, Copy)]
pub struct Secret(blake3::Hash);

impl Secret {
    /// Of a path that begins with `/`.
    pub fn of(path: &str) -> Self {
        Self(blake3::hash(path.as_bytes()))
    }

    fn is(&self, path: &str) -> bool {
        self.0 == blake3::hash(path.as_bytes())
    }
}

/// Speaks HTTP on a connection until it becomes a WebSocket.
///
/// # Errors
/// When it does not: whoever asked has the answer of an ordinary web server.
pub async fn admit(stream: TcpStream, secret: Secret) -> io::Result<WsStream> {
    let taken = Mutex::new(None);
    let service = service_fn(|request| async {
        let (answer, upgrade) = answer(request, secret).await;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = upgrade;
        Ok::<_, Infallible>(answer)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(FRONT_HEAD_TIME)
        .max_headers(FRONT_HEADERS)
        .max_buf_size(FRONT_HEAD_BYTES)
        .title_case_headers(true);
    let serving = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    serving.await.map_err(io::Error::other)?;
    let taken = taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    let upgrade = taken.ok_or_else(|| io::Error::other("a request to the front"))?;
    let line = upgrade.await.map_err(io::Error::other)?;
    Ok(WsStream::serve(Box::new(TokioIo::new(line))).await)
}

async fn answer(
    mut request: Request<Incoming>,
    secret: Secret,
) -> (Response<Full<Bytes>>, Option<OnUpgrade>) {
    let Some(accept) = accepted(&request, secret) else {
        pass_over(request.into_body()).await;
        return (missing(), None);
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    (response, Some(upgrade))
}

fn missing() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(MISSING));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    // Told to hyper as well: its own switch would say so of the upgrade, too.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Reads what a form sends, up to a bound: who closes before that resets the connection, and the answer may be
/// lost on the way.
async fn pass_over(mut body: Incoming) {
    let mut left = FRONT_BODY_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// The value that says yes to a correct upgrade on the secret path (RFC 6455, 4.2.1).
fn accepted(request: &Request<Incoming>, secret: Secret) -> Option<HeaderValue> {
    let (uri, headers) = (request.uri(), request.headers());
    let on_path = secret.is(uri.path_and_query().map_or("", |path| path.as_str()));
    let key = single(headers, &SEC_WEBSOCKET_KEY).filter(|key| {
        data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|key| key.len() == 16)
    });
    let upgrades = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && uri.authority().is_none()
        && single(headers, &SEC_WEBSOCKET_VERSION) == Some("13")
        && names(headers, &UPGRADE, "websocket")
        && names(headers, &CONNECTION, "upgrade");
    // The path is compared first and whatever else is asked, so that the time says nothing of it.
    let key = key.filter(|_| on_path & upgrades)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

/// A header that is there once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let only = all.next().filter(|_| all.next().is_none())?;
    only.to_str().ok()
}

/// True when a list of words has this one.
fn names(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let all = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
}
