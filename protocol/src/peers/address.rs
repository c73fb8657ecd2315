//! Addresses of records, and which of them mean something where (PEER-2, PEER-3).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Where an address means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere.
    Global,
    /// On one LAN.
    Lan,
    /// On this machine.
    Loopback,
}

/// Where an IP address means something; `None` for those that no record may have: link-local, of a
/// provider's own network, reserved, translated, made for documents.
pub fn scope_of(ip: IpAddr) -> Option<Scope> {
    match ip {
        IpAddr::V4(ip) => scope_v4(ip),
        IpAddr::V6(ip) => scope_v6(ip),
    }
}

fn scope_v4(ip: Ipv4Addr) -> Option<Scope> {
    let [a, b, c, _] = ip.octets();
    if ip.is_private() {
        return Some(Scope::Lan);
    }
    if ip.is_loopback() {
        return Some(Scope::Loopback);
    }
    let reserved = match (a, b, c) {
        (0 | 224..=255, ..) | (169, 254, _) | (192, 0, 0) | (192, 88, 99) => true,
        (100, 64..=127, _) | (198, 18..=19, _) => true,
        _ => ip.is_documentation(),
    };
    (!reserved).then_some(Scope::Global)
}

fn scope_v6(ip: Ipv6Addr) -> Option<Scope> {
    if ip.is_loopback() {
        return Some(Scope::Loopback);
    }
    if ip.is_unique_local() {
        return Some(Scope::Lan);
    }
    let [a, b, ..] = ip.segments();
    // Teredo and 6to4 have an IPv4 address within, which may be anybody's.
    let reserved = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002;
    let documents = a == 0x3fff && b < 0x1000;
    (a & 0xe000 == 0x2000 && !reserved && !documents).then_some(Scope::Global)
}

/// Where a node listens, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerAddress {
    /// QUIC over UDP; else TCP.
    pub quic: bool,
    /// The IP address.
    pub ip: IpAddr,
    /// The port.
    pub port: u16,
}

impl PeerAddress {
    /// Where it means something; `None` when it may be in no record, also for its port: a record
    /// must not lead others to the mail or login service of somebody.
    pub fn scope(&self) -> Option<Scope> {
        let port = self.port >= 1024 || matches!(self.port, 80 | 443);
        scope_of(self.ip).filter(|_| port)
    }
}

#[derive(Serialize, Deserialize)]
struct Wire(u8, serde_bytes::ByteBuf, u16);

impl Serialize for PeerAddress {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let ip = match self.ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        Wire(self.quic.into(), ip.into(), self.port).serialize(s)
    }
}

impl<'de> Deserialize<'de> for PeerAddress {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let Wire(kind, ip, port) = Wire::deserialize(d)?;
        let v4 = <[u8; 4]>::try_from(ip.as_slice()).map(IpAddr::from);
        let ip = v4.or_else(|_| <[u8; 16]>::try_from(ip.as_slice()).map(IpAddr::from));
        let ip = ip.map_err(|_| D::Error::custom("length"))?;
        match kind {
            0 | 1 => Ok(Self { quic: kind == 1, ip, port }),
            _ => Err(D::Error::custom("kind")),
        }
    }
}

/// The public network of an address (IPv4 /24, IPv6 /48); `None` for addresses that stand for no place on the internet,
/// which are not counted together.
pub fn group_of(ip: IpAddr) -> Option<IpAddr> {
    (scope_of(ip) == Some(Scope::Global)).then(|| public_network(ip))
}

/// The public network of an address: IPv4 /24, IPv6 /48.
pub fn public_network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !0xff).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 80 << 80).into(),
    }
}

/// A name for a LAN that means nothing outside this home (PEER-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NetworkTag(#[serde(with = "crate::cbor::bytes_array")] pub [u8; 16]);

/// A LAN that this machine is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Its name here.
    pub tag: NetworkTag,
    /// An address of it.
    pub ip: IpAddr,
    /// Bits of the address that all of the LAN share.
    pub prefix: u8,
}

impl Network {
    /// A network with its tag: a hash, under a key of this home, of what tells it from others.
    /// `gateway`, when there is one, is the address of its default gateway.
    pub fn new(home: &[u8; 32], ip: IpAddr, prefix: u8, gateway: Option<IpAddr>) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(home);
        hasher.update(b"network");
        let masked = masked(ip, prefix);
        for (at, length) in [(Some(masked), prefix), (gateway, 0)] {
            let bytes = at.map(|ip| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                IpAddr::V6(ip) => ip.octets(),
            });
            hasher.update(&[u8::from(at.is_some()), length]).update(&bytes.unwrap_or_default());
        }
        let mut tag = [0; 16];
        hasher.finalize_xof().fill(&mut tag);
        Self { tag: NetworkTag(tag), ip, prefix }
    }

    /// True for an address of this LAN.
    pub fn contains(&self, ip: IpAddr) -> bool {
        in_network(self.ip, self.prefix, ip)
    }
}

/// True when two addresses are of one kind and share their first `prefix` bits, or all of them when there are fewer.
pub fn in_network(own: IpAddr, prefix: u8, other: IpAddr) -> bool {
    own.is_ipv4() == other.is_ipv4() && masked(own, prefix) == masked(other, prefix)
}

fn masked(ip: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
            Ipv4Addr::from_bits(ip.to_bits() & mask).into()
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0);
            Ipv6Addr::from_bits(ip.to_bits() & mask).into()
        }
    }
}
