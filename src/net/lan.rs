//! The networks of a room, a building, a hotspot: which addresses they have, and which of them are ours.

use super::addr::{ip_of, of_tcp, to_tcp};
pub use crate::interfaces::is_lan;
use crate::interfaces::{is_no_lan, is_provider};
use if_addrs::{IfAddr, Interface};
use libp2p::Multiaddr;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6, TcpListener};
use yadgar_protocol::peers::in_network;

/// Most addresses of this machine that are used at once.
pub const MAX_LAN_ADDRESSES: usize = 16;
/// Connections that wait to be accepted, for one address.
const BACKLOG: i32 = 128;
/// Longest name of an interface, in bytes, where sockets are bound to one (Linux).
const DEVICE_BYTES: usize = 15;

/// The same for an address of libp2p; false for what does not begin with an IP address.
pub fn is_lan_addr(addr: &Multiaddr) -> bool {
    ip_of(addr).is_some_and(is_lan)
}

/// The name of an interface, as far as sockets can be bound to it; empty where that is not so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Device([u8; DEVICE_BYTES]);

impl Device {
    /// The interface of this name.
    pub fn named(name: &str) -> Self {
        let mut bytes = [0; DEVICE_BYTES];
        // A longer one is no name for the system either.
        if let Some(place) = bytes.get_mut(..name.len()) {
            place.copy_from_slice(name.as_bytes());
        }
        Self(bytes)
    }

    /// Its name; empty where sockets cannot be bound to it.
    pub fn name(&self) -> &str {
        self.bytes().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
    }

    fn bytes(&self) -> Option<&[u8]> {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(DEVICE_BYTES);
        self.0.get(..end).filter(|name| !name.is_empty())
    }
}

/// An address of this machine on a LAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LanAddress {
    /// The address.
    pub ip: IpAddr,
    /// Which interface it is on, where the address alone does not say it (IPv6 link-local); 0 elsewhere.
    pub scope: u32,
    /// How many bits of it are its network's.
    pub prefix: u8,
    /// The interface that it is on.
    pub device: Device,
}

impl LanAddress {
    /// The address with a port, to listen on.
    pub fn with_port(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, self.scope).into(),
            ip => SocketAddr::new(ip, port),
        }
    }

    /// True for somebody in this address's own network: a private address of another one came by a router, from
    /// where nobody knows. Link-local addresses of IPv6 are always of the same link.
    pub fn admits(self, guest: IpAddr) -> bool {
        match (self.ip, guest) {
            (IpAddr::V6(_), IpAddr::V6(guest)) if guest.is_unicast_link_local() => true,
            (IpAddr::V6(own), _) if own.is_unicast_link_local() => false,
            (own, guest) => in_network(own, self.prefix, guest),
        }
    }

    /// The address as libp2p writes it, with a TCP port.
    pub fn multiaddr(self, port: u16) -> Multiaddr {
        of_tcp(self.with_port(port))
    }

    /// Listens on this address, and where the system allows it (Linux) only to what comes in by its interface:
    /// a packet for the address that came by another one is not for the LAN. Not blocking, for tokio.
    ///
    /// # Errors
    /// When the system refuses; a port that is in use is [`io::ErrorKind::AddrInUse`].
    pub fn listen(self, port: u16) -> io::Result<TcpListener> {
        self.listen_by(port, self.device)
    }

    /// Listens on this address to this machine's own programs, which do not come in by the interface: its user wants
    /// to see the page, too. `None` where [`Self::listen`] hears them already.
    pub fn listen_to_ourselves(self, port: u16) -> Option<TcpListener> {
        let lo = Device::named("lo");
        let bound = cfg!(any(target_os = "linux", target_os = "android"));
        let there = bound && self.device.bytes().is_some() && self.device != lo && self.scope == 0;
        there.then(|| self.listen_by(port, lo).ok()).flatten()
    }

    fn listen_by(self, port: u16, device: Device) -> io::Result<TcpListener> {
        let at = self.with_port(port);
        let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
        if at.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        // Old systems allow it to their administrator only; the rule on addresses holds without it.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Some(name) = device.bytes()
            && let Err(e) = socket.bind_device(Some(name))
        {
            tracing::debug!("a socket could not be bound to its interface: {e}");
        }
        socket.set_nonblocking(true)?;
        socket.bind(&at.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
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

/// Our LAN address that this multiaddr names, with its network and interface as they are now.
///
/// # Errors
/// When the system does not tell, or this machine has no such address.
pub fn lan_address_of(addr: &Multiaddr) -> io::Result<LanAddress> {
    let wanted = to_tcp(addr);
    let all = if_addrs::get_if_addrs()?;
    let found = all.iter().filter(|i| is_lan(i.ip())).map(of_interface);
    let is_it = |at: &LanAddress| wanted.is_some_and(|w| at.with_port(w.port()) == w);
    found.into_iter().find(is_it).ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

fn of_interface(i: &Interface) -> LanAddress {
    let ip = i.ip();
    let local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    let prefix = match &i.addr {
        IfAddr::V4(v4) => v4.prefixlen,
        IfAddr::V6(v6) => v6.prefixlen,
    };
    let scope = i.index.filter(|_| local).unwrap_or(0);
    LanAddress { ip, scope, prefix, device: Device::named(&i.name) }
}

fn choose(all: &[Interface], only: &[String]) -> Vec<LanAddress> {
    let is_meant = |i: &&Interface| match only.is_empty() {
        true => !i.is_p2p() && !is_no_lan(&i.name),
        false => only.contains(&i.name),
    };
    let usable = |i: &&Interface| {
        !i.is_loopback()
            && i.is_oper_up()
            && is_lan(i.ip())
            && is_meant(i)
            && !is_provider(all, &i.name)
    };
    let mut found: Vec<_> = all.iter().filter(usable).map(of_interface).collect();
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
    fn only_the_own_network_is_admitted() {
        let at = |ip: &str, prefix| {
            let (ip, scope) = (ip.parse().unwrap(), 0);
            LanAddress { ip, scope, prefix, device: Device::default() }
        };
        let admits = |own: LanAddress, guest: &str| own.admits(guest.parse().unwrap());
        let v4 = at("192.168.43.1", 24);
        assert!(admits(v4, "192.168.43.200") && admits(v4, "192.168.43.1"));
        for no in ["192.168.44.1", "10.0.0.1", "172.16.0.1", "169.254.1.1", "fe80::1", "::1"] {
            assert!(!admits(v4, no), "{no}");
        }
        assert!(admits(at("10.0.0.1", 8), "10.200.3.4") && !admits(at("10.0.0.1", 32), "10.0.0.2"));
        assert!(admits(at("172.20.10.1", 28), "172.20.10.14"));
        assert!(!admits(at("172.20.10.1", 28), "172.20.10.16"));
        let ula = at("fd42::1", 64);
        assert!(admits(ula, "fd42::9") && admits(ula, "fe80::9"));
        assert!(!admits(ula, "fd42:0:0:1::9") && !admits(ula, "192.168.43.1"));
        let local = at("fe80::1", 64);
        assert!(admits(local, "fe80::2") && !admits(local, "fd42::2"));
        assert_eq!(Device::named("wlan0").bytes(), Some(&b"wlan0"[..]));
        assert!(Device::named("").bytes().is_none());
        assert!(Device::named("a name that is none").bytes().is_none());
    }

    #[test]
    fn addresses_are_bounded() {
        let all: Vec<_> =
            (0..100).map(|n| interface("a", n, &format!("10.0.0.{n}"), false)).collect();
        assert_eq!(choose(&all, &[]).len(), MAX_LAN_ADDRESSES);
    }
}
