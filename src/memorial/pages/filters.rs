//! The search box and the filters: one plain form, so that it works without scripts.

use super::facet_names;
use crate::memorial::catalogue::Counts;
use crate::memorial::context::Context;
use crate::memorial::guest_words;
use crate::memorial::links::{Checked, Page};
use crate::memorial::record_words::{SEARCH, SEARCH_DO, SEARCH_HELP};
use crate::memorial::selection::{Facet, Selection, UNKNOWN, Value};
use crate::memorial::text::{number, sort_key};
use crate::memorial::words;
use crate::search::MAX_QUERY_CHARS;
use maud::{Markup, html};

/// Most values that one list of a form offers: those that occur most often. Every other one is reached by search.
const MAX_OPTIONS: usize = 400;

/// The form of a selection; `counts` says what each other choice would show.
pub fn form(cx: &Context<'_>, selection: &Selection, counts: &Counts) -> Markup {
    let lang = cx.lang;
    let Some(action) = cx.links.form(lang) else {
        return html! { (elsewhere(cx)) (chips(cx, selection)) };
    };
    let open = selection.chosen().next().is_some();
    html! {
        form.search method="get" action=(action) role="search" {
            (search_box(cx, selection))
            details.filters open[open] {
                summary { (words::FILTERS.get(lang)) }
                div.choices {
                    @for facet in Facet::OFFERED { (choice(cx, selection, counts, facet)) }
                }
                button type="submit" { (words::FILTER_DO.get(lang)) }
            }
            // Not offered above, but not to be lost either.
            @if let Some(incident) = selection.get(Facet::Incident) {
                input type="hidden" name=(Facet::Incident.code()) value=(incident);
            }
        }
        (chips(cx, selection))
    }
}

/// The search box alone, as on the cover.
pub fn search(cx: &Context<'_>) -> Markup {
    html! {
        @if let Some(action) = cx.links.form(cx.lang) {
            form.search method="get" action=(action) role="search" {
                (search_box(cx, &Selection::default()))
            }
        }
    }
}

fn search_box(cx: &Context<'_>, selection: &Selection) -> Markup {
    let lang = cx.lang;
    let by_host = cx.links.checked() == Checked::ByHost;
    let help = if by_host { guest_words::SEARCH_HELP } else { SEARCH_HELP };
    html! {
        label for="q" { (SEARCH.get(lang)) }
        div.box {
            input #q type="search" name="q" value=(selection.words) dir="auto" maxlength=(MAX_QUERY_CHARS)
                autocomplete="off" aria-describedby="q-help";
            button type="submit" { (SEARCH_DO.get(lang)) }
        }
        p.small #q-help { (help.get(lang)) }
    }
}

fn choice(cx: &Context<'_>, selection: &Selection, counts: &Counts, facet: Facet) -> Markup {
    let lang = cx.lang;
    let chosen = selection.get(facet);
    let id = format!("f-{}", facet.code());
    html! {
        div {
            label for=(id) { (facet_names::facet(facet).get(lang)) }
            select id=(id) name=(facet.code()) {
                option value="" { (words::ANY.get(lang)) }
                @for (value, count) in options(cx, facet, chosen, counts) {
                    option value=(value) selected[chosen == Some(value)] {
                        (facet_names::value(cx, facet, value)) " (" (number(lang, count)) ")"
                    }
                }
            }
        }
    }
}

/// The values of a facet that are offered, in the order in which a reader looks for them.
pub fn options(
    cx: &Context<'_>,
    facet: Facet,
    chosen: Option<Value>,
    counts: &Counts,
) -> Vec<(Value, u64)> {
    let mut all: Vec<(Value, u64)> = counts.of(facet).iter().map(|(v, n)| (*v, *n)).collect();
    if let Some(chosen) = chosen.filter(|value| counts.get(facet, *value) == 0) {
        all.push((chosen, 0));
    }
    if all.len() > MAX_OPTIONS {
        all.sort_by_key(|(value, count)| (chosen != Some(*value), std::cmp::Reverse(*count)));
        all.truncate(MAX_OPTIONS);
    }
    let by_name = matches!(facet, Facet::Province | Facet::City);
    all.sort_by_cached_key(|(value, _)| {
        let name = if by_name { facet_names::value(cx, facet, *value) } else { String::new() };
        (*value == UNKNOWN, sort_key(cx.lang, &name), *value)
    });
    all
}

/// What was chosen, each with a way to take it back.
fn chips(cx: &Context<'_>, selection: &Selection) -> Markup {
    let lang = cx.lang;
    let without = |facet| cx.page(&Page::Wall(selection.clone().with(facet, None), 1));
    html! {
        @if selection.chosen().next().is_some() {
            ul.chips aria-label=(words::CHOSEN.get(lang)) {
                @for (facet, value) in selection.chosen() {
                    li {
                        (facet_names::facet(facet).get(lang)) ": "
                        bdi { (facet_names::value(cx, facet, value)) }
                        @if let Some(address) = without(facet) {
                            " " a href=(address) { (words::TAKE_BACK.get(lang)) }
                        }
                    }
                }
            }
        }
    }
}

/// Where nothing can answer a form: the ways to ready-made lists.
fn elsewhere(cx: &Context<'_>) -> Markup {
    let ways = [
        (Page::Lists, super::lists::FIND),
        (Page::Timeline, words::TIMELINE),
        (Page::Map, words::MAP),
        (Page::Statistics, words::STATISTICS),
    ];
    html! {
        p { (words::NO_SEARCH.get(cx.lang)) }
        ul.ways {
            @for (page, name) in ways {
                @if let Some(address) = cx.page(&page) { li { a href=(address) { (name.get(cx.lang)) } } }
            }
        }
    }
}
