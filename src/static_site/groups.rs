//! Which lists there are: the names with each value of each facet, found in one pass over all names.

use crate::memorial::Catalogue;
use crate::memorial::catalogue::Chosen;
use crate::memorial::pages::wall::pages;
use crate::memorial::selection::{Facet, Selection, Value};
use crate::memorial::text::Lang;
use std::collections::BTreeMap;

/// The names of a list, in the order of the language.
pub type Group = (Selection, Chosen);

/// All lists of a language but those by letter: first that of everything.
pub fn of(catalogue: &Catalogue, lang: Lang) -> Vec<Group> {
    let mut found: BTreeMap<(Facet, Value), Vec<u32>> = BTreeMap::new();
    for place in catalogue.order(lang) {
        let Some(Ok(record)) = catalogue.item(*place).map(|item| &item.record) else { continue };
        for facet in Facet::ALL {
            record.values.each(facet, catalogue.cities(), |value| {
                found.entry((facet, value)).or_default().push(*place);
            });
        }
    }
    let chosen = |places| Chosen { places, ..Chosen::default() };
    let everything = (Selection::default(), chosen(catalogue.order(lang).to_vec()));
    let single = found.into_iter();
    let single =
        single.map(|((facet, value), places)| (Selection::of(facet, value), chosen(places)));
    [everything].into_iter().chain(single).collect()
}

/// Every page of every list: place of the list, and number of the page, from 1.
pub fn all_pages(groups: &[Group]) -> Vec<(usize, usize)> {
    let of = |(at, (_, chosen)): (usize, &Group)| {
        (1..=pages(chosen.places.len())).map(move |page| (at, page))
    };
    groups.iter().enumerate().flat_map(of).collect()
}
