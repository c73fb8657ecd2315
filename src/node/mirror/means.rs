//! What of its line a mirror may use, and what it does when that is used up.

use super::{Mirror, RETRY};
use crate::net::{NetConfig, Rates, Volume};
use std::sync::Arc;
use std::time::Instant;
use yadgar_protocol::ArchiveId;

/// Dials at the same time, of a machine with memory for all connections.
const MAX_DIALLING: usize = 16;

/// The bounds that the operator set.
pub(super) struct Means {
    pub(super) volume: Arc<Volume>,
    pub(super) rates: Rates,
    /// Connections that others may open.
    pub(super) inbound: usize,
    /// Dials of addresses at the same time.
    pub(super) dials: usize,
}

impl Means {
    /// Those of a configuration.
    pub(super) fn of(net: &NetConfig) -> Self {
        let limits = &net.limits;
        // The rest is for what searches find.
        let dials = MAX_DIALLING.min(limits.pending_outbound * 2 / 3).max(1);
        Self { volume: net.volume.clone(), rates: net.rates, inbound: limits.inbound, dials }
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
