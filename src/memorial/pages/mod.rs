//! The pages. Each is a function from a [`super::Context`] and its subject to a whole document.

mod check;
pub mod cover;
pub mod entrance;
pub mod error;
pub mod essay;
mod facet_names;
pub mod files;
mod filters;
pub mod incident;
pub mod leave;
pub mod lists;
pub mod map;
pub mod notices;
mod parts;
pub mod person;
mod person_parts;
pub mod picture;
pub mod statistics;
pub mod timeline;
pub mod wall;

use super::essays::Essay;
use super::links::Page;
use super::selection::Selection;
use super::text::{Lang, Text};
use super::words;

/// The pages of the main menu.
pub fn main_menu() -> Vec<(Page<'static>, Text)> {
    vec![
        (Page::Wall(Selection::default(), 1), words::NAMES),
        (Page::Timeline, words::TIMELINE),
        (Page::Map, words::MAP),
        (Page::Statistics, words::STATISTICS),
    ]
}

/// The pages of the menu of texts, with their names.
pub fn text_menu(lang: Lang) -> Vec<(Page<'static>, &'static str)> {
    let essays = Essay::ALL.into_iter().map(|essay| (Page::Essay(essay), essay.name(lang)));
    essays.chain([(Page::Notices(1), words::NOTICES.get(lang))]).collect()
}
