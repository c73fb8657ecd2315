//! What is known about a person, and where it comes from.

use super::parts::{
    age_fact, fact, field_name, history, link, location, plain, prose, refs, said, several,
    sources, texts, when,
};
use super::picture::{Looked, figure, list};
use crate::memorial::catalogue::{name, said_in};
use crate::memorial::context::Context;
use crate::memorial::links::Page;
use crate::memorial::record_words as words;
use crate::memorial::text::{Lang, Text};
use crate::memorial::{date, words as page_words};
use maud::{Markup, html};
use yadgar_protocol::record::*;

/// What is known about a person. `pictures` is what became of each of the record's.
pub fn person(cx: &Context<'_>, key: &str, victim: &Victim, pictures: &[Looked]) -> Markup {
    let lang = cx.lang;
    html! {
        // Where everybody is made up, the line above every page says it.
        @if victim.fictional.is_some() && !cx.is_fictional() {
            p.notice { strong { (page_words::FICTIONAL.get(lang)) } " · " (page_words::FICTIONAL_LONG.get(lang)) }
        }
        header.person {
            (figure(cx, key, victim, pictures))
            div { (title(lang, victim)) (glance(lang, victim)) }
        }
        @if victim.status == Status::Disputed { p.notice { (words::DISPUTED_NOTE.get(lang)) } }
        (who(lang, victim))
        (what(cx, victim))
        @if !victim.withheld.is_empty() { (withheld(lang, victim)) }
        (prose(lang, page_words::STORY, victim.story.as_ref()))
        (official(lang, victim))
        (verification(lang, victim))
        (claims(lang, victim))
        (sources(lang, &victim.sources, victim.private_sources == Some(PrivateSources::Some)))
        (elsewhere(lang, victim))
        (list(cx, key, victim, pictures))
        (history(lang, &victim.changes, &victim.issued_on))
        (consent(lang, victim))
    }
}

fn title(lang: Lang, victim: &Victim) -> Markup {
    let names = name(victim);
    let shown = said_in(&names, lang);
    let other = match lang {
        Lang::Fa => &names.en,
        Lang::En => &names.fa,
    };
    let second = other.as_deref().filter(|other| shown.is_some_and(|(text, _)| text != *other));
    html! {
        h1 {
            @match shown {
                Some((text, of)) => bdi lang=[(of != lang).then(|| of.code())] { (text) },
                None => (page_words::UNNAMED.get(lang)),
            }
        }
        @if let Some(second) = second {
            p.second lang=(lang.other().code()) { bdi { (second) } }
        }
    }
}

/// The line below the name: the day, nothing more.
fn glance(lang: Lang, victim: &Victim) -> Markup {
    html! {
        @if let Some(died) = &victim.died_at { p.glance { bdi { (date::fuzzy(lang, died)) } } }
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
                    @for other in &others {
                        span.block {
                            bdi lang=(other.lang) { (other.text) }
                            @if let Some(kind) = words::name_kind(other.kind) {
                                " " span.small { "(" (kind.get(lang)) ")" }
                            }
                        }
                    }
                }))
            }
            (age_fact(lang, v.age.as_ref()))
            @if let Some(minor) = v.minor.and_then(words::minor) {
                (several(lang, words::MINOR, &[minor]))
            }
            @if let Some(word) = v.gender.filter(|g| !matches!(g, Gender::Unknown)) {
                (several(lang, words::GENDER, &[words::gender(word)]))
            }
            (when(lang, words::BORN, v.birth.as_ref()))
            (texts(lang, words::FATHER, v.father_name.as_ref()))
            (location(lang, words::ORIGIN, v.origin_city.as_ref()))
            @if !v.nationality.is_empty() {
                (fact(lang, words::NATIONALITY, &html! {
                    @for (n, code) in v.nationality.iter().enumerate() {
                        @if n > 0 { (page_words::COMMA.get(lang)) }
                        bdi { (words::country(code).map_or(code.as_str(), |name| name.get(lang))) }
                    }
                }))
            }
            (texts(lang, words::ETHNICITY, v.ethnicity_religion.as_ref()))
            (texts(lang, words::OCCUPATION, v.occupation.as_ref()))
            (texts(lang, words::EDUCATION, v.education.as_ref()))
        }
    }
}

fn what(cx: &Context<'_>, v: &Victim) -> Markup {
    let lang = cx.lang;
    let manner: Vec<_> = v.manner.iter().map(|word| words::manner(*word)).collect();
    let forces: Vec<_> = v.forces.iter().map(|word| words::force(*word)).collect();
    let injury: Vec<_> = v.injury_site.iter().map(|word| words::injury(*word)).collect();
    html! {
        dl.facts {
            (incident(cx, v))
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
        }
    }
}

fn incident(cx: &Context<'_>, v: &Victim) -> Markup {
    let Some(id) = v.incident else { return html! {} };
    let Some(known) = cx.catalogue.incidents().get(&id) else { return html! {} };
    let title = said(cx.lang, &known.title)
        .unwrap_or_else(|| html! { (words::INCIDENT_UNTITLED.get(cx.lang)) });
    let address = cx.page(&Page::Incident(&id.to_string()));
    fact(cx.lang, words::INCIDENT, &link(address, &title))
}

