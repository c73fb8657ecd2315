//! The thread of a fetch that owns the plan and the store.
//!
//! It runs where blocking is allowed: every step may read or write the disk. It learns of streams
//! and answers from a bounded queue and hands out wants without ever waiting for a stream.

use super::Timing;
use super::fetch::{FetchError, FetchProgress, FetchSummary, Inbox, SourceCount};
use super::source::Event;
use super::window::Window;
use crate::net::PeerId;
use crate::store::BlockStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::limits::{MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME};
use yadgar_protocol::sync::{Answer, Budget, PlanError, Planner, Received, SourceId, Status};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// Bytes after which what came is made durable.
const FLUSH_BYTES: u64 = 16 * 1024 * 1024;
/// Time after which it is.
const FLUSH_TIME: Duration = Duration::from_secs(1);
/// The longest wait for an event.
const WAIT: Duration = Duration::from_millis(250);
/// Events taken at once.
const BATCH: usize = 64;
/// Blocks looked up in one step while nobody can be asked.
const LOOKS: usize = 1024;

/// A stream that takes wants.
struct Source {
    peer: PeerId,
    wants: mpsc::Sender<Vec<BlockId>>,
    window: Window,
    /// When it last delivered, or was first asked.
    delivered: Instant,
    /// Its wants went to others because it was slow; it gets new ones when it delivers again.
    robbed: bool,
    /// The last question to the planner gave nothing to ask of it.
    idle: bool,
}

