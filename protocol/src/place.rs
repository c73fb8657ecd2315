//! Where an archive may be had: a peer by its multiaddr, or a static mirror by its web address (spec: invite.md,
//! INV-2, INV-6).

use crate::limits::MAX_PLACE_BYTES;
use crate::peers::{PeerAddress, Scope, scope_of};
use crate::reject::Reject;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

/// An address of one of the two kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A multiaddr in text form: a node that speaks the protocol of sync.md.
    Peer(String),
    /// A static mirror on a web host.
    Web(WebUrl),
}

impl Place {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Peer(text) => text,
            Self::Web(url) => url.as_str(),
        }
    }

    /// Reads an address of either kind; of a multiaddr only that it begins with `/` (INV-2).
    ///
    /// # Errors
    /// `INV-2` when it is neither, `INV-6` for a web address that breaks that clause.
    pub fn parse(text: &str) -> Result<Self, Reject> {
        if text.starts_with("http") {
            return WebUrl::parse(text).map(Self::Web);
        }
        if !text.starts_with('/') || text.len() < 2 {
            return Err(Reject::new("INV-2", "an address begins with / or https://"));
        }
        Ok(Self::Peer(text.to_owned()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The web address of a folder: `https://host/path/`, or `http://` of a host near by or an onion service (INV-6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebUrl(String);

impl WebUrl {
    /// Reads a web address. There is one text for one address: nothing is mended.
    ///
    /// # Errors
    /// `INV-6`.
    pub fn parse(text: &str) -> Result<Self, Reject> {
        let refused = |why| Reject::new("INV-6", why);
        if text.len() > MAX_PLACE_BYTES {
            return Err(refused("a web address of more than 512 bytes"));
        }
        let (tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(refused("a web address begins with https://")),
        };
        let slash = rest.find('/').ok_or(refused("a web address ends with /"))?;
        let (at, path) = rest.split_at(slash);
        if !is_folder(path) {
            return Err(refused("not the path of a folder: it ends with /, without ? and #"));
        }
        let host = host_of(at).ok_or(refused("no host, or not written in the one way"))?;
        if !tls && !host.is_near() {
            return Err(refused("http:// is only for private addresses, this machine and .onion"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `https://`.
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Its host.
    pub fn host(&self) -> Host<'_> {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        // It was read before.
        rest.split('/').next().and_then(host_of).unwrap_or(Host::Name(""))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host<'a> {
    /// By its address.
    Ip(IpAddr),
    /// By a name, in lower case.
    Name(&'a str),
}

/// Last labels of names that mean nothing, or something else, outside one network.
const LOCAL_NAMES: [&str; 7] = ["localhost", "local", "internal", "lan", "home", "arpa", "test"];

impl Host<'_> {
    /// True for an onion service, whose name is its key.
    pub fn is_onion(&self) -> bool {
        matches!(self, Self::Name(name) if name.ends_with(".onion"))
    }

    /// True for hosts that may be asked without TLS: this machine, private networks, onion services.
    pub fn is_near(&self) -> bool {
        match self {
            Self::Name(name) => *name == "localhost" || self.is_onion(),
            Self::Ip(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
            Self::Ip(IpAddr::V6(ip)) => {
                ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
            }
        }
    }

    /// True when it means the same everywhere: what a release may name. An onion service is none of these.
    pub fn is_global(&self) -> bool {
        match self {
            Self::Ip(ip) => scope_of(*ip) == Some(Scope::Global),
            Self::Name(name) => {
                let last = name.rsplit('.').next().unwrap_or_default();
                name.contains('.') && !self.is_onion() && !LOCAL_NAMES.contains(&last)
            }
        }
    }
}

/// `host` or `host:port`, written in the one way.
fn host_of(text: &str) -> Option<Host<'_>> {
    let bracket = text.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match text[bracket..].find(':') {
        Some(colon) => (&text[..bracket + colon], Some(&text[bracket + colon + 1..])),
        None => (text, None),
    };
    if port.is_some_and(|port| port_of(port).is_none()) {
        return None;
    }
    if let Some(inside) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let ip: Ipv6Addr = inside.parse().ok()?;
        return (ip.to_string() == inside && ip.to_ipv4_mapped().is_none())
            .then_some(Host::Ip(IpAddr::V6(ip)));
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Some(Host::Ip(IpAddr::V4(ip)));
    }
    is_name(host).then_some(Host::Name(host))
}

/// A port, 1 to 65535, in its one form.
fn port_of(text: &str) -> Option<u16> {
    let port: u16 = text.parse().ok().filter(|port| *port > 0)?;
    (port.to_string() == text).then_some(port)
}

/// A name of the DNS in lower case (others than ASCII as Punycode), not one that is read as a number somewhere.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let ends = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && label.bytes().all(sign) && !ends
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    let number = last.starts_with(|c: char| c.is_ascii_digit());
    text.len() <= 253 && text.split('.').all(label) && !number
}

/// A path that begins and ends with `/`, of segments that are not empty and lead nowhere else.
fn is_folder(path: &str) -> bool {
    let Some(inside) = path.strip_prefix('/') else { return false };
    let Some(inside) = inside.strip_suffix('/') else { return inside.is_empty() };
    inside.split('/').all(|segment| {
        let mut hex = 0;
        let sign = |b: u8| {
            if hex > 0 {
                hex -= 1;
                return b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
            }
            if b == b'%' {
                hex = 2;
            }
            b.is_ascii_alphanumeric() || b"%-._~!$&'()*+,;=:@".contains(&b)
        };
        let dots = segment.to_ascii_uppercase().replace("%2E", ".");
        // The order matters: `sign` counts.
        !segment.is_empty() && segment.bytes().all(sign) && hex == 0 && dots != "." && dots != ".."
    })
}

/// How a multiaddr begins: which host is dialled, how, and what stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begins<'a> {
    /// The protocol that names the host: `ip4`, `ip6`, `dns`, `dns4`, `dns6`.
    pub kind: &'a str,
    /// The host.
    pub host: Host<'a>,
    /// QUIC over UDP; else TCP.
    pub quic: bool,
    /// The port.
    pub port: u16,
    /// What follows, empty or with `/` in front.
    pub rest: &'a str,
}

/// The beginning of a multiaddr of an IP address or a name, with TCP or QUIC; `None` for every other.
pub fn begins(text: &str) -> Option<Begins<'_>> {
    let mut parts = text.strip_prefix('/')?.splitn(5, '/');
    let (kind, host) = (parts.next()?, parts.next()?);
    let host = match kind {
        "ip4" => Host::Ip(IpAddr::V4(host.parse().ok()?)),
        "ip6" => {
            let ip: Ipv6Addr = host.parse().ok()?;
            Host::Ip(IpAddr::V6(Some(ip).filter(|ip| ip.to_ipv4_mapped().is_none())?))
        }
        "dns" | "dns4" | "dns6" if is_name(host) => Host::Name(host),
        _ => return None,
    };
    let (udp, port) = (parts.next()?, port_of(parts.next()?)?);
    let behind = parts.next().map_or(0, |rest| rest.len() + 1);
    let rest = &text[text.len() - behind..];
    let (quic, rest) = match udp {
        "tcp" => (false, rest),
        "udp" => {
            (true, rest.strip_prefix("/quic-v1").filter(|r| r.is_empty() || r.starts_with('/'))?)
        }
        _ => return None,
    };
    Some(Begins { kind, host, quic, port, rest })
}

impl Begins<'_> {
    /// True when it may stand in a release: the host means the same everywhere, and the port is not that of another
    /// service of somebody.
    pub fn is_global(&self) -> bool {
        // The rule on ports is that of records of nodes (PEER-2).
        let ip = match self.host {
            Host::Ip(ip) => ip,
            Host::Name(_) => IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
        };
        let at = PeerAddress { quic: self.quic, ip, port: self.port };
        self.host.is_global() && at.scope() == Some(Scope::Global)
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
