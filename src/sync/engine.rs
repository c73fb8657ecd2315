//! The thread of a fetch that owns the plan and the store.
//!
//! It runs where blocking is allowed: every step may read or write the disk. It learns of streams
//! and answers from a bounded queue and hands out wants without ever waiting for a stream.

mod asking;
mod hurrying;
mod taking;

use super::Timing;
use super::fetch::{FetchError, FetchProgress, FetchSummary, Inbox, SourceCount};
use super::flusher::Flusher;
use super::giver::Giver;
use super::source::{Event, Wants};
use super::window::Window;
use crate::store::BlockStore;
use crate::store::acts::Writer;
use hurrying::Hurrying;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::release::Release;
use yadgar_protocol::sync::{PlanError, Planner, SourceId, Status};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// The longest wait for an event.
const WAIT: Duration = Duration::from_millis(250);
/// The first time sources are asked again comes earlier by this factor.
const FIRST_AGAIN: u32 = 16;
/// Events taken at once.
const BATCH: usize = 8;

/// A stream that takes wants.
struct Source {
    giver: Giver,
    wants: mpsc::Sender<Wants>,
    window: Window,
    /// When it last delivered, or was first asked.
    delivered: Instant,
    /// Its wants went to others because it was slow; it gets new ones when it delivers again.
    robbed: bool,
    /// The last question to the planner gave nothing to ask of it.
    idle: bool,
    /// Since all were asked again: the bytes that it gave, and whether it lacked something.
    gave: u64,
    lacked: bool,
    /// It came up since then.
    new: bool,
}

impl Source {
    /// It lacks what is missing, and owes nothing.
    fn has_nothing(&self) -> bool {
        self.lacked && self.window.blocks() == 0
    }
}

/// Who is told that a fetch only waits, and for which release.
type Resting<'a> = Option<(&'a Writer, &'a Release)>;

/// See the module.
pub(super) struct Engine {
    planner: Planner,
    store: Arc<dyn BlockStore>,
    timing: Timing,
    give_up: Option<Duration>,
    sources: BTreeMap<SourceId, Source>,
    counts: BTreeMap<Giver, SourceCount>,
    summary: FetchSummary,
    damaged: Option<PlanError>,
    parts: Vec<String>,
    flusher: Flusher,
    /// When something useful last happened.
    useful: Instant,
    /// When sources that lack something were last asked again, and how long until the next time.
    asked_again: Instant,
    again: Duration,
    started: Instant,
    /// No more sources can come.
    closed: bool,
    hurrying: Hurrying,
    /// How many sources wait for a place.
    waiting: Arc<AtomicUsize>,
}

impl Engine {
    /// Keeps the payload of the release, so that it can be served as an ancestor, and plans.
    pub(super) fn new(
        release: &Accepted,
        parts: &[String],
        denied: &Denied,
        store: Arc<dyn BlockStore>,
        timing: Timing,
        give_up: Option<Duration>,
    ) -> Result<Self, FetchError> {
        let payload = release.head.release.payload.clone();
        store.put(vec![Packed::plain(yadgar_protocol::Codec::DagCbor, payload)])?;
        let planner =
            Planner::new(&release.release, parts, reader(&store))?.without(denied.clone());
        let now = Instant::now();
        Ok(Self {
            planner,
            flusher: Flusher::new(store.clone(), now),
            store,
            timing,
            give_up,
            sources: BTreeMap::new(),
            counts: BTreeMap::new(),
            summary: FetchSummary::default(),
            damaged: None,
            parts: parts.to_vec(),
            useful: now,
            asked_again: now,
            again: timing.ask_again / FIRST_AGAIN,
            started: now,
            closed: false,
            hurrying: Hurrying::default(),
            waiting: Arc::default(),
        })
    }

    /// The same, and as many peers as others wait for their places are let go when they have nothing.
    pub(super) fn beside(mut self, others: Arc<AtomicUsize>) -> Self {
        self.waiting = others;
        self
    }

    /// The same, and blocks that are sent here go before the others.
    pub(super) fn hurried_by(mut self, queue: Option<mpsc::Receiver<(BlockId, u64)>>) -> Self {
        self.hurrying = Hurrying::new(queue, Instant::now());
        self
    }

    /// Works until the plan is done or cannot be.
    pub(super) fn run(
        mut self,
        mut inbox: Inbox,
        progress: &watch::Sender<FetchProgress>,
        cancel: &CancellationToken,
        runtime: &tokio::runtime::Handle,
        rest: Resting<'_>,
    ) -> Result<FetchSummary, FetchError> {
        let result = self.work(&mut inbox, progress, cancel, runtime, rest);
        // What came is kept, whatever happened.
        let flushed = self.flusher.finish();
        progress.send_replace(self.progress());
        result?;
        flushed?;
        self.summary.sources = self.counts.into_iter().collect();
        self.summary.bytes_present_before = self.planner.progress().bytes_present_before;
        self.summary.time = self.started.elapsed();
        Ok(self.summary)
    }

