//! The pages. Each is a function from a [`super::Context`] and its subject to a whole document.

pub mod cover;
pub mod error;
pub mod files;
mod parts;
pub mod person;
mod person_parts;
pub mod picture;
pub mod wall;

use super::links::Page;
use super::selection::Selection;
use super::text::Text;
use super::words;

/// The pages of the main menu.
pub fn main_menu() -> Vec<(Page<'static>, Text)> {
    vec![(Page::Wall(Selection::default(), 1), words::NAMES)]
}

/// The pages of the menu of texts.
pub fn text_menu() -> Vec<(Page<'static>, Text)> {
    Vec::new()
}
