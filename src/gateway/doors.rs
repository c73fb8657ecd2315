//! Takes connections: how many, from where, for how long.

use super::Shared;
use super::answer::answer;
use super::limits::{ACCEPT_PAUSE, HEAD_TIMEOUT, MAX_HEAD_BYTES, MAX_HEADERS};
use super::line::Metered;
use crate::net::addr::network_of_ip;
use crate::net::steady::Steady;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Connections that there are, or CARs that are being sent.
pub(super) struct Places {
    most: usize,
    per_network: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// By network; private ones, as that of a web server in front, are not counted by themselves.
    networks: BTreeMap<IpAddr, usize>,
}

impl Places {
    /// So many in all, and from one public network.
    pub(super) fn new(most: usize, per_network: usize) -> Arc<Self> {
        Arc::new(Self { most, per_network, taken: Mutex::default() })
    }

    /// The most there may be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    /// Takes a place for somebody, if there is one.
    pub(super) fn enter(self: &Arc<Self>, network: Option<IpAddr>) -> Option<Place> {
        let mut taken = self.lock();
        let mine = network.map_or(0, |ip| taken.networks.get(&ip).copied().unwrap_or(0));
        if taken.all >= self.most || mine >= self.per_network {
            return None;
        }
        taken.all += 1;
        network.into_iter().for_each(|ip| *taken.networks.entry(ip).or_default() += 1);
        Some(Place { places: self.clone(), network })
    }

    fn leave(&self, network: Option<IpAddr>) {
        let mut taken = self.lock();
        taken.all = taken.all.saturating_sub(1);
        let Some(ip) = network else { return };
        if let Some(count) = taken.networks.get_mut(&ip) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.networks.remove(&ip);
            }
        }
    }
}

/// A place that is given back when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    network: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.leave(self.network);
    }
}

/// Takes connections until `stop`; then all end.
pub(super) async fn accept(shared: Arc<Shared>, listener: TcpListener, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, from)) = accepted else {
            // Out of descriptors, most likely.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if let Some(place) = shared.places.enter(network_of_ip(from.ip())) {
            connections.spawn(serve(shared.clone(), stream, place));
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(shared: Arc<Shared>, stream: TcpStream, place: Place) {
    let _ = stream.set_nodelay(true);
    let network = place.network;
    let (up, volume) = (shared.up.clone(), shared.volume.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = shared.clone();
        async move {
            shared.requests.fetch_add(1, Relaxed);
            let (request, body) = request.into_parts();
            drop(body);
            Ok::<_, Infallible>(answer(&shared, network, &request).await)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    http.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let (stream, pulse) = Steady::new(stream);
    let stream = Metered::new(stream, up, volume);
    // What goes wrong is the other side's affair; nothing about it is logged.
    tokio::select! {
        _ = http.serve_connection(TokioIo::new(stream), service) => {}
        () = pulse.lost() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_does_not_take_all_places() {
        let places = Places::new(96, 16);
        let ip = |n: u8| Some(IpAddr::from([198, 51, n, 0]));
        let taken: Vec<_> = (0..96).filter_map(|_| places.enter(ip(1))).collect();
        assert_eq!(taken.len(), 16);
        let others = (places.enter(ip(2)).unwrap(), places.enter(None).unwrap());
        assert_eq!(places.taken(), 18);
        drop((taken, others));
        assert_eq!(places.taken(), 0);
        assert!(places.lock().networks.is_empty());
        // A web server in front takes as many as there are.
        let all: Vec<_> = (0..1000).filter_map(|_| places.enter(None)).collect();
        assert_eq!(all.len(), 96);
        assert!(places.enter(ip(3)).is_none());
    }
}
