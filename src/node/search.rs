//! The search for sources of a fetch, which goes on while the fetch runs.

use super::Ground;
use super::attempt::{Tried, attempt, attempt_host, refusal};
use super::fetcher::{FetchOnceError, FetchOptions, FetchReport, LOOK_NEAR};
use super::learn::{AtHand, Teller};
use super::near::{self, Near};
use super::place::{Place, wanted};
use crate::freshness::Agreement;
use crate::lan::Ports;
use crate::net::{Multiaddr, NetProfile};
use crate::store::StoreError;
use crate::store::acts::{self, Writer};
use crate::store::adopt::{followed_head, state_of};
use crate::store::complete::{Completed, complete_head, mark_complete};
use crate::sync::{
    Asked, FetchError, FetchJob, FetchProgress, FetchSummary, Giver, Reconnect, fetch_release,
    in_any_order,
};
use crate::web::HostSource;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::trust::{Accepted, State, Verdict, check_head, judge};
use yadgar_protocol::{ArchiveId, Hash};

/// Addresses dialled at the same time.
const DIALS: usize = 8;
/// Once one source has what is acceptable, the others get this long to show something newer. Those
/// that come later help with the blocks; a dead address costs no more than this.
const GRACE: Duration = Duration::from_secs(3);
/// Sources told to the fetch and not taken yet.
const SOURCES: usize = 64;

/// See the module.
pub struct Search {
    ground: Ground,
    archive: ArchiveId,
    tasks: JoinSet<(Place, Tried)>,
    places: Arc<Semaphore>,
    /// Finds neighbours, when that is wanted.
    near: Option<Near>,
    reached: BTreeSet<Giver>,
    /// Who has (some release of) the archive.
    holders: BTreeMap<Giver, Asked>,
    /// Where peers answered.
    reconnect: Reconnect,
    unreached: Vec<(String, String)>,
    refused: Option<String>,
    /// See [`GRACE`].
    grace: Duration,
    /// Sequences and hashes of the valid heads that sources showed.
    offered: Vec<(u64, Hash)>,
    /// The newest valid head that is older than the trusted one.
    older: Option<Accepted>,
}

impl Search {
    /// A search that has not begun.
    pub fn new(ground: Ground, archive: ArchiveId) -> Self {
        Self {
            ground,
            archive,
            tasks: JoinSet::new(),
            places: Arc::new(Semaphore::new(DIALS)),
            near: None,
            reached: BTreeSet::new(),
            holders: BTreeMap::new(),
            reconnect: Reconnect::default(),
            unreached: Vec::new(),
            refused: None,
            grace: GRACE,
            offered: Vec::new(),
            older: None,
        }
    }

    /// Finds sources and fetches the newest release that they have and the rules accept.
    ///
    /// # Errors
    /// See [`FetchOnceError`].
    pub async fn run(
        &mut self,
        options: FetchOptions,
        progress: watch::Sender<FetchProgress>,
        cancel: CancellationToken,
    ) -> Result<FetchReport, FetchOnceError> {
        self.grace = options.demand.as_ref().map_or(GRACE, |demand| demand.grace);
        self.dial(&options.addresses);
        self.ask_hosts(&options.hosts);
        self.near =
            options.lan.and_then(|mode| Near::start(NetProfile::Reader, mode, Ports::default()));
        self.ask_around(true).await;
        self.look().await?;
        loop {
            let Some(head) = self.followed().await?.filter(|_| !self.holders.is_empty()) else {
                return Err(self.nothing().await?);
            };
            let (report, stop) = (progress.clone(), cancel.clone());
            let (head, summary, fell_back) = match self.fetch(&head, &options, report, stop).await {
                Ok(summary) => (head, summary, false),
                Err(error) => {
                    let Some(older) = self.fall_back(&head, &error).await? else {
                        return Err(error);
                    };
                    let (report, stop) = (progress.clone(), cancel.clone());
                    let summary = self.fetch(&older, &options, report, stop).await?;
                    (older, summary, true)
                }
            };
            let id = head.release_hash();
            let now = self.followed().await?.map(|head| head.release_hash());
            if !fell_back && now != Some(id) {
                // A source that answered late showed a newer one, or another side of a dispute.
                continue;
            }
            let (ground, archive, bytes) = (self.ground.clone(), self.archive, head.bytes.clone());
            // Only now: a head is marked complete when everything of it is durable.
            let held = blocking(move || {
                acts::sweep_if_due(&ground.states, &*ground.store, &archive)?;
                mark_complete(&ground.states, &*ground.store, &archive, &bytes)
            });
            let held = match held.await? {
                Completed::Shown => None,
                Completed::Held(act) => Some(act),
            };
            let (reached, unreached) = (self.reached.len(), self.unreached.clone());
            let agreement = self.agreement(head.release.sequence, id);
            let near = self.near.as_ref().map(Near::good).unwrap_or_default();
            return Ok(FetchReport { head, summary, reached, unreached, agreement, held, near });
        }
    }

