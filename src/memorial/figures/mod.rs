//! Figures of the memorial: map, bars, columns by day, connectivity beside the deaths.
//!
//! Pure: numbers in, markup out. No script, no inline style: shapes have attributes and classes,
//! colours come from `assets/figures.css`. Every figure carries the same numbers as a table, and
//! is a picture with a title and a description for those who do not see it. Where parts of it are
//! links it is a group instead, because what lies inside of a picture is not announced.
//!
//! Charts are laid out in percent across and in `em` down, so that their text keeps the size that
//! the reader chose, at every width.
//!
//! Time runs from left to right in both languages, as on the number line of Persian school books
//! and in the charts of shutdowns that Persian readers know: one picture, in either language, so
//! that a fall is never taken for a recovery. Bars, which have no axis of time, begin where the
//! lines of the language begin.

mod axis;
mod bars;
mod base;
mod columns;
mod connectivity;
mod map;
mod outlines;
mod plot;
mod words;

#[cfg(test)]
#[path = "figure_tests.rs"]
mod figure_tests;

pub use bars::{Bar, bars};
pub use columns::columns;
pub use connectivity::connectivity;
pub use map::provinces;

/// What the figures need of the one stylesheet.
pub const CSS: &str = include_str!("../assets/figures.css");
