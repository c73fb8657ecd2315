//! Other people's sites, made into folders that can be published (docs/site.md).
//!
//! [`gather`] reads folders and crawls into [`Gathered`]: items with an address, nothing trusted; [`convert`] gives each a path, makes it safe
//! or leaves it out, and hands what was written to a [`Sink`]. The [`Report`] tells of everything that changed or could not be kept.

mod bounds;
mod charset;
mod convert;
mod crawl;
mod folder;
mod http;
mod item;
mod names;
mod report;
mod sink;
mod source;
mod treat;
mod wacz;
mod warc;

pub use bounds::*;
pub use convert::{Options, convert};
pub use item::{Gathered, SiteError, gather};
pub use report::{LeftOut, Report, Why};
pub use sink::{Dry, Into, Sink, Staged};

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
