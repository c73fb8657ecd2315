//! One archive that a mirror follows: who has it, and the fetch under way.

use super::Ground;
use crate::freshness::Agreement;
use crate::net::PeerId;
use crate::store::StoreError;
use crate::store::acts::{self, Writer};
use crate::store::adopt::followed_head;
use crate::store::complete::complete_head;
use crate::sync::{
    Asked, FetchError, FetchJob, FetchProgress, FetchSummary, Giver, Host as _, WireCount,
    fetch_release, in_any_order,
};
use crate::web::HostSource;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::sync::gossip_topic;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, Hash};

/// Sources told to a job and not taken yet; more are offered again at the next head exchange.
const SOURCES: usize = 64;

/// A fetch under way.
struct Job {
    cancel: CancellationToken,
    sources: mpsc::Sender<Asked>,
    progress: watch::Receiver<FetchProgress>,
    /// The release that it fetches.
    release: Hash,
    /// Tells it from one of the same release that it replaced.
    number: u64,
}

/// The release that is here complete. Two of one number are told apart by their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its sequence.
    pub sequence: u64,
    /// Hash of its payload.
    pub hash: Hash,
}

impl Shown {
    /// Of a head.
    pub fn of(head: &Accepted) -> Self {
        Self { sequence: head.release.sequence, hash: head.release_hash() }
    }
}

/// What is known of an archive that is followed.
pub struct Follow {
    /// The archive.
    pub archive: ArchiveId,
    /// Its gossip topic.
    pub topic: String,
    /// Connected peers that have a head of it.
    pub holders: BTreeSet<PeerId>,
    /// Web hosts that have one.
    hosts: BTreeMap<u32, Arc<HostSource>>,
    /// The newest accepted release; none while that is one side of a fork (TRUST-24).
    pub trusted: Option<Accepted>,
    /// The release that is here complete.
    pub complete: Option<Shown>,
    /// The one that was told as complete last.
    told_complete: Option<Shown>,
    /// What web hosts and connected peers that we dialled have, as they answered: true for the trusted release. Only
    /// those: whoever dials us costs nothing and could be many.
    answers: BTreeMap<Giver, bool>,
    /// Something of that is not kept yet.
    answered: bool,
    /// Hash of a release that is here whole and waits for the operator (HOLD-3): not fetched again.
    pub held: Option<Hash>,
    /// Notices that were told by gossip since the start.
    pub told: BTreeSet<Hash>,
    /// How many files were denied when the fetch under way began.
    denied: usize,
    /// Names of the parts to keep; `None` for all.
    parts: Option<Vec<String>>,
    /// Everything is to be looked at once more, even if it was noted as complete: other parts may
    /// be wanted now, or the disk may have lost something since.
    recheck: bool,
    job: Option<Job>,
    /// What the jobs that have ended got over the wire.
    pub wire: WireCount,
    /// Jobs started so far.
    jobs: u64,
}

