//! What a mirror does to be reached, and to help others be reached: AutoNAT v2, circuit relay v2, hole punching (DCUtR),
//! and, when its operator says so, a port at the router (UPnP).
//!
//! Readers have none of it but the half of the relay that dials, and only when their user gave an address that needs it.

use super::NetConfig;
use super::limits::{
    MAX_PROBES, PROBE_EVERY, RELAY_ASKS, RELAY_ASKS_REFILL, RELAY_CIRCUIT_BYTES,
    RELAY_CIRCUIT_TIME, RELAY_CIRCUITS, RELAY_CIRCUITS_OF_PEER, RELAY_RESERVATION_TIME,
    RELAY_RESERVATIONS_OF_PEER,
};
use super::sifted::Sifted;
use super::volume::Volume;
use libp2p::autonat::v2 as autonat;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{Multiaddr, PeerId, dcutr, relay, upnp};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

/// All of it.
#[derive(NetworkBehaviour)]
pub struct Reaching {
    /// Asks peers that we dialled whether an address reaches us.
    pub probe: Toggle<autonat::client::Behaviour>,
    /// Dials back who asks that.
    pub answer: Toggle<autonat::server::Behaviour>,
    /// Dials through relays; for a mirror, also has places at them.
    pub circuits: Toggle<relay::client::Behaviour>,
    /// Hole punching.
    pub punch: Toggle<dcutr::Behaviour>,
    /// Is a relay.
    pub relay: Toggle<relay::Behaviour>,
    /// Asks the router. It sends nothing unless it is there.
    pub router: Toggle<Sifted<upnp::tokio::Behaviour>>,
}

impl Reaching {
    /// What the configuration and its profile allow. `circuits` is the client of relays, made with its transport.
    pub fn new(
        config: &NetConfig,
        local: PeerId,
        circuits: Option<relay::client::Behaviour>,
    ) -> Self {
        let reaches = config.may_be_reached();
        let probes = autonat::client::Config::default()
            .with_max_candidates(MAX_PROBES)
            .with_probe_interval(PROBE_EVERY);
        let places = config.limits.reservations();
        let serve = || serving(local, config.volume.clone(), places);
        let probe = || autonat::client::Behaviour::new(rand::make_rng(), probes);
        Self {
            probe: reaches.then(probe).into(),
            answer: reaches.then(autonat::server::Behaviour::default).into(),
            circuits: circuits.into(),
            punch: reaches.then(|| dcutr::Behaviour::new(local)).into(),
            relay: (reaches && config.relay).then(serve).into(),
            router: (reaches && config.upnp)
                .then(|| Sifted::hearing(upnp::tokio::Behaviour::default()))
                .into(),
        }
    }
}

/// A relay within our bounds, which offers nothing until it is told to, and begins no circuit while the volume of the day
/// is used up. What passes through circuits is not counted in it.
fn serving(local: PeerId, volume: Arc<Volume>, reservations: usize) -> relay::Behaviour {
    let asks = NonZeroU32::new(RELAY_ASKS).unwrap_or(NonZeroU32::MIN);
    let config = relay::Config {
        max_reservations: reservations,
        // The library refuses above the bound, not at it.
        max_reservations_per_peer: RELAY_RESERVATIONS_OF_PEER.saturating_sub(1),
        reservation_duration: RELAY_RESERVATION_TIME,
        reservation_rate_limiters: Vec::new(),
        max_circuits: RELAY_CIRCUITS,
        max_circuits_per_peer: RELAY_CIRCUITS_OF_PEER.saturating_sub(1),
        max_circuit_duration: RELAY_CIRCUIT_TIME,
        max_circuit_bytes: RELAY_CIRCUIT_BYTES,
        circuit_src_rate_limiters: Vec::new(),
    };
    let mut config = config
        .reservation_rate_per_peer(asks, RELAY_ASKS_REFILL)
        .reservation_rate_per_ip(asks, RELAY_ASKS_REFILL)
        .circuit_src_per_peer(asks, RELAY_ASKS_REFILL)
        .circuit_src_per_ip(asks, RELAY_ASKS_REFILL);
    let is_left = move |_: PeerId, _: &Multiaddr, _: Instant| !volume.is_sent();
    config.circuit_src_rate_limiters.push(Box::new(is_left));
    let mut relay = relay::Behaviour::new(local, config);
    relay.set_status(Some(relay::Status::Disable));
    relay
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::Multiaddr;

    fn listening_at(addrs: &[&str]) -> NetConfig {
        let listen: Vec<Multiaddr> = addrs.iter().map(|text| text.parse().unwrap()).collect();
        NetConfig { relay: true, upnp: true, ..NetConfig::mirror(listen) }
    }

    fn works(config: &NetConfig) -> [bool; 5] {
        let all = Reaching::new(config, PeerId::random(), None);
        let (probe, answer) = (all.probe.is_enabled(), all.answer.is_enabled());
        [probe, answer, all.punch.is_enabled(), all.relay.is_enabled(), all.router.is_enabled()]
    }

    #[tokio::test]
    async fn behind_a_website_nobody_is_asked_or_helped() {
        const DOOR: &str = "/ip4/0.0.0.0/tcp/0";
        assert_eq!(works(&listening_at(&[DOOR])), [true; 5]);
        let fronted = NetConfig { fronted: true, ..listening_at(&[DOOR]) };
        assert_eq!(works(&fronted), [false; 5]);
        assert!(!fronted.uses_relays());
        // Nor where nobody outside could come.
        let inside = ["/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0", "/ip4/0.0.0.0/tcp/0/ws"];
        assert_eq!(works(&listening_at(&inside)), [false; 5]);
    }
}
