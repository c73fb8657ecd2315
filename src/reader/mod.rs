//! Pages on loopback: what a person sees of an archive in the browser.
//!
//! Two kinds of origin are served, each on a port of its own. Our own pages (start, names, one
//! record) are on one; the site of each archive is on another, so that what was archived shares
//! nothing with what we say about it. No page holds a script, and no answer lets one run.
//!
//! What the headers hold back, and what they cannot: an archived page can load nothing from
//! elsewhere, send no form, run no script, and open no connection in browsers that know
//! `Connection-Allowlist`; see [`headers`]. No header stops a person who clicks an external link
//! in every browser: that click leaves the machine and shows the reader's address. Only links
//! that were rewritten when the site was published are safe from it.
//!
//! Every byte shown was read block by block, each checked against its hash; the hashes hang from a
//! release whose signatures were checked. A missing or damaged block gives a page that says so.

mod date;
mod guard;
pub mod headers;
mod order;
mod pages;
mod range;
mod record;
mod respond;
mod server;
mod site;
mod text;
mod url;
mod view;

pub use record::{Record, RecordItem, RecordList};
pub use server::{ReaderConfig, ReaderError, Served, Views, serve};
pub use text::Lang;
pub use view::{ArchiveView, ViewInfo};
