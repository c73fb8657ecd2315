//! The page of one record.

use super::people::{age, why_unread};
use super::{Frame, Shown, fault, layout};
use crate::reader::record::{self, Pair, Record, Unread};
use crate::reader::respond::{self, Answer};
use crate::reader::server::{State, blocking};
use crate::reader::text::{self, Lang, Text};
use crate::reader::{date, standing, url};
use axum::http::StatusCode;
use maud::{Markup, html};
use std::net::SocketAddr;
use std::sync::Arc;
use yadgar_protocol::tree::Entry;

pub async fn page(state: &Arc<State>, shown: &Shown, key: &str) -> Answer {
    let lang = shown.lang;
    let here = shown.person(key);
    let twin = shown.other(&here);
    let list = match state.records(&shown.view).await {
        Ok(list) => list,
        Err(error) => return fault(lang, &twin, &error),
    };
    let Some(path) = list.by_key(key).map(|item| item.path.clone()) else {
        return super::error(lang, StatusCode::NOT_FOUND);
    };
    let view = shown.view.clone();
    let found = blocking(move || {
        let Some(entry) = view.find(&path)? else { return Ok(None) };
        let record = record::read(&view, &entry);
        Ok(Some((entry, record)))
    });
    let (entry, record) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return super::error(lang, StatusCode::NOT_FOUND),
        Err(error) => return fault(lang, &twin, &error),
    };
    if let Some(withdrawal) = shown.view.withdrawn(&entry) {
        let main = standing::withdrawn(lang, withdrawal);
        return respond::html(StatusCode::GONE, layout(lang, &Frame::Ours(&twin), &main));
    }
    let status = match record {
        Err(Unread::NotHere) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let site = state.site(&shown.view.archive()).await;
    let main = html! {
        p.crumb { a href=(shown.people()) { (text::BACK_TO_LIST.get(lang)) } }
        (standing::warnings(lang, &shown.view))
        @match &record {
            Ok(record) => (person(lang, record)),
            Err(why) => {
                h1 { bdi.mono dir="ltr" { (entry.path.as_str()) } }
                p.notice { (why_unread(*why, lang)) }
            }
        }
        (file(lang, &entry, site))
    };
    respond::html(status, layout(lang, &Frame::Ours(&twin), &main))
}

fn person(lang: Lang, record: &Record) -> Markup {
    let name = record.name.get(lang).unwrap_or(text::UNNAMED.get(lang));
    let other = match lang {
        Lang::Fa => &record.name.en,
        Lang::En => &record.name.fa,
    };
    html! {
        @if record.fictional {
            p.notice { strong { (text::FICTIONAL.get(lang)) } " · " (text::FICTIONAL_LONG.get(lang)) }
        }
        h1 { bdi { (name) } }
        @if let Some(other) = other.as_deref().filter(|other| *other != name) {
            p.second { bdi lang=(lang.other().code()) { (other) } }
        }
        (facts(lang, record))
        (story(lang, &record.story))
        (sources(lang, record))
    }
}

fn fact(lang: Lang, label: Text, value: &Markup) -> Markup {
    html! { div { dt { (label.get(lang)) } dd { (value) } } }
}

fn facts(lang: Lang, record: &Record) -> Markup {
    html! {
        dl.facts {
            @if let Some(age) = age(lang, record) { (fact(lang, text::AGE, &html! { (age) })) }
            @if let Some(died) = &record.died {
                (fact(lang, text::DIED, &html! { bdi { (date::edtf(lang, died)) } }))
            } @else if let Some(died) = &record.died_jalali {
                (fact(lang, text::DIED, &html! { bdi { (text::digits(lang, died)) } }))
            }
            @if let Some(city) = record.city.get(lang) {
                (fact(lang, text::CITY, &html! { bdi { (city) } }))
            }
            @if !record.other_names.is_empty() {
                (fact(lang, text::OTHER_NAMES, &html! {
                    @for name in &record.other_names { bdi.block { (name) } }
                }))
            }
            @if let Some(level) = &record.level { (fact(lang, text::LEVEL, &level_of(lang, level))) }
            @if let Some(status) = &record.status {
                (fact(lang, text::STATUS, &html! { bdi { (status) } }))
            }
        }
    }
}

/// A level that is known, in words; another one as it stands.
fn level_of(lang: Lang, level: &str) -> Markup {
    match text::LEVELS.iter().find(|(value, ..)| *value == level) {
        Some((_, name, meaning)) => html! {
            strong { (name.get(lang)) }
            span.small.block { (meaning.get(lang)) }
        },
        None => html! { bdi { (level) } },
    }
}

fn story(lang: Lang, story: &Pair) -> Markup {
    html! {
        @if let Some(story) = story.get(lang) {
            section.story {
                h2 { (text::STORY.get(lang)) }
                @for paragraph in story.split('\n').map(str::trim).filter(|p| !p.is_empty()) {
                    p dir="auto" { bdi { (paragraph) } }
                }
            }
        }
    }
}

fn sources(lang: Lang, record: &Record) -> Markup {
    html! {
        @if !record.sources.is_empty() {
            section {
                h2 { (text::SOURCES.get(lang)) }
                ul {
                    @for (publisher, title) in &record.sources {
                        li {
                            @if let Some(title) = title.get(lang) { bdi { (title) } }
                            @if let Some(publisher) = publisher.get(lang) {
                                span.small.block { bdi { (publisher) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn file(lang: Lang, entry: &Entry, site: Option<SocketAddr>) -> Markup {
    html! {
        section.seal {
            h2 { (text::FILE.get(lang)) }
            p.small { (text::FILE_HELP.get(lang)) }
            dl.facts {
                (fact(lang, text::HASH, &html! { bdi.mono dir="ltr" { (entry.file_hash().to_hex()) } }))
                (fact(lang, text::PATH, &html! { bdi.mono dir="ltr" { (entry.path.as_str()) } }))
                (fact(lang, text::SIZE, &html! { (text::size(lang, entry.size)) }))
            }
            @if let Some(site) = site {
                p { a href=(format!("http://{site}{}", url::encode(entry.path.as_str()))) { (text::RAW.get(lang)) } }
            }
        }
    }
}