/// That something is not published is said, never why.
fn withheld(lang: Lang, v: &Victim) -> Markup {
    html! {
        p.small.withheld {
            (words::WITHHELD.get(lang)) " " (words::WITHHELD_WHAT.get(lang)) " "
            @for (n, field) in v.withheld.iter().enumerate() {
                @if n > 0 { (page_words::COMMA.get(lang)) }
                (field_name(lang, field))
            }
            ". " (words::WITHHELD_WHY.get(lang))
        }
    }
}

/// The level that the rules give, not just the stated one; a record that states less shows less.
fn verification(lang: Lang, v: &Victim) -> Markup {
    let Some(stated) = &v.verification else { return html! {} };
    let shown = level(v).max(stated.level);
    let (name, meaning) = words::level_words(shown);
    let methods: Vec<_> = stated.methods.iter().map(|method| words::method(*method)).collect();
    html! {
        section.level {
            h2 { (page_words::LEVEL.get(lang)) }
            p { strong { (name.get(lang)) } " · " (meaning.get(lang)) }
            dl.facts {
                (fact(lang, words::GROUPS, &html! { (words::GROUPS_N.of(lang, groups(&v.sources))) }))
                (fact(lang, words::REVIEWERS, &html! {
                    (words::REVIEWERS_N.of(lang, stated.reviewers))
                    @if let Some(day) = &stated.reviewed_on {
                        (page_words::COMMA.get(lang)) (words::LAST_ON.with(lang, &[&date::both(lang, day)]))
                    }
                }))
                (several(lang, words::METHODS, &methods))
                @if let Some(hash) = &stated.methodology {
                    (fact(lang, words::METHODOLOGY, &html! { bdi.mono dir="ltr" { (hash.0.to_hex()) } }))
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
                @if let Some(claim) = said(lang, &cause.text) { blockquote { (claim) } }
                p.small { (words::OFFICIAL_HELP.get(lang)) " " (refs(lang, &v.sources, &cause.src)) }
            }
        }
    }
}

/// What sources say, one group of rows for each field, so that values that contradict each other stand together.
fn claims(lang: Lang, v: &Victim) -> Markup {
    let mut fields: Vec<&str> = Vec::new();
    for claim in &v.claims {
        if !fields.contains(&claim.path.as_str()) {
            fields.push(&claim.path);
        }
    }
    html! {
        @if !v.claims.is_empty() {
            section {
                h2 #claims { (words::CLAIMS.get(lang)) }
                p.small { (words::CLAIMS_HELP.get(lang)) }
                div.wide tabindex="0" role="region" aria-labelledby="claims" {
                    table {
                        thead { tr {
                            @for head in [words::FIELD, words::SAYS, words::CONFIDENCE, words::SOURCE] {
                                th scope="col" { (head.get(lang)) }
                            }
                        } }
                        @for field in &fields { (claims_of(lang, v, field)) }
                    }
                }
            }
        }
    }
}

fn claims_of(lang: Lang, v: &Victim, field: &str) -> Markup {
    let of: Vec<_> = v.claims.iter().filter(|claim| claim.path == field).collect();
    html! {
        tbody {
            @for (n, claim) in of.iter().enumerate() {
                tr {
                    @if n == 0 {
                        th scope="rowgroup" rowspan=(of.len()) { (field_name(lang, field)) }
                    }
                    td { @if let Some(value) = said(lang, &claim.value) { (value) } }
                    td {
                        @let (word, meaning) = words::confidence(claim.confidence);
                        (word.get(lang)) span.small.block { (meaning.get(lang)) }
                    }
                    td { (refs(lang, &v.sources, &claim.src)) }
                }
            }
        }
    }
}

/// The same person in other collections.
fn elsewhere(lang: Lang, v: &Victim) -> Markup {
    html! {
        @if !v.external_ids.is_empty() {
            section {
                h2 { (words::ELSEWHERE.get(lang)) }
                ul {
                    @for other in &v.external_ids {
                        li {
                            bdi { (other.org) } ": " bdi.mono dir="ltr" { (other.id) }
                            @if let Some(url) = &other.url { bdi.mono.block dir="ltr" { (url) } }
                        }
                    }
                }
            }
        }
    }
}

/// Why the archive may publish it; who agreed is in no record.
fn consent(lang: Lang, v: &Victim) -> Markup {
    let Some(consent) = &v.consent else { return html! {} };
    let scope: Vec<Text> = consent.scope.iter().map(|scope| words::scope(*scope)).collect();
    let comma = page_words::COMMA.get(lang);
    let scope = scope.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join(comma);
    html! {
        p.small {
            (words::CONSENT.get(lang)) " " (words::basis(consent.basis).get(lang))
            @if !scope.is_empty() { " (" (scope) ")" }
            @if let Some(year) = consent.review_by {
                ". " (words::REVIEW_BY.with(lang, &[&year.to_string()]))
            }
            "."
        }
    }
}

/// The words below a picture and its licence.
pub fn caption(lang: Lang, media: &Media) -> Markup {
    let edits: Vec<_> = media.edits.iter().map(|edit| words::edit(*edit).get(lang)).collect();
    html! {
        @if let Some(caption) = media.caption.as_ref().and_then(|text| said(lang, text)) { (caption) }
        @if let Some(licence) = &media.licence {
            span.small.block { (words::LICENCE.get(lang)) " " bdi { (licence) } }
        }
        @if !edits.is_empty() {
            span.small.block { (words::EDITED.get(lang)) " " (edits.join(page_words::COMMA.get(lang))) }
        }
    }
}

/// What a picture shows, for those who do not see it.
pub fn alt(lang: Lang, media: &Media) -> &str {
    plain(lang, &media.alt)
}
