//! The networks of a room, a building, a hotspot: which addresses they have, and which of them are ours.

use super::addr::ip_of;
pub use crate::interfaces::is_lan;
use crate::interfaces::{is_no_lan, is_provider};
use libp2p::Multiaddr;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// Most addresses of this machine that are used at once.
pub const MAX_LAN_ADDRESSES: usize = 16;

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
/// [`MAX_LAN_ADDRESSES`]; with `only` those of the interfaces of these names.
///
/// An interface that also has an IPv4 address of another kind hangs on a provider's line, whatever private and
/// link-local addresses it has besides: it is left out. So are tunnels and mobile data, unless they are named.
///
/// # Errors
/// When the system does not tell.
pub fn lan_addresses(only: &[String]) -> io::Result<Vec<LanAddress>> {
    Ok(choose(&if_addrs::get_if_addrs()?, only))
}

fn choose(all: &[if_addrs::Interface], only: &[String]) -> Vec<LanAddress> {
    let is_meant = |i: &&if_addrs::Interface| match only.is_empty() {
        true => !i.is_p2p() && !is_no_lan(&i.name),
        false => only.contains(&i.name),
    };
    let usable = |i: &&if_addrs::Interface| {
        !i.is_loopback()
            && i.is_oper_up()
            && is_lan(i.ip())
            && is_meant(i)
            && !is_provider(all, &i.name)
    };
    let found = all.iter().filter(usable).map(|i| {
        let ip = i.ip();
        let local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        LanAddress { ip, scope: i.index.filter(|_| local).unwrap_or(0) }
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|at| (!at.is_for_browsers(), at.ip.is_ipv6(), at.ip, at.scope));
    found.dedup();
    found.truncate(MAX_LAN_ADDRESSES);
    found
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

    fn interface(name: &str, index: u32, ip: &str, is_p2p: bool) -> if_addrs::Interface {
        let addr = match ip.parse().unwrap() {
            IpAddr::V4(ip) => if_addrs::IfAddr::V4(if_addrs::Ifv4Addr {
                ip,
                netmask: [255, 255, 255, 0].into(),
                prefixlen: 24,
                broadcast: None,
            }),
            IpAddr::V6(ip) => if_addrs::IfAddr::V6(if_addrs::Ifv6Addr {
                ip,
                netmask: std::net::Ipv6Addr::UNSPECIFIED,
                prefixlen: 64,
                broadcast: None,
            }),
        };
        let oper_status = if_addrs::IfOperStatus::Up;
        if_addrs::Interface { name: name.into(), addr, index: Some(index), oper_status, is_p2p }
    }

    fn chosen(all: &[if_addrs::Interface], only: &[&str]) -> Vec<String> {
        let only: Vec<_> = only.iter().map(|name| (*name).to_owned()).collect();
        choose(all, &only).iter().map(|at| format!("{}%{}", at.ip, at.scope)).collect()
    }

    #[test]
    fn which_interfaces() {
        let all = [
            interface("lo", 1, "127.0.0.1", false),
            interface("wlan0", 2, "fe80::2", false),
            interface("wlan0", 2, "10.42.0.1", false),
            interface("wlan0", 2, "2001:db8::2", false),
            // On a provider's line, with an address of its other customers' kind: nothing of it.
            interface("eth0", 3, "203.0.113.1", false),
            interface("eth0", 3, "192.168.0.7", false),
            interface("eth0", 3, "fe80::3", false),
            interface("eth1", 4, "100.64.0.1", false),
            interface("eth1", 4, "fe80::4", false),
            interface("rmnet0", 5, "10.9.8.7", false),
            interface("tun0", 6, "10.8.0.2", true),
            interface("vpn", 7, "10.7.0.2", true),
            interface("usb0", 8, "fd00::8", false),
        ];
        assert_eq!(chosen(&all, &[]), ["10.42.0.1%0", "fd00::8%0", "fe80::2%2"]);
        assert_eq!(chosen(&all, &["wlan0"]), ["10.42.0.1%0", "fe80::2%2"]);
        assert_eq!(chosen(&all, &["vpn"]), ["10.7.0.2%0"], "who names it means it");
        assert!(chosen(&all, &["eth0", "eth1", "lo", "none"]).is_empty());
    }

    #[test]
    fn addresses_are_bounded() {
        let all: Vec<_> =
            (0..100).map(|n| interface("a", n, &format!("10.0.0.{n}"), false)).collect();
        assert_eq!(choose(&all, &[]).len(), MAX_LAN_ADDRESSES);
    }
}
