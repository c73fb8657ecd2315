//! What two captures have in common: every string of bytes, from eight on.

use crate::tap::Packet;
use std::collections::{BTreeSet, HashSet};

/// Shorter strings are equal by chance.
pub const SHORTEST: usize = 8;

fn windows(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.windows(SHORTEST).map(|w| u64::from_le_bytes(w.try_into().unwrap()))
}

/// The longest strings that are in what both carry.
pub fn in_both(one: &[Packet], other: &[Packet]) -> BTreeSet<Vec<u8>> {
    let known: HashSet<u64> = one.iter().flat_map(|packet| windows(&packet.payload)).collect();
    let mut found = BTreeSet::new();
    for packet in other {
        let mut end = 0;
        let mut start = None;
        for (at, window) in windows(&packet.payload).enumerate() {
            if known.contains(&window) {
                start.get_or_insert(at);
                end = at + SHORTEST;
            } else if let Some(start) = start.take() {
                found.insert(packet.payload[start..end].to_vec());
            }
        }
        found.extend(start.map(|start| packet.payload[start..end].to_vec()));
    }
    found
}

/// For people: letters as they are.
pub fn readable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
