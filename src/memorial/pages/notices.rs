//! What was corrected, and what was taken back. Of the latter only the id and the day.

use super::parts::{fields, link};
use super::wall::{name_link, pager};
use crate::memorial::catalogue::{About, Kind, Notice};
use crate::memorial::context::Context;
use crate::memorial::links::Page;
use crate::memorial::text::Text;
use crate::memorial::{date, layout, record_words as words, standing, words as page_words};
use maud::{Markup, html};
use yadgar_protocol::record::Status;

/// Lines on one page.
pub const PER_PAGE: usize = 200;

/// How many pages there are; at least one.
pub fn pages(cx: &Context<'_>) -> usize {
    cx.catalogue.notices().len().div_ceil(PER_PAGE).max(1)
}

/// One page, from 1; `None` when there is no such page.
pub fn page(cx: &Context<'_>, number: usize) -> Option<Markup> {
    let lang = cx.lang;
    let pages = pages(cx);
    if !(1..=pages).contains(&number) {
        return None;
    }
    let first = (number - 1) * PER_PAGE;
    let all = cx.catalogue.notices();
    let lines = &all[first.min(all.len())..all.len().min(first + PER_PAGE)];
    let main = html! {
        (standing::warnings(lang, cx.info))
        h1 { (page_words::NOTICES.get(lang)) }
        p { (page_words::NOTICES_HELP.get(lang)) }
        @if all.is_empty() {
            p { (page_words::NOTICES_NONE.get(lang)) }
        } @else {
            @for of_day in lines.chunk_by(|a, b| a.on == b.on) {
                section.day {
                    h2 { bdi { (date::both(lang, &of_day[0].on)) } }
                    ul.notices { @for notice in of_day { li { (line(cx, notice)) } } }
                }
            }
            (pager(cx, number, pages, &|n| Page::Notices(n)))
        }
    };
    Some(layout::page(cx, &Page::Notices(number), &main))
}

fn line(cx: &Context<'_>, notice: &Notice) -> Markup {
    let lang = cx.lang;
    match &notice.kind {
        Kind::Changed(code, changed) => html! {
            (name(cx, notice.about)) " · "
            (words::VERSION_N.with(lang, &[&notice.version.to_string()])) " · "
            (words::change(*code).get(lang)) (fields(lang, changed))
        },
        Kind::Gone(status, reason) => {
            taken_back(cx, notice.about, *status, reason.map(words::status_reason))
        }
        Kind::Withdrawn(reason) => {
            taken_back(cx, notice.about, Status::Withdrawn, Some(standing::reason(*reason)))
        }
    }
}

fn name(cx: &Context<'_>, about: About) -> Markup {
    match about {
        About::Listed(place) => name_link(cx, place),
        About::Person(_) | About::Incident(_) => html! {},
    }
}

/// Only the id, where there is one that is no name, and that it is gone.
fn taken_back(cx: &Context<'_>, about: About, status: Status, reason: Option<Text>) -> Markup {
    let lang = cx.lang;
    let (key, page) = match about {
        About::Listed(place) => {
            let key = cx.catalogue.key(place);
            (Some(key.clone()), cx.page(&Page::Person(&key)))
        }
        About::Person(id) => {
            let key = id.map(|id| id.to_string());
            (key.clone(), key.and_then(|key| cx.page(&Page::Person(&key))))
        }
        About::Incident(id) => {
            let key = id.map(|id| id.to_string());
            (key.clone(), key.and_then(|key| cx.page(&Page::Incident(&key))))
        }
    };
    html! {
        @if let Some(key) = key { (link(page, &html! { bdi.mono dir="ltr" { (key) } })) " · " }
        (words::gone(status).get(lang))
        @if let Some(reason) = reason { " (" (reason.get(lang)) ")" }
    }
}
