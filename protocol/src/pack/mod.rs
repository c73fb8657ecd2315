//! A static mirror: an archive as plain files that any web host serves (spec: static.md).
//!
//! The one file that changes, [`StaticHead`], leads to catalogs, these to packs and their indexes. All of these are named by
//! the hash of their bytes, so a host can withhold and replay, and nothing else.

mod build;
mod catalog;
mod file;
mod head;
mod index;
mod ranges;

pub use build::{Gather, PackBuilder};
pub use catalog::{Catalog, Holds, PackRef};
pub use file::{FileRef, HEAD_NAME, Named, index_name, pack_name};
pub use head::StaticHead;
pub use index::{Member, PackIndex};
pub use ranges::Range;

#[cfg(test)]
mod tests;
