//! Addresses of nodes that serve: signed by those whose they are, passed on by others, remembered
//! (spec: peers.md).
//!
//! [`Peer`] is a record, [`encode_list`] and [`decode_list`] are what goes over the wire, and
//! [`Memory`] decides what is believed, dialled, passed on and forgotten. It knows neither socket
//! nor clock nor disk.

mod address;
mod checked;
mod dials;
mod found;
mod keep;
mod known;
mod memory;
mod record;
mod slots;
mod table;

pub use address::{
    Network, NetworkTag, PeerAddress, Scope, group_of, in_network, public_network, scope_of,
};
pub use dials::{Dial, Dials};
pub use found::Found;
pub use known::Known;
pub use memory::{Memory, Teller};
pub use record::{Peer, Unsigned, decode_list, encode_list};
pub use slots::{Learnt, Slot, Slots};
pub use table::Place;

#[cfg(test)]
#[path = "memory_tests.rs"]
mod memory_tests;
#[cfg(test)]
#[path = "record_tests.rs"]
mod record_tests;
#[cfg(test)]
#[path = "swarm_tests.rs"]
mod swarm_tests;
