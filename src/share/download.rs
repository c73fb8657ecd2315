//! Files to take: whole, or from any byte on, so that a phone that lost the Wi-Fi goes on where it was.

use super::limits::PIECE_BYTES;
use super::places::Place;
use crate::reader::range::{Wanted, wanted};
use crate::reader::respond::{self, Answer};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use std::io;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Gives bytes from a place on: at least one unless it is the end, at most about as many as asked. Reads the disk.
pub type Read = Arc<dyn Fn(u64, usize) -> io::Result<Vec<u8>> + Send + Sync>;

/// A file that can be taken.
#[derive(Clone)]
pub struct Content {
    /// Length in bytes.
    pub length: u64,
    /// The same for the same bytes.
    pub tag: String,
    /// Name that the browser saves it under.
    pub name: String,
    /// Its bytes.
    pub read: Read,
}

/// Why there is no file in the answer.
pub enum Instead {
    /// An answer that needs no place and no bytes.
    Answer(Box<Answer>),
    /// The bytes cannot be read now.
    Unread,
}

/// What of a file is to be sent.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    status: StatusCode,
    from: u64,
    to: u64,
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

fn set(answer: &mut Answer, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

impl Content {
    fn etag(&self) -> String {
        format!("\"{}\"", self.tag)
    }

    fn span(&self, headers: &HeaderMap) -> Result<Span, Box<Answer>> {
        let same = |t: &str| t.trim() == "*" || t.trim().trim_start_matches("W/") == self.etag();
        if text(headers, header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(same)) {
            let mut answer = respond::empty(StatusCode::NOT_MODIFIED);
            set(&mut answer, header::ETAG, &self.etag());
            return Err(Box::new(answer));
        }
        // A part is only sent when the rest that the guest has is of the same file.
        let applies = !headers.contains_key(header::IF_RANGE)
            || text(headers, header::IF_RANGE).is_some_and(|tag| tag.trim() == self.etag());
        let range = text(headers, header::RANGE).filter(|_| applies);
        match wanted(range, self.length) {
            Wanted::Whole => Ok(Span { status: StatusCode::OK, from: 0, to: self.length }),
            Wanted::Part(from, to) => Ok(Span { status: StatusCode::PARTIAL_CONTENT, from, to }),
            Wanted::Nothing => {
                let mut answer = respond::empty(StatusCode::RANGE_NOT_SATISFIABLE);
                set(&mut answer, header::CONTENT_RANGE, &format!("bytes */{}", self.length));
                Err(Box::new(answer))
            }
        }
    }

    /// The answer to a request for this file. `place` is kept as long as it is sent; without one (for HEAD) no
    /// byte is read.
    pub async fn answer(
        self,
        headers: &HeaderMap,
        place: Option<Place>,
        readers: Arc<Semaphore>,
    ) -> Result<Answer, Instead> {
        let span = self.span(headers).map_err(Instead::Answer)?;
        let (length, tag, name) = (self.length, self.etag(), self.name.clone());
        let content = match place {
            None => Body::empty(),
            Some(place) => {
                let sending = Sending { content: self, place, readers, to: span.to };
                sending.body(span.from).await.map_err(|_| Instead::Unread)?
            }
        };
        let Span { status, from, to } = span;
        let mut answer = respond::body(status, "application/octet-stream", to - from, content);
        set(&mut answer, header::ETAG, &tag);
        set(&mut answer, header::ACCEPT_RANGES, "bytes");
        if status == StatusCode::PARTIAL_CONTENT {
            let range = format!("bytes {from}-{}/{length}", to - 1);
            set(&mut answer, header::CONTENT_RANGE, &range);
        }
        let saved = format!("attachment; filename=\"{name}\"");
        set(&mut answer, header::CONTENT_DISPOSITION, &saved);
        Ok(answer)
    }
}

/// A file on its way.
struct Sending {
    content: Content,
    place: Place,
    readers: Arc<Semaphore>,
    /// The byte after the last.
    to: u64,
}

impl Sending {
    /// The first piece is read before anything is promised. One that fails later breaks the connection off: the
    /// guest then knows that the file is not whole, and can go on from there.
    async fn body(self, from: u64) -> io::Result<Body> {
        let first = self.piece(from).await?;
        let at = from + first.len() as u64;
        let begin = futures::stream::once(std::future::ready(Ok::<_, io::Error>(first)));
        let rest = futures::stream::try_unfold((self, at), |(sending, at)| async move {
            if at >= sending.to {
                drop(sending.place);
                return Ok(None);
            }
            let piece = sending.piece(at).await?;
            let next = at + piece.len() as u64;
            Ok(Some((piece, (sending, next))))
        });
        Ok(Body::from_stream(futures::StreamExt::chain(begin, rest)))
    }

    async fn piece(&self, at: u64) -> io::Result<Vec<u8>> {
        if at >= self.to {
            return Ok(Vec::new());
        }
        let _reader = self.readers.acquire().await.map_err(io::Error::other)?;
        let read = self.content.read.clone();
        let read = tokio::task::spawn_blocking(move || read(at, PIECE_BYTES));
        let mut piece = read.await.map_err(io::Error::other)??;
        if piece.is_empty() {
            return Err(io::Error::other("a file that is shorter than said"));
        }
        piece.truncate(usize::try_from(self.to - at).unwrap_or(usize::MAX));
        Ok(piece)
    }
}
