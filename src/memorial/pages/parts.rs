//! Pieces that pages about people and about incidents share.

use super::wall::age;
use crate::memorial::catalogue::{said_in, text_of};
use crate::memorial::context::Context;
use crate::memorial::links::Page;
use crate::memorial::selection::Selection;
use crate::memorial::text::{Lang, Text, digits};
use crate::memorial::{date, record_words as words, standing, words as page_words};
use maud::{Markup, html};
use yadgar_protocol::record::*;
use yadgar_protocol::withdraw::Withdrawal;

/// One line of a list of facts.
pub fn fact(lang: Lang, label: Text, value: &Markup) -> Markup {
    html! { div { dt { (label.get(lang)) } dd { (value) } } }
}

/// A text in the language of the page, or in the other one, marked as such.
pub fn said(lang: Lang, texts: &Texts) -> Option<Markup> {
    let (text, of) = said_in(texts, lang)?;
    Some(html! { bdi lang=[(of != lang).then(|| of.code())] { (text) } })
}

/// A fact that is a text.
pub fn texts(lang: Lang, label: Text, value: Option<&Texts>) -> Markup {
    html! {
        @if let Some(value) = value.and_then(|value| said(lang, value)) {
            (fact(lang, label, &value))
        }
    }
}

/// A fact that is a list of words.
pub fn several(lang: Lang, label: Text, values: &[Text]) -> Markup {
    let comma = page_words::COMMA.get(lang);
    let line = values.iter().map(|value| value.get(lang)).collect::<Vec<_>>().join(comma);
    html! { @if !line.is_empty() { (fact(lang, label, &html! { (line) })) } }
}

/// A fact that is a date, in both calendars.
pub fn when(lang: Lang, label: Text, value: Option<&FuzzyDate>) -> Markup {
    html! { @if let Some(value) = value { (fact(lang, label, &dated(lang, value))) } }
}

/// A date in both calendars, with the hour there.
pub fn dated(lang: Lang, value: &FuzzyDate) -> Markup {
    html! {
        bdi { (date::fuzzy(lang, value)) }
        @if let Some(time) = &value.time_local {
            (page_words::COMMA.get(lang))
            (words::LOCAL_TIME.get(lang)) " " bdi dir="ltr" { (digits(lang, time)) }
        }
    }
}

/// A fact that is a place, from the smallest part to the largest.
pub fn location(lang: Lang, label: Text, value: Option<&Place>) -> Markup {
    let Some(value) = value else { return html! {} };
    let province = value.province.as_deref().and_then(places::province);
    let province = province.map(|(fa, en)| if lang == Lang::Fa { fa } else { en });
    let named = [&value.locality, &value.city, &value.county];
    let mut line: Vec<Markup> =
        named.into_iter().flatten().filter_map(|texts| said(lang, texts)).collect();
    line.extend(province.map(|name| html! { bdi { (name) } }));
    let kind = words::place_kind(value.kind);
    let point = value.lat.as_ref().zip(value.lon.as_ref());
    html! {
        @if !line.is_empty() || kind.is_some() {
            (fact(lang, label, &html! {
                @for (n, part) in line.iter().enumerate() {
                    @if n > 0 { (page_words::COMMA.get(lang)) }
                    (part)
                }
                @if let Some(kind) = kind { " (" (kind.get(lang)) ")" }
                @if let Some((lat, lon)) = point {
                    span.small.block {
                        (words::NEAR.get(lang)) " "
                        bdi dir="ltr" { (digits(lang, lat)) ", " (digits(lang, lon)) }
                    }
                }
            }))
        }
    }
}

/// The age as a fact, with how it is known.
pub fn age_fact(lang: Lang, value: Option<&Age>) -> Markup {
    html! {
        @if let Some((value, text)) = value.and_then(|a| Some((a, age(lang, Some((a.min, a.max)))?))) {
            (fact(lang, page_words::AGE, &html! {
                (text) " " span.small { "(" (words::age_basis(value.basis).get(lang)) ")" }
            }))
        }
    }
}

/// Numbers of the sources below, as links to them.
pub fn refs(lang: Lang, sources: &[Source], sids: &[String]) -> Markup {
    let place = |sid: &String| sources.iter().position(|source| source.sid == *sid);
    html! {
        @for at in sids.iter().filter_map(place) {
            @let number = (at + 1).to_string();
            a.ref href=(format!("#source-{number}")) aria-label=(words::SOURCE_N.with(lang, &[&number])) {
                (digits(lang, &format!("[{number}]")))
            } " "
        }
    }
}

/// The sources, numbered.
pub fn sources(lang: Lang, list: &[Source], private: bool) -> Markup {
    html! {
        section {
            h2 { (page_words::SOURCES.get(lang)) }
            ol.sources {
                @for (n, source) in list.iter().enumerate() {
                    li id=(format!("source-{}", n + 1)) { (source_line(lang, source)) }
                }
            }
            p.small {
                (words::SAME_ORIGIN_HELP.get(lang))
                @if private { " " (words::PRIVATE_SOURCES.get(lang)) }
            }
        }
    }
}

