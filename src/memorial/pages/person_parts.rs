//! What is known about a person, where it comes from, and how it changed.

use super::wall::age;
use crate::memorial::catalogue::{name, text_of};
use crate::memorial::context::Context;
use crate::memorial::date;
use crate::memorial::links::File;
use crate::memorial::record_words as words;
use crate::memorial::text::{self, Lang, Text};
use crate::memorial::words as page_words;
use maud::{Markup, html};
use yadgar_protocol::record::*;

/// What is known about a person.
pub fn person(cx: &Context<'_>, victim: &Victim) -> Markup {
    let lang = cx.lang;
    let names = name(victim);
    let shown = text_of(&names, lang).unwrap_or(page_words::UNNAMED.get(lang));
    let other = match lang {
        Lang::Fa => &names.en,
        Lang::En => &names.fa,
    };
    html! {
        @if victim.fictional.is_some() {
            p.notice { strong { (page_words::FICTIONAL.get(lang)) } " · " (page_words::FICTIONAL_LONG.get(lang)) }
        }
        h1 { bdi { (shown) } }
        @if let Some(other) = other.as_deref().filter(|other| *other != shown) {
            p.second { bdi lang=(lang.other().code()) { (other) } }
        }
        @if victim.status == Status::Disputed { p.notice { (words::DISPUTED_NOTE.get(lang)) } }
        (who(lang, victim))
        (what(lang, victim))
        (story(lang, victim.story.as_ref()))
        (official(lang, victim))
        (claims(lang, victim))
        (sources(lang, victim))
        (media(cx, victim))
        (history(lang, victim))
    }
}

/// One line of a list of facts.
pub fn fact(lang: Lang, label: Text, value: &Markup) -> Markup {
    html! { div { dt { (label.get(lang)) } dd { (value) } } }
}

fn texts(lang: Lang, label: Text, value: Option<&Texts>) -> Markup {
    html! {
        @if let Some(value) = value.and_then(|value| text_of(value, lang)) {
            (fact(lang, label, &html! { bdi { (value) } }))
        }
    }
}

fn several(lang: Lang, label: Text, values: &[Text]) -> Markup {
    let comma = if lang == Lang::Fa { "، " } else { ", " };
    let line = values.iter().map(|value| value.get(lang)).collect::<Vec<_>>().join(comma);
    html! { @if !line.is_empty() { (fact(lang, label, &html! { (line) })) } }
}

fn when(lang: Lang, label: Text, value: Option<&FuzzyDate>) -> Markup {
    html! {
        @if let Some(value) = value {
            (fact(lang, label, &html! {
                bdi { (date::fuzzy(lang, value)) }
                @if let Some(time) = &value.time_local {
                    " " bdi dir="ltr" { (text::digits(lang, time)) }
                }
            }))
        }
    }
}

fn location(lang: Lang, label: Text, value: Option<&Place>) -> Markup {
    let Some(value) = value else { return html! {} };
    let province = value.province.as_deref().and_then(places::province);
    let province = province.map(|(fa, en)| if lang == Lang::Fa { fa } else { en });
    let parts = [
        value.locality.as_ref().and_then(|t| text_of(t, lang)),
        value.city.as_ref().and_then(|t| text_of(t, lang)),
        value.county.as_ref().and_then(|t| text_of(t, lang)),
        province,
    ];
    let line: Vec<_> = parts.into_iter().flatten().collect();
    html! {
        @if !line.is_empty() {
            (fact(lang, label, &html! {
                @for (n, part) in line.iter().enumerate() {
                    @if n > 0 { (if lang == Lang::Fa { "، " } else { ", " }) }
                    bdi { (part) }
                }
            }))
        }
    }
}

