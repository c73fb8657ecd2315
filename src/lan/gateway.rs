//! The default gateways: on a phone's hotspot, the phone.
//!
//! Linux tells them in `/proc`. Elsewhere the first address of each IPv4 network is taken, which is
//! where phones and computers put themselves as hosts of a hotspot.

use super::links::Link;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use yadgar_protocol::beacon::BEACON_PORT;

/// A route is used, and goes by a gateway (`RTF_UP`, `RTF_GATEWAY`).
const UP_BY_GATEWAY: u32 = 0x1 | 0x2;
/// Lines of a routing table that are read: a machine that routes for others may have a great many.
const MAX_ROUTES: usize = 4096;

/// Where to ask for the gateways of these links.
pub fn gateways(links: &[Link]) -> Vec<SocketAddr> {
    let read = |path| std::fs::read_to_string(path).ok();
    let (v4, v6) = (read("/proc/net/route"), read("/proc/net/ipv6_route"));
    if v4.is_none() && v6.is_none() {
        return links.iter().filter_map(first_of).collect();
    }
    let v4 = v4.iter().flat_map(|table| table.lines().take(MAX_ROUTES).filter_map(route_v4));
    let v4: Vec<_> = v4.map(|ip| SocketAddr::new(ip.into(), BEACON_PORT)).collect();
    let v6 = v6.iter().flat_map(|table| table.lines().take(MAX_ROUTES).filter_map(route_v6));
    let with_zone = v6.filter_map(|(ip, name)| {
        let number = if_number(&name)?;
        Some(SocketAddr::V6(SocketAddrV6::new(ip, BEACON_PORT, 0, number)))
    });
    let mut all: Vec<_> = v4.into_iter().chain(with_zone).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn first_of(link: &Link) -> Option<SocketAddr> {
    let IpAddr::V4(own) = link.place.address else { return None };
    let mask = u32::MAX.checked_shl(32 - u32::from(link.place.prefix)).unwrap_or(0);
    let first = Ipv4Addr::from_bits((own.to_bits() & mask) + 1);
    (first != own).then(|| SocketAddr::new(first.into(), BEACON_PORT))
}

/// The gateway of a default route in a line of `/proc/net/route`: interface, destination, gateway,
/// flags, ..., mask, as numbers of this machine's byte order in hex.
fn route_v4(line: &str) -> Option<Ipv4Addr> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [_, destination, gateway, flags, _, _, _, mask, ..] = fields.as_slice() else {
        return None;
    };
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let default = number(destination)? == 0 && number(mask)? == 0;
    let used = number(flags)? & UP_BY_GATEWAY == UP_BY_GATEWAY;
    (default && used).then_some(Ipv4Addr::from(number(gateway)?.to_ne_bytes()))
}

/// The gateway of a default route in a line of `/proc/net/ipv6_route`, and its interface:
/// destination, its length, source, its length, gateway, metric, references, uses, flags, interface.
fn route_v6(line: &str) -> Option<(Ipv6Addr, String)> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [destination, length, _, _, gateway, _, _, _, flags, name] = fields.as_slice() else {
        return None;
    };
    let number = |text: &str| u128::from_str_radix(text, 16).ok();
    let default = number(destination)? == 0 && number(length)? == 0;
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let used = flags & UP_BY_GATEWAY == UP_BY_GATEWAY;
    (default && used).then_some((Ipv6Addr::from_bits(number(gateway)?), (*name).into()))
}

/// The number of an interface.
fn if_number(name: &str) -> Option<u32> {
    let all = if_addrs::get_if_addrs().ok()?;
    all.iter().find(|i| i.name == name).and_then(|i| i.index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::beacon::Place;

    #[test]
    fn the_tables_of_linux() {
        let big = cfg!(target_endian = "big");
        let head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT";
        assert_eq!(route_v4(head), None);
        let gate = if big { "C0A82B01" } else { "012BA8C0" };
        let line = format!("wlan0 00000000 {gate} 0003 0 0 600 00000000 0 0 0");
        assert_eq!(route_v4(&line), Some(Ipv4Addr::new(192, 168, 43, 1)));
        assert_eq!(route_v4(&line.replace("0003", "0001")), None, "by no gateway");
        assert_eq!(route_v4(&line.replace("600 00000000", "600 00FFFFFF")), None, "not default");
        assert_eq!(route_v4("wlan0 00000000"), None);
        let zero = "00000000000000000000000000000000";
        let gate = "fe8000000000000000000000000000aa";
        let line = format!("{zero} 00 {zero} 00 {gate} 00000400 00000001 00000000 00000003 wlan0");
        assert_eq!(route_v6(&line), Some(("fe80::aa".parse().unwrap(), "wlan0".into())));
        assert_eq!(route_v6(&line.replace("00000003 wlan0", "00200200 lo")), None);
        assert_eq!(route_v6(&line.replace(" 00 ", " 40 ")), None);
    }

    #[test]
    fn the_first_address_of_a_network() {
        let link = |ip: [u8; 4], prefix| {
            let place = Place { address: ip.into(), prefix, interface: 1 };
            first_of(&Link { place, broadcast: None }).map(|at| at.to_string())
        };
        assert_eq!(link([192, 168, 43, 57], 24).as_deref(), Some("192.168.43.1:4775"));
        assert_eq!(link([172, 20, 10, 3], 28).as_deref(), Some("172.20.10.1:4775"));
        assert_eq!(link([192, 168, 43, 1], 24), None, "ourselves");
    }
}
