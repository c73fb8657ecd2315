//! First letters of names: where each begins in a list.

use super::{Catalogue, text_of};
use crate::memorial::text::Lang;
use yadgar_protocol::persian::fold;

/// Most letters that are told apart: more than the Persian and the Latin alphabet have together. Names with other
/// ones count to the last.
const MAX_LETTERS: usize = 96;

/// A letter with which names begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// The letter, as names are folded (spec: persian.md), large where there are large ones.
    pub letter: char,
    /// Place of the first such name in [`Catalogue::order`].
    pub from: usize,
    /// How many such names follow each other.
    pub count: usize,
}

/// The letters of a list, in its order. Records without a name come last in it and have none.
pub fn of(catalogue: &Catalogue, lang: Lang) -> Vec<Letter> {
    let mut found: Vec<Letter> = Vec::new();
    for (from, place) in catalogue.order(lang).iter().enumerate() {
        let record = catalogue.item(*place).and_then(|item| item.record.as_ref().ok());
        let Some(record) = record.filter(|record| !record.unnamed && !record.gone) else { break };
        let name = text_of(&record.name, lang).unwrap_or_default();
        // Only as much of it as a first letter can take.
        let start: String = name.trim_start().chars().take(2).collect();
        let folded = fold(&start).chars().next();
        let letter = folded.and_then(|c| c.to_uppercase().next()).unwrap_or('?');
        let full = found.len() == MAX_LETTERS;
        match found.last_mut() {
            Some(last) if last.letter == letter || full => last.count += 1,
            _ => found.push(Letter { letter, from, count: 1 }),
        }
    }
    found
}
