//! Addresses of WebSockets: `/dns4/HOST/tcp/443/tls/ws`, with a path `/dns4/HOST/tcp/443/x-parity-wss/%2FPATH`.

use crate::dial::{Family, Host};
use crate::net::limits::MAX_WS_PATH_BYTES;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::net::{IpAddr, SocketAddr};

/// Where a WebSocket is dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Who is connected to.
    pub host: Host,
    /// With which addresses of a name.
    pub family: Family,
    /// The TCP port.
    pub port: u16,
    /// The name that is asked for in TLS and must be proven; without it there is no TLS.
    pub tls: Option<String>,
    /// The path, with `/` in front.
    pub path: String,
}

impl Target {
    /// What a WebSocket address says; `None` for every other kind of address.
    pub fn of(addr: &Multiaddr) -> Option<Self> {
        let parts: Vec<_> = addr.iter().collect();
        let [host, Protocol::Tcp(port), rest @ ..] = parts.as_slice() else { return None };
        let (host, family) = host_of(host)?;
        let (tls, rest) = match rest {
            [Protocol::Tls, Protocol::Sni(name), rest @ ..] => (Some(name.to_string()), rest),
            [Protocol::Tls, rest @ ..] => (Some(proven(&host)), rest),
            [Protocol::Wss(_), ..] => (Some(proven(&host)), rest),
            _ => (None, rest),
        };
        let wss = matches!(rest, [Protocol::Wss(_), ..]);
        // TLS is said once: `/tls/ws` or `/wss`.
        let once = !wss || parts.get(2) == rest.first();
        // An address that says TLS anywhere is taken for one with TLS (WAY-1), so nothing that could say it stands
        // behind a plain WebSocket.
        let plain = tls.is_none() && rest.iter().any(|part| matches!(part, Protocol::HttpPath(_)));
        let path = path_of(rest).filter(|_| once && !plain)?;
        Some(Self { host, family, port: *port, tls, path })
    }

    /// What the request calls the host, with a port that is not the usual one. Behind TLS it is the name that was
    /// asked for there.
    pub fn authority(&self) -> String {
        let usual = if self.tls.is_some() { 443 } else { 80 };
        let host = match (&self.tls, &self.host) {
            (Some(name), Host::Ipv6(ip)) if *name == ip.to_string() => self.host.to_string(),
            (Some(name), _) => name.clone(),
            (None, host) => host.to_string(),
        };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// Where a page would be that opens this WebSocket.
    pub fn origin(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }
}

/// Where WebSockets are listened for, on TCP: TLS is the web server's in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The address and port.
    pub at: SocketAddr,
    /// The path, with `/` in front.
    pub path: String,
}

impl Place {
    /// What an address to listen on says; `None` for every other kind of address.
    pub fn of(addr: &Multiaddr) -> Option<Self> {
        let parts: Vec<_> = addr.iter().collect();
        let [host, Protocol::Tcp(port), rest @ ..] = parts.as_slice() else { return None };
        let ip = match host {
            Protocol::Ip4(ip) => IpAddr::V4(*ip),
            Protocol::Ip6(ip) => IpAddr::V6(*ip),
            _ => return None,
        };
        let path = path_of(rest).filter(|_| matches!(rest, [Protocol::Ws(_), ..]))?;
        Some(Self { at: SocketAddr::new(ip, *port), path })
    }

    /// The address that a socket got.
    pub fn multiaddr(&self, at: SocketAddr) -> Multiaddr {
        let parts = [at.ip().into(), Protocol::Tcp(at.port()), Protocol::Ws((&*self.path).into())];
        parts.into_iter().collect()
    }
}

/// True for addresses of WebSockets, to dial or to listen on.
pub fn is_ws(addr: &Multiaddr) -> bool {
    addr.iter().any(|part| matches!(part, Protocol::Ws(_) | Protocol::Wss(_)))
}

fn host_of(part: &Protocol<'_>) -> Option<(Host, Family)> {
    Some(match part {
        Protocol::Ip4(ip) => (Host::Ipv4(*ip), Family::Any),
        Protocol::Ip6(ip) => (Host::Ipv6(*ip), Family::Any),
        Protocol::Dns(name) => (Host::Domain(name.to_string()), Family::Any),
        Protocol::Dns4(name) => (Host::Domain(name.to_string()), Family::V4),
        Protocol::Dns6(name) => (Host::Domain(name.to_string()), Family::V6),
        _ => return None,
    })
}

/// The name that a host must prove when the address names none: itself.
fn proven(host: &Host) -> String {
    match host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    }
}

