//! Takes connections: how many, from where, for how long.

use super::Shared;
use super::answer::answer;
use super::limits::{
    ACCEPT_PAUSE, HEAD_TIMEOUT, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEADERS, MAX_PER_NETWORK,
};
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

/// Connections that there are.
#[derive(Default)]
pub(super) struct Places(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    all: usize,
    /// By network; private ones, as that of a web server in front, are not counted by themselves.
    networks: BTreeMap<IpAddr, usize>,
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    /// Takes a place for somebody; false when there is none.
    fn enter(&self, network: Option<IpAddr>) -> bool {
        let mut taken = self.lock();
        let mine = network.map_or(0, |ip| taken.networks.get(&ip).copied().unwrap_or(0));
        if taken.all >= MAX_CONNECTIONS || mine >= MAX_PER_NETWORK {
            return false;
        }
        taken.all += 1;
        network.into_iter().for_each(|ip| *taken.networks.entry(ip).or_default() += 1);
        true
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
struct Place {
    shared: Arc<Shared>,
    network: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.places.leave(self.network);
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
        let network = network_of_ip(from.ip());
        if shared.places.enter(network) {
            let place = Place { shared: shared.clone(), network };
            connections.spawn(serve(shared.clone(), stream, place));
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(shared: Arc<Shared>, stream: TcpStream, _place: Place) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = shared.clone();
        async move {
            shared.requests.fetch_add(1, Relaxed);
            let (request, body) = request.into_parts();
            drop(body);
            Ok::<_, Infallible>(answer(&shared, &request).await)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    http.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let (stream, pulse) = Steady::new(stream);
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
        let places = Places::default();
        let ip = |n: u8| Some(IpAddr::from([198, 51, n, 0]));
        let taken = (0..MAX_CONNECTIONS).filter(|_| places.enter(ip(1))).count();
        assert_eq!(taken, MAX_PER_NETWORK);
        assert!(places.enter(ip(2)) && places.enter(None));
        (0..taken).for_each(|_| places.leave(ip(1)));
        places.leave(ip(2));
        places.leave(None);
        assert_eq!(places.taken(), 0);
        assert!(places.lock().networks.is_empty());
        // A web server in front takes as many as there are.
        assert_eq!((0..1000).filter(|_| places.enter(None)).count(), MAX_CONNECTIONS);
        assert!(!places.enter(ip(3)));
    }
}