    /// How the sources stand to the release that was taken. The day is for who keeps it.
    fn agreement(&self, sequence: u64, id: Hash) -> Agreement {
        let same = self.offered.iter().filter(|(_, hash)| *hash == id).count() as u64;
        // One of the same number that was set aside is older, too.
        let older = |(at, hash): &&(u64, Hash)| *at <= sequence && *hash != id;
        let older = self.offered.iter().filter(older).count() as u64;
        let asked = (self.reached.len() + self.unreached.len()) as u64;
        let silent = asked.saturating_sub(same + older);
        Agreement { same, older, silent, day: String::new() }
    }

    fn note_older(&mut self, head: &[u8]) {
        let sequence = |head: &Accepted| head.release.sequence;
        if let Ok(head) = check_head(&self.archive, head)
            && self.older.as_ref().is_none_or(|held| sequence(held) < sequence(&head))
        {
            self.older = Some(head);
        }
    }

    /// The release to fetch instead of a trusted one that nobody has. Only when nothing is here
    /// complete, and only one that the trusted one follows; what is trusted stays.
    async fn fall_back(
        &self,
        trusted: &Accepted,
        error: &FetchOnceError,
    ) -> Result<Option<Accepted>, StoreError> {
        let nobody = FetchError::is_unavailable;
        let Some(older) = self.older.clone() else { return Ok(None) };
        if !matches!(error, FetchOnceError::Fetch(error) if nobody(error)) {
            return Ok(None);
        }
        let (states, store) = (self.ground.states.clone(), self.ground.store.clone());
        let (archive, newer) = (self.archive, trusted.bytes.clone());
        blocking(move || {
            if complete_head(&states, &archive)?.is_some() {
                return Ok(None);
            }
            let store = AtHand { found: BTreeMap::new(), store };
            let follows = matches!(
                judge(&archive, Some(&State::of(older.clone())), &newer, &store).verdict,
                Verdict::Accept(_)
            );
            Ok(follows.then_some(older))
        })
        .await
    }

    async fn followed(&self) -> Result<Option<Accepted>, StoreError> {
        let (states, archive) = (self.ground.states.clone(), self.archive);
        blocking(move || followed_head(&states, &archive)).await
    }

    /// Tries all addresses, some at a time.
    fn dial(&mut self, addresses: &[Multiaddr]) {
        for address in addresses {
            let (ground, archive, address) = (self.ground.clone(), self.archive, address.clone());
            let places = self.places.clone();
            self.tasks.spawn(async move {
                let _place = places.acquire_owned().await;
                let tried = attempt(&ground, archive, address.clone()).await;
                (Place::Address(address), tried)
            });
        }
    }

    /// Asks all hosts.
    fn ask_hosts(&mut self, hosts: &[Arc<HostSource>]) {
        for host in hosts {
            let (ground, archive, host) = (self.ground.clone(), self.archive, host.clone());
            let places = self.places.clone();
            self.tasks.spawn(async move {
                let _place = places.acquire_owned().await;
                let tried = attempt_host(&ground, archive, host.clone()).await;
                (Place::Host(host), tried)
            });
        }
    }

    /// Collects answers until all have come and nobody near is to be expected, or the first good
    /// one is old enough.
    async fn look(&mut self) -> Result<(), FetchOnceError> {
        let (mut until, patience): (Option<Instant>, _) = (None, Instant::now() + LOOK_NEAR);
        loop {
            let looking = self.near.is_some() && Instant::now() < patience;
            if self.tasks.is_empty() && !looking {
                return Ok(());
            }
            tokio::select! {
                Some(done) = self.tasks.join_next() => {
                    if self.tried(done)? {
                        until.get_or_insert(Instant::now() + self.grace);
                    }
                }
                address = near::next(&mut self.near) => self.dial(&[address]),
                () = tokio::time::sleep_until(patience), if looking => {}
                () = tokio::time::sleep_until(until.unwrap_or(patience)), if until.is_some() => return Ok(()),
            }
        }
    }

