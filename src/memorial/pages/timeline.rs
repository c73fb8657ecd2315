//! Deaths by day: a chart, and the names of each day.

use super::wall::name_link;
use crate::memorial::context::Context;
use crate::memorial::links::Page;
use crate::memorial::selection::{Facet, Selection, UNKNOWN, Value};
use crate::memorial::text::number;
use crate::memorial::{date, figures, layout, standing, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Names that are shown of one day; the rest is behind a link.
const NAMES_OF_DAY: usize = 40;
/// Days that are shown with names. Of more, the first ones; each day of the chart leads to its list.
const DAYS_WITH_NAMES: usize = 60;

/// People by the number of the day, and how many have no known day.
pub fn deaths(cx: &Context<'_>) -> (BTreeMap<i64, u64>, u64) {
    let counts = cx.catalogue.totals().of(Facet::Day);
    let known = counts.iter().filter(|(day, _)| **day != UNKNOWN);
    let known = known.filter_map(|(day, n)| Some((i64::try_from(*day).ok()?, *n))).collect();
    (known, counts.get(&UNKNOWN).copied().unwrap_or(0))
}

/// Where a day leads; `None` for one on which nobody died, which has no names to show.
pub fn day_link(cx: &Context<'_>, day: i64) -> Option<String> {
    let value = Value::try_from(day).ok()?;
    cx.catalogue.totals().of(Facet::Day).get(&value)?;
    cx.page(&Page::Wall(Selection::of(Facet::Day, value), 1))
}

/// The page.
pub fn page(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let (days, unknown) = deaths(cx);
    let names = names(cx);
    let title = words::BY_DAY.get(lang);
    let main = html! {
        (standing::warnings(lang, cx.info))
        h1 { (words::TIMELINE.get(lang)) }
        p { (words::TIMELINE_HELP.get(lang)) }
        (figures::columns(lang, "days", title, &days, unknown, &|day| day_link(cx, day)))
        @for (day, count) in days.iter().take(DAYS_WITH_NAMES) {
            section.day {
                h2 { bdi { (date::of_number(lang, *day)) } }
                p.small { (words::PEOPLE_N.of(lang, *count)) }
                (list(cx, *day, *count, names.get(day).map_or(&[], Vec::as_slice)))
            }
        }
        @if days.len() > DAYS_WITH_NAMES { p { (words::MORE_DAYS.get(lang)) } }
        @if unknown > 0 {
            section.day {
                h2 { (words::DAY_UNKNOWN.get(lang)) }
                @let count = words::PEOPLE_N.of(lang, unknown);
                p {
                    @match day_link(cx, 0) {
                        Some(address) => a href=(address) { (count) },
                        None => (count),
                    }
                }
            }
        }
    };
    layout::page(cx, &Page::Timeline, &main)
}

fn list(cx: &Context<'_>, day: i64, count: u64, places: &[u32]) -> Markup {
    html! {
        ul.names { @for place in places { li { (name_link(cx, *place)) } } }
        @if count > places.len() as u64 {
            @if let Some(address) = day_link(cx, day) {
                p { a href=(address) { (words::ALL_OF_DAY.with(cx.lang, &[&number(cx.lang, count)])) } }
            }
        }
    }
}

/// The first names of each day, by the alphabet.
fn names(cx: &Context<'_>) -> BTreeMap<i64, Vec<u32>> {
    let mut out: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for place in cx.catalogue.order(cx.lang) {
        let record = cx.catalogue.item(*place).and_then(|item| item.record.as_ref().ok());
        if let Some(day) = record.and_then(|record| record.values.day()) {
            let of_day = out.entry(day.into()).or_default();
            if of_day.len() < NAMES_OF_DAY {
                of_day.push(*place);
            }
        }
    }
    out
}
