//! Ready-made lists, where no program answers a search: the way to all of them, and the names that begin with a letter.

use super::facet_names;
use super::parts::{back, link, said};
use super::wall;
use crate::memorial::context::Context;
use crate::memorial::layout;
use crate::memorial::links::Page;
use crate::memorial::record_words::INCIDENT_UNTITLED;
use crate::memorial::selection::{Facet, Selection, UNKNOWN, Value};
use crate::memorial::text::{Text, number, sort_key};
use crate::memorial::{standing, words};
use maud::{Markup, html};

/// Name of the page.
pub const FIND: Text = Text("یافتن یک نام", "Find a name");
const FIND_HELP: Text = Text(
    "فهرست‌های آماده: نخستین حرف نام، جا، روز و دیگر آنچه در پرونده‌ها آمده است. در هر صفحه می‌توانید با جست‌وجوی خود مرورگر هم بگردید (Ctrl+F، یا «یافتن در صفحه» در منوی گوشی).",
    "Ready-made lists: first letter of the name, place, day and what else the records say. On each page your browser's own search works too (Ctrl+F, or “Find in page” in a phone's menu).",
);
const BEGIN_WITH: Text = Text("نام‌هایی که با «{}» آغاز می‌شوند", "Names that begin with “{}”");
const INCIDENTS: Text = Text("رویدادها", "Incidents");
const ALL_LISTS: Text = Text("همهٔ فهرست‌ها", "All lists");

/// The way to all lists.
pub fn page(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let lists = Facet::ALL.iter().map(|facet| (*facet, values(cx, *facet)));
    let lists: Vec<_> = lists.filter(|(_, values)| !values.is_empty()).collect();
    let main = html! {
        (back(cx))
        (standing::warnings(lang, cx.info))
        h1 { (FIND.get(lang)) }
        p { (FIND_HELP.get(lang)) }
        ul.ways {
            @for (facet, _) in &lists {
                li { a href=(format!("#{}", facet.code())) { (facet_names::facet(*facet).get(lang)) } }
            }
        }
        h2 { (words::LETTERS.get(lang)) }
        (letters(cx))
        @for (facet, values) in &lists {
            section id=(facet.code()) {
                h2 { (facet_names::facet(*facet).get(lang)) }
                ul.lists { @for (value, count) in values { (entry(cx, *facet, *value, *count)) } }
            }
        }
        (incidents(cx))
    };
    layout::page(cx, &Page::Lists, &main)
}

/// All values of a facet with how often each occurs: by name or by their own order, what is not known last.
fn values(cx: &Context<'_>, facet: Facet) -> Vec<(Value, u64)> {
    let found = cx.catalogue.totals().of(facet).iter();
    let mut all: Vec<(Value, u64)> = found.map(|(value, count)| (*value, *count)).collect();
    let by_name = matches!(facet, Facet::Province | Facet::City);
    all.sort_by_cached_key(|(value, _)| {
        let name = if by_name { facet_names::value(cx, facet, *value) } else { String::new() };
        (*value == UNKNOWN, sort_key(cx.lang, &name), *value)
    });
    all
}

/// The incidents themselves.
fn incidents(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    html! {
        @if !cx.catalogue.incidents().is_empty() {
            section {
                h2 { (INCIDENTS.get(lang)) }
                ul.lists {
                    @for (id, item) in cx.catalogue.incidents() {
                        @let untitled = html! { (INCIDENT_UNTITLED.get(lang)) };
                        @let address = cx.page(&Page::Incident(&id.to_string()));
                        li { (link(address, &said(lang, &item.title).unwrap_or(untitled))) }
                    }
                }
            }
        }
    }
}

fn entry(cx: &Context<'_>, facet: Facet, value: Value, count: u64) -> Markup {
    let name = html! { bdi { (facet_names::value(cx, facet, value)) } };
    let address = cx.page(&Page::Wall(Selection::of(facet, value), 1));
    html! { li { (link(address, &name)) " " span.count { "(" (number(cx.lang, count)) ")" } } }
}

/// First letters of all names, each a way to where they begin.
pub fn letters(cx: &Context<'_>) -> Markup {
    html! {
        nav.letters aria-label=(words::LETTERS.get(cx.lang)) {
            ul {
                @for (at, found) in cx.catalogue.letters(cx.lang).iter().enumerate() {
                    @let list = cx.page(&Page::Letter(at, 1));
                    @let begins = Page::Wall(Selection::default(), wall::page_of(found.from));
                    @if let Some(address) = list.or_else(|| cx.page(&begins)) {
                        li { a href=(address) { bdi { (found.letter) } } }
                    }
                }
            }
        }
    }
}

/// A page of the names that begin with a letter, by its place among [`super::super::Catalogue::letters`]. `None` when
/// there is no such page.
pub fn letter(cx: &Context<'_>, at: usize, page: usize) -> Option<Markup> {
    let lang = cx.lang;
    let found = cx.catalogue.letters(lang).get(at)?;
    let places = cx.catalogue.order(lang).get(found.from..found.from + found.count)?;
    let pages = wall::pages(places.len());
    if !(1..=pages).contains(&page) {
        return None;
    }
    let main = html! {
        @if let Some(address) = cx.page(&Page::Lists) {
            p.crumb { a href=(address) { (ALL_LISTS.get(lang)) } }
        }
        (standing::warnings(lang, cx.info))
        h1 { (BEGIN_WITH.with(lang, &[&found.letter.to_string()])) }
        (letters(cx))
        (wall::lines(cx, places, page))
        (wall::pager(cx, page, pages, &|n| Page::Letter(at, n)))
    };
    Some(layout::page(cx, &Page::Letter(at, page), &main))
}
