//! The memorial: pages about people, made from the records of a release.
//!
//! Everything here is a function from records to text: no socket, no file, no address of its own. What a
//! page leads to it names by [`links::Page`] and [`links::File`]; [`links::Links`] turns that into addresses, once
//! for the server of the reader and once for a folder of files that works without any program.
//!
//! No page holds a script, a style attribute or an address outside the archive. Whatever a record says is text.

pub mod arriving;
pub mod assets;
pub mod catalogue;
pub mod context;
pub mod date;
pub mod essays;
pub mod figures;
mod guest_words;
pub mod layout;
pub mod links;
pub mod pages;
mod record_terms;
mod record_words;
pub mod selection;
pub mod source;
pub mod standing;
pub mod text;
pub(crate) mod words;

pub use catalogue::Catalogue;
pub use context::Context;
pub use text::{Lang, Text};
