//! Asks web hosts for files. No cookies, no referer, nothing that names the program; nothing is sent that the
//! host did not need to have to answer.

use super::address::{check, host_of, way_of};
use super::body::{Body, From, Toll};
use super::dial::{self, Ask};
use super::disk;
use super::error::WebError;
use super::idle::{Idle, Site};
use super::limits::MAX_REDIRECTS;
use crate::dial::{Dialler, is_near};
use crate::net::Volume;
use crate::net::pace::Pace;
use crate::sync::STALL;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HOST,
    HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    RANGE,
};
use hyper::{Request, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use url::{Position, Url};

/// How to ask.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Makes the connections.
    pub dialler: Dialler,
    /// Redirects to other hosts are followed.
    pub other_hosts: bool,
    /// Redirects may lead to http on the open network, from http.
    pub plain: bool,
    /// No progress for this long is the end of a request (SYNC-7).
    pub stall: Duration,
    /// The operator's limits on what is received.
    pub paces: Vec<Arc<Pace>>,
    /// What counts the bytes of a day.
    pub volume: Arc<Volume>,
}

impl ClientConfig {
    /// For a host of which the user said no more: it leads to no other, to http only near by, and no limits are set.
    pub fn new(dialler: Dialler) -> Self {
        Self {
            dialler,
            other_hosts: false,
            plain: false,
            stall: STALL,
            paces: Vec::new(),
            volume: Arc::default(),
        }
    }
}

/// Some bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub start: u64,
    /// How many; not 0.
    pub length: u64,
}

/// By what a host tells whether a file has changed since it sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

/// What is asked for of a file.
#[derive(Clone, Copy, Default)]
struct Want<'a> {
    /// These bytes; without it all.
    span: Option<Span>,
    /// Nothing, if it is still this.
    known: Option<&'a Known>,
    /// In this form.
    accept: Option<&'static str>,
}

/// An answer to a question for some bytes.
pub struct Reply {
    /// The host sends the whole file, from its first byte on, although a part was asked for.
    pub whole: bool,
    /// The bytes.
    pub body: Body,
}

/// Asks hosts. Several questions may be under way at the same time, each on its own connection.
pub struct Client {
    config: ClientConfig,
    idle: Arc<Idle>,
    received: Arc<AtomicU64>,
}

impl Client {
    /// A client; nothing is dialled yet.
    pub fn new(config: ClientConfig) -> Self {
        Self { config, idle: Arc::default(), received: Arc::default() }
    }

    /// The longest time without progress.
    pub fn stall(&self) -> Duration {
        self.config.stall
    }

    /// True when everything goes through a proxy.
    pub fn is_proxied(&self) -> bool {
        self.config.dialler.proxy().is_some()
    }

    /// Bytes of bodies that came so far.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// A whole file of at most `max` bytes.
    ///
    /// # Errors
    /// See [`WebError`].
    pub async fn get(&self, url: &Url, max: u64) -> Result<Body, WebError> {
        self.get_as(url, max, None).await
    }

    /// The same in a form that is asked for, a media type.
    ///
    /// # Errors
    /// See [`WebError`].
    pub async fn get_as(
        &self,
        url: &Url,
        max: u64,
        accept: Option<&'static str>,
    ) -> Result<Body, WebError> {
        if is_file(url) {
            return self.on_disk(url, None, max).await;
        }
        let (response, lease) = self.follow(url, Want { accept, ..Want::default() }).await?;
        match response.status() {
            StatusCode::OK => self.body(response, max, lease),
            other => Err(WebError::Status(other.as_u16())),
        }
    }

    /// A whole file of at most `max` bytes, unless it is still what `known` tells; `None` then. With it comes what is
    /// to be known of it the next time. Through a proxy nothing is sent back that the host made up, for it could tell
    /// one client from another by it.
    ///
    /// # Errors
    /// See [`WebError`].
    pub async fn get_new(
        &self,
        url: &Url,
        max: u64,
        known: &Known,
    ) -> Result<Option<(Body, Known)>, WebError> {
        if is_file(url) {
            return Ok(Some((self.on_disk(url, None, max).await?, Known::default())));
        }
        let known = (!self.is_proxied()).then_some(known);
        let want = Want { known, ..Want::default() };
        let (response, lease) = self.follow(url, want).await?;
        match response.status() {
            StatusCode::OK => {
                let header = |name| response.headers().get(name).cloned();
                let now = Known { etag: header(ETAG), modified: header(LAST_MODIFIED) };
                Ok(Some((self.body(response, max, lease)?, now)))
            }
            StatusCode::NOT_MODIFIED if known.is_some_and(|known| *known != Known::default()) => {
                let mut body = self.raw(response, (0, false), lease);
                // There is none; then the connection is used again.
                while body.next().await?.is_some() {}
                Ok(None)
            }
            other => Err(WebError::Status(other.as_u16())),
        }
    }

