//! The archived site: files of a release over HTTP, block by block.

use super::mark::marked;
use super::pages;
use super::range::{Wanted, wanted};
use super::respond::{self, Answer};
use super::url::{self, BadPath, Target};
use super::view::ArchiveView;
use crate::memorial::{Lang, standing};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::tree::Entry;

/// Bytes read and held at once for one answer.
const WINDOW: u64 = 262_144;
/// Files that the list of a part without a start page shows.
const MAX_LISTED: usize = 1000;

/// How often a file that is being sent is looked up again: what is withdrawn meanwhile is not sent further.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The archive as it may be shown at this moment; nothing when it may not. Blocks on the disk.
pub type Now = Arc<dyn Fn() -> Option<Arc<ArchiveView>> + Send + Sync>;

/// Answers a request for `raw_path` of the site.
pub async fn answer(
    (view, now): (Arc<ArchiveView>, Now),
    raw_path: &str,
    headers: &HeaderMap,
    lang: Lang,
) -> Answer {
    let target = match url::target(raw_path) {
        Ok(target) => target,
        Err(BadPath::Malformed) => return pages::site_error(lang, StatusCode::BAD_REQUEST),
        Err(BadPath::Impossible) => return pages::site_error(lang, StatusCode::NOT_FOUND),
    };
    let headers = headers.clone();
    let arriving = view.info().arriving.clone();
    let looked_up = {
        let view = view.clone();
        tokio::task::spawn_blocking(move || look_up(&view, &target, &headers, lang)).await
    };
    match looked_up {
        Ok(Ok(Found::File { entry, wanted, first })) => send((view, now), entry, wanted, first),
        Ok(Ok(Found::Disputed { entry, first, banner })) => {
            send_marked((view, now), entry, &first, &banner)
        }
        Ok(Ok(Found::Other(answer))) => answer,
        Ok(Err(fault)) => pages::site_fault(lang, &fault, arriving.as_deref()),
        Err(_) => pages::site_error(lang, StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What a request came to, with the first bytes of the file read, so that a missing block is
/// known before the status is sent.
enum Found {
    File {
        entry: Entry,
        wanted: Wanted,
        first: Vec<u8>,
    },
    /// A page, with the line that stands on top of it.
    Disputed {
        entry: Entry,
        first: Vec<u8>,
        banner: String,
    },
    Other(Answer),
}

fn look_up(
    view: &ArchiveView,
    target: &Target,
    headers: &HeaderMap,
    lang: Lang,
) -> Result<Found, ReadFault> {
    let entry = match target {
        Target::Root => index_of(view, "")?,
        Target::Folder(path) => index_of(view, &format!("{path}/"))?,
        Target::File(path) => view.find(path)?,
    };
    let Some(entry) = entry else { return instead(view, target, lang).map(Found::Other) };
    if let Some(withdrawal) = view.withdrawn(&entry) {
        return Ok(Found::Other(pages::site_withdrawn(lang, withdrawal)));
    }
    // While a dispute lasts, pages carry a line about it: they are sent whole and never from a cache.
    if let Some(banner) = standing::banner(lang, view.info()).filter(|_| is_page(&entry)) {
        let first = view.read(&entry, 0, entry.size.min(WINDOW))?;
        return Ok(Found::Disputed { entry, first, banner });
    }
    if let Some(answer) = unchanged(&entry, headers) {
        return Ok(Found::Other(answer));
    }
    let wanted = if range_applies(&entry, headers) {
        wanted(text(headers, header::RANGE), entry.size)
    } else {
        Wanted::Whole
    };
    let first = match bounds(&entry, wanted) {
        Some((start, end)) => view.read(&entry, start, end.min(start + WINDOW))?,
        None => return Ok(Found::Other(outside(&entry, lang))),
    };
    Ok(Found::File { entry, wanted, first })
}

fn is_page(entry: &Entry) -> bool {
    entry.path.media_type().starts_with("text/html")
}

/// The page with the line on top.
fn send_marked(view: (Arc<ArchiveView>, Now), entry: Entry, first: &[u8], banner: &str) -> Answer {
    let (media, at, end) = (entry.path.media_type(), first.len() as u64, entry.size);
    let first = marked(first, banner);
    let length = end - at + first.len() as u64;
    let content = stream(view, entry, at, end, first);
    respond::body(StatusCode::OK, media, length, content)
}

fn index_of(view: &ArchiveView, folder: &str) -> Result<Option<Entry>, ReadFault> {
    match Path::new(&format!("{folder}index.html")) {
        Ok(path) => view.find(&path),
        Err(_) => Ok(None),
    }
}

/// There is no such file: a folder gets its slash, the root of a site without a start page its
/// list of files, everything else 404.
fn instead(view: &ArchiveView, target: &Target, lang: Lang) -> Result<Answer, ReadFault> {
    match target {
        Target::File(path) if index_of(view, &format!("{path}/"))?.is_some() => {
            Ok(respond::redirect(&format!("{}/", url::encode(path.as_str()))))
        }
        Target::Root => {
            let files = view.list(0, None, MAX_LISTED)?;
            Ok(pages::file_list(lang, view, files))
        }
        _ => Ok(pages::site_error(lang, StatusCode::NOT_FOUND)),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

fn etag(entry: &Entry) -> String {
    format!("\"{}\"", entry.file_hash().to_hex())
}

/// 304 when the browser has this very file.
fn unchanged(entry: &Entry, headers: &HeaderMap) -> Option<Answer> {
    let known = text(headers, header::IF_NONE_MATCH)?;
    let tag = etag(entry);
    let same = |t: &str| t.trim() == "*" || t.trim().trim_start_matches("W/") == tag;
    known.split(',').any(same).then(|| {
        let mut answer = respond::empty(StatusCode::NOT_MODIFIED);
        set(&mut answer, header::ETAG, &tag);
        answer
    })
}

/// `If-Range`: a part is only sent when the rest that the browser has is of the same file.
fn range_applies(entry: &Entry, headers: &HeaderMap) -> bool {
    !headers.contains_key(header::IF_RANGE)
        || text(headers, header::IF_RANGE).is_some_and(|tag| tag.trim() == etag(entry))
}

/// First byte and the one after the last; `None` for a range outside the file.
fn bounds(entry: &Entry, wanted: Wanted) -> Option<(u64, u64)> {
    match wanted {
        Wanted::Whole => Some((0, entry.size)),
        Wanted::Part(start, end) => Some((start, end)),
        Wanted::Nothing => None,
    }
}

fn outside(entry: &Entry, lang: Lang) -> Answer {
    let mut answer = pages::site_error(lang, StatusCode::RANGE_NOT_SATISFIABLE);
    set(&mut answer, header::CONTENT_RANGE, &format!("bytes */{}", entry.size));
    answer
}

fn set(answer: &mut Answer, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// Sends a file, or a part of it.
fn send(view: (Arc<ArchiveView>, Now), entry: Entry, wanted: Wanted, first: Vec<u8>) -> Answer {
    let (start, end) = bounds(&entry, wanted).unwrap_or((0, 0));
    let media = entry.path.media_type();
    let (status, size) = match wanted {
        Wanted::Part(..) => (StatusCode::PARTIAL_CONTENT, entry.size),
        _ => (StatusCode::OK, entry.size),
    };
    let (tag, at) = (etag(&entry), start + first.len() as u64);
    let mut answer = respond::body(status, media, end - start, stream(view, entry, at, end, first));
    set(&mut answer, header::ETAG, &tag);
    set(&mut answer, header::ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut answer, header::CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1));
    }
    if !is_shown(media) {
        set(&mut answer, header::CONTENT_DISPOSITION, "attachment");
    }
    answer
}

/// Types that a browser shows by itself and that can do nothing under the site's headers. The rest
/// (PDF and archives, XML with its stylesheets, scripts, unknown bytes) is saved, not opened.
fn is_shown(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default();
    matches!(media, "text/html" | "text/css" | "text/plain" | "application/json")
        || ["image/", "font/", "audio/", "video/"].iter().any(|kind| media.starts_with(kind))
}

/// `first`, and the bytes of the file from `at` on, window by window, so that a film takes no more memory than a page. A block that is
/// missing in the middle breaks the connection off: a browser then knows that the file is not
/// whole. So does a file that is withdrawn meanwhile, or an archive that is not to be shown any more.
fn stream(
    (view, now): (Arc<ArchiveView>, Now),
    entry: Entry,
    at: u64,
    end: u64,
    first: Vec<u8>,
) -> Body {
    if at >= end {
        return Body::from(first);
    }
    let entry = Arc::new(entry);
    let begin = futures::stream::once(std::future::ready(Ok(first)));
    let rest = futures::stream::try_unfold((at, Instant::now()), move |(at, looked)| {
        let (view, now, entry) = (view.clone(), now.clone(), entry.clone());
        async move {
            if at >= end {
                return Ok(None);
            }
            let to = end.min(at + WINDOW);
            let read = tokio::task::spawn_blocking(move || {
                let due = looked.elapsed() >= LOOK_AGAIN;
                if due && now().is_none_or(|view| view.withdrawn(&entry).is_some()) {
                    return Err(std::io::Error::other("not to be shown any more"));
                }
                let looked = if due { Instant::now() } else { looked };
                Ok((view.read(&entry, at, to).map_err(std::io::Error::other)?, looked))
            });
            let (bytes, looked) = read.await.map_err(std::io::Error::other)??;
            // A list that gives less than it promised must not make an endless loop.
            if bytes.len() as u64 != to - at {
                return Err(std::io::Error::other("a file that is shorter than said"));
            }
            Ok(Some((bytes, (to, looked))))
        }
    });
    Body::from_stream(futures::StreamExt::chain(begin, rest))
}
