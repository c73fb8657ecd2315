//! Whom we can ask whether an address reaches us, and who said no.
//!
//! One peer's no is not enough while there are others: whoever is asked first would decide that we need relays.

use crate::net::limits::UNREACHED_AFTER;
use libp2p::PeerId;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Instant;

/// Those of one public network have one voice together, others each their own.
type Voice = (Option<IpAddr>, Option<PeerId>);

/// See the module.
#[derive(Debug, Default)]
pub struct Asked {
    /// Since when somebody is asked.
    since: Option<Instant>,
    /// Connected peers that we dialled and that answer, and their public networks.
    servers: BTreeMap<PeerId, Option<IpAddr>>,
    noes: BTreeSet<Voice>,
}

impl Asked {
    /// A peer that we dialled answers such questions.
    pub fn answers(&mut self, peer: PeerId, network: Option<IpAddr>) {
        self.servers.insert(peer, network);
    }

    /// It is not connected any more.
    pub fn gone(&mut self, peer: &PeerId) {
        self.servers.remove(peer);
    }

    /// Somebody can be asked about an address that may be ours.
    pub fn asking(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    fn voices(&self) -> BTreeSet<Voice> {
        let voice = |(peer, network): (&PeerId, &Option<IpAddr>)| match network {
            Some(_) => (*network, None),
            None => (None, Some(*peer)),
        };
        self.servers.iter().map(voice).collect()
    }

    /// A peer did not reach us. True when that is enough: two voices said so, or all that there are.
    pub fn no(&mut self, peer: &PeerId) -> bool {
        let Some(network) = self.servers.get(peer) else { return false };
        let voice = if network.is_some() { (*network, None) } else { (None, Some(*peer)) };
        if self.noes.len() < 2 {
            self.noes.insert(voice);
        }
        self.noes.len() >= 2 || self.voices().is_subset(&self.noes)
    }

    /// True when nobody could say that we are reached for so long that nobody will: twice as long when there are several
    /// to ask, so that more than one of them was.
    pub fn silent(&self, now: Instant) -> bool {
        let wait = if self.voices().len() > 1 { UNREACHED_AFTER * 2 } else { UNREACHED_AFTER };
        self.since.is_some_and(|since| now.saturating_duration_since(since) > wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([9, 9, n, 0]))
    }

    #[test]
    fn one_no_is_enough_only_where_there_is_nobody_else() {
        let [a, b, c, d] = [(); 4].map(|()| PeerId::random());
        let mut asked = Asked::default();
        asked.answers(a, network(1));
        asked.answers(b, network(1));
        assert!(asked.no(&a), "all of one network are one");
        asked.answers(c, network(2));
        assert!(!asked.no(&a) && !asked.no(&b));
        assert!(!asked.no(&PeerId::random()), "nobody that we dialled");
        assert!(asked.no(&c));
        // On one machine or LAN each speaks for itself.
        let mut here = Asked::default();
        here.answers(a, None);
        here.answers(d, None);
        assert!(!here.no(&a) && here.no(&d));
        let mut left = Asked::default();
        left.answers(a, network(1));
        left.answers(c, network(2));
        left.gone(&c);
        assert!(left.no(&a), "the other went");
    }

    #[test]
    fn silence_lasts_longer_where_several_can_be_asked() {
        let (mut asked, now) = (Asked::default(), Instant::now());
        asked.answers(PeerId::random(), network(1));
        assert!(!asked.silent(now + UNREACHED_AFTER * 9), "nobody was asked");
        asked.asking(now);
        assert!(!asked.silent(now + UNREACHED_AFTER));
        assert!(asked.silent(now + UNREACHED_AFTER * 3 / 2));
        asked.answers(PeerId::random(), network(2));
        assert!(!asked.silent(now + UNREACHED_AFTER * 2));
        assert!(asked.silent(now + UNREACHED_AFTER * 5 / 2));
    }
}
