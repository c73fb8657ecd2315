//! The fetch of one archive's trusted release, as the mirror sees it.

use super::Keep;
use super::status::FetchStatus;
use crate::net::{NetHandle, PeerId};
use crate::sync::{FetchError, FetchJob, FetchProgress, FetchSummary, Timing, fetch_release};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, Hash};

/// Sources told to a job and not taken by it yet.
const SOURCES: usize = 64;

/// A fetch under way.
pub struct Job {
    /// The release it fetches.
    pub release: Hash,
    sources: mpsc::Sender<PeerId>,
    progress: watch::Receiver<FetchProgress>,
    cancel: CancellationToken,
}

/// How a job ended.
pub struct JobDone {
    /// Of which archive.
    pub archive: ArchiveId,
    /// Of which release.
    pub release: Hash,
    /// With what. When it is good, the release is noted as complete already.
    pub result: Result<FetchSummary, FetchError>,
}

impl Job {
    /// A job, and the work to be done for it.
    pub fn new(
        keep: Keep,
        net: NetHandle,
        head: Accepted,
        parts: Vec<String>,
        timing: Timing,
    ) -> (Self, impl Future<Output = JobDone> + Send) {
        let (sources, inbox) = mpsc::channel(SOURCES);
        let (report, progress) = watch::channel(FetchProgress::default());
        let cancel = CancellationToken::new();
        let job = Self { release: head.release_hash(), sources, progress, cancel: cancel.clone() };
        let fetch = FetchJob {
            release: head.clone(),
            parts,
            store: keep.store.clone(),
            net,
            sources: inbox,
            progress: report,
            cancel,
            timing,
            give_up: None,
        };
        (job, work(keep, head, fetch))
    }

    /// Tells of a peer that has the release. When too many wait, it is told again later.
    pub fn add_source(&self, peer: PeerId) {
        let _ = self.sources.try_send(peer);
    }

    /// How far it is.
    pub fn status(&self) -> FetchStatus {
        let p = self.progress.borrow();
        FetchStatus {
            bytes_done: p.bytes_done,
            bytes_total: p.bytes_total,
            bytes_wire: p.bytes_wire,
            parts_done: p.parts_done.clone(),
            sources: p.sources,
            stuck: p.stuck,
        }
    }
}

/// A job that nobody holds any more is not wanted; what it fetched stays.
impl Drop for Job {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

async fn work(keep: Keep, head: Accepted, fetch: FetchJob) -> JobDone {
    let (archive, release) = (head.release.archive, head.release_hash());
    let result = match fetch_release(fetch).await {
        Ok(summary) => {
            let noted = keep.blocking(move |k| k.states.set_complete(&archive, &head.bytes)).await;
            noted.map(|()| summary).map_err(FetchError::Store)
        }
        Err(error) => Err(error),
    };
    JobDone { archive, release, result }
}

/// The parts of a release that are wanted: those named in the settings, or all.
pub fn wanted(release: &Release, settings: Option<&[String]>) -> Vec<String> {
    let is_wanted = |name: &String| settings.is_none_or(|names| names.contains(name));
    release.parts.iter().map(|part| part.name.clone()).filter(is_wanted).collect()
}
