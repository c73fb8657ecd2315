//! The page of one incident.

use super::parts::{
    back, fact, gone, gone_file, history, link, location, prose, refs, said, sources, when,
};
use super::person::genuine;
use super::wall::line;
use crate::memorial::catalogue::{Unread, text_of};
use crate::memorial::context::Context;
use crate::memorial::links::{File, Page};
use crate::memorial::selection::{Facet, Selection, incident_value};
use crate::memorial::text::number;
use crate::memorial::{layout, record_words as words, standing, words as page_words};
use maud::{Markup, html};
use yadgar_protocol::record::{Incident, RecordId};
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// People that the page lists; the rest is behind a link.
const MAX_PEOPLE: usize = 60;

/// What stands in place of an incident whose file was withdrawn. `id` is the text of its id.
pub fn withdrawn(cx: &Context<'_>, id: &str, withdrawal: &Withdrawal) -> Markup {
    let main = html! { (back(cx)) (standing::warnings(cx.lang, cx.info)) (gone_file(cx.lang, withdrawal)) };
    layout::page(cx, &Page::Incident(id), &main)
}

/// An incident, whatever its state.
pub fn page(
    cx: &Context<'_>,
    id: &RecordId,
    entry: &Entry,
    record: &Result<Incident, Unread>,
) -> Markup {
    let (lang, text) = (cx.lang, id.to_string());
    let main = html! {
        (back(cx))
        (standing::warnings(lang, cx.info))
        @match record {
            Ok(incident) => @match (incident.merged_into, incident.status_reason) {
                (Some(into), _) => (merged(cx, into)),
                (None, Some(reason)) => (gone(lang, incident.status, Some(reason), &incident.issued_on)),
                (None, None) => (body(cx, incident)),
            },
            Err(why) => {
                h1 { bdi.mono dir="ltr" { (entry.path.as_str()) } }
                p.notice { (super::wall::why_unread(*why, lang)) }
            }
        }
        (genuine(cx, entry, cx.file(&File::IncidentProof(&text))))
    };
    layout::page(cx, &Page::Incident(&text), &main)
}

fn merged(cx: &Context<'_>, into: RecordId) -> Markup {
    let text = into.to_string();
    let title = cx.catalogue.incidents().get(&into).and_then(|known| said(cx.lang, &known.title));
    let title = title.unwrap_or_else(|| html! { bdi.mono dir="ltr" { (text) } });
    html! {
        h1 { (words::gone(yadgar_protocol::record::Status::Merged).get(cx.lang)) }
        p.notice { (words::MERGED_INTO.get(cx.lang)) " " (link(cx.page(&Page::Incident(&text)), &title)) }
    }
}

fn body(cx: &Context<'_>, incident: &Incident) -> Markup {
    let lang = cx.lang;
    let untitled = words::INCIDENT_UNTITLED.get(lang);
    html! {
        @if incident.fictional.is_some() && !cx.is_fictional() {
            p.notice { strong { (page_words::FICTIONAL.get(lang)) } " · " (page_words::FICTIONAL_LONG.get(lang)) }
        }
        h1 { bdi { (incident.title.as_ref().and_then(|t| text_of(t, lang)).unwrap_or(untitled)) } }
        dl.facts {
            (when(lang, words::WHEN, incident.dates.as_ref()))
            (location(lang, words::PLACE, incident.place.as_ref()))
            @for toll in &incident.tolls {
                @let [min, max] = [toll.min, toll.max].map(|n| number(lang, n));
                (fact(lang, words::TOLLS, &html! {
                    @if toll.min == toll.max { (words::TOLL_N.with(lang, &[&min])) }
                    @else { (words::TOLL_SPAN.with(lang, &[&min, &max])) }
                    " " (refs(lang, &incident.sources, &toll.src))
                }))
            }
        }
        (prose(lang, words::SUMMARY, incident.summary.as_ref()))
        (people(cx, &incident.id))
        (sources(lang, &incident.sources, false))
        (history(lang, &incident.changes, &incident.issued_on))
    }
}

fn people(cx: &Context<'_>, id: &RecordId) -> Markup {
    let lang = cx.lang;
    let selection = Selection::of(Facet::Incident, incident_value(id));
    let places = cx.catalogue.of_incident(lang, id);
    let rest = places.len() > MAX_PEOPLE;
    html! {
        @if !places.is_empty() {
            section {
                h2 { (words::INCIDENT_PEOPLE.get(lang)) }
                p.small { (page_words::PEOPLE_N.of(lang, places.len() as u64)) }
                ul.people {
                    @for place in places.iter().take(MAX_PEOPLE) {
                        @if let Some(item) = cx.catalogue.item(*place) { (line(cx, *place, item)) }
                    }
                }
                @if let Some(address) = cx.page(&Page::Wall(selection, 1)).filter(|_| rest) {
                    p { a href=(address) { (page_words::ALL_OF_THEM.get(lang)) } }
                }
            }
        }
    }
}
