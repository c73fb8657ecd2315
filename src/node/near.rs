//! Neighbours: what the beacon finds, as addresses to dial.

use crate::lan::{self, Candidate, LanHandle, Mode, Ports};
use crate::net::Multiaddr;
use crate::net::addr::{dialable_from_stranger, of_tcp, to_tcp};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use yadgar_protocol::ArchiveId;

/// A running beacon.
pub struct Near {
    handle: LanHandle,
    found: mpsc::Receiver<Candidate>,
    ports: Ports,
    told: Vec<(ArchiveId, bool)>,
    start: Instant,
    /// When an address was found first, and whether it was good.
    seen: BTreeMap<Multiaddr, (Duration, bool)>,
}

/// Neighbours whose times are remembered, for people.
const SEEN: usize = 64;

impl Near {
    /// Starts a beacon that says nothing yet. With ports it says that archives are served there.
    /// `None` when that is not possible here; then others are found by other ways only.
    pub fn start(mode: Mode, ports: Option<Ports>) -> Option<Self> {
        let started = lan::start(mode, ports.is_some());
        let (handle, found) =
            started.inspect_err(|e| tracing::warn!("no beacon on the LAN: {e}")).ok()?;
        let (ports, told, seen) = (ports.unwrap_or_default(), Vec::new(), BTreeMap::new());
        Some(Self { handle, found, ports, told, start: Instant::now(), seen })
    }

    /// Which archives there are, each with whether it is served here. The same again is nothing new.
    pub async fn archives(&mut self, archives: Vec<(ArchiveId, bool)>) {
        if archives != self.told {
            self.told.clone_from(&archives);
            self.handle.archives(archives, self.ports).await;
        }
    }

    /// What became of an address.
    pub fn judged(&mut self, address: &Multiaddr, good: bool) {
        if let Some((_, was)) = self.seen.get_mut(address) {
            *was = good;
        }
        if let Some(at) = to_tcp(address) {
            self.handle.judged(at, good);
        }
    }

    async fn next(&mut self) -> Option<Multiaddr> {
        loop {
            // A web page is nothing to dial for us.
            let Some(at) = self.found.recv().await?.node() else { continue };
            let address = of_tcp(at);
            if dialable_from_stranger(&address) {
                if self.seen.len() < SEEN {
                    let found = (self.start.elapsed(), false);
                    self.seen.entry(address.clone()).or_insert(found);
                }
                return Some(address);
            }
        }
    }

    /// Those that were good, and how long it took to find them.
    pub fn good(&self) -> Vec<(Multiaddr, Duration)> {
        let good = self.seen.iter().filter(|(_, (_, good))| *good);
        good.map(|(address, (after, _))| (address.clone(), *after)).collect()
    }
}

/// The next neighbour. Without a beacon, and when it has ended, that takes for ever.
pub async fn next(near: &mut Option<Near>) -> Multiaddr {
    if let Some(running) = near {
        match running.next().await {
            Some(address) => return address,
            None => *near = None,
        }
    }
    std::future::pending().await
}
