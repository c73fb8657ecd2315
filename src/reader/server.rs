//! Sockets on loopback, with limits, and what each request goes through.

use super::guard;
use super::headers::{self, Origin};
use super::pages;
use super::respond::Answer;
use super::site;
use super::view::ArchiveView;
use crate::memorial::arriving::Arrival;
use crate::memorial::{Catalogue, Lang};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::{ArchiveId, Hash};

/// Connections served at once, over all ports. More wait in the system's queue.
const MAX_CONNECTIONS: usize = 128;
/// Archives that get a port.
const MAX_SITES: usize = 64;
/// Time for the head of a request to arrive, also on a connection that is kept open.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest life of a connection, however slowly it is read from.
const CONNECTION_LIFE: Duration = Duration::from_secs(30 * 60);
/// Largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16_384;
/// Most headers of a request.
const MAX_HEADERS: usize = 64;
/// How long a list is used in which something was missing; then it is read anew.
const INCOMPLETE_FOR: Duration = Duration::from_secs(10);
/// Pause after the system refused to hand over a connection (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Gives the archives that can be read now; asked at every request, so it must be quick.
pub type Views = Arc<dyn Fn() -> Vec<Arc<ArchiveView>> + Send + Sync>;

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct ReaderConfig {
    /// Address to listen on; only loopback is allowed.
    pub bind: IpAddr,
    /// Port of our own pages; `None` for a free one. Sites always get free ones.
    pub port: Option<u16>,
    /// Language that `/` leads to.
    pub lang: Lang,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// The address is not one of this machine alone.
    #[error("pages are served on loopback only, not on {0}")]
    NotLoopback(IpAddr),
    /// Another program has the port.
    #[error("port {0} is in use by another program")]
    PortInUse(u16),
    /// The system refused the socket.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
}

/// A running server.
#[derive(Debug)]
pub struct Served {
    /// Where our own pages are.
    pub pages: SocketAddr,
    /// Where the site of each archive is.
    pub sites: Vec<(ArchiveId, SocketAddr)>,
    /// Ends once the shutdown token was cancelled and every connection is closed.
    pub task: JoinHandle<()>,
}

/// Serves pages and sites until `shutdown` is cancelled. An archive that appears later gets its
/// port when a page that links to it is first asked for.
///
/// # Errors
/// [`ReaderError`] when an address is refused; nothing is left listening then.
pub async fn serve(
    config: ReaderConfig,
    views: Views,
    shutdown: CancellationToken,
) -> Result<Served, ReaderError> {
    serve_awaiting(config, views, None, shutdown).await
}

/// The same; pages say how far the awaited archive is while there is nothing to show of it yet.
///
/// # Errors
/// As [`serve`].
pub async fn serve_awaiting(
    config: ReaderConfig,
    views: Views,
    awaited: Option<Arc<Arrival>>,
    shutdown: CancellationToken,
) -> Result<Served, ReaderError> {
    if !config.bind.is_loopback() {
        return Err(ReaderError::NotLoopback(config.bind));
    }
    let listener = listen(SocketAddr::new(config.bind, config.port.unwrap_or(0))).await?;
    let (alive, mut ended) = mpsc::channel(1);
    let stop = shutdown.child_token();
    let mut state = State::new(config, views, stop.clone(), alive);
    state.awaited = awaited;
    let state = Arc::new(state);
    let pages = local(&listener)?;
    if let Err(error) = state.open_sites().await {
        stop.cancel();
        return Err(error);
    }
    let sites = state.sites.lock().await.iter().map(|(id, at)| (*id, *at)).collect();
    tokio::spawn(read_ahead(state.clone()));
    tokio::spawn(accept(state, listener, pages, Door::Pages));
    let task = tokio::spawn(async move {
        stop.cancelled().await;
        // Nothing is ever sent: the channel closes when the last accept loop is gone.
        let _: Option<()> = ended.recv().await;
    });
    Ok(Served { pages, sites, task })
}

