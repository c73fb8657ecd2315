//! Places for asking and judging: how much of it goes on at the same time.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Peers that we dialled and that are asked, at the same time.
const DIALLED: usize = 12;
/// Peers that dialled us and that are asked, at the same time.
const STRANGERS: usize = 12;
/// Gossip messages that are judged at the same time.
const GOSSIP: usize = 8;

/// Web hosts that are looked at, at the same time.
const HOSTS: usize = 4;

/// Where something to judge comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A peer that we dialled.
    Dialled,
    /// A peer that dialled us.
    Stranger,
    /// Gossip, whoever passed it on.
    Gossip,
    /// A web host.
    Host,
}

/// The places. Each kind of source has its own, so that strangers, who are many and cost nothing,
/// cannot keep us from hearing those whom we chose.
pub struct Judging {
    dialled: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    gossip: Arc<Semaphore>,
    hosts: Arc<Semaphore>,
}

impl Default for Judging {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            dialled: places(DIALLED),
            strangers: places(STRANGERS),
            gossip: places(GOSSIP),
            hosts: places(HOSTS),
        }
    }
}

impl Judging {
    /// A place, given back when dropped; `None` when all of this kind are taken.
    pub fn place(&self, from: Origin) -> Option<OwnedSemaphorePermit> {
        let places = match from {
            Origin::Dialled => &self.dialled,
            Origin::Stranger => &self.strangers,
            Origin::Gossip => &self.gossip,
            Origin::Host => &self.hosts,
        };
        places.clone().try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_of_source_takes_the_places_of_another() {
        let all = [
            (Origin::Dialled, DIALLED),
            (Origin::Stranger, STRANGERS),
            (Origin::Gossip, GOSSIP),
            (Origin::Host, HOSTS),
        ];
        for (greedy, most) in all {
            let judging = Judging::default();
            let taken: Vec<_> = std::iter::from_fn(|| judging.place(greedy)).collect();
            assert_eq!(taken.len(), most);
            for (other, _) in all.into_iter().filter(|(other, _)| *other != greedy) {
                assert!(judging.place(other).is_some(), "{greedy:?} starves {other:?}");
            }
            drop(taken);
            assert!(judging.place(greedy).is_some(), "places are given back");
        }
    }
}
