//! A behaviour that is not told where peers are.
//!
//! Gossipsub keeps the IP address of every peer that was ever connected, of readers too, for as long as the program runs:
//! for a weight in its scores that we do not use (SCORE-7). What it is not told it cannot keep.

use libp2p::core::{ConnectedPoint, Endpoint, transport::PortUse};
use libp2p::swarm::behaviour::{AddressChange, ConnectionClosed, ConnectionEstablished};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use std::ops::{Deref, DerefMut};
use std::task::{Context, Poll};

/// See the module. The behaviour inside must not dial by addresses that it was told.
pub struct Unaddressed<B>(pub B);

impl<B> Deref for Unaddressed<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.0
    }
}

impl<B> DerefMut for Unaddressed<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.0
    }
}

/// The same end of a connection, without addresses.
fn bare(point: &ConnectedPoint) -> ConnectedPoint {
    let nowhere = Multiaddr::empty;
    match point {
        ConnectedPoint::Dialer { role_override, port_use, .. } => ConnectedPoint::Dialer {
            address: nowhere(),
            role_override: *role_override,
            port_use: *port_use,
        },
        ConnectedPoint::Listener { .. } => {
            ConnectedPoint::Listener { local_addr: nowhere(), send_back_addr: nowhere() }
        }
    }
}

impl<B: NetworkBehaviour> NetworkBehaviour for Unaddressed<B> {
    type ConnectionHandler = B::ConnectionHandler;
    type ToSwarm = B::ToSwarm;

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let nowhere = Multiaddr::empty();
        self.0.handle_established_inbound_connection(id, peer, &nowhere, &nowhere)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let nowhere = Multiaddr::empty();
        self.0.handle_established_outbound_connection(id, peer, &nowhere, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(e) => {
                let endpoint = &bare(e.endpoint);
                let told = ConnectionEstablished { endpoint, failed_addresses: &[], ..e };
                self.0.on_swarm_event(FromSwarm::ConnectionEstablished(told));
            }
            FromSwarm::ConnectionClosed(e) => {
                let told = ConnectionClosed { endpoint: &bare(e.endpoint), ..e };
                self.0.on_swarm_event(FromSwarm::ConnectionClosed(told));
            }
            FromSwarm::AddressChange(e) => {
                let (old, new) = (&bare(e.old), &bare(e.new));
                self.0.on_swarm_event(FromSwarm::AddressChange(AddressChange { old, new, ..e }));
            }
            // Failures and our own addresses are of no use to it, and the former name addresses.
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.0.on_connection_handler_event(peer, id, event);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.0.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::swarm::dummy;
    use std::convert::Infallible;

    /// Keeps all that it is told.
    #[derive(Default)]
    struct Curious(String);

    impl NetworkBehaviour for Curious {
        type ConnectionHandler = dummy::ConnectionHandler;
        type ToSwarm = Infallible;

        fn handle_established_inbound_connection(
            &mut self,
            _: ConnectionId,
            _: PeerId,
            local: &Multiaddr,
            remote: &Multiaddr,
        ) -> Result<THandler<Self>, ConnectionDenied> {
            self.0 += &format!("in {local} {remote}\n");
            Ok(dummy::ConnectionHandler)
        }

        fn handle_established_outbound_connection(
            &mut self,
            _: ConnectionId,
            _: PeerId,
            addr: &Multiaddr,
            _: Endpoint,
            _: PortUse,
        ) -> Result<THandler<Self>, ConnectionDenied> {
            self.0 += &format!("out {addr}\n");
            Ok(dummy::ConnectionHandler)
        }

        fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
            self.0 += &format!("{event:?}\n");
        }

        fn on_connection_handler_event(
            &mut self,
            _: PeerId,
            _: ConnectionId,
            event: THandlerOutEvent<Self>,
        ) {
            match event {}
        }

        fn poll(
            &mut self,
            _: &mut Context<'_>,
        ) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
            Poll::Pending
        }
    }

    #[test]
    fn no_address_is_told() {
        let (peer, connection_id) = (PeerId::random(), ConnectionId::new_unchecked(7));
        let here: Multiaddr = "/ip4/10.1.2.3/tcp/4774".parse().unwrap();
        let there: Multiaddr = "/ip4/203.0.113.77/tcp/50000".parse().unwrap();
        let mut told = Unaddressed(Curious::default());
        let (role, port) = (Endpoint::Dialer, PortUse::Reuse);
        told.handle_established_inbound_connection(connection_id, peer, &here, &there).unwrap();
        let dialled =
            told.handle_established_outbound_connection(connection_id, peer, &there, role, port);
        dialled.unwrap();
        let points = [
            ConnectedPoint::Dialer { address: there.clone(), role_override: role, port_use: port },
            ConnectedPoint::Listener { local_addr: here.clone(), send_back_addr: there.clone() },
        ];
        let (old, new) = (&points[0], &points[1]);
        for endpoint in &points {
            told.on_swarm_event(FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id: peer,
                connection_id,
                endpoint,
                failed_addresses: std::slice::from_ref(&there),
                other_established: 0,
            }));
            told.on_swarm_event(FromSwarm::ConnectionClosed(ConnectionClosed {
                peer_id: peer,
                connection_id,
                endpoint,
                cause: None,
                remaining_established: 0,
            }));
        }
        let change = AddressChange { peer_id: peer, connection_id, old, new };
        told.on_swarm_event(FromSwarm::AddressChange(change));
        let text = &told.0.0;
        assert_eq!(text.matches(&peer.to_string()).count(), 5, "{text}");
        assert!(!text.contains("203.0.113.77") && !text.contains("10.1.2.3"), "{text}");
    }
}
