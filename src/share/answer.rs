//! Which request gets what.

use super::download::{Content, Instead};
use super::limits::{MAX_FILES, READERS, RETRY_SECONDS, SPLITS};
use super::page::{self, Offered, Sheet, Take};
use super::places::Places;
use super::program::Program;
use super::qr::Wifi;
use super::software;
use super::stock::{Carrier, Plans, Source, Stock, content};
use crate::memorial::Lang;
use crate::reader::guard::refuse_unless;
use crate::reader::respond::{self, Answer};
use crate::reader::{ArchiveView, GuestPages};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use yadgar_protocol::ArchiveId;

/// The stylesheet of our own page, beside that of the memorial.
const STYLE: &str = include_str!("assets/guest.css");
/// Its address.
pub const STYLE_ADDRESS: &str = "/assets/guest.css";

/// What all connections share.
pub struct Shop {
    /// Where everything comes from.
    pub source: Arc<dyn Source>,
    /// The pages of the memorial.
    pub pages: GuestPages,
    /// The carriers.
    pub stock: Arc<Stock>,
    /// This program, if it is given away.
    pub program: Option<Arc<Program>>,
    /// The Wi-Fi, if guests are shown how to join it.
    pub wifi: Option<Wifi>,
    /// Who may come in.
    pub places: Places,
    /// Reads of files at the same time.
    pub readers: Arc<Semaphore>,
    /// How much time is left.
    pub left: Arc<dyn Fn() -> Duration + Send + Sync>,
}

/// A request, with the two ends of its connection.
pub struct Asked {
    /// Method, address and headers.
    pub request: Parts,
    /// Our end.
    pub local: SocketAddr,
    /// Whose.
    pub guest: IpAddr,
}

