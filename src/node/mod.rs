//! Nodes: a mirror that runs on, and a fetch that ends.
//!
//! Both learn heads from peers (`learn`), have them judged and written durably, and let
//! `sync` bring the blocks. [`mirror`] is an actor that follows any number of archives; [`fetcher`]
//! does it once, for one archive, as a reader.

mod attempt;
pub mod budget;
pub mod fetcher;
mod follow;
mod handle;
mod hosts;
mod judging;
mod learn;
mod mend;
pub mod mirror;
pub mod near;
mod pace;
pub mod peers;
mod place;
pub mod reached;
mod redial;
mod search;
pub mod share;
mod tell;
pub mod upkeep;
mod urgent;
mod work;

pub use tell::{Archives, head_to_tell};

use crate::net::NetHandle;
use crate::store::BlockStore;
use crate::store::heads::ArchiveStates;
use crate::sync::Timing;
use std::sync::Arc;

/// What a node stands on. Cheap to clone.
#[derive(Clone)]
pub struct Ground {
    /// Its blocks.
    pub store: Arc<dyn BlockStore>,
    /// Its archives.
    pub states: Arc<ArchiveStates>,
    /// The network.
    pub net: NetHandle,
    /// Times of the sync engine.
    pub timing: Timing,
}
