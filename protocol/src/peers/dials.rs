//! What is dialled, and how often one IP address is, whoever names it (PEER-10).

use super::address::{PeerAddress, Scope};
use super::table::{Name, Place};
use crate::ids::PublicKey;
use crate::limits::{MAX_PEER_DIALLED, MAX_PEER_DIALS, PEER_LONGEST_MS};
use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeMap;

/// In this time an address is dialled at most [`MAX_PEER_DIALS`] times.
const WINDOW: Duration = Duration::from_millis(PEER_LONGEST_MS);

/// An address to dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dial {
    /// Where it means something.
    pub place: Place,
    /// Who must answer there.
    pub key: PublicKey,
    /// Where.
    pub address: PeerAddress,
}

impl Dial {
    /// Whose record it is.
    pub(super) fn name(&self) -> Name {
        (self.place, *self.key.as_bytes())
    }
}

/// The dials of late. Bounded: [`MAX_PEER_DIALLED`] addresses, [`MAX_PEER_DIALS`] dials of each; what is over that is not
/// allowed, and so not noted.
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
        address.scope() == Some(Scope::Loopback) || self.has_room(&address.ip)
    }

    fn has_room(&self, ip: &IpAddr) -> bool {
        match self.0.get(ip) {
            Some(times) => times.len() < MAX_PEER_DIALS,
            None => self.0.len() < MAX_PEER_DIALLED,
        }
    }

    /// The last dial of an address was not begun.
    pub fn take_back(&mut self, address: &PeerAddress) {
        self.0.get_mut(&address.ip).map(Vec::pop);
    }

    /// Notes a dial that was allowed.
    pub fn note(&mut self, address: &PeerAddress, now: Duration) {
        if address.scope() != Some(Scope::Loopback) && self.has_room(&address.ip) {
            self.0.entry(address.ip).or_default().push(now);
        }
    }
}

/// True when this was less than so many milliseconds ago.
pub(super) fn is_within(last: Option<Duration>, pace_ms: u64, now: Duration) -> bool {
    last.is_some_and(|at| now < at + Duration::from_millis(pace_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peer_10_bounded_whoever_names_what() {
        let (mut dials, now) = (Dials::default(), Duration::from_secs(9));
        let at = |n: u32| {
            let [_, a, b, c] = n.to_be_bytes();
            PeerAddress { quic: false, ip: IpAddr::from([9, a, b, c]), port: 4774 }
        };
        for _ in 0..2 * MAX_PEER_DIALS {
            (0..2 * MAX_PEER_DIALLED as u32).for_each(|n| dials.note(&at(n), now));
        }
        assert_eq!(dials.0.len(), MAX_PEER_DIALLED);
        assert!(dials.0.values().all(|times| times.len() == MAX_PEER_DIALS));
        assert!(!dials.allow(&at(0)) && !dials.allow(&at(MAX_PEER_DIALLED as u32)));
        dials.forget(now + WINDOW);
        assert!(dials.allow(&at(0)) && dials.0.is_empty());
    }
}
