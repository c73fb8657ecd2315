//! Every bound of the gateway, in one place.
//!
//! What strangers can make us hold: each connection [`CONNECTION_BYTES`], with [`MAX_CONNECTIONS`] some 50 MiB; each of
//! [`MAX_CARS`] beside it the names of the blocks that it has sent and is to send, [`CAR_BYTES`]. A small machine has
//! fewer ([`Bounds::for_memory`]).

use std::time::Duration;

/// Connections.
pub const MAX_CONNECTIONS: usize = 96;
/// Fewest connections, however small the machine is.
pub const LEAST_CONNECTIONS: usize = 12;
/// One public network (IPv4 /24, IPv6 /48) has this part of the connections.
pub const NETWORK_SHARE: usize = 6;
/// CARs of more than one block that are being sent.
pub const MAX_CARS: usize = 4;
/// One public network has this part of the CARs, one at least.
pub const CAR_SHARE: usize = 2;
/// What a connection may hold: two blocks of 256 KiB, and buffers of [`MAX_HEAD_BYTES`].
pub const CONNECTION_BYTES: u64 = 2 * 256 * 1024 + 2 * MAX_HEAD_BYTES as u64;
/// What a CAR may hold beside that: the names of the blocks that it has sent, and of [`MAX_WAITING`] others.
pub const CAR_BYTES: u64 = 24 * 1024 * 1024;
/// All connections hold at most this part of the memory, and so do all CARs.
pub const MEMORY_SHARE: u64 = 16;
/// Links of a CAR that are still to be followed.
pub const MAX_WAITING: usize = 262_144;
/// Blocks read from the disk at the same time.
pub const READERS: usize = 4;
/// Bytes of the head of a request.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Header lines of a request.
pub const MAX_HEADERS: usize = 64;
/// The longest wait for the head of a request, also between two.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// After an error of the system, no connection is taken for this long.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Pieces of an answer that wait to be sent.
pub const PIECES: usize = 1;
/// How long whoever asks may keep an answer, in seconds. The IPFS texts have about a year; what is withdrawn is to leave
/// caches sooner (GW-8).
pub const MAX_AGE: u64 = 86_400;
/// After so many seconds a CAR for which there is no place now may be asked for again.
pub const RETRY_CAR: &str = "30";
/// The same of what is kept back until another day begins. When that is is not told: it is a matter of the operator's clock.
pub const RETRY_DAY: &str = "3600";

/// How much is taken from others at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections.
    pub connections: usize,
    /// Those from one public network.
    pub per_network: usize,
    /// CARs that are being sent.
    pub cars: usize,
    /// Those to one public network.
    pub cars_per_network: usize,
}

impl Bounds {
    /// The most there may be.
    pub const MOST: Self = Self::of(MAX_CONNECTIONS, MAX_CARS);

    const fn of(connections: usize, cars: usize) -> Self {
        let cars_per_network = if cars > CAR_SHARE { cars / CAR_SHARE } else { 1 };
        Self { connections, per_network: connections / NETWORK_SHARE, cars, cars_per_network }
    }

    /// On a machine with so many bytes of memory.
    pub fn for_memory(bytes: u64) -> Self {
        let fit = |each: u64| usize::try_from(bytes / MEMORY_SHARE / each).unwrap_or(usize::MAX);
        let connections = fit(CONNECTION_BYTES).clamp(LEAST_CONNECTIONS, MAX_CONNECTIONS);
        Self::of(connections, fit(CAR_BYTES).clamp(1, MAX_CARS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_machine_takes_less() {
        let gib = 1 << 30;
        assert_eq!(Bounds::for_memory(4 * gib), Bounds::MOST);
        assert_eq!((Bounds::MOST.per_network, Bounds::MOST.cars_per_network), (16, 2));
        let small = Bounds::for_memory(gib / 2);
        let held = small.connections as u64 * CONNECTION_BYTES + small.cars as u64 * CAR_BYTES;
        assert!(held <= gib / 16 && small.connections > 32, "{small:?}");
        let least = Bounds::for_memory(0);
        assert_eq!((least.connections, least.per_network), (LEAST_CONNECTIONS, 2));
        assert_eq!((least.cars, least.cars_per_network), (1, 1));
    }
}
