//! Listens for a share: on addresses of a LAN, each bound to its interface, to people of its own network only.
//!
//! The TCP transport of libp2p knows neither interfaces nor zones, so link-local IPv6 is possible only here:
//! `/ip6zone/3/ip6/fe80::1/tcp/0`. This one dials nobody. Who is not of the network is closed before a byte is read.

use super::addr::{of_tcp, tcp_port};
use super::lan::{LanAddress, lan_address_of};
use futures::FutureExt as _;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::{Multiaddr, Transport, tcp};
use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Pause after the system refused to hand over a connection (no file descriptors left).
const PAUSE: Duration = Duration::from_millis(100);

type Upgrade = Ready<io::Result<tcp::tokio::TcpStream>>;
type Event = TransportEvent<Upgrade, io::Error>;

/// See the module.
#[derive(Default)]
pub struct Room {
    doors: Vec<Door>,
    events: VecDeque<Event>,
}

struct Door {
    id: ListenerId,
    at: LanAddress,
    address: Multiaddr,
    listener: TcpListener,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Door {
    fn open(id: ListenerId, addr: &Multiaddr) -> io::Result<Self> {
        let at = lan_address_of(addr)?;
        let listener = TcpListener::from_std(at.listen(tcp_port(addr).unwrap_or(0))?)?;
        let address = at.multiaddr(listener.local_addr()?.port());
        Ok(Self { id, at, address, listener, pause: None })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            if let Some(pause) = &mut self.pause {
                std::task::ready!(pause.poll_unpin(cx));
                self.pause = None;
            }
            match std::task::ready!(self.listener.poll_accept(cx)) {
                Ok((stream, guest)) if self.at.admits(guest.ip()) => {
                    return Poll::Ready((stream, guest));
                }
                Ok(_) => {}
                Err(_) => self.pause = Some(Box::pin(tokio::time::sleep(PAUSE))),
            }
        }
    }
}

impl Transport for Room {
    type Output = tcp::tokio::TcpStream;
    type Error = io::Error;
    type ListenerUpgrade = Upgrade;
    type Dial = std::future::Pending<io::Result<Self::Output>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        addr: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        let door = Door::open(id, &addr).map_err(TransportError::Other)?;
        let listen_addr = door.address.clone();
        self.events.push_back(TransportEvent::NewAddress { listener_id: id, listen_addr });
        self.doors.push(door);
        Ok(())
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        let before = self.doors.len();
        self.doors.retain(|door| door.id != id);
        let gone = self.doors.len() < before;
        if gone {
            let closed = TransportEvent::ListenerClosed { listener_id: id, reason: Ok(()) };
            self.events.push_back(closed);
        }
        gone
    }

    fn dial(
        &mut self,
        addr: Multiaddr,
        _: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        Err(TransportError::MultiaddrNotSupported(addr))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(event);
        }
        for at in 0..self.doors.len() {
            let door = &mut self.doors[at];
            if let Poll::Ready((stream, guest)) = door.poll(cx) {
                let (listener_id, local_addr) = (door.id, door.address.clone());
                // Small answers are not to wait for more.
                let upgrade = stream.set_nodelay(true).map(|()| tcp::tokio::TcpStream(stream));
                // Who came last is asked last, so that one door does not shut the others.
                self.doors[at..].rotate_left(1);
                return Poll::Ready(TransportEvent::Incoming {
                    listener_id,
                    upgrade: ready(upgrade),
                    local_addr,
                    send_back_addr: of_tcp(guest),
                });
            }
        }
        Poll::Pending
    }
}
