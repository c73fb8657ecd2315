//! Which interfaces of this machine are of a LAN: of a room, a building, a hotspot. What is said on others, a provider
//! hears.

use if_addrs::Interface;
use std::net::IpAddr;

/// What the names of interfaces begin with that are no LAN although they may have a private address: mobile
/// data, on which the operator's other customers have addresses of the same kind, tunnels, and networks
/// inside this machine.
const NO_LAN: [&str; 19] = [
    "rmnet", "r_rmnet", "ccmni", "ccemni", "seth_", "sipa_", "wwan", "wwp", "ppp", "pdp_ip",
    "clat", "tun", "tap", "utun", "ipsec", "wg", "docker", "virbr", "lxc",
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

/// True for the name of an interface that leads to a provider or stays in this machine, by what systems call them.
pub fn is_no_lan(name: &str) -> bool {
    NO_LAN.iter().any(|prefix| name.starts_with(prefix))
}

/// True when the interface of this name also has an IPv4 address that is not of a LAN: it hangs on a provider's line,
/// whatever private and link-local addresses it has besides.
pub fn is_provider(all: &[Interface], name: &str) -> bool {
    let public = |i: &Interface| i.ip().is_ipv4() && !i.is_loopback() && !is_lan(i.ip());
    all.iter().any(|i| i.name == name && public(i))
}
