//! Addresses of the pages on this server.
//!
//! They are neutral (`/fa/`, `/fa/p/`, `/fa/p/17`; further archives under `/fa/2/`), so that a browser's history
//! gives nothing away.

use super::url;
use crate::memorial::Lang;
use crate::memorial::assets::{LICENCE_NAME, STYLE_NAME};
use crate::memorial::essays::Essay;
use crate::memorial::layout::Frame;
use crate::memorial::links::{Checked, File, Links, Page};
use std::net::SocketAddr;

/// Folder of the stylesheet and the fonts.
pub const ASSETS: &str = "assets";
/// What guests see first.
pub const DOOR: &str = "/";
/// The blank page.
pub const LEAVE: &str = "/x";

/// The part of an address that names a text.
pub const fn essay(essay: Essay) -> &'static str {
    match essay {
        Essay::About => "a",
        Essay::Method => "b",
        Essay::Shutdown => "c",
        Essay::Justice => "d",
        Essay::Safety => "e",
    }
}

/// Addresses of one archive.
#[derive(Debug, Clone, Copy)]
pub struct ServerLinks {
    /// Its place among the archives.
    pub index: usize,
    /// True when it is the only one: its cover is then the start page.
    pub only: bool,
    /// Where its site is served.
    pub site: Option<SocketAddr>,
    /// True when the pages are for guests from a LAN: then their start is the door ([`DOOR`]).
    pub guests: bool,
}

impl ServerLinks {
    fn base(&self, lang: Lang) -> String {
        match self.index {
            0 => format!("/{}", lang.code()),
            n => format!("/{}/{}", lang.code(), n + 1),
        }
    }

    /// Address of the list of names.
    pub fn names(&self, lang: Lang) -> String {
        format!("{}/p/", self.base(lang))
    }

    fn cover(&self, lang: Lang) -> String {
        match (self.index, self.only) {
            (0, true) => format!("/{}/", lang.code()),
            (n, _) => format!("/{}/{}/", lang.code(), n + 1),
        }
    }
}

impl Links for ServerLinks {
    fn page(&self, lang: Lang, page: &Page<'_>) -> Option<String> {
        let base = self.base(lang);
        Some(match page {
            Page::Cover => self.cover(lang),
            Page::Wall(selection, number) => match selection.query(*number) {
                query if query.is_empty() => format!("{base}/p/"),
                query => format!("{base}/p/?{query}"),
            },
            Page::Lists | Page::Letter(..) => return None,
            Page::Person(key) => format!("{base}/p/{key}"),
            Page::Warning(key, n) => format!("{base}/p/{key}/{n}/a"),
            Page::Picture(key, n) => format!("{base}/p/{key}/{n}/b"),
            Page::Incident(id) => format!("{base}/i/{id}"),
            Page::Timeline => format!("{base}/t"),
            Page::Map => format!("{base}/m"),
            Page::Statistics => format!("{base}/n"),
            Page::Essay(which) => format!("{base}/{}", essay(*which)),
            Page::Notices(1) => format!("{base}/f"),
            Page::Notices(n) => format!("{base}/f?page={n}"),
            Page::Leave => LEAVE.to_owned(),
        })
    }

    fn file(&self, file: &File<'_>) -> Option<String> {
        // Proofs and pictures are the same in both languages.
        let base = self.base(Lang::Fa);
        match file {
            File::Style => Some(format!("/{ASSETS}/{STYLE_NAME}")),
            File::FontLicence => Some(format!("/{ASSETS}/{LICENCE_NAME}")),
            File::Proof(key) => Some(format!("{base}/p/{key}/proof")),
            File::IncidentProof(id) => Some(format!("{base}/i/{id}/proof")),
            File::Picture(key, n) => Some(format!("{base}/p/{key}/{n}")),
            File::Archived(path) => Some(format!("http://{}{}", self.site?, url::encode(path))),
        }
    }

    fn start(&self, lang: Lang) -> String {
        if self.guests {
            return DOOR.to_owned();
        }
        format!("/{}/", lang.code())
    }

    fn site(&self) -> Option<String> {
        self.site.map(|at| format!("http://{at}/"))
    }

    fn form(&self, lang: Lang) -> Option<String> {
        Some(self.names(lang))
    }

    fn checked(&self) -> Checked {
        if self.guests { Checked::ByHost } else { Checked::Now }
    }
}

/// The frame of a page that belongs to no archive.
pub fn frame(lang: Lang) -> Frame {
    Frame {
        start: format!("/{}/", lang.code()),
        twin: Some(format!("/{}/", lang.other().code())),
        style: Some(format!("/{ASSETS}/{STYLE_NAME}")),
        leave: Some(LEAVE.to_owned()),
        ..Frame::default()
    }
}
