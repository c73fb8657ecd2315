//! Our own addresses, and the links that they are on.

use crate::interfaces::{is_no_lan, is_provider};
use if_addrs::{IfAddr, IfOperStatus, Ifv4Addr, Interface};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use yadgar_protocol::beacon::{Place, is_near};

/// An address of ours from which beacons are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The address and its network.
    pub place: Place,
    /// The address of everybody in that network (IPv4).
    pub broadcast: Option<Ipv4Addr>,
}

/// What this machine's networks look like now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Addresses on links where others may be.
    pub links: Vec<Link>,
    /// Who may be the gateway or the host of the hotspot.
    pub gateways: Vec<SocketAddr>,
}

/// Looks, with `only` at the interfaces of these names. Blocks for as long as the system takes to tell.
pub fn look(only: &[String]) -> Seen {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|e| {
        tracing::debug!("the addresses of this machine cannot be read: {e}");
        Vec::new()
    });
    let mut links = links(&interfaces);
    let meant = |link: &Link| {
        let is_it = |i: &Interface| {
            let same = i.ip() == link.place.address && i.index.unwrap_or(0) == link.place.interface;
            same && only.contains(&i.name)
        };
        interfaces.iter().any(is_it)
    };
    links.retain(|link| only.is_empty() || meant(link));
    let gateways = super::gateway::gateways(&links);
    Seen { links, gateways }
}

/// The links of these interfaces. Not loopback; not tunnels, mobile data and lines of a provider, which lead away from
/// here.
fn links(interfaces: &[Interface]) -> Vec<Link> {
    let here = |i: &&Interface| {
        let away = i.is_p2p() || is_no_lan(&i.name) || is_provider(interfaces, &i.name);
        !i.is_loopback() && !away && i.oper_status != IfOperStatus::Down && is_near(i.ip())
    };
    let mut all: Vec<_> = interfaces.iter().filter(here).filter_map(link).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn link(interface: &Interface) -> Option<Link> {
    let (prefix, broadcast) = match &interface.addr {
        IfAddr::V4(v4) => (v4.prefixlen, broadcast(v4)),
        IfAddr::V6(v6) => (v6.prefixlen, None),
    };
    // Without its number an interface's IPv6 addresses mean nothing.
    let number = interface.index.or(match interface.ip() {
        IpAddr::V4(_) => Some(0),
        IpAddr::V6(_) => None,
    });
    let place = Place { address: interface.ip(), prefix, interface: number? };
    Some(Link { place, broadcast })
}

/// The address of everybody. Where none was set, systems tell our own address or nothing in its place.
fn broadcast(v4: &Ifv4Addr) -> Option<Ipv4Addr> {
    let told = v4.broadcast.filter(|all| *all != v4.ip && !all.is_unspecified());
    let hosts = u32::MAX.checked_shr(v4.prefixlen.into()).unwrap_or(0);
    told.or_else(|| (v4.prefixlen < 31).then(|| Ipv4Addr::from_bits(v4.ip.to_bits() | hosts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use if_addrs::Ifv6Addr;

    fn interface(addr: IfAddr, index: Option<u32>) -> Interface {
        let oper_status = IfOperStatus::Up;
        let name = format!("wlan{}", index.unwrap_or(0));
        Interface { name, addr, index, oper_status, is_p2p: false }
    }

    fn v4(ip: [u8; 4]) -> IfAddr {
        let broadcast = Some(Ipv4Addr::new(ip[0], ip[1], ip[2], 255));
        let netmask = Ipv4Addr::new(255, 255, 255, 0);
        IfAddr::V4(Ifv4Addr { ip: ip.into(), netmask, prefixlen: 24, broadcast })
    }

    fn v6(ip: &str) -> IfAddr {
        let (netmask, prefixlen) = ("ffff:ffff:ffff:ffff::".parse().unwrap(), 64);
        let ip = ip.parse().unwrap();
        IfAddr::V6(Ifv6Addr { ip, netmask, prefixlen, broadcast: None })
    }

    #[test]
    fn the_address_of_everybody() {
        let of = |ip: [u8; 4], prefixlen, told: Option<[u8; 4]>| {
            let (ip, broadcast) = (Ipv4Addr::from(ip), told.map(Ipv4Addr::from));
            broadcast_text(&Ifv4Addr { ip, netmask: ip, prefixlen, broadcast })
        };
        assert_eq!(of([10, 42, 0, 1], 24, Some([10, 42, 0, 1])), "10.42.0.255");
        assert_eq!(of([172, 20, 10, 3], 28, None), "172.20.10.15");
        assert_eq!(of([10, 0, 0, 1], 8, Some([10, 0, 0, 255])), "10.0.0.255");
        assert_eq!(of([10, 0, 0, 1], 32, None), "none");
    }

    fn broadcast_text(v4: &Ifv4Addr) -> String {
        broadcast(v4).map_or("none".into(), |all| all.to_string())
    }

    #[test]
    fn only_links_where_others_may_be() {
        let tunnel = Interface { is_p2p: true, ..interface(v4([10, 8, 0, 2]), Some(9)) };
        let down = interface(v4([10, 9, 0, 2]), Some(8));
        let down = Interface { oper_status: IfOperStatus::Down, ..down };
        // Mobile data is often no point-to-point link, and has a private address.
        let mobile = interface(v4([10, 64, 3, 4]), Some(7));
        let mobile = Interface { name: "rmnet_data0".into(), ..mobile };
        let all = [
            mobile,
            // The provider's segment hears what is said to everybody on this one.
            interface(v6("fe80::9"), Some(3)),
            interface(v4([127, 0, 0, 1]), Some(1)),
            interface(v6("::1"), Some(1)),
            interface(v4([192, 168, 1, 7]), Some(2)),
            interface(v6("fe80::7"), Some(2)),
            interface(v6("2001:db8::7"), Some(2)),
            interface(v6("fe80::8"), None),
            interface(v4([203, 0, 113, 7]), Some(3)),
            tunnel,
            down,
        ];
        let links = links(&all);
        let found: Vec<_> = links.iter().map(|l| (l.place.address, l.place.interface)).collect();
        let expected = [("192.168.1.7".parse().unwrap(), 2), ("fe80::7".parse().unwrap(), 2)];
        assert_eq!(found, expected);
        assert_eq!(links[0].broadcast, Some(Ipv4Addr::new(192, 168, 1, 255)));
    }
}