    /// Notes what came of an address; true when it has the release that is trusted.
    fn tried(
        &mut self,
        done: Result<(Place, Tried), tokio::task::JoinError>,
    ) -> Result<bool, FetchOnceError> {
        // A task that panicked took only itself down.
        let Ok((place, tried)) = done else { return Ok(false) };
        if let (Some(near), Place::Address(address)) = (&mut self.near, &place) {
            near.judged(address, matches!(tried, Tried::Head(..)));
        }
        // A neighbour may be found at several addresses.
        if let Tried::Head(teller, _, head) = &tried
            && !self.holders.contains_key(&teller.giver())
            && let Ok(head) = check_head(&self.archive, head)
        {
            self.offered.push((head.release.sequence, head.release_hash()));
        }
        let (teller, verdict) = match tried {
            Tried::Store(error) => return Err(error.into()),
            Tried::Unreached(why) => {
                self.unreached.push((place.to_string(), why));
                return Ok(false);
            }
            Tried::Blocks(teller) => {
                self.reached.insert(teller.giver());
                self.hold(teller);
                return Ok(false);
            }
            Tried::Useless(giver) => {
                self.reached.insert(giver);
                return Ok(false);
            }
            Tried::Head(teller, verdict, head) => {
                if matches!(verdict, Verdict::Older) {
                    self.note_older(&head);
                }
                (teller, verdict)
            }
        };
        if let (Teller::Peer(peer), Place::Address(address)) = (&teller, &place) {
            self.reconnect.note(*peer, address);
        }
        self.reached.insert(teller.giver());
        let why = match verdict {
            Verdict::Accept(_) | Verdict::Settled { .. } | Verdict::Known => {
                self.hold(teller);
                return Ok(true);
            }
            // Who has a side of a dispute may have what both sides agree on.
            Verdict::Older | Verdict::Fork(_) | Verdict::Forked => {
                self.hold(teller);
                return Ok(false);
            }
            verdict => refusal(&verdict),
        };
        self.refused = Some(why);
        Ok(false)
    }

    fn hold(&mut self, teller: Teller) {
        let giver = teller.giver();
        self.holders.entry(giver).or_insert_with(|| match teller {
            Teller::Peer(peer) => Asked::Peer(peer),
            Teller::Host(host) => Asked::Host(host),
        });
    }

    /// Why there is nothing to fetch.
    async fn nothing(&mut self) -> Result<FetchOnceError, StoreError> {
        let (states, archive) = (self.ground.states.clone(), self.archive);
        let state = blocking(move || state_of(&states, &archive)).await?;
        let disputed = state.is_some_and(|state| state.followed().is_none());
        Ok(match (self.reached.len(), self.refused.take()) {
            (0, _) if self.unreached.is_empty() => {
                FetchOnceError::NobodyNear(near::pages(&self.near))
            }
            (0, _) => FetchOnceError::Unreachable(std::mem::take(&mut self.unreached)),
            (_, _) if disputed => FetchOnceError::Disputed,
            (_, Some(why)) => FetchOnceError::Refused(why),
            (reached, None) => FetchOnceError::Unknown(reached),
        })
    }

    async fn fetch(
        &mut self,
        head: &Accepted,
        options: &FetchOptions,
        progress: watch::Sender<FetchProgress>,
        cancel: CancellationToken,
    ) -> Result<FetchSummary, FetchOnceError> {
        let parts = wanted(head, options.parts.as_deref())?;
        if let Some(began) = &options.began {
            began(head);
        }
        let (sources, queue) = mpsc::channel(SOURCES);
        let mut serving = progress.subscribe();
        let writer = Some(Writer::new(&self.ground.states, self.archive));
        let job = FetchJob {
            release: head.clone(),
            parts,
            denied: acts::denied(&self.ground.states, &self.archive)?,
            writer,
            store: self.ground.store.clone(),
            net: self.ground.net.clone(),
            sources: queue,
            progress,
            cancel,
            reconnect: self.reconnect.clone(),
            timing: options.timing,
            give_up: Some(options.give_up),
            hurry: options.demand.as_ref().map(|demand| demand.hurry.queue()),
        };
        let mut sources = self.tell(Some(sources));
        let mut job = std::pin::pin!(fetch_release(job));
        loop {
            tokio::select! {
                result = &mut job => return Ok(result?),
                Some(done) = self.tasks.join_next() => {
                    self.tried(done)?;
                    sources = self.tell(sources);
                }
                address = near::next(&mut self.near) => self.dial(&[address]),
                Ok(()) = serving.changed() => {
                    let served = serving.borrow_and_update().sources > 0;
                    self.ask_around(!served).await;
                }
            }
        }
    }

    /// Asks the LAN, or is silent there. Each question is something that others can see, so none is asked while
    /// somebody serves.
    async fn ask_around(&mut self, ask: bool) {
        let wanted = if ask { vec![(self.archive, false)] } else { Vec::new() };
        if let Some(near) = &mut self.near {
            near.archives(wanted).await;
        }
    }

    /// Tells the fetch of all sources. Gives the channel back while more may come; without it the
    /// fetch knows that it has to do with those it has.
    fn tell(&self, sources: Option<mpsc::Sender<Asked>>) -> Option<mpsc::Sender<Asked>> {
        let sources = sources?;
        for asked in in_any_order(self.holders.values().cloned()) {
            let _ = sources.try_send(asked);
        }
        (!self.tasks.is_empty() || self.near.is_some()).then_some(sources)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|e| Err(StoreError::Damaged(format!("the work on the store ended: {e}"))))
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
