//! A behaviour whose claims about our own addresses are not taken at its word.
//!
//! Identify makes a candidate of whatever any peer says that it sees; UPnP calls confirmed what a router says. Here
//! neither passes: what may be ours is offered as a candidate by the node itself, and AutoNAT alone confirms it.

use super::addr::{bare, may_be_ours};
use super::limits::{CANDIDATES_EVERY, MAX_CANDIDATES_TOLD, MAX_OWN_CANDIDATES};
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Candidates of late, so that nobody can make us ask about many addresses.
#[derive(Debug, Default)]
pub struct Sieve(VecDeque<Offered>);

#[derive(Debug)]
struct Offered {
    addr: Multiaddr,
    /// The public network of who told it; all that have none count together.
    teller: Option<IpAddr>,
    at: Instant,
}

impl Sieve {
    /// True for an address that may be ours and was not offered lately; it counts as offered then. At most
    /// [`MAX_OWN_CANDIDATES`] pass within [`CANDIDATES_EVERY`], of which one network tells [`MAX_CANDIDATES_TOLD`]: the
    /// same address with our id is not another.
    pub fn passes(&mut self, addr: &Multiaddr, teller: Option<IpAddr>, now: Instant) -> bool {
        self.0.retain(|o| now.saturating_duration_since(o.at) < CANDIDATES_EVERY);
        let again = self.0.iter().any(|o| bare(&o.addr) == bare(addr));
        let told: BTreeSet<_> =
            self.0.iter().filter(|o| o.teller == teller).map(|o| bare(&o.addr)).collect();
        let few = again || told.len() < MAX_CANDIDATES_TOLD;
        let passes =
            !self.knows(addr) && few && self.0.len() < MAX_OWN_CANDIDATES && may_be_ours(addr);
        if passes {
            self.0.push_back(Offered { addr: addr.clone(), teller, at: now });
        }
        passes
    }

    /// True for an address that passed of late.
    pub fn knows(&self, addr: &Multiaddr) -> bool {
        self.0.iter().any(|offered| offered.addr == *addr)
    }
}

/// See the module.
pub struct Sifted<B> {
    inner: B,
    /// What the behaviour itself calls ours becomes a candidate; else it is passed over.
    hears: bool,
    sieve: Sieve,
    offered: VecDeque<Multiaddr>,
    waker: Option<Waker>,
}

impl<B> Sifted<B> {
    /// Candidates come only by [`Sifted::offer`].
    pub fn deaf(inner: B) -> Self {
        Self::new(inner, false)
    }

    /// What `inner` calls confirmed or a candidate becomes a candidate, if it may be ours.
    pub fn hearing(inner: B) -> Self {
        Self::new(inner, true)
    }

    fn new(inner: B, hears: bool) -> Self {
        Self { inner, hears, sieve: Sieve::default(), offered: VecDeque::new(), waker: None }
    }

    /// Makes an address a candidate that somebody of this public network told, if it may be ours. True when it is one.
    pub fn offer(&mut self, addr: Multiaddr, teller: Option<IpAddr>) -> bool {
        if self.sieve.passes(&addr, teller, Instant::now()) {
            self.offered.push_back(addr);
            self.waker.take().inspect(Waker::wake_by_ref);
            return true;
        }
        self.sieve.knows(&addr)
    }
}

impl<B: NetworkBehaviour> NetworkBehaviour for Sifted<B> {
    type ConnectionHandler = B::ConnectionHandler;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.inner.handle_pending_inbound_connection(id, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inner.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.inner.handle_pending_outbound_connection(id, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        addr: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inner.handle_established_outbound_connection(id, peer, addr, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.inner.on_connection_handler_event(peer, id, event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        loop {
            if let Some(addr) = self.offered.pop_front() {
                return Poll::Ready(ToSwarm::NewExternalAddrCandidate(addr));
            }
            match self.inner.poll(cx) {
                Poll::Ready(
                    ToSwarm::NewExternalAddrCandidate(addr) | ToSwarm::ExternalAddrConfirmed(addr),
                ) => {
                    if self.hears {
                        self.offer(addr, None);
                    }
                }
                Poll::Ready(other) => return Poll::Ready(other),
                Poll::Pending => {
                    self.waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: usize) -> Option<IpAddr> {
        Some(IpAddr::from([9, 9, n as u8, 0]))
    }

    #[test]
    fn few_candidates_pass_and_none_twice() {
        let (mut sieve, now) = (Sieve::default(), Instant::now());
        let addr = |n: usize| -> Multiaddr { format!("/ip4/8.8.4.{n}/tcp/4774").parse().unwrap() };
        let mut passes = |n: usize, at: Instant| sieve.passes(&addr(n), network(n), at);
        assert!(passes(1, now) && !passes(1, now));
        let passed = (2..200).filter(|n| passes(*n, now)).count();
        assert_eq!(passed, MAX_OWN_CANDIDATES - 1);
        assert!(!passes(250, now));
        assert!(passes(250, now + CANDIDATES_EVERY), "the address may have changed");
        for never in ["/ip4/192.168.1.2/tcp/4774", "/ip4/8.8.4.4/tcp/22", "/dns4/a.example/tcp/1"] {
            let (never, later) = (never.parse().unwrap(), now + CANDIDATES_EVERY * 3);
            assert!(!sieve.passes(&never, network(9), later), "{never}");
        }
    }

    #[test]
    fn one_network_tells_few() {
        let (mut sieve, now) = (Sieve::default(), Instant::now());
        let addr = |n: usize| -> Multiaddr { format!("/ip4/8.8.4.{n}/tcp/4774").parse().unwrap() };
        let told = (0..9).filter(|n| sieve.passes(&addr(*n), network(1), now)).count();
        assert_eq!(told, MAX_CANDIDATES_TOLD);
        // The same with our id is asked about once more, whoever tells it.
        let again = addr(0).with_p2p(PeerId::random()).unwrap();
        assert!(sieve.passes(&again, network(1), now) && sieve.knows(&again));
        assert!(sieve.passes(&addr(9), network(2), now) && !sieve.knows(&addr(8)));
    }
}
