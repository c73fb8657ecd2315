//! What kind of file it is, by its first bytes and then by its name, and rules for files that are neither
//! records nor pictures.

mod mp4;
mod names;
mod office;

pub use mp4::boxes;
pub use names::{Name, ending, name_of};
pub use office::{pdf, svg};

use super::picture::Format;
use names::runs_by_start;
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
    /// What a browser or a desktop would run: what it is.
    Runs(&'static str),
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
/// How fonts begin.
const FONT_STARTS: [&[u8]; 6] = [b"wOFF", b"wOF2", b"OTTO", b"true", b"ttcf", b"\0\x01\0\0"];
/// Where a font of the web's early days says that it is one.
const EOT: (std::ops::Range<usize>, &[u8]) = (34..36, b"LP");

/// The kind of a file. What it begins with counts more than its name, unless by its name it would be run.
pub fn sniff(path: &str, head: &[u8]) -> Kind {
    let (name, magic) = (name_of(path), by_magic(head));
    if let Name::Runs(what) = name {
        return Kind::Runs(what);
    }
    if path.starts_with(RECORDS_PREFIX) || path.starts_with(INCIDENTS_PREFIX) {
        if ending(path) == "cbor" {
            return Kind::Record;
        }
        if magic.is_none() {
            return Kind::BesideRecords;
        }
    }
    match (magic, name) {
        // Two letters are not much: a text may begin with them.
        (Some(Kind::OtherPicture("BMP")), Name::Text) => Kind::Text,
        (Some(Kind::OtherPicture("BMP")), Name::Table) => Kind::Table,
        // A browser goes by the name: what draws a picture can be read as a page.
        (Some(Kind::Picture(format)), Name::Text | Name::Svg) => {
            Kind::OtherPicture(format.misnamed())
        }
        (Some(Kind::Boxes), Name::Text | Name::Svg) => {
            Kind::Opaque("a film, though its name is that of a text")
        }
        (Some(kind), _) => kind,
        (None, Name::Svg) => Kind::Svg,
        (None, Name::Text) => Kind::Text,
        (None, Name::Table) => Kind::Table,
        (None, _) if is_svg(head) => Kind::Svg,
        (None, Name::Font) if is_font(head) => Kind::Font,
        (None, Name::Font) => Kind::Opaque("what it begins with is no font"),
        (None, Name::Picture) => Kind::OtherPicture("what it begins with is no picture"),
        (None, Name::Opaque) => Kind::Opaque("of a kind that is not looked into"),
        (None, _) => match (is_text(head), runs_by_start(head)) {
            (_, Some(what)) => Kind::Runs(what),
            (true, _) if name == Name::Plain => Kind::Text,
            (true, _) => Kind::Table,
            (false, _) => Kind::Unknown,
        },
    }
}

fn is_font(head: &[u8]) -> bool {
    let (place, mark) = EOT;
    FONT_STARTS.iter().any(|start| head.starts_with(start)) || head.get(place) == Some(mark)
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
