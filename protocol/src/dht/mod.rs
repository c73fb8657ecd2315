//! Mirrors that find each other by the hash of an archive, over libp2p's Kademlia (spec: dht.md).
//!
//! The messages and the search are those of libp2p. What is decided here: the key of an archive, which addresses count,
//! what is kept for others, who comes into the table, and when is looked and announced. No socket, no clock.

mod address;
mod key;
mod providers;
mod search;

pub use crate::peers::group_of;
pub use address::{Crowd, counts};
pub use key::{DhtKey, PROTOCOL};
pub use providers::{Class, Kept, Providers, Refused};
pub use search::{Act, Search};

#[cfg(test)]
#[path = "providers_tests.rs"]
mod providers_tests;
#[cfg(test)]
#[path = "search_tests.rs"]
mod search_tests;
