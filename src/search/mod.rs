//! Search of names, held in memory: Persian and Latin spellings, parts of words, one typo.
//!
//! Keys are those of the protocol crate (persian.md). A query is some words, all of which must be found, or
//! the same without its spaces, for names that are written together or apart.

mod index;
mod terms;

pub use index::{Document, Found, Index, MAX_QUERY_CHARS};
