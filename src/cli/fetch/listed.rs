//! Further sources that an archive itself lists (spec: mirrors.md, MIR-7).

use crate::access::Access;
use crate::net::Multiaddr;
use crate::net::addr::{ip_of, is_private};
use crate::store::mirrors::listed;
use libp2p::multiaddr::Protocol;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::place::Place;

/// The addresses that are asked, and behind them those of the list of the newest release that is here, as far as they
/// reveal nothing that the others do not. What cannot be read lists nothing.
pub fn with_listed(access: &Access, archive: &ArchiveId, asked: Vec<Multiaddr>) -> Vec<Multiaddr> {
    if !asked.iter().any(is_open) {
        return asked;
    }
    let head = access.complete(archive).ok().flatten();
    let list = head.and_then(|head| listed(&*access.store, &head.release).ok());
    join(asked, list.unwrap_or_default())
}

fn join(mut asked: Vec<Multiaddr>, list: Vec<Place>) -> Vec<Multiaddr> {
    let open = asked.iter().any(is_open);
    let raw = asked.iter().any(|address| is_open(address) && !is_web_like(address));
    for place in list {
        let Place::Peer(text) = place else { continue };
        let Ok(address) = text.parse::<Multiaddr>() else { continue };
        if open && (raw || is_web_like(&address)) && !asked.contains(&address) {
            asked.push(address);
        }
    }
    asked
}

/// True when dialling it goes past the own network: a provider sees it.
fn is_open(address: &Multiaddr) -> bool {
    match ip_of(address) {
        Some(ip) => !is_private(ip),
        None => true,
    }
}

/// True for what looks like a visit of a website to those on the way.
fn is_web_like(address: &Multiaddr) -> bool {
    let tls = |p: &Protocol<'_>| matches!(p, Protocol::Tls | Protocol::Wss(_));
    let ws = |p: &Protocol<'_>| matches!(p, Protocol::Ws(_) | Protocol::Wss(_));
    address.iter().any(|p| tls(&p)) && address.iter().any(|p| ws(&p))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "/ip4/8.8.8.8/tcp/4774";
    const QUIC: &str = "/dns4/a.example/udp/4774/quic-v1";
    const WS: &str = "/dns4/a.example/tcp/443/tls/ws";
    const WEB: &str = "https://a.example/";
    const LAN: &str = "/ip4/192.168.1.7/tcp/4774";

    fn joined(asked: &[&str], list: &[&str]) -> Vec<String> {
        let asked = asked.iter().map(|text| text.parse().unwrap()).collect();
        let list = list.iter().map(|text| Place::parse(text).unwrap()).collect();
        join(asked, list).iter().map(Multiaddr::to_string).collect()
    }

    #[test]
    fn mir_7_never_a_more_revealing_way() {
        let list = [RAW, QUIC, WS, WEB];
        assert!(joined(&[], &list).is_empty(), "nothing is asked because the list has it");
        assert_eq!(joined(&[LAN], &list), [LAN], "who asks a neighbour does not ask the internet");
        assert_eq!(joined(&["/ip4/127.0.0.1/tcp/1"], &list).len(), 1);
        assert_eq!(
            joined(&["/dns4/b.example/tcp/443/tls/ws"], &list).len(),
            2,
            "only what looks like the web"
        );
        assert_eq!(joined(&["/ip4/9.9.9.9/tcp/4774"], &list).len(), 4);
        assert_eq!(joined(&[RAW], &[RAW]), [RAW]);
    }
}
