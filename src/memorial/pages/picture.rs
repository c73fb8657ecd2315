//! Pictures of a record: which may be shown, the step before one that is hard to bear, and the page of one.
//!
//! A picture is sent from our own origin only when its bytes are exactly those that the record names, and are of a raster
//! type that no browser runs anything in, by what they begin with and by what the record says.

use super::parts::{link, said};
use super::person_parts::{alt, caption};
use crate::memorial::context::Context;
use crate::memorial::layout;
use crate::memorial::links::{File, Page};
use crate::memorial::record_words as words;
use crate::memorial::source::Source;
use crate::memorial::words as page_words;
use maud::{Markup, html};
use yadgar_protocol::record::{Graphic, Media, MediaRole, Victim};
use yadgar_protocol::tree::Entry;
use yadgar_protocol::{Hash, Path};

/// Largest picture that is shown, in bytes: it is held in memory while it is sent.
pub const MAX_PICTURE_BYTES: u64 = 16 << 20;

/// First bytes by which a type is known.
const RASTER_START: u64 = 12;

/// The types that are shown: what they begin with, where that stands, and their media type.
const RASTER: [(&[u8], &str); 5] = [
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF", "image/webp"),
];

/// The media type of a picture that is safe to show, by how it begins.
pub fn raster(bytes: &[u8]) -> Option<&'static str> {
    let (_, media) = RASTER.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    let is_webp = bytes.get(8..12) == Some(b"WEBP");
    (*media != "image/webp" || is_webp).then_some(media)
}

/// What became of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// It can be shown, as this media type.
    Good(&'static str),
    /// A block of it is not here, or cannot be read.
    NotHere,
    /// It was withdrawn.
    Withdrawn,
    /// It is no picture that may be shown, or not the one that the record names.
    NotShown,
}

/// Looks at every picture of a record.
pub fn look_all(source: &dyn Source, victim: &Victim) -> Vec<Looked> {
    victim.media.iter().map(|media| look(source, media)).collect()
}

/// Looks at a picture, as far as that goes without reading it whole: what the signed release says of it, whether all of
/// it is here, and how it begins. [`read`], which sends it, checks every byte besides.
pub fn look(source: &dyn Source, media: &Media) -> Looked {
    let start = |entry| source.start(&entry, RASTER_START).map_err(|_| Looked::NotHere);
    match entry(source, media).and_then(start) {
        Ok(bytes) => kind(&bytes, media).map_or(Looked::NotShown, Looked::Good),
        Err(why) => why,
    }
}

/// Reads a picture that may be shown: its media type and its bytes.
///
/// # Errors
/// Any other state of it.
pub fn read(source: &dyn Source, media: &Media) -> Result<(&'static str, Vec<u8>), Looked> {
    let entry = entry(source, media)?;
    let bytes = source.read(&entry).map_err(|_| Looked::NotHere)?;
    let named = Hash::of(&bytes) == media.hash.0;
    let kind = kind(&bytes, media).filter(|_| named);
    kind.map(|kind| (kind, bytes)).ok_or(Looked::NotShown)
}

/// The media type, when it is that of the record and one that is shown.
fn kind(bytes: &[u8], media: &Media) -> Option<&'static str> {
    raster(bytes).filter(|kind| *kind == media.mime)
}

/// The file of a picture, when nothing that the release says of it is against showing it.
fn entry(source: &dyn Source, media: &Media) -> Result<Entry, Looked> {
    let path = Path::new(&media.path).map_err(|_| Looked::NotShown)?;
    let entry = match source.find(&path) {
        Ok(Some(entry)) => entry,
        Ok(None) => return Err(Looked::NotShown),
        Err(_) => return Err(Looked::NotHere),
    };
    if source.withdrawn(&entry).is_some() {
        return Err(Looked::Withdrawn);
    }
    if entry.size > MAX_PICTURE_BYTES || entry.file_hash() != media.hash.0 {
        return Err(Looked::NotShown);
    }
    Ok(entry)
}

/// The portrait beside the name: the first that may be shown at once. What is hard to bear never is.
pub fn figure(cx: &Context<'_>, key: &str, v: &Victim, looked: &[Looked]) -> Markup {
    let fits = |(_, (media, looked)): &(usize, (&Media, &Looked))| {
        media.role == MediaRole::Portrait
            && media.graphic == Graphic::None
            && matches!(looked, Looked::Good(_))
    };
    let Some((n, (media, _))) = v.media.iter().zip(looked).enumerate().find(fits) else {
        return html! {};
    };
    let Some(address) = cx.file(&File::Picture(key, n + 1)) else { return html! {} };
    html! {
        figure.portrait {
            img src=(address) alt=(alt(cx.lang, media));
            @if let Some(words) = media.caption.as_ref().and_then(|text| said(cx.lang, text)) {
                figcaption { (words) }
            }
        }
    }
}