    /// Some bytes of a file that has `size` bytes in all.
    ///
    /// # Errors
    /// See [`WebError`]. A part other than the one asked for is refused before any of it is read.
    pub async fn part(&self, url: &Url, span: Span, size: u64) -> Result<Reply, WebError> {
        if is_file(url) {
            let body = self.on_disk(url, Some(span), span.length).await?;
            return Ok(Reply { whole: false, body });
        }
        let (response, lease) =
            self.follow(url, Want { span: Some(span), ..Want::default() }).await?;
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
        lease: (Site, Ask),
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
        Ok(self.raw(response, (told.unwrap_or(max), told.is_some()), lease))
    }

    fn raw(&self, from: Response<Incoming>, left: (u64, bool), (site, ask): (Site, Ask)) -> Body {
        let (paces, volume) = (self.config.paces.clone(), self.config.volume.clone());
        let toll = Toll { paces, volume, received: self.received.clone() };
        let from = From::Host(from.into_body(), (self.idle.clone(), site, ask));
        Body::new(from, left, self.config.stall, toll)
    }

    /// Some bytes of a file of this machine, or all: no line is used by it, so no limit of one holds.
    async fn on_disk(&self, url: &Url, span: Option<Span>, max: u64) -> Result<Body, WebError> {
        let (pieces, there) = disk::open(url, span).await?;
        if there > max {
            return Err(WebError::TooLong);
        }
        let left = span.map_or(there, |span| span.length);
        let (paces, volume, received) = (Vec::new(), Arc::default(), self.received.clone());
        let toll = Toll { paces, volume, received };
        Ok(Body::new(From::Disk(pieces), (left, true), self.config.stall, toll))
    }

    /// Asks, and where the host sends us.
    async fn follow(
        &self,
        url: &Url,
        want: Want<'_>,
    ) -> Result<(Response<Incoming>, (Site, Ask)), WebError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let (response, lease) = self.ask(&url, want).await?;
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
        let near = |url: &Url| url.host().is_some_and(|host| is_near(&host.to_owned()));
        if !same && near(&url) && !near(from) {
            return no("from the open network to this machine or a private one");
        }
        // A way that was not named: from the LAN or Tor to the open network, for example (WAY-6).
        if way_of(&url) != way_of(from) {
            return no("to another kind of address");
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
        want: Want<'_>,
    ) -> Result<(Response<Incoming>, (Site, Ask)), WebError> {
        let port = url.port_or_known_default().unwrap_or(443);
        let site = (url.scheme().to_owned(), host_of(url), port);
        if let Some(mut ask) = self.idle.take(&site) {
            // It may have been closed while nobody looked, or lead nowhere since the line changed: then anew.
            match self.send(&mut ask, url, want).await {
                Err(WebError::Broken(_)) => {}
                Err(WebError::Stalled) => self.idle.forget(&site),
                other => return Ok((other?, (site, ask))),
            }
        }
        let mut ask = dial::connect(&self.config.dialler, url).await?;
        let response = self.send(&mut ask, url, want).await?;
        Ok((response, (site, ask)))
    }

    async fn send(
        &self,
        ask: &mut Ask,
        url: &Url,
        want: Want<'_>,
    ) -> Result<Response<Incoming>, WebError> {
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let mut request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, host)
            .header(ACCEPT, want.accept.unwrap_or("*/*"))
            // What is packed already gains nothing, and parts are parts of the file as it is.
            .header(ACCEPT_ENCODING, "identity");
        if let Some(known) = want.known {
            let tests = [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.modified)];
            for (name, value) in tests {
                request = value.iter().fold(request, |request, value| request.header(&name, value));
            }
        }
        if let Some(span) = want.span {
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

/// True for a file of this machine, which only its user can name.
fn is_file(url: &Url) -> bool {
    url.scheme() == "file"
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
