//! The networks of a room, a building, a hotspot: which addresses they have, and which of them are ours.

use super::addr::ip_of;
use libp2p::Multiaddr;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// Most addresses of this machine that are used at once.
pub const MAX_LAN_ADDRESSES: usize = 16;

/// What the names of interfaces begin with that are no LAN although they may have a private address: mobile
/// data, on which the operator's other customers have addresses of the same kind, tunnels, and networks
/// inside this machine.
const NO_LAN: [&str; 14] = [
    "rmnet", "ccmni", "wwan", "wwp", "ppp", "pdp_ip", "tun", "tap", "utun", "ipsec", "wg",
    "docker", "virbr", "lxc",
];

/// True for an address that only a network of our own can have: RFC 1918 and link-local in IPv4 (169.254/16),
/// unique local and link-local in IPv6. 100.64/10 is none: it is what a provider gives to its customers, so it
/// would let in strangers of the whole provider. Neither is loopback: nobody else can have come from there.
pub fn is_lan(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_lan(IpAddr::V4(ip)),
            None => ip.is_unique_local() || ip.is_unicast_link_local(),
        },
    }
}

/// The same for an address of libp2p; false for what does not begin with an IP address.
pub fn is_lan_addr(addr: &Multiaddr) -> bool {
    ip_of(addr).is_some_and(is_lan)
}

/// An address of this machine on a LAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LanAddress {
    /// The address.
    pub ip: IpAddr,
    /// Which interface it is on, where the address alone does not say it (IPv6 link-local); 0 elsewhere.
    pub scope: u32,
}

impl LanAddress {
    /// The address with a port, to listen on.
    pub fn with_port(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, self.scope).into(),
            ip => SocketAddr::new(ip, port),
        }
    }

    /// True for an address that can be typed into any browser: those of IPv6 link-local need the name of an
    /// interface, which browsers do not take.
    pub fn is_for_browsers(self) -> bool {
        !matches!(self.ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
    }
}

/// The addresses that this machine has on LANs now, those that browsers take first, at most
/// [`MAX_LAN_ADDRESSES`].
///
/// # Errors
/// When the system does not tell.
pub fn lan_addresses() -> io::Result<Vec<LanAddress>> {
    let usable = |i: &if_addrs::Interface| {
        !i.is_loopback() && !i.is_p2p() && i.is_oper_up() && is_lan(i.ip()) && !is_no_lan(&i.name)
    };
    let found = if_addrs::get_if_addrs()?.into_iter().filter(usable).map(|i| {
        let ip = i.ip();
        let local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        LanAddress { ip, scope: i.index.filter(|_| local).unwrap_or(0) }
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|at| (!at.is_for_browsers(), at.ip.is_ipv6(), at.ip, at.scope));
    found.dedup();
    found.truncate(MAX_LAN_ADDRESSES);
    Ok(found)
}

fn is_no_lan(name: &str) -> bool {
    NO_LAN.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_lan() {
        for yes in [
            "10.42.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.43.1",
            "169.254.3.4",
            "fe80::1",
            "febf::1",
            "fd00::1",
            "fc00::1",
            "::ffff:192.168.1.1",
        ] {
            assert!(is_lan(yes.parse().unwrap()), "{yes}");
        }
        for no in [
            "100.64.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "172.32.0.1",
            "192.169.0.1",
            "203.0.113.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fec0::1",
            "fe00::1",
            "2001:db8::1",
            "ff02::1",
            "::ffff:203.0.113.1",
            "::ffff:127.0.0.1",
        ] {
            assert!(!is_lan(no.parse().unwrap()), "{no}");
        }
        assert!(is_lan_addr(&"/ip4/10.0.0.1/tcp/1".parse().unwrap()));
        for no in ["/dns4/a.example/tcp/1", "/memory/1", "/ip6/::ffff:203.0.113.1/tcp/1"] {
            assert!(!is_lan_addr(&no.parse().unwrap()), "{no}");
        }
    }

    #[test]
    fn mobile_data_and_tunnels_are_no_lan() {
        for name in ["rmnet_data0", "wwan0", "tun0", "wg0", "ppp0", "docker0"] {
            assert!(is_no_lan(name), "{name}");
        }
        for name in ["wlan0", "eth0", "enp3s0", "ap0", "swlan0", "bridge100", "veth0"] {
            assert!(!is_no_lan(name), "{name}");
        }
    }

    /// Whatever the machine has: nothing that is not of a LAN.
    #[test]
    fn addresses_of_this_machine() {
        let all = lan_addresses().unwrap();
        assert!(all.len() <= MAX_LAN_ADDRESSES && all.iter().all(|at| is_lan(at.ip)), "{all:?}");
    }
}
