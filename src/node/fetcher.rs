//! Gets the newest release of one archive from whatever sources there are, then ends.
//!
//! Reader profile: it dials what the invite and the memory of the home name, under an identity made
//! for this run, and accepts nothing.

use super::Keep;
use super::archive::load;
use super::search::Search;
use crate::net::{self, NetConfig, NetError};
use crate::store::StoreError;
use crate::sync::{FetchError, FetchProgress, FetchSummary, Timing};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::trust::Accepted;

/// How to fetch.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// The parts to get, from now on too; `None` for those wanted before, or all.
    pub parts: Option<Vec<String>>,
    /// Use QUIC as well as TCP.
    pub quic: bool,
    /// How long to look for sources.
    pub find: Duration,
    /// How long to wait for more sources once there is one, before the first byte is asked for.
    pub grace: Duration,
    /// Give up when nothing came for this long and nobody has what is missing.
    pub give_up: Duration,
    /// Times of sync.
    pub timing: Timing,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            parts: None,
            quic: true,
            find: Duration::from_secs(30),
            grace: Duration::from_secs(2),
            give_up: Duration::from_secs(45),
            timing: Timing::default(),
        }
    }
}

/// How far a fetch is, for the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchStep {
    /// Addresses that are tried.
    pub addresses: usize,
    /// Of those, reached.
    pub reached: usize,
    /// Sequence and archive name of the release that is fetched, once it is known.
    pub release: Option<(u64, String)>,
    /// How far that is.
    pub fetch: FetchProgress,
}

/// What a fetch got.
#[derive(Debug, Clone)]
pub struct FetchReport {
    /// The release that is complete here now.
    pub head: Accepted,
    /// The parts that were wanted of it.
    pub parts: Vec<String>,
    /// True when it was complete here before.
    pub was_complete: bool,
    /// What was done.
    pub summary: FetchSummary,
    /// Addresses that were not reached or not of use, and why.
    pub failures: Vec<(String, String)>,
}

/// Why nothing could be got. What came is stored all the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchOnceError {
    /// Neither the invite nor this home names an address.
    #[error("no address is known for this archive")]
    NoAddress,
    /// No address could be reached; each with its reason.
    #[error("none of {} addresses could be reached", .0.len())]
    NoneReachable(Vec<(String, String)>),
    /// Sources were reached, but none knows the archive.
    #[error("no source knows this archive")]
    Unknown(Vec<(String, String)>),
    /// Sources know only releases older than what is trusted here, and that is not complete.
    #[error("release {trusted} is known, but no source that was reached has it")]
    OnlyOlder {
        /// Sequence of the trusted release.
        trusted: u64,
        /// Addresses and reasons.
        failures: Vec<(String, String)>,
    },
    /// Every head that was offered was refused.
    #[error("the head was refused: {0}")]
    Refused(String),
    /// The fetch itself failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The network could not be started.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The store or a state failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fetches the newest release that the sources of `invite` have. Dropping the future ends it; what
/// came stays.
///
/// # Errors
/// See [`FetchOnceError`].
pub async fn fetch_once(
    keep: Keep,
    invite: &Invite,
    options: FetchOptions,
    step: watch::Sender<FetchStep>,
) -> Result<FetchReport, FetchOnceError> {
    let known = load(&keep, invite.archive).await?.settings.addresses;
    let texts: BTreeSet<String> = invite.addresses.iter().chain(&known).cloned().collect();
    if texts.is_empty() {
        return Err(FetchOnceError::NoAddress);
    }
    let config = NetConfig { quic: options.quic, ..NetConfig::reader() };
    let (net, events) = net::start(config).await?;
    // Nothing happens to a reader that it did not start.
    drop(events);
    let result = Search::new(keep, net.clone(), invite.archive, options, step).run(texts, invite);
    let result = result.await;
    net.shutdown().await;
    result
}
