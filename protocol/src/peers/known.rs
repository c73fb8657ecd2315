//! What is remembered, for people.

use super::address::PeerAddress;
use super::memory::Memory;
use super::table::{Entry, Name, Place};
use crate::ids::PublicKey;

/// One record that is remembered, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Where it means something.
    pub place: Place,
    /// True when that is here.
    pub here: bool,
    /// Whose it is.
    pub key: PublicKey,
    /// Its addresses.
    pub addresses: Vec<PeerAddress>,
    /// It was dialled and had an archive that is followed here.
    pub proved: bool,
    /// Dials since it last was of use.
    pub fails: u32,
}

impl Memory {
    /// What is remembered, for people.
    pub fn known(&self) -> Vec<Known> {
        let known = |(name, entry): (&Name, &Entry)| Known {
            place: name.0,
            here: self.is_reachable(name.0),
            key: entry.peer.key(),
            addresses: entry.peer.addresses().to_vec(),
            proved: entry.proved,
            fails: entry.fails,
        };
        self.table.iter().map(known).collect()
    }
}
