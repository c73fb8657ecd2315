//! Dials link-local IPv6 addresses: `/ip6zone/wlan0/ip6/fe80::1/tcp/4774`.
//!
//! Such an address means something only together with its interface, by name or number. The TCP
//! transport of libp2p knows no zones; this one knows nothing else, and listens nowhere.

use super::addr::{ip_of, tcp_port, zone_of};
use futures::future::{BoxFuture, FutureExt as _};
use libp2p::core::multiaddr::Protocol;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::{Multiaddr, Transport, tcp};
use std::io;
use std::net::{IpAddr, SocketAddrV6};
use std::pin::Pin;
use std::task::{Context, Poll};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Zoned;

impl Transport for Zoned {
    type Output = tcp::tokio::TcpStream;
    type Error = io::Error;
    type ListenerUpgrade = std::future::Pending<io::Result<Self::Output>>;
    type Dial = BoxFuture<'static, io::Result<Self::Output>>;

    fn listen_on(
        &mut self,
        _: ListenerId,
        addr: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        Err(TransportError::MultiaddrNotSupported(addr))
    }

    fn remove_listener(&mut self, _: ListenerId) -> bool {
        false
    }

    fn dial(
        &mut self,
        addr: Multiaddr,
        _: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some((ip, port, zone)) = parts(&addr) else {
            return Err(TransportError::MultiaddrNotSupported(addr));
        };
        let dial = async move {
            let at = SocketAddrV6::new(ip, port, 0, number(&zone)?);
            let stream = tokio::net::TcpStream::connect(at).await?;
            stream.set_nodelay(true)?;
            Ok(tcp::tokio::TcpStream(stream))
        };
        Ok(dial.boxed())
    }

    fn poll(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Poll::Pending
    }
}

/// What an address of this kind says; anything behind the port but a peer id makes it another kind.
fn parts(addr: &Multiaddr) -> Option<(std::net::Ipv6Addr, u16, String)> {
    let zone = zone_of(addr)?;
    let IpAddr::V6(ip) = ip_of(addr)? else { return None };
    let rest = addr.iter().skip(2).all(|p| matches!(p, Protocol::Tcp(_) | Protocol::P2p(_)));
    Some((ip, tcp_port(addr)?, zone)).filter(|_| rest)
}

/// The number of an interface, given by number or name.
fn number(zone: &str) -> io::Result<u32> {
    if let Ok(number) = zone.parse() {
        return Ok(number);
    }
    let all = if_addrs::get_if_addrs()?;
    let found = all.iter().find(|i| i.name == zone).and_then(|i| i.index);
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such interface"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tcp_in_a_zone() {
        let parts = |text: &str| parts(&text.parse().unwrap());
        let good = ("fe80::1".parse().unwrap(), 4774, "wlan0".to_owned());
        assert_eq!(parts("/ip6zone/wlan0/ip6/fe80::1/tcp/4774"), Some(good));
        for other in [
            "/ip6/fe80::1/tcp/4774",
            "/ip6zone/wlan0/ip6/fe80::1/udp/4774/quic-v1",
            "/ip6zone/wlan0/ip6/fe80::1/tcp/4774/ws",
            "/ip4/10.0.0.1/tcp/4774",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
        assert_eq!(number("7").unwrap(), 7);
        assert!(number("no such interface").is_err());
    }
}
