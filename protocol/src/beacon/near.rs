//! Which addresses are of this LAN (BEA-7).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address of a cloud host's metadata service: nobody's node.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// One of our own addresses, from which beacons are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The address.
    pub address: IpAddr,
    /// Length of its network's prefix, in bits; of no meaning for IPv6.
    pub prefix: u8,
    /// The interface as the system numbers it: the zone of link-local IPv6 addresses.
    pub interface: u32,
}

impl Place {
    /// True when `other` is in this network, and so on the same link.
    pub fn reaches(&self, other: &SocketAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), SocketAddr::V4(other)) => {
                let same = own.to_bits() ^ other.ip().to_bits();
                (1..=31).contains(&self.prefix) && same >> (32 - self.prefix) == 0
            }
            (IpAddr::V6(own), SocketAddr::V6(other)) => {
                let link_local = |ip: &Ipv6Addr| ip.is_unicast_link_local();
                link_local(&own) && link_local(other.ip()) && other.scope_id() == self.interface
            }
            _ => false,
        }
    }
}

/// True for addresses that mean something only in a house, a building, a hotspot.
pub fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => (ip.is_private() || ip.is_link_local()) && ip != METADATA,
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// The address by which a source is known: mapped IPv4 as IPv4, without a flow label, and with a zone
/// only where it means something.
pub fn plain(mut source: SocketAddr) -> SocketAddr {
    if let SocketAddr::V6(v6) = &mut source {
        if let Some(ip) = v6.ip().to_ipv4_mapped() {
            return SocketAddr::new(ip.into(), v6.port());
        }
        v6.set_flowinfo(0);
        if !v6.ip().is_unicast_link_local() {
            v6.set_scope_id(0);
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str, prefix: u8, interface: u32) -> Place {
        Place { address: address.parse().unwrap(), prefix, interface }
    }

    #[test]
    fn bea_7_near() {
        for good in ["10.1.2.3", "172.16.0.1", "192.168.43.1", "169.254.1.2", "fe80::1"] {
            assert!(is_near(good.parse().unwrap()), "{good}");
        }
        let bad = ["8.8.8.8", "172.32.0.1", "100.64.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1"];
        let bad = bad.iter().chain(&["169.254.169.254", "255.255.255.255", "2001:db8::1", "::1"]);
        for bad in bad.chain(&["::ffff:192.168.1.1", "ff02::1", "fd00::1", "::"]) {
            assert!(!is_near(bad.parse().unwrap()), "{bad}");
        }
    }

    #[test]
    fn bea_7_on_the_link() {
        let home = place("192.168.1.7", 24, 2);
        assert!(home.reaches(&"192.168.1.200:4775".parse().unwrap()));
        assert!(!home.reaches(&"192.168.2.200:4775".parse().unwrap()));
        assert!(!home.reaches(&"[fe80::1%2]:4775".parse().unwrap()));
        assert!(!place("10.0.0.1", 32, 2).reaches(&"10.0.0.1:1".parse().unwrap()));
        assert!(!place("10.0.0.1", 0, 2).reaches(&"10.0.0.1:1".parse().unwrap()));
        let link = place("fe80::7", 64, 2);
        assert!(link.reaches(&"[fe80::1%2]:4775".parse().unwrap()));
        assert!(!link.reaches(&"[fe80::1%3]:4775".parse().unwrap()));
        assert!(!link.reaches(&"[fd00::1]:4775".parse().unwrap()));
    }

    #[test]
    fn bea_7_one_name_for_a_source() {
        let plain = |text: &str| plain(text.parse().unwrap()).to_string();
        assert_eq!(plain("[::ffff:10.0.0.1]:5"), "10.0.0.1:5");
        assert_eq!(plain("[fd00::1%7]:5"), "[fd00::1]:5");
        assert_eq!(plain("[fe80::1%7]:5"), "[fe80::1%7]:5");
    }
}
