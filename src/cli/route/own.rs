//! Which private addresses are near, where raw ways endanger: those of networks that this machine is part of. Providers have
//! private addresses inside, too.

use crate::net::Multiaddr;
use crate::net::addr::ip_of;
use crate::net::lan::{LanAddress, lan_addresses};
use crate::web::BaseUrl;
use std::net::IpAddr;
use yadgar_protocol::place::{Host, Place, WebUrl};
use yadgar_protocol::way::{Candidate, Rule, Through, Way};

/// The networks of this machine, as far as a rule has to know them.
pub struct OwnNets(Option<Vec<LanAddress>>);

impl OwnNets {
    /// Asks the system where the rule has to know; what it does not tell is none. Through a proxy nothing private is asked
    /// for, whosever it is (WAY-5).
    pub fn of(rule: &Rule) -> Self {
        let matters = rule.watched && rule.through == Through::Nothing;
        Self(matters.then(|| lan_addresses(&[]).unwrap_or_default()))
    }

    /// Asks the system whatever the rule: for who promises that only what is near is asked.
    pub fn asked() -> Self {
        Self(Some(lan_addresses(&[]).unwrap_or_default()))
    }

    /// True for a private address of a network that this machine is not part of.
    pub fn is_beyond(&self, ip: IpAddr) -> bool {
        let own = |own: &Vec<LanAddress>| own.iter().any(|at| at.admits(ip));
        is_routed(ip) && self.0.as_ref().is_some_and(|nets| !own(nets))
    }

    /// The candidate with its way as it is from here.
    pub fn judge<T>(&self, candidate: Candidate<T>, address: &Multiaddr) -> Candidate<T> {
        match candidate.way {
            Some(Way::Lan) if ip_of(address).is_some_and(|ip| self.is_beyond(ip)) => {
                let way = Way::beyond(&Place::Peer(address.to_string()));
                Candidate { way, ..candidate }
            }
            _ => candidate,
        }
    }

    /// The same of a place as an invite or a list has it. What cannot be asked is of no way.
    pub fn judge_place(&self, candidate: Candidate<Place>) -> Candidate<Place> {
        match &candidate.place {
            Place::Peer(text) => match text.parse() {
                Ok(address) => self.judge(candidate, &address),
                Err(_) => Candidate { way: None, ..candidate },
            },
            Place::Web(url) => match BaseUrl::parse(url.as_str(), false) {
                Ok(url) => self.judge_host(candidate, &url),
                Err(_) => Candidate { way: None, ..candidate },
            },
        }
    }

    /// The same of a web host: without TLS all on the way would read what is asked, so it is of no way that may be asked.
    pub fn judge_host<T>(&self, candidate: Candidate<T>, url: &BaseUrl) -> Candidate<T> {
        let text = url.to_string();
        let ip = WebUrl::parse(&text).ok().and_then(|url| match url.host() {
            Host::Ip(ip) => Some(ip),
            Host::Name(_) => None,
        });
        match candidate.way {
            Some(Way::Lan) if ip.is_some_and(|ip| self.is_beyond(ip)) => {
                let way = text.starts_with("https://").then_some(Way::Https);
                Candidate { way, ..candidate }
            }
            _ => candidate,
        }
    }
}

/// Private addresses that routers pass on: loopback and link-local ones lead nowhere else.
fn is_routed(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::lan::Device;
    use yadgar_protocol::way::Named;

    #[test]
    fn only_private_addresses_of_an_own_network_are_near_where_it_is_dangerous() {
        let ip = "192.168.43.2".parse().unwrap();
        let own = LanAddress { ip, scope: 0, prefix: 24, device: Device::named("wlan0") };
        let way = |nets: &OwnNets, text: &str| {
            let candidate = Candidate::of(Place::parse(text).unwrap(), Named::ByInvite);
            nets.judge(candidate, &text.parse().unwrap()).way
        };
        let near = ["/ip4/192.168.43.7/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip6/fe80::1/tcp/1"];
        let far = ["/ip4/10.0.0.1/tcp/1", "/ip4/192.168.44.1/tcp/1", "/ip6/fd00::1/tcp/1"];
        let watched = OwnNets(Some(vec![own]));
        for text in near {
            assert_eq!(way(&watched, text), Some(Way::Lan), "{text}");
        }
        for text in far {
            assert_eq!(way(&watched, text), Some(Way::Tcp), "{text}");
            assert_eq!(way(&OwnNets(Some(Vec::new())), text), Some(Way::Tcp), "{text}");
            assert_eq!(way(&OwnNets(None), text), Some(Way::Lan), "{text}");
        }
        let host = |nets: &OwnNets, text: &str| {
            let candidate = Candidate::of(Place::parse(text).unwrap(), Named::ByInvite);
            nets.judge_host(candidate, &BaseUrl::parse(text, false).unwrap()).way
        };
        for (text, way) in [
            ("http://192.168.43.7/a/", Some(Way::Lan)),
            ("http://127.0.0.1:8080/", Some(Way::Lan)),
            ("http://10.1.2.3/a/", None),
            ("https://10.1.2.3/a/", Some(Way::Https)),
            ("https://mirror.example/", Some(Way::Https)),
        ] {
            assert_eq!(host(&watched, text), way, "{text}");
        }
        // A place is judged as what it is.
        let place = |text: &str| {
            let candidate = Candidate::of(Place::parse(text).unwrap(), Named::ByInvite);
            watched.judge_place(candidate).way
        };
        for text in near {
            assert_eq!(place(text), Some(Way::Lan), "{text}");
        }
        for text in far {
            assert_eq!(place(text), Some(Way::Tcp), "{text}");
        }
        assert_eq!(place("http://10.1.2.3/a/"), None);
        assert_eq!(place("https://10.1.2.3/a/"), Some(Way::Https));
        assert_eq!(place("http://192.168.43.7/a/"), Some(Way::Lan));
        assert_eq!(host(&OwnNets(None), "http://10.1.2.3/a/"), Some(Way::Lan));
    }
}
