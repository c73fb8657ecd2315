//! Asks web hosts for files. No cookies, no referer, nothing that names the program; nothing is sent that the
//! host did not need to have to answer.

use super::address::{check, host_of, is_near};
use super::body::Body;
use super::dial::{Ask, Dialer};
use super::error::WebError;
use super::limits::{MAX_IDLE, MAX_REDIRECTS};
use super::proxy::Proxy;
use super::tls::Roots;
use crate::net::pace::Pace;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HOST, HeaderMap,
    HeaderName, LOCATION, RANGE,
};
use hyper::{Request, Response, StatusCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::{Position, Url};

/// How to ask.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Through which everything goes.
    pub proxy: Option<Proxy>,
    /// Who is believed about hosts.
    pub roots: Roots,
    /// Redirects to other hosts are followed.
    pub other_hosts: bool,
    /// Redirects may lead to http on the open network, from http.
    pub plain: bool,
    /// No progress for this long is the end of a request (SYNC-7).
    pub stall: Duration,
    /// The operator's limits on what is received.
    pub paces: Vec<Arc<Pace>>,
}

/// Some bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub start: u64,
    /// How many; not 0.
    pub length: u64,
}

/// An answer to a question for some bytes.
pub struct Reply {
    /// The host sends the whole file, from its first byte on, although a part was asked for.
    pub whole: bool,
    /// The bytes.
    pub body: Body,
}

/// Where a connection leads: scheme, host, port.
pub(super) type Site = (String, String, u16);

/// Connections that wait to be used again.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<(Site, Ask)>>);

impl Idle {
    pub(super) fn give(&self, site: Site, ask: Ask) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, ask)| !ask.is_closed());
        if idle.len() < MAX_IDLE && !ask.is_closed() {
            idle.push((site, ask));
        }
    }

    fn take(&self, site: &Site) -> Option<Ask> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, ask)| !ask.is_closed());
        let at = idle.iter().rposition(|(to, _)| to == site)?;
        Some(idle.swap_remove(at).1)
    }
}

/// Asks hosts. Several questions may be under way at the same time, each on its own connection.
pub struct Client {
    dialer: Dialer,
    config: ClientConfig,
    idle: Arc<Idle>,
}

