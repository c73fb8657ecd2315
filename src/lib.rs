//! yadgar: a censorship-resilient peer-to-peer archive. See ARCHITECTURE.md for the map.
#![forbid(unsafe_code)]

pub mod durable;
pub mod net;
pub mod reader;
pub mod store;
pub mod sync;
