//! The safe subset: what pages, styles and drawings of a site may contain (docs/site.md).
//!
//! Everything is parsed and written anew from lists of what is allowed; nothing is searched for by its looks. Pure: text in, text and
//! [`Changes`] out. Used to make pages safe and to tell what is not: a page of which nothing has to change is safe.

mod attrs;
mod change;
mod css;
mod css_lists;
mod css_value;
mod dom;
mod link;
mod lists;
mod page;
mod svg;
mod svg_lists;
mod write;

pub use change::{Change, Changes, MAX_CHANGES, What};
pub use css::clean_sheet;
pub use link::{Doc, FOLDER_HOST, Folder, Place, Site, folder_url};
pub use page::{CleanPage, clean_page, look_page};
pub use svg::clean_svg;

/// Longest page, style or drawing that is parsed, in bytes: 8 MiB.
pub const MAX_TEXT_BYTES: usize = 8 << 20;
/// Deepest nesting that is written; browsers stop at 512.
const MAX_DEPTH: usize = 400;

/// Why a document cannot be made safe.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsafe {
    /// It is longer than [`MAX_TEXT_BYTES`].
    #[error("longer than 8 MiB")]
    TooLong,
    /// Elements in elements, deeper than is written, or too many of them.
    #[error("nested too deep, or too many elements")]
    TooDeep,
    /// It is not what its name says.
    #[error("not a drawing in SVG")]
    NoSvg,
    /// What is written does not read as itself.
    #[error("it changes whenever it is read")]
    Unstable,
}

#[cfg(test)]
#[path = "css_tests.rs"]
mod css_tests;
#[cfg(test)]
#[path = "safe_tests.rs"]
mod tests;