fn source_line(lang: Lang, source: &Source) -> Markup {
    let day = |label: Text, day: &Option<String>| {
        day.as_ref().map(|day| label.with(lang, &[&date::both(lang, day)]))
    };
    let notes = [
        Some(words::source_kind(source.kind).get(lang).to_owned()),
        Some(words::SAME_ORIGIN.with(lang, &[&source.group.to_string()])),
        source.lang.as_deref().and_then(words::language).map(|l| l.get(lang).to_owned()),
        day(words::PUBLISHED, &source.published),
        day(words::READ_ON, &source.accessed),
    ];
    html! {
        @if let Some(title) = source.title.as_ref().and_then(|t| said(lang, t)) {
            cite { (title) } " · "
        }
        @if let Some(publisher) = said(lang, &source.publisher) { (publisher) }
        span.small.block { (notes.into_iter().flatten().collect::<Vec<_>>().join(" · ")) }
        // The address as text: opening it would show the reader's own address to others.
        @if let Some(url) = &source.url { bdi.mono.block dir="ltr" { (url) } }
        @if let Some(hash) = &source.archived_hash {
            span.small.block { (words::ARCHIVED.get(lang)) " " bdi.mono dir="ltr" { (hash.0.to_hex()) } }
        }
    }
}

/// How a record changed.
pub fn history(lang: Lang, changes: &[Change], issued_on: &str) -> Markup {
    html! {
        section {
            h2 { (words::HISTORY.get(lang)) }
            @if changes.is_empty() {
                p { (words::FIRST_VERSION.with(lang, &[&date::both(lang, issued_on)])) }
            } @else {
                ul.history {
                    @for change in changes {
                        li {
                            (words::VERSION.with(lang, &[
                                &change.version.to_string(),
                                &date::both(lang, &change.on),
                                words::change(change.code).get(lang),
                            ]))
                            (fields(lang, &change.fields))
                        }
                    }
                }
            }
        }
    }
}

/// Names of fields behind a line.
pub fn fields(lang: Lang, fields: &[String]) -> Markup {
    html! {
        @for (n, field) in fields.iter().enumerate() {
            @if n == 0 { ": " } @else { (page_words::COMMA.get(lang)) }
            (field_name(lang, field))
        }
    }
}

/// The name of a field, or the field as it stands.
pub fn field_name(lang: Lang, path: &str) -> Markup {
    html! {
        @match words::field(path) {
            Some(name) => (name.get(lang)),
            None => bdi.mono dir="ltr" { (path) },
        }
    }
}

/// A longer text, paragraph by paragraph.
pub fn prose(lang: Lang, title: Text, text: Option<&Texts>) -> Markup {
    html! {
        @if let Some((text, of)) = text.and_then(|text| said_in(text, lang)) {
            section.story {
                h2 { (title.get(lang)) }
                @for paragraph in text.split('\n').map(str::trim).filter(|p| !p.is_empty()) {
                    // Without `<bdi>` inside: it would hide the text from `auto`.
                    p dir="auto" lang=[(of != lang).then(|| of.code())] { (paragraph) }
                }
            }
        }
    }
}

/// The way back to the list.
pub fn back(cx: &Context<'_>) -> Markup {
    html! {
        @if let Some(address) = cx.page(&Page::Wall(Selection::default(), 1)) {
            p.crumb { a href=(address) { (page_words::BACK_TO_LIST.get(cx.lang)) } }
        }
    }
}

/// A name as a link where it leads somewhere.
pub fn link(address: Option<String>, text: &Markup) -> Markup {
    html! {
        @match address {
            Some(address) => a href=(address) { (text) },
            None => (text),
        }
    }
}

/// What is left of a record that was taken back: that, when, and the general reason.
pub fn gone(lang: Lang, status: Status, reason: Option<StatusReason>, day: &str) -> Markup {
    took_back(lang, status, reason.map_or(words::UNKNOWN, words::status_reason), day)
}

/// The same of a record whose file was withdrawn, so that nothing of it can be read (WD-7).
pub fn gone_file(lang: Lang, withdrawal: &Withdrawal) -> Markup {
    took_back(lang, Status::Withdrawn, standing::reason(withdrawal.reason), &withdrawal.date)
}

fn took_back(lang: Lang, status: Status, reason: Text, day: &str) -> Markup {
    let day = date::both(lang, day);
    html! {
        h1 { (words::gone(status).get(lang)) }
        p.notice { (words::GONE_HELP.with(lang, &[reason.get(lang), &day])) }
        p { (words::GONE_LEFT.get(lang)) }
    }
}

/// A text of both languages in the language of the page.
pub fn plain(lang: Lang, texts: &Texts) -> &str {
    text_of(texts, lang).unwrap_or_default()
}
