//! `fetch`: the newest release of one archive from whatever sources there are, then the end.
//!
//! A reader's way: it dials the addresses it was given under an identity made for this run, accepts
//! no stream, and tells nobody what it holds.

use super::Ground;
use super::learn::learn;
use crate::net::{self, Multiaddr, NetConfig, NetError, PeerId};
use crate::store::adopt::trusted_head;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use crate::sync::{
    FetchError, FetchJob, FetchProgress, FetchSummary, Timing, ask_head, fetch_release,
};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::{Accepted, Verdict};

/// Addresses dialled at the same time.
const DIALS: usize = 8;
/// Without any progress a fetch gives up after this.
pub const GIVE_UP: Duration = Duration::from_secs(90);

/// What to fetch.
pub struct FetchOptions {
    /// The archive.
    pub archive: ArchiveId,
    /// Where to ask.
    pub addresses: Vec<Multiaddr>,
    /// Names of the parts wanted; all without.
    pub parts: Option<Vec<String>>,
    /// Use QUIC as well as TCP.
    pub quic: bool,
    /// Times of the sync engine.
    pub timing: Timing,
    /// See [`GIVE_UP`].
    pub give_up: Duration,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct FetchReport {
    /// The release that is complete now.
    pub head: Accepted,
    /// How it came.
    pub summary: FetchSummary,
    /// Sources that were reached.
    pub reached: usize,
    /// Addresses that were not reached, and why.
    pub unreached: Vec<(Multiaddr, String)>,
}

/// Why there is no complete release now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchOnceError {
    /// The invite has no address, and none is known from before.
    #[error("no address of a source is known")]
    NoAddress,
    /// No address was reached; each with its reason.
    #[error("no source could be reached")]
    Unreachable(Vec<(Multiaddr, String)>),
    /// Nobody who was reached has the archive.
    #[error("none of the {0} sources reached has this archive")]
    Unknown(usize),
    /// Every head that was shown is refused by the trust rules.
    #[error("the head that the sources show is refused: {0}")]
    Refused(String),
    /// A part was asked for that the release does not have.
    #[error("the release has no part '{0}'")]
    NoSuchPart(String),
    /// The blocks did not all come.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network could not be started.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// Fetches the newest release that the sources have and the rules accept.
///
/// # Errors
/// See [`FetchOnceError`]. What came is stored all the same, and not fetched again.
pub async fn fetch_once(
    store: Arc<dyn BlockStore>,
    states: Arc<ArchiveStates>,
    options: FetchOptions,
    progress: watch::Sender<FetchProgress>,
    cancel: CancellationToken,
) -> Result<FetchReport, FetchOnceError> {
    if options.addresses.is_empty() {
        return Err(FetchOnceError::NoAddress);
    }
    let config = NetConfig { quic: options.quic, ..NetConfig::reader() };
    let (net, events) = net::start(config).await?;
    // A reader needs no events; the queue must not fill up, though.
    let drain = tokio::spawn(drain(events));
    let ground = Ground { store, states, net: net.clone(), timing: options.timing };
    let result = tokio::select! {
        result = run(&ground, options, progress, cancel.clone()) => result,
        () = cancel.cancelled() => Err(FetchError::Cancelled.into()),
    };
    net.shutdown().await;
    drain.abort();
    result
}

async fn drain(mut events: mpsc::Receiver<net::NetEvent>) {
    while events.recv().await.is_some() {}
}

async fn run(
    ground: &Ground,
    options: FetchOptions,
    progress: watch::Sender<FetchProgress>,
    cancel: CancellationToken,
) -> Result<FetchReport, FetchOnceError> {
    let (peers, unreached) = dial(ground, &options.addresses).await;
    if peers.is_empty() {
        return Err(FetchOnceError::Unreachable(unreached));
    }
    let holders = learn_from(ground, options.archive, &peers).await?;
    let Some(head) = trusted_head(&ground.states, &options.archive)? else {
        return Err(FetchOnceError::Unknown(peers.len()));
    };
    let parts = wanted(&head, options.parts.as_deref())?;
    let (sources, queue) = mpsc::channel(holders.len().max(1));
    for peer in &holders {
        let _ = sources.try_send(*peer);
    }
    let job = FetchJob {
        release: head.clone(),
        parts,
        store: ground.store.clone(),
        net: ground.net.clone(),
        sources: queue,
        progress,
        cancel,
        timing: options.timing,
        give_up: Some(options.give_up),
    };
    let summary = fetch_release(job).await?;
    drop(sources);
    // Only now: a head is marked complete when everything of it is durable.
    ground.states.set_complete(&options.archive, &head.bytes)?;
    Ok(FetchReport { head, summary, reached: peers.len(), unreached })
}

async fn dial(ground: &Ground, addresses: &[Multiaddr]) -> (Vec<PeerId>, Vec<(Multiaddr, String)>) {
    let dials = addresses
        .iter()
        .map(|address| async { (address.clone(), ground.net.dial(address.clone()).await) });
    let mut outcomes = futures::stream::iter(dials).buffer_unordered(DIALS);
    let (mut peers, mut unreached) = (Vec::new(), Vec::new());
    while let Some((address, outcome)) = outcomes.next().await {
        match outcome {
            Ok(peer) if !peers.contains(&peer) => peers.push(peer),
            Ok(_) => {}
            Err(e) => unreached.push((address, e.to_string())),
        }
    }
    (peers, unreached)
}

/// Asks every peer for its head and judges all of them; gives the peers that have the archive.
async fn learn_from(
    ground: &Ground,
    archive: ArchiveId,
    peers: &[PeerId],
) -> Result<Vec<PeerId>, FetchOnceError> {
    let asks = peers.iter().map(|peer| async {
        (*peer, ask_head(&ground.net, *peer, archive, ground.timing.stall).await)
    });
    let mut answers = futures::stream::iter(asks).buffer_unordered(DIALS);
    let (mut holders, mut refused) = (Vec::new(), None);
    while let Some((peer, answer)) = answers.next().await {
        let Ok(Some(head)) = answer else { continue };
        match learn(ground, archive, head, peer).await? {
            Verdict::Accept(_) | Verdict::Known(_) | Verdict::Older => holders.push(peer),
            Verdict::NeedsAncestor(_) => {
                refused = Some("releases in between are not to be had".to_owned());
            }
            Verdict::Fork(_) | Verdict::RootFork => {
                refused = Some("it is not the release that is trusted here".to_owned());
            }
            Verdict::SupersededRoot => refused = Some("its keys were replaced".to_owned()),
            Verdict::Refuse(reject) => refused = Some(reject.to_string()),
        }
    }
    match (holders.is_empty(), refused) {
        (true, Some(why)) => Err(FetchOnceError::Refused(why)),
        (true, None) => Err(FetchOnceError::Unknown(peers.len())),
        (false, _) => Ok(holders),
    }
}

fn wanted(head: &Accepted, names: Option<&[String]>) -> Result<Vec<String>, FetchOnceError> {
    let all: Vec<String> = head.release.parts.iter().map(|p| p.name.clone()).collect();
    let Some(names) = names else { return Ok(all) };
    match names.iter().find(|name| !all.contains(name)) {
        Some(name) => Err(FetchOnceError::NoSuchPart(name.clone())),
        None => Ok(all.into_iter().filter(|name| names.contains(name)).collect()),
    }
}
