//! What a mirror does for its store by itself, slowly: it reads everything again (a scrub), lets what turned out damaged
//! be fetched again, and lets files be written again of which most is dead.

use super::mend::Mended;
use super::mirror::MirrorHandle;
pub use super::pace::Pace;
use super::pace::{Budget, MendPause};
use crate::durable::{Mode, write_atomic};
use crate::store::{BlockStore, ScrubAt, Scrubbed, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::{BlockId, Codec, Hash};

/// Bytes read in one go.
const STEP_BYTES: u64 = 1 << 20;
/// Files of which more is dead are written again.
const DEAD_PERCENT: u64 = 50;
/// Damaged blocks whose coming back is watched for. Of more, only the number is known.
const WATCHED: usize = 1024;

/// How the scrub stands. Kept in a file; all numbers but the position are since that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubStatus {
    /// Where the next step begins.
    pub position: ScrubAt,
    /// Bytes of the files up to there.
    pub read: u64,
    /// Bytes of all files.
    pub total: u64,
    /// Rounds that have ended.
    pub rounds: u64,
    /// Blocks that turned out damaged, whoever met them.
    pub damaged: u64,
    /// Blocks of these that came again.
    pub repaired: u64,
    /// Those that did not yet: their hashes, up to 1024.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lost: BTreeSet<String>,
}

/// The upkeep of a running mirror.
pub struct Upkeep {
    status: Arc<Mutex<ScrubStatus>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Upkeep {
    /// Begins. `file` keeps the position over restarts; what is odd about it counts as the beginning.
    pub fn start(
        node: MirrorHandle,
        store: Arc<dyn BlockStore>,
        file: Option<PathBuf>,
        pace: Pace,
    ) -> Self {
        let kept = file.as_ref().and_then(|file| std::fs::read(file).ok());
        let status = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let status: ScrubStatus = status.unwrap_or_default();
        let lost = status.lost.iter().take(WATCHED).filter_map(|hash| Hash::from_hex(hash));
        let (saved, seen, watched) = (ScrubStatus::default(), 0, lost.collect());
        let status = Arc::new(Mutex::new(status));
        let stop = CancellationToken::new();
        let state = status.clone();
        let work = Work {
            node,
            store,
            file,
            pace,
            status: state,
            stop: stop.clone(),
            saved,
            seen,
            watched,
            mending: None,
            mend_pause: MendPause::new(pace.mend),
            mend_at: Instant::now() + pace.mend,
        };
        Self { status, stop, task: tokio::spawn(work.run()) }
    }

    /// How the scrub stands; shared with the running one.
    pub fn status(&self) -> Arc<Mutex<ScrubStatus>> {
        self.status.clone()
    }

    /// Ends it; returns when the position is written down.
    pub async fn stop(self) {
        self.stop.cancel();
        // One that panicked is over too.
        let _ = self.task.await;
    }
}

struct Work {
    node: MirrorHandle,
    store: Arc<dyn BlockStore>,
    file: Option<PathBuf>,
    pace: Pace,
    status: Arc<Mutex<ScrubStatus>>,
    stop: CancellationToken,
    /// What was written down last.
    saved: ScrubStatus,
    /// Damaged blocks of which the node was told.
    seen: u64,
    /// Damaged blocks that are not here again.
    watched: BTreeSet<Hash>,
    /// Peers are asked for some of these: one time after the other.
    mending: Option<oneshot::Receiver<Mended>>,
    mend_pause: MendPause,
    mend_at: Instant,
}

impl Work {
    async fn run(mut self) {
        let mut budget = Budget::new(Instant::now());
        let mut compact_at = Instant::now() + self.pace.compact;
        let mut save_at = Instant::now() + self.pace.save;
        while !self.paused().await {
            let now = Instant::now();
            budget.tick(now, self.pace.tick);
            while budget.may() && !self.stop.is_cancelled() {
                budget.took(self.read().await);
            }
            let found = self.look().await | self.mended();
            self.mend(now).await;
            if now >= compact_at {
                compact_at = now + self.pace.compact;
                self.compact().await;
            }
            if found || now >= save_at {
                save_at = now + self.pace.save;
                self.save().await;
            }
        }
        self.save().await;
    }

