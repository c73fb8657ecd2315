//! The sockets: one for each address of ours, and those on the port that is known to all, which hear only what is said
//! to everybody: they are bound to the addresses of everybody and of the groups. To a datagram that is sent to us alone
//! there, this machine answers as if nothing listened.

use super::links::Link;
use super::{READS, READS_TIME};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use yadgar_protocol::beacon::{ALL_V6, BEACON_PORT, GROUP_V4, GROUP_V6, Place};

/// A socket, and how much was read from it lately.
struct Door {
    socket: UdpSocket,
    reads: u32,
    since: Instant,
}

impl Door {
    fn new(socket: UdpSocket) -> Self {
        Self { socket, reads: 0, since: Instant::now() }
    }

    /// Reads a datagram, unless more than enough were read lately.
    fn poll(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<(usize, SocketAddr)> {
        if self.since.elapsed() >= READS_TIME {
            (self.reads, self.since) = (0, Instant::now());
        }
        while self.reads < READS {
            let mut buffer = ReadBuf::new(buffer);
            match self.socket.poll_recv_from(cx, &mut buffer) {
                Poll::Ready(Ok(from)) => {
                    self.reads += 1;
                    return Poll::Ready((buffer.filled().len(), from));
                }
                // That somebody did not take what we sent (ICMP) is no fault of the socket.
                Poll::Ready(Err(_)) => self.reads += 1,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Pending
    }

    fn is_tired(&self) -> bool {
        self.reads >= READS
    }
}

/// All sockets of a beacon.
pub struct Doors {
    /// Whether groups are joined. The system tells the network of that, so who listens in silence
    /// does with what goes to everybody.
    join: bool,
    /// The port of what we send: the one known to all when others may ask us.
    port: u16,
    /// The port known to all, at addresses of everybody and of groups. Whoever else on this machine listens there,
    /// too, hears it as well.
    public: BTreeMap<SocketAddr, Door>,
    own: Vec<(Link, Door)>,
    turn: usize,
}

impl Doors {
    /// No socket yet.
    pub fn new(serve: bool, join: bool) -> Self {
        let port = if serve { BEACON_PORT } else { 0 };
        Self { join, port, public: BTreeMap::new(), own: Vec::new(), turn: 0 }
    }

    /// Opens what is missing and closes what is no longer ours. Gives the addresses that have a
    /// socket; those without are tried again the next time (a new IPv6 address is not usable at
    /// once).
    pub fn follow(&mut self, links: &[Link]) -> Vec<Place> {
        self.own.retain(|(link, _)| links.contains(link));
        self.open_public(links);
        for link in links {
            if self.own.iter().any(|(own, _)| own == link) {
                continue;
            }
            match own_socket(&link.place, self.port) {
                Ok(socket) => {
                    self.join(&link.place);
                    self.own.push((*link, Door::new(socket)));
                }
                Err(e) => tracing::debug!("no beacon from an address of ours yet: {e}"),
            }
        }
        self.own.iter().map(|(link, _)| link.place).collect()
    }

    /// Where there is something to be heard on these links.
    fn audible(&self, links: &[Link]) -> BTreeSet<SocketAddr> {
        let mut all = BTreeSet::new();
        for link in links {
            let zone = |ip| SocketAddrV6::new(ip, BEACON_PORT, 0, link.place.interface).into();
            match link.place.address {
                IpAddr::V4(_) => {
                    let group = Some(GROUP_V4).filter(|_| self.join);
                    let ips = link.broadcast.into_iter().chain(group);
                    all.extend(ips.map(|ip| SocketAddr::new(ip.into(), BEACON_PORT)));
                }
                IpAddr::V6(_) => {
                    all.insert(zone(ALL_V6));
                    all.extend(Some(zone(GROUP_V6)).filter(|_| self.join));
                }
            }
        }
        all
    }

    fn open_public(&mut self, links: &[Link]) {
        let wanted = self.audible(links);
        self.public.retain(|at, _| wanted.contains(at));
        for at in wanted {
            if self.public.contains_key(&at) {
                continue;
            }
            match bound(at).and_then(into_tokio) {
                Ok(socket) => {
                    self.public.insert(at, Door::new(socket));
                    self.own.iter().for_each(|(link, _)| self.join(&link.place));
                }
                Err(e) => tracing::debug!("announcements on the LAN cannot be heard: {e}"),
            }
        }
    }

    /// Joins the group on a link. A membership goes with its interface; joining again is no fault.
    fn join(&self, place: &Place) {
        if !self.join {
            return;
        }
        let group = match place.address {
            IpAddr::V4(_) => SocketAddr::new(GROUP_V4.into(), BEACON_PORT),
            IpAddr::V6(_) => SocketAddrV6::new(GROUP_V6, BEACON_PORT, 0, place.interface).into(),
        };
        let Some(Door { socket, .. }) = self.public.get(&group) else { return };
        let joined = match place.address {
            IpAddr::V4(own) => socket.join_multicast_v4(GROUP_V4, own),
            IpAddr::V6(_) => socket.join_multicast_v6(&GROUP_V6, place.interface),
        };
        if let Err(e) = joined.or_else(|e| if is_joined(&e) { Ok(()) } else { Err(e) }) {
            tracing::debug!("a group on the LAN cannot be joined: {e}");
        }
    }

    /// Sends from an address of ours: to one, or to everybody on its link. What cannot be sent now
    /// is dropped; it will be sent again.
    pub fn send(&self, from: &Place, to: Option<SocketAddr>, bytes: &[u8]) {
        let Some((link, door)) = self.own.iter().find(|(link, _)| link.place == *from) else {
            return;
        };
        let everybody = || match from.address {
            IpAddr::V4(_) => {
                let all = link.broadcast.into_iter().chain([GROUP_V4]);
                all.map(|ip| SocketAddr::new(ip.into(), BEACON_PORT)).collect::<Vec<_>>()
            }
            IpAddr::V6(_) => {
                let zone = |ip| SocketAddrV6::new(ip, BEACON_PORT, 0, from.interface).into();
                [ALL_V6, GROUP_V6].map(zone).to_vec()
            }
        };
        for to in to.map_or_else(everybody, |to| vec![to]) {
            if let Err(e) = door.socket.try_send_to(bytes, to) {
                tracing::trace!("a beacon was not sent: {e}");
            }
        }
    }

    /// The next datagram: its length, and who sent it. Sockets are read in turn, so that a flood at
    /// one of them does not shut the others.
    pub fn poll(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<(usize, SocketAddr)> {
        let own = self.own.iter_mut().map(|(_, door)| door);
        let mut all: Vec<_> = self.public.values_mut().chain(own).collect();
        let count = all.len();
        for step in 1..=count {
            let at = (self.turn + step) % count;
            if let Poll::Ready(got) = all[at].poll(cx, buffer) {
                self.turn = at;
                return Poll::Ready(got);
            }
        }
        Poll::Pending
    }

    /// True when a socket is not read for a moment, after a flood: it is to be looked at again then.
    pub fn is_any_tired(&self) -> bool {
        let own = self.own.iter().map(|(_, door)| door);
        self.public.values().chain(own).any(Door::is_tired)
    }
}

/// A socket of one address of ours.
fn own_socket(place: &Place, port: u16) -> io::Result<UdpSocket> {
    let at = match place.address {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), port),
        IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, place.interface).into(),
    };
    let socket = bound(at)?;
    match place.address {
        IpAddr::V4(ip) => {
            socket.set_broadcast(true)?;
            socket.set_multicast_if_v4(&ip)?;
            socket.set_multicast_ttl_v4(1)?;
        }
        IpAddr::V6(_) => {
            socket.set_multicast_if_v6(place.interface)?;
            socket.set_multicast_hops_v6(1)?;
        }
    }
    into_tokio(socket)
}

/// A socket that shares its port: with our own others, and with another yadgar on this machine.
fn bound(at: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if at.port() != 0 {
        socket.set_reuse_address(true)?;
        // Linux would share out what comes among those who ask for this.
        #[cfg(all(unix, not(target_os = "linux"), not(target_os = "android")))]
        socket.set_reuse_port(true)?;
    }
    socket.bind(&at.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn into_tokio(socket: Socket) -> io::Result<UdpSocket> {
    UdpSocket::from_std(socket.into())
}

/// The group was joined before, with another address of the same interface.
fn is_joined(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}