/// Reads the records while nobody waits for them yet. A fault is told to whoever asks for a page.
pub(super) async fn read_ahead(state: Arc<State>) {
    for view in state.views() {
        tokio::select! {
            () = state.stop.cancelled() => return,
            _ = state.records(&view) => {}
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ReaderError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => ReaderError::PortInUse(address.port()),
        _ => ReaderError::Listen { address, source },
    })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, ReaderError> {
    let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
    listener.local_addr().map_err(|source| ReaderError::Listen { address: unknown, source })
}

/// What a port leads to.
#[derive(Debug, Clone, Copy)]
enum Door {
    Pages,
    Site(ArchiveId),
}

/// The records of a release as they were read.
struct Listed {
    /// The release and number of withdrawals that they were read from.
    of: (Hash, usize),
    read_at: Instant,
    list: Arc<Catalogue>,
}

/// The list of one archive. Held while it is read, so that many requests at once read only once, and nobody waits
/// for another archive's.
type Slot = Arc<Mutex<Option<Listed>>>;

/// What all connections share.
pub(super) struct State {
    pub(super) config: ReaderConfig,
    /// True when the pages are for guests from a LAN: no other port is opened for them.
    pub(super) guests: bool,
    /// How far an archive is of which perhaps nothing can be shown yet.
    pub(super) awaited: Option<Arc<Arrival>>,
    views: Views,
    stop: CancellationToken,
    permits: Arc<Semaphore>,
    sites: Mutex<BTreeMap<ArchiveId, SocketAddr>>,
    lists: Mutex<BTreeMap<ArchiveId, Slot>>,
    _alive: mpsc::Sender<()>,
}

impl State {
    /// Nothing served yet. `alive` is dropped with the last connection.
    pub(super) fn new(
        config: ReaderConfig,
        views: Views,
        stop: CancellationToken,
        alive: mpsc::Sender<()>,
    ) -> Self {
        Self {
            config,
            guests: false,
            awaited: None,
            views,
            stop,
            permits: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            sites: Mutex::default(),
            lists: Mutex::default(),
            _alive: alive,
        }
    }

    /// The archives, in a lasting order.
    pub(super) fn views(&self) -> Vec<Arc<ArchiveView>> {
        let mut views = (self.views)();
        views.sort_by_key(|view| view.archive());
        views
    }

    /// Opens a port for every archive that has none yet.
    pub(super) async fn open_sites(self: &Arc<Self>) -> Result<(), ReaderError> {
        if self.guests {
            return Ok(());
        }
        let mut sites = self.sites.lock().await;
        for view in self.views() {
            let id = view.archive();
            if sites.contains_key(&id) || sites.len() >= MAX_SITES {
                continue;
            }
            let listener = listen(SocketAddr::new(self.config.bind, 0)).await?;
            let address = local(&listener)?;
            sites.insert(id, address);
            tokio::spawn(accept(self.clone(), listener, address, Door::Site(id)));
        }
        Ok(())
    }

    /// Where the site of an archive is.
    pub(super) async fn site(&self, id: &ArchiveId) -> Option<SocketAddr> {
        self.sites.lock().await.get(id).copied()
    }

    /// The records of a release. Read once; a list in which something was missing is read anew after a while.
    pub(super) async fn records(
        &self,
        view: &Arc<ArchiveView>,
    ) -> Result<Arc<Catalogue>, ReadFault> {
        let id = view.archive();
        if let Some(part) = view.accepted().release.parts.first()
            && view.info().arriving.as_ref().is_some_and(|arrival| !arrival.has_part(&part.name))
        {
            // All of them are read, so nobody is made to wait for the first page.
            return Err(ReadFault::Missing(part.root));
        }
        // A notice can withdraw a record while the release stays the same.
        let hash = (view.accepted().release_hash(), view.withdrawn_items());
        let slot = self.slot(id).await;
        let mut listed = slot.lock().await;
        if let Some(known) = &*listed
            && known.of == hash
            && (known.list.is_complete() || known.read_at.elapsed() < INCOMPLETE_FOR)
        {
            return Ok(known.list.clone());
        }
        let view = view.clone();
        let list = blocking(move || Catalogue::load(&*view)).await?;
        let list = Arc::new(list);
        *listed = Some(Listed { of: hash, read_at: Instant::now(), list: list.clone() });
        Ok(list)
    }

    /// Where the list of an archive is kept. There are as many as there are archives: those of archives that are gone
    /// go when another one comes.
    async fn slot(&self, id: ArchiveId) -> Slot {
        let mut lists = self.lists.lock().await;
        if !lists.contains_key(&id) {
            let here: BTreeSet<_> = self.views().iter().map(|view| view.archive()).collect();
            lists.retain(|id, _| here.contains(id));
        }
        lists.entry(id).or_default().clone()
    }
}

/// Runs what reads the disk on a thread where that is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReadFault> + Send + 'static,
) -> Result<T, ReadFault> {
    let failed = |e: tokio::task::JoinError| {
        ReadFault::Source(yadgar_protocol::blocks::ReadError(e.to_string()))
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

/// Takes connections until told to stop. Boxed, because answering one may open another port, which
/// runs this again.
fn accept(
    state: Arc<State>,
    listener: TcpListener,
    address: SocketAddr,
    door: Door,
) -> BoxFuture<'static, ()> {
    Box::pin(accept_until_stopped(state, listener, address, door))
}

async fn accept_until_stopped(
    state: Arc<State>,
    listener: TcpListener,
    address: SocketAddr,
    door: Door,
) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = state.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        // With a connection in hand, not before: a quiet port must hold no place.
        let permit = tokio::select! {
            () = state.stop.cancelled() => break,
            permit = state.permits.clone().acquire_owned() => permit,
        };
        while connections.try_join_next().is_some() {}
        match stream {
            Ok((stream, _)) => {
                let state = state.clone();
                connections.spawn(async move {
                    connection(state, stream, address.port(), door).await;
                    drop(permit);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    // Whoever presses stop wants it to be over: what is being sent is cut off.
    connections.shutdown().await;
}

async fn connection(state: Arc<State>, stream: TcpStream, port: u16, door: Door) {
    let service = service_fn(move |request: Request<Incoming>| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(respond(&state, request, port, door).await) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection is the browser's affair, and nothing about readers is logged.
    let _ = tokio::time::timeout(CONNECTION_LIFE, serving).await;
}

/// Answers one request, whatever it is, with the headers of its origin.
async fn respond(state: &Arc<State>, request: Request<Incoming>, port: u16, door: Door) -> Answer {
    let (request, body) = request.into_parts();
    drop(body);
    let lang = state.config.lang;
    let origin = match door {
        Door::Pages => Origin::Pages,
        Door::Site(_) => Origin::Site,
    };
    let mut answer = match (guard::refuse(&request, port), door) {
        (Some(status), Door::Pages) => pages::error(lang, status),
        (Some(status), Door::Site(_)) => pages::site_error(lang, status),
        (None, Door::Pages) => pages::answer(state, request.uri.path(), request.uri.query()).await,
        (None, Door::Site(id)) => {
            let shown = state.clone();
            let now = move || shown.views().into_iter().find(|view| view.archive() == id);
            match now() {
                Some(view) => {
                    let now: site::Now = Arc::new(now);
                    site::answer((view, now), request.uri.path(), &request.headers, lang).await
                }
                None => pages::site_absent(state, lang),
            }
        }
    };
    headers::apply(answer.headers_mut(), origin);
    if answer.extensions().get::<headers::Waiting>().is_some() {
        headers::apply_waiting(answer.headers_mut());
    }
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
    }
    if request.method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
    answer
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
