//! Ways to a source, and which of them a reader may take (spec: ways.md). Pure: what a way shows is the same for all;
//! who has to fear it, only the user knows, and this keeps what the user says.

use crate::place::{Begins, Host, Place, begins};
use core::fmt;

/// A kind of way (WAY-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// This machine or a private network.
    Lan,
    /// An onion service, through Tor.
    Onion,
    /// WebSocket in TLS: a visit of a website to those on the way.
    Wss,
    /// A static mirror over HTTPS.
    Https,
    /// WebSocket without TLS.
    Ws,
    /// QUIC of libp2p.
    Quic,
    /// TCP of libp2p.
    Tcp,
}

impl Way {
    /// All, in the order of the spec.
    pub const ALL: [Self; 7] =
        [Self::Lan, Self::Onion, Self::Wss, Self::Https, Self::Ws, Self::Quic, Self::Tcp];

    /// Its name in options and in the output for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lan => "lan",
            Self::Onion => "onion",
            Self::Wss => "wss",
            Self::Https => "https",
            Self::Ws => "ws",
            Self::Quic => "quic",
            Self::Tcp => "tcp",
        }
    }

    /// The way of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// True for what a provider recognises as this kind of program by its first bytes (WAY-4).
    pub const fn is_raw(self) -> bool {
        matches!(self, Self::Ws | Self::Quic | Self::Tcp)
    }

    /// The way to a place; `None` where the address is of a kind that is not known here.
    pub fn of(place: &Place) -> Option<Self> {
        match place {
            Place::Web(url) => Some(Self::of_host(&url.host())),
            Place::Peer(text) if text.starts_with("/onion3/") => Some(Self::Onion),
            Place::Peer(text) => Some(of_peer(&begins(without_zone(text))?)),
        }
    }
}

impl Way {
    /// The way to a peer whose address is private, but of no network of this machine: providers have private addresses
    /// inside, too (WAY-4). `None` for web addresses and kinds that are not known here.
    pub fn beyond(place: &Place) -> Option<Self> {
        match place {
            Place::Peer(text) => Some(over_the_net(&begins(without_zone(text))?)),
            Place::Web(_) => None,
        }
    }

    /// The way to a web host.
    pub fn of_host(host: &Host<'_>) -> Self {
        match host {
            host if host.is_onion() => Self::Onion,
            host if is_near(host) => Self::Lan,
            _ => Self::Https,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn of_peer(start: &Begins<'_>) -> Way {
    if start.host.is_onion() {
        return Way::Onion;
    }
    if is_near(&start.host) {
        return Way::Lan;
    }
    over_the_net(start)
}

fn over_the_net(start: &Begins<'_>) -> Way {
    // Of a way through a relay, only what leads to the relay.
    let hop = start.rest.split("/p2p-circuit").next().unwrap_or_default();
    let has = |name: &str| hop.split('/').any(|part| part == name);
    let ws = has("ws") || has("x-parity-ws");
    match (start.quic, has("wss") || has("x-parity-wss") || (ws && has("tls")), ws) {
        (true, ..) => Way::Quic,
        (_, true, _) => Way::Wss,
        (_, _, true) => Way::Ws,
        _ => Way::Tcp,
    }
}

/// A multiaddr without the zone that a link-local address may have in front.
fn without_zone(text: &str) -> &str {
    let rest = text.strip_prefix("/ip6zone/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    rest.unwrap_or(text)
}

/// Names that are asked for on this machine or network only count as near, too.
fn is_near(host: &Host<'_>) -> bool {
    match host {
        Host::Name(name) => {
            let last = name.rsplit('.').next().unwrap_or_default();
            matches!(last, "localhost" | "local")
        }
        Host::Ip(_) => host.is_near(),
    }
}

/// The user's proxy, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// No proxy.
    Nothing,
    /// One of SOCKS5.
    Socks(Line),
    /// One of HTTP CONNECT.
    Connect(Line),
}

/// The line to a proxy, on which all that goes into it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The proxy is on this machine or in a private network.
    Near,
    /// The provider is on the line.
    Far,
}

impl Line {
    /// The line to a proxy on this host.
    pub fn to(host: &Host<'_>) -> Self {
        if is_near(host) { Self::Near } else { Self::Far }
    }
}

/// Who named a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The user, beside the invite.
    ByUser,
    /// The invite, or what is known from before.
    ByInvite,
    /// The list of the archive itself (mirrors.md).
    ByList,
}

/// Why a place is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody knows what it would show.
    Unknown,
    /// Not one of the ways that the user named (WAY-2), or beside those sources that were pinned (WAY-3).
    NotChosen(Way),
    /// It would be recognised, where that is dangerous (WAY-4).
    Recognised(Way),
    /// It would be recognised, and something that would not is asked (WAY-3).
    MoreRevealing(Way),
    /// It does not go through a proxy, or is not to be asked for there (WAY-5).
    NotThroughProxy(Way),
    /// Only through Tor (WAY-5).
    NeedsTor,
}

/// What a user wants (WAY-2 to WAY-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The ways, in the order in which they are tried; `None` when the user named none.
    pub ways: Option<Vec<Way>>,
    /// The user named static mirrors: others are not asked, and peers only where named beside them.
    pub pinned: bool,
    /// What everything goes through.
    pub through: Through,
    /// The machine seems to be where raw ways endanger their users.
    pub watched: bool,
    /// Something that a provider does not recognise is asked (WAY-3; [`Plan::covered`]).
    pub covered: bool,
}

