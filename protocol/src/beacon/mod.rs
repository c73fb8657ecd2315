//! Finding each other on a LAN (spec: beacon.md).
//!
//! [`Datagram`] is the wire form; [`Beacon`] decides what is sent, what is believed, and what is
//! forgotten. Both know neither socket nor clock: whoever drives them says what came, from where,
//! and when, and does the [`Act`]s that they ask for.

mod budget;
mod datagram;
mod dice;
mod machine;
mod near;
mod schedule;
mod table;

pub use datagram::{
    BODY_BYTES, BeaconKey, Body, DATAGRAM_BYTES, Datagram, Echo, Kind, NO_ECHO, Ports, SALT_BYTES,
    SLOT_BYTES, TAG_BYTES,
};
pub use dice::Dice;
pub use machine::{Act, Beacon, Candidate, Mode};
pub use near::{Place, is_near};

use core::net::{Ipv4Addr, Ipv6Addr};

/// The UDP port of beacons (BEA-6).
pub const BEACON_PORT: u16 = 4775;
/// The IPv4 group, of those that routers keep within an organisation.
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(239, 255, 47, 75);
/// The IPv6 group: on the link, not assigned for good.
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0, 0, 0x4775);
/// All nodes of a link: what a switch never filters.
pub const ALL_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
