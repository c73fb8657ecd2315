//! What a node may do on the network: one table, which everything else asks.

use super::lan::is_lan_addr;
use libp2p::Multiaddr;

/// What a node may say, and to whom (design: profiles). The profile `offline` has no network at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetProfile {
    /// Dials only: does not listen, announce, gossip or serve, and has a fresh identity each run.
    Reader,
    /// Listens on a LAN for a while and serves whoever connects from there, under a fresh identity. Dials
    /// nobody.
    Share,
    /// Listens, serves, and may announce itself and gossip.
    Mirror,
}

/// With whom a node may have a connection at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody.
    All,
    /// Only from and to addresses of a LAN ([`super::lan::is_lan`]).
    Lan,
}

impl Reach {
    /// True when a connection between these two addresses may be.
    pub fn allows(self, local: &Multiaddr, remote: &Multiaddr) -> bool {
        self == Self::All || (is_lan_addr(local) && is_lan_addr(remote))
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Powers {
    /// Listens for connections, and answers questions on them.
    pub serves: bool,
    /// May keep one identity over many runs.
    pub keeps_identity: bool,
    /// May gossip.
    pub gossips: bool,
    /// Answers whoever exchanges addresses of nodes with it. A share asks nobody.
    pub exchanges: bool,
    /// May announce itself by mDNS.
    pub announces: bool,
    /// Looks for others in the DHT of mirrors, and answers there.
    pub searches: bool,
    /// May say by beacon that it serves something (module `lan` at the top); one that may not asks, when its user wants that.
    pub beacons: bool,
    /// May dial, and so look for others.
    pub dials: bool,
    /// Asks its peers whether it can be reached and dials them back when they ask that (AutoNAT), has a place at
    /// relays when it cannot, punches holes, may be a relay and ask the router for a port when its operator says so.
    /// Who may not can at most dial through a relay that its user named ([`super::NetConfig::circuits`]).
    pub reaches: bool,
    /// With whom.
    pub reach: Reach,
}

impl NetProfile {
    /// What this profile may.
    pub const fn powers(self) -> Powers {
        match self {
            Self::Reader => Powers {
                serves: false,
                keeps_identity: false,
                gossips: false,
                exchanges: false,
                announces: false,
                searches: false,
                beacons: false,
                dials: true,
                reaches: false,
                reach: Reach::All,
            },
            Self::Share => Powers {
                serves: true,
                keeps_identity: false,
                gossips: false,
                exchanges: true,
                announces: false,
                searches: false,
                beacons: true,
                dials: false,
                reaches: false,
                reach: Reach::Lan,
            },
            Self::Mirror => Powers {
                serves: true,
                keeps_identity: true,
                gossips: true,
                exchanges: true,
                announces: true,
                searches: true,
                beacons: true,
                dials: true,
                reaches: true,
                reach: Reach::All,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column of the table of the design, said a second time, for reader, share and mirror. `offline` has no
    /// column here: nothing of this module is started.
    fn column<T>(of: impl Fn(Powers) -> T) -> [T; 3] {
        [NetProfile::Reader, NetProfile::Share, NetProfile::Mirror]
            .map(|profile| of(profile.powers()))
    }

    #[test]
    fn row_sockets() {
        assert_eq!(column(|p| p.serves), [false, true, true]);
        assert_eq!(column(|p| p.dials), [true, false, true]);
        assert_eq!(column(|p| p.reaches), [false, false, true]);
        assert_eq!(column(|p| p.reach), [Reach::All, Reach::Lan, Reach::All]);
    }

    #[test]
    fn row_identity() {
        assert_eq!(column(|p| p.keeps_identity), [false, false, true]);
    }

    #[test]
    fn row_says_what_it_holds() {
        // Only on connections that came in, and by gossip.
        assert_eq!(column(|p| p.serves), [false, true, true]);
        assert_eq!(column(|p| p.gossips), [false, false, true]);
        assert_eq!(column(|p| p.exchanges), [false, true, true]);
    }

    #[test]
    fn row_discovery() {
        // A share is found by its beacon alone (docs/decisions/0017-no-mdns-in-a-share.md).
        assert_eq!(column(|p| p.announces), [false, false, true]);
        assert_eq!(column(|p| p.beacons), [false, true, true]);
        assert_eq!(column(|p| p.searches), [false, false, true]);
        assert_eq!(column(|p| p.gossips), [false, false, true]);
    }

    #[test]
    fn a_share_reaches_the_lan_only() {
        let addr = |text: &str| text.parse::<Multiaddr>().unwrap();
        let (lan, public) = (addr("/ip4/10.42.0.1/tcp/1"), addr("/ip4/203.0.113.1/tcp/1"));
        assert!(Reach::Lan.allows(&lan, &addr("/ip6/fe80::1/tcp/1")));
        assert!(!Reach::Lan.allows(&lan, &public) && !Reach::Lan.allows(&public, &lan));
        assert!(Reach::All.allows(&lan, &public));
    }
}
