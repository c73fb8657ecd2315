//! Peers that broke the rules, and addresses from which many did.
//!
//! A peer id costs nothing, so a liar comes back under another one; but behind one public address
//! there may be a whole quarter, and one bad frame must not shut it out. So the peer is refused for
//! long, and its address only after several peers of it, and briefly.

use super::addr::{ip_of, is_private};
use super::limits::{ADDRESS_BAN_TIME, ADDRESS_OFFENDERS, BAN_TIME, MAX_BANS};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

/// What happened from one public address.
#[derive(Debug, Default)]
struct Address {
    /// Who broke the rules from there, and when last: fewer than [`ADDRESS_OFFENDERS`].
    offenders: BTreeMap<PeerId, Instant>,
    /// When it was last banned.
    banned: Option<Instant>,
}

/// The list. Time is an argument.
#[derive(Debug, Default)]
pub struct Bans {
    peers: BTreeMap<PeerId, Instant>,
    addresses: BTreeMap<IpAddr, Address>,
    /// Order of entries in `peers` and `addresses`, to forget the oldest.
    peer_order: VecDeque<PeerId>,
    address_order: VecDeque<IpAddr>,
}

impl Bans {
    /// Refuses `peer` from `now` on for [`BAN_TIME`], and for [`ADDRESS_BAN_TIME`] the public address it
    /// is connected from, if it is the third peer from there. Private addresses are never banned.
    pub fn ban(&mut self, peer: PeerId, addr: Option<&Multiaddr>, now: Instant) {
        if self.peers.insert(peer, now).is_none() {
            self.peer_order.push_back(peer);
        }
        if self.peer_order.len() > MAX_BANS {
            self.peer_order.pop_front().map(|oldest| self.peers.remove(&oldest));
        }
        let Some(ip) = addr.and_then(public) else { return };
        if !self.addresses.contains_key(&ip) {
            self.address_order.push_back(ip);
        }
        let address = self.addresses.entry(ip).or_default();
        address.offenders.retain(|_, at| now.saturating_duration_since(*at) < BAN_TIME);
        address.offenders.insert(peer, now);
        if address.offenders.len() >= ADDRESS_OFFENDERS {
            *address = Address { offenders: BTreeMap::new(), banned: Some(now) };
        }
        if self.address_order.len() > MAX_BANS {
            self.address_order.pop_front().map(|oldest| self.addresses.remove(&oldest));
        }
    }

    /// True while a peer is banned.
    pub fn is_banned(&self, peer: &PeerId, now: Instant) -> bool {
        let at = self.peers.get(peer);
        at.is_some_and(|at| now.saturating_duration_since(*at) < BAN_TIME)
    }

    /// True while an address is banned.
    pub fn is_address_banned(&self, addr: &Multiaddr, now: Instant) -> bool {
        let at = public(addr).and_then(|ip| self.addresses.get(&ip)?.banned);
        at.is_some_and(|at| now.saturating_duration_since(at) < ADDRESS_BAN_TIME)
    }
}

/// The public address of one line: an IPv4 address, the /64 of an IPv6 address.
fn public(addr: &Multiaddr) -> Option<IpAddr> {
    let ip = ip_of(addr).filter(|ip| !is_private(*ip))?;
    Some(match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn addr(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_peer_is_banned_for_long_and_its_address_only_after_three() {
        let (mut bans, now) = (Bans::default(), Instant::now());
        let nat = addr("/ip4/203.0.113.1/tcp/9");
        let first = PeerId::random();
        // One peer, however often, does not shut out its neighbours.
        for _ in 0..10 {
            bans.ban(first, Some(&nat), now);
        }
        bans.ban(PeerId::random(), Some(&nat), now);
        assert!(!bans.is_address_banned(&nat, now));
        let later = now + BAN_TIME - SECOND;
        assert!(bans.is_banned(&first, later) && !bans.is_banned(&first, later + SECOND));
        bans.ban(PeerId::random(), Some(&addr("/ip4/203.0.113.1/tcp/10")), later);
        assert!(bans.is_address_banned(&nat, later + ADDRESS_BAN_TIME - SECOND));
        assert!(!bans.is_address_banned(&addr("/ip4/203.0.113.2/tcp/9"), later));
        assert!(!bans.is_address_banned(&nat, later + ADDRESS_BAN_TIME));
    }

    #[test]
    fn offences_of_long_ago_do_not_count() {
        let (mut bans, mut now) = (Bans::default(), Instant::now());
        let nat = addr("/ip4/203.0.113.1/tcp/9");
        for _ in 0..10 {
            bans.ban(PeerId::random(), Some(&nat), now);
            assert!(!bans.is_address_banned(&nat, now));
            now += BAN_TIME / 2;
        }
    }

    #[test]
    fn private_addresses_are_never_banned() {
        let (mut bans, now) = (Bans::default(), Instant::now());
        for text in ["/ip4/192.168.0.9/tcp/9", "/ip4/127.0.0.1/tcp/9", "/ip6/fd00::1/tcp/9"] {
            for _ in 0..10 {
                bans.ban(PeerId::random(), Some(&addr(text)), now);
            }
            assert!(!bans.is_address_banned(&addr(text), now), "{text}");
        }
        assert!(bans.addresses.is_empty());
    }

    #[test]
    fn one_line_of_ipv6_is_one_address() {
        let (mut bans, now) = (Bans::default(), Instant::now());
        for n in 1..=3 {
            let from = addr(&format!("/ip6/2001:db8:1:2::{n}/tcp/9"));
            bans.ban(PeerId::random(), Some(&from), now);
        }
        assert!(bans.is_address_banned(&addr("/ip6/2001:db8:1:2::77/tcp/9"), now));
        assert!(!bans.is_address_banned(&addr("/ip6/2001:db8:1:3::1/tcp/9"), now));
    }

    #[test]
    fn bans_are_bounded() {
        let (mut bans, now, first) = (Bans::default(), Instant::now(), PeerId::random());
        bans.ban(first, None, now);
        for n in 0..=2 * MAX_BANS as u32 {
            let ip = std::net::Ipv4Addr::from_bits(0xcb00_0000 + n);
            bans.ban(PeerId::random(), Some(&addr(&format!("/ip4/{ip}/tcp/9"))), now);
        }
        assert!(!bans.is_banned(&first, now));
        assert!(bans.peers.len() <= MAX_BANS && bans.addresses.len() <= MAX_BANS);
        assert!(bans.peer_order.len() <= MAX_BANS && bans.address_order.len() <= MAX_BANS);
    }
}
