//! Numbers of this archive, as charts with their tables.

use super::facet_names;
use super::filters::options;
use crate::memorial::context::Context;
use crate::memorial::figures::{self, Bar};
use crate::memorial::links::Page;
use crate::memorial::selection::{Facet, Selection};
use crate::memorial::{layout, standing, words};
use maud::{Markup, html};

/// Cities that the chart of cities shows: those with most people.
const MAX_CITIES: usize = 20;

/// The page.
pub fn page(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let shown = [Facet::Age, Facet::Gender, Facet::Manner, Facet::Level, Facet::City];
    let main = html! {
        (standing::warnings(lang, cx.info))
        h1 { (words::STATISTICS.get(lang)) }
        p.lead { (words::STATISTICS_ALL.of(lang, cx.catalogue.people())) }
        p { (words::STATISTICS_HELP.get(lang)) }
        @for facet in shown {
            section.chart-of {
                h2 { (facet_names::facet(facet).get(lang)) }
                @if facet == Facet::Manner { p.small { (words::SEVERAL_MANNERS.get(lang)) } }
                @if facet == Facet::City {
                    p.small { (words::MOST_CITIES.with(lang, &[&MAX_CITIES.to_string()])) }
                }
                (chart(cx, facet))
            }
        }
    };
    layout::page(cx, &Page::Statistics, &main)
}

fn chart(cx: &Context<'_>, facet: Facet) -> Markup {
    let mut values = options(cx, facet, None, cx.catalogue.totals());
    if facet == Facet::City {
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        values.truncate(MAX_CITIES);
    }
    let bar = |(value, count)| Bar {
        label: facet_names::value(cx, facet, value),
        count,
        href: cx.page(&Page::Wall(Selection::of(facet, value), 1)),
    };
    let bars: Vec<Bar> = values.into_iter().map(bar).collect();
    let title = facet_names::facet(facet).get(cx.lang);
    figures::bars(cx.lang, &format!("by-{}", facet.code()), title, &bars)
}
