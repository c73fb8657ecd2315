//! Which addresses count (DHT-5), and how many of one network come into the table (DHT-6).

use crate::limits::{MAX_DHT_BUCKET_PER_NETWORK, MAX_DHT_TABLE_PER_NETWORK};
use crate::peers::{PeerAddress, Scope, group_of};
use core::net::IpAddr;

/// True for an address that may be announced, told, believed or dialled here: a public one; of loopback only in
/// tests (`here`). Those of a LAN never: who answers everybody must not tell what is inside.
pub fn counts(address: &PeerAddress, here: bool) -> bool {
    match address.scope() {
        Some(Scope::Global) => true,
        Some(Scope::Loopback) => here,
        Some(Scope::Lan) | None => false,
    }
}

/// How many others of the same public network there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    /// In the bucket where the new one would be.
    pub bucket: usize,
    /// In the table.
    pub table: usize,
}

impl Crowd {
    /// Counts those who are in the network of `ip`: `others` are addresses of nodes in the table, each with whether it is
    /// in the bucket. `None` when `ip` is of no public network: then nobody is counted.
    pub fn around(ip: IpAddr, others: impl Iterator<Item = (IpAddr, bool)>) -> Option<Self> {
        let network = group_of(ip)?;
        let near = others.filter(|(ip, _)| group_of(*ip) == Some(network));
        Some(near.fold(Self::default(), |count, (_, inside)| Self {
            bucket: count.bucket + usize::from(inside),
            table: count.table + 1,
        }))
    }

    /// True when there is room for one more.
    pub fn has_room(self) -> bool {
        self.bucket < MAX_DHT_BUCKET_PER_NETWORK && self.table < MAX_DHT_TABLE_PER_NETWORK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> PeerAddress {
        let at: core::net::SocketAddr = text.parse().unwrap();
        PeerAddress { quic: false, ip: at.ip(), port: at.port() }
    }

    #[test]
    fn dht_5_public_addresses_only() {
        for good in ["9.9.9.9:4774", "[2a00::1]:443"] {
            assert!(counts(&at(good), false) && counts(&at(good), true), "{good}");
        }
        for bad in [
            "192.168.1.7:4774",
            "10.0.0.1:4774",
            "[fd00::1]:4774",
            "[fe80::1]:4774",
            "100.64.0.1:4774",
            "169.254.169.254:80",
            "0.0.0.0:4774",
            "224.0.0.251:5353",
            "9.9.9.9:22",
            "203.0.113.7:4774",
        ] {
            assert!(!counts(&at(bad), false) && !counts(&at(bad), true), "{bad}");
        }
        assert!(counts(&at("127.0.0.1:4774"), true) && !counts(&at("127.0.0.1:4774"), false));
    }

    #[test]
    fn dht_6_few_of_one_network() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let new = ip("9.9.9.1");
        let others = |n: usize, inside: bool| {
            (0..n).map(move |n| (IpAddr::from([9, 9, 9, n as u8]), inside))
        };
        let room = |all: &mut dyn Iterator<Item = (IpAddr, bool)>| {
            Crowd::around(new, all).unwrap().has_room()
        };
        assert!(room(&mut others(MAX_DHT_BUCKET_PER_NETWORK - 1, true)));
        assert!(!room(&mut others(MAX_DHT_BUCKET_PER_NETWORK, true)));
        assert!(room(&mut others(MAX_DHT_TABLE_PER_NETWORK - 1, false)));
        assert!(!room(&mut others(MAX_DHT_TABLE_PER_NETWORK, false)));
        // Others of other networks do not count, nor do those of one machine.
        let far = (0..200).map(|n| (IpAddr::from([9, 9, n, 1]), true)).filter(|(ip, _)| *ip != new);
        assert_eq!(Crowd::around(ip("8.8.8.8"), far).unwrap().table, 0);
        assert_eq!(Crowd::around(ip("127.0.0.1"), others(9, true)), None);
    }
}
