//! Building answers.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

/// An answer of the program.
pub type Answer = Response<Body>;

/// A page of HTML.
pub fn html(status: StatusCode, page: maud::Markup) -> Answer {
    bytes(status, "text/html; charset=utf-8", page.into_string().into_bytes())
}

/// Bytes of a known type.
pub fn bytes(status: StatusCode, media: &'static str, content: Vec<u8>) -> Answer {
    let length = content.len() as u64;
    body(status, media, length, Body::from(content))
}

/// Bytes that a browser saves, under a name that says nothing of what they are about.
pub fn download(name: &'static str, content: Vec<u8>) -> Answer {
    let mut answer = bytes(StatusCode::OK, "application/octet-stream", content);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    answer
}

/// A body of a known type and length.
pub fn body(status: StatusCode, media: &'static str, length: u64, content: Body) -> Answer {
    let mut answer = Response::new(content);
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    answer
}

/// An answer without content.
pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

/// Sends the browser to another path of the same origin. `to` begins with one slash and is
/// percent-encoded already.
pub fn redirect(to: &str) -> Answer {
    let mut answer = empty(StatusCode::FOUND);
    if let Ok(value) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}
