//! TCP by way of the dialler: names, onion services, and everything where there is a proxy.
//!
//! With a proxy this transport takes every address and answers for it, so that none is ever passed on to another
//! transport, which would dial it straight; and it listens on loopback only (an onion service leads there).

use crate::dial::{ConnectError, Dialler, Family, Host};
use futures::future::{BoxFuture, FutureExt as _};
use libp2p::core::multiaddr::Protocol;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::{Multiaddr, Transport, tcp};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

type Doors = tcp::tokio::Transport;

/// See the module.
pub struct Outward {
    dialler: Dialler,
    /// Listens where there is a proxy; it never dials.
    doors: Option<Doors>,
}

impl Outward {
    /// A transport for this dialler.
    pub fn new(dialler: Dialler) -> Self {
        let doors = dialler.proxy().map(|_| Doors::new(tcp::Config::default().nodelay(true)));
        Self { dialler, doors }
    }
}

impl Transport for Outward {
    type Output = tcp::tokio::TcpStream;
    type Error = io::Error;
    type ListenerUpgrade = <Doors as Transport>::ListenerUpgrade;
    type Dial = BoxFuture<'static, io::Result<Self::Output>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        addr: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        match &mut self.doors {
            Some(doors) if is_loopback(&addr) => doors.listen_on(id, addr),
            _ => Err(TransportError::MultiaddrNotSupported(addr)),
        }
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.doors.as_mut().is_some_and(|doors| doors.remove_listener(id))
    }

    fn dial(
        &mut self,
        addr: Multiaddr,
        _: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some((host, port, family)) = target(&addr) else {
            return match self.dialler.proxy() {
                Some(_) => Ok(std::future::ready(Err(refused(ConnectError::NoTcp))).boxed()),
                None => Err(TransportError::MultiaddrNotSupported(addr)),
            };
        };
        let dialler = self.dialler.clone();
        let dial = async move {
            let stream = dialler.tcp_of(&host, port, family).await.map_err(refused)?;
            Ok(tcp::tokio::TcpStream(stream))
        };
        Ok(dial.boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        match &mut self.doors {
            Some(doors) => Pin::new(doors).poll(cx),
            None => Poll::Pending,
        }
    }
}

/// What the dialler said, as the source of an error: the types that libp2p wraps errors in hand on sources, and hide
/// what they hold themselves.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(#[source] ConnectError);

/// What the dialler said, as an error of a transport.
pub fn refused(error: ConnectError) -> io::Error {
    io::Error::other(Told(error))
}

/// True for a TCP address of this machine's own.
pub fn is_loopback(addr: &Multiaddr) -> bool {
    matches!(target(addr), Some((Host::Ipv4(ip), ..)) if ip.is_loopback())
        || matches!(target(addr), Some((Host::Ipv6(ip), ..)) if ip.is_loopback())
}

/// Where an address of TCP leads; `None` for others and where more than a peer id stands behind the port.
fn target(addr: &Multiaddr) -> Option<(Host, u16, Family)> {
    let mut parts = addr.iter();
    let name = |name: &str| Some(Host::Domain(name.to_owned()));
    let (host, family) = match parts.next()? {
        Protocol::Ip4(ip) => (Some(Host::Ipv4(ip)), Family::Any),
        Protocol::Ip6(ip) => (Some(Host::Ipv6(ip)), Family::Any),
        Protocol::Dns(text) => (name(&text), Family::Any),
        Protocol::Dns4(text) => (name(&text), Family::V4),
        Protocol::Dns6(text) => (name(&text), Family::V6),
        Protocol::Onion3(onion) => {
            let key = data_encoding::BASE32_NOPAD.encode(onion.hash()).to_ascii_lowercase();
            let host = name(&format!("{key}.onion"))?;
            return ends(parts).then_some((host, onion.port(), Family::Any));
        }
        _ => return None,
    };
    let Protocol::Tcp(port) = parts.next()? else { return None };
    ends(parts).then_some((host?, port, family))
}

/// True when nothing follows but a peer id.
fn ends<'a>(mut rest: impl Iterator<Item = Protocol<'a>>) -> bool {
    matches!((rest.next(), rest.next()), (None | Some(Protocol::P2p(_)), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONION: &str = "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd";
    const PEER: &str = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";

    #[test]
    fn addresses_of_tcp() {
        let told = |text: &str| {
            let (host, port, family) = target(&text.parse().unwrap())?;
            Some((host.to_string(), port, family))
        };
        let is = |host: &str, port, family| Some((host.to_owned(), port, family));
        assert_eq!(told("/ip4/8.8.8.8/tcp/1"), is("8.8.8.8", 1, Family::Any));
        assert_eq!(told("/ip6/2001:db8::1/tcp/1"), is("[2001:db8::1]", 1, Family::Any));
        assert_eq!(told("/dns/a.example/tcp/2"), is("a.example", 2, Family::Any));
        assert_eq!(told("/dns4/a.example/tcp/2"), is("a.example", 2, Family::V4));
        assert_eq!(
            told(&format!("/dns6/a.example/tcp/2/p2p/{PEER}")),
            is("a.example", 2, Family::V6)
        );
        let onion = format!("{ONION}.onion");
        assert_eq!(told(&format!("/onion3/{ONION}:4774")), is(&onion, 4774, Family::Any));
        assert_eq!(told(&format!("/onion3/{ONION}:80/p2p/{PEER}")), is(&onion, 80, Family::Any));
        for other in [
            "/ip4/8.8.8.8/udp/1/quic-v1",
            "/ip4/8.8.8.8/tcp/1/ws",
            "/dns4/a.example/tcp/443/tls/ws",
            "/dnsaddr/a.example",
            "/memory/1",
            &format!("/ip4/8.8.8.8/tcp/1/p2p/{PEER}/p2p-circuit"),
        ] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
