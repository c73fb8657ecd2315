//! What is answered to a request (GW-2 to GW-9).

use super::Shared;
use super::flow::{self, Body};
use super::guard::refuse;
use super::limits::{MAX_AGE, RETRY_CAR, RETRY_DAY};
use bytes::Bytes;
use hyper::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use std::net::IpAddr;
use std::sync::Arc;
use yadgar_protocol::gateway::{Ask, CAR_TYPE, Form, PROBE, RAW_TYPE, Refusal, Scope, parse};
use yadgar_protocol::{ArchiveId, BlockId};

/// A CAR with the name of the empty block as its root, and nothing in it (GW-6).
const PROBE_CAR: &[u8] = b"\x19\xa2\x65roots\x81\xd8\x2a\x45\x00\x01\x55\x00\x00\x67version\x01";

/// What may not be read by pages of other sites, which could find out by it what this machine holds.
const SAME_ORIGIN: (HeaderName, &str) =
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin");

/// Answers somebody who is connected from this public network, if it is one.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    network: Option<IpAddr>,
    request: &Parts,
) -> Response<Body> {
    let head = request.method == Method::HEAD;
    let mut answer = match request.method {
        Method::GET | Method::HEAD => found(shared, network, request).await,
        _ => {
            let mut answer = told(StatusCode::METHOD_NOT_ALLOWED);
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            answer
        }
    };
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(SAME_ORIGIN.0, HeaderValue::from_static(SAME_ORIGIN.1));
    if head {
        *answer.body_mut() = flow::empty();
    }
    answer
}

/// A status and nothing else: all that is not to be had is answered alike.
fn told(status: StatusCode) -> Response<Body> {
    let text = format!("{}\n", status.canonical_reason().unwrap_or("Error"));
    let length = text.len();
    let mut answer = Response::new(flow::short(text));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    answer
}

async fn found(shared: &Arc<Shared>, network: Option<IpAddr>, request: &Parts) -> Response<Body> {
    if let Some(status) = refuse(request, shared.on_loopback) {
        return told(status);
    }
    let accept = request.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept: Vec<&str> = accept.collect();
    match parse(request.uri.path(), request.uri.query(), &accept) {
        Err(Refusal::Malformed) => told(StatusCode::BAD_REQUEST),
        Err(Refusal::NotFound) => missing(request),
        Err(Refusal::NotAcceptable) => told(StatusCode::NOT_ACCEPTABLE),
        Ok(Ask::Probe(form)) => probe(form),
        Ok(Ask::Head(archive)) => of_archive(shared, request, archive, true).await,
        Ok(Ask::Bulletin(archive)) => of_archive(shared, request, archive, false).await,
        Ok(Ask::Block(id)) => blocks(shared, network, request, (id, None)).await,
        Ok(Ask::Car(id, scope)) => blocks(shared, network, request, (id, Some(scope))).await,
    }
}

/// Not here. Who asks only for what lies ready is told so in the words of that question.
fn missing(request: &Parts) -> Response<Body> {
    let wanted = request.headers.get_all(CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok());
    let mut wanted = wanted.flat_map(|line| line.split(',')).map(str::trim);
    let ready = wanted.any(|word| word.eq_ignore_ascii_case("only-if-cached"));
    told(if ready { StatusCode::PRECONDITION_FAILED } else { StatusCode::NOT_FOUND })
}

fn probe(form: Form) -> Response<Body> {
    let (bytes, kind): (&[u8], _) = match form {
        Form::Raw => (&[], RAW_TYPE),
        Form::Car => (PROBE_CAR, CAR_TYPE),
    };
    let mut answer = Response::new(flow::short(Bytes::from_static(bytes)));
    put(&mut answer, CONTENT_LENGTH, &bytes.len().to_string());
    dress(&mut answer, PROBE, kind, &format!("\"{PROBE}.{}\"", ending(form)));
    answer
}

fn ending(form: Form) -> &'static str {
    match form {
        Form::Raw => "bin",
        Form::Car => "car",
    }
}