    /// Waits for the next tick; true when it is to end.
    async fn paused(&self) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => true,
            () = tokio::time::sleep(self.pace.tick) => false,
        }
    }

    /// Has peers asked for what is lost, when it is time.
    async fn mend(&mut self, now: Instant) {
        if self.watched.is_empty() {
            self.mend_pause.reset();
            self.mend_at = now + self.mend_pause.get();
        } else if now >= self.mend_at && self.mending.is_none() {
            self.mending = Some(self.node.mend(self.watched.iter().copied().collect()).await);
        }
    }

    /// Takes note of how the asking ended, if it did. True when something is not watched for any more.
    fn mended(&mut self) -> bool {
        let Some(answer) = &mut self.mending else { return false };
        let mended = match answer.try_recv() {
            Ok(mended) => mended,
            Err(oneshot::error::TryRecvError::Empty) => return false,
            // The node has ended, or the task broke down.
            Err(oneshot::error::TryRecvError::Closed) => Mended::default(),
        };
        self.mending = None;
        match mended {
            Mended { came: 1.., .. } => self.mend_pause.reset(),
            Mended { tried: true, .. } => self.mend_pause.grow(),
            // Nobody was there.
            Mended { .. } => {}
        }
        self.mend_at = Instant::now() + self.mend_pause.get();
        let before = self.watched.len();
        self.watched.retain(|hash| !mended.dropped.contains(hash));
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.lost = self.watched.iter().map(|hash| hash.to_hex()).collect();
        self.watched.len() < before
    }

    /// Reads on. Gives the time that this may take.
    async fn read(&self) -> Duration {
        let from = self.now().position;
        let step = self.blocking(move |store| store.scrub(from, STEP_BYTES)).await;
        let Some(Scrubbed { next, bytes, before, total }) = step else { return self.pace.save };
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        (status.position, status.read, status.total) = (next.unwrap_or_default(), before, total);
        if next.is_none() {
            status.rounds += u64::from(total > 0);
            status.read = 0;
        }
        if total == 0 {
            // Nothing is here yet.
            return self.pace.save;
        }
        self.pace.pause(bytes, total)
    }

    /// Counts what turned out damaged and what came again; the node fetches what is missing. True when there was
    /// something.
    async fn look(&mut self) -> bool {
        let damage = self.store.damage_seen();
        let new = damage.count.saturating_sub(self.seen);
        self.seen = damage.count;
        let newest = damage.ids.iter().rev().take(usize::try_from(new).unwrap_or(usize::MAX));
        self.watched.extend(newest.map(|id| id.hash));
        while self.watched.len() > WATCHED {
            self.watched.pop_last();
        }
        if new > 0 {
            self.mend_pause.reset();
            self.mend_at = self.mend_at.min(Instant::now() + self.mend_pause.get());
            tracing::warn!(blocks = new, "damaged blocks are fetched again");
            self.node.look_again().await;
        }
        let watched = self.watched.clone();
        let back = self.blocking(move |store| {
            let mut back = Vec::new();
            for hash in watched {
                if store.has(&BlockId { codec: Codec::Raw, hash })? {
                    back.push(hash);
                }
            }
            Ok(back)
        });
        let back = back.await.unwrap_or_default();
        self.watched.retain(|hash| !back.contains(hash));
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.damaged += new;
        status.repaired += back.len() as u64;
        status.lost = self.watched.iter().map(|hash| hash.to_hex()).collect();
        new > 0 || !back.is_empty()
    }

    async fn compact(&self) {
        let stop = self.stop.clone();
        let done =
            self.blocking(move |store| store.compact(DEAD_PERCENT, &|| !stop.is_cancelled())).await;
        if let Some(done) = done.filter(|done| done.segments > 0) {
            tracing::info!(?done, "files of the store were written again");
        }
    }

    async fn save(&mut self) {
        let (Some(file), now) = (self.file.clone(), self.now()) else { return };
        let Ok(bytes) = serde_json::to_vec(&now) else { return };
        if self.saved == now {
            return;
        }
        self.saved = now;
        let saved =
            tokio::task::spawn_blocking(move || write_atomic(&file, &bytes, Mode::Private)).await;
        if let Ok(Err(error)) = saved {
            tracing::warn!(%error, "the position of the scrub could not be kept");
        }
    }

    fn now(&self) -> ScrubStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `None` when the store failed, which the next step meets again.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn BlockStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || work(&*store)).await {
            Ok(Ok(done)) => Some(done),
            Ok(Err(error)) => {
                tracing::warn!(%error, "upkeep of the store");
                None
            }
            Err(_) => None,
        }
    }
}
