//! Taking the carrier from the page of a share on this LAN: plain http, from a private address that was typed in, and
//! never from anywhere else. What comes is checked like any carrier.

use super::limits::{GRAB_PATIENCE, GRAB_TRIES, MAX_HEAD_BYTES};
use super::spool::{Place, Spool};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use futures::StreamExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrabError {
    /// Nobody answers there, or what answers is no share.
    #[error("no share answers at this address")]
    Nobody,
    /// There is no such carrier.
    #[error("the share has no such carrier")]
    NotThere,
    /// More than is kept.
    #[error("the carrier is too large")]
    TooLarge,
    /// More than there is room for.
    #[error("there is no room for the carrier")]
    NoRoom,
    /// More than was agreed to: so many bytes.
    #[error("the carrier has {0} bytes")]
    Asks(u64),
    /// It broke off.
    #[error("the download broke off: {0}")]
    Broken(#[source] io::Error),
}

/// What of an archive is taken.
fn path(number: usize, core: bool) -> String {
    format!("/get/{number}/{}", if core { "core" } else { "all" })
}

/// Takes carrier `number` (from 1) of a share into a spool; goes on where it broke off. `progress` gets the bytes that
/// came, and how many there are. Nothing is kept of one that says to have more than `most` bytes, or more than there is
/// room for.
///
/// # Errors
/// See [`GrabError`].
pub async fn grab(
    at: SocketAddr,
    number: usize,
    core: bool,
    place: &Place,
    most: u64,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Spool, GrabError> {
    let mut spool = place.spool().map_err(GrabError::Broken)?;
    let (mut tag, mut last) = (None::<String>, None);
    for _ in 0..GRAB_TRIES {
        let answer = match ask(at, &path(number, core), spool.length(), tag.as_deref()).await {
            Ok(answer) => answer,
            Err(e) if spool.length() == 0 => {
                tracing::debug!("no share at {at}: {e}");
                return Err(GrabError::Nobody);
            }
            Err(e) => {
                last = Some(e);
                continue;
            }
        };
        match (answer.status(), spool.length()) {
            (StatusCode::OK, 0) | (StatusCode::PARTIAL_CONTENT, 1..) => {}
            // Another file by now: nothing of the first is of use.
            (StatusCode::OK, _) => spool = place.spool().map_err(GrabError::Broken)?,
            (StatusCode::NOT_FOUND, _) => return Err(GrabError::NotThere),
            _ => return Err(GrabError::Nobody),
        }
        let Some(length) = length(&answer) else { return Err(GrabError::Nobody) };
        // Whatever it says, also when it goes on: no more than that is read.
        let total = spool.length().saturating_add(length);
        if length > place.room().map_err(GrabError::Broken)? {
            return Err(if place.is_memory() { GrabError::TooLarge } else { GrabError::NoRoom });
        }
        if total > most {
            return Err(GrabError::Asks(total));
        }
        let named = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        tag = named.map(str::to_owned);
        match take(answer, &mut spool, total, progress).await {
            Ok(()) => return Ok(spool),
            Err(e) if e.kind() == io::ErrorKind::StorageFull => return Err(GrabError::TooLarge),
            Err(e) => last = Some(e),
        }
    }
    Err(GrabError::Broken(last.unwrap_or_else(|| io::ErrorKind::TimedOut.into())))
}

fn length(answer: &Response<Incoming>) -> Option<u64> {
    answer.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn ask(
    at: SocketAddr,
    path: &str,
    from: u64,
    tag: Option<&str>,
) -> io::Result<Response<Incoming>> {
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    let stream = timeout(GRAB_PATIENCE, TcpStream::connect(at)).await.map_err(late)??;
    let mut http = hyper::client::conn::http1::Builder::new();
    http.max_buf_size(MAX_HEAD_BYTES);
    let (mut sender, connection) =
        http.handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let mut request = Request::get(path).header(header::HOST, at.to_string());
    if let Some(tag) = tag.filter(|_| from > 0) {
        request = request.header(header::RANGE, format!("bytes={from}-"));
        request = request.header(header::IF_RANGE, tag);
    }
    let request = request.body(Body::empty()).map_err(io::Error::other)?;
    let answer = timeout(GRAB_PATIENCE, sender.send_request(request)).await.map_err(late)?;
    answer.map_err(io::Error::other)
}

async fn take(
    answer: Response<Incoming>,
    spool: &mut Spool,
    total: u64,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> io::Result<()> {
    let mut body = Body::new(answer.into_body()).into_data_stream();
    while spool.length() < total {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let Some(piece) = timeout(GRAB_PATIENCE, body.next()).await.map_err(late)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        spool.add(&piece.map_err(io::Error::other)?)?;
        progress(spool.length(), total);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::ReadAt as _;
    use std::io::{Read as _, Write as _};

    /// Answers each connection with the next of these, and tells what was asked.
    fn server(answers: Vec<Vec<u8>>) -> (SocketAddr, std::thread::JoinHandle<Vec<String>>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let asked = std::thread::spawn(move || {
            let answer = |answer: Vec<u8>| {
                let (mut stream, _) = listener.accept().unwrap();
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") {
                    stream.read_exact(&mut byte).unwrap();
                    head.push(byte[0]);
                }
                stream.write_all(&answer).unwrap();
                String::from_utf8(head).unwrap()
            };
            answers.into_iter().map(answer).collect()
        });
        (at, asked)
    }

    #[tokio::test]
    async fn it_goes_on_where_it_broke_off() {
        let head = |status: &str, length: usize| {
            format!("HTTP/1.1 {status}\r\nETag: \"t\"\r\nContent-Length: {length}\r\n\r\n")
        };
        let first = head("200 OK", 10).into_bytes();
        let first = [first, b"0123".to_vec()].concat();
        let second = [head("206 Partial Content", 6).into_bytes(), b"456789".to_vec()].concat();
        let (at, asked) = server(vec![first, second]);
        let mut seen = Vec::new();
        let mut spool =
            grab(at, 2, true, &Place::memory(), 10, &mut |n, of| seen.push((n, of))).await.unwrap();
        let mut bytes = [0; 20];
        assert_eq!(spool.read_at(0, &mut bytes).unwrap(), 10);
        assert_eq!(&bytes[..10], b"0123456789");
        assert_eq!(seen.last(), Some(&(10, 10)));
        let asked = asked.join().unwrap();
        assert!(asked[0].starts_with("GET /get/2/core ") && !asked[0].contains("range"));
        assert!(asked[1].contains("range: bytes=4-") && asked[1].contains("if-range: \"t\""));
    }

    /// What somebody says to send is judged before it is read, also where it goes on.
    #[tokio::test]
    async fn more_than_agreed_or_than_fits_is_not_taken() {
        let head = |status: &str, length: u64| {
            format!("HTTP/1.1 {status}\r\nETag: \"t\"\r\nContent-Length: {length}\r\n\r\n")
                .into_bytes()
        };
        let dir = tempfile::tempdir().unwrap();
        for place in [Place::memory(), Place::folder(dir.path())] {
            let (at, _) = server(vec![head("200 OK", 11), head("200 OK", 1 << 62)]);
            let done = grab(at, 1, false, &place, 10, &mut |_, _| ()).await;
            assert!(matches!(done, Err(GrabError::Asks(11))));
            let done = grab(at, 1, false, &place, u64::MAX, &mut |_, _| ()).await;
            assert!(matches!(
                (place.is_memory(), done),
                (true, Err(GrabError::TooLarge)) | (false, Err(GrabError::NoRoom))
            ));
            let begun = [head("200 OK", 10), b"0123".to_vec()].concat();
            let (at, _) = server(vec![begun, head("206 Partial Content", 7)]);
            let done = grab(at, 1, false, &place, 10, &mut |_, _| ()).await;
            assert!(matches!(done, Err(GrabError::Asks(11))));
        }
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let answer =
            b"HTTP/1.1 302 Found\r\nLocation: http://203.0.113.1/\r\nContent-Length: 0\r\n\r\n";
        let (at, _) = server(vec![answer.to_vec()]);
        let done = grab(at, 1, false, &Place::memory(), 10, &mut |_, _| ()).await;
        assert!(matches!(done, Err(GrabError::Nobody)));
    }
}