/// What is told of an archive: the same as to peers (SYNC-8, SYNC-11).
async fn of_archive(
    shared: &Arc<Shared>,
    request: &Parts,
    archive: ArchiveId,
    head: bool,
) -> Response<Body> {
    if !shared.volume.tells() {
        return busy("3600");
    }
    let _permit = shared.readers.acquire().await;
    let tell = shared.tell.clone();
    let look = move || if head { tell.head(&archive) } else { tell.bulletin(&archive) };
    let Ok(bytes) = tokio::task::spawn_blocking(look).await else {
        return told(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let Some(bytes) = bytes else { return told(StatusCode::NOT_FOUND) };
    let etag = format!("\"{}\"", BlockId::dag_cbor(&bytes));
    let mut answer = if has_it(request, &etag) {
        not_modified()
    } else {
        let length = bytes.len();
        let mut answer = Response::new(flow::short(bytes));
        put(&mut answer, CONTENT_LENGTH, &length.to_string());
        answer
    };
    put(&mut answer, CONTENT_TYPE, "application/vnd.ipld.dag-cbor");
    put(&mut answer, CONTENT_DISPOSITION, "attachment; filename=\"head.cbor\"");
    // It changes: whoever keeps it asks first.
    put(&mut answer, CACHE_CONTROL, "no-cache");
    put(&mut answer, ETAG, &etag);
    answer
}

/// A block, or with `scope` a CAR.
async fn blocks(
    shared: &Arc<Shared>,
    network: Option<IpAddr>,
    request: &Parts,
    (id, scope): (BlockId, Option<Scope>),
) -> Response<Body> {
    let bytes = match flow::read(shared, id).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return missing(request),
        Err(_) => return told(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let (kind, etag) = match scope {
        None => (RAW_TYPE, format!("\"{id}.raw\"")),
        Some(Scope::Block) => (CAR_TYPE, format!("\"block.{id}.car\"")),
        // More of it may be here the next time.
        Some(Scope::All) => (CAR_TYPE, format!("W/\"all.{id}.car\"")),
    };
    let mut answer = if has_it(request, &etag) {
        not_modified()
    } else {
        if flow::is_kept_back(shared, &id) {
            return busy(RETRY_DAY);
        }
        let place = match scope {
            Some(Scope::All) => match shared.cars.enter(network) {
                None => return busy(RETRY_CAR),
                place => place,
            },
            _ => None,
        };
        let length = bytes.len();
        let body = match scope {
            _ if request.method == Method::HEAD => flow::empty(),
            None => flow::block(shared, bytes),
            Some(scope) => flow::car(shared, id, bytes, scope, place),
        };
        let mut answer = Response::new(body);
        if scope.is_none() {
            put(&mut answer, CONTENT_LENGTH, &length.to_string());
        }
        answer
    };
    dress(&mut answer, &id.to_string(), kind, &etag);
    let path = HeaderName::from_static("x-ipfs-path");
    put(&mut answer, path, request.uri.path());
    put(&mut answer, HeaderName::from_static("x-ipfs-roots"), &id.to_string());
    answer
}

fn not_modified() -> Response<Body> {
    let mut answer = Response::new(flow::empty());
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    answer
}

/// Not now, but after so many seconds.
fn busy(seconds: &'static str) -> Response<Body> {
    let mut answer = told(StatusCode::SERVICE_UNAVAILABLE);
    answer.headers_mut().insert(hyper::header::RETRY_AFTER, HeaderValue::from_static(seconds));
    answer
}

/// The headers of what never changes.
fn dress(answer: &mut Response<Body>, name: &str, kind: &'static str, etag: &str) {
    let form = if kind == RAW_TYPE { Form::Raw } else { Form::Car };
    let file = format!("attachment; filename=\"{name}.{}\"", ending(form));
    put(answer, CONTENT_TYPE, kind);
    put(answer, CONTENT_DISPOSITION, &file);
    put(answer, CACHE_CONTROL, &format!("public, max-age={MAX_AGE}, immutable"));
    put(answer, ETAG, etag);
    put(answer, VARY, "Accept");
}

/// What is put is made of names that were parsed, and has no sign that a header may not have.
fn put(answer: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// True when whoever asks has it already.
fn has_it(request: &Parts, etag: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = request.headers.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let mut given = given.flat_map(|line| line.split(','));
    given.any(|tag| tag.trim() == "*" || weak(tag) == weak(etag))
}
