//! Deaths by province.

use crate::memorial::catalogue::facets::{province_of, province_value};
use crate::memorial::context::Context;
use crate::memorial::links::Page;
use crate::memorial::selection::{Facet, Selection, UNKNOWN};
use crate::memorial::{figures, layout, standing, words};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The page.
pub fn page(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let totals = cx.catalogue.totals();
    let counts: BTreeMap<&str, u64> = totals
        .of(Facet::Province)
        .iter()
        .filter_map(|(value, n)| Some((province_of(*value)?.0, *n)))
        .collect();
    let href = |code: &str| {
        let value = Some(province_value(Some(code))).filter(|value| *value != UNKNOWN)?;
        cx.page(&Page::Wall(Selection::of(Facet::Province, value), 1))
    };
    let unknown = totals.get(Facet::Province, UNKNOWN);
    let main = html! {
        (standing::warnings(lang, cx.info))
        h1 { (words::MAP.get(lang)) }
        p { (words::MAP_HELP.get(lang)) }
        (figures::provinces(lang, &counts, unknown, &href))
        @if unknown > 0 {
            @if let Some(address) = cx.page(&Page::Wall(Selection::of(Facet::Province, UNKNOWN), 1)) {
                p { a href=(address) { (words::PROVINCE_UNKNOWN.get(lang)) } }
            }
        }
    };
    layout::page(cx, &Page::Map, &main)
}