impl Follow {
    /// An archive with the state that is on disk.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(ground: &Ground, archive: ArchiveId) -> Result<Self, StoreError> {
        let mut follow = Self {
            archive,
            topic: gossip_topic(&archive),
            holders: BTreeSet::new(),
            hosts: BTreeMap::new(),
            trusted: None,
            complete: None,
            told_complete: None,
            answers: BTreeMap::new(),
            answered: false,
            held: None,
            told: BTreeSet::new(),
            denied: 0,
            parts: None,
            recheck: true,
            job: None,
            wire: WireCount::default(),
            jobs: 0,
        };
        follow.reload(ground)?;
        Ok(follow)
    }

    /// Reads the state again, after somebody else may have changed it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn reload(&mut self, ground: &Ground) -> Result<(), StoreError> {
        self.heads(ground)?;
        let waiting = acts::held(&ground.states, &self.archive)?;
        // After the operator's yes or no it is to be looked at again.
        if !waiting.iter().any(|act| act.drops) {
            self.held = None;
        }
        let denied = acts::denied(&ground.states, &self.archive)?.list().count();
        if self.job.is_some() && self.denied != denied {
            // What the fetch asks for is no longer wanted.
            self.recheck = true;
            self.cancel();
        }
        let parts = ground.states.settings(&self.archive)?.parts;
        if self.parts != parts {
            self.parts = parts;
            self.recheck = true;
            self.cancel();
        }
        Ok(())
    }

    /// Reads again what is trusted and what is complete. A disk that
    /// cannot be read now is read at the next occasion.
    pub fn refresh(&mut self, ground: &Ground) {
        if let Err(error) = self.heads(ground) {
            tracing::warn!(%error, "what is trusted could not be read again");
        }
    }

    /// The same, if the disk has another head than this.
    pub fn refresh_if_changed(&mut self, ground: &Ground) {
        let held = self.trusted.as_ref().map(|head| &head.bytes);
        if ground.states.trusted(&self.archive).is_ok_and(|bytes| bytes.as_ref() != held) {
            self.refresh(ground);
        }
    }

    fn heads(&mut self, ground: &Ground) -> Result<(), StoreError> {
        let before = self.trusted.as_ref().map(Accepted::release_hash);
        self.trusted = followed_head(&ground.states, &self.archive)?;
        let complete = complete_head(&ground.states, &self.archive)?;
        self.complete = complete.as_ref().map(Shown::of);
        let followed = self.trusted.as_ref().map(Accepted::release_hash);
        if self.job.as_ref().is_some_and(|job| Some(job.release) != followed) {
            // Newer, disputed or set aside: what it fetches is no longer wanted. What it was to look at
            // has to be looked at again.
            self.recheck = true;
            self.cancel();
        }
        if followed != before {
            // They were asked about another one.
            self.answers.clear();
            self.answered |= before.is_some();
        }
        Ok(())
    }

    /// True while what is trusted is not here whole, or nothing is known yet; not when it waits for the operator.
    pub fn lacks(&self) -> bool {
        let complete = self.complete.map(|complete| complete.hash);
        match self.trusted.as_ref().map(Accepted::release_hash) {
            Some(trusted) => complete != Some(trusted) && self.held != Some(trusted),
            None => complete.is_none(),
        }
    }

    /// The complete release, when it is another one than was told last.
    pub fn untold_complete(&mut self) -> Option<Shown> {
        let new = self.complete.filter(|now| self.told_complete != Some(*now));
        self.told_complete = self.complete;
        new
    }

    /// A web host or a connected peer that we dialled has the trusted release, or an older one.
    pub fn answer(&mut self, from: Giver, same: bool) {
        self.answered |= self.trusted.is_some() && self.answers.insert(from, same) != Some(same);
    }

    /// A connection ended.
    pub fn lost(&mut self, peer: &PeerId) {
        self.holders.remove(peer);
        self.answers.remove(&Giver::Peer(*peer));
    }

    /// What so many sources have, if that is not kept yet; nothing, when none was asked about a new
    /// release. The day is for who keeps it.
    pub fn agreement(&mut self, asked: usize) -> Option<Agreement> {
        if !std::mem::take(&mut self.answered) {
            return None;
        }
        if self.answers.is_empty() {
            return Some(Agreement::default());
        }
        let same = self.answers.values().filter(|same| **same).count();
        let older = self.answers.len() - same;
        let silent = asked.saturating_sub(self.answers.len());
        let [same, older, silent] = [same, older, silent].map(|count| count as u64);
        Some(Agreement { same, older, silent, day: String::new() })
    }

    /// Blocks of what is complete may be missing: everything is looked at once more.
    pub fn look_again(&mut self) {
        self.recheck = true;
    }

    /// How far the fetch under way is.
    pub fn progress(&self) -> Option<FetchProgress> {
        self.job.as_ref().map(|job| job.progress.borrow().clone())
    }

    /// A connected peer has (some release of) the archive.
    pub fn add_holder(&mut self, peer: PeerId) {
        self.holders.insert(peer);
        if let Some(job) = &self.job {
            // A full queue means that the job has plenty to choose from.
            let _ = job.sources.try_send(peer.into());
        }
    }

    /// A web host has (some release of) the archive.
    pub fn add_host(&mut self, host: Arc<HostSource>) {
        self.hosts.insert(host.number(), host.clone());
        if let Some(job) = &self.job {
            let _ = job.sources.try_send(Asked::Host(host));
        }
    }

    /// Forgets the web hosts that are not `known` any more.
    pub fn keep_hosts(&mut self, known: &[Arc<HostSource>]) {
        let is = |number: &u32| known.iter().any(|host| host.number() == *number);
        self.hosts.retain(|number, _| is(number));
        self.answers.retain(|giver, _| match giver {
            Giver::Host(number) => is(number),
            Giver::Peer(_) => true,
        });
    }

    /// The numbers of the web hosts that the next fetch asks.
    #[cfg(test)]
    pub fn host_numbers(&self) -> Vec<u32> {
        self.hosts.keys().copied().collect()
    }

    /// True while something is fetched.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// The release that should be fetched now, if any.
    fn wanted(&self) -> Option<&Accepted> {
        let trusted = self.trusted.as_ref()?;
        let hash = trusted.release_hash();
        let running = self.job.as_ref().is_some_and(|job| job.release == hash);
        let here = self.complete.is_some_and(|shown| shown.hash == hash);
        let lacks = self.recheck || !(here || self.held == Some(hash));
        (lacks && !running).then_some(trusted)
    }

    /// Starts the fetch that is needed, in place of one of another release. The future does the
    /// work; it ends with [`Follow::ended`].
    ///
    /// # Errors
    /// When it cannot be read what is withdrawn: then nothing is fetched.
    pub fn start(
        &mut self,
        ground: &Ground,
    ) -> Result<Option<impl Future<Output = Fetched> + Send + use<>>, StoreError> {
        let Some(release) = self.wanted().cloned() else { return Ok(None) };
        let writer = Some(Writer::new(&ground.states, self.archive));
        let denied = acts::denied(&ground.states, &self.archive)?;
        self.denied = denied.list().count();
        let all = release.release.parts.iter().map(|p| p.name.clone());
        let parts = all.filter(|n| self.parts.as_ref().is_none_or(|w| w.contains(n))).collect();
        self.cancel();
        self.recheck = false;
        let (sources, queue) = mpsc::channel(SOURCES);
        let peers = self.holders.iter().map(|peer| Asked::from(*peer));
        let hosts = self.hosts.values().map(|host| Asked::Host(host.clone()));
        for asked in in_any_order(hosts.chain(peers)) {
            let _ = sources.try_send(asked);
        }
        let (report, progress) = watch::channel(FetchProgress::default());
        let cancel = CancellationToken::new();
        let hash = release.release_hash();
        self.jobs += 1;
        let (number, seen) = (self.jobs, progress.clone());
        self.job = Some(Job { cancel: cancel.clone(), sources, progress, release: hash, number });
        let archive = self.archive;
        let job = FetchJob {
            release: release.clone(),
            parts,
            denied,
            writer,
            store: ground.store.clone(),
            net: ground.net.clone(),
            sources: queue,
            progress: report,
            cancel,
            reconnect: Default::default(),
            timing: ground.timing,
            give_up: None,
            hurry: None,
        };
        Ok(Some(async move {
            let result = fetch_release(job).await;
            let wire = seen.borrow().wire;
            Fetched { archive, number, release, wire, result }
        }))
    }

    /// A job ended, well or not; true when it was the one under way and not one that was replaced.
    pub fn ended(&mut self, number: u64, well: bool) -> bool {
        let ours = self.job.as_ref().is_some_and(|job| job.number == number);
        if ours {
            self.job = None;
            // Whatever it was to look at has to be looked at again.
            self.recheck |= !well;
        }
        ours
    }

    /// Ends the fetch under way. What it stored stays.
    pub fn cancel(&mut self) {
        if let Some(job) = self.job.take() {
            job.cancel.cancel();
        }
    }
}

/// How a job ended.
pub struct Fetched {
    /// The archive.
    pub archive: ArchiveId,
    /// Which job.
    pub number: u64,
    /// The release it was to fetch.
    pub release: Accepted,
    /// What it got over the wire, whatever came of it.
    pub wire: WireCount,
    /// What came of it.
    pub result: Result<FetchSummary, FetchError>,
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
