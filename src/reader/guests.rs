//! The same pages for guests from a LAN: somebody else (a share) has the sockets and the door, and asks for
//! pages here. No archived site is among them, since it would need a port of its own.

use super::headers::{self, Origin};
use super::links::ServerLinks;
use super::pages;
use super::respond::Answer;
use super::server::{ReaderConfig, State, Views, read_ahead};
use super::view::ArchiveView;
use crate::memorial::Lang;
use crate::memorial::links::{Links as _, Page};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The pages, without a socket.
pub struct GuestPages {
    state: Arc<State>,
}

impl GuestPages {
    /// The pages of what `views` gives; `stop` ends what is read ahead. To be made inside a runtime.
    pub fn new(lang: Lang, views: Views, stop: CancellationToken) -> Self {
        // No port is ever opened with this: `guests` says so.
        let config = ReaderConfig { bind: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None, lang };
        let (alive, _) = mpsc::channel(1);
        let mut state = State::new(config, views, stop, alive);
        state.guests = true;
        let state = Arc::new(state);
        tokio::spawn(read_ahead(state.clone()));
        Self { state }
    }

    /// The archives, in a lasting order: that of their addresses.
    pub fn views(&self) -> Vec<Arc<ArchiveView>> {
        self.state.views()
    }

    /// Answers a request that was let in, by its path and query.
    pub async fn answer(&self, path: &str, query: Option<&str>) -> Answer {
        pages::answer(&self.state, path, query).await
    }

    /// Address of the entrance of the archive at `index`; `only`: it is the only one.
    pub fn cover(index: usize, only: bool, lang: Lang) -> String {
        let links = ServerLinks { index, only, site: None, guests: true };
        links.page(lang, &Page::Cover).unwrap_or_default()
    }

    /// Address of its list of names, which also takes a search by GET (`q`).
    pub fn names(index: usize, lang: Lang) -> String {
        ServerLinks { index, only: false, site: None, guests: true }.names(lang)
    }

    /// Sets the headers that every answer has.
    pub fn guard(answer: &mut Answer) {
        headers::apply(answer.headers_mut(), Origin::Pages);
    }
}
