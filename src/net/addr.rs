//! What may be said about an address before it is dialled.

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use std::net::{IpAddr, SocketAddr};
use yadgar_protocol::peers::{PeerAddress, Scope, scope_of};

/// The address of a cloud host's metadata service: nobody's node.
const METADATA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 169, 254));

/// The IP address that a multiaddr begins with, perhaps after the zone that it has a meaning in.
pub fn ip_of(addr: &Multiaddr) -> Option<IpAddr> {
    match addr.iter().find(|part| !matches!(part, Protocol::Ip6zone(_)))? {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)),
        _ => None,
    }
}

/// The address of a TCP port, to dial. Link-local IPv6 addresses get their zone, by its number.
pub fn of_tcp(at: SocketAddr) -> Multiaddr {
    let zone = match at {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => Some(v6.scope_id()),
        _ => None,
    };
    let zone = zone.map(|number| Protocol::Ip6zone(number.to_string().into()));
    zone.into_iter().chain([at.ip().into(), Protocol::Tcp(at.port())]).collect()
}

/// The other way: where a TCP multiaddr leads, when it says so itself.
pub fn to_tcp(addr: &Multiaddr) -> Option<SocketAddr> {
    let zone = zone_of(addr).map_or(Some(0), |zone| zone.parse().ok())?;
    let mut at = SocketAddr::new(ip_of(addr)?, tcp_port(addr)?);
    if let SocketAddr::V6(v6) = &mut at {
        v6.set_scope_id(zone);
    }
    Some(at)
}

/// The zone of a multiaddr that begins with one.
pub fn zone_of(addr: &Multiaddr) -> Option<String> {
    match addr.iter().next()? {
        Protocol::Ip6zone(zone) => Some(zone.into_owned()),
        _ => None,
    }
}

/// The peer id that a multiaddr ends with.
pub fn peer_of(addr: &Multiaddr) -> Option<PeerId> {
    match addr.iter().last()? {
        Protocol::P2p(peer) => Some(peer),
        _ => None,
    }
}

/// The TCP port of a multiaddr.
pub fn tcp_port(addr: &Multiaddr) -> Option<u16> {
    addr.iter().find_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    })
}

/// The address of a UDP port where QUIC is spoken.
pub fn of_quic(at: SocketAddr) -> Multiaddr {
    [at.ip().into(), Protocol::Udp(at.port()), Protocol::QuicV1].into_iter().collect()
}

/// An address without the id of who is there.
pub fn bare(addr: &Multiaddr) -> Multiaddr {
    addr.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect()
}

/// The port of a multiaddr that is an IP address and TCP or QUIC, and whether it is QUIC.
pub fn port_of(addr: &Multiaddr) -> Option<(u16, bool)> {
    let parts = addr.iter().filter(|part| !matches!(part, Protocol::P2p(_)));
    match parts.collect::<Vec<_>>().as_slice() {
        [Protocol::Ip4(_) | Protocol::Ip6(_), Protocol::Tcp(port)] => Some((*port, false)),
        [Protocol::Ip4(_) | Protocol::Ip6(_), Protocol::Udp(port), Protocol::QuicV1] => {
            Some((*port, true))
        }
        _ => None,
    }
}

/// The same as records have it.
pub fn peer_address(addr: &Multiaddr) -> Option<PeerAddress> {
    let (port, quic) = port_of(addr)?;
    Some(PeerAddress { quic, ip: ip_of(addr)?, port })
}

/// How the peer id of an Ed25519 key begins: a key that is short stands in it as it is, in a multihash of kind 0 and 36
/// bytes; what is left of these says the kind of key and its length.
const ED25519_ID: [u8; 6] = [0, 36, 8, 1, 18, 32];

/// The bytes of the Ed25519 key of a peer id; `None` when it is of another kind. Whether they are a key is not looked at,
/// which costs: who is connected has shown that it has one.
pub fn ed25519_of(peer: &PeerId) -> Option<[u8; 32]> {
    peer.to_bytes().strip_prefix(&ED25519_ID)?.try_into().ok()
}

/// The peer id of an Ed25519 key. Whether it is one is not looked at.
pub fn peer_of_ed25519(key: &[u8; 32]) -> Option<PeerId> {
    PeerId::from_bytes(&[&ED25519_ID[..], key].concat()).ok()
}

/// True for an address that is reached over QUIC.
pub fn is_quic(addr: &Multiaddr) -> bool {
    addr.iter().any(|part| matches!(part, Protocol::QuicV1))
}

