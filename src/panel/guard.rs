//! Who may order anything: the person whose browser was started by this program, and no page of another origin.

use super::limits::MAX_STARTS;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// Bytes of randomness in an address.
const TOKEN_BYTES: usize = 16;

/// Pages of this server: nothing but one stylesheet and its fonts from itself, and forms that come back to it.
const CSP: &str = "default-src 'none'; script-src 'none'; connect-src 'none'; object-src 'none'; \
     frame-src 'none'; worker-src 'none'; manifest-src 'none'; img-src 'none'; style-src 'self'; \
     font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The address of this run, and those by which a browser gets to it.
pub struct Tokens {
    session: String,
    starts: Mutex<VecDeque<String>>,
}

impl Tokens {
    /// New ones.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self { session: token()?, starts: Mutex::default() })
    }

    /// An address that leads to the pages once. A browser gets it as an argument, which others on this machine can
    /// see.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn start(&self) -> Result<String, getrandom::Error> {
        let new = token()?;
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        if starts.len() == MAX_STARTS {
            starts.pop_front();
        }
        starts.push_back(new.clone());
        Ok(new)
    }

    /// The address of the run, for who has a start that was not used before.
    pub fn redeem(&self, start: &str) -> Option<&str> {
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let at = starts.iter().position(|known| same(known, start))?;
        starts.remove(at);
        Some(&self.session)
    }

    /// Whether this is the address of the run.
    pub fn is_session(&self, token: &str) -> bool {
        same(&self.session, token)
    }
}

fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

/// Compared as hashes, so that the time tells nothing of how much was right.
fn same(a: &str, b: &str) -> bool {
    blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}

/// True when the request names this server, by address: no name leads here, so no stranger's DNS does.
pub fn is_ours(request: &Parts, port: u16) -> bool {
    let ours = |host: &str| host == format!("127.0.0.1:{port}");
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    request.uri.authority().is_none_or(|a| ours(a.as_str())) && host.to_str().is_ok_and(ours)
}

/// True when a page of this server sent the request, or for a GET the person did. The archived site and the reader's
/// pages are other origins on the same host ("same-site"), so that is not enough.
pub fn may_ask(request: &Parts, port: u16) -> bool {
    let sent = |name: &str| request.headers.get(name).map(HeaderValue::as_bytes);
    let (from, mode) = (sent("sec-fetch-site"), sent("sec-fetch-mode"));
    match request.method {
        Method::GET | Method::HEAD => {
            // What is in a page comes from a page of ours. A visit may come from anywhere: it shows, and does nothing.
            let visit = mode.is_none_or(|mode| mode == b"navigate")
                && sent("sec-fetch-dest").is_none_or(|to| to == b"document");
            from.is_none_or(|from| from == b"same-origin" || visit)
        }
        _ => {
            let origin = format!("http://127.0.0.1:{port}");
            let same_site = from.is_none_or(|from| from == b"same-origin");
            sent("origin") == Some(origin.as_bytes()) && same_site
        }
    }
}

/// What every answer has.
pub fn apply(headers: &mut HeaderMap) {
    let all: [(&'static str, &'static str); 8] = [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        // Nothing is told to any other origin. To this one it is, because a browser that tells nothing at all hides
        // from us that a form is ours.
        ("referrer-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("x-dns-prefetch-control", "off"),
    ];
    for (name, value) in all {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// False when the system says that another user of this machine is at the other end of a connection: such a one can
/// see the arguments of a browser that is just being started, and would be quicker.
pub fn is_own_user(peer: SocketAddr, ours: SocketAddr) -> bool {
    let me = rustix::process::geteuid().as_raw();
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| owner(&table, peer.port(), ours.port()))
        .is_none_or(|uid| uid == me)
}

/// The user of the socket with this local and remote port in a table of the system.
fn owner(table: &str, local: u16, remote: u16) -> Option<u32> {
    let port = |field: &str| u16::from_str_radix(field.rsplit(':').next()?, 16).ok();
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let ends = (port(fields.get(1)?)?, port(fields.get(2)?)?);
        // 01: established.
        let it = ends == (local, remote) && fields.get(3) == Some(&"01");
        it.then(|| fields.get(7)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn asks(method: Method, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        may_ask(&request.body(()).unwrap().into_parts().0, 5000)
    }

    #[test]
    fn orders_come_from_our_own_pages_only() {
        let origin = ("origin", "http://127.0.0.1:5000");
        assert!(asks(Method::POST, &[origin]));
        assert!(asks(Method::POST, &[origin, ("sec-fetch-site", "same-origin")]));
        for no in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:5001")],
            &[("origin", "http://localhost:5000")],
            &[("sec-fetch-site", "same-origin")],
            &[origin, ("sec-fetch-site", "same-site")],
            &[origin, ("sec-fetch-site", "none")],
        ] {
            assert!(!asks(Method::POST, no), "{no:?}");
        }
    }

    #[test]
    fn other_origins_may_not_load_pages_into_theirs() {
        let foreign = ("sec-fetch-site", "same-site");
        assert!(asks(Method::GET, &[]));
        assert!(asks(Method::GET, &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
        assert!(!asks(Method::GET, &[foreign, ("sec-fetch-mode", "no-cors")]));
        let frame = ("sec-fetch-dest", "iframe");
        assert!(!asks(Method::GET, &[foreign, ("sec-fetch-mode", "navigate"), frame]));
    }

    #[test]
    fn a_start_leads_in_once() {
        let tokens = Tokens::new().unwrap();
        let start = tokens.start().unwrap();
        assert!(tokens.redeem("").is_none() && tokens.redeem(&start[1..]).is_none());
        let session = tokens.redeem(&start).unwrap().to_owned();
        assert!(tokens.is_session(&session) && !tokens.is_session(&start));
        assert!(tokens.redeem(&start).is_none());
        let many: Vec<_> = (0..=MAX_STARTS).map(|_| tokens.start().unwrap()).collect();
        assert!(tokens.redeem(&many[0]).is_none() && tokens.redeem(&many[1]).is_some());
    }

    #[test]
    fn owners_of_sockets() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
            0: 0100007F:1388 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1\n\
            1: 0100007F:C350 0100007F:1388 01 00000000:00000000 00:00000000 00000000  1001        0 2\n";
        assert_eq!(owner(table, 50000, 5000), Some(1001));
        assert_eq!(owner(table, 50001, 5000), None);
        assert_eq!(owner("", 1, 2), None);
    }
}
