//! The search for sources of one archive, and the fetch from those that are found.

use super::Keep;
use super::archive::remember;
use super::consider::{ConsiderError, Outcome, consider};
use super::fetcher::{FetchOnceError, FetchOptions, FetchReport, FetchStep};
use super::job::wanted;
use crate::net::{DialError, Multiaddr, NetHandle, PeerId};
use crate::store::StoreError;
use crate::store::adopt::{complete_head, trusted_head};
use crate::sync::{End, FetchJob, FetchProgress, FetchSummary, Session, fetch_release};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::trust::Accepted;

/// Sources that wait for the fetch to take them.
const SOURCES: usize = 64;

/// A source and what its head was worth.
struct Found {
    peer: PeerId,
    outcome: Outcome,
    /// Its head, checked by itself.
    has: Option<Accepted>,
}

enum Tried {
    NotReached(DialError),
    NotAsked(End),
    Store(StoreError),
    NoHead,
    Head(Found),
}

/// See the module.
pub struct Search {
    keep: Keep,
    net: NetHandle,
    archive: ArchiveId,
    options: FetchOptions,
    step: watch::Sender<FetchStep>,
    found: Vec<Found>,
    failures: Vec<(String, String)>,
    tasks: JoinSet<(String, Tried)>,
}

impl Search {
    /// A search that has not begun.
    pub fn new(
        keep: Keep,
        net: NetHandle,
        archive: ArchiveId,
        options: FetchOptions,
        step: watch::Sender<FetchStep>,
    ) -> Self {
        let (found, failures) = (Vec::new(), Vec::new());
        Self { keep, net, archive, options, step, found, failures, tasks: JoinSet::new() }
    }

    /// Finds sources, takes the newest head that is acceptable, fetches its release.
    ///
    /// # Errors
    /// See [`FetchOnceError`].
    pub async fn run(
        mut self,
        texts: BTreeSet<String>,
        invite: &Invite,
    ) -> Result<FetchReport, FetchOnceError> {
        self.dial(texts);
        self.look().await?;
        loop {
            let Some(head) = self.trusted().await? else { return Err(self.nothing()) };
            let report = self.get(head, invite).await?;
            // A source that answered late may have known of a newer one.
            let newest = self.trusted().await?.map_or(0, |head| head.release.sequence);
            if newest <= report.head.release.sequence {
                return Ok(FetchReport { failures: self.failures, ..report });
            }
        }
    }

    async fn trusted(&self) -> Result<Option<Accepted>, StoreError> {
        let archive = self.archive;
        self.keep.blocking(move |k| trusted_head(&k.states, &archive)).await
    }

    async fn get(
        &mut self,
        head: Accepted,
        invite: &Invite,
    ) -> Result<FetchReport, FetchOnceError> {
        let archive = self.archive;
        let parts = self.remember(invite, &head).await?;
        let complete = self.keep.blocking(move |k| complete_head(&k.states, &archive)).await?;
        let was_complete = complete.is_some_and(|c| c.release_hash() == head.release_hash());
        if !was_complete && self.sources_of(&head).is_empty() {
            let older = self.found.iter().any(|f| matches!(f.outcome, Outcome::Older));
            let trusted = head.release.sequence;
            return Err(match older {
                true => FetchOnceError::OnlyOlder {
                    trusted,
                    failures: std::mem::take(&mut self.failures),
                },
                false => self.nothing(),
            });
        }
        let summary = self.fetch(&head, parts.clone()).await?;
        let bytes = head.bytes.clone();
        self.keep.blocking(move |k| k.states.set_complete(&archive, &bytes)).await?;
        Ok(FetchReport { head, parts, was_complete, summary, failures: Vec::new() })
    }

    /// Tries all addresses at the same time.
    fn dial(&mut self, texts: BTreeSet<String>) {
        for text in texts {
            let Ok(addr) = text.parse::<Multiaddr>() else {
                self.failures.push((text, "not an address".into()));
                continue;
            };
            let (net, keep, archive) = (self.net.clone(), self.keep.clone(), self.archive);
            let stall = self.options.timing.stall;
            self.tasks.spawn(async move { (text, ask(&net, &keep, addr, archive, stall).await) });
        }
        let addresses = self.tasks.len();
        self.step.send_modify(|step| step.addresses = addresses);
    }

    /// Collects answers until all have come, the time is up, or the first good one is old enough.
    async fn look(&mut self) -> Result<(), FetchOnceError> {
        let mut until = tokio::time::Instant::now() + self.options.find;
        while let Ok(Some(done)) = tokio::time::timeout_at(until, self.tasks.join_next()).await {
            let Ok((text, tried)) = done else { continue };
            self.tried(text, tried)?;
            if self.found.iter().any(|f| f.outcome.has_trusted()) {
                until = until.min(tokio::time::Instant::now() + self.options.grace);
            }
        }
        Ok(())
    }

    fn tried(&mut self, text: String, tried: Tried) -> Result<(), FetchOnceError> {
        let reached = !matches!(tried, Tried::NotReached(_));
        self.step.send_modify(|step| step.reached += usize::from(reached));
        let why = match tried {
            Tried::Store(error) => return Err(error.into()),
            Tried::NotReached(error) => error.to_string(),
            Tried::NotAsked(error) => error.to_string(),
            Tried::NoHead => "does not know this archive".into(),
            Tried::Head(found) => {
                let why = describe(&found.outcome);
                self.found.push(found);
                let Some(why) = why else { return Ok(()) };
                why
            }
        };
        self.failures.push((text, why));
        Ok(())
    }

