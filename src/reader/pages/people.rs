//! The list of names.

use super::{Frame, Shown, fault, layout};
use crate::reader::record::{RecordItem, RecordList, Summary, Unread, text_of};
use crate::reader::record_text::{FOUND, FOUND_NONE, GONE, NEWER, SEARCH, SEARCH_DO, SEARCH_HELP};
use crate::reader::respond::{self, Answer};
use crate::reader::server::State;
use crate::reader::standing;
use crate::reader::text::{self, Lang};
use crate::search::MAX_QUERY_CHARS;
use axum::http::StatusCode;
use maud::{Markup, html};
use std::sync::Arc;

/// Names on one page.
const PER_PAGE: usize = 200;

/// What the address asks for.
enum Asked {
    /// A page of the list, from 1.
    Page(usize),
    /// Names that fit some words.
    Search(String),
}

impl Asked {
    /// `None` for what no link or form of ours makes.
    fn parse(query: Option<&str>, pages: usize) -> Option<Self> {
        let Some(query) = query else { return Some(Self::Page(1)) };
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let (name, value) = pairs.next()?;
        if pairs.next().is_some() {
            return None;
        }
        match &*name {
            "q" if value.trim().is_empty() => Some(Self::Page(1)),
            "q" => Some(Self::Search(value.into_owned())),
            "page" => value.parse().ok().filter(|n| (1..=pages).contains(n)).map(Self::Page),
            _ => None,
        }
    }
}

pub async fn page(state: &Arc<State>, shown: &Shown, query: Option<&str>) -> Answer {
    let lang = shown.lang;
    let here = shown.people();
    let list = match state.records(&shown.view).await {
        Ok(list) => list,
        Err(error) => return fault(lang, &shown.other(&here), &error),
    };
    let pages = list.fa.len().div_ceil(PER_PAGE).max(1);
    let Some(asked) = Asked::parse(query, pages) else {
        return super::error(lang, StatusCode::NOT_FOUND);
    };
    let main = html! {
        p.crumb { bdi { (shown.view.accepted().name()) } }
        (standing::warnings(lang, &shown.view))
        h1 { (text::PEOPLE.get(lang)) }
        (form(shown, &asked))
        @match &asked {
            Asked::Page(number) => {
                (lines(shown, &list, *number))
                (pager(lang, *number, pages))
            }
            Asked::Search(words) => (results(shown, &list, words)),
        }
    };
    // A page of the other language has other names on it, so its twin is the first one.
    respond::html(StatusCode::OK, layout(lang, &Frame::Ours(&shown.other(&here)), &main))
}

/// The search box: a plain form, so that it works without scripts.
fn form(shown: &Shown, asked: &Asked) -> Markup {
    let lang = shown.lang;
    let words = match asked {
        Asked::Search(words) => words.chars().take(MAX_QUERY_CHARS).collect(),
        Asked::Page(_) => String::new(),
    };
    html! {
        form.search method="get" action=(shown.people()) role="search" {
            label for="q" { (SEARCH.get(lang)) }
            div {
                input #q type="search" name="q" value=(words) dir="auto" maxlength=(MAX_QUERY_CHARS) autocomplete="off";
                button type="submit" { (SEARCH_DO.get(lang)) }
            }
            p.small { (SEARCH_HELP.get(lang)) }
        }
    }
}

fn results(shown: &Shown, list: &RecordList, words: &str) -> Markup {
    let lang = shown.lang;
    let found = list.index.search(words, PER_PAGE);
    let (shown_n, all) = (found.places.len() as u64, found.total as u64);
    html! {
        @if found.places.is_empty() {
            p role="status" { (FOUND_NONE.get(lang)) }
        } @else {
            p.small role="status" { (FOUND.with(lang, &[&shown_n.to_string(), &all.to_string()])) }
            ul.people {
                @for place in &found.places {
                    @if let Some(item) = list.items.get(*place as usize) { (line(shown, item)) }
                }
            }
        }
        p { a href=(shown.people()) { (text::BACK_TO_LIST.get(lang)) } }
    }
}

fn lines(shown: &Shown, list: &RecordList, number: usize) -> Markup {
    let lang = shown.lang;
    let order = if lang == Lang::Fa { &list.fa } else { &list.en };
    let first = (number - 1) * PER_PAGE;
    let places = &order[first.min(order.len())..order.len().min(first + PER_PAGE)];
    let [from, to, all] =
        [first + 1, first + places.len(), order.len()].map(|n| text::number(lang, n as u64));
    html! {
        @if places.is_empty() {
            p { (text::PEOPLE_NONE.get(lang)) }
        } @else {
            p.small { (text::PEOPLE_SHOWN.with(lang, &[&from, &to, &all])) }
            ul.people {
                @for place in places {
                    @if let Some(item) = list.items.get(*place as usize) { (line(shown, item)) }
                }
            }
        }
    }
}

fn line(shown: &Shown, item: &RecordItem) -> Markup {
    let lang = shown.lang;
    html! {
        li {
            a href=(shown.person(&item.key)) {
                @match &item.record {
                    Ok(record) => (summary(lang, record)),
                    Err(why) => {
                        span.who { bdi.mono dir="ltr" { (item.path.as_str()) } }
                        span.small { (why_unread(*why, lang)) }
                    }
                }
            }
        }
    }
}

fn summary(lang: Lang, record: &Summary) -> Markup {
    let unnamed = if record.gone { GONE } else { text::UNNAMED };
    let name = text_of(&record.name, lang).unwrap_or(unnamed.get(lang));
    html! {
        span.who { bdi { (name) } }
        span.meta {
            @if let Some(age) = age(lang, record.age) { span { (age) } }
            @if let Some(city) = text_of(&record.city, lang) { span { bdi { (city) } } }
            @if record.fictional { span.mark { (text::FICTIONAL.get(lang)) } }
        }
    }
}

/// The age in words.
pub(super) fn age(lang: Lang, age: Option<(u64, u64)>) -> Option<String> {
    let (min, max) = age?;
    let [a, b] = [min, max].map(|n| n.to_string());
    Some(if min == max {
        text::AGE_N.with(lang, &[&a])
    } else {
        text::AGE_SPAN.with(lang, &[&a, &b])
    })
}

/// Why a record is not shown.
pub(super) fn why_unread(why: Unread, lang: Lang) -> &'static str {
    match why {
        Unread::NotHere => text::NOT_HERE.get(lang),
        Unread::NotUnderstood => text::NOT_UNDERSTOOD.get(lang),
        Unread::Newer => NEWER.get(lang),
    }
}

fn pager(lang: Lang, number: usize, pages: usize) -> Markup {
    let link = |n: usize| format!("?page={n}");
    html! {
        @if pages > 1 {
            nav.pager aria-label=(text::PAGES.get(lang)) {
                @if number > 1 { a rel="prev" href=(link(number - 1)) { (text::PREVIOUS.get(lang)) } }
                span { (text::digits(lang, &format!("{number} / {pages}"))) }
                @if number < pages { a rel="next" href=(link(number + 1)) { (text::NEXT.get(lang)) } }
            }
        }
    }
}
