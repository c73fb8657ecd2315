//! Our own pages: routing, layout, errors.
//!
//! Addresses are neutral (`/fa/`, `/fa/p/`, `/fa/p/17`; further archives under `/fa/2/p/`), and
//! every page has the same title, so that a browser's history gives nothing away.

mod people;
mod person;
mod person_parts;
mod start;

use super::respond::{self, Answer};
use super::server::State;
use super::standing;
use super::text::{self, Lang, Text};
use super::url;
use super::view::ArchiveView;
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::sync::Arc;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// The one stylesheet, without the fonts, so that it also serves where they are not.
const STYLE: &str = include_str!("../assets/style.css");
const FONTS: &str = include_str!("../assets/fonts.css");
const REGULAR: &[u8] = include_bytes!("../assets/vazirmatn-regular.woff2");
const BOLD: &[u8] = include_bytes!("../assets/vazirmatn-bold.woff2");
const LICENCE: &str = include_str!("../assets/OFL.txt");

/// Answers a request for one of our pages.
pub(super) async fn answer(state: &Arc<State>, path: &str, query: Option<&str>) -> Answer {
    let parts: Vec<_> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    match parts.as_slice() {
        [""] => respond::redirect(&format!("/{}/", state.config.lang.code())),
        ["assets", name] => asset(name, state.config.lang),
        [code, rest @ ..] => match Lang::from_code(code) {
            Some(lang) => in_language(state, lang, rest, query).await,
            None => error(state.config.lang, StatusCode::NOT_FOUND),
        },
        [] => error(state.config.lang, StatusCode::NOT_FOUND),
    }
}

async fn in_language(state: &Arc<State>, lang: Lang, rest: &[&str], query: Option<&str>) -> Answer {
    let (index, rest) = match rest {
        [] => return respond::redirect(&format!("/{}/", lang.code())),
        [""] => return start::page(state, lang).await,
        ["p", ..] => (0, rest),
        [number, rest @ ..] => match number.parse::<usize>() {
            Ok(n) if n > 0 && n.to_string() == *number => (n - 1, rest),
            _ => return error(lang, StatusCode::NOT_FOUND),
        },
    };
    let Some(view) = state.views().into_iter().nth(index) else {
        return error(lang, StatusCode::NOT_FOUND);
    };
    let shown = Shown { lang, index, view };
    match rest {
        ["p"] => respond::redirect(&shown.people()),
        ["p", ""] => people::page(state, &shown, query).await,
        ["p", key] => person::page(state, &shown, key).await,
        ["p", key, "proof"] => person::proof(state, &shown, key).await,
        _ => error(lang, StatusCode::NOT_FOUND),
    }
}

/// An archive as a page shows it.
struct Shown {
    lang: Lang,
    /// Its place among the archives.
    index: usize,
    view: Arc<ArchiveView>,
}

impl Shown {
    /// Address of its list of names.
    fn people(&self) -> String {
        match self.index {
            0 => format!("/{}/p/", self.lang.code()),
            n => format!("/{}/{}/p/", self.lang.code(), n + 1),
        }
    }

    /// Address of one record.
    fn person(&self, key: &str) -> String {
        format!("{}{key}", self.people())
    }

    /// Address of the same page, given without its language, in the other language.
    fn other(&self, here: &str) -> String {
        let rest = here.strip_prefix('/').and_then(|h| h.split_once('/')).map_or("", |(_, r)| r);
        format!("/{}/{rest}", self.lang.other().code())
    }
}

fn asset(name: &str, lang: Lang) -> Answer {
    let (media, content) = match name {
        "style.css" => ("text/css; charset=utf-8", [FONTS, STYLE].concat().into_bytes()),
        "regular.woff2" => ("font/woff2", REGULAR.to_vec()),
        "bold.woff2" => ("font/woff2", BOLD.to_vec()),
        "OFL.txt" => ("text/plain; charset=utf-8", LICENCE.into()),
        _ => return error(lang, StatusCode::NOT_FOUND),
    };
    respond::bytes(StatusCode::OK, media, content)
}

/// Where a page stands and what it links to.
enum Frame<'a> {
    /// One of our pages, with the address of its twin in the other language.
    Ours(&'a str),
    /// An answer in the origin of a site, which has none of our files.
    Alone,
}

