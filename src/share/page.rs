//! What guests see first: one page in both languages, Persian first, that any phone's browser shows without scripts.

use super::answer::STYLE_ADDRESS;
use super::program::Program;
use super::qr::{Wifi, drawing, drawings};
use super::software::Build;
use super::stock::Carrier;
use super::words as w;
use crate::memorial::assets::STYLE_NAME;
use crate::memorial::text::{Lang, number, size};
use crate::memorial::{layout, standing};
use crate::reader::respond::{self, Answer};
use crate::reader::{ArchiveView, GuestPages};
use axum::http::StatusCode;
use maud::{Markup, html};
use std::sync::Arc;
use std::time::Duration;

/// Marks an answer as made here. It is no part of what is sent.
#[derive(Debug, Clone, Copy)]
struct Ours;

/// A carrier that can be taken.
pub struct Take {
    /// Which.
    pub which: Carrier,
    /// Its address.
    pub address: String,
    /// Its length in bytes.
    pub length: u64,
    /// Blocks that are not here.
    pub missing: u64,
}

/// An archive on the page.
pub struct Offered {
    /// Its place among the archives, from 0.
    pub index: usize,
    /// Whether it is the only one.
    pub only: bool,
    /// The archive.
    pub view: Arc<ArchiveView>,
    /// What can be taken of it.
    pub takes: Vec<Take>,
    /// Programs that it carries.
    pub builds: Vec<Build>,
}

/// All that the page says.
pub struct Sheet<'a> {
    /// What is shared.
    pub archives: Vec<Offered>,
    /// This program.
    pub program: Option<&'a Program>,
    /// How to join the Wi-Fi.
    pub wifi: Option<&'a Wifi>,
    /// Where this page is.
    pub address: String,
    /// How long it will be there.
    pub left: Duration,
    /// Today by this device's clock.
    pub today: String,
}

/// The page.
pub fn door(sheet: &Sheet<'_>) -> Markup {
    let fa = html! { div.side lang="fa" dir="rtl" { (side(sheet, Lang::Fa)) } };
    let en = html! { div.side lang="en" dir="ltr" { (side(sheet, Lang::En)) } };
    let main = html! {
        div.sides { (fa) (en) }
        @for one in &sheet.archives { (six(one)) }
        (codes(sheet))
        @if let Some(program) = sheet.program { (hashes(program)) }
    };
    framed(&main)
}

/// One language's half. The Persian one has the page's first heading.
fn side(sheet: &Sheet<'_>, lang: Lang) -> Markup {
    let minutes = sheet.left.as_secs().div_ceil(60).max(1);
    html! {
        @if lang == Lang::Fa { h1 { (w::TITLE.get(lang)) } } @else { p.title { (w::TITLE.get(lang)) } }
        p.lead { (w::WHAT.get(lang)) }
        p.small { (w::UNTIL.with(lang, &[&number(lang, minutes)])) }
        @for one in &sheet.archives { (archive(one, lang, &sheet.today)) }
        @if sheet.archives.is_empty() { p.notice { (w::NOTHING.get(lang)) } }
        @if let Some(program) = sheet.program { (take_program(program, lang)) }
        section.seen {
            h2 { (w::SEEN.get(lang)) }
            ul { @for line in w::SEEN_LINES { li { (line.get(lang)) } } }
        }
    }
}

fn archive(one: &Offered, lang: Lang, today: &str) -> Markup {
    let view = &one.view;
    let release = &view.accepted().release;
    let [age, _] = standing::freshness(lang, &release.date, view.info(), today);
    let id = format!("q-{}-{}", lang.code(), one.index + 1);
    html! {
        section.card {
            h2 { bdi { (view.accepted().name()) } }
            p.small { (w::RELEASE.with(lang, &[&number(lang, release.sequence)])) (age) }
            (standing::warnings(lang, view.info()))
            p.doors { a.door.main href=(GuestPages::cover(one.index, one.only, lang)) { (w::READ.get(lang)) } }
            form.search method="get" action=(GuestPages::names(one.index, lang)) role="search"
                aria-label=(w::SEARCH.get(lang)) {
                label for=(id) { (w::SEARCH.get(lang)) }
                div.box {
                    input id=(id) type="search" name="q" dir="auto" autocomplete="off"
                        maxlength=(crate::search::MAX_QUERY_CHARS);
                    button type="submit" { (w::SEARCH_DO.get(lang)) }
                }
            }
            h3 { (w::TAKE.get(lang)) }
            p.small { (w::TAKE_HELP.get(lang)) }
            ul.takes { @for take in &one.takes { li { (take_link(take, lang)) } } }
            @if one.takes.is_empty() { p.notice { (w::TAKE_NONE.get(lang)) } }
            p.small { a href=(format!("/get/{}/news", one.index + 1)) { (w::NEWS.get(lang)) } }
            (builds(one, lang))
        }
    }
}