impl Client {
    /// A client; nothing is dialled yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: ClientConfig) -> Result<Self, WebError> {
        let tls = config.roots.config().map_err(|e| WebError::Tls(e.to_string()))?;
        let dialer = Dialer::new(config.proxy.clone(), tls);
        Ok(Self { dialer, config, idle: Arc::default() })
    }

    /// The longest time without progress.
    pub fn stall(&self) -> Duration {
        self.config.stall
    }

    /// A whole file of at most `max` bytes.
    ///
    /// # Errors
    /// See [`WebError`].
    pub async fn get(&self, url: &Url, max: u64) -> Result<Body, WebError> {
        let (response, lease) = self.follow(url, None).await?;
        match response.status() {
            StatusCode::OK => self.body(response, max, lease),
            other => Err(WebError::Status(other.as_u16())),
        }
    }

    /// Some bytes of a file that has `size` bytes in all.
    ///
    /// # Errors
    /// See [`WebError`]. A part other than the one asked for is refused before any of it is read.
    pub async fn part(&self, url: &Url, span: Span, size: u64) -> Result<Reply, WebError> {
        let (response, lease) = self.follow(url, Some(span)).await?;
        match response.status() {
            StatusCode::OK => {
                let mut body = self.body(response, size, lease)?;
                (body.left, body.exact) = (size, true);
                Ok(Reply { whole: true, body })
            }
            StatusCode::PARTIAL_CONTENT => {
                let told = text(response.headers(), &CONTENT_RANGE);
                if !told.is_some_and(|told| is_range(told, span)) {
                    return Err(WebError::Wrong("it sends another part of the file".into()));
                }
                let mut body = self.body(response, span.length, lease)?;
                (body.left, body.exact) = (span.length, true);
                Ok(Reply { whole: false, body })
            }
            other => Err(WebError::Status(other.as_u16())),
        }
    }

    fn body(
        &self,
        response: Response<Incoming>,
        max: u64,
        (site, ask): (Site, Ask),
    ) -> Result<Body, WebError> {
        if text(response.headers(), &CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(WebError::Wrong(
                "it sends the file compressed, which was not asked".into(),
            ));
        }
        let told = text(response.headers(), &CONTENT_LENGTH).and_then(|n| n.parse::<u64>().ok());
        if told.is_some_and(|told| told > max) {
            return Err(WebError::TooLong);
        }
        let left = (told.unwrap_or(max), told.is_some());
        let lease = (self.idle.clone(), site, ask);
        Ok(Body::new(
            response.into_body(),
            left,
            self.config.stall,
            self.config.paces.clone(),
            lease,
        ))
    }

    /// Asks, and where the host sends us.
    async fn follow(
        &self,
        url: &Url,
        span: Option<Span>,
    ) -> Result<(Response<Incoming>, (Site, Ask)), WebError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let (response, lease) = self.ask(&url, span).await?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok((response, lease));
            }
            let to = text(response.headers(), &LOCATION);
            url = self.elsewhere(&url, to.unwrap_or_default())?;
        }
        Err(WebError::Redirect("too often".into()))
    }

    /// Where a redirect leads, if it may be followed.
    fn elsewhere(&self, from: &Url, to: &str) -> Result<Url, WebError> {
        let no = |why: &str| Err(WebError::Redirect(why.into()));
        let Ok(url) = from.join(to) else { return no("to nowhere") };
        if check(&url, self.config.plain).is_err()
            || (from.scheme() == "https" && url.scheme() != "https")
        {
            return no("to an address that must not be asked");
        }
        let same = url.host() == from.host()
            && url.port_or_known_default() == from.port_or_known_default();
        if !same && is_near(&url) && !is_near(from) {
            return no("from the open network to this machine or a private one");
        }
        // http of a host to its own https is the one step that needs no yes.
        let safer = url.host() == from.host() && from.scheme() == "http" && url.scheme() == "https";
        if !same && !safer && !self.config.other_hosts {
            return no("to another host or port");
        }
        Ok(url)
    }

    async fn ask(
        &self,
        url: &Url,
        span: Option<Span>,
    ) -> Result<(Response<Incoming>, (Site, Ask)), WebError> {
        let port = url.port_or_known_default().unwrap_or(443);
        let site = (url.scheme().to_owned(), host_of(url), port);
        if let Some(mut ask) = self.idle.take(&site) {
            // It may have been closed while nobody looked: then anew.
            match self.send(&mut ask, url, span).await {
                Err(WebError::Broken(_)) => {}
                other => return Ok((other?, (site, ask))),
            }
        }
        let mut ask = self.dialer.connect(url).await?;
        let response = self.send(&mut ask, url, span).await?;
        Ok((response, (site, ask)))
    }

    async fn send(
        &self,
        ask: &mut Ask,
        url: &Url,
        span: Option<Span>,
    ) -> Result<Response<Incoming>, WebError> {
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let mut request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, host)
            .header(ACCEPT, "*/*")
            // What is packed already gains nothing, and parts are parts of the file as it is.
            .header(ACCEPT_ENCODING, "identity");
        if let Some(span) = span {
            let last = span.start + span.length.saturating_sub(1);
            request = request.header(RANGE, format!("bytes={}-{last}", span.start));
        }
        let request = request.body(Empty::<Bytes>::new());
        let request = request.map_err(|e| WebError::Wrong(e.to_string()))?;
        let sending = async {
            ask.ready().await?;
            ask.send_request(request).await
        };
        match tokio::time::timeout(self.config.stall, sending).await {
            Err(_) => Err(WebError::Stalled),
            Ok(Err(error)) if error.is_parse() || error.is_parse_too_large() => {
                Err(WebError::Wrong("it does not speak HTTP".into()))
            }
            Ok(Err(error)) => Err(WebError::Broken(error.to_string())),
            Ok(Ok(response)) => Ok(response),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// True for `bytes FIRST-LAST/…` of exactly this part.
fn is_range(told: &str, span: Span) -> bool {
    let last = span.start + span.length.saturating_sub(1);
    let range = told.strip_prefix("bytes ").and_then(|rest| rest.split('/').next());
    range.is_some_and(|range| range.trim() == format!("{}-{last}", span.start))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