/// True for addresses of a home, a building, a hotspot: the peers behind them share little else.
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The public IP address of a multiaddr; `None` for private ones.
pub fn public_ip(addr: &Multiaddr) -> Option<IpAddr> {
    ip_of(addr).filter(|ip| !is_private(*ip))
}

/// The network of a public address (IPv4 /24, IPv6 /48); `None` for private ones.
pub fn network_of(addr: &Multiaddr) -> Option<IpAddr> {
    network_of_ip(ip_of(addr)?)
}

/// The same of an IP address.
pub fn network_of_ip(ip: IpAddr) -> Option<IpAddr> {
    let ip = ip.to_canonical();
    if is_private(ip) {
        return None;
    }
    Some(match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(ip) => {
            let s = ip.segments();
            IpAddr::from([s[0], s[1], s[2], 0, 0, 0, 0, 0])
        }
    })
}

/// The larger network around a public one: IPv4 /16, IPv6 /32.
pub fn around(network: IpAddr) -> IpAddr {
    match network {
        IpAddr::V4(ip) => {
            let [a, b, _, _] = ip.octets();
            IpAddr::from([a, b, 0, 0])
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            IpAddr::from([a, b, 0, 0, 0, 0, 0, 0])
        }
    }
}

/// True for an address that leads through a relay.
pub fn is_relayed(addr: &Multiaddr) -> bool {
    addr.iter().any(|part| matches!(part, Protocol::P2pCircuit))
}

/// The address of the relay that a circuit leads through, with its peer id.
pub fn relay_of(addr: &Multiaddr) -> Option<Multiaddr> {
    let at = addr.iter().position(|part| matches!(part, Protocol::P2pCircuit))?;
    Some(addr.iter().take(at).collect()).filter(|relay| peer_of(relay).is_some())
}

/// The IP address of who is at the other end; `None` when a relay stands between.
pub fn direct_ip(addr: &Multiaddr) -> Option<IpAddr> {
    ip_of(addr).filter(|_| !is_relayed(addr))
}

/// The circuit to a node through a relay, whose address ends with its peer id.
pub fn circuit_to(relay: &Multiaddr, peer: PeerId) -> Multiaddr {
    relay.clone().with(Protocol::P2pCircuit).with(Protocol::P2p(peer))
}

/// True for an address to listen on at which others may find the node: TCP or QUIC without a website or another program
/// before it, and not on loopback, where only programs of this machine come.
pub fn is_door(addr: &Multiaddr) -> bool {
    port_of(addr).is_some() && ip_of(addr).is_some_and(|ip| !ip.is_loopback())
}

/// True for an address on the open internet at which a node may be: TCP or QUIC, and no port that strangers' programs
/// could be led to. Such an address may be ours when a peer says so, and may be dialled back when it says that it is its.
pub fn may_be_ours(addr: &Multiaddr) -> bool {
    port_of(addr).is_some()
        && dialable_from_stranger(addr)
        && ip_of(addr).and_then(scope_of) == Some(Scope::Global)
}

