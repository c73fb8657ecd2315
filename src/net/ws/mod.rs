//! WebSocket (RFC 6455): how a node stands behind a real website, and how one is dialled there.
//!
//! The transport of libp2p for this names itself in its answers and closes on a plain question; a prober needs
//! nothing more. Here a question gets the answer of an ordinary web server (`front`), and only a correct upgrade
//! on exactly the path of the address is let in. What runs inside is what runs on TCP: Noise and yamux, so nodes of
//! other libp2p programs can be dialled and can dial. TLS is that of the web server in front; the node listens
//! behind it in plain, on this machine or a private network (docs/decisions/0027-behind-a-website.md).

mod addr;
mod dial;
mod front;
mod stream;

pub use addr::{Place, Target, is_ws};
pub use stream::WsStream;

use crate::dial::Dialler;
use front::Secret;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::{Multiaddr, Transport};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Pause after the system refused to hand over a connection (no file descriptors left).
const PAUSE: Duration = Duration::from_millis(100);
/// Connections that the system holds until they are taken.
const BACKLOG: i32 = 128;

type Upgrade = BoxFuture<'static, io::Result<WsStream>>;
type Event = TransportEvent<Upgrade, io::Error>;

/// See the module.
#[derive(Default)]
pub struct Ws {
    dialler: Dialler,
    doors: Vec<Door>,
    events: VecDeque<Event>,
}

struct Door {
    id: ListenerId,
    address: Multiaddr,
    secret: Secret,
    listener: TcpListener,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Ws {
    /// Dials through `dialler`.
    pub fn new(dialler: Dialler) -> Self {
        Self { dialler, ..Self::default() }
    }
}

impl Door {
    fn open(id: ListenerId, place: &Place) -> io::Result<Self> {
        let listener = TcpListener::from_std(bind(place.at)?)?;
        let address = place.multiaddr(listener.local_addr()?);
        Ok(Self { id, address, secret: Secret::of(&place.path), listener, pause: None })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.poll_unpin(cx));
                self.pause = None;
            }
            match ready!(self.listener.poll_accept(cx)) {
                Ok(guest) => return Poll::Ready(guest),
                Err(_) => self.pause = Some(Box::pin(tokio::time::sleep(PAUSE))),
            }
        }
    }
}

fn bind(at: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Elsewhere this would let us take a port that is in use.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Transport for Ws {
    type Output = WsStream;
    type Error = io::Error;
    type ListenerUpgrade = Upgrade;
    type Dial = Upgrade;

    fn listen_on(
        &mut self,
        id: ListenerId,
        addr: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        let place = Place::of(&addr).ok_or(TransportError::MultiaddrNotSupported(addr))?;
        let door = Door::open(id, &place).map_err(TransportError::Other)?;
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
        let target = Target::of(&addr).ok_or(TransportError::MultiaddrNotSupported(addr))?;
        Ok(dial::dial(self.dialler.clone(), target).boxed())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(event);
        }
        for at in 0..self.doors.len() {
            let door = &mut self.doors[at];
            if let Poll::Ready((stream, guest)) = door.poll(cx) {
                let (listener_id, local_addr) = (door.id, door.address.clone());
                // Small answers are not to wait for more; where that cannot be had they do.
                let _ = stream.set_nodelay(true);
                let upgrade = front::admit(stream, door.secret).boxed();
                // Who came last is asked last, so that one door does not shut the others.
                self.doors[at..].rotate_left(1);
                let send_back_addr = crate::net::addr::of_tcp(guest);
                return Poll::Ready(TransportEvent::Incoming {
                    listener_id,
                    upgrade,
                    local_addr,
                    send_back_addr,
                });
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
#[path = "ws_tests.rs"]
mod tests;