fn who(lang: Lang, v: &Victim) -> Markup {
    let primary = name(v);
    let known = [primary.fa.as_deref(), primary.en.as_deref()];
    let others: Vec<_> =
        v.names.iter().filter(|n| !known.contains(&Some(n.text.as_str()))).collect();
    html! {
        dl.facts {
            @if !others.is_empty() {
                (fact(lang, page_words::OTHER_NAMES, &html! {
                    @for other in &others { bdi.block lang=(other.lang) { (other.text) } }
                }))
            }
            @if let Some(age) = age(lang, v.age.as_ref().map(|age| (age.min, age.max))) {
                (fact(lang, page_words::AGE, &html! { (age) }))
            }
            @if let Some(word) = v.gender.filter(|g| !matches!(g, Gender::Unknown)) {
                (several(lang, words::GENDER, &[words::gender(word)]))
            }
            (when(lang, words::BORN, v.birth.as_ref()))
            (texts(lang, words::FATHER, v.father_name.as_ref()))
            (location(lang, words::ORIGIN, v.origin_city.as_ref()))
            (texts(lang, words::OCCUPATION, v.occupation.as_ref()))
            (texts(lang, words::EDUCATION, v.education.as_ref()))
        }
    }
}

fn what(lang: Lang, v: &Victim) -> Markup {
    let manner: Vec<_> = v.manner.iter().map(|word| words::manner(*word)).collect();
    let forces: Vec<_> = v.forces.iter().map(|word| words::force(*word)).collect();
    let injury: Vec<_> = v.injury_site.iter().map(|word| words::injury(*word)).collect();
    html! {
        dl.facts {
            (when(lang, words::INJURED, v.injured_at.as_ref()))
            @match &v.died_at {
                Some(_) => (when(lang, page_words::DIED, v.died_at.as_ref())),
                None => (several(lang, page_words::DIED, &[words::UNKNOWN])),
            }
            (location(lang, words::PLACE, v.place.as_ref()))
            (location(lang, words::PLACE_OF_DEATH, v.place_of_death.as_ref()))
            (texts(lang, words::BURIAL, v.burial_city.as_ref()))
            @if let Some(word) = v.role { (several(lang, words::ROLE, &[words::role(word)])) }
            (several(lang, words::MANNER, &manner))
            (several(lang, words::INJURY, &injury))
            @if let Some(word) = v.custody { (several(lang, words::CUSTODY, &[words::custody(word)])) }
            (several(lang, words::FORCES, &forces))
            (verification(lang, v))
        }
        @if !v.withheld.is_empty() { p.small { (words::WITHHELD.get(lang)) } }
    }
}

/// The level that the rules give, not just the stated one; a record that states less shows less.
fn verification(lang: Lang, v: &Victim) -> Markup {
    let Some(stated) = &v.verification else { return html! {} };
    let shown = level(v).max(stated.level);
    let words_of = page_words::LEVELS.iter().find(|(word, ..)| *word == shown.word());
    let reviewed = stated.reviewed_on.as_ref().map(|day| {
        words::REVIEWED.with(lang, &[&stated.reviewers.to_string(), &date::both(lang, day)])
    });
    html! {
        (fact(lang, page_words::LEVEL, &html! {
            @if let Some((_, name, meaning)) = words_of {
                strong { (name.get(lang)) }
                span.small.block { (meaning.get(lang)) }
            }
            @if let Some(reviewed) = reviewed { span.small.block { (reviewed) } }
        }))
    }
}

fn story(lang: Lang, story: Option<&Texts>) -> Markup {
    html! {
        @if let Some(story) = story.and_then(|story| text_of(story, lang)) {
            section.story {
                h2 { (page_words::STORY.get(lang)) }
                @for paragraph in story.split('\n').map(str::trim).filter(|p| !p.is_empty()) {
                    // Without `<bdi>` inside: it would hide the text from `auto`.
                    p dir="auto" { (paragraph) }
                }
            }
        }
    }
}

fn official(lang: Lang, v: &Victim) -> Markup {
    html! {
        @if let Some(cause) = &v.official_cause {
            section {
                h2 { (words::OFFICIAL.get(lang)) }
                @if let Some(claim) = text_of(&cause.text, lang) { blockquote { bdi { (claim) } } }
                p.small { (words::OFFICIAL_HELP.get(lang)) " " (refs(lang, v, &cause.src)) }
            }
        }
    }
}

