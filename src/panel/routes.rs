//! Which request gets what. A GET shows; only a POST orders.

use super::forms::{self, Fields};
use super::guard::{self, Tokens};
use super::limits::{MAX_FORM_BYTES, SHARE_CHOICES, SHARE_MINUTES};
use super::pages::{self, Place as Page};
use super::words::Note;
use super::{Desk, Download, Kept, Order, Reach};
use crate::memorial::{Lang, assets};
use crate::reader::respond::{self, Answer};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use futures::stream;
use hyper::body::Incoming;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use yadgar_protocol::Hash;

/// The stylesheet of these pages, beside that of the memorial.
const STYLE: &str = include_str!("assets/panel.css");
/// The name of the file that a browser saves: it says nothing.
const SAVED_AS: &str = "data.car";

/// What all connections share.
pub struct Room {
    /// The work.
    pub desk: Arc<dyn Desk>,
    /// Who may come in.
    pub tokens: Arc<Tokens>,
    /// Language of the first page.
    pub lang: Lang,
    /// The port.
    pub port: u16,
    /// One upload at a time.
    pub uploading: Semaphore,
}

/// Answers one request, whatever it is.
pub async fn respond(room: &Arc<Room>, request: Request<Incoming>) -> Answer {
    let (request, body) = request.into_parts();
    let is_head = request.method == Method::HEAD;
    let mut answer = match guard::is_ours(&request, room.port) {
        true => answer(room, request, Body::new(body)).await.unwrap_or_else(nothing),
        false => nothing(),
    };
    guard::apply(answer.headers_mut());
    if is_head {
        *answer.body_mut() = Body::empty();
    }
    answer
}

/// For who has no business here: the same in every case.
fn nothing() -> Answer {
    respond::empty(StatusCode::NOT_FOUND)
}

async fn answer(room: &Arc<Room>, request: Parts, body: Body) -> Option<Answer> {
    let path = request.uri.path().to_owned();
    let parts: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if let (&Method::GET, ["s", start]) = (&request.method, parts.as_slice()) {
        let session = guard::may_ask(&request, room.port).then(|| room.tokens.redeem(start))??;
        return Some(see(&format!("/{session}/{}/", room.lang.code())));
    }
    let [token, rest @ ..] = parts.as_slice() else { return None };
    if !room.tokens.is_session(token) || !guard::may_ask(&request, room.port) {
        return None;
    }
    match (reads, rest) {
        (true, ["assets", name]) => asset(name),
        (true, [lang, "get", n, which]) => {
            Lang::from_code(lang)?;
            let core = match *which {
                "all" => false,
                "core" => true,
                _ => return None,
            };
            download(room, n.parse::<usize>().ok()?.checked_sub(1)?, core).await
        }
        (true, [lang, page]) => {
            let page = Page::from_code(page)?;
            let query = request.uri.query().and_then(|query| query.strip_prefix("n="));
            Some(show(room, Lang::from_code(lang)?, page, query.and_then(Note::from_code)).await)
        }
        (false, [lang, "do", what]) if request.method == Method::POST => {
            Some(act(room, Lang::from_code(lang)?, what, &request, body).await)
        }
        _ => None,
    }
}

/// Sends the browser on with a GET, so that loading again orders nothing.
fn see(to: &str) -> Answer {
    let mut answer = respond::redirect(to);
    *answer.status_mut() = StatusCode::SEE_OTHER;
    answer
}

fn asset(name: &str) -> Option<Answer> {
    if name == "panel.css" {
        let bytes = STYLE.as_bytes().to_vec();
        return Some(respond::bytes(StatusCode::OK, "text/css; charset=utf-8", bytes));
    }
    let asset = assets::named(name)?;
    Some(respond::bytes(StatusCode::OK, asset.media, asset.bytes))
}

/// A page; with a note when something was not done.
async fn show(room: &Arc<Room>, lang: Lang, page: Page, note: Option<Note>) -> Answer {
    let desk = room.desk.clone();
    let made = tokio::task::spawn_blocking(move || {
        let texts = if page == Page::Tell { desk.news() } else { Vec::new() };
        pages::page(&desk.sheet(), lang, page, note, &texts)
    });
    match made.await {
        Ok(markup) => respond::html(StatusCode::OK, markup),
        Err(_) => respond::empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn download(room: &Arc<Room>, archive: usize, core: bool) -> Option<Answer> {
    let desk = room.desk.clone();
    let found = tokio::task::spawn_blocking(move || desk.download(archive, core)).await.ok()??;
    let Download { length, read } = found;
    let pieces = stream::try_unfold((read, 0u64), |(read, at)| async move {
        let (reading, from) = (read.clone(), at);
        let piece = tokio::task::spawn_blocking(move || reading(from)).await;
        let piece = piece.map_err(std::io::Error::other)??;
        let next = at + piece.len() as u64;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, (read, next))))
    });
    let body = Body::from_stream(pieces);
    let mut answer = respond::body(StatusCode::OK, "application/octet-stream", length, body);
    let saved = format!("attachment; filename=\"{SAVED_AS}\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&saved).ok()?);
    Some(answer)
}

