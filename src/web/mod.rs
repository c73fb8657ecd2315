//! Static mirrors on ordinary web hosts, as a source of a fetch (spec: static.md).
//!
//! [`Client`] speaks HTTP and TLS, through the user's proxy where there is one; `Shelf` knows the files of
//! one archive; [`HostSource`] gives their blocks to a fetch, beside peers. A host is trusted with nothing:
//! heads are judged by the trust rules, every block by its hash, and every body, wait and retry has a bound.

mod address;
mod body;
mod carry;
mod client;
mod cutter;
mod desk;
mod dial;
mod disk;
mod error;
mod gateway;
mod give;
mod host;
mod idle;
#[cfg(test)]
mod lab;
mod limits;
mod listed;
mod open;
mod order;
mod patience;
mod room;
mod shelf;

pub use address::{BaseUrl, UrlError};
pub use body::Body;
pub use client::{Client, ClientConfig, Reply, Span};
pub use error::WebError;
pub use host::{Fault, HostSource};
pub use open::{OpenError, open};
