//! The beacon on real networks (protocol/spec/beacon.md).
//!
//! One task owns the sockets and the state machine of `yadgar_protocol::beacon`; everything else
//! talks to it through a [`LanHandle`] and a bounded queue of candidates. It looks at the addresses
//! of this machine every two seconds, so that a Wi-Fi that is joined later, or a cable that is
//! pulled, is noticed. Whoever never calls [`start`] opens no socket and sends nothing.
//!
//! It says nothing to loopback and to point-to-point interfaces (tunnels, modems), and hears nobody
//! who is not on the same link.

mod actor;
mod doors;
mod gateway;
mod links;

use crate::net::profile::{NetProfile, Powers};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::sync::mpsc;
use yadgar_protocol::ArchiveId;
pub use yadgar_protocol::beacon::{Candidate, Mode, Ports};
use yadgar_protocol::peers::in_network;

/// Commands that wait for the actor.
const COMMANDS: usize = 32;
/// Candidates that wait for whoever started it. More are lost; they are told of again.
const FOUND: usize = 32;
/// How often our own addresses are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Datagrams read from one socket in [`READS_TIME`]. More wait in the system's buffer, which drops
/// what it cannot hold: there a flood costs nothing.
const READS: u32 = 512;
/// See [`READS`].
const READS_TIME: Duration = Duration::from_millis(100);

/// Why the beacon could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanError {
    /// The system gave no random numbers.
    #[error("no random numbers from the system: {0}")]
    Random(getrandom::Error),
}

/// What is asked of the actor.
enum Command {
    Archives(Vec<(ArchiveId, bool)>, Ports),
    Judged(SocketAddr, bool),
}

/// A running beacon, from outside. Cheap to clone; the beacon stops when the last handle is gone.
#[derive(Clone)]
pub struct LanHandle {
    commands: mpsc::Sender<Command>,
    powers: Powers,
}

impl LanHandle {
    /// Which archives there are, each with whether it is served (else it is looked for), and at
    /// which ports of this machine. Others hear of a change within a second. What the profile may not say is left out.
    pub async fn archives(&self, archives: Vec<(ArchiveId, bool)>, ports: Ports) {
        let (archives, ports) = allowed(self.powers, archives, ports);
        let _ = self.commands.send(Command::Archives(archives, ports)).await;
    }

    /// What became of a candidate that was dialled: reached, with the archive, or not. Those that
    /// were good keep their place whoever else announces himself. Forgotten when the beacon is busy.
    pub fn judged(&self, node: SocketAddr, good: bool) {
        let _ = self.commands.try_send(Command::Judged(node, good));
    }
}

/// A LAN that this machine is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenNetwork {
    /// Our own address there.
    pub ip: IpAddr,
    /// How many bits of it are the network's.
    pub prefix: u8,
    /// Its default gateway, where there is one.
    pub gateway: Option<IpAddr>,
}

/// The LANs that this machine is on, by private addresses that are not link-local. Blocks for as long as the
/// system takes to tell.
pub fn networks() -> Vec<SeenNetwork> {
    let links::Seen { links, gateways } = links::look(&[]);
    let places = links.iter().map(|link| link.place);
    let private = places.filter(|p| match p.address {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    });
    let seen = |place: yadgar_protocol::beacon::Place| {
        let (ip, prefix) = (place.address, place.prefix);
        let inside = |gate: &IpAddr| gate.is_ipv4() && in_network(ip, prefix, *gate);
        let gateway = gateways.iter().map(SocketAddr::ip).find(inside);
        SeenNetwork { ip, prefix, gateway }
    };
    private.map(seen).collect()
}

/// What of this a profile may say: who may not announce has no port and serves nothing, who may not dial looks for nothing.
fn allowed(
    powers: Powers,
    mut archives: Vec<(ArchiveId, bool)>,
    ports: Ports,
) -> (Vec<(ArchiveId, bool)>, Ports) {
    archives.retain(|(_, serves)| if *serves { powers.beacons } else { powers.dials });
    (archives, if powers.beacons { ports } else { Ports::default() })
}

/// Starts a beacon for a node of this profile. It says nothing before [`LanHandle::archives`], and never in
/// [`Mode::Listen`]. When the profile may announce, others may ask us, so the port known to all is used for what we send, too.
///
/// # Errors
/// When there is no randomness. Sockets that cannot be opened are tried again every two seconds,
/// with a warning in the log.
pub fn start(
    profile: NetProfile,
    mode: Mode,
) -> Result<(LanHandle, mpsc::Receiver<Candidate>), LanError> {
    start_on(profile, mode, Vec::new())
}

/// The same on the interfaces of these names only, and of those only on such as are of a LAN.
///
/// # Errors
/// See [`start`].
pub fn start_on(
    profile: NetProfile,
    mode: Mode,
    only: Vec<String>,
) -> Result<(LanHandle, mpsc::Receiver<Candidate>), LanError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(LanError::Random)?;
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (found, candidates) = mpsc::channel(FOUND);
    let powers = profile.powers();
    tokio::spawn(actor::Actor::new(mode, powers.beacons, seed, inbox, found).run(only));
    Ok((LanHandle { commands, powers }, candidates))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::Hash;

    #[test]
    fn a_profile_says_only_what_it_may() {
        let [one, two] = [b"1", b"2"].map(|name| ArchiveId(Hash::of(name)));
        let (all, ports) = (vec![(one, true), (two, false)], Ports { node: 4774, page: 8080 });
        let of = |profile: NetProfile| allowed(profile.powers(), all.clone(), ports);
        assert_eq!(of(NetProfile::Reader), (vec![(two, false)], Ports::default()));
        assert_eq!(of(NetProfile::Share), (vec![(one, true)], ports));
        assert_eq!(of(NetProfile::Mirror), (all.clone(), ports));
    }
}