/// Does what a form says, and leads to the page that shows it.
async fn act(room: &Arc<Room>, lang: Lang, what: &str, request: &Parts, body: Body) -> Answer {
    let done = match what {
        "upload" => uploaded(room, request, body).await.map(|()| Page::Work),
        _ => match Fields::read(&request.headers, body).await {
            Some(fields) => return formed(room, lang, what, fields).await,
            None => Err(Note::BadForm),
        },
    };
    lead(what, done)
}

/// Leads to the page that shows how it went, or back with the reason. Relative to `/TOKEN/LANG/do/WHAT`.
fn lead(what: &str, done: Result<Page, Note>) -> Answer {
    match done {
        Ok(next) => see(&format!("../{}", next.code())),
        Err(note) => see(&format!("../{}?n={}", Page::of_act(what).code(), note.code())),
    }
}

async fn uploaded(room: &Arc<Room>, request: &Parts, body: Body) -> Result<(), Note> {
    let _one = room.uploading.try_acquire().map_err(|_| Note::Busy)?;
    let place = room.desk.uploads()?;
    let files = forms::upload(&request.headers, body, &place).await?;
    order(room, Order::Take(files)).await
}

async fn order(room: &Arc<Room>, order: Order) -> Result<(), Note> {
    let desk = room.desk.clone();
    let done = tokio::task::spawn_blocking(move || desk.order(order)).await;
    done.unwrap_or(Err(Note::Failed))
}

async fn formed(room: &Arc<Room>, lang: Lang, what: &str, mut fields: Fields) -> Answer {
    match what {
        "close" => {
            room.desk.close();
            return respond::html(StatusCode::OK, pages::closed(lang));
        }
        "wipe" => return wipe(room, lang, &fields).await,
        // Here, not only in the browser: nothing is erased because a button was hit.
        "approve" if fields.get("heard") != "yes" => return lead(what, Err(Note::NotHeard)),
        _ => {}
    }
    let Some((wanted, next)) = wanted(what, &mut fields) else {
        return lead(what, Err(Note::BadForm));
    };
    lead(what, order(room, wanted).await.map(|()| next))
}

async fn wipe(room: &Arc<Room>, lang: Lang, fields: &Fields) -> Answer {
    if fields.get("sure") != "yes" {
        return lead("wipe", Err(Note::NotSure));
    }
    let desk = room.desk.clone();
    let wiped = tokio::task::spawn_blocking(move || {
        let encrypted = matches!(desk.sheet().kept, Kept::Encrypted | Kept::Locked | Kept::KeyGone);
        desk.wipe().map(|()| encrypted)
    });
    match wiped.await {
        Ok(Ok(encrypted)) => respond::html(StatusCode::OK, pages::wiped(lang, encrypted)),
        Ok(Err(note)) => lead("wipe", Err(note)),
        Err(_) => lead("wipe", Err(Note::Failed)),
    }
}

/// `None` for a time that is no choice of the page.
fn share(fields: &mut Fields) -> Option<Order> {
    let minutes = match fields.get("minutes") {
        "" => SHARE_MINUTES,
        text => text.parse().ok().filter(|minutes| SHARE_CHOICES.contains(minutes))?,
    };
    let (network, ssid) = (fields.get("network").to_owned(), fields.get("ssid").to_owned());
    Some(Order::Share { minutes, network, ssid, password: fields.take("password") })
}

/// What a form wants, and the page that shows how it went.
fn wanted(what: &str, fields: &mut Fields) -> Option<(Order, Page)> {
    let path = |fields: &Fields| {
        // What was typed counts before what was picked.
        let typed = fields.get("path").trim();
        let path = if typed.is_empty() { fields.get("stick") } else { typed };
        PathBuf::from(path)
    };
    Some(match what {
        "memory" => (Order::Memory, Page::Start),
        "unlock" => (Order::Unlock(fields.take("passphrase")), Page::Start),
        "encrypt" => (Order::Encrypt(fields.take("passphrase"), fields.take("again")), Page::Work),
        "near" => {
            let archive = fields.get("archive").parse().ok();
            let (invite, listen) = (fields.get("invite").to_owned(), fields.get("how") == "listen");
            (Order::Near { archive, invite, listen }, Page::Work)
        }
        "path" => (Order::TakePath(path(fields)), Page::Work),
        "pasted" => {
            let text: String = fields.get("text").chars().take(MAX_FORM_BYTES).collect();
            let core = fields.get("which") == "core";
            let reach = match fields.get("reach") {
                "web" => Reach::Web,
                "internet" => Reach::Internet,
                _ => Reach::Near,
            };
            let proxy = fields.get("proxy").trim().to_owned();
            (Order::Pasted { text, core, reach, proxy }, Page::Work)
        }
        "share" => (share(fields)?, Page::Share),
        "end-share" => (Order::EndShare, Page::Share),
        "save" => {
            let archive = fields.get("archive").parse::<usize>().ok()?.checked_sub(1)?;
            let core = fields.get("which") == "core";
            (Order::Save { archive, core, folder: path(fields) }, Page::Work)
        }
        "approve" => {
            let archive = fields.get("archive").parse().ok()?;
            (Order::Approve { archive, act: Hash::from_hex(fields.get("act"))? }, Page::Work)
        }
        "cancel" => (Order::Cancel, Page::Work),
        "yes" => (Order::Yes, Page::Work),
        "dismiss" => (Order::Dismiss, Page::Start),
        _ => return None,
    })
}
