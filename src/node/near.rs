//! Neighbours: what the beacon finds, as addresses to dial.

use crate::lan::{self, Candidate, LanHandle, Mode, Ports};
use crate::net::Multiaddr;
use crate::net::addr::{dialable_from_stranger, of_tcp, to_tcp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use yadgar_protocol::ArchiveId;

/// A neighbour that has the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Where it was dialled.
    pub address: Multiaddr,
    /// How long it took to find it.
    pub after: Duration,
    /// Where its page for browsers is, by its own word.
    pub page: Option<SocketAddr>,
}

/// What is remembered of an address.
struct Remembered {
    after: Duration,
    good: bool,
    page: Option<SocketAddr>,
}

/// A running beacon.
pub struct Near {
    handle: LanHandle,
    found: mpsc::Receiver<Candidate>,
    ports: Ports,
    told: Vec<(ArchiveId, bool)>,
    start: Instant,
    seen: BTreeMap<Multiaddr, Remembered>,
    /// Pages of those that have no node to dial.
    pages: BTreeSet<SocketAddr>,
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
        Some(Self {
            handle,
            found,
            ports: ports.unwrap_or_default(),
            told: Vec::new(),
            start: Instant::now(),
            seen: BTreeMap::new(),
            pages: BTreeSet::new(),
        })
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
        if let Some(one) = self.seen.get_mut(address) {
            one.good = good;
        }
        if let Some(at) = to_tcp(address) {
            self.handle.judged(at, good);
        }
    }

    async fn next(&mut self) -> Option<Multiaddr> {
        loop {
            let found = self.found.recv().await?;
            let page = found.page();
            // A page is for people; there is nothing to dial for us.
            let Some(at) = found.node() else {
                if self.pages.len() < SEEN {
                    self.pages.extend(page);
                }
                continue;
            };
            let address = of_tcp(at);
            if dialable_from_stranger(&address) {
                if self.seen.len() < SEEN {
                    let found = Remembered { after: self.start.elapsed(), good: false, page };
                    self.seen.entry(address.clone()).or_insert(found);
                }
                return Some(address);
            }
        }
    }

    /// Those that were good.
    pub fn good(&self) -> Vec<Neighbour> {
        let good = self.seen.iter().filter(|(_, one)| one.good);
        let told = |(address, one): (&Multiaddr, &Remembered)| Neighbour {
            address: address.clone(),
            after: one.after,
            page: one.page,
        };
        good.map(told).collect()
    }
}

/// Pages for browsers, of those that have nothing else.
pub fn pages(near: &Option<Near>) -> Vec<SocketAddr> {
    near.iter().flat_map(|near| near.pages.iter().copied()).collect()
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