fn claims(lang: Lang, v: &Victim) -> Markup {
    html! {
        @if !v.claims.is_empty() {
            section {
                h2 { (words::CLAIMS.get(lang)) }
                p.small { (words::CLAIMS_HELP.get(lang)) }
                div.wide tabindex="0" role="region" aria-label=(words::CLAIMS.get(lang)) {
                    table {
                        thead { tr {
                            @for head in [words::FIELD, words::SAYS, words::CONFIDENCE, words::SOURCE] {
                                th scope="col" { (head.get(lang)) }
                            }
                        } }
                        tbody { @for claim in &v.claims { (claim_row(lang, v, claim)) } }
                    }
                }
            }
        }
    }
}

fn claim_row(lang: Lang, v: &Victim, claim: &Claim) -> Markup {
    html! {
        tr {
            th scope="row" { (field_name(lang, &claim.path)) }
            td { @if let Some(value) = text_of(&claim.value, lang) { bdi { (value) } } }
            td { (words::confidence(claim.confidence).get(lang)) }
            td { (refs(lang, v, &claim.src)) }
        }
    }
}

fn field_name(lang: Lang, path: &str) -> Markup {
    html! {
        @match words::field(path) {
            Some(name) => (name.get(lang)),
            None => bdi.mono dir="ltr" { (path) },
        }
    }
}

/// Numbers of the sources below, as links to them.
fn refs(lang: Lang, v: &Victim, sids: &[String]) -> Markup {
    let place = |sid: &String| v.sources.iter().position(|source| source.sid == *sid);
    html! {
        @for at in sids.iter().filter_map(place) {
            a.ref href=(format!("#source-{}", at + 1)) {
                (text::digits(lang, &format!("[{}]", at + 1)))
            } " "
        }
    }
}

fn sources(lang: Lang, v: &Victim) -> Markup {
    html! {
        section {
            h2 { (page_words::SOURCES.get(lang)) }
            ol.sources {
                @for (n, source) in v.sources.iter().enumerate() {
                    li id=(format!("source-{}", n + 1)) { (source_line(lang, source)) }
                }
            }
            p.small {
                (words::SAME_ORIGIN_HELP.get(lang))
                @if v.private_sources == Some(PrivateSources::Some) {
                    " " (words::PRIVATE_SOURCES.get(lang))
                }
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
        day(words::PUBLISHED, &source.published),
        day(words::READ_ON, &source.accessed),
    ];
    html! {
        @if let Some(title) = source.title.as_ref().and_then(|t| text_of(t, lang)) {
            bdi { (title) } " · "
        }
        @if let Some(publisher) = text_of(&source.publisher, lang) { bdi { (publisher) } }
        span.small.block { (notes.into_iter().flatten().collect::<Vec<_>>().join(" · ")) }
        // The address as text: opening it would show the reader's own address to others.
        @if let Some(url) = &source.url { bdi.mono.block dir="ltr" { (url) } }
    }
}

fn media(cx: &Context<'_>, v: &Victim) -> Markup {
    let lang = cx.lang;
    html! {
        @if !v.media.is_empty() {
            section {
                h2 { (words::PORTRAIT.get(lang)) }
                @for media in &v.media {
                    @let alt = text_of(&media.alt, lang).unwrap_or_default();
                    p {
                        @if media.graphic != Graphic::None { strong { (words::GRAPHIC.get(lang)) } " " }
                        @if let Some(address) = cx.file(&File::Archived(&media.path)) {
                            a href=(address) { (words::ON_SITE.get(lang)) }
                        }
                        " " span.small { bdi { (alt) } }
                    }
                }
            }
        }
    }
}

fn history(lang: Lang, v: &Victim) -> Markup {
    html! {
        section {
            h2 { (words::HISTORY.get(lang)) }
            @if v.changes.is_empty() {
                p { (words::FIRST_VERSION.with(lang, &[&date::both(lang, &v.issued_on)])) }
            } @else {
                ul {
                    @for change in &v.changes {
                        li {
                            (words::VERSION.with(lang, &[
                                &change.version.to_string(),
                                &date::both(lang, &change.on),
                                words::change(change.code).get(lang),
                            ]))
                            @for field in &change.fields { " · " (field_name(lang, field)) }
                        }
                    }
                }
            }
        }
    }
}