/// See the module.
pub(super) struct Engine {
    planner: Planner,
    store: Arc<dyn BlockStore>,
    timing: Timing,
    give_up: Option<Duration>,
    sources: BTreeMap<SourceId, Source>,
    counts: BTreeMap<PeerId, SourceCount>,
    summary: FetchSummary,
    damaged: Option<PlanError>,
    parts: Vec<String>,
    /// Bytes put and not flushed, and since when.
    unflushed: u64,
    flushed: Instant,
    /// When something useful last happened.
    useful: Instant,
    /// When sources that lack something were last asked again.
    asked_again: Instant,
    started: Instant,
    /// No more sources can come.
    closed: bool,
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
            store,
            timing,
            give_up,
            sources: BTreeMap::new(),
            counts: BTreeMap::new(),
            summary: FetchSummary::default(),
            damaged: None,
            parts: parts.to_vec(),
            unflushed: 0,
            flushed: now,
            useful: now,
            asked_again: now,
            started: now,
            closed: false,
        })
    }

    /// Works until the plan is done or cannot be.
    pub(super) fn run(
        mut self,
        mut inbox: Inbox,
        progress: &watch::Sender<FetchProgress>,
        cancel: &CancellationToken,
        runtime: &tokio::runtime::Handle,
    ) -> Result<FetchSummary, FetchError> {
        let result = self.work(&mut inbox, progress, cancel, runtime);
        // What came is kept, whatever happened.
        let flushed = self.store.flush();
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
            let events = self.wait(inbox, !again, cancel, runtime);
            self.take(events)?;
            if self.unflushed >= FLUSH_BYTES
                || (self.unflushed > 0 && self.flushed.elapsed() >= FLUSH_TIME)
            {
                self.store.flush()?;
                (self.unflushed, self.flushed) = (0, Instant::now());
            }
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
        if may_wait && !self.closed {
            let first = runtime.block_on(async {
                tokio::select! {
                    event = inbox.recv() => Some(event),
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
        while events.len() < BATCH
            && let Ok(event) = inbox.try_recv()
        {
            events.push(event);
        }
        events
    }

    /// Hands out wants. True when the planner has more to look at without waiting.
    fn ask(&mut self) -> Result<bool, FetchError> {
        let now = Instant::now();
        let mut asked = false;
        let mut had_room = false;
        for (id, source) in &mut self.sources {
            let ids = MAX_OUTSTANDING_WANTS - source.window.blocks().min(MAX_OUTSTANDING_WANTS);
            let (ids, bytes) = (ids.min(MAX_WANTS_PER_FRAME), source.window.room());
            source.idle = false;
            if source.robbed || ids == 0 || bytes == 0 {
                continue;
            }
            let Ok(permit) = source.wants.try_reserve() else { continue };
            had_room = true;
            let budget = Budget { ids, bytes };
            let wants = match self.planner.next_wants(*id, budget, reader(&self.store)) {
                Ok(wants) => wants,
                Err(error) => {
                    note_damage(&mut self.damaged, error)?;
                    continue;
                }
            };
            if wants.is_empty() {
                source.idle = source.window.blocks() == 0;
                continue;
            }
            asked = true;
            if source.window.blocks() == 0 {
                source.delivered = now;
            }
            wants.iter().for_each(|want| source.window.ask(want.id, want.bytes, now));
            permit.send(wants.into_iter().map(|want| want.id).collect());
        }
        if self.sources.is_empty() {
            return match self.planner.look(reader(&self.store), LOOKS) {
                Ok(more) => Ok(more),
                Err(error) => note_damage(&mut self.damaged, error).map(|()| true),
            };
        }
        let working = self.planner.status() == Status::Working;
        Ok(working && had_room && !asked && self.planner.progress().in_flight == 0)
    }

    /// When someone has nothing to do and someone else is slow, the wants of the slow one become
    /// free for the other.
    fn rob_the_slow(&mut self) {
        if !self.sources.values().any(|source| source.idle) {
            return;
        }
        let slow = self.sources.iter_mut().find(|(_, source)| {
            source.window.blocks() > 0
                && !source.robbed
                && source.delivered.elapsed() >= self.timing.slow
        });
        if let Some((id, source)) = slow {
            source.robbed = true;
            self.planner.remove_source(*id);
            self.planner.add_source(*id);
        }
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
        if now.saturating_duration_since(self.asked_again) >= self.timing.ask_again {
            self.asked_again = now;
            self.sources.keys().for_each(|id| self.planner.add_source(*id));
        }
    }

    /// Stores the blocks of a batch, then tells the planner everything in order.
    fn take(&mut self, events: Vec<Event>) -> Result<(), FetchError> {
        let mut packed = Vec::new();
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            told.push(match event {
                Event::Answer(source, Answer::Block(received)) => {
                    self.count(source, &received)?;
                    let (block, plain) = received.into_parts();
                    let plain = plain.unwrap_or_else(|| block.data.clone());
                    let id = block.id;
                    packed.push(block);
                    Told::Block(source, id, plain)
                }
                other => Told::Other(other),
            });
        }
        if !packed.is_empty() {
            self.store.put(packed)?;
        }
        for one in told {
            match one {
                Told::Block(source, id, plain) => self.on_block(source, &id, &plain)?,
                Told::Other(event) => self.on_event(event),
            }
        }
        Ok(())
    }

    fn count(&mut self, source: SourceId, received: &Received) -> Result<(), FetchError> {
        let bytes = received.packed.data.len() as u64;
        self.summary.blocks += 1;
        self.summary.bytes_wire += bytes;
        self.unflushed += bytes;
        if self.store.has(&received.packed.id)? {
            self.summary.bytes_twice += bytes;
        }
        if let Some(source) = self.sources.get(&source) {
            let count = self.counts.entry(source.peer).or_default();
            count.blocks += 1;
            count.bytes += bytes;
        }
        Ok(())
    }

    fn on_block(&mut self, id: SourceId, block: &BlockId, plain: &[u8]) -> Result<(), FetchError> {
        let now = Instant::now();
        self.useful = now;
        if let Some(source) = self.sources.get_mut(&id) {
            source.window.answer(block, now);
            (source.delivered, source.robbed) = (now, false);
        }
        match self.planner.on_block(id, block, plain, reader(&self.store)) {
            Ok(()) => Ok(()),
            Err(error) => note_damage(&mut self.damaged, error),
        }
    }

    fn on_event(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::Up { source, peer, wants } => {
                self.planner.add_source(source);
                let window = Window::new(now);
                let new =
                    Source { peer, wants, window, delivered: now, robbed: false, idle: false };
                self.sources.insert(source, new);
            }
            Event::Answer(id, Answer::Missing(ids)) => {
                if let Some(source) = self.sources.get_mut(&id) {
                    ids.iter().for_each(|block| source.window.answer(block, now));
                    (source.delivered, source.robbed) = (now, false);
                }
                self.planner.on_missing(id, &ids);
            }
            Event::Answer(..) => {}
            Event::Down(source) => {
                self.sources.remove(&source);
                self.planner.remove_source(source);
            }
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

enum Told {
    Block(SourceId, BlockId, Vec<u8>),
    Other(Event),
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
