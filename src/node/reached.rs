//! How a node is reached and what of the line it uses, as it tells its keeper.

use crate::net::{Rates, ReachStatus, Relaying, Volume};
use serde::Serialize;

/// See [`ReachStatus`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReachTold {
    /// Whether it finds out if others reach it.
    pub sought: bool,
    /// Whether others reach it from outside; `None` while nobody could say.
    pub reachable: Option<bool>,
    /// Where others outside have reached it.
    pub external: Vec<String>,
    /// Where it is reached through relays.
    pub circuits: Vec<String>,
    /// Connections that began at a relay and go without one, since the start.
    pub punched: u64,
    /// What it does as a relay, when it was told to be one.
    pub relaying: Option<RelayingTold>,
}

/// See [`Relaying`].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RelayingTold {
    /// It can be reached, and so offers places.
    pub offered: bool,
    /// Peers that have a place.
    pub places: usize,
    /// The most of them.
    pub places_most: usize,
    /// Circuits that go through it.
    pub circuits: usize,
    /// The most of them.
    pub circuits_most: usize,
}

impl From<ReachStatus> for ReachTold {
    fn from(status: ReachStatus) -> Self {
        let texts = |all: Vec<crate::net::Multiaddr>| all.iter().map(ToString::to_string).collect();
        Self {
            sought: status.sought,
            reachable: status.reachable,
            external: texts(status.external),
            circuits: texts(status.circuits),
            punched: status.punched,
            relaying: status.relaying.map(Into::into),
        }
    }
}

impl From<Relaying> for RelayingTold {
    fn from(relaying: Relaying) -> Self {
        use crate::net::limits::RELAY_CIRCUITS;
        Self {
            offered: relaying.offered,
            places: relaying.places,
            places_most: relaying.places_most,
            circuits: relaying.circuits,
            circuits_most: RELAY_CIRCUITS,
        }
    }
}

/// What of the line is used today, and may be. `None`: no bound.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LineTold {
    /// The day, by this machine's clock.
    pub day: String,
    /// Bytes sent today on sync streams and by the gateway.
    pub sent: u64,
    /// Most of them a day.
    pub sent_most: Option<u64>,
    /// They are used up: until midnight no content is sent, structure a little longer, then only news of releases,
    /// in the end nothing.
    pub sent_up: bool,
    /// Bytes received today of what was asked for here.
    pub received: u64,
    /// Most of them a day.
    pub received_most: Option<u64>,
    /// They are used up: until midnight nothing is fetched.
    pub received_up: bool,
    /// Most bytes sent a second, all peers together.
    pub up: Option<u64>,
    /// Most bytes sent a second to one peer.
    pub up_per_peer: Option<u64>,
    /// Most bytes received a second from all peers.
    pub down: Option<u64>,
    /// Most bytes received a second from one peer.
    pub down_per_peer: Option<u64>,
}

impl LineTold {
    /// What there is to tell.
    pub fn of(volume: &Volume, rates: Rates) -> Self {
        let (moved, most) = (volume.moved(), volume.most());
        Self {
            day: moved.day,
            sent: moved.up,
            sent_most: most.up,
            sent_up: volume.is_sent(),
            received: moved.down,
            received_most: most.down,
            received_up: volume.is_received(),
            up: rates.up,
            up_per_peer: rates.up_per_peer,
            down: rates.down,
            down_per_peer: rates.down_per_peer,
        }
    }
}