/// What is to be tried, step by step: a later step only when none of the earlier ones brought the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<T> {
    /// Places that are asked together, never none, and their way where the user named ways.
    pub steps: Vec<(Option<Way>, Vec<T>)>,
    /// Places that are not asked, and why.
    pub left_out: Vec<(T, Refusal)>,
    /// Something that a provider does not recognise is asked, so nothing is that it does, unless the user named it
    /// (WAY-3).
    pub covered: bool,
}

/// A place that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<T> {
    /// The place, in whatever form it is asked.
    pub place: T,
    /// The way there; `None` where it is not known.
    pub way: Option<Way>,
    /// It is a static mirror on a web host, else a peer.
    pub web: bool,
    /// Who named it.
    pub named: Named,
}

impl Candidate<Place> {
    /// A place as an invite or a list has it.
    pub fn of(place: Place, named: Named) -> Self {
        let (way, web) = (Way::of(&place), matches!(place, Place::Web(_)));
        Self { place, way, web, named }
    }
}

impl Rule {
    /// Whether a place may be asked, and by which way.
    ///
    /// # Errors
    /// Why not.
    pub fn judge<T>(&self, candidate: &Candidate<T>) -> Result<Way, Refusal> {
        let Candidate { way, web, named, .. } = candidate;
        let way = way.ok_or(Refusal::Unknown)?;
        let chosen = match (&self.ways, named) {
            // WAY-3: what the user named beside the invite needs no further word; of the rest peers only.
            (None, Named::ByUser) => true,
            (None, _) => !self.pinned && !web,
            // WAY-2
            (Some(ways), named) => {
                ways.contains(&way) && !(self.pinned && *web && *named != Named::ByUser)
            }
        };
        if !chosen {
            return Err(Refusal::NotChosen(way));
        }
        self.may_pass(way)?;
        if self.covered && *named != Named::ByUser && self.shows(way) {
            return Err(Refusal::MoreRevealing(way));
        }
        Ok(way)
    }

    /// True where this way, unless it is named, would be recognised and endanger its user (WAY-4).
    pub fn endangers(&self, way: Way) -> bool {
        matches!(self.may_pass(way), Err(Refusal::Recognised(_)))
    }

    /// True where a provider would recognise this way, and the user did not name it.
    fn shows(&self, way: Way) -> bool {
        let inside =
            matches!(self.through, Through::Socks(Line::Near) | Through::Connect(Line::Near));
        // On the line to a proxy elsewhere the name of an onion service and what is spoken with it are read, too.
        let raw = way.is_raw() || (way == Way::Onion && self.through == Through::Socks(Line::Far));
        raw && !inside && self.ways.is_none()
    }

    fn may_pass(&self, way: Way) -> Result<(), Refusal> {
        match (self.through, way) {
            // WAY-5
            (Through::Nothing | Through::Connect(_), Way::Onion) => Err(Refusal::NeedsTor),
            (Through::Socks(_) | Through::Connect(_), Way::Lan | Way::Quic) => {
                Err(Refusal::NotThroughProxy(way))
            }
            // WAY-4
            (_, way) if self.watched && self.shows(way) => Err(Refusal::Recognised(way)),
            _ => Ok(()),
        }
    }

    /// Which places are asked, in which order.
    pub fn plan<T: PartialEq>(
        &self,
        candidates: impl IntoIterator<Item = Candidate<T>>,
    ) -> Plan<T> {
        let candidates: Vec<_> = candidates.into_iter().collect();
        let is_covered = |way| matches!(way, Way::Wss | Way::Onion) && !self.shows(way);
        let covered = self.covered
            || (self.ways.is_none()
                && candidates.iter().any(|one| self.judge(one).is_ok_and(is_covered)));
        let rule = Self { covered, ..self.clone() };
        let mut may: Vec<(Way, T)> = Vec::new();
        let mut left_out: Vec<(T, Refusal)> = Vec::new();
        for candidate in candidates {
            let judged = rule.judge(&candidate);
            let place = candidate.place;
            if may.iter().any(|(_, other)| *other == place) {
                continue;
            }
            // Of a place that is named twice a yes counts more than a no, and of two reasons the first.
            match judged {
                Ok(way) => {
                    left_out.retain(|(other, _)| *other != place);
                    may.push((way, place));
                }
                Err(why) if left_out.iter().all(|(other, _)| *other != place) => {
                    left_out.push((place, why));
                }
                Err(_) => {}
            }
        }
        let mut steps: Vec<(Option<Way>, Vec<T>)> = match &self.ways {
            None => vec![(None, Vec::new())],
            Some(ways) => ways.iter().map(|way| (Some(*way), Vec::new())).collect(),
        };
        for (way, place) in may {
            let of = |step: &&mut (Option<Way>, _)| step.0.is_none_or(|of| of == way);
            if let Some(step) = steps.iter_mut().find(of) {
                step.1.push(place);
            }
        }
        steps.retain(|(_, places)| !places.is_empty());
        Plan { steps, left_out, covered }
    }
}

#[cfg(test)]
#[path = "way_tests.rs"]
mod tests;