impl Shop {
    /// How many files are read at once.
    pub fn readers() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(READERS))
    }

    /// Answers one request, whatever it is.
    pub async fn respond(self: &Arc<Self>, asked: &Asked) -> Answer {
        let request = &asked.request;
        let is_ours = |host: &str| is_host(host, asked.local);
        let mut answer = match refuse_unless(request, is_ours) {
            Some(status) => page::error(status),
            None => self.allowed(asked).await,
        };
        // Pages about what went wrong are ours: those of a reader speak of "this device".
        if !page::is_ours(&answer) && matches!(answer.status().as_u16(), 400 | 404 | 500..) {
            answer = page::error(answer.status());
        }
        finish(&mut answer, &request.method);
        answer
    }

    async fn allowed(self: &Arc<Self>, asked: &Asked) -> Answer {
        let (path, query) = (asked.request.uri.path(), asked.request.uri.query());
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            [""] => self.door(asked.local).await,
            ["get", "program"] => self.program(asked).await,
            ["get", n, "news"] => match n.parse() {
                Ok(n) => self.news(n).await,
                Err(_) => page::error(StatusCode::NOT_FOUND),
            },
            ["get", n, which] => match (n.parse(), Carrier::from_code(which)) {
                (Ok(n), Some(which @ Carrier::Split(_))) => self.files(n, which).await,
                (Ok(n), Some(which)) => self.carrier(asked, n, which, 1).await,
                _ => page::error(StatusCode::NOT_FOUND),
            },
            ["get", n, "software", hash] => match n.parse() {
                Ok(n) => self.software(asked, n, (*hash).to_owned()).await,
                Err(_) => page::error(StatusCode::NOT_FOUND),
            },
            ["get", n, which, file] => match (n.parse(), Carrier::from_code(which), file.parse()) {
                (Ok(n), Some(which @ Carrier::Split(_)), Ok(file)) => {
                    self.carrier(asked, n, which, file).await
                }
                _ => page::error(StatusCode::NOT_FOUND),
            },
            ["assets", "guest.css"] => {
                let bytes = STYLE.as_bytes().to_vec();
                respond::bytes(StatusCode::OK, "text/css; charset=utf-8", bytes)
            }
            // With several archives our page is the one that lists them.
            [lang, ""] if Lang::from_code(lang).is_some() && self.pages.views().len() != 1 => {
                respond::redirect("/")
            }
            _ => self.pages.answer(path, query).await,
        }
    }

    async fn door(self: &Arc<Self>, local: SocketAddr) -> Answer {
        let (shop, left) = (self.clone(), (self.left)());
        let made = tokio::task::spawn_blocking(move || {
            let views = shop.pages.views();
            let only = views.len() == 1;
            let offered = |(index, view): (usize, &Arc<ArchiveView>)| Offered {
                index,
                only,
                view: view.clone(),
                takes: shop.takes(index, view),
                builds: software::builds(view),
            };
            let sheet = Sheet {
                archives: views.iter().enumerate().map(offered).collect(),
                program: shop.program.as_deref(),
                wifi: shop.wifi.as_ref(),
                address: super::url(local),
                left,
                today: crate::clock::utc_day(std::time::SystemTime::now()),
            };
            page::door(&sheet)
        });
        match made.await {
            Ok(markup) => respond::html(StatusCode::OK, markup),
            Err(_) => page::error(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// What can be taken of an archive. A carrier that cannot be planned is not offered; files of a size are planned
    /// when they are asked for.
    fn takes(&self, index: usize, view: &ArchiveView) -> Vec<Take> {
        let address = |which: Carrier| format!("/get/{}/{}", index + 1, which.code());
        let take = |which| {
            let plans = self.stock.plan(&*self.source, view, which).ok()??;
            let (length, missing) = plans.first().map(|plan| (plan.length(), plan.missing()))?;
            Some(Take { which, address: address(which), length, missing })
        };
        let mut all: Vec<_> =
            [Carrier::Whole, Carrier::Core].into_iter().filter_map(take).collect();
        let whole = all.iter().find(|t| t.which == Carrier::Whole).map_or(0, |t| t.length);
        let sizes = SPLITS.into_iter().filter(|size| *size < whole && whole / *size < MAX_FILES);
        all.extend(sizes.map(|length| {
            let which = Carrier::Split(length);
            Take { which, address: address(which), length, missing: 0 }
        }));
        all
    }

    /// The plans of a carrier of the `n`th archive, and which it is; or what to say instead.
    async fn planned(
        self: &Arc<Self>,
        n: usize,
        which: Carrier,
    ) -> Result<(ArchiveId, Plans), StatusCode> {
        let shop = self.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let view = shop.pages.views().into_iter().nth(n.checked_sub(1)?)?;
            let plans = shop.stock.plan(&*shop.source, &view, which);
            Some((view.archive(), plans))
        });
        match planned.await {
            Ok(Some((archive, Ok(Some(plans))))) => Ok((archive, plans)),
            Ok(None | Some((_, Ok(None)))) => Err(StatusCode::NOT_FOUND),
            Ok(Some((_, Err(_)))) | Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// What is newest of an archive, as text and codes.
    async fn news(self: &Arc<Self>, n: usize) -> Answer {
        let shop = self.clone();
        let made = tokio::task::spawn_blocking(move || {
            let view = shop.pages.views().into_iter().nth(n.checked_sub(1)?)?;
            Some(shop.source.news(&view.archive()).map(|lines| Some(page::news(&view, &lines?))))
        });
        match made.await {
            Ok(Some(Ok(Some(markup)))) => respond::html(StatusCode::OK, markup),
            Ok(None | Some(Ok(None))) => page::error(StatusCode::NOT_FOUND),
            Ok(Some(Err(_))) | Err(_) => page::error(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// The page of a split carrier.
    async fn files(self: &Arc<Self>, n: usize, which: Carrier) -> Answer {
        match self.planned(n, which).await {
            Ok((_, plans)) => {
                let lengths: Vec<_> = plans.iter().map(|plan| plan.length()).collect();
                let markup = page::files(&format!("/get/{n}/{}", which.code()), &lengths);
                respond::html(StatusCode::OK, markup)
            }
            Err(status) => page::error(status),
        }
    }

    async fn carrier(
        self: &Arc<Self>,
        asked: &Asked,
        n: usize,
        which: Carrier,
        file: usize,
    ) -> Answer {
        match self.planned(n, which).await {
            Ok((archive, plans)) => {
                let store = self.source.store();
                match content(&self.stock, store, archive, (plans, file), which) {
                    Some(content) => self.send(asked, content).await,
                    None => page::error(StatusCode::NOT_FOUND),
                }
            }
            Err(status) => page::error(status),
        }
    }

    /// A program that the archive carries, by its hash.
    async fn software(self: &Arc<Self>, asked: &Asked, n: usize, hash: String) -> Answer {
        let shop = self.clone();
        let found = tokio::task::spawn_blocking(move || {
            let view = shop.pages.views().into_iter().nth(n.checked_sub(1)?)?;
            let build = software::builds(&view).into_iter().find(|b| b.blake3.to_hex() == hash)?;
            Some(build.content(view))
        });
        match found.await {
            Ok(Some(content)) => self.send(asked, content).await,
            _ => page::error(StatusCode::NOT_FOUND),
        }
    }

    async fn program(self: &Arc<Self>, asked: &Asked) -> Answer {
        let Some(program) = self.program.clone() else { return page::error(StatusCode::NOT_FOUND) };
        let (length, tag) = (program.length, program.blake3.to_hex()[..32].to_owned());
        let read = Arc::new(move |at, most| program.piece(at, most));
        self.send(asked, Content { length, tag, name: Program::name(), read }).await
    }

    async fn send(&self, asked: &Asked, content: Content) -> Answer {
        let place = match asked.request.method == Method::HEAD {
            true => None,
            false => match self.places.download(asked.guest) {
                Some(place) => Some(place),
                None => return busy(),
            },
        };
        match content.answer(&asked.request.headers, place, self.readers.clone()).await {
            Ok(answer) => answer,
            Err(Instead::Answer(answer)) => *answer,
            Err(Instead::Unread) => page::error(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// The answer to whom there is no place for now.
pub fn busy() -> Answer {
    let mut answer = page::busy();
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    answer
}

/// What every answer has, and what none of its kind has.
pub fn finish(answer: &mut Answer, method: &Method) {
    GuestPages::guard(answer);
    // Browsers heed it over https and on the loopback only, and complain about it elsewhere.
    answer.headers_mut().remove("cross-origin-opener-policy");
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    if *method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
}

/// True when a `Host` names our end of the connection, and nothing else: an address, never a name, so that no
/// stranger's DNS leads here.
fn is_host(host: &str, local: SocketAddr) -> bool {
    // Browsers differ in whether they repeat the interface of a link-local address.
    let (before, after) = host.split_once(']').unwrap_or((host, ""));
    let bare = before.split('%').next().unwrap_or_default();
    let host = if host.contains(']') { format!("{bare}]{after}") } else { host.to_owned() };
    if let Ok(at) = host.parse::<SocketAddr>() {
        return (at.ip(), at.port()) == (local.ip(), local.port());
    }
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    local.port() == 80 && ip.is_ok_and(|ip| ip == local.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let v4: SocketAddr = "10.42.0.1:8080".parse().unwrap();
        assert!(is_host("10.42.0.1:8080", v4));
        for no in [
            "10.42.0.1",
            "10.42.0.1:80",
            "10.42.0.2:8080",
            "localhost:8080",
            "127.0.0.1:8080",
            "10.42.0.1.evil.example:8080",
            "evil.example:8080",
            "10.42.0.1:8080:8080",
            "[10.42.0.1]:8080",
            "010.42.0.1:8080",
            "",
        ] {
            assert!(!is_host(no, v4), "{no}");
        }
        let v6: SocketAddr = "[fe80::1]:8080".parse().unwrap();
        for yes in ["[fe80::1]:8080", "[fe80::1%25wlan0]:8080", "[fe80::1%3]:8080"] {
            assert!(is_host(yes, v6), "{yes}");
        }
        assert!(!is_host("[fe80::2]:8080", v6) && !is_host("[fe80::1]", v6));
        let at80: SocketAddr = "192.168.1.1:80".parse().unwrap();
        assert!(is_host("192.168.1.1", at80) && is_host("192.168.1.1:80", at80));
    }
}