/// The path of the end of an address, behind which only a peer id may stand.
fn path_of(rest: &[Protocol<'_>]) -> Option<String> {
    let (path, rest) = match rest {
        [Protocol::Ws(base) | Protocol::Wss(base), Protocol::HttpPath(path), rest @ ..] => {
            // The path is said once.
            (Some(format!("/{path}")).filter(|_| base == "/")?, rest)
        }
        [Protocol::Ws(path) | Protocol::Wss(path), rest @ ..] => (path.to_string(), rest),
        _ => return None,
    };
    let plain = |b: u8| b.is_ascii_graphic() && b != b'#';
    let short = path.len() <= MAX_WS_PATH_BYTES;
    let fits = short && path.starts_with('/') && path.bytes().all(plain);
    (fits && matches!(rest, [] | [Protocol::P2p(_)])).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";

    fn target(text: &str) -> Option<Target> {
        Target::of(&text.parse().unwrap())
    }

    #[test]
    fn what_is_dialled() {
        let name = Host::Domain("site.example".into());
        let (host, tls) = (name.clone(), Some("site.example".to_owned()));
        let wss = Target { host, family: Family::V4, port: 443, tls, path: "/a/b".into() };
        for same in [
            "/dns4/site.example/tcp/443/x-parity-wss/%2Fa%2Fb".to_owned(),
            format!("/dns4/site.example/tcp/443/x-parity-wss/%2Fa%2Fb/p2p/{PEER}"),
            "/dns4/site.example/tcp/443/tls/x-parity-ws/%2Fa%2Fb".to_owned(),
            "/dns4/site.example/tcp/443/tls/sni/site.example/x-parity-ws/%2Fa%2Fb".to_owned(),
            "/dns4/site.example/tcp/443/tls/ws/http-path/a%2Fb".to_owned(),
            "/dns4/site.example/tcp/443/wss/http-path/a%2Fb".to_owned(),
        ] {
            assert_eq!(target(&same), Some(wss.clone()), "{same}");
        }
        assert_eq!(
            (wss.authority(), wss.origin()),
            ("site.example".into(), "https://site.example".into())
        );
        let ws = target("/ip4/192.168.1.7/tcp/8080/ws").unwrap();
        assert_eq!((ws.tls.as_deref(), ws.path.as_str()), (None, "/"));
        assert_eq!(ws.origin(), "http://192.168.1.7:8080");
        let other = target("/ip4/203.0.113.1/tcp/8443/tls/sni/site.example/ws").unwrap();
        assert_eq!(other.tls.as_deref(), Some("site.example"));
        assert_eq!(other.authority(), "site.example:8443");
        let v6 = target("/ip6/2001:db8::1/tcp/443/tls/ws").unwrap();
        assert_eq!(
            (v6.tls.as_deref(), v6.authority()),
            (Some("2001:db8::1"), "[2001:db8::1]".into())
        );
        assert_eq!(target("/dns/a.example/tcp/1/ws").unwrap().family, Family::Any);
    }

    #[test]
    fn what_is_none() {
        for other in [
            "/ip4/192.0.2.1/tcp/4774",
            "/ip4/192.0.2.1/udp/443/quic-v1",
            "/ip4/192.0.2.1/ws",
            "/ip4/192.0.2.1/tcp/443/tls",
            "/ip4/192.0.2.1/tcp/443/tls/wss",
            "/ip4/192.0.2.1/tcp/443/sni/a/ws",
            "/ip4/192.0.2.1/tcp/443/ws/ws",
            "/ip4/192.0.2.1/tcp/443/x-parity-ws/nopath",
            "/ip4/192.0.2.1/tcp/443/x-parity-ws/%2Fa%20b",
            "/ip4/192.0.2.1/tcp/443/x-parity-ws/%2Fa%0D%0Ab",
            "/ip4/192.0.2.1/tcp/443/tls/x-parity-ws/%2Fa/http-path/b",
            "/ip4/192.0.2.1/tcp/80/ws/http-path/tls",
            "/ip4/192.0.2.1/tcp/80/ws/http-path/wss",
            "/dnsaddr/a.example/tcp/443/ws",
            "/memory/1/ws",
        ] {
            assert_eq!(target(other), None, "{other}");
        }
    }

    /// What counts as a visit of a website is dialled with TLS, or not at all.
    #[test]
    fn no_way_is_other_than_it_says() {
        use yadgar_protocol::place;
        use yadgar_protocol::way::Way;
        let ends = [
            "ws",
            "wss",
            "tls/ws",
            "ws/http-path/tls",
            "ws/http-path/wss",
            "ws/tls",
            "x-parity-ws/tls",
        ];
        let more = [
            "x-parity-wss/%2Ftls",
            "x-parity-ws/%2Fwss",
            "tls/sni/ws/ws",
            "tls/ws/http-path/a",
            "ws/p2p-circuit/wss",
        ];
        for end in ends.iter().chain(&more) {
            let text = format!("/ip4/8.8.8.8/tcp/80/{end}");
            let Some(target) = text.parse().ok().and_then(|addr| Target::of(&addr)) else {
                continue;
            };
            let way = Way::of(&place::Place::Peer(text.clone()));
            let expected = if target.tls.is_some() { Way::Wss } else { Way::Ws };
            assert_eq!(way, Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_listened_on() {
        let place = |text: &str| Place::of(&text.parse().unwrap());
        let at = "127.0.0.1:4775".parse().unwrap();
        let found = place("/ip4/127.0.0.1/tcp/4775/x-parity-ws/%2Fsecret").unwrap();
        assert_eq!(found, Place { at, path: "/secret".into() });
        let text = "/ip4/127.0.0.1/tcp/4775/x-parity-ws/%2Fsecret";
        assert_eq!(found.multiaddr(at).to_string(), text);
        assert_eq!(place("/ip6/::1/tcp/0/ws").unwrap().path, "/");
        for other in [
            "/ip4/127.0.0.1/tcp/1/wss",
            "/ip4/127.0.0.1/tcp/1/tls/ws",
            "/dns4/localhost/tcp/1/ws",
            "/ip4/127.0.0.1/tcp/1",
        ] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