fn take_link(take: &Take, lang: Lang) -> Markup {
    let name = match take.which {
        Carrier::Whole => w::TAKE_WHOLE,
        Carrier::Core => w::TAKE_CORE,
        Carrier::Split(bytes) => {
            return html! { a.small href=(take.address) { (w::TAKE_SPLIT.with(lang, &[&size(lang, bytes)])) } };
        }
    };
    html! {
        a.door href=(take.address) { (name.get(lang)) " " span.count { "(" (size(lang, take.length)) ")" } }
        @if take.missing > 0 { p.small { (w::TAKE_MISSING.with(lang, &[&number(lang, take.missing)])) } }
    }
}

/// Programs for other systems, with what they can be compared by.
fn builds(one: &Offered, lang: Lang) -> Markup {
    html! {
        @if !one.builds.is_empty() {
            h3 { (w::SOFTWARE.get(lang)) }
            p.small { (w::SOFTWARE_HELP.get(lang)) }
            ul.takes {
                @for build in &one.builds {
                    @let address = format!("/get/{}/software/{}", one.index + 1, build.blake3.to_hex());
                    li {
                        a.door href=(address) { bdi dir="ltr" { (build.name) } " " span.count { "(" (size(lang, build.length)) ")" } }
                        p.small { "BLAKE3 " bdi.mono dir="ltr" { (build.blake3.to_hex()) } }
                    }
                }
            }
        }
    }
}

/// The files of a split carrier, by their lengths; at `base` with their numbers behind it.
pub fn files(base: &str, lengths: &[u64]) -> Markup {
    let main = html! {
        h1 { (w::FILES.get(Lang::Fa)) }
        p { (w::FILES_HELP.get(Lang::Fa)) }
        div lang="en" dir="ltr" {
            p.title { (w::FILES.get(Lang::En)) }
            p { (w::FILES_HELP.get(Lang::En)) }
        }
        ol.takes {
            @for (length, n) in lengths.iter().zip(1..) {
                li { a.door href=(format!("{base}/{n}")) {
                    (number(Lang::Fa, n)) " – " span lang="en" { bdi { (n) } }
                    " " span.count { "(" (size(Lang::Fa, *length)) ")" }
                } }
            }
        }
        p { a href="/" { (w::BACK.get(Lang::Fa)) " / " span lang="en" { (w::BACK.get(Lang::En)) } } }
    };
    framed(&main)
}

/// What is newest of an archive, as these lines: a text, and codes when they are few.
pub fn news(view: &ArchiveView, lines: &[String]) -> Markup {
    let codes = drawings(lines, w::NEWS.get(Lang::Fa));
    let main = html! {
        h1 { (w::NEWS.get(Lang::Fa)) }
        p { bdi { (view.accepted().name()) } }
        p { (w::NEWS_HELP.get(Lang::Fa)) }
        p.notice { (w::NEWS_SEEN.get(Lang::Fa)) }
        div lang="en" dir="ltr" {
            p.title { (w::NEWS.get(Lang::En)) }
            p { (w::NEWS_HELP.get(Lang::En)) }
            p.notice { (w::NEWS_SEEN.get(Lang::En)) }
        }
        @for code in &codes { (code) }
        textarea.told dir="ltr" lang="en" rows="8" readonly spellcheck="false" aria-label=(w::NEWS.get(Lang::Fa)) {
            (lines.join("\n"))
        }
        p { a href="/" { (w::BACK.get(Lang::Fa)) " / " span lang="en" { (w::BACK.get(Lang::En)) } } }
    };
    framed(&main)
}

fn take_program(program: &Program, lang: Lang) -> Markup {
    html! {
        section.card {
            h2 { (w::PROGRAM.get(lang)) }
            p.small { (w::PROGRAM_HELP.get(lang)) }
            p { (w::PROGRAM_FOR.get(lang)) " " bdi dir="ltr" { (Program::system()) } }
            p { a.door href="/get/program" {
                (w::PROGRAM_TAKE.get(lang)) " " span.count { "(" (size(lang, program.length)) ")" }
            } }
        }
    }
}

