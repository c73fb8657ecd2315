//! The wall of names: all of them, or those that a search and filters choose.

use super::filters;
use super::parts::{link, said};
use crate::memorial::catalogue::{Chosen, Item, Summary, Unread, said_in, text_of};
use crate::memorial::context::Context;
use crate::memorial::layout;
use crate::memorial::links::Page;
use crate::memorial::record_words::{FOUND_NONE, GONE, NEWER};
use crate::memorial::selection::Selection;
use crate::memorial::standing;
use crate::memorial::text::{Lang, digits, number};
use crate::memorial::words;
use maud::{Markup, html};

/// Names on one page.
pub const PER_PAGE: usize = 200;

/// How many pages a list of so many names has; at least one.
pub fn pages(names: usize) -> usize {
    names.div_ceil(PER_PAGE).max(1)
}

/// The page with the name at a place of a list, both from 0 and 1.
pub fn page_of(place: usize) -> usize {
    place / PER_PAGE + 1
}

/// A page of the names that a selection chooses. `None` when there is no such page, or the selection names what there
/// is not.
pub fn page(cx: &Context<'_>, selection: &Selection, number: usize) -> Option<Markup> {
    if !cx.catalogue.knows(selection) {
        return None;
    }
    let chosen = cx.catalogue.choose(cx.lang, selection);
    page_of_chosen(cx, selection, &chosen, number)
}

/// The same, where `chosen` is [`super::super::Catalogue::choose`] of the selection. Without a form nobody reads its
/// counts.
pub fn page_of_chosen(
    cx: &Context<'_>,
    selection: &Selection,
    chosen: &Chosen,
    number: usize,
) -> Option<Markup> {
    if !(1..=pages(chosen.places.len())).contains(&number) {
        return None;
    }
    let here = Page::Wall(selection.clone(), number);
    let all = cx.page(&Page::Wall(Selection::default(), 1));
    let in_folder = cx.links.form(cx.lang).is_none();
    let main = html! {
        p.crumb { bdi { (cx.accepted.name()) } }
        (standing::warnings(cx.lang, cx.info))
        h1 { (words::PEOPLE.get(cx.lang)) }
        (filters::form(cx, selection, &chosen.counts))
        @if selection.is_all() && (in_folder || pages(chosen.places.len()) > 1) { (super::lists::letters(cx)) }
        (lines(cx, &chosen.places, number))
        @if let Some(all) = all.filter(|_| !selection.is_all()) {
            p { a href=(all) { (words::BACK_TO_LIST.get(cx.lang)) } }
        }
        (pager(cx, number, pages(chosen.places.len()), &|n| Page::Wall(selection.clone(), n)))
    };
    Some(layout::page(cx, &here, &main))
}

/// One page of the names at these places, from 1.
pub fn lines(cx: &Context<'_>, all_places: &[u32], page: usize) -> Markup {
    let lang = cx.lang;
    let first = page.saturating_sub(1) * PER_PAGE;
    let all = all_places.len();
    let places = &all_places[first.min(all)..all.min(first + PER_PAGE)];
    let [from, to, of] = [first + 1, first + places.len(), all].map(|n| number(lang, n as u64));
    html! {
        @if places.is_empty() {
            @let none = cx.catalogue.order(lang).is_empty();
            @let why = if none { words::PEOPLE_NONE } else { FOUND_NONE };
            p role="status" { (why.get(lang)) }
        } @else {
            p.small role="status" { (words::PEOPLE_SHOWN.with(lang, &[&from, &to, &of])) }
            ul.people {
                @for place in places {
                    @if let Some(item) = cx.catalogue.item(*place) { (line(cx, *place, item)) }
                }
            }
        }
    }
}

/// A person as a line of a list.
pub fn line(cx: &Context<'_>, place: u32, item: &Item) -> Markup {
    let lang = cx.lang;
    let key = cx.catalogue.key(place);
    let text = html! {
        @match &item.record {
            Ok(record) => (summary(cx, record)),
            Err(why) => {
                span.who { bdi.mono dir="ltr" { (item.path.as_str()) } }
                span.small { (why_unread(*why, lang)) }
            }
        }
    };
    html! {
        li {
            @match cx.page(&Page::Person(&key)) {
                Some(address) => a href=(address) { (text) },
                None => (text),
            }
        }
    }
}

fn summary(cx: &Context<'_>, record: &Summary) -> Markup {
    let lang = cx.lang;
    let unnamed = if record.gone { GONE } else { words::UNNAMED };
    let (name, of) = said_in(&record.name, lang).unwrap_or((unnamed.get(lang), lang));
    let city = record.values.city(cx.catalogue.cities());
    let city = city.and_then(|value| cx.catalogue.cities().named(value));
    html! {
        span.who { bdi lang=[(of != lang).then(|| of.code())] { (name) } }
        span.meta {
            @if let Some(age) = age(lang, record.age.map(|(a, b)| (a.into(), b.into()))) { span { (age) } }
            @if let Some(city) = city.and_then(|(name, _)| text_of(name, lang)) { span { bdi { (city) } } }
            @if record.fictional && !cx.is_fictional() { span.mark { (words::FICTIONAL.get(lang)) } }
        }
    }
}

/// The age in words.
pub fn age(lang: Lang, age: Option<(u64, u64)>) -> Option<String> {
    let (min, max) = age?;
    let [a, b] = [min, max].map(|n| n.to_string());
    Some(if min == max {
        words::AGE_N.with(lang, &[&a])
    } else {
        words::AGE_SPAN.with(lang, &[&a, &b])
    })
}

/// Why a record is not shown.
pub fn why_unread(why: Unread, lang: Lang) -> &'static str {
    match why {
        Unread::NotHere => words::NOT_HERE.get(lang),
        Unread::NotUnderstood => words::NOT_UNDERSTOOD.get(lang),
        Unread::Newer => NEWER.get(lang),
    }
}

/// Ways to the other pages of a list.
pub fn pager(
    cx: &Context<'_>,
    number: usize,
    pages: usize,
    page: &dyn Fn(usize) -> Page<'static>,
) -> Markup {
    let lang = cx.lang;
    let link = |n: usize| cx.page(&page(n));
    html! {
        @if pages > 1 {
            nav.pager aria-label=(words::PAGES.get(lang)) {
                @if let Some(address) = Some(number - 1).filter(|n| *n > 0).and_then(link) {
                    a rel="prev" href=(address) { (words::PREVIOUS.get(lang)) }
                }
                span { (digits(lang, &format!("{number} / {pages}"))) }
                @if let Some(address) = Some(number + 1).filter(|n| *n <= pages).and_then(link) {
                    a rel="next" href=(address) { (words::NEXT.get(lang)) }
                }
            }
        }
    }
}

/// The name of a person, as a link to the record.
pub fn name_link(cx: &Context<'_>, place: u32) -> Markup {
    let lang = cx.lang;
    let record = cx.catalogue.item(place).map(|item| &item.record);
    let name = match record {
        Some(Ok(record)) => said(lang, &record.name),
        _ => None,
    };
    let name = name.unwrap_or_else(|| html! { (words::UNNAMED.get(lang)) });
    link(cx.page(&Page::Person(&cx.catalogue.key(place))), &name)
}
