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
    let kind = if item.path.is_some() || !ending.is_empty() {
        sniff(name, head)
    } else {
        sniff("x", head)
    };
    match kind {
        Kind::Picture(format) => Treat::Picture(format),
        Kind::Svg => Treat::Svg,
        Kind::Font if is_font(head) => Treat::Copy,
        _ if mime == "text/css" => Treat::Style,
        Kind::Text => text(&ending),
        _ if mime.contains("javascript") => Treat::Leave(Why::Active, "a script"),
        _ if keep => Treat::Copy,
        Kind::OtherPicture(what) => Treat::Leave(Why::Picture, what),
        Kind::Opaque(what) => Treat::Leave(Why::Opaque, what),
        Kind::Pdf => Treat::Leave(Why::Opaque, "PDF"),
        Kind::Boxes => Treat::Leave(Why::Opaque, "a film"),
        Kind::Font => Treat::Leave(Why::Unknown, "what it begins with is no font"),
        _ if matches!(mime, "text/plain" | "text/csv" | "application/json") => Treat::Text,
        _ => Treat::Leave(Why::Unknown, "nothing is known of this kind of file"),
    }
}

fn text(ending: &str) -> Treat {
    match ending {
        "html" | "htm" | "xhtml" => Treat::Page,
        "css" => Treat::Style,
        "js" | "mjs" | "webmanifest" => Treat::Leave(Why::Active, "a script, or made for one"),
        "xml" | "rss" | "atom" | "jsonld" => {
            Treat::Leave(Why::Active, "XML may run scripts; a program, not a reader, wants it")
        }
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

fn is_font(head: &[u8]) -> bool {
    let magic: [&[u8]; 5] = [b"wOFF", b"wOF2", b"OTTO", b"true", b"\0\x01\0\0"];
    magic.iter().any(|m| head.starts_with(m))
}
