//! yadgar: a censorship-resilient peer-to-peer archive. See ARCHITECTURE.md for the map.
#![forbid(unsafe_code)]

pub mod access;
pub mod carrier;
pub mod checkout;
pub mod cli;
pub mod clock;
pub mod courier;
pub mod demand;
pub mod dial;
pub mod durable;
pub mod folder_lock;
pub mod folder_write;
pub mod freshness;
pub mod gate;
pub mod gateway;
pub mod history;
pub mod interfaces;
pub mod lan;
pub mod memorial;
pub mod net;
pub mod node;
pub mod panel;
pub mod publish;
pub mod reader;
pub mod records;
pub mod safe;
pub mod search;
pub mod share;
pub mod site;
pub mod static_mirror;
pub mod static_site;
pub mod store;
pub mod survey;
pub mod sync;
pub mod web;

#[cfg(test)]
#[path = "../tests/common/vectors.rs"]
mod vectors;

/// Shared with the black-box tests.
#[cfg(test)]
#[path = "../tests/common/reply.rs"]
mod reply;
