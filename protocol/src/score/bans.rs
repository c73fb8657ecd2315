//! Peers that broke the rules, and addresses from which many did (SCORE-5, SCORE-6).
//!
//! A peer id costs nothing, so a liar comes back under another one; but behind one public address
//! there may be a whole quarter, and one bad frame must not shut it out. So the peer is refused for
//! long, and its address only after several peers of it, and briefly.

use crate::limits::{ADDRESS_BAN_MS, BAN_MS, MAX_ADDRESS_OFFENDERS, MAX_BANS};
use core::net::{IpAddr, Ipv6Addr};
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

const BAN_TIME: Duration = Duration::from_millis(BAN_MS);
const ADDRESS_BAN_TIME: Duration = Duration::from_millis(ADDRESS_BAN_MS);

/// What happened from one public address.
#[derive(Debug)]
struct Address<P> {
    /// Who broke the rules from there, and when last: fewer than [`MAX_ADDRESS_OFFENDERS`].
    offenders: BTreeMap<P, Duration>,
    /// When it was last banned.
    banned: Option<Duration>,
}

/// The list. Time is an argument, `P` names peers.
#[derive(Debug)]
pub struct Bans<P> {
    peers: BTreeMap<P, Duration>,
    addresses: BTreeMap<IpAddr, Address<P>>,
    /// Order of entries in `peers` and `addresses`, to forget the oldest.
    peer_order: VecDeque<P>,
    address_order: VecDeque<IpAddr>,
}

impl<P> Default for Bans<P> {
    fn default() -> Self {
        Self {
            peers: BTreeMap::new(),
            addresses: BTreeMap::new(),
            peer_order: VecDeque::new(),
            address_order: VecDeque::new(),
        }
    }
}

impl<P: Copy + Ord> Bans<P> {
    /// Refuses `peer` from `now` on for [`BAN_MS`], and for [`ADDRESS_BAN_MS`] the public address it is connected from, if
    /// it is the third peer from there. `public` is `None` for private addresses, which are never banned.
    pub fn ban(&mut self, peer: P, public: Option<IpAddr>, now: Duration) {
        if self.peers.insert(peer, now).is_none() {
            self.peer_order.push_back(peer);
        }
        if self.peer_order.len() > MAX_BANS {
            self.peer_order.pop_front().map(|oldest| self.peers.remove(&oldest));
        }
        let Some(line) = public.map(line_of) else { return };
        if !self.addresses.contains_key(&line) {
            self.address_order.push_back(line);
        }
        let fresh = || Address { offenders: BTreeMap::new(), banned: None };
        let address = self.addresses.entry(line).or_insert_with(fresh);
        address.offenders.retain(|_, at| now.saturating_sub(*at) < BAN_TIME);
        address.offenders.insert(peer, now);
        if address.offenders.len() >= MAX_ADDRESS_OFFENDERS {
            *address = Address { offenders: BTreeMap::new(), banned: Some(now) };
        }
        if self.address_order.len() > MAX_BANS {
            self.address_order.pop_front().map(|oldest| self.addresses.remove(&oldest));
        }
    }

    /// True while a peer is banned.
    pub fn is_banned(&self, peer: &P, now: Duration) -> bool {
        self.peers.get(peer).is_some_and(|at| now.saturating_sub(*at) < BAN_TIME)
    }

    /// True while an address is banned; `None` for private ones.
    pub fn is_address_banned(&self, public: Option<IpAddr>, now: Duration) -> bool {
        let at = public.and_then(|ip| self.addresses.get(&line_of(ip))?.banned);
        at.is_some_and(|at| now.saturating_sub(at) < ADDRESS_BAN_TIME)
    }

    /// Peers and addresses that are remembered.
    pub fn len(&self) -> (usize, usize) {
        (self.peers.len().max(self.peer_order.len()), self.addresses.len())
    }

    /// True when nobody is.
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }
}

/// One line of a provider: an IPv4 address, the /64 of an IPv6 address.
fn line_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}