fn layout(lang: Lang, frame: &Frame<'_>, main: &Markup) -> Markup {
    let home = format!("/{}/", lang.code());
    html! {
        (DOCTYPE)
        html lang=(lang.code()) dir=(lang.dir()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (text::TITLE.get(lang)) }
                @match frame {
                    Frame::Ours(_) => { link rel="stylesheet" href="/assets/style.css"; }
                    // Our own text, without `<`: nothing in it can end the element.
                    Frame::Alone => { style { (PreEscaped(STYLE)) } }
                }
            }
            body {
                @if let Frame::Ours(twin) = frame {
                    a.skip href="#main" { (text::SKIP.get(lang)) }
                    header.top {
                        a.brand href=(home) { (text::BRAND.get(lang)) }
                        nav {
                            a href=(home) { (text::HOME.get(lang)) }
                            a href=(twin) lang=(lang.other().code()) hreflang=(lang.other().code()) {
                                (text::OTHER_LANGUAGE.get(lang))
                            }
                        }
                    }
                }
                main #main { (main) }
                @if let Frame::Ours(_) = frame {
                    footer {
                        p { (text::FOOTER.get(lang)) }
                        p { (text::FOOTER_HISTORY.get(lang)) }
                    }
                }
            }
        }
    }
}

/// Page sections in both languages, the reader's own first: for whoever lands on an error.
fn both_languages(lang: Lang, section: impl Fn(Lang) -> Markup) -> Markup {
    html! {
        div.errors {
            @for l in [lang, lang.other()] {
                section lang=(l.code()) dir=(l.dir()) { (section(l)) }
            }
        }
    }
}

fn message(status: StatusCode) -> (Text, Text) {
    match status {
        StatusCode::NOT_FOUND => (text::NOT_FOUND, text::NOT_FOUND_HELP),
        s if s.is_client_error() => (text::REFUSED, text::REFUSED_HELP),
        _ => (text::BROKEN, text::BROKEN_HELP),
    }
}

fn error_markup(lang: Lang, status: StatusCode) -> Markup {
    let (title, help) = message(status);
    both_languages(lang, |l| {
        html! {
            h1 { (title.get(l)) }
            p { (help.get(l)) }
            p.small { (text::digits(l, status.as_str())) }
        }
    })
}

/// An error on our own origin.
pub(super) fn error(lang: Lang, status: StatusCode) -> Answer {
    let twin = format!("/{}/", lang.other().code());
    respond::html(status, layout(lang, &Frame::Ours(&twin), &error_markup(lang, status)))
}

/// An error in the origin of a site.
pub(super) fn site_error(lang: Lang, status: StatusCode) -> Answer {
    respond::html(status, layout(lang, &Frame::Alone, &error_markup(lang, status)))
}

fn fault_markup(lang: Lang, fault: &ReadFault) -> Markup {
    both_languages(lang, |l| match fault {
        ReadFault::Missing(id) => html! {
            h1 { (text::MISSING.get(l)) }
            p { (text::MISSING_HELP.get(l)) }
            p { (text::MISSING_DO.get(l)) }
            p.small { bdi.mono dir="ltr" { (id) } }
        },
        ReadFault::Damaged(reject) => html! {
            h1 { (text::DAMAGED.get(l)) }
            p { (text::DAMAGED_HELP.get(l)) }
            p.small { bdi.mono dir="ltr" { (reject) } }
        },
        ReadFault::Source(_) => html! {
            h1 { (text::DISK.get(l)) }
            p { (text::DISK_HELP.get(l)) }
        },
    })
}

/// Something of one of our pages cannot be read.
fn fault(lang: Lang, twin: &str, fault: &ReadFault) -> Answer {
    let page = layout(lang, &Frame::Ours(twin), &fault_markup(lang, fault));
    respond::html(StatusCode::SERVICE_UNAVAILABLE, page)
}

/// Something of a site cannot be read.
pub(super) fn site_fault(lang: Lang, fault: &ReadFault) -> Answer {
    let page = layout(lang, &Frame::Alone, &fault_markup(lang, fault));
    respond::html(StatusCode::SERVICE_UNAVAILABLE, page)
}

/// A file of a site was withdrawn.
pub(super) fn site_withdrawn(lang: Lang, withdrawal: &Withdrawal) -> Answer {
    let main = both_languages(lang, |l| standing::withdrawn(l, withdrawal));
    respond::html(StatusCode::GONE, layout(lang, &Frame::Alone, &main))
}

/// The files of an archive that has no start page.
pub(super) fn file_list(lang: Lang, view: &ArchiveView, files: &[Entry]) -> Answer {
    let all = view.accepted().release.parts.first().map_or(0, |part| part.files);
    let shown = files.len() as u64;
    let main = html! {
        h1 { (text::FILE_LIST.get(lang)) }
        p { (text::FILE_LIST_HELP.get(lang)) }
        ul.files {
            @for file in files {
                li {
                    a href=(url::encode(file.path.as_str())) {
                        bdi.mono dir="ltr" { (file.path.as_str()) }
                    }
                    " "
                    span.small { (text::size(lang, file.size)) }
                }
            }
        }
        @if shown < all {
            p.small { (text::FILE_LIST_MORE.with(lang, &[&shown.to_string()])) }
        }
    };
    respond::html(StatusCode::OK, layout(lang, &Frame::Alone, &main))
}
