//! `fetch`: the newest release of one archive from whatever sources there are, then the end.
//!
//! A reader's way: it dials the addresses it was given under an identity made for this run, accepts
//! no stream, and tells nobody what it holds.

use super::Ground;
use super::near::Neighbour;
use super::search::Search;
use crate::dial::Dialler;
use crate::freshness::Agreement;
use crate::lan::Mode;
use crate::net::addr::is_relayed;
use crate::net::{self, Multiaddr, NetConfig, NetError, NetHandle, Rates};
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use crate::sync::{FetchError, FetchProgress, FetchSummary, Hurry, Timing};
use crate::web::HostSource;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Accepted;

/// Without any progress a fetch gives up after this.
pub const GIVE_UP: Duration = Duration::from_secs(90);

/// The same where another way is tried then.
pub const NEXT_WAY: Duration = Duration::from_secs(45);

/// How long neighbours on the LAN are looked for before there is anything to fetch.
pub const LOOK_NEAR: Duration = Duration::from_secs(30);

/// What to fetch.
pub struct FetchOptions {
    /// The archive.
    pub archive: ArchiveId,
    /// Where to ask. With no address and no LAN the network of peers is not started at all.
    pub addresses: Vec<Multiaddr>,
    /// Static mirrors to ask.
    pub hosts: Vec<Arc<HostSource>>,
    /// Also look on the LAN: by asking, or by listening only. Without it nothing is sent or heard
    /// there.
    pub lan: Option<Mode>,
    /// Names of the parts wanted; all without.
    pub parts: Option<Vec<String>>,
    /// Use QUIC as well as TCP.
    pub quic: bool,
    /// Limits on what is received.
    pub rates: Rates,
    /// The way out. With a proxy in it there is no QUIC, and the LAN is not looked at.
    pub dialler: Dialler,
    /// Times of the sync engine.
    pub timing: Timing,
    /// See [`GIVE_UP`].
    pub give_up: Duration,
    /// Told of each release before its blocks are fetched; mostly there is one.
    pub began: Option<Began>,
    /// Somebody reads already: what they wait for comes first.
    pub demand: Option<Demand>,
}

/// See [`FetchOptions::demand`].
#[derive(Clone)]
pub struct Demand {
    /// Tells which blocks.
    pub hurry: Hurry,
    /// How long other sources may show something newer once one has what is acceptable. A newer one that
    /// comes later is fetched after this one.
    pub grace: Duration,
}

/// See [`FetchOptions::began`]. Must not block.
pub type Began = Arc<dyn Fn(&Accepted) + Send + Sync>;

/// What came of it.
#[derive(Debug, Clone)]
pub struct FetchReport {
    /// The release that is complete now.
    pub head: Accepted,
    /// The act that waits for the operator, when the release is here but drops too much to be shown
    /// without a yes (HOLD-3).
    pub held: Option<String>,
    /// How it came.
    pub summary: FetchSummary,
    /// Sources that were reached.
    pub reached: usize,
    /// Addresses that were not reached, and why.
    pub unreached: Vec<(String, String)>,
    /// What the sources that were asked have.
    pub agreement: Agreement,
    /// Neighbours on the LAN that have the archive.
    pub near: Vec<Neighbour>,
}

/// Why there is no complete release now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchOnceError {
    /// The invite has no address, and none is known from before.
    #[error("no address of a source is known")]
    NoAddress,
    /// The LAN is not looked at while there is a proxy: nothing goes past it.
    #[error("neighbours are not looked for while a proxy is set")]
    LanPastProxy,
    /// Nobody on the LAN who could be asked, and no address; but perhaps these pages for browsers.
    #[error("nobody near who has this archive was found")]
    NobodyNear(Vec<SocketAddr>),
    /// No address was reached; each with its reason.
    #[error("no source could be reached")]
    Unreachable(Vec<(String, String)>),
    /// Nobody who was reached has the archive.
    #[error("none of the {0} sources reached has this archive")]
    Unknown(usize),
    /// Two releases contradict each other, and the last one that both follow is not known (TRUST-24).
    #[error(
        "the maintainers' keys signed two releases that contradict each other, and no source shows the last one before them"
    )]
    Disputed,
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

impl FetchOnceError {
    /// True when no source brought the archive, so that others may be asked. One that shows what is refused keeps
    /// nobody from asking the others.
    pub fn is_no_source(&self) -> bool {
        match self {
            Self::NoAddress | Self::NobodyNear(_) | Self::Unreachable(_) | Self::Unknown(_) => true,
            Self::Fetch(error) => error.is_unavailable(),
            other => other.is_warning(),
        }
    }

    /// True when it says that sources show what must not be believed.
    fn is_warning(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Disputed)
    }

    /// What is told where one way after the other brought nothing: the last reason, but never past a warning.
    pub fn then(self, later: Self) -> Self {
        if self.is_warning() && later.is_no_source() { self } else { later }
    }
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
    if options.lan.is_some() && options.dialler.proxy().is_some() {
        return Err(FetchOnceError::LanPastProxy);
    }
    let swarm = !options.addresses.is_empty() || options.lan.is_some();
    let (net, events) = match swarm {
        false if options.hosts.is_empty() => return Err(FetchOnceError::NoAddress),
        false => (NetHandle::silent(), None),
        true => {
            let reader = NetConfig::reader();
            let dialler = options.dialler.clone();
            let circuits = options.addresses.iter().any(is_relayed);
            let (quic, rates) = (options.quic, options.rates);
            let config = NetConfig { quic, rates, dialler, circuits, ..reader };
            let (net, events) = net::start(config).await?;
            (net, Some(events))
        }
    };
    // A reader needs no events; the queue must not fill up, though.
    let drain = events.map(|events| tokio::spawn(drain(events)));
    let ground = Ground { store, states, net: net.clone(), timing: options.timing };
    let mut search = Search::new(ground, options.archive);
    let result = tokio::select! {
        result = search.run(options, progress, cancel.clone()) => result,
        () = cancel.cancelled() => Err(FetchError::Cancelled.into()),
    };
    net.shutdown().await;
    drain.inspect(|drain| drain.abort());
    result
}

async fn drain(mut events: mpsc::Receiver<net::NetEvent>) {
    while events.recv().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_lies_keeps_nobody_from_asking_others_and_is_told_in_the_end() {
        let lies = || FetchOnceError::Refused("a bad signature".into());
        assert!(lies().is_no_source() && FetchOnceError::Disputed.is_no_source());
        let told = FetchOnceError::NoAddress.then(lies()).then(FetchOnceError::Unknown(1));
        assert!(matches!(told, FetchOnceError::Refused(_)), "{told:?}");
        // What ended a later way for another reason is told.
        let told = lies().then(FetchOnceError::NoSuchPart("x".into()));
        assert!(matches!(told, FetchOnceError::NoSuchPart(_)), "{told:?}");
    }
}
