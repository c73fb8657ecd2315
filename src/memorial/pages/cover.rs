//! The entrance: what is here, and where to go. No picture of anybody stands on it.

use super::{check, filters};
use crate::memorial::context::Context;
use crate::memorial::layout::{self, Frame};
use crate::memorial::links::Page;
use crate::memorial::selection::Selection;
use crate::memorial::text::Lang;
use crate::memorial::{standing, words};
use maud::{Markup, html};

/// The entrance of one archive. `readable`: whether its list of records can be read now.
pub fn page(cx: &Context<'_>, readable: bool) -> Markup {
    let lang = cx.lang;
    let main = html! {
        div.cover {
            h1 { bdi { (cx.accepted.name()) } }
            (standing::warnings(lang, cx.info))
            @if readable {
                p.lead { (words::COVER_COUNT.of(lang, cx.catalogue.people())) }
                (filters::search(cx))
            } @else if cx.info.arriving.is_none() {
                p.notice { (words::COVER_UNREAD.get(lang)) }
            }
            (doors(cx))
            (texts(cx))
        }
        (check::section(cx))
    };
    layout::page(cx, &Page::Cover, &main)
}

/// The entrance where there are several archives, or none yet.
pub fn start(lang: Lang, frame: &Frame, cards: &[Markup]) -> Markup {
    let main = html! {
        h1.quiet { (words::WELCOME.get(lang)) }
        @if cards.is_empty() {
            section.card {
                p.lead { (words::NO_ARCHIVE.get(lang)) }
                p { (words::NO_ARCHIVE_HELP.get(lang)) }
            }
        }
        @for card in cards { (card) }
    };
    layout::framed(lang, frame, &main)
}

/// An archive on such a page.
pub fn card(cx: &Context<'_>) -> Markup {
    html! {
        article.card {
            h2.name { bdi { (cx.accepted.name()) } }
            (doors(cx))
            (standing::warnings(cx.lang, cx.info))
            (check::section(cx))
        }
    }
}

fn doors(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    // Before the records can be read, the release says how many there are.
    let people = Some(cx.catalogue.people()).filter(|n| *n > 0);
    let count = words::RECORDS_N.of(lang, people.unwrap_or(cx.accepted.release.records));
    let ways = [
        (Page::Timeline, words::TIMELINE),
        (Page::Map, words::MAP),
        (Page::Statistics, words::STATISTICS),
    ];
    html! {
        p.doors {
            @if let Some(names) = cx.page(&Page::Wall(Selection::default(), 1)) {
                a.door.main href=(names) {
                    (words::OPEN_PEOPLE.get(lang)) " " span.count { "(" (count) ")" }
                }
            }
            @if let Some(lists) = cx.page(&Page::Lists) {
                a.door.wide href=(lists) { (super::lists::FIND.get(lang)) }
            }
            @for (page, name) in ways {
                @if let Some(address) = cx.page(&page) { a.door href=(address) { (name.get(lang)) } }
            }
            @if let Some(site) = cx.links.site() {
                a.door.wide href=(site) { (words::OPEN_SITE.get(lang)) }
            }
        }
    }
}

fn texts(cx: &Context<'_>) -> Markup {
    html! {
        ul.ways {
            @for (page, name) in super::text_menu(cx.lang) {
                @if let Some(address) = cx.page(&page) { li { a href=(address) { (name) } } }
            }
        }
    }
}
