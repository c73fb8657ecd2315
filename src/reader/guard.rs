//! What is refused before anything is looked at: strange methods, hosts, lengths and senders.

use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};

/// Longest path and query that is read, in bytes. A path of 512 bytes takes at most three times
/// that when all of it is percent-encoded.
pub const MAX_URL_BYTES: usize = 2048;

/// Refuses a request, with the status that says why; `port` is the one that it came in by.
pub fn refuse(request: &Parts, port: u16) -> Option<StatusCode> {
    refuse_unless(request, |host| is_loopback_name(host, port))
}

/// The same where other names than those of the loopback are ours: `is_ours` is asked about a host with its port.
pub fn refuse_unless(request: &Parts, is_ours: impl Fn(&str) -> bool) -> Option<StatusCode> {
    if request.uri.path_and_query().is_some_and(|p| p.as_str().len() > MAX_URL_BYTES) {
        return Some(StatusCode::URI_TOO_LONG);
    }
    if !host_is_ours(request, is_ours) {
        return Some(StatusCode::MISDIRECTED_REQUEST);
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Some(StatusCode::METHOD_NOT_ALLOWED);
    }
    if has_body(request) {
        return Some(StatusCode::BAD_REQUEST);
    }
    if request.headers.contains_key("service-worker") || is_foreign_load(request) {
        return Some(StatusCode::FORBIDDEN);
    }
    None
}

/// A name that a stranger's DNS server points at this machine must not reach the pages (DNS
/// rebinding), so only our own addresses are answered: those of the loopback, or those that a share is on. A request with two `Host`
/// headers, or with another host in its first line, is not ours either.
fn host_is_ours(request: &Parts, is_ours: impl Fn(&str) -> bool) -> bool {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let in_line = request.uri.authority().is_none_or(|a| is_ours(a.as_str()));
    in_line && host.to_str().is_ok_and(is_ours)
}

fn is_loopback_name(host: &str, port: u16) -> bool {
    let Some((name, digits)) = host.rsplit_once(':') else { return false };
    let name = name.to_ascii_lowercase();
    digits == port.to_string() && matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]")
}

fn has_body(request: &Parts) -> bool {
    let length = request.headers.get(header::CONTENT_LENGTH);
    request.headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|l| l != "0")
}

/// A page of another site that loads us as its image, style or script only wants to find out
/// whether we are there. A person who follows a link is let in.
fn is_foreign_load(request: &Parts) -> bool {
    let is = |name: &str, value: &str| request.headers.get(name).is_some_and(|v| v == value);
    is("sec-fetch-site", "cross-site")
        && !(is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document"))
}
