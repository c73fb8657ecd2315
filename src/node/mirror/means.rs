//! What of its line a mirror may use, and what it does when that is used up.

use super::{Mirror, RETRY};
use crate::net::{NetConfig, NetLimits, Rates, Volume};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::limits::{MAX_DHT_FOUND, MAX_DHT_LOOKUPS, MAX_SLOTS_CHECK};
use yadgar_protocol::peers::Slots;

/// Most dials that hang at the same time: of the list of mirrors and the LAN; of what is remembered; of what the DHT finds (DHT-7,
/// DHT-9).
const TOLD: usize = 8;
/// See [`TOLD`].
const REMEMBERED: usize = 12;
/// See [`TOLD`].
const FOUND: usize = MAX_DHT_LOOKUPS * MAX_DHT_FOUND;

/// Places of dials that hang, so that dead addresses of one kind keep no other waiting. Together they are no more than the
/// network lets hang.
pub(super) struct Places {
    /// Of addresses that the user named.
    pub(super) named: Arc<Semaphore>,
    /// Of the list of mirrors, and the LAN.
    pub(super) told: Arc<Semaphore>,
    /// Of what is remembered.
    pub(super) remembered: Arc<Semaphore>,
    /// Of guests.
    pub(super) checks: Arc<Semaphore>,
    /// Of what searches in the DHT find.
    pub(super) found: Arc<Semaphore>,
}

impl Places {
    fn new(named: usize, others: usize) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.max(1)));
        Self {
            named: places(named),
            told: places((others / 4).min(TOLD)),
            remembered: places((others * 3 / 8).min(REMEMBERED)),
            checks: places((others / 8).min(MAX_SLOTS_CHECK)),
            found: places((others / 4).min(FOUND)),
        }
    }

    /// Those of a network with these limits.
    fn of(limits: &NetLimits) -> Self {
        let named = Slots::new(limits.outbound).named();
        Self::new(named, limits.pending_outbound.saturating_sub(named))
    }
}

/// The bounds that the operator set.
pub(super) struct Means {
    pub(super) volume: Arc<Volume>,
    pub(super) rates: Rates,
    /// Connections that others may open.
    pub(super) inbound: usize,
    /// Dials at the same time.
    pub(super) places: Places,
}

impl Means {
    /// Those of a configuration.
    pub(super) fn of(net: &NetConfig) -> Self {
        let (limits, volume) = (&net.limits, net.volume.clone());
        Self { volume, rates: net.rates, inbound: limits.inbound, places: Places::of(limits) }
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

    /// Else the gate would refuse those that come last, and dead addresses of one kind would keep out the others.
    #[test]
    fn peer_10_slot_1_what_may_hang_finds_a_place() {
        for total in 8..400 {
            let limits = NetLimits::of_total(total);
            let places = Places::of(&limits);
            let count = |place: &Semaphore| place.available_permits();
            let Places { named, told, remembered, checks, found } = &places;
            let others = [told, remembered, checks, found].map(|place| count(place));
            let (others, named) = (others.iter().sum::<usize>(), count(named));
            // On the smallest each kind has one all the same.
            let room = limits.pending_outbound.min(limits.outbound).saturating_sub(named).max(4);
            assert!(others <= room, "{others}, {named}: {limits:?}");
        }
        let places = Places::of(&NetLimits::MIRROR);
        assert_eq!([places.told, places.remembered].map(|p| p.available_permits()), [6, 9]);
    }
}
