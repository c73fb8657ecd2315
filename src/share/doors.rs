//! The sockets of a share: one for each address of the LAN, all on one port, and what becomes of who knocks.

use super::answer::{Asked, Shop, busy, finish};
use super::limits::{
    ACCEPT_PAUSE, HEAD_TIMEOUT, MAX_HEAD_BYTES, MAX_HEADERS, PORT_TRIES, REFUSAL_TIME,
};
use super::places::Welcome;
use super::{Rule, ShareError};
use crate::net::lan::LanAddress;
use crate::net::steady::Steady;
use axum::http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// All sockets.
pub struct Doors {
    shop: Arc<Shop>,
    rule: Rule,
    /// The port, once one is open.
    pub port: u16,
    open: BTreeMap<LanAddress, Door>,
}

struct Door {
    close: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Doors {
    /// Opens a door on each of `addresses` that the rule allows; `port` or a free one.
    ///
    /// # Errors
    /// When there is no such address, or none can be listened on.
    pub fn open(
        shop: Arc<Shop>,
        rule: Rule,
        addresses: &[LanAddress],
        port: Option<u16>,
    ) -> Result<Self, ShareError> {
        let allowed: Vec<_> = addresses.iter().copied().filter(|at| rule(at.ip)).collect();
        let (port, listeners) = listen_on_all(&allowed, port)?;
        let mut doors = Self { shop, rule, port, open: BTreeMap::new() };
        for (at, listener) in listeners {
            doors.add(at, listener);
        }
        Ok(doors)
    }

    /// Where they are.
    pub fn addresses(&self) -> Vec<LanAddress> {
        let mut all: Vec<_> = self.open.keys().copied().collect();
        all.sort_by_key(|at| (!at.is_for_browsers(), at.ip.is_ipv6(), at.ip, at.scope));
        all
    }

    /// Closes the doors of addresses that are gone, and opens those of new ones. One that cannot be opened now is
    /// tried again the next time.
    pub async fn follow(&mut self, addresses: &[LanAddress]) {
        let gone: Vec<_> = self.open.keys().copied().filter(|at| !addresses.contains(at)).collect();
        for at in gone {
            self.shut(at).await;
        }
        for at in addresses {
            if self.open.contains_key(at) || !(self.rule)(at.ip) {
                continue;
            }
            if let Ok(listener) = listen(*at, self.port) {
                self.add(*at, listener);
            }
        }
    }

    /// Closes everything; what is being sent is cut off.
    pub async fn close(mut self) {
        self.open.values().for_each(|door| door.close.cancel());
        while let Some((at, _)) = self.open.first_key_value() {
            self.shut(*at).await;
        }
    }

    async fn shut(&mut self, at: LanAddress) {
        if let Some(door) = self.open.remove(&at) {
            door.close.cancel();
            for task in door.tasks {
                let _ = task.await;
            }
        }
    }

    fn add(&mut self, at: LanAddress, listener: TcpListener) {
        let close = CancellationToken::new();
        let ours = at.listen_to_ourselves(self.port).map(TcpListener::from_std);
        let tasks = [listener].into_iter().chain(ours.and_then(Result::ok)).map(|listener| {
            let who = Who { at, rule: self.rule };
            tokio::spawn(accept(self.shop.clone(), who, listener, close.clone()))
        });
        let tasks = tasks.collect();
        self.open.insert(at, Door { close, tasks });
    }
}

fn listen(at: LanAddress, port: u16) -> io::Result<TcpListener> {
    TcpListener::from_std(at.listen(port)?)
}

/// Who may come in by a door.
#[derive(Clone, Copy)]
struct Who {
    at: LanAddress,
    rule: Rule,
}

impl Who {
    /// Asked for each connection: what was bound says nothing of where a packet came from.
    fn may(self, local: SocketAddr, guest: SocketAddr) -> bool {
        (self.rule)(local.ip()) && (self.rule)(guest.ip()) && self.at.admits(guest.ip())
    }
}

type Listeners = Vec<(LanAddress, TcpListener)>;

/// One port on all addresses. A given port that another program has is an error; a free one is looked for a few
/// times, since it has to be free everywhere.
fn listen_on_all(
    addresses: &[LanAddress],
    port: Option<u16>,
) -> Result<(u16, Listeners), ShareError> {
    let mut last = None;
    for _ in 0..if port.is_some() { 1 } else { PORT_TRIES } {
        let (mut wanted, mut listeners) = (port.unwrap_or(0), Vec::new());
        let mut taken = false;
        for at in addresses {
            match listen(*at, wanted) {
                Ok(listener) => {
                    wanted = listener.local_addr().map_err(ShareError::Listen)?.port();
                    listeners.push((*at, listener));
                }
                Err(e) => {
                    taken |= e.kind() == io::ErrorKind::AddrInUse;
                    last = Some(e);
                }
            }
        }
        match (taken, port) {
            (true, Some(port)) => return Err(ShareError::PortInUse(port)),
            (false, _) if !listeners.is_empty() => return Ok((wanted, listeners)),
            _ => {}
        }
    }
    Err(last.map_or(ShareError::NoLan, ShareError::Listen))
}

async fn accept(shop: Arc<Shop>, who: Who, listener: TcpListener, close: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = close.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, guest)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(local) = stream.local_addr() else { continue };
        if !who.may(local, guest) {
            continue;
        }
        match shop.places.enter(guest.ip(), Instant::now()) {
            Welcome::In(place) => {
                let shop = shop.clone();
                connections.spawn(async move {
                    serve(shop, stream, local, guest).await;
                    drop(place);
                });
            }
            Welcome::Later(place) => {
                connections.spawn(async move {
                    refuse(stream).await;
                    drop(place);
                });
            }
            Welcome::Closed => {}
        }
    }
    drop(listener);
    // When it is over it is over: what is being sent is cut off.
    connections.shutdown().await;
}

fn http() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    builder
}

async fn serve(shop: Arc<Shop>, stream: TcpStream, local: SocketAddr, guest: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let shop = shop.clone();
        async move {
            shop.places.asked(guest.ip(), Instant::now());
            let (request, body) = request.into_parts();
            drop(body);
            let asked = Asked { request, local, guest: guest.ip() };
            Ok::<_, Infallible>(shop.respond(&asked).await)
        }
    });
    let (stream, pulse) = Steady::new(stream);
    let serving = http().serve_connection(TokioIo::new(stream), service);
    // A broken connection is the guest's affair, and nothing about guests is logged.
    tokio::select! {
        _ = serving => {}
        () = pulse.lost() => {}
    }
}

/// Says to somebody for whom there is no place when to come again.
async fn refuse(stream: TcpStream) {
    let service = service_fn(|request: Request<Incoming>| async move {
        let mut answer = busy();
        finish(&mut answer, request.method());
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Ok::<_, Infallible>(answer)
    });
    let serving = http().serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(REFUSAL_TIME, serving).await;
}
