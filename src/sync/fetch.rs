//! Gets a release from many sources at once.
//!
//! Three kinds of work: a task for each source (`source`), one blocking thread that owns
//! the plan and the store (`engine`), and the one that starts sources as they become
//! known (`sources`). They talk over bounded queues, so a slow disk slows the network and not the other way.

use super::Timing;
use super::engine::Engine;
use super::giver::{Asked, Giver};
use super::source::{Event, Reconnect, Shared};
use super::sources::Sources;
use crate::net::NetHandle;
use crate::store::acts::Writer;
use crate::store::{BlockStore, StoreError};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::ReadError;
use yadgar_protocol::sync::PlanError;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// Events that wait for the store: at most 16 MiB of blocks.
const EVENTS: usize = 16;
/// Sources used at the same time.
pub(super) const MAX_SOURCES: usize = 16;
/// Sources that wait for a place; more are not taken.
pub(super) const MAX_WAITING: usize = 64;

/// What to fetch, and with what.
pub struct FetchJob {
    /// The release, as accepted.
    pub release: Accepted,
    /// Names of the parts wanted; unknown ones are ignored.
    pub parts: Vec<String>,
    /// What is not asked for: the release is whole without it (WD-7).
    pub denied: Arc<Denied>,
    /// Says that blocks of the archive are being put; made before `denied` was asked for. It lives as long as
    /// the thread that puts them, also when nobody waits for the job any more, and what was denied
    /// meanwhile is erased again then. `None` where nothing can be withdrawn.
    pub writer: Option<Writer>,
    /// Where blocks go.
    pub store: Arc<dyn BlockStore>,
    /// The network.
    pub net: NetHandle,
    /// Connected peers and hosts to ask; more may be sent while the job runs.
    pub sources: mpsc::Receiver<Asked>,
    /// Where to say how far it is.
    pub progress: watch::Sender<FetchProgress>,
    /// Where peers are dialled again that were lost.
    pub reconnect: Reconnect,
    /// Ends the job. What has been stored stays.
    pub cancel: CancellationToken,
    /// Times.
    pub timing: Timing,
    /// Gives up when nothing came for this long and nobody has what is missing. `None` waits for
    /// sources as long as they may still be sent.
    pub give_up: Option<Duration>,
    /// Blocks that somebody waits for, with their length in bytes (a guess will do): they are asked for
    /// before all others, and what was denied is not. To be bounded; what does not fit is left to its turn.
    pub hurry: Option<mpsc::Receiver<(BlockId, u64)>>,
}

/// How far a fetch is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchProgress {
    /// Content blocks that are here.
    pub blocks_done: u64,
    /// Bytes of files that are here.
    pub bytes_done: u64,
    /// Bytes of all files of the wanted parts.
    pub bytes_total: u64,
    /// Files of the wanted parts.
    pub files_total: u64,
    /// Bytes of `bytes_done` that were here before.
    pub bytes_present_before: u64,
    /// What came over the wire.
    pub wire: WireCount,
    /// Streams open to sources.
    pub sources: usize,
    /// Parts that are complete.
    pub parts_done: Vec<String>,
    /// Blocks known to be missing that nobody connected has.
    pub stuck: Option<u64>,
}

/// Blocks that came over the wire, as they came: compressed or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WireCount {
    /// Blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of blocks that were here already when they came.
    pub bytes_twice: u64,
}

impl std::ops::AddAssign for WireCount {
    fn add_assign(&mut self, more: Self) {
        self.blocks += more.blocks;
        self.bytes += more.bytes;
        self.bytes_twice += more.bytes_twice;
    }
}

/// What one source gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCount {
    /// Blocks.
    pub blocks: u64,
    /// Bytes on the wire.
    pub bytes: u64,
}

/// What a fetch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchSummary {
    /// Bytes of blocks that came over the wire.
    pub bytes_wire: u64,
    /// Blocks that came.
    pub blocks: u64,
    /// Bytes that came although they were here already: two sources were asked, one being slow.
    pub bytes_twice: u64,
    /// Bytes of files that were here before.
    pub bytes_present_before: u64,
    /// What each source gave.
    pub sources: Vec<(Giver, SourceCount)>,
    /// How long it took.
    pub time: Duration,
}

impl FetchSummary {
    /// What came over the wire.
    pub fn wire(&self) -> WireCount {
        let (blocks, bytes, bytes_twice) = (self.blocks, self.bytes_wire, self.bytes_twice);
        WireCount { blocks, bytes, bytes_twice }
    }
}

/// Why a fetch did not get everything. What came is stored all the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Nobody who can be asked has the rest.
    #[error("{missing} blocks or more are missing, and no source has them")]
    Stuck {
        /// Blocks known to be missing.
        missing: u64,
    },
    /// No source can be asked (any more).
    #[error("no source can be asked")]
    NoSources,
    /// What was signed breaks the rules of the format; no source is to blame.
    #[error("{0}")]
    Damaged(PlanError),
    /// The store failed: disk full, quota, hardware.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store could not be read.
    #[error("the store failed: {0}")]
    StoreRead(#[from] ReadError),
    /// The work ended unexpectedly.
    #[error("internal error: {0}")]
    Internal(String),
}

impl FetchError {
    /// True when nothing is wrong here: nobody who can be asked has what is missing.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Stuck { .. } | Self::NoSources)
    }
}

/// Fetches until every wanted part is complete and durable.
///
/// Dropping the future cancels the job.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch_release(job: FetchJob) -> Result<FetchSummary, FetchError> {
    let (events, inbox) = mpsc::channel(EVENTS);
    let cancel = job.cancel.child_token();
    let _stop = cancel.clone().drop_guard();
    let shared = Shared {
        net: job.net,
        timing: job.timing,
        numbers: Arc::new(AtomicU64::new(0)),
        events,
        cancel: cancel.clone(),
        waiting: Arc::default(),
        reconnect: job.reconnect,
    };
    let others = shared.waiting.clone();
    let (release, parts, store, denied) = (job.release, job.parts, job.store, job.denied);
    let (progress, timing, give_up) = (job.progress, job.timing, job.give_up);
    let (writer, hurry) = (job.writer, job.hurry);
    let runtime = tokio::runtime::Handle::current();
    let mut engine = tokio::task::spawn_blocking(move || {
        let engine = Engine::new(&release, &parts, &denied, store.clone(), timing, give_up);
        // Only who waits without an end lets others collect meanwhile.
        let rest = writer.as_ref().filter(|_| give_up.is_none());
        let rest = rest.map(|writer| (writer, &release.release));
        let result = engine.and_then(|engine| {
            engine.beside(others).hurried_by(hurry).run(inbox, &progress, &cancel, &runtime, rest)
        });
        // Whatever became of it.
        if let Some(Err(error)) = writer.map(|writer| writer.finish(&*store)) {
            // It stays on record, and is done after the next fetch or at the next start.
            tracing::warn!(%error, "what was withdrawn could not be erased again");
        }
        result
    });
    let mut asked = Sources::new(shared, give_up.is_some());
    let result = tokio::select! {
        result = &mut engine => result,
        never = asked.run(job.sources) => match never {},
    };
    // The streams end in order: the core has dropped their wants.
    asked.tasks.detach_all();
    result.map_err(|e| FetchError::Internal(e.to_string()))?
}

/// Ids of streams for the planner, and what the core is told.
pub(super) type Inbox = mpsc::Receiver<Event>;

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
