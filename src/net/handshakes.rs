//! Inbound connections in their handshake, which anybody can begin and leave open: no network has all places for them.

use super::addr::around;
use super::gate::{GateError, OF_NETWORK, OF_RANGE};
use super::limits::{HANDSHAKES_NETWORK_SHARE, HANDSHAKES_RANGE_SHARE};
use libp2p::swarm::ConnectionId;
use std::collections::HashMap;
use std::net::IpAddr;

/// Those under way, with the public network of the other side.
#[derive(Debug, Default)]
pub struct Handshakes(HashMap<ConnectionId, Option<IpAddr>>);

impl Handshakes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One more from this public network, of `most` in all: of one network an eighth at most, of the larger one around
    /// it a quarter. What comes through the local network or a relay has none.
    ///
    /// # Errors
    /// [`GateError::Full`].
    pub fn begin(
        &mut self,
        id: ConnectionId,
        network: Option<IpAddr>,
        most: usize,
    ) -> Result<(), GateError> {
        let full = |name, most: usize, now: usize| match now >= most {
            true => Err(GateError::Full(name)),
            false => Ok(()),
        };
        full("in their handshake", most, self.len())?;
        if let Some(network) = network {
            let of = |same: &dyn Fn(IpAddr) -> bool| {
                self.0.values().flatten().filter(|other| same(**other)).count()
            };
            full(
                OF_NETWORK,
                most.div_ceil(HANDSHAKES_NETWORK_SHARE),
                of(&|other| other == network),
            )?;
            let range = around(network);
            full(
                OF_RANGE,
                most.div_ceil(HANDSHAKES_RANGE_SHARE),
                of(&|other| around(other) == range),
            )?;
        }
        self.0.insert(id, network);
        Ok(())
    }

    /// It ended, well or not.
    pub fn end(&mut self, id: ConnectionId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_does_not_hold_all_handshakes() {
        let mut open = Handshakes::default();
        let mut ids = (0..).map(ConnectionId::new_unchecked);
        let mut begin = |open: &mut Handshakes, network: Option<[u8; 4]>| {
            open.begin(ids.next().unwrap(), network.map(IpAddr::from), 16)
        };
        let taken = (0..20).filter(|_| begin(&mut open, Some([9, 9, 1, 0])).is_ok()).count();
        assert_eq!(taken, 2, "an eighth");
        let taken = (2..20).filter(|n| begin(&mut open, Some([9, 9, *n, 0])).is_ok()).count();
        assert_eq!(taken, 2, "a quarter, with those");
        assert!(begin(&mut open, Some([8, 8, 1, 0])).is_ok());
        // The local network is one address for many.
        let taken = (0..20).filter(|_| begin(&mut open, None).is_ok()).count();
        assert_eq!((taken, open.len()), (11, 16));
        open.end(ConnectionId::new_unchecked(0));
        assert!(begin(&mut open, Some([9, 9, 1, 0])).is_ok());
    }
}
