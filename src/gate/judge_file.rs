//! What is looked for in a file, by what it is.

use super::charset::{self, Text};
use super::code::Code;
use super::files::{Kind, Name, boxes, ending, name_of, pdf, svg};
use super::finding::Level;
use super::inspect::{Named, Seen};
use super::picture::{Format, MAX_PICTURE_BYTES, looked_into};
use super::{mirrors, pages, record, series, table, text};
use std::io::{Read, Seek, SeekFrom};
use yadgar_protocol::limits::MAX_RECORD_BYTES;

/// Longest text that is looked through: 8 MiB.
const MAX_TEXT_BYTES: u64 = 8 << 20;
/// Longest drawing or PDF that is looked through: 64 MiB.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// Up to which size files of a kind are read into memory; 0: never, also when they are empty.
pub const fn whole(kind: Kind) -> u64 {
    match kind {
        Kind::Record => MAX_RECORD_BYTES as u64,
        Kind::Picture(_) => MAX_PICTURE_BYTES,
        Kind::Svg | Kind::Pdf => MAX_DOCUMENT_BYTES,
        Kind::BesideRecords | Kind::Text | Kind::Table => MAX_TEXT_BYTES,
        Kind::OtherPicture(_) | Kind::Boxes | Kind::Opaque(_) | Kind::Runs(_) => 0,
        Kind::Font | Kind::Unknown => 0,
    }
}

/// A file that was read into memory.
pub fn judge_bytes(seen: &mut Seen, kind: Kind, bytes: &[u8], explain: bool) {
    match kind {
        Kind::Record => {
            let found = record::look(&seen.path, bytes, explain);
            seen.findings.extend(found.findings);
            let named = |(field, media): &(String, _)| Named::of(field.clone(), media);
            seen.media = found.media.iter().map(named).collect();
            seen.decisions = found.decisions;
        }
        Kind::Picture(format) => match looked_into(format, bytes) {
            Ok(extra) if extra.is_empty() => {}
            Ok(extra) if format == Format::Ico => {
                let what = format!("an icon with {}", extra.join(", "));
                seen.add(Level::Stop, Code::ImageUnclean, what);
            }
            Ok(extra) => seen.add(Level::Stop, Code::ImageMetadata, extra.join(", ")),
            Err(why) => seen.add(Level::Stop, Code::ImageUnclean, why),
        },
        Kind::Pdf => match pdf(bytes) {
            extra if extra.is_empty() => seen.add(Level::Stop, Code::FileUnclean, "PDF"),
            extra => {
                let what = format!("PDF: {}", extra.join(", "));
                seen.add(Level::Stop, Code::FileMetadata, what);
            }
        },
        Kind::BesideRecords | Kind::Svg | Kind::Table | Kind::Text => {
            let Text { text, fault } = charset::read(bytes);
            if let Some(fault) = fault {
                seen.add(Level::Stop, Code::FileUnclean, fault);
            }
            seen.findings.extend(mirrors::lint(&seen.path, bytes));
            if kind == Kind::Table {
                seen.findings.extend(series::lint(&seen.path, bytes));
            }
            if name_of(&seen.path) == Name::Unknown {
                // Some program knows it, and may run it.
                let what = format!("nothing is known of files that end in .{}", ending(&seen.path));
                seen.add(Level::Stop, Code::UnknownKind, what);
            }
            judge_text(seen, kind, &text);
        }
        _ => {}
    }
}

/// A text; what it is not read as in a browser is told already.
fn judge_text(seen: &mut Seen, kind: Kind, content: &str) {
    let path = seen.path.clone();
    seen.findings.extend(pages::lint(&path, content));
    match kind {
        Kind::BesideRecords => seen.findings.extend(record::look_other(&path, content)),
        Kind::Svg => {
            let extra = svg(content);
            if !extra.is_empty() {
                let what = format!("SVG: {}", extra.join(", "));
                seen.add(Level::Stop, Code::ImageUnclean, what);
            }
        }
        Kind::Table => seen.findings.extend(table::lint(&path, content)),
        _ => {
            // A page is a publisher's own words: an organisation's address on it is meant to be there.
            for hit in text::lint(content) {
                if hit.sure && !matches!(hit.code, Code::ActiveContent | Code::HiddenText) {
                    seen.add(Level::Note, hit.code, hit.shown);
                }
            }
        }
    }
}

/// A file that is not read into memory.
///
/// # Errors
/// When it cannot be read.
pub fn judge_unread(
    seen: &mut Seen,
    kind: Kind,
    file: &mut (impl Read + Seek),
) -> std::io::Result<()> {
    let (level, code, what) = match kind {
        Kind::Record => (Level::Final, Code::BadRecord, "longer than allowed (ENC-1)"),
        Kind::Picture(_) | Kind::Svg => {
            (Level::Stop, Code::ImageUnclean, "too large to be looked into")
        }
        Kind::OtherPicture(what) => (Level::Stop, Code::ImageUnclean, what),
        Kind::Boxes => {
            let extra = boxes(file, seen.size);
            file.seek(SeekFrom::Start(0))?;
            match extra {
                Ok(extra) if extra.is_empty() => {}
                Ok(extra) => {
                    let what = format!("film: {}", extra.join(", "));
                    seen.add(Level::Stop, Code::FileMetadata, what);
                }
                Err(why) => seen.add(Level::Stop, Code::FileUnclean, why),
            }
            return Ok(());
        }
        Kind::Pdf => (Level::Stop, Code::FileUnclean, "PDF, too large to be looked into"),
        Kind::Opaque(what) => (Level::Stop, Code::FileUnclean, what),
        Kind::BesideRecords | Kind::Table | Kind::Text => {
            (Level::Stop, Code::FileUnclean, "too large to be looked through")
        }
        Kind::Runs(what) => (Level::Stop, Code::ActiveContent, what),
        Kind::Unknown if seen.size > 0 => {
            (Level::Stop, Code::UnknownKind, "nothing is known of this kind of file")
        }
        Kind::Unknown | Kind::Font => return Ok(()),
    };
    seen.add(level, code, what);
    Ok(())
}