    fn work(
        &mut self,
        inbox: &mut Inbox,
        progress: &watch::Sender<FetchProgress>,
        cancel: &CancellationToken,
        runtime: &tokio::runtime::Handle,
        rest: Resting<'_>,
    ) -> Result<(), FetchError> {
        loop {
            self.refresh(Instant::now());
            let again = self.ask()?;
            progress.send_replace(self.progress());
            match self.planner.status() {
                Status::Done => return Ok(()),
                Status::Stuck { missing } => self.stuck(missing)?,
                Status::Working if self.sources.is_empty() && !again => self.stuck(0)?,
                Status::Working => self.rob_the_slow(),
            }
            if cancel.is_cancelled() {
                return Err(FetchError::Cancelled);
            }
            if !again && self.only_waits() {
                rest.inspect(|(writer, release)| writer.rest(release));
            }
            let events = self.wait(inbox, !again, cancel, runtime);
            if !events.is_empty() {
                rest.inspect(|(writer, _)| writer.go_on());
            }
            self.take(events)?;
            self.flusher.go_on(Instant::now())?;
        }
    }

    /// Waits for an event and takes all that have come, up to a batch.
    fn wait(
        &mut self,
        inbox: &mut Inbox,
        may_wait: bool,
        cancel: &CancellationToken,
        runtime: &tokio::runtime::Handle,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let mut hurried = None;
        if may_wait && !self.closed {
            let first = runtime.block_on(async {
                tokio::select! {
                    event = inbox.recv() => Some(event),
                    one = self.hurrying.next() => {
                        hurried = Some(one);
                        None
                    }
                    () = cancel.cancelled() => None,
                    () = tokio::time::sleep(WAIT) => None,
                }
            });
            match first {
                Some(Some(event)) => events.push(event),
                Some(None) => self.closed = true,
                None => {}
            }
        }
        self.hurry(hurried, Instant::now());
        while events.len() < BATCH
            && let Ok(event) = inbox.try_recv()
        {
            events.push(event);
        }
        events
    }

    /// True when nothing can come before somebody is there who has what is missing.
    fn only_waits(&self) -> bool {
        let nobody = self.sources.is_empty();
        let nothing = matches!(self.planner.status(), Status::Stuck { .. });
        self.planner.progress().in_flight == 0 && (nobody || nothing)
    }

    /// Nobody has what is missing: wait until they are asked again, or give up.
    fn stuck(&mut self, missing: u64) -> Result<(), FetchError> {
        let over = self.give_up.is_some_and(|time| self.useful.elapsed() >= time);
        let alone = self.sources.is_empty() && self.closed;
        if missing == 0
            && let Some(error) = self.damaged.take()
        {
            return Err(FetchError::Damaged(error));
        }
        if alone && self.summary.blocks == 0 {
            return Err(FetchError::NoSources);
        }
        if alone || over {
            return Err(FetchError::Stuck { missing });
        }
        Ok(())
    }

    /// Forgets now and then what the sources lacked: they may have got it meanwhile, and what they were
    /// asked stays asked. Also while there is other work, or a source that is filling up would bring
    /// nothing new until all others have run dry.
    fn refresh(&mut self, now: Instant) {
        if now.saturating_duration_since(self.asked_again) >= self.again {
            self.asked_again = now;
            // A small update spreads in seconds; a long fetch need not ask so often.
            self.again = (self.again * 2).min(self.timing.ask_again);
            self.let_go();
            self.sources.keys().for_each(|id| self.planner.add_source(*id));
            let all = self.sources.values_mut();
            all.for_each(|source| (source.gave, source.lacked, source.new) = (0, false, false));
        }
    }

    /// While others wait, peers that have nothing make room, or many of them would keep out the one that has it; in a long
    /// fetch, where all have something, the one that gave least, for the same reason. Hosts are few, and somebody named
    /// them.
    fn let_go(&mut self) {
        let others = self.waiting.load(Relaxed);
        let peers = || {
            let peer = |source: &Source| matches!(source.giver, Giver::Peer(_));
            self.sources.iter().filter(move |(_, source)| peer(source))
        };
        let idle = peers().filter(|(_, source)| source.has_nothing());
        let mut gone: Vec<_> = idle.map(|(id, _)| *id).take(others).collect();
        if gone.is_empty() && others > 0 && self.again == self.timing.ask_again {
            let all_along = peers().filter(|(_, source)| !source.new);
            gone.extend(all_along.min_by_key(|(_, source)| source.gave).map(|(id, _)| *id));
        }
        for id in gone {
            self.sources.remove(&id);
            self.planner.remove_source(id);
        }
    }

    fn progress(&self) -> FetchProgress {
        let plan = self.planner.progress();
        let done = self.parts.iter().filter(|name| self.planner.part_done(name));
        FetchProgress {
            blocks_done: plan.blocks_done,
            bytes_done: plan.bytes_done,
            bytes_total: plan.bytes_total,
            files_total: plan.files_total,
            bytes_present_before: plan.bytes_present_before,
            wire: self.summary.wire(),
            sources: self.sources.len(),
            parts_done: done.cloned().collect(),
            stuck: match self.planner.status() {
                Status::Stuck { missing } => Some(missing),
                _ => None,
            },
        }
    }
}

/// The store as the planner sees it.
fn reader(store: &Arc<dyn BlockStore>) -> &dyn ReadBlocks {
    &**store
}

/// A damaged part does not stop the others; a store that fails does.
fn note_damage(damaged: &mut Option<PlanError>, error: PlanError) -> Result<(), FetchError> {
    match error {
        PlanError::Local(error) => Err(error.into()),
        error @ PlanError::Damaged { .. } => {
            damaged.get_or_insert(error);
            Ok(())
        }
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
