//! Pages on loopback: what a person sees of an archive in the browser.
//!
//! Two kinds of origin are served, each on a port of its own. Our own pages (start, names, one
//! record) are on one; the site of each archive is on another, so that what was archived shares
//! nothing with what we say about it. What the pages say is made by [`crate::memorial`]; here are sockets, addresses and
//! headers. No page holds a script, and no answer lets one run.
//!
//! What the headers hold back, and what they cannot: an archived page can load nothing from
//! elsewhere, send no form and run no script, in any browser of the last ten years; see
//! [`headers`]. Two things only browsers that know `Connection-Allowlist` hold back (Chromium and
//! its kin, since version 152): a `<link rel=preconnect>`, which opens a connection without asking
//! for anything, and a person's click on an external link. In other browsers both leave the machine
//! and show the reader's address; only a site that was cleaned of them when it was published is
//! safe there.
//!
//! Every byte shown was read block by block, each checked against its hash; the hashes hang from a
//! release whose signatures were checked. A missing or damaged block gives a page that says so.

pub(crate) mod guard;
mod guests;
pub mod headers;
mod links;
mod mark;
mod pages;
pub(crate) mod range;
pub(crate) mod respond;
mod server;
mod site;
mod url;
mod view;

pub use crate::memorial::arriving::Arrival;
pub use crate::memorial::standing::{Dispute, ViewInfo};
pub use crate::memorial::text::Lang;
pub use guests::GuestPages;
pub use server::{ReaderConfig, ReaderError, Served, Views, serve, serve_awaiting};
pub use view::ArchiveView;
