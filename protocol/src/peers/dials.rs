//! How often one IP address is dialled, whoever names it (PEER-10).

use super::address::{PeerAddress, Scope};
use crate::limits::{MAX_PEER_DIALS, PEER_LONGEST_MS};
use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeMap;

/// In this time an address is dialled at most [`MAX_PEER_DIALS`] times.
const WINDOW: Duration = Duration::from_millis(PEER_LONGEST_MS);

/// The dials of late. Bounded, since there is a least time between two of them.
#[derive(Debug, Default)]
pub struct Dials(BTreeMap<IpAddr, Vec<Duration>>);

impl Dials {
    /// Forgets what is long ago.
    pub fn forget(&mut self, now: Duration) {
        self.0.retain(|_, times| {
            times.retain(|at| now.saturating_sub(*at) < WINDOW);
            !times.is_empty()
        });
    }

    /// True when this address may be dialled; to be called after [`Dials::forget`]. On this machine there
    /// is nobody to spare.
    pub fn allow(&self, address: &PeerAddress) -> bool {
        address.scope() == Some(Scope::Loopback)
            || self.0.get(&address.ip).is_none_or(|times| times.len() < MAX_PEER_DIALS)
    }

    /// Notes a dial.
    pub fn note(&mut self, address: &PeerAddress, now: Duration) {
        if address.scope() != Some(Scope::Loopback) {
            self.0.entry(address.ip).or_default().push(now);
        }
    }
}
