//! What kind of file it is, by its first bytes and then by its name, and rules for files that are neither
//! records nor pictures.

mod mp4;
mod office;

pub use mp4::boxes;
pub use office::{pdf, svg};

use super::picture::Format;
use yadgar_protocol::record::INCIDENTS_PREFIX;
use yadgar_protocol::release::RECORDS_PREFIX;

/// Bytes of a file that tell its kind.
pub const HEAD_BYTES: usize = 512;

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A record of a person or an incident.
    Record,
    /// Another file where records stand.
    BesideRecords,
    /// A picture that can be looked into.
    Picture(Format),
    /// A picture of another format: what it is.
    OtherPicture(&'static str),
    /// A drawing in SVG.
    Svg,
    /// A film in boxes (MP4, QuickTime).
    Boxes,
    /// A PDF.
    Pdf,
    /// A file whose hidden data cannot be seen: what it is.
    Opaque(&'static str),
    /// Text of pages: what is meant to be read.
    Text,
    /// Tables, data, and text of no known kind: what may be a list that got here by mistake.
    Table,
    /// A font.
    Font,
    /// Nothing is known of it.
    Unknown,
}

/// First bytes and what they mean.
const MAGIC: [(&[u8], Kind); 27] = [
    (b"\xff\xd8\xff", Kind::Picture(Format::Jpeg)),
    (b"\x89PNG\r\n\x1a\n", Kind::Picture(Format::Png)),
    (b"GIF87a", Kind::Picture(Format::Gif)),
    (b"GIF89a", Kind::Picture(Format::Gif)),
    (b"\0\0\x01\0", Kind::Picture(Format::Ico)),
    (b"BM", Kind::OtherPicture("BMP")),
    (b"II*\0", Kind::OtherPicture("TIFF or a camera's raw format")),
    (b"MM\0*", Kind::OtherPicture("TIFF")),
    (b"8BPS", Kind::OtherPicture("Photoshop")),
    (b"\xff\x0a", Kind::OtherPicture("JPEG XL")),
    (b"\0\0\0\x0cJXL ", Kind::OtherPicture("JPEG XL")),
    (b"\0\0\0\x0cjP  ", Kind::OtherPicture("JPEG 2000")),
    (b"%PDF", Kind::Pdf),
    (b"PK\x03\x04", Kind::Opaque("ZIP or an office document")),
    (b"\xd0\xcf\x11\xe0", Kind::Opaque("an office document")),
    (b"{\\rtf", Kind::Opaque("RTF")),
    (b"\x1a\x45\xdf\xa3", Kind::Opaque("a film (Matroska, WebM)")),
    (b"OggS", Kind::Opaque("Ogg")),
    (b"ID3", Kind::Opaque("MP3")),
    (b"fLaC", Kind::Opaque("FLAC")),
    (b"\x1f\x8b", Kind::Opaque("gzip")),
    (b"7z\xbc\xaf", Kind::Opaque("7z")),
    (b"Rar!", Kind::Opaque("RAR")),
    (b"BZh", Kind::Opaque("bzip2")),
    (b"\xfd7zXZ", Kind::Opaque("xz")),
    (b"\x28\xb5\x2f\xfd", Kind::Opaque("zstd")),
    (b"SQLite format 3", Kind::Opaque("a database")),
];
const FONTS: [&str; 5] = ["woff2", "woff", "ttf", "otf", "eot"];
const TEXTS: [&str; 15] = [
    "html",
    "htm",
    "xhtml",
    "css",
    "js",
    "mjs",
    "xml",
    "txt",
    "md",
    "vtt",
    "srt",
    "webmanifest",
    "rss",
    "atom",
    "jsonld",
];
const TABLES: [&str; 16] = [
    "csv", "tsv", "json", "jsonl", "ndjson", "geojson", "kml", "gpx", "vcf", "ics", "eml", "sql",
    "yaml", "yml", "log", "bak",
];
/// Texts that come without an ending.
const PLAIN: [&str; 8] =
    ["license", "licence", "copying", "readme", "authors", "notice", "changelog", "credits"];
const PICTURES: [&str; 18] = [
    "jpg", "jpeg", "jpe", "png", "apng", "gif", "webp", "ico", "bmp", "tif", "tiff", "heic",
    "heif", "avif", "jxl", "psd", "dng", "cr2",
];
const OPAQUE: [&str; 33] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "epub", "zip",
    "tar", "gz", "tgz", "7z", "rar", "mp4", "m4v", "mov", "3gp", "webm", "mkv", "avi", "mp3",
    "m4a", "ogg", "opus", "wav", "flac", "svgz", "cbor",
];

/// The kind of a file. What it begins with counts more than its name.
pub fn sniff(path: &str, head: &[u8]) -> Kind {
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    let ending = ending.map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    if path.starts_with(RECORDS_PREFIX) || path.starts_with(INCIDENTS_PREFIX) {
        if ending == "cbor" {
            return Kind::Record;
        }
        if by_magic(head).is_none() {
            return Kind::BesideRecords;
        }
    }
    let has = |list: &[&str]| list.contains(&ending.as_str());
    match by_magic(head) {
        // Two letters are not much: a text may begin with them.
        Some(Kind::OtherPicture("BMP")) if has(&TEXTS) => Kind::Text,
        Some(Kind::OtherPicture("BMP")) if has(&TABLES) => Kind::Table,
        Some(Kind::Picture(format)) if !PICTURES.contains(&ending.as_str()) && has(&TEXTS) => {
            // A browser goes by the name: what draws a picture can be read as a page.
            Kind::OtherPicture(format.misnamed())
        }
        Some(kind) => kind,
        None if ending == "svg" || is_svg(head) => Kind::Svg,
        None if has(&TEXTS) => Kind::Text,
        None if has(&TABLES) => Kind::Table,
        None if has(&FONTS) => Kind::Font,
        None if has(&PICTURES) => Kind::OtherPicture("what it begins with is no picture"),
        None if has(&OPAQUE) => Kind::Opaque("of a kind that is not looked into"),
        None if is_text(head) => {
            let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            match PLAIN.iter().any(|plain| name.starts_with(plain)) {
                true => Kind::Text,
                false => Kind::Table,
            }
        }
        None => Kind::Unknown,
    }
}

/// UTF-8 without controls but those of lines; cut off anywhere.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        Err(e) if e.error_len().is_none() => e.valid_up_to(),
        Err(_) => return false,
    };
    let control = |b: &u8| *b < 32 && !b"\t\n\r\x0c".contains(b);
    whole > 0 && !head[..whole].iter().any(control)
}

fn by_magic(head: &[u8]) -> Option<Kind> {
    if head.get(..4) == Some(b"RIFF") {
        return Some(match head.get(8..12) {
            Some(b"WEBP") => Kind::Picture(Format::Webp),
            _ => Kind::Opaque("sound or film (RIFF)"),
        });
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(match head.get(8..12) {
            Some(b"avif" | b"avis") => Kind::OtherPicture("AVIF"),
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => {
                Kind::OtherPicture("HEIC")
            }
            _ => Kind::Boxes,
        });
    }
    if matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide")) {
        return Some(Kind::Boxes);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Kind::Opaque("tar"));
    }
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}

fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg"))
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
