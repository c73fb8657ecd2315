//! What of its line a mirror may use, and what it does when that is used up.

use super::{Mirror, RETRY};
use crate::net::{NetConfig, NetLimits, Rates, Volume};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::peers::Slots;

/// Dials at the same time of addresses that the user, lists and the LAN name.
const TOLD: usize = 8;
/// Dials at the same time of guests.
const CHECKS: usize = 1;

/// Places of dials that hang, so that dead addresses of one kind keep no other waiting. What searches in the DHT find has places
/// of its own ([`super::seeking`]).
pub(super) struct Places {
    /// Of addresses that the user, lists and the LAN name.
    pub(super) told: Arc<Semaphore>,
    /// Of what is remembered.
    pub(super) remembered: Arc<Semaphore>,
    /// Of guests.
    pub(super) checks: Arc<Semaphore>,
}

impl Places {
    /// Of so many that may hang at the same time beside those that the user named: half for what is remembered.
    pub(super) fn new(pending: usize) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            told: places(TOLD),
            remembered: places((pending / 2).max(1)),
            checks: places(CHECKS),
        }
    }
}

/// The bounds that the operator set.
pub(super) struct Means {
    pub(super) volume: Arc<Volume>,
    pub(super) rates: Rates,
    /// Connections that others may open.
    pub(super) inbound: usize,
    /// Dials that may hang at the same time beside those that the user named.
    pub(super) pending: usize,
}

impl Means {
    /// Those of a configuration.
    pub(super) fn of(net: &NetConfig) -> Self {
        let NetLimits { inbound, pending_outbound, outbound, .. } = net.limits;
        let pending = pending_outbound.saturating_sub(Slots::new(outbound).named());
        Self { volume: net.volume.clone(), rates: net.rates, inbound, pending }
    }

    /// With so many connections a peer goes that knows others by now, so that whoever comes next finds a place.
    pub(super) fn crowded(&self) -> usize {
        self.inbound - self.inbound / 7
    }
}

impl Mirror {
    /// True when nothing is fetched today any more: then it is tried again from time to time.
    pub(super) fn waits_for_tomorrow(&mut self, archive: ArchiveId) -> bool {
        let waits = self.means.volume.is_received() && self.follows.contains_key(&archive);
        if waits {
            self.retry.insert(archive, Instant::now() + RETRY);
        }
        waits
    }

    /// Ends the fetches under way when the volume of the day is used up; what came stays, and they go on when there is
    /// more.
    pub(super) fn stop_for_today(&mut self) {
        if !self.means.volume.is_received() {
            return;
        }
        for (archive, follow) in self.follows.iter_mut().filter(|(_, f)| f.progress().is_some()) {
            follow.cancel();
            self.retry.insert(*archive, Instant::now() + RETRY);
        }
    }

    /// Tries again what failed, or waited.
    pub(super) fn retry_due(&mut self) {
        let now = Instant::now();
        let due: Vec<_> =
            self.retry.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for archive in due {
            self.retry.remove(&archive);
            self.fetch(archive);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the gate lets hang is more than what is remembered and checked can take: the DHT, and peers that ask to be
    /// dialled, find a place.
    #[test]
    fn peer_10_dead_records_leave_places_to_others() {
        for limits in [NetLimits::MIRROR, NetLimits::of_total(20), NetLimits::of_total(64)] {
            let net = NetConfig { limits, ..NetConfig::mirror(Vec::new()) };
            let means = Means::of(&net);
            let places = Places::new(means.pending);
            let hang = places.remembered.available_permits() + places.checks.available_permits();
            assert!(hang < means.pending, "{hang} of {}", means.pending);
            assert!(means.pending < limits.pending_outbound, "those that the user named have some");
        }
        assert_eq!(Places::new(0).remembered.available_permits(), 1);
    }
}
