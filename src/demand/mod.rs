//! Reading an archive while it is still arriving: what a page needs and is not here is fetched first.

mod store;

pub use store::OnDemand;

use crate::checkout::Arrivals;
use crate::memorial::arriving::Arrival;
use crate::node::fetcher::{Began, Demand};
use crate::sync::{FetchProgress, Hurry};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use yadgar_protocol::trust::{Accepted, CheckedFork};

/// A newer release than the first acceptable one may be shown by another source for this long, before
/// pages are.
const GRACE: Duration = Duration::from_millis(250);

/// An archive that is arriving: the release whose blocks come now, and who is told.
#[derive(Default)]
pub struct Coming {
    head: Mutex<Option<Accepted>>,
    /// How far it is, for the pages.
    pub arrival: Arc<Arrival>,
    /// Tells those who wait for blocks.
    pub arrivals: Arc<Arrivals>,
    hurry: Hurry,
}

impl Coming {
    /// What a fetch has to know so that pages come first.
    pub fn demand(&self) -> Demand {
        Demand { hurry: self.hurry.clone(), grace: GRACE }
    }

    /// To be told of each release that a fetch begins with: that one is shown from then on, since its blocks
    /// come.
    pub fn began(self: &Arc<Self>) -> Began {
        let coming = self.clone();
        Arc::new(move |head: &Accepted| {
            *coming.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head.clone());
            let total = head.release.parts.iter().map(|part| part.bytes);
            let total = total.fold(0, u64::saturating_add);
            coming.arrival.change(|now| {
                (now.total, now.failed) = (total, false);
                now.parts.clear();
            });
        })
    }

    /// Notes how far the fetch is.
    pub fn progress(&self, progress: &FetchProgress) {
        self.arrival.change(|now| {
            now.here = progress.bytes_done;
            now.sources = progress.sources;
            now.parts.clone_from(&progress.parts_done);
        });
        self.arrivals.came();
    }

    /// The fetch came to nothing for now.
    pub fn failed(&self) {
        self.arrival.change(|now| (now.sources, now.failed) = (0, true));
    }

    /// Nothing more comes: whoever waits for a block is told so.
    pub fn end(&self) {
        self.arrival.change(|now| now.over = true);
        self.arrivals.end();
    }

    /// The release to show of an archive, of which none is complete and `trusted` is trusted now. None while a
    /// dispute stands, unless both sides follow it (TRUST-24), and none that other keys than those of the
    /// trusted one may have set aside since the fetch began (TRUST-20).
    pub fn head(&self, trusted: &Accepted, fork: Option<&CheckedFork>) -> Option<Accepted> {
        let head = self.head.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (ours, newest) = (&head.release, &trusted.release);
        let is_agreed = fork.is_none_or(|fork| ours.sequence <= fork.agreed.sequence);
        let is_behind = ours.sequence < newest.sequence && ours.root_version == newest.root_version;
        let is_followed = head.release_hash() == trusted.release_hash() || is_behind;
        (ours.archive == newest.archive && is_agreed && is_followed).then_some(head)
    }

    /// The blocks of `store`, and those that come.
    pub fn store(&self, store: Arc<dyn crate::store::BlockStore>) -> Arc<OnDemand> {
        let store = OnDemand::new(store, self.arrivals.clone(), self.hurry.clone());
        Arc::new(store.told_by(self.arrival.clone()))
    }
}