/// The six words in both languages at once, as people compare them by voice.
fn six(one: &Offered) -> Markup {
    html! {
        section.words aria-label=(w::SIX_LABEL.get(Lang::Fa)) {
            @for lang in [Lang::Fa, Lang::En] {
                div lang=(lang.code()) dir=(lang.dir()) {
                    h2 { (w::SIX.get(lang)) @if !one.only { " – " bdi { (one.view.accepted().name()) } } }
                    p.small { (w::SIX_HELP.get(lang)) }
                }
            }
            ol {
                @for (at, word) in one.view.words().iter().enumerate() {
                    li {
                        i { (number(Lang::Fa, at as u64 + 1)) }
                        b lang="fa" { bdi { (word.fa) } }
                        span.small lang="en" { bdi { (word.en) } }
                    }
                }
            }
        }
    }
}

fn codes(sheet: &Sheet<'_>) -> Markup {
    let wifi = sheet
        .wifi
        .and_then(|wifi| Some((wifi, drawing(&wifi.text(), w::CODE_WIFI.get(Lang::Fa))?)));
    let both = |text: crate::memorial::Text| {
        html! {
            span.block lang="fa" dir="rtl" { (text.get(Lang::Fa)) }
            span.block.small lang="en" dir="ltr" { (text.get(Lang::En)) }
        }
    };
    html! {
        section.codes {
            @for lang in [Lang::Fa, Lang::En] {
                h2 lang=(lang.code()) dir=(lang.dir()) { (w::CODES.get(lang)) }
            }
            div.pair {
                @if let Some((wifi, drawn)) = wifi {
                    figure {
                        (drawn)
                        figcaption { (both(w::CODE_WIFI)) bdi.mono dir="ltr" { (wifi.name()) } }
                    }
                }
                @if let Some(drawn) = drawing(&sheet.address, w::CODE_ADDRESS.get(Lang::Fa)) {
                    figure {
                        (drawn)
                        figcaption { (both(w::CODE_ADDRESS)) bdi.mono dir="ltr" { (sheet.address) } }
                    }
                }
            }
        }
    }
}

fn hashes(program: &Program) -> Markup {
    html! {
        section.hashes {
            details {
                summary {
                    span lang="fa" { (w::HASHES.get(Lang::Fa)) } " / "
                    span lang="en" { (w::HASHES.get(Lang::En)) }
                }
                @for lang in [Lang::Fa, Lang::En] {
                    p.small lang=(lang.code()) dir=(lang.dir()) { (w::HASHES_HELP.get(lang)) }
                }
                dl.facts dir="ltr" lang="en" {
                    div { dt { "SHA-256" } dd { bdi.mono { (program.sha256) } } }
                    div { dt { "BLAKE3" } dd { bdi.mono { (program.blake3.to_hex()) } } }
                }
            }
        }
    }
}

/// The frame of our own pages.
fn framed(main: &Markup) -> Markup {
    let head = html! {
        link rel="stylesheet" href=(format!("/assets/{STYLE_NAME}"));
        link rel="stylesheet" href=(STYLE_ADDRESS);
    };
    let body = html! {
        a.skip href="#main" { (w::SKIP.get(Lang::Fa)) }
        a.leave href="/x" accesskey="x" rel="nofollow" { (w::LEAVE.get(Lang::Fa)) " / " span lang="en" { (w::LEAVE.get(Lang::En)) } }
        main #main.guest tabindex="-1" { (main) }
        footer {
            p { (w::FOOTER.get(Lang::Fa)) }
            p lang="en" dir="ltr" { (w::FOOTER.get(Lang::En)) }
        }
    };
    layout::document(Lang::Fa, &head, &body)
}

/// What is said when there is no such page, or it cannot be given.
pub fn error(status: StatusCode) -> Answer {
    let text = match status {
        StatusCode::NOT_FOUND => w::ERROR_NOT_FOUND,
        s if s.is_client_error() => w::ERROR_REFUSED,
        _ => w::ERROR_UNREAD,
    };
    said(status, text)
}

/// What is said when there is no place.
pub fn busy() -> Answer {
    said(StatusCode::SERVICE_UNAVAILABLE, w::ERROR_BUSY)
}

fn said(status: StatusCode, text: crate::memorial::Text) -> Answer {
    let main = html! {
        h1 { (text.get(Lang::Fa)) }
        p lang="en" dir="ltr" { (text.get(Lang::En)) }
        p { a href="/" { (w::BACK.get(Lang::Fa)) " / " span lang="en" { (w::BACK.get(Lang::En)) } } }
        p.small { bdi { (status.as_str()) } }
    };
    let mut answer = respond::html(status, framed(&main));
    answer.extensions_mut().insert(Ours);
    answer
}

/// True for an answer of [`error`] or [`busy`].
pub fn is_ours(answer: &Answer) -> bool {
    answer.extensions().get::<Ours>().is_some()
}
