//! What is done with a file, by what it is.

use super::item::Item;
use super::report::Why;
use crate::gate::{Format, Kind, sniff};
use yadgar_protocol::release::RECORDS_PREFIX;

/// Bytes that tell what a file is.
pub const HEAD_BYTES: u64 = 512;

/// How a file is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treat {
    /// A page: parsed and written anew.
    Page,
    /// A style sheet.
    Style,
    /// A drawing.
    Svg,
    /// A picture: without what does not draw it.
    Picture(Format),
    /// Text: as UTF-8.
    Text,
    /// Taken as it is: fonts, records, and what is kept by name.
    Copy,
    /// Left out.
    Leave(Why, &'static str),
}

impl Treat {
    /// Endings of names that fit; empty: whatever it has.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Page => &["html", "htm"],
            Self::Style => &["css"],
            Self::Svg => &["svg"],
            Self::Picture(Format::Jpeg) => &["jpg", "jpeg"],
            Self::Picture(Format::Png) => &["png"],
            Self::Picture(Format::Gif) => &["gif"],
            Self::Picture(Format::Webp) => &["webp"],
            Self::Picture(Format::Ico) => &["ico"],
            Self::Text => &["txt", "md", "csv", "tsv", "json", "jsonl", "geojson", "vtt", "srt"],
            Self::Copy | Self::Leave(..) => &[],
        }
    }
}

/// Decides by content, then by name and what the server told.
pub fn treat(item: &Item, head: &[u8], keep: bool) -> Treat {
    let name =
        item.path.clone().unwrap_or_else(|| item.url.path().trim_start_matches('/').to_owned());
    let name = name.split('?').next().unwrap_or_default();
    let ending = name
        .rsplit('/')
        .next()
        .and_then(|n| n.rsplit_once('.'))
        .map(|(_, e)| e.to_ascii_lowercase());
    let (ending, mime) = (ending.unwrap_or_default(), item.mime.as_deref().unwrap_or_default());
    let records = [RECORDS_PREFIX, "incidents/", "release-notes/"];
    if item.path.is_some() && records.iter().any(|p| name.starts_with(p)) {
        return Treat::Copy;
    }
    if is_page(head) || mime == "text/html" || mime == "application/xhtml+xml" {
        let binary = matches!(sniff("x", head), Kind::Picture(_) | Kind::Pdf | Kind::Opaque(_));
        if !binary {
            return Treat::Page;
        }
    }
    let named = item.path.is_some() || !ending.is_empty();
    let kind = match sniff(if named { name } else { "x" }, head) {
        // A program on a server made it; it gets a name that fits.
        Kind::Runs(what) => match sniff("x", head) {
            drawn @ (Kind::Picture(_) | Kind::Svg) => drawn,
            _ => Kind::Runs(what),
        },
        kind => kind,
    };
    match kind {
        Kind::Picture(format) => Treat::Picture(format),
        Kind::Svg => Treat::Svg,
        Kind::Font => Treat::Copy,
        _ if mime == "text/css" => Treat::Style,
        Kind::Runs(_) if ["xhtml", "xhtm", "xht"].contains(&ending.as_str()) => Treat::Page,
        Kind::Runs(what) => Treat::Leave(Why::Active, what),
        Kind::Text => text(&ending),
        _ if mime.contains("javascript") => Treat::Leave(Why::Active, "a script"),
        _ if keep => Treat::Copy,
        Kind::OtherPicture(what) => Treat::Leave(Why::Picture, what),
        Kind::Opaque(what) => Treat::Leave(Why::Opaque, what),
        Kind::Pdf => Treat::Leave(Why::Opaque, "PDF"),
        Kind::Boxes => Treat::Leave(Why::Opaque, "a film"),
        _ if matches!(mime, "text/plain" | "text/csv" | "application/json") => Treat::Text,
        _ => Treat::Leave(Why::Unknown, "nothing is known of this kind of file"),
    }
}

fn text(ending: &str) -> Treat {
    match ending {
        "html" | "htm" => Treat::Page,
        "css" => Treat::Style,
        "webmanifest" | "jsonld" => Treat::Leave(Why::Active, "made for a program, not a reader"),
        _ => Treat::Text,
    }
}

fn is_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<!doctype html")
        || text.starts_with("<html")
        || (text.starts_with("<?xml") && text.contains("<html"))
}