/// All pictures and documents of a record, each as a line that leads to its page, or says why it does not.
pub fn list(cx: &Context<'_>, key: &str, v: &Victim, looked: &[Looked]) -> Markup {
    html! {
        @if !v.media.is_empty() {
            section {
                h2 { (words::PICTURES.get(cx.lang)) }
                ul.media {
                    @for (n, (media, looked)) in v.media.iter().zip(looked).enumerate() {
                        li { (line(cx, key, n + 1, media, *looked)) }
                    }
                }
            }
        }
    }
}

fn line(cx: &Context<'_>, key: &str, n: usize, media: &Media, looked: Looked) -> Markup {
    let lang = cx.lang;
    let role = words::media_role(media.role).get(lang);
    let hard = media.graphic != Graphic::None;
    let page = if hard { Page::Warning(key, n) } else { Page::Picture(key, n) };
    html! {
        strong { (role) } " · " bdi { (alt(lang, media)) }
        @if hard { span.mark { (words::graphic(media.graphic).get(lang)) } }
        span.block {
            @match looked {
                Looked::Good(_) if hard => (link(cx.page(&page), &html! { (words::TO_WARNING.get(lang)) })),
                Looked::Good(_) => (link(cx.page(&page), &html! { (words::ON_SITE.get(lang)) })),
                Looked::NotHere => span.small { (words::PICTURE_NOT_HERE.get(lang)) },
                Looked::Withdrawn => span.small { (page_words::PICTURE_WITHDRAWN.get(lang)) },
                Looked::NotShown => span.small {
                    (words::PICTURE_NOT_SHOWN.get(lang)) " "
                    @if let (false, Some(address)) = (hard, cx.file(&File::Archived(&media.path))) {
                        a href=(address) { (words::AS_FILE.get(lang)) }
                    }
                },
            }
        }
    }
}

/// The step before a picture that is hard to bear.
pub fn warning(cx: &Context<'_>, key: &str, v: &Victim, n: usize) -> Option<Markup> {
    let media = v.media.get(n.checked_sub(1)?)?;
    let lang = cx.lang;
    let main = html! {
        (to_person(cx, key))
        h1 { (words::WARNING.get(lang)) }
        p.notice { (words::graphic(media.graphic).get(lang)) " " (words::WARNING_HELP.get(lang)) }
        p { (words::WARNING_SHOWS.get(lang)) " " bdi { (alt(lang, media)) } }
        p.doors {
            @if let Some(address) = cx.page(&Page::Person(key)) {
                a.door.main href=(address) { (words::WARNING_BACK.get(lang)) }
            }
            @if let Some(address) = cx.page(&Page::Picture(key, n)) {
                a.door href=(address) { (words::WARNING_ON.get(lang)) }
            }
        }
    };
    Some(layout::page(cx, &Page::Warning(key, n), &main))
}

/// One picture with its words.
pub fn page(cx: &Context<'_>, key: &str, v: &Victim, n: usize, looked: Looked) -> Option<Markup> {
    let media = v.media.get(n.checked_sub(1)?)?;
    let lang = cx.lang;
    let shown = matches!(looked, Looked::Good(_));
    let main = html! {
        (to_person(cx, key))
        h1 { (words::media_role(media.role).get(lang)) }
        @if let Some(address) = cx.file(&File::Picture(key, n)).filter(|_| shown) {
            figure.picture {
                img src=(address) alt=(alt(lang, media));
                figcaption { (caption(lang, media)) }
            }
        } @else {
            (line(cx, key, n, media, looked))
        }
        p.small { (words::PICTURE_HASH.get(lang)) " " bdi.mono dir="ltr" { (media.hash.0.to_hex()) } }
    };
    Some(layout::page(cx, &Page::Picture(key, n), &main))
}

fn to_person(cx: &Context<'_>, key: &str) -> Markup {
    html! {
        @if let Some(address) = cx.page(&Page::Person(key)) {
            p.crumb { a href=(address) { (words::BACK_TO_PERSON.get(cx.lang)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_that_run_nothing_are_shown() {
        assert_eq!(raster(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(raster(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [
            b"".as_slice(),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"RIFF\0\0\0\0WAVEfmt ",
            b"RIFF",
            b"%PDF-1.7",
            b"\x89PNG\r\n",
            b"<!doctype html>",
        ] {
            assert_eq!(raster(other), None);
        }
    }
}