    /// The error when there is no release to fetch.
    fn nothing(&mut self) -> FetchOnceError {
        let reached = self.step.borrow().reached;
        let failures = std::mem::take(&mut self.failures);
        if let Some(why) = self.found.iter().find_map(|found| describe(&found.outcome)) {
            return FetchOnceError::Refused(why);
        }
        match reached {
            0 => FetchOnceError::NoneReachable(failures),
            _ => FetchOnceError::Unknown(failures),
        }
    }

    /// Writes down what the user wants, and gives the parts of this release that are.
    async fn remember(
        &self,
        invite: &Invite,
        head: &Accepted,
    ) -> Result<Vec<String>, FetchOnceError> {
        remember(&self.keep, invite).await?;
        let (archive, parts) = (self.archive, self.options.parts.clone());
        let settings = self.keep.blocking(move |keep| {
            let mut settings = keep.states.settings(&archive)?;
            settings.parts = parts.or(settings.parts);
            if settings.source.is_empty() {
                settings.source = "peer".into();
            }
            keep.states.set_settings(&archive, &settings)?;
            Ok(settings)
        });
        Ok(wanted(&head.release, settings.await?.parts.as_deref()))
    }

    /// Peers that have exactly this release.
    fn sources_of(&self, head: &Accepted) -> Vec<PeerId> {
        let hash = head.release_hash();
        let has = |f: &&Found| f.has.as_ref().is_some_and(|h| h.release_hash() == hash);
        self.found.iter().filter(has).map(|f| f.peer).collect()
    }

    /// Tells a fetch of all sources. Gives the channel back while more may come; without it the
    /// fetch knows that it has to do with those it has.
    fn tell(
        &self,
        sources: Option<mpsc::Sender<PeerId>>,
        head: &Accepted,
    ) -> Option<mpsc::Sender<PeerId>> {
        let sources = sources?;
        for peer in self.sources_of(head) {
            let _ = sources.try_send(peer);
        }
        (!self.tasks.is_empty()).then_some(sources)
    }

    async fn fetch(
        &mut self,
        head: &Accepted,
        parts: Vec<String>,
    ) -> Result<FetchSummary, FetchOnceError> {
        let name = (head.release.sequence, head.name().to_owned());
        self.step.send_modify(|step| step.release = Some(name));
        let (sources, inbox) = mpsc::channel(SOURCES);
        let mut sources = self.tell(Some(sources), head);
        let (progress, mut watch) = watch::channel(FetchProgress::default());
        let job = FetchJob {
            release: head.clone(),
            parts,
            store: self.keep.store.clone(),
            net: self.net.clone(),
            sources: inbox,
            progress,
            cancel: CancellationToken::new(),
            timing: self.options.timing,
            give_up: Some(self.options.give_up),
        };
        let mut job = std::pin::pin!(fetch_release(job));
        loop {
            tokio::select! {
                result = &mut job => {
                    let last = watch.borrow().clone();
                    self.step.send_modify(|step| step.fetch = last);
                    return Ok(result?);
                }
                Ok(()) = watch.changed() => {
                    let now = watch.borrow_and_update().clone();
                    self.step.send_modify(|step| step.fetch = now);
                }
                // Whoever answers late helps too.
                Some(Ok((text, tried))) = self.tasks.join_next() => {
                    self.tried(text, tried)?;
                    sources = self.tell(sources, head);
                }
            }
        }
    }
}

/// Why a head is of no use; `None` when it is.
fn describe(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Accepted(_) | Outcome::Known(_) => None,
        Outcome::Older => Some("has only an older release".into()),
        Outcome::SupersededRoot => Some("signed by keys that have been replaced".into()),
        Outcome::NeedsAncestor(_) => Some("cannot show the releases in between".into()),
        Outcome::Refused(reject) => Some(reject.to_string()),
        Outcome::Fork | Outcome::RootFork => outcome.warning().map(Into::into),
    }
}

/// Connects, asks for the head, and has it judged.
async fn ask(
    net: &NetHandle,
    keep: &Keep,
    addr: Multiaddr,
    archive: ArchiveId,
    stall: Duration,
) -> Tried {
    let peer = match net.dial(addr).await {
        Ok(peer) => peer,
        Err(error) => return Tried::NotReached(error),
    };
    match ask_peer(net, keep, peer, archive, stall).await {
        Ok(Some(found)) => Tried::Head(found),
        Ok(None) => Tried::NoHead,
        Err(ConsiderError::End(end)) => Tried::NotAsked(end),
        Err(ConsiderError::Store(error)) => Tried::Store(error),
    }
}

async fn ask_peer(
    net: &NetHandle,
    keep: &Keep,
    peer: PeerId,
    archive: ArchiveId,
    stall: Duration,
) -> Result<Option<Found>, ConsiderError> {
    let mut session = Session::open(net, peer, stall).await?;
    let Some(head) = session.heads(&[archive]).await?.remove(&archive).flatten() else {
        return Ok(None);
    };
    let outcome = consider(keep, archive, head.clone(), Some(&mut session)).await?;
    let has = yadgar_protocol::trust::check_head(&archive, &head).ok();
    let _ = session.finish().await;
    Ok(Some(Found { peer, outcome, has }))
}