/// True for an address learned from a stranger (mDNS) that may be dialled: an IP address that is
/// not our own machine, and a port that is not that of a common service. Addresses of an invite
/// are the user's choice and are not asked.
pub fn dialable_from_stranger(addr: &Multiaddr) -> bool {
    let Some(ip) = ip_of(addr) else {
        return false;
    };
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || broadcast || ip == METADATA {
        return false;
    }
    let start = if zone_of(addr).is_some() { 2 } else { 1 };
    let parts: Vec<_> = addr.iter().skip(start).collect();
    let port = match parts.as_slice() {
        [Protocol::Tcp(port)] | [Protocol::Tcp(port), Protocol::P2p(_)] => *port,
        [Protocol::Udp(port), Protocol::QuicV1]
        | [Protocol::Udp(port), Protocol::QuicV1, Protocol::P2p(_)] => *port,
        _ => return false,
    };
    port >= 1024 || matches!(port, 80 | 443)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        dialable_from_stranger(&text.parse().unwrap())
    }

    #[test]
    fn keys_and_peer_ids_are_the_same_thing() {
        use libp2p::identity::Keypair;
        let pair = Keypair::generate_ed25519();
        let (peer, key) = (pair.public().to_peer_id(), pair.public().try_into_ed25519().unwrap());
        assert_eq!(ed25519_of(&peer), Some(key.to_bytes()));
        assert_eq!(peer_of_ed25519(&key.to_bytes()), Some(peer));
        let other = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N".parse().unwrap();
        assert_eq!(ed25519_of(&other), None, "a hash of a longer key");
    }

    #[test]
    fn strangers_do_not_choose_what_we_dial() {
        assert!(allowed("/ip4/192.168.1.7/tcp/4001"));
        assert!(allowed("/ip4/10.0.0.1/udp/4001/quic-v1"));
        assert!(allowed("/ip6/fd00::1/tcp/443"));
        assert!(allowed("/ip6zone/2/ip6/fe80::1/tcp/4774"));
        for bad in [
            "/ip4/127.0.0.1/tcp/4001",
            "/ip6/::1/tcp/4001",
            "/ip6/::ffff:127.0.0.1/tcp/4001",
            "/ip4/0.0.0.0/tcp/4001",
            "/ip4/224.0.0.251/udp/5353/quic-v1",
            "/ip4/255.255.255.255/tcp/4001",
            "/ip4/169.254.169.254/tcp/80",
            "/ip4/10.0.0.1/tcp/22",
            "/ip4/10.0.0.1/udp/4001",
            "/dns4/example.org/tcp/4001",
            "/ip4/10.0.0.1/tcp/4001/ws",
            "/ip6zone/2/ip6/fe80::1/tcp/22",
            "/ip6zone/2/ip6/::1/tcp/4774",
            "/memory/1",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn circuits() {
        let peer = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
        let relay: Multiaddr = format!("/ip4/8.8.8.8/tcp/4774/p2p/{peer}").parse().unwrap();
        let circuit = circuit_to(&relay, peer_of(&relay).unwrap());
        assert_eq!(circuit.to_string(), format!("{relay}/p2p-circuit/p2p/{peer}"));
        assert_eq!((relay_of(&circuit), relay_of(&relay)), (Some(relay.clone()), None));
        assert!(is_relayed(&circuit) && !is_relayed(&relay));
        assert_eq!((direct_ip(&circuit), direct_ip(&relay)), (None, ip_of(&relay)));
        // Without the relay's id nobody could be dialled.
        let bare = format!("/ip4/8.8.8.8/tcp/4774/p2p-circuit/p2p/{peer}");
        assert_eq!(relay_of(&bare.parse().unwrap()), None);
        assert!(may_be_ours(&relay) && !may_be_ours(&circuit));
        for never in
            ["/ip4/192.168.1.7/tcp/4774", "/ip4/100.64.1.1/tcp/4774", "/ip6/fe80::1/tcp/4774"]
        {
            assert!(!may_be_ours(&never.parse().unwrap()), "{never}");
        }
    }

    #[test]
    fn zones() {
        let text = |at: &str| of_tcp(at.parse().unwrap()).to_string();
        assert_eq!(text("192.168.1.7:4774"), "/ip4/192.168.1.7/tcp/4774");
        assert_eq!(text("[fe80::7%3]:4774"), "/ip6zone/3/ip6/fe80::7/tcp/4774");
        let addr = of_tcp("[fe80::7%3]:4774".parse().unwrap());
        assert_eq!(to_tcp(&addr), Some("[fe80::7%3]:4774".parse().unwrap()));
        let named =
            "/ip4/192.168.1.7/tcp/4774/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
        assert_eq!(to_tcp(&named.parse().unwrap()), Some("192.168.1.7:4774".parse().unwrap()));
        assert_eq!(ip_of(&addr), Some("fe80::7".parse().unwrap()));
        assert_eq!((zone_of(&addr).as_deref(), tcp_port(&addr)), (Some("3"), Some(4774)));
    }

    #[test]
    fn networks() {
        let network = |text: &str| network_of(&text.parse().unwrap());
        assert_eq!(network("/ip4/203.0.113.9/tcp/1"), network("/ip4/203.0.113.200/tcp/2"));
        assert_ne!(network("/ip4/203.0.113.9/tcp/1"), network("/ip4/203.0.114.9/tcp/1"));
        assert_eq!(network("/ip4/192.168.1.7/tcp/1"), None);
        assert_eq!(network("/ip4/100.64.0.1/tcp/1"), None);
        assert_eq!(network("/ip6/2001:db8:1:2::1/tcp/1"), network("/ip6/2001:db8:1:9::1/tcp/1"));
    }
}
